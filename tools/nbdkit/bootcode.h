/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bootcode.h - the 440 bytes of bios/mbr.asm, as built: they start the active entry of the disk they came from. */
#ifndef LDMBOOT_NBDKIT_BOOTCODE_H
#define LDMBOOT_NBDKIT_BOOTCODE_H

#include <stdint.h>

extern const uint8_t bootcode[440];

#endif
