/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bootcode.h - boot sectors of bios/, as built. */
#ifndef LDMBOOT_NBDKIT_BOOTCODE_H
#define LDMBOOT_NBDKIT_BOOTCODE_H

#include <stdint.h>

extern const uint8_t bootcode_disk[440];    /* mbr.asm: starts the active entry of the disk it came from */
extern const uint8_t bootcode_system[512];  /* sysvol.asm: starts BOOTMGR from a small FAT12 volume */

#endif
