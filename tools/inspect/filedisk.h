/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filedisk.h - an image file or a block device of this computer as a block_device, opened for reading only. */
#ifndef LDMBOOT_INSPECT_FILEDISK_H
#define LDMBOOT_INSPECT_FILEDISK_H

#include <stdint.h>

#include "common/disk/block.h"
#include "host.h"

/* Bytes of an image that were never read from its disk: what stands there is not what the disk had. */
struct unread_area {
    uint64_t start, end;
};

struct unread {
    struct unread_area *areas;  /* by position, apart from each other */
    size_t              count;
};

/* The first area that does not end before `start`, or at it; NULL: there is none. */
const struct unread_area *unread_from(const struct unread *u, uint64_t start);

/* A file that holds a disk in a format of its own. */
struct container {
    uint64_t    at;        /* its mark, by which it is known */
    const char *mark;
    size_t      bytes;
    const char *qemu;      /* QEMU's name of the format; NULL: QEMU has none, it is one of libewf's */
    const char *sentence;  /* what it is, and how to make an image of it */
};

struct filedisk {
    struct block_device dev;   /* first member: `read` casts back */
    struct host_file    file;  /* not open: every read fails */
    struct unread       unread;  /* none when opened; who has a map puts it there: reads that touch an area fail */
    void              (*watch)(const char *name, uint64_t sector);  /* told of each read before it; NULL: nobody is */
    const struct container *container;  /* NULL: the file is the disk, sector for sector */
};

/*
 * Open `path` for reading. block_size: 512, 4096, or 0 to find out (4096 when a GPT
 * or a PRIVHEAD stands where only 4096-byte blocks put it).
 * Returns NULL, or in words why it is no disk (a container of a virtual machine, a folder, ...); `fd` is one that cannot
 * be read then, whose `container` says whether it is one (inside.h opens those).
 */
const char *filedisk_open(struct filedisk *fd, const char *path, uint32_t block_size);
/* The second half of that, once fd->file is open. */
const char *filedisk_begin(struct filedisk *fd, uint32_t block_size);
void        filedisk_close(struct filedisk *fd);

#endif
