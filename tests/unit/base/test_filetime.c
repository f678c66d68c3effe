/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_filetime.c - time stamps in words, against dates worked out elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/base/filetime.h"

#define TICKS      10000000u
#define UNIX_EPOCH 11644473600u  /* seconds from 1601 to 1970 */

static void assert_text(uint64_t filetime, const char *wanted)
{
    char text[FILETIME_TEXT];

    assert_string_equal(filetime_text(filetime, text), wanted);
}

static void test_known_times(void **state)
{
    (void)state;
    assert_text(1, "1601-01-01 00:00 UTC");
    assert_text((uint64_t)UNIX_EPOCH * TICKS, "1970-01-01 00:00 UTC");
    assert_text(((uint64_t)UNIX_EPOCH + 951782399) * TICKS, "2000-02-28 23:59 UTC");
    assert_text(((uint64_t)UNIX_EPOCH + 951782400) * TICKS, "2000-02-29 00:00 UTC");
    assert_text(((uint64_t)UNIX_EPOCH + 253402300799) * TICKS, "9999-12-31 23:59 UTC");
}

static void test_what_is_no_time(void **state)
{
    (void)state;
    assert_text(0, "an unknown time");
    assert_text(((uint64_t)UNIX_EPOCH + 253402300800) * TICKS, "an unknown time");
    assert_text(UINT64_MAX, "an unknown time");
}

/* The C library's calendar agrees, over 400 years and their ends. */
static void test_against_the_c_library(void **state)
{
    (void)state;
    for (int64_t t = -(int64_t)UNIX_EPOCH + 59; t < 7000000000; t += 86399 * 13) {
        char      wanted[32];
        time_t    at = (time_t)t;
        struct tm tm;

        assert_true(strftime(wanted, sizeof wanted, "%Y-%m-%d %H:%M UTC", gmtime_r(&at, &tm)) > 0);
        assert_text((uint64_t)(t + (int64_t)UNIX_EPOCH) * TICKS, wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_times),
        cmocka_unit_test(test_what_is_no_time),
        cmocka_unit_test(test_against_the_c_library),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
