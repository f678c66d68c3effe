/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan.h - the decision: which half of which volume is started, how, and why not the others.
 *
 * Used by: bios/main.c, efi/main.c, ldmboot-inspect, tests. Pure: no I/O, same
 * input same answer; the arena only holds the answer's lists.
 */
#ifndef LDMBOOT_PLAN_H
#define LDMBOOT_PLAN_H

#include "common/settings/config.h"
#include "lookup.h"
#include "probe.h"

enum plan_result { PLAN_NONE, PLAN_BOOT, PLAN_ASK };

/* How likely a volume is the system volume; lower is better (issue: order of preference). */
enum plan_rank { RANK_LOADER_AND_FLAG, RANK_LOADER, RANK_FLAG, RANK_MIRRORED, RANK_OTHER, RANK_NEVER };

/* May it be started? Only what is GOOD is ever started without a person. */
enum plan_verdict {
    VERDICT_GOOD,
    VERDICT_MARKED,      /* in doubt: when a person chooses it */
    VERDICT_STALE_ONLY,  /* its data is old, and no better half is connected: after a person typed the word shown */
    VERDICT_STALE,       /* its data is old, and a better half is connected: not at all */
    VERDICT_NEVER,       /* it cannot be started */
};

struct plan_candidate {
    const struct ldm_volume      *volume;
    const struct ldm_component   *component;
    const struct component_facts *facts;  /* NULL: never probed (disk missing, striped, ...) */
    enum plan_rank                rank;
    enum plan_verdict             verdict;
    bool                          selected; /* matches the configuration, also when that asks for nothing */
    enum status                   code;   /* OK for what would be started; else why it is rejected */
    const char                   *text;   /* the reason in words, "" when OK */
    struct note_list              age;    /* of an old or disputed half: what is known of when it was written */
    const struct lookup          *lookup; /* how its loader finds things; NULL: no file says how */
};

struct boot_plan {
    enum plan_result       result;
    enum status            reason;          /* why ASK or NONE; OK for BOOT */
    const char            *why;             /* the decision in one sentence; ASK, NONE: the reason is the first note */
    struct plan_candidate  chosen;          /* BOOT: what is started. ASK: the first of the candidates. */
    enum boot_method       method;
    struct note_list       notes;           /* warnings: no loader found, spare half, not retained, ... */
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
const char *boot_method_name(enum boot_method method);  /* "vbr", "uefi-ram", "uefi-esp", "uefi-stick" */

#endif
