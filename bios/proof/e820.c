/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * e820.c - a BIOS's map of memory: what is free, and room for a volume.
 *
 * Sources: bios/e820.c
 * Assumes: 0 to 4, and 35, 66, 97, 128 entries (memmap.c takes no more; the code does the same for every number), any of them; any address; a volume of any size.
 * Eva: -eva-precision 1 -eva-auto-loop-unroll 40
 */
#include "proof.h"

#include "../e820.h"

#define ENTRIES 128

static struct e820_entry map[ENTRIES];

static void prove(size_t n)
{
    struct e820_room room = { .bytes = any_u32(), .taken = any_u32(), .taken_bytes = any_u32() };
    uint64_t         start = any_u64();

    any_bytes(map, sizeof map);
    (void)e820_free_end(map, n, any_u64());
    (void)e820_find_free(map, n, any_u64(), any_u64(), any_u64(), &start);
    if (e820_room_on_top(map, n, &room) == STATUS_OK)
        (void)(room.end - room.base);
}

int main(void)
{
    //@ loop unroll 40;
    for (size_t n = 0; n <= ENTRIES; n += n < 4 ? 1 : 31)
        prove(n);
    return 0;
}
