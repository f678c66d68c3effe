/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan.c - from judged candidates to one decision.
 *
 * The rules in words are in docs/how-it-chooses.md; those for a single component are in candidate.c.
 *
 * "Never guess": the best candidate is started only when it is GOOD, no other volume is as
 * likely, and nothing that could not be read may hide a better one.
 */
#include "plan.h"

#include "alone.h"
#include "candidate.h"
#include "select.h"

struct decision {
    const struct ldm_view   *view;
    const struct boot_facts *facts;
    const struct config     *cfg;
    struct selection         sel;
    struct arena            *arena;
    struct boot_plan        *plan;
};

const char *plan_result_name(enum plan_result result)
{
    return result == PLAN_BOOT ? "boot" : result == PLAN_ASK ? "ask" : "none";
}

const char *boot_method_name(enum boot_method method)
{
    switch (method) {
    case METHOD_VBR:        return "vbr";
    case METHOD_BIOS_RAM:   return "bios-ram";
    case METHOD_BIOS_STICK: return "bios-stick";
    case METHOD_UEFI_RAM:   return "uefi-ram";
    case METHOD_UEFI_ESP:   return "uefi-esp";
    case METHOD_UEFI_STICK: return "uefi-stick";
    case METHOD_NONE:       break;
    }
    return "none";
}

/* ---- candidates, best first */

static bool may_start(const struct plan_candidate *c)
{
    return c->selected && c->verdict != VERDICT_NEVER;
}

/* Below 0: `a` is better. Of two good halves: the root directory was read, fewer read errors, the firmware's order. */
static int compare(const struct plan_candidate *a, const struct plan_candidate *b)
{
    if (may_start(a) != may_start(b))
        return may_start(a) ? -1 : 1;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    if (a->verdict != b->verdict)
        return a->verdict < b->verdict ? -1 : 1;
    if (a->component->usable != b->component->usable)  /* both in doubt, one of them not for anything of its own */
        return a->component->usable ? -1 : 1;
    if (!a->facts || !b->facts)
        return !a->facts - !b->facts;
    if (a->facts->root_read != b->facts->root_read)
        return a->facts->root_read ? -1 : 1;
    if (a->facts->read_errors != b->facts->read_errors)
        return a->facts->read_errors < b->facts->read_errors ? -1 : 1;
    if (a->facts->disk != b->facts->disk)
        return a->facts->disk < b->facts->disk ? -1 : 1;
    return 0;
}

/* Stable insertion: equal candidates stay in the order of the database. */
static void insert_candidate(struct boot_plan *plan, struct plan_candidate c)
{
    size_t i = plan->candidate_count++;

    for (; i > 0 && compare(&c, &plan->candidates[i - 1]) < 0; i--)
        plan->candidates[i] = plan->candidates[i - 1];
    plan->candidates[i] = c;
}

static void judge_volume(struct decision *d, const struct ldm_volume *volume)
{
    for (size_t i = 0; i < volume->component_count; i++) {
        struct plan_candidate c = candidate_judge(d->view, d->facts, volume->components[i], d->arena);

        c.selected = selection_has(&d->sel, c.component);
        if (!c.selected && c.verdict == VERDICT_GOOD)  /* a mark has more to tell */
            candidate_mark(&c, d->arena, STATUS_NOT_SELECTED);
        insert_candidate(d->plan, c);
    }
}

static enum status judge_all(struct decision *d)
{
    size_t total = 0;

    for (size_t g = 0; g < d->view->group_count; g++)
        for (size_t v = 0; v < d->view->groups[g].volume_count; v++)
            total += d->view->groups[g].volumes[v].component_count;

    d->plan->candidates = arena_array(d->arena, total, sizeof *d->plan->candidates);
    if (!d->plan->candidates)
        return STATUS_NO_MEMORY;
    for (size_t g = 0; g < d->view->group_count; g++)
        for (size_t v = 0; v < d->view->groups[g].volume_count; v++)
            judge_volume(d, &d->view->groups[g].volumes[v]);
    return STATUS_OK;
}

/* ---- doubts: what could make another volume the right one */

/*
 * Is this volume at least as likely the right one? A flag or a loader says that a volume starts a Windows, not that it
 * is this machine's: between two groups, one of which came from another machine, it decides nothing.
 */
