/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * group.c - objects of the model from database records, linked by object id.
 *
 * Objects of a kind are in the order of the records (by object id), so object i
 * of a kind and record i of that kind belong together.
 */
#include "group.h"

#include "common/base/mem.h"
#include "common/base/sort.h"

static const char *text(struct arena *a, struct span s)
{
    char *out = arena_alloc(a, s.len + 1);

    if (out)
        (void)span_copy(s, 0, out, s.len);
    return out;
}

/* ---- objects */

static bool make_disks(const struct database *db, struct arena *a, struct ldm_group *g)
{
    g->disk_count = db->count[VBLK_DISK];
    g->disks = arena_array(a, g->disk_count, sizeof *g->disks);
    for (size_t i = 0; g->disks && i < g->disk_count; i++) {
        const struct vblk_record *r = database_record(db, VBLK_DISK, i);
        struct ldm_disk_record   *d = &g->disks[i];

        d->id = r->id;
        d->changed = r->changed;
        d->guid = r->disk.guid;
        d->flags = r->disk.flags;
        d->name = text(a, r->name);
        d->device_name = text(a, r->disk.device_name);
        if (!d->name || !d->device_name)
            return false;
    }
    return g->disks != NULL;
}

static bool make_volumes(const struct database *db, struct arena *a, struct ldm_group *g)
{
    g->volume_count = db->count[VBLK_VOLUME];
    g->volumes = arena_array(a, g->volume_count, sizeof *g->volumes);
    for (size_t i = 0; g->volumes && i < g->volume_count; i++) {
        const struct vblk_record *r = database_record(db, VBLK_VOLUME, i);
        struct ldm_volume        *v = &g->volumes[i];

        v->id = r->id;
        v->changed = r->changed;
        v->guid = r->volume.guid;
        v->flags = r->volume.flags;
        v->sectors = r->volume.sectors;
        v->partition_type = r->volume.partition_type;
        v->components_expected = r->volume.components > UINT32_MAX ? UINT32_MAX : (uint32_t)r->volume.components;
        v->type = r->volume.raid5 ? VOLUME_RAID5 : VOLUME_SIMPLE;
        v->group = g;
        v->name = text(a, r->name);
        v->state_text = text(a, r->volume.state);
        v->hint = text(a, r->volume.hint);
        if (!v->name || !v->state_text || !v->hint)
            return false;
    }
    return g->volumes != NULL;
}

/* What the record of a component, or of a part of it, says about when it was written and what is to become of it. */
static void add_change(struct ldm_component *c, bool leaving, uint64_t changed)
{
    c->leaving |= leaving;
    if (changed > c->changed)
        c->changed = changed;
}

static bool make_components(const struct database *db, struct arena *a, struct ldm_group *g)
{
    g->component_count = db->count[VBLK_COMPONENT];
    g->components = arena_array(a, g->component_count, sizeof *g->components);
    for (size_t i = 0; g->components && i < g->component_count; i++) {
        const struct vblk_record *r = database_record(db, VBLK_COMPONENT, i);
        struct ldm_component     *c = &g->components[i];
        size_t                    volume = database_find(db, VBLK_VOLUME, r->component.volume_id);

        c->id = r->id;
        c->layout = r->component.layout;
        c->flags = r->component.flags;
        c->stripe_sectors = r->component.stripe_sectors;
        c->columns = r->component.columns;
        c->partitions_expected = r->component.partitions > UINT32_MAX ? UINT32_MAX : (uint32_t)r->component.partitions;
        c->volume = volume < g->volume_count ? &g->volumes[volume] : NULL;
        c->record_changed = r->changed;
        add_change(c, r->leaving, r->changed);
        c->name = text(a, r->name);
        c->state_text = text(a, r->component.state);
        if (!c->name || !c->state_text)
            return false;
    }
    return g->components != NULL;
}

