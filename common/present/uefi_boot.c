/* SPDX-License-Identifier: GPL-2.0-or-later */
/* uefi_boot.c - partition, boot store and EFI system partitions for the Windows Boot Manager; see uefi_boot.h. */
#include "uefi_boot.h"

#include "common/base/ascii.h"
#include "common/base/checked.h"
#include "common/base/div64.h"
#include "common/base/mem.h"
#include "common/disk/slice_device.h"

/* ---- the partition */

/* The entry that is presented: it starts at the volume and holds it whole. */
static bool is_volumes_entry(uint64_t start, uint64_t blocks, const struct uefi_partition *p)
{
    return start == p->start && blocks >= p->blocks;
}

static bool is_around(uint64_t start, uint64_t blocks, const struct uefi_partition *p)
{
    return p->start >= start && p->start - start < blocks;
}

/*
 * A GUID for a partition that no table knows: version 8 (RFC 9562, "custom"), the same
 * for the same volume on the same disk. It must differ from that of the LDM data
 * partition around the volume, or the boot manager does not find it.
 */
static struct guid made_up_guid(const struct guid *disk, const struct guid *volume)
{
    struct guid g;

    for (size_t i = 0; i < sizeof g.bytes; i++)
        g.bytes[i] = disk->bytes[i] ^ volume->bytes[sizeof g.bytes - 1 - i];
    g.bytes[6] = (uint8_t)((g.bytes[6] & 0x0f) | 0x80);
    g.bytes[8] = (uint8_t)((g.bytes[8] & 0x3f) | 0x80);
    return g;
}

static void name_by_gpt(struct uefi_partition *p, const struct gpt *gpt, bool one_extent)
{
    p->disk = gpt->disk_guid;
    for (size_t i = 0; i < gpt->count; i++) {
        const struct gpt_entry *e = &gpt->entries[i];

        if (is_around(e->start, e->blocks, p))
            p->number = e->number;
        if (!one_extent || !is_volumes_entry(e->start, e->blocks, p))
            continue;
        p->in_table = true;
        p->partition = e->unique;
        p->blocks = e->blocks;
        return;
    }
}

static void name_by_mbr(struct uefi_partition *p, const struct mbr *mbr, bool one_extent)
{
    p->mbr = true;
    p->signature = mbr->signature;
    for (unsigned i = 0; i < MBR_ENTRIES; i++) {
        const struct mbr_entry *e = &mbr->entries[i];

        if (e->type == 0 || !is_around(e->start, e->sectors, p))
            continue;
        p->number = i + 1;
        if (!one_extent || !is_volumes_entry(e->start, e->sectors, p))
            continue;
        p->in_table = true;
        p->blocks = e->sectors;
        return;
    }
}

enum status uefi_partition_of(const struct ldm_component *component, struct uefi_partition *out)
{
    const struct ldm_extent *first = component->extents;
    const struct ldm_disk   *disk = component->extent_count ? first->disk : NULL;
    struct uefi_partition    p = { .number = 1 };
    uint32_t                 start_rest, length_rest;

    if (!component->present || !disk)
        return STATUS_COMPONENT_UNREADABLE;
    p.block_size = disk->dev->block_size;
    p.start = div_u64(first->lba, p.block_size / SECTOR_BYTES, &start_rest);
    p.blocks = div_u64(component->volume->sectors, p.block_size / SECTOR_BYTES, &length_rest);
    if (start_rest || length_rest)
        return STATUS_COMPONENT_UNREADABLE;

    p.partition = made_up_guid(&disk->privhead.disk_guid, &component->volume->guid);
    if (disk->table == TABLE_GPT)
        name_by_gpt(&p, &disk->gpt, component->extent_count == 1);
    else
        name_by_mbr(&p, &disk->mbr, component->extent_count == 1);
    *out = p;
    return STATUS_OK;
}

/* ---- the boot store */

static struct bcd_device store_device(const struct uefi_partition *p)
{
    uint64_t offset = 0;

    if (!p->mbr)
        return (struct bcd_device){ .kind = BCD_DEVICE_GPT, .disk = p->disk, .partition = p->partition };
    if (!mul_u64(p->start, p->block_size, &offset))
        return (struct bcd_device){ .kind = BCD_DEVICE_NONE };
    return (struct bcd_device){ .kind = BCD_DEVICE_MBR, .signature = p->signature, .offset = offset };
}

enum status uefi_store_build(const struct uefi_partition *partition, const struct ldm_volume *volume,
                             const struct store_options *options, struct arena *a, struct span *out)
{
    struct bcd_device device = store_device(partition);

    return bcd_build(&device, BCD_WINLOAD_EFI, volume->name, options, a, out);
}

enum status uefi_store_check(struct span store, const struct uefi_partition *partition)
{
    struct bcd_device own = store_device(partition);
    struct bcd_entry  entry;

