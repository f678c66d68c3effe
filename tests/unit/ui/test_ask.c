/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_ask.c - countdown, menu and farewell, with a person who presses what the test says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/ui/ask.h"
#include "common/ui/keys.h"
#include "tests/support/fakeview.h"

/* ---- a console */

static char        lines[8192];    /* what was printed */
static char        message[1024];  /* first rows of the menu when it was painted first */
static char        whole[SCREEN_ROWS * (SCREEN_COLUMNS + 1)];  /* all of it then: the rows one after the other, with one blank between words */
static const char *script;         /* keys to come, one character each; '.': a second without one; '~': Enter, from before;
                                      '!': 'm', pressed the moment the question is on the console; '#': the machine is switched off */
static unsigned    seconds;        /* that went by */
static unsigned    opened, closed;
static uint32_t    painted;        /* the rows that were painted last, a bit each */
static jmp_buf     switched_off;

static void print(const char *text)
{
    snprintf(lines + strlen(lines), sizeof lines - strlen(lines), "%s", text);
}

static void print_line(struct log *log, const char *text)
{
    (void)log;
    print(text);
    print("\n");
}

/* A second at a time; keys marked as old are there at once, others not before somebody waits. */
static int wait_key(uint32_t limit)
{
    if (*script == '#')
        longjmp(switched_off, 1);
    if (*script == '~')
        return script++, KEY_ENTER;
    if (*script == '!' && strstr(lines, "after a key"))
        return script++, 'm';
    if (limit == 0)
        return KEY_NONE;
    if (*script && *script != '.')
        return *script++;
    seconds += limit;
    if (*script)
        script++;
    return KEY_NONE;
}

static bool somebody;              /* a display was found, or a key came */

static bool attended(void)
{
    return somebody;
}

static void open_screen(void)
{
    opened++;
}

static void close_screen(void)
{
    closed++;
}

static void read_whole(const struct screen *screen)
{
    char *p = whole;

    for (size_t row = 0; row < SCREEN_ROWS; row++) {
        for (size_t i = 0; i < SCREEN_COLUMNS; i++) {
            char c = cell_ascii(&screen->shown[row][i]);

            if (c != ' ' || (p > whole && p[-1] != ' '))
                *p++ = c;
        }
        if (p > whole && p[-1] != ' ')
            *p++ = ' ';
    }
    *p = '\0';
}

static void paint(const struct screen *screen)
{
    assert_int_equal(opened, closed + 1);
    painted = screen->changed;
    if (!message[0])
        read_whole(screen);
    for (size_t row = 2; row < 5 && !message[0]; row++)
        for (size_t i = 0; i < SCREEN_COLUMNS; i++)
            snprintf(message + strlen(message), sizeof message - strlen(message), "%c", cell_ascii(&screen->shown[row][i]));
}

static struct log               console_log = { print_line };
static const struct ask_console console = { &console_log, wait_key, print, open_screen, paint, close_screen, attended };

/* ---- what it is about */

static struct fakeview       fv;
static struct ldm_component *first, *second;
static struct boot_plan      plan;
static struct menu           menu;
static struct log_ring       ring;
static struct ask_scene      scene = { &console, &ring, "ldmboot", &fv.cfg, &fv.view, &plan, &menu };

/* Two bootable volumes of equal rank, each on a disk of its own: a question. */
static void two_volumes(const char *keys)
{
    lines[0] = message[0] = '\0';
    seconds = opened = closed = 0;
    somebody = false;
    script = keys;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    fv_disk(&fv, "hd81");
    first = fv_component(&fv, fv_volume(&fv, "Volume1", VOLUME_SIMPLE, LDM_VOL_SYSTEM, 20000), "Volume1-01");
    second = fv_component(&fv, fv_volume(&fv, "Volume2", VOLUME_SIMPLE, LDM_VOL_SYSTEM, 20000), "Volume2-01");
    fv_extent(&fv, first, 0, 63, 20000);
    fv_extent(&fv, second, 1, 63, 20000);
    fv_finish(&fv);
    fv_facts(&fv, first)->has_ntldr = fv_facts(&fv, second)->has_ntldr = true;
    assert_int_equal(plan_boot(&fv.view, &fv.facts, &fv.cfg, &fv.arena, &plan), STATUS_OK);
    assert_int_equal(plan.result, PLAN_ASK);
}

