/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_keys.c - what a serial terminal sends, as keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/ui/keys.h"

static struct key_decoder decoder;

/* Feed a text; the keys must be those of the list, which ends with KEY_NONE. */
static void assert_keys(const char *text, size_t len, const int *keys)
{
    decoder = (struct key_decoder){ 0 };
    for (size_t i = 0; i < len; i++) {
        int key = key_decode(&decoder, (uint8_t)text[i]);

        if (key != KEY_NONE)
            assert_int_equal(key, *keys++);
    }
    assert_int_equal(*keys, KEY_NONE);
}

#define ASSERT_KEYS(text, ...) assert_keys(text, sizeof(text) - 1, (const int[]){ __VA_ARGS__, KEY_NONE })

static void test_characters(void **state)
{
    (void)state;
    ASSERT_KEYS("a1 ~", 'a', '1', ' ', '~');
    ASSERT_KEYS("\b\x7f", KEY_BACKSPACE, KEY_BACKSPACE);
}

static void test_every_line_end_is_one_enter(void **state)
{
    (void)state;
    ASSERT_KEYS("\r", KEY_ENTER);
    ASSERT_KEYS("\n", KEY_ENTER);
    ASSERT_KEYS("\r\n", KEY_ENTER);
    ASSERT_KEYS("\r\0x", KEY_ENTER, 'x');  /* telnet */
    ASSERT_KEYS("\r\r\n\n", KEY_ENTER, KEY_ENTER, KEY_ENTER);
}

static void test_cursor_and_editing_keys(void **state)
{
    (void)state;
    ASSERT_KEYS("\033[A\033[B\033[H\033[F", KEY_UP, KEY_DOWN, KEY_HOME, KEY_END);
    ASSERT_KEYS("\033OA\033OB", KEY_UP, KEY_DOWN);  /* application mode */
    ASSERT_KEYS("\033[5~\033[6~\033[1~\033[4~", KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_HOME, KEY_END);
    ASSERT_KEYS("x\033[Ay", 'x', KEY_UP, 'y');
}

/* ESC [ number ~: the number says which key; all the others have no meaning here. */
static void test_the_numbers_of_editing_keys(void **state)
{
    static const int known[] = { [1] = KEY_HOME, [4] = KEY_END, [5] = KEY_PAGE_UP, [6] = KEY_PAGE_DOWN, [7] = KEY_HOME, [8] = KEY_END };

    (void)state;
    for (unsigned number = 0; number < 3000; number++) {
        char text[16];
        int  len = snprintf(text, sizeof text, "\033[%u~x", number);
        const int wanted[] = { number < 9 && known[number] ? known[number] : KEY_OTHER, 'x', KEY_NONE };

        assert_keys(text, (size_t)len, wanted);
    }
    ASSERT_KEYS("\033[~x", KEY_OTHER, 'x');
    ASSERT_KEYS("\033[5~\033[~\033[6~", KEY_PAGE_UP, KEY_OTHER, KEY_PAGE_DOWN);  /* each has its own number */
}

/* Keys without a meaning here end where they end: nothing of them is taken for a character. */
static void test_unknown_sequences_are_swallowed_whole(void **state)
{
    (void)state;
    ASSERT_KEYS("\033[15~b", KEY_OTHER, 'b');
    ASSERT_KEYS("\033[1;5Cb", KEY_OTHER, 'b');
    ASSERT_KEYS("\033xb", KEY_OTHER, 'b');
    ASSERT_KEYS("\033[?62;1cb", KEY_OTHER, 'b');
    ASSERT_KEYS("\033[2 qb", KEY_OTHER, 'b');       /* a blank and a question mark are the first and the last before an end */
    ASSERT_KEYS("\033[3@b", KEY_OTHER, 'b');        /* and this is the first end */
    ASSERT_KEYS("\033[3\x1f" "b", KEY_OTHER, 'b');  /* no control character belongs to one */
    ASSERT_KEYS("\033[Cb\033[Db\033[Eb", KEY_OTHER, 'b', KEY_OTHER, 'b', KEY_OTHER, 'b');
}

static void test_a_bare_escape_ends_by_time(void **state)
{
    (void)state;
    decoder = (struct key_decoder){ 0 };
    assert_false(key_decode_pending(&decoder));
    assert_int_equal(key_decode(&decoder, 0x1b), KEY_NONE);
    assert_true(key_decode_pending(&decoder));
    assert_int_equal(key_decode_end(&decoder), KEY_ESCAPE);
    assert_false(key_decode_pending(&decoder));
    assert_int_equal(key_decode(&decoder, 'O'), 'O');  /* not part of a sequence any more */
    ASSERT_KEYS("\033\033", KEY_ESCAPE);
}

/* ESC, a stall, and the rest of the Down key: its B is the menu's key to leave. */
static void test_a_sequence_that_stalls_is_swallowed(void **state)
{
    static const char sequence[] = "[6~";

    (void)state;
    decoder = (struct key_decoder){ 0 };
    (void)key_decode(&decoder, 0x1b);
    assert_int_equal(key_decode_end(&decoder), KEY_ESCAPE);
    assert_int_equal(key_decode(&decoder, '['), KEY_NONE);
    assert_false(key_decode_pending(&decoder));  /* however long it takes */
    assert_int_equal(key_decode(&decoder, 'B'), KEY_DOWN);
    assert_int_equal(key_decode(&decoder, 'b'), 'b');
    (void)key_decode(&decoder, 0x1b);
    assert_int_equal(key_decode_end(&decoder), KEY_ESCAPE);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(key_decode(&decoder, (uint8_t)sequence[i]), KEY_NONE);
    assert_int_equal(key_decode(&decoder, (uint8_t)sequence[2]), KEY_PAGE_DOWN);
    (void)key_decode(&decoder, 0x1b);
    assert_int_equal(key_decode_end(&decoder), KEY_ESCAPE);
    assert_int_equal(key_decode(&decoder, '\r'), KEY_ENTER);  /* another key after it is one */
    assert_int_equal(key_decode(&decoder, '['), '[');
}

static void test_an_escape_begins_anew(void **state)
{
    (void)state;
    ASSERT_KEYS("\033[\033[Ax", KEY_UP, 'x');
    ASSERT_KEYS("\033[1\033[~x", KEY_OTHER, 'x');  /* without the number of the one before */
    ASSERT_KEYS("\033\033[Bx", KEY_ESCAPE, KEY_DOWN, 'x');
    ASSERT_KEYS("\033\033x", KEY_ESCAPE, 'x');
}

static void test_any_bytes_are_survived(void **state)
{
    uint32_t random = 1;

    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        int key;

        random = random * 1664525u + 1013904223u;
        key = key_decode(&decoder, (uint8_t)(random >> 24));
        assert_true(key >= KEY_NONE && key <= KEY_OTHER);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_characters),
        cmocka_unit_test(test_every_line_end_is_one_enter),
        cmocka_unit_test(test_cursor_and_editing_keys),
        cmocka_unit_test(test_the_numbers_of_editing_keys),
        cmocka_unit_test(test_unknown_sequences_are_swallowed_whole),
        cmocka_unit_test(test_a_bare_escape_ends_by_time),
        cmocka_unit_test(test_a_sequence_that_stalls_is_swallowed),
        cmocka_unit_test(test_an_escape_begins_anew),
        cmocka_unit_test(test_any_bytes_are_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
