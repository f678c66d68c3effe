/* SPDX-License-Identifier: GPL-2.0-or-later */
/* testimony.c - one pass through the records for each question, then sorted lists. */
#include "testimony.h"

#include "common/base/mem.h"
#include "common/base/sort.h"
#include "group.h"

static const struct vblk_record *find_record(const struct database *db, enum vblk_kind kind, uint64_t id)
{
    size_t i = database_find(db, kind, id);

    return i < db->count[kind] ? database_record(db, kind, i) : NULL;
}

static bool part_dropped(const struct database *db, const struct vblk_partition *p)
{
    const struct vblk_record *disk = find_record(db, VBLK_DISK, p->disk_id);

    return part_is_dropped(p->flags, disk ? disk->disk.flags : 0);
}

static void find_dropped(struct testimony *t)
{
    const struct database *db = t->db;

    for (size_t i = 0; i < db->count[VBLK_COMPONENT]; i++) {
        const struct vblk_component *c = &database_record(db, VBLK_COMPONENT, i)->component;

        t->dropped[i] = half_is_dropped(c->state, c->flags);
    }
    for (size_t i = 0; i < db->count[VBLK_PARTITION]; i++) {
        const struct vblk_partition *p = &database_record(db, VBLK_PARTITION, i)->partition;
        size_t                       c = database_find(db, VBLK_COMPONENT, p->component_id);

        if (c < db->count[VBLK_COMPONENT] && part_dropped(db, p))
            t->dropped[c] = true;
    }
}

static bool ascending(const void *a, const void *b)
{
    return *(const uint64_t *)a < *(const uint64_t *)b;
}

static void find_kept(struct testimony *t)
{
    const struct database *db = t->db;

    for (size_t i = 0; i < db->count[VBLK_PARTITION]; i++) {
        const struct vblk_partition *p = &database_record(db, VBLK_PARTITION, i)->partition;
        const struct vblk_record    *disk = find_record(db, VBLK_DISK, p->disk_id);
        size_t                       c = database_find(db, VBLK_COMPONENT, p->component_id);

        if (disk && guid_equal(&disk->disk.guid, &db->disk->privhead.disk_guid)
            && c < db->count[VBLK_COMPONENT] && !t->dropped[c])
            t->kept[t->kept_count++] = database_record(db, VBLK_COMPONENT, c)->component.volume_id;
    }
    sort_items(t->kept, t->kept_count, sizeof *t->kept, ascending);
}

static void find_halves(struct testimony *t)
{
    for (size_t i = 0; i < t->db->count[VBLK_COMPONENT]; i++)
        if (!t->dropped[i])
            t->halves[t->half_count++] = database_record(t->db, VBLK_COMPONENT, i)->component.volume_id;
    sort_items(t->halves, t->half_count, sizeof *t->halves, ascending);
}

static bool guid_before(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct guid)) < 0;
}

/* `bad`: room for a mark on every disk record. */
static void find_good_disks(struct testimony *t, bool *bad)
{
    const struct database *db = t->db;
    size_t                 count = db->count[VBLK_DISK];

    for (size_t i = 0; i < count; i++)
        bad[i] = part_is_dropped(0, database_record(db, VBLK_DISK, i)->disk.flags);
    for (size_t i = 0; i < db->count[VBLK_PARTITION]; i++) {
        const struct vblk_partition *p = &database_record(db, VBLK_PARTITION, i)->partition;
        size_t disk = database_find(db, VBLK_DISK, p->disk_id), c = database_find(db, VBLK_COMPONENT, p->component_id);

        if (disk < count && c < db->count[VBLK_COMPONENT] && t->dropped[c])
            bad[disk] = true;
    }
    for (size_t i = 0; i < count; i++)
        if (!bad[i])
            t->good_disks[t->good_count++] = database_record(db, VBLK_DISK, i)->disk.guid;
    sort_items(t->good_disks, t->good_count, sizeof *t->good_disks, guid_before);
}

enum status testimony_make(const struct database *db, struct arena *a, struct testimony *out)
{
    struct testimony t = { .db = db };
    bool            *bad = arena_borrow(a, db->count[VBLK_DISK] * sizeof *bad);

    t.dropped = arena_borrow(a, db->count[VBLK_COMPONENT] * sizeof *t.dropped);
    t.kept = arena_borrow(a, db->count[VBLK_PARTITION] * sizeof *t.kept);
    t.halves = arena_borrow(a, db->count[VBLK_COMPONENT] * sizeof *t.halves);
    t.good_disks = arena_borrow(a, db->count[VBLK_DISK] * sizeof *t.good_disks);
    if (!t.dropped || !t.kept || !t.halves || !t.good_disks || !bad)
        return STATUS_NO_MEMORY;
    find_dropped(&t);
    find_kept(&t);
    find_halves(&t);
    find_good_disks(&t, bad);
    *out = t;
    return STATUS_OK;
}

bool testimony_drops(const struct testimony *t, uint64_t component_id)
{
    size_t i = database_find(t->db, VBLK_COMPONENT, component_id);

    return i < t->db->count[VBLK_COMPONENT] ? t->dropped[i] : t->db->complete;
}

bool testimony_keeps_half_of(const struct testimony *t, uint64_t volume_id)
{
    size_t i = sort_find(t->kept, t->kept_count, sizeof *t->kept, ascending, &volume_id);

    return i < t->kept_count && t->kept[i] == volume_id;
}

bool testimony_has_mirror(const struct testimony *t, uint64_t volume_id)
{
    size_t i = sort_find(t->halves, t->half_count, sizeof *t->halves, ascending, &volume_id);

    return i + 1 < t->half_count && t->halves[i + 1] == volume_id && testimony_keeps_half_of(t, volume_id);
}

bool testimony_counts_as_good(const struct testimony *t, const struct guid *disk)
{
    size_t i = sort_find(t->good_disks, t->good_count, sizeof *t->good_disks, guid_before, disk);

    return i < t->good_count && guid_equal(&t->good_disks[i], disk);
}
