/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * privhead.c - PRIVHEAD.
 *
 * Sources: common/ldm/privhead.c common/base/guid.c
 * Assumes: 512 bytes, any of them; blocks of 512 or 4096 bytes (common/ldm/disk_scan.c takes no others).
 */
#include "proof.h"

#include "common/ldm/decode.h"

static uint8_t sector[SECTOR_BYTES];

int main(void)
{
    struct span s = span_of(sector, sizeof sector);
    struct ldm_privhead p, q;

    any_bytes(sector, sizeof sector);
    if (privhead_decode(s, (uint32_t)Frama_C_nondet(512, 4096), &p) != STATUS_OK)
        return 0;
    any_bytes(sector, sizeof sector);
    if (privhead_decode(s, 512, &q) != STATUS_OK)
        return 0;
    return privhead_is_at(&p, any_u64()) || privhead_same_disk(&p, &q);
}
