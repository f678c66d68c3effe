/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_menu.c - keys and seconds in, whole screens and an answer out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/settings/config.h"
#include "common/ui/keys.h"
#include "common/ui/menu.h"
#include "tests/support/fakeview.h"

static struct fakeview  fv;
static struct boot_plan plan;
static struct log_ring  ring;
static struct menu      menu;
static unsigned char    ring_memory[LOG_RING_LINES * LOG_RING_WIDTH + 64];

static void drop_line(struct log *log, const char *text)
{
    (void)log;
    (void)text;
}

static struct log nowhere = { drop_line };

/* The screen as a terminal shows it: blanks at the ends of lines left out. */
static const char *screen_text(void)
{
    static char text[SCREEN_ROWS * (SCREEN_COLUMNS + 1) + 1];
    char       *p = text;

    for (size_t row = 0; row < SCREEN_ROWS; row++) {
        size_t end = SCREEN_COLUMNS;

        while (end > 0 && cell_ascii(&menu.screen.shown[row][end - 1]) == ' ')
            end--;
        for (size_t i = 0; i < end; i++)
            *p++ = cell_ascii(&menu.screen.shown[row][i]);
        *p++ = '\n';
    }
    *p = '\0';
    return text;
}

static void assert_screen(const char *expected)
{
    assert_string_equal(screen_text(), expected);
}

static const char *row_text(size_t row)
{
    static char line[SCREEN_COLUMNS + 1];
    const char *p = screen_text();

    while (row-- > 0)
        p = strchr(p, '\n') + 1;
    snprintf(line, sizeof line, "%.*s", (int)strcspn(p, "\n"), p);
    return line;
}

static void assert_row(size_t row, const char *expected)
{
    assert_string_equal(row_text(row), expected);
}

/* The row that is drawn as selected; fails unless there is exactly one, whole. */
static size_t selected_row(void)
{
    size_t found = SCREEN_ROWS;

    for (size_t row = 0; row < SCREEN_ROWS; row++) {
        size_t cells = 0;

        for (size_t i = 0; i < SCREEN_COLUMNS; i++)
            cells += menu.screen.shown[row][i].style == STYLE_SELECTED;
        assert_true(cells == 0 || cells == SCREEN_COLUMNS);
        if (cells) {
            assert_int_equal(found, SCREEN_ROWS);
            found = row;
        }
    }
    assert_int_not_equal(found, SCREEN_ROWS);
    return found;
}

static struct ldm_component *half(const char *volume_name, const char *hint, enum volume_type type, uint32_t flags,
                                  const char *name, uint64_t sectors)
{
    struct ldm_volume *volume = NULL;

    for (size_t i = 0; i < fv.group.volume_count; i++)
        if (strcmp(fv.volumes[i].name, volume_name) == 0)
            volume = &fv.volumes[i];
    if (!volume)
        volume = fv_volume(&fv, volume_name, type, flags, sectors);
    volume->hint = hint;
    return fv_component(&fv, volume, name);
}

/* Volume1 mirrored over two disks, its half on the first one out of date; a striped volume; a disk that is not there. */
static void make_server(void)
{
    struct ldm_component *c;

    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd81");
    fv_disk(&fv, "hd82");
    fv_disk(&fv, NULL);
    c = half("Volume1", "C:", VOLUME_MIRRORED, LDM_VOL_SYSTEM | LDM_VOL_BOOT, "Volume1-01", 40000);
    fv_extent(&fv, c, 0, 63, 40000);
    c = half("Volume1", "C:", VOLUME_MIRRORED, 0, "Volume1-02", 40000);
    fv_extent(&fv, c, 1, 63, 40000);
    c = half("Data", "D:", VOLUME_SPANNED, 0, "Data-01", 60000);
    fv_extent(&fv, c, 1, 60000, 30000);
    fv_extent(&fv, c, 2, 63, 30000);
    c = half("Old", "", VOLUME_SIMPLE, 0, "Old-01", 20000);
    fv_extent(&fv, c, 0, 50000, 20000);
    fv_finish(&fv);
    fv_facts(&fv, &fv.components[0])->has_ntldr = true;
    fv_facts(&fv, &fv.components[1])->has_ntldr = true;
}

static void decide_and_open(const char *message)
{
    struct arena         a = arena_of(ring_memory, sizeof ring_memory);
    struct menu_content  content = { "ldmboot 1.0 (BIOS)", message, &fv.view, &plan, &ring, &plan.store };

    log_ring_init(&ring, &nowhere, &a);
    assert_int_equal(plan_boot(&fv.view, &fv.facts, &fv.cfg, &fv.arena, &plan), STATUS_OK);
    menu_open(&menu, &content, 30, MENU_IDLE_SECONDS);
    menu.screen.changed = 0;
}

static void open_server(void)
{
    make_server();
    fv_mark(&fv, &fv.components[0], COMPONENT_STALE, STATUS_COMPONENT_RECOVER);
    decide_and_open("A key stopped the countdown. Nothing starts by itself now.");
}

/* A server that has only the half that is out of date. */
static void open_stale_server(void)
{
    make_server();
    fv_mark(&fv, &fv.components[0], COMPONENT_STALE, STATUS_COMPONENT_RECOVER);
    fv.components[1].present = false;
    fv.records[1].present = NULL;
    fv_mark(&fv, &fv.components[1], COMPONENT_MISSING, STATUS_DISK_MISSING);
    decide_and_open("Nothing is started by itself: a person has to choose.");
    assert_ptr_equal(menu_choice(&menu)->component, &fv.components[0]);
}

static enum menu_answer type(const char *keys)
{
    enum menu_answer answer = MENU_STAY;

    for (; *keys && answer == MENU_STAY; keys++)
        answer = menu_key(&menu, *keys);
    return answer;
}

