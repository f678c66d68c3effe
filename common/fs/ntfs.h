/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntfs.h - files on an NTFS volume that ntfs_volume.h opened: what fs.c calls. Everybody else includes fs.h.
 *
 * Not supported, and said: encrypted data, and data behind a reparse point of an unknown kind.
 */
#ifndef LDMBOOT_NTFS_H
#define LDMBOOT_NTFS_H

#include "ntfs_types.h"

struct fs_lookup;

/* They do what their namesakes in fs.h say. */
NODISCARD enum status ntfs_find(struct ntfs_volume *vol, const char *path, struct ntfs_file *out, uint64_t *bytes,
                                bool *is_directory);
NODISCARD enum status ntfs_find_names(struct ntfs_volume *vol, const char *directory, struct fs_lookup *names,
                                      size_t n);
NODISCARD enum status ntfs_read(struct ntfs_volume *vol, const struct ntfs_file *file, uint64_t off, void *buf,
                                size_t len);
NODISCARD enum status ntfs_locate(const struct ntfs_volume *vol, const struct ntfs_file *file, uint64_t off,
                                  uint64_t *position, uint64_t *bytes_left);

#endif
