; SPDX-License-Identifier: GPL-2.0-or-later
;
; loadfloppy.asm - boot sector of a floppy whose next sectors are a loader: starts it as a boot sector of Windows's would.

bits 16
cpu 386

%include "resident.inc"

LOADER          equ 0x2000
SECTORS         equ 8

section boot vstart=0x7C00 start=0
    jmp 0:install
install:
    boot_start
    mov ax, LOADER
    mov es, ax
    xor bx, bx
    mov ax, 0x0200 + SECTORS
    mov cx, 2
    xor dx, dx
    int 0x13
    jc .failed
    mov dl, 0x80
    jmp LOADER:0
    boot_end