#define SERVER_TOP                                                                        \
    " ldmboot 1.0 (BIOS)                                         disks are only read\n"   \
    "\n"                                                                                  \
    " A key stopped the countdown. Nothing starts by itself now.\n"                       \
    "\n"                                                                                  \
    "\n"                                                                                  \
    "\n"                                                                                  \
    "    Volume                  Size  Half             Disk    State    Can start\n"     \
    " 1  Volume1 C:             19 MB  Volume1-02       hd82    active   yes\n"           \
    " 2  Volume1 C:             19 MB  Volume1-01       hd81    stale    no, older\n"     \
    " 3  Old                     9 MB  Old-01           hd81    active   yes\n"           \
    " 4  Data D:                29 MB  Data-01          hd82    missing  no\n"            \
    "\n"                                                                                  \
    "\n"                                                                                  \
    "\n"                                                                                  \
    "\n"
#define SERVER_KEYS " Up Down 1-9  Enter start  d details  o options  l log  r rescan  b next device\n"

static void test_the_list(void **state)
{
    (void)state;
    open_server();
    assert_screen(SERVER_TOP
                  " Volume1-02 on hd82: a good half, NTFS, NTLDR.\n"
                  "\n"
                  "\n"
                  " hd81        48 MB  2================..3========............  Disk1\n"
                  " hd82        48 MB  1################......4============....  Disk2\n"
                  "\n"
                  "\n"
                  " Without a key the next boot device gets its turn in 30 s.\n"
                  SERVER_KEYS);
    assert_int_equal(selected_row(), 7);
}

/* A name that fills the lines for the reason must not push it out of them. */
static void test_the_longest_names(void **state)
{
    static char long_name[256];

    (void)state;
    memset(long_name, 'V', 255);
    make_server();
    fv.components[0].name = fv.components[1].name = fv.volumes[0].name = long_name;
    fv_mark(&fv, &fv.components[0], COMPONENT_STALE, STATUS_COMPONENT_RECOVER);
    decide_and_open("");
    menu_key(&menu, KEY_DOWN);
    assert_row(8, " 2  VVVVVVV..VVVVVVV C:    19 MB  VVVVVVV..VVVVVVV hd81    stale    no, older");
    assert_row(15, " LDM-0350: it was waiting for recovery; its data is probably old: use the other");
    assert_row(16, " half if there is one.");
}

/* The bars of both copies show what is on them. */
static void test_a_copy_of_a_disk(void **state)
{
    (void)state;
    make_server();
    fv.disks[0].record = &fv.records[1];
    fv.records[1].copies = 2;
    fv.view.disk_count = 2;
    fv_mark(&fv, &fv.components[1], COMPONENT_UNKNOWN, STATUS_DISK_CLONED);
    decide_and_open("");
    assert_row(18, " hd81        48 MB  2================......4============....  Disk2");
    assert_row(19, " hd82        48 MB  2================......4============....  Disk2");
}

/* In the place of its name; its neighbour keeps its own. */
static void test_a_disk_that_was_given_up(void **state)
{
    (void)state;
    make_server();
    fv.devs[0].given_up = STATUS_DISK_GIVEN_UP;
    decide_and_open("");
    assert_non_null(strstr(screen_text(), "............  given up\n"));
    assert_null(strstr(screen_text(), "  Disk1\n"));
    assert_non_null(strstr(screen_text(), "....  Disk2\n"));
}

static void test_the_reason_and_the_map_follow_the_bar(void **state)
{
    (void)state;
    open_server();
    assert_int_equal(menu_key(&menu, KEY_DOWN), MENU_STAY);
    assert_screen(SERVER_TOP
                  " LDM-0350: Volume1-01: it was waiting for recovery; its data is probably old:\n"
                  " use the other half if there is one.\n"
                  "\n"
                  " hd81        48 MB  2################..3========............  Disk1\n"
                  " hd82        48 MB  1================......4============....  Disk2\n"
                  "\n"
                  "\n"
                  "\n"
                  SERVER_KEYS);
    assert_int_equal(selected_row(), 8);
}

static void test_only_what_changed_is_painted(void **state)
{
    (void)state;
    open_server();
    (void)menu_key(&menu, KEY_DOWN);
    assert_int_equal(menu.screen.changed, 1u << 7 | 1u << 8 | 1u << 15 | 1u << 16 | 1u << 18 | 1u << 19 | 1u << 22);
    menu.screen.changed = 0;
    (void)menu_second(&menu);
    assert_int_equal(menu.screen.changed, 0);
}

static void test_moving(void **state)
{
    static const struct {
        int    key;
        size_t row;
    } moves[] = { { KEY_UP, 7 },  { KEY_DOWN, 8 },      { KEY_END, 10 },    { KEY_DOWN, 10 }, { KEY_HOME, 7 },
                  { '3', 9 },     { '5', 9 },           { '0', 9 },         { KEY_UP, 8 },    { KEY_PAGE_DOWN, 10 },
                  { KEY_PAGE_UP, 7 }, { 'x', 7 },       { KEY_OTHER, 7 },   { KEY_ESCAPE, 7 } };

    (void)state;
    open_server();
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
        assert_int_equal(menu_key(&menu, moves[i].key), MENU_STAY);
        assert_int_equal(selected_row(), moves[i].row);
    }
}

static void test_enter_starts_what_is_good(void **state)
{
    (void)state;
    open_server();
    assert_int_equal(menu_key(&menu, KEY_ENTER), MENU_START);
    assert_ptr_equal(menu_choice(&menu)->component, &fv.components[1]);
    open_server();
    assert_int_equal(type("3\r"), MENU_START);
    assert_ptr_equal(menu_choice(&menu)->component, &fv.components[3]);
}

