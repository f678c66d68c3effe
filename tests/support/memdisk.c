/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memdisk.c - a disk in memory for tests; see memdisk.h. */
#include "memdisk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A fault that takes its time. */
static enum status memdisk_error(struct memdisk *md, const struct memdisk_fault *fault)
{
    md->dev.failed_ms += fault->ms;
    return fault->how;
}

static enum status memdisk_read(struct block_device *dev, uint64_t lba, uint32_t count, void *buf)
{
    struct memdisk *md = (struct memdisk *)dev;
    uint64_t        per = dev->block_size / SECTOR_BYTES;
    uint64_t        first = lba * per, end = first + count * per;

    md->reads++;
    md->bytes += (uint64_t)count * dev->block_size;
    if (count > md->largest)
        md->largest = count;
    for (size_t i = 0; i < md->fault_count; i++)
        if (first < md->faults[i].first + md->faults[i].sectors && md->faults[i].first < end)
            return memdisk_error(md, &md->faults[i]);
    memcpy(buf, md->data + first * SECTOR_BYTES, (size_t)count * dev->block_size);
    return STATUS_OK;
}

static struct memdisk *memdisk_map(const char *name, uint32_t block_size, size_t bytes, int fd)
{
    struct memdisk *md = calloc(1, sizeof *md);
    int             flags = MAP_PRIVATE | MAP_NORESERVE | (fd < 0 ? MAP_ANONYMOUS : 0);

    if (md)
        md->data = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (!md || md->data == MAP_FAILED) {
        perror("memdisk");
        abort();
    }
    md->data_bytes = bytes;
    md->dev = (struct block_device){
        .name = name, .block_size = block_size, .block_count = bytes / block_size, .read = memdisk_read };
    return md;
}

struct memdisk *memdisk_new(const char *name, uint32_t block_size, uint64_t block_count)
{
    return memdisk_map(name, block_size, block_count * block_size, -1);
}

struct memdisk *memdisk_open(const char *path, uint32_t block_size)
{
    struct memdisk *md = NULL;
    struct stat     info;
    int             fd = open(path, O_RDONLY);

    if (fd < 0)
        return NULL;
    if (fstat(fd, &info) == 0 && info.st_size > 0)
        md = memdisk_map(path, block_size, (size_t)info.st_size, fd);
    close(fd);
    return md;
}

void memdisk_free(struct memdisk *md)
{
    if (!md)
        return;
    munmap(md->data, md->data_bytes);
    free(md);
}

uint8_t *memdisk_at(struct memdisk *md, uint64_t sector)
{
    if (sector >= md->data_bytes / SECTOR_BYTES)
        abort();
    return md->data + sector * SECTOR_BYTES;
}

void memdisk_fail(struct memdisk *md, uint64_t first, uint64_t sectors, enum status how)
{
    if (md->fault_count == MEMDISK_MAX_FAULTS)
        abort();
    md->faults[md->fault_count++] = (struct memdisk_fault){ first, sectors, how, 0 };
}

void memdisk_fail_slowly(struct memdisk *md, uint64_t first, uint64_t sectors, enum status how, uint32_t ms)
{
    memdisk_fail(md, first, sectors, how);
    md->faults[md->fault_count - 1].ms = ms;
}

void memdisk_reset(struct memdisk *md)
{
    md->fault_count = 0;
    md->reads = 0;
    md->bytes = 0;
    md->largest = 0;
    md->dev.read_errors = 0;
    md->dev.failed_ms = 0;
    md->dev.given_up = STATUS_OK;
    md->dev.trouble = (struct blk_trouble){ 0 };
}
