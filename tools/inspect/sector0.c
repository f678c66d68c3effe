/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sector0.c - see sector0.h.
 *
 * A retained volume has an 0x42 entry with its own start and length, other 0x42 entries cover the rest of what
 * LDM has on the disk. Windows's kernel finds a volume by the number of its entry: so entries of other types, and
 * those that volumes have already, keep their slots, and what is new goes where boot.ini's partition(N) counts it.
 * All ways to give out the four slots are tried, and the best one is taken.
 */
#include "sector0.h"

#include <string.h>

#include "common/base/checked.h"
#include "common/disk/partition_number.h"
#include "common/present/fakembr.h"
#include "filedisk.h"
#include "newfile.h"
#include "shell.h"

#define MAX_STRETCHES 16

/* A stretch of the disk, in sectors. */
struct stretch {
    uint64_t start, end;
};

/* What there is to do. */
struct task {
    const struct boot_facts      *facts;
    const struct component_facts *loader, *windows;  /* on the same disk */
    const struct mbr             *mbr;
    const struct logical_drives  *logical;                /* NULL: none */
    bool                          fixed[MBR_ENTRIES];     /* slots that stay as they are */
    struct stretch                rest[MAX_STRETCHES];    /* what LDM's entries still have to cover */
    size_t                        rest_from[MAX_STRETCHES];  /* the slot of the entry that covers it today */
    size_t                        rest_count;
    unsigned                      wanted;                 /* number for Windows's volume; 0: any */
};

/* A table to be. */
struct table {
    struct fake_entry entries[MBR_ENTRIES];
    unsigned          number;  /* that Windows's kernel counts for Windows's volume */
    unsigned          score;
};

static uint64_t end_of(const struct mbr_entry *e)
{
    return (uint64_t)e->start + e->sectors;
}

static uint64_t start_of(const struct component_facts *f)
{
    return f->component->extents[0].lba;
}

/* Is this entry the own one of some volume? One that starts there is: the kernel does not look at its length. */
static bool is_volumes_own(const struct task *t, const struct mbr_entry *e)
{
    for (size_t i = 0; i < t->facts->count; i++) {
        const struct component_facts *f = &t->facts->components[i];

        if (f->disk == t->loader->disk && start_of(f) == e->start && f->component->extents[0].sectors == e->sectors)
            return true;
    }
    return false;
}

/* ---- what is left to cover */

static bool add_rest(struct task *t, size_t slot, uint64_t start, uint64_t end)
{
    if (start >= end)
        return true;
    if (t->rest_count == MAX_STRETCHES)
        return false;
    t->rest[t->rest_count] = (struct stretch){ start, end };
    t->rest_from[t->rest_count++] = slot;
    return true;
}

/* Take [start, end) out of the stretches. */
static bool cut_out(struct task *t, uint64_t start, uint64_t end)
{
    for (size_t i = 0; i < t->rest_count; i++) {
        struct stretch r = t->rest[i];

        if (r.start >= end || r.end <= start)
            continue;
        t->rest[i].end = start > r.start ? start : r.start;
        if (!add_rest(t, t->rest_from[i], end, r.end))
            return false;
    }
    return true;
}

/* The entries of LDM that no volume owns, without what other entries have. */
static bool find_rest(struct task *t)
{
    const struct component_facts *volumes[] = { t->loader, t->windows };
    size_t                        kept = 0;

    for (size_t i = 0; i < MBR_ENTRIES; i++) {
        const struct mbr_entry *e = &t->mbr->entries[i];
        uint64_t                end = end_of(e);

        t->fixed[i] = e->type != 0 && (e->type != MBR_TYPE_LDM || is_volumes_own(t, e));
        if (e->type == MBR_TYPE_LDM && !t->fixed[i] && !add_rest(t, i, e->start, end > UINT32_MAX ? UINT32_MAX : end))
            return false;
    }
    for (size_t i = 0; i < MBR_ENTRIES; i++)
        if (t->fixed[i] && !cut_out(t, t->mbr->entries[i].start, end_of(&t->mbr->entries[i])))
            return false;
    for (size_t i = 0; i < ARRAY_LEN(volumes); i++)
        if (!cut_out(t, start_of(volumes[i]), start_of(volumes[i]) + volumes[i]->component->extents[0].sectors))
            return false;
    for (size_t i = 0; i < t->rest_count; i++)
        if (t->rest[i].start < t->rest[i].end) {
            t->rest_from[kept] = t->rest_from[i];
            t->rest[kept++] = t->rest[i];
        }
    t->rest_count = kept;
    return true;
}

