/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * choice.h - the question when a plan says PLAN_ASK: a numbered list, answered with one digit.
 *
 * Used by: bios/main.c, efi/main.c, so that both ask in the same words. Waiting for the key is theirs.
 */
#ifndef LDMBOOT_CHOICE_H
#define LDMBOOT_CHOICE_H

#include "plan.h"

#define CHOICE_MAX     9u   /* one digit */
#define CHOICE_SECONDS 30u  /* then the firmware's next device gets its turn (docs/interfaces.md) */

/* Write the list of what a person may start, and how to answer. Returns how many there are; 0: nothing is written. */
unsigned choice_write(struct log *log, const struct boot_plan *plan);

/*
 * Take the answer, a character. True: it names an entry; the plan now boots that one.
 * False, for every other key: the plan is as it was.
 */
bool choice_take(struct boot_plan *plan, unsigned key);

#endif
