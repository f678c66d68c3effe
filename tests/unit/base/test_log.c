/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_log.c - the printf of the boot program, progress lines, notes. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/log.h"

#define EXPECT(text, ...)                                                      \
    do {                                                                       \
        char   buf_[64];                                                       \
        size_t len_ = text_format(buf_, sizeof buf_, __VA_ARGS__);             \
        assert_string_equal(buf_, text);                                       \
        assert_int_equal(len_, strlen(text));                                  \
    } while (0)

static void test_numbers(void **state)
{
    (void)state;
    EXPECT("0 7 4294967295", "%u %u %u", 0u, 7u, 4294967295u);
    EXPECT("-2147483648 0 2147483647", "%d %d %d", -2147483647 - 1, 0, 2147483647);
    EXPECT("ff FF 0", "%x %X %x", 255u, 255u, 0u);
    EXPECT("18446744073709551615", "%llu", 18446744073709551615ull);
    EXPECT("ffffffffffffffff", "%llx", 18446744073709551615ull);
    EXPECT("12 ab", "%lu %lx", 12ul, 0xabul);
    EXPECT("123", "%zu", (size_t)123);
}

/* The largest of each kind, one behind the other: each takes as many bytes as it has, also where they are on the stack. */
static void test_largest_numbers(void **state)
{
    char theirs[128], mine[128];

    (void)state;
    snprintf(theirs, sizeof theirs, "%lu %lx", ULONG_MAX, ULONG_MAX);
    (void)text_format(mine, sizeof mine, "%lu %lx", ULONG_MAX, ULONG_MAX);
    assert_string_equal(mine, theirs);
    (void)text_format(mine, sizeof mine, "%u %u %u %u %u %x %X %u", 1u, 2u, 3u, 4294967295u, 4294967295u, 4294967295u, 4294967294u, 5u);
    assert_string_equal(mine, "1 2 3 4294967295 4294967295 ffffffff FFFFFFFE 5");
    (void)text_format(mine, sizeof mine, "%u %u %u %llu %u %zu %d", 1u, 2u, 3u, 18446744073709551615ull, 4294967295u, (size_t)7, -1);
    assert_string_equal(mine, "1 2 3 18446744073709551615 4294967295 7 -1");
}

static void test_text_and_characters(void **state)
{
    const char *volatile missing = NULL;  /* volatile: the compiler would warn of what is tested */

    (void)state;
    EXPECT("a string, c, 100%", "%s, %c, 100%%", "a string", 'c');
    EXPECT("", "%s", missing);
    EXPECT("no conversions", "no conversions");
}

/* A conversion that was cut off ends the text; what is behind the format's end is not looked at. */
static void test_a_format_that_ends_too_soon(void **state)
{
    static const char *const cut[] = { "ab%", "ab%-", "ab%08", "ab%5l" };

    (void)state;
    for (size_t i = 0; i < sizeof cut / sizeof cut[0]; i++) {
        char *exact = malloc(strlen(cut[i]) + 1);

        assert_non_null(exact);
        strcpy(exact, cut[i]);
        EXPECT("ab", exact, 1u);
        free(exact);
    }
}

static void test_widths(void **state)
{
    (void)state;
    EXPECT("|   7|0007|", "|%4u|%04u|", 7u, 7u);
    EXPECT("|ab    |    ab|", "|%-6s|%6s|", "ab", "ab");
    EXPECT("|12345|abcdef|", "|%3u|%4s|", 12345u, "abcdef");
    EXPECT("81 05", "%02x %02x", 0x81u, 5u);
    EXPECT("LDM-0042", "LDM-%04u", 42u);
    EXPECT("|        7|00000000000000000007|", "|%9u|%020u|", 7u, 7u);
    EXPECT("|" "                  x|", "|%19s|", "x");
}

static void test_a_text_that_does_not_fit_is_cut_and_measured(void **state)
{
    char buf[8];

    (void)state;
    memset(buf, 'x', sizeof buf);
    assert_int_equal(text_format(buf, 6, "%s", "abcdefgh"), 8);
    assert_string_equal(buf, "abcde");
    assert_int_equal(buf[6], 'x');
    assert_int_equal(text_format(buf, 1, "%u", 12345u), 5);
    assert_string_equal(buf, "");
    assert_int_equal(text_format(NULL, 0, "%u", 12345u), 5);
}

static void test_agrees_with_the_c_library(void **state)
{
    (void)state;
    srand(3);
    for (int i = 0; i < 20000; i++) {
        unsigned long long v =
            (unsigned long long)rand() << 40 ^ (unsigned long long)rand() << 20 ^ (unsigned long long)rand();
        char               mine[80], theirs[80];

        v >>= rand() % 64;
        text_format(mine, sizeof mine, "%llu %llx %08x %5d", v, v, (unsigned)v, (int)(v & 0xffff));
        snprintf(theirs, sizeof theirs, "%llu %llx %08x %5d", v, v, (unsigned)v, (int)(v & 0xffff));
        assert_string_equal(mine, theirs);
    }
}

