/* SPDX-License-Identifier: GPL-2.0-or-later */
/* e820.c - see e820.h. */
#include "e820.h"

#include <stdbool.h>

/* The end of an entry; 0, as if it were empty, when it wraps. */
static uint64_t end_of(const struct e820_entry *e)
{
    return e->bytes <= UINT64_MAX - e->base ? e->base + e->bytes : 0;
}

static bool is_in(const struct e820_entry *e, uint64_t address)
{
    return address >= e->base && address < end_of(e);
}

uint64_t e820_free_end(const struct e820_entry *entries, size_t n, uint64_t address)
{
    uint64_t end = 0;

    for (size_t i = 0; i < n; i++)
        if (entries[i].type == E820_USABLE && is_in(&entries[i], address) && end_of(&entries[i]) > end)
            end = end_of(&entries[i]);
    for (size_t i = 0; i < n; i++) {
        if (entries[i].type == E820_USABLE)
            continue;
        if (is_in(&entries[i], address))
            return 0;
        if (entries[i].base > address && entries[i].base < end && entries[i].bytes > 0)
            end = entries[i].base;
    }
    return end;
}

uint64_t e820_boundary(const struct e820_entry *entries, size_t n, size_t i, uint64_t from)
{
    return i == 2 * n ? from : i & 1 ? end_of(&entries[i >> 1]) : entries[i >> 1].base;
}

uint64_t e820_find_free(const struct e820_entry *entries, size_t n, uint64_t from, uint64_t to, uint64_t enough,
                        uint64_t *start)
{
    uint64_t best = 0;

    for (size_t i = 0; i <= 2 * n && best < enough; i++) {
        uint64_t at = e820_boundary(entries, n, i, from);
        uint64_t end = at >= from && at < to ? e820_free_end(entries, n, at) : 0;

        end = end < to ? end : to;
        if (end > at && end - at > best && at >= from) {
            best = end - at;
            *start = at;
        }
    }
    return best;
}

/* ---- room for a volume */

#define EXTENDED_START 0x100000u
#define LAST_PAGE      0xfffff000u
#define PAGE_MASK      0xfffu
#define HOLE_START     0xf00000u   /* 15 to 16 MiB: some chip sets have a hole or a frame buffer there, whatever the map says */
#define HOLE_END       0x1000000u

/* Where the room would be at the end of a stretch; 0: nowhere. */
static uint64_t place_at_end(uint64_t start, uint64_t end, const struct e820_room *room)
{
    uint64_t base;

    if (start < EXTENDED_START || end <= start || end - start < room->bytes)
        return 0;
    base = (end - room->bytes) & ~(uint64_t)PAGE_MASK;
    if (base < HOLE_END && end > HOLE_START)
        base = (HOLE_START - room->bytes) & ~PAGE_MASK;
    if (base < start)
        return 0;
    return base < (uint64_t)room->taken + room->taken_bytes && base + room->bytes > room->taken ? 0 : base;
}

enum status e820_room_on_top(const struct e820_entry *entries, size_t n, struct e820_room *room)
{
    uint64_t best = 0, best_end = 0;

    for (size_t i = 0; i <= 2 * n; i++) {
        uint64_t start = e820_boundary(entries, n, i, EXTENDED_START), end = e820_free_end(entries, n, start), base;

        if (end > LAST_PAGE)
            end = LAST_PAGE;
        base = place_at_end(start, end, room);
        if (base > best) {
            best = base;
            best_end = end - (base + room->bytes) <= PAGE_MASK ? end : (base + room->bytes + PAGE_MASK) & ~(uint64_t)PAGE_MASK;
        }
    }
    if (best == 0)
        return STATUS_NO_MEMORY_VOLUME;
    room->base = (uint32_t)best;
    room->end = (uint32_t)best_end;
    return STATUS_OK;
}
