/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gpt_write.h - the bytes of a GUID partition table for a disk of our own: protective sector 0, both headers, both
 * arrays of 128 entries. Nothing is written to a disk here.
 *
 * Facts: UEFI specification 2.10, chapter 5.2.3 and 5.3.
 */
#ifndef LDMBOOT_GPT_WRITE_H
#define LDMBOOT_GPT_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/guid.h"

#define GPT_ARRAY_BYTES (128u * 128u)

struct gpt_new_entry {
    struct guid type, unique;
    uint64_t    start, blocks;  /* in blocks of the disk */
    const char *name;           /* ASCII, at most 36 characters */
};

struct gpt_new {
    struct guid                 disk_guid;
    uint32_t                    block_size;  /* 512 or 4096 */
    uint64_t                    blocks;      /* of the whole disk */
    const struct gpt_new_entry *entries;     /* the first places of the table; at most 128 */
    size_t                      count;
};

/* Blocks that the table takes at each end: sector 0 is one more at the head. */
uint32_t gpt_table_blocks(uint32_t block_size);

/* Sector 0, header and array: 1 + gpt_table_blocks() blocks. */
void gpt_write_head(const struct gpt_new *gpt, uint8_t *out);

/* Array and header at the disk's end: gpt_table_blocks() blocks. */
void gpt_write_tail(const struct gpt_new *gpt, uint8_t *out);

#endif
