/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.c - the view and the plan in words, for every console.
 *
 * Lines are made for 80 columns; only names that are long by themselves go beyond. The LDM-BOOT line is an interface
 * (docs/interfaces.md).
 */
#include "report.h"

#include "common/base/mem.h"

#define WRAP_COLUMNS 79
#define NEXT_STEP    "          "  /* under the text of an LDM-dddd line */
#define ABSENT_SHOWN 8             /* volumes of a group that are on disks which are not here; a database can name 1,900 */

/* ---- small texts */

const char *report_size(uint64_t sectors, char out[REPORT_SIZE_TEXT])
{
    uint64_t megabytes = sectors >> 11;

    if (megabytes < 10 * 1024)
        (void)text_format(out, REPORT_SIZE_TEXT, "%llu MB", (unsigned long long)megabytes);
    else
        (void)text_format(out, REPORT_SIZE_TEXT, "%llu GB", (unsigned long long)(megabytes >> 10));
    return out;
}

const char *report_table(enum disk_table table)
{
    return table == TABLE_GPT ? "GPT" : table == TABLE_MBR ? "MBR" : "no table";
}

/* Write a sentence over as many lines as it needs. */
static void log_wrapped(struct log *log, const char *text)
{
    while (*text) {
        size_t cut = text_line_length(text, WRAP_COLUMNS);
        char   line[WRAP_COLUMNS + 1];

        memcpy(line, text, cut);
        line[cut] = '\0';
        log_line(log, "%s", line);
        text += cut;
        while (*text == ' ')
            text++;
    }
}

/* Notes with what to do about them; `said`: a number that has been said with all of it. */
static void log_advice(struct log *log, const struct note_list *notes, enum status said)
{
    for (const struct note *n = notes->first; n; n = n->next) {
        const char *next = status_next_step(n->code);

        if (n->code == said)
            continue;
        log_note(log, n->code, n->text);
        if (*next)
            log_line(log, NEXT_STEP "%s", next);
    }
}

/* ---- the view */

void report_banner(struct log *log, const char *version, const char *platform)
{
    log_line(log, "ldmboot %s (%s): starts Windows from a half of a mirrored dynamic volume.", version, platform);
    log_line(log, "It reads disks and never writes to them.");
}

/* Is it among the plan's notes, which come last and have the next step? */
static bool is_said(const struct boot_plan *plan, enum status code, const char *text)
{
    for (const struct note *n = plan ? plan->notes.first : NULL; n; n = n->next)
        if (n->code == code && strcmp(n->text, text) == 0)
            return true;
    return false;
}

static void report_disk(struct log *log, const struct ldm_disk *disk, const struct boot_plan *plan)
{
    char size[REPORT_SIZE_TEXT];

    (void)report_size(blk_sectors(disk->dev), size);
    if (disk->group && disk->status == STATUS_OK)
        log_line(log, "  %-6s %8s  %-8s  %s of group %s", disk->dev->name, size, report_table(disk->table),
                 disk->record ? disk->record->name : "an unlisted disk", disk->group->name);
    else
        log_line(log, "  %-6s %8s  %-8s  %s", disk->dev->name, size, report_table(disk->table),
                 status_sentence(disk->status));
    for (const struct note *n = disk->notes.first; n; n = n->next)
        if (!is_said(plan, n->code, n->text))
            log_note(log, n->code, n->text);
}

const char *report_fs(enum fs_kind kind)
{
    return kind == FS_NTFS ? ", NTFS" : kind == FS_FAT ? ", FAT" : "";
}

const char *report_loader(const struct component_facts *f)
{
    if (f->bootmgfw_machine != PE_MACHINE_NONE)
        return ", bootmgfw.efi";
    if (f->has_ntldr && f->has_bootmgr)
        return ", NTLDR and BOOTMGR";
    return f->has_ntldr ? ", NTLDR" : f->has_bootmgr ? ", BOOTMGR" : f->root_read ? ", no loader" : "";
}

/* Where a component is, and what is on it. */
static void report_place(struct log *log, const struct ldm_component *c, const struct component_facts *f)
{
    const struct ldm_extent *first = &c->extents[0];

    log_line(log, "    %-14s %-8s %s, sector %llu%s%s%s%s", c->name, ldm_component_state_name(c->state),
             first->disk->dev->name, (unsigned long long)first->lba, c->extent_count > 1 ? " and more" : "",
             f ? report_fs(f->fs) : "", f ? report_loader(f) : "",
             !f ? "" : f->retained ? ", retained" : ", not retained");
}

