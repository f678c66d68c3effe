/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memmap.h - what memory this machine has for us. */
#ifndef LDMBOOT_BIOS_MEMMAP_H
#define LDMBOOT_BIOS_MEMMAP_H

#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/status.h"

/* A stretch of extended memory, ARENA_MIN_BYTES to BIOS_ARENA_BYTES long. NO_EXTENDED_MEMORY when there is none. */
NODISCARD enum status memmap_arena(struct arena *out);

/* End of the low memory that is free: what 40:13 and E820 both call so; a multiple of 1 KiB. */
uint32_t memmap_low_end(void);

#endif
