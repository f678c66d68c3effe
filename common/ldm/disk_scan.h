/* SPDX-License-Identifier: GPL-2.0-or-later */
/* disk_scan.h - one disk: its tables, PRIVHEAD, TOCBLOCK, the head of its database, its log. */
#ifndef LDMBOOT_LDM_DISK_SCAN_H
#define LDMBOOT_LDM_DISK_SCAN_H

#include "view.h"

/*
 * Read all of a disk's LDM metadata but the records of the database.
 * The result is in `disk`, whatever is found (disk->status, disk->notes);
 * returns OK or NO_MEMORY. Scratch memory is given back.
 */
NODISCARD enum status disk_scan(struct block_device *dev, struct arena *a, struct ldm_disk *disk);

#endif