/* Two systems: which one is for a person to say, and an Enter that is held down says nothing. */
static void test_enter_alone_answers_no_question(void **state)
{
    static const struct {
        int    key;
        size_t choice;
    } selections[] = { { '1', 0 }, { '2', 1 }, { KEY_DOWN, 1 }, { KEY_UP, 0 } };

    (void)state;
    make_server();
    fv_facts(&fv, &fv.components[3])->has_ntldr = true;
    fv.volumes[2].flags = LDM_VOL_SYSTEM;
    for (size_t i = 0; i < sizeof selections / sizeof selections[0]; i++) {
        decide_and_open("Nothing is started by itself: a person has to choose.");
        assert_int_equal(plan.result, PLAN_ASK);
        assert_int_equal(type("\r\r\r"), MENU_STAY);
        assert_row(22, " Select a half first, with Up, Down or its number.");
        assert_int_equal(menu_key(&menu, selections[i].key), MENU_STAY);
        assert_int_equal(menu_key(&menu, KEY_ENTER), MENU_START);
        assert_ptr_equal(menu_choice(&menu), &plan.candidates[selections[i].choice]);
    }
}

static void test_what_cannot_start_does_not(void **state)
{
    (void)state;
    open_server();
    assert_int_equal(type("4\r"), MENU_STAY);
    assert_row(22, " This one cannot be started; the reason is above.");
    assert_int_equal(menu_key(&menu, KEY_UP), MENU_STAY);
    assert_row(22, "");
}

static void test_an_old_half_does_not_start_while_a_better_one_is_here(void **state)
{
    (void)state;
    open_server();
    assert_int_equal(type("2\r"), MENU_STAY);
    assert_int_equal(menu.state.page, MENU_PAGE_LIST);
    assert_row(22, " Not started: a better half of the same volume is connected.");
}

static void test_the_last_half_starts_after_the_word(void **state)
{
    (void)state;
    open_stale_server();
    assert_row(7, " 1  Volume1 C:             19 MB  Volume1-01       hd81    stale    out of date");
    assert_int_equal(menu_key(&menu, KEY_ENTER), MENU_STAY);
    assert_screen(" ldmboot 1.0 (BIOS)                                                 an old half\n"
                  "\n"
                  " Volume1-01 of volume Volume1 is out of date.\n"
                  "\n"
                  " LDM-0350: Volume1-01: it was waiting for recovery.\n"
                  " hd81 (Disk1), transaction 40, an unknown time: when Windows last wrote its\n"
                  " database on this disk\n"
                  " hd82 (Disk2), transaction 40, an unknown time: when Windows last wrote its\n"
                  " database on this disk\n"
                  "\n"
                  " Windows would start with the files as they were when this half was dropped\n"
                  " from its mirror. Whatever was written since is not on it, and what is written\n"
                  " now parts the two halves for good.\n"
                  "\n"
                  " To start it all the same, type OLDER and press Enter: _\n"
                  "\n\n\n\n\n\n\n\n"
                  " Enter start, if the word is right   Esc back to the list\n");
    assert_int_equal(type("oldx\bER"), MENU_STAY);
    assert_row(14, " To start it all the same, type OLDER and press Enter: oldER_");
    assert_int_equal(menu_key(&menu, KEY_ENTER), MENU_START);
    assert_ptr_equal(menu_choice(&menu)->component, &fv.components[0]);
}

static void test_another_word_starts_nothing(void **state)
{
    static const char *const words[] = { "\r\r", "\rOLDE\r", "\rOLDEST\r", "\ryes\r", "\rolder\b\r", "\r b r\r", "\rolder\033" };

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        open_stale_server();
        assert_int_equal(type(words[i]), MENU_STAY);
        assert_int_equal(menu.state.page, MENU_PAGE_LIST);
        assert_row(22, strchr(words[i], '\033') ? "" : " Not started: that was not the word.");
    }
}

static void test_letters_that_answer(void **state)
{
    (void)state;
    open_server();
    assert_int_equal(menu_key(&menu, 'r'), MENU_RESCAN);
    assert_int_equal(menu_key(&menu, 'R'), MENU_RESCAN);
    assert_int_equal(menu_key(&menu, 'b'), MENU_LEAVE);
    assert_int_equal(menu_key(&menu, 'B'), MENU_LEAVE);
}

static void test_details(void **state)
{
    (void)state;
    open_server();
    (void)type("2d");
    assert_screen(" ldmboot 1.0 (BIOS)                                   details, lines 1-19 of 19\n"
                  "\n"
                  " Volume    Volume1 C:, mirrored, 19 MB, 40000 sectors\n"
                  "           e0000000-0000-4000-8000-000000000001\n"
                  "           marked as: system boot ACTIVE\n"
                  " Half      Volume1-01, stale (\"ACTIVE\" in the database), 1 part\n"
                  " Part      hd81 (Disk1), sector 63, 40000 sectors\n"
                  "           disk d1000000-0000-4000-8000-000000000001\n"
                  "           its own database: transaction 40\n"
                  " Group     Dg0, transaction 40, clean\n"
                  "           as the database of hd81 has it\n"
                  " On it     boot sector good, NTFS, NTLDR\n"
                  "           its partition is retained; 0 read errors so far\n"
                  " Windows's kernel: partition 1 of hd81.\n"
                  "\n"
                  " LDM-0535: hd81 (Disk1), transaction 40, an unknown time: when Windows last\n"
                  " wrote its database on this disk\n"
                  " LDM-0535: hd82 (Disk2), transaction 40, an unknown time: when Windows last\n"
                  " wrote its database on this disk\n"
                  " LDM-0350: Volume1-01: it was waiting for recovery\n"
                  "           its data is probably old: use the other half if there is one\n"
                  "\n\n"
                  " Up Down PgUp PgDn Home End scroll   any other key back to the list\n");
    assert_int_equal(type("x"), MENU_STAY);
    assert_int_equal(selected_row(), 8);
}

static void test_details_of_a_half_with_a_missing_disk(void **state)
{
    (void)state;
    open_server();
    (void)type("4d");
    assert_row(9, " Part      Disk3, not connected, 30000 sectors");
}