/* The same, and the configuration names one of them. */
static void one_volume(const char *keys)
{
    two_volumes(keys);
    strcpy(fv.cfg.volume, "Volume1");
    assert_int_equal(plan_boot(&fv.view, &fv.facts, &fv.cfg, &fv.arena, &plan), STATUS_OK);
    assert_int_equal(plan.result, PLAN_BOOT);
}

static void no_volume(const char *keys)
{
    two_volumes(keys);
    strcpy(fv.cfg.volume, "Volume7");
    for (size_t i = 0; i < fv.facts.count; i++)
        fv.fact_list[i].status = STATUS_BOOT_SECTOR_BAD;
    assert_int_equal(plan_boot(&fv.view, &fv.facts, &fv.cfg, &fv.arena, &plan), STATUS_OK);
    assert_int_equal(plan.result, PLAN_NONE);
}

/* ---- while disks are looked for */

/* A read of a disk took 20 s to fail: it is said, and the next second is a person's, who may not want to wait. */
static void test_a_disk_that_is_waited_for(void **state)
{
    (void)state;
    one_volume("");
    assert_true(ask_keep_waiting(&console, "hd81", 20));
    assert_int_equal(seconds, 1);
    assert_string_equal(lines, "hd81 did not answer for 20 s. Waiting for it again, at most 20 s more ...\n(a key goes on without it)\n");
    script = "x";
    assert_false(ask_keep_waiting(&console, "hd81", 20));
}

/* A key that is stuck is read again and again: 64 times, then the start goes on. */
static void test_a_stuck_key(void **state)
{
    static char keys[200];

    (void)state;
    memset(keys, '~', sizeof keys - 1);
    one_volume(keys);
    ask_forget_keys(&console);
    assert_int_equal(script - keys, 64);
}

/* ---- the countdown */

static void test_a_start_waits_for_objections(void **state)
{
    (void)state;
    one_volume("");
    assert_int_equal(ask_about_plan(&scene), ASK_START);
    assert_int_equal(seconds, 5);
    assert_int_equal(opened, 0);
    assert_ptr_equal(plan.chosen.component, first);
    assert_string_equal(lines, "Starting in 5 s; press any key for the menu. 4 3 2 1\r\n");
}

static void test_timeout_of_the_configuration(void **state)
{
    (void)state;
    one_volume("");
    fv.cfg.timeout_set = true;
    fv.cfg.timeout = 0;
    assert_int_equal(ask_about_plan(&scene), ASK_START);
    assert_int_equal(seconds, 0);
    assert_string_equal(lines, "");
    fv.cfg.timeout = 17;
    assert_int_equal(ask_about_plan(&scene), ASK_START);
    assert_int_equal(seconds, 17);
    assert_string_equal(lines, "Starting in 17 s; press any key for the menu. 9 8 7 6 5 4 3 2 1\r\n");
}

static void test_a_key_in_the_countdown_opens_the_menu(void **state)
{
    (void)state;
    one_volume("..x2\r");
    assert_int_equal(ask_about_plan(&scene), ASK_START);
    assert_ptr_equal(plan.chosen.component, second);
    assert_int_equal(seconds, 2);
    assert_int_equal(opened, 1);
    assert_int_equal(closed, 1);
    assert_non_null(strstr(message, "A key stopped the countdown."));
}

