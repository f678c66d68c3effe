/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memmap.c - memory by INT 15h: E820, else E801, else 88.
 *
 * Facts: ACPI specification, "INT 15H, E820H"; Ralf Brown's interrupt list.
 */
#include "memmap.h"

#include <stdbool.h>

#include "common/decide/firmware_rules.h"
#include "e820.h"
#include "memory.h"
#include "realmode.h"

#define SMAP         0x534d4150u
#define MAX_ENTRIES  128  /* a BIOS whose continuation never ends */
#define FOUR_GIB     0x100000000ull

/* The next entry; *next is 0 before the first and after the last. False: there is none. */
static bool e820_entry(uint32_t *next, struct e820_entry *out)
{
    struct rm_regs regs = { .eax = 0xe820, .ebx = *next, .ecx = E820_BYTES, .edx = SMAP,
                            .edi = rm_offset(out), .es = rm_segment(out), .flags = RM_CARRY };

    *out = (struct e820_entry){ 0 };
    rm_int(0x15, &regs);
    if ((regs.flags & RM_CARRY) || regs.eax != SMAP || regs.ecx < E820_BYTES)
        return false;
    *next = regs.ebx;
    return true;
}

static struct e820_entry map[MAX_ENTRIES];

/* The whole map; how many entries it has. */
static size_t read_map(void)
{
    uint32_t next = 0;
    size_t   n = 0;

    while (n < MAX_ENTRIES && e820_entry(&next, &map[n])) {
        n++;
        if (next == 0)
            break;
    }
    return n;
}

/* What the calls before E820 say. */
struct memory_size memmap_size(void)
{
    struct memory_size size = { 0, 0, 0 };
    struct rm_regs     regs = { .eax = 0xe801, .flags = RM_CARRY };

    rm_int(0x15, &regs);
    if (!(regs.flags & RM_CARRY)) {
        bool in_ax = regs.eax & 0xffff;  /* some BIOSes answer in CX and DX only */

        size.kib_to_16m = (uint16_t)(in_ax ? regs.eax : regs.ecx);
        size.blocks_from_16m = (uint16_t)(in_ax ? regs.ebx : regs.edx);
    }
    regs = (struct rm_regs){ .eax = 0x8800, .flags = RM_CARRY };
    rm_int(0x15, &regs);
    if (!(regs.flags & RM_CARRY))
        size.kib_by_88 = (uint16_t)regs.eax;
    return size;
}

/* Bytes from 1 MiB upward, at most to 16 MiB: what the old calls can say. */
static uint32_t extended_by_size(void)
{
    struct memory_size size = memmap_size();

    return (uint32_t)(size.kib_to_16m ? size.kib_to_16m : size.kib_by_88) << 10;
}

enum status memmap_arena(struct arena *out)
{
    uint64_t start = EXTENDED_BASE, bytes = e820_find_free(map, read_map(), EXTENDED_BASE, FOUR_GIB,
                                                                BIOS_ARENA_BYTES, &start);

    if (bytes == 0)
        bytes = extended_by_size();
    if (bytes < ARENA_MIN_BYTES)
        return STATUS_NO_EXTENDED_MEMORY;
    if (bytes > BIOS_ARENA_BYTES)
        bytes = BIOS_ARENA_BYTES;
    *out = arena_of((void *)(uint32_t)start, (size_t)bytes);
    return STATUS_OK;
}

enum status memmap_top(struct arena *a, uint32_t bytes, uint32_t *base, uint32_t *end)
{
    struct e820_room room = { .bytes = bytes, .taken = (uint32_t)a->base, .taken_bytes = (uint32_t)a->used };
    size_t           n = read_map();

    if (n == 0)
        map[n++] = (struct e820_entry){ EXTENDED_BASE, extended_by_size(), E820_USABLE, 0 };
    TRY(e820_room_on_top(map, n, &room));
    if (room.base < (uint32_t)a->base + a->size && room.base > (uint32_t)a->base)  /* its end goes to the volume */
        a->size = room.base - (uint32_t)a->base;
    *base = room.base;
    *end = room.end;
    return STATUS_OK;
}

uint32_t memmap_low_end(void)
{
    uint32_t end = (uint32_t)peek16(BDA_LOW_KIB) << 10;
    size_t   n = read_map();
    uint64_t free_end = e820_free_end(map, n, LOW_MEMORY_USED);  /* where our own memory ends */

    if (n > 0 && free_end < end)
        end = (uint32_t)free_end;
    return end & ~0x3ffu;
}
