/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe.c - read what a decision needs from the volumes themselves: boot sector, root directory,
 * hibernation file, and the loader files that the firmware's rules name.
 *
 * Facts: docs/windows-boot.md.
 *
 * Every component that can be read is probed, also the halves that are marked bad: a
 * person who is asked wants to know what is on them. Reads are few: one for the boot
 * sector, one walk of the root directory's index for all names. Sectors of a good half that cannot
 * be read come from the other good half; the disk's read errors count all the same.
 */
#include "probe.h"

#include "common/base/checked.h"
#include "common/disk/partition_number.h"
#include "common/fs/bpb.h"
#include "common/windows/vbr.h"
#include "former.h"
#include "spare.h"

#define FAT32_BACKUP_BLOCK 6  /* where Windows puts it; the BPB that would say so is the damaged one */

/* ---- boot sector */

static enum status read_sector(struct component_facts *f, uint64_t sector)
{
    return blk_read_sectors(&f->device.dev, sector, 1, f->boot_sector);
}

static bool take_boot_sector(struct component_facts *f, uint64_t sector, enum fs_kind wanted)
{
    enum fs_kind kind;

    if (read_sector(f, sector) != STATUS_OK)
        return false;
    kind = fs_identify(f->boot_sector);
    if (kind == FS_NONE || (wanted != FS_NONE && kind != wanted))
        return false;
    f->fs = kind;
    return true;
}

/* The backup copies that can be found without the first one: NTFS's last block, FAT32's block 6. */
static bool take_backup_boot_sector(struct component_facts *f)
{
    uint32_t unit = f->device.dev.block_size / SECTOR_BYTES;

    if (f->volume->sectors > unit && take_boot_sector(f, f->volume->sectors - unit, FS_NTFS))
        f->backup_boot_sector = f->volume->sectors - unit;
    else if (take_boot_sector(f, FAT32_BACKUP_BLOCK * unit, FS_FAT))
        f->backup_boot_sector = FAT32_BACKUP_BLOCK * unit;
    else
        return false;
    f->boot_sector_is_backup = true;
    return true;
}

static enum status probe_boot_sector(struct component_facts *f, struct arena *a)
{
    struct vbr_geometry geometry;

    if (take_boot_sector(f, 0, FS_NONE)) {
        f->backup_boot_sector = vbr_backup_sector(f->fs, f->boot_sector, f->volume->sectors);
    } else if (bpb_is_bitlocker(span_of(f->boot_sector, SECTOR_BYTES))) {
        note_add(&f->notes, a, STATUS_FS_BITLOCKER, "%s", f->component->name);
        return STATUS_FS_BITLOCKER;
    } else if (take_backup_boot_sector(f)) {
        note_add(&f->notes, a, STATUS_BOOT_SECTOR_BACKUP, "%s", f->component->name);
    } else {
        note_add(&f->notes, a, STATUS_BOOT_SECTOR_BAD, "%s", f->component->name);
        return STATUS_BOOT_SECTOR_BAD;
    }
    geometry = vbr_geometry(f->boot_sector);
    f->heads = geometry.heads;
    f->sectors_per_track = geometry.sectors_per_track;
    f->hidden_sectors = rd_le32(span_of(f->boot_sector, SECTOR_BYTES), BPB_HIDDEN_SECTORS);
    return STATUS_OK;
}

/* ---- retained */

/*
 * The number of the entry of the disk's own table that starts exactly at the volume; 0: none. The volume's flag "retained"
 * says only that there was one on some disk of the group when it was set, so it does not count.
 */
static unsigned number_in_table(const struct ldm_disk *disk, uint64_t lba)
{
    uint32_t sectors_per_block = disk->dev->block_size / SECTOR_BYTES;

    for (size_t i = 0; i < disk->gpt.count; i++)
        if (disk->gpt.entries[i].start * sectors_per_block == lba)
            return (unsigned)i + 1;
    if (disk->table != TABLE_MBR || (lba & (sectors_per_block - 1)) != 0)
        return 0;
    return partition_number(&disk->mbr, disk->logical, sectors_per_block > 1 ? lba >> 3 : lba);
}

/* ---- files */

/*
 * hiberfil.sys begins with "hibr" (or "HIBR") while there is a memory image to resume, and with "wake" when that was
 * begun and not finished: NTLDR then asks whether to go on with the old image; BOOTMGR ignores it (docs/windows-boot.md).
 */
