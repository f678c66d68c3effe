/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fat.h - placeholder; see fs.h. */
#ifndef LDMBOOT_FAT_H
#define LDMBOOT_FAT_H
struct fat_volume { int todo; };
struct fat_file { int todo; };
#endif