static bool make_partitions(const struct database *db, struct arena *a, struct ldm_group *g)
{
    g->partition_count = db->count[VBLK_PARTITION];
    g->partitions = arena_array(a, g->partition_count, sizeof *g->partitions);
    for (size_t i = 0; g->partitions && i < g->partition_count; i++) {
        const struct vblk_record *r = database_record(db, VBLK_PARTITION, i);
        struct ldm_partition     *p = &g->partitions[i];
        size_t                    component = database_find(db, VBLK_COMPONENT, r->partition.component_id);
        size_t                    disk = database_find(db, VBLK_DISK, r->partition.disk_id);

        p->id = r->id;
        p->flags = r->partition.flags;
        p->changed = r->changed;
        p->start = r->partition.start;
        p->volume_offset = r->partition.volume_offset;
        p->sectors = r->partition.sectors;
        p->column = r->partition.column;
        p->component = component < g->component_count ? &g->components[component] : NULL;
        p->disk = disk < g->disk_count ? &g->disks[disk] : NULL;
        p->name = text(a, r->name);
        if (!p->name)
            return false;
        if (p->component)
            add_change(p->component, r->leaving || (p->disk && database_record(db, VBLK_DISK, disk)->leaving),
                       r->changed);
    }
    return g->partitions != NULL;
}

/* ---- lists */

/* One array for all volumes; each gets its stretch of it, filled in the order of object ids. */
static bool list_components(struct arena *a, struct ldm_group *g)
{
    struct ldm_component **slots = arena_array(a, g->component_count, sizeof *slots);

    if (!slots)
        return false;
    for (size_t i = 0; i < g->component_count; i++)
        if (g->components[i].volume)
            g->components[i].volume->component_count++;
    for (size_t i = 0; i < g->volume_count; i++) {
        g->volumes[i].components = slots;
        slots += g->volumes[i].component_count;
        g->volumes[i].component_count = 0;
    }
    for (size_t i = 0; i < g->component_count; i++) {
        struct ldm_volume *v = g->components[i].volume;

        if (v)
            v->components[v->component_count++] = &g->components[i];
    }
    return true;
}

static bool by_column_and_offset(const void *a, const void *b)
{
    const struct ldm_extent *x = a, *y = b;

    if (x->partition->column != y->partition->column)
        return x->partition->column < y->partition->column;
    return x->volume_offset < y->volume_offset;
}

/* Likewise the extents of all components; then each component's in volume order. */
static bool list_extents(struct arena *a, struct ldm_group *g)
{
    struct ldm_extent *slots = arena_array(a, g->partition_count, sizeof *slots);

    if (!slots)
        return false;
    for (size_t i = 0; i < g->partition_count; i++)
        if (g->partitions[i].component)
            g->partitions[i].component->extent_count++;
    for (size_t i = 0; i < g->component_count; i++) {
        g->components[i].extents = slots;
        slots += g->components[i].extent_count;
        g->components[i].extent_count = 0;
    }
    for (size_t i = 0; i < g->partition_count; i++) {
        const struct ldm_partition *p = &g->partitions[i];
        struct ldm_component       *c = p->component;

        if (c)
            c->extents[c->extent_count++] = (struct ldm_extent){ .partition = p, .sectors = p->sectors,
                                                                 .volume_offset = p->volume_offset };
    }
    for (size_t i = 0; i < g->component_count; i++)
        sort_items(g->components[i].extents, g->components[i].extent_count, sizeof *slots, by_column_and_offset);
    return true;
}

static bool on_several_disks(const struct ldm_component *c)
{
    for (size_t i = 1; i < c->extent_count; i++)
        if (c->extents[i].partition->disk != c->extents[0].partition->disk)
            return true;
    return false;
}

static enum volume_type type_of(const struct ldm_volume *v)
{
    const struct ldm_component *c = v->component_count ? v->components[0] : NULL;

    if (v->type == VOLUME_RAID5 || (c && c->layout == LAYOUT_RAID5))
        return VOLUME_RAID5;
    if (v->components_expected > 1 || v->component_count > 1)
        return VOLUME_MIRRORED;
    if (c && c->layout == LAYOUT_STRIPE)
        return VOLUME_STRIPED;
    return c && on_several_disks(c) ? VOLUME_SPANNED : VOLUME_SIMPLE;
}

/* ---- the whole */

static void note_damage(const struct database *db, struct arena *a, struct ldm_group *g)
{
    const char *disk = db->disk->dev->name;

    if (db->unreadable_sectors)
        note_add(&g->notes, a, STATUS_READ_FAILED, "%s, %u sectors of the database", disk, db->unreadable_sectors);
    if (db->unknown_sectors && db->disk->dev->given_up != STATUS_OK)
        note_add(&g->notes, a, db->disk->dev->given_up, "%s", disk);
    if (db->damaged && !db->complete)
        note_add(&g->notes, a, STATUS_VBLK_BAD, "%s, %u places in the database", disk, db->damaged);
    if (db->inconsistent)
        note_add(&g->notes, a, STATUS_DATABASE_INCONSISTENT, "group %s", g->name);
    else if (!db->complete)
        note_add(&g->notes, a, STATUS_DATABASE_INCOMPLETE, "group %s", g->name);
}

