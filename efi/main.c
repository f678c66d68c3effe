/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c - the EFI program, from the firmware's call to the Windows Boot Manager's start.
 *
 * The flow is docs/how-it-works.md's: disks, scan, probe, plan, report, hand-over. Every way
 * out that is not Windows goes back to the firmware with an error, so that its next boot
 * option gets its turn.
 */
#include "blockio.h"
#include "common/decide/probe.h"
#include "common/decide/same_disk.h"
#include "common/ui/ask.h"
#include "common/settings/config.h"
#include "common/ui/report.h"
#include "connect.h"
#include "console.h"
#include "controllers.h"
#include "loader.h"
#include "netcfg.h"
#include "secureboot.h"
#include "stick.h"

#define SCAN_WATCHDOG 1800                /* seconds; a dying disk can take minutes for a read */
#define CONFIG_FILE   "\\ldmboot.cfg"
#define LOAD_OPTIONS_MAX 1024

#if defined(__x86_64__)
#define OWN_MACHINE PE_MACHINE_X64
#else
#define OWN_MACHINE PE_MACHINE_I386
#endif

struct session {
    struct ask_console console;
    struct log       *log;    /* the console's, by way of `ring` */
    struct log_ring   ring;
    struct arena      arena;
    struct config     cfg;
    struct efi_disks  disks;
    struct ldm_view   view;
    struct boot_facts facts;
    struct boot_plan  plan;
    struct uefi_esp   esp;
    struct menu      *menu;
};

/* The entry point (efi.lds). */
EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

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

/*
 * What the shell, iPXE, GRUB's chainloader or a boot option passes along (UEFI specification 2.10, 9.1). Firmware has
 * options of its own that are no text: only what is printable ASCII to its end counts.
 */
static void apply_load_options(struct session *s, struct note_list *notes)
{
    const CHAR16 *options = fw.self ? fw.self->LoadOptions : NULL;
    size_t        count = options ? fw.self->LoadOptionsSize / sizeof *options : 0, n = 0;
    char          line[LOAD_OPTIONS_MAX];

    if (count > sizeof line)
        return;
    for (; n < count && options[n]; n++) {
        if (options[n] < ' ' || options[n] > '~')
            return;
        line[n] = (char)options[n];
    }
    config_apply_command_line(line, n, &s->arena, &s->cfg, notes);
}

static void read_config(struct session *s)
{
    struct note_list notes = { 0 };
    struct span      text;
    enum status      st = stick_read(CONFIG_FILE, CONFIG_MAX_BYTES + 1, &s->arena, &text);

    if (st == STATUS_OK)
        config_parse(text, &s->arena, &s->cfg, &notes);
    else if (st == STATUS_FILE_NOT_FOUND)
        netcfg_apply(&s->arena, &s->cfg, &notes);
    else
        log_error(s->log, st, CONFIG_FILE);
    apply_load_options(s, &notes);
    log_notes(s->log, &notes);
}

/* Whom keep_waiting() asks: a block device knows no session. */
static const struct ask_console *asked_console;

static bool keep_waiting(struct block_device *dev, uint32_t seconds)
{
    return ask_keep_waiting(asked_console, dev->name, seconds);
}

/* From disks to a plan. A serial port may have to be connected, too. */
static enum status look(struct session *s)
{
    size_t used;

    if (s->cfg.connect == CONNECT_ALL)
        connect_controllers(s->log);
    console_open_serial(&s->cfg, &s->ring);
    TRY(efi_disks_find(&s->arena, s->log, &s->disks));
    asked_console = &s->console;
    used = s->disks.count;
    for (size_t i = 0; i < s->disks.count; i++)
        s->disks.disks[i].dev.keep_waiting = keep_waiting;
    TRY(scan_each_disk_once(s->disks.devices, &used, s->log, &s->arena, &s->view));
    TRY(probe_volumes(&s->view, &uefi_rules, s->log, &s->arena, &s->facts));
    s->facts.machine = OWN_MACHINE;
    return plan_boot(&s->view, &s->facts, &s->cfg, &s->arena, &s->plan);
}

static struct boot_request request_of(struct session *s)
{
    return (struct boot_request){ &s->plan, &s->facts, &s->esp, &s->view, &s->disks, OWN_MACHINE, &s->arena, s->log };
}

/* A volume that lacks nothing but its boot manager, which is on the stick: a person's decision. */
static bool ask_for_stick(struct session *s)
{
    struct boot_request request = request_of(s);
    char                question[160];

    for (size_t i = 0; i < s->plan.candidate_count; i++) {
        const struct plan_candidate *c = &s->plan.candidates[i];

        if (!uefi_lacks_boot_manager(c) || c->facts->winload_machine != OWN_MACHINE)
            continue;
        s->plan.chosen = *c;
        if (loader_check_stick(&request) != STATUS_OK)
            continue;
        text_format(question, sizeof question,
                    "The stick has a boot manager, and a boot store for %s. Start with them?", c->component->name);
        if (!ask_yes(&s->console, &s->cfg, question))
            return false;
        s->plan.method = METHOD_UEFI_STICK;
        log_error(s->log, STATUS_STICK_USED, c->component->name);
        return true;
    }
    return false;
}

