/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hive_write.c - make a small registry hive: keys and values are collected, then written in one go. */
#include "hive.h"

#include "hive_format.h"
#include "common/base/mem.h"

#define BIN_HEADER 32u
#define NO_CELL    0xffffffffu
#define MAX_DATA   16344u  /* longer data would have to be cut up ("db" cells) */

struct node_value {
    const char        *name;
    enum hive_type     type;
    struct span        data;
    struct node_value *next;
};

struct hive_node {
    const char        *name;
    struct hive_node  *parent, *children, *sibling;  /* siblings sorted by name */
    struct hive_node  *next_made;                    /* all keys, parents before their children */
    struct node_value *values, *last_value;
    uint32_t           child_count, value_count;
    uint32_t           cell;                         /* where it is written */
};

/*
 * Self-relative security descriptor of every key: owner Administrators, group SYSTEM,
 * full access for both, inherited by subkeys. Layout: MS-DTYP 2.4.6.
 */
static const uint8_t security_descriptor[] = {
    1, 0, 0x04, 0x80,  0x48, 0, 0, 0,  0x58, 0, 0, 0,  0, 0, 0, 0,  0x14, 0, 0, 0,
    2, 0, 0x34, 0, 2, 0, 0, 0,                                             /* DACL of two entries */
    0, 2, 0x18, 0, 0x3f, 0, 0x0f, 0,  1, 2, 0, 0, 0, 0, 0, 5, 0x20, 0, 0, 0, 0x20, 2, 0, 0,
    0, 2, 0x14, 0, 0x3f, 0, 0x0f, 0,  1, 1, 0, 0, 0, 0, 0, 5, 0x12, 0, 0, 0,
    1, 2, 0, 0, 0, 0, 0, 5, 0x20, 0, 0, 0, 0x20, 2, 0, 0,                  /* S-1-5-32-544 */
    1, 1, 0, 0, 0, 0, 0, 5, 0x12, 0, 0, 0                                  /* S-1-5-18 */
};

static int compare_names(const char *a, const char *b)
{
    while (*a && hive_upper((uint8_t)*a) == hive_upper((uint8_t)*b)) {
        a++;
        b++;
    }
    return (int)hive_upper((uint8_t)*a) - (int)hive_upper((uint8_t)*b);
}

static void *builder_alloc(struct hive_builder *b, size_t bytes)
{
    void *p = b->status == STATUS_OK ? arena_alloc(b->arena, bytes) : NULL;

    if (!p && b->status == STATUS_OK)
        b->status = STATUS_NO_MEMORY;
    return p;
}

struct hive_builder hive_begin(struct arena *a, const char *root_name)
{
    struct hive_builder b = { a, NULL, STATUS_OK };

    b.root = builder_alloc(&b, sizeof *b.root);
    if (b.root)
        b.root->name = root_name;
    return b;
}

/* Keys are written in the order of making: into that list behind the newest. */
static void append_made(struct hive_node *root, struct hive_node *node)
{
    while (root->next_made)
        root = root->next_made;
    root->next_made = node;
}

struct hive_node *hive_add_key(struct hive_builder *b, struct hive_node *parent, const char *name)
{
    struct hive_node **place, *node;

    if (!parent)
        return NULL;
    for (place = &parent->children; *place; place = &(*place)->sibling) {
        int order = compare_names((*place)->name, name);

        if (order == 0)
            return *place;
        if (order > 0)
            break;
    }
    node = builder_alloc(b, sizeof *node);
    if (!node)
        return NULL;
    node->name = name;
    node->parent = parent;
    node->sibling = *place;
    *place = node;
    parent->child_count++;
    append_made(b->root, node);
    return node;
}

void hive_add_value(struct hive_builder *b, struct hive_node *key, const char *name, enum hive_type type,
                    struct span data)
{
    struct node_value *value = key ? builder_alloc(b, sizeof *value) : NULL;
    uint8_t           *copy = value ? builder_alloc(b, data.len) : NULL;

    if (!copy)
        return;
    if (data.len > MAX_DATA) {
        b->status = STATUS_INTERNAL;
        return;
    }
    if (data.len)
        memcpy(copy, data.data, data.len);
    *value = (struct node_value){ name, type, span_of(copy, data.len), NULL };
    if (key->last_value)
        key->last_value->next = value;
    else
        key->values = value;
    key->last_value = value;
    key->value_count++;
}

void hive_add_dword(struct hive_builder *b, struct hive_node *key, const char *name, uint32_t number)
{
    uint8_t bytes[4];

    wr_le32(bytes, number);
    hive_add_value(b, key, name, HIVE_DWORD, span_of(bytes, sizeof bytes));
}

