/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lznt1.c - what NTFS compressed.
 *
 * Sources: common/fs/lznt1.c
 * Assumes: 0 to 65,536 packed bytes, any of them; units of 64 KiB (ntfs_compressed.c has none larger) in a buffer of that size.
 * Accessors: by contract
 * Eva: -eva-precision 0 -eva-auto-loop-unroll 40
 */
#include "proof.h"

#include "common/fs/lznt1.h"

#define UNIT 65536u

static uint8_t region[SLACK * UNIT], out[UNIT];

int main(void)
{
    return (int)lznt1_decode(any_span(region, UNIT), out, sizeof out);
}
