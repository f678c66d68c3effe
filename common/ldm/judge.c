/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge.c - may this half be used? Positions, completeness, and every mark against it.
 *
 * Nothing that carries a mark is usable; the marks are docs/ldm-format.md's flags
 * and states. What to do with marked halves is plan.c's business.
 */
#include "common/base/checked.h"
#include "common/base/mem.h"
#include "common/base/sort.h"
#include "group.h"

struct judge {
    struct ldm_group       *group;
    const struct ldm_view  *view;
    struct arena           *a;
    bool                    log_known;  /* the log of some disk with the newest database was read */
};

/* What a state says goes before what another says: a damaged record before a missing disk, and so on. */
static unsigned gravity(enum component_state state)
{
    switch (state) {
    case COMPONENT_UNKNOWN: return 5;
    case COMPONENT_MISSING: return 4;
    case COMPONENT_FAILED:  return 3;
    case COMPONENT_STALE:   return 2;
    case COMPONENT_RESYNC:  return 1;
    case COMPONENT_ACTIVE:  break;
    }
    return 0;
}

/* Something is held against it that says nothing about the age of its data. */
static void doubt(struct judge *j, struct ldm_component *c, enum component_state state, enum status code,
                  const char *subject)
{
    if (gravity(state) > gravity(c->state))
        c->state = state;
    note_add(&c->reasons, j->a, code, "%s", subject);
}

/* Something is held against it; by some of the states its data is old. */
static void mark(struct judge *j, struct ldm_component *c, enum component_state state, enum status code,
                 const char *subject)
{
    doubt(j, c, state, code, subject);
    c->old |= state == COMPONENT_STALE || state == COMPONENT_RESYNC || state == COMPONENT_FAILED;
}

/* ---- positions */

/* Data columns: those that hold the volume's own data; 0 when the layout makes no sense. */
static uint64_t data_columns(const struct ldm_component *c)
{
    switch (c->layout) {
    case LAYOUT_CONCAT: return 1;
    case LAYOUT_STRIPE: return c->columns;
    case LAYOUT_RAID5:  return c->columns > 1 ? c->columns - 1 : 0;
    default:            return 0;
    }
}

/* Extents, sorted by column and offset, cover every column from 0 without gap or overlap, all columns alike. */
static bool columns_covered(const struct ldm_component *c, uint64_t *column_sectors)
{
    uint64_t columns = c->layout == LAYOUT_CONCAT ? 1 : c->columns, column = 0, reached = 0, first_length = 0;

    for (size_t i = 0; i < c->extent_count; i++) {
        const struct ldm_extent *x = &c->extents[i];

        if (x->partition->column != column) {
            if (x->partition->column != column + 1 || (column > 0 && reached != first_length))
                return false;
            if (column == 0)
                first_length = reached;
            column++;
            reached = 0;
        }
        if (x->volume_offset != reached || !x->sectors || !add_u64(reached, x->sectors, &reached))
            return false;
    }
    *column_sectors = reached;
    return c->extent_count > 0 && column + 1 == columns && (column == 0 || reached == first_length);
}

static bool covers_volume(const struct ldm_component *c)
{
    uint64_t column_sectors, sectors;

    return columns_covered(c, &column_sectors) && mul_u64(column_sectors, data_columns(c), &sectors)
        && c->volume && c->volume->sectors > 0 && sectors >= c->volume->sectors;
}

/* The extent's place on its disk. False, and a mark, when it has none there. */
static bool place_extent(struct judge *j, struct ldm_component *c, struct ldm_extent *x)
{
    const struct ldm_partition *p = x->partition;
    struct ldm_disk            *disk = p->disk ? p->disk->present : NULL;

    if (!disk)
        return false;
    if (!range_inside(p->start, p->sectors, disk->privhead.public_sectors)
        || !add_u64(disk->privhead.public_start, p->start, &x->lba)) {
        mark(j, c, COMPONENT_UNKNOWN, STATUS_EXTENTS_INVALID, c->name);
        return false;
    }
    x->disk = disk;
    if (range_inside(x->lba, x->sectors, blk_sectors(disk->dev)))
        return true;
    mark(j, c, COMPONENT_MISSING, STATUS_EXTENT_BEYOND_DISK, c->name);
    return false;
}

