/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hive.c - read and write registry hives.
 *
 * A hive is a 4096-byte base block, then bins; bins hold cells; a cell begins
 * with its size (negative: in use) and is named by its offset from the end of
 * the base block. Keys ("nk") name lists of subkeys ("lf", "lh", "li", and "ri"
 * for lists of lists) and of values ("vk").
 */
#include "hive.h"

#include "mem.h"

#define BASE_BYTES   4096u
#define BIN_HEADER   32u
#define NO_CELL      0xffffffffu
#define MAX_DATA     16344u  /* longer data is cut up ("db" cells) */
#define RESIDENT     0x80000000u

/* What a hive from a disk may make us walk through; a boot store has some dozens. */
#define MAX_SUBKEYS      4096u
#define MAX_SUBKEY_LISTS 64u
#define MAX_VALUES       1024u

enum base_offset {
    BASE_SEQUENCE1 = 4, BASE_SEQUENCE2 = 8, BASE_MAJOR = 0x14, BASE_MINOR = 0x18, BASE_FORMAT = 0x20,
    BASE_ROOT = 0x24, BASE_BIN_BYTES = 0x28, BASE_CLUSTER = 0x2c, BASE_CHECKSUM = 0x1fc
};

enum nk_offset {
    NK_FLAGS = 2, NK_PARENT = 0x10, NK_SUBKEYS = 0x14, NK_SUBKEY_LIST = 0x1c, NK_VOLATILE_LIST = 0x20,
    NK_VALUES = 0x24, NK_VALUE_LIST = 0x28, NK_SECURITY = 0x2c, NK_CLASS = 0x30, NK_MAX_NAME = 0x34,
    NK_MAX_VALUE_NAME = 0x3c, NK_MAX_DATA = 0x40, NK_NAME_BYTES = 0x48, NK_NAME = 0x4c
};

enum nk_flag { NK_ROOT = 0x04, NK_NO_DELETE = 0x08, NK_NAME_8BIT = 0x20 };

enum vk_offset { VK_NAME_BYTES = 2, VK_DATA_BYTES = 4, VK_DATA = 8, VK_TYPE = 0xc, VK_FLAGS = 0x10, VK_NAME = 0x14 };

enum vk_flag { VK_NAME_8BIT = 1 };

static uint16_t upper(uint16_t c)
{
    return c >= 'a' && c <= 'z' ? (uint16_t)(c - 'a' + 'A') : c;
}

static uint32_t base_checksum(struct span base)
{
    uint32_t sum = 0;

    for (size_t off = 0; off < BASE_CHECKSUM; off += 4)
        sum ^= rd_le32(base, off);
    if (sum == 0)
        return 1;
    return sum == 0xffffffffu ? 0xfffffffeu : sum;
}

/* ---------------------------------------------------------------- reading */

/* What a cell in use holds, without its size field; an empty span when there is none at `offset`. */
static struct span cell_at(const struct hive *h, uint32_t offset)
{
    struct span none = span_of(h->file.data, 0);
    size_t      at;
    uint32_t    size;

    if (offset % 8 || offset > h->file.len - BASE_BYTES)
        return none;
    at = BASE_BYTES + offset;
    size = 0u - rd_le32(h->file, at);
    if (size < 8 || size > INT32_MAX)
        return none;
    return span_sub(h->file, at + 4, size - 4);
}

/* A cell of a kind that has a two-letter signature. */
static struct span cell_of_kind(const struct hive *h, uint32_t offset, const char *kind, size_t min_bytes)
{
    struct span cell = cell_at(h, offset);

    return cell.len >= min_bytes && span_starts_with(cell, kind, 2) ? cell : span_of(cell.data, 0);
}

static struct span key_cell(const struct hive *h, hive_key key)
{
    return cell_of_kind(h, key, "nk", NK_NAME);
}

enum status hive_open(struct span file, struct hive *out)
{
    struct hive h = { file, rd_le32(file, BASE_ROOT), false };
    size_t      bin_bytes = rd_le32(file, BASE_BIN_BYTES);

