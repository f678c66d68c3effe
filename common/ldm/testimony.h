/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * testimony.h - what one disk's database says of halves and disks, looked up quickly.
 *
 * Made once for a database: what is asked for every half of a group must not cost a walk through all records, or two
 * disks that are made to cost time keep a machine from starting.
 */
#ifndef LDMBOOT_LDM_TESTIMONY_H
#define LDMBOOT_LDM_TESTIMONY_H

#include "database.h"

struct testimony {
    const struct database *db;
    bool                  *dropped;     /* of component record i: it, a part or a disk of it is not, or not any more, good */
    uint64_t              *kept;        /* ids of the volumes of which the disk itself has a good half, ascending */
    size_t                 kept_count;
    uint64_t              *halves;      /* ids of the volumes that the good halves are of, one for each, ascending */
    size_t                 half_count;
    struct guid           *good_disks;  /* that it lists, and calls good with all that is on them, in order */
    size_t                 good_count;
};

/* Memory is borrowed from the far end of `a`. `db` must last as long as the result. OK or NO_MEMORY. */
NODISCARD enum status testimony_make(const struct database *db, struct arena *a, struct testimony *out);

/* Is the component not, or not any more, a good half in this database? */
bool testimony_drops(const struct testimony *t, uint64_t component_id);

/* Has the database's own disk a good half of this volume, by what it says itself? */
bool testimony_keeps_half_of(const struct testimony *t, uint64_t volume_id);

/* The same, and is it one of two or more good halves? */
bool testimony_has_mirror(const struct testimony *t, uint64_t volume_id);

/* Does it list the disk, and call it and all that is on it good? */
bool testimony_counts_as_good(const struct testimony *t, const struct guid *disk);

#endif
