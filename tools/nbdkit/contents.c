/* SPDX-License-Identifier: GPL-2.0-or-later */
/* contents.c - see contents.h. The keys are an interface: docs/interfaces.md. */
#include "contents.h"

#include <stdio.h>
#include <string.h>

#include "common/disk/mbr.h"
#include "tools/inspect/json.h"

#define FIRST_LOGICAL (MBR_ENTRIES + 1)

/* ---- halves */

/* The disks that a half is on, each once. */
static void write_disks(struct json *j, const char *key, const struct ldm_component *half)
{
    json_begin_array(j, key);
    for (size_t i = 0; half && i < half->extent_count; i++) {
        size_t before = 0;

        while (before < i && half->extents[before].disk != half->extents[i].disk)
            before++;
        if (before == i)
            json_string(j, NULL, half->extents[i].disk->dev->name);
    }
    json_end_array(j);
}

/* Why the other halves of this volume have no part in it. */
static void write_unused(struct json *j, const struct basic *b, const struct basic_volume *v)
{
    const struct boot_plan     *plan = &b->sources->plan;
    const struct ldm_component *spare = sources_spare(b->sources, v->half);

    json_begin_array(j, "unused");
    for (size_t i = 0; i < plan->candidate_count; i++) {
        const struct plan_candidate *c = &plan->candidates[i];

        if (c->volume == v->volume && c->component != v->half && c->component != spare)
            json_string(j, NULL, c->text[0] ? c->text : c->component->name);
    }
    json_end_array(j);
}

/* ---- what is on it */

static const char *letter_of(const struct ldm_volume *volume)
{
    return volume->hint && *volume->hint ? volume->hint : NULL;
}

static const char *file_system_of(const struct component_facts *f)
{
    if (!f || f->status != STATUS_OK || f->fs == FS_NONE)
        return NULL;
    return f->fs == FS_NTFS ? "NTFS" : "FAT";
}

static void write_place(struct json *j, unsigned number, uint64_t start, uint64_t sectors, bool active)
{
    json_number(j, "number", number);
    json_bool(j, "active", active);
    json_number(j, "start", start * SECTOR_BYTES);
    json_number(j, "bytes", sectors * SECTOR_BYTES);
}

static void write_made(struct json *j, const struct basic_made *m)
{
    json_begin_object(j, NULL);
    write_place(j, m->number, m->start, m->sectors, m->active);
    json_string(j, "name", m->name);
    json_end_object(j);
}

static void write_volume(struct json *j, const struct basic *b, const struct basic_volume *v, unsigned number)
{
    const struct ldm_component *spare = sources_spare(b->sources, v->half);

    json_begin_object(j, NULL);
    write_place(j, number, v->start, v->volume->sectors, v == b->volumes && b->made_count == 0);
    json_string(j, "name", v->volume->name);
    json_string(j, "letter", letter_of(v->volume));
    json_string(j, "file_system", file_system_of(v->facts));
    json_string(j, "half", v->half->name);
    write_disks(j, "disks", v->half);
    json_string(j, "other_half", spare ? spare->name : NULL);
    write_disks(j, "other_disks", spare);
    write_unused(j, b, v);
    json_end_object(j);
}

static void write_partitions(struct json *j, const struct basic *b)
{
    bool     is_bios = b->sources->facts.rules == &bios_rules;
    unsigned logical = FIRST_LOGICAL, number = (unsigned)b->made_count + 1;

    json_begin_array(j, "partitions");
    for (size_t i = 0; i < b->made_count; i++)
        write_made(j, &b->made[i]);
    for (size_t i = 0; i < b->count; i++) {
        const struct basic_volume *v = &b->volumes[i];

        write_volume(j, b, v, !is_bios ? number++ : v->slot < MBR_ENTRIES ? v->slot + 1 : logical++);
    }
    json_end_array(j);
}

/* ---- what is not */

/* The best that there is of a volume that has no half to read; NULL: nothing of it is known. */
static const char *held_against(const struct boot_plan *plan, const struct ldm_volume *volume)
{
    for (size_t i = 0; i < plan->candidate_count; i++)
        if (plan->candidates[i].volume == volume && plan->candidates[i].text[0])
            return plan->candidates[i].text;
    return "no half of it is connected";
}

static bool is_in_columns(const struct ldm_volume *volume)
{
    for (size_t i = 0; i < volume->component_count; i++)
        if (volume->components[i]->layout == LAYOUT_CONCAT)
            return false;
    return volume->component_count > 0;
}

static const char *why_not(const struct basic *b, const struct ldm_volume *volume, const struct ldm_component *half)
{
    if (!half && is_in_columns(volume))
        return "it is striped or RAID-5, and cannot be read as one volume";
    if (!half)
        return held_against(&b->sources->plan, volume);
    if (volume->group != b->volumes[0].volume->group)
        return "it belongs to another disk group";
    if (!basic_is_on_disk(half, b->sources->plan.chosen.facts->disk))
        return "it is on another disk";
    return "the new disk's partition table has no place for it";
}

static void write_left_out(struct json *j, const struct basic *b)
{
    const struct ldm_view *view = &b->sources->view;

    json_begin_array(j, "left_out");
    for (size_t g = 0; g < view->group_count; g++)
        for (size_t i = 0; i < view->groups[g].volume_count; i++) {
            const struct ldm_volume    *volume = &view->groups[g].volumes[i];
            const struct ldm_component *half = sources_half(b->sources, volume);

            if (basic_has(b, volume))
                continue;
            json_begin_object(j, NULL);
            json_string(j, "name", volume->name);
            json_string(j, "letter", letter_of(volume));
            json_number(j, "bytes", volume->sectors * SECTOR_BYTES);
            write_disks(j, "disks", half);
            json_string(j, "why", why_not(b, volume, half));
            json_end_object(j);
        }
    json_end_array(j);
}

bool contents_write(const struct basic *b, const char *path)
{
    struct json j = { .out = fopen(path, "w") };
    bool        failed;

    if (!j.out)
        return false;
    json_begin_object(&j, NULL);
    json_string(&j, "firmware", b->sources->facts.rules == &bios_rules ? "bios" : "uefi");
    json_number(&j, "block_size", b->disk->block_size);
    json_number(&j, "bytes", b->disk->sectors * SECTOR_BYTES);
    write_partitions(&j, b);
    write_left_out(&j, b);
    json_end_object(&j);
    fputc('\n', j.out);
    failed = ferror(j.out) != 0;
    return fclose(j.out) == 0 && !failed;
}
