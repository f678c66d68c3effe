; SPDX-License-Identifier: GPL-2.0-or-later
;
; caller.asm - a loader that calls INT 13h as it is told (qemu/support/caller.py): the test writes registers into the
; machine's memory, which it shares, and finds there what came back.

bits 16
cpu 386
org 0

MAILBOX         equ 0x1000          ; in this segment, 2000h

; The registers of a call, and of its answer.
struc R
.eax:   resd 1
.ebx:   resd 1
.ecx:   resd 1
.edx:   resd 1
.esi:   resd 1
.edi:   resd 1
.ebp:   resd 1
.ds:    resw 1
.es:    resw 1
.fs:    resw 1
.gs:    resw 1
.flags: resw 1
.sp:    resw 1
endstruc

GO              equ MAILBOX         ; calls that were asked for
DONE            equ MAILBOX + 4     ; calls that are done
ASKED           equ MAILBOX + 8
ANSWER          equ ASKED + R_size

section .text
    jmp near start                  ; as BOOTMGR's file begins
    nop
    db "LDMBOOT-CALLER", 0, 0       ; offset 4: found by the tests

%include "print.inc"

start:
    cli
    mov ax, cs
    mov ss, ax
    mov sp, 0xFFF0
    mov ds, ax
    sti
    cld
    call serial_init
    mov dword [GO], 0
    mov dword [DONE], 0
    print 13, 10, "CALLER: ready", 13, 10
.wait:
    mov eax, [GO]
    cmp eax, [DONE]
    je .wait
    call call13
    mov eax, [GO]
    mov [DONE], eax
    jmp .wait

call13:
    push word [ASKED + R.flags]
    mov es, [ASKED + R.es]
    mov fs, [ASKED + R.fs]
    mov gs, [ASKED + R.gs]
    mov eax, [ASKED + R.eax]
    mov ebx, [ASKED + R.ebx]
    mov ecx, [ASKED + R.ecx]
    mov edx, [ASKED + R.edx]
    mov esi, [ASKED + R.esi]
    mov edi, [ASKED + R.edi]
    mov ebp, [ASKED + R.ebp]
    mov ds, [ASKED + R.ds]
    popf
    int 0x13
    pushf
    push ds
    push cs
    pop ds
    pop word [ANSWER + R.ds]
    pop word [ANSWER + R.flags]
    mov [ANSWER + R.sp], sp
    mov [ANSWER + R.eax], eax
    mov [ANSWER + R.ebx], ebx
    mov [ANSWER + R.ecx], ecx
    mov [ANSWER + R.edx], edx
    mov [ANSWER + R.esi], esi
    mov [ANSWER + R.edi], edi
    mov [ANSWER + R.ebp], ebp
    mov [ANSWER + R.es], es
    mov [ANSWER + R.fs], fs
    mov [ANSWER + R.gs], gs
    cld
    sti
    ret

section .data
    times 2048 db 0                 ; NTFS keeps a smaller file in its directory entry, where no boot sector finds it