static void test_the_log_opens_at_its_end(void **state)
{
    (void)state;
    open_server();
    for (unsigned i = 1; i <= 30; i++)
        log_line(&ring.log, "line %u", i);
    log_line(&ring.log, "%s", "a line that is longer than the screen is wide, so that it has to be continued on the next one, indented or not");
    (void)type("l");
    assert_row(0, " ldmboot 1.0 (BIOS)                                      log, lines 14-32 of 32");
    assert_row(2, " line 14");
    assert_row(19, " a line that is longer than the screen is wide, so that it has to be continued");
    assert_row(20, " on the next one, indented or not");
    (void)menu_key(&menu, KEY_UP);
    assert_row(2, " line 13");
    (void)menu_key(&menu, KEY_HOME);
    assert_row(2, " line 1");
    (void)menu_key(&menu, KEY_PAGE_UP);
    assert_row(2, " line 1");
    (void)menu_key(&menu, KEY_END);
    (void)menu_key(&menu, KEY_DOWN);
    assert_row(2, " line 14");
    (void)menu_key(&menu, KEY_OTHER);  /* of unknown meaning: not a wish to go back */
    assert_int_equal(menu.state.page, MENU_PAGE_LOG);
    (void)menu_key(&menu, KEY_ESCAPE);
    assert_int_equal(menu.state.page, MENU_PAGE_LIST);
}

static void test_nobody_is_there(void **state)
{
    (void)state;
    open_server();
    for (unsigned i = 1; i < 30; i++)
        assert_int_equal(menu_second(&menu), MENU_STAY);
    assert_row(22, " Without a key the next boot device gets its turn in 1 s.");
    assert_int_equal(menu_second(&menu), MENU_LEAVE);
}

/* A key gives time to read, whatever it is; but not for ever. */
static void test_somebody_was_there(void **state)
{
    (void)state;
    open_server();
    (void)menu_key(&menu, KEY_OTHER);
    for (unsigned i = 1; i < MENU_IDLE_SECONDS; i++) {
        assert_int_equal(menu_second(&menu), MENU_STAY);
        if (i == MENU_IDLE_SECONDS - 31)
            assert_row(22, "");
    }
    assert_int_equal(menu_second(&menu), MENU_LEAVE);
}

/* For a start with a store that is made here: each key, and what the store will be told. */
static void test_options(void **state)
{
    (void)state;
    make_server();
    fv_facts(&fv, &fv.components[0])->has_ntldr = fv_facts(&fv, &fv.components[1])->has_ntldr = false;
    fv_facts(&fv, &fv.components[1])->alone = ALONE_SPARE;
    fv_mark(&fv, &fv.components[0], COMPONENT_STALE, STATUS_COMPONENT_RECOVER);
    decide_and_open("A key stopped the countdown. Nothing starts by itself now.");
    assert_int_equal(plan.chosen.method, METHOD_BIOS_RAM);
    assert_int_equal(menu_key(&menu, 'o'), MENU_STAY);
    assert_screen(" ldmboot 1.0 (BIOS)                                         for this start only\n"
                  "\n"
                  " What the boot store, or boot.ini, that is made for this start says besides.\n"
                  "\n\n\n"
                  " 1  Safe Mode                     no\n\n"
                  " 2  Last known good               no\n\n"
                  " 3  Advanced options page         no\n\n"
                  " 4  Boot store                    made here\n"
                  "\n\n\n\n\n\n\n\n\n\n"
                  " 1-4 change   any other key back to the list\n");
    (void)type("1");
    assert_row(6, " 1  Safe Mode                     yes");
    (void)type("1");
    assert_row(6, " 1  Safe Mode                     yes, with networking");
    (void)type("23");
    assert_row(8, " 2  Last known good               yes");
    assert_row(10, " 3  Advanced options page         yes");
    assert_int_equal(plan.store.value[STORE_SAFEBOOT], SAFEBOOT_NETWORK);
    (void)type("123");
    assert_row(6, " 1  Safe Mode                     no");
    assert_int_equal(plan.store.given, 1u << STORE_LAST_KNOWN_GOOD | 1u << STORE_ADVANCED_OPTIONS);
    assert_int_equal(plan.store.value[STORE_LAST_KNOWN_GOOD], 0);
    (void)type("4");  /* there is no other one */
    assert_false(plan.store.found);
    plan.found_store = "System-01 on hd82";
    (void)type("4");
    assert_true(plan.store.found);
    assert_row(12, " 4  Boot store                    that of System-01 on hd82");
    assert_row(2, " The boot store that was found is used as it is, but for its devices: 1 to 3");
    (void)type("4");
    assert_false(plan.store.found);
    (void)type("x");
    assert_int_equal(menu.state.page, MENU_PAGE_LIST);
}

/* A half that brings its own store: the keys are there, and that they change nothing is said. */
static void test_options_that_go_nowhere(void **state)
{
    (void)state;
    open_server();
    (void)type("o");
    assert_row(2, " The selected half starts from the boot store, or boot.ini, that it has: these");
    assert_row(3, " are not used then. For Safe Mode press F8 as soon as Windows's boot files take");
    (void)menu_key(&menu, KEY_ESCAPE);
    assert_int_equal(menu.state.page, MENU_PAGE_LIST);
}

static void test_for_ever(void **state)
{
    struct menu_content content;

    (void)state;
    open_server();
    content = menu.state.content;
    menu_open(&menu, &content, CONFIG_FOR_EVER, CONFIG_FOR_EVER);
    for (unsigned i = 0; i < 100000; i++)
        assert_int_equal(menu_second(&menu), MENU_STAY);
    assert_int_equal(menu.state.seconds, CONFIG_FOR_EVER);  /* not 136 years */
    assert_row(22, "");
    (void)menu_key(&menu, KEY_OTHER);
    for (unsigned i = 0; i < 100000; i++)
        assert_int_equal(menu_second(&menu), MENU_STAY);
}

/* So many rows, each of one digit. */
static const char *text_of_rows(size_t rows)
{
    static char text[20 * SCREEN_COLUMNS];
    char       *p = text;

    for (size_t i = 0; i < rows; i++) {
        memset(p, '1' + (int)i, 78);
        p[78] = ' ';
        p += 79;
    }
    p[-1] = '\0';
    return text;
}

