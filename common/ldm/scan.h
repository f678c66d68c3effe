/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scan.h - read the LDM metadata of every disk and build the view. */
#ifndef LDMBOOT_LDM_SCAN_H
#define LDMBOOT_LDM_SCAN_H

#include "view.h"

/*
 * Scan all disks and build the model.
 *
 * disks, n:  the disks, in the firmware's order; n may be 0.
 * log:       gets "reading hd81 ..." before a disk is read, and what was found; may be NULL.
 * a:         memory of the view; scratch memory is given back.
 * view:      written on success only.
 *
 * Returns OK also when no disk is dynamic or all are damaged (see each disk's
 * status); NO_MEMORY when the arena is too small for the database.
 */
NODISCARD enum status ldm_scan(struct block_device *const *disks, size_t n, struct log *log,
                               struct arena *a, struct ldm_view *view);

#endif