static bool is_rival(const struct plan_candidate *c, const struct plan_candidate *best)
{
    bool other_group = c->volume->group != best->volume->group;

    return c->volume != best->volume
        && (c->rank <= best->rank || (other_group && c->rank <= RANK_FLAG && c->facts->root_read));
}

/*
 * Another volume that is at least as likely as the best one: the first in the list. When it is more likely, it is what
 * would have been started, and what is held against it is the reason to ask.
 */
static const struct plan_candidate *find_rival(const struct boot_plan *plan, const struct plan_candidate *best)
{
    for (size_t i = 0; i < plan->candidate_count; i++)
        if (may_start(&plan->candidates[i]) && is_rival(&plan->candidates[i], best))
            return &plan->candidates[i];
    return NULL;
}

static bool misses_a_disk(const struct ldm_group *group)
{
    for (size_t i = 0; i < group->disk_count; i++)
        if (!group->disks[i].present)
            return true;
    return false;
}

/*
 * A dynamic disk that no group here can be missing: one of another group, of which nothing can be read. (That the
 * best one's own group misses it is another doubt: LDM-0536.)
 */
static bool unknown_group_is_here(const struct decision *d, const struct plan_candidate *best)
{
    return candidate_unknown_disk(d->view) && !misses_a_disk(best->volume->group);
}

/* Are there volumes of another group in the machine, whether or not they can be read? */
static bool other_group_is_here(const struct decision *d, const struct plan_candidate *best)
{
    const struct ldm_group *group = best->volume->group;

    for (size_t g = 0; g < d->view->group_count; g++)
        if (&d->view->groups[g] != group && (d->view->groups[g].volume_count > 0 || !d->view->groups[g].complete))
            return true;
    for (size_t i = 0; i < d->view->disk_count; i++) {
        const struct ldm_disk *disk = &d->view->disks[i];

        if (disk->has_privhead && !disk->group && !guid_equal(&disk->privhead.group_guid, &group->guid))
            return true;
    }
    return unknown_group_is_here(d, best);
}

static bool volume_may_start(const struct boot_plan *plan, const struct ldm_volume *volume)
{
    for (size_t i = 0; i < plan->candidate_count; i++)
        if (plan->candidates[i].volume == volume && plan->candidates[i].verdict != VERDICT_NEVER)
            return true;
    return false;
}

/* The database says that this volume is what this firmware starts. */
static bool volume_is_flagged(const struct decision *d, const struct ldm_volume *volume)
{
    return volume->flags & d->facts->rules->volume_flag;
}

/* A volume that carries the mark of the system, but that no half can start. */
static bool flagged_volume_is_lost(const struct decision *d)
{
    for (size_t g = 0; g < d->view->group_count; g++)
        for (size_t v = 0; v < d->view->groups[g].volume_count; v++) {
            const struct ldm_volume *volume = &d->view->groups[g].volumes[v];

            if (volume_is_flagged(d, volume) && !volume_may_start(d->plan, volume))
                return true;
        }
    return false;
}

/* Records that a database counts but that could not be read, or a whole database. */
static bool records_are_lost(const struct ldm_view *view, const struct plan_candidate *best)
{
    const struct ldm_disk *dying = best ? candidate_dying_disk(view, best->component) : NULL;

    for (size_t g = 0; g < view->group_count; g++)
        if (!view->groups[g].complete)
            return true;
    for (size_t i = 0; i < view->disk_count; i++)
        if (view->disks[i].has_privhead && !view->disks[i].group && &view->disks[i] != dying)
            return true;
    return false;
}

/*
 * Another volume with a half whose root directory could not be read: it may hold the loader that the best one
 * lacks. When the best one has a loader, that is only likely if the other one is flagged, or of another group.
 */
static bool volume_is_unread(const struct decision *d, const struct plan_candidate *best)
{
    for (size_t i = 0; i < d->facts->count; i++) {
        const struct component_facts *f = &d->facts->components[i];
        enum volume_type              type = f->volume->type;

        if (f->volume == best->volume || f->root_read || (type != VOLUME_SIMPLE && type != VOLUME_MIRRORED))
            continue;
        if (best->rank > RANK_LOADER || volume_is_flagged(d, f->volume) || f->volume->group != best->volume->group)
            return true;
    }
    return false;
}

