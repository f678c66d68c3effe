/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_clock.c - time by two clocks, one of which may stand still. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../clock.h"

#define TICKS_A_DAY 0x1800b0u

static void test_both_go(void **state)
{
    struct clock c = { 0 };
    uint32_t     ms = 0;

    (void)state;
    for (uint32_t second = 0; second < 100; second++)
        ms = clock_advance(&c, 1000 + second * 182 / 10, (uint8_t)((58 + second) % 60));
    assert_in_range(ms, 98000, 100000);
}

static void test_without_ticks(void **state)
{
    struct clock c = { 0 };
    uint32_t     ms = 0;

    (void)state;
    for (uint32_t second = 0; second < 100; second++)
        for (int look = 0; look < 50; look++)
            ms = clock_advance(&c, 77, (uint8_t)((30 + second) % 60));
    assert_int_equal(ms, 98000);  /* never more than went by */
}

static void test_without_seconds(void **state)
{
    struct clock c = { 0 };
    uint32_t     ms = 0;

    (void)state;
    for (uint32_t ticks = 0; ticks <= 182; ticks++)
        ms = clock_advance(&c, ticks, 0xff);
    assert_in_range(ms, 9900, 10100);
}

/* The first look came while the second changed: the next one is a start, not 45 s later. */
static void test_no_second_at_first(void **state)
{
    struct clock c = { 0 };

    (void)state;
    assert_int_equal(clock_advance(&c, 77, 0xff), 0);
    assert_int_equal(clock_advance(&c, 77, 45), 0);
    assert_int_equal(clock_advance(&c, 77, 0xff), 0);
    assert_int_equal(clock_advance(&c, 77, 60), 0);   /* no second of any minute either */
    assert_int_equal(clock_advance(&c, 77, 47), 1000);
}

static void test_midnight(void **state)
{
    struct clock c = { 0 };

    (void)state;
    assert_int_equal(clock_advance(&c, TICKS_A_DAY - 10, 59), 0);
    assert_in_range(clock_advance(&c, 5, 0), 1, 1000);
    assert_in_range(clock_advance(&c, 23, 1), 1, 2000);
}

static void test_neither_goes(void **state)
{
    struct clock c = { 0 };

    (void)state;
    for (int look = 0; look < 1000; look++)
        assert_int_equal(clock_advance(&c, 1234, 0xff), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_go),
        cmocka_unit_test(test_without_ticks),
        cmocka_unit_test(test_without_seconds),
        cmocka_unit_test(test_no_second_at_first),
        cmocka_unit_test(test_midnight),
        cmocka_unit_test(test_neither_goes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
