/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * candidate.c - the rules for one component.
 *
 * Three questions, in this order: can it be started at all (VERDICT_NEVER when not),
 * is anything held against it (VERDICT_MARKED and the STALE ones: a person must say so), and
 * how likely is its volume the right one (rank).
 */
#include "candidate.h"

#include "alone.h"

#include "common/base/filetime.h"
#include "common/base/mem.h"

const char *candidate_disk_name(const struct plan_candidate *c)
{
    const char *name = ldm_component_disk_name(c->component);

    return name ? name : "a missing disk";
}

void candidate_mark(struct plan_candidate *c, struct arena *a, enum status code)
{
    c->code = code;
    c->text = text_in_arena(a, "%s on %s: %s", c->component->name, candidate_disk_name(c), status_sentence(code));
}

/* ---- can it be started at all */

/* Windows starts from a simple or mirrored volume only; pieces on several disks are fine in a mirror half. */
static bool layout_can_boot(const struct ldm_component *component)
{
    enum volume_type type = component->volume->type;

    return component->layout == LAYOUT_CONCAT && (type == VOLUME_SIMPLE || type == VOLUME_MIRRORED);
}

static enum status check_startable(const struct boot_facts *facts, const struct plan_candidate *c)
{
    if (!layout_can_boot(c->component))
        return STATUS_LAYOUT_NOT_BOOTABLE;
    if (!c->component->present || !c->facts)
        return STATUS_COMPONENT_UNREADABLE;
    if (c->facts->status != STATUS_OK)
        return c->facts->status;
    return facts->rules->check(facts, c->facts);
}

/* ---- is anything held against it */

/* A connected disk of this group: by its PRIVHEAD, which is there even when its database is not. */
static bool disk_in_group(const struct ldm_disk *disk, const struct ldm_group *group)
{
    return disk->has_privhead && guid_equal(&disk->privhead.group_guid, &group->guid)
        && (!disk->group || disk->group == group);  /* not one that went on as another group */
}

static bool is_unread(const struct ldm_disk *disk, const struct ldm_group *group)
{
    return disk_in_group(disk, group) && (disk->group != group || disk->status != STATUS_OK);
}

static bool is_on(const struct ldm_component *component, const struct ldm_disk *disk)
{
    for (size_t i = 0; i < component->extent_count; i++)
        if (component->extents[i].partition->disk == disk->record)
            return true;
    return false;
}

/*
 * A disk that dies is the product's main case: the last that it answers for may be sector 0 and the PRIVHEAD. Windows
 * marked it as failing, and its half as old, in the database of the other disk; what its own could say would change nothing.
 */
static bool is_known_for_dying(const struct ldm_disk *disk, const struct ldm_component *component)
{
    bool has_half = false;

    if (!disk->record || !(disk->record->flags & LDM_DISK_FAILING))
        return false;
    for (size_t i = 0; i < component->volume->component_count; i++) {
        const struct ldm_component *half = component->volume->components[i];

        if (is_on(half, disk) && !half->old)
            return false;
        has_half = has_half || is_on(half, disk);
    }
    return has_half;
}

const struct ldm_disk *candidate_dying_disk(const struct ldm_view *view, const struct ldm_component *component)
{
    for (size_t i = 0; i < view->disk_count; i++)
        if (is_unread(&view->disks[i], component->volume->group) && is_known_for_dying(&view->disks[i], component))
            return &view->disks[i];
    return NULL;
}

/*
 * What the group's disks leave in doubt. A disk whose database is lost could be the newest one. The log of
 * a disk that is up to date may name a half that was dropped since, also when another disk's log does
 * not: the dropped disk was no longer written to.
 */
static enum status group_doubt(const struct ldm_view *view, const struct ldm_component *component)
{
    const struct ldm_group *group = component->volume->group;