/* Disks of one group that went on without each other are two groups of the model with one GUID (opinion.c). */
static enum status why_rival(const struct plan_candidate *rival, const struct plan_candidate *best)
{
    const struct ldm_group *a = rival->volume->group, *b = best->volume->group;

    if (a != b && guid_equal(&a->guid, &b->guid))
        return STATUS_SPLIT_BRAIN;
    return rival->verdict == VERDICT_GOOD ? STATUS_SEVERAL_VOLUMES : STATUS_MARKED_VOLUME;
}

/* Would it be started with a boot store that goes into a system volume in memory? */
static bool takes_a_store(const struct plan_candidate *c)
{
    return (c->method == METHOD_BIOS_RAM || c->method == METHOD_BIOS_STICK) && c->facts->alone != ALONE_NT;
}

/* A store that was asked for, and is not there or does not start this Windows. */
static enum status store_doubt(const struct decision *d, const struct plan_candidate *c)
{
    struct component_facts *half;

    return d->cfg->store.found && takes_a_store(c) ? alone_find_store(d->facts, c->facts, &half) : STATUS_OK;
}

/* Why a person has to be asked before the best candidate, which is GOOD, is started; OK: no need. */
static enum status find_doubt(const struct decision *d, const struct plan_candidate *best)
{
    const struct plan_candidate *rival = find_rival(d->plan, best);
    enum status                  store = store_doubt(d, best);

    if (d->sel.ambiguous)
        return STATUS_SEVERAL_VOLUMES;
    if (!best->facts->root_read)  /* Windows's boot sector looks for the loader there too */
        return STATUS_ROOT_UNREADABLE;
    if (rival)
        return why_rival(rival, best);
    if (store != STATUS_OK)
        return store;
    if (d->sel.by_volume)
        return STATUS_OK;
    if (d->facts->former)
        return STATUS_FORMER_WINDOWS;
    if (best->rank == RANK_LOADER_AND_FLAG && !other_group_is_here(d, best))
        return STATUS_OK;
    if (records_are_lost(d->view, best) || unknown_group_is_here(d, best))
        return STATUS_RECORDS_LOST;
    if (best->rank == RANK_WINDOWS)  /* the flagged volume is what is lost: that is the case this is for */
        return best->volume->flags & LDM_VOL_BOOT ? STATUS_OK : STATUS_WINDOWS_UNFLAGGED;
    if (best->lost != STATUS_OK)
        return best->lost;
    if (flagged_volume_is_lost(d))
        return STATUS_SYSTEM_VOLUME_LOST;
    if (volume_is_unread(d, best))
        return STATUS_UNREAD_VOLUME;
    if (best->rank > RANK_FLAG)  /* no loader, and nothing says that it is what this firmware starts */
        return STATUS_NO_LOADER;
    return STATUS_OK;
}

/* ---- nothing to start */

static bool disk_is_silent(const struct ldm_disk *disk)
{
    return !disk->has_sector0 && !disk->has_privhead && disk->status != STATUS_NOT_DYNAMIC;
}

static bool was_dynamic(const struct ldm_disk *disk)
{
    for (const struct note *n = disk->notes.first; n; n = n->next)
        if (n->code == STATUS_PRIVHEAD_LEFTOVER)
            return true;
    return false;
}

/* A disk whose table says basic, with a PRIVHEAD on it all the same; NULL when there is none. */
static const struct ldm_disk *former_dynamic_disk(const struct ldm_view *view)
{
    for (size_t i = 0; i < view->disk_count; i++)
        if (was_dynamic(&view->disks[i]))
            return &view->disks[i];
    return NULL;
}

static enum status why_no_group(const struct ldm_view *view)
{
    bool any_answer = false, any_dynamic = false, all_blocks = true;

