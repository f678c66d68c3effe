/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bytes.h - read any range of bytes of a device, in as few reads as it takes; sizes
 * that are powers of two.
 *
 * Positions in a file system are not always whole sectors, and without 64-bit division (div64.h) its units are kept as
 * shifts.
 */
#ifndef LDMBOOT_FS_BYTES_H
#define LDMBOOT_FS_BYTES_H

#include <stddef.h>

#include "common/disk/block.h"

/* Read `len` bytes from byte `position` of the device: at most one read for a
   part of a sector at either end and one for everything between. */
NODISCARD enum status dev_read_bytes(struct block_device *dev, uint64_t position, void *buf, size_t len);

/* log2 of a power of two in [2^low, 2^high]; -1 for other numbers. */
int log2_between(uint32_t n, unsigned low, unsigned high);

#endif
