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

/* Bytes from 1 MiB upward, at most to 16 MiB: what the old calls can say. */
static uint32_t extended_by_size(void)
{
    struct rm_regs regs = { .eax = 0xe801, .flags = RM_CARRY };

    rm_int(0x15, &regs);
    if (!(regs.flags & RM_CARRY)) {
        uint32_t kib = regs.eax & 0xffff;

        return (kib ? kib : regs.ecx & 0xffff) << 10;
    }
    regs = (struct rm_regs){ .eax = 0x8800, .flags = RM_CARRY };
    rm_int(0x15, &regs);
    return regs.flags & RM_CARRY ? 0 : (regs.eax & 0xffff) << 10;
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

uint32_t memmap_low_end(void)
{
    uint32_t end = (uint32_t)peek16(BDA_LOW_KIB) << 10;
    size_t   n = read_map();
    uint64_t free_end = e820_free_end(map, n, LOW_MEMORY_USED);  /* where our own memory ends */

    if (n > 0 && free_end < end)
        end = (uint32_t)free_end;
    return end & ~0x3ffu;
}
