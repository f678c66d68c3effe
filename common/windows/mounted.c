/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mounted.c - see mounted.h. */
#include "mounted.h"

#include "common/base/mem.h"
#include "hive.h"

#define KEY         "MountedDevices"
#define MARK        "DMIO:ID:"
#define MARK_BYTES  8u
#define MAX_PATCHES 512u   /* a letter and a name for each of 64 volumes, two patches each, and room */

struct mounted_name mounted_name_mbr(uint32_t signature, uint64_t offset_bytes)
{
    struct mounted_name n = { .len = 12 };

    wr_le32(n.bytes, signature);
    wr_le64(n.bytes + 4, offset_bytes);
    return n;
}

struct mounted_name mounted_name_gpt(const struct guid *partition)
{
    struct mounted_name n = { .len = MOUNTED_NAME_BYTES };

    memcpy(n.bytes, MARK, MARK_BYTES);
    guid_to_mixed(partition, n.bytes + MARK_BYTES);
    return n;
}

/* A GUID in either order of bytes: which one dynamic volumes have here is not documented, and 16 bytes do not meet by chance. */
static bool names_volume(struct span data, const struct guid *volume)
{
    struct guid mixed, text;

    if (data.len != MARK_BYTES + sizeof volume->bytes || !span_starts_with(data, MARK, MARK_BYTES))
        return false;
    mixed = guid_from_mixed(data, MARK_BYTES);
    text = guid_from_bytes(data, MARK_BYTES);
    return guid_equal(&mixed, volume) || guid_equal(&text, volume);
}

static void add(struct mounted_patch *patches, size_t *count, size_t offset, const uint8_t *bytes, uint16_t len)
{
    struct mounted_patch *p = &patches[(*count)++];

    *p = (struct mounted_patch){ .offset = offset, .len = len };
    memcpy(p->bytes, bytes, len);
}

/* One value. False: no room. */
static bool answer_value(const struct hive_value *value, const struct mounted_volume *volumes, size_t count,
                         struct mounted_patch *patches, size_t *patch_count)
{
    for (size_t i = 0; i < count; i++) {
        const struct mounted_name *name = &volumes[i].becomes;
        uint8_t                    length[4];

        if (!names_volume(value->data, &volumes[i].volume))
            continue;
        if (*patch_count + 2 > MAX_PATCHES)
            return false;
        add(patches, patch_count, value->offset, name->bytes, name->len);
        wr_le32(length, name->len);
        if (name->len != value->data.len)
            add(patches, patch_count, value->length_offset, length, sizeof length);
        return true;
    }
    return true;
}

enum status mounted_answer(struct span file, const struct mounted_volume *volumes, size_t count, struct arena *a,
                           struct mounted_patch **patches, size_t *patch_count, bool *dirty)
{
    struct mounted_patch *made = arena_array(a, MAX_PATCHES, sizeof *made);
    size_t                made_count = 0;
    struct hive           hive;
    hive_key              key;

    if (!made)
        return STATUS_NO_MEMORY;
    TRY(hive_open(file, &hive));
    *dirty = hive.dirty;
    TRY(hive_find_key(&hive, hive.root, KEY, &key));
    for (size_t i = 0; !hive.dirty; i++) {  /* hive_value_at() has a bound */
        struct hive_value value;
        enum status       st = hive_value_at(&hive, key, i, &value);

        if (st == STATUS_HIVE_NO_KEY)
            break;
        TRY(st);
        if (!answer_value(&value, volumes, count, made, &made_count))
            return STATUS_NO_MEMORY;
    }
    *patches = made;
    *patch_count = made_count;
    return STATUS_OK;
}
