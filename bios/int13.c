/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * int13.c - disks through INT 13h: AH=00 08 15 41 and AH=02, 42, 48.
 *
 * Facts: Ralf Brown's interrupt list; EDD specification 1.1 and 3.0. What BIOSes
 * get wrong, and is reckoned with here: a drive that is counted but dead, calls
 * that succeed for drives that are not there, EDD sizes of 0, answers longer than asked for,
 * success without data, more than 127 blocks in a read, transfers across 64 KiB.
 */
#include "int13.h"

#include "common/base/checked.h"
#include "common/base/div64.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "clock.h"
#include "memory.h"
#include "realmode.h"

#define READ_ATTEMPTS   3
#define MAX_BLOCKS      127u  /* EDD specification: some BIOSes take no more */
#define RETRY_MS        3000u /* a read that took longer to fail is not repeated: the drive or the BIOS did it already */
#define MAX_CYLINDER    1023u
#define DISK_TYPE_FIXED 3     /* AH=15 */

/* EDD specification, table 1: the packet of AH=42. */
struct disk_packet {
    uint8_t  bytes, reserved;
    uint16_t blocks, offset, segment;
    uint64_t lba;
} __attribute__((packed));
_Static_assert(sizeof(struct disk_packet) == 16, "EDD packet");

/* EDD specification, AH=48: the first version's part, which every BIOS knows. */
struct disk_parameters {
    uint16_t bytes, flags;
    uint32_t cylinders, heads, sectors;
    uint64_t block_count;
    uint16_t block_bytes;
    uint8_t  not_asked_for[74];  /* a ThinkPad X20 writes beyond the size that it is given (GRUB's biosdisk.h) */
} __attribute__((packed));
#define PARAMETERS_BYTES offsetof(struct disk_parameters, not_asked_for)
_Static_assert(PARAMETERS_BYTES == 26, "EDD parameters");

/* An INT 13h call; true when the BIOS reports success. */
static bool disk_service(struct rm_regs *regs)
{
    rm_int(0x13, regs);
    return !(regs->flags & RM_CARRY);
}

static void reset(uint8_t drive)
{
    struct rm_regs regs = { .edx = drive };

    (void)disk_service(&regs);
}

static bool has_edd(uint8_t drive)
{
    struct rm_regs regs = { .eax = 0x4100, .ebx = 0x55aa, .edx = drive };

    return disk_service(&regs) && (regs.ebx & 0xffff) == 0xaa55 && (regs.ecx & 1);
}

/* AH=48: block size and count. False when the answer is none. */
static bool edd_size(struct int13_disk *d)
{
    struct disk_parameters p = { .bytes = PARAMETERS_BYTES };  /* flags 0: some BIOSes fail otherwise (RBIL) */
    struct rm_regs regs = { .eax = 0x4800, .edx = d->drive, .esi = rm_offset(&p), .ds = rm_segment(&p) };

    if (!disk_service(&regs) || p.block_count == 0)
        return false;
    d->dev.block_size = p.block_bytes ? p.block_bytes : SECTOR_BYTES;
    d->dev.block_count = p.block_count;
    return true;
}

/* AH=08: geometry, and how many drives the BIOS thinks it has; 0 when it does not answer. */
static uint8_t chs_geometry(struct int13_disk *d, uint32_t *cylinders)
{
    struct rm_regs regs = { .eax = 0x0800, .edx = d->drive };

    if (!disk_service(&regs))
        return 0;
    d->chs_sectors = regs.ecx & 0x3f;
    d->chs_heads = d->chs_sectors ? (uint16_t)(((regs.edx >> 8) & 0xff) + 1) : 0;
    *cylinders = ((regs.ecx >> 8 & 0xff) | (regs.ecx << 2 & 0x300)) + 1;
    return (uint8_t)regs.edx;
}

/* AH=15: is it a hard disk, and how large. */
static bool disk_type(struct int13_disk *d)
{
    struct rm_regs regs = { .eax = 0x1500, .edx = d->drive };

    if (!disk_service(&regs) || (regs.eax >> 8 & 0xff) != DISK_TYPE_FIXED)
        return false;
    d->dev.block_count = (uint64_t)(regs.ecx & 0xffff) << 16 | (regs.edx & 0xffff);
    return true;
}