static void assert_row_of(size_t row, char digit)
{
    char text[SCREEN_COLUMNS];

    memset(text, digit, 79);
    text[0] = ' ';
    text[79] = '\0';
    assert_row(row, text);
}

static void test_nothing_was_found(void **state)
{
    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    fv.view.group_count = 0;
    fv.disks[0].group = NULL;
    fv.disks[0].status = STATUS_NOT_DYNAMIC;
    decide_and_open("LDM-0503: this machine: there is no dynamic disk.");
    assert_screen(" ldmboot 1.0 (BIOS)                                         disks are only read\n"
                  "\n"
                  " LDM-0503: this machine: there is no dynamic disk.\n"
                  "\n\n\n"
                  " No volume was found.\n"
                  "\n\n\n\n\n\n\n\n\n\n\n"
                  " hd80        48 MB  not a dynamic disk\n"
                  "\n\n\n"
                  " Without a key the next boot device gets its turn in 30 s.\n"
                  SERVER_KEYS);
    for (const char *key = "\r1d\033x"; *key; key++)
        assert_int_equal(menu_key(&menu, *key), MENU_STAY);
    assert_int_equal(menu_key(&menu, KEY_DOWN), MENU_STAY);
    assert_null(menu_choice(&menu));
    assert_int_equal(menu_key(&menu, 'r'), MENU_RESCAN);
    decide_and_open(text_of_rows(4));
    assert_row_of(5, '4');
    assert_row(6, "");
    assert_row(7, " No volume was found.");
}

/* More volumes and disks than the screen has rows. */
static void make_many(void)
{
    static const char *const names[] = { "V1", "V2", "V3", "V4", "V5", "V6", "V7", "V8", "V9", "V10" };
    static const char *const disks[] = { "hd80", "hd81", "hd82", "hd83", "hd84", "hd85" };

    fv_init(&fv, &bios_rules);
    for (size_t i = 0; i < 6; i++)
        fv_disk(&fv, disks[i]);
    for (size_t i = 0; i < 10; i++)
        fv_extent(&fv, half(names[i], "", VOLUME_SIMPLE, 0, names[i], 2000), i % 6, 63 + 5000 * (i / 6), 2000);
    fv_finish(&fv);
}

static void test_long_lists_scroll(void **state)
{
    (void)state;
    make_many();
    decide_and_open("");
    assert_row(7, " 1  V1                      0 MB  V1               hd80    active   yes");
    assert_row(14, "    1 of 10");
    assert_row(18, " hd80        48 MB  1.2.....................................  Disk1");
    (void)menu_key(&menu, KEY_END);
    assert_int_equal(selected_row(), 13);
    assert_row(7, " 4  V8                      0 MB  V8               hd81    active   yes");
    assert_row(13, "    V6                      0 MB  V6               hd85    active   yes");
    assert_row(14, "    10 of 10");
    assert_row(18, " hd82        48 MB  5.6.....................................  Disk3");
    assert_row(21, " hd85        48 MB  #.......................................  Disk6");
    assert_row(19, " hd83        48 MB  7.8.....................................  Disk4");
    assert_row(20, " hd84        48 MB  9.......................................  Disk5");
    assert_row(22, "");
    (void)menu_key(&menu, '1');
    assert_int_equal(selected_row(), 7);
    assert_row(21, " hd83        48 MB  7.8.....................................  Disk4");
    assert_row(22, "");
    (void)menu_key(&menu, ':');  /* the key behind the nine */
    assert_int_equal(selected_row(), 7);
    (void)menu_key(&menu, '9');
    assert_int_equal(selected_row(), 13);
    assert_row(13, " 9  V5                      0 MB  V5               hd84    active   yes");
    assert_row(14, "    9 of 10");
}

/* The bar goes through the list row by row, and the list moves when the bar would leave it. */
static void test_the_list_moves_with_the_bar(void **state)
{
    (void)state;
    make_many();
    decide_and_open("");
    for (size_t i = 1; i < 10; i++) {
        (void)menu_key(&menu, KEY_DOWN);
        assert_ptr_equal(menu_choice(&menu), &plan.candidates[i]);
        assert_int_equal(selected_row(), i < 7 ? 7 + i : 13);
    }
    for (size_t i = 9; i-- > 0;) {
        (void)menu_key(&menu, KEY_UP);
        assert_ptr_equal(menu_choice(&menu), &plan.candidates[i]);
        assert_int_equal(selected_row(), i < 3 ? 7 : 7 + i - 3);
    }
    (void)menu_key(&menu, KEY_PAGE_DOWN);  /* by as many as are to be seen */
    assert_ptr_equal(menu_choice(&menu), &plan.candidates[7]);
    (void)menu_key(&menu, KEY_PAGE_DOWN);
    assert_ptr_equal(menu_choice(&menu), &plan.candidates[9]);
    (void)menu_key(&menu, KEY_PAGE_UP);
    assert_ptr_equal(menu_choice(&menu), &plan.candidates[2]);
    (void)menu_key(&menu, KEY_PAGE_UP);
    assert_ptr_equal(menu_choice(&menu), &plan.candidates[0]);
}

/* As many rows as fit are all to be seen, and nothing is counted then. */
static void test_a_list_that_just_fits(void **state)
{
    (void)state;
    make_many();
    fv.group.component_count = fv.group.volume_count = 7;
    decide_and_open("");
    plan.candidate_count = 7;
    (void)menu_key(&menu, KEY_END);
    assert_row(13, " 7  V6                      0 MB  V6               hd85    active   yes");
    (void)menu_key(&menu, KEY_DOWN);
    assert_int_equal(selected_row(), 13);
    assert_row(14, "");
    (void)menu_key(&menu, '8');
    assert_int_equal(selected_row(), 13);
    (void)menu_key(&menu, KEY_HOME);
    assert_int_equal(selected_row(), 7);
    assert_row(18, " hd80        48 MB  1.2.....................................  Disk1");
    assert_row(19, " hd81        48 MB  3.......................................  Disk2");  /* the eighth is of no group */
}

