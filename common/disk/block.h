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

struct block_device {
    const char *name;         /* "hd81", an EFI path, a file name: for people */
    uint32_t    block_size;   /* bytes: 512 or 4096 */
    uint64_t    block_count;  /* as the firmware says; may be less than the disk has */
    uint32_t    read_errors;  /* reads that failed: blk_read() counts; adapters add their retries */

    /* Read `count` blocks from `lba`; the range has been checked. A call that reports
       success without having filled the buffer must be answered READ_SILENT. */
    enum status (*read)(struct block_device *dev, uint64_t lba, uint32_t count, void *buf);
};

/* Number of 512-byte sectors of the device. */
uint64_t blk_sectors(const struct block_device *dev);

/* Read whole device blocks. READ_OUT_OF_RANGE when the range is not on the device. */
NODISCARD enum status blk_read(struct block_device *dev, uint64_t lba, uint32_t count, void *buf);

/*
 * Read 512-byte sectors, whatever the block size (a 4096-byte block is read
 * whole and the wanted part copied). The position and count are in sectors.
 */
NODISCARD enum status blk_read_sectors(struct block_device *dev, uint64_t lba_sectors, uint32_t sectors, void *buf);

/*
 * Firmware that answers "success" without touching the buffer (OVMF for AHCI, where a sector cannot be read):
 * adapters fill the buffer with a pattern before the read and ask afterwards
 * whether some whole 512-byte sector of it still is that pattern.
 */
void blk_fill_pattern(void *buf, size_t bytes);
bool blk_has_pattern(const void *buf, size_t bytes);

#endif
