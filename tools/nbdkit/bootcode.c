/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bootcode.c - see bootcode.h. BOOTCODE is the path of mbr.bin, given by tools/tools.mk. */
#include "bootcode.h"

__asm__(".section .rodata\n"
        ".globl bootcode\n"
        ".hidden bootcode\n"
        ".type bootcode, @object\n"
        "bootcode: .incbin \"" BOOTCODE "\"\n"
        ".size bootcode, . - bootcode\n"
        ".previous\n");
