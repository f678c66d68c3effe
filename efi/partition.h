/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * partition.h - partitions as the Windows Boot Manager finds them: the volume, or an
 * EFI system partition, on a handle of the firmware's or of ours.
 *
 * Facts: docs/windows-boot.md, "The chain that works", step 2.
 */
#ifndef LDMBOOT_EFI_PARTITION_H
#define LDMBOOT_EFI_PARTITION_H

#include "blockio.h"
#include "common/decide/extent_device.h"
#include "common/disk/slice_device.h"
#include "common/present/uefi_boot.h"
#include "protect.h"
#include "publish.h"

struct efi_partition {
    EFI_HANDLE              handle;      /* the firmware's, or ours */
    const EFI_DEVICE_PATH  *path;
    struct published       *published;   /* when it is ours */
    struct protection       protection;  /* when it is the firmware's */
    struct extent_device    extents;     /* what is read: the volume, */
    struct slice_device     slice;       /* or an entry of the table, the volume first */
};

/*
 * Make sure that there is a handle for the volume. An entry of the table that starts at it is shown whole, as the firmware
 * would; the firmware's own handle is used where it has one, write-protected. What cannot be read of the volume is read
 * from `spare` (NULL: none); a boot sector that is a backup is shown in its place. `out` must stay where it is.
 */
NODISCARD enum status efi_partition_of_volume(const struct component_facts *facts, const struct ldm_component *spare,
                                              const struct uefi_partition *identity, struct arena *a,
                                              struct efi_partition *out);

/* The same for an EFI system partition. */
NODISCARD enum status efi_partition_of_esp(const struct uefi_esp *esp, struct arena *a, struct efi_partition *out);

/* Take back what is ours; a partition that is all zero is let through. False: unpublish() says so. */
NODISCARD bool efi_partition_release(struct efi_partition *p);

#endif
