/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_log_ring.c - lines go on, and the last of them are kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/log_ring.h"

static char     first[LOG_RING_WIDTH + 40], last[LOG_RING_WIDTH + 40];
static unsigned lines;

static void note_line(struct log *log, const char *text)
{
    (void)log;
    if (lines++ == 0)
        strcpy(first, text);
    strcpy(last, text);
}

static struct log       sink = { note_line };
static struct log_ring  ring;
static unsigned char    memory[LOG_RING_LINES * LOG_RING_WIDTH + 64];

static void write_lines(unsigned n, size_t bytes)
{
    struct arena a = arena_of(memory, bytes);

    log_ring_init(&ring, &sink, &a);
    lines = 0;
    for (unsigned i = 1; i <= n; i++)
        log_line(&ring.log, "line %u", i);
    assert_int_equal(lines, n);
    lines = 0;
    log_ring_replay(&ring, &sink);
}

static void test_what_was_written_comes_again(void **state)
{
    (void)state;
    write_lines(3, sizeof memory);
    assert_int_equal(lines, 3);
    assert_string_equal(first, "line 1");
    assert_string_equal(last, "line 3");
}

static void test_the_oldest_lines_make_room(void **state)
{
    (void)state;
    write_lines(LOG_RING_LINES + 7, sizeof memory);
    assert_int_equal(lines, LOG_RING_LINES);
    assert_string_equal(first, "line 8");
    assert_string_equal(last, "line 263");
}

static void test_long_lines_are_cut(void **state)
{
    struct arena a = arena_of(memory, sizeof memory);
    char         text[LOG_RING_WIDTH + 40];

    (void)state;
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    log_ring_init(&ring, &sink, &a);
    ring.log.line(&ring.log, text);
    assert_int_equal(strlen(last), sizeof text - 1);  /* passed on whole */
    log_ring_replay(&ring, &sink);
    assert_int_equal(strlen(last), LOG_RING_WIDTH - 1);
}

static void test_without_memory_lines_still_go_on(void **state)
{
    (void)state;
    write_lines(3, 100);
    assert_int_equal(lines, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_written_comes_again),
        cmocka_unit_test(test_the_oldest_lines_make_room),
        cmocka_unit_test(test_long_lines_are_cut),
        cmocka_unit_test(test_without_memory_lines_still_go_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
