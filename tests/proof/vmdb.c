/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vmdb.c - VMDB, the database's head.
 *
 * Sources: common/ldm/vmdb.c common/ldm/privhead.c common/base/guid.c
 * Assumes: 512 bytes, any of them; a config region of any size.
 */
#include "proof.h"

#include "common/ldm/decode.h"

static uint8_t sector[SECTOR_BYTES];

int main(void)
{
    struct span s = span_of(sector, sizeof sector);
    struct ldm_vmdb v;

    any_bytes(sector, sizeof sector);
    if (vmdb_decode(s, any_u64(), &v) != STATUS_OK)
        return 0;
    //@ check v.slot_count <= VMDB_MAX_SLOTS;
    return (int)(vmdb_vblk_slots(&v) + vmdb_committed_records(&v) > 0);
}
