/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * int13.h - the BIOS's disks as block devices.
 *
 * Only reading services are called, anywhere in bios/.
 */
#ifndef LDMBOOT_BIOS_INT13_H
#define LDMBOOT_BIOS_INT13_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/disk/block.h"

#define INT13_FIRST_DISK 0x80
#define INT13_MAX_DISKS  24    /* 80h..97h */

struct int13_disk {
    struct block_device dev;          /* first member: `read` casts back */
    char     name[8];                 /* "hd80", "fd00" */
    uint8_t  drive;
    bool     has_edd;                 /* AH=42 is used */
    uint8_t  max_blocks;              /* that one call reads */
    uint8_t  most_read;               /* and the most that one has read; 0: nothing yet */
    uint16_t chs_heads;               /* as AH=08 says; 0: no sensible answer */
    uint8_t  chs_sectors;
};

/* Ask the BIOS about a drive. False when it has none of this number. */
bool int13_open(uint8_t drive, struct int13_disk *out);

/*
 * A drive that has a 1.44 MB floppy in it, or plays one, and has been read as such: it is not asked. AH=08 of a floppy drive,
 * where a BIOS has it, tells what the drive can do, not what is in it (Ralf Brown's interrupt list).
 */
void int13_floppy(uint8_t drive, struct int13_disk *out);

/*
 * All hard disks 80h..97h; returns their number. `out` has room for INT13_MAX_DISKS.
 * keep_waiting: as in block.h, for each of them.
 */
size_t int13_list(struct int13_disk *out, bool (*keep_waiting)(struct block_device *dev, uint32_t seconds));

#endif
