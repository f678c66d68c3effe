/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filedisk.c - reading an image file or a block device with pread(), nothing else. */
#include "filedisk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGE_BLOCK 4096u

static enum status read_blocks(struct block_device *dev, uint64_t lba, uint32_t count, void *buf)
{
    const struct filedisk *fd = (const struct filedisk *)dev;
    size_t                 want = (size_t)count * dev->block_size, done = 0;

    while (done < want) {
        ssize_t got = pread(fd->fd, (char *)buf + done, want - done, (off_t)(lba * dev->block_size + done));

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return STATUS_READ_FAILED;
        done += (size_t)got;
    }
    return STATUS_OK;
}

static int has_text(int fd, off_t off, const char *text)
{
    char buf[8];

    return pread(fd, buf, sizeof buf, off) == (ssize_t)sizeof buf && memcmp(buf, text, sizeof buf) == 0;
}

/* GPT headers are in block 1 and, should that one be damaged, in the last; the first PRIVHEAD of an MBR disk in block 6. */
static int has_blocks_of(int fd, off_t size, off_t block)
{
    return has_text(fd, block, "EFI PART") || has_text(fd, (size / block - 1) * block, "EFI PART") ||
           has_text(fd, 6 * block, "PRIVHEAD");
}

static uint32_t guess_block_size(int fd, off_t size)
{
    if (!has_blocks_of(fd, size, SECTOR_BYTES) && size >= (off_t)LARGE_BLOCK && has_blocks_of(fd, size, LARGE_BLOCK))
        return LARGE_BLOCK;
    return SECTOR_BYTES;
}

/* Size in bytes of a regular file or block device, or an errno. What holds no sector (/dev/null too) is no disk. */
static int find_size(int fd, off_t *size)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return errno;
    if (S_ISDIR(st.st_mode))
        return EISDIR;
    *size = lseek(fd, 0, SEEK_END);
    if (*size < 0)
        return errno;
    return *size < (off_t)SECTOR_BYTES ? ENODATA : 0;
}

int filedisk_open(struct filedisk *fd, const char *path, uint32_t block_size)
{
    off_t size = 0;
    int   error;

    *fd = (struct filedisk){
        .dev = { .name = path, .block_size = block_size ? block_size : SECTOR_BYTES, .read = read_blocks },
        .fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK),  /* a pipe without a writer must not hang us */
    };
    if (fd->fd < 0)
        return errno;
    error = find_size(fd->fd, &size);
    if (error) {
        filedisk_close(fd);
        return error;
    }
    if (block_size == 0)
        fd->dev.block_size = guess_block_size(fd->fd, size);
    fd->dev.block_count = (uint64_t)size / fd->dev.block_size;
    return 0;
}

void filedisk_close(struct filedisk *fd)
{
    if (fd->fd >= 0)
        close(fd->fd);
    fd->fd = -1;
}
