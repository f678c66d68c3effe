/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * database.c - from VBLK slots to records: chunks of the config region are read,
 * fragments joined, committed records kept, until the counts of the VMDB are met.
 *
 * Facts: docs/ldm-format.md, "VMDB" and "VBLK".
 */
#include "database.h"

#include "common/base/mem.h"
#include "common/base/sort.h"
#include "reader.h"

#define SLOTS_PER_SECTOR (SECTOR_BYTES / SLOT_BYTES)
#define MAX_KEPT_SECTORS 2048u  /* with slots in use: as many as blocks of 512 bytes can have; Windows fills a fraction */
#define BUCKETS          1024u
#define NO_FRAGMENT      UINT32_MAX

/* A slot that is part of a longer record; chained by its group number. */
struct fragment {
    struct vblk_slot slot;
    uint32_t         next;
};

struct db_reader {
    struct database  *db;
    struct arena     *a;
    struct ldm_reader reader;
    uint32_t          slots;       /* VBLK slots of the database */
    uint32_t          skip_slots;  /* in the buffer before the first VBLK */
    uint64_t          first_lba;   /* of the sectors that hold the slots */
    uint32_t          sectors;
    uint8_t          *buffer;      /* room for all slots in use: spans point into it */
    uint32_t          buffer_sectors;
    bool              in_use;      /* a slot in use was met in what was read last */
    struct fragment  *fragments;
    uint32_t          fragment_count;
    uint32_t         *buckets;     /* group number -> its newest fragment */
    size_t            kept;
};

static bool counts_met(const struct database *db)
{
    for (size_t i = 0; i < VBLK_KINDS; i++)
        if (db->count[i] < db->disk->vmdb.committed_counts[i])
            return false;
    return true;
}

/* A change that was decided has been made: what it took away is gone, and what it made is there. */
static bool is_in_force(struct database *db, const struct vblk_record *record)
{
    if (!db->disk->vmdb.rolled_forward)
        return record->committed;
    db->unfinished |= record->committed != record->following;
    return record->following;
}

static void add_record(struct db_reader *r, struct span bytes)
{
    struct database   *db = r->db;
    struct vblk_record record;

    if (vblk_record_decode(bytes, &record) != STATUS_OK) {
        db->damaged++;
        return;
    }
    if (record.kind == VBLK_OTHER || !is_in_force(db, &record))
        return;
    if (db->count[record.kind] >= db->disk->vmdb.committed_counts[record.kind]) {
        db->inconsistent = true;
        return;
    }
    db->records[r->kept++] = record;
    db->count[record.kind]++;
}

/* ---- fragments */

static uint32_t *bucket_of(struct db_reader *r, uint32_t group)
{
    return &r->buckets[(group * 2654435761u) >> 22];
}

/* How many fragments of this record are there; false when the new one contradicts them. */
static bool count_fragments(struct db_reader *r, const struct vblk_slot *slot, uint32_t *seen)
{
    *seen = 0;
    for (uint32_t i = *bucket_of(r, slot->group); i != NO_FRAGMENT; i = r->fragments[i].next) {
        const struct vblk_slot *other = &r->fragments[i].slot;

        if (other->group != slot->group)
            continue;
        if (other->fragment == slot->fragment || other->fragments != slot->fragments)
            return false;
        ++*seen;
    }
    return true;
}

static enum status join(struct db_reader *r, const struct vblk_slot *any)
{
    size_t   len = (size_t)any->fragments * SLOT_BODY_BYTES;
    uint8_t *bytes = arena_borrow(r->a, len);

    if (!bytes)
        return STATUS_NO_MEMORY;
    for (uint32_t i = *bucket_of(r, any->group); i != NO_FRAGMENT; i = r->fragments[i].next) {
        const struct vblk_slot *slot = &r->fragments[i].slot;

        if (slot->group == any->group)
            (void)span_copy(slot->body, 0, bytes + (size_t)slot->fragment * SLOT_BODY_BYTES, SLOT_BODY_BYTES);
    }
    add_record(r, span_of(bytes, len));
    return STATUS_OK;
}

static enum status add_fragment(struct db_reader *r, const struct vblk_slot *slot)
{
    uint32_t seen, *bucket = bucket_of(r, slot->group);

    if (!count_fragments(r, slot, &seen)) {
        r->db->inconsistent = true;
        return STATUS_OK;
    }
    r->fragments[r->fragment_count] = (struct fragment){ *slot, *bucket };
    *bucket = r->fragment_count++;
    return seen + 1 == slot->fragments ? join(r, slot) : STATUS_OK;
}

/* ---- slots */

static enum status add_slot(struct db_reader *r, struct span bytes)
{
    struct vblk_slot slot;

    if (vblk_slot_decode(bytes, &slot) != STATUS_OK) {
        r->db->damaged++;
        return STATUS_OK;
    }
    if (slot.group == 0)
        return STATUS_OK;
    r->in_use = true;
    if (slot.fragments > 1)
        return add_fragment(r, &slot);
    add_record(r, slot.body);
    return STATUS_OK;
}

