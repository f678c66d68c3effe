/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loaderfiles.h - what the files that Windows's BIOS loaders read say about disks: boot.ini and \Boot\BCD.
 *
 * What follows from it is decided in lookup.c. Facts: docs/windows-boot.md, "Sector 0 as shown", "The boot store names
 * a disk".
 */
#ifndef LDMBOOT_LOADERFILES_H
#define LDMBOOT_LOADERFILES_H

#include "common/disk/mbr.h"
#include "common/windows/bootini.h"
#include "common/fs/fs.h"
#include "common/base/log.h"

#define STORE_MAX_NAMES 32  /* names of disks in a store; real ones have some five to ten */
#define STORE_TAKEN_MAX (256u << 10)  /* of one that goes into a system volume in memory: more would not leave room for the rest */
#define FILE_MAX_PIECES 3   /* resident text goes around the end of a sector of its MFT record */

/* Some bytes of a file, where they lie in the volume: in one sector, or across the end of one. */
struct file_bytes {
    struct {
        uint64_t sector;
        uint16_t offset, len;
    } piece[FILE_MAX_PIECES];
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

/* Volumes of the loader's disk that hold a certain file or folder; the loader's own one comes first. */
struct holders {
    const struct component_facts *at[MBR_ENTRIES];  /* more than these could not be shown */
    size_t                        count;
};

/* An entry of boot.ini. */
struct bootini_line {
    struct bootini_entry entry;
    struct file_bytes    at;     /* its text */
    struct holders       where;  /* its folder */
};

struct loader_files {
    bool                  has_bootini;  /* read */
    struct bootini_line  *lines;        /* [0]: the default one */
    size_t                line_count;
    bool                  default_implied, default_empty;  /* as in struct bootini */
    bool                  has_store;    /* read */
    bool                  store_fits;   /* it could start another half of Windows (bcd_can_retarget()) */
    struct store_name    *names;        /* those of the default entry first */
    size_t                name_count;
    bool                  names_cut;    /* there are more */
    struct holders        winload;      /* \Windows\System32\winload.exe: looked for when BOOTMGR is there */
};

enum loader_file { LOADER_FILE_BOOTINI = 1, LOADER_FILE_STORE = 2 };

/*
 * Read the files out of an open volume; `which`: those that are there, by their bits.
 * What cannot be read becomes a note about `subject`.
 */
void loader_files_read(struct fs_volume *fs, unsigned which, const char *subject, struct arena *a,
                       struct loader_files *out, struct note_list *notes);

/* The folder of a Windows that NTLDR starts, as it is called by default: "\\WINDOWS", "\\WINNT"; NULL: there is none. */
const char *loader_files_nt_folder(struct fs_volume *fs);

/* Does a volume hold what BOOTMGR starts, or the folder of an entry of boot.ini? */
bool loader_files_has_winload(struct fs_volume *fs);
bool loader_files_has_folder(struct fs_volume *fs, const struct bootini_entry *entry);

#endif
