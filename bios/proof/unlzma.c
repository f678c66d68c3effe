/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unlzma.c - stage 2, packed with LZMA.
 *
 * Sources: bios/unlzma.c
 * Assumes: as many packed bytes as stage 2 may have (memory.h), any of them; as many unpacked as there is room for; in buffers of
 *   exactly these sizes.
 * Eva: -eva-precision 2 -eva-auto-loop-unroll 40
 */
#include "proof.h"

#include "../memory.h"
#include "../unlzma.h"

static uint8_t  in[STAGE2_MAX_BYTES], out[PROGRAM_END - PROGRAM_BASE];
static uint16_t probs[UNLZMA_PROBS];

int main(void)
{
    any_bytes(in, sizeof in);
    if (!unlzma(in, sizeof in, out, sizeof out, probs))
        return 0;
    restore_calls(out, sizeof out);
    return 1;
}
