/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_utf.c - UTF-8 and UTF-16, character by character, right and wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/utf.h"

/* One of each length, and the first and last of each where a rule changes. */
static const struct {
    uint32_t    c;
    const char *utf8, *utf16;
    size_t      units;
} characters[] = {
    { 'A', "A", "A\0", 1 },
    { 0x7f, "\x7f", "\x7f\0", 1 },
    { 0x80, "\xc2\x80", "\x80\0", 1 },
    { 0x7ff, "\xdf\xbf", "\xff\x07", 1 },
    { 0x800, "\xe0\xa0\x80", "\0\x08", 1 },
    { 0xd7ff, "\xed\x9f\xbf", "\xff\xd7", 1 },
    { 0xe000, "\xee\x80\x80", "\0\xe0", 1 },
    { 0xffff, "\xef\xbf\xbf", "\xff\xff", 1 },
    { 0x10000, "\xf0\x90\x80\x80", "\0\xd8\0\xdc", 2 },
    { 0x1f600, "\xf0\x9f\x98\x80", "\x3d\xd8\0\xde", 2 },
    { 0x10ffff, "\xf4\x8f\xbf\xbf", "\xff\xdb\xff\xdf", 2 },
};

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void test_there_and_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(characters); i++) {
        const size_t len = strlen(characters[i].utf8), units = characters[i].units;
        uint8_t      bytes[UTF8_MAX_BYTES], two[2 * UTF16_MAX_UNITS];
        size_t       pos = 0;

        assert_int_equal(utf8_next(span_of(characters[i].utf8, len), &pos), characters[i].c);
        assert_int_equal(pos, len);
        assert_int_equal(utf8_put(characters[i].c, bytes), len);
        assert_memory_equal(bytes, characters[i].utf8, len);
        pos = 0;
        assert_int_equal(utf16_next(span_of(characters[i].utf16, 2 * units), &pos), characters[i].c);
        assert_int_equal(pos, units);
        assert_int_equal(utf16_put(characters[i].c, two), units);
        assert_memory_equal(two, characters[i].utf16, 2 * units);
    }
}

static void test_what_is_not_utf8(void **state)
{
    static const char *const wrong[] = {
        "\x80", "\xbf", "\xc2", "\xc2\x41", "\xe0\xa0", "\xf0\x90\x80",  /* not begun, not ended */
        "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf",       /* longer than needed */
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf4\x90\x80\x80",             /* surrogates, beyond the last */
        "\xf8\x88\x80\x80\x80", "\xff", "Z\xfcrich",
        "\xf8\x90\x80\x80", "\xff\x90\x80\x80", "\x80\x80", "\xbf\xbf",      /* no first byte */
    };

    (void)state;
    assert_true(utf8_valid(span_of("Z\xc3\xbcrich", 7)));
    assert_true(utf8_valid(span_of("", 0)));
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_false(utf8_valid(span_of(wrong[i], strlen(wrong[i]))));
}

static void test_every_byte_is_passed(void **state)
{
    (void)state;
    for (unsigned first = 0; first < 256; first++) {
        uint8_t byte = (uint8_t)first;
        size_t  pos = 0;

        (void)utf8_next(span_of(&byte, 1), &pos);
        assert_true(pos > 0);
    }
}

static void test_lone_surrogates(void **state)
{
    static const char *const lone[] = { "\0\xd8" "A\0", "\0\xdc" "A\0", "\0\xd8\0\xd8" };

    (void)state;
    for (size_t i = 0; i < COUNT(lone); i++) {
        size_t pos = 0;

        assert_int_equal(utf16_next(span_of(lone[i], 4), &pos), UTF_REPLACEMENT);
        assert_int_equal(pos, 1);
    }
}

static void test_controls(void **state)
{
    (void)state;
    assert_true(utf_is_control(0) && utf_is_control('\033') && utf_is_control(0x7f) && utf_is_control(0x9b));
    assert_false(utf_is_control(' ') || utf_is_control('~') || utf_is_control(0xa0) || utf_is_control(0x20ac));
}

