/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntfs.h - placeholder; see fs.h. */
#ifndef LDMBOOT_NTFS_H
#define LDMBOOT_NTFS_H
struct ntfs_volume { int todo; };
struct ntfs_file { int todo; };
#endif
