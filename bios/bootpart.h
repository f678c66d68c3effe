/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bootpart.h - the partition we were started from: an ordinary FAT with ldmboot.cfg in its root. */
#ifndef LDMBOOT_BIOS_BOOTPART_H
#define LDMBOOT_BIOS_BOOTPART_H

#include "common/fs/fs.h"
#include "common/settings/config.h"
#include "int13.h"

/*
 * Read ldmboot.cfg from the partition at block `lba` of `disk`, which may be a CD. Its remarks, or
 * CONFIG_UNREADABLE, go to `notes`; without the file, and after an error, `cfg` stays as it is.
 * Returns the partition's file system, for other files; NULL: it could not be read.
 */
struct fs_volume *bootpart_read_config(struct int13_disk *disk, uint32_t lba, struct arena *a, struct config *cfg,
                                       struct note_list *notes);

#endif
