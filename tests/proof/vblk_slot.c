/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vblk_slot.c - the head of a VBLK slot.
 *
 * Sources: common/ldm/vblk.c common/base/guid.c
 * Assumes: 128 bytes, any of them.
 */
#include "proof.h"

#include "common/ldm/decode.h"

static uint8_t sector[SLOT_BYTES];

int main(void)
{
    struct span s = span_of(sector, sizeof sector);
    struct vblk_slot slot;

    any_bytes(sector, sizeof sector);
    if (vblk_slot_decode(s, &slot) != STATUS_OK)
        return 0;
    //@ check slot.body.len == SLOT_BODY_BYTES;
    return slot.group != 0;
}
