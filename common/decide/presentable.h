/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * presentable.h - could a BIOS loader be given this half at all? What the numbers of boot sector, partition table and
 * INT 13h can say, and what the virtual disk can hold.
 *
 * Facts: docs/windows-boot.md, "The hook and the overlay".
 */
#ifndef LDMBOOT_PRESENTABLE_H
#define LDMBOOT_PRESENTABLE_H

#include "common/ldm/view.h"

#define PRESENTABLE_MAX_EXTENTS 12

/*
 * The component has blocks of 512 bytes; every extent, and the volume in one piece from its first extent on, lies
 * below sector 2^32 (HiddenSectors and partition entries have 32 bits); it has at most PRESENTABLE_MAX_EXTENTS extents.
 * Returns OK, BIOS_BLOCK_SIZE, VOLUME_BEYOND_2TIB, VDISK_TOO_COMPLEX, or COMPONENT_UNREADABLE when it is not a
 * concatenated one whose disks are all connected.
 */
NODISCARD enum status bios_presentable(const struct ldm_component *component);

#endif
