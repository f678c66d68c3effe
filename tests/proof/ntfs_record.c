/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntfs_record.c - an MFT record: the update sequence undone, its attributes one by one and by name.
 *
 * Sources: common/fs/ntfs_record.c
 * Assumes: records of 512, 1024, 2048 or 4096 bytes (ntfs_volume.c takes no others), any of them.
 * Eva: -eva-precision 4 -eva-partition-history 1 -eva-interprocedural-history
 */
#include "proof.h"

#include "common/fs/ntfs_internal.h"

static uint8_t record[NTFS_MAX_RECORD_BYTES], region[SLACK * NTFS_MAX_RECORD_BYTES];

int main(void)
{
    struct span attribute;

    for (unsigned shift = 9; shift <= 12; shift++) {
        any_bytes(record, sizeof record);
        (void)ntfs_fix_up(record + sizeof record - ((size_t)1 << shift), (size_t)1 << shift, "FILE");
    }
    return (int)ntfs_find_attribute(any_span(region, NTFS_MAX_RECORD_BYTES), any_u32(), "$I30", any_u64(), &attribute);
}