enum status group_build(const struct database *db, struct arena *a, struct ldm_group *group)
{
    struct ldm_group *g = group;

    g->guid = db->disk->vmdb.group_guid;
    g->name = db->disk->vmdb.group_name;
    g->source = db->disk;
    g->vmdb = db->disk->vmdb;
    g->complete = db->complete;
    g->inconsistent = db->inconsistent;
    g->unfinished = db->unfinished;
    if (!make_disks(db, a, g) || !make_volumes(db, a, g) || !make_components(db, a, g) || !make_partitions(db, a, g))
        return STATUS_NO_MEMORY;
    if (!list_components(a, g) || !list_extents(a, g))
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < g->volume_count; i++)
        g->volumes[i].type = type_of(&g->volumes[i]);
    note_damage(db, a, g);
    return STATUS_OK;
}

/* Between two disks with the same GUID: one whose database was read, then the newer database, then the first. */
static bool better_copy(const struct ldm_disk *a, const struct ldm_disk *b)
{
    if ((a->status == STATUS_OK) != (b->status == STATUS_OK))
        return a->status == STATUS_OK;
    return a->has_vmdb && b->has_vmdb && a->vmdb.committed > b->vmdb.committed;
}

/* A disk with this group's GUID, that is not one of those which went on as another group (opinion.c). */
static bool may_belong(const struct ldm_disk *d, const struct ldm_group *group)
{
    return d->has_privhead && guid_equal(&d->privhead.group_guid, &group->guid) && (!d->group || d->group == group);
}

static void find_present(struct ldm_disk_record *record, struct ldm_group *group, const struct ldm_view *view)
{
    for (size_t i = 0; i < view->disk_count; i++) {
        struct ldm_disk *d = &view->disks[i];

        if (!may_belong(d, group) || !guid_equal(&d->privhead.disk_guid, &record->guid))
            continue;
        if (d->record)  /* two records of one disk: one of them has another disk's place */
            group->inconsistent = true;
        d->record = record;
        record->copies++;
        if (!record->present || better_copy(d, record->present))
            record->present = d;
    }
}

/* Who was a disk of the group, and is not connected as one any more. A clone of one that is, is nobody. */
static void find_elsewhere(struct ldm_disk_record *record, const struct ldm_view *view)
{
    for (size_t i = 0; !record->present && !record->elsewhere && i < view->disk_count; i++)
        if (ldm_disk_claims(&view->disks[i], &record->guid))
            record->elsewhere = &view->disks[i];
}

void group_find_disks(struct ldm_group *group, const struct ldm_view *view, struct arena *a)
{
    for (size_t i = 0; i < group->disk_count; i++) {
        find_present(&group->disks[i], group, view);
        find_elsewhere(&group->disks[i], view);
    }
    if (group->inconsistent)
        note_add(&group->notes, a, STATUS_DATABASE_INCONSISTENT, "group %s", group->name);
    for (size_t i = 0; i < view->disk_count; i++) {
        struct ldm_disk *d = &view->disks[i];

        if (!may_belong(d, group))
            continue;
        if (d->has_vmdb)
            d->group = group;
        if (!d->record)
            note_add(&d->notes, a, STATUS_DISK_NOT_LISTED, "%s", d->dev->name);
        else if (d->record->copies > 1)
            note_add(&d->notes, a, STATUS_DISK_CLONED, "%s (%s)", d->dev->name, d->record->name);
        if (d->has_vmdb && d->vmdb.committed < group->vmdb.committed)
            note_add(&d->notes, a, STATUS_DATABASE_OLD, "%s, transaction %llu against %llu", d->dev->name,
                     (unsigned long long)d->vmdb.committed, (unsigned long long)group->vmdb.committed);
    }
}

void group_let_go(struct ldm_disk *d, const struct ldm_view *view)
{
    struct ldm_disk_record *r = d->record;

    d->group = NULL;
    d->record = NULL;
    if (!r)
        return;
    r->copies--;
    if (r->present != d)
        return;
    r->present = NULL;
    for (size_t i = 0; i < view->disk_count; i++)
        if (view->disks[i].record == r && (!r->present || better_copy(&view->disks[i], r->present)))
            r->present = &view->disks[i];
    if (!r->present)
        r->elsewhere = d;
}