/* ---- giving out the slots */

static bool is_free(const struct task *t, const struct table *table, size_t slot)
{
    return !t->fixed[slot] && table->entries[slot].type == 0;
}

static bool put_volume(const struct task *t, struct table *table, size_t slot, const struct component_facts *f)
{
    if (!is_free(t, table, slot))
        return false;
    table->entries[slot] = (struct fake_entry){ MBR_TYPE_LDM, 0, (uint32_t)start_of(f),
                                                (uint32_t)f->component->extents[0].sectors };
    return true;
}

/* Has it an entry that stays? One of LDM's that begins where the volume does, and is longer, is cut to its length. */
static bool needs_entry(const struct task *t, const struct component_facts *f)
{
    for (size_t i = 0; i < MBR_ENTRIES; i++)
        if (t->fixed[i] && t->mbr->entries[i].start == start_of(f))
            return false;
    for (size_t i = 0; t->logical && i < t->logical->count; i++)
        if (t->logical->drives[i].start == start_of(f))
            return false;
    return true;
}

/* Where its entry of today is, else anywhere. */
static bool put_rest(const struct task *t, struct table *table, size_t n)
{
    size_t slot = t->rest_from[n];

    for (size_t i = 0; !is_free(t, table, slot) && i < MBR_ENTRIES; i++)
        slot = i;
    if (!is_free(t, table, slot))
        return false;
    table->entries[slot] = (struct fake_entry){ MBR_TYPE_LDM, 0, (uint32_t)t->rest[n].start,
                                                (uint32_t)(t->rest[n].end - t->rest[n].start) };
    return true;
}

static struct mbr as_mbr(const struct table *table)
{
    struct mbr m = { .valid = true };

    for (size_t i = 0; i < MBR_ENTRIES; i++)
        m.entries[i] = (struct mbr_entry){ table->entries[i].active, table->entries[i].type, table->entries[i].start,
                                           table->entries[i].sectors };
    return m;
}

/* Does every volume of the disk that has a number keep it? */
static bool numbers_stay(const struct task *t, const struct mbr *m)
{
    for (size_t i = 0; i < t->facts->count; i++) {
        const struct component_facts *f = &t->facts->components[i];

        if (f->disk == t->loader->disk && f->partition_number &&
            partition_number(m, t->logical, start_of(f)) != f->partition_number)
            return false;
    }
    return true;
}

/* Does every entry begin where the one in its slot begins today? */
static bool starts_stay(const struct task *t, const struct mbr *m)
{
    for (size_t i = 0; i < MBR_ENTRIES; i++)
        if (t->mbr->entries[i].type && m->entries[i].start != t->mbr->entries[i].start)
            return false;
    return true;
}

/* The table with new entries for the two volumes in these slots, as far as they need one. */
static bool try_slots(const struct task *t, size_t loader_slot, size_t windows_slot, struct table *out)
{
    struct table table = { .score = 1 };
    struct mbr   m;

    for (size_t i = 0; i < MBR_ENTRIES; i++)
        if (t->fixed[i])
            table.entries[i] = (struct fake_entry){ t->mbr->entries[i].type, 0, t->mbr->entries[i].start,
                                                    t->mbr->entries[i].sectors };
    if (needs_entry(t, t->windows) && !put_volume(t, &table, windows_slot, t->windows))
        return false;
    if (t->loader != t->windows && needs_entry(t, t->loader) && !put_volume(t, &table, loader_slot, t->loader))
        return false;
    for (size_t i = 0; i < t->rest_count; i++)
        if (!put_rest(t, &table, i))
            return false;
    m = as_mbr(&table);
    table.number = partition_number(&m, t->logical, start_of(t->windows));
    table.score += (numbers_stay(t, &m) ? 4u : 0u) + (!t->wanted || table.number == t->wanted ? 2u : 0u) +
                   (starts_stay(t, &m) ? 1u : 0u);
    *out = table;
    return true;
}

/* Only the loader's entry is active; without an entry of its own (a logical drive) none is. */
static void make_active(const struct task *t, struct table *table)
{
    for (size_t i = 0; i < MBR_ENTRIES; i++)
        table->entries[i].active = table->entries[i].type != 0 && table->entries[i].start == start_of(t->loader);
}

static bool make_table(struct task *t, struct table *best)
{
    struct table table;

    best->score = 0;
    if (!find_rest(t))
        return false;
    for (size_t w = 0; w < MBR_ENTRIES; w++)
        for (size_t l = 0; l < MBR_ENTRIES; l++)
            if (try_slots(t, l, w, &table) && table.score > best->score)
                *best = table;
    make_active(t, best);
    return best->score > 0;
}