static void test_text_in_arena(void **state)
{
    static uint8_t      memory[32];
    struct arena a = arena_of(memory, sizeof memory);
    const char  *text = text_in_arena(&a, "%s-%02u", "Volume1", 1u);

    (void)state;
    assert_string_equal(text, "Volume1-01");
    assert_string_equal(text_in_arena(&a, "%s", "this is longer than what is left"), "");
    assert_string_equal(text, "Volume1-01");
}

struct capture {
    struct log log;
    char       text[1024];
    unsigned   lines;
};

static void capture_line(struct log *log, const char *text)
{
    struct capture *c = (struct capture *)log;

    strcat(c->text, text);
    strcat(c->text, "\n");
    c->lines++;
}

static void test_lines(void **state)
{
    struct capture c = { .log = { capture_line } };
    char           longer[2 * LOG_LINE_SIZE];

    (void)state;
    log_line(&c.log, "reading %s ...", "hd81");
    assert_string_equal(c.text, "reading hd81 ...\n");
    log_line(NULL, "nobody listens to %s", "this");

    memset(longer, 'z', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    c = (struct capture){ .log = { capture_line } };
    log_line(&c.log, "%s", longer);
    assert_int_equal(strlen(c.text), LOG_LINE_SIZE);
}

static void test_notes(void **state)
{
    static uint8_t          memory[1024];
    struct arena     a = arena_of(memory, sizeof memory);
    struct note_list list = { 0 };
    struct capture   c = { .log = { capture_line } };

    (void)state;
    note_add(&list, &a, STATUS_READ_FAILED, "hd%02x", 0x81u);
    note_add(&list, &a, STATUS_NOT_DYNAMIC, "hd80");
    note_add(&list, &a, STATUS_READ_FAILED, "hd81");  /* exactly the same: said once */
    note_add(&list, &a, STATUS_READ_FAILED, "hd82");
    assert_int_equal(list.count, 3);
    log_notes(&c.log, &list);
    assert_string_equal(c.text, "LDM-0101: hd81: the disk reports a read error\n"
                                "LDM-0301: hd80: not a dynamic disk\n"
                                "LDM-0101: hd82: the disk reports a read error\n");
}

static void test_notes_without_memory_are_dropped_whole(void **state)
{
    static uint8_t          memory[256];
    struct arena     a = arena_of(memory, sizeof memory);
    struct note_list list = { 0 };
    size_t           used = 0, count = 0;

    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        note_add(&list, &a, STATUS_READ_FAILED, "disk %u", i);
        if (list.count == count)
            assert_int_equal(a.used, used);  /* nothing is left behind of one that did not fit */
        used = a.used;
        count = list.count;
    }
    assert_true(count > 0 && count < 20);
    assert_null(list.last->next);
}

static void test_errors_come_with_the_next_step(void **state)
{
    struct capture c = { .log = { capture_line } };

    (void)state;
    log_error(&c.log, STATUS_READ_FAILED, "hd81");
    assert_string_equal(c.text, "LDM-0101: hd81: the disk reports a read error\n"
                                "          the disk may be dying: copy it before anything else\n");
    c = (struct capture){ .log = { capture_line } };
    log_error(&c.log, STATUS_NOT_DYNAMIC, "hd80");
    assert_int_equal(c.lines, 1);
}

/* Where a line of text ends: at a blank that fits, or, when there is none, where the width is used up. */
static void test_lengths_of_lines(void **state)
{
    static const struct { const char *text; size_t width, len; } cases[] = {
        { "", 5, 0 }, { "words", 5, 5 }, { "words", 6, 5 }, { "wordsand", 5, 5 }, { "words and", 5, 5 }, { "words and", 6, 5 },
        { "words and", 8, 5 }, { "words and", 9, 9 }, { "a bcdefgh", 5, 1 }, { "ab cdefgh", 5, 2 }, { " bcdefgh", 5, 5 }, { "ab cd ef", 5, 5 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(text_line_length(cases[i].text, cases[i].width), cases[i].len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_largest_numbers),
        cmocka_unit_test(test_text_and_characters),
        cmocka_unit_test(test_a_format_that_ends_too_soon),
        cmocka_unit_test(test_widths),
        cmocka_unit_test(test_a_text_that_does_not_fit_is_cut_and_measured),
        cmocka_unit_test(test_agrees_with_the_c_library),
        cmocka_unit_test(test_text_in_arena),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_lengths_of_lines),
        cmocka_unit_test(test_notes),
        cmocka_unit_test(test_notes_without_memory_are_dropped_whole),
        cmocka_unit_test(test_errors_come_with_the_next_step),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
