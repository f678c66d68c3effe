/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sweep.c - what does the plan become when any single sector of the metadata is lost?
 *
 *     sweep bios|uefi [--volume-sectors] [--holes SECTORS STEP] BLOCK-SIZE IMAGE...
 *
 * Every block of the LDM metadata and of the partition tables of every disk is, one at a time, zeroed,
 * filled with random bytes (with several seeds) and made unreadable; scan, probe and plan run each time. Allowed:
 * the plan of the undamaged disks; a refusal with its number; a question. Of a mirrored volume whose
 * halves are both good, the other half too: on a disk that answers worse it is the better choice. Anything
 * else (another volume, a half that was not good, another position) is a failure.
 * --holes: instead of that, SECTORS sectors in a row are unreadable, beginning at every STEP-th sector: on one disk after
 * the other, then on all of them at the same place. Then a refusal or a question is a failure, too, where what is lost
 * has a spare copy: all but the head of the database (VMDB), its records when no other disk has them, and the log.
 * --volume-sectors adds the boot sectors of the started volume to the blocks that are damaged.
 *
 * Prints a line with the counts of outcomes, and each failure; exit status 1 when there is one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/ldm/scan.h"
#include "common/decide/plan.h"
#include "common/decide/probe.h"
#include "tests/support/memdisk.h"

#define MAX_DISKS   4
#define MAX_HALVES  8
#define ARENA_BYTES ((size_t)16 << 20)
#define SEEDS       3
#define RECORD_SECTORS 64  /* more than the records of these disks take */

enum damage { ZEROED, RANDOM, UNREADABLE = RANDOM + SEEDS, DAMAGES, HOLE = DAMAGES };

struct outcome {
    struct ldm_view   view;
    struct boot_facts facts;
    struct boot_plan  plan;
};

/* A half that may be started, and where it is. */
struct place {
    char     component[64];
    unsigned disk;
    uint64_t lba, sectors;
    size_t   extents;
};

struct sweep {
    const struct firmware_rules *rules;
    bool                 volume_sectors;
    uint32_t             hole, step;  /* sectors; 0: no holes, but single blocks in all ways */
    uint64_t             vmdb[MAX_DISKS];    /* sector of the head of the database; 0: none */
    uint64_t             records[MAX_DISKS]; /* and sectors of records behind it, unless another disk has the same ones */
    uint32_t             unit;  /* sectors per block */
    struct memdisk      *disks[MAX_DISKS];
    struct block_device *devices[MAX_DISKS];
    size_t               disk_count;
    void                *memory;

    enum plan_result     expected;
    struct guid          volume;
    struct place         halves[MAX_HALVES];  /* the first one is what the undamaged disks start */
    size_t               half_count;
    uint64_t             boot_sectors[MAX_DISKS][2];
    size_t               boot_sector_count[MAX_DISKS];

    unsigned             same, other_half, asked, refused, failed;
};

/* ---- one run */

static void run(struct sweep *s, struct outcome *out)
{
    struct arena  a = arena_of(s->memory, ARENA_BYTES);
    struct config cfg = config_default();
    enum status   st;

    for (size_t i = 0; i < s->disk_count; i++) {
        blk_forgive(s->devices[i]);
        s->devices[i]->trouble.delivered = false;
        s->devices[i]->read_errors = 0;
    }
    st = ldm_scan(s->devices, s->disk_count, NULL, &a, &out->view);
    if (st == STATUS_OK)
        st = probe_volumes(&out->view, s->rules, NULL, &a, &out->facts);
    if (st == STATUS_OK)
        st = plan_boot(&out->view, &out->facts, &cfg, &a, &out->plan);
    if (st != STATUS_OK) {
        fprintf(stderr, "sweep: the scan itself failed: LDM-%04u\n", (unsigned)st);
        exit(1);
    }
}

static unsigned disk_number(const struct sweep *s, const struct ldm_disk *disk)
{
    for (unsigned i = 0; i < s->disk_count; i++)
        if (s->devices[i] == disk->dev)
            return i;
    abort();
}

