/* SPDX-License-Identifier: GPL-2.0-or-later */
/* composed.c - see composed.h. */
#include "composed.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/base/checked.h"
#include "tools/inspect/filedisk.h"

enum status composed_init(struct composed *c, uint32_t block_size, bool at_once, struct arena *a)
{
    *c = (struct composed){ .block_size = block_size, .at_once = at_once };
    c->pieces = arena_array(a, COMPOSED_MAX_PIECES, sizeof *c->pieces);
    c->overlays = arena_array(a, COMPOSED_MAX_OVERLAYS, sizeof *c->overlays);
    return c->pieces && c->overlays ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status composed_add(struct composed *c, struct piece piece)
{
    if (c->piece_count == COMPOSED_MAX_PIECES)
        return STATUS_NO_MEMORY;
    c->pieces[c->piece_count++] = piece;
    if (c->sectors < piece.start + piece.sectors)
        c->sectors = piece.start + piece.sectors;
    return STATUS_OK;
}

enum status composed_overlay(struct composed *c, struct arena *a, uint64_t offset, const void *bytes, size_t len)
{
    uint8_t *copy = arena_alloc(a, len);

    if (!copy || c->overlay_count == COMPOSED_MAX_OVERLAYS)
        return STATUS_NO_MEMORY;
    memcpy(copy, bytes, len);
    c->overlays[c->overlay_count++] = (struct overlay){ offset, (uint32_t)len, copy };
    return STATUS_OK;
}

/* ---- reading */

/* The piece that holds the sector, or the first one behind it; NULL: only zeros are left. */
static const struct piece *piece_from(const struct composed *c, uint64_t sector)
{
    for (size_t i = 0; i < c->piece_count; i++)
        if (sector < c->pieces[i].start + c->pieces[i].sectors)
            return &c->pieces[i];
    return NULL;
}

/* Does an overlay replace all of this block? Then it does not matter what is below. */
static bool is_covered(const struct composed *c, uint64_t sector, uint32_t sectors)
{
    uint64_t start = sector * SECTOR_BYTES, end = start + (uint64_t)sectors * SECTOR_BYTES;

    for (size_t i = 0; i < c->overlay_count; i++)
        if (c->overlays[i].offset <= start && c->overlays[i].offset + c->overlays[i].len >= end)
            return true;
    return false;
}

/* A stretch inside one piece; when it cannot be read as a whole, block by block. */
static size_t read_piece(const struct composed *c, const struct piece *p, uint64_t sector, uint32_t sectors,
                         uint8_t *buf, struct bad_blocks *bad)
{
    uint32_t block = c->block_size / SECTOR_BYTES;
    uint64_t at = sector - p->start;
    size_t   failed = 0;

    if (!p->dev) {
        memcpy(buf, p->memory + at * SECTOR_BYTES, (size_t)sectors * SECTOR_BYTES);
        return 0;
    }
    if (blk_read_sectors(p->dev, at, sectors, buf) == STATUS_OK)
        return 0;
    if (c->at_once && sectors > block)
        return sectors / block;
    for (; sectors > 0; at += block, sectors -= block, buf += (size_t)block * SECTOR_BYTES) {
        if (block > sectors)
            block = sectors;
        if (blk_read_sectors(p->dev, at, block, buf) == STATUS_OK)
            continue;
        memset(buf, 0, (size_t)block * SECTOR_BYTES);
        if (is_covered(c, p->start + at, block))
            continue;
        bad->found(bad, p->start + at, block);
        failed++;
    }
    return failed;
}

static void apply_overlays(const struct composed *c, uint64_t offset, uint64_t len, uint8_t *buf)
{
    for (size_t i = 0; i < c->overlay_count; i++) {
        const struct overlay *o = &c->overlays[i];
        uint64_t              from = o->offset > offset ? o->offset : offset;
        uint64_t              end = o->offset + o->len < offset + len ? o->offset + o->len : offset + len;

        if (from < end)
            memcpy(buf + (from - offset), o->bytes + (from - o->offset), (size_t)(end - from));
    }
}

size_t composed_read(const struct composed *c, uint64_t sector, uint32_t sectors, uint8_t *buf, struct bad_blocks *bad)
{
    size_t   failed = 0;
    uint32_t step;

    for (uint32_t done = 0; done < sectors; done += step) {
        uint64_t            at = sector + done, left = sectors - done;
        const struct piece *p = piece_from(c, at);
        uint8_t            *to = buf + (size_t)done * SECTOR_BYTES;

        if (p && p->start <= at) {
            step = (uint32_t)(left < p->start + p->sectors - at ? left : p->start + p->sectors - at);
            failed += read_piece(c, p, at, step, to, bad);
        } else {
            step = (uint32_t)(!p || left < p->start - at ? left : p->start - at);
            memset(to, 0, (size_t)step * SECTOR_BYTES);
        }
    }
    apply_overlays(c, sector * SECTOR_BYTES, (uint64_t)sectors * SECTOR_BYTES, buf);
    return failed;
}

/* ---- reading quickly: past what common/ counts and remembers of errors */

/* Whole blocks, by the disk's own function. */
static bool read_disk(struct block_device *dev, uint64_t lba, uint32_t sectors, uint8_t *buf)
{
    uint32_t per_block = dev->block_size / SECTOR_BYTES;

    return lba % per_block == 0 && sectors % per_block == 0 && range_inside(lba, sectors, blk_sectors(dev)) &&
           dev->read(dev, lba / per_block, sectors / per_block, buf) == STATUS_OK;
}

static bool read_half(const struct piece *p, uint64_t at, uint32_t sectors, uint8_t *buf)
{
    const struct extent_device *xd = (const struct extent_device *)p->dev;

    if (!p->half || (at == 0 && xd->boot_sector))
        return false;
    for (size_t i = 0; i < p->half->extent_count && sectors > 0; i++) {
        const struct ldm_extent *e = &p->half->extents[i];
        uint64_t                 into = at - e->volume_offset;
        uint32_t                 step;

        if (at < e->volume_offset || into >= e->sectors)
            continue;
        step = sectors < e->sectors - into ? sectors : (uint32_t)(e->sectors - into);
        if (!read_disk(e->disk->dev, e->lba + into, step, buf))
            return false;
        at += step;
        sectors -= step;
        buf += (size_t)step * SECTOR_BYTES;
    }
    return sectors == 0;
}

bool composed_read_quickly(const struct composed *c, uint64_t sector, uint32_t sectors, uint8_t *buf)
{
    const struct piece *p = piece_from(c, sector);

    if (!p || p->start > sector || sectors > p->start + p->sectors - sector || !p->dev ||
        !read_half(p, sector - p->start, sectors, buf))
        return false;
    apply_overlays(c, sector * SECTOR_BYTES, (uint64_t)sectors * SECTOR_BYTES, buf);
    return true;
}

/* ---- holes */

/*
 * Only where the file says so: a block device has no holes, and answers EINVAL; and what a file that became shorter has lost
 * is none. Sectors that are not whole do not count.
 */
static bool is_file_hole(const struct filedisk *file, uint64_t sector, uint64_t *run)
{
    int   fd = (int)file->file.handle;
    off_t at = (off_t)(sector * SECTOR_BYTES), end = lseek(fd, 0, SEEK_END), data, hole;

    if (end <= at)
        return false;
    data = lseek(fd, at, SEEK_DATA);
    if (data < 0 && errno == ENXIO)  /* a hole to the end */
        data = end;
    if (data < 0)
        return false;
    if (data / (off_t)SECTOR_BYTES > (off_t)sector) {
        *run = (uint64_t)data / SECTOR_BYTES - sector;
        return true;
    }
    hole = lseek(fd, at, SEEK_HOLE);
    if (hole > at)
        *run = ((uint64_t)hole + SECTOR_BYTES - 1) / SECTOR_BYTES - sector;
    return false;
}

/*
 * The same of a stretch of a device that is a file, seen through a window of `left` sectors. What ddrescue did not read is
 * a hole of its image, too: not one of the disk.
 */
static bool is_hole_of(struct block_device *dev, uint64_t lba, uint64_t left, uint64_t *run)
{
    const struct unread_area *unread = unread_from(&((const struct filedisk *)dev)->unread, lba * SECTOR_BYTES);
    bool                      hole;

    if (unread && unread->start / SECTOR_BYTES <= lba) {
        uint64_t end = (unread->end - 1) / SECTOR_BYTES + 1;

        *run = left < end - lba ? left : end - lba;
        return false;
    }
    if (unread && unread->start / SECTOR_BYTES - lba < left)
        left = unread->start / SECTOR_BYTES - lba;
    *run = left;
    hole = is_file_hole((const struct filedisk *)dev, lba, run);
    if (*run > left)
        *run = left;
    return hole;
}

static bool is_piece_hole(const struct piece *p, uint64_t at, uint64_t *run)
{
    *run = p->sectors - at;
    for (size_t i = 0; p->half && i < p->half->extent_count; i++) {
        const struct ldm_extent *e = &p->half->extents[i];

        if (at >= e->volume_offset && at - e->volume_offset < e->sectors)
            return is_hole_of(e->disk->dev, e->lba + (at - e->volume_offset), e->sectors - (at - e->volume_offset), run);
    }
    for (size_t i = 0; p->vdisk && i < p->vdisk->extent_count; i++) {
        const struct vdisk_extent *e = &p->vdisk->extents[i];

        if (at >= e->virtual_lba && at - e->virtual_lba < e->sectors)
            return is_hole_of(e->dev, e->lba + (at - e->virtual_lba), e->sectors - (at - e->virtual_lba), run);
    }
    return false;
}

/* What lies over a hole is none: the run ends before the first overlay, or that is at the sector itself. */
static bool uncovered(const struct composed *c, uint64_t sector, uint64_t *run)
{
    for (size_t i = 0; i < c->overlay_count; i++) {
        uint64_t first = c->overlays[i].offset / SECTOR_BYTES;
        uint64_t end = (c->overlays[i].offset + c->overlays[i].len + SECTOR_BYTES - 1) / SECTOR_BYTES;

        if (sector >= first && sector < end) {
            *run = 1;
            return false;
        }
        if (first > sector && first - sector < *run)
            *run = first - sector;
    }
    return true;
}

/* The virtual disk's patches are overlays of the one piece that it is. */
static bool unpatched(const struct piece *p, uint64_t at, uint64_t *run)
{
    for (size_t i = 0; p->vdisk && i < p->vdisk->patch_count; i++) {
        uint64_t lba = p->vdisk->patches[i].lba;

        if (at == lba) {
            *run = 1;
            return false;
        }
        if (lba > at && lba - at < *run)
            *run = lba - at;
    }
    return true;
}

bool composed_is_hole(const struct composed *c, uint64_t sector, uint64_t *run)
{
    const struct piece *p = piece_from(c, sector);

    if (!p || p->start > sector) {
        *run = (p ? p->start : c->sectors) - sector;
        return uncovered(c, sector, run);
    }
    return is_piece_hole(p, sector - p->start, run) && unpatched(p, sector - p->start, run) && uncovered(c, sector, run);
}
