/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ask.h - the person at the console: the countdown before a start, the menu when the plan cannot
 * decide or a person wants it, the time to read an error.
 *
 * The same words with both firmwares. Facts: docs/interfaces.md (timeout, question-timeout, on-error).
 */
#ifndef LDMBOOT_ASK_H
#define LDMBOOT_ASK_H

#include "menu.h"

/*
 * How long a question, or what an error left on the screen, waits before the next boot device gets its turn:
 * question-timeout; without it for ever when somebody can be there, else so long.
 */
#define ASK_SECONDS 300u

/* What a console can do. */
struct ask_console {
    struct log *log;
    int  (*wait_key)(uint32_t seconds);          /* a key (keys.h), or KEY_NONE after so many seconds */
    void (*text)(const char *text);              /* without a line end */
    void (*open_screen)(void);                   /* the menu comes: clear, no cursor */
    void (*paint)(const struct screen *screen);  /* the rows in screen->changed */
    void (*close_screen)(void);                  /* the menu goes: clear, lines again */
    bool (*attended)(void);                      /* somebody can be there: a display was found, or a key came */
};

/* Everything a question is about. */
struct ask_scene {
    const struct ask_console *console;
    const struct log_ring    *ring;
    const char               *title;    /* "ldmboot 0.1.0 (BIOS)" */
    const struct config      *cfg;
    const struct ldm_view    *view;
    struct boot_plan         *plan;
    struct menu              *menu;     /* memory for it */
};

enum ask_answer {
    ASK_START,   /* plan->chosen, by the plan or by a person; plan->result is BOOT */
    ASK_RESCAN,  /* look at the disks again */
    ASK_LEAVE,   /* the firmware's next boot device */
};

/* At the very start: keys for the firmware's own menu are no answers to ours. Those that come later are. */
void ask_forget_keys(const struct ask_console *console);

/* A read of this disk took so long to fail, and another one is to come: says so. False: a key was pressed, so not. */
bool ask_keep_waiting(const struct ask_console *console, const char *disk, uint32_t seconds);

/* After a plan: BOOT: a countdown, in which any key opens the menu. ASK: the menu. NONE: as after an error. */
enum ask_answer ask_about_plan(const struct ask_scene *scene);

/*
 * After `code`, about `subject`, was said: on-error = next: time to read it, and a key for the menu;
 * menu: the menu; halt: for ever.
 */
enum ask_answer ask_after_error(const struct ask_scene *scene, enum status code, const char *subject);

/* A question with one answer, the key '1'. Nobody there, or any other key, is no. */
bool ask_yes(const struct ask_console *console, const struct config *cfg, const char *question);

/* Time to read, when there is nothing a menu could show; for ever with on-error = halt. */
void ask_leave(const struct ask_console *console, const struct config *cfg);

#endif
