/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fs.c - see fs.h: tells NTFS and FAT apart and calls the one or the other. */
#include "fs.h"

#include "common/base/checked.h"
#include "bpb.h"
#include "fat_volume.h"
#include "ntfs_volume.h"
#include "path.h"

#define JUMP_SHORT      0xeb
#define JUMP_NEAR       0xe9

#define SECTOR_SHIFT    9
#define MAX_NAMES       8  /* of one fs_find_names(): what is looked for in a root directory is fewer */

static bool is_boot_sector(struct span s)
{
    uint8_t jump = rd_u8(s, BPB_JUMP);

    return rd_le16(s, BPB_SIGNATURE) == 0xaa55 && (jump == JUMP_SHORT || jump == JUMP_NEAR);
}

enum fs_kind fs_identify(const uint8_t sector[512])
{
    if (!is_boot_sector(span_of(sector, SECTOR_BYTES)))
        return FS_NONE;
    if (ntfs_identify(sector))
        return FS_NTFS;
    return fat_identify(sector) ? FS_FAT : FS_NONE;
}

enum status fs_open_sharing(struct block_device *dev, const uint8_t boot_sector[512], struct arena *a,
                            struct fs_window *window, struct fs_volume *out)
{
    enum fs_kind kind = fs_identify(boot_sector);

    if (kind == FS_NTFS)
        TRY(ntfs_open(dev, boot_sector, a, window, &out->u.ntfs));
    else if (kind == FS_FAT)
        TRY(fat_open(dev, boot_sector, window, &out->u.fat));
    else
        return bpb_is_bitlocker(span_of(boot_sector, SECTOR_BYTES)) ? STATUS_FS_BITLOCKER : STATUS_FS_UNKNOWN;
    out->kind = kind;
    return STATUS_OK;
}

enum status fs_open(struct block_device *dev, const uint8_t boot_sector[512], struct arena *a, struct fs_volume *out)
{
    size_t            mark = arena_mark(a);
    struct fs_window *window = NULL;
    enum status       st;

    if (fs_identify(boot_sector) != FS_NONE) {
        window = arena_alloc(a, sizeof *window);
        if (!window)
            return STATUS_NO_MEMORY;
    }
    st = fs_open_sharing(dev, boot_sector, a, window, out);
    if (st != STATUS_OK)
        arena_release(a, mark);
    return st;
}

enum status fs_find(struct fs_volume *fs, const char *path, struct fs_file *out)
{
    struct fs_file file = { .fs = fs };

    if (fs->kind == FS_NTFS) {
        TRY(ntfs_find(&fs->u.ntfs, path, &file.u.ntfs, &file.bytes, &file.is_directory));
        file.storage = file.u.ntfs.storage;
    } else {
        TRY(fat_find(&fs->u.fat, path, &file.u.fat, &file.bytes, &file.is_directory));
    }
    *out = file;
    return STATUS_OK;
}

enum status fs_find_names(struct fs_volume *fs, const char *directory, const char *const *names, size_t n, bool *found)
{
    struct fs_lookup lookups[MAX_NAMES];
    enum status st;

    if (n > MAX_NAMES)
        return STATUS_INTERNAL;
    for (size_t i = 0; i < n; i++)
        lookups[i] = (struct fs_lookup){ .name = fs_name_of(names[i]) };
    if (fs->kind == FS_NTFS)
        st = ntfs_find_names(&fs->u.ntfs, directory, lookups, n);
    else
        st = fat_find_names(&fs->u.fat, directory, lookups, n);
    for (size_t i = 0; i < n; i++)
        found[i] = lookups[i].found;
    return st;
}

enum status fs_read(struct fs_file *file, uint64_t off, void *buf, size_t len)
{
    if (!range_inside(off, len, file->bytes))
        return STATUS_INTERNAL;
    if (file->fs->kind == FS_NTFS)
        return ntfs_read(&file->fs->u.ntfs, &file->u.ntfs, off, buf, len);
    return fat_read(&file->fs->u.fat, &file->u.fat, off, buf, len);
}

enum status fs_locate(struct fs_file *file, uint64_t off, uint64_t *volume_sector, uint32_t *sector_offset,
                      uint64_t *bytes_left)
{
    uint64_t position, left;

    if (off >= file->bytes)
        return STATUS_INTERNAL;
    if (file->fs->kind == FS_NTFS)
        TRY(ntfs_locate(&file->fs->u.ntfs, &file->u.ntfs, off, &position, &left));
    else
        TRY(fat_locate(&file->fs->u.fat, &file->u.fat, off, file->bytes, &position, &left));
    *volume_sector = position >> SECTOR_SHIFT;
    *sector_offset = (uint32_t)position & (SECTOR_BYTES - 1);
    *bytes_left = left;
    return STATUS_OK;
}

enum status fs_read_whole(struct fs_volume *fs, const char *path, uint32_t max_bytes, struct arena *a,
                          struct span *out)
{
    struct fs_file file;
    size_t         mark = arena_mark(a);
    uint8_t       *data;
    enum status    st;

    TRY(fs_find(fs, path, &file));
    if (file.is_directory)
        return STATUS_FILE_NOT_FOUND;
    if (file.bytes > max_bytes)
        return STATUS_FILE_TOO_LARGE;
    data = arena_alloc(a, (size_t)file.bytes);
    if (!data)
        return STATUS_NO_MEMORY;
    st = fs_read(&file, 0, data, (size_t)file.bytes);
    if (st != STATUS_OK) {
        arena_release(a, mark);
        return st;
    }
    *out = span_of(data, (size_t)file.bytes);
    return STATUS_OK;
}