/* The boot manager's own reads: it decides how long to go on, and the console is its own. */
static void lend_disks(struct session *s)
{
    for (size_t i = 0; i < s->disks.count; i++) {
        struct block_device *dev = &s->disks.disks[i].dev;

        dev->keep_waiting = NULL;
        if (dev->given_up == STATUS_DISK_GIVEN_UP)
            blk_forgive(dev);
    }
}

static enum status start(struct session *s)
{
    struct boot_request request = request_of(s);
    enum status         st;

    lend_disks(s);
    st = loader_start(&request);

    /* Never both silently. */
    if (s->plan.method != METHOD_UEFI_ESP ||
        !ask_yes(&s->console, &s->cfg, "Start with the volume's own boot manager and a boot store made here?"))
        return st;
    s->plan.method = METHOD_UEFI_RAM;
    return loader_start(&request);
}

/* How, for what the plan or a person has chosen. */
static enum status choose_method(struct session *s)
{
    if (s->plan.result != PLAN_BOOT)
        return STATUS_OK;
    return uefi_choose_method(&s->view, OWN_MACHINE, &s->arena, &s->plan, &s->esp);
}

/* Where nothing starts by itself, the disk that is missing may be one that the firmware does not show. */
static void note_hidden_disks(struct session *s)
{
    if (s->plan.result == PLAN_BOOT)
        return;
    if (s->plan.result == PLAN_NONE)
        note_add(&s->plan.notes, &s->arena, STATUS_DISKS_SHOWN, "%zu disk%s", s->disks.count,
                 s->disks.count == 1 ? "" : "s");
    if (s->cfg.connect == CONNECT_ALL)
        controllers_without_driver(&s->plan.notes, &s->arena);
}

static enum status look_and_report(struct session *s)
{
    TRY(look(s));
    TRY(choose_method(s));
    note_hidden_disks(s);
    report_view(s->log, &s->view, &s->facts, &s->plan, s->cfg.verbose);
    report_plan(s->log, &s->plan, s->cfg.verbose);
    return STATUS_OK;
}

/* The person, or the plan, chose; comes back with what failed, which has been said. */
static enum status start_chosen(struct session *s, const struct ldm_component *planned)
{
    enum status st = s->plan.chosen.component == planned ? STATUS_OK : choose_method(s);

    if (st == STATUS_OK)
        return start(s);
    log_error(s->log, st, "this machine");
    return st;
}

/* One look at the disks, and what comes of it. Every start that fails comes back to the person. */
static enum ask_answer look_and_start(struct session *s, const struct ask_scene *scene)
{
    const struct ldm_component *planned;
    enum ask_answer             answer;
    enum status                 st;

    s->view = (struct ldm_view){ 0 };  /* of a look before: its memory is gone */
    s->plan = (struct boot_plan){ .why = "" };
    watchdog_set(SCAN_WATCHDOG);
    st = look_and_report(s);
    watchdog_set(0);  /* from here on a person may be thinking */
    if (st != STATUS_OK) {
        log_error(s->log, st, "this machine");
        return ask_after_error(scene, st, "this machine");
    }
    planned = s->plan.result == PLAN_BOOT ? s->plan.chosen.component : NULL;
    answer = s->plan.result == PLAN_NONE && ask_for_stick(s) ? ASK_START : ask_about_plan(scene);
    while (answer == ASK_START) {
        st = s->plan.method == METHOD_UEFI_STICK ? start(s) : start_chosen(s, planned);
        answer = ask_after_error(scene, st, s->plan.chosen.volume->name);
        planned = NULL;  /* set again how */
    }
    return answer;
}

/* Comes back when the firmware is to go on with its next boot option. */
static void run(struct session *s)
{
    struct ask_scene scene = { &s->console, &s->ring, "ldmboot " LDMBOOT_VERSION " (UEFI)", &s->cfg, &s->view, &s->plan, s->menu };
    size_t           mark = arena_mark(&s->arena);

    while (look_and_start(s, &scene) == ASK_RESCAN)
        arena_release(&s->arena, mark);
}

/* Without memory everything is still said, but not kept. */
static enum status set_up(struct session *s, void *memory)
{
    s->console.log = s->log = &console_log;
    if (!memory)
        return STATUS_NO_UEFI_MEMORY;
    s->arena = arena_of(memory, UEFI_ARENA_BYTES);
    s->menu = arena_alloc(&s->arena, sizeof *s->menu);
    log_ring_init(&s->ring, &console_log, &s->arena);
    s->console.log = s->log = &s->ring.log;
    return STATUS_OK;
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
    struct session s = { .cfg = config_default() };
    void          *memory;
    enum status    st;

    firmware_init(image, system);
    s.console = (struct ask_console){ NULL, console_wait_key, console_text, console_open_screen, console_paint,
                                      console_close_screen, console_attended };
    memory = pages_alloc(UEFI_ARENA_BYTES);
    st = set_up(&s, memory);
    console_clear();
    ask_forget_keys(&s.console);
    show_banner(s.log);
    if (st == STATUS_OK) {
        read_config(&s);
        run(&s);
    } else {
        log_error(s.log, st, "this machine");
        ask_leave(&s.console, &s.cfg);
    }
    console_close_serial();
    pages_free(memory, UEFI_ARENA_BYTES);
    return EFI_NOT_FOUND;
}
