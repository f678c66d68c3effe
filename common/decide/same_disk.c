/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * same_disk.c - see same_disk.h.
 *
 * A copy that was made some time ago must not pass for the disk itself: which of the two is the right one is a question
 * (DISK_CLONED). So what is compared is, beside places all over the disk, what changes whenever Windows runs: the metadata, and
 * the beginning of each NTFS volume's $LogFile, where every mount leaves its mark.
 */
#include "same_disk.h"

#include "common/base/mem.h"
#include "common/disk/slice_device.h"
#include "common/fs/fs.h"
#include "common/ldm/scan.h"

#define PLACES    64u           /* sectors all over the disk */
#define LOG_BYTES (2u * 4096u)  /* both restart pages of $LogFile */

struct comparison {
    struct arena *a;
    uint8_t      *left, *right;
};

static bool same_identity(const struct ldm_disk *x, const struct ldm_disk *y)
{
    return x->has_privhead && y->has_privhead && x->has_sector0 && y->has_sector0 && x->status == y->status &&
           x->dev->block_size == y->dev->block_size && x->dev->block_count == y->dev->block_count &&
           memcmp(x->sector0, y->sector0, sizeof x->sector0) == 0 &&
           guid_equal(&x->privhead.disk_guid, &y->privhead.disk_guid) &&
           x->privhead.update_sequence == y->privhead.update_sequence &&
           x->privhead.update_time == y->privhead.update_time && x->has_vmdb == y->has_vmdb &&
           (!x->has_vmdb || x->vmdb.committed == y->vmdb.committed);
}

static bool same_sector(struct comparison *c, struct block_device *x, struct block_device *y, uint64_t sector)
{
    return blk_read_sectors(x, sector, 1, c->left) == STATUS_OK && blk_read_sectors(y, sector, 1, c->right) == STATUS_OK &&
           memcmp(c->left, c->right, SECTOR_BYTES) == 0;
}

static bool same_places(struct comparison *c, const struct ldm_disk *x, const struct ldm_disk *y)
{
    uint64_t step = blk_sectors(x->dev) / PLACES;

    for (uint64_t i = 1; i < PLACES; i++)
        if (!same_sector(c, x->dev, y->dev, i * step))
            return false;
    for (uint64_t i = 0; i < PLACES && i < x->config_sectors; i++)
        if (!same_sector(c, x->dev, y->dev, x->config_lba + i))
            return false;
    return true;
}

/* The beginning of the log of an NTFS volume on a disk; false: it cannot be had. */
static bool read_log(struct block_device *dev, const struct ldm_extent *e, struct arena *a, uint8_t *boot_sector,
                     uint8_t *out)
{
    unsigned            shift = dev->block_size == SECTOR_BYTES ? 0 : 3;  /* 4096 bytes: 8 sectors */
    struct slice_device slice;
    struct fs_volume   *fs = arena_borrow(a, sizeof *fs);
    struct fs_file      file;

    return fs && ((e->lba | e->sectors) & ((1u << shift) - 1)) == 0 &&
           slice_device_init(&slice, dev, e->lba >> shift, e->sectors >> shift) == STATUS_OK &&
           blk_read_sectors(dev, e->lba, 1, boot_sector) == STATUS_OK && fs_open(&slice.dev, boot_sector, a, fs) == STATUS_OK &&
           fs_find(fs, "\\$LogFile", &file) == STATUS_OK && file.bytes >= LOG_BYTES &&
           fs_read(&file, 0, out, LOG_BYTES) == STATUS_OK;
}

/* Of a volume that is NTFS. Of others only the places count. */
static bool same_log(struct comparison *c, const struct ldm_disk *x, const struct ldm_disk *y, const struct ldm_extent *e)
{
    uint8_t  sector[SECTOR_BYTES];
    size_t   mark = arena_mark(c->a), end = arena_end(c->a);
    uint8_t *left = arena_borrow(c->a, LOG_BYTES), *right = arena_borrow(c->a, LOG_BYTES);
    bool     same;

    same = left && right && blk_read_sectors(x->dev, e->lba, 1, sector) == STATUS_OK;
    if (same && fs_identify(sector) == FS_NTFS)
        same = read_log(x->dev, e, c->a, sector, left) && read_log(y->dev, e, c->a, sector, right) &&
               memcmp(left, right, LOG_BYTES) == 0;
    arena_release(c->a, mark);
    arena_give_back(c->a, end);
    return same;
}

