/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hive.c - a registry hive: base block, cells, keys and their names, lists of subkeys, values.
 *
 * Sources: common/windows/hive.c
 * Assumes: a file of 0 to 96 MiB (tools/nbdkit/letters.c has the largest: SYSTEM), any bytes; any key, any index.
 * Accessors: by contract
 * Eva: -eva-precision 3
 */
#include "proof.h"

#include "common/windows/hive.h"

#define FILE_MAX ((size_t)96 << 20)

static uint8_t region[SLACK * FILE_MAX];

int main(void)
{
    struct hive       h = { .file = span_of(region, 0) };
    struct hive_value value;
    hive_key          key = any_u32();
    char              name[9];

    if (hive_open(any_span(region, FILE_MAX), &h) != STATUS_OK)
        return 0;
    (void)hive_key_name(&h, key, name, sizeof name);
    (void)hive_find_key(&h, h.root, "Objects\\{}", &key);
    (void)hive_subkey(&h, key, any_size(), &key);
    (void)hive_find_value(&h, key, "Element", &value);
    (void)hive_value_at(&h, key, any_size(), &value);
    return hive_is_exhausted(&h);
}
