/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * disk_scan.c - one disk, from sector 0 to the head of its database.
 *
 * Facts: docs/ldm-format.md. A healthy disk costs five reads: the front (sector 0, PRIVHEAD at LBA 6, GPT), the tail
 * of the private region (PRIVHEAD, two TOCBLOCK slots), its spare PRIVHEAD, its head (two TOCBLOCK slots, VMDB), and
 * the first page of the log.
 */
#include "disk_scan.h"

#include "common/base/checked.h"
#include "common/base/mem.h"
#include "decode.h"
#include "identity.h"
#include "reader.h"

#define FRONT_BLOCKS_512  34u  /* sector 0, LBA 6, GPT header and 128 entries */
#define FRONT_BLOCKS_4096 7u
#define TAIL_BLOCKS       3u
#define HEAD_BLOCKS_512   18u  /* TOCBLOCKs at 1 and 2, VMDB at 17 */
#define HEAD_BLOCKS_4096  3u   /* TOCBLOCKs only: so many blocks to the VMDB are not worth one read */
#define KLOG_MAX_PAGES    RUN_MAX_SECTORS  /* Windows makes two */

struct disk_scan {
    struct ldm_disk  *disk;
    struct arena     *a;
    struct ldm_reader reader;
    uint32_t          unit;          /* sectors per block */
    struct sector_run front, tail, head, other;
    uint64_t          region_start, region_sectors;  /* private region: known or, before a PRIVHEAD is, supposed */
    unsigned          copies;        /* of the PRIVHEAD that agree */
    bool              conflict;      /* two valid copies of the PRIVHEAD describe different disks */
    struct tocblock   toc;
};

/* ---- small helpers */

static void note(struct disk_scan *s, enum status code, const char *what, uint64_t lba)
{
    note_add(&s->disk->notes, s->a, code, "%s, %s at sector %llu", s->disk->dev->name, what, (unsigned long long)lba);
}

/* A sector that could not be had: the disk failed, or does not reach so far. One that was not asked for: no word. */
static void note_unreadable(struct disk_scan *s, const char *what, uint64_t lba)
{
    const struct sector_run *runs[] = { &s->front, &s->tail, &s->head, &s->other };
    bool                     bad = false;

    for (size_t i = 0; i < ARRAY_LEN(runs); i++)
        bad |= run_sector_is_bad(runs[i], lba);
    if (lba >= blk_sectors(s->disk->dev))
        note(s, STATUS_READ_OUT_OF_RANGE, what, lba);
    else if (bad)
        note(s, s->reader.last_error, what, lba);
}

static bool is_blank(struct span sector)
{
    for (size_t i = 0; i < sector.len; i++)
        if (rd_u8(sector, i))
            return false;
    return true;
}

/* A sector from what has been read already, else from the disk. Empty when it is unreadable. */
static struct span sector_at(struct disk_scan *s, uint64_t lba)
{
    const struct sector_run *runs[] = { &s->front, &s->tail, &s->head, &s->other };

    for (size_t i = 0; i < ARRAY_LEN(runs); i++)
        if (lba >= runs[i]->first && lba - runs[i]->first < runs[i]->count)
            return run_sector(runs[i], lba);
    run_read(&s->reader, lba, s->unit, &s->other);
    return run_sector(&s->other, lba);
}

static bool take_buffers(struct disk_scan *s)
{
    struct sector_run *runs[] = { &s->front, &s->tail, &s->head, &s->other };

    for (size_t i = 0; i < ARRAY_LEN(runs); i++) {
        runs[i]->bytes = arena_borrow(s->a, RUN_MAX_SECTORS * SECTOR_BYTES);
        if (!runs[i]->bytes)
            return false;
    }
    return true;
}

/* ---- PRIVHEAD */

/* A copy outside LBA 6 must lie where it says itself that copies are, and on GPT disks in the metadata partition. */
static bool copy_in_place(const struct disk_scan *s, const struct ldm_privhead *p, uint64_t lba)
{
    bool gpt = s->disk->table == TABLE_GPT;

    if (!gpt && lba == (uint64_t)LDM_PRIVHEAD_LBA * s->unit)
        return true;
    return !(gpt && p->private_start != s->region_start) && privhead_is_at(p, lba);
}

