/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lookup.h - how Windows's BIOS loaders look up volumes, and what the virtual disk has to
 * show so that they find the surviving half: NTLDR by partition(N) of boot.ini, BOOTMGR by
 * the disk signature and offset of the entries in \Boot\BCD.
 *
 * Pure: no I/O.
 * Rules: docs/how-it-chooses.md, "Getting Windows past the dead disk"; facts: docs/windows-boot.md.
 */
#ifndef LDMBOOT_LOOKUP_H
#define LDMBOOT_LOOKUP_H

#include "lookup_types.h"

/* The lookup for a half that could be started: its loader's files, all volumes. NULL: no memory. */
const struct lookup *lookup_make(const struct ldm_view *view, const struct boot_facts *facts,
                                 const struct component_facts *loader, struct arena *a);

#endif
