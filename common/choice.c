/* SPDX-License-Identifier: GPL-2.0-or-later */
/* choice.c - the numbered list of what could be started; see choice.h. */
#include "choice.h"

/* A person may overrule every doubt, but not start what cannot start. */
static bool is_offered(const struct plan_candidate *c)
{
    return c->facts && c->verdict != VERDICT_NEVER;
}

/* The entry with this number, from 1; NULL when there is none. */
static const struct plan_candidate *find_offered(const struct boot_plan *plan, unsigned number)
{
    for (size_t i = 0; i < plan->candidate_count; i++)
        if (is_offered(&plan->candidates[i]) && --number == 0)
            return &plan->candidates[i];
    return NULL;
}

unsigned choice_write(struct log *log, const struct boot_plan *plan)
{
    unsigned count = 0;

    for (; count < CHOICE_MAX; count++) {
        const struct plan_candidate *c = find_offered(plan, count + 1);

        if (!c)
            break;
        if (count == 0)
            log_line(log, "What shall be started?");
        log_line(log, "  %u  %s%s%s, half %s on %s", count + 1, c->volume->name, *c->volume->hint ? " " : "", c->volume->hint,
                 c->component->name, c->facts->disk->dev->name);
    }
    if (count > 0)
        log_line(log, "Press its number. Any other key, or none for %u seconds: the firmware's next device.", CHOICE_SECONDS);
    return count;
}

bool choice_take(struct boot_plan *plan, unsigned key)
{
    const struct plan_candidate *c = key >= '1' && key <= '0' + CHOICE_MAX ? find_offered(plan, key - '0') : NULL;

    if (!c)
        return false;
    plan->chosen = *c;
    plan->result = PLAN_BOOT;
    return true;
}
