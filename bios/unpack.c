/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unpack.c - the packed program behind the loader, to where it runs.
 *
 * Linked into the loader (bios.ld). Packed by tools/mkstick.py.
 */
#include "memory.h"
#include "unlzma.h"

/* Header of stage 2 (entry.asm). */
struct stage2_header {
    uint32_t jump, magic;
    uint16_t sectors, unused;
    uint32_t balance;       /* makes the sum of all words 0 */
    uint32_t packed_bytes;
};

extern const struct stage2_header stage2_header;                              /* bios.ld: STAGE2_BASE */
extern const uint8_t              loader_end[], program_start[], program_end[];  /* likewise */

_Static_assert(UNLZMA_PROBS * sizeof(uint16_t) <= BOUNCE_BYTES, "the unpacker works in the bounce buffer");

bool unpack_program(void);
bool unpack_program(void)
{
    uint8_t *program = (uint8_t *)PROGRAM_BASE;
    /* cppcheck-suppress comparePointers ; the linker script puts one behind the other */
    size_t   bytes = (size_t)(program_end - program_start);

    if (!unlzma(loader_end, stage2_header.packed_bytes, program, bytes, (uint16_t *)BOUNCE_BASE))
        return false;
    restore_calls(program, bytes);
    return true;
}
