/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arena.h - all dynamic memory of common/: a caller's buffer, handed out front
 * to back, never freed piece by piece.
 *
 * BIOS: a stretch of extended memory from E820; EFI: AllocatePages; host: malloc. Running out is STATUS_NO_MEMORY, not
 * a crash.
 */
#ifndef LDMBOOT_ARENA_H
#define LDMBOOT_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "checked.h"
#include "mem.h"
#include "redzone.h"

struct arena {
    uint8_t *base;
    size_t   size;  /* bytes */
    size_t   used;  /* bytes */
};

static inline struct arena arena_of(void *base, size_t size)
{
    return (struct arena){ (uint8_t *)base, size, 0 };
}

/* `bytes` zeroed bytes, aligned to 16 (relative to `base`); NULL when they do not fit. */
static inline void *arena_alloc(struct arena *a, size_t bytes)
{
    size_t   start = (a->used + (a->used ? REDZONE_BYTES : 0) + 15) & ~(size_t)15;
    uint8_t *p;

    if (start < a->used || start > a->size || bytes > a->size - start)
        return NULL;
    p = a->base + start;
    redzone_close(a->base + a->used, start - a->used);
    redzone_open(p, bytes);
    a->used = start + bytes;
    memset(p, 0, bytes);
    return p;
}

/* An array of `count` items; NULL when it does not fit or the product overflows. */
static inline void *arena_array(struct arena *a, size_t count, size_t item_bytes)
{
    if (item_bytes && count > SIZE_MAX / item_bytes)
        return NULL;
    return arena_alloc(a, count * item_bytes);
}

/* Scratch memory: take a mark, allocate, go back to the mark. */
static inline size_t arena_mark(const struct arena *a) { return a->used; }
static inline void   arena_release(struct arena *a, size_t mark)
{
    if (mark > a->used)
        return;
    redzone_close(a->base + mark, a->used - mark);
    a->used = mark;
}

/*
 * Scratch memory from the far end, for work whose results are allocated meanwhile:
 * note arena_end(), borrow, allocate results, give the end back.
 */
static inline size_t arena_end(const struct arena *a) { return a->size; }
static inline void  *arena_borrow(struct arena *a, size_t bytes)
{
    size_t   start;
    uint8_t *p;

    if (a->used > a->size || bytes > a->size - a->used || bytes > SIZE_MAX - REDZONE_BYTES ||
        bytes + REDZONE_BYTES > a->size - a->used)
        return NULL;
    start = (a->size - bytes - REDZONE_BYTES) & ~(size_t)15;
    if (start < a->used)
        return NULL;
    p = a->base + start;
    redzone_open(p, bytes);
    redzone_close(p + bytes, a->size - start - bytes);
    a->size = start;
    memset(p, 0, bytes);
    return p;
}
static inline void arena_give_back(struct arena *a, size_t end)
{
    redzone_close(a->base + a->size, end > a->size ? end - a->size : 0);
    a->size = end;
}

#endif