    for (size_t i = 0; i < view->disk_count; i++) {
        any_answer = any_answer || !disk_is_silent(&view->disks[i]);
        if (disk_is_silent(&view->disks[i]) || view->disks[i].status == STATUS_NOT_DYNAMIC)
            continue;
        any_dynamic = true;
        all_blocks = all_blocks && view->disks[i].status == STATUS_PRIVHEAD_BLOCK_SIZE;
    }
    if (!any_answer)
        return STATUS_NO_DISK;
    if (any_dynamic)
        return all_blocks ? STATUS_PRIVHEAD_BLOCK_SIZE : STATUS_NO_DATABASE;
    return former_dynamic_disk(view) ? STATUS_PRIVHEAD_LEFTOVER : STATUS_NO_DYNAMIC_DISK;
}

/* The one code that all components with a connected disk share, or the general answer. */
static enum status why_none_startable(const struct boot_plan *plan)
{
    enum status common = STATUS_OK;

    for (size_t i = 0; i < plan->candidate_count; i++) {
        const struct plan_candidate *c = &plan->candidates[i];

        if (!c->facts || c->code == STATUS_LAYOUT_NOT_BOOTABLE)
            continue;
        if (common != STATUS_OK && common != c->code)
            return STATUS_NOTHING_STARTABLE;
        common = c->code;
    }
    return common != STATUS_OK ? common : STATUS_NOTHING_STARTABLE;
}

static bool anything_selected(const struct boot_plan *plan)
{
    for (size_t i = 0; i < plan->candidate_count; i++)
        if (plan->candidates[i].selected)
            return true;
    return false;
}

static enum status why_nothing(const struct decision *d)
{
    if (d->view->group_count == 0)
        return why_no_group(d->view);
    if (d->plan->candidate_count == 0)
        return records_are_lost(d->view, NULL) ? STATUS_NO_DATABASE : STATUS_NO_VOLUME;
    if (d->sel.given)
        return anything_selected(d->plan) ? STATUS_SELECTION_UNUSABLE : STATUS_SELECTION_NOT_FOUND;
    return why_none_startable(d->plan);
}

/* ---- the answer */

static const char *merit(const struct decision *d, const struct plan_candidate *c)
{
    if (d->sel.given)
        return "as the configuration asks";
    switch (c->rank) {
    case RANK_LOADER_AND_FLAG:
        return text_in_arena(d->arena, "it holds a Windows loader and is marked as the %s", d->facts->rules->volume_kind);
    case RANK_LOADER:
        return "the only volume that holds a Windows loader";
    case RANK_WINDOWS:
        return "Windows is on it; the volume with its boot manager is lost, and is made in memory";
    case RANK_FLAG:
        return text_in_arena(d->arena, "the only volume that is marked as the %s", d->facts->rules->volume_kind);
    case RANK_MIRRORED:
        return "the only mirrored volume that can be started";
    case RANK_OTHER: case RANK_NEVER:
        break;
    }
    return "the only volume that can be started";
}

const struct ldm_component *plan_spare(const struct boot_plan *plan, const struct ldm_component *component)
{
    const struct ldm_component *other = NULL;
    bool                        is_good = false;

    for (size_t i = 0; i < plan->candidate_count; i++) {
        const struct plan_candidate *c = &plan->candidates[i];

        if (c->volume != component->volume || c->verdict != VERDICT_GOOD)
            continue;
        if (c->component == component)
            is_good = true;
        else if (!other)
            other = c->component;
    }
    return is_good ? other : NULL;
}

static void copy_notes(struct decision *d, const struct note_list *from)
{
    for (const struct note *n = from->first; n; n = n->next)
        (void)note_put(&d->plan->notes, d->arena, n->code, n->text);
}

/* A change that was under way when the power went: which state is used. */
static void add_pending_change(struct decision *d, const struct plan_candidate *c)
{
    const struct ldm_group *group = c->volume->group;
    enum status             phase = ldm_group_phase(group);

    if (phase != STATUS_OK && phase != STATUS_VMDB_UNTRUSTED)  /* that one is a mark of every half */
        note_add(&d->plan->notes, d->arena, phase, "group %s", group->name);
}

/* Read errors of the disk that was chosen all the same: what becomes of the next one. */
static void add_read_errors(struct decision *d, const struct plan_candidate *c)
{
    enum status code = plan_spare(d->plan, c->component) ? STATUS_BAD_SECTORS_SPARED : STATUS_BAD_SECTORS;

    if (c->facts->read_errors > 0)
        note_add(&d->plan->notes, d->arena, code, "%s on %s", c->component->name, candidate_disk_name(c));
}

