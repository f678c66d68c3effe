/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * opinion.c - what the other disks of a group say: does one of them call its own half the survivor?
 *
 * The model is made of the newest database. A mirror whose disks were started one without the other leaves databases
 * that each drop the other's half; the one with more transactions is not the better one for that. Such halves are
 * disputed: a person decides. The rules are in docs/how-it-chooses.md; that Windows leaves its databases like this is
 * inferred, not seen.
 */
#include "common/base/mem.h"
#include "common/base/sort.h"
#include "group.h"
#include "testimony.h"

struct opinion {
    struct ldm_group       *group;
    struct ldm_disk        *disk;  /* whose opinion it is */
    const struct ldm_view  *view;
    const struct database  *db;
    struct testimony        says;  /* what it says, looked up quickly */
    bool                    contradicted;  /* it has something against a half that the group's calls good */
};

/* Of several disputes the one that is told does not depend on the order of the disks: what is certain, then the lowest number. */
static bool goes_before(enum status a, enum status b)
{
    if ((a == STATUS_OPINION_LOST) != (b == STATUS_OPINION_LOST))
        return b == STATUS_OPINION_LOST;
    return a < b;
}

static void dispute(struct opinion *o, struct ldm_component *c, enum status how)
{
    o->disk->disputes = true;
    o->contradicted |= how == STATUS_SPLIT_BRAIN;
    if (c->dispute != STATUS_OK && !goes_before(how, c->dispute))
        return;
    c->dispute = how;
    c->disputant = component_on_disk(c, o->disk) ? o->group->source : o->disk;
}

static void dispute_volume(struct opinion *o, const struct ldm_volume *v, enum status how)
{
    for (size_t i = 0; i < v->component_count; i++)
        dispute(o, v->components[i], how);
}

static void dispute_group(struct opinion *o, enum status how)
{
    for (size_t i = 0; i < o->group->component_count; i++)
        dispute(o, &o->group->components[i], how);
}

/* ---- a person must see the halves of both */

/* The same name, parents and place: what no change of state or flags touches. A parent whose record is lost is any. */
static bool object_alike(const struct ldm_group *g, size_t i, const struct vblk_record *r)
{
    const struct ldm_component  *c = &g->components[i];
    const struct ldm_partition  *p = &g->partitions[i];
    const struct vblk_partition *q = &r->partition;

    switch (r->kind) {
    case VBLK_VOLUME:
        return text_same(r->name, g->volumes[i].name) && g->volumes[i].sectors == r->volume.sectors;
    case VBLK_COMPONENT:
        return text_same(r->name, c->name) && (!c->volume || c->volume->id == r->component.volume_id);
    case VBLK_PARTITION:
        return text_same(r->name, p->name) && p->start == q->start && p->sectors == q->sectors
            && p->volume_offset == q->volume_offset && p->column == q->column
            && (!p->component || p->component->id == q->component_id) && (!p->disk || p->disk->id == q->disk_id);
    default:
        return true;
    }
}

/* Does the group have all that the other database has on its own disk, in the same places? */
static bool own_parts_are_listed(const struct opinion *o)
{
    const struct ldm_group *g = o->group;
    size_t                  at = 0;

    for (size_t i = 0; i < o->db->count[VBLK_PARTITION]; i++) {
        const struct vblk_record *r = database_record(o->db, VBLK_PARTITION, i);
        size_t                    disk = database_find(o->db, VBLK_DISK, r->partition.disk_id);

        while (at < g->partition_count && g->partitions[at].id < r->id)
            at++;
        if (disk < o->db->count[VBLK_DISK]
            && guid_equal(&database_record(o->db, VBLK_DISK, disk)->disk.guid, &o->disk->privhead.disk_guid)
            && (at == g->partition_count || g->partitions[at].id != r->id || !object_alike(g, at, r)))
            return false;
    }
    return true;
}

/*
 * Each went on without the other. When the group's records do not show what is on the other disk, that one leaves the
 * group, after all have been heard; scan.c makes the next group of such disks.
 */
static void part(const struct opinion *o, enum status how)
{
    if (o->disk->record && own_parts_are_listed(o))
        return;
    o->disk->parted = how;
    o->disk->parted_from = o->group->source;
}

/* ---- the same transaction, but not the same records */

