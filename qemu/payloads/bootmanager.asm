; SPDX-License-Identifier: GPL-2.0-or-later
;
; bootmanager.asm - stands in for NTLDR or BOOTMGR starting a boot sector file: sector 0 of
; a disk, whose sector 1 holds the 512 bytes of the file (put there by the test).
;
; Those load the file to 0:7C00 and jump to it with DL = 80h, wherever the file came from
; and whatever partition it is about (docs/windows-boot.md "Legacy BIOS", DL and CS:IP of
; boot sectors). Everything else is junk here, so that nothing else can be relied upon.

bits 16
cpu 686
org 0x7C00

BOOT        equ 0x7C00
MOVED       equ 0x0600
JUNK        equ 0x5AA5

section .text
    jmp 0:start

%include "print.inc"

start:
    begin
    print "MANAGER: starts the boot sector file", 13, 10
    mov si, load
    mov di, MOVED
    mov cx, load_end - load
    rep movsb
    jmp 0:MOVED

; From here on at MOVED: the file goes where this program was.
load:
    mov ax, 0x0201
    mov bx, BOOT
    mov cx, 2                       ; sector 1, counted from 1
    mov dh, 0
    int 0x13
    mov ax, JUNK
    mov es, ax
    mov fs, ax
    mov gs, ax
    mov bx, ax
    mov cx, ax
    mov si, ax
    mov di, ax
    mov bp, ax
    mov dx, 0x0080
    jmp 0:BOOT
load_end:
