/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fat_boot.c - the boot sector of a FAT volume.
 *
 * Sources: common/fs/fat_volume.c common/fs/bytes.c common/disk/block.c common/base/mem.c
 * Assumes: 512 bytes, any of them.
 */
#include "device.h"

#include "common/fs/fat_volume.h"

static uint8_t          sector[512];
static struct fs_window window;

int main(void)
{
    struct block_device dev = any_device(512);
    struct fat_volume   vol;

    any_bytes(sector, sizeof sector);
    if (!fat_identify(sector) || fat_open(&dev, sector, &window, &vol) != STATUS_OK)
        return 0;
    //@ check vol.cluster_shift <= 19 && 1 <= vol.fat_copies <= 2;
    return 1;
}
