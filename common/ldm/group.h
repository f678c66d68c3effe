/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * group.h - a disk group of the model: made of records, then judged.
 *
 * Used by: scan.c.
 */
#ifndef LDMBOOT_LDM_GROUP_H
#define LDMBOOT_LDM_GROUP_H

#include "database.h"

/* Objects of the group from the records of its best database, linked to one another. OK or NO_MEMORY. */
NODISCARD enum status group_build(const struct database *db, struct arena *a, struct ldm_group *group);

/* Which of the view's disks are the ones that the group's records name. */
void group_find_disks(struct ldm_group *group, const struct ldm_view *view, struct arena *a);

/* Positions, state, `usable` and the reasons of every component (judge.c). */
void group_judge(struct ldm_group *group, const struct ldm_view *view, const struct database *db, struct arena *a);

#endif