static void test_a_list_of_one(void **state)
{
    static const int keys[] = { KEY_DOWN, KEY_UP, KEY_END, KEY_HOME, KEY_PAGE_DOWN, KEY_PAGE_UP, '2', '1' };

    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    fv_extent(&fv, half("V1", "", VOLUME_SIMPLE, LDM_VOL_SYSTEM, "V1-01", 2000), 0, 63, 2000);
    fv_finish(&fv);
    fv_facts(&fv, &fv.components[0])->has_ntldr = true;
    decide_and_open("");
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        assert_int_equal(menu_key(&menu, keys[i]), MENU_STAY);
        assert_int_equal(selected_row(), 7);
    }
    assert_row(8, "");
    (void)menu_key(&menu, 'd');
    assert_row(2, " Volume    V1, simple, 0 MB, 2000 sectors");
    (void)menu_key(&menu, KEY_ESCAPE);
    assert_int_equal(menu_key(&menu, KEY_ENTER), MENU_START);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        fv_facts(&fv, &fv.components[0])->hibernated = true;  /* a question: there is nothing to choose, but it has to be answered */
        decide_and_open("");
        assert_int_equal(plan.result, PLAN_ASK);
        assert_int_equal(menu_key(&menu, KEY_ENTER), MENU_STAY);
        (void)menu_key(&menu, keys[i]);
        assert_int_equal(menu_key(&menu, KEY_ENTER), keys[i] == '2' ? MENU_STAY : MENU_START);
    }
}

/* The bar is on the half that would have been started, wherever it is in the list. */
static void test_the_bar_is_on_the_plans_choice(void **state)
{
    struct menu_content content;

    (void)state;
    make_many();
    decide_and_open("");
    content = menu.state.content;
    for (size_t i = 0; i < 10; i++) {
        plan.chosen = plan.candidates[i];
        menu_open(&menu, &content, 30, MENU_IDLE_SECONDS);
        assert_ptr_equal(menu_choice(&menu), &plan.candidates[i]);
        assert_int_equal(selected_row(), i < 7 ? 7 + i : 13);
    }
}

/* A message of more rows than three moves the list down, of which two rows are left at least. */
static void test_long_messages(void **state)
{
    static const struct { size_t rows, shown, list; } cases[] = { { 1, 1, 7 }, { 3, 3, 7 }, { 4, 4, 6 }, { 5, 5, 5 }, { 8, 8, 2 }, { 9, 8, 2 } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t first = 14 - cases[i].list;

        make_many();
        decide_and_open(text_of_rows(cases[i].rows));
        for (size_t row = 0; row < cases[i].shown; row++)
            assert_row_of(2 + row, (char)('1' + row));
        assert_row(first - 2, "");
        assert_row(first - 1, "    Volume                  Size  Half             Disk    State    Can start");
        assert_row(14, "    1 of 10");
        assert_row(15, " LDM-0507: V1 on hd80: several volumes are equally likely to be the right one;");
        assert_int_equal(selected_row(), first);
        (void)menu_key(&menu, KEY_PAGE_DOWN);
        assert_ptr_equal(menu_choice(&menu), &plan.candidates[cases[i].list]);
        (void)menu_key(&menu, KEY_END);
        assert_int_equal(selected_row(), 13);
        (void)menu_key(&menu, KEY_UP);
        assert_int_equal(selected_row(), 12);
    }
}

/* A reason of more rows than three takes the disks' rows from above; the disk of the half is the last of those that are left. */
static void test_long_reasons(void **state)
{
    static char text[160];
    size_t      seen[SCREEN_ROWS] = { 0 };

    (void)state;
    make_many();
    decide_and_open("");
    (void)menu_key(&menu, KEY_END);
    for (size_t len = 19; len < sizeof text; len += 10) {
        char   all[7 * SCREEN_COLUMNS] = "";
        size_t row = 15, word = len < 159 ? 9 : 70;  /* few of the long ones in a row */

        memset(text, 'x', len);
        for (size_t i = word; i < len; i += word + 1)
            text[i] = ' ';
        text[len - 1] = '|';
        text[len] = '\0';
        plan.candidates[9].code = STATUS_BOOTMGR_LOST;
        plan.candidates[9].text = text;
        (void)menu_key(&menu, KEY_OTHER);
        for (; strncmp(row_text(row), " hd8", 4) != 0; row++)
            strcat(all, row_text(row));
        assert_true(row >= 18 && row <= 21);
        seen[row]++;
        assert_non_null(strstr(all, "xxxxxxxxx xxxxxxx"));
        assert_non_null(strstr(all, "|; "));
        assert_int_equal(all[strlen(all) - 1], '.');
        for (; row <= 21; row++)
            assert_int_equal(row_text(row)[4], '5' - (21 - (int)row));
        assert_row(22, "");
    }
    assert_true(seen[18] && seen[19] && seen[20] && seen[21]);
}

