/* SPDX-License-Identifier: GPL-2.0-or-later */
/* peprogram.c - see peprogram.h. */
#include "tests/support/peprogram.h"

#include <string.h>

struct span pe_program(uint8_t memory[PE_PROGRAM_BYTES], uint16_t machine, uint16_t subsystem)
{
    uint8_t *pe = memory + PE_PROGRAM_HEADER;

    memset(memory, 0, PE_PROGRAM_BYTES);
    memcpy(memory, "MZ\x90", 3);  /* as linkers write it; only the letters are a sign */
    wr_le32(memory + 0x3c, PE_PROGRAM_HEADER);
    memcpy(pe, "PE\0\0", 4);
    wr_le16(pe + 4, machine);
    wr_le16(pe + 6, 1);
    wr_le16(pe + 20, 240);
    wr_le16(pe + 24 + 68, subsystem);
    wr_le32(pe + 24 + 240 + 16, 512);
    wr_le32(pe + 24 + 240 + 20, 1024);
    return span_of(memory, PE_PROGRAM_BYTES);
}