static void place(struct judge *j, struct ldm_component *c)
{
    bool placed = c->extent_count > 0;

    for (size_t i = 0; i < c->extent_count; i++)
        placed &= place_extent(j, c, &c->extents[i]);
    c->complete = c->volume && c->extent_count == c->partitions_expected && covers_volume(c);
    c->present = c->complete && placed && !has_too_many_parts(c);
    if (has_too_many_parts(c))
        mark(j, c, COMPONENT_UNKNOWN, STATUS_TOO_MANY_PARTS, c->name);
}

/* ---- parts that overlap */

static bool by_disk_and_start(const void *a, const void *b)
{
    const struct ldm_partition *const *x = a, *const *y = b;

    if ((*x)->disk != (*y)->disk)
        return (*x)->disk->id < (*y)->disk->id;
    return (*x)->start < (*y)->start;
}

static uint64_t end_of(const struct ldm_partition *p)
{
    uint64_t end;

    return add_u64(p->start, p->sectors, &end) ? end : UINT64_MAX;
}

/* Two volumes in one place: one of them has overwritten the other, so neither is started. */
static void refuse_part(struct judge *j, const struct ldm_partition *p)
{
    if (!p->component)
        return;
    p->component->present = false;
    mark(j, p->component, COMPONENT_UNKNOWN, STATUS_PARTITIONS_OVERLAP,
         text_in_arena(j->a, "%s on %s", p->name, p->disk->name));
}

static enum status judge_overlaps(struct judge *j)
{
    const struct ldm_group      *g = j->group;
    size_t                       end = arena_end(j->a), count = 0;
    const struct ldm_partition **parts = arena_borrow(j->a, g->partition_count * sizeof *parts), *furthest;

    if (!parts)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < g->partition_count; i++)
        if (g->partitions[i].disk)
            parts[count++] = &g->partitions[i];
    sort_items(parts, count, sizeof *parts, by_disk_and_start);
    furthest = count ? parts[0] : NULL;
    for (size_t i = 1; i < count; i++) {
        bool same_disk = parts[i]->disk == furthest->disk;

        if (same_disk && parts[i]->start < end_of(furthest)) {
            refuse_part(j, furthest);
            refuse_part(j, parts[i]);
        }
        if (!same_disk || end_of(parts[i]) > end_of(furthest))
            furthest = parts[i];
    }
    arena_give_back(j->a, end);
    return STATUS_OK;
}

/* ---- marks */

bool component_on_disk(const struct ldm_component *c, const struct ldm_disk *disk)
{
    for (size_t i = 0; i < c->extent_count; i++) {
        const struct ldm_disk_record *r = c->extents[i].partition->disk;

        if (r && r == disk->record)
            return true;
    }
    return false;
}

bool component_dropped(const struct ldm_component *c)
{
    if (half_is_dropped(span_of(c->state_text, strlen(c->state_text)), c->flags))
        return true;
    for (size_t i = 0; i < c->extent_count; i++) {
        const struct ldm_partition *p = c->extents[i].partition;

        if (part_is_dropped(p->flags, p->disk ? p->disk->flags : 0))
            return true;
    }
    return false;
}

static void judge_dispute(struct judge *j, struct ldm_component *c)
{
    if (c->dispute != STATUS_OK)
        mark(j, c, COMPONENT_UNKNOWN, c->dispute,
             text_in_arena(j->a, "%s, against %s", c->name, c->disputant->dev->name));
}

