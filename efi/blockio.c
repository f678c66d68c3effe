/* SPDX-License-Identifier: GPL-2.0-or-later */
/* blockio.c - the firmware's disks as block devices; see blockio.h. */
#include "blockio.h"

#include "common/base/checked.h"
#include "common/base/div64.h"
#include "common/base/mem.h"
#include "common/ui/report.h"
#include "devpath.h"

#define CHUNK_BYTES       (1024u * 1024u)  /* one ReadBlocks call at most */
#define SMALL_CHUNK_BYTES (64u * 1024u)    /* what any firmware can do in one call; also the bounce buffer */
#define CDROM_BLOCK_BYTES 2048u
#define MEASURED_MS       5u

struct efi_disk *efi_disk_of(struct block_device *dev)
{
    return (struct efi_disk *)(void *)dev;
}

static enum status status_of(EFI_STATUS st)
{
    switch (st) {
    case EFI_SUCCESS:
        return STATUS_OK;
    case EFI_NO_MEDIA:
    case EFI_MEDIA_CHANGED:
    case EFI_TIMEOUT:
        return STATUS_DISK_ABSENT;  /* asking again would only take longer */
    default:
        return STATUS_READ_FAILED;
    }
}

/*
 * One firmware call. AHCI drivers were seen to answer success for an unreadable
 * sector without touching the buffer: so it is filled with a pattern first.
 */
static enum status read_once(struct efi_disk *disk, uint64_t lba, size_t bytes, void *buf)
{
    EFI_STATUS st;

    blk_fill_pattern(buf, bytes);
    st = disk->bio->ReadBlocks(disk->bio, disk->media_id, lba, bytes, buf);
    if (st == EFI_SUCCESS && blk_has_pattern(buf, bytes))
        return STATUS_READ_SILENT;
    return status_of(st);
}

static bool is_aligned(const struct efi_disk *disk, const void *buf)
{
    UINT32 align = disk->bio->Media->IoAlign;

    return align <= 1 || ((uintptr_t)buf & (align - 1)) == 0;
}

/* Blocks that fit `bytes`; block sizes are powers of two. */
static uint32_t blocks_in(const struct efi_disk *disk, uint32_t bytes)
{
    return bytes / disk->dev.block_size;
}

/* Read at most SMALL_CHUNK_BYTES, through the bounce buffer when the firmware would not take `buf`. */
static enum status read_small(struct efi_disk *disk, uint64_t lba, uint32_t count, uint8_t *buf)
{
    size_t bytes = (size_t)count * disk->dev.block_size;

    if (is_aligned(disk, buf))
        return read_once(disk, lba, bytes, buf);
    TRY(read_once(disk, lba, bytes, disk->bounce));
    memcpy(buf, disk->bounce, bytes);
    return STATUS_OK;
}

static enum status read_in_small_chunks(struct efi_disk *disk, uint64_t lba, uint32_t count, uint8_t *buf)
{
    uint32_t most = blocks_in(disk, SMALL_CHUNK_BYTES);

    while (count > 0) {
        uint32_t n = count < most ? count : most;

        TRY(read_small(disk, lba, n, buf));
        lba += n;
        count -= n;
        buf += (size_t)n * disk->dev.block_size;
    }
    return STATUS_OK;
}

/* Large reads first; firmware that refuses one may still do it in small pieces. */
static enum status read_in_chunks(struct block_device *dev, uint64_t lba, uint32_t count, void *out)
{
    struct efi_disk *disk = efi_disk_of(dev);
    uint32_t         most = blocks_in(disk, CHUNK_BYTES);
    uint8_t         *buf = out;

    while (count > 0) {
        uint32_t    n = count < most ? count : most;
        size_t      bytes = (size_t)n * dev->block_size;
        enum status st = STATUS_READ_FAILED;

        if (is_aligned(disk, buf) && bytes > SMALL_CHUNK_BYTES)
            st = read_once(disk, lba, bytes, buf);
        if (st == STATUS_DISK_ABSENT)
            return st;
        if (st != STATUS_OK)
            TRY(read_in_small_chunks(disk, lba, n, buf));
        lba += n;
        count -= n;
        buf += bytes;
    }
    return STATUS_OK;
}

