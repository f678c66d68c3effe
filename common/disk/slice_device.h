/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slice_device.h - a stretch of a disk as a disk of its own: a basic partition. */
#ifndef LDMBOOT_SLICE_DEVICE_H
#define LDMBOOT_SLICE_DEVICE_H

#include "block.h"

struct slice_device {
    struct block_device  dev;    /* first member: `read` casts back */
    struct block_device *disk;
    uint64_t             start;  /* block of the disk */
    struct block_device *front;  /* shows the first blocks in the disk's place; NULL: the disk does */
};

/* `start` and `blocks` count blocks of `disk`. READ_OUT_OF_RANGE when they are not on it. */
NODISCARD enum status slice_device_init(struct slice_device *slice, struct block_device *disk, uint64_t start,
                                        uint64_t blocks);

/* Let `front` show the slice's beginning. Where its blocks have another size, or are more, nothing changes. */
void slice_device_set_front(struct slice_device *slice, struct block_device *front);

#endif
