/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bootmgr.c - see bootmgr.h. */
#include "bootmgr.h"

#define X86_JMP_SHORT 0xeb
#define X86_JMP_NEAR  0xe9  /* how it begins: over a header, to its 16-bit part */

/* Where the first instruction leads, in its segment of 64 KiB; 0: it is no jump. */
static uint16_t first_jump(struct span head)
{
    if (rd_u8(head, 0) == X86_JMP_NEAR)
        return (uint16_t)(3 + rd_le16(head, 1));
    return rd_u8(head, 0) == X86_JMP_SHORT ? (uint16_t)(2 + rd_u8(head, 1)) : 0;
}

enum status bootmgr_check(struct span head, uint64_t bytes)
{
    uint16_t code;

    if (head.len < BOOTMGR_HEAD_BYTES || bytes < BOOTMGR_MIN || bytes > BOOTMGR_MAX)
        return STATUS_SPARE_BOOTMGR_BAD;
    code = first_jump(head);
    if (code < 2 || (code <= head.len - 4 && rd_le32(head, code) == 0))  /* a file that lost its first sectors */
        return STATUS_SPARE_BOOTMGR_BAD;
    return STATUS_OK;
}
