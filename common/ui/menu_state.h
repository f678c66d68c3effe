/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * menu_state.h - where a person is in the menu: what keys change (menu.c), and what is drawn (menu_draw.c).
 */
#ifndef LDMBOOT_MENU_STATE_H
#define LDMBOOT_MENU_STATE_H

#include "common/base/log_ring.h"
#include "common/decide/plan.h"

enum menu_page { MENU_PAGE_LIST, MENU_PAGE_DETAILS, MENU_PAGE_LOG, MENU_PAGE_WORD, MENU_PAGE_OPTIONS };

/* What is shown. */
struct menu_content {
    const char             *title;    /* "ldmboot 0.1.0 (BIOS)" */
    const char             *message;  /* why the menu is there, in words */
    const struct ldm_view  *view;
    const struct boot_plan *plan;
    const struct log_ring  *ring;
    struct store_options   *options;  /* for a boot store that is made; keys change them */
};

#define MENU_WORD       "OLDER"  /* to be typed; its letters are in the same place on QWERTY, QWERTZ and AZERTY */
#define MENU_WORD_BYTES 6
#define MENU_LIST_ROWS  7        /* at most */
#define MENU_LIST_ROWS_MIN 2
#define MENU_PAGE_ROWS  19       /* of details and log */

struct menu_state {
    struct menu_content content;
    enum menu_page      page;
    size_t              selected;      /* index into plan->candidates */
    bool                moved;         /* a key has selected a line */
    size_t              first;         /* the one in the list's first row */
    size_t              top;           /* first line of the page that is shown */
    uint32_t            seconds;       /* until nobody is taken to be there, or CONFIG_FOR_EVER */
    uint32_t            idle;          /* the same, after each key */
    char                typed[MENU_WORD_BYTES];
    const char         *hint;          /* about the last key, "" for none */
};

/* The half that the bar is on; NULL when the list is empty. */
const struct plan_candidate *menu_selected(const struct menu_state *m);

#endif
