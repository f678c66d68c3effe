/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * system_volume.h - the system volume that legacy BIOS starts Windows from, made in memory when only Windows's own
 * volume survived: BOOTMGR from the copy that every Windows since Vista keeps, and a boot store that names the volume; or
 * an administrator's BOOTMGR, or NTLDR and NTDETECT.COM, from the stick.
 *
 * Facts: docs/windows-boot.md, "A system volume in memory". Nothing of it is ever written to a disk.
 */
#ifndef LDMBOOT_SYSTEM_VOLUME_H
#define LDMBOOT_SYSTEM_VOLUME_H

#include "common/decide/plan.h"
#include "fatimage.h"

#define SYSTEM_VOLUME_FILES 3

/* What will be in it, and how large it gets. */
struct system_volume {
    struct span          loader;   /* the program that is started: all of BOOTMGR or NTLDR, to 2000:0000 */
    struct fatimage_file files[SYSTEM_VOLUME_FILES];
    size_t               count;    /* of files */
    size_t               bytes;    /* of the volume: whole sectors */
};

/* Where a disk shows it, and with which geometry that disk counts (AH=08). */
struct system_place {
    uint32_t lba;
    uint16_t heads, sectors_per_track;
};

/* Whose system volume it is, and what it can be made from. */
struct system_source {
    const struct boot_plan  *plan;     /* its method, store options and lookup count */
    const struct boot_facts *facts;
    struct component_facts  *windows;  /* the half with Windows, the chosen one */
};

/*
 * Read the loader and make the store or boot.ini, in arena memory.
 *
 * Returns OK; SPARE_BOOTMGR_BAD; STICK_FILE_BAD, STICK_BOOTINI; what system_volume_store() answers; FILE_NOT_FOUND and
 * what reading a file says; NO_MEMORY; FATIMAGE_TOO_LARGE.
 */
NODISCARD enum status system_volume_read(const struct system_source *source, struct arena *a, struct system_volume *out);

/*
 * The boot store in it: device and osdevice are the half, as its disk shows it. Made, or, where the plan says so, one that
 * was found. OK; NO_MEMORY; STORE_UNFIT, STORE_NOT_THERE.
 */
NODISCARD enum status system_volume_store(const struct system_source *source, struct arena *a, struct span *out);

/* Make the volume: `image` is memory of exactly out->bytes. OK or INTERNAL. */
NODISCARD enum status system_volume_make(const struct system_volume *sv, const struct system_place *place, void *image);

#endif