/* Disks that say less than the decision would have liked to hear, and why that does not change it. */
static void add_what_was_not_heard(struct decision *d, const struct plan_candidate *c)
{
    const struct ldm_disk *dying = candidate_dying_disk(d->view, c->component);

    if (dying)
        note_add(&d->plan->notes, d->arena, STATUS_DYING_DISK_UNREAD, "%s (%s)", dying->dev->name, dying->record->name);
    if (ldm_component_one_step_behind(c->component))
        note_add(&d->plan->notes, d->arena, STATUS_ONE_STEP_BEHIND, "%s on %s", c->component->name, candidate_disk_name(c));
}

/* The first half that would be started with a store that is made; NULL: none. */
static const struct plan_candidate *first_with_a_store(const struct boot_plan *plan)
{
    for (size_t i = 0; i < plan->candidate_count; i++)
        if (plan->candidates[i].verdict != VERDICT_NEVER && takes_a_store(&plan->candidates[i]))
            return &plan->candidates[i];
    return NULL;
}

/*
 * A boot store that nothing vouches for is never used by itself, but a person may want the entries in it: it is offered to
 * the first half that would be started with one that is made. One that does not start this Windows is said.
 */
static void offer_store(struct decision *d)
{
    struct boot_plan            *plan = d->plan;
    const struct plan_candidate *c = first_with_a_store(plan);
    struct component_facts      *half;
    const char                  *where;
    enum status                  st;

    if (!c)
        return;
    st = alone_find_store(d->facts, c->facts, &half);
    where = st == STATUS_STORE_NOT_THERE ? c->volume->name :
            half ? text_in_arena(d->arena, "%s on %s", half->component->name, half->disk->dev->name) : "the stick";
    if (st == STATUS_OK) {
        plan->found_store = where;
        st = plan->store.found ? STATUS_STORE_FOUND_USED : STATUS_STORE_OFFERED;
    }
    if (st == plan->reason || (st == STATUS_STORE_NOT_THERE && !plan->store.found))
        return;
    if (plan->result != PLAN_BOOT || takes_a_store(&plan->chosen))
        note_add(&plan->notes, d->arena, st, "%s", where);
}

static void add_system_in_memory(struct decision *d, const struct plan_candidate *c)
{
    size_t spare = c->lookup ? slots_spare(&c->lookup->slots) : MBR_ENTRIES;

    note_add(&d->plan->notes, d->arena, STATUS_SYSTEM_IN_MEMORY, "%s", c->volume->name);
    if (spare < MBR_ENTRIES && slot_is_real(&c->lookup->slots.at[spare]))
        note_add(&d->plan->notes, d->arena, STATUS_ENTRY_COVERED, "entry %u of %s", (unsigned)spare + 1, candidate_disk_name(c));
}

/* What the person should know about what is being started. */
static void add_warnings(struct decision *d)
{
    const struct plan_candidate *c = &d->plan->chosen;
    struct note_list            *notes = &d->plan->notes;

    add_pending_change(d, c);
    add_what_was_not_heard(d, c);
    if (c->component->source)
        note_add(notes, d->arena, STATUS_RESYNC_SOURCE, "%s", c->component->name);
    copy_notes(d, &c->facts->notes);
    if (c->lookup)
        copy_notes(d, &c->lookup->notes);
    if (c->rank == RANK_WINDOWS)
        add_system_in_memory(d, c);
    else if (c->rank > RANK_LOADER && c->facts->root_read)
        note_add(notes, d->arena, STATUS_NO_LOADER, "%s", c->volume->name);
    if (d->cfg->store.given && (c->method == METHOD_VBR || (d->cfg->store.found && takes_a_store(c))))
        note_add(notes, d->arena, STATUS_OPTIONS_UNUSED, "%s", c->volume->name);
    if (d->cfg->store.found && !takes_a_store(c))
        note_add(notes, d->arena, STATUS_FOUND_UNUSED, "%s", c->volume->name);
    if (c->number_doubt != STATUS_OK)
        note_add(notes, d->arena, c->number_doubt, "%s", c->windows->volume->name);
    if (c->volume->type == VOLUME_MIRRORED && !plan_spare(d->plan, c->component))
        note_add(notes, d->arena, STATUS_MIRROR_DEGRADED, "%s", c->volume->name);
    add_read_errors(d, c);
}