static void judge_records(struct judge *j, struct ldm_component *c)
{
    const struct ldm_volume *v = c->volume;
    bool missing = !v || v->component_count != v->components_expected || c->extent_count != c->partitions_expected;

    for (size_t i = 0; i < c->extent_count; i++)
        missing |= !c->extents[i].partition->disk;
    if (missing)
        mark(j, c, COMPONENT_UNKNOWN, STATUS_RECORDS_MISSING, c->name);
    else if (!c->complete)
        mark(j, c, COMPONENT_UNKNOWN, STATUS_EXTENTS_INVALID, c->name);
    if (j->group->inconsistent)
        mark(j, c, COMPONENT_UNKNOWN, STATUS_DATABASE_INCONSISTENT, c->name);
    if (!ldm_vmdb_in_force(&j->group->vmdb))
        mark(j, c, COMPONENT_UNKNOWN, STATUS_VMDB_UNTRUSTED, c->name);
    if (!j->log_known)
        mark(j, c, COMPONENT_UNKNOWN, STATUS_KLOG_BAD, c->name);
}

static void judge_own_state(struct judge *j, struct ldm_component *c)
{
    enum component_state not_active = strcmp(c->state_text, "SYNC") == 0 ? COMPONENT_RESYNC : COMPONENT_STALE;

    if (strcmp(c->state_text, "ACTIVE") != 0)
        mark(j, c, not_active, STATUS_COMPONENT_NOT_ACTIVE, text_in_arena(j->a, "%s (%s)", c->name, c->state_text));
    if (c->flags & LDM_COMP_RECOVER)
        mark(j, c, COMPONENT_STALE, STATUS_COMPONENT_RECOVER, c->name);
    if (c->flags & LDM_COMP_IOFAIL)
        mark(j, c, COMPONENT_FAILED, STATUS_COMPONENT_IOFAIL, c->name);
    if (c->flags & LDM_COMP_PENDING)
        mark(j, c, COMPONENT_STALE, STATUS_COMPONENT_PENDING, c->name);
}

/*
 * The committed state holds, but another disk may have the change behind it already, and data written since. A
 * volume without mirror has no other data.
 */
static void judge_pending_change(struct judge *j, struct ldm_component *c)
{
    if (c->leaving && c->volume && c->volume->component_count > 1)
        mark(j, c, COMPONENT_ACTIVE, STATUS_COMPONENT_LEAVING, c->name);
}

/* While a mirror is synchronised the half that is copied from is good: its records are clean, and no other's are. */
static bool is_resync_source(const struct ldm_component *c)
{
    const struct ldm_volume *v = c->volume;

    if (strcmp(v->state_text, "SYNC") != 0 || v->component_count < 2 || has_too_many_parts(c) || component_dropped(c))
        return false;
    for (size_t i = 0; i < v->component_count; i++)
        if (v->components[i] != c && !component_dropped(v->components[i]))
            return false;
    return true;
}

/* Why a disk that is connected is not the group's any more. */
static enum status why_elsewhere(const struct judge *j, const struct ldm_disk *d)
{
    if (d->has_vmdb && guid_equal(&d->vmdb.group_guid, &j->group->guid))
        return STATUS_HISTORIES_PARTED;
    if (d->status == STATUS_NOT_DYNAMIC)
        return STATUS_DISK_MADE_BASIC;
    return d->status == STATUS_PRIVHEAD_CONFLICT ? STATUS_PRIVHEAD_CONFLICT : STATUS_DISK_ELSEWHERE;
}

static const char *name_and_place(const struct judge *j, const struct ldm_disk_record *r, const struct ldm_disk *d)
{
    return text_in_arena(j->a, "%s (%s)", r->name, d->dev->name);
}

/*
 * A disk with another half of the volume is here, but not as a member of the group: Windows may have run on it
 * alone, and no database of the group would know.
 */
