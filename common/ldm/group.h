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

/*
 * Read the databases of the group's other disks, and mark what they dispute (opinion.c). After group_find_disks().
 * OK, whatever is damaged, or NO_MEMORY.
 */
NODISCARD enum status group_hear_others(struct ldm_group *group, const struct ldm_view *view, struct log *log,
                                        struct arena *a);

/* Positions, state, `usable` and the reasons of every component (judge.c). OK or NO_MEMORY. */
NODISCARD enum status group_judge(struct ldm_group *group, const struct ldm_view *view, struct arena *a);

/* Does the log entry's object id mean this component, its volume, a part of it or a disk of it? */
bool klog_names(const struct klog_entry *entry, const struct ldm_component *c);

/* Is it a detach that the database of its disk does not know yet? One of an earlier transaction is history. */
bool klog_detaches(const struct klog_entry *entry, const struct ldm_vmdb *vmdb);

/* Do the records of the component, of its parts or of their disks call its data old? A failing disk does not. */
bool component_dropped(const struct ldm_component *c);

/* Is a part of the component on this connected disk, or on one that it is a copy of? */
bool component_on_disk(const struct ldm_component *c, const struct ldm_disk *disk);

#endif
