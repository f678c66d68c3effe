/* SPDX-License-Identifier: GPL-2.0-or-later */
/* utf.c - see utf.h. */
#include "utf.h"

#define SURROGATES       0xd800u  /* the high ones, then as many low ones */
#define SURROGATES_LOW   0xdc00u
#define SURROGATES_END   0xe000u
#define SUPPLEMENTARY    0x10000u /* beyond the basic plane: a pair of surrogates in UTF-16 */
#define LAST_CHARACTER   0x10ffffu

uint32_t utf8_next(struct span text, size_t *pos)
{
    static const uint32_t least[] = { 0, 0x80, 0x800, SUPPLEMENTARY };
    uint8_t               first = rd_u8(text, (*pos)++);
    unsigned              more = first < 0x80 ? 0 : first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    uint32_t              c = more ? first & (0x3fu >> more) : first;

    if ((first >= 0x80 && first < 0xc0) || first >= 0xf8)
        return NOT_UTF8;
    for (unsigned i = 0; i < more; i++) {
        uint8_t next = rd_u8(text, (*pos)++);

        if ((next & 0xc0) != 0x80)
            return NOT_UTF8;
        c = c << 6 | (next & 0x3f);
    }
    if (c < least[more] || c > LAST_CHARACTER || (c >= SURROGATES && c < SURROGATES_END))
        return NOT_UTF8;
    return c;
}

bool utf8_valid(struct span text)
{
    for (size_t pos = 0; pos < text.len;)
        if (utf8_next(text, &pos) == NOT_UTF8)
            return false;
    return true;
}

size_t utf8_put(uint32_t c, uint8_t out[UTF8_MAX_BYTES])
{
    size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < SUPPLEMENTARY ? 3 : 4;

    for (size_t i = len - 1; i > 0; i--, c >>= 6)
        out[i] = (uint8_t)(0x80 | (c & 0x3f));
    out[0] = (uint8_t)(len == 1 ? c : (0xf00u >> len & 0xff) | c);
    return len;
}

uint32_t utf16_next(struct span text, size_t *pos)
{
    uint32_t c = rd_le16(text, 2 * (*pos)++), low = rd_le16(text, 2 * *pos);

    if (c < SURROGATES || c >= SURROGATES_END)
        return c;
    if (c >= SURROGATES_LOW || low < SURROGATES_LOW || low >= SURROGATES_END)
        return UTF_REPLACEMENT;
    (*pos)++;
    return SUPPLEMENTARY + ((c & 0x3ff) << 10 | (low & 0x3ff));
}

size_t utf16_put(uint32_t c, uint8_t out[2 * UTF16_MAX_UNITS])
{
    if (c < SUPPLEMENTARY) {
        wr_le16(out, (uint16_t)c);
        return 1;
    }
    wr_le16(out, (uint16_t)(SURROGATES + ((c - SUPPLEMENTARY) >> 10)));
    wr_le16(out + 2, (uint16_t)(SURROGATES_LOW + (c & 0x3ff)));
    return 2;
}

bool utf_is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

uint32_t utf8_letter(struct span text, size_t *pos)
{
    size_t   start = *pos;
    uint32_t c = utf8_next(text, pos);

    if (c == NOT_UTF8)
        *pos = start + 1;
    return c;
}

bool utf_is_narrow(uint32_t c)
{
    static const struct { uint16_t first, last; } narrow[] = {
        { 0x20, 0x7e }, { 0xa0, 0xac }, { 0xae, 0x2ff }, { 0x370, 0x377 }, { 0x37b, 0x482 }, { 0x48a, 0x52f },
    };

    for (size_t i = 0; i < sizeof narrow / sizeof narrow[0]; i++)
        if (c >= narrow[i].first && c <= narrow[i].last)
            return true;
    return false;
}

size_t utf8_letters(struct span text)
{
    size_t n = 0;

    for (size_t pos = 0; pos < text.len; n++)
        (void)utf8_letter(text, &pos);
    return n;
}
