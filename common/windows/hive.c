/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hive.c - read registry hives that anybody may have written. The writer is hive_write.c. */
#include "hive.h"

#include "hive_format.h"
#include "common/base/mem.h"

/* What a hive from a disk may make us walk through; a boot store has some dozens. */
#define MAX_SUBKEYS      4096u
#define MAX_SUBKEY_LISTS 64u
#define MAX_VALUES       1024u
#define MAX_INDEX        65536u  /* every disk and stick that was ever there leaves a value or two in MountedDevices */

/* What a cell in use holds, without its size field; an empty span when there is none at `offset`. */
static struct span cell_at(const struct hive *h, uint32_t offset)
{
    struct span none = span_of(h->file.data, 0);
    size_t      at;
    uint32_t    size;

    if (offset % 8 || offset > h->file.len - HIVE_BASE_BYTES)
        return none;
    at = HIVE_BASE_BYTES + offset;
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
    struct hive h = { file, rd_le32(file, BASE_ROOT), false, file.len };
    size_t      bin_bytes = rd_le32(file, BASE_BIN_BYTES);

    if (file.len < HIVE_BASE_BYTES || !span_starts_with(file, "regf", 4) || rd_le32(file, BASE_MAJOR) != 1)
        return STATUS_HIVE_NOT_ONE;
    if (hive_base_checksum(file) != rd_le32(file, BASE_CHECKSUM))
        return STATUS_HIVE_NOT_ONE;
    if (bin_bytes < file.len - HIVE_BASE_BYTES)
        h.file.len = HIVE_BASE_BYTES + bin_bytes;
    h.dirty = rd_le32(file, BASE_SEQUENCE1) != rd_le32(file, BASE_SEQUENCE2);
    if (key_cell(&h, h.root).len == 0)
        return STATUS_HIVE_DAMAGED;
    *out = h;
    return STATUS_OK;
}

bool hive_is_exhausted(const struct hive *h)
{
    return h->steps == 0;
}

/* One more item of a list. */
static bool step(struct hive *h)
{
    if (h->steps > 0)
        h->steps--;
    return h->steps > 0;
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
        if (hive_upper(name_char(n, i)) != hive_upper((uint8_t)text[i]))
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
static bool subkey_cell_offset(struct hive *h, struct span list, size_t index, uint32_t *item)
{
    size_t lists = rd_le16(list, 2);

    if (!span_starts_with(list, "ri", 2))
        return list_item(list, &index, item);
    for (size_t i = 0; i < lists && i < MAX_SUBKEY_LISTS && step(h); i++)
        if (list_item(cell_at(h, rd_le32(list, 4 + 4 * i)), &index, item))
            return true;
    return false;
}

enum status hive_subkey(struct hive *h, hive_key key, size_t index, hive_key *out)
{
    struct span nk = key_cell(h, key);
    uint32_t    child = 0;

    if (nk.len == 0 || !step(h))
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
static enum status find_subkey(struct hive *h, hive_key key, const char *name, size_t len, hive_key *out)
{
    enum status result = STATUS_HIVE_NO_KEY;
    size_t      count = hive_subkey_count(h, key);

    for (size_t i = 0; i < count && !hive_is_exhausted(h); i++) {
        hive_key child = 0;

        if (hive_subkey(h, key, i, &child) != STATUS_OK) {
            result = STATUS_HIVE_DAMAGED;
            continue;
        }
        if (name_is(key_name(key_cell(h, child)), name, len)) {
            *out = child;
            return STATUS_OK;
        }
    }
    return hive_is_exhausted(h) ? STATUS_HIVE_DAMAGED : result;
}

enum status hive_find_key(struct hive *h, hive_key from, const char *path, hive_key *out)
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

    if (size & HIVE_DATA_RESIDENT) {
        size &= ~HIVE_DATA_RESIDENT;
        from = span_sub(vk, VK_DATA, 4);
    }
    if (size > from.len)
        return STATUS_HIVE_DAMAGED;
    out->type = rd_le32(vk, VK_TYPE);
    out->data = span_sub(from, 0, size);
    out->offset = (size_t)(out->data.data - h->file.data);
    out->length_offset = (size_t)(vk.data - h->file.data) + VK_DATA_BYTES;
    return STATUS_OK;
}

/* The cell of a value in its key's list; empty when there is none. */
static struct span value_cell(const struct hive *h, struct span list, size_t index)
{
    return span_holds(list, 4 * index, 4) ? cell_of_kind(h, rd_le32(list, 4 * index), "vk", VK_NAME)
                                          : span_of(list.data, 0);
}

enum status hive_value_at(const struct hive *h, hive_key key, size_t index, struct hive_value *out)
{
    struct span nk = key_cell(h, key), vk;

    if (nk.len == 0)
        return STATUS_HIVE_DAMAGED;
    if (index >= rd_le32(nk, NK_VALUES))
        return STATUS_HIVE_NO_KEY;
    if (index >= MAX_INDEX)
        return STATUS_HIVE_DAMAGED;
    vk = value_cell(h, cell_at(h, rd_le32(nk, NK_VALUE_LIST)), index);
    return vk.len ? value_data(h, vk, out) : STATUS_HIVE_DAMAGED;
}

enum status hive_find_value(struct hive *h, hive_key key, const char *name, struct hive_value *out)
{
    struct span nk = key_cell(h, key), list = cell_at(h, rd_le32(nk, NK_VALUE_LIST));
    uint32_t    count = rd_le32(nk, NK_VALUES);
    enum status result = STATUS_HIVE_NO_KEY;

    if (nk.len == 0)
        return STATUS_HIVE_DAMAGED;
    for (size_t i = 0; i < count && i < MAX_VALUES; i++) {
        struct span vk = value_cell(h, list, i);
        struct name vk_name = { span_sub(vk, VK_NAME, rd_le16(vk, VK_NAME_BYTES)),
                                (rd_le16(vk, VK_FLAGS) & VK_NAME_8BIT) != 0 };

        if (!step(h))
            return STATUS_HIVE_DAMAGED;
        if (vk.len == 0)
            result = STATUS_HIVE_DAMAGED;
        else if (name_is(vk_name, name, strlen(name)))
            return value_data(h, vk, out);
    }
    return result;
}
