/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe.h - all reading that a decision needs and that is not LDM metadata: from the volumes to their facts.
 */
#ifndef LDMBOOT_PROBE_H
#define LDMBOOT_PROBE_H

#include "common/base/log.h"
#include "facts.h"

/*
 * Read, for each component that could be booted, its boot sector and which
 * loader files are there. Nothing is decided here.
 *
 * rules: of the firmware, &bios_rules or &uefi_rules: which loader files are read.
 * Returns OK (failures are in each component's status) or NO_MEMORY.
 */
NODISCARD enum status probe_volumes(const struct ldm_view *view, const struct firmware_rules *rules, struct log *log,
                                    struct arena *a, struct boot_facts *facts);

#endif
