/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guid.c - GUIDs between text, LDM's binary form and the mixed-endian form of GPT and EFI. */
#include "guid.h"

#include "mem.h"

/* Where byte i of the text form stands in the mixed-endian form. */
static const uint8_t mixed_position[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

bool guid_equal(const struct guid *a, const struct guid *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool guid_is_zero(const struct guid *g)
{
    static const struct guid zero;

    return guid_equal(g, &zero);
}

struct guid guid_from_bytes(struct span s, size_t off)
{
    struct guid g = { { 0 } };

    (void)span_copy(s, off, g.bytes, sizeof g.bytes);
    return g;
}

struct guid guid_from_mixed(struct span s, size_t off)
{
    struct guid g = { { 0 } };

    s = span_sub(s, off, sizeof g.bytes);
    for (size_t i = 0; i < sizeof g.bytes; i++)
        g.bytes[i] = rd_u8(s, mixed_position[i]);
    return g;
}

void guid_to_mixed(const struct guid *g, uint8_t out[16])
{
    for (size_t i = 0; i < sizeof g->bytes; i++)
        out[mixed_position[i]] = g->bytes[i];
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool dash_follows(size_t byte)
{
    return byte == 3 || byte == 5 || byte == 7 || byte == 9;
}

bool guid_parse(struct span text, struct guid *out)
{
    struct guid g;
    bool        brace = rd_u8(text, 0) == '{';
    size_t      pos = brace;

    for (size_t i = 0; i < sizeof g.bytes; i++) {
        int hi = hex_value(rd_u8(text, pos)), lo = hex_value(rd_u8(text, pos + 1));

        if (hi < 0 || lo < 0)
            return false;
        g.bytes[i] = (uint8_t)(hi << 4 | lo);
        pos += 2;
        if (dash_follows(i) && rd_u8(text, pos++) != '-')
            return false;
    }
    if (brace && rd_u8(text, pos++) != '}')
        return false;
    if (rd_u8(text, pos) != 0)
        return false;
    *out = g;
    return true;
}

const char *guid_format(const struct guid *g, char out[GUID_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    char             *p = out;

    for (size_t i = 0; i < sizeof g->bytes; i++) {
        *p++ = digits[g->bytes[i] >> 4];
        *p++ = digits[g->bytes[i] & 15];
        if (dash_follows(i))
            *p++ = '-';
    }
    *p = '\0';
    return out;
}
