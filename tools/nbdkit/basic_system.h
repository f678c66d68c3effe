/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * basic_system.h - a BIOS's basic disk of a Windows whose system volume is lost ("System Reserved", on the dead disk): it
 * gets a small one with the boot manager that Windows keeps on its own volume, a store, and our boot sector (bios/sysvol.asm).
 */
#ifndef LDMBOOT_NBDKIT_BASIC_SYSTEM_H
#define LDMBOOT_NBDKIT_BASIC_SYSTEM_H

#include "basic.h"
#include "common/present/system_volume.h"

/* What will be in it: its size to b->system_bytes, and its entry of sector 0. When there can be none, which is said, that stays 0. */
void basic_read_system(struct basic *b, struct system_volume *out);

/* Make it, once everything has its place, as a piece of the disk; nothing when there is none. */
NODISCARD enum status basic_add_system(struct basic *b, struct system_volume *sv, uint32_t signature);

#endif
