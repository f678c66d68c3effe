/* SPDX-License-Identifier: GPL-2.0-or-later */
/* letters.c - the registry's drive letters, read as those of the basic disk; see basic.h and common/windows/mounted.h. */
#include <stdio.h>

#include "basic.h"
#include "common/base/ascii.h"
#include "messages.h"

#define SYSTEM_MAX ((size_t)96 << 20)  /* real ones have 4 to 40 MB */

/* Lay a patch of a file over the disk, wherever the file system has its bytes. FS_UNSUPPORTED: it cannot be told. */
static enum status lay_patch(struct basic *b, const struct basic_volume *v, struct fs_file *file,
                             const struct mounted_patch *p)
{
    for (uint16_t done = 0; done < p->len;) {
        uint64_t sector, left;
        uint32_t in_sector;
        uint16_t step = (uint16_t)(p->len - done);

        TRY(fs_locate(file, p->offset + done, &sector, &in_sector, &left));
        if (left == 0)
            return STATUS_FS_UNSUPPORTED;
        if (step > left)
            step = (uint16_t)left;
        TRY(composed_overlay(b->disk, b->arena, (v->start + sector) * SECTOR_BYTES + in_sector, p->bytes + done, step));
        done = (uint16_t)(done + step);
    }
    return STATUS_OK;
}

static enum status find_patches(struct basic *b, struct span hive, struct mounted_patch **patches, size_t *count,
                                bool *dirty)
{
    struct mounted_volume volumes[BASIC_MAX_VOLUMES];

    for (size_t i = 0; i < b->count; i++)
        volumes[i] = (struct mounted_volume){ b->volumes[i].volume->guid, b->volumes[i].name };
    return mounted_answer(hive, volumes, b->count, b->arena, patches, count, dirty);
}

/* The hive is only in memory while it is looked at. */
static enum status read_patches(struct basic *b, struct fs_file *file, struct mounted_patch **patches, size_t *count,
                                bool *dirty)
{
    size_t      end = arena_end(b->arena);
    uint8_t    *bytes;
    enum status st;

    if (file->is_directory || file->bytes > SYSTEM_MAX)
        return STATUS_FILE_TOO_LARGE;
    bytes = arena_borrow(b->arena, (size_t)file->bytes);
    if (!bytes)
        return STATUS_NO_MEMORY;
    st = fs_read(file, 0, bytes, (size_t)file->bytes);
    if (st == STATUS_OK)
        st = find_patches(b, span_of(bytes, (size_t)file->bytes), patches, count, dirty);
    arena_give_back(b->arena, end);
    return st;
}

static enum status answer_file(struct basic *b, const struct basic_volume *v, const char *path)
{
    struct mounted_patch *patches;
    struct fs_file        file;
    size_t                count;
    bool                  dirty = false;
    size_t                before = b->disk->overlay_count;
    enum status           st = fs_find(&v->facts->filesystem, path, &file);

    if (st == STATUS_FILE_NOT_FOUND)
        return st;
    if (st == STATUS_OK)
        st = read_patches(b, &file, &patches, &count, &dirty);
    if (st == STATUS_HIVE_NO_KEY)  /* nothing to answer */
        return STATUS_OK;
    if (st != STATUS_OK || dirty) {
        say(dirty ? MESSAGE_REGISTRY_DIRTY : MESSAGE_REGISTRY_UNREAD, "%s, %s", v->volume->name, path);
        return STATUS_OK;
    }
    for (size_t i = 0; i < count; i++)
        if (lay_patch(b, v, &file, &patches[i]) != STATUS_OK) {
            b->disk->overlay_count = before;  /* all of them or none */
            say(MESSAGE_REGISTRY_UNREAD, "%s, %s", v->volume->name, path);
            return STATUS_OK;
        }
    if (count > 0)
        say(MESSAGE_LETTERS_ANSWERED, "%s, %s", v->volume->name, path);
    return STATUS_OK;
}

/* Does a line before this one name the same folder? */
static bool is_repeated(const struct loader_files *files, size_t line)
{
    const char *folder = files->lines[line].entry.directory;

    for (size_t i = 0; i < line; i++)
        if (ascii_equal(span_of(folder, strlen(folder)), files->lines[i].entry.directory))
            return true;
    return false;
}

/* Where a Windows of this volume may have its registry: where setup puts it, and as boot.ini says. */
static void answer_volume(struct basic *b, const struct basic_volume *v)
{
    const struct loader_files *files = &b->sources->plan.chosen.facts->files;
    char                       path[BOOTINI_DIRECTORY_MAX + sizeof MOUNTED_PATH];

    (void)answer_file(b, v, "\\Windows" MOUNTED_PATH);
    (void)answer_file(b, v, "\\WINNT" MOUNTED_PATH);
    for (size_t i = 0; i < files->line_count; i++) {
        const char *folder = files->lines[i].entry.directory;
        struct span name = span_of(folder, strlen(folder));

        if (!folder[0] || ascii_equal(name, "\\Windows") || ascii_equal(name, "\\WINNT") || is_repeated(files, i))
            continue;
        snprintf(path, sizeof path, "%s%s", folder, MOUNTED_PATH);
        (void)answer_file(b, v, path);
    }
}

enum status basic_answer_letters(struct basic *b)
{
    for (size_t i = 0; i < b->count; i++)
        if (b->volumes[i].facts && b->volumes[i].facts->root_read)
            answer_volume(b, &b->volumes[i]);
    return STATUS_OK;
}
