/* SPDX-License-Identifier: GPL-2.0-or-later */
/* basic_table.h - sector 0 and the logical drives of a basic disk for a BIOS, in three steps. */
#ifndef LDMBOOT_NBDKIT_BASIC_TABLE_H
#define LDMBOOT_NBDKIT_BASIC_TABLE_H

#include "basic.h"
#include "common/disk/partition_number.h"

/*
 * Who gets which entry: the volumes that Windows's loaders were shown keep their numbers, the others come behind or become
 * logical drives, which go to the end of the list. Those that have no place are left out, which is said.
 * One for the system volume has been taken, when there is one.
 */
void basic_give_slots(struct basic *b, const struct mbr *shown);

/* Where everything begins. VOLUME_BEYOND_2TIB for the first volume; READ_OUT_OF_RANGE: the wanted size is too small. */
NODISCARD enum status basic_place(struct basic *b);

/* The tables, laid over the disk. */
NODISCARD enum status basic_add_tables(struct basic *b, uint32_t signature);

/* Where a volume was on its old disk. */
uint64_t               basic_old_start(const struct basic_volume *v);
const struct ldm_disk *basic_old_disk(const struct basic_volume *v);

#endif
