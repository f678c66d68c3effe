/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * basic_uefi.c - the basic disk for UEFI: a GPT, an EFI system partition with the volume's own boot manager and a boot
 * store made for it, a Microsoft reserved partition, the volumes as basic data partitions.
 *
 * Facts: UEFI specification 2.10, chapter 5.3 and 13.3 (FAT32, \EFI\BOOT\BOOTX64.EFI); Microsoft's "UEFI/GPT-based hard
 * drive partitions" (260 MB for disks of 4096-byte sectors, 16 MB reserved).
 */
#include "basic.h"

#include <string.h>

#include "common/disk/gpt_write.h"
#include "common/present/fatimage.h"
#include "common/present/uefi_boot.h"
#include "messages.h"

#define ESP_SECTORS    (260u * 2048)
#define MSR_SECTORS    (16u * 2048)
#define FALLBACK_PATH  "\\EFI\\BOOT\\BOOTX64.EFI"
#define MAX_ENTRIES    (BASIC_MAX_VOLUMES + 2)

enum tag { TAG_ESP = 1, TAG_RESERVED = 2, TAG_NEW = 3 };

/* A GUID that depends on another one and on what it is for; version 8 (RFC 9562, "custom"). */
static struct guid derived(const struct basic *b, const struct guid *from, enum tag tag)
{
    struct guid g;

    _Static_assert(sizeof g.bytes == BASIC_NAME_BYTES, "a name makes a GUID");
    basic_new_name(b, span_of(from->bytes, sizeof from->bytes), tag, g.bytes);
    g.bytes[6] = (uint8_t)((g.bytes[6] & 0x0f) | 0x80);
    g.bytes[8] = (uint8_t)((g.bytes[8] & 0x3f) | 0x80);
    return g;
}

static struct guid identity(const struct basic *b, struct guid old)
{
    return b->wishes.new_identity ? derived(b, &old, TAG_NEW) : old;
}

/* The GUID that the disk's own table, or ldmboot when it presents the volume, has for it. */
static enum status name_volumes(struct basic *b, struct guid *disk_guid)
{
    const struct ldm_disk *disk = b->sources->plan.chosen.facts->disk;

    *disk_guid = identity(b, disk->table == TABLE_GPT ? disk->gpt.disk_guid : disk->privhead.disk_guid);
    for (size_t i = 0; i < b->count; i++) {
        struct uefi_partition p;

        TRY(uefi_partition_of(b->volumes[i].half, &p));
        b->volumes[i].partition = identity(b, p.partition);
        b->volumes[i].name = mounted_name_gpt(&b->volumes[i].partition);
    }
    return STATUS_OK;
}

/* ---- the EFI system partition */

/* A store that names the volume by its new GUIDs. */
static enum status make_store(struct basic *b, const struct guid *disk_guid, struct span *out)
{
    struct uefi_partition p = { .disk = *disk_guid, .partition = b->volumes[0].partition,
                                .block_size = b->disk->block_size };

    return uefi_store_build(&p, b->volumes[0].volume, NULL, b->arena, out);
}

static enum status add_system_partition(struct basic *b, const struct guid *disk_guid, uint64_t start)
{
    uint32_t                    unit = b->disk->block_size / SECTOR_BYTES;
    struct component_facts     *f = b->volumes[0].facts;
    struct span                 program, store;
    struct fatimage_fat32       shape = { b->disk->block_size, ESP_SECTORS / unit, (uint32_t)start / unit,
                                          rd_le32(span_of(disk_guid->bytes, sizeof disk_guid->bytes), 0) };
    struct fatimage_file        files[3];
    size_t                      bytes;
    uint8_t                    *head;

    TRY(fs_read_whole(&f->filesystem, PE_VOLUME_BOOTMGFW, UEFI_BOOTMGFW_MAX, b->arena, &program));
    TRY(make_store(b, disk_guid, &store));
    say_status(STATUS_STORE_MADE, b->volumes[0].volume->name);
    files[0] = (struct fatimage_file){ UEFI_ESP_BOOTMGFW, program.data, program.len };
    files[1] = (struct fatimage_file){ UEFI_ESP_STORE, store.data, store.len };
    files[2] = (struct fatimage_file){ FALLBACK_PATH, program.data, program.len };
    TRY(fatimage_fat32_size(files, 3, &shape, &bytes));
    head = arena_alloc(b->arena, bytes);
    if (!head)
        return STATUS_NO_MEMORY;
    TRY(fatimage_fat32_build(files, 3, &shape, head, bytes));
    return composed_add(b->disk, (struct piece){ .start = start, .sectors = bytes / SECTOR_BYTES, .memory = head });
}