/* A text of all characters, one after the other. */
static void test_characters_in_a_row(void **state)
{
    uint8_t utf8[64], utf16[64];
    size_t  len = 0, units = 0, pos8 = 0, pos16 = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(characters); i++) {
        len += utf8_put(characters[i].c, utf8 + len);
        units += utf16_put(characters[i].c, utf16 + 2 * units);
    }
    for (size_t i = 0; i < COUNT(characters); i++) {
        assert_int_equal(utf8_next(span_of(utf8, len), &pos8), characters[i].c);
        assert_int_equal(utf16_next(span_of(utf16, 2 * units), &pos16), characters[i].c);
    }
    assert_int_equal(pos8, len);
    assert_int_equal(pos16, units);
    assert_true(utf8_valid(span_of(utf8, len)));
    assert_int_equal(utf8_letters(span_of(utf8, len)), COUNT(characters));
}

/* What is shown of a broken text: one sign for each byte that belongs to no character. */
static void test_letters(void **state)
{
    static const struct { const char *text; size_t letters; uint32_t first, second; } cases[] = {
        { "ab", 2, 'a', 'b' }, { "\x80" "b", 2, NOT_UTF8, 'b' }, { "\xc2" "b", 2, NOT_UTF8, 'b' }, { "\xe2\x82" "b", 3, NOT_UTF8, NOT_UTF8 },
        { "\xe2\x82\xac" "b", 2, 0x20ac, 'b' }, { "\xff\xff", 2, NOT_UTF8, NOT_UTF8 }, { "\xf4\x90\x80\x80", 4, NOT_UTF8, NOT_UTF8 },
        { "\xc3\xc3\xbc", 2, NOT_UTF8, 0xfc }, { "\x80\xc3\xbc", 2, NOT_UTF8, 0xfc },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct span text = span_of(cases[i].text, strlen(cases[i].text));
        size_t      pos = 0;

        assert_int_equal(utf8_letters(text), cases[i].letters);
        assert_int_equal(utf8_letter(text, &pos), cases[i].first);
        assert_int_equal(utf8_letter(text, &pos), cases[i].second);
    }
    assert_int_equal(utf8_letters(span_of("", 0)), 0);
}

/* A byte that begins nothing is all that is looked at. */
static void test_stray_bytes(void **state)
{
    (void)state;
    for (unsigned first = 0x80; first < 0x100; first++) {
        const uint8_t bytes[] = { (uint8_t)first, 0x90, 0x80, 0x80 };
        size_t        pos = 0;

        if (first >= 0xc0 && first < 0xf8)
            continue;
        assert_int_equal(utf8_next(span_of(bytes, sizeof bytes), &pos), NOT_UTF8);
        assert_int_equal(pos, 1);
    }
}

/* The first and the last of each alphabet, and their neighbours. */
static void test_which_letters_are_narrow(void **state)
{
    static const struct { uint32_t first, last; } narrow[] = {
        { 0x20, 0x7e }, { 0xa0, 0xac }, { 0xae, 0x2ff }, { 0x370, 0x377 }, { 0x37b, 0x482 }, { 0x48a, 0x52f },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(narrow); i++) {
        assert_true(utf_is_narrow(narrow[i].first) && utf_is_narrow(narrow[i].last));
        assert_false(utf_is_narrow(narrow[i].first - 1) || utf_is_narrow(narrow[i].last + 1));
    }
    assert_false(utf_is_narrow(0x301) || utf_is_narrow(0x4e00) || utf_is_narrow(0x1f600) || utf_is_narrow(0x10041));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_what_is_not_utf8),
        cmocka_unit_test(test_every_byte_is_passed),
        cmocka_unit_test(test_lone_surrogates),
        cmocka_unit_test(test_controls),
        cmocka_unit_test(test_characters_in_a_row),
        cmocka_unit_test(test_letters),
        cmocka_unit_test(test_stray_bytes),
        cmocka_unit_test(test_which_letters_are_narrow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
