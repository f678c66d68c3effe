/* SPDX-License-Identifier: GPL-2.0-or-later */
/* screen.c - cells, changed rows, VT100; see screen.h. */
#include "screen.h"

#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/base/utf.h"

#define ALL_ROWS ((1u << SCREEN_ROWS) - 1)

void screen_begin(struct screen *s)
{
    screen_fill(s, 0, 0, SCREEN_COLUMNS, STYLE_TEXT, ' ');
    for (size_t row = 1; row < SCREEN_ROWS; row++)
        memcpy(s->drawn[row], s->drawn[0], sizeof s->drawn[row]);
}

void screen_end(struct screen *s)
{
    for (size_t row = 0; row < SCREEN_ROWS; row++)
        if (memcmp(s->drawn[row], s->shown[row], sizeof s->shown[row]) != 0)
            s->changed |= 1u << row;
    memcpy(s->shown, s->drawn, sizeof s->shown);
}

void screen_forget(struct screen *s)
{
    memset(s->shown, 0, sizeof s->shown);
    s->changed = ALL_ROWS;
}

/* How many columns there are from here, at most `width`. */
static size_t clip(size_t row, size_t column, size_t width)
{
    if (row >= SCREEN_ROWS || column >= SCREEN_COLUMNS)
        return 0;
    return width < SCREEN_COLUMNS - column ? width : SCREEN_COLUMNS - column;
}

static size_t put_letters(struct screen *s, size_t row, size_t column, size_t width, enum style style, struct span text)
{
    size_t n = 0, pos = 0, room = clip(row, column, width);

    while (n < room && pos < text.len) {
        uint32_t c = utf8_letter(text, &pos);

        s->drawn[row][column + n++] = (struct cell){ utf_is_narrow(c) ? (uint16_t)c : '?', (uint16_t)style };
    }
    return n;
}

size_t screen_put(struct screen *s, size_t row, size_t column, size_t width, enum style style, const char *text)
{
    return put_letters(s, row, column, width, style, span_of(text, strlen(text)));
}

size_t screen_put_part(struct screen *s, size_t row, size_t column, enum style style, const char *text, size_t bytes)
{
    return put_letters(s, row, column, SCREEN_COLUMNS, style, span_of(text, bytes));
}

/* Where the letter with this number begins, or the end of the text. */
static size_t letter_at(struct span text, size_t number)
{
    size_t pos = 0;

    for (; number > 0 && pos < text.len; number--)
        (void)utf8_letter(text, &pos);
    return pos;
}

size_t screen_put_name(struct screen *s, size_t row, size_t column, size_t width, enum style style, const char *name)
{
    static const char gap[] = "..";
    struct span       text = span_of(name, strlen(name));
    size_t            letters = utf8_letters(text), head, tail, used;

    if (letters <= width || width <= sizeof gap)
        return put_letters(s, row, column, width, style, text);
    tail = (width - (sizeof gap - 1)) / 2;
    head = width - (sizeof gap - 1) - tail;
    used = put_letters(s, row, column, head, style, text);
    used += screen_put(s, row, column + used, sizeof gap - 1, style, gap);
    tail = letter_at(text, letters - tail);
    return used + put_letters(s, row, column + used, width - used, style, span_from(text, tail));
}

void screen_fill(struct screen *s, size_t row, size_t column, size_t width, enum style style, char ch)
{
    for (size_t n = clip(row, column, width); n > 0; n--)
        s->drawn[row][column + n - 1] = (struct cell){ (uint8_t)ch, (uint16_t)style };
}

void screen_paint(struct screen *s, size_t row, size_t column, size_t width, enum style style)
{
    for (size_t n = clip(row, column, width); n > 0; n--)
        s->drawn[row][column + n - 1].style = (uint16_t)style;
}

uint8_t style_attribute(uint16_t style)
{
    /* background << 4 | foreground */
    static const uint8_t attributes[STYLE_COUNT] = {
        [STYLE_TEXT] = 0x07,  [STYLE_FRAME] = 0x1f, [STYLE_SELECTED] = 0x70,     [STYLE_HEAD] = 0x0f,
        [STYLE_GOOD] = 0x0a,  [STYLE_DOUBT] = 0x0e, [STYLE_FAINT] = 0x08,
        [STYLE_MAP_SELECTED] = 0x0b, [STYLE_MAP_OTHER] = 0x03, [STYLE_MAP_NUMBER] = 0x30,
    };

    return style < STYLE_COUNT ? attributes[style] : attributes[STYLE_TEXT];
}

char cell_ascii(const struct cell *cell)
{
    static const char glyphs[GLYPH_COUNT] = { ' ', '#', '=', '.' };

    if (cell->ch < GLYPH_COUNT)
        return glyphs[cell->ch];
    return cell->ch < 0x7f ? (char)cell->ch : '?';
}

static bool is_reverse(const struct cell *cell)
{
    return cell->style == STYLE_FRAME || cell->style == STYLE_SELECTED;
}

static bool is_blank(const struct cell *cell)
{
    return cell_ascii(cell) == ' ' && !is_reverse(cell);
}

size_t screen_vt100_row(const struct screen *s, size_t row, char out[SCREEN_VT100_BYTES])
{
    const struct cell *cells = s->shown[row];
    size_t             len = text_format(out, SCREEN_VT100_BYTES, "\033[%zu;1H\033[K", row + 1), end = SCREEN_COLUMNS;
    bool               reverse = false;

    while (end > 0 && is_blank(&cells[end - 1]))
        end--;
    for (size_t i = 0; i < end; i++) {
        if (is_reverse(&cells[i]) != reverse) {
            reverse = !reverse;
            len += text_format(out + len, SCREEN_VT100_BYTES - len, reverse ? "\033[7m" : "\033[m");
        }
        if (cells[i].ch < 0x7f)
            out[len++] = cell_ascii(&cells[i]);
        else
            len += utf8_put(cells[i].ch, (uint8_t *)out + len);
    }
    if (reverse)
        len += text_format(out + len, SCREEN_VT100_BYTES - len, "\033[m");
    out[len] = '\0';
    return len;
}
