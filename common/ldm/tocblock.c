/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tocblock.c - TOCBLOCK: where in the private region the database and the log are.
 *
 * Facts: docs/ldm-format.md, "TOCBLOCK".
 */
#include "common/base/checked.h"
#include "decode.h"

static bool region_named(struct span entry, const char *name, size_t len)
{
    return span_starts_with(entry, name, len) && rd_u8(entry, len) == 0;
}

static bool region_decode(struct span entry, uint32_t block_bytes, uint64_t private_sectors, struct toc_region *out)
{
    uint32_t          scale = block_bytes / SECTOR_BYTES;
    struct toc_region r = { .exists = true, .flags = rd_be16(entry, TOC_REGION_FLAGS) };

    if (!mul_u64(rd_be64(entry, TOC_REGION_START), scale, &r.start)
        || !mul_u64(rd_be64(entry, TOC_REGION_SIZE), scale, &r.sectors)
        || !r.sectors || !range_inside(r.start, r.sectors, private_sectors))
        return false;
    *out = r;
    return true;
}

/* Regions come in any order; the first of a name counts. */
static bool regions_decode(struct span sector, uint32_t block_bytes, uint64_t private_sectors, struct tocblock *t)
{
    for (size_t i = 0; i < TOC_MAX_REGIONS; i++) {
        struct span        entry = span_sub(sector, TOC_REGIONS + i * TOC_REGION_BYTES, TOC_REGION_BYTES);
        struct toc_region *region = NULL;

        if (region_named(entry, "config", 6))
            region = &t->config;
        else if (region_named(entry, "log", 3))
            region = &t->log;
        if (!region || region->exists || (rd_be16(entry, TOC_REGION_FLAGS) & TOC_NOT_THERE))
            continue;
        if (!region_decode(entry, block_bytes, private_sectors, region))
            return false;
    }
    return true;
}

enum status tocblock_decode(struct span sector, uint32_t block_bytes, uint64_t private_sectors, struct tocblock *out)
{
    struct tocblock t = { .sequence = rd_be64(sector, TOC_SEQUENCE) };

    if (sector.len != SECTOR_BYTES || !span_starts_with(sector, TOC_MAGIC, 8))
        return STATUS_TOC_BAD;
    if (ldm_checksum(sector, TOC_CHECKSUM) != rd_be32(sector, TOC_CHECKSUM))
        return STATUS_TOC_CHECKSUM;
    if (!regions_decode(sector, block_bytes, private_sectors, &t))
        return STATUS_TOC_BAD;
    *out = t;
    return STATUS_OK;
}
