/* SPDX-License-Identifier: GPL-2.0-or-later */
/* identity.c - copies of the PRIVHEAD wherever they may be left (docs/ldm-format.md, "Where to look"). */
#include "identity.h"

#include "decode.h"

#define MAX_REGIONS       16  /* that are looked at on one disk: two reads each */
#define GPT_HEAD_512      34u /* blocks before the first that a partition can have, with 128 entries */
#define GPT_HEAD_4096     6u

struct search {
    struct ldm_disk              *disk;
    const struct identity_reader *r;
    uint32_t                      unit;      /* sectors per block */
    bool                          gpt_seen;  /* the header of one is at this end or the other */
    uint64_t                      ends[MAX_REGIONS];  /* of the regions that were looked at */
    unsigned                      regions;
};

/* Blocks before the first that a partition of a GPT can have. */
static uint64_t gpt_head(const struct search *s) { return s->unit == 1 ? GPT_HEAD_512 : GPT_HEAD_4096; }

void identity_add(struct ldm_disk *disk, const struct ldm_privhead *copy)
{
    for (size_t i = 0; i < disk->identity_count; i++)
        if (guid_equal(&disk->identities[i].disk_guid, &copy->disk_guid)
            && guid_equal(&disk->identities[i].group_guid, &copy->group_guid))
            return;
    if (disk->identity_count < LDM_MAX_IDENTITIES)
        disk->identities[disk->identity_count++] = (struct ldm_identity){ copy->disk_guid, copy->group_guid };
}

static void look(struct search *s, struct span sector, uint64_t lba)
{
    struct ldm_privhead p;

    if (privhead_decode(sector, s->disk->dev->block_size, &p) != STATUS_OK)
        return;
    if (lba == (uint64_t)LDM_PRIVHEAD_LBA * s->unit || privhead_is_at(&p, lba))
        identity_add(s->disk, &p);
}

static void look_at(struct search *s, uint64_t lba)
{
    run_read(s->r->reader, lba, s->unit, s->r->scratch);
    s->gpt_seen |= span_starts_with(run_sector(s->r->scratch, lba), "EFI PART", 8);
    look(s, run_sector(s->r->scratch, lba), lba);
}

/* The two copies of a private region that ends at sector `end`. */
static void look_in_region(struct search *s, uint64_t end)
{
    uint64_t region = (uint64_t)LDM_REGION_BLOCKS * s->unit;

    for (unsigned i = 0; i < s->regions; i++)
        if (s->ends[i] == end)  /* the gap at the end of a disk, for one */
            return;
    if (end < region || s->regions == MAX_REGIONS)
        return;
    s->ends[s->regions++] = end;
    look_at(s, end - s->unit);
    look_at(s, end - region + (uint64_t)LDM_PRIVHEAD_SECONDARY * s->unit);
}

static bool may_be_metadata(const struct gpt_entry *e)
{
    return e->blocks == LDM_REGION_BLOCKS || guid_equal(&e->type, &gpt_type_ldm_metadata);
}

/* How many blocks from `block` on no partition has, up to `limit`; 0: it is in one. */
static uint64_t free_from(const struct gpt *gpt, uint64_t block, uint64_t limit)
{
    uint64_t next = limit;

    for (size_t i = 0; i < gpt->count; i++) {
        const struct gpt_entry *e = &gpt->entries[i];

        if (block >= e->start && block - e->start < e->blocks)
            return 0;
        if (e->start > block && e->start < next)
            next = e->start;
    }
    return next > block ? next - block : 0;
}

/*
 * The metadata partition was a megabyte, cut out of the reserved partition or beside it; where its entry was deleted, it is
 * at one of the ends of a gap. Tables as they are made have no gap that large but at the end of the disk.
 */
static void look_in_gap(struct search *s, const struct gpt *gpt, uint64_t block)
{
    uint64_t blocks = free_from(gpt, block, s->disk->dev->block_count);

    if (blocks >= LDM_REGION_BLOCKS)
        look_in_region(s, (block + LDM_REGION_BLOCKS) * s->unit);
    if (blocks > LDM_REGION_BLOCKS)
        look_in_region(s, (block + blocks) * s->unit);
}

/* The entries of a GPT, also of one that the protective entry in sector 0 is gone of, and the gaps between them. */
static void look_in_partitions(struct search *s, const struct gpt *gpt)
{
    uint64_t head = gpt_head(s);

    for (size_t i = 0; i < gpt->count; i++) {
        const struct gpt_entry *e = &gpt->entries[i];

        if (may_be_metadata(e) && range_inside(e->start, e->blocks, s->disk->dev->block_count))
            look_in_region(s, (e->start + e->blocks) * s->unit);
        if (guid_equal(&e->type, &gpt_type_reserved) && e->blocks > LDM_REGION_BLOCKS && e->start > head
            && range_inside(e->start, e->blocks, s->disk->dev->block_count)) {  /* given back what was cut out of it */
            look_in_region(s, (e->start + LDM_REGION_BLOCKS) * s->unit);
            look_in_region(s, (e->start + e->blocks) * s->unit);
        }
    }
    look_in_region(s, (head + LDM_REGION_BLOCKS) * s->unit);  /* whoever has it now: Windows puts a reserved partition there */
    look_in_gap(s, gpt, head);
    for (size_t i = 0; i < gpt->count; i++) {
        const struct gpt_entry *e = &gpt->entries[i];

        if (e->blocks > 0 && range_inside(e->start, e->blocks, s->disk->dev->block_count))
            look_in_gap(s, gpt, e->start + e->blocks);
    }
}

static void look_in_hidden_gpt(struct search *s, struct arena *a)
{
    const struct sector_run *front = s->r->front;
    size_t                   mark = arena_mark(a);
    struct gpt               gpt;

    if (gpt_read(s->disk->dev, front->bytes, front->good ? front->count / s->unit : 0, a, &gpt) == STATUS_OK)
        look_in_partitions(s, &gpt);
    arena_release(a, mark);
}

void identity_search(struct ldm_disk *disk, const struct identity_reader *r, struct arena *a)
{
    struct search s = { .disk = disk, .r = r, .unit = disk->dev->block_size / SECTOR_BYTES };
    uint64_t      lba6 = (uint64_t)LDM_PRIVHEAD_LBA * s.unit;

    look(&s, run_sector(r->front, lba6), lba6);
    look_in_region(&s, blk_sectors(disk->dev));  /* a GPT disk, too: it may have been an MBR one, and a copy is left */
    if (disk->table == TABLE_GPT) {
        look_in_partitions(&s, &disk->gpt);
        return;
    }
    s.gpt_seen |= span_starts_with(run_sector(r->front, s.unit), "EFI PART", 8);
    if (s.gpt_seen)  /* without one, reading it costs two reads more */
        look_in_hidden_gpt(&s, a);
    else  /* the disk may have been a GPT one, whose tables were wiped when it got an MBR */
        look_in_region(&s, (gpt_head(&s) + LDM_REGION_BLOCKS) * s.unit);
}
