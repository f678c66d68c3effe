/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store.h - the boot store that Windows's boot manager would be given, as a file (--bcd). */
#ifndef LDMBOOT_INSPECT_STORE_H
#define LDMBOOT_INSPECT_STORE_H

#include <stdbool.h>

#include "common/decide/plan.h"

/*
 * Write the store for what the plan would start into a new file: `taken`, that of an EFI system partition with another
 * default entry; where that is empty, one that is made, or, by BIOS, found as asked. A file that exists is
 * refused: a slip of the hand must not overwrite a disk.
 * Returns false when that did not work; it has been said on stderr then.
 */
bool store_write(const char *path, const struct boot_facts *facts, const struct boot_plan *plan, struct span taken,
                 struct arena *a);

#endif