static void report_component(struct log *log, const struct ldm_component *c, const struct component_facts *f)
{
    const struct note *reason = c->reasons.first;

    if (c->present)
        report_place(log, c, f);
    else
        log_line(log, "    %-14s %-8s %s", c->name, ldm_component_state_name(c->state),
                 status_sentence(reason ? reason->code : STATUS_COMPONENT_UNREADABLE));
    if (c->present)
        for (; reason; reason = reason->next)
            log_line(log, "    %-14s          %s", "", status_sentence(reason->code));
}

static void report_volume(struct log *log, const struct ldm_volume *v, const struct boot_facts *facts)
{
    char size[REPORT_SIZE_TEXT];

    log_line(log, "  %s%s%s  %s, %s%s%s%s", v->name, *v->hint ? " " : "", v->hint, ldm_volume_type_name(v->type),
             report_size(v->sectors, size), v->flags & LDM_VOL_SYSTEM ? ", system volume" : "",
             v->flags & LDM_VOL_BOOT ? ", boot volume" : "", v->flags & LDM_VOL_RETAINED ? ", retained" : "");
    log_notes(log, &v->notes);
    for (size_t i = 0; i < v->component_count; i++)
        report_component(log, v->components[i], facts_find(facts, v->components[i]));
}

/* No half of it is on the disks that are here, and it has no damage of its own to tell. */
static bool is_absent(const struct ldm_volume *v)
{
    for (size_t i = 0; i < v->component_count; i++)
        if (v->components[i]->present)
            return false;
    return !v->notes.first;
}

/* Every volume, or of those that are not here the first few only: a serial line takes minutes for 1,900. */
static void report_volumes(struct log *log, const struct ldm_group *group, const struct boot_facts *facts, bool all)
{
    unsigned absent = 0;

    for (size_t i = 0; i < group->volume_count; i++)
        if (!is_absent(&group->volumes[i]) || absent++ < ABSENT_SHOWN || all)
            report_volume(log, &group->volumes[i], facts);
    if (absent > ABSENT_SHOWN && !all)
        log_line(log, "  and %u more of which no half is on a connected disk", absent - ABSENT_SHOWN);
}

static void report_group(struct log *log, const struct ldm_group *group, const struct boot_facts *facts, bool all)
{
    unsigned here = 0;

    for (size_t i = 0; i < group->disk_count; i++)
        here += group->disks[i].present != NULL;
    log_line(log, "Group %s: %zu disk%s, %u of them here; transaction %llu, %s", group->name, group->disk_count,
             group->disk_count == 1 ? "" : "s", here, (unsigned long long)group->vmdb.committed,
             ldm_vmdb_status_name(group->vmdb.status));
    log_notes(log, &group->notes);
    report_volumes(log, group, facts, all);
}

void report_view(struct log *log, const struct ldm_view *view, const struct boot_facts *facts,
                 const struct boot_plan *plan, bool all)
{
    log_line(log, "Disks:");
    for (size_t i = 0; i < view->disk_count; i++)
        report_disk(log, &view->disks[i], plan);
    for (size_t i = 0; i < view->group_count; i++)
        report_group(log, &view->groups[i], facts, all);
}

/* ---- the plan */

static bool has_code(const struct note_list *notes, enum status code)
{
    const struct note *n = notes->first;

    while (n && n->code != code)
        n = n->next;
    return n != NULL;
}

static void report_candidate(struct log *log, const struct boot_plan *plan, const struct plan_candidate *c, bool *headed)
{
    if (!is_said(plan, c->code, c->text)) {
        if (!*headed)
            log_line(log, "Not started:");
        *headed = true;
        log_note(log, c->code, c->text);
    }
    if (c->facts)
        /* Why a file could not be read, for one. */
        log_advice(log, &c->facts->notes, has_code(&plan->notes, c->code) ? c->code : STATUS_OK);
}