static uint64_t cycles(void)
{
    uint32_t low, high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

/* Of the time stamp counter: every processor that runs UEFI has one. Asked once, for what all devices share. */
static uint32_t cycles_per_ms(void)
{
    static uint32_t measured;

    if (measured == 0) {
        uint64_t start = cycles(), per_ms;

        fw.boot->Stall(MEASURED_MS * 1000);
        per_ms = div_u64(cycles() - start, MEASURED_MS, NULL);
        measured = per_ms > 0 && per_ms < UINT32_MAX ? (uint32_t)per_ms : 1;
    }
    return measured;
}

/* What a failure cost is counted by blk_read(). */
static enum status read_blocks(struct block_device *dev, uint64_t lba, uint32_t count, void *out)
{
    uint64_t    start = cycles();
    enum status st = read_in_chunks(dev, lba, count, out);

    if (st != STATUS_OK)
        dev->failed_ms += (uint32_t)div_u64(cycles() - start, cycles_per_ms(), NULL);
    return st;
}

/* What a person knows it by: "512 MB" and its path. */
static void print_disk(struct log *log, const struct efi_disk *disk)
{
    char path[120], size[REPORT_SIZE_TEXT];

    log_line(log, "%s: %s, %s", disk->name, report_size(blk_sectors(&disk->dev), size), devpath_text(disk->path, path, sizeof path));
}

/* Memory for reads whose own buffer is not aligned as the firmware wants it; IoAlign is a page at most. */
static uint8_t *bounce_buffer(struct arena *a)
{
    uintptr_t p = (uintptr_t)arena_alloc(a, SMALL_CHUNK_BYTES + EFI_PAGE_BYTES);

    return p ? (uint8_t *)((p + EFI_PAGE_BYTES - 1) & ~(uintptr_t)(EFI_PAGE_BYTES - 1)) : NULL;
}

/* Is this handle a disk that can be read? Says so when it looks like one and is not. */
static bool is_usable_disk(EFI_BLOCK_IO *bio, const EFI_DEVICE_PATH *path, struct log *log)
{
    EFI_BLOCK_IO_MEDIA *media = bio ? bio->Media : NULL;
    char                text[120];

    if (!media || media->LogicalPartition || !media->MediaPresent || media->BlockSize == CDROM_BLOCK_BYTES)
        return false;
    if ((media->BlockSize == 512 || media->BlockSize == 4096) && media->LastBlock != 0 &&
        media->LastBlock < UINT64_MAX / 8)
        return true;
    /* iPXE shows a handle with 1-byte blocks; a size of 0 or 2^64 was never a disk. */
    log_error(log, STATUS_BAD_BLOCK_SIZE, devpath_text(path, text, sizeof text));
    return false;
}

static void disk_init(struct efi_disk *disk, size_t index, EFI_HANDLE handle, EFI_BLOCK_IO *bio, uint8_t *bounce)
{
    *disk = (struct efi_disk){
        .dev = { .block_size = bio->Media->BlockSize, .block_count = bio->Media->LastBlock + 1, .read = read_blocks },
        .handle = handle,
        .bio = bio,
        .media_id = bio->Media->MediaId,
        .path = protocol_on(handle, &guid_device_path),
        .bounce = bounce,
    };
    text_format(disk->name, sizeof disk->name, "blk%zu", index);
    disk->dev.name = disk->name;
}

enum status efi_disks_find(struct arena *a, struct log *log, struct efi_disks *out)
{
    struct handle_list list = handles_with(&guid_block_io);
    UINTN              room = list.count < EFI_DISKS_MAX ? list.count : EFI_DISKS_MAX;
    struct efi_disks   found = { arena_array(a, room, sizeof *found.disks), arena_array(a, room, sizeof *found.devices), 0 };
    uint8_t           *bounce = bounce_buffer(a);

    for (UINTN i = 0; found.disks && found.devices && bounce && i < list.count && found.count < room; i++) {
        EFI_BLOCK_IO    *bio = protocol_on(list.handles[i], &guid_block_io);
        struct efi_disk *disk = &found.disks[found.count];

        if (!is_usable_disk(bio, protocol_on(list.handles[i], &guid_device_path), log))
            continue;
        disk_init(disk, found.count, list.handles[i], bio, bounce);
        found.devices[found.count++] = &disk->dev;
        print_disk(log, disk);
    }
    if (found.count == EFI_DISKS_MAX)
        log_line(log, "there may be more disks; the first %u are looked at", EFI_DISKS_MAX);
    handles_free(&list);
    if (!found.disks || !found.devices || !bounce)
        return STATUS_NO_MEMORY;
    *out = found;
    return STATUS_OK;
}
