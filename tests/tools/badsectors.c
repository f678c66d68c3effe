/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * badsectors.c - a disk with sectors that cannot be read: preloaded (LD_PRELOAD), it lets pread() of a file fail with EIO
 * where it would touch one of them. BADSECTORS is "PATH=SECTOR[,SECTOR]...;PATH=...", a SECTOR being one of 512
 * bytes, or a range A-B. NOHOLES: a file knows of no holes, as a block device.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef ssize_t (*reader)(int, void *, size_t, off_t);

/* Is one of the list's sectors in [first, last]? */
static int hits(const char *list, unsigned long first, unsigned long last)
{
    while (*list && *list != ';') {
        char         *end;
        unsigned long a = strtoul(list, &end, 10), b = *end == '-' ? strtoul(end + 1, &end, 10) : a;

        if (a <= last && b >= first)
            return 1;
        list = *end == ',' ? end + 1 : end;
    }
    return 0;
}

static int is_bad(int fd, size_t count, off_t offset)
{
    const char *text = getenv("BADSECTORS");
    char        link[64], path[4096];
    ssize_t     len;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    len = readlink(link, path, sizeof path - 1);
    if (len <= 0 || count == 0)
        return 0;
    path[len] = '\0';
    while (text && *text) {
        const char *equals = strchr(text, '='), *next = strchr(text, ';');

        if (equals && (size_t)len == (size_t)(equals - text) && strncmp(text, path, (size_t)len) == 0 &&
            hits(equals + 1, (unsigned long)offset / 512, ((unsigned long)offset + count - 1) / 512))
            return 1;
        text = next ? next + 1 : NULL;
    }
    return 0;
}

static ssize_t read_or_fail(const char *name, int fd, void *buf, size_t count, off_t offset)
{
    if (is_bad(fd, count, offset)) {
        errno = EIO;
        return -1;
    }
    return ((reader)dlsym(RTLD_NEXT, name))(fd, buf, count, offset);
}

typedef off_t (*seeker)(int, off_t, int);

static off_t seek(const char *name, int fd, off_t offset, int whence)
{
    if (getenv("NOHOLES") && (whence == SEEK_DATA || whence == SEEK_HOLE)) {
        errno = EINVAL;
        return -1;
    }
    return ((seeker)dlsym(RTLD_NEXT, name))(fd, offset, whence);
}

off_t lseek(int fd, off_t offset, int whence) { return seek("lseek", fd, offset, whence); }
off_t lseek64(int fd, off_t offset, int whence) { return seek("lseek64", fd, offset, whence); }

ssize_t pread(int fd, void *buf, size_t count, off_t offset) { return read_or_fail("pread", fd, buf, count, offset); }
ssize_t pread64(int fd, void *buf, size_t count, off_t offset) { return read_or_fail("pread64", fd, buf, count, offset); }
