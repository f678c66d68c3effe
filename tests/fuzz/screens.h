/* SPDX-License-Identifier: GPL-2.0-or-later */
/* screens.h - what holds of every screen: no character that a terminal or a display would take for something else. */
#ifndef LDMBOOT_TESTS_SCREENS_H
#define LDMBOOT_TESTS_SCREENS_H

#include "common/ui/screen.h"
#include "require.h"

static void check_rows(const struct screen *s, uint32_t rows)
{
    for (size_t row = 0; row < SCREEN_ROWS; row++)
        for (size_t column = 0; rows >> row & 1u && column < SCREEN_COLUMNS; column++) {
            const struct cell *c = &s->shown[row][column];

            require(c->style < STYLE_COUNT && ((c->ch > 0 && c->ch < GLYPH_COUNT) || (c->ch >= ' ' && (c->ch < 0x7f || c->ch > 0x9f))));
        }
}

static void check_screen(const struct screen *s) { check_rows(s, UINT32_MAX); }

/* Of one that is checked after each picture: what would be painted now. */
static void check_changes(struct screen *s)
{
    check_rows(s, s->changed);
    s->changed = 0;
}

#endif
