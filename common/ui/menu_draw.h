/* SPDX-License-Identifier: GPL-2.0-or-later */
/* menu_draw.h - what the menu looks like. Nothing here decides or changes anything but the screen. */
#ifndef LDMBOOT_MENU_DRAW_H
#define LDMBOOT_MENU_DRAW_H

#include "menu_state.h"
#include "screen.h"

/* Bring the screen up to date. */
void menu_draw(const struct menu_state *m, struct screen *s);

/* How many rows the list has: what is said above it takes what it needs, down to MENU_LIST_ROWS_MIN. */
size_t menu_list_rows(const struct menu_state *m);

/* How many lines has the page of text that is open? MENU_PAGE_ROWS of them are on the screen at once. */
size_t menu_text_lines(const struct menu_state *m);

#endif