    for (size_t i = 0; i < view->disk_count; i++) {
        const struct ldm_disk *disk = &view->disks[i];

        if (is_unread(disk, group) && !is_known_for_dying(disk, component))
            return STATUS_DATABASE_UNREAD;
        if (disk->klog_bad && ldm_disk_is_current(disk, group))
            return STATUS_KLOG_BAD;
    }
    return STATUS_OK;
}

/*
 * Is its data probably older than another half's? A hibernation file, or a log that is lost, is another doubt; and
 * when disks dispute which half is the old one, a person has to say it.
 */
static bool is_old(const struct ldm_component *component)
{
    return component->dispute == STATUS_OK && (component->old || ldm_component_outdated(component));
}

/*
 * Windows would load its registry from the old half, and mount the newer one when it takes over the disks: so
 * what counts is whether a newer one is connected, not whether that one could be started.
 */
static bool better_half_is_here(const struct ldm_component *old)
{
    const struct ldm_volume *volume = old->volume;

    for (size_t i = 0; i < volume->component_count; i++)
        if (ldm_component_connected(volume->components[i]) && !is_old(volume->components[i]))
            return true;
    return false;
}

/* How doubtful is a half that something is held against? */
static enum plan_verdict doubt_verdict(const struct ldm_component *component)
{
    if (!is_old(component))
        return VERDICT_MARKED;
    return better_half_is_here(component) ? VERDICT_STALE : VERDICT_STALE_ONLY;
}

/* Another half is on a disk that is not here. What this database says of it does not matter: the other one may say the same. */
static bool other_half_is_missing(const struct ldm_component *component)
{
    const struct ldm_volume *volume = component->volume;

    for (size_t i = 0; i < volume->component_count; i++)
        if (!ldm_component_connected(volume->components[i]))
            return true;
    return false;
}

bool candidate_unknown_disk(const struct ldm_view *view)
{
    for (size_t i = 0; i < view->disk_count; i++) {
        const struct ldm_disk *disk = &view->disks[i];

        if (disk->has_sector0 && !disk->has_privhead && disk->status != STATUS_OK && disk->status != STATUS_NOT_DYNAMIC)
            return true;
    }
    return false;
}

/* The half that Windows itself would come from, when that is of another volume and something is held against it. */
static const struct ldm_component *doubtful_windows(const struct plan_candidate *c)
{
    const struct component_facts *windows = c->lookup ? c->lookup->windows : NULL;

    if (!windows || windows->volume == c->volume)
        return NULL;
    return windows->component->usable && !ldm_component_outdated(windows->component) ? NULL : windows->component;
}

/* As doubtful as the more doubtful of the two that would be started. */
static enum plan_verdict doubt_of_both(const struct plan_candidate *c)
{
    const struct ldm_component *windows = doubtful_windows(c);
    enum plan_verdict           own = doubt_verdict(c->component);
    enum plan_verdict           other = windows ? doubt_verdict(windows) : own;

    return other > own ? other : own;
}

/* Marks that are not in the component's own list of reasons. */
static enum status other_mark(const struct ldm_view *view, const struct plan_candidate *c)
{
    const struct component_facts *windows = c->lookup ? c->lookup->windows : NULL;
    enum status                   st;

    if (ldm_component_outdated(c->component))
        return STATUS_DATABASE_OLD;
    if (c->facts->loader_problem != STATUS_OK && c->method != METHOD_BIOS_STICK)
        return c->method == METHOD_BIOS_RAM ? STATUS_SPARE_OFFERED : c->facts->loader_problem;
    if (c->facts->hibernated || (windows && windows->hibernated))
        return STATUS_HIBERNATED;
    if (doubtful_windows(c))
        return STATUS_WINDOWS_MARKED;
    if (other_half_is_missing(c->component) && candidate_unknown_disk(view))  /* it may be the one */
        return STATUS_DISK_UNKNOWN;
    st = group_doubt(view, c->component);
    if (st != STATUS_OK)
        return st;
    return c->method == METHOD_BIOS_STICK ? STATUS_STICK_LOADER : STATUS_OK;
}