/* Nothing starts by itself after a key, not even what the plan would have started. */
static void test_after_a_key_nothing_starts_by_itself(void **state)
{
    (void)state;
    one_volume("x");
    assert_int_equal(ask_about_plan(&scene), ASK_LEAVE);
    assert_int_equal(seconds, MENU_IDLE_SECONDS);
    one_volume("x");
    fv.cfg.question_timeout_set = true;
    fv.cfg.question_timeout = MENU_IDLE_SECONDS + 200;  /* who asks for more gets it after a key, too */
    assert_int_equal(ask_about_plan(&scene), ASK_LEAVE);
    assert_int_equal(seconds, MENU_IDLE_SECONDS + 200);
    one_volume("x");
    fv.cfg.question_timeout_set = true;
    fv.cfg.question_timeout = 3;                        /* and less is not too little to read */
    assert_int_equal(ask_about_plan(&scene), ASK_LEAVE);
    assert_int_equal(seconds, MENU_IDLE_SECONDS);
}

/* The menu is sent once: a serial line of 9600 Bd takes two seconds for it. */
static void test_a_second_without_a_key_paints_nothing(void **state)
{
    (void)state;
    two_volumes("b");
    assert_int_equal(ask_about_plan(&scene), ASK_LEAVE);
    assert_int_equal(painted, 0xffffff);
    two_volumes("..b");
    assert_int_equal(ask_about_plan(&scene), ASK_LEAVE);
    assert_int_equal(painted, 0);
}

/* Who pressed a key while the disks were read wants the menu; but what was pressed then chooses nothing in it. */
static void test_keys_from_before_do_not_choose(void **state)
{
    (void)state;
    one_volume("~~~");
    assert_int_equal(ask_about_plan(&scene), ASK_LEAVE);
    assert_int_equal(opened, 1);
    one_volume("~~~");
    ask_forget_keys(&console);
    assert_int_equal(ask_about_plan(&scene), ASK_START);
    assert_int_equal(opened, 0);
    two_volumes("~~~");
    assert_int_equal(ask_about_plan(&scene), ASK_LEAVE);
}

/* What the plan would not have started has not been spoken of: where Windows's kernel will look for it. */
static void test_what_a_choice_has_not_been_told(void **state)
{
    static const struct lookup no_files;

    (void)state;
    one_volume("x1\r");
    assert_int_equal(ask_about_plan(&scene), ASK_START);
    assert_null(strstr(lines, "Windows's kernel"));

    one_volume("x2\r");
    fv_facts(&fv, second)->partition_number = 0;
    fv_facts(&fv, second)->retained = false;
    assert_int_equal(plan_boot(&fv.view, &fv.facts, &fv.cfg, &fv.arena, &plan), STATUS_OK);
    for (size_t i = 0; i < plan.candidate_count; i++) {
        struct lookup *l = memcpy(arena_alloc(&fv.arena, sizeof *l), &no_files, sizeof *l);

        plan.candidates[i].lookup = l;
        note_add(&l->notes, &fv.arena, STATUS_NUMBER_DIFFERS, "%s", plan.candidates[i].component->name);
    }
    assert_int_equal(ask_about_plan(&scene), ASK_START);
    assert_ptr_equal(plan.chosen.component, second);
    assert_non_null(strstr(lines, "Windows's kernel: no entry on hd81.\nLDM-0530: Volume2: "));
    assert_non_null(strstr(lines, "LDM-0551: Volume2-01: "));
}

/* ---- the question */

/* Of all that the plan notes, the one that keeps it from starting; without one, its decision alone. */
static void test_the_reason_is_the_plans(void **state)
{
    (void)state;
    two_volumes("");
    plan.notes = (struct note_list){ 0 };
    note_add(&plan.notes, &fv.arena, STATUS_GPT_BAD_PRIMARY, "hd80");
    note_add(&plan.notes, &fv.arena, STATUS_SEVERAL_VOLUMES, "these two");
    plan.reason = STATUS_SEVERAL_VOLUMES;
    assert_int_equal(ask_about_plan(&scene), ASK_LEAVE);
    assert_non_null(strstr(message, "LDM-0507: these two: "));
    assert_null(strstr(message, "hd80"));
    two_volumes("");
    plan.notes = (struct note_list){ 0 };
    note_add(&plan.notes, &fv.arena, STATUS_GPT_BAD_PRIMARY, "hd80");
    assert_int_equal(ask_about_plan(&scene), ASK_LEAVE);
    assert_non_null(strstr(message, "a person has to choose."));
    assert_null(strstr(message, "LDM-"));
}

