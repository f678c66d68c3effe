/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fakembr.h - the sector 0 that Windows's loaders will see.
 *
 * Facts: windows-boot.md, "Sector 0 as shown".
 */
#ifndef LDMBOOT_FAKEMBR_H
#define LDMBOOT_FAKEMBR_H

#include <stdint.h>

#include "common/disk/mbr.h"
#include "common/base/status.h"

/* One entry to show. */
struct fake_entry {
    uint8_t  type;     /* 0: empty slot */
    uint8_t  active;   /* 0 or 1 */
    uint32_t start, sectors;
};

/* Write one entry as it stands in a table, with CHS fields for this geometry (FE FF FF when out of reach). */
void fakembr_put_entry(uint8_t out[MBR_ENTRY_BYTES], const struct fake_entry *entry, uint16_t heads,
                       uint16_t sectors_per_track);

/*
 * Make the sector 0 to show from the real one: ends in 55AA, keeps the disk
 * signature and the 32-bit sum of the 128 dwords (an aligned dword of the boot
 * code, a zero one if there is one, absorbs the difference), has these four entries.
 * CHS fields are filled for the given geometry.
 */
void fakembr_make(const uint8_t real[512], const struct fake_entry entries[4], uint16_t heads,
                  uint16_t sectors_per_track, uint8_t out[512]);

#endif