static void judge_lost_members(struct judge *j, struct ldm_component *c)
{
    const struct ldm_volume *v = c->volume;

    for (size_t i = 0; !has_too_many_parts(c) && i < v->component_count; i++)
        for (size_t k = 0; v->components[i] != c && k < v->components[i]->extent_count; k++) {
            const struct ldm_disk_record *r = v->components[i]->extents[k].partition->disk;

            if (r && r->elsewhere)
                mark(j, c, COMPONENT_UNKNOWN, why_elsewhere(j, r->elsewhere), name_and_place(j, r, r->elsewhere));
        }
}

struct flag_mark {
    uint32_t    flag;
    enum status code;
};

/* Flags that are known by name only: each says that something was not finished, and of no half that it is the old one. */
static const struct flag_mark volume_marks[] = {
    { LDM_VOL_BAD_LOG, STATUS_VOLUME_BAD_LOG },
    { LDM_VOL_APP_RECOVER, STATUS_VOLUME_APP_RECOVER },
    { LDM_VOL_PENDING, STATUS_VOLUME_PENDING },
};
static const struct flag_mark disk_marks[] = {
    { LDM_DISK_ENCAP_PENDING, STATUS_DISK_ENCAP_PENDING },
    { LDM_DISK_MERGE_REQUIRED, STATUS_DISK_MERGE_REQUIRED },
};

static void judge_flags(struct judge *j, struct ldm_component *c, const struct flag_mark *marks, size_t count, uint32_t flags,
                        const char *subject)
{
    for (size_t i = 0; i < count; i++)
        if (flags & marks[i].flag)
            mark(j, c, COMPONENT_UNKNOWN, marks[i].code, subject);
}

/* What is said of the volume is said of all its halves alike: it makes none of them the old one. */
static void judge_volume(struct judge *j, struct ldm_component *c)
{
    const struct ldm_volume *v = c->volume;

    if (!v)
        return;
    c->source = is_resync_source(c);
    if (strcmp(v->state_text, "ACTIVE") != 0 && !c->source)
        doubt(j, c, COMPONENT_RESYNC, STATUS_VOLUME_NOT_ACTIVE, text_in_arena(j->a, "%s (%s)", v->name, v->state_text));
    judge_lost_members(j, c);
    if (v->flags & LDM_VOL_CRASHED)
        doubt(j, c, COMPONENT_FAILED, STATUS_VOLUME_CRASHED, v->name);
    if (v->flags & LDM_VOL_KDETACH)
        doubt(j, c, COMPONENT_STALE, STATUS_VOLUME_DETACHED, v->name);
    judge_flags(j, c, volume_marks, ARRAY_LEN(volume_marks), v->flags, v->name);
}

/* "Disk2 on hd81 and hd82": the one that is read, and its copies. */
static const char *names_of_copies(const struct judge *j, const struct ldm_disk_record *r)
{
    const char *text = text_in_arena(j->a, "%s on %s", r->name, r->present->dev->name);

    for (size_t i = 0; i < j->view->disk_count; i++)
        if (j->view->disks[i].record == r && &j->view->disks[i] != r->present)
            text = text_in_arena(j->a, "%s and %s", text, j->view->disks[i].dev->name);
    return text;
}

