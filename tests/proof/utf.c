/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * utf.c - characters of UTF-8 and UTF-16, valid or not.
 *
 * Sources: common/base/utf.c
 * Assumes: a text of 0 to 512 bytes, any of them; any character of 32 bits to write.
 * Eva: -eva-precision 1
 */
#include "proof.h"

#include "common/base/utf.h"

static uint8_t region[SLACK * 512];

int main(void)
{
    struct span text = any_span(region, 512);
    uint8_t     utf8[UTF8_MAX_BYTES], utf16[2 * UTF16_MAX_UNITS];

    (void)utf8_valid(text);
    (void)utf8_letters(text);
    for (size_t pos = 0; pos < text.len / 2;)
        (void)utf8_put(utf16_next(text, &pos), utf8);
    for (size_t pos = 0; pos < text.len;)
        (void)utf16_put(utf8_next(text, &pos), utf16);
    (void)utf8_put(any_u32() & 0x1fffff, utf8);
    return utf_is_narrow(any_u32()) || utf_is_control(any_u32());
}
