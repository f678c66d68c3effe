/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scan.c - every disk, then every group with its newest database.
 *
 * Two rounds: the first reads of each disk who it is and how new its database
 * is (disk_scan.c); the second reads the records of one disk per group.
 */
#include "scan.h"

#include "common/base/mem.h"
#include "disk_scan.h"
#include "group.h"

static void log_disk(struct log *log, const struct ldm_disk *d)
{
    if (d->status == STATUS_OK)
        log_line(log, "  dynamic disk, group %s, %u volume%s, transaction %llu", d->vmdb.group_name,
                 d->vmdb.committed_counts[0], d->vmdb.committed_counts[0] == 1 ? "" : "s",
                 (unsigned long long)d->vmdb.committed);
    else
        log_line(log, "  %s", status_sentence(d->status));
}

static enum status scan_disks(struct block_device *const *disks, size_t n, struct log *log, struct arena *a,
                              struct ldm_view *view)
{
    view->disks = arena_array(a, n, sizeof *view->disks);
    if (!view->disks)
        return STATUS_NO_MEMORY;
    view->disk_count = n;
    for (size_t i = 0; i < n; i++) {
        log_line(log, "reading %s ...", disks[i]->name);
        TRY(disk_scan(disks[i], a, &view->disks[i]));
        log_disk(log, &view->disks[i]);
    }
    return STATUS_OK;
}

/* ---- groups */

/* Of one group, and not yet in one: disks that went on without each other make two (opinion.c). */
static bool same_group(const struct ldm_disk *a, const struct ldm_disk *b)
{
    return a->has_vmdb && b->has_vmdb && !a->group && !b->group
        && guid_equal(&a->vmdb.group_guid, &b->vmdb.group_guid);
}

/* The newest committed transaction among the disks of this disk's group. */
static uint64_t newest(const struct ldm_view *view, const struct ldm_disk *member)
{
    uint64_t committed = 0;

    for (size_t i = 0; i < view->disk_count; i++)
        if (same_group(&view->disks[i], member) && view->disks[i].vmdb.committed > committed)
            committed = view->disks[i].vmdb.committed;
    return committed;
}

static size_t record_count(const struct database *db)
{
    return db->count[VBLK_VOLUME] + db->count[VBLK_COMPONENT] + db->count[VBLK_PARTITION] + db->count[VBLK_DISK];
}

/*
 * Is the copy `a` the better one? What Windows calls in force goes before what it does not; then a complete one, then
 * the one with more records that contradict nothing. Of equal ones the choice must not depend on the firmware's order,
 * or one order of the disks would start what the other one asks about: the disk's GUID decides.
 */
static bool better_database(const struct database *a, const struct database *b)
{
    bool a_in_force = ldm_vmdb_in_force(&a->disk->vmdb), b_in_force = ldm_vmdb_in_force(&b->disk->vmdb);

    if (a_in_force != b_in_force)
        return a_in_force;
    if (a->complete != b->complete)
        return a->complete;
    if (a->inconsistent != b->inconsistent)
        return !a->inconsistent;
    if (record_count(a) != record_count(b))
        return record_count(a) > record_count(b);
    return memcmp(&a->disk->privhead.disk_guid, &b->disk->privhead.disk_guid, sizeof(struct guid)) < 0;
}

/* Nothing that is read after this copy could be better. */
static bool is_good_enough(const struct database *db)
{
    return db->complete && ldm_vmdb_in_force(&db->disk->vmdb);
}

/*
 * The best copy among the disks that have the newest database. A disk that is damaged but newest is never passed over
 * for an older one: what the older one calls good may have been dropped since.
 */
static enum status read_best(const struct ldm_view *view, const struct ldm_disk *member, struct arena *a,
                             struct database *best)
{
    uint64_t        committed = newest(view, member);
    struct database db = { 0 }, found = { 0 };
    size_t          end = arena_end(a);

    for (size_t i = 0; i < view->disk_count && !(db.disk && is_good_enough(&db)); i++) {
        const struct ldm_disk *d = &view->disks[i];

        if (!same_group(d, member) || d->vmdb.committed != committed)
            continue;
        arena_give_back(a, end);
        TRY(database_read(d, a, &db));
        if (!found.disk || better_database(&db, &found))
            found = db;
    }
    if (db.disk == found.disk) {
        *best = db;
        return STATUS_OK;
    }
    arena_give_back(a, end);
    return database_read(found.disk, a, best);
}

static enum status add_group(struct ldm_view *view, const struct ldm_disk *member, struct log *log, struct arena *a)
{
    struct ldm_group *g = &view->groups[view->group_count];
    struct database   db = { 0 };
    size_t            end = arena_end(a);
    enum status       st = read_best(view, member, a, &db);

    if (st == STATUS_OK)
        st = group_build(&db, a, g);
    arena_give_back(a, end);
    if (st != STATUS_OK)
        return st;
    view->group_count++;
    group_find_disks(g, view, a);
    TRY(group_hear_others(g, view, log, a));
    return group_judge(g, view, a);
}

/* One group for each first disk of a group. Each takes at least the disk whose database it has, so there is an end. */
static enum status scan_groups(struct ldm_view *view, struct log *log, struct arena *a)
{
    view->groups = arena_array(a, view->disk_count, sizeof *view->groups);
    if (!view->groups)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < view->disk_count; i++)
        while (view->disks[i].has_vmdb && !view->disks[i].group)
            TRY(add_group(view, &view->disks[i], log, a));
    return STATUS_OK;
}

enum status ldm_scan(struct block_device *const *disks, size_t n, struct log *log,
                     struct arena *a, struct ldm_view *view)
{
    struct ldm_view v = { 0 };
    size_t          mark = arena_mark(a);
    enum status     st = scan_disks(disks, n, log, a, &v);

    if (st == STATUS_OK)
        st = scan_groups(&v, log, a);
    if (st != STATUS_OK) {
        arena_release(a, mark);
        return st;
    }
    *view = v;
    return STATUS_OK;
}