/* Look at one place; keep the copy when it is better than what we have. */
static void consider_privhead(struct disk_scan *s, uint64_t lba)
{
    struct ldm_disk    *d = s->disk;
    struct span         sector = sector_at(s, lba);
    struct ldm_privhead p;
    enum status         st;

    if (sector.len == 0) {
        note_unreadable(s, "PRIVHEAD", lba);
        return;
    }
    st = privhead_decode(sector, d->dev->block_size, &p);
    if (st == STATUS_OK && !copy_in_place(s, &p, lba))
        st = STATUS_PRIVHEAD_FOREIGN;
    if (st == STATUS_OK)
        identity_add(d, &p);
    if (st == STATUS_OK && d->has_privhead && !privhead_same_disk(&p, &d->privhead)) {
        st = STATUS_PRIVHEAD_FOREIGN;
        s->conflict = true;
    }
    if (st != STATUS_OK) {
        note(s, st, "PRIVHEAD", lba);
        return;
    }
    s->copies++;
    if (d->has_privhead && p.update_sequence <= d->privhead.update_sequence)
        return;
    d->has_privhead = true;
    d->privhead = p;
    d->privhead.found_lba = lba;
    s->region_start = p.private_start;
    s->region_sectors = p.private_sectors;
}

/*
 * On blocks of 4096 bytes the usual places are inferred: whether the region has as many bytes as on others or as many
 * blocks was not seen. Every block of its last megabyte is looked at.
 */
static void search_last_megabyte(struct disk_scan *s)
{
    uint32_t sectors = LDM_REGION_BYTES / SECTOR_BYTES, step = RUN_MAX_SECTORS;
    uint64_t end = s->region_start + s->region_sectors;

    if (sectors > s->region_sectors)
        sectors = (uint32_t)s->region_sectors;
    for (uint32_t left = sectors; left > 0; left -= step) {
        step = left < RUN_MAX_SECTORS ? left : RUN_MAX_SECTORS;
        run_read(&s->reader, end - left, step, &s->other);
        for (uint32_t i = 0; i < step; i += s->unit)
            if (span_starts_with(run_sector(&s->other, end - left + i), PRIVHEAD_MAGIC, 8))
                consider_privhead(s, end - left + i);
    }
}

/* The two copies in the private region: where a copy that was found says, else in the usual places. */
static void consider_region_copies(struct disk_scan *s)
{
    const struct ldm_disk *d = s->disk;
    uint64_t               tail = (uint64_t)TAIL_BLOCKS * s->unit, primary, secondary;

    if (s->region_sectors < tail)
        return;
    run_read(&s->reader, s->region_start + s->region_sectors - tail, (uint32_t)tail, &s->tail);
    primary = d->has_privhead ? d->privhead.copy_start[0] : s->region_sectors - s->unit;
    if (primary < s->region_sectors)
        consider_privhead(s, s->region_start + primary);
    secondary = d->has_privhead ? d->privhead.copy_start[1] : (uint64_t)LDM_PRIVHEAD_SECONDARY * s->unit;
    if (secondary < s->region_sectors)
        consider_privhead(s, s->region_start + secondary);
    if (!d->has_privhead && s->unit > 1)
        search_last_megabyte(s);
}

/* Look for identities wherever they may be left, whatever the partition table says. */
static void search_identities(struct disk_scan *s)
{
    identity_search(s->disk, &(struct identity_reader){ &s->reader, &s->front, &s->other }, s->a);
}

/*
 * The first sectors of another disk, copied over this one's, bring a PRIVHEAD that no copy in the region that it
 * names confirms. This disk's own ones are at its end.
 */
static void distrust_lone_copy(struct disk_scan *s)
{
    struct ldm_disk *d = s->disk;
    struct guid      named = d->privhead.disk_guid;

    if (s->copies != 1 || d->privhead.found_lba != (uint64_t)LDM_PRIVHEAD_LBA * s->unit)
        return;
    search_identities(s);
    for (size_t i = 0; i < d->identity_count; i++)
        s->conflict |= !guid_equal(&d->identities[i].disk_guid, &named);
}

/*
 * Was the first copy written where the disk with the other block size has it? Then nothing of the metadata is where it is
 * looked for: the disk was moved between controllers, or into a case, that show other blocks.
 */
static bool written_for_other_blocks(struct disk_scan *s)
{
    uint64_t there = LDM_PRIVHEAD_LBA * (s->unit == 1 ? PHYSICAL_SECTORS : 1);

    return !s->disk->has_privhead && span_starts_with(sector_at(s, there), "PRIVHEAD", 8);
}

static enum status find_privhead(struct disk_scan *s)
{
    struct ldm_disk *d = s->disk;

