/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * span.h - bytes with a length, and the only ways to take a number out of them.
 *
 * Two readers, for two kinds of structure:
 *   - rd_*(span, offset): structures with fixed offsets (a GPT header).
 *     A read that does not lie wholly inside the span gives 0.
 *   - struct cursor: structures whose fields follow one another (database records).
 *     A read past the end sets `bad`, gives 0, and every later read gives 0 too,
 *     so one check at the end is enough.
 *
 * The comments that begin with @ are for Frama-C (tests/proof/proof.h): what callers may rely on.
 */
#ifndef LDMBOOT_SPAN_H
#define LDMBOOT_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mem.h"

struct span {
    const uint8_t *data;
    size_t         len;
};

static inline struct span span_of(const void *data, size_t len)
{
    return (struct span){ (const uint8_t *)data, len };
}

/* True when [off, off + len) lies inside the span; never overflows. */
static inline bool span_holds(struct span s, size_t off, size_t len)
{
    size_t all = s.len;  /* variables of its own are what tests/proof/ can relate to each other */

    return off <= all && len <= all - off;
}

/* Part of a span; an empty span when the part is not wholly inside. */
static inline struct span span_sub(struct span s, size_t off, size_t len)
{
    size_t all = s.len;

    return off <= all && len <= all - off ? span_of(s.data + off, len) : span_of(s.data, 0);
}

/* What follows the first `off` bytes; an empty span when there are not so many. */
static inline struct span span_from(struct span s, size_t off)
{
    size_t all = s.len;

    return off <= all ? span_of(s.data + off, all - off) : span_of(s.data, 0);
}

/* Take bytes out of a span; false, and `out` is untouched, when they are not wholly inside. */
/*@ requires \valid((char *)out + (0 .. len - 1));
    assigns ((char *)out)[0 .. len - 1], \result \from off, len, s.len;
    ensures \result == 0 || \result == 1; */
static inline bool span_copy(struct span s, size_t off, void *out, size_t len)
{
    if (!span_holds(s, off, len))
        return false;
    if (len > 0)  /* an empty span may have no bytes at all */
        memcpy(out, s.data + off, len);
    return true;
}

/*@ assigns \result \from magic_len, s.len; ensures \result == 0 || \result == 1; */
static inline bool span_starts_with(struct span s, const char *magic, size_t magic_len)
{
    if (!span_holds(s, 0, magic_len))
        return false;
    for (size_t i = 0; i < magic_len; i++)
        if (s.data[i] != (uint8_t)magic[i])
            return false;
    return true;
}

/*@ assigns \result \from off, bytes, s.len; */
static inline uint64_t rd_be(struct span s, size_t off, unsigned bytes)
{
    uint64_t v = 0;

    if (!span_holds(s, off, bytes))
        return 0;
    for (unsigned i = 0; i < bytes; i++)
        v = v << 8 | s.data[off + i];
    return v;
}

/*@ assigns \result \from off, bytes, s.len; */
static inline uint64_t rd_le(struct span s, size_t off, unsigned bytes)
{
    uint64_t v = 0;

    if (!span_holds(s, off, bytes))
        return 0;
    for (unsigned i = bytes; i-- > 0;)
        v = v << 8 | s.data[off + i];
    return v;
}

static inline uint8_t  rd_u8(struct span s, size_t off)   { return (uint8_t)rd_be(s, off, 1); }
static inline uint16_t rd_be16(struct span s, size_t off) { return (uint16_t)rd_be(s, off, 2); }
static inline uint32_t rd_be32(struct span s, size_t off) { return (uint32_t)rd_be(s, off, 4); }
static inline uint64_t rd_be64(struct span s, size_t off) { return rd_be(s, off, 8); }
static inline uint16_t rd_le16(struct span s, size_t off) { return (uint16_t)rd_le(s, off, 2); }
static inline uint32_t rd_le32(struct span s, size_t off) { return (uint32_t)rd_le(s, off, 4); }
static inline uint64_t rd_le64(struct span s, size_t off) { return rd_le(s, off, 8); }

/* Writers for structures of our own making (boot store, FAT volume, overlays). */
static inline void wr_le(uint8_t *p, uint64_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++, v >>= 8)
        p[i] = (uint8_t)v;
}

static inline void wr_le16(uint8_t *p, uint16_t v) { wr_le(p, v, 2); }
static inline void wr_le32(uint8_t *p, uint32_t v) { wr_le(p, v, 4); }
static inline void wr_le64(uint8_t *p, uint64_t v) { wr_le(p, v, 8); }

struct cursor {
    struct span s;
    size_t      pos;
    bool        bad;  /* a read went past the end; everything read since is 0 */
};

static inline struct cursor cursor_of(struct span s)
{
    return (struct cursor){ s, 0, false };
}

/* The next `len` bytes, or an empty span (and `bad`) when there are fewer. */
static inline struct span cur_bytes(struct cursor *c, size_t len)
{
    struct span out = span_of(c->s.data, 0);

    if (c->bad || !span_holds(c->s, c->pos, len)) {
        c->bad = true;
        return out;
    }
    out = span_sub(c->s, c->pos, len);
    c->pos += len;
    return out;
}

static inline void cur_skip(struct cursor *c, size_t len) { (void)cur_bytes(c, len); }

static inline uint64_t cur_be(struct cursor *c, unsigned bytes)
{
    return rd_be(cur_bytes(c, bytes), 0, bytes);
}

#endif
