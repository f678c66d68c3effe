/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fscat.c - print a file of a volume image as common/fs reads it, to be compared with what another tool put there.
 *
 *   fscat IMAGE PATH [PIECE]   the whole file in one read, or in pieces of so many bytes (the last one first)
 *
 * Prints the number of the message instead when it cannot be read; exit status 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs/fs.h"
#include "common/fs/ntfs_wof.h"
#include "tests/support/memdisk.h"

#define ARENA_BYTES (4u << 20)

static enum status read_file(struct fs_volume *fs, const char *path, size_t piece, uint8_t **out, size_t *len)
{
    struct fs_file file;

    TRY(fs_find(fs, path, &file));
    *len = (size_t)file.bytes;
    *out = malloc(*len + 1);
    if (piece == 0 || piece > *len)
        return fs_read(&file, 0, *out, *len);
    for (size_t end = *len; end > 0;) {
        size_t n = end < piece ? end : piece;

        end -= n;
        TRY(fs_read(&file, end, *out + end, n));
    }
    return STATUS_OK;
}

int main(int argc, char **argv)
{
    struct memdisk *disk = argc >= 3 ? memdisk_open(argv[1], 512) : NULL;
    struct arena arena = arena_of(malloc(ARENA_BYTES), ARENA_BYTES);
    struct fs_volume fs;
    uint8_t sector[512], *bytes = NULL;
    size_t len = 0;
    enum status st;

    if (!disk) {
        fprintf(stderr, "usage: fscat IMAGE PATH [PIECE]\n");
        return 2;
    }
    memcpy(sector, memdisk_at(disk, 0), sizeof sector);
    st = fs_open(&disk->dev, sector, &arena, &fs);
    if (st == STATUS_OK) {
        fs_allow_wof(&fs);
        st = read_file(&fs, argv[2], argc > 3 ? strtoul(argv[3], NULL, 0) : 0, &bytes, &len);
    }
    if (st != STATUS_OK)
        printf("LDM-%04u\n", (unsigned)st);
    else
        fwrite(bytes, 1, len, stdout);
    free(bytes);
    free(arena.base);
    memdisk_free(disk);
    return st != STATUS_OK;
}