/* Each cell of a disk's bar stands for 2501 sectors of its 100,000; a piece marks every cell that it has a sector in. */
static void test_the_map_cell_by_cell(void **state)
{
    static const struct { uint64_t lba, sectors; const char *bar; } cases[] = {
        { 1, 1, "1.......................................  Disk1" }, { 2500, 1, "1.......................................  Disk1" },
        { 2500, 2, "1#......................................  Disk1" }, { 2501, 2501, ".1......................................  Disk1" },
        { 2501, 2502, ".1#.....................................  Disk1" }, { 4 * 2501, 5 * 2501, "....1####...............................  Disk1" },
        { 4 * 2501 - 1, 5 * 2501, "...1#####...............................  Disk1" }, { 39 * 2501, 2461, ".......................................1  Disk1" },
        { 39 * 2501 - 1, 2462, "......................................1#  Disk1" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fv_init(&fv, &bios_rules);
        fv_disk(&fv, "hd80");
        fv_extent(&fv, half("V1", "", VOLUME_SIMPLE, 0, "V1-01", cases[i].sectors), 0, cases[i].lba, cases[i].sectors);
        fv_finish(&fv);
        decide_and_open("");
        assert_string_equal(row_text(18) + 20, cases[i].bar);
    }
    /* Two in one cell: the selected one is to be seen, of the others the last. */
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    fv_extent(&fv, half("V1", "", VOLUME_SIMPLE, 0, "V1-01", 2600), 0, 100, 2600);
    fv_extent(&fv, half("V2", "", VOLUME_SIMPLE, 0, "V2-01", 2700), 0, 2700, 2700);
    fv_finish(&fv);
    fv.extents[0][1] = (struct ldm_extent){ fv.extents[0][0].partition, &fv.disks[0], 90000, 100, 2600 };  /* behind its last one */
    decide_and_open("");
    assert_string_equal(row_text(18) + 20, "1#=.....................................  Disk1");
    (void)menu_key(&menu, KEY_DOWN);
    assert_string_equal(row_text(18) + 20, "12#.....................................  Disk1");
    fv.disks[0].record = NULL;
    (void)menu_key(&menu, KEY_UP);
    assert_non_null(strstr(row_text(18), "  unlisted"));
}

/* The lists of disks and halves have columns for names; longer ones are cut, and blanks stay between. */
static void test_columns(void **state)
{
    (void)state;
    make_server();
    fv.devs[0].name = "nvme-of-a-name";
    fv.records[0].name = "A disk whose name is long";
    fv.volumes[0].hint = "C:\\and-more";
    decide_and_open("");
    assert_row(7, " 1  Volume1 C:\\            19 MB  Volume1-01       nvme-of active   yes");
    assert_row(18, " nvme-of     48 MB  1################..3========............  A disk w.. is long");
}

/* Two rows of the screen are of another colour from end to end, whatever page is open. */
static void test_the_frame(void **state)
{
    static const char *const pages[] = { "", "d", "l", "o", "1\r" };

    (void)state;
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        open_stale_server();
        (void)type(pages[i]);
        for (size_t row = 0; row < SCREEN_ROWS; row++)
            for (size_t column = 0; column < SCREEN_COLUMNS; column++)
                assert_int_equal(menu.screen.shown[row][column].style == STYLE_FRAME, row == 0 || row == 23);
    }
}

/* Options go into a store that is made: by each way that makes one. */
static void test_which_starts_have_options(void **state)
{
    static const enum boot_method made[] = { METHOD_BIOS_RAM, METHOD_BIOS_STICK, METHOD_UEFI_RAM }, others[] = { METHOD_VBR, METHOD_UEFI_ESP };

    (void)state;
    open_server();
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        plan.candidates[0].method = made[i];
        (void)type("o");
        assert_row(2, " What the boot store, or boot.ini, that is made for this start says besides.");
        (void)type("x");
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        plan.candidates[0].method = others[i];
        (void)type("o");
        assert_row(2, " The selected half starts from the boot store, or boot.ini, that it has: these");
        (void)type("x");
    }
}

/* Much that is known about an old half: its lines end above what the word is asked with. */
static void test_much_about_an_old_half(void **state)
{
    static char note[160], name[201];

    (void)state;
    memset(note, 'x', 159);
    memset(name, 'V', 200);
    for (size_t rows = 1; rows <= 2; rows++) {
        size_t row;

        open_stale_server();
        plan.candidates[0].age = (struct note_list){ 0 };
        for (size_t i = 0; i < 6; i++) {
            note[0] = (char)('1' + i);
            assert_true(note_put(&plan.candidates[0].age, &fv.arena, STATUS_INTERNAL, text_in_arena(&fv.arena, "%s", note)));
        }
        if (rows == 2)
            fv.volumes[0].name = name;
        (void)type("\r");
        row = 4 + rows;
        assert_row(row - 1, " LDM-0350: Volume1-01: it was waiting for recovery.");
        for (unsigned i = 1; i <= (rows == 1 ? 5 : 4); i++, row += 2) {  /* of each the first two rows */
            assert_int_equal(row_text(row)[1], '0' + i);
            assert_int_equal(row_text(row + 1)[1], 'x');
        }
        assert_row(row, "");
        assert_row(row + 1, " Windows would start with the files as they were when this half was dropped");
        assert_row(row + 5, " To start it all the same, type OLDER and press Enter: _");
    }
}

/* 159 characters, with as few of them in a row as can be: with the number before it, five rows. */
static const char *text_of_few_words(void)
{
    static char text[160];

    memset(text, 'x', 159);
    text[70] = text[80] = text[151] = ' ';
    return text;
}

/* Where there is no room for all of a text, what has to be seen beside it is seen. */
static void test_texts_that_do_not_fit(void **state)
{
    (void)state;
    open_stale_server();
    plan.candidates[0].age = (struct note_list){ 0 };
    plan.candidates[0].text = text_of_few_words();
    (void)type("\r");
    assert_row(4, " LDM-0350:");
    assert_int_equal(strlen(row_text(7)), 71);
    assert_row(8, "");                           /* the fifth is left out */
    assert_row(13, " To start it all the same, type OLDER and press Enter: _");

    make_many();
    decide_and_open("");
    plan.candidates[0].code = STATUS_BOOTMGR_LOST;
    plan.candidates[0].text = text_of_few_words();
    (void)menu_key(&menu, KEY_OTHER);
    assert_row(15, " LDM-0655:");
    assert_int_equal(strncmp(row_text(19), " xxxxxxx; ", 10), 0);
    assert_true(strlen(row_text(20)) > 1);
    assert_row(21, " hd80        48 MB  1.2.....................................  Disk1");
}

/* The bars show the halves of the list by their numbers, and others without. */
static void test_halves_that_are_in_no_list(void **state)
{
    (void)state;
    make_many();
    decide_and_open("");
    plan.candidate_count = 3;
    (void)menu_key(&menu, KEY_OTHER);
    assert_row(18, " hd80        48 MB  1.2.....................................  Disk1");
    assert_row(19, " hd81        48 MB  3.=.....................................  Disk2");
}

