/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fakembr.c - synthesise the sector 0 that Windows's loaders see instead of the real one.
 *
 * Facts: docs/windows-boot.md, "Sector 0 as shown".
 */
#include "fakembr.h"

#include "common/disk/mbr.h"
#include "common/base/mem.h"

#define SECTOR_DWORDS    128
#define LAST_CODE_DWORD  0x1b4  /* the last aligned dword before the disk signature */
#define SPARE_CODE_DWORD 0x1b0  /* in boot code that has no zero dword: Windows 7's tolerates this one */
#define CHS_CYLINDERS    1024u

static uint32_t sum_of_dwords(const uint8_t sector[512])
{
    struct span s = span_of(sector, 512);
    uint32_t    sum = 0;

    for (size_t i = 0; i < SECTOR_DWORDS; i++)
        sum += rd_le32(s, i * 4);
    return sum;
}

/* A dword of the boot code, which is not run, that may absorb the difference of the sums. */
static size_t absorbing_dword(const uint8_t sector[512])
{
    struct span s = span_of(sector, 512);

    for (size_t off = LAST_CODE_DWORD; off > 0; off -= 4)
        if (rd_le32(s, off) == 0)
            return off;
    return SPARE_CODE_DWORD;
}

/* Head, sector and cylinder as partition entries pack them; FE FF FF beyond the reach of CHS. */
static void put_chs(uint8_t out[3], uint64_t lba, uint16_t heads, uint16_t sectors_per_track)
{
    uint32_t per_cylinder = (uint32_t)heads * sectors_per_track, cylinder, rest;

    out[0] = 0xfe;
    out[1] = out[2] = 0xff;
    if (heads == 0 || sectors_per_track == 0 || lba >= (uint64_t)CHS_CYLINDERS * per_cylinder)
        return;
    cylinder = (uint32_t)lba / per_cylinder;
    rest = (uint32_t)lba % per_cylinder;
    out[0] = (uint8_t)(rest / sectors_per_track);
    out[1] = (uint8_t)((rest % sectors_per_track + 1) | (cylinder >> 8) << 6);
    out[2] = (uint8_t)cylinder;
}

void fakembr_put_entry(uint8_t p[MBR_ENTRY_BYTES], const struct fake_entry *e, uint16_t heads,
                       uint16_t sectors_per_track)
{
    memset(p, 0, MBR_ENTRY_BYTES);
    if (e->type == 0)
        return;
    p[0] = e->active ? 0x80 : 0;
    put_chs(p + 1, e->start, heads, sectors_per_track);
    p[4] = e->type;
    put_chs(p + 5, (uint64_t)e->start + e->sectors - (e->sectors > 0), heads, sectors_per_track);
    wr_le32(p + 8, e->start);
    wr_le32(p + 12, e->sectors);
}

void fakembr_make(const uint8_t real[512], const struct fake_entry entries[4], uint16_t heads,
                  uint16_t sectors_per_track, uint8_t out[512])
{
    size_t   off = absorbing_dword(real);
    uint32_t wanted = sum_of_dwords(real);

    memcpy(out, real, 512);
    for (size_t i = 0; i < MBR_ENTRIES; i++)
        fakembr_put_entry(out + MBR_TABLE_OFF + i * MBR_ENTRY_BYTES, &entries[i], heads, sectors_per_track);
    wr_le16(out + MBR_MAGIC_OFF, 0xaa55);
    wr_le32(out + off, rd_le32(span_of(out, 512), off) + wanted - sum_of_dwords(out));
}
