/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntfs_volume.h - open an NTFS volume.
 *
 * Facts: the linux-ntfs project's public NTFS documentation; boot sector fields
 * and sizes checked on volumes made by Windows 2003 R2, 2008 R2 and by mkntfs.
 */
#ifndef LDMBOOT_NTFS_VOLUME_H
#define LDMBOOT_NTFS_VOLUME_H

#include "ntfs_types.h"

/* True when the BPB is NTFS's and its sizes make sense. 55AA has been checked. */
bool ntfs_identify(const uint8_t sector[512]);

/* As fs_open_sharing() in fs.h. */
NODISCARD enum status ntfs_open(struct block_device *dev, const uint8_t boot_sector[512], struct arena *a,
                                struct fs_window *window, struct ntfs_volume *out);

#endif