static void judge_disk(struct judge *j, struct ldm_component *c, const struct ldm_disk_record *r)
{
    if (!r->present && r->elsewhere)
        mark(j, c, COMPONENT_MISSING, why_elsewhere(j, r->elsewhere), name_and_place(j, r, r->elsewhere));
    else if (!r->present)
        mark(j, c, COMPONENT_MISSING, STATUS_DISK_MISSING, r->name);
    else if (r->present->front_lost)
        mark(j, c, COMPONENT_UNKNOWN, STATUS_FRONT_LOST, name_and_place(j, r, r->present));
    if (r->flags & LDM_DISK_FAILING)  /* I/O errors: "Online (Errors)" in Disk Management */
        doubt(j, c, COMPONENT_FAILED, STATUS_DISK_FAILING, r->name);
    if (r->flags & LDM_DISK_REMOVED)
        mark(j, c, COMPONENT_FAILED, STATUS_DISK_REMOVED, r->name);
    if (r->flags & LDM_DISK_DETACHED)
        mark(j, c, COMPONENT_FAILED, STATUS_DISK_DETACHED, r->name);
    judge_flags(j, c, disk_marks, ARRAY_LEN(disk_marks), r->flags, r->name);
    if (r->present && r->present->has_vmdb && !ldm_vmdb_in_force(&r->present->vmdb) && ldm_vmdb_in_force(&j->group->vmdb))
        mark(j, c, COMPONENT_UNKNOWN, STATUS_VMDB_UNTRUSTED, name_and_place(j, r, r->present));
    if (r->copies > 1)
        mark(j, c, COMPONENT_UNKNOWN, STATUS_DISK_CLONED, names_of_copies(j, r));
    if (r->present && r->present->status != STATUS_OK)
        mark(j, c, COMPONENT_UNKNOWN, r->present->status, name_and_place(j, r, r->present));
}

/* Of an ordinary, mountable partition: not dynamic, and no container of logical drives. */
static bool is_basic_type(uint8_t type)
{
    return type != 0 && type != MBR_TYPE_LDM && type != MBR_TYPE_PROTECTIVE && !mbr_type_is_extended(type);
}

static bool ranges_meet(uint64_t a, uint64_t a_count, uint64_t b, uint64_t b_count)
{
    return a_count > 0 && b_count > 0 && (a < b ? b - a < a_count : a - b < b_count);
}

static bool meets_a_basic_entry(const struct ldm_extent *x, const struct mbr_entry *entries, size_t count)
{
    uint64_t unit = x->disk->dev->block_size / SECTOR_BYTES;

    for (size_t i = 0; i < count; i++)
        if (is_basic_type(entries[i].type)
            && ranges_meet(entries[i].start * unit, entries[i].sectors * unit, x->lba, x->sectors))
            return true;
    return false;
}

/* Whatever it is: who makes a GPT entry of another kind over a volume means to use the volume without LDM. */
static bool meets_a_gpt_entry(const struct ldm_extent *x)
{
    uint64_t unit = x->disk->dev->block_size / SECTOR_BYTES;

    for (size_t i = 0; i < x->disk->gpt.count; i++) {
        const struct gpt_entry *e = &x->disk->gpt.entries[i];

        if (!guid_equal(&e->type, &gpt_type_ldm_data) && !guid_equal(&e->type, &gpt_type_ldm_metadata)
            && ranges_meet(e->start * unit, e->blocks * unit, x->lba, x->sectors))
            return true;
    }
    return false;
}

/*
 * An entry of the disk's own table, or a logical drive, shows these sectors as a basic partition: the known last resort
 * against 0x7B, after which Windows writes to the one half alone.
 */
static bool extent_is_basic(const struct ldm_extent *x)
{
    const struct ldm_disk *d = x->disk;

    return (d->table == TABLE_MBR && meets_a_basic_entry(x, d->mbr.entries, MBR_ENTRIES))
        || (d->logical && meets_a_basic_entry(x, d->logical->drives, d->logical->count)) || meets_a_gpt_entry(x);
}

static void judge_partitions(struct judge *j, struct ldm_component *c)
{
    for (size_t i = 0; i < c->extent_count; i++) {
        const struct ldm_partition *p = c->extents[i].partition;

        if (c->extents[i].disk && extent_is_basic(&c->extents[i]))
            mark(j, c, COMPONENT_UNKNOWN, STATUS_ENTRY_BASIC, p->name);

        if (p->flags & LDM_PART_DETACH)
            mark(j, c, COMPONENT_STALE, STATUS_PARTITION_DETACHED, p->name);
        if (p->flags & LDM_PART_RECOVER)
            mark(j, c, COMPONENT_STALE, STATUS_PARTITION_RECOVER, p->name);
        if (p->disk)
            judge_disk(j, c, p->disk);
    }
}

