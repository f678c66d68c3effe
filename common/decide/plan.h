/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan.h - the decision: which half of which volume is started, how, and why not the others.
 *
 * Pure: no I/O, same input same answer; the arena only holds the answer's lists.
 */
#ifndef LDMBOOT_PLAN_H
#define LDMBOOT_PLAN_H

#include "candidate.h"
#include "common/settings/config.h"

enum plan_result { PLAN_NONE, PLAN_BOOT, PLAN_ASK };

struct boot_plan {
    enum plan_result       result;
    enum status            reason;          /* why ASK or NONE; OK for BOOT */
    const char            *why;             /* the decision in one sentence; ASK, NONE: the reason is the first note */
    struct plan_candidate  chosen;          /* BOOT: what is started. ASK: the first of the candidates. */
    enum boot_method       method;
    struct note_list       notes;           /* warnings: no loader found, spare half, not retained, ... */
    struct store_options   store;           /* what a boot store that is made for it says besides */
    const char            *found_store;     /* a store that could be used instead, in words; NULL: there is none */
    struct plan_candidate *candidates;      /* every component of every volume, best first */
    size_t                 candidate_count;
};

/*
 * Decide. Returns OK (also for NONE and ASK) or NO_MEMORY.
 * cfg: what the person configured (volume, disk, component); never NULL.
 */
NODISCARD enum status plan_boot(const struct ldm_view *view, const struct boot_facts *facts, const struct config *cfg,
                                struct arena *a, struct boot_plan *plan);

/*
 * The half that stands in for sectors which this one, the chosen one or another that is shown, cannot
 * read: of the same volume, and both are GOOD. NULL: there is none.
 */
const struct ldm_component *plan_spare(const struct boot_plan *plan, const struct ldm_component *component);

const char *plan_result_name(enum plan_result result);  /* "boot", "ask", "none" */
const char *boot_method_name(enum boot_method method);  /* "vbr", "bios-ram", "bios-stick", "uefi-ram", "uefi-esp", "uefi-stick" */

#endif
