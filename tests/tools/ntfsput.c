/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntfsput - make directories and copy files into an NTFS volume image, without root and without mounting.
 *
 *   ntfsput IMAGE PATH=HOSTFILE...   copy HOSTFILE to PATH, making the directories on the way
 *   ntfsput IMAGE PATH/...           make a directory
 *
 * Used by: tools/mkvolume.py. ntfscp of ntfs-3g copies files but cannot make a directory.
 * All time stamps are set to one fixed time, so that equal input gives an equal volume.
 * Facts: the headers of libntfs-3g (package ntfs-3g-dev).
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>   /* ntfs-3g/ntfstime.h uses it and does not include it */

#include <ntfs-3g/attrib.h>
#include <ntfs-3g/dir.h>
#include <ntfs-3g/inode.h>
#include <ntfs-3g/ntfstime.h>
#include <ntfs-3g/unistr.h>
#include <ntfs-3g/volume.h>

#define COPY_BYTES (1 << 20)

static void fail(const char *what, const char *name)
{
    fprintf(stderr, "ntfsput: %s %s: %s\n", what, name, strerror(errno));
    exit(1);
}

/* The times in the name attributes of the inode's own record: the library leaves them as made. */
static void fix_name_times(ntfs_inode *ni, ntfs_time fixed)
{
    ntfs_attr_search_ctx *ctx = ntfs_attr_get_search_ctx(ni, NULL);

    if (!ctx)
        fail("search", "name attribute");
    while (!ntfs_attr_lookup(AT_FILE_NAME, NULL, 0, CASE_SENSITIVE, 0, NULL, 0, ctx)) {
        FILE_NAME_ATTR *name = (FILE_NAME_ATTR *)((u8 *)ctx->attr + le16_to_cpu(ctx->attr->value_offset));

        name->creation_time = fixed;
        name->last_data_change_time = fixed;
        name->last_mft_change_time = fixed;
        name->last_access_time = fixed;
    }
    ntfs_attr_put_search_ctx(ctx);
}

/* Write an inode back with fixed times; the library has put in those of the clock. */
static void close_inode(ntfs_inode *ni)
{
    const struct timespec when = { .tv_sec = 1293840000 };  /* 2011-01-01 */
    const ntfs_time       fixed = timespec2ntfs(when);

    ni->creation_time = fixed;
    ni->last_data_change_time = fixed;
    ni->last_mft_change_time = fixed;
    ni->last_access_time = fixed;
    fix_name_times(ni, fixed);
    NInoFileNameSetDirty(ni);
    NInoSetDirty(ni);
    if (ntfs_inode_close(ni))
        fail("close", "inode");
}

/* Open `name` in `dir`, making it when it is not there; type is S_IFDIR or S_IFREG. Closes `dir`. */
static ntfs_inode *open_child(ntfs_volume *vol, ntfs_inode *dir, const char *name, mode_t type)
{
    ntfschar *unicode = NULL;
    int       length = ntfs_mbstoucs(name, &unicode);

    if (length <= 0)
        fail("name", name);
    u64         reference = ntfs_inode_lookup_by_name(dir, unicode, length);
    ntfs_inode *child = reference == (u64)-1 ? ntfs_create(dir, 0, unicode, (u8)length, type)
                                             : ntfs_inode_open(vol, MREF(reference));
    if (!child)
        fail("make", name);
    free(unicode);
    close_inode(dir);
    return child;
}

/* Replace the contents of a file by those of a host file. */
static void copy_data(ntfs_inode *file, const char *host_path)
{
    static char buffer[COPY_BYTES];
    FILE       *host = fopen(host_path, "rb");
    ntfs_attr  *data = ntfs_attr_open(file, AT_DATA, AT_UNNAMED, 0);
    s64         at = 0;
    size_t      n;

    if (!host)
        fail("open", host_path);
    if (!data || ntfs_attr_truncate(data, 0))
        fail("open data of the copy of", host_path);
    while ((n = fread(buffer, 1, sizeof buffer, host)) > 0) {
        if (ntfs_attr_pwrite(data, at, (s64)n, buffer) != (s64)n)
            fail("write the copy of", host_path);
        at += (s64)n;
    }
    ntfs_attr_close(data);
    fclose(host);
}

/* One argument: "a/b/c=hostfile" or "a/b/". Separators are slashes or backslashes. */
static void put(ntfs_volume *vol, char *argument)
{
    char       *host_path = strchr(argument, '=');
    ntfs_inode *ni = ntfs_inode_open(vol, FILE_root);

    if (!ni)
        fail("open", "root directory");
    if (host_path)
        *host_path++ = '\0';
    for (char *rest = argument + strspn(argument, "/\\"); *rest;) {
        size_t length = strcspn(rest, "/\\");
        char  *next = rest + length + strspn(rest + length, "/\\");
        bool   last = !*next;

        rest[length] = '\0';
        ni = open_child(vol, ni, rest, last && host_path ? S_IFREG : S_IFDIR);
        rest = next;
    }
    if (host_path)
        copy_data(ni, host_path);
    close_inode(ni);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: ntfsput IMAGE [PATH=HOSTFILE | PATH/]...\n");
        return 2;
    }
    ntfs_volume *vol = ntfs_mount(argv[1], 0);
    if (!vol)
        fail("open", argv[1]);
    for (int i = 2; i < argc; i++)
        put(vol, argv[i]);
    if (ntfs_umount(vol, FALSE))
        fail("close", argv[1]);
    return 0;
}
