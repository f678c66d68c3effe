/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fat.h - FAT12, FAT16 and FAT32, read only: what fs.c calls.
 *
 * Used by: fs.h and fs.c; everybody else includes fs.h.
 * Facts: Microsoft's FAT32 File System Specification (fatgen103, 2000).
 */
#ifndef LDMBOOT_FAT_H
#define LDMBOOT_FAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/disk/block.h"

struct fs_lookup;

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

/* The following do what their namesakes in fs.h say. */
NODISCARD enum status fat_open(struct block_device *dev, const uint8_t boot_sector[512], struct arena *a,
                               struct fat_volume *out);
NODISCARD enum status fat_find(struct fat_volume *vol, const char *path, struct fat_file *out, uint64_t *bytes,
                               bool *is_directory);
NODISCARD enum status fat_find_names(struct fat_volume *vol, const char *directory, struct fs_lookup *names, size_t n);
NODISCARD enum status fat_read(struct fat_volume *vol, struct fat_file *file, uint64_t off, void *buf, size_t len);
NODISCARD enum status fat_locate(struct fat_volume *vol, struct fat_file *file, uint64_t off, uint64_t file_bytes,
                                 uint64_t *position, uint64_t *bytes_left);

#endif
