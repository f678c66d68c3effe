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

#include "facts.h"
#include "slots.h"

#define LOOKUP_MAX_PATCHES 40
#define LOOKUP_MAX_DISKS   8
#define LOOKUP_PATCH_BYTES 240  /* of all patches together */

/* Bytes of a file of the volume that are read as others. */
struct lookup_patch {
    uint64_t       volume_sector;
    uint16_t       offset, len;
    const uint8_t *bytes;
};

struct lookup {
    struct slots                  slots;    /* what the entries of sector 0 show */
    struct lookup_patch          *patches;
    size_t                        patch_count;
    struct block_device          *disks[LOOKUP_MAX_DISKS];  /* others that stay visible, behind the first */
    size_t                        disk_count;
    const struct component_facts *windows;  /* the half that Windows itself would come from; NULL: not known */
    struct note_list              notes;    /* what was changed, and what could not be met */
};

/* The lookup for a half that could be started: its loader's files, all volumes. NULL: no memory. */
const struct lookup *lookup_make(const struct ldm_view *view, const struct boot_facts *facts,
                                 const struct component_facts *loader, struct arena *a);

#endif
