; SPDX-License-Identifier: GPL-2.0-or-later
;
; pxerom.asm - plays the PXE ROMs that QEMU does not have. A floppy image: the boot sector puts the ROM to 8000:0 and
; the network boot program, which is on the floppy behind it, to 0:7C00; the ROM starts it.
;
; What the ROM answers is in `config`, written by the test (qemu/support/payloads.py knows the layout). Each call is
; printed, and for OPEN the server and the file.
;
; Facts: PXE specification 2.1, 3.1 (PXENV+), 3.2 (!PXE), 3.3 and 3.4 (calls), 4.4.5 (how a program is started).

bits 16
cpu 686

%include "resident.inc"

ROM_SEGMENT     equ 0x8000
ROM_SECTORS     equ 32
PROGRAM_SECTORS equ 168
BUFFER_SEGMENT  equ 0x8800          ; a floppy's transfer must not cross 64 KiB, and the program does
FLOPPY_TRACK    equ 18
BOOT            equ 0x7C00
MOVED           equ 0x0600

F_OLD           equ 1               ; PXENV+ only

GET_CACHED_INFO equ 0x71
TFTP_OPEN       equ 0x20
TFTP_READ       equ 0x22

; Parameters of the calls.
P_STATUS        equ 0
P_BYTES         equ 4
P_BUFFER        equ 6
OPEN_SERVER     equ 2
OPEN_NAME       equ 10
OPEN_PORT       equ 138
OPEN_PACKET     equ 140
TFTP_PORT       equ 0x4500          ; 69, as the network has it
BAD_PARAMETERS  equ 0x01

; ---------------------------------------------------------------- boot sector, moved to 0:0600

section boot vstart=MOVED start=0
    boot_start
    mov es, ax
    mov si, BOOT
    mov di, MOVED
    mov cx, 512
    rep movsb
    jmp 0:load
load:
    mov si, 1
    mov di, ROM_SEGMENT
    mov bp, ROM_SECTORS
    call load_sectors
    mov di, BOOT >> 4
    mov bp, PROGRAM_SECTORS
    call load_sectors
    jmp ROM_SEGMENT:go

; BP sectors of the floppy, from SI on, to DI:0; both are counted on.
load_sectors:
    mov ax, si
    mov cl, FLOPPY_TRACK
    div cl
    mov cl, ah
    inc cl                          ; sector
    mov ch, al
    shr ch, 1                       ; cylinder
    mov dh, al
    and dh, 1                       ; head
    mov dl, 0
    push BUFFER_SEGMENT
    pop es
    xor bx, bx
    mov ax, 0x0201
    int 0x13
    jc .failed
    push si
    push di
    mov es, di
    push BUFFER_SEGMENT
    pop ds
    xor si, si
    xor di, di
    mov cx, 512 / 2
    rep movsw
    pop di
    pop si
    add di, 512 >> 4
    inc si
    dec bp
    jnz load_sectors
    ret
    boot_end

; ---------------------------------------------------------------- the ROM

    db "LDMBOOT-PXEROM", 0, 0       ; found by the tests

; Offset 16.
config:
.flags:     dw 0
.bad_call:  dw 0                    ; this call fails,
.status:    dw 0                    ; with this status
.packet:    dw 0                    ; what OPEN says of packets
.length:    dw 0                    ; of the file
.reply:     times 1472 db 0
.text:      times 8192 db 0

api:        db "!PXE"
            times 0x10 - 4 db 0
            dw by_stack, ROM_SEGMENT
old_api:    db "PXENV+"
            times 0x0A - 6 db 0
            dw by_registers, ROM_SEGMENT
nothing:    dd 0
position:   dw 0                    ; in the file

%include "print.inc"

go:
    push cs
    pop ds
    call serial_init
    push cs
    pop es
    mov bx, old_api
    mov ax, api
    test word [config.flags], F_OLD
    jz .start
    mov ax, nothing
.start:
    push cs
    push ax
    push cs
    push word .back
    jmp 0:BOOT
.back:
    int 0x18

; !PXE: number, offset and segment of the parameters on the stack.
by_stack:
    push bp
    mov bp, sp
    push es
    push di
    push bx
    mov bx, [bp + 6]
    les di, [bp + 8]
    push cs
    call by_registers
    pop bx
    pop di
    pop es
    pop bp
    retf

; PXENV+: BX, ES:DI. AX returns 0 or 1.
by_registers:
    pushad
    push ds
    push es
    push cs
    pop ds
    cld
    print "ROM: "
    mov al, bl
    call puthex8
    call call_named
    print 13, 10
    mov [es:di + P_STATUS], ax
    test ax, ax
    pop es
    pop ds
    popad
    setnz al
    movzx ax, al
    retf

; One call. out: AX = status
call_named:
    cmp bx, [config.bad_call]
    jne .good
    mov ax, [config.status]
    ret
.good:
    cmp bx, GET_CACHED_INFO
    je cached_info
    cmp bx, TFTP_OPEN
    je open
    cmp bx, TFTP_READ
    je read
    xor ax, ax
    ret

cached_info:
    mov cx, [es:di + P_BYTES]
    cmp cx, 1472
    mov ax, BAD_PARAMETERS
    jne .out
    mov si, config.reply
    call deliver
.out:
    ret

open:
    print " server "
    mov eax, [es:di + OPEN_SERVER]
    bswap eax
    call puthex32
    print " file "
    lea si, [di + OPEN_NAME]
    mov cx, 128
.name:
    mov al, [es:si]
    test al, al
    jz .named
    call putc
    inc si
    loop .name
.named:
    mov ax, BAD_PARAMETERS
    cmp word [es:di + OPEN_PORT], TFTP_PORT
    jne .out
    mov ax, [config.packet]
    mov [es:di + OPEN_PACKET], ax
    xor ax, ax
.out:
    ret

read:
    mov cx, [config.length]
    sub cx, [position]
    cmp cx, [config.packet]
    jbe .last
    mov cx, [config.packet]
.last:
    mov si, config.text
    add si, [position]
    add [position], cx

; CX bytes from SI to where the parameters say. out: AX = 0
deliver:
    mov [es:di + P_BYTES], cx
    push es
    push di
    les di, [es:di + P_BUFFER]
    rep movsb
    pop di
    pop es
    xor ax, ax
    ret
