/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sector0.h - the sector 0 that would give the volume an entry of its own ("retained"), as a file (--sector0).
 *
 * Facts: docs/ldm-format.md, "Where to look" (retained volumes); docs/after-boot.md.
 */
#ifndef LDMBOOT_INSPECT_SECTOR0_H
#define LDMBOOT_INSPECT_SECTOR0_H

#include <stdbool.h>
#include <stdio.h>

#include "common/decide/plan.h"

/*
 * Write that sector for what the plan would start into a new file, and on `out` the commands that an
 * administrator may use to save the old sector and to put this one. The disk is not touched.
 * Where there is nothing to write, `out` says why, and no file is made.
 * False when no file was made; it has been said on stderr then, when `out` does not tell.
 */
bool sector0_write(FILE *out, const char *path, const struct boot_facts *facts, const struct boot_plan *plan);

#endif
