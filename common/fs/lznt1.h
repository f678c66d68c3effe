/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lznt1.h - LZNT1, NTFS's own compression ("compress this drive to save disk space", compact.exe).
 *
 * Facts: Microsoft's [MS-XCA], 2.5 "LZNT1 Algorithm Details".
 */
#ifndef LDMBOOT_FS_LZNT1_H
#define LDMBOOT_FS_LZNT1_H

#include "common/base/span.h"
#include "common/base/status.h"

/*
 * Decode chunks, 4096 bytes of the file each, until `len` bytes are made; what the input has none for is zeros.
 * Returns OK or FS_DAMAGED.
 */
NODISCARD enum status lznt1_decode(struct span in, uint8_t *out, size_t len);

#endif
