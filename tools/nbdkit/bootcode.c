/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bootcode.c - see bootcode.h. BOOTCODE is the folder of what nasm made, given by tools/tools.mk. */
#include "bootcode.h"

#define BOOT_SECTOR(name, file) \
    __asm__(".section .rodata\n" \
            ".globl " name "\n" \
            ".hidden " name "\n" \
            ".type " name ", @object\n" \
            name ": .incbin \"" BOOTCODE "/" file "\"\n" \
            ".size " name ", . - " name "\n" \
            ".previous\n")

BOOT_SECTOR("bootcode_disk", "mbr.bin");
BOOT_SECTOR("bootcode_system", "sysvol.bin");
