/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * menu.h - the list a person chooses from: keys and seconds go in, a screen and an answer come out.
 *
 * Used by: ask.c, which brings keys and shows the screen. Pure: no I/O, no decision of its own: what may be
 * started, and after what, is each candidate's verdict (plan.h). What it does with keys is in docs/menu.md.
 */
#ifndef LDMBOOT_MENU_H
#define LDMBOOT_MENU_H

#include "common/base/log_ring.h"
#include "common/decide/plan.h"
#include "screen.h"

enum menu_answer {
    MENU_STAY,    /* go on */
    MENU_START,   /* start menu_choice() */
    MENU_RESCAN,  /* look at the disks again */
    MENU_LEAVE,   /* the firmware's next boot device: the person says so, or nobody is there */
};

enum menu_page { MENU_PAGE_LIST, MENU_PAGE_DETAILS, MENU_PAGE_LOG, MENU_PAGE_WORD };

/* What is shown. */
struct menu_content {
    const char             *title;    /* "ldmboot 0.1.0 (BIOS)" */
    const char             *message;  /* why the menu is there, in words */
    const struct ldm_view  *view;
    const struct boot_plan *plan;
    const struct log_ring  *ring;
};

#define MENU_WORD       "OLDER"  /* to be typed; its letters are in the same place on QWERTY, QWERTZ and AZERTY */
#define MENU_WORD_BYTES 6
#define MENU_IDLE_SECONDS 600u  /* after a key: time to read, but line noise must not hold a server for ever */
#define MENU_LIST_ROWS  7
#define MENU_PAGE_ROWS  19       /* of details and log */

struct menu {
    struct menu_content content;
    enum menu_page      page;
    size_t              selected;      /* index into plan->candidates */
    bool                moved;         /* a key has selected a line */
    size_t              first;         /* the one in the list's first row */
    size_t              top;           /* first line of the page that is shown */
    size_t              lines;         /* that the page has */
    uint32_t            seconds;       /* until nobody is taken to be there */
    char                typed[MENU_WORD_BYTES];
    const char         *hint;          /* about the last key, "" for none */
    struct screen       screen;
};

/* Show the list. `seconds`: how long a person has for a first key. */
void menu_open(struct menu *m, const struct menu_content *content, uint32_t seconds);

/* A key (keys.h). */
enum menu_answer menu_key(struct menu *m, int key);

/* A second went by without one. */
enum menu_answer menu_second(struct menu *m);

/* What MENU_START starts; NULL when the list is empty. */
const struct plan_candidate *menu_choice(const struct menu *m);

/* menu_draw.c: bring m->screen up to date. */
void menu_draw(struct menu *m);

#endif
