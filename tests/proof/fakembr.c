/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fakembr.c - the sector 0 that is shown.
 *
 * Sources: common/present/fakembr.c
 * Assumes: a real sector 0 of any 512 bytes; any four entries; any geometry.
 */
#include "proof.h"

#include "common/present/fakembr.h"

static uint8_t real[512], out[512];

int main(void)
{
    struct fake_entry entries[4];

    any_bytes(real, sizeof real);
    for (unsigned i = 0; i < 4; i++)
        entries[i] = (struct fake_entry){ any_u8(), any_u8(), any_u32(), any_u32() };
    fakembr_make(real, entries, (uint16_t)any_u32(), (uint16_t)any_u32(), out);
    return out[0];
}
