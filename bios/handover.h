/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handover.h - from a virtual disk to Windows's own boot sector.
 *
 * In this order: install, load, jump.
 */
#ifndef LDMBOOT_BIOS_HANDOVER_H
#define LDMBOOT_BIOS_HANDOVER_H

#include "common/present/vdisk.h"
#include "int13.h"

/*
 * Put the resident hook below the end of low memory and hook INT 13h and 15h.
 * Returns OK; NO_LOW_MEMORY; what hook_tables_make() answers.
 */
NODISCARD enum status handover_install(const struct vdisk *vd, const struct int13_disk *disks, size_t n);

/*
 * Load, through the hook, as the BIOS and an MBR would: sector 0 to 0:0600, the
 * volume's boot sector to 0:7C00. On failure the hook is taken out again.
 * Returns OK; HOOK_READ_FAILED; HOOK_NO_BOOT_SECTOR.
 */
NODISCARD enum status handover_load(const struct vdisk *vd);

/* Start the boot sector that was loaded. */
_Noreturn void handover_jump(void);

#endif
