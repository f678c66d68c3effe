/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fat_volume.h - a FAT volume that is open, and where the bytes of its chains of clusters lie.
 * Facts: Microsoft's FAT32 File System Specification (fatgen103, 2000).
 */
#ifndef LDMBOOT_FAT_VOLUME_H
#define LDMBOOT_FAT_VOLUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/disk/block.h"
#include "window.h"

#define FAT_DIRECTORY_WINDOW 0x4000u  /* of a directory: a usual FAT16 root, whole */

struct fat_volume {
    struct block_device *dev;
    unsigned             bits;           /* of a FAT entry: 12, 16, 32 */
    unsigned             cluster_shift;
    uint32_t             cluster_count;  /* clusters are numbered 2 .. cluster_count + 1 */
    uint64_t             fat, fat_bytes;    /* positions and lengths in bytes of the volume */
    unsigned             fat_copies;        /* 1 or 2, one after the other */
    uint64_t             root, root_bytes;  /* FAT12 and FAT16; 0 on FAT32 */
    uint32_t             root_cluster;      /* FAT32 */
    uint64_t             data;              /* of cluster 2 */
    struct fs_window    *shared;            /* where the two windows are, as long as it is this volume's */
    uint32_t             number;            /* by which it knows this one */
    uint8_t             *fat_window;        /* part of the FAT that was read last */
    uint64_t             fat_window_start;  /* bytes, in the FAT */
    uint32_t             fat_window_bytes;  /* 0: nothing there */
    uint8_t             *directory_window;  /* part of a directory, while it is searched */
};

struct fat_file {
    uint32_t first_cluster;  /* 0: the root directory of FAT12 and FAT16, or an empty file */
    uint32_t known_index;    /* a cluster of the chain that was met already: so a file */
    uint32_t known_cluster;  /* that is read from front to back follows its chain once */
};

/* True when the BPB is FAT's and its sizes make sense. 55AA has been checked. */
bool fat_identify(const uint8_t sector[512]);

/* As fs_open_sharing() in fs.h. */
NODISCARD enum status fat_open(struct block_device *dev, const uint8_t boot_sector[512], struct fs_window *window,
                               struct fat_volume *out);

/* Before anything is read into a window: take it back from other volumes. */
void fat_take_window(struct fat_volume *vol);

/*
 * Where byte `off` of a chain lies, and how many bytes (at least one, more only up
 * to `want`) follow it without a break. *bytes is 0 when the chain ends before it.
 */
NODISCARD enum status fat_place(struct fat_volume *vol, struct fat_file *file, uint64_t off, uint64_t want,
                                uint64_t *position, uint64_t *bytes);

#endif
