/* SPDX-License-Identifier: GPL-2.0-or-later */
/* database.h - the records of one disk's copy of the database, in scratch memory. */
#ifndef LDMBOOT_LDM_DATABASE_H
#define LDMBOOT_LDM_DATABASE_H

#include "decode.h"

struct database {
    const struct ldm_disk *disk;
    struct vblk_record    *records;              /* committed ones, by kind, then by object id */
    size_t                 first[VBLK_KINDS];    /* index of the first record of a kind */
    size_t                 count[VBLK_KINDS];
    uint32_t               unreadable_sectors;   /* among those that had to be read */
    uint32_t               unknown_sectors;      /* not asked for: the disk was given up, or they lie in a hole */
    uint32_t               damaged;              /* slots and records that could not be decoded */
    bool                   complete;             /* the committed counts were met */
    bool                   unfinished;           /* rolled forward, and some record is still marked for that */
    bool                   inconsistent;         /* too many records, an object id twice, fragments at odds */
};

/*
 * Read the records of a disk that has a VMDB. Reading stops once the committed
 * counts are met. Memory is borrowed from the far end of `a`; the caller gives
 * it back when the result is not needed any more.
 * Returns OK, whatever is damaged, or NO_MEMORY.
 */
NODISCARD enum status database_read(const struct ldm_disk *disk, struct arena *a, struct database *out);

/* The i-th record of a kind; `i` < count[kind]. */
const struct vblk_record *database_record(const struct database *db, enum vblk_kind kind, size_t i);

/* Place of the record with this object id among those of its kind; count[kind] when there is none. */
size_t database_find(const struct database *db, enum vblk_kind kind, uint64_t id);

#endif
