/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memmap.h - what memory this machine has for us. */
#ifndef LDMBOOT_BIOS_MEMMAP_H
#define LDMBOOT_BIOS_MEMMAP_H

#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/status.h"
#include "hook.h"

/* A stretch of extended memory, ARENA_MIN_BYTES to BIOS_ARENA_BYTES long. NO_EXTENDED_MEMORY when there is none. */
NODISCARD enum status memmap_arena(struct arena *out);

/*
 * Memory for a volume of `bytes` that outlives us: at the highest end of usable memory below 4 GiB, not in 15 to 16 MiB.
 * Where that is the arena's end, the arena gets smaller (arena_end() before gives it back).
 * base: a multiple of 4096; end: where the usable memory ends in which it lies. NO_MEMORY_VOLUME or OK.
 */
NODISCARD enum status memmap_top(struct arena *a, uint32_t bytes, uint32_t *base, uint32_t *end);

/* What INT 15h E801 and AH=88 say of memory; 0 where the BIOS does not know the call. */
struct memory_size memmap_size(void);

/* End of the low memory that is free: what 40:13 and E820 both call so; a multiple of 1 KiB. */
uint32_t memmap_low_end(void);

#endif
