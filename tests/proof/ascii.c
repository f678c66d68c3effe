/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ascii.c - words, parts and numbers of a text.
 *
 * Sources: common/base/ascii.c
 * Assumes: a text of 0 to 4,096 bytes, any of them.
 */
#include "proof.h"

#include "common/base/ascii.h"

static uint8_t region[SLACK * 4096];

int main(void)
{
    struct span   text = any_span(region, 4096), before, after;
    struct cursor c = cursor_of(text);
    uint32_t      number;

    (void)ascii_split(text, "=", &before, &after);
    (void)ascii_number(before, 10, UINT32_MAX, &number);
    (void)ascii_number(after, 16, any_u32(), &number);
    (void)ascii_equal(ascii_trim(text), "timeout");
    while (c.pos < text.len)
        (void)ascii_trim(ascii_next(&c, "\r\n"));
    return 0;
}
