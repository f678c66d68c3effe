/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vmdb.c - VMDB: the head of the database; how many records are committed, and since which transaction.
 *
 * Facts: docs/ldm-format.md, "VMDB". No checksum covers it.
 */
#include "common/base/checked.h"
#include "common/base/mem.h"
#include "decode.h"

static void rd_counts(struct span s, size_t off, uint32_t out[4])
{
    for (size_t i = 0; i < 4; i++)
        out[i] = rd_be32(s, off + 4 * i);
}

/* The slots hold a whole number of records, begin behind the head, and fit in the region. */
static bool slots_sane(const struct ldm_vmdb *v, uint64_t config_sectors)
{
    uint64_t bytes;

    if (v->first_vblk_bytes < VMDB_HEAD_BYTES || v->first_vblk_bytes % SLOT_BYTES != 0)
        return false;
    if (v->slot_count <= v->first_vblk_bytes / SLOT_BYTES || !mul_u64(v->slot_count, SLOT_BYTES, &bytes))
        return false;
    return bytes / SECTOR_BYTES <= config_sectors;
}

static bool counts_sane(const struct ldm_vmdb *v)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < 4; i++)
        sum += v->committed_counts[i];
    return sum <= vmdb_vblk_slots(v);
}

/*
 * Once COMMIT is written the change is decided: Windows carries it through, and its records and counts are the database.
 * Every database counts the disk that it is on: without that the pending counts were never filled in.
 */
static void roll_forward(struct ldm_vmdb *v)
{
    v->rolled_forward = v->status == VMDB_COMMIT && v->pending >= v->committed && v->pending_counts[VBLK_DISK] > 0;
    if (!v->rolled_forward)
        return;
    v->committed = v->pending;
    memcpy(v->committed_counts, v->pending_counts, sizeof v->committed_counts);
}

enum status vmdb_decode(struct span sector, uint64_t config_sectors, struct ldm_vmdb *out)
{
    struct ldm_vmdb v = {
        .status = rd_be16(sector, VMDB_UPDATE_STATUS),
        .slot_count = rd_be32(sector, VMDB_SLOTS),
        .vblk_bytes = rd_be32(sector, VMDB_VBLK_BYTES),
        .first_vblk_bytes = rd_be32(sector, VMDB_FIRST_VBLK),
        .version_major = rd_be16(sector, VMDB_VERSION_MAJOR),
        .version_minor = rd_be16(sector, VMDB_VERSION_MINOR),
        .committed = rd_be64(sector, VMDB_COMMITTED),
        .pending = rd_be64(sector, VMDB_PENDING),
    };

    if (sector.len != SECTOR_BYTES || !span_starts_with(sector, VMDB_MAGIC, 4))
        return STATUS_VMDB_BAD;
    if (v.version_major != VMDB_MAJOR || v.vblk_bytes != SLOT_BYTES || v.slot_count > VMDB_MAX_SLOTS)
        return STATUS_VMDB_UNSUPPORTED;
    if (!guid_parse(span_sub(sector, VMDB_GROUP_GUID, LDM_GUID_TEXT), &v.group_guid))
        return STATUS_VMDB_BAD;
    ldm_text(sector, VMDB_GROUP_NAME, LDM_GROUP_NAME, v.group_name, sizeof v.group_name);
    rd_counts(sector, VMDB_COMMITTED_COUNTS, v.committed_counts);
    rd_counts(sector, VMDB_PENDING_COUNTS, v.pending_counts);
    roll_forward(&v);
    if (!slots_sane(&v, config_sectors) || !counts_sane(&v))
        return STATUS_VMDB_BAD;
    *out = v;
    return STATUS_OK;
}

uint32_t vmdb_vblk_slots(const struct ldm_vmdb *vmdb)
{
    return vmdb->slot_count - vmdb->first_vblk_bytes / SLOT_BYTES;
}

uint32_t vmdb_committed_records(const struct ldm_vmdb *vmdb)
{
    return vmdb->committed_counts[0] + vmdb->committed_counts[1] + vmdb->committed_counts[2]
         + vmdb->committed_counts[3];
}
