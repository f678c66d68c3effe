/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_screen.c - cells, what has to be painted again, and what a VT100 is sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/ui/screen.h"

static struct screen s;
static char          out[SCREEN_VT100_BYTES];

/* An empty picture that was painted. */
static void start(void)
{
    screen_forget(&s);
    screen_begin(&s);
    screen_end(&s);
    s.changed = 0;
    screen_begin(&s);
}

static void test_everything_is_painted_at_first(void **state)
{
    (void)state;
    screen_forget(&s);
    screen_begin(&s);
    screen_end(&s);
    assert_int_equal(s.changed, 0xffffff);
}

static void test_only_changed_rows_are_painted(void **state)
{
    (void)state;
    start();
    assert_int_equal(screen_put(&s, 3, 0, 80, STYLE_TEXT, "three"), 5);
    screen_fill(&s, 23, 79, 1, STYLE_FRAME, ' ');  /* a style alone is a difference */
    screen_end(&s);
    assert_int_equal(s.changed, 1u << 3 | 1u << 23);
}

/* Two pictures before one is painted: what the first changed and the second put back is painted too. */
static void test_changes_wait_for_who_paints(void **state)
{
    (void)state;
    start();
    (void)screen_put(&s, 3, 0, 80, STYLE_TEXT, "three");
    screen_end(&s);
    screen_begin(&s);
    (void)screen_put(&s, 4, 0, 80, STYLE_TEXT, "four");
    screen_end(&s);
    assert_int_equal(s.changed, 1u << 3 | 1u << 4);
}

/* Of a new picture every row is blank and of no style, whatever was in the last one; and every row that changes is painted. */
static void test_each_row_by_itself(void **state)
{
    (void)state;
    for (size_t row = 0; row < SCREEN_ROWS; row++) {
        start();
        screen_fill(&s, row, 0, SCREEN_COLUMNS, STYLE_HEAD, 'x');
        screen_end(&s);
        assert_int_equal(s.changed, 1u << row);
        screen_begin(&s);
        for (size_t i = 0; i < SCREEN_COLUMNS; i++) {
            assert_int_equal(s.drawn[row][i].ch, ' ');
            assert_int_equal(s.drawn[row][i].style, STYLE_TEXT);
        }
    }
}

static void test_nothing_is_drawn_outside(void **state)
{
    (void)state;
    start();
    assert_int_equal(screen_put(&s, 0, 78, 80, STYLE_TEXT, "abc"), 2);
    assert_int_equal(screen_put(&s, 0, 80, 80, STYLE_TEXT, "abc"), 0);
    assert_int_equal(screen_put(&s, SCREEN_ROWS, 0, 80, STYLE_TEXT, "abc"), 0);
    assert_int_equal(screen_put(&s, 5, 10, 2, STYLE_TEXT, "abc"), 2);
    screen_fill(&s, 6, 70, 500, STYLE_TEXT, 'x');
    screen_end(&s);
    assert_int_equal(s.shown[5][12].ch, ' ');
    assert_int_equal(s.shown[7][0].ch, ' ');
    assert_int_equal(s.shown[6][79].ch, 'x');
}

static void test_a_terminal_gets_position_and_reverse(void **state)
{
    size_t len;

    (void)state;
    start();
    (void)screen_put(&s, 2, 1, 80, STYLE_TEXT, "ab");
    (void)screen_put(&s, 2, 3, 80, STYLE_SELECTED, "cd");
    (void)screen_put(&s, 2, 5, 80, STYLE_GOOD, "e");
    screen_fill(&s, 2, 6, 1, STYLE_MAP_OTHER, GLYPH_SHADE);
    screen_end(&s);
    len = screen_vt100_row(&s, 2, out);
    assert_string_equal(out, "\033[3;1H\033[K ab\033[7mcd\033[me=");
    assert_int_equal(len, strlen(out));
    len = screen_vt100_row(&s, 4, out);
    assert_string_equal(out, "\033[5;1H\033[K");
    assert_int_equal(len, strlen(out));
    (void)screen_put(&s, 23, 70, 80, STYLE_TEXT, "{|}~");
    screen_fill(&s, 23, 74, 6, STYLE_FRAME, ' ');  /* reverse to the end: what is printed next is not */
    screen_end(&s);
    len = screen_vt100_row(&s, 23, out);
    assert_string_equal(out + len - 19, "  {|}~\033[7m      \033[m");
    assert_int_equal(len, strlen(out));
}

static void test_the_longest_row_fits(void **state)
{
    (void)state;
    start();
    for (size_t i = 0; i < SCREEN_COLUMNS; i++)
        screen_fill(&s, 23, i, 1, i % 2 ? STYLE_TEXT : STYLE_SELECTED, 'x');
    screen_end(&s);
    assert_true(screen_vt100_row(&s, 23, out) < sizeof out);
}

/* Names come from disks: no escape sequence of theirs reaches a terminal. */
static void test_texts_cannot_send_commands(void **state)
{
    (void)state;
    start();
    (void)screen_put(&s, 0, 0, 80, STYLE_TEXT, "a\033[2J\x9b\xc3\xa4\x01\x7f");
    screen_end(&s);
    (void)screen_vt100_row(&s, 0, out);
    assert_string_equal(out, "\033[1;1H\033[Ka?[2J?\xc3\xa4??");
}