    if (file.len < BASE_BYTES || !span_starts_with(file, "regf", 4) || rd_le32(file, BASE_MAJOR) != 1)
        return STATUS_HIVE_NOT_ONE;
    if (base_checksum(file) != rd_le32(file, BASE_CHECKSUM))
        return STATUS_HIVE_NOT_ONE;
    if (bin_bytes < file.len - BASE_BYTES)
        h.file.len = BASE_BYTES + bin_bytes;
    h.dirty = rd_le32(file, BASE_SEQUENCE1) != rd_le32(file, BASE_SEQUENCE2);
    if (key_cell(&h, h.root).len == 0)
        return STATUS_HIVE_DAMAGED;
    *out = h;
    return STATUS_OK;
}

/* A name in a cell: 8-bit or UTF-16 characters. */
struct name {
    struct span bytes;
    bool        is_8bit;
};

static size_t name_length(struct name n)
{
    return n.is_8bit ? n.bytes.len : n.bytes.len / 2;
}

static uint16_t name_char(struct name n, size_t i)
{
    return n.is_8bit ? rd_u8(n.bytes, i) : rd_le16(n.bytes, 2 * i);
}

static bool name_is(struct name n, const char *text, size_t len)
{
    if (name_length(n) != len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (upper(name_char(n, i)) != upper((uint8_t)text[i]))
            return false;
    return true;
}

static struct name key_name(struct span nk)
{
    return (struct name){ span_sub(nk, NK_NAME, rd_le16(nk, NK_NAME_BYTES)),
                          (rd_le16(nk, NK_FLAGS) & NK_NAME_8BIT) != 0 };
}

const char *hive_key_name(const struct hive *h, hive_key key, char *out, size_t size)
{
    struct name name = key_name(key_cell(h, key));
    size_t      n = name_length(name);

    if (size == 0)
        return "";
    if (n > size - 1)
        n = size - 1;
    for (size_t i = 0; i < n; i++) {
        uint16_t c = name_char(name, i);

        out[i] = c >= 0x20 && c < 0x7f ? (char)c : '?';
    }
    out[n] = '\0';
    return out;
}

size_t hive_subkey_count(const struct hive *h, hive_key key)
{
    uint32_t count = rd_le32(key_cell(h, key), NK_SUBKEYS);

    return count < MAX_SUBKEYS ? count : MAX_SUBKEYS;
}

/* Bytes per item of a list of subkeys; 0 when it is not one. */
static size_t list_item_bytes(struct span list)
{
    if (span_starts_with(list, "lf", 2) || span_starts_with(list, "lh", 2))
        return 8;
    return span_starts_with(list, "li", 2) ? 4 : 0;
}

/* Item `*index` of one list; when it has fewer, `*index` becomes the position in the lists after it. */
static bool list_item(struct span list, size_t *index, uint32_t *item)
{
    size_t item_bytes = list_item_bytes(list), count = item_bytes ? rd_le16(list, 2) : 0;

    if (*index < count) {
        *item = rd_le32(list, 4 + *index * item_bytes);
        return span_holds(list, 4 + *index * item_bytes, item_bytes);
    }
    *index -= count;
    return false;
}

/* The cell offset of subkey `index`, through at most one level of "ri". */
static bool subkey_cell_offset(const struct hive *h, struct span list, size_t index, uint32_t *item)
{
    size_t lists = rd_le16(list, 2);

    if (!span_starts_with(list, "ri", 2))
        return list_item(list, &index, item);
    for (size_t i = 0; i < lists && i < MAX_SUBKEY_LISTS; i++)
        if (list_item(cell_at(h, rd_le32(list, 4 + 4 * i)), &index, item))
            return true;
    return false;
}

enum status hive_subkey(const struct hive *h, hive_key key, size_t index, hive_key *out)
{
    struct span nk = key_cell(h, key);
    uint32_t    child;

    if (nk.len == 0)
        return STATUS_HIVE_DAMAGED;
    if (index >= hive_subkey_count(h, key))
        return STATUS_HIVE_NO_KEY;
    if (!subkey_cell_offset(h, cell_at(h, rd_le32(nk, NK_SUBKEY_LIST)), index, &child))
        return STATUS_HIVE_DAMAGED;
    if (key_cell(h, child).len == 0)
        return STATUS_HIVE_DAMAGED;
    *out = child;
    return STATUS_OK;
}

/* A subkey that cannot be read does not hide the others. */
static enum status find_subkey(const struct hive *h, hive_key key, const char *name, size_t len, hive_key *out)
{
    enum status result = STATUS_HIVE_NO_KEY;
    size_t      count = hive_subkey_count(h, key);

    for (size_t i = 0; i < count; i++) {
        hive_key child;

        if (hive_subkey(h, key, i, &child) != STATUS_OK) {
            result = STATUS_HIVE_DAMAGED;
            continue;
        }
        if (name_is(key_name(key_cell(h, child)), name, len)) {
            *out = child;
            return STATUS_OK;
        }
    }
    return result;
}

enum status hive_find_key(const struct hive *h, hive_key from, const char *path, hive_key *out)
{
    hive_key key = from;

    while (*path) {
        size_t len = 0;

        while (path[len] && path[len] != '\\')
            len++;
        TRY(find_subkey(h, key, path, len, &key));
        path += len;
        if (*path == '\\')
            path++;
    }
    if (key_cell(h, key).len == 0)
        return STATUS_HIVE_DAMAGED;
    *out = key;
    return STATUS_OK;
}

static enum status value_data(const struct hive *h, struct span vk, struct hive_value *out)
{
    uint32_t    size = rd_le32(vk, VK_DATA_BYTES);
    struct span from = cell_at(h, rd_le32(vk, VK_DATA));

    if (size & RESIDENT) {
        size &= ~RESIDENT;
        from = span_sub(vk, VK_DATA, 4);
    }
    if (size > from.len)
        return STATUS_HIVE_DAMAGED;
    out->type = rd_le32(vk, VK_TYPE);
    out->data = span_sub(from, 0, size);
    out->offset = (size_t)(out->data.data - h->file.data);
    return STATUS_OK;
}

enum status hive_find_value(const struct hive *h, hive_key key, const char *name, struct hive_value *out)
{
    struct span nk = key_cell(h, key), list = cell_at(h, rd_le32(nk, NK_VALUE_LIST));
    uint32_t    count = rd_le32(nk, NK_VALUES);
    enum status result = STATUS_HIVE_NO_KEY;

    if (nk.len == 0)
        return STATUS_HIVE_DAMAGED;
    for (size_t i = 0; i < count && i < MAX_VALUES; i++) {
        struct span vk = span_holds(list, 4 * i, 4) ? cell_of_kind(h, rd_le32(list, 4 * i), "vk", VK_NAME)
                                                    : span_of(list.data, 0);
        struct name vk_name = { span_sub(vk, VK_NAME, rd_le16(vk, VK_NAME_BYTES)),
                                (rd_le16(vk, VK_FLAGS) & VK_NAME_8BIT) != 0 };

        if (vk.len == 0)
            result = STATUS_HIVE_DAMAGED;
        else if (name_is(vk_name, name, strlen(name)))
            return value_data(h, vk, out);
    }
    return result;
}

/* ---------------------------------------------------------------- writing */

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
    while (*a && upper((uint8_t)*a) == upper((uint8_t)*b)) {
        a++;
        b++;
    }
    return (int)upper((uint8_t)*a) - (int)upper((uint8_t)*b);
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

void hive_add_value(struct hive_builder *b, struct hive_node *key, const char *name, enum hive_type type, struct span data)
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

void hive_add_text(struct hive_builder *b, struct hive_node *key, const char *name, enum hive_type type, const char *text)
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
    return f->bytes + BASE_BYTES + cell + 4;
}

static uint32_t new_cell(struct hive_file *f, size_t content)
{
    uint32_t cell = f->used, size = (uint32_t)cell_bytes(content);

    wr_le32(f->bytes + BASE_BYTES + cell, 0u - size);
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
        hash = hash * 37 + upper((uint8_t)*name);
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
        wr_le32(vk + VK_DATA_BYTES, size | RESIDENT);
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
    uint8_t *bin = f->bytes + BASE_BYTES;

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
    wr_le32(base + BASE_CHECKSUM, base_checksum(span_of(base, BASE_BYTES)));
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
    f.bytes = builder_alloc(b, BASE_BYTES + bytes);
    TRY(b->status);

    /* Every key needs its place first: parents and children name each other. */
    for (struct hive_node *n = b->root; n; n = n->next_made)
        n->cell = new_cell(&f, NK_NAME + strlen(n->name));
    write_security(&f, keys);
    for (const struct hive_node *n = b->root; n; n = n->next_made)
        write_node(&f, n);
    write_bin_frame(&f);
    write_base_block(&f, b->root->cell);
    *out = span_of(f.bytes, BASE_BYTES + bytes);
    return STATUS_OK;
}
