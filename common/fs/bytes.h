/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bytes.h - read any range of bytes of a device, in as few reads as it takes.
 *
 * Used by: ntfs*.c, fat*.c: positions in a file system are not always whole sectors.
 */
#ifndef LDMBOOT_FS_BYTES_H
#define LDMBOOT_FS_BYTES_H

#include <stddef.h>

#include "../block.h"

/* Read `len` bytes from byte `position` of the device: at most one read for a
   part of a sector at either end and one for everything between. */
NODISCARD enum status dev_read_bytes(struct block_device *dev, uint64_t position, void *buf, size_t len);

#endif
