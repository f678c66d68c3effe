/* SPDX-License-Identifier: GPL-2.0-or-later */
/* basic_system.c - see basic_system.h. Facts: docs/windows-boot.md, "A system volume in memory". */
#include "basic_system.h"

#include <string.h>

#include "bootcode.h"
#include "common/disk/memory_device.h"
#include "common/windows/bcd.h"
#include "messages.h"

#define BPB_END     0x3e     /* of FAT12; as in bios/sysvol.asm, like the next one */
#define FILE_OFFSET 0x1f4
#define LOADER_BASE 0x20000u /* where BOOTMGR is loaded, */
#define LOADER_END  0x9f000u /* and where a BIOS's own memory may begin: the boot sector asks this one's */

static enum status read_system(struct basic *b, struct component_facts *windows, struct system_volume *out)
{
    struct boot_plan plan = b->sources->plan;

    plan.store = (struct store_options){ .given = 0 };  /* they are for a single start */
    TRY(system_volume_read(&(struct system_source){ &plan, &b->sources->facts, windows }, b->arena, out));
    return out->loader.len > LOADER_END - LOADER_BASE ? STATUS_LOADER_TOO_LARGE : STATUS_OK;
}

void basic_read_system(struct basic *b, struct system_volume *out)
{
    const struct plan_candidate *chosen = &b->sources->plan.chosen;
    enum status                  st = read_system(b, b->volumes[0].facts, out);
    size_t                       slot = chosen->lookup ? slots_spare(&chosen->lookup->slots) : MBR_ENTRIES - 1;

    if (st != STATUS_OK || slot == MBR_ENTRIES) {
        say_status(st != STATUS_OK ? st : STATUS_NO_FREE_SLOT, chosen->volume->name);
        say(MESSAGE_WINDOWS_ALONE, "%s", chosen->volume->name);
        return;
    }
    b->system_bytes = out->bytes;
    b->slots[slot] = ENTRY_SYSTEM;
    say(MESSAGE_SYSTEM_MADE, "%s", chosen->volume->name);
}

/* The store that names Windows's volume as the new disk has it. */
static enum status make_store(struct basic *b, uint32_t signature, struct span *out)
{
    struct bcd_device device = { .kind = BCD_DEVICE_MBR, .signature = signature,
                                 .offset = b->volumes[0].start * SECTOR_BYTES };

    return bcd_build(&device, BCD_WINLOAD_EXE, b->volumes[0].volume->name, NULL, b->arena, out);
}

/* Where the boot manager's file lies in the volume that was made: a run of sectors. */
static enum status find_loader(struct basic *b, const uint8_t *image, const struct system_volume *sv, uint64_t *sector)
{
    struct memory_device md;
    struct fs_volume     fs;
    struct fs_file       file;
    uint32_t             into;
    uint64_t             left;

    memory_device_init(&md, "the new system volume", image, sv->bytes);
    TRY(fs_open(&md.dev, image, b->arena, &fs));
    TRY(fs_find(&fs, sv->files[0].path, &file));
    TRY(fs_locate(&file, 0, sector, &into, &left));
    return into == 0 && left == sv->loader.len ? STATUS_OK : STATUS_INTERNAL;
}

/* Our code behind the BPB, told which sectors to load. */
static enum status put_boot_code(struct basic *b, uint8_t *image, const struct system_volume *sv)
{
    uint64_t sector = 0;

    TRY(find_loader(b, image, sv, &sector));
    memcpy(image + BPB_END, bootcode_system + BPB_END, SECTOR_BYTES - BPB_END);
    wr_le32(image + FILE_OFFSET, (uint32_t)sector);
    wr_le16(image + FILE_OFFSET + 4, (uint16_t)((sv->loader.len + SECTOR_BYTES - 1) / SECTOR_BYTES));
    memcpy(image + FILE_OFFSET + 6, sv->loader.data, 4);
    return STATUS_OK;
}

enum status basic_add_system(struct basic *b, struct system_volume *sv, uint32_t signature)
{
    struct system_place place = { BASIC_ALIGN, BASIC_HEADS, BASIC_TRACK };
    struct span         store;
    uint8_t            *image;

    if (b->system_bytes == 0)
        return STATUS_OK;
    TRY(make_store(b, signature, &store));
    if (store.len != sv->files[1].size)  /* the names in it have a fixed length */
        return STATUS_INTERNAL;
    sv->files[1].data = store.data;
    image = arena_alloc(b->arena, sv->bytes);
    if (!image)
        return STATUS_NO_MEMORY;
    TRY(system_volume_make(sv, &place, image));
    TRY(put_boot_code(b, image, sv));
    b->made[b->made_count++] = (struct basic_made){ "a new system volume", BASIC_ALIGN, sv->bytes / SECTOR_BYTES,
                                                    basic_slot_of(b, ENTRY_SYSTEM) + 1, true };
    return composed_add(b->disk, (struct piece){ .start = BASIC_ALIGN, .sectors = sv->bytes / SECTOR_BYTES,
                                                 .memory = image });
}