    consider_region_copies(s);
    if (d->has_privhead)
        distrust_lone_copy(s);
    if (d->table == TABLE_MBR && written_for_other_blocks(s)) {
        d->notes = (struct note_list){ 0 };  /* of places where nothing can be */
        return STATUS_PRIVHEAD_BLOCK_SIZE;
    }
    if (!d->has_privhead)
        return s->front.good || s->tail.good ? STATUS_PRIVHEAD_NONE : STATUS_READ_FAILED;
    if (!range_inside(s->region_start, s->region_sectors, blk_sectors(d->dev)))
        note(s, STATUS_DISK_CLIPPED, "private region", s->region_start);
    return s->conflict ? STATUS_PRIVHEAD_CONFLICT : STATUS_OK;
}

/* ---- partition tables */

static enum status use_gpt(struct disk_scan *s)
{
    struct ldm_disk        *d = s->disk;
    const struct gpt_entry *entry;
    enum status             st;

    st = gpt_read(d->dev, s->front.bytes, s->front.good ? s->front.count / s->unit : 0, s->a, &d->gpt);
    if (st != STATUS_OK)
        return st;
    d->table = TABLE_GPT;
    if (d->gpt.from_backup)
        note_add(&d->notes, s->a, STATUS_GPT_BAD_PRIMARY, "%s", d->dev->name);
    entry = gpt_find_type(&d->gpt, &gpt_type_ldm_metadata);
    if (!entry)
        return gpt_find_type(&d->gpt, &gpt_type_ldm_data) ? STATUS_GPT_NO_METADATA : STATUS_NOT_DYNAMIC;
    if (!range_inside(entry->start, entry->blocks, d->dev->block_count))
        return STATUS_DISK_CLIPPED;
    s->region_start = entry->start * s->unit;
    s->region_sectors = entry->blocks * s->unit;
    return find_privhead(s);
}

/* On MBR disks the private region is where the copy at LBA 6 says; without that copy, at the end of the disk. */
static enum status use_mbr(struct disk_scan *s)
{
    uint64_t usual = (uint64_t)LDM_REGION_BLOCKS * s->unit, sectors = blk_sectors(s->disk->dev);

    s->region_sectors = sectors < usual ? sectors : usual;
    s->region_start = sectors - s->region_sectors;
    consider_privhead(s, (uint64_t)LDM_PRIVHEAD_LBA * s->unit);
    return find_privhead(s);
}

static bool privhead_at_lba6(struct disk_scan *s)
{
    struct ldm_privhead p;
    struct span         sector = run_sector(&s->front, (uint64_t)LDM_PRIVHEAD_LBA * s->unit);

    return privhead_decode(sector, s->disk->dev->block_size, &p) == STATUS_OK;
}

/* Sector 0 says nothing: blank, damaged or unreadable (docs/ldm-format.md, "Where to look"). */
static enum status use_metadata_alone(struct disk_scan *s)
{
    struct ldm_disk *d = s->disk;
    enum status      st;

    if (privhead_at_lba6(s)) {
        note_add(&d->notes, s->a, STATUS_TABLE_LOST, "%s", d->dev->name);
        return use_mbr(s);
    }
    st = use_gpt(s);
    if (st == STATUS_OK)
        note_add(&d->notes, s->a, STATUS_TABLE_LOST, "%s", d->dev->name);
    if (st != STATUS_GPT_BAD_BOTH)
        return st;
    if (!d->has_sector0)  /* it may hide a dynamic disk */
        return use_mbr(s);
    search_identities(s);
    if (d->identity_count == 0)
        return STATUS_NOT_DYNAMIC;  /* a blank disk */
    note_add(&d->notes, s->a, STATUS_TABLE_LOST, "%s", d->dev->name);
    d->front_lost = true;
    return use_mbr(s);
}

/* Windows takes it for a basic disk, too; but whose it was matters to the other disks (group.c). */
static enum status use_basic_table(struct disk_scan *s)
{
    struct ldm_disk *d = s->disk;

    search_identities(s);
    if (d->identity_count > 0)
        note_add(&d->notes, s->a, STATUS_PRIVHEAD_LEFTOVER, "%s", d->dev->name);
    return STATUS_NOT_DYNAMIC;
}

static bool has_entries(const struct mbr *mbr)
{
    for (size_t i = 0; i < MBR_ENTRIES; i++)
        if (mbr->entries[i].type)
            return true;
    return false;
}

