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
    ASSERT_KEYS("\033[[Bb\033[[Db", KEY_OTHER, 'b', KEY_OTHER, 'b');                  /* F2 and F4 of Linux's console */
    ASSERT_KEYS("\033[7$b\033[8$b\033[3$b", KEY_HOME, 'b', KEY_END, 'b', KEY_OTHER, 'b');  /* rxvt's, with Shift */
    ASSERT_KEYS("\033[1[b", KEY_OTHER, 'b');
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
    ASSERT_KEYS("\033\033", KEY_ESCAPE);
}

/* What came, a wait that ended, what came then: the keys but for the Escape that the wait ended in. */
static void assert_late(const char *before, const char *after, int first, int second)
{
    int keys[4] = { KEY_NONE, KEY_NONE, KEY_NONE, KEY_NONE };

    decoder = (struct key_decoder){ 0 };
    for (; *before; before++)
        assert_int_equal(key_decode(&decoder, (uint8_t)*before), KEY_NONE);
    assert_true(key_decode_pending(&decoder));
    assert_int_equal(key_decode_end(&decoder), KEY_ESCAPE);  /* somebody is there: a countdown stops */
    assert_false(key_decode_pending(&decoder));
    for (size_t n = 0; *after; after++) {
        int key = key_decode(&decoder, (uint8_t)*after);

        assert_true(n < 3);
        if (key != KEY_NONE)
            keys[n++] = key;
    }
    assert_int_equal(keys[0], first);
    assert_int_equal(keys[1], second);
    assert_int_equal(keys[2], KEY_NONE);
}

/* The B that ends the Down key is the menu's key to leave. */
static void test_the_rest_of_a_key_may_come_late(void **state)
{
    (void)state;
    assert_late("\033", "[Bb", KEY_DOWN, 'b');
    assert_late("\033", "[6~", KEY_PAGE_DOWN, KEY_NONE);
    assert_late("\033[", "Bb", KEY_DOWN, 'b');
    assert_late("\033O", "A", KEY_UP, KEY_NONE);
    assert_late("\033[", "Hh", KEY_HOME, 'h');
    assert_late("\033[5", "~~", KEY_PAGE_UP, '~');
    assert_late("\033[[", "B2", KEY_DOWN, '2');
}

static void test_what_is_typed_for_a_rest_that_was_lost_is_keys(void **state)
{
    (void)state;
    assert_late("\033", "O", 'O', KEY_NONE);
    assert_late("\033", "\r[", KEY_ENTER, '[');
    assert_late("\033[", "2\r", '2', KEY_ENTER);
    assert_late("\033[", "bB", 'b', 'B');
    assert_late("\033[", "@I", '@', 'I');
    assert_late("\033[7", "o", 'o', KEY_NONE);
    assert_late("\033[", "\033[B", KEY_DOWN, KEY_NONE);
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
        cmocka_unit_test(test_the_rest_of_a_key_may_come_late),
        cmocka_unit_test(test_what_is_typed_for_a_rest_that_was_lost_is_keys),
        cmocka_unit_test(test_an_escape_begins_anew),
        cmocka_unit_test(test_any_bytes_are_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