static void test_a_question_is_answered_in_the_menu(void **state)
{
    (void)state;
    two_volumes("2\r");
    assert_int_equal(ask_about_plan(&scene), ASK_START);
    assert_ptr_equal(plan.chosen.component, second);
    assert_int_equal(plan.result, PLAN_BOOT);
    assert_non_null(strstr(message, "Nothing is started by itself: a person has to choose. LDM-0507: Volume1"));
}

static void test_nobody_answers(void **state)
{
    (void)state;
    two_volumes("");
    assert_int_equal(ask_about_plan(&scene), ASK_LEAVE);
    assert_int_equal(seconds, ASK_SECONDS);
    assert_int_equal(plan.result, PLAN_ASK);
    assert_int_equal(closed, 1);
    two_volumes("");
    fv.cfg.timeout_set = true;  /* about starting, not about asking */
    fv.cfg.timeout = 3;
    assert_int_equal(ask_about_plan(&scene), ASK_LEAVE);
    assert_int_equal(seconds, ASK_SECONDS);
    two_volumes("");
    fv.cfg.question_timeout_set = true;
    fv.cfg.question_timeout = 7;
    somebody = true;
    assert_int_equal(ask_about_plan(&scene), ASK_LEAVE);
    assert_int_equal(seconds, 7);
}

/* The menu is gone, and with it what it said: that is on the screen again, for whoever comes to the machine later. */
static void test_the_last_page_stays(void **state)
{
    const char *said;

    (void)state;
    two_volumes("b");
    assert_int_equal(ask_about_plan(&scene), ASK_LEAVE);
    said = strstr(lines, "Nothing is started by itself: a person has to choose. LDM-0507: ");
    assert_non_null(said);
    assert_non_null(strstr(said, "\nNothing was started; the firmware's next boot device gets its turn.\n"));
}

#define MINUTE "............................................................"

/* As long as somebody can be there: the key comes after seven minutes here, and counts. */
static void test_a_question_waits(void **state)
{
    static const char keys[] = MINUTE MINUTE MINUTE MINUTE MINUTE MINUTE MINUTE "2\r";

    (void)state;
    two_volumes(keys);
    somebody = true;
    assert_int_equal(ask_about_plan(&scene), ASK_START);
    assert_ptr_equal(plan.chosen.component, second);
    no_volume(MINUTE MINUTE MINUTE MINUTE MINUTE MINUTE MINUTE "x");
    somebody = true;
    assert_int_equal(ask_about_plan(&scene), ASK_LEAVE);
    assert_int_equal(seconds, 7 * 60);
    assert_string_equal(lines, "The next boot device is tried after a key; m opens the menu.\n");
    one_volume("");
    fv.cfg.question_timeout_set = true;   /* with nobody to be seen, too */
    fv.cfg.question_timeout = CONFIG_FOR_EVER;
    script = MINUTE MINUTE MINUTE MINUTE MINUTE MINUTE MINUTE "1";
    assert_true(ask_yes(&console, &fv.cfg, "Really?"));
}

