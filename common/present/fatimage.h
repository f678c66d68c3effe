/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fatimage.h - make a FAT volume with a few files in memory: FAT12 or FAT16 as large as they need it, or a
 * FAT32 of a given size.
 *
 * The Windows Boot Manager is started from such a one (docs/windows-boot.md, "The chain that works"), and the EFI system
 * partition of a new disk is one.
 * Facts: Microsoft's "FAT: General Overview of On-Disk Format" 1.03.
 */
#ifndef LDMBOOT_FATIMAGE_H
#define LDMBOOT_FATIMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/status.h"

#define FATIMAGE_SECTOR_BYTES 512u  /* block size to publish it with */
#define FATIMAGE_MAX_FILES    16
#define FATIMAGE_MAX_DIRS     16
#define FATIMAGE_SLACK_BYTES  (1024u * 1024u)  /* free space; windows-boot: the boot manager + 1 MB will do */

struct fatimage_file {
    const char *path;  /* "\\EFI\\Microsoft\\Boot\\BCD": from the root; printable ASCII, names of at most 39 */
    const void *data;
    size_t      size;
};

/*
 * Bytes that the volume with these files takes: whole sectors, FATIMAGE_SLACK_BYTES free.
 * FATIMAGE_BAD_PATH; FATIMAGE_TOO_LARGE: over FAT16's or this builder's limits.
 */
NODISCARD enum status fatimage_size(const struct fatimage_file *files, size_t count, size_t *bytes);

/*
 * Make the volume, with the directories that the paths name: no partition table before it, HiddenSectors 0.
 * image: memory of exactly the size that fatimage_size() gave for the same files.
 * serial: the volume's serial number. Everything else is fixed: same input, same bytes.
 */
NODISCARD enum status fatimage_build(const struct fatimage_file *files, size_t count, uint32_t serial,
                                     void *image, size_t bytes);

/* A FAT32 volume on a disk; what its files do not need is free. */
struct fatimage_fat32 {
    uint32_t sector_bytes;    /* 512 or 4096; clusters have 4096 */
    uint32_t total_sectors;   /* of sector_bytes; FAT32 has 65525 clusters at least: 260 MiB will do */
    uint32_t hidden_sectors;  /* where it stands on its disk */
    uint32_t serial;
};

/* Bytes of its head that are not all zero: all that has to be in memory. The same errors as fatimage_size(). */
NODISCARD enum status fatimage_fat32_size(const struct fatimage_file *files, size_t count,
                                          const struct fatimage_fat32 *shape, size_t *bytes);

/* Make that head, of exactly the size that fatimage_fat32_size() gave; behind it the volume is zeros. */
NODISCARD enum status fatimage_fat32_build(const struct fatimage_file *files, size_t count,
                                           const struct fatimage_fat32 *shape, void *head, size_t bytes);

/* Say in its boot sector where it lies on a disk (HiddenSectors), and with which geometry that disk counts. */
void fatimage_set_place(void *image, uint32_t hidden_sectors, uint16_t heads, uint16_t sectors_per_track);

#endif
