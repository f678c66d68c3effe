/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sector0.c - see sector0.h.
 *
 * A retained volume has an 0x42 entry with its own start and length, other 0x42 entries cover the rest of what
 * LDM has on the disk. So: the volume's entry, active; those that are retained volumes already; entries of
 * other types; and the gaps between them, up to where the 0x42 entries of today reach.
 */
#include "sector0.h"

#include <string.h>

#include "common/base/checked.h"
#include "common/present/fakembr.h"
#include "newfile.h"

#define MAX_STRETCHES 16

/* Entries to be, in order of their start. */
struct table {
    struct fake_entry entries[MAX_STRETCHES];
    size_t            count;
};

static uint64_t end_of(const struct fake_entry *e)
{
    return (uint64_t)e->start + e->sectors;
}

/* In its place by start; false when it overlaps another one, or there are too many. */
static bool insert(struct table *t, struct fake_entry e)
{
    size_t at = t->count;

    while (at > 0 && t->entries[at - 1].start > e.start)
        at--;
    if (t->count == MAX_STRETCHES || (at > 0 && end_of(&t->entries[at - 1]) > e.start) ||
        (at < t->count && end_of(&e) > t->entries[at].start))
        return false;
    memmove(&t->entries[at + 1], &t->entries[at], (t->count - at) * sizeof t->entries[0]);
    t->entries[at] = e;
    t->count++;
    return true;
}

/* Is this entry the own one of some volume? */
static bool is_retained_volume(const struct boot_facts *facts, const struct ldm_disk *disk, const struct mbr_entry *e)
{
    for (size_t i = 0; i < facts->count; i++) {
        const struct ldm_extent *x = &facts->components[i].component->extents[0];

        if (x->disk == disk && x->lba == e->start && x->sectors == e->sectors)
            return true;
    }
    return false;
}

/* What stays of the table, beside the volume's own entry. */
static bool keep_entries(struct table *t, const struct boot_facts *facts, const struct ldm_disk *disk)
{
    for (size_t i = 0; i < MBR_ENTRIES; i++) {
        const struct mbr_entry *e = &disk->mbr.entries[i];
        struct fake_entry       kept = { e->type, 0, e->start, e->sectors };

        if (e->type == 0 || e->start == t->entries[0].start ||
            (e->type == MBR_TYPE_LDM && !is_retained_volume(facts, disk, e)))
            continue;
        if (!insert(t, kept))
            return false;
    }
    return true;
}

/* Cover from `from` to `end` with entries wherever none is. */
static bool cover_gaps(struct table *t, uint64_t from, uint64_t end)
{
    struct table gaps = { .count = 0 };

    for (size_t i = 0; i <= t->count; i++) {
        uint64_t stop = i < t->count ? t->entries[i].start : end;

        if (stop > end)
            stop = end;
        if (stop > from &&
            !insert(&gaps, (struct fake_entry){ MBR_TYPE_LDM, 0, (uint32_t)from, (uint32_t)(stop - from) }))
            return false;
        if (i < t->count && end_of(&t->entries[i]) > from)
            from = end_of(&t->entries[i]);
    }
    for (size_t i = 0; i < gaps.count; i++)
        if (!insert(t, gaps.entries[i]))
            return false;
    return true;
}

/* Where the LDM entries of today begin and end. */
static void ldm_range(const struct mbr *mbr, uint64_t *from, uint64_t *end)
{
    *from = UINT32_MAX;
    *end = 0;
    for (size_t i = 0; i < MBR_ENTRIES; i++) {
        const struct mbr_entry *e = &mbr->entries[i];

        if (e->type != MBR_TYPE_LDM)
            continue;
        if (e->start < *from)
            *from = e->start;
        if ((uint64_t)e->start + e->sectors > *end)
            *end = (uint64_t)e->start + e->sectors;
    }
    if (*end > UINT32_MAX)
        *end = UINT32_MAX;
}

static bool make_table(const struct boot_facts *facts, const struct component_facts *f, struct table *t)
{
    const struct ldm_extent *x = &f->component->extents[0];
    uint64_t                 from, end;

    t->count = 0;
    ldm_range(&f->disk->mbr, &from, &end);
    return insert(t, (struct fake_entry){ MBR_TYPE_LDM, 1, (uint32_t)x->lba, (uint32_t)x->sectors }) &&
           keep_entries(t, facts, f->disk) && cover_gaps(t, from, end) && t->count <= MBR_ENTRIES;
}

