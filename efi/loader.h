/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loader.h - the last step: show the volume, give the Windows Boot Manager a disk to
 * come from and a boot store, load it and start it.
 *
 * Facts: docs/windows-boot.md, "The chain that works".
 */
#ifndef LDMBOOT_EFI_LOADER_H
#define LDMBOOT_EFI_LOADER_H

#include "blockio.h"
#include "common/base/log.h"
#include "common/present/uefi_boot.h"

/* What is started, and what with. */
struct boot_request {
    const struct boot_plan *plan;      /* result BOOT, method set */
    struct boot_facts      *facts;
    const struct uefi_esp  *esp;       /* METHOD_UEFI_ESP; METHOD_UEFI_RAM: may have a store */
    const struct ldm_view  *view;
    const struct efi_disks *disks;     /* all of them */
    uint16_t                machine;   /* PE_MACHINE_*: what this firmware can start */
    struct arena           *arena;
    struct log             *log;
};

/*
 * Start it. Comes back only when that failed or the boot manager returned: everything has
 * been said and taken back then, and the answer tells how far it got.
 */
NODISCARD enum status loader_start(const struct boot_request *request);

/* Are an administrator's own boot manager and a store that names the chosen volume on the stick? */
NODISCARD enum status loader_check_stick(const struct boot_request *request);

#endif
