/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unlzma.c - stage 2, packed with LZMA.
 *
 * Sources: bios/unlzma.c
 * Assumes: 65,536 packed bytes, any of them; 256 KiB unpacked, in buffers of exactly these sizes.
 * Eva: -eva-precision 2 -eva-auto-loop-unroll 40
 */
#include "proof.h"

#include "../unlzma.h"

static uint8_t  in[65536], out[262144];
static uint16_t probs[UNLZMA_PROBS];

int main(void)
{
    any_bytes(in, sizeof in);
    if (!unlzma(in, sizeof in, out, sizeof out, probs))
        return 0;
    restore_calls(out, sizeof out);
    return 1;
}