/* Everything but the table stays: boot code, disk signature. */
static void make_sector(const struct component_facts *f, const struct table *t, uint8_t out[SECTOR_BYTES])
{
    static const struct fake_entry empty;

    memcpy(out, f->disk->sector0, SECTOR_BYTES);
    for (size_t i = 0; i < MBR_ENTRIES; i++)
        fakembr_put_entry(out + MBR_TABLE_OFF + i * MBR_ENTRY_BYTES, i < t->count ? &t->entries[i] : &empty, f->heads,
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
static const char *why_not(const struct boot_plan *plan)
{
    const struct component_facts *f = plan->chosen.facts;

    if (plan->result != PLAN_BOOT || !f)
        return "it is not clear which volume is meant: name one in a file for --config (volume = NAME)";
    if (f->disk->table != TABLE_MBR || !f->disk->has_sector0)
        return "the disk has no partition table";
    if (f->component->extent_count != 1)
        return "the volume is in several pieces, which no partition can be";
    if (f->disk->dev->block_size != SECTOR_BYTES ||
        !range_inside(f->component->extents[0].lba, f->volume->sectors, UINT32_MAX))
        return "the volume is out of reach of a partition table of this kind";
    return NULL;
}

/* A file name as one word of a shell. */
static void put_word(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", out);
        else
            fputc(*text, out);
    fputc('\'', out);
}

static void put_command(FILE *out, const char *from, const char *from_tail, const char *to, const char *to_tail,
                        const char *options)
{
    char word[2][4096];

    snprintf(word[0], sizeof word[0], "%s%s", from, from_tail);
    snprintf(word[1], sizeof word[1], "%s%s", to, to_tail);
    fputs("    dd if=", out);
    put_word(out, word[0]);
    fputs(" of=", out);
    put_word(out, word[1]);
    fprintf(out, " bs=512 count=1 %s\n", options);
}

static void put_table(FILE *out, const struct table *t)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct fake_entry *e = &t->entries[i];

        fprintf(out, "  entry %zu: type %02x%s, sectors %lu to %llu\n", i + 1, (unsigned)e->type,
                e->active ? ", active: the volume" : "", (unsigned long)e->start, (unsigned long long)end_of(e) - 1);
    }
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

static void put_advice(FILE *out, const char *path, const struct component_facts *f, const struct table *t)
{
    const char *disk = f->disk->dev->name;

    fprintf(out, "\n%s holds the sector 0 that would give %s (%s) an entry of its own:\n", path, f->volume->name,
            f->component->name);
    put_table(out, t);
    put_remarks(out, f);
    fputs("Nothing was written to the disk. Copy the whole disk before you change it, and see\n"
          "docs/after-boot.md. Save the old sector 0, then put the new one:\n", out);
    put_command(out, disk, "", path, ".old", "conv=excl");
    put_command(out, path, "", disk, "", "conv=notrunc,fsync");
    fputs("To go back:\n", out);
    put_command(out, path, ".old", disk, "", "conv=notrunc,fsync");
}

bool sector0_write(FILE *out, const char *path, const struct boot_facts *facts, const struct boot_plan *plan)
{
    const struct component_facts *f = plan->chosen.facts;
    const char                   *reason = why_not(plan);
    struct table                  table;
    uint8_t                       sector[SECTOR_BYTES];

    if (plan->result == PLAN_BOOT && f && f->disk->table == TABLE_GPT) {
        explain_gpt(out, f->volume->name);
        return false;
    }
    if (!reason && !make_table(facts, f, &table))
        reason = "a table of four entries does not hold it beside what is there";
    if (reason) {
        fprintf(stderr, "ldmboot-inspect: --sector0: %s\n", reason);
        return false;
    }
    make_sector(f, &table, sector);
    if (memcmp(sector, f->disk->sector0, SECTOR_BYTES) == 0) {
        fprintf(out, "\n--sector0: %s has an active entry of its own already; no file is made.\n", f->volume->name);
        return true;
    }
    if (!newfile_write(path, span_of(sector, sizeof sector)))
        return false;
    put_advice(out, path, f, &table);
    return true;
}
