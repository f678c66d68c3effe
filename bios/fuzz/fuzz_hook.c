/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_hook.c - the tables of the resident hook say what the virtual disk is: a read by the tables (disks, memory, patches,
 * the other half where a sector cannot be read) delivers what vdisk_read() does.
 *
 *   byte 0     FLAG_*
 *   then       pieces of the two halves: disk and how many sectors (2 bytes each, up to PIECES a half)
 *   then       what cannot be read: disk, first sector (2), sectors (1): up to FAULTS
 *   then       reads: sector (3 bytes), how many (1)
 */
#include <string.h>

#include "../hook.h"
#include "common/base/checked.h"
#include "common/disk/memory_device.h"
#include "fakeview.h"
#include "input.h"
#include "require.h"

#define DISKS          3u
#define DISK_SECTORS   100000u
#define PIECES         4u
#define FAULTS         4u
#define SYSTEM_SECTORS 40u
#define ADDRESS        0x6f0000u
#define MAX_SECTORS    20u
#define NUMBER_OF(i)   (0x80u + (i) * 2u)  /* the BIOS's */

enum { FLAG_MEMORY = 1, FLAG_SPARE = 2, FLAG_NO_SECTOR0 = 4, FLAG_BACKUP = 8 };

struct fault {
    unsigned disk;
    uint64_t first, sectors;
};

static struct fakeview     fv;
static struct fault        faults[FAULTS];
static uint8_t             system_bytes[SYSTEM_SECTORS * SECTOR_BYTES];
static struct memory_device system_volume;

/* ---- disks whose sectors say where they are */

static unsigned number_of(const struct block_device *dev) { return (unsigned)(dev - fv.devs); }

static bool is_faulty(unsigned disk, uint64_t sector)
{
    for (size_t i = 0; i < FAULTS; i++)
        if (faults[i].disk == disk && sector >= faults[i].first && sector - faults[i].first < faults[i].sectors)
            return true;
    return false;
}

static enum status read_stamped(struct block_device *dev, uint64_t lba, uint32_t count, void *buf)
{
    uint8_t *out = buf;

    for (uint32_t i = 0; i < count; i++, out += SECTOR_BYTES) {
        if (is_faulty(number_of(dev), lba + i))
            return STATUS_READ_FAILED;
        memset(out, (int)(lba + i + number_of(dev) * 77), SECTOR_BYTES);
        wr_le64(out, lba + i);
    }
    return STATUS_OK;
}

/* ---- a read by the tables, as hook.asm does it */

static bool read_place(const struct hook_extent *e, uint32_t lba, uint8_t *out)
{
    uint64_t at = e->lba + (lba - e->virtual_lba);

    if (e->drive == HOOK_MEMORY) {
        require(at >= ADDRESS / SECTOR_BYTES && at - ADDRESS / SECTOR_BYTES < SYSTEM_SECTORS);
        memcpy(out, system_bytes + (at - ADDRESS / SECTOR_BYTES) * SECTOR_BYTES, SECTOR_BYTES);
        return true;
    }
    require(e->drive % 2 == 0 && e->drive < NUMBER_OF(DISKS) && at < DISK_SECTORS);
    return read_stamped(&fv.devs[(e->drive - 0x80u) / 2], at, 1, out) == STATUS_OK;
}

static bool read_among(const struct hook_extent *extents, size_t count, uint32_t lba, uint8_t *out)
{
    for (size_t i = 0; i < count; i++)
        if (lba >= extents[i].virtual_lba && lba - extents[i].virtual_lba < extents[i].sectors)
            return read_place(&extents[i], lba, out);
    return false;
}

static bool read_by_tables(const struct hook_tables *t, uint32_t lba, uint8_t *out)
{
    if (!read_among(t->extents, t->extent_count, lba, out) &&
        !read_among(t->extents + t->extent_count, t->spare_count, lba, out))
        return false;
    for (size_t i = 0; i < t->patch_count; i++) {
        const struct hook_patch *p = &t->patches[i];

        require(range_inside(p->offset, p->len, SECTOR_BYTES) && range_inside(p->data, p->len, VDISK_PATCH_BYTES));
        if (p->lba == lba)
            memcpy(out + p->offset, t->patch_data + p->data, p->len);
    }
    return true;
}

/* ---- the input */

/* A half of at least 64 sectors, in as many pieces as the input has; pieces lie apart on their disks. */
static void add_half(struct ldm_component *c, struct span *in, unsigned self)
{
    uint64_t left = c->volume->sectors;

    for (unsigned i = 0; i < PIECES && left > 0; i++) {
        struct span piece = take(in, 2);
        uint64_t    sectors = 1 + rd_u8(piece, 1);

        if (sectors > left || i == PIECES - 1)
            sectors = left;
        fv_extent(&fv, c, (rd_u8(piece, 0) + self) % DISKS, 1000 + 20000 * self + 3000 * i + rd_u8(piece, 0), sectors);
        left -= sectors;
    }
}