/* ---- the table */

static struct gpt_new_entry entry(const struct basic *b, const struct guid *type, const struct guid *unique,
                                  uint64_t start, uint64_t sectors, const char *name)
{
    uint32_t unit = b->disk->block_size / SECTOR_BYTES;

    return (struct gpt_new_entry){ *type, *unique, start / unit, sectors / unit, name };
}

static size_t list_entries(const struct basic *b, const struct guid *disk_guid, uint64_t esp, struct gpt_new_entry *out)
{
    struct guid system = derived(b, disk_guid, TAG_ESP), reserved = derived(b, disk_guid, TAG_RESERVED);
    size_t      count = 0;

    out[count++] = entry(b, &gpt_type_efi_system, &system, esp, ESP_SECTORS, "EFI system partition");
    out[count++] = entry(b, &gpt_type_reserved, &reserved, esp + ESP_SECTORS, MSR_SECTORS, "Microsoft reserved partition");
    for (size_t i = 0; i < b->count; i++)
        out[count++] = entry(b, &gpt_type_basic_data, &b->volumes[i].partition, b->volumes[i].start,
                             b->volumes[i].volume->sectors, "Basic data partition");
    return count;
}

static enum status make_table(struct basic *b, const struct guid *disk_guid, uint64_t esp, uint8_t **head,
                              uint8_t **tail)
{
    struct gpt_new_entry *entries = arena_array(b->arena, MAX_ENTRIES, sizeof *entries);
    uint32_t              block = b->disk->block_size;
    struct gpt_new        gpt = { *disk_guid, block, b->disk->sectors / (block / SECTOR_BYTES), entries, 0 };

    *head = arena_alloc(b->arena, (size_t)block * (1 + gpt_table_blocks(block)));
    *tail = arena_alloc(b->arena, (size_t)block * gpt_table_blocks(block));
    if (!entries || !*head || !*tail)
        return STATUS_NO_MEMORY;
    gpt.count = list_entries(b, disk_guid, esp, entries);
    gpt_write_head(&gpt, *head);
    gpt_write_tail(&gpt, *tail);
    return STATUS_OK;
}

/* Where everything goes; the end of the disk. */
static uint64_t place(struct basic *b, uint64_t esp)
{
    uint64_t at = basic_align(esp + ESP_SECTORS + MSR_SECTORS);

    for (size_t i = 0; i < b->count; i++) {
        b->volumes[i].start = at;
        at = basic_align(at + b->volumes[i].volume->sectors);
    }
    return at + BASIC_ALIGN;  /* with room for the table's copy */
}

static void note_made(struct basic *b, uint64_t esp)
{
    b->made[0] = (struct basic_made){ "EFI system partition", esp, ESP_SECTORS, 1, false };
    b->made[1] = (struct basic_made){ "Microsoft reserved partition", esp + ESP_SECTORS, MSR_SECTORS, 2, false };
    b->made_count = 2;
}

enum status basic_build_uefi(struct basic *b)
{
    uint32_t    unit = b->disk->block_size / SECTOR_BYTES, table = gpt_table_blocks(b->disk->block_size) * unit;
    struct guid disk_guid;
    uint8_t    *head, *tail;

    TRY(name_volumes(b, &disk_guid));
    TRY(basic_set_size(b, place(b, BASIC_ALIGN), 0));
    note_made(b, BASIC_ALIGN);
    TRY(make_table(b, &disk_guid, BASIC_ALIGN, &head, &tail));
    TRY(composed_add(b->disk, (struct piece){ .start = 0, .sectors = unit + table, .memory = head }));
    TRY(add_system_partition(b, &disk_guid, BASIC_ALIGN));
    for (size_t i = 0; i < b->count; i++)
        TRY(basic_add_volume(b, &b->volumes[i]));
    return composed_add(b->disk, (struct piece){ .start = b->disk->sectors - table, .sectors = table, .memory = tail });
}
