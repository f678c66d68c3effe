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

/* From 2000:0000 to ldmboot's resident part, where a BIOS has 639 KB of low memory: what most have. */
#define BOOTMGR_USUAL_ROOM 0x7ec00u

#define BOOTMGR_HEAD_BYTES 512u  /* that bootmgr_check() wants, of a longer file */

/*
 * Could this be one (or NTLDR, which begins in the same way), by its beginning and its size: a jump over a header, to code
 * that is there? OK or SPARE_BOOTMGR_BAD. The program that its 16-bit part starts is not looked for: that is packed in
 * several ways.
 */
NODISCARD enum status bootmgr_check(struct span head, uint64_t bytes);

#endif
