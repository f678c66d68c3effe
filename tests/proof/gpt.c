/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gpt.c - the GUID partition table: a header, and an entry of the array behind it.
 *
 * Sources: common/disk/block.c common/base/guid.c common/base/crc32.c
 * Assumes: a header's block of 512 or 4096 bytes, any of them, at any place; an entry of 128 to 4,096 bytes (header_decode()
 *   lets no others through), any of them. array_read() divides memory by numbers that belong together, which Eva does not
 *   see: the fuzz targets and unit tests have that part.
 * Eva: -eva-precision 5
 */
#include "proof.h"

#include "common/disk/gpt.c"

static uint8_t block[MAX_BLOCK_BYTES], region[SLACK * ENTRY_MAX_BYTES];

static void prove_header(size_t block_bytes)
{
    struct header h = { .entry_bytes = ENTRY_MIN_BYTES };

    any_bytes(block, sizeof block);
    if (!header_decode(span_of(block + sizeof block - block_bytes, block_bytes), any_u64(), &h))
        return;
    //@ check ENTRY_MIN_BYTES <= h.entry_bytes <= ENTRY_MAX_BYTES;
}

int main(void)
{
    struct gpt_entry e;

    prove_header(512);
    prove_header(4096);
    return entry_decode(any_span(region, ENTRY_MAX_BYTES), any_u32(), &e);
}
