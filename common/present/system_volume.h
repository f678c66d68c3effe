/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * system_volume.h - the system volume that legacy BIOS starts Windows from, made in memory when only Windows's own
 * volume survived: BOOTMGR from the copy that every Windows since Vista keeps, and a boot store that names the volume.
 *
 * Facts: docs/windows-boot.md, "A system volume in memory". Nothing of it is ever written to a disk.
 */
#ifndef LDMBOOT_SYSTEM_VOLUME_H
#define LDMBOOT_SYSTEM_VOLUME_H

#include "common/decide/facts.h"
#include "common/settings/store_options.h"
#include "fatimage.h"

#define SYSTEM_VOLUME_FILES 2

/* What will be in it, and how large it gets. */
struct system_volume {
    struct span          loader;   /* the program that is started: all of BOOTMGR, to 2000:0000 */
    struct fatimage_file files[SYSTEM_VOLUME_FILES];
    size_t               bytes;    /* of the volume: whole sectors */
};

/* Where a disk shows it, and with which geometry that disk counts (AH=08). */
struct system_place {
    uint32_t lba;
    uint16_t heads, sectors_per_track;
};

/*
 * Read the boot manager and make the store, in arena memory. windows: the half with Windows;
 * options: what the store says besides.
 *
 * Returns OK; SPARE_BOOTMGR_BAD; FILE_NOT_FOUND and what reading a file says; NO_MEMORY; FATIMAGE_TOO_LARGE.
 */
NODISCARD enum status system_volume_read(struct component_facts *windows, const struct store_options *options,
                                         struct arena *a, struct system_volume *out);

/* The boot store in it: device and osdevice are the half, as the disk with this signature shows it. NO_MEMORY or OK. */
NODISCARD enum status system_volume_store(const struct ldm_component *windows, uint32_t signature,
                                          const struct store_options *options, struct arena *a, struct span *out);

/* The signature of the disk that a half is shown on: that of its own sector 0. */
uint32_t system_volume_signature(const struct component_facts *windows);

/* Make the volume: `image` is memory of exactly out->bytes. OK or INTERNAL. */
NODISCARD enum status system_volume_make(const struct system_volume *sv, const struct system_place *place, void *image);

#endif
