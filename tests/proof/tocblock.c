/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tocblock.c - TOCBLOCK.
 *
 * Sources: common/ldm/tocblock.c common/ldm/privhead.c common/base/guid.c
 * Assumes: 512 bytes, any of them; blocks of 512 or 4096 bytes; a private region of any size.
 */
#include "proof.h"

#include "common/ldm/decode.h"

static uint8_t sector[SECTOR_BYTES];

int main(void)
{
    struct span s = span_of(sector, sizeof sector);
    struct tocblock t;

    any_bytes(sector, sizeof sector);
    return (int)tocblock_decode(s, (uint32_t)Frama_C_nondet(512, 4096), any_u64(), &t);
}
