/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntfs_boot.c - the boot sector of an NTFS volume.
 *
 * Sources: common/fs/ntfs_record.c common/fs/ntfs_stream.c common/fs/ntfs_inode.c common/fs/bytes.c common/disk/block.c common/base/mem.c
 * Assumes: 512 bytes, any of them.
 */
#include "device.h"

#include "common/fs/ntfs_volume.c"

static uint8_t sector[512];

int main(void)
{
    struct layout l;

    any_bytes(sector, sizeof sector);
    (void)ntfs_identify(sector);
    if (!decode_boot_sector(span_of(sector, sizeof sector), &l))
        return 0;
    //@ check MIN_RECORD_SHIFT <= l.record_shift <= MAX_RECORD_SHIFT && 9 <= l.cluster_shift <= MAX_CLUSTER_SHIFT;
    return 1;
}