    TRY(bcd_read_default(store, &entry));
    if (!bcd_same_partition(&entry.device, &own) || !bcd_same_partition(&entry.osdevice, &own) ||
        !ascii_equal(span_of(entry.path, strlen(entry.path)), BCD_WINLOAD_EFI))
        return STATUS_STORE_MISMATCH;
    return STATUS_OK;
}

bool uefi_lacks_boot_manager(const struct plan_candidate *c)
{
    return c->code == STATUS_NO_BOOTMGFW || c->code == STATUS_BOOTMGFW_UNREAD;
}

/* ---- EFI system partitions */

static enum status open_esp(const struct uefi_esp *esp, struct arena *a, struct slice_device *device,
                            struct fs_volume *fs)
{
    uint8_t boot_sector[SECTOR_BYTES];

    TRY(slice_device_init(device, esp->disk->dev, esp->entry.start, esp->entry.blocks));
    TRY(blk_read_sectors(&device->dev, 0, 1, boot_sector));
    return fs_open(&device->dev, boot_sector, a, fs);
}

/* Its default entry does not lead to the volume: another one may, that of a secondary plex. Then its store serves. */
static enum status take_store(struct uefi_esp *esp, struct span store, const struct uefi_partition *partition,
                              struct arena *a)
{
    struct bcd_device own = store_device(partition);
    enum status       why = uefi_store_check(store, partition);

    if (bcd_with_default(store, &own, BCD_WINLOAD_EFI, a, &esp->store) != STATUS_OK)
        return why;
    return uefi_store_check(esp->store, partition);
}

/* Does this system partition lead to the volume, or its store by another entry? OK, or why not. */
static enum status check_esp(struct uefi_esp *esp, const struct uefi_partition *partition, uint16_t machine,
                             struct arena *a)
{
    struct slice_device device;
    struct fs_volume    fs;
    struct span         store;

    TRY(open_esp(esp, a, &device, &fs));
    TRY(fs_read_whole(&fs, UEFI_ESP_STORE, UEFI_STORE_MAX, a, &store));
    if (uefi_store_check(store, partition) != STATUS_OK)
        return take_store(esp, store, partition, a);
    TRY(fs_read_whole(&fs, UEFI_ESP_BOOTMGFW, UEFI_BOOTMGFW_MAX, a, &esp->bootmgfw));
    return pe_check_uefi_program(esp->bootmgfw, machine);
}

static enum status try_esp(struct ldm_disk *disk, const struct gpt_entry *entry, const struct uefi_partition *partition,
                           uint16_t machine, struct arena *a, struct boot_plan *plan, struct uefi_esp *esp)
{
    struct uefi_esp candidate = { .disk = disk, .entry = *entry };
    size_t          mark = arena_mark(a);
    enum status     st = check_esp(&candidate, partition, machine, a);

    if (st == STATUS_OK && candidate.store.len > 0) {  /* kept unless a better one follows */
        if (esp->store.len == 0)
            *esp = candidate;
        return STATUS_OK;
    }
    if (st == STATUS_OK) {
        *esp = candidate;
        plan->method = METHOD_UEFI_ESP;
        note_add(&plan->notes, a, STATUS_ESP_USED, "%s, partition %u", disk->dev->name, entry->number);
        return STATUS_OK;
    }
    arena_release(a, mark);
    note_add(&plan->notes, a, STATUS_ESP_PASSED_OVER, "EFI system partition %u on %s (%s)", entry->number,
             disk->dev->name, status_sentence(st));
    return st == STATUS_NO_MEMORY ? st : STATUS_OK;
}

enum status uefi_choose_method(const struct ldm_view *view, uint16_t machine, struct arena *a, struct boot_plan *plan,
                               struct uefi_esp *esp)
{
    struct uefi_partition partition;

    TRY(uefi_partition_of(plan->chosen.component, &partition));
    plan->method = METHOD_UEFI_RAM;
    *esp = (struct uefi_esp){ .disk = NULL };
    for (size_t i = 0; i < view->disk_count; i++)
        for (size_t j = 0; j < view->disks[i].gpt.count && plan->method != METHOD_UEFI_ESP; j++) {
            const struct gpt_entry *entry = &view->disks[i].gpt.entries[j];

            if (guid_equal(&entry->type, &gpt_type_efi_system))
                TRY(try_esp(&view->disks[i], entry, &partition, machine, a, plan, esp));
        }
    if (plan->store.given && esp->disk)
        note_add(&plan->notes, a, STATUS_OPTIONS_UNUSED, "%s", plan->chosen.volume->name);
    if (plan->method == METHOD_UEFI_RAM && esp->store.len > 0)
        note_add(&plan->notes, a, STATUS_STORE_TAKEN, "%s, partition %u", esp->disk->dev->name, esp->entry.number);
    else if (plan->method == METHOD_UEFI_RAM)
        note_add(&plan->notes, a, STATUS_STORE_MADE, "%s", plan->chosen.volume->name);
    return STATUS_OK;
}
