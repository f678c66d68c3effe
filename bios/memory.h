/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory.h - every fixed address of the BIOS stage, in one place.
 *
 * C files, bios.ld (through the preprocessor) and the nasm files (through offsets.c) take them from here. Numbers
 * only, so that all three can read them.
 *
 *   00000  interrupt table, BIOS data
 *   00600  stage 1 (sector 0) after it moved itself; later the virtual sector 0 for the volume's boot code
 *   00800  interrupt table of protected mode, 256 bytes
 *   00900  command line: text with a NUL
 *   01100  ldmboot.cfg from the network (netcfg.h)
 *   02400  real-mode stack, downward from 7C00
 *   07C00  boot sectors: ours, and at the end the volume's; or the head of a boot file (STAGE2_ENTRY below)
 *   08000  stage 2 as stored, at most 80 KiB: a loader, and the packed program
 *   1c000  the program unpacked, and its .bss
 *   20000  at the very end, where ldmboot starts it itself: Windows's loader, upward over all that is ours
 *   48000  protected-mode stack, downward from 50000
 *   50000  bounce buffer for INT 13h: 64 KiB on a 64 KiB boundary, which no transfer can cross;
 *          before that, work area of the unpacker
 *   60000  end of what stage 2 needs
 *   ...    the resident hook: the last 4 KiB below the end of low memory (40:13, E820)
 */
#ifndef LDMBOOT_BIOS_MEMORY_H
#define LDMBOOT_BIOS_MEMORY_H

#define STAGE1_MOVED_BASE 0x00600
#define IDT_BASE          0x00800
#define COMMAND_LINE_BASE 0x00900
#define COMMAND_LINE_MAX  0x00800  /* NUL included; as much as Linux takes */
#define NETCFG_BASE       0x01100
#define RM_STACK_BOTTOM   0x02400
#define RM_STACK_TOP      0x07c00
#define BOOT_SECTOR_BASE  0x07c00

#define STAGE2_BASE       0x08000
#define STAGE2_MAX_BYTES  0x14000  /* as stored; also the room in the boot partition's reserved sectors */
#define RM_REACH_END      0x10000  /* code and data that run in real mode use segment 0 */

#define PROGRAM_BASE      0x1c000
#define PROGRAM_END       0x48000  /* .bss included */
#define PM_STACK_BOTTOM   0x48000
#define PM_STACK_TOP      0x50000
#define BOUNCE_BASE       0x50000
#define BOUNCE_BYTES      0x10000
#define LOW_MEMORY_USED   0x60000

/* Where NTLDR and BOOTMGR are loaded and started, 2000:0000, by Windows's own boot sectors (docs/windows-boot.md). */
#define LOADER_BASE       0x20000

/* Stage 2 in the boot partition: behind what FAT32 keeps in its reserved sectors (FSINFO 1, backup 6 and 7). */
#define STAGE2_SECTOR     8
#define STAGE2_MAGIC      0x324d444c  /* "LDM2" */

/* A 1.44 MB floppy, or what a BIOS shows as one, is all boot partition: two sides of 80 tracks. */
#define FLOPPY_TRACK_SECTORS 18
#define FLOPPY_SECTORS    2880

/*
 * The door for loaders that bring all of stage 2 to STAGE2_BASE (cd.asm, pxe.asm, lkrn.asm): real mode,
 * CS:IP = 0000:STAGE2_ENTRY, a text with a NUL at COMMAND_LINE_BASE, DL = the drive whose boot partition has
 * ldmboot.cfg, EBX = that partition's first block, or FLOPPY_LBA: the drive has such a floppy in it, whatever AH=08
 * says of the drive; or DL = BOOT_DRIVE_NETWORK, which has left it at NETCFG_BASE; or DL = BOOT_DRIVE_NONE.
 */
#define FLOPPY_LBA        0xffffffff
#define STAGE2_ENTRY      0x08014
#define BOOT_DRIVE_NETWORK 0xfe
#define BOOT_DRIVE_NONE   0xff

/* BIOS data area (Ralf Brown's MEMORY.LST). */
#define BDA_COM_PORTS     0x400  /* four words */
#define BDA_EBDA_SEGMENT  0x40e
#define BDA_LOW_KIB       0x413
#define BDA_COLUMNS       0x44a  /* of the screen; 0: no video BIOS */
#define BDA_TICKS         0x46c
#define BDA_DISK_STATUS   0x474

#define EXTENDED_BASE     0x100000
#define ARENA_MIN_BYTES   0x400000

#endif
