/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * offsets.c - numbers that nasm needs, taken from the C headers. The Makefile
 * compiles this file to assembler text and cuts out the lines marked "->":
 * build/bios/offsets.inc. Nothing of it is linked.
 */
#include <stddef.h>

#include "hook.h"
#include "memory.h"
#include "netcfg.h"
#include "realmode.h"

#define EMIT(name, value) __asm__ volatile("\n->" name " equ %c0" : : "i"(value))
#define CONSTANT(name)    EMIT(#name, name)
#define FIELD(prefix, type, field) EMIT(prefix #field, offsetof(type, field))

void offsets(void);
void offsets(void)
{
    CONSTANT(STAGE1_MOVED_BASE);
    CONSTANT(IDT_BASE);
    CONSTANT(COMMAND_LINE_BASE);
    CONSTANT(COMMAND_LINE_MAX);
    CONSTANT(NETCFG_BASE);
    CONSTANT(RM_STACK_TOP);
    CONSTANT(BOOT_SECTOR_BASE);
    CONSTANT(STAGE2_BASE);
    CONSTANT(STAGE2_MAX_BYTES);
    CONSTANT(STAGE2_SECTOR);
    CONSTANT(STAGE2_MAGIC);
    CONSTANT(STAGE2_ENTRY);
    CONSTANT(FLOPPY_TRACK_SECTORS);
    EMIT("FLOPPY_LBA", (int)FLOPPY_LBA);
    CONSTANT(BOOT_DRIVE_NETWORK);
    CONSTANT(BOOT_DRIVE_NONE);
    CONSTANT(LOADER_BASE);
    CONSTANT(PM_STACK_TOP);
    CONSTANT(BOUNCE_BASE);
    CONSTANT(BDA_COM_PORTS);
    CONSTANT(BDA_LOW_KIB);
    CONSTANT(BDA_TICKS);
    CONSTANT(BDA_DISK_STATUS);

    EMIT("LOW_KIB_NEEDED", (LOW_MEMORY_USED + HOOK_BYTES) >> 10);
    EMIT("RM_REGS_BYTES", sizeof(struct rm_regs));
    EMIT("RM_FLAGS", offsetof(struct rm_regs, flags));

    CONSTANT(NETCFG_PACKET_BYTES);
    CONSTANT(NETCFG_PACKETS);
    EMIT("NETCFG_DWORDS", sizeof(struct netcfg) / 4);
    EMIT("NETCFG_PXE_STATUS", offsetof(struct netcfg, pxe_status));
    EMIT("NETCFG_BYTES", offsetof(struct netcfg, bytes));
    EMIT("NETCFG_TEXT", offsetof(struct netcfg, text));

    CONSTANT(HOOK_CODE_BYTES);
    CONSTANT(HOOK_INT13_ENTRY);
    CONSTANT(HOOK_INT15_ENTRY);
    CONSTANT(HOOK_SECTOR_BYTES);
    CONSTANT(HOOK_MEMORY);
    EMIT("HOOK_TABLES", offsetof(struct hook_block, tables));
    FIELD("T_", struct hook_tables, base);
    FIELD("T_", struct hook_tables, old_int13);
    FIELD("T_", struct hook_tables, old_int15);
    FIELD("T_", struct hook_tables, parameters);
    EMIT("PARAMETERS_BYTES", sizeof(struct hook_parameters));
    FIELD("T_", struct hook_tables, memory_base);
    FIELD("T_", struct hook_tables, memory_end);
    FIELD("T_", struct hook_tables, kib_to_16m);
    FIELD("T_", struct hook_tables, blocks_from_16m);
    FIELD("T_", struct hook_tables, kib_by_88);
    FIELD("T_", struct hook_tables, geometry_cx);
    FIELD("T_", struct hook_tables, last_head);
    FIELD("T_", struct hook_tables, sectors_per_track);
    FIELD("T_", struct hook_tables, drives_shown);
    FIELD("T_", struct hook_tables, drive_map);
    FIELD("T_", struct hook_tables, extent_count);
    FIELD("T_", struct hook_tables, patch_count);
    FIELD("T_", struct hook_tables, spare_count);
    FIELD("T_", struct hook_tables, extents);
    FIELD("T_", struct hook_tables, patches);
    FIELD("T_", struct hook_tables, patch_data);
    FIELD("T_", struct hook_tables, bounce);

    EMIT("EXTENT_BYTES", sizeof(struct hook_extent));
    FIELD("X_", struct hook_extent, virtual_lba);
    FIELD("X_", struct hook_extent, sectors);
    FIELD("X_", struct hook_extent, lba);
    FIELD("X_", struct hook_extent, drive);
    FIELD("X_", struct hook_extent, has_edd);
    FIELD("X_", struct hook_extent, chs_sectors);
    FIELD("X_", struct hook_extent, chs_heads);
    FIELD("X_", struct hook_extent, max_blocks);

    EMIT("PATCH_BYTES", sizeof(struct hook_patch));
    FIELD("P_", struct hook_patch, lba);
    FIELD("P_", struct hook_patch, offset);
    FIELD("P_", struct hook_patch, len);
    FIELD("P_", struct hook_patch, data);
}