/* Disks that were left alone in the end: their part of the picture may be missing. */
static void add_disks_given_up(struct decision *d)
{
    for (size_t i = 0; i < d->view->disk_count; i++) {
        const struct block_device *dev = d->view->disks[i].dev;

        if (dev->given_up != STATUS_OK)
            note_add(&d->plan->notes, d->arena, dev->given_up, "%s", dev->name);
    }
}

/* Every candidate that is not started gets its reason. */
static void explain_rejections(struct decision *d)
{
    struct boot_plan *plan = d->plan;

    for (size_t i = 0; i < plan->candidate_count; i++) {
        struct plan_candidate *c = &plan->candidates[i];

        if (!may_start(c) || c->verdict != VERDICT_GOOD || c->component == plan->chosen.component)
            continue;
        if (c->volume == plan->chosen.volume) {
            candidate_mark(c, d->arena, STATUS_SPARE_HALF);
            note_add(&plan->notes, d->arena, STATUS_SPARE_HALF, "%s on %s", c->component->name, candidate_disk_name(c));
        } else {
            candidate_mark(c, d->arena, STATUS_LOWER_RANK);
        }
    }
}

/* What is started heads the list, also when a marked half of its volume has the better rank. */
static void move_to_front(struct boot_plan *plan, size_t place)
{
    struct plan_candidate c = plan->candidates[place];

    for (; place > 0; place--)
        plan->candidates[place] = plan->candidates[place - 1];
    plan->candidates[0] = c;
}

static void decide_boot(struct decision *d, size_t place)
{
    struct boot_plan            *plan = d->plan;
    const struct plan_candidate *best = &plan->candidates[0];

    move_to_front(plan, place);
    plan->result = PLAN_BOOT;
    plan->chosen = *best;
    plan->method = best->method;
    plan->why = text_in_arena(d->arena, "Starting volume %s (%s on %s): %s.", best->volume->name, best->component->name,
                              candidate_disk_name(best), merit(d, best));
    add_warnings(d);
    explain_rejections(d);
}

/* Which half is the current one, when only its disk's health is what makes a person be asked. */
static void name_current_half(struct decision *d)
{
    for (size_t i = 0; i < d->plan->candidate_count; i++) {
        const struct plan_candidate *c = &d->plan->candidates[i];

        if (c->verdict == VERDICT_MARKED && ldm_component_only_its_disk_fails(c->component))
            note_add(&d->plan->notes, d->arena, STATUS_CURRENT_HALF, "%s on %s", c->component->name, candidate_disk_name(c));
    }
}

/*
 * `reason`, `text`: of the headline. `best`: the good candidate that is in doubt, NULL when there is none; `doubt`: what
 * is said of the good ones in the list.
 */
static void decide_ask(struct decision *d, enum status reason, const char *text, const struct plan_candidate *best,
                       enum status doubt)
{
    struct boot_plan *plan = d->plan;

    plan->result = PLAN_ASK;
    plan->reason = reason;
    plan->why = "Nothing is started by itself: a person has to choose.";
    (void)note_put(&plan->notes, d->arena, reason, text);
    for (size_t i = 0; i < plan->candidate_count; i++) {
        struct plan_candidate *c = &plan->candidates[i];

        if (!may_start(c) || c->verdict != VERDICT_GOOD)
            continue;
        candidate_mark(c, d->arena, c->lost != STATUS_OK ? c->lost : best && c->rank > best->rank ? STATUS_LOWER_RANK : doubt);
    }
    plan->chosen = plan->candidates[0];
    plan->method = plan->chosen.method;
    name_current_half(d);
    add_pending_change(d, &plan->chosen);
    if (plan->chosen.verdict == VERDICT_STALE_ONLY)
        note_add(&plan->notes, d->arena, STATUS_STALE_ONLY, "%s on %s", plan->chosen.component->name,
                 candidate_disk_name(&plan->chosen));
    copy_notes(d, &plan->chosen.age);
}

