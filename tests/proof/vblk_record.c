/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vblk_record.c - a record of the database.
 *
 * Sources: common/ldm/vblk.c common/base/guid.c
 * Assumes: a record of 1 to 32 fragments, 112 to 3,584 bytes (database.c joins no others), any of them.
 * Accessors: by contract
 * Eva: -eva-precision 3
 */
#include "proof.h"

#include "common/ldm/decode.h"

static uint8_t sector[SLACK * VBLK_MAX_FRAGMENTS * SLOT_BODY_BYTES];

int main(void)
{
    struct span        s = any_span(sector, VBLK_MAX_FRAGMENTS * SLOT_BODY_BYTES);
    struct vblk_record r;

    return (int)vblk_record_decode(s, &r);
}
