/* SPDX-License-Identifier: GPL-2.0-or-later */
/* document.c - see document.h. The order and names of the keys are an interface: docs/interfaces.md. */
#include "document.h"

#include <string.h>

#include "common/base/ascii.h"
#include "json.h"

#define SCHEMA 1

/* {"code": "LDM-0302", "text": "..."} */
static void write_code_and_text(struct json *j, enum status code, const char *text)
{
    char number[16];

    snprintf(number, sizeof number, "LDM-%04u", (unsigned)code);
    json_string(j, "code", number);
    json_string(j, "text", text);
}

static void write_note(struct json *j, enum status code, const char *text)
{
    json_begin_object(j, NULL);
    write_code_and_text(j, code, text);
    json_end_object(j);
}

static void write_notes(struct json *j, const char *key, const struct note_list *notes)
{
    json_begin_array(j, key);
    for (const struct note *n = notes->first; n; n = n->next)
        write_note(j, n->code, n->text);
    json_end_array(j);
}

/* "" counts as unknown. */
static const char *text_or_null(const char *text)
{
    return text && *text ? text : NULL;
}

/* ---- disks */

static const char *table_name(enum disk_table table)
{
    return table == TABLE_GPT ? "gpt" : table == TABLE_MBR ? "mbr" : "none";
}

static void write_privhead(struct json *j, const struct ldm_privhead *ph)
{
    char version[16];

    json_guid(j, "disk_guid", ph ? &ph->disk_guid : NULL);
    json_guid(j, "group_guid", ph ? &ph->group_guid : NULL);
    if (!ph) {
        json_null(j, "privhead_lba");
        json_null(j, "version");
        json_null(j, "public_start");
        json_null(j, "public_size");
        return;
    }
    snprintf(version, sizeof version, "%u.%u", ph->version_major, ph->version_minor);
    json_number(j, "privhead_lba", ph->found_lba);
    json_string(j, "version", version);
    json_number(j, "public_start", ph->public_start);
    json_number(j, "public_size", ph->public_sectors);
}

static bool is_noted(const struct note_list *notes, enum status code)
{
    for (const struct note *n = notes->first; n; n = n->next)
        if (n->code == code)
            return true;
    return false;
}

static void write_disk(struct json *j, const struct ldm_disk *disk)
{
    json_begin_object(j, NULL);
    json_string(j, "path", disk->dev->name);
    json_string(j, "table", table_name(disk->table));
    json_string(j, "status", ldm_disk_status_name(disk));
    write_privhead(j, disk->has_privhead ? &disk->privhead : NULL);
    json_begin_array(j, "messages");
    if (disk->status != STATUS_OK && !is_noted(&disk->notes, disk->status))
        write_note(j, disk->status, status_sentence(disk->status));
    for (const struct note *n = disk->notes.first; n; n = n->next)
        write_note(j, n->code, n->text);
    json_end_array(j);
    json_end_object(j);
}

/* ---- groups */

static void write_extent(struct json *j, const struct ldm_extent *e)
{
    const struct ldm_disk_record *record = e->partition->disk;

    json_begin_object(j, NULL);
    json_string(j, "disk", record ? text_or_null(record->name) : NULL);
    json_guid(j, "disk_guid", record ? &record->guid : NULL);
    json_string(j, "path", e->disk ? e->disk->dev->name : NULL);
    if (e->disk)
        json_number(j, "lba", e->lba);
    else
        json_null(j, "lba");
    json_number(j, "sectors", e->sectors);
    json_end_object(j);
}

static void write_component(struct json *j, const struct ldm_component *c)
{
    json_begin_object(j, NULL);
    json_string(j, "name", c->name);
    json_string(j, "state", ldm_component_state_name(c->state));
    json_bool(j, "usable", c->usable);
    write_notes(j, "reasons", &c->reasons);
    json_begin_array(j, "extents");
    for (size_t i = 0; i < c->extent_count; i++)
        write_extent(j, &c->extents[i]);
    json_end_array(j);
    json_end_object(j);
}

/* An entry of a partition table starts at one of its halves. */
static bool is_retained(const struct ldm_volume *volume, const struct boot_facts *facts)
{
    for (size_t i = 0; i < facts->count; i++)
        if (facts->components[i].volume == volume && facts->components[i].retained)
            return true;
    return false;
}

