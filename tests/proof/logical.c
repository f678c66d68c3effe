/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * logical.c - logical drives: the chain of tables in an extended partition.
 *
 * Sources: common/disk/partition_number.c common/disk/mbr.c common/disk/block.c
 * Assumes: a table of any 512 bytes; a disk with blocks of 512 or 4096 bytes, any number of them, that answers every read with
 *   any bytes or an error.
 * Eva: -eva-precision 4 -eva-split-return-function blk_read:0,read_part_of_block:0,blk_read_sectors:0,any_read:0
 */
#include "device.h"

#include "common/disk/partition_number.h"

static uint8_t sector[SECTOR_BYTES];

static unsigned prove(uint32_t block_size)
{
    struct block_device   dev = any_device(block_size);
    struct logical_drives drives;
    struct mbr            table;

    any_bytes(sector, sizeof sector);
    table = mbr_parse(span_of(sector, sizeof sector));
    logical_drives_read(&dev, &table, &drives);
    return partition_number(&table, &drives, any_u64());
}

int main(void)
{
    return (int)(prove(512) + prove(4096));
}
