/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fatfiles.h - files in a FAT volume in memory, open: what a test needs where it does not matter which file system it is. */
#ifndef LDMBOOT_TESTS_FATFILES_H
#define LDMBOOT_TESTS_FATFILES_H

#include "common/disk/memory_device.h"
#include "common/fs/fs.h"
#include "common/present/fatimage.h"

/* The volume's memory comes from the arena, too; the test fails where there is too little. */
void fat_files(const struct fatimage_file *files, size_t count, struct arena *a, struct memory_device *on, struct fs_volume *out);

#endif