/* ---- how old is it */

static void tell_disk(struct plan_candidate *c, struct arena *a, const struct ldm_disk *disk)
{
    char time[FILETIME_TEXT];

    if (disk && disk->has_vmdb)
        note_add(&c->age, a, STATUS_LAST_WRITTEN, "%s (%s), transaction %llu, %s", disk->dev->name,
                 disk->record ? disk->record->name : "not listed", (unsigned long long)disk->vmdb.committed,
                 filetime_text(disk->privhead.update_time, time));
}

/* A disk of this group that went on without its others, as a group of its own (opinion.c). */
static bool is_split_off(const struct ldm_disk *disk, const struct ldm_group *group)
{
    return disk->group && disk->group != group && guid_equal(&disk->group->guid, &group->guid);
}

static bool is_split(const struct ldm_view *view, const struct ldm_group *group)
{
    for (size_t i = 0; i < view->disk_count; i++)
        if (is_split_off(&view->disks[i], group))
            return true;
    return false;
}

/* Every disk that says otherwise, also one that the newest database does not list any more. */
static void tell_disputants(struct plan_candidate *c, struct arena *a, const struct ldm_view *view)
{
    const struct ldm_group *group = c->volume->group;

    for (size_t i = 0; i < view->disk_count; i++) {
        const struct ldm_disk *disk = &view->disks[i];
        bool                   disputes = c->component->dispute != STATUS_OK && disk->group == group && disk->disputes;

        if (disputes || is_split_off(disk, group))
            tell_disk(c, a, disk);
    }
}

/* The disks of all halves, those in dispute, and the one with the newest database: the person compares. */
static void tell_age(struct plan_candidate *c, struct arena *a, const struct ldm_view *view)
{
    const struct ldm_volume *v = c->volume;

    if (!is_old(c->component) && c->component->dispute == STATUS_OK && !is_split(view, v->group))
        return;
    if (c->component->changed && c->component->reasons.first)
        note_add(&c->age, a, STATUS_STALE_SINCE, "%s, transaction %llu", c->component->name,
                 (unsigned long long)c->component->changed);
    for (size_t i = 0; i < v->component_count; i++)
        for (size_t k = 0; k < v->components[i]->extent_count; k++)
            tell_disk(c, a, v->components[i]->extents[k].disk);
    tell_disputants(c, a, view);
    tell_disk(c, a, v->group->source);
}

/* ---- how likely is its volume the right one */

/* Can a loader be had for a Windows without one: its own spare one, or the stick's? */
static bool has_loader_for_memory(const struct plan_candidate *c)
{
    return c->facts->alone != ALONE_NOT && c->lost == STATUS_OK;
}

static enum plan_rank rank_of(const struct plan_candidate *c, const struct boot_facts *facts)
{
    bool flag = c->volume->flags & facts->rules->volume_flag;

    if (facts->rules->has_loader(c->facts))
        return flag ? RANK_LOADER_AND_FLAG : RANK_LOADER;
    if (has_loader_for_memory(c))
        return RANK_WINDOWS;
    if (flag)
        return RANK_FLAG;
    return c->volume->type == VOLUME_MIRRORED ? RANK_MIRRORED : RANK_OTHER;
}

/* The component's first own reason, in the words the scan gave it; else the code's. */
static void mark_with_reason(struct plan_candidate *c, struct arena *a, enum status otherwise)
{
    const struct note *reason = c->component->reasons.first;
    const char        *name = c->component->name;

    if (!reason) {
        candidate_mark(c, a, otherwise);
        return;
    }
    c->code = reason->code;
    if (span_starts_with(span_of(reason->text, strlen(reason->text)), name, strlen(name)))
        c->text = reason->text;
    else  /* about its disk or volume: say for whom that counts */
        c->text = text_in_arena(a, "%s, %s", name, reason->text);
}