/* A dynamic disk has none; but someone may have made one at a volume, to get at it (judge.c). */
static bool read_logical_drives(struct disk_scan *s)
{
    struct ldm_disk *d = s->disk;
    bool             any = false;

    for (size_t i = 0; i < MBR_ENTRIES; i++)
        any |= mbr_type_is_extended(d->mbr.entries[i].type);
    if (!any)
        return true;
    d->logical = arena_alloc(s->a, sizeof *d->logical);
    if (d->logical)
        logical_drives_read(d->dev, &d->mbr, d->logical);
    return d->logical;
}

static enum status use_table(struct disk_scan *s)
{
    struct ldm_disk *d = s->disk;
    struct span      sector0 = run_sector(&s->front, 0);

    if (span_copy(sector0, 0, d->sector0, sizeof d->sector0)) {
        d->has_sector0 = true;
        d->mbr = mbr_parse(sector0);
    }
    if (!d->mbr.valid || !has_entries(&d->mbr))
        return use_metadata_alone(s);
    if (mbr_has_type(&d->mbr, MBR_TYPE_LDM)) {
        d->table = TABLE_MBR;
        return read_logical_drives(s) ? use_mbr(s) : STATUS_NO_MEMORY;
    }
    if (mbr_has_type(&d->mbr, MBR_TYPE_PROTECTIVE)) {
        enum status st;

        d->table = TABLE_GPT;
        st = use_gpt(s);
        return st == STATUS_NOT_DYNAMIC ? use_basic_table(s) : st;
    }
    d->table = TABLE_MBR;
    return use_basic_table(s);
}

/* ---- TOCBLOCK */

/* `named`: PRIVHEAD points here. A blank slot elsewhere is no damage: only one pair need be in use. */
static void consider_toc(struct disk_scan *s, uint64_t start, bool named, bool *found)
{
    uint64_t        lba = s->region_start + start;
    struct span     sector;
    struct tocblock toc;
    enum status     st;

    if (start >= s->region_sectors)
        return;
    sector = sector_at(s, lba);
    if (sector.len == 0) {
        note_unreadable(s, "TOCBLOCK", lba);
        return;
    }
    if (!named && is_blank(sector))
        return;
    st = tocblock_decode(sector, s->disk->dev->block_size, s->region_sectors, &toc);
    if (st != STATUS_OK) {
        note(s, st, "TOCBLOCK", lba);
        return;
    }
    if (*found && toc.sequence <= s->toc.sequence)
        return;
    s->toc = toc;
    *found = true;
}

/* A region may begin in the second slot, when only the first of the pair is in use (on blocks of 4096 bytes). */
static bool in_regions(const struct tocblock *toc, uint64_t start)
{
    return (toc->config.exists && start >= toc->config.start && start - toc->config.start < toc->config.sectors)
        || (toc->log.exists && start >= toc->log.start && start - toc->log.start < toc->log.sectors);
}

/* Both slots at both ends of the region, and wherever PRIVHEAD points. */
static enum status find_toc(struct disk_scan *s)
{
    const struct ldm_privhead *p = &s->disk->privhead;
    uint64_t slots[] = { p->toc_start[0], p->toc_start[1], s->unit, 2ull * s->unit,
                         s->region_sectors - 3ull * s->unit, s->region_sectors - 2ull * s->unit };
    bool     found = false;

    if (s->region_sectors < 4ull * s->unit)
        return STATUS_TOC_NONE;
    run_read(&s->reader, s->region_start, (s->unit == 1 ? HEAD_BLOCKS_512 : HEAD_BLOCKS_4096) * s->unit, &s->head);
    for (size_t i = 0; i < ARRAY_LEN(slots); i++)
        if (i < 2 || (slots[i] != slots[0] && slots[i] != slots[1] && !(found && in_regions(&s->toc, slots[i]))))
            consider_toc(s, slots[i], i < 2, &found);
    if (!found)
        return range_inside(s->region_start, s->region_sectors, blk_sectors(s->disk->dev)) ? STATUS_TOC_NONE
                                                                                           : STATUS_DISK_CLIPPED;
    if (!s->toc.config.exists || (s->toc.config.flags & (TOC_DELETED | TOC_DISABLED)))
        return STATUS_TOC_NO_CONFIG;
    return STATUS_OK;
}

/* ---- VMDB, KLOG */

static enum status read_vmdb(struct disk_scan *s)
{
    struct ldm_disk *d = s->disk;
    struct ldm_vmdb  vmdb;
    struct span      sector;

    d->config_lba = s->region_start + s->toc.config.start;
    d->config_sectors = s->toc.config.sectors;
    sector = sector_at(s, d->config_lba);
    if (sector.len == 0)
        note_unreadable(s, "VMDB", d->config_lba);
    TRY(vmdb_decode(sector, d->config_sectors, &vmdb));
    if (!guid_equal(&vmdb.group_guid, &d->privhead.group_guid))
        return STATUS_VMDB_OTHER_GROUP;
    d->vmdb = vmdb;
    d->has_vmdb = true;
    return STATUS_OK;
}

