/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lookup.c - from what boot.ini and the boot store say to what has to be shown; see lookup.h.
 *
 * First the volumes are collected that the loader's files lead to, then the slots of sector 0 are given out, then
 * the files are answered with what came out. A volume that has an entry in the real table stands in that very
 * slot, because Windows's kernel counts there; only where none of them has one the files alone decide.
 */
#include "lookup.h"

#include "common/base/checked.h"
#include "lookup_bootini.h"
#include "lookup_store.h"

#define LAST_32_BIT_SECTOR ((uint64_t)1 << 32)

/* ---- entries of sector 0 */

/* On the virtual disk the loader's volume is in one piece, over whatever the disk has there. */
static bool has_its_place(const struct lookup_task *t, const struct component_facts *f)
{
    uint64_t start = lookup_extent(f)->lba, size = f->volume->sectors;
    uint64_t taken = lookup_extent(t->loader)->lba, taken_size = t->loader->volume->sectors;

    if (f == t->loader)
        return true;
    if (f->component->extent_count != 1 || f->status != STATUS_OK || f->boot_sector_is_backup)
        return false;
    return range_inside(start, size, LAST_32_BIT_SECTOR) &&
           (range_inside(start, size, taken) || start >= taken + taken_size);
}

/* Has it an entry in the real table that it can stand in? Not when the loader will ask for another number anyway. */
static bool is_anchored(const struct lookup_want *w)
{
    unsigned number = facts_mbr_number(w->volume);

    return number != 0 && !(w->fixed && w->number != number);
}

/* Fillers lie on the sectors 1 to 3. */
static bool may_have_fillers(const struct lookup_task *t)
{
    return lookup_extent(t->loader)->lba > MBR_ENTRIES;
}

/* Entries that were there before the last volume found a place. */
static void tell_covered(struct lookup_task *t, const struct slots *before)
{
    for (size_t i = 0; i < MBR_ENTRIES; i++)
        if (slot_is_real(&before->at[i]) && !slot_is_real(&t->out->slots.at[i]))
            note_add(&t->out->notes, t->arena, STATUS_ENTRY_COVERED, "entry %u of %s", (unsigned)i + 1,
                     t->loader->disk->dev->name);
}

static void place(struct lookup_task *t, const struct lookup_want *w)
{
    struct slots *s = &t->out->slots, before = *s;

    if (!has_its_place(t, w->volume)) {
        lookup_note(t, STATUS_VOLUME_NOT_SHOWN, w->volume);
        return;
    }
    if (slots_number(s, w->volume))
        return;
    if (is_anchored(w) && may_have_fillers(t) && slots_put_real(s, w->volume))
        return;
    if (w->number == 1 || (w->number > 1 && may_have_fillers(t)))
        if (slots_put_at(s, w->volume, w->number, w->fixed))
            return;
    if (!slots_put(s, w->volume))
        lookup_note(t, STATUS_TABLE_FULL, w->volume);
    tell_covered(t, &before);
}

/* What is no volume of the database, and the boot store names (a recovery partition): its entry stays if any does. */
static void keep_named_entries(struct lookup_task *t)
{
    const struct loader_files *files = &t->loader->files;

    for (size_t i = 0; i < files->name_count; i++)
        if (files->names[i].signature == t->loader->disk->mbr.signature)
            slots_name(&t->out->slots, files->names[i].offset >> SECTOR_SHIFT);
}

/* Windows's own volume and the loader's have to be shown, whatever else is. */
static bool is_needed(const struct lookup_task *t, const struct lookup_want *w)
{
    return w->volume == t->loader || w->volume == t->out->windows;
}

static void place_those(struct lookup_task *t, bool needed, bool anchored)
{
    for (size_t i = 0; i < t->wanted_count; i++)
        if (is_needed(t, &t->wanted[i]) == needed && is_anchored(&t->wanted[i]) == anchored)
            place(t, &t->wanted[i]);
}

static void place_all(struct lookup_task *t)
{
    bool real = false;

    for (size_t i = 0; i < t->wanted_count; i++)
        real = real || is_anchored(&t->wanted[i]);
    if (real && may_have_fillers(t))
        t->out->slots = slots_of_table(t->loader);
    keep_named_entries(t);
    place_those(t, true, true);
    place_those(t, true, false);
    place_those(t, false, true);
    place_those(t, false, false);
}

/*
 * What the loader hands on is what it counted in the table as shown; the kernel counts in the real one. The loader's own
 * volume is only told apart where Windows is on it.
 */
static void compare_numbers(struct lookup_task *t)
{
    for (size_t i = 0; i < t->wanted_count; i++) {
        const struct component_facts *f = t->wanted[i].volume;
        unsigned                      real = facts_mbr_number(f), shown = slots_number(&t->out->slots, f);

        if (real && shown && real != shown && (f != t->loader || !t->out->windows || f == t->out->windows))
            lookup_note(t, STATUS_NUMBER_DIFFERS, f);
    }
}

const struct lookup *lookup_make(const struct ldm_view *view, const struct boot_facts *facts,
                                 const struct component_facts *loader, struct arena *a)
{
    struct lookup     *out = arena_alloc(a, sizeof *out);
    struct lookup_task t = { .view = view, .facts = facts, .loader = loader, .arena = a, .out = out };

    if (!out)
        return NULL;
    lookup_follow_bootini(&t);
    lookup_follow_store(&t);
    place_all(&t);
    lookup_answer_bootini(&t);
    compare_numbers(&t);
    return out;
}