/* The state text as on disk ("ACTIVE"), in lower case like the states of components. */
static void write_volume_state(struct json *j, const struct ldm_volume *volume)
{
    char   state[64];
    size_t n = 0;

    for (; volume->state_text && volume->state_text[n] && n + 1 < sizeof state; n++)
        state[n] = (char)ascii_lower((uint8_t)volume->state_text[n]);
    state[n] = '\0';
    json_string(j, "state", text_or_null(state));
}

static void write_volume(struct json *j, const struct ldm_volume *volume, const struct boot_facts *facts)
{
    json_begin_object(j, NULL);
    json_string(j, "name", volume->name);
    json_guid(j, "guid", &volume->guid);
    json_string(j, "type", ldm_volume_type_name(volume->type));
    json_number(j, "size_sectors", volume->sectors);
    json_string(j, "hint", text_or_null(volume->hint));
    json_bool(j, "system", volume->flags & LDM_VOL_SYSTEM);
    json_bool(j, "boot", volume->flags & LDM_VOL_BOOT);
    json_bool(j, "retained", is_retained(volume, facts));
    write_volume_state(j, volume);
    json_begin_array(j, "components");
    for (size_t i = 0; i < volume->component_count; i++)
        write_component(j, volume->components[i]);
    json_end_array(j);
    json_end_object(j);
}

static void write_group(struct json *j, const struct ldm_group *group, const struct boot_facts *facts)
{
    json_begin_object(j, NULL);
    json_guid(j, "guid", &group->guid);
    json_string(j, "name", group->name);
    json_number(j, "transaction", group->vmdb.committed);
    json_string(j, "status", ldm_vmdb_status_name(group->vmdb.status));
    json_begin_array(j, "volumes");
    for (size_t i = 0; i < group->volume_count; i++)
        write_volume(j, &group->volumes[i], facts);
    json_end_array(j);
    json_end_object(j);
}

/* ---- plan */

static void write_number(struct json *j, const char *key, unsigned number)
{
    if (number)
        json_number(j, key, number);
    else
        json_null(j, key);
}

/* What would be started; all null unless something would be. */
static void write_chosen(struct json *j, const struct boot_plan *plan)
{
    static const char *const unknown[] = { "volume", "guid", "component", "method",
                                           "path",   "lba",  "sectors",   "extents",
                                           "partition", "windows_volume", "windows_partition" };
    const struct ldm_component *c = plan->chosen.component;

    if (plan->result != PLAN_BOOT) {
        for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
            json_null(j, unknown[i]);
        return;
    }
    json_string(j, "volume", plan->chosen.volume->name);
    json_guid(j, "guid", &plan->chosen.volume->guid);
    json_string(j, "component", c->name);
    json_string(j, "method", boot_method_name(plan->method));
    json_string(j, "path", c->extents[0].disk->dev->name);
    json_number(j, "lba", c->extents[0].lba);
    json_number(j, "sectors", c->extents[0].sectors);
    json_number(j, "extents", c->extent_count);
    write_number(j, "partition", plan->chosen.number);
    json_string(j, "windows_volume", plan->chosen.windows->volume->name);
    write_number(j, "windows_partition", plan->chosen.windows_number);
}

static void write_rejected(struct json *j, const struct boot_plan *plan)
{
    json_begin_array(j, "rejected");
    for (size_t i = 0; i < plan->candidate_count; i++) {
        const struct plan_candidate *c = &plan->candidates[i];

        if (c->code == STATUS_OK)
            continue;
        json_begin_object(j, NULL);
        json_string(j, "volume", c->volume->name);
        json_string(j, "component", c->component->name);
        write_code_and_text(j, c->code, c->text);
        json_end_object(j);
    }
    json_end_array(j);
}

static void write_plan(struct json *j, const struct boot_plan *plan)
{
    json_begin_object(j, "plan");
    json_string(j, "result", plan_result_name(plan->result));
    write_chosen(j, plan);
    write_notes(j, "notes", &plan->notes);
    write_rejected(j, plan);
    json_end_object(j);
}

void document_write(FILE *out, const struct ldm_view *view, const struct boot_facts *facts,
                    const struct boot_plan *plan)
{
    struct json j = { .out = out };

    json_begin_object(&j, NULL);
    json_number(&j, "schema", SCHEMA);
    json_string(&j, "firmware", facts->rules->name);
    json_begin_array(&j, "disks");
    for (size_t i = 0; i < view->disk_count; i++)
        write_disk(&j, &view->disks[i]);
    json_end_array(&j);
    json_begin_array(&j, "groups");
    for (size_t i = 0; i < view->group_count; i++)
        write_group(&j, &view->groups[i], facts);
    json_end_array(&j);
    write_plan(&j, plan);
    json_end_object(&j);
}