static bool volume_same(const struct ldm_volume *v, const struct vblk_record *r)
{
    return text_same(r->name, v->name) && text_same(r->volume.state, v->state_text) && v->flags == r->volume.flags
        && v->sectors == r->volume.sectors && guid_equal(&v->guid, &r->volume.guid);
}

static bool component_same(const struct ldm_component *c, const struct vblk_record *r)
{
    return text_same(r->name, c->name) && text_same(r->component.state, c->state_text)
        && c->layout == r->component.layout && c->flags == r->component.flags
        && (!c->volume || c->volume->id == r->component.volume_id);
}

static bool partition_same(const struct ldm_partition *p, const struct vblk_record *r)
{
    const struct vblk_partition *q = &r->partition;

    return text_same(r->name, p->name) && p->flags == q->flags && p->start == q->start && p->volume_offset == q->volume_offset
        && p->sectors == q->sectors && p->column == q->column
        && (!p->component || p->component->id == q->component_id) && (!p->disk || p->disk->id == q->disk_id);
}

static bool disk_same(const struct ldm_disk_record *d, const struct vblk_record *r)
{
    return text_same(r->name, d->name) && d->flags == r->disk.flags && guid_equal(&d->guid, &r->disk.guid);
}

static size_t object_count(const struct ldm_group *g, enum vblk_kind kind)
{
    switch (kind) {
    case VBLK_VOLUME:    return g->volume_count;
    case VBLK_COMPONENT: return g->component_count;
    case VBLK_PARTITION: return g->partition_count;
    case VBLK_DISK:      return g->disk_count;
    default:             return 0;
    }
}

static uint64_t object_id(const struct ldm_group *g, enum vblk_kind kind, size_t i)
{
    switch (kind) {
    case VBLK_VOLUME:    return g->volumes[i].id;
    case VBLK_COMPONENT: return g->components[i].id;
    case VBLK_PARTITION: return g->partitions[i].id;
    case VBLK_DISK:      return g->disks[i].id;
    default:             return 0;
    }
}

static uint64_t object_changed(const struct ldm_group *g, enum vblk_kind kind, size_t i)
{
    switch (kind) {
    case VBLK_VOLUME:    return g->volumes[i].changed;
    case VBLK_COMPONENT: return g->components[i].record_changed;
    case VBLK_PARTITION: return g->partitions[i].changed;
    case VBLK_DISK:      return g->disks[i].changed;
    default:             return 0;
    }
}

static bool object_same(const struct ldm_group *g, size_t i, const struct vblk_record *r)
{
    switch (r->kind) {
    case VBLK_VOLUME:    return volume_same(&g->volumes[i], r);
    case VBLK_COMPONENT: return component_same(&g->components[i], r);
    case VBLK_PARTITION: return partition_same(&g->partitions[i], r);
    case VBLK_DISK:      return disk_same(&g->disks[i], r);
    default:             return true;
    }
}

/* Records that could not be read are damage, and no difference. Objects and records are in the order of their ids. */
static bool kind_same(const struct ldm_group *g, const struct database *db, enum vblk_kind kind)
{
    size_t count = object_count(g, kind), at = 0;

    for (size_t i = 0; i < db->count[kind]; i++) {
        const struct vblk_record *r = database_record(db, kind, i);

        while (at < count && object_id(g, kind, at) < r->id)
            at++;
        if (at < count && object_id(g, kind, at) == r->id ? !object_same(g, at, r) : g->complete)
            return false;
    }
    return !db->complete || !g->complete || db->count[kind] == count;
}

static void compare_records(struct opinion *o)
{
    struct ldm_group *g = o->group;
    bool              same = true;

    for (unsigned kind = 0; kind < VBLK_KINDS; kind++)
        same = same && kind_same(g, o->db, (enum vblk_kind)kind);
    if (!same)
        dispute_group(o, STATUS_DATABASES_DIFFER);
    if (!same && g->complete)
        part(o, STATUS_DATABASES_DIFFER);
}

/* ---- an older transaction: is its history this group's? */

static bool lists(const struct database *db, enum vblk_kind kind, uint64_t id)
{
    return database_find(db, kind, id) < db->count[kind];
}