/* The slots of one sector, of those with slots in them, that belong to the database. */
static enum status add_sector(struct db_reader *r, uint32_t sector, struct span bytes)
{
    for (uint32_t i = 0; i < SLOTS_PER_SECTOR; i++) {
        uint32_t slot = sector * SLOTS_PER_SECTOR + i;

        if (slot < r->skip_slots || slot - r->skip_slots >= r->slots)
            continue;
        TRY(add_slot(r, span_sub(bytes, i * SLOT_BYTES, SLOT_BYTES)));
        if (counts_met(r->db))
            break;
    }
    return STATUS_OK;
}

/* The sectors from number `at` on; what the disk does not reach is not in the run. */
static enum status add_run(struct db_reader *r, const struct sector_run *run, uint32_t at, uint32_t count)
{
    for (uint32_t i = 0; i < count && !counts_met(r->db); i++) {
        struct span bytes = run_sector(run, r->first_lba + at + i);

        if (bytes.len)
            TRY(add_sector(r, at + i, bytes));
        else if (run_sector_is_bad(run, r->first_lba + at + i))
            r->db->unreadable_sectors++;
        else
            r->db->unknown_sectors++;
    }
    return STATUS_OK;
}

/* What has no slot in use is not kept: on blocks of 4096 bytes the region may have 8 MiB, nearly all of it free. */
static enum status read_slots(struct db_reader *r)
{
    uint32_t kept = 0, count;

    for (uint32_t at = 0; at < r->sectors; at += count) {
        struct sector_run run = { .bytes = r->buffer + (size_t)kept * SECTOR_BYTES };

        count = r->sectors - at < RUN_MAX_SECTORS ? r->sectors - at : RUN_MAX_SECTORS;
        if (counts_met(r->db) || count > r->buffer_sectors - kept)
            return STATUS_OK;
        run_read(&r->reader, r->first_lba + at, count, &run);
        r->in_use = false;
        TRY(add_run(r, &run, at, count));
        if (r->in_use)
            kept += count;
    }
    return STATUS_OK;
}

/* ---- the whole */

static bool by_kind_and_id(const void *a, const void *b)
{
    const struct vblk_record *x = a, *y = b;

    return x->kind != y->kind ? x->kind < y->kind : x->id < y->id;
}

static void sort_records(struct database *db, size_t kept)
{
    sort_items(db->records, kept, sizeof *db->records, by_kind_and_id);
    for (size_t i = 1; i < kept; i++)
        if (db->records[i].kind == db->records[i - 1].kind && db->records[i].id == db->records[i - 1].id)
            db->inconsistent = true;
    for (size_t i = 1; i < VBLK_KINDS; i++)
        db->first[i] = db->first[i - 1] + db->count[i - 1];
}

static bool take_memory(struct db_reader *r, const struct ldm_vmdb *vmdb)
{
    uint32_t slots = r->buffer_sectors * SLOTS_PER_SECTOR, records = vmdb_committed_records(vmdb);

    r->buffer = arena_borrow(r->a, (size_t)r->buffer_sectors * SECTOR_BYTES);
    r->fragments = arena_borrow(r->a, slots * sizeof *r->fragments);
    r->buckets = arena_borrow(r->a, BUCKETS * sizeof *r->buckets);
    r->db->records = arena_borrow(r->a, (records < slots ? records : slots) * sizeof *r->db->records);
    return r->buffer && r->fragments && r->buckets && r->db->records;
}

enum status database_read(const struct ldm_disk *disk, struct arena *a, struct database *out)
{
    const struct ldm_vmdb *vmdb = &disk->vmdb;
    uint32_t               unit = disk->dev->block_size / SECTOR_BYTES;
    uint32_t               skip_sectors = vmdb->first_vblk_bytes / SECTOR_BYTES / unit * unit;
    struct database        db = { .disk = disk };
    struct db_reader       r = { .db = &db, .a = a, .reader = { .dev = disk->dev } };

    r.slots = vmdb_vblk_slots(vmdb);
    r.skip_slots = vmdb->first_vblk_bytes / SLOT_BYTES - skip_sectors * SLOTS_PER_SECTOR;
    r.first_lba = disk->config_lba + skip_sectors;
    r.sectors = (r.skip_slots + r.slots + SLOTS_PER_SECTOR - 1) / SLOTS_PER_SECTOR;
    r.buffer_sectors = r.sectors < MAX_KEPT_SECTORS ? r.sectors : MAX_KEPT_SECTORS;
    if (!take_memory(&r, vmdb))
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < BUCKETS; i++)
        r.buckets[i] = NO_FRAGMENT;
    TRY(read_slots(&r));
    sort_records(&db, r.kept);
    db.complete = counts_met(&db) && !db.inconsistent;
    *out = db;
    return STATUS_OK;
}

const struct vblk_record *database_record(const struct database *db, enum vblk_kind kind, size_t i)
{
    return &db->records[db->first[kind] + i];
}

size_t database_find(const struct database *db, enum vblk_kind kind, uint64_t id)
{
    size_t low = 0, high = db->count[kind];

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (database_record(db, kind, middle)->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < db->count[kind] && database_record(db, kind, low)->id == id ? low : db->count[kind];
}
