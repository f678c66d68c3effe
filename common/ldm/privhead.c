/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * privhead.c - PRIVHEAD: who a dynamic disk is, and where its regions are.
 *
 * Facts: docs/ldm-format.md, "PRIVHEAD".
 */
#include "common/base/checked.h"
#include "decode.h"

uint32_t ldm_checksum(struct span sector, size_t checksum_off)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < sector.len; i++)
        if (i < checksum_off || i >= checksum_off + 4)
            sum += rd_u8(sector, i);
    return sum;
}

void ldm_text(struct span s, size_t off, size_t len, char *out, size_t size)
{
    size_t n = 0;

    while (n < len && n + 1 < size && rd_u8(s, off + n) != 0) {
        out[n] = (char)rd_u8(s, off + n);
        n++;
    }
    out[n] = '\0';
}

static bool text_guid(struct span s, size_t off, struct guid *out)
{
    return guid_parse(span_sub(s, off, LDM_GUID_TEXT), out) && !guid_is_zero(out);
}

/* A 64-bit count of blocks, in sectors. */
static bool rd_blocks(struct span s, size_t off, uint32_t block_bytes, uint64_t *sectors)
{
    return mul_u64(rd_be64(s, off), block_bytes / SECTOR_BYTES, sectors);
}

static bool decode_identity(struct span s, struct ldm_privhead *p)
{
    p->version_major = rd_be16(s, PRIVHEAD_VERSION_MAJOR);
    p->version_minor = rd_be16(s, PRIVHEAD_VERSION_MINOR);
    p->update_time = rd_be64(s, PRIVHEAD_UPDATE_TIME);
    p->update_sequence = rd_be64(s, PRIVHEAD_UPDATE_SEQUENCE);
    p->block_bytes = rd_be32(s, PRIVHEAD_BLOCK_BYTES);
    p->flags = rd_be32(s, PRIVHEAD_FLAGS);
    ldm_text(s, PRIVHEAD_GROUP_NAME, LDM_GROUP_NAME, p->group_name, sizeof p->group_name);
    if (!text_guid(s, PRIVHEAD_HOST_GUID, &p->host_guid))
        p->host_guid = (struct guid){ { 0 } };  /* not needed to find anything */
    return text_guid(s, PRIVHEAD_DISK_GUID, &p->disk_guid) && text_guid(s, PRIVHEAD_GROUP_GUID, &p->group_guid);
}

static bool decode_layout(struct span s, uint32_t block_bytes, struct ldm_privhead *p)
{
    return rd_blocks(s, PRIVHEAD_PUBLIC_START, block_bytes, &p->public_start)
        && rd_blocks(s, PRIVHEAD_PUBLIC_SIZE, block_bytes, &p->public_sectors)
        && rd_blocks(s, PRIVHEAD_PRIVATE_START, block_bytes, &p->private_start)
        && rd_blocks(s, PRIVHEAD_PRIVATE_SIZE, block_bytes, &p->private_sectors)
        && rd_blocks(s, PRIVHEAD_PRIMARY, block_bytes, &p->copy_start[0])
        && rd_blocks(s, PRIVHEAD_SECONDARY, block_bytes, &p->copy_start[1])
        && rd_blocks(s, PRIVHEAD_TOC_PRIMARY, block_bytes, &p->toc_start[0])
        && rd_blocks(s, PRIVHEAD_TOC_SECONDARY, block_bytes, &p->toc_start[1]);
}

/* Both regions exist and end below 2^64, and neither reaches into the other. */
static bool layout_sane(const struct ldm_privhead *p)
{
    uint64_t public_end, private_end;

    if (!p->public_sectors || !p->private_sectors
        || !add_u64(p->public_start, p->public_sectors, &public_end)
        || !add_u64(p->private_start, p->private_sectors, &private_end))
        return false;
    return public_end <= p->private_start || private_end <= p->public_start;
}

enum status privhead_decode(struct span sector, uint32_t block_bytes, struct ldm_privhead *out)
{
    struct ldm_privhead p = { 0 };
    bool                identity;

    if (sector.len != SECTOR_BYTES || !span_starts_with(sector, PRIVHEAD_MAGIC, 8))
        return STATUS_PRIVHEAD_BAD;
    if (ldm_checksum(sector, PRIVHEAD_CHECKSUM) != rd_be32(sector, PRIVHEAD_CHECKSUM))
        return STATUS_PRIVHEAD_CHECKSUM;
    identity = decode_identity(sector, &p);
    if (p.version_major != PRIVHEAD_MAJOR)
        return STATUS_PRIVHEAD_VERSION;
    if (p.block_bytes != block_bytes)
        return STATUS_PRIVHEAD_BLOCK_SIZE;
    if (!identity || !decode_layout(sector, block_bytes, &p) || !layout_sane(&p))
        return STATUS_PRIVHEAD_BAD;
    *out = p;
    return STATUS_OK;
}

bool privhead_is_at(const struct ldm_privhead *p, uint64_t lba)
{
    return lba >= p->private_start
        && (lba - p->private_start == p->copy_start[0] || lba - p->private_start == p->copy_start[1]);
}

bool privhead_same_disk(const struct ldm_privhead *a, const struct ldm_privhead *b)
{
    return guid_equal(&a->disk_guid, &b->disk_guid) && guid_equal(&a->group_guid, &b->group_guid)
        && a->public_start == b->public_start && a->public_sectors == b->public_sectors
        && a->private_start == b->private_start && a->private_sectors == b->private_sectors;
}