static enum status read_edd(struct int13_disk *d, uint64_t lba, uint32_t count)
{
    struct disk_packet packet = { .bytes = sizeof packet, .blocks = (uint16_t)count,
                                  .segment = BOUNCE_BASE >> 4, .lba = lba };
    struct rm_regs regs = { .eax = 0x4200, .edx = d->drive, .esi = rm_offset(&packet), .ds = rm_segment(&packet) };

    return disk_service(&regs) ? STATUS_OK : STATUS_READ_FAILED;
}

static enum status read_chs(struct int13_disk *d, uint64_t lba, uint32_t count)
{
    struct rm_regs regs = { .es = BOUNCE_BASE >> 4 };
    uint32_t sector, head, cylinder;

    cylinder = (uint32_t)div_u64(div_u64(lba, d->chs_sectors, &sector), d->chs_heads, &head);
    regs.eax = 0x0200 | count;
    regs.ecx = (cylinder & 0xff) << 8 | (cylinder >> 2 & 0xc0) | (sector + 1);
    regs.edx = head << 8 | d->drive;
    return disk_service(&regs) ? STATUS_OK : STATUS_READ_FAILED;
}

/* How many blocks one call may read from here: the bounce buffer, EDD's limit, the end of the track. */
static uint32_t blocks_per_call(const struct int13_disk *d, uint64_t lba, uint32_t count)
{
    uint32_t limit = d->max_blocks, sector;

    while (limit * d->dev.block_size > BOUNCE_BYTES)
        limit /= 2;
    if (!d->has_edd) {
        (void)div_u64(lba, d->chs_sectors, &sector);
        if (limit > d->chs_sectors - sector)
            limit = d->chs_sectors - sector;
    }
    return count < limit ? count : limit;
}

/* One call, repeated a few times when it fails; the data ends up in the bounce buffer. */
static enum status read_with_retries(struct int13_disk *d, uint64_t lba, uint32_t count)
{
    void       *bounce = (void *)BOUNCE_BASE;
    size_t      bytes = count * d->dev.block_size;
    enum status st = STATUS_READ_FAILED;
    uint32_t    start = clock_ms(), took = 0;

    for (int attempt = 0; attempt < READ_ATTEMPTS && took < RETRY_MS; attempt++) {
        if (attempt > 0) {
            d->dev.read_errors++;
            reset(d->drive);
        }
        blk_fill_pattern(bounce, bytes);
        st = d->has_edd ? read_edd(d, lba, count) : read_chs(d, lba, count);
        if (st == STATUS_OK && blk_has_pattern(bounce, bytes))
            st = STATUS_READ_SILENT;
        if (st == STATUS_OK)
            return st;
        took = clock_ms() - start;
    }
    d->dev.failed_ms += took;
    return st;
}

static bool chs_reaches(const struct int13_disk *d, uint64_t lba)
{
    return d->chs_heads && lba < (uint64_t)(MAX_CYLINDER + 1) * d->chs_heads * d->chs_sectors &&
           d->dev.block_size == SECTOR_BYTES;
}

static bool try_blocks(struct int13_disk *d, uint64_t lba, uint32_t count)
{
    if (read_with_retries(d, lba, count) != STATUS_OK)
        return false;
    if (count > d->most_read)
        d->most_read = (uint8_t)count;
    return true;
}

/*
 * Reads of so many blocks fail here and elsewhere: BIOSes say EDD and do not do it, or do not do so many. Fewer, to one,
 * then the same by AH=02; what works is kept for the drive, here and in the hook. Ends when that takes too long.
 */
static bool find_another_way(struct int13_disk *d, uint64_t lba, uint32_t *step)
{
    static const uint8_t blocks[] = { MAX_BLOCKS, 16, 8, 1 };
    const uint32_t       wanted = *step, start = d->dev.failed_ms;
    const bool           had_edd = d->has_edd;
    const unsigned       ways = had_edd && chs_reaches(d, lba) ? 2 : 1;

    for (unsigned chs = 0; chs < ways; chs++)
        for (size_t i = 0; i < ARRAY_LEN(blocks) && d->dev.failed_ms - start < RETRY_MS; i++) {
            if (!chs && blocks[i] >= wanted)  /* has failed */
                continue;
            d->has_edd = had_edd && !chs;
            d->max_blocks = blocks[i];
            *step = blocks_per_call(d, lba, wanted);
            if (try_blocks(d, lba, *step))
                return true;
        }
    d->has_edd = had_edd;
    d->max_blocks = MAX_BLOCKS;
    return false;
}

