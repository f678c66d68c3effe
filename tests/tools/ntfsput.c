/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntfsput - make directories and copy files into an NTFS volume image, without root and without mounting.
 *
 *   ntfsput IMAGE PATH=HOSTFILE...   copy HOSTFILE to PATH, making the directories on the way
 *   ntfsput IMAGE PATH/...           make a directory
 *   ntfsput IMAGE PATH,compressed=HOSTFILE       the copy is compressed by NTFS (clusters of 4 KiB at most)
 *   ntfsput IMAGE PATH,encrypted=HOSTFILE        the copy has EFS's mark; its bytes stay as they are
 *   ntfsput IMAGE PATH,wof:N:BYTES=HOSTFILE      a file of BYTES bytes as Windows's "compact /exe" leaves it: HOSTFILE is
 *                                                the compressed form, N its algorithm (0: XPRESS4K, 1: LZX, 2: 8K, 3: 16K)
 *
 * ntfscp of ntfs-3g copies files but cannot make a directory. All time stamps are set to one fixed time, so that equal
 * input gives an equal volume.
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
#include <ntfs-3g/reparse.h>
#include <ntfs-3g/unistr.h>
#include <ntfs-3g/volume.h>

#define COPY_BYTES (1 << 20)

/* What stands behind the comma of an argument. */
#define COMPRESSED "compressed"
#define ENCRYPTED  "encrypted"
#define WOF        "wof:"

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

/* What is made in a compressed directory is compressed. */
static ntfs_inode *make_child(ntfs_inode *dir, const ntfschar *name, u8 length, mode_t type, bool compressed)
{
    FILE_ATTR_FLAGS before = dir->flags;
    ntfs_inode     *child;

    if (compressed)
        dir->flags |= FILE_ATTR_COMPRESSED;
    child = ntfs_create(dir, 0, name, length, type);
    dir->flags = before;
    return child;
}

/* Open `name` in `dir`, making it when it is not there; type is S_IFDIR or S_IFREG. Closes `dir`. */
static ntfs_inode *open_child(ntfs_volume *vol, ntfs_inode *dir, const char *name, mode_t type, bool compressed)
{
    ntfschar *unicode = NULL;
    int       length = ntfs_mbstoucs(name, &unicode);

    if (length <= 0)
        fail("name", name);
    u64         reference = ntfs_inode_lookup_by_name(dir, unicode, length);
    ntfs_inode *child = reference == (u64)-1 ? make_child(dir, unicode, (u8)length, type, compressed)
                                             : ntfs_inode_open(vol, MREF(reference));
    if (!child)
        fail("make", name);
    free(unicode);
    close_inode(dir);
    return child;
}

/* Replace the contents of an open attribute by those of a host file. */
static void copy_data(ntfs_attr *data, const char *host_path)
{
    static char buffer[COPY_BYTES];
    FILE       *host = fopen(host_path, "rb");
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
    if ((data->data_flags & ATTR_COMPRESSION_MASK) && ntfs_attr_pclose(data))
        fail("compress the copy of", host_path);
    ntfs_attr_close(data);
    fclose(host);
}

/* The mark alone: whoever reads must not take the bytes for the file's. */
static void set_encrypted(ntfs_inode *file, const char *name)
{
    ntfs_attr_search_ctx *ctx = ntfs_attr_get_search_ctx(file, NULL);

    if (!ctx || ntfs_attr_lookup(AT_DATA, AT_UNNAMED, 0, CASE_SENSITIVE, 0, NULL, 0, ctx))
        fail("find data of", name);
    ctx->attr->flags |= ATTR_IS_ENCRYPTED;
    file->flags |= FILE_ATTR_ENCRYPTED;
    ntfs_inode_mark_dirty(ctx->ntfs_ino);
    ntfs_attr_put_search_ctx(ctx);
}

/* Windows Overlay Filter: the data in a stream of its own, an ordinary stream of the same size that is one hole, a tag. */
static void put_wof(ntfs_inode *file, const char *host_path, const char *how)
{
    ntfschar *name = NULL;
    int       length = ntfs_mbstoucs("WofCompressedData", &name);
    struct {
        le32 tag;
        le16 bytes, reserved;
        le32 wof_version, provider, file_version, algorithm;
    } reparse = { const_cpu_to_le32(0x80000017), const_cpu_to_le16(16), const_cpu_to_le16(0), const_cpu_to_le32(1),
                  const_cpu_to_le32(2), const_cpu_to_le32(1), cpu_to_le32((u32)strtoul(how, NULL, 10)) };
    ntfs_attr *data = ntfs_attr_open(file, AT_DATA, AT_UNNAMED, 0);

    if (!data || ntfs_attr_truncate(data, strtoll(strchr(how, ':') + 1, NULL, 10)))
        fail("set the size of the copy of", host_path);
    ntfs_attr_close(data);
    if (length <= 0 || ntfs_attr_add(file, AT_DATA, name, (u8)length, NULL, 0))
        fail("add a stream for", host_path);
    copy_data(ntfs_attr_open(file, AT_DATA, name, (u32)length), host_path);
    free(name);
    if (ntfs_set_ntfs_reparse_data(file, (const char *)&reparse, sizeof reparse, 0))
        fail("set the tag of the copy of", host_path);
}

static void put_file(ntfs_inode *file, const char *host_path, const char *how)
{
    if (how && !strncmp(how, WOF, strlen(WOF))) {
        put_wof(file, host_path, how + strlen(WOF));
        return;
    }
    copy_data(ntfs_attr_open(file, AT_DATA, AT_UNNAMED, 0), host_path);
    if (how && !strcmp(how, ENCRYPTED))
        set_encrypted(file, host_path);
}

/* One argument: "a/b/c=hostfile" or "a/b/". Separators are slashes or backslashes. */
static void put(ntfs_volume *vol, char *argument)
{
    char       *host_path = strchr(argument, '='), *how = NULL;
    ntfs_inode *ni = ntfs_inode_open(vol, FILE_root);

    if (!ni)
        fail("open", "root directory");
    if (host_path) {
        *host_path++ = '\0';
        how = strchr(argument, ',');
    }
    if (how)
        *how++ = '\0';
    for (char *rest = argument + strspn(argument, "/\\"); *rest;) {
        size_t length = strcspn(rest, "/\\");
        char  *next = rest + length + strspn(rest + length, "/\\");
        bool   last = !*next;

        rest[length] = '\0';
        ni = open_child(vol, ni, rest, last && host_path ? S_IFREG : S_IFDIR,
                        last && how && !strcmp(how, COMPRESSED));
        rest = next;
    }
    if (host_path)
        put_file(ni, host_path, how);
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
