/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * screen.h - a screen of text as cells: what is drawn, what is shown, which lines to repaint.
 *
 * bios/ and efi/ paint the changed rows. 24 rows, because a VT100 has no 25th line. Everything drawn is a letter of one
 * column (utf_is_narrow) or one of the glyphs, so that no text from a disk can send a terminal commands or shift a row.
 * Facts: VT100 user guide, chapter 3 (CUP, EL, ED, SGR 0 and 7); text attributes of the PC's screen.
 */
#ifndef LDMBOOT_SCREEN_H
#define LDMBOOT_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCREEN_COLUMNS 80
#define SCREEN_ROWS    24

enum style { STYLE_TEXT, STYLE_FRAME, STYLE_SELECTED, STYLE_HEAD, STYLE_GOOD, STYLE_DOUBT, STYLE_FAINT,
             STYLE_MAP_SELECTED, STYLE_MAP_OTHER, STYLE_MAP_NUMBER, STYLE_COUNT };

/* Characters that are no letters; each console has its own code for them. */
enum glyph { GLYPH_FULL = 1, GLYPH_SHADE, GLYPH_LIGHT, GLYPH_COUNT };

struct cell {
    uint16_t ch;     /* Unicode, or enum glyph */
    uint16_t style;  /* enum style; as wide as `ch`: cells are compared as bytes */
};

struct screen {
    struct cell drawn[SCREEN_ROWS][SCREEN_COLUMNS];
    struct cell shown[SCREEN_ROWS][SCREEN_COLUMNS];
    uint32_t    changed;  /* bit per row: paint it from `shown`; who painted sets it to 0 */
};

/* Start a new picture, all blank. */
void screen_begin(struct screen *s);

/* The picture is complete: it becomes `shown`, and the rows in which it differs from the last one join `changed`. */
void screen_end(struct screen *s);

/* All rows differ from what is on the console, which was cleared or used by others. */
void screen_forget(struct screen *s);

/* UTF-8 text at a place, cut at `width`; what is no letter of one column becomes '?'. Returns the columns used. */
size_t screen_put(struct screen *s, size_t row, size_t column, size_t width, enum style style, const char *text);

/* The first `bytes` of a text. */
size_t screen_put_part(struct screen *s, size_t row, size_t column, enum style style, const char *text, size_t bytes);

/* A name: one that is too long is cut in its middle, for names that differ mostly do so at an end. */
size_t screen_put_name(struct screen *s, size_t row, size_t column, size_t width, enum style style, const char *name);

void screen_fill(struct screen *s, size_t row, size_t column, size_t width, enum style style, char ch);

/* Give cells another style. */
void screen_paint(struct screen *s, size_t row, size_t column, size_t width, enum style style);

/* The style as the PC's attribute byte, which is EFI's too. */
uint8_t style_attribute(uint16_t style);

/* The cell's character for a terminal that has ASCII only; '?' for other letters. */
char cell_ascii(const struct cell *cell);

/* One row of `shown` for a VT100: position, text, reverse where the style asks for it. Returns the length. */
#define SCREEN_VT100_BYTES (SCREEN_COLUMNS * 8 + 24)
size_t screen_vt100_row(const struct screen *s, size_t row, char out[SCREEN_VT100_BYTES]);

#define VT100_CLEAR "\033[m\033[2J\033[H"

#endif
