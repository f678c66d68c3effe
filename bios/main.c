/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c - ldmboot on a BIOS: from the disks to Windows's boot sector (docs/how-it-works.md).
 *
 * Every way out is either the jump into the volume's boot sector or, after a
 * message and a while, INT 18h: the BIOS goes on with its next boot device.
 */
#include "common/decide/alone.h"
#include "common/decide/probe.h"
#include "common/decide/same_disk.h"
#include "common/ui/ask.h"
#include "common/ui/report.h"
#include "bootpart.h"
#include "console.h"
#include "handover.h"
#include "int13.h"
#include "memmap.h"
#include "memory.h"
#include "netcfg.h"
#include "ramstart.h"
#include "realmode.h"

struct machine {
    struct arena       arena;
    struct log_ring    ring;
    struct log        *log;        /* the console's, by way of `ring` */
    struct config      cfg;
    struct fs_volume  *stick;      /* the boot partition; NULL: it could not be read, or there is none */
    struct int13_disk  disks[INT13_MAX_DISKS];
    size_t             disk_count;
    struct ldm_view    view;
    struct boot_facts  facts;
    struct boot_plan   plan;
    struct vdisk       vdisk;
    struct menu        menu;
};

void bios_main(void);

/* ---- what is there */

/*
 * The drive we came from: one of the disks, or a stick that the BIOS calls a floppy, or a floppy, or a CD; NULL: none of them.
 * Not one of the list, which is made again at each look: files are read from it later.
 */
static struct int13_disk *boot_disk(void)
{
    static struct int13_disk disk;

    if (boot_partition_lba == FLOPPY_LBA) {
        boot_partition_lba = 0;
        int13_floppy(boot_drive, &disk);
        return &disk;
    }
    if (boot_drive == BOOT_DRIVE_NONE || boot_drive == BOOT_DRIVE_NETWORK)
        return NULL;
    return int13_open(boot_drive, &disk) ? &disk : NULL;
}

static void read_config(struct machine *m)
{
    struct note_list   notes = { 0 };
    struct int13_disk *disk = boot_disk();

    m->cfg = config_default();
    if (boot_drive == BOOT_DRIVE_NETWORK)
        netcfg_apply(&m->arena, &m->cfg, &notes);
    if (disk)
        m->stick = bootpart_read_config(disk, boot_partition_lba, &m->arena, &m->cfg, &notes);
    config_apply_command_line((const char *)COMMAND_LINE_BASE, COMMAND_LINE_MAX, &m->arena, &m->cfg, &notes);
    console_open_serial(&m->cfg);
    log_notes(m->log, &notes);
}

static enum status look_at_disks(struct machine *m)
{
    struct block_device *devices[INT13_MAX_DISKS];

    size_t               n = m->disk_count;

    for (size_t i = 0; i < n; i++)
        devices[i] = &m->disks[i].dev;
    TRY(scan_each_disk_once(devices, &n, m->log, &m->arena, &m->view));
    TRY(probe_volumes(&m->view, &bios_rules, m->log, &m->arena, &m->facts));
    facts_take_stick(&m->facts, m->stick, handover_loader_room(), &m->arena);
    return plan_boot(&m->view, &m->facts, &m->cfg, &m->arena, &m->plan);
}

/* ---- starting */

static uint8_t chosen_drive(const struct machine *m)
{
    const struct block_device *dev = m->plan.chosen.component->extents[0].disk->dev;

    return ((const struct int13_disk *)dev)->drive;
}

static void say_what_starts(const struct machine *m)
{
    char line[REPORT_BOOT_LINE_BYTES];

    console_reset_screen();
    if (report_boot_line(&m->plan, chosen_drive(m), line, sizeof line))
        console_log()->line(console_log(), line);
}

static enum status start_boot_sector(struct machine *m)
{
    TRY(vdisk_build(&m->plan, &m->vdisk));
    TRY(handover_install(&m->vdisk, m->disks, m->disk_count, NULL));
    TRY(handover_load(&m->vdisk));
    say_what_starts(m);
    handover_jump();
}

static enum status start_from_memory(struct machine *m)
{
    static struct ramstart  ramstart;
    struct component_facts *windows = facts_find(&m->facts, m->plan.chosen.component);

    if (!windows)
        return STATUS_INTERNAL;
    TRY(ramstart_prepare(&m->plan, &m->facts, windows, m->disks, m->disk_count, &m->arena, &m->vdisk, &ramstart));
    say_what_starts(m);
    ramstart_jump(&ramstart);
}

/* Comes back only with what went wrong. */
static enum status start(struct machine *m)
{
    size_t      mark = arena_mark(&m->arena), end = arena_end(&m->arena);
    enum status st = m->plan.method != METHOD_VBR ? start_from_memory(m) : start_boot_sector(m);

    arena_release(&m->arena, mark);
    arena_give_back(&m->arena, end);
    return st;
}

static const char *subject(const struct machine *m)
{
    return m->plan.chosen.volume ? m->plan.chosen.volume->name : "this machine";
}

/* ---- the console */

/* Progress goes through the ring as soon as there is one. */
static struct ask_console console = { NULL, console_wait_key, console_put, console_open_screen, console_paint,
                                      console_close_screen, console_attended };

static bool keep_waiting(struct block_device *dev, uint32_t seconds)
{
    return ask_keep_waiting(&console, dev->name, seconds);
}

/* ---- the whole way */

/* One look at the disks, and what comes of it. Every start that fails comes back to the person. */
static enum ask_answer look_and_start(struct machine *m, const struct ask_scene *scene)
{
    enum ask_answer answer = ASK_START;
    enum status     st;

    m->view = (struct ldm_view){ 0 };  /* of a look before: its memory is gone */
    m->plan = (struct boot_plan){ .why = "" };
    st = look_at_disks(m);
    if (st == STATUS_OK) {
        report_view(m->log, &m->view, &m->facts, &m->plan, m->cfg.verbose);
        report_plan(m->log, &m->plan, m->cfg.verbose);
        answer = ask_about_plan(scene);
    }
    while (answer == ASK_START) {
        if (st == STATUS_OK)
            st = start(m);
        log_error(m->log, st, subject(m));
        answer = ask_after_error(scene, st, subject(m));
        st = STATUS_OK;
    }
    return answer;
}

/* Comes back when the BIOS is to go on with its next boot device. */
static void run(struct machine *m)
{
    struct ask_scene scene = { &console, &m->ring, "ldmboot " LDMBOOT_VERSION " (BIOS)", &m->cfg, &m->view,
                               &m->plan, &m->menu };
    size_t           mark = arena_mark(&m->arena);

    while (look_and_start(m, &scene) == ASK_RESCAN) {
        arena_release(&m->arena, mark);
        m->disk_count = int13_list(m->disks, keep_waiting);
    }
}

void bios_main(void)
{
    static struct machine m;
    enum status           st;

    console.log = console_log();
    console_put("\r\n");
    report_banner(console.log, LDMBOOT_VERSION, "BIOS");
    m.cfg = config_default();
    st = memmap_arena(&m.arena);
    if (st != STATUS_OK) {
        console_open_serial(&m.cfg);
        log_error(console.log, st, "this machine");
        ask_leave(&console, &m.cfg);
        return;
    }
    log_ring_init(&m.ring, console.log, &m.arena);
    console.log = m.log = &m.ring.log;
    m.disk_count = int13_list(m.disks, keep_waiting);
    read_config(&m);
    ask_forget_keys(&console);
    run(&m);
}