static struct place place_of(const struct sweep *s, const struct ldm_component *c)
{
    struct place p = { .disk = disk_number(s, c->extents[0].disk), .lba = c->extents[0].lba,
                       .sectors = c->extents[0].sectors, .extents = c->extent_count };

    snprintf(p.component, sizeof p.component, "%s", c->name);
    return p;
}

static bool same_place(const struct place *a, const struct place *b)
{
    return strcmp(a->component, b->component) == 0 && a->disk == b->disk && a->lba == b->lba &&
           a->sectors == b->sectors && a->extents == b->extents;
}

/* ---- the undamaged disks */

static void learn_boot_sectors(struct sweep *s, const struct boot_facts *facts)
{
    for (size_t i = 0; i < facts->count; i++) {
        const struct component_facts *f = &facts->components[i];
        unsigned                      disk = disk_number(s, f->disk);

        if (!guid_equal(&f->volume->guid, &s->volume) || f->component->extent_count != 1)
            continue;
        s->boot_sectors[disk][0] = f->component->extents[0].lba;
        s->boot_sectors[disk][1] = f->component->extents[0].lba + f->backup_boot_sector;
        s->boot_sector_count[disk] = 2;
    }
}

static void learn(struct sweep *s)
{
    struct outcome o;

    run(s, &o);
    s->expected = o.plan.result;
    if (o.plan.result == PLAN_NONE) {
        fprintf(stderr, "sweep: nothing can be started from these disks as they are: %s\n", o.plan.notes.first->text);
        exit(1);
    }
    s->volume = o.plan.chosen.volume->guid;
    if (o.plan.result == PLAN_ASK)
        return;
    for (size_t i = 0; i < o.plan.candidate_count && s->half_count < MAX_HALVES; i++) {
        const struct plan_candidate *c = &o.plan.candidates[i];

        if (c->volume == o.plan.chosen.volume && c->verdict == VERDICT_GOOD)
            s->halves[s->half_count++] = place_of(s, c->component);
    }
    if (s->volume_sectors)
        learn_boot_sectors(s, &o.facts);
}

/* ---- damage */

static uint32_t next_random(uint32_t *state)  /* xorshift32: the same everywhere */
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void fill_random(uint8_t *p, size_t bytes, uint32_t seed)
{
    uint32_t state = seed * 2654435761u + 1;

    for (size_t i = 0; i < bytes; i++)
        p[i] = (uint8_t)(next_random(&state) >> 11);
}

static void fail(struct sweep *s, unsigned disk, uint64_t lba, enum damage how, const struct boot_plan *plan,
                 const char *what)
{
    static const char *const words[] = { "zeroed", "random", "random", "random", "unreadable", "and on unreadable" };

    s->failed++;
    if (s->failed > 20)
        return;
    printf("FAIL disk %u sector %llu %s: %s (%s, volume %s, component %s)\n", disk, (unsigned long long)lba,
           words[how], what, plan_result_name(plan->result), plan->chosen.volume ? plan->chosen.volume->name : "-",
           plan->chosen.component ? plan->chosen.component->name : "-");
}

static void check_boot(struct sweep *s, unsigned disk, uint64_t lba, enum damage how, const struct boot_plan *plan)
{
    struct place p = place_of(s, plan->chosen.component);

    if (s->expected != PLAN_BOOT) {
        fail(s, disk, lba, how, plan, "starts what is a question on the undamaged disks");
        return;
    }
    if (!guid_equal(&plan->chosen.volume->guid, &s->volume)) {
        fail(s, disk, lba, how, plan, "starts another volume");
        return;
    }
    for (size_t i = 0; i < s->half_count; i++)
        if (same_place(&p, &s->halves[i])) {
            if (i == 0)
                s->same++;
            else
                s->other_half++;
            return;
        }
    fail(s, disk, lba, how, plan, "starts a half that is not good, or from another position");
}

