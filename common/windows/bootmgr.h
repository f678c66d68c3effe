/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bootmgr.h - BOOTMGR, the program that starts Windows by legacy BIOS since Vista: as far as one has to look at it
 * before it is started without a boot sector (docs/windows-boot.md, "A system volume in memory").
 */
#ifndef LDMBOOT_BOOTMGR_H
#define LDMBOOT_BOOTMGR_H

#include "common/base/span.h"
#include "common/base/status.h"

/* The copy that every Windows since Vista keeps on its own volume. */
#define BOOTMGR_SPARE "\\Windows\\Boot\\PCAT\\bootmgr"

#define BOOTMGR_MIN (64u << 10)  /* bytes; Microsoft's have 300 to 420 KB */
#define BOOTMGR_MAX (1u << 20)

/* Could this be one, by its first byte and its size? OK or SPARE_BOOTMGR_BAD. */
NODISCARD enum status bootmgr_check(struct span head, uint64_t bytes);

#endif
