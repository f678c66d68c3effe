/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * extent_device.h - a component as one disk: a block_device that reads across extents, and,
 * where a sector of them cannot be read, from the other half of the mirror.
 *
 * Sector size 512 unless all disks have 4096.
 */
#ifndef LDMBOOT_EXTENT_DEVICE_H
#define LDMBOOT_EXTENT_DEVICE_H

#include "common/ldm/view.h"

struct extent_device {
    struct block_device         dev;          /* first member: `read` casts back */
    const struct ldm_component *component;    /* LAYOUT_CONCAT and present */
    const struct ldm_component *spare;        /* likewise: another half with the same data; NULL: none */
    const uint8_t              *boot_sector;  /* shown as the volume's first sector; NULL: the one that is there */
    uint32_t                    failures;     /* blocks in a row that `component` could not read and `spare` could */
    bool                        whole;        /* not block by block: who reads asks for less by himself, or goes round a dying place */
};

/*
 * Present a component as a block device; `name` is kept, not copied.
 * COMPONENT_UNREADABLE when it is not concatenated or not all of its disks are there.
 */
NODISCARD enum status extent_device_init(struct extent_device *xd, const struct ldm_component *component, const char *name);

/*
 * Read what cannot be read from `spare`, block by block. The caller knows that both halves are good; the
 * error that remains when neither can be read is the first half's. A spare that does not
 * cover the volume, or NULL, changes nothing. Where one half fails again and again the
 * halves change places, so that a dying disk's timeouts are not waited for all day.
 */
void extent_device_set_spare(struct extent_device *xd, const struct ldm_component *spare);

/* Show these 512 bytes, which stay the caller's, as the volume's first sector: a backup of one that is damaged or unreadable. */
void extent_device_set_boot_sector(struct extent_device *xd, const uint8_t *boot_sector);

#endif
