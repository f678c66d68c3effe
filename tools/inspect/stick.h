/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stick.h - ldmboot's stick, as an image or device: the files on it that a BIOS start would use. */
#ifndef LDMBOOT_INSPECT_STICK_H
#define LDMBOOT_INSPECT_STICK_H

#include "common/disk/slice_device.h"
#include "common/fs/fs.h"
#include "filedisk.h"

struct stick {
    struct filedisk     file;
    struct slice_device partition;
    struct fs_volume    fs;
};

/* Open its boot partition: the active one, or all of it where it has no table. NULL, or in words why not. */
const char *stick_open(struct stick *stick, const char *path, struct arena *a);

#endif
