/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_ascii.c - parts and numbers of a text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/ascii.h"

static struct span text_of(const char *text)
{
    return span_of(text, strlen(text));
}

static void assert_text(struct span s, const char *expected)
{
    assert_int_equal(s.len, strlen(expected));
    assert_memory_equal(s.data, expected, s.len);
}

static void test_a_text_is_parted_at_its_first_mark(void **state)
{
    static const struct {
        const char *text, *marks;
        bool        found;
        const char *before, *after;
    } cases[] = { { "a=b=c", "=", true, "a", "b=c" }, { "=", "=", true, "", "" },   { "", "=", false, "", "" },
                  { "a", "=", false, "a", "" },       { "a=", "=", true, "a", "" }, { "a\r\nb", "\n\r", true, "a", "\nb" } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct span before, after;

        assert_int_equal(ascii_split(text_of(cases[i].text), cases[i].marks, &before, &after), cases[i].found);
        assert_text(before, cases[i].before);
        assert_text(after, cases[i].after);
    }
}

static void test_the_parted_text_may_be_one_of_the_parts(void **state)
{
    struct span line, rest = text_of("one\ntwo");

    (void)state;
    assert_true(ascii_split(rest, "\n", &line, &rest));
    assert_text(line, "one");
    assert_false(ascii_split(rest, "\n", &line, &rest));
    assert_text(line, "two");
    assert_text(rest, "");
}

/* Parts one after the other, to the end of the text; an empty one is a part as well. */
static void test_parts_one_after_the_other(void **state)
{
    static const char *const parts[] = { "one", "", "two", "", "", "x" };
    struct cursor            c = cursor_of(text_of("one\n\ntwo\r\n\nx"));

    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        assert_true(c.pos < c.s.len);
        assert_text(ascii_next(&c, "\r\n"), parts[i]);
    }
    assert_int_equal(c.pos, c.s.len);
    assert_text(ascii_next(&c, "\r\n"), "");
    assert_int_equal(c.pos, c.s.len);
    assert_false(c.bad);
}

static void test_numbers(void **state)
{
    static const struct {
        const char *text;
        uint32_t    base, max;
        bool        ok;
        uint32_t    value;
    } cases[] = { { "0", 10, 0, true, 0 },
                  { "", 10, 5, true, 0 },
                  { "1", 10, 0, false, 0 },
                  { "0042", 10, 42, true, 42 },
                  { "43", 10, 42, false, 0 },
                  { "4294967295", 10, UINT32_MAX, true, UINT32_MAX },
                  { "4294967296", 10, UINT32_MAX, false, 0 },
                  { "99999999999999999999", 10, UINT32_MAX, false, 0 },
                  { "fFfFfFfF", 16, UINT32_MAX, true, UINT32_MAX },
                  { "100000000", 16, UINT32_MAX, false, 0 },
                  { "9", 16, 8, false, 0 },
                  { "a", 10, UINT32_MAX, false, 0 },
                  { "g", 16, UINT32_MAX, false, 0 },
                  { "-1", 10, UINT32_MAX, false, 0 },
                  { " 1", 10, UINT32_MAX, false, 0 },
                  { "1\xb2", 10, UINT32_MAX, false, 0 } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t value = 77;

        assert_int_equal(ascii_number(text_of(cases[i].text), cases[i].base, cases[i].max, &value), cases[i].ok);
        assert_int_equal(value, cases[i].ok ? cases[i].value : 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_text_is_parted_at_its_first_mark),
        cmocka_unit_test(test_the_parted_text_may_be_one_of_the_parts),
        cmocka_unit_test(test_parts_one_after_the_other),
        cmocka_unit_test(test_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
