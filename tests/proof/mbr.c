/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mbr.c - sector 0.
 *
 * Sources: common/disk/mbr.c
 * Assumes: 512 bytes, any of them, or none (a sector that cannot be read).
 */
#include "proof.h"

#include "common/disk/mbr.h"

static uint8_t sector[512];

int main(void)
{
    struct mbr m;

    any_bytes(sector, sizeof sector);
    m = mbr_parse(span_of(sector, any_bool() ? sizeof sector : 0));
    return mbr_has_type(&m, any_u8());
}
