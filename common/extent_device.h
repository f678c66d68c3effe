/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * extent_device.h - a component as one disk: a block_device that reads across extents.
 *
 * Used by: probe.c to read a volume's file system; efi/ as what is behind the
 * published partition; vdisk.c. Sector size 512 unless all disks have 4096.
 */
#ifndef LDMBOOT_EXTENT_DEVICE_H
#define LDMBOOT_EXTENT_DEVICE_H

#include "ldm/view.h"

struct extent_device {
    struct block_device         dev;        /* first member: `read` casts back */
    const struct ldm_component *component;  /* LAYOUT_CONCAT and present */
};

/*
 * Present a component as a block device; `name` is kept, not copied.
 * COMPONENT_UNREADABLE when it is not concatenated or not all of its disks are there.
 */
NODISCARD enum status extent_device_init(struct extent_device *xd, const struct ldm_component *component, const char *name);

#endif
