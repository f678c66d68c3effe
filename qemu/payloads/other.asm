; SPDX-License-Identifier: GPL-2.0-or-later
;
; other.asm - sector 0 of another boot device: says on the screen and on COM1 that the BIOS
; came here. With `write` set it also writes (its own contents, to its own place): only to
; show that the harness notices.

bits 16
cpu 686
org 0x7C00

section .text
    jmp 0:start
    times 6 - ($ - $$) db 0
write:  db 0                        ; offset 6

%include "print.inc"

start:
    begin
    cmp byte [write], 0
    je .say
    mov ax, 0x0301
    mov bx, 0x7C00
    mov cx, 1
    mov dh, 0
    int 0x13
.say:
    print 13, 10, "OTHER: started", 13, 10
halt:
    hlt
    jmp halt
