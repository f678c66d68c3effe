/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * e820.h - which memory of a BIOS's map is free: entries may overlap, and then what is not usable wins.
 *
 * Facts: ACPI specification, "INT 15H, E820H".
 */
#ifndef LDMBOOT_BIOS_E820_H
#define LDMBOOT_BIOS_E820_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/status.h"

#define E820_USABLE 1

struct e820_entry {
    uint64_t base, bytes;
    uint32_t type;
    uint32_t attributes;  /* ACPI 3.0; not asked for, but no BIOS that writes it all the same shall do harm */
} __attribute__((packed));
#define E820_BYTES offsetof(struct e820_entry, attributes)
_Static_assert(E820_BYTES == 20, "E820 entry");

/*
 * The longest stretch from `from` up to `to` that some entry calls usable and no other kind of entry touches; the first one
 * that has `enough` bytes is as good. Returns its length, 0 when there is none.
 */
uint64_t e820_find_free(const struct e820_entry *entries, size_t n, uint64_t from, uint64_t to, uint64_t enough,
                        uint64_t *start);

/* Where free stretches may begin: number i of 2 n + 1, entries' beginnings and ends and `from`. */
uint64_t e820_boundary(const struct e820_entry *entries, size_t n, size_t i, uint64_t from);

/* Where the free stretch that `address` lies in ends; 0 when it is not free. */
uint64_t e820_free_end(const struct e820_entry *entries, size_t n, uint64_t address);

/* Room for a volume that outlives us: at the end of free memory, where it is in nobody's way. */
struct e820_room {
    uint32_t bytes;               /* wanted */
    uint32_t taken, taken_bytes;  /* memory of our own that it must not touch */
    uint32_t base, end;           /* found: a multiple of 4096; the next one behind it, or where the free memory ends before that */
};

/* The highest room from 1 MiB to 4 GiB, not in 15 to 16 MiB. NO_MEMORY_VOLUME or OK. */
NODISCARD enum status e820_room_on_top(const struct e820_entry *entries, size_t n, struct e820_room *room);

#endif
