/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_status.c - the list of error numbers keeps its own rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/status.h"

static const struct entry {
    const char *name;
    unsigned    number;
    const char *sentence, *next_step;
} list[] = {
#define STATUS(name, number, sentence, next_step) { #name, number, sentence, next_step },
#include "common/base/status.def"
#undef STATUS
};

#define COUNT (sizeof list / sizeof list[0])

static void test_numbers_ascend(void **state)
{
    (void)state;
    for (size_t i = 1; i < COUNT; i++)
        if (list[i].number <= list[i - 1].number)
            fail_msg("%s (%u) stands behind %s (%u)", list[i].name, list[i].number, list[i - 1].name,
                     list[i - 1].number);
}

static void test_numbers_have_three_digits(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        if (list[i].number < 101 || list[i].number > 999 || list[i].number % 100 == 0)
            fail_msg("%s has number %u", list[i].name, list[i].number);
}

static void assert_printable(const char *name, const char *text)
{
    for (const char *p = text; *p; p++)
        if (*p < 0x20 || *p > 0x7e)
            fail_msg("%s: not printable ASCII: %s", name, text);
}

static void test_sentences(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        size_t len = strlen(list[i].sentence);

        if (len == 0 || list[i].sentence[len - 1] == '.')
            fail_msg("%s: a sentence that is empty or ends in a full stop", list[i].name);
        assert_printable(list[i].name, list[i].sentence);
        assert_printable(list[i].name, list[i].next_step);
    }
}

static void test_look_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        assert_string_equal(status_sentence((enum status)list[i].number), list[i].sentence);
        assert_string_equal(status_next_step((enum status)list[i].number), list[i].next_step);
    }
    assert_string_equal(status_sentence(STATUS_OK), "no error");
    assert_string_equal(status_sentence((enum status)100), "unknown error");
    assert_string_equal(status_next_step((enum status)100), "");
}

static enum status first_failure(enum status a, enum status b)
{
    TRY(a);
    TRY(b);
    return STATUS_OK;
}

static void test_try(void **state)
{
    (void)state;
    assert_int_equal(first_failure(STATUS_OK, STATUS_OK), STATUS_OK);
    assert_int_equal(first_failure(STATUS_OK, STATUS_NO_MEMORY), STATUS_NO_MEMORY);
    assert_int_equal(first_failure(STATUS_READ_FAILED, STATUS_NO_MEMORY), STATUS_READ_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_ascend),
        cmocka_unit_test(test_numbers_have_three_digits),
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_look_up),
        cmocka_unit_test(test_try),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