static bool same_logs(struct comparison *c, const struct ldm_disk *x, const struct ldm_disk *y)
{
    const struct ldm_group *group = x->group;

    for (size_t i = 0; group && i < group->component_count; i++) {
        const struct ldm_component *component = &group->components[i];

        for (size_t k = 0; k < component->extent_count; k++)
            if (component->extents[k].volume_offset == 0 && component->extents[k].partition->disk == x->record &&
                component->extents[k].disk && component->extent_count == 1 && !same_log(c, x, y, &component->extents[k]))
                return false;
    }
    return true;
}

static bool same_disk(struct comparison *c, const struct ldm_disk *x, const struct ldm_disk *y)
{
    return same_identity(x, y) && same_places(c, x, y) && same_logs(c, x, y);
}

/* first[i]: the disk before it that disk i is, or i. Returns how many are another one. */
static size_t find_the_same(struct comparison *c, const struct ldm_view *view, size_t *first)
{
    size_t found = 0;

    for (size_t i = 0; i < view->disk_count; i++) {
        first[i] = i;
        for (size_t k = 0; k < i && first[i] == i; k++)
            if (first[k] == k && same_disk(c, &view->disks[k], &view->disks[i]))
                first[i] = k;
        found += first[i] != i;
    }
    return found;
}

/* "hd82", "hd82 and 21 more": the others that disk `i` is. */
static const char *names_of_others(struct block_device *const *disks, size_t n, const size_t *first, size_t i, struct arena *a)
{
    const char *name = NULL;
    size_t      more = 0;

    for (size_t k = 0; k < n; k++) {
        if (k == i || first[k] != i)
            continue;
        if (name)
            more++;
        else
            name = disks[k]->name;
    }
    return !name ? NULL : more ? text_in_arena(a, "%s and %zu more", name, more) : name;
}

static enum status scan_again(struct block_device **disks, size_t *n, const size_t *first, struct log *log, struct arena *a,
                              struct ldm_view *view)
{
    const char **others = arena_array(a, *n, sizeof *others);
    size_t       kept = 0;

    if (!others)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < *n; i++) {
        const char *names = names_of_others(disks, *n, first, i, a);

        if (first[i] != i)
            continue;
        if (disks[i]->given_up == STATUS_DISK_GIVEN_UP)  /* or nothing would be read of it this time */
            blk_forgive(disks[i]);
        others[kept] = names;
        disks[kept++] = disks[i];
    }
    *n = kept;
    TRY(ldm_scan(disks, kept, NULL, a, view));
    for (size_t i = 0; i < kept; i++)
        if (others[i]) {
            note_add(&view->disks[i].notes, a, STATUS_DISK_TWICE, "%s, also as %s", disks[i]->name, others[i]);
            log_line(log, "%s is also there as %s: used once", disks[i]->name, others[i]);
        }
    return STATUS_OK;
}

enum status scan_each_disk_once(struct block_device **disks, size_t *n, struct log *log, struct arena *a,
                                struct ldm_view *view)
{
    size_t           *first = arena_array(a, *n ? *n : 1, sizeof *first);
    size_t            mark = arena_mark(a);
    uint8_t           left[SECTOR_BYTES], right[SECTOR_BYTES];
    struct comparison c = { a, left, right };

    if (!first)
        return STATUS_NO_MEMORY;
    TRY(ldm_scan(disks, *n, log, a, view));
    if (find_the_same(&c, view, first) == 0)
        return STATUS_OK;
    arena_release(a, mark);
    return scan_again(disks, n, first, log, a, view);
}
