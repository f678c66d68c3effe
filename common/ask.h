/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ask.h - the person at the console: the countdown before a start, the question when the
 * plan cannot decide, the time to read an error.
 *
 * Used by: bios/main.c, efi/main.c: the same words on both. Facts: docs/interfaces.md (timeout, on-error).
 */
#ifndef LDMBOOT_ASK_H
#define LDMBOOT_ASK_H

#include "plan.h"

#define ASK_NO_KEY  (-1)
#define ASK_SECONDS 30u  /* for an answer, or to read an error; then the next boot device gets its turn */

struct ask_console {
    struct log *log;
    int (*wait_key)(uint32_t seconds);  /* the character of a key, 0 for keys without one, or ASK_NO_KEY */
};

/*
 * Start this plan? BOOT: after the countdown, unless a key asks for the list. ASK: what a
 * person picks from the list. NONE: no. True: plan->chosen is to be started.
 */
bool ask_decide(const struct ask_console *console, const struct config *cfg, struct boot_plan *plan);

/* A question with one answer, the key '1'. Nobody there, or any other key, is no. */
bool ask_yes(const struct ask_console *console, const char *question);

/* Time to read, or for ever when the configuration says so; then the caller goes back to the firmware. */
void ask_leave(const struct ask_console *console, const struct config *cfg);

#endif
