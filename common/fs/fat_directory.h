/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fat_directory.h - names in one directory of a FAT volume. */
#ifndef LDMBOOT_FAT_DIRECTORY_H
#define LDMBOOT_FAT_DIRECTORY_H

#include "fat_volume.h"
#include "path.h"

/* Look for names in the directory that begins at this cluster (0: the root), in one pass.
   What was found stays found, also when the answer is not OK. */
NODISCARD enum status fat_search(struct fat_volume *vol, uint32_t first_cluster, struct fs_lookup *names, size_t n);

#endif
