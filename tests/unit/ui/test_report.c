/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_report.c - what a person and a script read on the console. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/ui/report.h"
#include "tests/support/fakeview.h"

#define SIZE 96256

static struct fakeview fv;

struct screen {
    struct log log;
    char       text[8192];
    size_t     longest;
};

static void screen_line(struct log *log, const char *text)
{
    struct screen *s = (struct screen *)log;

    assert_true(strlen(s->text) + strlen(text) + 2 < sizeof s->text);
    if (strlen(text) > s->longest)
        s->longest = strlen(text);
    strcat(s->text, text);
    strcat(s->text, "\n");
}

static struct screen new_screen(void)
{
    return (struct screen){ .log = { screen_line } };
}

static void assert_shows(const struct screen *s, const char *line)
{
    if (!strstr(s->text, line))
        fail_msg("not on the screen: \"%s\"\nthe screen:\n%s", line, s->text);
}

static struct ldm_component *half[2];

/* The real case of data/README.md: Volume3 (H:), its first half's disk gone. */
static struct boot_plan degraded(void)
{
    struct ldm_volume *v;
    struct boot_plan   plan;

    fv_init(&fv, &bios_rules);
    fv_disk(&fv, NULL);
    fv_disk(&fv, "hd81");
    v = fv_volume(&fv, "Volume3", VOLUME_MIRRORED, LDM_VOL_SYSTEM, SIZE);
    v->hint = "H:";
    half[0] = fv_component(&fv, v, "Volume3-01");
    half[1] = fv_component(&fv, v, "Volume3-02");
    fv_extent(&fv, half[0], 0, 63, SIZE);
    fv_extent(&fv, half[1], 1, 63, SIZE);
    fv_finish(&fv);
    fv_facts(&fv, half[1])->has_ntldr = true;
    assert_int_equal(plan_boot(&fv.view, &fv.facts, &fv.cfg, &fv.arena, &plan), STATUS_OK);
    return plan;
}

/* ---- the LDM-BOOT line */

static void test_boot_line(void **state)
{
    struct boot_plan plan = degraded();
    char             line[256];

    (void)state;
    assert_true(report_boot_line(&plan, 0x81, line, sizeof line));
    assert_string_equal(
        line, "LDM-BOOT volume=Volume3 guid=e0000000-0000-4000-8000-000000000001 component=Volume3-02"
              " disk=d1000000-0000-4000-8000-000000000002 drive=81 lba=63 sectors=96256 extents=1 method=vbr");
}

static void test_boot_line_of_uefi(void **state)
{
    struct boot_plan plan = degraded();
    char             line[256];

    (void)state;
    plan.method = METHOD_UEFI_RAM;
    half[1]->extents[0].lba = (uint64_t)1 << 33;
    assert_true(report_boot_line(&plan, -1, line, sizeof line));
    assert_non_null(strstr(line, " drive=- lba=8589934592 "));
    assert_non_null(strstr(line, " method=uefi-ram"));
}

static void test_boot_line_escapes_what_scripts_would_trip_over(void **state)
{
    struct boot_plan plan = degraded();
    char             line[256];

    (void)state;
    plan.chosen.volume = &fv.volumes[0];
    fv.volumes[0].name = "A b=%\n\xc3\xa4/._:{}-";
    assert_true(report_boot_line(&plan, 0x80, line, sizeof line));
    assert_non_null(strstr(line, "LDM-BOOT volume=A%20b%3D%25%0A%C3%A4%2F._:{}- guid="));
    fv.volumes[0].name = "AZaz09-@[`{/:";  /* the first and the last of each row of letters, and what is beside them */
    assert_true(report_boot_line(&plan, 0x80, line, sizeof line));
    assert_non_null(strstr(line, "LDM-BOOT volume=AZaz09-%40%5B%60{%2F: guid="));
    fv.volumes[0].name = "";
    assert_true(report_boot_line(&plan, 0x05, line, sizeof line));
    assert_non_null(strstr(line, "LDM-BOOT volume= guid="));
    assert_non_null(strstr(line, " drive=05 "));
    assert_true(report_boot_line(&plan, 0, line, sizeof line));
    assert_non_null(strstr(line, " drive=00 "));
}