void hive_add_text(struct hive_builder *b, struct hive_node *key, const char *name, enum hive_type type,
                   const char *text)
{
    size_t   len = strlen(text), units = len + (type == HIVE_MULTI_SZ ? 2 : 1);  /* a list ends in an empty string */
    uint8_t *utf16 = builder_alloc(b, 2 * units);

    if (!utf16)
        return;
    for (size_t i = 0; i < len; i++)
        wr_le16(utf16 + 2 * i, (uint8_t)text[i]);
    hive_add_value(b, key, name, type, span_of(utf16, 2 * units));
}

/* Bytes that a cell takes which holds this many. */
static size_t cell_bytes(size_t content)
{
    return (content + 4 + 7) & ~(size_t)7;
}

static size_t node_bytes(const struct hive_node *node)
{
    size_t bytes = cell_bytes(NK_NAME + strlen(node->name));

    if (node->child_count)
        bytes += cell_bytes(4 + 8 * (size_t)node->child_count);
    if (node->value_count)
        bytes += cell_bytes(4 * (size_t)node->value_count);
    for (const struct node_value *v = node->values; v; v = v->next)
        bytes += cell_bytes(VK_NAME + strlen(v->name)) + (v->data.len > 4 ? cell_bytes(v->data.len) : 0);
    return bytes;
}

/* The hive while it is written; `used` counts from the first bin. */
struct hive_file {
    uint8_t *bytes;
    uint32_t bin_bytes, used;
    uint32_t security;  /* the one "sk" cell */
};

static uint8_t *cell_content(const struct hive_file *f, uint32_t cell)
{
    return f->bytes + HIVE_BASE_BYTES + cell + 4;
}

static uint32_t new_cell(struct hive_file *f, size_t content)
{
    uint32_t cell = f->used, size = (uint32_t)cell_bytes(content);

    wr_le32(f->bytes + HIVE_BASE_BYTES + cell, 0u - size);
    f->used += size;
    return cell;
}

static void write_security(struct hive_file *f, uint32_t references)
{
    uint8_t *sk;

    f->security = new_cell(f, 0x14 + sizeof security_descriptor);
    sk = cell_content(f, f->security);
    memcpy(sk, "sk", 2);
    wr_le32(sk + 4, f->security);  /* a ring of one */
    wr_le32(sk + 8, f->security);
    wr_le32(sk + 0xc, references);
    wr_le32(sk + 0x10, sizeof security_descriptor);
    memcpy(sk + 0x14, security_descriptor, sizeof security_descriptor);
}

static uint32_t name_hash(const char *name)
{
    uint32_t hash = 0;

    for (; *name; name++)
        hash = hash * 37 + hive_upper((uint8_t)*name);
    return hash;
}

static uint32_t write_subkey_list(struct hive_file *f, const struct hive_node *node)
{
    uint32_t cell = new_cell(f, 4 + 8 * (size_t)node->child_count);
    uint8_t *list = cell_content(f, cell), *item = list + 4;

    memcpy(list, "lh", 2);
    wr_le16(list + 2, (uint16_t)node->child_count);
    for (const struct hive_node *child = node->children; child; child = child->sibling, item += 8) {
        wr_le32(item, child->cell);
        wr_le32(item + 4, name_hash(child->name));
    }
    return cell;
}

static uint32_t write_value(struct hive_file *f, const struct node_value *v)
{
    size_t   name_bytes = strlen(v->name);
    uint32_t cell = new_cell(f, VK_NAME + name_bytes), size = (uint32_t)v->data.len;
    uint8_t *vk = cell_content(f, cell);

    memcpy(vk, "vk", 2);
    wr_le16(vk + VK_NAME_BYTES, (uint16_t)name_bytes);
    wr_le32(vk + VK_TYPE, (uint32_t)v->type);
    wr_le16(vk + VK_FLAGS, name_bytes ? VK_NAME_8BIT : 0);
    memcpy(vk + VK_NAME, v->name, name_bytes);
    if (size <= 4) {
        wr_le32(vk + VK_DATA_BYTES, size | HIVE_DATA_RESIDENT);
        memcpy(vk + VK_DATA, v->data.data, size);
    } else {
        uint32_t data = new_cell(f, size);

        wr_le32(vk + VK_DATA_BYTES, size);
        wr_le32(vk + VK_DATA, data);
        memcpy(cell_content(f, data), v->data.data, size);
    }
    return cell;
}

static uint32_t write_value_list(struct hive_file *f, const struct hive_node *node)
{
    uint32_t cell = new_cell(f, 4 * (size_t)node->value_count);
    uint8_t *item = cell_content(f, cell);

    for (const struct node_value *v = node->values; v; v = v->next, item += 4)
        wr_le32(item, write_value(f, v));
    return cell;
}

