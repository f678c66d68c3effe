/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bootmgr.c - see bootmgr.h. */
#include "bootmgr.h"

#define X86_JMP_SHORT 0xeb
#define X86_JMP_NEAR  0xe9  /* how it begins: over a header, to its 16-bit part */

enum status bootmgr_check(struct span head, uint64_t bytes)
{
    if (head.len == 0 || bytes < BOOTMGR_MIN || bytes > BOOTMGR_MAX)
        return STATUS_SPARE_BOOTMGR_BAD;
    return rd_u8(head, 0) == X86_JMP_NEAR || rd_u8(head, 0) == X86_JMP_SHORT ? STATUS_OK : STATUS_SPARE_BOOTMGR_BAD;
}
