/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ascii.h - what readers of a text need: words without regard to ASCII case, blanks, parts, numbers.
 * Bytes above 7Fh (UTF-8) compare as they are.
 */
#ifndef LDMBOOT_ASCII_H
#define LDMBOOT_ASCII_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

static inline uint8_t ascii_lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

static inline bool ascii_is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* True when the span holds exactly this text, whatever the case of its letters. */
static inline bool ascii_equal(struct span s, const char *text)
{
    for (size_t i = 0; i < s.len; i++)
        if (!text[i] || ascii_lower(rd_u8(s, i)) != ascii_lower((uint8_t)text[i]))
            return false;
    return text[s.len] == '\0';
}

/* The span without the blanks around it. */
static inline struct span ascii_trim(struct span s)
{
    size_t begin = 0, end = s.len;

    while (begin < end && ascii_is_space(rd_u8(s, begin)))
        begin++;
    while (end > begin && ascii_is_space(rd_u8(s, end - 1)))
        end--;
    return span_sub(s, begin, end - begin);
}

/* Part a text at the first of these marks, which belongs to neither side; false, and all of it is before, without one. */
bool ascii_split(struct span text, const char *marks, struct span *before, struct span *after);

/* The text up to the next of these marks, which is passed over; without one, all that is left. */
struct span ascii_next(struct cursor *c, const char *marks);

/* A number of digits of this base (10 or 16), at most `max`; the empty text is 0. False for anything else. */
bool ascii_number(struct span text, uint32_t base, uint32_t max, uint32_t *out);

#endif