/* Pages one after the other until one is ended; `entries` has room for those of `run`'s pages. */
static enum status klog_pages(struct disk_scan *s, struct sector_run *run, struct klog_entry *entries, size_t *count)
{
    uint64_t         lba = s->region_start + s->toc.log.start, log_id = 0;
    struct klog_page page;

    run_read(&s->reader, lba, s->unit, run);
    for (uint32_t i = 0; i < KLOG_MAX_PAGES; i++) {
        if (i == s->unit)  /* the log goes on: now all of it in one read */
            run_read(&s->reader, lba, KLOG_MAX_PAGES, run);
        TRY(klog_page_decode(run_sector(run, lba + i), i, &page));
        if (i == 0)
            log_id = page.id;
        if (page.id != log_id || page.pages > s->toc.log.sectors)
            return STATUS_KLOG_BAD;
        memcpy(entries + *count, page.entries, page.count * sizeof *entries);
        *count += page.count;
        if (page.ended || i + 1 == page.pages)
            return STATUS_OK;
    }
    return STATUS_KLOG_BAD;
}

static enum status read_klog(struct disk_scan *s)
{
    struct ldm_disk   *d = s->disk;
    struct klog_entry *entries = arena_borrow(s->a, sizeof *entries * KLOG_MAX_PAGES * KLOG_ENTRIES_PER_PAGE);
    size_t             count = 0;

    if (!entries)
        return STATUS_NO_MEMORY;
    if (!s->toc.log.exists || klog_pages(s, &s->other, entries, &count) != STATUS_OK) {
        d->klog_bad = true;
        note(s, STATUS_KLOG_BAD, "KLOG", s->region_start + s->toc.log.start);
        return STATUS_OK;
    }
    d->klog = arena_array(s->a, count, sizeof *entries);
    if (!d->klog)
        return STATUS_NO_MEMORY;
    memcpy(d->klog, entries, count * sizeof *entries);
    klog_sort(d->klog, count);
    d->klog_count = count;
    return STATUS_OK;
}

/* ---- the whole */

static enum status read_metadata(struct disk_scan *s)
{
    struct block_device *dev = s->disk->dev;

    if (dev->block_size != 512 && dev->block_size != 4096)
        return STATUS_BAD_BLOCK_SIZE;
    s->unit = dev->block_size / SECTOR_BYTES;
    run_read(&s->reader, 0, (s->unit == 1 ? FRONT_BLOCKS_512 : FRONT_BLOCKS_4096) * s->unit, &s->front);
    TRY(use_table(s));
    TRY(find_toc(s));
    TRY(read_vmdb(s));
    return read_klog(s);
}

/* A disk that was given up: that is the reason for all that is missing, and what it answered before is said too. */
static enum status after_giving_up(struct disk_scan *s, enum status st)
{
    struct ldm_disk *d = s->disk;
    enum status      given_up = d->dev->given_up;

    if (given_up == STATUS_OK)
        return st;
    if (!d->dev->trouble.delivered && s->reader.last_error != STATUS_OK)
        note_add(&d->notes, s->a, s->reader.last_error, "%s, wherever it was read", d->dev->name);
    if (st != STATUS_OK && st != STATUS_NOT_DYNAMIC)
        return given_up;
    note_add(&d->notes, s->a, given_up, "%s", d->dev->name);
    return st;
}

static enum status scan_with_buffers(struct disk_scan *s)
{
    struct ldm_disk *d = s->disk;
    enum status      st;

    if (!take_buffers(s))
        return STATUS_NO_MEMORY;
    st = read_metadata(s);
    if (st == STATUS_NO_MEMORY)
        return st;
    st = after_giving_up(s, st);
    if (st != STATUS_OK && st != STATUS_NOT_DYNAMIC)
        note_add(&d->notes, s->a, st, "%s", d->dev->name);
    d->status = st;
    return STATUS_OK;
}

enum status disk_scan(struct block_device *dev, struct arena *a, struct ldm_disk *disk)
{
    struct disk_scan s = { .disk = disk, .a = a, .reader = { .dev = dev } };
    size_t           end = arena_end(a);
    enum status      st;

    *disk = (struct ldm_disk){ .dev = dev };
    st = scan_with_buffers(&s);
    arena_give_back(a, end);
    return st;
}