/* Are its objects' ids those of transactions up to its last one? Windows's are (docs/ldm-format.md, "Object ids"). */
static bool ids_are_transactions(const struct database *db)
{
    for (unsigned kind = 0; kind < VBLK_KINDS; kind++)
        if (db->count[kind] && database_record(db, (enum vblk_kind)kind, db->count[kind] - 1)->id > db->disk->vmdb.committed)
            return false;
    return true;
}

/* GUIDs never change. */
static bool guid_differs(const struct ldm_group *g, size_t i, const struct vblk_record *r)
{
    return (r->kind == VBLK_VOLUME && !guid_equal(&g->volumes[i].guid, &r->volume.guid))
        || (r->kind == VBLK_DISK && !guid_equal(&g->disks[i].guid, &r->disk.guid));
}

/*
 * A record that nothing has written since the older database's last transaction is in that one as it is now, of the same
 * transaction. One that was written since says nothing.
 */
static bool object_parted(const struct opinion *o, size_t i, const struct vblk_record *r)
{
    uint64_t changed = object_changed(o->group, r->kind, i);

    if (guid_differs(o->group, i, r))
        return true;
    return changed <= o->disk->vmdb.committed && (r->changed != changed || !object_alike(o->group, i, r));
}

/*
 * Ids come from the transaction counter, so that two disks that went on alone give the same id to different objects, of
 * one kind or of two.
 */
static bool kinds_parted(const struct opinion *o, enum vblk_kind newest, enum vblk_kind older)
{
    size_t count = object_count(o->group, newest), at = 0;

    for (size_t i = 0; i < o->db->count[older]; i++) {
        const struct vblk_record *r = database_record(o->db, older, i);

        while (at < count && object_id(o->group, newest, at) < r->id)
            at++;
        if (at < count && object_id(o->group, newest, at) == r->id && (newest != older || object_parted(o, at, r)))
            return true;
    }
    return false;
}

/*
 * What the newest database has, and was made before the older one's last transaction, the older one must list: it has
 * not been deleted to this day. (The other way round nothing follows: what only the older one lists may be deleted.)
 */
static bool saw_all_made(const struct opinion *o, enum vblk_kind kind)
{
    size_t count = object_count(o->group, kind);

    for (size_t i = 0; i < count && object_id(o->group, kind, i) <= o->disk->vmdb.committed; i++)
        if (!lists(o->db, kind, object_id(o->group, kind, i)))
            return false;
    return true;
}

/* Is the older database no earlier state of the newest one? Then each went on without the other. */
static bool histories_parted(const struct opinion *o)
{
    bool all_known = o->db->complete && ids_are_transactions(o->db);

    for (unsigned kind = 0; kind < VBLK_KINDS; kind++) {
        for (unsigned older = 0; older < VBLK_KINDS; older++)
            if (kinds_parted(o, (enum vblk_kind)kind, (enum vblk_kind)older))
                return true;
        if (all_known && !saw_all_made(o, (enum vblk_kind)kind))
            return true;
    }
    return false;
}

/* ---- an older transaction: whom did it drop? */

static bool log_drops(const struct ldm_disk *d, const struct ldm_component *c)
{
    return klog_names(d, KLOG_DETACH, d->vmdb.committed, c);
}

/*
 * Made after this database's last transaction, so that it cannot know the half: the disk of the other one was replaced,
 * and this is the old one. An object's id is the transaction that made it. (Its commit id is that of its last
 * change, which says nothing about what this database once knew and has deleted.)
 */
static bool is_beyond(const struct opinion *o, const struct ldm_component *c)
{
    return c->id > o->disk->vmdb.committed && ids_are_transactions(o->db) && !lists(o->db, VBLK_COMPONENT, c->id);
}

static bool speaks_against(const struct opinion *o, const struct ldm_component *c)
{
    return !is_beyond(o, c) && (testimony_drops(&o->says, c->id) || log_drops(o->disk, c));
}

/* The half stands for those that it was copied from: what is said against one of them is said against it. */
static bool speaks_against_its_like(const struct opinion *o, const struct ldm_component *c)
{
    for (size_t i = 0; i < c->volume->component_count; i++) {
        const struct ldm_component *other = c->volume->components[i];

        if (!component_dropped(other) && !component_on_disk(other, o->disk) && speaks_against(o, other))
            return true;
    }
    return false;
}

