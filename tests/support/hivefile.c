/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hivefile.c - see hivefile.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hivefile.h"

uint8_t *hivefile_copy(struct span file)
{
    uint8_t *p = malloc(file.len);

    assert_non_null(p);
    memcpy(p, file.data, file.len);
    return p;
}

void hivefile_fix_checksum(uint8_t *file)
{
    uint32_t sum = 0;

    for (size_t off = 0; off < 0x1fc; off += 4)
        sum ^= rd_le32(span_of(file, 0x1fc), off);
    wr_le32(file + 0x1fc, sum == 0 ? 1 : sum == 0xffffffffu ? 0xfffffffeu : sum);
}
