/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mkntfsimg.c - fill an NTFS image file that mkntfs has formatted: no root, no FUSE.
 *
 * It makes what ntfsput does not: fragmented, sparse, compressed files, big directories. Writes with ntfs-3g's
 * library, so that what the tests read was not written by anything that shares code with the reader.
 *
 * mkntfsimg IMAGE < COMMANDS, one a line, '#' begins a comment:
 *   mkdir PATH                    and every directory on the way
 *   pattern PATH BYTES SEED       a file with bytes that tests/support/pattern.h knows
 *   scatter PATH BYTES SEED       the same, as fragmented as can be: every cluster apart from the next
 *   sparse PATH BYTES SEED HOLE   the same, but the first HOLE bytes were never written (zeros)
 *   zeros PATH BYTES SEED COUNT   the same, but the first COUNT bytes are zeros that were written
 *   many PATH COUNT               COUNT empty files "file with a long name NNNNN.dat" in a directory
 *   compress PATH                 what is made in this directory from now on is compressed
 *   shortname PATH NAME           give a file an 8.3 name
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>   /* ntfs-3g/ntfstime.h uses it and does not include it */

#include <ntfs-3g/types.h>
#include <ntfs-3g/attrib.h>
#include <ntfs-3g/dir.h>
#include <ntfs-3g/inode.h>
#include <ntfs-3g/security.h>
#include <ntfs-3g/unistr.h>
#include <ntfs-3g/volume.h>

#include "tests/support/pattern.h"

#define MAX_WORDS 6

static int line_number;

static void die(const char *what)
{
    fprintf(stderr, "mkntfsimg: line %d: %s: %s\n", line_number, what, strerror(errno));
    exit(1);
}

static ntfs_inode *open_path(ntfs_volume *vol, const char *path)
{
    return ntfs_pathname_to_inode(vol, NULL, path);
}

static void close_inode(ntfs_inode *ni)
{
    if (ntfs_inode_close(ni))
        die("close");
}

/* Make a file or directory in a directory that exists; an existing one is left as it is. */
static void create(ntfs_volume *vol, const char *path, mode_t type)
{
    char *directory = strdup(path), *name = strrchr(directory, '/');
    ntfs_inode *parent, *ni = open_path(vol, path);
    ntfschar *unicode = NULL;
    int units;

    if (ni) {
        close_inode(ni);
        free(directory);
        return;
    }
    *name++ = '\0';
    parent = open_path(vol, *directory ? directory : "/");
    units = ntfs_mbstoucs(name, &unicode);
    if (!parent || units <= 0)
        die(path);
    ni = ntfs_create(parent, const_cpu_to_le32(0), unicode, (u8)units, type);
    if (!ni)
        die(path);
    close_inode(ni);
    close_inode(parent);
    free(unicode);
    free(directory);
}

static void make_directories(ntfs_volume *vol, char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        create(vol, path, S_IFDIR);
        *slash = '/';
    }
    create(vol, path, S_IFDIR);
}

static ntfs_attr *open_data(ntfs_inode *ni)
{
    ntfs_attr *na = ni ? ntfs_attr_open(ni, AT_DATA, AT_UNNAMED, 0) : NULL;

    if (!na)
        die("open data");
    return na;
}

static void write_at(ntfs_attr *na, uint64_t off, const uint8_t *data, uint64_t len)
{
    if (ntfs_attr_pwrite(na, (s64)off, (s64)len, data) != (s64)len)
        die("write");
}

static void write_whole(ntfs_volume *vol, const char *path, const uint8_t *data, uint64_t len)
{
    ntfs_inode *ni;
    ntfs_attr *na;

    create(vol, path, S_IFREG);
    ni = open_path(vol, path);
    na = open_data(ni);
    write_at(na, 0, data, len);
    if ((na->data_flags & ATTR_COMPRESSION_MASK) && ntfs_attr_pclose(na))
        die("close compressed data");
    ntfs_attr_close(na);
    close_inode(ni);
}

/* The last cluster first: the library takes ascending clusters, so no two neighbours are in order on the volume. */
static void write_scattered(ntfs_volume *vol, const char *path, const uint8_t *data, uint64_t len)
{
    uint64_t cluster = vol->cluster_size;
    ntfs_inode *ni;
    ntfs_attr *na;

    create(vol, path, S_IFREG);
    ni = open_path(vol, path);
    na = open_data(ni);
    if (ntfs_attr_truncate(na, (s64)len))
        die("truncate");
    for (uint64_t end = len; end > 0;) {
        uint64_t off = (end - 1) / cluster * cluster;

        write_at(na, off, data + off, end - off);
        end = off;
    }
    ntfs_attr_close(na);
    close_inode(ni);
}

