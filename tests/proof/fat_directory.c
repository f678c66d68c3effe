/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fat_directory.c - a stretch of a FAT directory: long names in parts, short names.
 *
 * Sources: common/fs/fat_volume.c common/fs/bytes.c common/fs/path.c common/disk/block.c common/base/mem.c
 * Assumes: 0 to 16,384 bytes (FAT_DIRECTORY_WINDOW), any of them; two names; FAT12, FAT16 or FAT32.
 * Accessors: by contract
 * Eva: -eva-precision 3 -eva-auto-loop-unroll 12
 */
#include "device.h"

#include "common/fs/fat_directory.c"

static uint8_t region[SLACK * FAT_DIRECTORY_WINDOW];

int main(void)
{
    struct fs_lookup  names[2] = { { .name = fs_name_of("NTLDR") }, { .name = fs_name_of("bootmgfw.efi") } };
    struct fat_volume vol = { .bits = (unsigned)Frama_C_nondet(12, Frama_C_nondet(16, 32)) };
    struct long_name  l = { .begun = false };

    return match_entries(&vol, any_span(region, FAT_DIRECTORY_WINDOW), &l, names, 2);
}
