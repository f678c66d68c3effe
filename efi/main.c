/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c - the EFI program, from the firmware's call to the Windows Boot Manager's start.
 *
 * The flow is docs/how-it-works.md's: disks, scan, probe, plan, report, hand-over. Every way
 * out that is not Windows goes back to the firmware with an error, so that its next boot
 * option gets its turn.
 */
#include "blockio.h"
#include "common/ask.h"
#include "common/config.h"
#include "common/ldm/scan.h"
#include "common/report.h"
#include "connect.h"
#include "console.h"
#include "loader.h"
#include "secureboot.h"
#include "stick.h"

#define ARENA_BYTES   ((size_t)32 << 20)  /* a full database and the largest boot manager */
#define SCAN_WATCHDOG 1800                /* seconds; a dying disk can take minutes for a read */
#define CONFIG_FILE   "\\ldmboot.cfg"

#if defined(__x86_64__)
#define OWN_MACHINE PE_MACHINE_X64
#else
#define OWN_MACHINE PE_MACHINE_I386
#endif

struct session {
    struct log       *log;
    struct arena      arena;
    struct config     cfg;
    struct efi_disks  disks;
    struct ldm_view   view;
    struct boot_facts facts;
    struct boot_plan  plan;
    struct uefi_esp   esp;
};

/* The entry point (efi.lds). */
EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

static const struct ask_console console = { &console_log, console_wait_key };

/* Which firmware this is, as it names itself. */
static void show_banner(struct log *log)
{
    const CHAR16 *vendor = fw.system->FirmwareVendor;
    UINT32        revision = fw.system->FirmwareRevision, specification = fw.system->Hdr.Revision;
    char          name[32], platform[120];
    size_t        n = 0;

    for (; vendor && vendor[n] && n + 1 < sizeof name; n++)
        name[n] = vendor[n] >= ' ' && vendor[n] < 0x7f ? (char)vendor[n] : '?';
    name[n] = '\0';
    text_format(platform, sizeof platform, "UEFI %u.%u", specification >> 16, (specification & 0xffff) / 10);
    report_banner(log, LDMBOOT_VERSION, platform);
    log_line(log, "Firmware: %s, revision %x.%04x; %s.", name, revision >> 16, revision & 0xffff, secure_boot_text());
}

static void read_config(struct session *s)
{
    struct note_list notes = { 0 };
    struct span      text;
    enum status      st = stick_read(CONFIG_FILE, CONFIG_MAX_BYTES + 1, &s->arena, &text);

    if (st == STATUS_OK)
        config_parse(text, &s->arena, &s->cfg, &notes);
    else if (st != STATUS_FILE_NOT_FOUND)
        log_error(s->log, st, CONFIG_FILE);
    log_notes(s->log, &notes);
}

/* From disks to a plan. */
static enum status look(struct session *s)
{
    if (s->cfg.connect == CONNECT_ALL)
        connect_controllers(s->log);
    TRY(efi_disks_find(&s->arena, s->log, &s->disks));
    TRY(ldm_scan(s->disks.devices, s->disks.count, s->log, &s->arena, &s->view));
    TRY(probe_volumes(&s->view, FIRMWARE_UEFI, s->log, &s->arena, &s->facts));
    s->facts.machine = OWN_MACHINE;
    return plan_boot(&s->view, &s->facts, &s->cfg, &s->arena, &s->plan);
}

static struct boot_request request_of(struct session *s)
{
    return (struct boot_request){ &s->plan, &s->facts, &s->esp, OWN_MACHINE, &s->arena, s->log };
}

/* A volume that lacks nothing but its boot manager, which is on the stick: a person's decision. */
static bool ask_for_stick(struct session *s)
{
    struct boot_request request = request_of(s);
    char                question[160];

    for (size_t i = 0; i < s->plan.candidate_count; i++) {
        const struct plan_candidate *c = &s->plan.candidates[i];

        if (c->code != STATUS_NO_BOOTMGFW || c->facts->winload_machine != OWN_MACHINE)
            continue;
        s->plan.chosen = *c;
        if (loader_check_stick(&request) != STATUS_OK)
            continue;
        text_format(question, sizeof question,
                    "The stick has a boot manager, and a boot store for %s. Start with them?", c->component->name);
        if (!ask_yes(&console, question))
            return false;
        s->plan.method = METHOD_UEFI_STICK;
        log_error(s->log, STATUS_STICK_USED, c->component->name);
        return true;
    }
    return false;
}

/* What is started, and how: by the plan, or by the person. False: nothing. */
static bool decide(struct session *s)
{
    return s->plan.result == PLAN_NONE ? ask_for_stick(s) : ask_decide(&console, &s->cfg, &s->plan);
}

static enum status start(struct session *s)
{
    struct boot_request request = request_of(s);
    enum status         st = loader_start(&request);

    /* Never both silently. */
    if (s->plan.method != METHOD_UEFI_ESP ||
        !ask_yes(&console, "Start with the volume's own boot manager and a boot store made here?"))
        return st;
    s->plan.method = METHOD_UEFI_RAM;
    return loader_start(&request);
}

/* How: set again when a person chose another half than the plan. */
static enum status choose_method(struct session *s)
{
    if (s->plan.result != PLAN_BOOT)
        return STATUS_OK;
    return uefi_choose_method(&s->view, OWN_MACHINE, &s->arena, &s->plan, &s->esp);
}

/* Everything after the banner. Comes back when Windows was not started; what failed has been said. */
static enum status run(struct session *s)
{
    const struct ldm_component *planned;

    read_config(s);
    TRY(look(s));
    TRY(choose_method(s));
    report_view(s->log, &s->view, &s->facts, s->cfg.verbose);
    report_plan(s->log, &s->plan, s->cfg.verbose);
    watchdog_set(0);  /* from here on a person may be thinking */
    planned = s->plan.result == PLAN_BOOT ? s->plan.chosen.component : NULL;
    if (!decide(s))
        return STATUS_OK;
    if (s->plan.chosen.component != planned)
        TRY(choose_method(s));
    (void)start(s);
    return STATUS_OK;
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
    struct session s = { .cfg = config_default() };
    void          *memory;
    enum status    st;

    firmware_init(image, system);
    watchdog_set(SCAN_WATCHDOG);
    s.log = console.log;
    console_clear();
    console_forget_keys();
    show_banner(s.log);
    memory = pages_alloc(ARENA_BYTES);
    s.arena = arena_of(memory, memory ? ARENA_BYTES : 0);
    st = memory ? run(&s) : STATUS_NO_MEMORY;
    if (st != STATUS_OK)
        log_error(s.log, st, "this machine");
    ask_leave(&console, &s.cfg);
    pages_free(memory, ARENA_BYTES);
    return EFI_NOT_FOUND;
}
