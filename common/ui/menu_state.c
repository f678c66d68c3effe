/* SPDX-License-Identifier: GPL-2.0-or-later */
/* menu_state.c - see menu_state.h. */
#include "menu_state.h"

const struct plan_candidate *menu_selected(const struct menu_state *m)
{
    return m->selected < m->content.plan->candidate_count ? &m->content.plan->candidates[m->selected] : NULL;
}
