/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fs.h - read-only access to the file system of a volume: one face for NTFS and FAT.
 *
 * Behind it: ntfs*.c and fat*.c, whose headers nobody else includes.
 */
#ifndef LDMBOOT_FS_H
#define LDMBOOT_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/span.h"
#include "common/disk/block.h"
#include "fat.h"
#include "ntfs.h"

enum fs_kind { FS_NONE, FS_NTFS, FS_FAT };

struct fs_volume {
    enum fs_kind kind;
    union {
        struct ntfs_volume ntfs;
        struct fat_volume  fat;
    } u;
};

struct fs_file {
    struct fs_volume *fs;
    uint64_t          bytes;         /* length of its data */
    bool              is_directory;
    enum fs_storage   storage;
    union {
        struct ntfs_file ntfs;
        struct fat_file  fat;
    } u;
};

/*
 * Which file system does this boot sector announce? FS_NONE unless it ends in
 * 55AA and its BPB is sane. `sector` has 512 bytes. Facts: windows-boot.md.
 */
enum fs_kind fs_identify(const uint8_t sector[512]);

/*
 * Open the file system on `dev`, whose block 0 is the first sector of the volume.
 * boot_sector: its 512 bytes, already read (the caller may take the backup copy instead).
 * a: memory that stays in use as long as the volume; caches included.
 * Returns OK, FS_UNKNOWN, FS_BITLOCKER, FS_DAMAGED, FS_UNSUPPORTED, NO_MEMORY or a read error.
 */
NODISCARD enum status fs_open(struct block_device *dev, const uint8_t boot_sector[512], struct arena *a,
                              struct fs_volume *out);

/*
 * The same, with a window that other open volumes use too (window.h): what one of them read ahead is gone once another
 * one is used, and is read again when it is wanted.
 */
NODISCARD enum status fs_open_sharing(struct block_device *dev, const uint8_t boot_sector[512], struct arena *a,
                                      struct fs_window *window, struct fs_volume *out);

/*
 * Find a file by its path from the root: "\\Windows\\Boot\\EFI\\bootmgfw.efi"
 * ('\\' and '/' alike, case-insensitive, ASCII; long and short names).
 * FILE_NOT_FOUND when it, or a directory on the way, is not there; FS_DAMAGED or a
 * read error when that cannot be known. A file that was found keeps a few KiB of the
 * volume's arena; reading takes none.
 */
NODISCARD enum status fs_find(struct fs_volume *fs, const char *path, struct fs_file *out);

/*
 * Several names of one directory in one pass: found[i] says whether names[i] is
 * there. The directory's index is read once, whatever the number of names (at most 8).
 * FS_DAMAGED or a read error: what was found is there all the same, what was not may be.
 */
NODISCARD enum status fs_find_names(struct fs_volume *fs, const char *directory, const char *const *names, size_t n,
                                    bool *found);

/*
 * Read `len` bytes at `off` of the file's data; the range must lie inside it.
 * What NTFS compressed is read like the rest; memory for that is borrowed from the volume's arena meanwhile.
 * FS_UNSUPPORTED, FS_ENCRYPTED; FS_WOF: compressed by Windows, and fs_allow_wof() was not called; FS_DAMAGED: broken
 * metadata, or compressed data that is none.
 */
NODISCARD enum status fs_read(struct fs_file *file, uint64_t off, void *buf, size_t len);

/*
 * Where a byte of the file lies: the sector of the volume that holds byte `off`,
 * the offset in that sector, and how many bytes follow without a break.
 * FS_UNSUPPORTED when the data is sparse there or compressed; resident data is
 * located in its MFT record (and crosses multi-sector fix-ups, which the caller
 * must not overwrite: `bytes_left` ends before them).
 */
NODISCARD enum status fs_locate(struct fs_file *file, uint64_t off, uint64_t *volume_sector, uint32_t *sector_offset,
                                uint64_t *bytes_left);

/*
 * A file read whole into arena memory. FILE_NOT_FOUND (or a directory), NO_MEMORY, FILE_TOO_LARGE, or what fs_read() says.
 */
NODISCARD enum status fs_read_whole(struct fs_volume *fs, const char *path, uint32_t max_bytes, struct arena *a,
                                    struct span *out);

#endif
