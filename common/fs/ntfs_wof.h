/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntfs_wof.h - files that Windows Overlay Filter compressed: compact.exe /exe, "CompactOS" (Windows 10 and later).
 *
 * Who starts such a Windows by UEFI calls fs_allow_wof() on a volume that is open; the BIOS program, whose loaders
 * read these files themselves, leaves the decoders out.
 */
#ifndef LDMBOOT_NTFS_WOF_H
#define LDMBOOT_NTFS_WOF_H

#include "fs.h"

/* From now on such files can be read on this volume. Nothing happens when it is not NTFS. */
void fs_allow_wof(struct fs_volume *fs);

#endif
