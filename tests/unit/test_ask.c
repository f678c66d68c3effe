/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_ask.c - countdown, question and farewell, with a person who presses what the test says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/ask.h"
#include "tests/support/fakeview.h"

static char     screen[8192];
static int      next_key;
static unsigned waits;
static uint32_t waited;  /* seconds of the last wait */

static void to_screen(struct log *log, const char *text)
{
    (void)log;
    snprintf(screen + strlen(screen), sizeof screen - strlen(screen), "%s\n", text);
}

static int press(uint32_t seconds)
{
    waits++;
    waited = seconds;
    return next_key;
}

static struct log         console_log = { to_screen };
static struct ask_console console = { &console_log, press };

static struct fakeview       fv;
static struct ldm_component *first, *second;

/* Two bootable volumes of equal rank, each on a disk of its own: a question. */
static struct boot_plan two_volumes(void)
{
    struct boot_plan plan;

    screen[0] = '\0';
    waits = 0;
    fv_init(&fv, FIRMWARE_BIOS);
    fv_disk(&fv, "hd80");
    fv_disk(&fv, "hd81");
    first = fv_component(&fv, fv_volume(&fv, "Volume1", VOLUME_SIMPLE, LDM_VOL_SYSTEM, 20000), "Volume1-01");
    second = fv_component(&fv, fv_volume(&fv, "Volume2", VOLUME_SIMPLE, LDM_VOL_SYSTEM, 20000), "Volume2-01");
    fv_extent(&fv, first, 0, 63, 20000);
    fv_extent(&fv, second, 1, 63, 20000);
    fv_finish(&fv);
    fv_facts(&fv, first)->has_ntldr = fv_facts(&fv, second)->has_ntldr = true;
    assert_int_equal(plan_boot(&fv.view, &fv.facts, &fv.cfg, &fv.arena, &plan), STATUS_OK);
    return plan;
}

static struct boot_plan one_volume(void)
{
    struct boot_plan plan = two_volumes();

    strcpy(fv.cfg.volume, "Volume1");
    assert_int_equal(plan_boot(&fv.view, &fv.facts, &fv.cfg, &fv.arena, &plan), STATUS_OK);
    assert_int_equal(plan.result, PLAN_BOOT);
    return plan;
}

static void test_a_digit_chooses(void **state)
{
    struct boot_plan plan = two_volumes();

    (void)state;
    assert_int_equal(plan.result, PLAN_ASK);
    next_key = '2';
    assert_true(ask_decide(&console, &fv.cfg, &plan));
    assert_ptr_equal(plan.chosen.component, second);
    assert_int_equal(plan.result, PLAN_BOOT);
    assert_int_equal(waited, 30);
    assert_non_null(strstr(screen, "  1  volume Volume1, half Volume1-01 on hd80\n"));
    assert_non_null(strstr(screen, "  2  volume Volume2, half Volume2-01 on hd81\n"));
}

static void test_other_keys_and_silence_choose_nothing(void **state)
{
    static const int keys[] = { ASK_NO_KEY, 0, '0', '3', '9', 'x', ' ', 27, 0x2580 };

    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct boot_plan plan = two_volumes();

        next_key = keys[i];
        assert_false(ask_decide(&console, &fv.cfg, &plan));
        assert_int_equal(plan.result, PLAN_ASK);
    }
}

static void test_what_cannot_start_is_not_offered(void **state)
{
    struct boot_plan plan = two_volumes();

    (void)state;
    for (size_t i = 0; i < plan.candidate_count; i++)
        if (plan.candidates[i].component == first)
            plan.candidates[i].verdict = VERDICT_NEVER;
    next_key = '1';
    assert_true(ask_decide(&console, &fv.cfg, &plan));
    assert_ptr_equal(plan.chosen.component, second);
    assert_null(strstr(screen, "  1  volume Volume1,"));
}

static void test_a_start_waits_for_objections(void **state)
{
    struct boot_plan plan = one_volume();

    (void)state;
    next_key = ASK_NO_KEY;
    assert_true(ask_decide(&console, &fv.cfg, &plan));
    assert_int_equal(waited, 5);
    assert_ptr_equal(plan.chosen.component, first);
}

static void test_a_key_in_the_countdown_shows_the_list(void **state)
{
    struct boot_plan plan = one_volume();

    (void)state;
    next_key = '2';
    assert_true(ask_decide(&console, &fv.cfg, &plan));
    assert_int_equal(waits, 2);
    assert_ptr_equal(plan.chosen.component, second);
}

static void test_timeout_of_the_configuration(void **state)
{
    struct boot_plan plan = one_volume();

    (void)state;
    next_key = ASK_NO_KEY;
    fv.cfg.timeout_set = true;
    fv.cfg.timeout = 0;
    assert_true(ask_decide(&console, &fv.cfg, &plan));
    assert_int_equal(waits, 0);
    fv.cfg.timeout = 17;
    assert_true(ask_decide(&console, &fv.cfg, &plan));
    assert_int_equal(waited, 17);
}

static void test_nothing_to_start_is_no(void **state)
{
    struct boot_plan plan = { .result = PLAN_NONE };

    (void)state;
    waits = 0;
    assert_false(ask_decide(&console, &fv.cfg, &plan));
    assert_int_equal(waits, 0);
}

static void test_only_1_is_yes(void **state)
{
    (void)state;
    next_key = '1';
    assert_true(ask_yes(&console, "Really?"));
    next_key = '2';
    assert_false(ask_yes(&console, "Really?"));
    next_key = ASK_NO_KEY;
    assert_false(ask_yes(&console, "Really?"));
}

static void test_leaving_gives_time_to_read(void **state)
{
    struct config cfg = config_default();

    (void)state;
    ask_leave(&console, &cfg);
    assert_int_equal(waited, 30);
    cfg.timeout_set = true;
    cfg.timeout = 8;
    ask_leave(&console, &cfg);
    assert_int_equal(waited, 8);
    cfg.timeout = 0;  /* "start at once" is not "vanish at once" */
    ask_leave(&console, &cfg);
    assert_int_equal(waited, 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_digit_chooses),
        cmocka_unit_test(test_other_keys_and_silence_choose_nothing),
        cmocka_unit_test(test_what_cannot_start_is_not_offered),
        cmocka_unit_test(test_a_start_waits_for_objections),
        cmocka_unit_test(test_a_key_in_the_countdown_shows_the_list),
        cmocka_unit_test(test_timeout_of_the_configuration),
        cmocka_unit_test(test_nothing_to_start_is_no),
        cmocka_unit_test(test_only_1_is_yes),
        cmocka_unit_test(test_leaving_gives_time_to_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
