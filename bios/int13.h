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
    bool     has_edd;
    uint16_t chs_heads;               /* as AH=08 says; 0: no sensible answer */
    uint8_t  chs_sectors;
    uint8_t  failures_in_a_row;
    enum status given_up;             /* failed too often, with this: not asked again; OK: still asked */
};

/* Ask the BIOS about a drive. False when it has none of this number. */
bool int13_open(uint8_t drive, struct int13_disk *out);

/* All hard disks 80h..97h; returns their number. `out` has room for INT13_MAX_DISKS. */
size_t int13_list(struct int13_disk *out);

#endif
