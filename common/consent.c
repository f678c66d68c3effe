/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * consent.c - see consent.h.
 *
 * Windows would load its registry from the old half, and then mount the newer one: so an old
 * half is started only when no better one is connected (docs/windows-boot.md, docs/how-it-chooses.md).
 */
#include "consent.h"

/* Is its data probably older than another half's? A hibernation file, or a log that is lost, is another doubt. */
static bool is_old(const struct plan_candidate *c)
{
    switch (c->component->state) {
    case COMPONENT_STALE: case COMPONENT_RESYNC: case COMPONENT_FAILED:
        return true;
    default:
        return c->code == STATUS_DATABASE_OLD;
    }
}

static bool better_half_is_here(const struct boot_plan *plan, const struct plan_candidate *old)
{
    for (size_t i = 0; i < plan->candidate_count; i++) {
        const struct plan_candidate *c = &plan->candidates[i];

        if (c->volume == old->volume && c->verdict != VERDICT_NEVER && !is_old(c))
            return true;
    }
    return false;
}

enum consent consent_for(const struct boot_plan *plan, const struct plan_candidate *c)
{
    if (c->verdict == VERDICT_NEVER)
        return CONSENT_NEVER;
    if (c->verdict == VERDICT_GOOD || !is_old(c))
        return CONSENT_CHOOSE;
    return better_half_is_here(plan, c) ? CONSENT_BETTER : CONSENT_WORD;
}
