/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * candidate.h - judge one component: could it be started, should a person be asked
 * first, and how likely is its volume the right one.
 *
 * Used by: plan.c. The rules themselves are in docs/how-it-chooses.md.
 */
#ifndef LDMBOOT_CANDIDATE_H
#define LDMBOOT_CANDIDATE_H

#include "plan.h"

/*
 * Judge a component by itself and by the state of its group. `text` of the answer
 * is in the arena; `selected` is left for the caller.
 */
struct plan_candidate candidate_judge(const struct ldm_view *view, const struct boot_facts *facts,
                                      const struct ldm_component *component, struct arena *a);

/* Set code and text ("Volume3-01 on hd81: sentence"). */
void candidate_mark(struct plan_candidate *c, struct arena *a, enum status code);

/* "hd81", or the name the database has for it when the disk is not connected. */
const char *candidate_disk_name(const struct plan_candidate *c);

#endif
