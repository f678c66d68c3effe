/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * menu.h - the list a person chooses from: keys and seconds go in, a screen and an answer come out.
 *
 * ask.c brings keys and shows the screen. Pure: no I/O, no decision of its own: what may be
 * started, and after what, is each candidate's verdict (plan.h). What it does with keys is in docs/menu.md.
 */
#ifndef LDMBOOT_MENU_H
#define LDMBOOT_MENU_H

#include "menu_state.h"
#include "screen.h"

enum menu_answer {
    MENU_STAY,    /* go on */
    MENU_START,   /* start menu_choice() */
    MENU_RESCAN,  /* look at the disks again */
    MENU_LEAVE,   /* the firmware's next boot device: the person says so, or nobody is there */
};

#define MENU_IDLE_SECONDS 600u  /* after a key: time to read, whatever time there was for the first one */

struct menu {
    struct menu_state state;
    struct screen     screen;
};

/* Show the list. `seconds`: how long a person has for a first key; `idle`: for each one after it. CONFIG_FOR_EVER: no end. */
void menu_open(struct menu *menu, const struct menu_content *content, uint32_t seconds, uint32_t idle);

/* A key (keys.h). */
enum menu_answer menu_key(struct menu *menu, int key);

/* A second went by without one. */
enum menu_answer menu_second(struct menu *menu);

/* What MENU_START starts; NULL when the list is empty. */
const struct plan_candidate *menu_choice(const struct menu *menu);

#endif