/* A letter is one column, whatever its bytes; what has more columns, or none, is '?'. */
static void test_letters(void **state)
{
    (void)state;
    start();
    assert_int_equal(screen_put(&s, 0, 0, 80, STYLE_TEXT, "Gr\xc3\xb6\xc3\x9f" "e \xe6\x97\xa5|" "e\xcc\x81|\xd0\x96"), 12);
    assert_int_equal(s.drawn[0][2].ch, 0xf6);
    assert_int_equal(s.drawn[0][3].ch, 0xdf);
    assert_int_equal(s.drawn[0][6].ch, '?');   /* a Chinese character takes two columns */
    assert_int_equal(s.drawn[0][9].ch, '?');   /* an accent that joins the letter before takes none */
    assert_int_equal(s.drawn[0][11].ch, 0x416);
    assert_int_equal(cell_ascii(&s.drawn[0][2]), '?');
    (void)screen_put(&s, 1, 0, 80, STYLE_TEXT, " ~");
    assert_int_equal(cell_ascii(&s.drawn[1][0]), ' ');
    assert_int_equal(cell_ascii(&s.drawn[1][1]), '~');
}

/* Names that differ at an end stay different. */
static void test_long_names_are_cut_in_the_middle(void **state)
{
    static const char *const names[] = { "DATABASE-PRODUCTION-01", "DATABASE-PRODUCTION-02", "K\xc3\xb6ln-PRODUCTION-\xc3\xa4" "1" };
    static const char *const shown[] = { "DATAB..N-01", "DATAB..N-02", "K?ln-..N-?1" };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char text[12] = "";

        start();
        assert_int_equal(screen_put_name(&s, 0, 0, 11, STYLE_TEXT, names[i]), 11);
        for (size_t k = 0; k < 11; k++)
            text[k] = cell_ascii(&s.drawn[0][k]);
        assert_string_equal(text, shown[i]);
    }
    assert_int_equal(screen_put_name(&s, 0, 0, 11, STYLE_TEXT, "Volume1"), 7);
}

static void test_names_that_just_fit(void **state)
{
    static const struct { size_t width; const char *name, *shown; } cases[] = {
        { 11, "Elevenchars", "Elevenchars" }, { 10, "Elevenchars", "Elev..hars" }, { 4, "abcdef", "a..f" }, { 3, "abcdef", "abc" },
        { 1, "abcdef", "a" }, { 5, "abcdef", "ab..f" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char   text[16] = "";
        size_t n;

        start();
        n = screen_put_name(&s, 0, 0, cases[i].width, STYLE_TEXT, cases[i].name);
        assert_int_equal(n, strlen(cases[i].shown));
        for (size_t k = 0; k < n; k++)
            text[k] = cell_ascii(&s.drawn[0][k]);
        assert_string_equal(text, cases[i].shown);
        assert_int_equal(s.drawn[0][n].ch, ' ');
    }
}

/* The colours of a PC's text screen: background, foreground. */
static void test_colours(void **state)
{
    enum { BLACK, BLUE, CYAN = 3, GREY = 7, DARK_GREY, LIGHT_GREEN = 10, LIGHT_CYAN, YELLOW = 14, WHITE };
    static const struct { enum style style; uint8_t background, foreground; } cases[] = {
        { STYLE_TEXT, BLACK, GREY }, { STYLE_FRAME, BLUE, WHITE }, { STYLE_SELECTED, GREY, BLACK }, { STYLE_HEAD, BLACK, WHITE },
        { STYLE_GOOD, BLACK, LIGHT_GREEN }, { STYLE_DOUBT, BLACK, YELLOW }, { STYLE_FAINT, BLACK, DARK_GREY },
        { STYLE_MAP_SELECTED, BLACK, LIGHT_CYAN }, { STYLE_MAP_OTHER, BLACK, CYAN }, { STYLE_MAP_NUMBER, CYAN, BLACK },
    };

    (void)state;
    assert_int_equal(sizeof cases / sizeof cases[0], STYLE_COUNT);
    for (size_t i = 0; i < STYLE_COUNT; i++)
        assert_int_equal(style_attribute((uint16_t)cases[i].style), cases[i].background << 4 | cases[i].foreground);
    assert_int_equal(style_attribute(STYLE_COUNT), GREY);
}

static void test_attributes_can_be_read(void **state)
{
    (void)state;
    for (uint8_t style = 0; style < STYLE_COUNT; style++) {
        uint8_t attribute = style_attribute(style);

        assert_int_not_equal(attribute >> 4, attribute & 15);
        assert_true(attribute < 0x80);  /* EFI has eight backgrounds, and on a PC the bit blinks */
    }
    assert_int_equal(style_attribute(200), style_attribute(STYLE_TEXT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_is_painted_at_first),
        cmocka_unit_test(test_only_changed_rows_are_painted),
        cmocka_unit_test(test_changes_wait_for_who_paints),
        cmocka_unit_test(test_each_row_by_itself),
        cmocka_unit_test(test_nothing_is_drawn_outside),
        cmocka_unit_test(test_a_terminal_gets_position_and_reverse),
        cmocka_unit_test(test_the_longest_row_fits),
        cmocka_unit_test(test_texts_cannot_send_commands),
        cmocka_unit_test(test_letters),
        cmocka_unit_test(test_long_names_are_cut_in_the_middle),
        cmocka_unit_test(test_attributes_can_be_read),
        cmocka_unit_test(test_names_that_just_fit),
        cmocka_unit_test(test_colours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
