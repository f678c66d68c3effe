/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * consent.h - what a person has to do before a half is started that the plan does not start by itself.
 *
 * Used by: menu.c. Rules in words: docs/how-it-chooses.md.
 */
#ifndef LDMBOOT_CONSENT_H
#define LDMBOOT_CONSENT_H

#include "plan.h"

enum consent {
    CONSENT_CHOOSE,  /* choosing it is enough */
    CONSENT_WORD,    /* its data is old: a word has to be typed */
    CONSENT_BETTER,  /* its data is old, and a better half of the volume is here: not at all */
    CONSENT_NEVER,   /* it cannot be started */
};

enum consent consent_for(const struct boot_plan *plan, const struct plan_candidate *c);

#endif