static void test_boot_line_with_the_longest_names(void **state)
{
    static char      name[256], line[REPORT_BOOT_LINE_BYTES];
    struct boot_plan plan = degraded();

    (void)state;
    memset(name, 0xe4, 255);
    plan.chosen.volume = &fv.volumes[0];
    plan.chosen.component = &fv.components[0];
    fv.volumes[0].name = fv.components[0].name = name;
    fv.components[0].extents[0].disk = &fv.disks[0];
    assert_true(report_boot_line(&plan, 0x81, line, sizeof line));
    assert_non_null(strstr(line, " method=vbr"));
}

static void test_boot_line_that_does_not_fit(void **state)
{
    struct boot_plan plan = degraded();
    char             line[256], exact[256];
    size_t           len;

    (void)state;
    assert_true(report_boot_line(&plan, 0x81, line, sizeof line));
    len = strlen(line);
    memset(exact, 0x7e, sizeof exact);
    assert_true(report_boot_line(&plan, 0x81, exact, len + 1));
    assert_string_equal(exact, line);
    for (size_t size = 0; size <= len; size++) {
        memset(exact, 0x7e, sizeof exact);
        assert_false(report_boot_line(&plan, 0x81, exact, size));
        assert_int_equal(exact[size], 0x7e);  /* not a byte beyond the buffer */
    }
}

static void test_no_boot_line_without_a_choice(void **state)
{
    struct boot_plan plan = { .result = PLAN_NONE };
    char             line[256];

    (void)state;
    assert_false(report_boot_line(&plan, 0x80, line, sizeof line));
    plan = degraded();
    plan.chosen.component = half[0];  /* whose disk is not here */
    assert_false(report_boot_line(&plan, 0x80, line, sizeof line));
    plan.chosen.component = half[1];
    half[1]->extent_count = 0;
    assert_false(report_boot_line(&plan, 0x80, line, sizeof line));
}

/* ---- the view */

static void test_view(void **state)
{
    struct screen s = new_screen();

    (void)state;
    degraded();
    fv.disks[0].dev->block_count = 102400;
    fv.records[2].present = &fv.disks[0];  /* of no group */
    report_view(&s.log, &fv.view, &fv.facts, NULL, false);
    assert_string_equal(s.text, "Disks:\n"
                                "  hd81      50 MB  MBR       Disk2 of group Dg0\n"
                                "Group Dg0: 2 disks, 1 of them here; transaction 40, clean\n"
                                "  Volume3 H:  mirrored, 47 MB, system volume\n"
                                "    Volume3-01     missing  the disk does not answer\n"
                                "    Volume3-02     active   hd81, sector 63, NTFS, NTLDR, retained\n");
    assert_true(s.longest <= 80);
}

static void test_view_of_damage(void **state)
{
    struct screen s = new_screen();

    (void)state;
    degraded();
    fv_mark(&fv, half[1], COMPONENT_STALE, STATUS_COMPONENT_RECOVER);
    fv.disks[0].status = STATUS_NOT_DYNAMIC;
    note_add(&fv.disks[0].notes, &fv.arena, STATUS_GPT_BAD_PRIMARY, "hd81");
    note_add(&fv.group.notes, &fv.arena, STATUS_VMDB_PENDING, "group Dg0");
    fv.volumes[0].sectors = (uint64_t)1 << 35;
    report_view(&s.log, &fv.view, &fv.facts, NULL, false);
    assert_shows(&s, "MBR       not a dynamic disk\n");
    assert_shows(&s, "LDM-0202: hd81: the primary GPT is damaged, the backup is used\n");
    assert_shows(&s, "LDM-0319: group Dg0: a change of the database was under way; the state before it is used\n");
    assert_shows(&s, "    Volume3-02     stale    hd81, sector 63, NTFS, NTLDR, retained\n");
    assert_shows(&s, "                            it was waiting for recovery\n");
    assert_shows(&s, "mirrored, 16384 GB");
}