/* Does a hole on this disk, or on all of them, take something that nothing else can stand in for? */
static bool takes_the_only_copy(const struct sweep *s, unsigned disk, uint64_t lba)
{
    for (unsigned i = 0; i < s->disk_count; i++) {
        uint64_t first = s->vmdb[i], end = first + 1 + (disk < s->disk_count ? s->records[i] : RECORD_SECTORS);

        if (first && (disk == i || disk >= s->disk_count) && lba < end && first < lba + s->hole)
            return true;
    }
    return false;
}

static bool log_is_lost(const struct ldm_view *view)
{
    for (size_t i = 0; i < view->disk_count; i++)
        if (view->disks[i].klog_bad)
            return true;
    return false;
}

static void check(struct sweep *s, unsigned disk, uint64_t lba, enum damage how)
{
    struct outcome o;

    run(s, &o);
    if (o.plan.result == PLAN_BOOT) {
        check_boot(s, disk, lba, how, &o.plan);
        return;
    }
    if (o.plan.reason == STATUS_OK || o.plan.notes.count == 0)
        fail(s, disk, lba, how, &o.plan, "no reason is given");
    else if (how == HOLE && s->expected == PLAN_BOOT && !log_is_lost(&o.view) &&
             !takes_the_only_copy(s, disk, lba))
        fail(s, disk, lba, how, &o.plan, "is lost although there is a spare copy");
    else if (o.plan.result == PLAN_ASK)
        s->asked++;
    else
        s->refused++;
}

static void damage_block(struct sweep *s, unsigned disk, uint64_t lba)
{
    struct memdisk *md = s->disks[disk];
    size_t          bytes = s->unit * SECTOR_BYTES;
    uint8_t        *p = memdisk_at(md, lba), saved[4096];

    memcpy(saved, p, bytes);
    for (int how = ZEROED; how < DAMAGES; how++) {
        if (how == ZEROED)
            memset(p, 0, bytes);
        else if (how == UNREADABLE)
            memdisk_fail(md, lba, s->unit, STATUS_READ_FAILED);
        else
            fill_random(p, bytes, (uint32_t)lba * DAMAGES + (uint32_t)how);
        check(s, disk, lba, (enum damage)how);
        memcpy(p, saved, bytes);
        memdisk_reset(md);
    }
}

static void damage_range(struct sweep *s, unsigned disk, uint64_t first, uint64_t sectors)
{
    for (uint64_t lba = first; lba < first + sectors; lba += s->unit)
        damage_block(s, disk, lba);
}

/* Partition tables and what lies between them and the first volume; the private region; the tail of the disk. */
static void damage_disk(struct sweep *s, unsigned disk, const struct ldm_privhead *ph)
{
    uint64_t front = 63ull * s->unit, sectors = blk_sectors(s->devices[disk]), tail = 33ull * s->unit;
    uint64_t private_end = ph->private_start + ph->private_sectors;

    damage_range(s, disk, 0, front);
    damage_range(s, disk, ph->private_start, ph->private_sectors);
    if (private_end < sectors - tail || ph->private_start > sectors - tail)
        damage_range(s, disk, sectors - tail, tail);
    for (size_t i = 0; i < s->boot_sector_count[disk]; i++)
        damage_block(s, disk, s->boot_sectors[disk][i]);
}

/* ---- holes */

/* Unreadable from `lba` on: one disk, or, with `disk` beyond the last one, all of them. */
static void make_hole(struct sweep *s, unsigned disk, uint64_t lba)
{
    for (unsigned i = 0; i < s->disk_count; i++)
        if (i == disk || disk >= s->disk_count)
            memdisk_fail(s->disks[i], lba, s->hole, STATUS_READ_FAILED);
    check(s, disk, lba, HOLE);
    for (unsigned i = 0; i < s->disk_count; i++)
        memdisk_reset(s->disks[i]);
}

static void holes_in_range(struct sweep *s, unsigned disk, uint64_t first, uint64_t end)
{
    uint64_t start = first > s->hole ? first - s->hole + s->unit : 0;

    for (; start < end; start += s->step)
        make_hole(s, disk, start);
}

