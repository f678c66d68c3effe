/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * span.c - the accessors of span.h read nothing outside of their span, and its parts lie inside of it.
 *
 * Sources:
 * Assumes: spans of 0 to 12 bytes, each of which ends where its buffer ends; any offset; parts of 0 to 13 bytes, and of
 *   any length that is more than that. (The code does the same for every length.)
 * Eva: -eva-precision 6 -eva-slevel 20000 -eva-auto-loop-unroll 64
 */
#include "proof.h"

#define MOST 12u

static uint8_t memory[MOST], out[MOST + 1];

/* A part of `n` bytes lies inside, or is empty. */
static void check_part(struct span s, struct span part, size_t n)
{
    //@ check \base_addr(part.data) == \base_addr(s.data);
    if (part.len == 0)
        return;
    //@ check part.len == n;
    //@ check part.data + part.len <= s.data + s.len;
    //@ check part.data >= s.data;
}

static void parts_of(struct span s, size_t n)
{
    struct cursor c = { s, any_size(), any_bool() };

    check_part(s, span_sub(s, any_size(), n), n);
    check_part(s, cur_bytes(&c, n), n);
    (void)span_copy(s, any_size(), out, n);
    if (n > 8)
        return;
    (void)rd_be(s, any_size(), (unsigned)n);
    (void)rd_le(s, any_size(), (unsigned)n);
    (void)cur_be(&c, (unsigned)n);
    (void)span_starts_with(s, "12345678", n);
}

/* What cannot be inside is empty. */
static void too_much_of(struct span s)
{
    size_t        n = Frama_C_size_t_interval(s.len + 1, SIZE_MAX);
    struct cursor c = { s, any_size(), any_bool() };

    check_part(s, span_sub(s, any_size(), n), 0);
    check_part(s, cur_bytes(&c, n), 0);
    check_part(s, span_from(s, n), 0);
    if (n <= sizeof out)  /* whoever wants more has no room for it: the contract of span_copy() */
        (void)span_copy(s, any_size(), out, n);
    (void)span_starts_with(s, "1", n);
}

int main(void)
{
    any_bytes(memory, sizeof memory);
    for (size_t len = 0; len <= MOST; len++) {
        struct span s = span_of(memory + MOST - len, len);

        for (size_t n = 0; n <= len + 1; n++)
            parts_of(s, n);
        for (size_t off = 0; off <= len; off++)
            check_part(s, span_from(s, off), len - off);
        too_much_of(s);
    }
    return 0;
}