/* Where Windows's kernel will look: the numbers that it gives the two volumes itself, in the real tables. */
static void find_windows(struct plan_candidate *c, const struct boot_facts *facts)
{
    unsigned (*number)(const struct component_facts *) = facts->rules->kernel_number;

    c->windows = c->lookup && c->lookup->windows ? c->lookup->windows : c->facts;
    c->windows_number = number(c->windows);
    c->number = number(c->facts);
    if (c->windows_number == 0)
        c->number_doubt = facts->rules->method == METHOD_VBR && c->windows->disk->table == TABLE_GPT ? STATUS_GPT_BY_BIOS :
                                                                                                       STATUS_NOT_RETAINED;
}

/* ---- a loader in memory (BIOS) */

#define SYSTEM_VOLUME_ROOM 8192u  /* sectors behind the disk's end: BOOTMGR_MAX and as much again take less */

/* Why none can be had for a Windows without one. */
static enum status why_lost(const struct boot_facts *facts, const struct plan_candidate *c)
{
    enum status lost = alone_why_not(facts, c->facts);
    unsigned    number = c->facts->stick_number;

    if (lost == STATUS_OK && number != 0 && number != lookup_number(c->lookup, c->facts))
        return STATUS_STICK_BOOTINI;
    return lost;
}

/* Could the system volume be shown? OK, NO_ROOM_BEHIND, NO_FREE_SLOT. */
static enum status place_for_system(const struct plan_candidate *c)
{
    if (blk_sectors(c->facts->disk->dev) > UINT32_MAX - SYSTEM_VOLUME_ROOM)
        return STATUS_NO_ROOM_BEHIND;
    return c->lookup && slots_spare(&c->lookup->slots) == MBR_ENTRIES ? STATUS_NO_FREE_SLOT : STATUS_OK;
}

/* From memory also where its own loader cannot be started: its rank stays, and a person is asked. */
static enum boot_method method_of(const struct plan_candidate *c, const struct boot_facts *facts)
{
    if (!has_loader_for_memory(c) || place_for_system(c) != STATUS_OK)
        return facts->rules->method;
    return c->facts->alone == ALONE_SPARE ? METHOD_BIOS_RAM : METHOD_BIOS_STICK;
}

struct plan_candidate candidate_judge(const struct ldm_view *view, const struct boot_facts *facts,
                                      const struct ldm_component *component, struct arena *a)
{
    struct plan_candidate c = { .volume = component->volume, .component = component, .rank = RANK_NEVER,
                                .facts = facts_find(facts, component), .verdict = VERDICT_NEVER, .text = "" };
    enum status           never = check_startable(facts, &c), mark;

    if (never == STATUS_COMPONENT_UNREADABLE) {
        mark_with_reason(&c, a, never);
        return c;
    }
    if (never != STATUS_OK) {
        candidate_mark(&c, a, never);
        return c;
    }

    if (facts->rules->make_lookup && facts->rules->make_lookup(view, facts, c.facts, a, &c.lookup) != STATUS_OK) {
        candidate_mark(&c, a, STATUS_NO_MEMORY);
        return c;
    }
    find_windows(&c, facts);
    c.lost = why_lost(facts, &c);
    c.rank = rank_of(&c, facts);
    c.method = method_of(&c, facts);
    if (c.rank == RANK_WINDOWS && place_for_system(&c) != STATUS_OK) {
        candidate_mark(&c, a, place_for_system(&c));
        c.rank = RANK_NEVER;
        return c;
    }
    c.verdict = doubt_of_both(&c);
    mark = other_mark(view, &c);
    if (!component->usable)
        mark_with_reason(&c, a, STATUS_COMPONENT_UNREADABLE);
    else if (mark != STATUS_OK)
        candidate_mark(&c, a, mark);
    else
        c.verdict = VERDICT_GOOD;
    tell_age(&c, a, view);
    return c;
}
