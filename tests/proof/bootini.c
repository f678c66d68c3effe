/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bootini.c - boot.ini, and the text that answers an entry of it.
 *
 * Sources: common/windows/bootini.c common/base/ascii.c
 * Assumes: a file of 0 to 65,536 bytes (BOOTINI_MAX_BYTES), any of them; any partition number.
 *   Formatted text is any text (text.h).
 * Accessors: by contract
 * Eva: -eva-precision 3 -eva-auto-loop-unroll 12
 */
#include "text.h"

#include "common/windows/bootini.h"

static uint8_t region[SLACK * BOOTINI_MAX_BYTES], out[BOOTINI_TEXT_MAX];

int main(void)
{
    struct bootini ini;

    bootini_parse(any_span(region, BOOTINI_MAX_BYTES), &ini);
    //@ check ini.count <= BOOTINI_MAX_ENTRIES;
    return bootini_answer(&ini.entries[0], any_u32(), out);
}