/* Whatever is to be said: as the question, with the decision before it, and as the reason of the selected half. */
static void say(enum status code)
{
    char        question[1100], reason[900];
    const char *next = status_next_step(code), *asked;

    two_volumes("");
    fv.cfg.question_timeout_set = true;
    fv.cfg.question_timeout = 31;  /* before it is said how long it still takes */
    snprintf(reason, sizeof reason, "LDM-%04u: Volume1-01 on hd80: %s%s%s.", (unsigned)code, status_sentence(code),
             *next ? "; " : "", next);
    snprintf(question, sizeof question, "%s %s", plan.why, reason);
    plan.reason = code;
    plan.notes = (struct note_list){ 0 };
    note_add(&plan.notes, &fv.arena, code, "Volume1-01 on hd80");
    plan.candidates[0].code = code;
    plan.candidates[0].text = plan.notes.first->text;
    assert_int_equal(ask_about_plan(&scene), ASK_LEAVE);
    asked = strstr(whole, question);
    if (!asked || !strstr(asked + strlen(question), reason))
        fail_msg("not whole on the screen:\n%s\n%s", question, whole);
    assert_non_null(strstr(whole, " Volume2 "));  /* the list and the disks are there all the same */
    assert_non_null(strstr(whole, " hd80 48 MB 1"));
}