/*
 * The newest database does not list this disk. When there is a disk that both databases call good, connected or not,
 * this one was put out of the group and left behind. When there is none, each went on without the other, and the one
 * with more transactions is not the right one for that.
 */
static enum status was_left_behind(const struct opinion *o, struct arena *a, bool *answer)
{
    const struct ldm_group *g = o->group;
    bool                   *bad = arena_borrow(a, g->disk_count * sizeof *bad);

    if (!bad)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < g->disk_count; i++)
        bad[i] = part_is_dropped(0, g->disks[i].flags);
    for (size_t i = 0; i < g->partition_count; i++) {
        const struct ldm_partition *p = &g->partitions[i];

        if (p->disk && p->component && component_dropped(p->component))
            bad[p->disk - g->disks] = true;
    }
    *answer = false;
    for (size_t i = 0; i < g->disk_count; i++)
        *answer |= !bad[i] && testimony_counts_as_good(&o->says, &g->disks[i].guid);
    return STATUS_OK;
}

/* Another disk that is not the newest either, with this one's transaction. */
static bool another_disk_agrees(const struct opinion *o)
{
    for (size_t i = 0; i < o->view->disk_count; i++) {
        const struct ldm_disk *d = &o->view->disks[i];

        if (d != o->disk && d->group == o->group && d->status == STATUS_OK && !ldm_disk_is_current(d, o->group)
            && d->vmdb.committed == o->disk->vmdb.committed)
            return true;
    }
    return false;
}

static bool is_lost_volume(const struct opinion *o, uint64_t volume) { return !lists(o->db, VBLK_VOLUME, volume); }

static bool volume_before(const void *a, const void *b)
{
    return ((const struct ldm_volume *)a)->id < ((const struct ldm_volume *)b)->id;
}

static bool is_unknown_volume(const struct opinion *o, uint64_t volume)
{
    struct ldm_volume wanted = { .id = volume };
    size_t            i = sort_find(o->group->volumes, o->group->volume_count, sizeof wanted, volume_before, &wanted);

    return i == o->group->volume_count || o->group->volumes[i].id != volume;
}

/* By this disk's database, is one of two or more good halves of such a volume on it? */
static bool has_mirror_of_a(const struct opinion *o, bool (*kind)(const struct opinion *o, uint64_t volume))
{
    for (size_t i = 0; i < o->db->count[VBLK_COMPONENT]; i++) {
        uint64_t volume = database_record(o->db, VBLK_COMPONENT, i)->component.volume_id;

        if (testimony_has_mirror(&o->says, volume) && kind(o, volume))
            return true;
    }
    return false;
}

/*
 * Disks that were put out one by one have different transactions. Two of the same one, with a mirror that the newest
 * database knows nothing of, went on as a pair: the newest is not the right one for having counted further.
 */
static bool is_one_of_a_pair(const struct opinion *o)
{
    return another_disk_agrees(o) && has_mirror_of_a(o, is_unknown_volume);
}

/* The newest database calls this half good. Does this disk call its own half the good one instead? */
static bool is_contradicted(const struct opinion *o, const struct ldm_component *c)
{
    if (!c->volume || has_too_many_parts(c) || component_dropped(c) || component_on_disk(c, o->disk) || !ldm_component_connected(c))
        return false;
    return (is_beyond(o, c) ? speaks_against_its_like(o, c) : speaks_against(o, c)) && testimony_keeps_half_of(&o->says, c->volume->id);
}

/* What the older disk says is lost in part, and it has a half of this volume. */
static bool is_unheard(const struct opinion *o, const struct ldm_component *c)
{
    return (!o->db->complete || o->disk->klog_bad) && c->volume && component_on_disk(c, o->disk);
}

static void compare_survivors(struct opinion *o)
{
    for (size_t i = 0; i < o->group->component_count; i++) {
        const struct ldm_component *c = &o->group->components[i];

        if (is_contradicted(o, c))
            dispute_volume(o, c->volume, STATUS_SPLIT_BRAIN);
        else if (is_unheard(o, c))
            dispute_volume(o, c->volume, STATUS_OPINION_LOST);
    }
}

/* ---- the same records, but logs that drop one another's half */

