/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lookup_types.h - what a lookup is (lookup.h), for those who make it and those who carry it out. */
#ifndef LDMBOOT_LOOKUP_TYPES_H
#define LDMBOOT_LOOKUP_TYPES_H

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

/* What the loader counts a volume as that is shown; without a lookup it is the only one. */
static inline unsigned lookup_number(const struct lookup *lookup, const struct component_facts *volume)
{
    return lookup ? slots_number(&lookup->slots, volume) : 1;
}

#endif
