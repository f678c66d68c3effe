/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filedisk.c - reading an image file or a block device, nothing else. */
#include "filedisk.h"

#include <string.h>

#define LARGE_BLOCK 4096u

/* By halving: a map of a dying disk has many thousands of them. */
const struct unread_area *unread_from(const struct unread *u, uint64_t start)
{
    size_t low = 0, high = u->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (u->areas[middle].end <= start)
            low = middle + 1;
        else
            high = middle;
    }
    return low < u->count ? &u->areas[low] : NULL;
}

static enum status read_blocks(struct block_device *dev, uint64_t lba, uint32_t count, void *buf)
{
    const struct filedisk    *fd = (const struct filedisk *)dev;
    uint64_t                  at = lba * dev->block_size;
    size_t                    len = (size_t)count * dev->block_size;
    const struct unread_area *unread = unread_from(&fd->unread, at);

    if (unread && unread->start < at + len)
        return STATUS_READ_FAILED;
    if (fd->watch)
        fd->watch(dev->name, at / SECTOR_BYTES);
    return host_read(&fd->file, at, buf, len) ? STATUS_OK : STATUS_READ_FAILED;
}

static int has_text(const struct host_file *file, uint64_t at, const char *text)
{
    char buf[8];

    return host_read(file, at, buf, sizeof buf) && memcmp(buf, text, sizeof buf) == 0;
}

/* GPT headers are in block 1 and, should that one be damaged, in the last; the first PRIVHEAD of an MBR disk in block 6. */
static int has_blocks_of(const struct host_file *file, uint32_t block)
{
    return has_text(file, block, "EFI PART") || has_text(file, (file->size / block - 1) * block, "EFI PART") ||
           has_text(file, 6ull * block, "PRIVHEAD");
}

static uint32_t guess_block_size(const struct host_file *file)
{
    if (file->granule == LARGE_BLOCK)  /* the drive says so itself */
        return LARGE_BLOCK;
    if (!has_blocks_of(file, SECTOR_BYTES) && file->size >= LARGE_BLOCK && has_blocks_of(file, LARGE_BLOCK))
        return LARGE_BLOCK;
    return SECTOR_BYTES;
}

/*
 * Files that hold a disk in a format of their own, by their first bytes. Facts: MS-VHDX, the VHD specification, VMware's
 * Virtual Disk Format 5.0, QEMU's docs/interop/qcow2.txt, libewf's documentation; VDI by VirtualBox's VDICore.h.
 */
static const struct container containers[] = {
#define RAW(name) "this is a " name CONVERT("qemu-img convert -O raw FILE disk.img")
#define EWF(name) "this is an " name CONVERT("ewfexport -f raw FILE")
#define CONVERT(command) ", not the sectors of a disk; make an image of them: " command
    { 0, "vhdxfile", 8, "vhdx", RAW("VHDX") },
    { 0, "conectix", 8, "vpc", RAW("VHD") },
    { 0, "KDMV", 4, "vmdk", RAW("VMDK") },
    { 0, "COWD", 4, "vmdk", RAW("VMDK") },
    { 0, "# Disk DescriptorFile", 21, "vmdk", RAW("VMDK") },
    { 0, "QFI\xfb", 4, "qcow2", RAW("qcow2") },
    { 0x40, "\x7f\x10\xda\xbe", 4, "vdi", RAW("VDI") },
    { 0, "EVF\x09\x0d\x0a\xff\0", 8, NULL, EWF("E01") },
    { 0, "EVF2\x0d\x0a\x81\0", 8, NULL, EWF("Ex01") },
};

static const struct container *find_container(const struct host_file *file)
{
    char buf[32];

    for (size_t i = 0; i < sizeof containers / sizeof containers[0]; i++)
        if (host_read(file, containers[i].at, buf, containers[i].bytes) &&
            memcmp(buf, containers[i].mark, containers[i].bytes) == 0)
            return &containers[i];
    return NULL;
}

const char *filedisk_begin(struct filedisk *fd, uint32_t block_size)
{
    if (fd->file.size < SECTOR_BYTES) {
        filedisk_close(fd);
        return "this is empty, or shorter than one sector: it holds no disk";
    }
    fd->dev.block_size = block_size ? block_size : guess_block_size(&fd->file);
    fd->dev.block_count = fd->file.size / fd->dev.block_size;
    return NULL;
}

const char *filedisk_open(struct filedisk *fd, const char *path, uint32_t block_size)
{
    const char *error;

    fd->dev = (struct block_device){
        .name = path, .block_size = block_size ? block_size : SECTOR_BYTES, .read = read_blocks
    };
    fd->unread = (struct unread){ 0 };
    fd->container = NULL;
    fd->watch = NULL;
    error = host_open(&fd->file, path);
    if (error)
        return error;
    if (!fd->file.device)
        fd->container = find_container(&fd->file);
    if (!fd->container)
        return filedisk_begin(fd, block_size);
    filedisk_close(fd);
    return fd->container->sentence;
}

void filedisk_close(struct filedisk *fd) { host_close(&fd->file); }
