/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources.c - see sources.h. */
#include "sources.h"

#include <string.h>

#include "common/decide/probe.h"
#include "common/decide/same_disk.h"
#include "common/decide/spare.h"
#include "messages.h"
#include "names.h"
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

/* ---- which firmware */

static const struct firmware_rules *rules_of(enum disk_table table)
{
    return table == TABLE_GPT ? &uefi_rules : &bios_rules;
}

/* A firmware, and what it would start. */
struct attempt {
    const struct firmware_rules *rules;
    struct boot_facts            facts;
    struct boot_plan             plan;
};

static enum status try_firmware(struct sources *s, const struct firmware_rules *rules, struct attempt *out)
{
    out->rules = rules;
    TRY(probe_volumes(&s->view, rules, NULL, &s->arena, &out->facts));
    return plan_boot(&s->view, &out->facts, &s->config, &s->arena, &out->plan);
}

/*
 * The half that is chosen, or one as good of the same volume, on a disk that this firmware may have started: one with a GPT
 * was started by UEFI, one with an MBR by a BIOS, and never by the other. NULL: there is none.
 */
static const struct ldm_component *fitting_half(const struct attempt *t)
{
    const struct plan_candidate *chosen = &t->plan.chosen;

    for (size_t i = 0; t->plan.result != PLAN_NONE && i < t->plan.candidate_count; i++) {
        const struct plan_candidate *c = &t->plan.candidates[i];

        if (c->volume == chosen->volume && c->verdict == chosen->verdict && c->selected == chosen->selected && c->facts &&
            rules_of(c->facts->disk->table) == t->rules)
            return c->component;
    }
    return NULL;
}

static int worth(const struct attempt *t)
{
    return !fitting_half(t) ? 0 : t->plan.result == PLAN_BOOT ? 2 : 1;
}

static const char *both_in_words(struct sources *s, const struct attempt *one, const struct attempt *other)
{
    const struct attempt       *bios = one->rules == &bios_rules ? one : other, *uefi = bios == one ? other : one;
    const struct ldm_component *b = fitting_half(bios), *u = fitting_half(uefi);
    const char                 *text = text_in_arena(&s->arena, "%s on %s, %s on %s", b->name, ldm_component_disk_name(b), u->name,
                                                     ldm_component_disk_name(u));

    return text ? text : "the disks";
}

/*
 * Tables of both kinds among the disks that the database is on: it is the chosen half's that counts, and which half that is
 * depends on the firmware.
 */
static enum status find_firmware(struct sources *s, const struct firmware_rules *first, struct attempt *best)
{
    struct attempt other;
    int            gain;

    TRY(try_firmware(s, first, best));
    TRY(try_firmware(s, first == &uefi_rules ? &bios_rules : &uefi_rules, &other));
    gain = worth(&other) - worth(best);
    if (gain == 0 && worth(best) == 2)
        s->question = both_in_words(s, best, &other);
    if (gain > 0)
        *best = other;
    return STATUS_OK;
}

/* NULL: there are dynamic disks of one kind of table only, this one. */
static enum status try_all(struct sources *s, const struct firmware_rules *wanted, struct attempt *out)
{
    const struct firmware_rules *first = NULL;

    for (size_t i = 0; i < s->view.disk_count && !wanted; i++) {
        if (!s->view.disks[i].has_privhead)
            continue;
        if (first && rules_of(s->view.disks[i].table) != first)
            return find_firmware(s, first, out);
        first = rules_of(s->view.disks[i].table);
    }
    return try_firmware(s, wanted ? wanted : first ? first : &bios_rules, out);
}

/* ---- volume= */

/* By one of the words that ldmboot.cfg has for it, or as its export is called. */
static bool look_up_volume(struct sources *s)
{
    char guid[GUID_TEXT_SIZE];

    if (s->volume[0])
        s->named = volume_called(&s->view, s->volume, &s->arena);
    if (!s->named && strlen(s->volume) >= sizeof s->config.volume) {
        say(MESSAGE_EXPORT_UNKNOWN, "%s", s->volume);
        return false;
    }
    strcpy(s->config.volume, s->named ? guid_format(&s->named->guid, guid) : s->volume);
    return true;
}

/* A GUID may be that of several volumes; the name of an export is not. */
static void only_named(struct sources *s)
{
    struct plan_candidate *chosen = NULL;

    for (size_t i = 0; s->named && i < s->plan.candidate_count; i++) {
        struct plan_candidate *c = &s->plan.candidates[i];

        c->selected = c->selected && c->volume == s->named;
        if (c->selected && !chosen)
            chosen = c;
    }
    if (!chosen)
        return;
    s->plan.chosen = *chosen;
    s->plan.method = chosen->method;
}

/* Disks that were given twice, by two paths for example. */
static void say_twice(const struct sources *s)
{
    for (size_t i = 0; i < s->view.disk_count; i++)
        for (const struct note *n = s->view.disks[i].notes.first; n; n = n->next)
            if (n->code == STATUS_DISK_TWICE)
                say_note(n);
}

bool sources_read(struct sources *s, const struct firmware_rules *rules)
{
    struct block_device *disks[SOURCES_MAX];  /* each once, also one that is there under two names */
    size_t               count = s->count;
    struct attempt       taken;
    enum status          st;

    for (size_t i = 0; i < count; i++)
        disks[i] = &s->files[i].dev;
    st = scan_each_disk_once(disks, &count, NULL, &s->arena, &s->view);
    if (st == STATUS_OK && !look_up_volume(s))
        return false;
    if (st == STATUS_OK)
        st = try_all(s, rules, &taken);
    if (st != STATUS_OK) {
        say_status(st, "the disks");
        return false;
    }
    s->facts = taken.facts;
    s->plan = taken.plan;
    only_named(s);
    say_twice(s);
    return true;
}

/* Would a person's word for it do? What is old beside a better half is never taken. */
static bool may_be_lifted(const struct sources *s)
{
    const struct plan_candidate *c = &s->plan.chosen;

    return s->plan.result == PLAN_ASK && c->selected && c->facts && c->verdict != VERDICT_STALE && c->verdict != VERDICT_NEVER;
}

/* Two groups may both have a component of this name. */
static bool is_the_only_one(const struct sources *s)
{
    size_t n = 0;

    for (size_t i = 0; i < s->plan.candidate_count; i++)
        n += s->plan.candidates[i].selected;
    return n == 1;
}

/* And is it given: by component, and that the mark is known? */
static bool is_lifted(const struct sources *s)
{
    return may_be_lifted(s) && is_the_only_one(s) && s->config.component[0] && s->old_half;
}

/* Not what is about a start from the dynamic disk: a basic disk has an entry for every volume. */
static void say_plan(const struct sources *s)
{
    for (const struct note *n = s->plan.notes.first; n; n = n->next)
        if (n->code != STATUS_NOT_RETAINED && n->code != STATUS_MIRROR_DEGRADED && n->code != STATUS_SPARE_HALF &&
            n->code != STATUS_SYSTEM_IN_MEMORY)
            say_note(n);
}

bool sources_is_clear(const struct sources *s)
{
    return s->plan.result == PLAN_BOOT && !s->question;
}

bool sources_settle(struct sources *s)
{
    if (s->plan.result == PLAN_BOOT && s->question) {
        say(MESSAGE_FIRMWARE_UNCLEAR, "%s", s->question);
        return false;
    }
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
