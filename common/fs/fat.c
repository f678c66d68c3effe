/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fat.c - FAT12, FAT16 and FAT32, read only: files by their path, and what is in them. */
#include "fat.h"

#include "bytes.h"
#include "fat_directory.h"

/* What a path names; the root directory for an empty one. FILE_NOT_FOUND also when a file is on the way. */
static enum status resolve(struct fat_volume *vol, const char *path, struct fs_lookup *found)
{
    struct fs_lookup at = { .reference = vol->root_cluster, .is_directory = true };

    while (fs_path_next(&path, &at.name)) {
        if (!at.is_directory)
            return STATUS_FILE_NOT_FOUND;
        at.found = false;
        TRY(fat_search(vol, (uint32_t)at.reference, &at, 1));
        if (!at.found)
            return STATUS_FILE_NOT_FOUND;
    }
    *found = at;
    return STATUS_OK;
}

enum status fat_find(struct fat_volume *vol, const char *path, struct fat_file *out, uint64_t *bytes,
                     bool *is_directory)
{
    struct fs_lookup found;

    TRY(resolve(vol, path, &found));
    *out = (struct fat_file){ .first_cluster = (uint32_t)found.reference };
    *bytes = found.is_directory ? 0 : found.bytes;
    *is_directory = found.is_directory;
    return STATUS_OK;
}

enum status fat_find_names(struct fat_volume *vol, const char *directory, struct fs_lookup *names, size_t n)
{
    struct fs_lookup at;

    TRY(resolve(vol, directory, &at));
    if (!at.is_directory)
        return STATUS_FILE_NOT_FOUND;
    return fat_search(vol, (uint32_t)at.reference, names, n);
}

/* Place of a byte of a file; a chain shorter than the file's size is damage. */
static enum status place_in_file(struct fat_volume *vol, struct fat_file *file, uint64_t off, uint64_t want,
                                 uint64_t *position, uint64_t *bytes)
{
    if (file->first_cluster == 0)
        return STATUS_FS_DAMAGED;
    TRY(fat_place(vol, file, off, want, position, bytes));
    return *bytes > 0 ? STATUS_OK : STATUS_FS_DAMAGED;
}

enum status fat_read(struct fat_volume *vol, struct fat_file *file, uint64_t off, void *buf, size_t len)
{
    uint8_t *out = buf;

    while (len > 0) {
        uint64_t position, bytes;
        size_t step;

        TRY(place_in_file(vol, file, off, len, &position, &bytes));
        step = bytes < len ? (size_t)bytes : len;
        TRY(dev_read_bytes(vol->dev, position, out, step));
        off += step;
        out += step;
        len -= step;
    }
    return STATUS_OK;
}

enum status fat_locate(struct fat_volume *vol, struct fat_file *file, uint64_t off, uint64_t file_bytes,
                       uint64_t *position, uint64_t *bytes_left)
{
    uint64_t left = file_bytes - off, bytes;

    TRY(place_in_file(vol, file, off, left, position, &bytes));
    *bytes_left = bytes < left ? bytes : left;
    return STATUS_OK;
}