/* The front, the private region, and the end of the disk, as damage_disk(). */
static void holes_on_disk(struct sweep *s, unsigned disk, const struct ldm_privhead *ph)
{
    uint64_t sectors = blk_sectors(s->devices[disk < s->disk_count ? disk : 0]), tail = 33ull * s->unit;

    holes_in_range(s, disk, 0, 63ull * s->unit);
    holes_in_range(s, disk, ph->private_start, ph->private_start + ph->private_sectors);
    if (ph->private_start + ph->private_sectors < sectors - tail)
        holes_in_range(s, disk, sectors - tail, sectors);
}

static void learn_databases(struct sweep *s, const struct ldm_view *view)
{
    unsigned newest = 0;

    for (size_t i = 0; i < view->disk_count; i++)
        newest += view->disks[i].has_vmdb && view->disks[i].group && ldm_disk_is_current(&view->disks[i], view->disks[i].group);
    for (size_t i = 0; i < view->disk_count; i++) {
        s->vmdb[i] = view->disks[i].has_vmdb ? view->disks[i].config_lba : 0;
        s->records[i] = newest > 1 ? 0 : RECORD_SECTORS;
    }
}

/* `heads`: of the undamaged disks; all at the same place only where the disks are laid out alike. */
static void sweep_holes(struct sweep *s, const struct ldm_privhead *heads)
{
    for (unsigned i = 0; i < s->disk_count; i++)
        if (heads[i].private_sectors)
            holes_on_disk(s, i, &heads[i]);
    if (s->disk_count > 1)
        holes_on_disk(s, (unsigned)s->disk_count, &heads[0]);
}

/* ---- all of it */

static void sweep_all(struct sweep *s)
{
    struct ldm_privhead heads[MAX_DISKS];
    struct outcome      o;

    run(s, &o);
    for (size_t i = 0; i < s->disk_count; i++)
        heads[i] = o.view.disks[i].privhead;
    learn_databases(s, &o.view);
    if (s->hole) {
        sweep_holes(s, heads);
        return;
    }
    for (unsigned i = 0; i < s->disk_count; i++)
        if (heads[i].private_sectors)
            damage_disk(s, i, &heads[i]);
}

/* ---- the program */

static void open_disk(struct sweep *s, const char *path, uint32_t block_size)
{
    struct memdisk *md = s->disk_count < MAX_DISKS ? memdisk_open(path, block_size) : NULL;

    if (!md) {
        fprintf(stderr, "sweep: %s: cannot be opened, or is one too many\n", path);
        exit(1);
    }
    s->disks[s->disk_count] = md;
    s->devices[s->disk_count++] = &md->dev;
}

int main(int argc, char **argv)
{
    struct sweep s = { 0 };
    int          arg = 1;
    uint32_t     block_size;

    if (argc > arg)
        s.rules = strcmp(argv[arg++], "uefi") == 0 ? &uefi_rules : &bios_rules;
    if (argc > arg && strcmp(argv[arg], "--volume-sectors") == 0) {
        s.volume_sectors = true;
        arg++;
    }
    if (argc > arg + 2 && strcmp(argv[arg], "--holes") == 0) {
        s.hole = (uint32_t)atoi(argv[arg + 1]);
        s.step = (uint32_t)atoi(argv[arg + 2]);
        arg += 3;
    }
    if (argc < arg + 2) {
        fprintf(stderr, "usage: sweep bios|uefi [--volume-sectors] [--holes SECTORS STEP] BLOCK-SIZE IMAGE...\n");
        return 1;
    }
    block_size = (uint32_t)atoi(argv[arg++]);
    s.unit = block_size / SECTOR_BYTES;
    s.memory = malloc(ARENA_BYTES);
    while (arg < argc)
        open_disk(&s, argv[arg++], block_size);

    learn(&s);
    sweep_all(&s);
    printf("expected=%s same=%u other_half=%u asked=%u refused=%u failed=%u\n", plan_result_name(s.expected), s.same,
           s.other_half, s.asked, s.refused, s.failed);
    for (size_t i = 0; i < s.disk_count; i++)
        memdisk_free(s.disks[i]);
    free(s.memory);
    return s.failed > 0;
}