static void write_sparse(ntfs_volume *vol, const char *path, const uint8_t *data, uint64_t len, uint64_t hole)
{
    ntfs_inode *ni;
    ntfs_attr *na;

    create(vol, path, S_IFREG);
    ni = open_path(vol, path);
    na = open_data(ni);
    if (ntfs_attr_truncate(na, (s64)len))
        die("truncate");
    write_at(na, hole, data + hole, len - hole);
    ntfs_attr_close(na);
    close_inode(ni);
}

static uint8_t *pattern(uint64_t len, unsigned seed)
{
    uint8_t *data = malloc(len + 1);

    for (uint64_t i = 0; data && i < len; i++)
        data[i] = pattern_at(seed, i);
    return data;
}

static void make_many(ntfs_volume *vol, const char *path, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char name[512];

        snprintf(name, sizeof name, "%s/file with a long name %05u.dat", path, i);
        create(vol, name, S_IFREG);
    }
}

static void set_compressed(ntfs_volume *vol, const char *path)
{
    ntfs_inode *ni = open_path(vol, path);
    le32 attributes = FILE_ATTR_COMPRESSED;

    if (!ni || ntfs_set_ntfs_attrib(ni, (const char *)&attributes, sizeof attributes, 0))
        die(path);
    close_inode(ni);
}

static void set_short_name(ntfs_volume *vol, const char *path, const char *name)
{
    char *directory = strdup(path), *slash = strrchr(directory, '/');
    ntfs_inode *ni = open_path(vol, path), *parent;

    *slash = '\0';
    parent = open_path(vol, *directory ? directory : "/");
    if (!ni || !parent || ntfs_set_ntfs_dos_name(ni, parent, name, strlen(name), 0))  /* closes both */
        die(path);
    free(directory);
}

static void run(ntfs_volume *vol, char **word, int words)
{
    uint64_t bytes = words > 2 ? strtoull(word[2], NULL, 0) : 0;
    unsigned seed = words > 3 ? (unsigned)strtoul(word[3], NULL, 0) : 0;
    uint8_t *data = words > 3 ? pattern(bytes, seed) : NULL;

    if (words == 2 && !strcmp(word[0], "mkdir"))
        make_directories(vol, word[1]);
    else if (words == 2 && !strcmp(word[0], "compress"))
        set_compressed(vol, word[1]);
    else if (words == 3 && !strcmp(word[0], "many"))
        make_many(vol, word[1], (unsigned)bytes);
    else if (words == 3 && !strcmp(word[0], "shortname"))
        set_short_name(vol, word[1], word[2]);
    else if (words == 4 && !strcmp(word[0], "pattern"))
        write_whole(vol, word[1], data, bytes);
    else if (words == 4 && !strcmp(word[0], "scatter"))
        write_scattered(vol, word[1], data, bytes);
    else if (words == 5 && !strcmp(word[0], "sparse"))
        write_sparse(vol, word[1], data, bytes, strtoull(word[4], NULL, 0));
    else if (words == 5 && !strcmp(word[0], "zeros"))
        write_whole(vol, word[1], memset(data, 0, strtoull(word[4], NULL, 0)), bytes);
    else {
        errno = EINVAL;
        die(word[0]);
    }
    free(data);
}

int main(int argc, char **argv)
{
    char line[2048], *word[MAX_WORDS];
    ntfs_volume *vol = argc == 2 ? ntfs_mount(argv[1], NTFS_MNT_NONE) : NULL;

    if (!vol) {
        fprintf(stderr, "usage: mkntfsimg IMAGE < COMMANDS (IMAGE formatted by mkntfs)\n");
        return 1;
    }
    for (line_number = 1; fgets(line, sizeof line, stdin); line_number++) {
        int words = 0;

        for (char *w = strtok(line, " \t\n"); w && *w != '#' && words < MAX_WORDS; w = strtok(NULL, " \t\n"))
            word[words++] = w;
        if (words > 0)
            run(vol, word, words);
    }
    return ntfs_umount(vol, FALSE) ? 1 : 0;
}
