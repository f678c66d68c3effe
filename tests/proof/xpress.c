/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xpress.c - a chunk that XPRESS packed.
 *
 * Sources: common/fs/xpress.c common/fs/prefix_code.c
 * Assumes: 0 to 16,384 packed bytes, any of them; chunks of 16 KiB (the largest) in a buffer of that size.
 * Accessors: by contract
 * Eva: -eva-precision 0 -eva-auto-loop-unroll 300
 */
#include "proof.h"

#include "common/fs/xpress.h"

#define CHUNK 16384u

static uint8_t            region[SLACK * CHUNK], out[CHUNK];
static struct prefix_code code;

int main(void)
{
    return (int)xpress_decode(any_span(region, CHUNK), out, sizeof out, &code);
}
