/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handover.c - install the resident hook, load the boot sector through it, go.
 *
 * Facts: docs/windows-boot.md, "Legacy BIOS": register state, memory (40:13 and E820), drive count.
 */
#include "handover.h"

#include "common/disk/mbr.h"
#include "common/base/mem.h"
#include "hook.h"
#include "memmap.h"
#include "memory.h"
#include "realmode.h"

#define VECTOR(n)     ((n) * 4u)
#define WINDOWS_DRIVE 0x80
#define MOVED_TABLE   (STAGE1_MOVED_BASE + MBR_TABLE_OFF)
#define MEMORY_BLOCKS 127  /* in one round of the hook */

extern const uint8_t hook_code[], hook_code_end[];  /* hookblob.asm */

/* What the hook replaced: to take it out again. */
static struct {
    uint32_t int13, int15;
    uint16_t low_kib;
} before;

static size_t describe_drives(const struct int13_disk *disks, size_t n, const struct handover_memory *memory,
                              struct hook_drive *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (struct hook_drive){ &disks[i].dev, disks[i].drive, disks[i].has_edd, disks[i].chs_heads,
                                      disks[i].chs_sectors, disks[i].max_blocks, 0 };
    if (memory)
        out[n++] = (struct hook_drive){ .dev = &memory->device.dev, .drive = HOOK_MEMORY, .max_blocks = MEMORY_BLOCKS,
                                         .address = memory->base };
    return n;
}

enum status handover_install(const struct vdisk *vd, const struct int13_disk *disks, size_t n,
                             const struct handover_memory *memory)
{
    struct hook_drive  drives[INT13_MAX_DISKS + 1];
    struct memory_size size = memmap_size();
    uint32_t           low_end = memmap_low_end(), base = low_end - HOOK_BYTES;
    struct hook_block *block;

    if (low_end < LOW_MEMORY_USED + HOOK_BYTES)
        return STATUS_NO_LOW_MEMORY;
    block = (struct hook_block *)base;
    TRY(hook_tables_make(vd, drives, describe_drives(disks, n, memory, drives), &block->tables));
    if (memory)
        hook_tables_hide_memory(&block->tables, &size, memory->base, memory->end);
    /* cppcheck-suppress comparePointers ; the second is where the first one ends (hookblob.asm) */
    memcpy(block->code, hook_code, (size_t)(hook_code_end - hook_code));

    before.int13 = peek32(VECTOR(0x13));
    before.int15 = peek32(VECTOR(0x15));
    before.low_kib = peek16(BDA_LOW_KIB);

    block->tables.base = base;
    block->tables.old_int13 = before.int13;
    block->tables.old_int15 = before.int15;
    poke32(VECTOR(0x13), base << 12 | HOOK_INT13_ENTRY);  /* segment in the upper half; base is a multiple of 1 KiB */
    poke32(VECTOR(0x15), base << 12 | HOOK_INT15_ENTRY);
    poke16(BDA_LOW_KIB, (uint16_t)(base >> 10));
    return STATUS_OK;
}

uint32_t handover_loader_room(void)
{
    uint32_t end = memmap_low_end();

    return end > HOOK_BYTES + LOADER_BASE ? end - HOOK_BYTES - LOADER_BASE : 0;
}

static void remove_hook(void)
{
    poke32(VECTOR(0x13), before.int13);
    poke32(VECTOR(0x15), before.int15);
    poke16(BDA_LOW_KIB, before.low_kib);
}

/* One sector of drive 80h as Windows will read it; the BIOS may have said "success" without data. */
static enum status read_through_hook(uint64_t lba, uint32_t address)
{
    struct {
        uint8_t  bytes, reserved;
        uint16_t blocks, offset, segment;
        uint64_t lba;
    } __attribute__((packed)) packet = { 16, 0, 1, (uint16_t)address, 0, lba };
    struct rm_regs regs = { .eax = 0x4200, .edx = WINDOWS_DRIVE, .esi = rm_offset(&packet), .ds = rm_segment(&packet) };
    void          *sector = (void *)low_memory(address);

    blk_fill_pattern(sector, SECTOR_BYTES);
    rm_int(0x13, &regs);
    if ((regs.flags & RM_CARRY) || blk_has_pattern(sector, SECTOR_BYTES))
        return STATUS_HOOK_READ_FAILED;
    return peek16(address + MBR_MAGIC_OFF) == 0xaa55 ? STATUS_OK : STATUS_HOOK_NO_BOOT_SECTOR;
}

enum status handover_load(const struct vdisk *vd)
{
    enum status st = read_through_hook(0, STAGE1_MOVED_BASE);

    if (st == STATUS_OK)
        st = read_through_hook(vd->start_lba, BOOT_SECTOR_BASE);
    if (st != STATUS_OK)
        remove_hook();
    return st;
}

enum status handover_check_loader(uint32_t bytes)
{
    uint32_t low_end = (uint32_t)peek16(BDA_LOW_KIB) << 10;

    if (bytes <= low_end - LOADER_BASE)
        return STATUS_OK;
    remove_hook();
    return STATUS_LOADER_TOO_LARGE;
}

/* The entry that an MBR would have started, at 0:07BE and on. */
static uint16_t active_entry(void)
{
    for (unsigned entry = MOVED_TABLE; entry < MOVED_TABLE + MBR_ENTRIES * MBR_ENTRY_BYTES; entry += MBR_ENTRY_BYTES)
        if (peek8(entry) & 0x80)
            return (uint16_t)entry;
    return MOVED_TABLE;
}

void handover_jump(void)
{
    chain_jump(active_entry());
}