/* The number that boot.ini gives to Windows's volume; 0: none, or in a form that has to change. */
static unsigned wanted_number(const struct component_facts *loader)
{
    const struct bootini_entry *e = loader->files.has_bootini ? &loader->files.lines[0].entry : NULL;

    if (!loader->has_ntldr)
        return 0;
    if (!e)
        return 1;  /* NTLDR's own idea */
    return e->form == BOOTINI_MULTI && !e->adapter && !e->disk && !e->rdisk ? e->partition : 0;
}

static struct task make_task(const struct boot_facts *facts, const struct plan_candidate *c)
{
    const struct component_facts *windows = c->windows->disk == c->facts->disk ? c->windows : c->facts;

    return (struct task){ .facts = facts, .loader = c->facts, .windows = windows, .mbr = &c->facts->disk->mbr,
                          .logical = c->facts->disk->logical, .wanted = wanted_number(c->facts) };
}

static bool same_entry(const struct fake_entry *a, const struct mbr_entry *b)
{
    return a->type == b->type &&
           (a->type == 0 || (a->start == b->start && a->sectors == b->sectors && a->active == b->active));
}

/* Everything but the table stays: boot code, disk signature, and entries that are to be as they are. */
static void make_sector(const struct component_facts *f, const struct table *t, uint8_t out[SECTOR_BYTES])
{
    memcpy(out, f->disk->sector0, SECTOR_BYTES);
    for (size_t i = 0; i < MBR_ENTRIES; i++)
        if (!same_entry(&t->entries[i], &f->disk->mbr.entries[i]))
            fakembr_put_entry(out + MBR_TABLE_OFF + i * MBR_ENTRY_BYTES, &t->entries[i], f->heads,
                              f->sectors_per_track);
}

/* ---- words */

static void explain_gpt(FILE *out, const char *volume)
{
    fprintf(out,
            "\n--sector0: the disk of %s has a GPT, so there is no sector 0 to make, and no command is\n"
            "given: an entry inside of the LDM data partition is not something to recommend. Windows's\n"
            "own tool makes a volume retained: in Windows, or in Windows PE with the disk group\n"
            "imported, run diskpart, 'select volume N', 'retain'. See docs/after-boot.md.\n", volume);
}

/* Why there is nothing to make; NULL when there is. */
static const char *why_not_volume(const struct component_facts *f)
{
    if (f->component->extent_count != 1)
        return "the volume is in several pieces, which no partition can be";
    if (f->disk->dev->block_size != SECTOR_BYTES ||
        !range_inside(f->component->extents[0].lba, f->volume->sectors, UINT32_MAX))
        return "the volume is out of reach of a partition table of this kind";
    return NULL;
}

static const char *why_not(const struct boot_plan *plan)
{
    const struct component_facts *f = plan->chosen.facts;
    const char                   *why;

    if (plan->result != PLAN_BOOT || !f)
        return "it is not clear which volume is meant: name one in a file for --config (volume = NAME)";
    if (f->disk->table != TABLE_MBR || !f->disk->has_sector0)
        return "the disk has no partition table";
    if (((const struct filedisk *)f->disk->dev)->container)
        return "the disk is inside of a container file, into which dd cannot put a sector; make an image of it";
    why = why_not_volume(f);
    return why || plan->chosen.windows->disk != f->disk ? why : why_not_volume(plan->chosen.windows);
}

static void put_command(FILE *out, const char *from, const char *from_tail, const char *to, const char *to_tail,
                        const char *options)
{
    char word[2][4096];

    snprintf(word[0], sizeof word[0], "%s%s", from, from_tail);
    snprintf(word[1], sizeof word[1], "%s%s", to, to_tail);
    fputs("    dd if=", out);
    shell_word(out, word[0]);
    fputs(" of=", out);
    shell_word(out, word[1]);
    fprintf(out, " bs=512 count=1 %s\n", options);
}

static void put_table(FILE *out, const struct task *t, const struct table *table)
{
    for (size_t i = 0; i < MBR_ENTRIES; i++) {
        const struct fake_entry *e = &table->entries[i];

        if (e->type)
            fprintf(out, "  entry %zu: type %02x%s%s, sectors %lu to %llu\n", i + 1, (unsigned)e->type,
                    e->active ? ", active" : "", e->start == start_of(t->loader) || e->start == start_of(t->windows) ?
                    ": the volume" : "", (unsigned long)e->start, (unsigned long long)e->start + e->sectors - 1);
    }
}

