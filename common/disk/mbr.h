/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mbr.h - sector 0 of a disk: the four primary entries of an MBR partition table.
 *
 * Facts: ldm-format.md "Where to look"; the MBR layout is the PC's since DOS 3.3.
 */
#ifndef LDMBOOT_MBR_H
#define LDMBOOT_MBR_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/span.h"

#define MBR_ENTRIES       4
#define MBR_CODE_BYTES    440    /* boot code; the disk signature follows */
#define MBR_SIGNATURE_OFF 0x1b8  /* u32 disk signature */
#define MBR_TABLE_OFF     0x1be
#define MBR_ENTRY_BYTES   16
#define MBR_MAGIC_OFF     0x1fe  /* 55 AA */

#define MBR_TYPE_FAT12        0x01
#define MBR_TYPE_EXTENDED     0x05
#define MBR_TYPE_NTFS         0x07
#define MBR_TYPE_FAT32_LBA    0x0c
#define MBR_TYPE_EXTENDED_LBA 0x0f
#define MBR_TYPE_LDM          0x42
#define MBR_TYPE_PROTECTIVE   0xee

struct mbr_entry {
    bool     active;
    uint8_t  type;     /* 0: empty */
    uint32_t start;    /* LBA, in blocks of the disk */
    uint32_t sectors;  /* in blocks of the disk */
};

struct mbr {
    bool             valid;      /* ends in 55AA */
    uint32_t         signature;  /* disk signature, 1B8h */
    struct mbr_entry entries[MBR_ENTRIES];
};

/* Decode a sector 0; never fails: `valid` says whether the signature is there. */
struct mbr mbr_parse(struct span sector0);

/* A container of logical drives: 05; 0F, the same by LBA; 85, Linux's. */
static inline bool mbr_type_is_extended(uint8_t type)
{
    return type == MBR_TYPE_EXTENDED || type == MBR_TYPE_EXTENDED_LBA || type == 0x85;
}

/* True when some entry has this type. */
bool mbr_has_type(const struct mbr *mbr, uint8_t type);

#endif
