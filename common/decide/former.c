/* SPDX-License-Identifier: GPL-2.0-or-later */
/* former.c - see former.h. */
#include "former.h"

#include "common/disk/partition_number.h"
#include "common/disk/slice_device.h"
#include "common/fs/bpb.h"

struct visit {
    struct ldm_disk  *disk;
    struct fs_window *window;
    struct arena     *a;
};

/* The root directory of the file system that begins here; one that is there and cannot be read may have anything. */
static bool root_has_windows(struct block_device *dev, struct visit *v)
{
    static const char *const names[] = { "WINDOWS", "WINNT", "BOOTMGR", "NTLDR" };
    bool                     found[ARRAY_LEN(names)] = { false };
    uint8_t                  sector[SECTOR_BYTES];
    struct fs_volume         fs;

    if (blk_read_sectors(dev, 0, 1, sector) != STATUS_OK)
        return true;
    if (fs_identify(sector) == FS_NONE)
        return bpb_is_bitlocker(span_of(sector, sizeof sector));
    if (fs_open_sharing(dev, sector, v->a, v->window, &fs) != STATUS_OK
        || fs_find_names(&fs, "\\", names, ARRAY_LEN(names), found) != STATUS_OK)
        return true;
    return found[0] || found[1] || found[2] || found[3];
}

static bool partition_has_windows(struct visit *v, uint64_t block, uint64_t blocks)
{
    struct slice_device partition;
    size_t              mark = arena_mark(v->a);
    bool                has;

    if (blocks == 0 || slice_device_init(&partition, v->disk->dev, block, blocks) != STATUS_OK)
        return false;
    has = root_has_windows(&partition.dev, v);
    arena_release(v->a, mark);
    return has;
}

static bool entries_have_windows(struct visit *v, const struct mbr_entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (partition_is_numbered(&entries[i])
            && (entries[i].start == 1  /* the protective one of a GPT, made basic: what is behind it cannot be read */
                || partition_has_windows(v, entries[i].start, entries[i].sectors)))
            return true;
    return false;
}

static bool disk_has_windows(struct visit *v)
{
    const struct ldm_disk *d = v->disk;
    struct logical_drives  logical;

    for (size_t i = 0; i < d->gpt.count; i++)
        if (partition_has_windows(v, d->gpt.entries[i].start, d->gpt.entries[i].blocks))
            return true;
    if (d->table != TABLE_MBR)
        return false;
    logical_drives_read(d->dev, &d->mbr, &logical);
    return entries_have_windows(v, d->mbr.entries, MBR_ENTRIES) || entries_have_windows(v, logical.drives, logical.count);
}

/*
 * The left-over copy of a disk that is connected as a member. One of a disk that a group misses counts: the halves of the
 * volumes that it had a part of are asked about (LDM-0356), but a half that was broken off, or left alone, is none of those.
 */
static bool is_copy_of_a_member(const struct ldm_view *view, const struct ldm_disk *disk)
{
    for (size_t g = 0; g < view->group_count; g++)
        for (size_t i = 0; i < view->groups[g].disk_count; i++)
            if (view->groups[g].disks[i].present && ldm_disk_claims(disk, &view->groups[g].disks[i].guid))
                return true;
    return false;
}

const struct ldm_disk *former_disk_with_windows(const struct ldm_view *view, struct fs_window *window, struct arena *a)
{
    for (size_t i = 0; i < view->disk_count; i++) {
        struct visit v = { &view->disks[i], window, a };

        if (v.disk->status == STATUS_NOT_DYNAMIC && v.disk->identity_count > 0 && !is_copy_of_a_member(view, v.disk)
            && disk_has_windows(&v))
            return v.disk;
    }
    return NULL;
}
