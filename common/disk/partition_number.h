/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * partition_number.h - which number Windows's kernel gives to a partition of an MBR disk.
 *
 * NT numbers the entries of the four-entry table that are in use, in table order and without the
 * extended ones, then the logical drives along their chain. The loader hands it "partition(N)", and the kernel
 * opens *its own* partition N, counted in the real table (docs/windows-boot.md, "The number rule").
 */
#ifndef LDMBOOT_PARTITION_NUMBER_H
#define LDMBOOT_PARTITION_NUMBER_H

#include "block.h"
#include "mbr.h"

#define LOGICAL_DRIVES_MAX 24  /* of an extended partition; those behind are not looked at */

struct logical_drives {
    struct mbr_entry drives[LOGICAL_DRIVES_MAX];  /* start: absolute, in blocks of the disk, as in struct mbr */
    size_t           count;
};

/* Does the kernel number this entry? Empty and extended ones it does not. */
bool partition_is_numbered(const struct mbr_entry *entry);

/*
 * The logical drives of a disk, along the chain of its extended partition; none without one. A chain that
 * cannot be read, ends without 55AA or bites its own tail gives what was found so far, as in NT.
 */
void logical_drives_read(struct block_device *dev, const struct mbr *mbr, struct logical_drives *out);

/* The number of the partition that starts at this block; 0: no entry starts there. `logical` NULL: there are none. */
unsigned partition_number(const struct mbr *mbr, const struct logical_drives *logical, uint64_t start);

#endif
