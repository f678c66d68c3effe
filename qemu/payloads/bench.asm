; SPDX-License-Identifier: GPL-2.0-or-later
;
; bench.asm - the loader of the benchmark (qemu/bench.py): prints what the time stamp
; counter says. Under QEMU's -icount that counter counts instructions.
;
; shim.asm leaves the time before the jump to the stick and the BIOS's own INT 13h,
; vbr-standin.asm the time of its first instruction; the test writes which sector is read.

bits 16
cpu 686
org 0

ENTERED_AT      equ 0x4E8
STARTED_AT      equ 0x4F0
BIOS_13         equ 0x4F8
BUFFER          equ 0x3000
ROUNDS          equ 250             ; the smallest of these counts: on a busy machine most are of waiting

section .text
    jmp near start                  ; as BOOTMGR's file begins
    times 4 - ($ - $$) db 0
    db "LDMBOOT-BENCHMRK"           ; offset 4: found by the tests

; Offset 20.
plain_lba:      dd 0                ; a sector without patches
patched_lba:    dd 0                ; one with
bios_drive:     db 0x81             ; the disk's number before it was mapped

%include "print.inc"

; measure "name", sectors, LBA, vector, drive: print the smallest time of a read.
%macro measure 5
    mov dword [packet.lba + 4], 0
    mov eax, %3
    mov [packet.lba], eax
    mov word [packet.count], %2
    mov eax, %4
    mov [vector], eax
    mov al, %5
    mov [drive], al
    print "BENCH ", %1, " "
    call smallest
    call putdec
    print 13, 10
%endmacro

start:
    cli
    mov ax, cs
    mov ss, ax
    mov sp, 0xFFF0
    mov ds, ax
    xor ax, ax
    mov fs, ax
    sti
    cld
    call serial_init
    mov eax, [fs:ENTERED_AT]
    sub eax, [fs:STARTED_AT]
    print 13, 10, "BENCH jump "
    call putdec
    print 13, 10
    print "BENCH lowkib "
    movzx eax, word [fs:0x413]
    call putdec
    print 13, 10
    measure "bios1",    1,  [plain_lba],   [fs:BIOS_13],   [bios_drive]
    measure "hooked1",  1,  [plain_lba],   [fs:0x13 * 4],  0x80
    measure "patched1", 1,  [patched_lba], [fs:0x13 * 4],  0x80
    measure "bios64",   64, [plain_lba],   [fs:BIOS_13],   [bios_drive]
    measure "hooked64", 64, [plain_lba],   [fs:0x13 * 4],  0x80
    call find_active
    measure "active64", 64, [active_lba],  [fs:0x13 * 4],  0x80
    print "BENCH end", 13, 10
halt:
    hlt
    jmp halt

; Where the active entry of sector 0 leads: the system volume, which may lie in memory.
find_active:
    mov dword [packet.lba], 0
    mov word [packet.count], 1
    mov si, packet
    mov ax, 0x4200
    mov dl, 0x80
    int 0x13
    mov si, BUFFER + 446
    mov cx, 4
.next:
    cmp byte [si], 0x80
    je .found
    add si, 16
    loop .next
    ret
.found:
    mov eax, [si + 8]
    mov [active_lba], eax
    ret

; EAX = instructions of the fastest of a few reads.
smallest:
    mov dword [best], -1
    mov cx, ROUNDS
.next:
    push cx
    mov si, packet
    mov dl, [drive]
    push dx
    rdtsc
    mov [began], eax
    pop dx
    mov ah, 0x42
    pushf
    call far [vector]
    rdtsc
    sub eax, [began]
    cmp eax, [best]
    jae .slower
    mov [best], eax
.slower:
    pop cx
    loop .next
    mov eax, [best]
    ret

section .data
align 4
packet:     db 16, 0
.count:     dw 1
            dw 0, BUFFER
.lba:       dd 0, 0
vector:     dd 0
began:      dd 0
best:       dd 0
active_lba: dd 0
drive:      db 0
