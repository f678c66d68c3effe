/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fat.h - files on a FAT volume that fat_volume.h opened: what fs.c calls. Everybody else includes fs.h.
 */
#ifndef LDMBOOT_FAT_H
#define LDMBOOT_FAT_H

#include "fat_volume.h"

struct fs_lookup;

/* They do what their namesakes in fs.h say. */
NODISCARD enum status fat_find(struct fat_volume *vol, const char *path, struct fat_file *out, uint64_t *bytes,
                               bool *is_directory);
NODISCARD enum status fat_find_names(struct fat_volume *vol, const char *directory, struct fs_lookup *names, size_t n);
NODISCARD enum status fat_read(struct fat_volume *vol, struct fat_file *file, uint64_t off, void *buf, size_t len);
NODISCARD enum status fat_locate(struct fat_volume *vol, struct fat_file *file, uint64_t off, uint64_t file_bytes,
                                 uint64_t *position, uint64_t *bytes_left);

#endif
