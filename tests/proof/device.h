/* SPDX-License-Identifier: GPL-2.0-or-later */
/* device.h - a disk that answers every read with any bytes, or with an error. */
#ifndef LDMBOOT_PROOF_DEVICE_H
#define LDMBOOT_PROOF_DEVICE_H

#include "proof.h"

#include "common/disk/block.h"

/* As block.h has it: the range has been checked, `buf` holds `count` blocks. */
static enum status any_read(struct block_device *dev, uint64_t lba, uint32_t count, void *buf)
{
    (void)lba;
    any_bytes(buf, (size_t)count * dev->block_size);
    return any_bool() ? STATUS_OK : STATUS_READ_FAILED;
}

static inline struct block_device any_device(uint32_t block_size)
{
    return (struct block_device){ .name = "any", .block_size = block_size, .block_count = any_u64(), .read = any_read };
}

#endif