/* Does the log of a disk of `keeper` drop the other half, and not `keeper`? Returns that disk. */
static struct ldm_disk *log_chooses(const struct ldm_group *group, const struct ldm_component *keeper,
                                    const struct ldm_component *other)
{
    for (size_t i = 0; i < keeper->extent_count; i++) {
        const struct ldm_disk_record *r = keeper->extents[i].partition->disk;
        struct ldm_disk              *d = r ? r->present : NULL;

        if (d && ldm_disk_is_current(d, group) && log_drops(d, other) && !log_drops(d, keeper))
            return d;
    }
    return NULL;
}

static void compare_logs(struct ldm_group *group, const struct ldm_volume *v)
{
    for (size_t i = 0; i < v->component_count; i++)
        for (size_t k = 0; k < i; k++) {
            const struct ldm_component *a = v->components[i], *b = v->components[k];
            struct opinion              o = { .group = group };

            if (has_too_many_parts(a) || has_too_many_parts(b))
                return;
            o.disk = log_chooses(group, a, b);
            if (o.disk && log_chooses(group, b, a))
                dispute_volume(&o, v, STATUS_SPLIT_BRAIN);
        }
}

/* ---- the whole */

/* All that the group says of a disk which it lists is in dispute. One that it does not list is a rival: the plan asks. */
static void dispute_history(struct opinion *o)
{
    enum status how = o->contradicted ? STATUS_SPLIT_BRAIN : STATUS_HISTORIES_PARTED;

    if (o->disk->record)
        dispute_group(o, how);
    part(o, how);
}

static enum status compare(struct opinion *o, struct arena *a)
{
    bool left_behind = true;

    if (ldm_disk_is_current(o->disk, o->group)) {
        compare_records(o);
        return STATUS_OK;
    }
    compare_survivors(o);
    if (o->disk->record && !o->db->complete && has_mirror_of_a(o, is_lost_volume))
        dispute_group(o, STATUS_OPINION_LOST);  /* of a mirror, the record that would tell whether Windows is on it */
    if (histories_parted(o))
        dispute_history(o);
    else if (!o->disk->record && (!o->db->complete || (!o->contradicted && is_one_of_a_pair(o))))
        left_behind = false;  /* what is lost of it may be what tells the two apart */
    else if (!o->disk->record && !o->contradicted)
        TRY(was_left_behind(o, a, &left_behind));
    if (!left_behind)
        part(o, STATUS_HISTORIES_PARTED);
    return STATUS_OK;
}

static enum status hear_disk(struct ldm_group *group, struct ldm_disk *disk, const struct ldm_view *view, struct arena *a)
{
    struct database db = { 0 };
    struct opinion  o = { .group = group, .disk = disk, .view = view, .db = &db };
    size_t          end = arena_end(a);
    enum status     st = database_read(disk, a, &db);

    if (st == STATUS_OK)
        st = testimony_make(&db, a, &o.says);
    if (st == STATUS_OK)
        st = compare(&o, a);
    arena_give_back(a, end);
    return st;
}

/* What a newer group disputes with a disk of this one that it lists, this one disputes with it. */
static void answer_dispute(struct ldm_group *group, const struct ldm_disk *d)
{
    if (d->group != group || !d->parted_from || !d->disputes)
        return;
    for (size_t i = 0; i < group->component_count; i++) {
        group->components[i].dispute = d->parted;
        group->components[i].disputant = d->parted_from;
    }
}

enum status group_hear_others(struct ldm_group *group, const struct ldm_view *view, struct log *log, struct arena *a)
{
    for (size_t i = 0; i < view->disk_count; i++) {
        struct ldm_disk *d = &view->disks[i];

        answer_dispute(group, d);
        if (d->group != group || d->status != STATUS_OK || d == group->source)
            continue;
        log_line(log, "comparing the database of %s ...", d->dev->name);
        TRY(hear_disk(group, d, view, a));
    }
    for (size_t i = 0; i < view->disk_count; i++)
        if (view->disks[i].group == group && view->disks[i].parted_from && view->disks[i].parted_from->group == group)
            group_let_go(&view->disks[i], view);
    for (size_t i = 0; i < group->volume_count; i++)
        compare_logs(group, &group->volumes[i]);
    return STATUS_OK;
}
