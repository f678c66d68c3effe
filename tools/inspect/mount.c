/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mount.c - see mount.h.
 *
 * One piece is a loop device with offset and length; several are loop devices of whole disks and a table for dmsetup:
 * "START LENGTH linear DEVICE OFFSET" (Linux, Documentation/admin-guide/device-mapper/linear.rst), or striped.rst's
 * "START LENGTH striped COLUMNS CHUNK [DEVICE OFFSET]...", which takes whole rows of chunks only. Names that stand on
 * a disk are shown in comments, never as a part of a command.
 */
#include "mount.h"

#include "common/fs/fs.h"
#include "filedisk.h"
#include "shell.h"

struct printer {
    FILE    *out;
    unsigned number;  /* of the volume that is printed: names its mount point */
};

static const struct ldm_component *choose(const struct ldm_volume *volume, const struct boot_plan *plan)
{
    if (plan->result == PLAN_BOOT && plan->chosen.volume == volume)
        return plan->chosen.component;
    for (size_t i = 0; i < volume->component_count; i++)
        if (volume->components[i]->usable)
            return volume->components[i];
    return NULL;
}

/* In a file of which nothing but a program that knows its format makes a disk. */
static bool is_inside(const struct ldm_component *c)
{
    for (size_t i = 0; i < c->extent_count; i++)
        if (((const struct filedisk *)c->extents[i].disk->dev)->container)
            return true;
    return false;
}

/* Why there is no command for it; NULL: there is. */
static const char *why_not(const struct ldm_component *c)
{
    if (!c)
        return "none of its halves is usable";
    if (!c->present)
        return "not all of it is here";
    if (is_inside(c))
        return "its disk is inside of a container file: make an image of that, or give qemu-nbd --connect's device its place";
    if (c->layout == LAYOUT_RAID5)
        return "RAID-5 has no table that dmsetup takes for disks of Windows";
    if (c->layout == LAYOUT_STRIPE && (c->extent_count != c->columns || c->columns == 0 || c->stripe_sectors == 0))
        return "a column of its stripes is in several pieces";
    if (c->layout == LAYOUT_STRIPE && (c->volume->sectors % c->stripe_sectors != 0 ||
                                       c->volume->sectors / c->stripe_sectors % c->columns != 0))
        return "its stripes do not end with a whole row, which dmsetup wants";
    return NULL;
}

/* `name`=$(losetup ...): a loop device of all of a disk, or of `sectors` from `lba`. */
static void put_loop(FILE *out, const char *name, const struct ldm_disk *disk, const struct ldm_extent *part)
{
    const char *path = disk->dev->name;

    fprintf(out, "%s=$(losetup -r", name);
    if (part)
        fprintf(out, " -o %llu --sizelimit %llu", (unsigned long long)part->lba * SECTOR_BYTES,
                (unsigned long long)part->sectors * SECTOR_BYTES);
    fputs(" -f --show ", out);
    if (path[0] == '-')  /* no option of losetup */
        fputs("./", out);
    shell_word(out, path);
    fputs(")\n", out);
}

static void put_mount(const struct printer *p, const struct ldm_component *c, const char *device)
{
    uint8_t      sector[SECTOR_BYTES];
    enum fs_kind kind = FS_NONE;

    if (blk_read_sectors(c->extents[0].disk->dev, c->extents[0].lba, 1, sector) == STATUS_OK)
        kind = fs_identify(sector);
    fprintf(p->out, "mkdir -p /mnt/ldmboot-%u\n", p->number);
    if (kind == FS_NTFS)
        fprintf(p->out, "mount -t ntfs3 -o ro %s /mnt/ldmboot-%u 2>/dev/null ||\n"
                        "    mount -t ntfs-3g -o ro,norecover %s /mnt/ldmboot-%u\n", device, p->number, device, p->number);
    else
        fprintf(p->out, "mount %s-o ro %s /mnt/ldmboot-%u\n", kind == FS_FAT ? "-t vfat " : "", device, p->number);
}

/* The variable that holds the loop device of the disk of piece `n`: that of the first piece on it. */
static size_t device_of(const struct ldm_component *c, size_t n)
{
    size_t first = 0;

    while (c->extents[first].disk != c->extents[n].disk)
        first++;
    return first + 1;
}

static void put_table(FILE *out, const struct ldm_component *c)
{
    if (c->layout == LAYOUT_STRIPE)
        fprintf(out, "0 %llu striped %zu %llu", (unsigned long long)c->volume->sectors, c->extent_count,
                (unsigned long long)c->stripe_sectors);
    for (size_t i = 0; i < c->extent_count; i++) {
        const struct ldm_extent *e = &c->extents[i];

        if (c->layout != LAYOUT_STRIPE)
            fprintf(out, "%s%llu %llu linear", i ? "\n" : "", (unsigned long long)e->volume_offset,
                    (unsigned long long)e->sectors);
        fprintf(out, " $d%zu %llu", device_of(c, i), (unsigned long long)e->lba);
    }
}

static void put_pieces(const struct printer *p, const struct ldm_component *c)
{
    char device[48];

    for (size_t i = 0; i < c->extent_count; i++) {
        snprintf(device, sizeof device, "d%zu", i + 1);
        if (device_of(c, i) == i + 1)
            put_loop(p->out, device, c->extents[i].disk, NULL);
    }
    fprintf(p->out, "echo \"");
    put_table(p->out, c);
    fprintf(p->out, "\" | dmsetup create --readonly ldmboot-%u\n", p->number);
    snprintf(device, sizeof device, "/dev/mapper/ldmboot-%u", p->number);
    put_mount(p, c, device);
}

/* Linux knows nothing of --map. */
static void warn_of_holes(FILE *out, const struct ldm_component *c)
{
    for (size_t i = 0; i < c->extent_count; i++)
        if (((const struct filedisk *)c->extents[i].disk->dev)->unread.count > 0) {
            fputs("# what its disk's map does not call read is what the image has there: zeros\n", out);
            return;
        }
}

static void put_volume(struct printer *p, const struct ldm_volume *volume, const struct boot_plan *plan)
{
    const struct ldm_component *c = choose(volume, plan);
    const char                 *reason = why_not(c);

    fputs("\n# ", p->out);
    shell_name(p->out, volume->name);
    if (volume->hint[0]) {
        fputs(", ", p->out);
        shell_name(p->out, volume->hint);
    }
    if (reason) {
        fprintf(p->out, ": no command; %s\n", reason);
        return;
    }
    fputs(", from ", p->out);
    shell_name(p->out, c->name);
    fputs("\n", p->out);
    p->number++;
    warn_of_holes(p->out, c);
    if (c->extent_count > 1) {
        put_pieces(p, c);
        return;
    }
    put_loop(p->out, "d1", c->extents[0].disk, &c->extents[0]);
    put_mount(p, c, "\"$d1\"");
}

void mount_print(FILE *out, const struct ldm_view *view, const struct boot_plan *plan)
{
    struct printer p = { .out = out };

    fputs("\n# To look at the volumes on a Linux, as root, reading only:\n", out);
    for (size_t i = 0; i < view->group_count; i++)
        for (size_t n = 0; n < view->groups[i].volume_count; n++)
            put_volume(&p, &view->groups[i].volumes[n], plan);
    fputs(p.number ? "# To undo it: umount, dmsetup remove, losetup -d.\n" : "# There is none that can be.\n", out);
}