static void test_every_message_fits_on_the_screen(void **state)
{
    static const enum status codes[] = {
#define STATUS(name, number, sentence, next) STATUS_##name,
#include "common/base/status.def"
#undef STATUS
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        say(codes[i]);
}

static void test_rescan_and_next(void **state)
{
    (void)state;
    two_volumes("r");
    assert_int_equal(ask_about_plan(&scene), ASK_RESCAN);
    two_volumes("b");
    assert_int_equal(ask_about_plan(&scene), ASK_LEAVE);
    assert_int_equal(plan.result, PLAN_ASK);
}

/* ---- errors */

static void test_next_gives_time_to_read(void **state)
{
    (void)state;
    no_volume("");
    assert_int_equal(ask_about_plan(&scene), ASK_LEAVE);
    assert_int_equal(seconds, ASK_SECONDS);
    assert_int_equal(opened, 0);
    assert_string_equal(lines, "The next boot device is tried after a key or 300 s; m opens the menu.\n");
    no_volume("x");
    assert_int_equal(ask_after_error(&scene, STATUS_HOOK_READ_FAILED, "Volume1"), ASK_LEAVE);
    assert_int_equal(seconds, 0);
    no_volume("Mr");
    assert_int_equal(ask_after_error(&scene, STATUS_HOOK_READ_FAILED, "Volume1"), ASK_RESCAN);
    no_volume("mr");
    assert_int_equal(ask_after_error(&scene, STATUS_HOOK_READ_FAILED, "Volume1"), ASK_RESCAN);
    assert_non_null(strstr(message, "LDM-0623: Volume1: the BIOS cannot read"));
}

/* Whoever reads the line fast, as a program on a serial line does, is not taken for a key from before. */
static void test_a_key_at_once_counts(void **state)
{
    (void)state;
    no_volume("~!r");
    assert_int_equal(ask_after_error(&scene, STATUS_HOOK_READ_FAILED, "Volume1"), ASK_RESCAN);
    assert_int_equal(seconds, 0);
}

static void test_menu_after_an_error(void **state)
{
    (void)state;
    no_volume("");
    fv.cfg.on_error = ON_ERROR_MENU;
    assert_int_equal(ask_about_plan(&scene), ASK_LEAVE);
    assert_int_equal(seconds, ASK_SECONDS);
    assert_int_equal(opened, 1);
    assert_non_null(strstr(message, "Nothing is started. LDM-0"));
    fv.cfg.question_timeout_set = true;
    fv.cfg.question_timeout = 7;
    seconds = 0;
    assert_int_equal(ask_after_error(&scene, STATUS_HOOK_READ_FAILED, "Volume1"), ASK_LEAVE);
    assert_int_equal(seconds, 7);
}

static void test_leaving_gives_time_to_read(void **state)
{
    struct config cfg = config_default();

    (void)state;
    one_volume("");
    ask_leave(&console, &cfg);
    assert_int_equal(seconds, ASK_SECONDS);
    assert_string_equal(lines, "The next boot device is tried after a key or 300 s.\n");
    one_volume("~");  /* a key from before cuts nothing short */
    ask_leave(&console, &cfg);
    assert_int_equal(seconds, ASK_SECONDS);
    cfg.timeout_set = true;
    cfg.timeout = 0;  /* "start at once" is not "vanish at once" */
    ask_leave(&console, &cfg);
    assert_int_equal(seconds, 2 * ASK_SECONDS);
    cfg.question_timeout_set = true;
    cfg.question_timeout = 8;
    ask_leave(&console, &cfg);
    assert_int_equal(seconds, 2 * ASK_SECONDS + 8);
}

static void test_only_1_is_yes(void **state)
{
    (void)state;
    one_volume("12~1");
    assert_true(ask_yes(&console, &fv.cfg, "Really?"));
    assert_string_equal(lines, "Really?\nPress 1 for yes; the next boot device is tried after any other key or 300 s.\n");
    assert_false(ask_yes(&console, &fv.cfg, "Really?"));
    assert_true(ask_yes(&console, &fv.cfg, "Really?"));  /* the key from before it is dropped */
    assert_false(ask_yes(&console, &fv.cfg, "Really?"));
    assert_int_equal(seconds, ASK_SECONDS);
}

/* Whatever is pressed, and however long it takes. */
static void test_a_machine_that_shall_halt(void **state)
{
    (void)state;
    two_volumes("..1\rb...........................................................#");
    fv.cfg.on_error = ON_ERROR_HALT;
    if (setjmp(switched_off) == 0) {
        ask_leave(&console, &fv.cfg);
        fail_msg("it went on");
    }
    assert_string_equal(lines, "Stopped, as on-error = halt asks. Switch the machine off.\n");
    assert_true(seconds >= 60);
}

/* After an error, too: no key leads on, not even the menu's. */
static void test_an_error_of_a_machine_that_shall_halt(void **state)
{
    (void)state;
    no_volume("m.#");
    fv.cfg.on_error = ON_ERROR_HALT;
    if (setjmp(switched_off) == 0) {
        (void)ask_after_error(&scene, STATUS_HOOK_READ_FAILED, "Volume1");
        fail_msg("it went on");
    }
    assert_string_equal(lines, "Stopped, as on-error = halt asks. Switch the machine off.\n");
    assert_int_equal(opened, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_machine_that_shall_halt),
        cmocka_unit_test(test_an_error_of_a_machine_that_shall_halt),
        cmocka_unit_test(test_a_disk_that_is_waited_for),
        cmocka_unit_test(test_a_stuck_key),
        cmocka_unit_test(test_a_second_without_a_key_paints_nothing),
        cmocka_unit_test(test_the_reason_is_the_plans),
        cmocka_unit_test(test_a_start_waits_for_objections),
        cmocka_unit_test(test_timeout_of_the_configuration),
        cmocka_unit_test(test_a_key_in_the_countdown_opens_the_menu),
        cmocka_unit_test(test_after_a_key_nothing_starts_by_itself),
        cmocka_unit_test(test_keys_from_before_do_not_choose),
        cmocka_unit_test(test_what_a_choice_has_not_been_told),
        cmocka_unit_test(test_a_question_is_answered_in_the_menu),
        cmocka_unit_test(test_nobody_answers),
        cmocka_unit_test(test_the_last_page_stays),
        cmocka_unit_test(test_a_question_waits),
        cmocka_unit_test(test_rescan_and_next),
        cmocka_unit_test(test_next_gives_time_to_read),
        cmocka_unit_test(test_a_key_at_once_counts),
        cmocka_unit_test(test_menu_after_an_error),
        cmocka_unit_test(test_leaving_gives_time_to_read),
        cmocka_unit_test(test_only_1_is_yes),
        cmocka_unit_test(test_every_message_fits_on_the_screen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