/* The candidates that are not started; without `all`, only those on connected disks. */
static void report_candidates(struct log *log, const struct boot_plan *plan, bool all)
{
    bool headed = false;

    for (size_t i = 0; i < plan->candidate_count; i++) {
        const struct plan_candidate *c = &plan->candidates[i];

        if (c->code != STATUS_OK && (c->facts || all))
            report_candidate(log, plan, c, &headed);
    }
}

/* Where Windows's kernel will look for this half: by number, in the table on the disk. */
static void put_number(char *buf, size_t size, const struct component_facts *f, unsigned number)
{
    if (number)
        (void)text_format(buf, size, "partition %u of %s", number, f->disk->dev->name);
    else
        (void)text_format(buf, size, "%s on %s", f->retained ? "no number" : "no entry", f->disk->dev->name);
}

void report_kernel(struct log *log, const struct plan_candidate *c)
{
    char windows[64], loader[64];

    if (!c->windows)
        return;
    put_number(windows, sizeof windows, c->windows, c->windows_number);
    put_number(loader, sizeof loader, c->facts, c->number);
    if (c->windows == c->facts)
        log_line(log, "Windows's kernel: %s.", windows);
    else
        log_line(log, "Windows's kernel: %s (%s), its loader: %s.", windows, c->windows->component->name, loader);
}

void report_choice(struct log *log, const struct plan_candidate *c)
{
    report_kernel(log, c);
    if (c->number_doubt != STATUS_OK)
        log_line(log, "LDM-%04u: %s: %s", (unsigned)c->number_doubt, c->windows->volume->name,
                 status_sentence(c->number_doubt));
    if (c->lookup)
        log_notes(log, &c->lookup->notes);
}

void report_plan(struct log *log, const struct boot_plan *plan, bool explain)
{
    log_wrapped(log, plan->why);
    if (plan->result == PLAN_BOOT)
        report_kernel(log, &plan->chosen);
    log_advice(log, &plan->notes, STATUS_OK);
    if (explain || plan->result != PLAN_BOOT)
        report_candidates(log, plan, explain);
}

/* ---- the LDM-BOOT line */

struct line {
    char  *buf;
    size_t size, len;
    bool   full;
};

static void put_text(struct line *l, const char *text)
{
    size_t len = strlen(text);

    if (len >= l->size - l->len) {
        l->full = true;
        return;
    }
    memcpy(l->buf + l->len, text, len + 1);
    l->len += len;
}

static bool is_plain(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == ':' || c == '{' || c == '}' || c == '-';
}

/* " key=value", the value's unusual bytes as %XX. */
static void put_pair(struct line *l, const char *key, const char *value)
{
    put_text(l, " ");
    put_text(l, key);
    put_text(l, "=");
    for (const char *p = value; *p; p++) {
        char text[4] = { *p, '\0' };

        if (!is_plain(*p))
            (void)text_format(text, sizeof text, "%%%02X", (unsigned)(unsigned char)*p);
        put_text(l, text);
    }
}

static void put_decimal(struct line *l, const char *key, uint64_t value)
{
    char text[24];

    (void)text_format(text, sizeof text, "%llu", (unsigned long long)value);
    put_pair(l, key, text);
}

bool report_boot_line(const struct boot_plan *plan, int drive, char *buf, size_t size)
{
    const struct ldm_component *c = plan->chosen.component;
    struct line                 l = { buf, size, 0, size == 0 };
    char                        guid[GUID_TEXT_SIZE], drive_text[12] = "-";

    if (!c || c->extent_count == 0 || !c->extents[0].disk || size == 0)
        return false;
    if (drive >= 0)
        (void)text_format(drive_text, sizeof drive_text, "%02x", (unsigned)drive);

    put_text(&l, "LDM-BOOT");
    put_pair(&l, "volume", plan->chosen.volume->name);
    put_pair(&l, "guid", guid_format(&plan->chosen.volume->guid, guid));
    put_pair(&l, "component", c->name);
    put_pair(&l, "disk", guid_format(&c->extents[0].disk->privhead.disk_guid, guid));
    put_pair(&l, "drive", drive_text);
    put_decimal(&l, "lba", c->extents[0].lba);
    put_decimal(&l, "sectors", c->extents[0].sectors);
    put_decimal(&l, "extents", c->extent_count);
    put_pair(&l, "method", boot_method_name(plan->method));
    return !l.full;
}