/* What Windows's kernel and its loader will call the volume. */
static void put_number(FILE *out, const struct task *t, const struct table *table)
{
    fprintf(out, "Windows's kernel will call %s partition %u of this disk.\n", t->windows->volume->name, table->number);
    if (t->loader->has_ntldr && table->number != t->wanted)
        fprintf(out, "boot.ini has to change for a start without ldmboot: every entry for this volume has to be\n"
                     "    multi(0)disk(0)rdisk(0)partition(%u)\n", table->number);
}

/* What the entry alone does not put right. */
static void put_remarks(FILE *out, const struct component_facts *f)
{
    if (f->hidden_sectors != f->component->extents[0].lba)
        fprintf(out, "Its boot sector says %lu hidden sectors, not %llu: Windows's boot code will not start from\n"
                     "this entry without ldmboot before that is put right too (BPB, offset 1Ch, and its copy).\n",
                (unsigned long)f->hidden_sectors, (unsigned long long)f->component->extents[0].lba);
    if (f->disk->sector0[0] == 0)
        fputs("Sector 0 holds no boot code: for a start without ldmboot it needs that too (bootsect /nt60).\n", out);
}

/* The volumes that the sector is about. */
static void put_purpose(FILE *out, const char *path, const struct task *t)
{
    const struct component_facts *w = t->windows, *l = t->loader;

    if (w->partition_number && l->partition_number)
        fprintf(out, "\nThere is nothing to cure: %s has an entry of its own already, partition %u. What is missing for a\n"
                     "start without ldmboot is that it is active, as in %s:\n", w->volume->name, w->partition_number, path);
    else
        fprintf(out, "\n%s holds the sector 0 that would give %s%s%s%s%s an entry of its own:\n", path,
                l->partition_number ? "" : l->component->name, l == w || l->partition_number ? "" : " (loader)",
                l == w || l->partition_number || w->partition_number ? "" : " and ",
                l == w || w->partition_number ? "" : w->component->name,
                l == w || w->partition_number ? "" : " (Windows)");
}

static void put_advice(FILE *out, const char *path, const struct task *t, const struct table *table)
{
    const struct component_facts *f = t->loader;
    const char                   *disk = f->disk->dev->name;

    put_purpose(out, path, t);
    put_table(out, t, table);
    put_number(out, t, table);
    put_remarks(out, f);
    fputs("Nothing was written to the disk. Copy the whole disk before you change it, and see\n"
          "docs/after-boot.md. Save the old sector 0, then put the new one:\n", out);
    put_command(out, disk, "", path, ".old", "conv=excl");
    put_command(out, path, "", disk, "", "conv=notrunc,fsync");
    fputs("To go back:\n", out);
    put_command(out, path, ".old", disk, "", "conv=notrunc,fsync");
}

/* Its own entry is active already, and Windows's volume has one. */
static bool is_cured(const struct task *t)
{
    for (size_t i = 0; i < MBR_ENTRIES; i++)
        if (t->mbr->entries[i].active && t->mbr->entries[i].type && t->mbr->entries[i].start == start_of(t->loader))
            return t->windows->partition_number != 0;
    return false;
}

static bool write_sector(FILE *out, const char *path, struct task *t)
{
    struct table table;
    uint8_t      sector[SECTOR_BYTES];

    if (is_cured(t)) {
        fprintf(out, "\n--sector0: there is nothing to cure: %s has an entry of its own already, partition %u;\n"
                     "no file is made.\n", t->windows->volume->name, t->windows->partition_number);
        return true;
    }
    if (!make_table(t, &table)) {
        fprintf(stderr, "ldmboot-inspect: --sector0: a table of four entries does not hold it beside what is there\n");
        return false;
    }
    make_sector(t->loader, &table, sector);
    if (!newfile_write(path, span_of(sector, sizeof sector)))
        return false;
    put_advice(out, path, t, &table);
    return true;
}

bool sector0_write(FILE *out, const char *path, const struct boot_facts *facts, const struct boot_plan *plan)
{
    const struct component_facts *f = plan->chosen.facts;
    const char                   *reason = why_not(plan);
    struct task                   task;

    if (plan->result == PLAN_BOOT && f && f->disk->table == TABLE_GPT) {
        explain_gpt(out, f->volume->name);
        return false;
    }
    if (reason) {
        fprintf(stderr, "ldmboot-inspect: --sector0: %s\n", reason);
        return false;
    }
    task = make_task(facts, &plan->chosen);
    return write_sector(out, path, &task);
}
