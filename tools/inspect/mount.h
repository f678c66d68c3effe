/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mount.h - the commands of a Linux that mount the volumes, read only (--mount). */
#ifndef LDMBOOT_INSPECT_MOUNT_H
#define LDMBOOT_INSPECT_MOUNT_H

#include <stdio.h>

#include "common/decide/plan.h"

/* For each volume with a usable half, those of that half: of the plan's, where it has one. Every disk is a filedisk. */
void mount_print(FILE *out, const struct ldm_view *view, const struct boot_plan *plan);

#endif
