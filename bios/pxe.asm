; SPDX-License-Identifier: GPL-2.0-or-later
;
; pxe.asm - ldmboot.pxe: a network boot program for BIOS machines. PXE loads the file to 0:7C00, so that
; stage 2, 1 KiB into it, is where it belongs.
;
; Once ldmboot.cfg is fetched (netcfg.inc) the network is not needed any more: the card is told to stop, or it would go
; on writing what it receives into memory that Windows takes for its own. What PXE has cut off low memory (40:13)
; stays so.
;
; Facts: PXE specification 2.1, 3.1 (PXENV+), 3.2 (!PXE), 3.3 and 3.4 (the calls),
; 4.4.5 (what a program is started with).

%include "offsets.inc"

UNDI_SHUTDOWN   equ 05h
UNLOAD_STACK    equ 70h
STOP_UNDI       equ 15h

PXE_ENTRY       equ 10h                 ; !PXE: its real-mode entry
PXENV_ENTRY     equ 0ah                 ; PXENV+: likewise

        bits    16
        org     BOOT_SECTOR_BASE

;   in: ES:BX = PXENV+, SS:SP = return address, then the address of !PXE
start:
        mov     bp, sp
        lgs     si, [bp + 4]
        jmp     0:.here
.here:
        xor     ax, ax
        mov     ds, ax
        cli
        mov     ss, ax
        mov     sp, RM_STACK_TOP
        sti
        cld
        mov     [COMMAND_LINE_BASE], al
        call    find_api
        jc      .go_on
        mov     byte [drive], BOOT_DRIVE_NETWORK
        call    fetch_config
        mov     bx, UNDI_SHUTDOWN
        call    stop
        mov     bx, UNLOAD_STACK
        call    stop
        mov     bx, STOP_UNDI
        call    stop
.go_on:
        mov     dl, [drive]
        xor     ebx, ebx
        jmp     0:STAGE2_ENTRY

; find_api: !PXE, or PXENV+ of an older one.
;   in: GS:SI = !PXE, ES:BX = PXENV+;  out: [entry], or CF = 1 when there is neither;  clobbers: EAX
find_api:
        mov     eax, [gs:si + PXE_ENTRY]
        cmp     dword [gs:si], "!PXE"
        je      .found
        mov     eax, [es:bx + PXENV_ENTRY]
        cmp     dword [es:bx], "PXEN"
        jne     .none
        cmp     word [es:bx + 4], "V+"
        jne     .none
.found:
        mov     [entry], eax
        ret
.none:
        stc
        ret

; stop: make a call that needs no parameters. Its result is of no interest: nothing could be done.
;   in: BX = number;  clobbers: all but DS
stop:
        push    ds
        pop     es
        mov     di, parameters
        mov     cx, PARAMETER_BYTES
        xor     ax, ax
        rep     stosb
        mov     di, parameters

; pxe: make a call.
;   in: BX = number, DI = its parameters, which begin with the status;  out: AX = status, ZF = 1 when that is 0, ES = 0
;   clobbers: all but DS
pxe:
        push    ds
        pop     es
        push    di
        push    ds                      ; !PXE wants them on the stack, PXENV+ in ES:DI and BX
        push    di
        push    bx
        call    far [entry]
        add     sp, 6
        pop     di
        xor     ax, ax
        mov     ds, ax
        mov     es, ax
        cld
        mov     ax, [di]
        test    ax, ax
        ret

%include "netcfg.inc"

entry:          dd 0
PARAMETER_BYTES equ 16
parameters:     times PARAMETER_BYTES db 0
drive:          db BOOT_DRIVE_NONE

        times STAGE2_BASE - BOOT_SECTOR_BASE - ($ - $$) db 0
        incbin "stage2.bin"
