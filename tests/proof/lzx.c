/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lzx.c - a chunk that LZX packed.
 *
 * Sources: common/fs/lzx.c common/fs/prefix_code.c
 * Assumes: 0 to 32,768 packed bytes, any of them; chunks of 32 KiB in a buffer of that size.
 * Accessors: by contract
 * Eva: -eva-precision 0 -eva-auto-loop-unroll 40
 */
#include "proof.h"

#include "common/fs/lzx.h"

static uint8_t    region[SLACK * LZX_CHUNK_BYTES], out[LZX_CHUNK_BYTES];
static struct lzx work;

int main(void)
{
    return (int)lzx_decode(any_span(region, LZX_CHUNK_BYTES), out, sizeof out, &work);
}
