/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mbr.c - decode the MBR partition table. */
#include "mbr.h"

struct mbr mbr_parse(struct span sector0)
{
    struct mbr m = { .valid = rd_le16(sector0, MBR_MAGIC_OFF) == 0xaa55,
                     .signature = rd_le32(sector0, MBR_SIGNATURE_OFF) };

    for (unsigned i = 0; i < MBR_ENTRIES; i++) {
        struct span e = span_sub(sector0, MBR_TABLE_OFF + i * MBR_ENTRY_BYTES, MBR_ENTRY_BYTES);

        m.entries[i] = (struct mbr_entry){
            .active = rd_u8(e, 0) & 0x80,
            .type = rd_u8(e, 4),
            .start = rd_le32(e, 8),
            .sectors = rd_le32(e, 12),
        };
    }
    return m;
}

bool mbr_has_type(const struct mbr *mbr, uint8_t type)
{
    for (unsigned i = 0; i < MBR_ENTRIES; i++)
        if (mbr->entries[i].type == type)
            return true;
    return false;
}