static void read_faults(struct span *in)
{
    memset(faults, 0, sizeof faults);
    for (size_t i = 0; i < FAULTS; i++) {
        struct span f = take(in, 4);

        faults[i] = (struct fault){ rd_u8(f, 0) % DISKS, rd_le16(f, 1), f.len == 4 ? rd_u8(f, 3) : 0 };
    }
}

static enum status build(unsigned flags, struct span *in, struct vdisk *vd)
{
    static struct plan_candidate halves[2];
    struct ldm_volume           *v;
    struct boot_plan             plan;

    fv_init(&fv, &bios_rules);
    for (size_t i = 0; i < DISKS; i++) {
        fv_disk(&fv, i == 0 ? "hd80" : i == 1 ? "hd82" : "hd84");
        fv.devs[i].read = read_stamped;
        fv.devs[i].never_given_up = true;
        fv.disks[i].has_sector0 = !(flags & FLAG_NO_SECTOR0);
    }
    v = fv_volume(&fv, "Volume1", VOLUME_MIRRORED, 0, 300);
    for (unsigned i = 0; i < 2; i++)
        add_half(fv_component(&fv, v, i ? "Volume1-02" : "Volume1-01"), in, i);
    fv_finish(&fv);
    for (size_t i = 0; i < 2; i++)
        halves[i] = (struct plan_candidate){ .volume = v, .component = &fv.components[i], .facts = &fv.fact_list[i],
                                             .verdict = i == 0 || flags & FLAG_SPARE ? VERDICT_GOOD : VERDICT_MARKED };
    fv.fact_list[0].boot_sector_is_backup = flags & FLAG_BACKUP;
    plan = (struct boot_plan){ .result = PLAN_BOOT, .method = METHOD_VBR, .chosen = halves[0], .candidates = halves,
                               .candidate_count = 2 };
    return flags & FLAG_MEMORY ? vdisk_build_with_system(&plan, &system_volume.dev, vd) : vdisk_build(&plan, vd);
}

static void make_tables(const struct vdisk *vd, struct hook_tables *t)
{
    struct hook_drive drives[DISKS + 1];

    for (unsigned i = 0; i < DISKS; i++)
        drives[i] = (struct hook_drive){ &fv.devs[i], (uint8_t)NUMBER_OF(i), true, 255, 63, 127, 0 };
    drives[DISKS] = (struct hook_drive){ .dev = &system_volume.dev, .drive = HOOK_MEMORY, .max_blocks = 127, .address = ADDRESS };
    require(hook_tables_make(vd, drives, DISKS + 1, t) == STATUS_OK);
    require(t->drives_shown > 0 && t->drives_shown <= DISKS && t->drive_map[0] == t->extents[0].drive);
}

static void compare(const struct vdisk *vd, const struct hook_tables *t, uint64_t lba, uint32_t count)
{
    uint8_t     wanted[MAX_SECTORS * SECTOR_BYTES], sector[SECTOR_BYTES];
    enum status st = vdisk_read(vd, lba, count, wanted);
    bool        all = true;

    if (!range_inside(lba, count, vd->sectors)) {
        require(st == STATUS_READ_OUT_OF_RANGE);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        bool read = read_by_tables(t, (uint32_t)lba + i, sector);

        all = all && read;
        require(st != STATUS_OK || (read && memcmp(sector, wanted + i * SECTOR_BYTES, SECTOR_BYTES) == 0));
    }
    require((st == STATUS_OK) == all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct hook_tables tables;
    struct span               in = span_of(data, size);
    unsigned                  flags = rd_u8(take(&in, 1), 0);
    struct vdisk              vd;

    for (size_t i = 0; system_bytes[0] == 0 && i < sizeof system_bytes; i++)
        system_bytes[i] = (uint8_t)(0xa5 + i / SECTOR_BYTES + i);
    memory_device_init(&system_volume, "memory", system_bytes, sizeof system_bytes);
    if (build(flags, &in, &vd) != STATUS_OK)
        return 0;
    make_tables(&vd, &tables);
    read_faults(&in);
    for (unsigned i = 0; i < 16 && in.len > 0; i++) {
        struct span read = take(&in, 4);

        compare(&vd, &tables, rd_le(read, 0, 3) % (vd.sectors + 2), 1 + rd_u8(read, 3) % MAX_SECTORS);
    }
    for (size_t i = 0; i < vd.extent_count; i++)  /* and at every seam */
        compare(&vd, &tables, vd.extents[i].virtual_lba ? vd.extents[i].virtual_lba - 1 : 0, 2);
    return 0;
}
