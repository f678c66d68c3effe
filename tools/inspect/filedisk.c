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

/*
 * Files that hold a disk in a format of their own, by their first bytes. Facts: MS-VHDX, the VHD specification, VMware's
 * Virtual Disk Format 5.0, QEMU's docs/interop/qcow2.txt, libewf's documentation; VDI by VirtualBox's VDICore.h.
 */
static const struct container {
    off_t       at;
    const char *mark;
    size_t      bytes;
    const char *sentence;
} containers[] = {
#define RAW(name) "this is a " name ", not the sectors of a disk; make an image of them: qemu-img convert -O raw FILE disk.img"
#define EWF(name) "this is an " name ", not the sectors of a disk; make an image of them: ewfexport -f raw FILE"
    { 0, "vhdxfile", 8, RAW("VHDX") },
    { 0, "conectix", 8, RAW("VHD") },
    { 0, "KDMV", 4, RAW("VMDK") },
    { 0, "COWD", 4, RAW("VMDK") },
    { 0, "# Disk DescriptorFile", 21, RAW("VMDK") },
    { 0, "QFI\xfb", 4, RAW("qcow2") },
    { 0x40, "\x7f\x10\xda\xbe", 4, RAW("VDI") },
    { 0, "EVF\x09\x0d\x0a\xff\0", 8, EWF("E01") },
    { 0, "EVF2\x0d\x0a\x81\0", 8, EWF("Ex01") },
};

static const char *container_sentence(int fd)
{
    char buf[32];

    for (size_t i = 0; i < sizeof containers / sizeof containers[0]; i++)
        if (pread(fd, buf, containers[i].bytes, containers[i].at) == (ssize_t)containers[i].bytes &&
            memcmp(buf, containers[i].mark, containers[i].bytes) == 0)
            return containers[i].sentence;
    return NULL;
}

/* Size in bytes of a regular file or block device; else why it is none, in words. What holds no sector is no disk. */
static const char *find_size(int fd, off_t *size)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return strerror(errno);
    if (S_ISDIR(st.st_mode))
        return "this is a folder; name an image file or a disk device";
    if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
        return "this is neither an image file nor a disk device; a disk cannot be read from it";
    *size = lseek(fd, 0, SEEK_END);
    if (*size < 0)
        return strerror(errno);
    if (*size < (off_t)SECTOR_BYTES)
        return "this is empty, or shorter than one sector: it holds no disk";
    return S_ISREG(st.st_mode) ? container_sentence(fd) : NULL;
}

const char *filedisk_open(struct filedisk *fd, const char *path, uint32_t block_size)
{
    const char *error;
    off_t       size = 0;

    *fd = (struct filedisk){
        .dev = { .name = path, .block_size = block_size ? block_size : SECTOR_BYTES, .read = read_blocks },
        .fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK),  /* a pipe without a writer must not hang us */
    };
    if (fd->fd < 0)
        return strerror(errno);
    error = find_size(fd->fd, &size);
    if (error) {
        filedisk_close(fd);
        return error;
    }
    if (block_size == 0)
        fd->dev.block_size = guess_block_size(fd->fd, size);
    fd->dev.block_count = (uint64_t)size / fd->dev.block_size;
    return NULL;
}

void filedisk_close(struct filedisk *fd)
{
    if (fd->fd >= 0)
        close(fd->fd);
    fd->fd = -1;
}
