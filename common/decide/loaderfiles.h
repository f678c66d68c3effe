/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loaderfiles.h - what the files that Windows's BIOS loaders read say about disks: boot.ini and \Boot\BCD.
 *
 * What follows from it is decided in lookup.c. Facts: docs/windows-boot.md, "Sector 0 as shown", "The boot store names
 * a disk".
 */
#ifndef LDMBOOT_LOADERFILES_H
#define LDMBOOT_LOADERFILES_H

#include "common/windows/bootini.h"
#include "common/fs/fs.h"
#include "common/base/log.h"

#define STORE_MAX_NAMES 32  /* names of disks in a store; real ones have some five to ten */

/* Some bytes of a file, where they lie in the volume: in one sector, or across the end of one. */
struct file_bytes {
    struct {
        uint64_t sector;
        uint16_t offset, len;
    } piece[2];
    unsigned pieces;  /* 0: they cannot be told (compressed, or spread by the file system) */
};

/* A partition of an MBR disk that the boot store names. */
struct store_name {
    uint32_t          signature;
    uint64_t          offset;        /* bytes */
    struct file_bytes signature_at;  /* u32, little-endian */
    struct file_bytes offset_at;     /* u64 */
};

struct component_facts;

struct loader_files {
    bool                  has_bootini;  /* read, and it has a default entry */
    struct bootini_entry  bootini;
    bool                  has_store;    /* read */
    struct store_name    *names;        /* those of the default entry first */
    size_t                name_count;
    bool                  names_cut;    /* there are more */

    /* The volume on the same disk that holds the Windows of these files; NULL: not looked for, or none. */
    const struct component_facts *windows;
};

enum loader_file { LOADER_FILE_BOOTINI = 1, LOADER_FILE_STORE = 2 };

/*
 * Read the files out of an open volume; `which`: those that are there, by their bits.
 * What cannot be read becomes a note about `subject`.
 */
void loader_files_read(struct fs_volume *fs, unsigned which, const char *subject, struct arena *a,
                       struct loader_files *out, struct note_list *notes);

/* Does this volume hold the Windows that these files start? */
bool loader_files_lead_to(const struct loader_files *files, struct fs_volume *fs);

#endif
