/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ascii.c - see ascii.h. */
#include "ascii.h"

static bool is_one_of(uint8_t c, const char *marks)
{
    for (; *marks; marks++)
        if (c == (uint8_t)*marks)
            return true;
    return false;
}

bool ascii_split(struct span text, const char *marks, struct span *before, struct span *after)
{
    size_t at = 0;
    bool   found;

    while (at < text.len && !is_one_of(rd_u8(text, at), marks))
        at++;
    found = at < text.len;
    *before = span_sub(text, 0, at);
    *after = span_from(text, at + found);
    return found;
}

struct span ascii_next(struct cursor *c, const char *marks)
{
    struct span part, rest;
    bool        found = ascii_split(span_from(c->s, c->pos), marks, &part, &rest);

    cur_skip(c, part.len + found);
    return part;
}

/* 16 for what is none: more than any base has. */
static uint32_t digit_of(uint8_t c)
{
    c = ascii_lower(c);
    if (c >= '0' && c <= '9')
        return c - (uint32_t)'0';
    return c >= 'a' && c <= 'f' ? c - (uint32_t)'a' + 10 : 16;
}

bool ascii_number(struct span text, uint32_t base, uint32_t max, uint32_t *out)
{
    uint32_t value = 0;

    for (size_t i = 0; i < text.len; i++) {
        uint32_t digit = digit_of(rd_u8(text, i));

        if (digit >= base || digit > max || value > (max - digit) / base)
            return false;
        value = value * base + digit;
    }
    *out = value;
    return true;
}