/* *step blocks, or fewer; the data ends up in the bounce buffer. */
static enum status read_some(struct int13_disk *d, uint64_t lba, uint32_t *step)
{
    uint32_t    wanted = *step, start = d->dev.failed_ms, errors = d->dev.read_errors;
    uint64_t    elsewhere = d->dev.block_count >> 1;
    enum status st = read_with_retries(d, lba, wanted);

    if (st == STATUS_OK && wanted > d->most_read)
        d->most_read = (uint8_t)wanted;
    if (st == STATUS_OK || wanted <= d->most_read || d->dev.failed_ms - start >= RETRY_MS)
        return st;
    if (elsewhere + wanted <= d->dev.block_count && try_blocks(d, elsewhere, wanted))
        return st;  /* so it is the place that is bad */
    if (!find_another_way(d, lba, step))
        return st;
    d->dev.read_errors = errors;  /* the BIOS's, not the disk's */
    d->dev.failed_ms = start;
    return STATUS_OK;
}

static enum status int13_read(struct block_device *dev, uint64_t lba, uint32_t count, void *buf)
{
    struct int13_disk *d = (struct int13_disk *)dev;
    uint8_t           *out = buf;

    while (count > 0) {
        uint32_t step = blocks_per_call(d, lba, count);

        TRY(read_some(d, lba, &step));
        memcpy(out, (const void *)BOUNCE_BASE, step * dev->block_size);
        out += step * dev->block_size;
        lba += step;
        count -= step;
    }
    return STATUS_OK;
}

/* What needs no question. */
static void init(uint8_t drive, struct int13_disk *d)
{
    *d = (struct int13_disk){ .drive = drive, .max_blocks = MAX_BLOCKS };
    d->dev.name = d->name;
    d->dev.block_size = SECTOR_BYTES;
    d->dev.read = int13_read;
    (void)text_format(d->name, sizeof d->name, "%cd%02x", drive & 0x80 ? 'h' : 'f', drive);
}

void int13_floppy(uint8_t drive, struct int13_disk *out)
{
    init(drive, out);
    out->chs_heads = 2;
    out->chs_sectors = FLOPPY_TRACK_SECTORS;
    out->dev.block_count = FLOPPY_SECTORS;
}

bool int13_open(uint8_t drive, struct int13_disk *out)
{
    struct int13_disk *d = out;
    uint32_t           cylinders = 0;
    uint8_t            drives;
    bool               is_disk, counted;

    init(drive, d);
    drives = chs_geometry(d, &cylinders);
    counted = d->chs_heads && (drive & 0x7f) < drives;  /* AH=08 succeeds for absent drives on some BIOSes */
    is_disk = disk_type(d);
    d->has_edd = has_edd(drive);
    if (!counted && !is_disk && !d->has_edd)
        return false;

    if (d->has_edd && edd_size(d))
        return true;
    if (d->chs_heads && d->dev.block_count < (uint64_t)cylinders * d->chs_heads * d->chs_sectors)
        d->dev.block_count = (uint64_t)cylinders * d->chs_heads * d->chs_sectors;
    if (!d->has_edd && d->dev.block_count > (uint64_t)(MAX_CYLINDER + 1) * d->chs_heads * d->chs_sectors)
        d->dev.block_count = (uint64_t)(MAX_CYLINDER + 1) * d->chs_heads * d->chs_sectors;
    if (d->dev.block_count == 0) {  /* counted, but without a size: the drive is dead */
        d->dev.block_count = 1;
        d->dev.given_up = STATUS_DISK_ABSENT;
    }
    return true;
}

size_t int13_list(struct int13_disk *out, bool (*keep_waiting)(struct block_device *dev, uint32_t seconds))
{
    size_t n = 0;

    for (unsigned i = 0; i < INT13_MAX_DISKS; i++)
        if (int13_open((uint8_t)(INT13_FIRST_DISK + i), &out[n]))
            out[n++].dev.keep_waiting = keep_waiting;
    return n;
}
