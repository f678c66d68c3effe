/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ramdisk.h - a FAT volume in memory that the Windows Boot Manager is started from:
 * its own file, which it reads again and verifies, and the boot store.
 *
 * Facts: docs/windows-boot.md, "The chain that works", step 4.
 */
#ifndef LDMBOOT_EFI_RAMDISK_H
#define LDMBOOT_EFI_RAMDISK_H

#include "common/base/arena.h"
#include "common/base/span.h"
#include "common/disk/memory_device.h"
#include "publish.h"
#include "ramfiles.h"

/* Must stay where it is while it is published. */
struct ramdisk {
    struct memory_device device;
    uint8_t             *image;
    size_t               bytes;
    struct published    *published;
    struct ramfiles     *files;  /* NULL: the firmware shows its file system itself */
};

/* Build and publish it. NO_MEMORY, FATIMAGE_TOO_LARGE, PUBLISH_REFUSED or OK. */
NODISCARD enum status ramdisk_make(struct span bootmgfw, struct span store, struct arena *a, struct ramdisk *out);

/* Take it back and free its memory; one that is all zero is let through. False: unpublish() says so. */
NODISCARD bool ramdisk_release(struct ramdisk *disk);

#endif
