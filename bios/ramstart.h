/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ramstart.h - start Windows from a system volume made in memory, when only its own volume survived. */
#ifndef LDMBOOT_BIOS_RAMSTART_H
#define LDMBOOT_BIOS_RAMSTART_H

#include "common/present/system_volume.h"
#include "common/present/vdisk.h"
#include "handover.h"

struct ramstart {
    struct system_volume   volume;
    struct handover_memory memory;
};

/*
 * Everything but the jump: the volume is made at the end of usable memory (the arena may get smaller, arena_end()),
 * the hook shows it, its boot sector is at 0:7C00. On failure the hook is not there.
 * windows: the half with Windows, the chosen one.
 * Returns what system_volume_read(), memmap_top(), vdisk_build() and the steps of handover.h answer.
 */
NODISCARD enum status ramstart_prepare(const struct boot_plan *plan, const struct boot_facts *facts,
                                       struct component_facts *windows,
                                       const struct int13_disk *disks, size_t n, struct arena *a, struct vdisk *vd,
                                       struct ramstart *out);

_Noreturn void ramstart_jump(const struct ramstart *start);

#endif