/* The sizes that a reader may use to size its buffers: names in bytes of UTF-16. */
static void write_maxima(uint8_t *nk, const struct hive_node *node)
{
    size_t name = 0, value_name = 0, data = 0;

    for (const struct hive_node *child = node->children; child; child = child->sibling)
        name = strlen(child->name) > name ? strlen(child->name) : name;
    for (const struct node_value *v = node->values; v; v = v->next) {
        value_name = strlen(v->name) > value_name ? strlen(v->name) : value_name;
        data = v->data.len > data ? v->data.len : data;
    }
    wr_le32(nk + NK_MAX_NAME, (uint32_t)(2 * name));
    wr_le32(nk + NK_MAX_VALUE_NAME, (uint32_t)(2 * value_name));
    wr_le32(nk + NK_MAX_DATA, (uint32_t)data);
}

/* Write a key whose cell has been placed, and what belongs to it. */
static void write_node(struct hive_file *f, const struct hive_node *node)
{
    uint8_t *nk = cell_content(f, node->cell);
    uint16_t root_flags = node->parent ? 0 : NK_ROOT | NK_NO_DELETE;

    memcpy(nk, "nk", 2);
    wr_le16(nk + NK_FLAGS, NK_NAME_8BIT | root_flags);
    wr_le32(nk + NK_PARENT, node->parent ? node->parent->cell : NO_CELL);
    wr_le32(nk + NK_SUBKEYS, node->child_count);
    wr_le32(nk + NK_SUBKEY_LIST, node->child_count ? write_subkey_list(f, node) : NO_CELL);
    wr_le32(nk + NK_VOLATILE_LIST, NO_CELL);
    wr_le32(nk + NK_VALUES, node->value_count);
    wr_le32(nk + NK_VALUE_LIST, node->value_count ? write_value_list(f, node) : NO_CELL);
    wr_le32(nk + NK_SECURITY, f->security);
    wr_le32(nk + NK_CLASS, NO_CELL);
    write_maxima(nk, node);
    wr_le16(nk + NK_NAME_BYTES, (uint16_t)strlen(node->name));
    memcpy(nk + NK_NAME, node->name, strlen(node->name));
}

/* One bin holds everything; what is left of it is one free cell (its size is positive). */
static void write_bin_frame(struct hive_file *f)
{
    uint8_t *bin = f->bytes + HIVE_BASE_BYTES;

    memcpy(bin, "hbin", 4);
    wr_le32(bin + 8, f->bin_bytes);
    if (f->used < f->bin_bytes)
        wr_le32(bin + f->used, f->bin_bytes - f->used);
}

/* Version 1.5 is the one whose subkey lists are "lh". No time stamp: the same input gives the same bytes. */
static void write_base_block(struct hive_file *f, uint32_t root)
{
    uint8_t *base = f->bytes;

    memcpy(base, "regf", 4);
    wr_le32(base + BASE_SEQUENCE1, 1);
    wr_le32(base + BASE_SEQUENCE2, 1);
    wr_le32(base + BASE_MAJOR, 1);
    wr_le32(base + BASE_MINOR, 5);
    wr_le32(base + BASE_FORMAT, 1);
    wr_le32(base + BASE_ROOT, root);
    wr_le32(base + BASE_BIN_BYTES, f->bin_bytes);
    wr_le32(base + BASE_CLUSTER, 1);
    wr_le32(base + BASE_CHECKSUM, hive_base_checksum(span_of(base, HIVE_BASE_BYTES)));
}

enum status hive_write(struct hive_builder *b, struct span *out)
{
    struct hive_file f = { NULL, 0, BIN_HEADER, NO_CELL };
    size_t           bytes = BIN_HEADER + cell_bytes(0x14 + sizeof security_descriptor);
    uint32_t         keys = 0;

    TRY(b->status);
    for (const struct hive_node *n = b->root; n; n = n->next_made, keys++)
        bytes += node_bytes(n);
    bytes = (bytes + 4095) & ~(size_t)4095;
    f.bin_bytes = (uint32_t)bytes;
    f.bytes = builder_alloc(b, HIVE_BASE_BYTES + bytes);
    TRY(b->status);

    /* Every key needs its place first: parents and children name each other. */
    for (struct hive_node *n = b->root; n; n = n->next_made)
        n->cell = new_cell(&f, NK_NAME + strlen(n->name));
    write_security(&f, keys);
    for (const struct hive_node *n = b->root; n; n = n->next_made)
        write_node(&f, n);
    write_bin_frame(&f);
    write_base_block(&f, b->root ? b->root->cell : NO_CELL);
    *out = span_of(f.bytes, HIVE_BASE_BYTES + bytes);
    return STATUS_OK;
}
