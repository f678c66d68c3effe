/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * path.h - paths and names: what NTFS and FAT directories are searched for.
 *
 * Names that are looked for are ASCII (NTLDR, bootmgfw.efi, ldmboot.cfg); names on disk are UTF-16, little-endian.
 */
#ifndef LDMBOOT_FS_PATH_H
#define LDMBOOT_FS_PATH_H

#include <stdbool.h>

#include "common/base/span.h"

#define FS_NAME_MAX 255u  /* UTF-16 units; the same on NTFS and FAT */

/* One part of a path, or a name; not NUL-terminated. */
struct fs_name {
    const char *text;
    size_t      len;
};

/* A name on its way through a directory. */
struct fs_lookup {
    struct fs_name name;
    bool           found;         /* the rest is meaningful only then */
    uint64_t       reference;     /* NTFS: MFT reference; FAT: first cluster */
    uint32_t       bytes;         /* FAT keeps these in the directory, */
    bool           is_directory;  /* NTFS in the MFT */
};

/* True when none of the names is missing. */
bool fs_all_found(const struct fs_lookup *names, size_t n);

/* The next part of a path; '\\' and '/' separate, alike and in any number. False at its end. */
bool fs_path_next(const char **path, struct fs_name *part);

/* A NUL-terminated text as a name. */
struct fs_name fs_name_of(const char *text);

/*
 * Compare a name with one on disk in NTFS's order: by UTF-16 units, upper case.
 * Less, equal or greater than 0. Only ASCII is folded; *unsure is set (never
 * cleared) when a letter decides that is not ASCII but may have an ASCII upper case.
 */
int fs_name_compare(struct fs_name name, struct span utf16, bool *unsure);

#endif
