/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources.c - see sources.h. */
#include "sources.h"

#include <string.h>

#include "common/decide/probe.h"
#include "common/decide/spare.h"
#include "common/ldm/scan.h"
#include "messages.h"
#include "tools/inspect/mapfile.h"

/* What ddrescue never read is zeros in its image, and no error of the disk tells of them. */
static void use_map_beside(struct filedisk *fd)
{
    char name[MAPFILE_NAME_MAX], why[160];

    if (!mapfile_beside(fd->dev.name, name, sizeof name))
        return;
    if (mapfile_read(name, &fd->unread, why, sizeof why))
        say(MESSAGE_MAP_USED, "%s, %llu sectors", name,
            (unsigned long long)mapfile_bytes(&fd->unread, fd->file.size) / SECTOR_BYTES);
    else
        say(MESSAGE_MAP_BROKEN, "%s (%s)", name, why);
}

bool sources_open(struct sources *s, const char *path, uint32_t block_size)
{
    const char *error;

    if (s->count == SOURCES_MAX) {
        say_status(STATUS_NO_MEMORY, path);
        return false;
    }
    error = filedisk_open(&s->files[s->count], path, block_size);
    if (error) {
        say(MESSAGE_SOURCE_CLOSED, "%s (%s)", path, error);
        return false;
    }
    use_map_beside(&s->files[s->count]);
    s->files[s->count].dev.never_given_up = true;  /* this is a rescue, not a start that must not take long */
    s->disks[s->count] = &s->files[s->count].dev;
    s->count++;
    return true;
}

void sources_close(struct sources *s)
{
    for (size_t i = 0; i < s->count; i++) {
        mapfile_free(&s->files[i].unread);
        filedisk_close(&s->files[i]);
    }
    s->count = 0;
}

/* A disk with a GPT started by UEFI, one with an MBR by BIOS. */
static const struct firmware_rules *firmware_of(const struct ldm_view *view)
{
    for (size_t i = 0; i < view->disk_count; i++)
        if (view->disks[i].has_privhead)
            return view->disks[i].table == TABLE_GPT ? &uefi_rules : &bios_rules;
    return &bios_rules;
}

bool sources_read(struct sources *s, const struct firmware_rules *rules)
{
    enum status st = ldm_scan(s->disks, s->count, NULL, &s->arena, &s->view);

    if (st == STATUS_OK)
        st = probe_volumes(&s->view, rules ? rules : firmware_of(&s->view), NULL, &s->arena, &s->facts);
    if (st == STATUS_OK)
        st = plan_boot(&s->view, &s->facts, &s->config, &s->arena, &s->plan);
    if (st != STATUS_OK)
        say_status(st, "the disks");
    return st == STATUS_OK;
}

/* Would a person's word for it do? What is old beside a better half is never taken. */
static bool may_be_lifted(const struct sources *s)
{
    const struct plan_candidate *c = &s->plan.chosen;

    return s->plan.result == PLAN_ASK && c->selected && c->facts && c->verdict != VERDICT_STALE && c->verdict != VERDICT_NEVER;
}

/* And is it given: by component, and that the mark is known? */
static bool is_lifted(const struct sources *s)
{
    return may_be_lifted(s) && s->config.component[0] && s->old_half;
}

/* Not what is about a start from the dynamic disk: a basic disk has an entry for every volume. */
static void say_plan(const struct sources *s)
{
    for (const struct note *n = s->plan.notes.first; n; n = n->next)
        if (n->code != STATUS_NOT_RETAINED && n->code != STATUS_MIRROR_DEGRADED && n->code != STATUS_SPARE_HALF &&
            n->code != STATUS_SYSTEM_IN_MEMORY)
            say_note(n);
}

bool sources_settle(struct sources *s)
{
    if (s->plan.result == PLAN_BOOT) {
        say_plan(s);
        return true;
    }
    if (is_lifted(s)) {
        say(MESSAGE_MARK_LIFTED, "%s", s->plan.chosen.text[0] ? s->plan.chosen.text : s->plan.chosen.component->name);
        s->plan.result = PLAN_BOOT;
        return true;
    }
    say_plan(s);
    if (may_be_lifted(s) && (s->config.component[0] || s->plan.chosen.verdict != VERDICT_GOOD))
        say(MESSAGE_OLD_HALF_UNSAID, "%s", s->plan.chosen.component->name);
    return false;
}

bool sources_is_readable(const struct ldm_component *c)
{
    return c->present && c->layout == LAYOUT_CONCAT;
}

/* Nothing is held against it, whether or not Windows could start from it. */
static bool is_plain(const struct ldm_component *c)
{
    return c->usable && c->layout == LAYOUT_CONCAT && c->dispute == STATUS_OK && !ldm_component_outdated(c);
}

static bool has_plain_half(const struct ldm_volume *volume)
{
    for (size_t i = 0; i < volume->component_count; i++)
        if (is_plain(volume->components[i]))
            return true;
    return false;
}

/* By its name and with the word for it, whether or not Windows could start from it; there is none better. */
static bool is_asked_for(const struct sources *s, const struct plan_candidate *c)
{
    return s->old_half && s->config.component[0] && c->selected && c->verdict != VERDICT_STALE &&
           sources_is_readable(c->component) && !has_plain_half(c->volume);
}

const struct ldm_component *sources_half(const struct sources *s, const struct ldm_volume *volume)
{
    if (s->plan.result == PLAN_BOOT && s->plan.chosen.volume == volume)
        return s->plan.chosen.component;
    for (size_t i = 0; i < s->plan.candidate_count; i++) {
        const struct plan_candidate *c = &s->plan.candidates[i];

        if (c->volume == volume && (c->verdict == VERDICT_GOOD || is_asked_for(s, c) || (c->verdict == VERDICT_NEVER && is_plain(c->component))))
            return c->component;
    }
    return NULL;
}

bool sources_is_lifted(const struct sources *s, const struct ldm_component *half)
{
    return s->old_half && s->plan.result != PLAN_BOOT && !is_plain(half);
}

const struct ldm_component *sources_spare(const struct sources *s, const struct ldm_component *half)
{
    const struct ldm_component *other = plan_spare(&s->plan, half);

    if (!other && is_plain(half) && !(s->plan.chosen.component == half && s->plan.chosen.verdict != VERDICT_GOOD))
        other = spare_half(half);
    return other && is_plain(other) ? other : NULL;
}
