/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * firmware_rules.h - where legacy BIOS and UEFI want different things of a half that Windows is to start from: all of
 * it, so that everything else need not know which firmware it is.
 *
 * A boot program links the rules of its own firmware (bios_rules.c, uefi_rules.c), tools/ and tests/ both. Rules in
 * words: docs/how-it-chooses.md; facts: docs/windows-boot.md.
 */
#ifndef LDMBOOT_FIRMWARE_RULES_H
#define LDMBOOT_FIRMWARE_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/status.h"

enum boot_method { METHOD_NONE, METHOD_VBR, METHOD_BIOS_RAM, METHOD_BIOS_STICK, METHOD_UEFI_RAM, METHOD_UEFI_ESP, METHOD_UEFI_STICK };

struct boot_facts;
struct component_facts;
struct ldm_view;
struct lookup;

/*
 * The boot programs' memory for everything, from what is on the disks to the plan, and what at most they need of it
 * besides: log, settings, tables of disks. ldmboot-inspect plans in the rest, so that what is too much for the one is too
 * much for the other. (Its pointers have 64 bits: it needs more than a 32-bit program does, never less.)
 */
#define BIOS_ARENA_BYTES    0x1000000u
#define UEFI_ARENA_BYTES    0x2000000u
#define ARENA_BESIDES_BYTES 0x100000u

struct firmware_rules {
    const char      *name;         /* "bios", "uefi": as on command lines and in JSON */
    enum boot_method method;       /* how a half is started, as long as nothing better is found */
    uint32_t         volume_flag;  /* LDM_VOL_*: the database's mark of the volume that this firmware starts from */
    const char      *volume_kind;  /* and what Windows calls such a volume */

    /* Read the files that only this firmware's loaders would read. The root directory has been read. */
    void (*probe_files)(struct component_facts *f, struct arena *a);

    /* Find the volume with \Windows for every half whose loader's files lead to one. NULL: none do. */
    void (*find_windows)(struct boot_facts *facts);

    /* Could this firmware start it? OK, or why never; `f`: a half whose boot sector was read. */
    enum status (*check)(const struct boot_facts *facts, const struct component_facts *f);

    /* Does it hold a Windows loader? `f`: a half that could be started. */
    bool (*has_loader)(const struct component_facts *f);

    /* What Windows's kernel calls the partition at this half, after a start by this firmware's loader; 0: it finds none. */
    unsigned (*kernel_number)(const struct component_facts *f);

    /* How its loader finds volumes (lookup.h). NULL: by what the firmware shows. NO_MEMORY or OK. */
    enum status (*make_lookup)(const struct ldm_view *view, const struct boot_facts *facts,
                               const struct component_facts *f, struct arena *a, const struct lookup **out);

    size_t arena_bytes;  /* of its boot program */
};

extern const struct firmware_rules bios_rules, uefi_rules;

#endif
