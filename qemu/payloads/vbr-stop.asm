; SPDX-License-Identifier: GPL-2.0-or-later
;
; vbr-stop.asm - boot code for a volume that says it was started and reads nothing:
; what the disk was asked for until then was ldmboot's doing. The volume's BPB is kept.

bits 16
cpu 686
org 0x7C00

section .text
    jmp short code
    nop
    times 0x54 - ($ - $$) db 0      ; BPB, kept by the test

code:
    jmp start

%include "print.inc"

start:
    jmp 0:.here
.here:
    xor ax, ax
    mov ss, ax
    mov sp, 0x7C00
    mov ds, ax
    call serial_init
    print "VBR: started", 13, 10
halt:
    hlt
    jmp halt