/* Two groups, one of a single disk; a volume in two pieces; disks that are in no group's list, or have no table. */
static void test_view_of_pieces(void **state)
{
    struct screen         s = new_screen();
    struct ldm_component *c;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    c = fv_component(&fv, fv_volume(&fv, "Data", VOLUME_SPANNED, LDM_VOL_BOOT | LDM_VOL_RETAINED, 4096), "Data-01");
    fv_extent(&fv, c, 0, 63, 2048);
    fv_extent(&fv, c, 0, 9000, 2048);
    fv_finish(&fv);
    fv_facts(&fv, c)->fs = FS_FAT;
    fv_facts(&fv, c)->retained = false;
    fv.disks[0].table = TABLE_GPT;
    report_view(&s.log, &fv.view, &fv.facts, NULL, false);
    assert_string_equal(s.text, "Disks:\n"
                                "  hd80      48 MB  GPT       Disk1 of group Dg0\n"
                                "Group Dg0: 1 disk, 1 of them here; transaction 40, clean\n"
                                "  Data  spanned, 2 MB, boot volume, retained\n"
                                "    Data-01        active   hd80, sector 63 and more, FAT, no loader, not retained\n");
    fv.disks[0].record = NULL;
    fv.disks[0].table = TABLE_NONE;
    s = new_screen();
    report_view(&s.log, &fv.view, &fv.facts, NULL, false);
    assert_shows(&s, "  hd80      48 MB  no table  an unlisted disk of group Dg0\n");
}

static void test_view_without_facts(void **state)
{
    struct screen s = new_screen();

    (void)state;
    degraded();
    report_view(&s.log, &fv.view, NULL, NULL, false);
    assert_shows(&s, "    Volume3-02     active   hd81, sector 63\n");
}

/* A group with ten more volumes on the disk that is not here. */
static void many_absent_volumes(void)
{
    static const char *const names[] = { "A0", "A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9" };

    degraded();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct ldm_component *c = fv_component(&fv, fv_volume(&fv, names[i], VOLUME_SIMPLE, 0, 100), names[i]);

        fv_extent(&fv, c, 0, 100000 + 100 * i, 100);
    }
    fv_finish(&fv);
}

static void test_absent_volumes_are_counted(void **state)
{
    struct screen s = new_screen();

    (void)state;
    many_absent_volumes();
    report_view(&s.log, &fv.view, &fv.facts, NULL, false);
    assert_shows(&s, "    Volume3-02     active   hd81, sector 63");  /* what is here is always shown */
    assert_shows(&s, "  A7  simple, 0 MB\n"
                     "    A7             missing  the disk does not answer\n"
                     "  and 2 more of which no half is on a connected disk\n");
    assert_null(strstr(s.text, "A8"));
    assert_null(strstr(s.text, "A9"));
}

/* Eight are shown, and nothing is said of no more. */
static void test_eight_absent_volumes(void **state)
{
    struct screen s = new_screen();

    (void)state;
    many_absent_volumes();
    fv.group.volume_count -= 2;
    report_view(&s.log, &fv.view, &fv.facts, NULL, false);
    assert_shows(&s, "  A7  simple, 0 MB\n");
    assert_null(strstr(s.text, " more of which"));
}

/* A volume is here by any one of its halves. */
static void test_volumes_that_are_half_here(void **state)
{
    struct screen      s = new_screen();
    struct ldm_volume *v;

    (void)state;
    many_absent_volumes();
    v = fv_volume(&fv, "B", VOLUME_MIRRORED, 0, 100);
    fv_extent(&fv, fv_component(&fv, v, "B-01"), 1, 99000, 100);
    fv_extent(&fv, fv_component(&fv, v, "B-02"), 0, 99000, 100);
    fv_finish(&fv);
    report_view(&s.log, &fv.view, &fv.facts, NULL, false);
    assert_shows(&s, "    B-01           active   hd81, sector 99000");
    assert_shows(&s, "    B-02           missing  the disk does not answer\n");
    assert_shows(&s, "  and 2 more of which");
}

/* What the plan says of a disk, with what to do, is not said before. */
static void test_what_the_plan_will_say_of_a_disk(void **state)
{
    struct boot_plan plan = degraded();
    struct screen    s = new_screen();

    (void)state;
    note_add(&fv.disks[0].notes, &fv.arena, STATUS_GPT_BAD_PRIMARY, "hd81");
    note_add(&fv.disks[0].notes, &fv.arena, STATUS_GPT_BAD_PRIMARY, "hd81, again");
    note_add(&plan.notes, &fv.arena, STATUS_GPT_BAD_PRIMARY, "hd81");
    report_view(&s.log, &fv.view, &fv.facts, &plan, false);
    assert_null(strstr(s.text, "LDM-0202: hd81: "));
    assert_shows(&s, "LDM-0202: hd81, again: the primary GPT is damaged, the backup is used\n");
}

