/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mounted.c - drive letters: a value of a registry hive, and what is written in its place.
 *
 * Sources: common/base/guid.c
 * Assumes: a value of 0 to 96 MiB (a whole hive), any bytes, at any place of the file (hive.c has how it is found); 0 to 64 volumes,
 *   any of them, whose names are as mounted_name_mbr() and mounted_name_gpt() make them; 0 to 512 patches before it.
 * Accessors: by contract
 */
#include "proof.h"

#include "common/windows/mounted.c"

#define VOLUMES   64
#define VALUE_MAX ((size_t)96 << 20)

static uint8_t               region[SLACK * VALUE_MAX];
static struct mounted_patch  patches[MAX_PATCHES];
static struct mounted_volume volumes[VOLUMES];

/* Not reached: the hive is proved by itself. */
enum status hive_open(struct span file, struct hive *out) { (void)file; (void)out; return STATUS_HIVE_NOT_ONE; }
enum status hive_find_key(struct hive *h, hive_key from, const char *path, hive_key *out)
{
    (void)h; (void)from; (void)path; (void)out;
    return STATUS_HIVE_NO_KEY;
}
enum status hive_value_at(const struct hive *h, hive_key key, size_t index, struct hive_value *out)
{
    (void)h; (void)key; (void)index; (void)out;
    return STATUS_HIVE_NO_KEY;
}

int main(void)
{
    struct hive_value value = { .data = any_span(region, VALUE_MAX), .offset = any_size(), .length_offset = any_size() };
    size_t            count = up_to(MAX_PATCHES);

    for (size_t i = 0; i < VOLUMES; i++) {
        any_bytes(&volumes[i].volume, sizeof volumes[i].volume);
        volumes[i].becomes = any_bool() ? mounted_name_mbr(any_u32(), any_u64()) : mounted_name_gpt(&volumes[i].volume);
    }
    if (!answer_value(&value, volumes, up_to(VOLUMES), patches, &count))
        return 0;
    //@ check count <= MAX_PATCHES;
    return (int)count;
}
