/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handover.h - from a virtual disk to Windows's own boot sector.
 *
 * In this order: install, load, jump.
 */
#ifndef LDMBOOT_BIOS_HANDOVER_H
#define LDMBOOT_BIOS_HANDOVER_H

#include "common/present/vdisk.h"
#include "common/disk/memory_device.h"
#include "int13.h"

/* Memory that the virtual disk shows a volume from; it is no usable memory any more then. */
struct handover_memory {
    struct memory_device device;
    uint32_t             base, end;  /* end: of the usable memory that it is the end of (memmap_top) */
};

/*
 * Put the resident hook below the end of low memory and hook INT 13h and 15h. memory: NULL when all is on drives.
 * Returns OK; NO_LOW_MEMORY; what hook_tables_make() answers.
 */
NODISCARD enum status handover_install(const struct vdisk *vd, const struct int13_disk *disks, size_t n,
                                       const struct handover_memory *memory);

/*
 * Load, through the hook, as the BIOS and an MBR would: sector 0 to 0:0600, the
 * volume's boot sector to 0:7C00. On failure the hook is taken out again.
 * Returns OK; HOOK_READ_FAILED; HOOK_NO_BOOT_SECTOR.
 */
NODISCARD enum status handover_load(const struct vdisk *vd);

/* Bytes of low memory that a loader may take: from its place to where the hook will be. */
uint32_t handover_loader_room(void);

/* Does a loader of this size fit between its place and the hook? OK or LOADER_TOO_LARGE; the hook is taken out again then. */
NODISCARD enum status handover_check_loader(uint32_t bytes);

/* Start the boot sector that was loaded. */
_Noreturn void handover_jump(void);

#endif
