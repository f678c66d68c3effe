/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overlay.h - fuzz a file system reader with a good volume that has some bytes changed:
 * a fuzzer that had to find a whole file system by itself would never get far.
 *
 * An input is a list of changes: position in the volume (3 bytes), number of bytes (1 byte, its low 6 bits), these
 * bytes.
 */
#ifndef LDMBOOT_TESTS_OVERLAY_H
#define LDMBOOT_TESTS_OVERLAY_H

#include <stdlib.h>
#include <string.h>

#include "common/disk/block.h"
#include "common/fs/fs.h"
#include "common/fs/ntfs_wof.h"

#define OVERLAY_MAX_READS 100000u  /* a reader that wants more for a few files does not end */

struct overlay {
    struct block_device dev;      /* first member: `read` casts back */
    uint8_t            *bytes;    /* with the changes */
    uint8_t            *pristine;
    size_t              size;
    uint32_t            reads;
};

static enum status overlay_read(struct block_device *dev, uint64_t lba, uint32_t count, void *buf)
{
    struct overlay *o = (struct overlay *)dev;

    if (++o->reads > OVERLAY_MAX_READS)
        abort();
    memcpy(buf, o->bytes + lba * 512, (size_t)count * 512);
    return STATUS_OK;
}

static void overlay_init(struct overlay *o, const uint8_t *pristine, size_t size)
{
    o->size = size;
    o->pristine = malloc(size);
    o->bytes = malloc(size);
    memcpy(o->pristine, pristine, size);
    memcpy(o->bytes, pristine, size);
    o->dev = (struct block_device){
        .name = "fuzz", .block_size = 512, .block_count = size / 512, .read = overlay_read };
}

/* Make the changes of an input, or take them back. */
static void overlay_change(struct overlay *o, const uint8_t *data, size_t len, bool undo)
{
    while (len >= 5) {
        size_t at = (size_t)(data[0] | data[1] << 8 | data[2] << 16) % o->size, n = data[3] & 63;

        data += 4;
        len -= 4;
        if (n > len)
            n = len;
        if (n > o->size - at)
            n = o->size - at;
        memcpy(o->bytes + at, undo ? o->pristine + at : data, n);
        data += n;
        len -= n;
    }
}

/* Find a file; read its beginning, its end and where they lie. */
static void overlay_use_file(struct fs_volume *fs, const char *path)
{
    static uint8_t buf[1 << 16];
    struct fs_file f;
    uint64_t sector, left;
    uint32_t offset;
    size_t len;

    if (fs_find(fs, path, &f) != STATUS_OK || f.bytes == 0)
        return;
    len = f.bytes < sizeof buf ? (size_t)f.bytes : sizeof buf;
    if (fs_read(&f, 0, buf, len) == STATUS_OK && fs_locate(&f, 0, &sector, &offset, &left) == STATUS_OK &&
        offset >= 512)
        abort();
    if (fs_read(&f, f.bytes - len, buf, len) == STATUS_OK &&
        fs_locate(&f, f.bytes - 1, &sector, &offset, &left) == STATUS_OK && left != 1)
        abort();
}

/* Everything a boot program does with a volume. */
static void overlay_use(struct overlay *o, void *memory, size_t memory_bytes, const char *const *paths, size_t n)
{
    static const char *const names[] = { "NTLDR", "BOOTMGR", "hiberfil.sys", "boot.ini" };
    struct arena a = arena_of(memory, memory_bytes);
    uint8_t boot[512];
    struct fs_volume fs;
    bool found[4];

    o->reads = 0;
    memcpy(boot, o->bytes, sizeof boot);
    if (fs_open(&o->dev, boot, &a, &fs) != STATUS_OK)
        return;
    fs_allow_wof(&fs);
    (void)!fs_find_names(&fs, "\\", names, 4, found);
    for (size_t i = 0; i < n; i++)
        overlay_use_file(&fs, paths[i]);
}

#endif