/* What the configuration asks for, and where it does. */
static const char *selection_text(const struct decision *d)
{
    const struct config *cfg = d->cfg;
    const char          *text = "";
    const struct { const char *key, *value, *place; } given[] = {
        { "volume", cfg->volume, cfg->volume_place }, { "disk", cfg->disk, cfg->disk_place },
        { "component", cfg->component, cfg->component_place },
    };

    for (size_t i = 0; i < ARRAY_LEN(given); i++)
        if (*given[i].value)
            text = text_in_arena(d->arena, "%s%s%s = %s (%s)", text, *text ? ", " : "", given[i].key, given[i].value,
                                 *given[i].place ? given[i].place : "configuration");
    return text;
}

static void decide_none(struct decision *d, enum status reason)
{
    struct boot_plan *plan = d->plan;

    plan->result = PLAN_NONE;
    plan->reason = reason;
    plan->why = "Nothing is started.";
    for (size_t i = 0; i < plan->candidate_count; i++)  /* whose reason it is */
        if (plan->candidates[i].code == reason) {
            (void)note_put(&plan->notes, d->arena, reason, plan->candidates[i].text);
            return;
        }
    note_add(&plan->notes, d->arena, reason, "%s", reason == STATUS_SELECTION_NOT_FOUND ? selection_text(d) :
             reason == STATUS_PRIVHEAD_LEFTOVER ? former_dynamic_disk(d->view)->dev->name : "this machine");
}

static const struct plan_candidate *first_good(const struct boot_plan *plan)
{
    for (size_t i = 0; i < plan->candidate_count; i++)
        if (may_start(&plan->candidates[i]) && plan->candidates[i].verdict == VERDICT_GOOD)
            return &plan->candidates[i];
    return NULL;
}

/* With a configuration that fits nothing, what else could be started is a person's choice. */
static bool anything_startable(const struct boot_plan *plan)
{
    for (size_t i = 0; i < plan->candidate_count; i++)
        if (plan->candidates[i].verdict != VERDICT_NEVER)
            return true;
    return false;
}

static const char *reason_for(const struct decision *d, const char *subject, enum status code)
{
    return text_in_arena(d->arena, "%s: %s", subject, status_sentence(code));
}

/* A good half, and a doubt: the headline is about the volume that would have been started. */
static void decide_doubt(struct decision *d, const struct plan_candidate *best, enum status doubt)
{
    const struct plan_candidate *first = &d->plan->candidates[0];

    if ((doubt == STATUS_MARKED_VOLUME || doubt == STATUS_ROOT_UNREADABLE) && first->rank < best->rank)
        decide_ask(d, first->code, first->text, best, doubt);
    else
        decide_ask(d, doubt, reason_for(d, doubt == STATUS_FORMER_WINDOWS ? d->facts->former->dev->name : best->volume->name,
                                        doubt), best, doubt);
}

static void decide(struct decision *d)
{
    const struct plan_candidate *best = first_good(d->plan);
    enum status                  doubt;

    if (best) {
        doubt = find_doubt(d, best);
        if (doubt == STATUS_OK)
            decide_boot(d, (size_t)(best - d->plan->candidates));
        else
            decide_doubt(d, best, doubt);
    } else if (d->plan->candidate_count > 0 && may_start(&d->plan->candidates[0])) {
        decide_ask(d, d->plan->candidates[0].code, d->plan->candidates[0].text, NULL, STATUS_OK);
    } else if (d->sel.given && anything_startable(d->plan)) {
        decide_ask(d, why_nothing(d), reason_for(d, selection_text(d), why_nothing(d)), NULL, why_nothing(d));
    } else {
        decide_none(d, why_nothing(d));
    }
}

enum status plan_boot(const struct ldm_view *view, const struct boot_facts *facts, const struct config *cfg,
                      struct arena *a, struct boot_plan *plan)
{
    struct boot_plan answer = { .why = "", .chosen = { .text = "" }, .store = cfg->store };
    struct decision  d = { view, facts, cfg, selection_make(view, cfg), a, &answer };

    answer.store.found &= facts->rules->method == METHOD_VBR;  /* UEFI's own stores need no word */
    TRY(judge_all(&d));
    decide(&d);
    offer_store(&d);
    add_disks_given_up(&d);
    *plan = answer;
    return STATUS_OK;
}
