/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memory_device.h - memory as a disk of 512-byte blocks: a volume that was made there. */
#ifndef LDMBOOT_MEMORY_DEVICE_H
#define LDMBOOT_MEMORY_DEVICE_H

#include "block.h"

struct memory_device {
    struct block_device dev;    /* first member: `read` casts back */
    const uint8_t      *bytes;
};

/* Memory of whole sectors, which stays the caller's. */
void memory_device_init(struct memory_device *md, const char *name, const void *bytes, size_t size);

#endif