static void test_loaders(void **state)
{
    static const struct { struct component_facts f; const char *text; } cases[] = {
        { { .has_ntldr = true, .has_bootmgr = true, .root_read = true }, ", NTLDR and BOOTMGR" },
        { { .has_ntldr = true, .root_read = true }, ", NTLDR" }, { { .has_bootmgr = true, .root_read = true }, ", BOOTMGR" },
        { { .root_read = true }, ", no loader" }, { { .root_read = false }, "" },
        { { .bootmgfw_machine = PE_MACHINE_X64, .has_bootmgr = true, .root_read = true }, ", bootmgfw.efi" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(report_loader(&cases[i].f), cases[i].text);
}

static void test_all_volumes_when_asked_for(void **state)
{
    struct screen s = new_screen();

    (void)state;
    many_absent_volumes();
    report_view(&s.log, &fv.view, &fv.facts, NULL, true);
    assert_shows(&s, "  A9  simple, 0 MB\n");
    assert_null(strstr(s.text, " more of which"));
}

static void test_damage_of_an_absent_volume_is_told(void **state)
{
    struct screen s = new_screen();

    (void)state;
    many_absent_volumes();
    note_add(&fv.volumes[10].notes, &fv.arena, STATUS_VMDB_PENDING, "A9");
    report_view(&s.log, &fv.view, &fv.facts, NULL, false);
    assert_shows(&s, "LDM-0319: A9: ");
    assert_shows(&s, "  and 1 more of which");
}

/* ---- the plan */

static void test_plan_to_boot(void **state)
{
    struct boot_plan plan = degraded();
    struct screen    s = new_screen();

    (void)state;
    report_plan(&s.log, &plan, false);
    assert_string_equal(
        s.text, "Starting volume Volume3 (Volume3-02 on hd81): it holds a Windows loader and is\n"
                "marked as the system volume.\n"
                                "Windows's kernel: partition 1 of hd81.\n"
                "LDM-0531: Volume3: the other half of the mirror is not used; Windows will show failed redundancy\n"
                "          replace the dead disk, then repair the mirror in Disk Management\n");
    s = new_screen();
    report_plan(&s.log, &plan, true);
    assert_shows(&s, "Not started:\nLDM-0105: Volume3-01: the disk does not answer\n");
}

static void test_plan_to_ask(void **state)
{
    struct screen    s = new_screen();
    struct boot_plan plan;

    (void)state;
    degraded();
    fv_facts(&fv, half[1])->hibernated = true;
    assert_int_equal(plan_boot(&fv.view, &fv.facts, &fv.cfg, &fv.arena, &plan), STATUS_OK);
    report_plan(&s.log, &plan, false);
    assert_shows(&s, "Nothing is started by itself: a person has to choose.\n");
    assert_shows(&s, "LDM-0518: Volume3-02 on hd81: a hibernated Windows is on it");
    assert_shows(&s, "          start it only if nothing has written to this volume since\n");
    assert_non_null(strstr(s.text, "LDM-0518"));
    assert_null(strstr(strstr(s.text, "LDM-0518") + 1, "LDM-0518"));  /* once a half is enough */
    assert_null(strstr(s.text, "Volume3-01"));  /* its disk is not here: only with --explain */
    assert_null(strstr(s.text, "Windows's kernel"));  /* of what nobody has chosen yet */
}

static size_t count_of(const char *text, const char *what)
{
    size_t n = 0;

    for (; (text = strstr(text, what)); text++)
        n++;
    return n;
}

/* Refusals have one heading; they are told when nothing is started, or when somebody asks. */
static void test_refusals(void **state)
{
    struct boot_plan      plan = degraded();
    struct screen         s = new_screen();
    struct plan_candidate two[2] = { plan.candidates[0], plan.candidates[0] };

    (void)state;
    plan.candidates = two;
    plan.candidate_count = 2;
    two[0].code = two[1].code = STATUS_NOT_DYNAMIC;
    two[0].text = "first: no";
    two[1].text = "second: no";
    two[0].facts = two[1].facts = fv_facts(&fv, half[1]);
    plan.result = PLAN_NONE;
    report_plan(&s.log, &plan, false);
    assert_shows(&s, "Not started:\nLDM-0301: first: no\nLDM-0301: second: no\n");
    assert_int_equal(count_of(s.text, "Not started:"), 1);
    s = new_screen();
    plan.result = PLAN_BOOT;
    report_plan(&s.log, &plan, false);
    assert_null(strstr(s.text, "Not started:"));
    s = new_screen();
    report_plan(&s.log, &plan, true);
    assert_shows(&s, "Not started:\nLDM-0301: first: no\nLDM-0301: second: no\n");
}

/* What a half's own files say of its refusal is left out only when the plan has said it. */
static void test_notes_of_a_refused_half(void **state)
{
    struct boot_plan        plan = degraded();
    struct screen           s = new_screen();
    struct component_facts *f = fv_facts(&fv, half[1]);
    struct plan_candidate   one = { .code = STATUS_FS_DAMAGED, .text = "Volume3-02: refused", .facts = f, .component = half[1] };

    (void)state;
    note_add(&f->notes, &fv.arena, STATUS_FS_DAMAGED, "%s", "its root");
    plan.result = PLAN_NONE;
    plan.candidates = &one;
    plan.candidate_count = 1;
    plan.notes = (struct note_list){ 0 };
    note_add(&plan.notes, &fv.arena, STATUS_NOT_DYNAMIC, "%s", "hd80");  /* another one, for which nothing can be done */
    report_plan(&s.log, &plan, false);
    assert_shows(&s, "\nLDM-0301: hd80: not a dynamic disk\nNot started:\nLDM-0402: Volume3-02: refused\nLDM-0402: its root: ");
    note_add(&plan.notes, &fv.arena, STATUS_FS_DAMAGED, "%s", "Volume3");
    s = new_screen();
    report_plan(&s.log, &plan, false);
    assert_null(strstr(s.text, "its root"));
}

/* A person's choice: where the kernel looks, and no more where there is no more to say. */
static void test_a_choice(void **state)
{
    static char             name[101];
    struct boot_plan        plan = degraded();
    struct screen           s = new_screen();
    struct plan_candidate   c = { .component = half[1], .volume = half[1]->volume, .number = 2 };
    struct component_facts *f = fv_facts(&fv, half[1]), other = *f;
    char                    wanted[256];

    (void)state;
    (void)plan;
    report_choice(&s.log, &c);
    assert_string_equal(s.text, "");
    c.windows = c.facts = f;
    c.windows_number = 2;
    report_choice(&s.log, &c);
    assert_string_equal(s.text, "Windows's kernel: partition 2 of hd81.\n");
    s = new_screen();
    memset(name, 'n', 100);
    fv.devs[0].name = name;
    c.facts = &other;
    report_choice(&s.log, &c);
    snprintf(wanted, sizeof wanted, "Windows's kernel: partition 2 of %.48s (Volume3-02), its loader: partition 2 of %.48s.\n", name, name);
    assert_string_equal(s.text, wanted);
}

static void test_what_could_not_be_read_on_a_half_is_told_with_its_refusal(void **state)
{
    struct boot_plan plan = degraded();
    struct screen    s = new_screen();

    (void)state;
    fv.facts.rules = &uefi_rules;
    note_add(&fv_facts(&fv, half[1])->notes, &fv.arena, STATUS_FS_WOF, "%s, bootmgfw.efi", "Volume3-02");
    assert_int_equal(plan_boot(&fv.view, &fv.facts, &fv.cfg, &fv.arena, &plan), STATUS_OK);
    assert_int_equal(plan.result, PLAN_NONE);
    report_plan(&s.log, &plan, false);
    assert_shows(&s, "LDM-0527: Volume3-02 on hd81: ");
    assert_shows(&s, "LDM-0405: Volume3-02, bootmgfw.efi: compressed by Windows (WOF)");
    assert_shows(&s, "compact /u");  /* what to do */
}

static void test_why_no_half_is_started_stands_once_beside_each(void **state)
{
    struct boot_plan plan = degraded();
    struct screen    s = new_screen();
    struct component_facts *f = fv_facts(&fv, half[1]);

    (void)state;
    f->root_read = f->has_ntldr = f->has_bootmgr = false;
    note_add(&f->notes, &fv.arena, STATUS_FS_DAMAGED, "%s", "Volume3-02");
    note_add(&f->notes, &fv.arena, STATUS_ROOT_UNREADABLE, "%s", "Volume3-02");
    assert_int_equal(plan_boot(&fv.view, &fv.facts, &fv.cfg, &fv.arena, &plan), STATUS_OK);
    report_plan(&s.log, &plan, false);
    assert_shows(&s, "LDM-0516: Volume3: ");
    assert_shows(&s, "Not started:\nLDM-0516: Volume3-02 on hd81: its root directory could not be read\n"
                     "LDM-0402: Volume3-02: the file system is damaged\n");
    assert_null(strstr(s.text, "LDM-0516: Volume3-02: "));
}

static void test_plan_of_nothing(void **state)
{
    struct screen    s = new_screen();
    struct boot_plan plan;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv.view.group_count = 0;
    assert_int_equal(plan_boot(&fv.view, &fv.facts, &fv.cfg, &fv.arena, &plan), STATUS_OK);
    report_plan(&s.log, &plan, false);
    assert_string_equal(s.text, "Nothing is started.\n"
                                "LDM-0502: this machine: no disk answers\n"
                                "          check the disks' cables and power, and the controller's set-up\n");
}

static void test_long_sentences_are_wrapped_at_words(void **state)
{
    struct boot_plan plan = {
        .why = "aaaa bbbb cccc dddd eeee ffff gggg hhhh iiii jjjj kkkk llll mmmm nnnn oooo pppp "
               "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    };
    struct screen    s = new_screen();

    (void)state;
    report_plan(&s.log, &plan, false);
    assert_shows(&s, "aaaa bbbb cccc dddd eeee ffff gggg hhhh iiii jjjj kkkk llll mmmm nnnn oooo pppp\nxxx");
    assert_true(s.longest <= 79);
}

static void test_banner(void **state)
{
    struct screen s = new_screen();

    (void)state;
    report_banner(&s.log, "1.2.3", "BIOS");
    assert_shows(&s, "ldmboot 1.2.3 (BIOS)");
    assert_shows(&s, "never writes");
    assert_true(s.longest <= 80);
}

/* In MB as long as these are few, rounded down. */
static void test_sizes(void **state)
{
    static const struct { uint64_t sectors; const char *text; } cases[] = {
        { 0, "0 MB" }, { 2047, "0 MB" }, { 2048, "1 MB" }, { (10240u << 11) - 1, "10239 MB" }, { 10240u << 11, "10 GB" },
        { (11264u << 11) - 1, "10 GB" }, { 11264u << 11, "11 GB" }, { UINT64_MAX >> 4, "549755813887 GB" },
    };
    char text[REPORT_SIZE_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(report_size(cases[i].sectors, text), cases[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_boot_line),
        cmocka_unit_test(test_boot_line_of_uefi),
        cmocka_unit_test(test_boot_line_escapes_what_scripts_would_trip_over),
        cmocka_unit_test(test_boot_line_with_the_longest_names),
        cmocka_unit_test(test_boot_line_that_does_not_fit),
        cmocka_unit_test(test_no_boot_line_without_a_choice),
        cmocka_unit_test(test_view),
        cmocka_unit_test(test_view_of_damage),
        cmocka_unit_test(test_view_of_pieces),
        cmocka_unit_test(test_view_without_facts),
        cmocka_unit_test(test_absent_volumes_are_counted),
        cmocka_unit_test(test_eight_absent_volumes),
        cmocka_unit_test(test_volumes_that_are_half_here),
        cmocka_unit_test(test_what_the_plan_will_say_of_a_disk),
        cmocka_unit_test(test_loaders),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_notes_of_a_refused_half),
        cmocka_unit_test(test_a_choice),
        cmocka_unit_test(test_all_volumes_when_asked_for),
        cmocka_unit_test(test_damage_of_an_absent_volume_is_told),
        cmocka_unit_test(test_plan_to_boot),
        cmocka_unit_test(test_plan_to_ask),
        cmocka_unit_test(test_what_could_not_be_read_on_a_half_is_told_with_its_refusal),
        cmocka_unit_test(test_why_no_half_is_started_stands_once_beside_each),
        cmocka_unit_test(test_plan_of_nothing),
        cmocka_unit_test(test_long_sentences_are_wrapped_at_words),
        cmocka_unit_test(test_banner),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
