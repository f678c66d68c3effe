/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * same_disk.h - one disk that the firmware shows more than once: numbers beyond the last one that some BIOSes answer with
 * the last disk, two paths to one disk, an exact copy. Not the choice between two halves, and no question.
 */
#ifndef LDMBOOT_SAME_DISK_H
#define LDMBOOT_SAME_DISK_H

#include "common/base/log.h"
#include "common/ldm/view.h"

/*
 * ldm_scan(), and again with each disk once when there are such. `disks` keeps, in order, those that are used; *n is their
 * number. What is left out is said in the view's notes of the disk that stays (DISK_TWICE).
 */
NODISCARD enum status scan_each_disk_once(struct block_device **disks, size_t *n, struct log *log, struct arena *a,
                                          struct ldm_view *view);

#endif
