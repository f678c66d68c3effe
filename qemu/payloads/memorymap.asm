; SPDX-License-Identifier: GPL-2.0-or-later
;
; memorymap.asm - a disk that walks memory maps through the resident hook: sector 0, and behind it what the test puts
; there (qemu/test_hook_memory.py): the hook's block, and cases. A case is the hook's base, the volume's base and end, how
; many bytes the caller has room for, how many entries the map has, how it ends, and the entries. The BIOS is played, from
; the case; what the hook answers goes to RESULTS, for the test to read from the machine's memory.

bits 16
cpu 686
org 0x7C00

HOOK        equ 0x2000              ; segment of the hook's block, and what follows it
CASES       equ 0x1000              ; behind it: u32 count, then the cases
CASE_BYTES  equ 24 + 8 * 24
RESULTS     equ 0x4000              ; segment: a case's u32 count, then entries
SLOTS       equ 31
SLOT_BYTES  equ 24
RESULT_BYTES equ 4 + SLOTS * SLOT_BYTES
FILL        equ 0xEE
SECTORS     equ 64

    jmp 0:start
    times 6 - ($ - $$) db 0
fields: times 4 dw 0                ; offsets in the block: base, volume's base, its end, old INT 15h; entry of INT 15h
entry:  dw 0, HOOK

%include "print.inc"

start:
    begin
    mov si, packet
    mov ah, 0x42
    int 0x13
    mov al, '!'
    jc .say
    mov ax, RESULTS
    mov es, ax
    xor di, di
    mov cx, 0xFFFF
    mov al, FILL
    rep stosb
    mov ax, HOOK
    mov fs, ax
    mov bx, [fields + 6]
    mov word [fs:bx], bios
    mov word [fs:bx + 2], 0
    mov si, CASES + 4               ; FS:SI = case
    xor di, di                      ; ES:DI = its results
.case:
    call walk
    add si, CASE_BYTES
    add di, RESULT_BYTES
    dec dword [fs:CASES]
    jnz .case
    mov al, '.'
.say:
    call putc
    mov si, done
    call puts
halt:
    hlt
    jmp halt
done:   db " MAPS: done", 13, 10, 0

walk:
    mov [case], si
    push si
    push di
    %assign i 0
    %rep 3
    mov bx, [fields + i * 2]
    mov eax, [fs:si + i * 4]
    mov [fs:bx], eax
    %assign i i + 1
    %endrep
    mov dword [es:di], 0
    mov bp, di
    add di, 4
    xor ebx, ebx
.next:
    mov eax, 0xE820
    mov edx, 'PAMS'
    mov si, [case]
    mov ecx, [fs:si + 12]
    stc
    pushf
    call far [entry]
    jc .end
    cmp eax, 'PAMS'
    jne .end
    inc dword [es:bp]
    add di, SLOT_BYTES
    cmp dword [es:bp], SLOTS
    je .end
    test ebx, ebx
    jnz .next
.end:
    pop di
    pop si
    ret

; The BIOS: entry number EBX of the case.
bios:
    push si
    push di
    push cx
    mov si, [cs:case]
    cmp ebx, [fs:si + 16]
    jae .none
    imul ax, bx, 24
    push si
    add si, ax
    add si, 24
    fs rep movsb
    pop si
    inc ebx
    cmp ebx, [fs:si + 16]
    jb .good
    cmp dword [fs:si + 20], 0
    jne .good                       ; this one ends with an error of the next call
    xor ebx, ebx
.good:
    pop cx
    pop di
    pop si
    mov eax, 'PAMS'
    clc
    retf 2
.none:
    pop cx
    pop di
    pop si
    stc
    retf 2

case:   dw 0
packet: db 16, 0
        dw SECTORS, 0, HOOK
        dq 1

    times 510 - ($ - $$) db 0
    dw 0xAA55
