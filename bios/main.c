/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c - ldmboot on a BIOS: from the disks to Windows's boot sector (docs/how-it-works.md).
 *
 * Every way out is either the jump into the volume's boot sector or, after a
 * message and a while, INT 18h: the BIOS goes on with its next boot device.
 */
#include "../common/ldm/scan.h"
#include "../common/report.h"
#include "bootpart.h"
#include "console.h"
#include "handover.h"
#include "int13.h"
#include "memmap.h"
#include "realmode.h"

#define START_SECONDS  5   /* interfaces: timeout */
#define ANSWER_SECONDS 30  /* for a question, and to read an error */
#define MAX_CHOICES    9   /* one digit */

struct machine {
    struct arena       arena;
    struct config      cfg;
    struct int13_disk  disks[INT13_MAX_DISKS];
    size_t             disk_count;
    struct ldm_view    view;
    struct boot_facts  facts;
    struct boot_plan   plan;
    struct vdisk       vdisk;
};

void bios_main(void);

/* ---- what is there */

/* The drive we came from: one of the disks, or a stick that the BIOS calls a floppy. */
static struct int13_disk *boot_disk(struct machine *m)
{
    static struct int13_disk floppy;

    for (size_t i = 0; i < m->disk_count; i++)
        if (m->disks[i].drive == boot_drive)
            return &m->disks[i];
    return int13_open(boot_drive, &floppy) ? &floppy : NULL;
}

static void read_config(struct machine *m)
{
    struct note_list   notes = { 0 };
    struct int13_disk *disk = boot_disk(m);

    m->cfg = config_default();
    if (disk)
        bootpart_read_config(disk, boot_partition_lba, &m->arena, &m->cfg, &notes);
    console_open_serial(&m->cfg);
    log_notes(console_log(), &notes);
}

static enum status look_at_disks(struct machine *m)
{
    struct block_device *devices[INT13_MAX_DISKS];

    for (size_t i = 0; i < m->disk_count; i++)
        devices[i] = &m->disks[i].dev;
    TRY(ldm_scan(devices, m->disk_count, console_log(), &m->arena, &m->view));
    TRY(probe_volumes(&m->view, FIRMWARE_BIOS, console_log(), &m->arena, &m->facts));
    return plan_boot(&m->view, &m->facts, &m->cfg, &m->arena, &m->plan);
}

/* ---- asking */

/* What a person may start: the marked ones too, their reason is shown. */
static size_t list_choices(const struct boot_plan *plan, const struct plan_candidate *choices[MAX_CHOICES])
{
    size_t n = 0;

    for (size_t i = 0; i < plan->candidate_count && n < MAX_CHOICES; i++)
        if (plan->candidates[i].verdict != VERDICT_NEVER)
            choices[n++] = &plan->candidates[i];
    return n;
}

static void show_choices(const struct plan_candidate *const *choices, size_t n)
{
    log_line(console_log(), "What can be started:");
    for (size_t i = 0; i < n; i++) {
        const struct plan_candidate *c = choices[i];

        log_line(console_log(), "  %zu  volume %s, half %s on %s", i + 1, c->volume->name, c->component->name,
                 c->component->extents[0].disk->dev->name);
        if (c->code != STATUS_OK)
            log_line(console_log(), "     %s", status_sentence(c->code));
    }
}

/* Let the person choose; true when plan->chosen is what they want started. */
static bool ask(struct boot_plan *plan)
{
    const struct plan_candidate *choices[MAX_CHOICES];
    size_t                       n = list_choices(plan, choices);
    int                          key;

    if (n == 0)
        return false;
    show_choices(choices, n);
    log_line(console_log(), "Press the number of what to start, any other key for the next boot device (%u s).",
             ANSWER_SECONDS);
    key = console_wait_key(ANSWER_SECONDS);
    if (key < '1' || (size_t)(key - '1') >= n)
        return false;
    plan->chosen = *choices[key - '1'];
    return true;
}

/* The countdown: true to start what was chosen, by time or by the person. */
static bool confirm(struct machine *m)
{
    uint32_t seconds = m->cfg.timeout_set ? m->cfg.timeout : START_SECONDS;

    if (seconds > 0) {
        log_line(console_log(), "Starting in %u s; press a key for details and other choices.", seconds);
        if (console_wait_key(seconds) == CONSOLE_NO_KEY)
            return true;
        report_plan(console_log(), &m->plan, true);
        return ask(&m->plan);
    }
    return true;
}

static bool decide(struct machine *m)
{
    switch (m->plan.result) {
    case PLAN_BOOT: return confirm(m);
    case PLAN_ASK:  return ask(&m->plan);
    default:        return false;
    }
}

/* ---- starting */

static uint8_t chosen_drive(const struct machine *m)
{
    const struct block_device *dev = m->plan.chosen.component->extents[0].disk->dev;

    return ((const struct int13_disk *)dev)->drive;
}

/* Comes back only with what went wrong. */
static enum status start(struct machine *m)
{
    char line[512];

    TRY(vdisk_build(&m->plan, &m->vdisk));
    TRY(handover_install(&m->vdisk, m->disks, m->disk_count));
    TRY(handover_load(&m->vdisk));
    console_reset_screen();
    if (report_boot_line(&m->plan, chosen_drive(m), line, sizeof line))
        console_log()->line(console_log(), line);
    handover_jump();
}

/* Give the person time to read, then give up: the caller returns to INT 18h. */
static void give_up(const struct config *cfg)
{
    uint32_t seconds = cfg->timeout_set && cfg->timeout ? cfg->timeout : ANSWER_SECONDS;

    if (cfg->on_error == ON_ERROR_HALT) {
        log_line(console_log(), "Stopped, as on-error = halt asks. Switch the machine off.");
        for (;;)
            (void)console_wait_key(ANSWER_SECONDS);
    }
    log_line(console_log(), "The next boot device is tried after a key or %u s.", seconds);
    (void)console_wait_key(seconds);
}

static void run(struct machine *m)
{
    enum status st = look_at_disks(m);

    if (st == STATUS_OK) {
        report_view(console_log(), &m->view, &m->facts);
        report_plan(console_log(), &m->plan, m->cfg.verbose);
        if (m->plan.result != PLAN_NONE && !decide(m))
            return;  /* the person, or nobody, said no */
        if (m->plan.result != PLAN_NONE)
            st = start(m);
    }
    if (st != STATUS_OK)
        log_error(console_log(), st, m->plan.chosen.volume ? m->plan.chosen.volume->name : "this machine");
    give_up(&m->cfg);
}

void bios_main(void)
{
    static struct machine m;
    enum status           st;

    console_put("\r\n");
    report_banner(console_log(), LDMBOOT_VERSION, "BIOS");
    m.cfg = config_default();
    st = memmap_arena(&m.arena);
    if (st != STATUS_OK) {
        console_open_serial(&m.cfg);
        log_error(console_log(), st, "this machine");
        give_up(&m.cfg);
        return;
    }
    m.disk_count = int13_list(m.disks);
    read_config(&m);
    run(&m);
}
