/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fat_internal.h - what fat.c and fat_directory.c share; nobody else includes it.
 */
#ifndef LDMBOOT_FAT_INTERNAL_H
#define LDMBOOT_FAT_INTERNAL_H

#include "fat.h"
#include "path.h"

#define FAT_WINDOW_BYTES       0x1000u  /* of the FAT: 1024 entries of FAT32, 2048 of FAT16 */
#define FAT_DIRECTORY_WINDOW   0x4000u  /* of a directory: a usual FAT16 root, whole */
#define FAT_MAX_DIRECTORY      0x200000u  /* bytes: 65,536 entries, the specification's limit */

/*
 * Where byte `off` of a chain lies, and how many bytes (at least one, more only up
 * to `want`) follow it without a break. *bytes is 0 when the chain ends before it.
 */
NODISCARD enum status fat_place(struct fat_volume *vol, struct fat_file *file, uint64_t off, uint64_t want,
                                uint64_t *position, uint64_t *bytes);

/* Look for names in the directory that begins at this cluster (0: the root), in one pass.
   What was found stays found, also when the answer is not OK. */
NODISCARD enum status fat_search(struct fat_volume *vol, uint32_t first_cluster, struct fs_lookup *names, size_t n);

#endif
