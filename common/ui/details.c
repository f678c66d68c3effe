/* SPDX-License-Identifier: GPL-2.0-or-later */
/* details.c - one half in words; see details.h. */
#include "details.h"

#include "report.h"

static void write_volume(struct log *log, const struct ldm_volume *v)
{
    char size[REPORT_SIZE_TEXT], guid[GUID_TEXT_SIZE];

    log_line(log, "Volume    %s%s%s, %s, %s, %llu sectors", v->name, *v->hint ? " " : "", v->hint,
             ldm_volume_type_name(v->type), report_size(v->sectors, size), (unsigned long long)v->sectors);
    log_line(log, "          %s", guid_format(&v->guid, guid));
    log_line(log, "          marked as: %s%s%s%s", v->flags & LDM_VOL_SYSTEM ? "system " : "",
             v->flags & LDM_VOL_BOOT ? "boot " : "", v->flags & LDM_VOL_RETAINED ? "retained " : "", v->state_text);
    log_notes(log, &v->notes);
}

static void write_extent(struct log *log, const struct ldm_extent *x)
{
    const struct ldm_disk_record *record = x->partition->disk;
    const char                   *name = record ? record->name : "a disk without a record";
    char                          guid[GUID_TEXT_SIZE];

    if (x->disk)
        log_line(log, "Part      %s (%s), sector %llu, %llu sectors", x->disk->dev->name, name,
                 (unsigned long long)x->lba, (unsigned long long)x->sectors);
    else
        log_line(log, "Part      %s, %s, %llu sectors", name, record && record->elsewhere ? "not a member any more" : "not connected",
                 (unsigned long long)x->sectors);
    if (record)
        log_line(log, "          disk %s", guid_format(&record->guid, guid));
    if (x->disk && x->disk->has_vmdb)
        log_line(log, "          its own database: transaction %llu", (unsigned long long)x->disk->vmdb.committed);
}

static void write_group(struct log *log, const struct ldm_group *group)
{
    log_line(log, "Group     %s, transaction %llu, %s", group->name, (unsigned long long)group->vmdb.committed,
             ldm_vmdb_status_name(group->vmdb.status));
    log_line(log, "          as the database of %s has it", group->source->dev->name);
}

static void write_facts(struct log *log, const struct component_facts *f)
{
    log_line(log, "On it     boot sector %s%s%s%s", f->status != STATUS_OK ? "unusable" : f->boot_sector_is_backup ?
             "from its backup" : "good", report_fs(f->fs), report_loader(f), f->hibernated ? ", hibernated Windows" : "");
    log_line(log, "          its partition is %s; %u read errors so far", f->retained ? "retained" : "not retained",
             (unsigned)f->read_errors);
    log_notes(log, &f->notes);
}

/* The reasons against it, each with what to do. */
static void write_reasons(struct log *log, const struct ldm_component *half)
{
    for (const struct note *n = half->reasons.first; n; n = n->next) {
        log_note(log, n->code, n->text);
        log_line(log, "          %s", status_next_step(n->code));
    }
}

void details_write(struct log *log, const struct boot_plan *plan, const struct plan_candidate *c)
{
    const struct ldm_component *half = c->component;

    write_volume(log, c->volume);
    log_line(log, "Half      %s, %s (\"%s\" in the database), %zu part%s", half->name,
             ldm_component_state_name(half->state), half->state_text, half->extent_count, half->extent_count == 1 ? "" : "s");
    for (size_t i = 0; i < half->extent_count; i++)
        write_extent(log, &half->extents[i]);
    write_group(log, c->volume->group);
    if (c->facts)
        write_facts(log, c->facts);
    report_kernel(log, c);
    if (c->number_doubt != STATUS_OK)
        log_note(log, c->number_doubt, status_sentence(c->number_doubt));
    if (c->lookup)
        log_notes(log, &c->lookup->notes);
    log_line(log, "%s", "");
    log_notes(log, &c->age);
    if (half->reasons.first)
        write_reasons(log, half);
    else
        log_line(log, "%s", *c->text ? c->text : plan->why);
}