static void probe_hibernation(struct component_facts *f, struct arena *a)
{
    struct fs_file file;
    uint8_t        magic[4];
    enum status    st = fs_find(&f->filesystem, "\\hiberfil.sys", &file);
    struct span    s = span_of(magic, sizeof magic);

    if (st == STATUS_OK && file.bytes < sizeof magic)
        return;
    if (st == STATUS_OK)
        st = fs_read(&file, 0, magic, sizeof magic);
    if (st == STATUS_OK) {
        f->hibernated = span_starts_with(s, "hibr", 4) || span_starts_with(s, "HIBR", 4);
        f->woken = span_starts_with(s, "wake", 4);
    } else {
        note_add(&f->notes, a, st, "%s, hiberfil.sys", f->component->name);
    }
}

static void probe_files(struct component_facts *f, const struct firmware_rules *rules, struct fs_window *window,
                        struct arena *a)
{
    static const char *const names[] = { "NTLDR", "BOOTMGR", "BOOT.INI", "BOOT", "HIBERFIL.SYS" };
    bool                     found[ARRAY_LEN(names)] = { false };
    enum status              st = fs_open_sharing(&f->device.dev, f->boot_sector, a, window, &f->filesystem);

    if (st == STATUS_OK)
        st = fs_find_names(&f->filesystem, "\\", names, ARRAY_LEN(names), found);
    if (st != STATUS_OK) {
        note_add(&f->notes, a, st, "%s", f->component->name);
        note_add(&f->notes, a, STATUS_ROOT_UNREADABLE, "%s", f->component->name);
        return;
    }
    f->root_read = true;
    f->has_ntldr = found[0];
    f->has_bootmgr = found[1];
    f->has_bootini = found[2];
    f->has_boot_folder = found[3];
    if (found[4])
        probe_hibernation(f, a);
    rules->probe_files(f, a);
}

/* ---- components */

static bool can_probe(const struct ldm_component *c)
{
    return c->present && c->layout == LAYOUT_CONCAT && c->extent_count > 0 && c->volume &&
           c->volume->type != VOLUME_STRIPED && c->volume->type != VOLUME_RAID5;
}

static void probe_component(struct component_facts *f, const struct firmware_rules *rules, struct fs_window *window,
                            struct log *log, struct arena *a)
{
    log_line(log, "reading %s on %s ...", f->component->name, f->disk->dev->name);
    f->status = extent_device_init(&f->device, f->component, f->component->name);
    if (f->status != STATUS_OK)
        return;
    extent_device_set_spare(&f->device, spare_half(f->component));
    f->partition_number = number_in_table(f->disk, f->component->extents[0].lba);
    f->retained = f->partition_number != 0;
    f->status = probe_boot_sector(f, a);
    if (f->status == STATUS_OK)
        probe_files(f, rules, window, a);
}

static uint32_t count_read_errors(const struct ldm_component *component)
{
    uint32_t errors = 0;

    for (size_t i = 0; i < component->extent_count; i++) {
        bool counted = false;

        for (size_t j = 0; j < i; j++)
            counted = counted || component->extents[j].disk == component->extents[i].disk;
        if (!counted)
            errors += component->extents[i].disk->dev->read_errors;
    }
    return errors;
}

static size_t list_group(const struct ldm_group *group, struct component_facts *list)
{
    size_t count = 0;

    for (size_t v = 0; v < group->volume_count; v++)
        for (size_t c = 0; c < group->volumes[v].component_count; c++) {
            struct ldm_component *component = group->volumes[v].components[c];

            if (!can_probe(component))
                continue;
            if (list)
                list[count] = (struct component_facts){ .volume = component->volume, .component = component,
                                                        .disk = component->extents[0].disk };
            count++;
        }
    return count;
}

/* The components to probe, in view order; with list == NULL only counted. */
static size_t list_components(const struct ldm_view *view, struct component_facts *list)
{
    size_t count = 0;

    for (size_t g = 0; g < view->group_count; g++)
        count += list_group(&view->groups[g], list ? list + count : NULL);
    return count;
}

enum status probe_volumes(const struct ldm_view *view, const struct firmware_rules *rules, struct log *log,
                          struct arena *a, struct boot_facts *facts)
{
    struct boot_facts out = { .rules = rules, .machine = PE_MACHINE_X64, .count = list_components(view, NULL) };
    struct fs_window *window = arena_alloc(a, sizeof *window);

    out.components = arena_array(a, out.count, sizeof *out.components);
    if (!window || !out.components)
        return STATUS_NO_MEMORY;
    (void)list_components(view, out.components);
    for (size_t i = 0; i < out.count; i++)
        probe_component(&out.components[i], rules, window, log, a);
    if (rules->find_windows)
        rules->find_windows(&out);
    for (size_t i = 0; i < out.count; i++)
        out.components[i].read_errors = count_read_errors(out.components[i].component);
    out.former = former_disk_with_windows(view, window, a);
    *facts = out;
    return STATUS_OK;
}