/* Every character that a keyboard has; nothing else, and no more than five. */
static void test_what_may_be_typed(void **state)
{
    (void)state;
    open_stale_server();
    (void)type("\r\b ~\x7f\x1f!");
    assert_row(14, " To start it all the same, type OLDER and press Enter:  ~!_");
    (void)menu_key(&menu, KEY_UP);
    (void)menu_key(&menu, KEY_OTHER);
    assert_row(14, " To start it all the same, type OLDER and press Enter:  ~!_");
    (void)type("abcd");
    assert_row(14, " To start it all the same, type OLDER and press Enter:  ~!ab_");
    (void)type("\b\b\b\b\b\b");
    assert_row(14, " To start it all the same, type OLDER and press Enter: _");
    (void)type("abc\033\r");  /* and what was typed before is forgotten */
    assert_row(14, " To start it all the same, type OLDER and press Enter: _");
    (void)type("x");
    assert_row(14, " To start it all the same, type OLDER and press Enter: x_");
}

/* A log of no line, of as many as the page has rows, and of one more. */
static void test_pages_of_a_few_lines(void **state)
{
    (void)state;
    open_server();
    (void)type("l");
    assert_row(0, " ldmboot 1.0 (BIOS)                                         log, lines 0-0 of 0");
    (void)menu_key(&menu, KEY_ESCAPE);
    for (unsigned i = 1; i <= MENU_PAGE_ROWS; i++)
        log_line(&ring.log, "line %u", i);
    (void)type("l");
    assert_row(0, " ldmboot 1.0 (BIOS)                                       log, lines 1-19 of 19");
    assert_row(20, " line 19");
    (void)menu_key(&menu, KEY_DOWN);
    assert_row(2, " line 1");
    (void)menu_key(&menu, KEY_ESCAPE);
    log_line(&ring.log, "line 20");
    (void)type("l");
    assert_row(0, " ldmboot 1.0 (BIOS)                                       log, lines 2-20 of 20");
    assert_row(2, " line 2");
    assert_row(20, " line 20");
    assert_row(21, "");
    (void)menu_key(&menu, KEY_PAGE_UP);
    assert_row(0, " ldmboot 1.0 (BIOS)                                       log, lines 1-19 of 20");
    assert_row(20, " line 19");
    assert_row(21, "");
}

/* Names are as long as the database has them, and may hold anything. */
static void test_names_stay_in_their_column(void **state)
{
    (void)state;
    make_server();
    fv.volumes[0].name = "A volume whose name is as long as no column is";
    fv.components[1].name = "Half\033[2J and more of it";
    decide_and_open("");
    for (size_t row = 7; row <= 8; row++) {
        const struct cell *cells = menu.screen.shown[row];

        assert_int_equal(cells[23].ch, ' ');
        assert_int_equal(cells[50].ch, ' ');
    }
    assert_null(strchr(screen_text(), '\033'));
    assert_non_null(strstr(screen_text(), "A volum..lumn is C:    19 MB"));
    assert_non_null(strstr(screen_text(), "Half?[2..e of it hd82"));
}

static void test_verdicts(void **state)
{
    (void)state;
    make_server();
    decide_and_open("");
    assert_row(7, " 1  Volume1 C:             19 MB  Volume1-01       hd81    active   yes");
    assert_row(8, " 2  Volume1 C:             19 MB  Volume1-02       hd82    active   yes, spare");
    make_server();
    fv_facts(&fv, &fv.components[1])->hibernated = true;
    decide_and_open("");
    assert_row(8, " 2  Volume1 C:             19 MB  Volume1-02       hd82    active   in doubt");
    assert_int_equal(type("2\r"), MENU_START);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_list),
        cmocka_unit_test(test_the_longest_names),
        cmocka_unit_test(test_a_copy_of_a_disk),
        cmocka_unit_test(test_a_disk_that_was_given_up),
        cmocka_unit_test(test_the_reason_and_the_map_follow_the_bar),
        cmocka_unit_test(test_only_what_changed_is_painted),
        cmocka_unit_test(test_moving),
        cmocka_unit_test(test_enter_starts_what_is_good),
        cmocka_unit_test(test_enter_alone_answers_no_question),
        cmocka_unit_test(test_what_cannot_start_does_not),
        cmocka_unit_test(test_an_old_half_does_not_start_while_a_better_one_is_here),
        cmocka_unit_test(test_the_last_half_starts_after_the_word),
        cmocka_unit_test(test_another_word_starts_nothing),
        cmocka_unit_test(test_letters_that_answer),
        cmocka_unit_test(test_details),
        cmocka_unit_test(test_details_of_a_half_with_a_missing_disk),
        cmocka_unit_test(test_the_log_opens_at_its_end),
        cmocka_unit_test(test_nobody_is_there),
        cmocka_unit_test(test_somebody_was_there),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_options_that_go_nowhere),
        cmocka_unit_test(test_for_ever),
        cmocka_unit_test(test_nothing_was_found),
        cmocka_unit_test(test_long_lists_scroll),
        cmocka_unit_test(test_the_list_moves_with_the_bar),
        cmocka_unit_test(test_a_list_that_just_fits),
        cmocka_unit_test(test_a_list_of_one),
        cmocka_unit_test(test_the_bar_is_on_the_plans_choice),
        cmocka_unit_test(test_long_messages),
        cmocka_unit_test(test_long_reasons),
        cmocka_unit_test(test_the_map_cell_by_cell),
        cmocka_unit_test(test_what_may_be_typed),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_texts_that_do_not_fit),
        cmocka_unit_test(test_halves_that_are_in_no_list),
        cmocka_unit_test(test_the_frame),
        cmocka_unit_test(test_which_starts_have_options),
        cmocka_unit_test(test_much_about_an_old_half),
        cmocka_unit_test(test_pages_of_a_few_lines),
        cmocka_unit_test(test_names_stay_in_their_column),
        cmocka_unit_test(test_verdicts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