/* ---- the log */

static void judge_by_log(struct judge *j, const struct ldm_disk *d)
{
    if (!ldm_disk_is_current(d, j->group) || d->klog_bad)
        return;
    j->log_known = true;
    for (size_t i = 0; i < j->group->component_count; i++) {
        struct ldm_component *c = &j->group->components[i];

        if (klog_names(d, KLOG_DETACH, j->group->vmdb.committed, c))
            mark(j, c, COMPONENT_STALE, STATUS_KLOG_DETACHED, c->name);
        c->dirty |= klog_names(d, KLOG_DIRTY, 0, c) || klog_names(d, KLOG_APP_DIRTY, 0, c);
    }
}

/*
 * Writes were under way when the power went: a half that had finished them is the better one, if there is one. One
 * that was not connected then has nothing unfinished either.
 */
static bool clean_half_is_here(const struct ldm_component *c)
{
    for (size_t i = 0; c->volume && i < c->volume->component_count; i++) {
        const struct ldm_component *other = c->volume->components[i];

        if (other->usable && !other->dirty && !ldm_component_outdated(other))
            return true;
    }
    return false;
}

static void judge_dirty(struct judge *j)
{
    for (size_t i = 0; i < j->group->component_count; i++) {
        struct ldm_component *c = &j->group->components[i];

        if (c->dirty && clean_half_is_here(c)) {
            mark(j, c, COMPONENT_STALE, STATUS_KLOG_DIRTY, c->name);
            c->usable = false;
        }
    }
}

/* ---- a commit that one disk has to its end, and another has not */

static bool commit_has_ended(const struct ldm_component *c)
{
    for (size_t i = 0; i < c->extent_count; i++)
        if (c->extents[i].disk && c->extents[i].disk->vmdb.rolled_forward)
            return false;
    return true;
}

static bool ended_half_is_here(const struct ldm_component *c)
{
    for (size_t i = 0; i < c->volume->component_count; i++) {
        const struct ldm_component *other = c->volume->components[i];

        if (other->usable && commit_has_ended(other) && !ldm_component_outdated(other))
            return true;
    }
    return false;
}

/* A disk that stops answering does so in the middle of a commit, too, and that commit is the one that drops it. */
static void judge_commits(struct judge *j)
{
    for (size_t i = 0; i < j->group->component_count; i++) {
        struct ldm_component *c = &j->group->components[i];

        if (c->usable && !commit_has_ended(c) && ended_half_is_here(c)) {
            mark(j, c, COMPONENT_ACTIVE, STATUS_COMMIT_ELSEWHERE, c->name);
            c->usable = false;
        }
    }
}

/* ---- the whole */

static void judge_component(struct judge *j, struct ldm_component *c)
{
    place(j, c);
    judge_records(j, c);
    judge_own_state(j, c);
    judge_pending_change(j, c);
    judge_volume(j, c);
    judge_partitions(j, c);
}

enum status group_judge(struct ldm_group *group, const struct ldm_view *view, struct arena *a)
{
    struct judge j = { group, view, a, false };

    for (size_t i = 0; i < group->component_count; i++)
        judge_dispute(&j, &group->components[i]);
    for (size_t i = 0; i < view->disk_count; i++)
        judge_by_log(&j, &view->disks[i]);
    for (size_t i = 0; i < group->component_count; i++)
        judge_component(&j, &group->components[i]);
    TRY(judge_overlaps(&j));
    for (size_t i = 0; i < group->component_count; i++) {
        struct ldm_component *c = &group->components[i];

        c->usable = c->present && c->reasons.count == 0 && c->state == COMPONENT_ACTIVE;
    }
    judge_dirty(&j);
    judge_commits(&j);
    if (ldm_group_phase(group) != STATUS_OK)
        note_add(&group->notes, a, ldm_group_phase(group), "group %s", group->name);
    return STATUS_OK;
}
