/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * block.h - a disk that can be read, and only read.
 *
 * Implemented by bios/ (INT 13h), efi/ (Block IO), tools/ (image files) and tests/ (memory, faults). There is no write
 * member, here or anywhere in the product.
 */
#ifndef LDMBOOT_BLOCK_H
#define LDMBOOT_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/status.h"

#define SECTOR_BYTES 512u  /* LDM's unit, whatever the disk's blocks are */

#define PHYSICAL_SECTORS 8u  /* what a modern disk loses at once: a physical block of 4 KiB */

/* What blk_read() keeps about a disk that fails: when to leave it alone (block.c). */
struct blk_trouble {
    bool        delivered;   /* some read was answered with data */
    uint8_t     holes;       /* places, apart from each other, that failed since then */
    uint8_t     waits;       /* reads that failed after a long wait, in all */
    uint32_t    last_ms;     /* how long the last read that failed took */
    enum status last;        /* and what it ended with */
    uint64_t    first, end;  /* blocks of the hole that was found last */
};

struct block_device {
    const char *name;         /* "hd81", an EFI path, a file name: for people */
    uint32_t    block_size;   /* bytes: 512 or 4096 */
    uint64_t    block_count;  /* as the firmware says; may be less than the disk has */
    uint32_t    read_errors;  /* reads that failed: blk_read() counts; adapters add their retries */
    uint32_t    failed_ms;    /* time spent in reads that failed: adapters with a clock add to it */
    bool        never_given_up;    /* a window on other devices, which count by themselves; or who reads wants all that can be had */
    enum status given_up;     /* not OK: the disk is not asked any more, and this is the answer to every read */
    struct blk_trouble trouble;

    /* A read failed after a long wait, and the next one may take as long: go on? NULL: yes. */
    bool (*keep_waiting)(struct block_device *dev, uint32_t seconds);

    /* Read `count` blocks from `lba`; the range has been checked. A call that reports
       success without having filled the buffer must be answered READ_SILENT. */
    enum status (*read)(struct block_device *dev, uint64_t lba, uint32_t count, void *buf);
};

/* Number of 512-byte sectors of the device. */
uint64_t blk_sectors(const struct block_device *dev);

/*
 * Read whole device blocks. READ_OUT_OF_RANGE when the range is not on the device. A disk that failed in too
 * many places or took too long over it is given up: DISK_GIVEN_UP, or DISK_SILENT when it never delivered anything.
 */
NODISCARD enum status blk_read(struct block_device *dev, uint64_t lba, uint32_t count, void *buf);

/*
 * Read 512-byte sectors, whatever the block size (a 4096-byte block is read
 * whole and the wanted part copied). The position and count are in sectors.
 */
NODISCARD enum status blk_read_sectors(struct block_device *dev, uint64_t lba_sectors, uint32_t sectors, void *buf);

/* Did the last read that failed take so long that few more can be afforded? */
bool blk_failed_slowly(const struct block_device *dev);

/* Forget what failed, so that the disk is asked again: who reads from now on has limits of his own. */
void blk_forgive(struct block_device *dev);

/*
 * Firmware that answers "success" without touching the buffer (OVMF for AHCI, where a sector cannot be read):
 * adapters fill the buffer with a pattern before the read and ask afterwards
 * whether some whole 512-byte sector of it still is that pattern.
 */
void blk_fill_pattern(void *buf, size_t bytes);
bool blk_has_pattern(const void *buf, size_t bytes);

#endif
