; SPDX-License-Identifier: GPL-2.0-or-later
;
; mbr.asm - sector 0 of the stick: starts the active partition of the disk it
; came from. 440 bytes; the disk signature and the partition table behind it
; belong to whoever partitioned the disk.
;
; Some BIOSes start a stick with a DL that is not its number. The right drive is
; the one whose sector 0 has our own signature and table, so that is looked for.

%include "offsets.inc"
%include "startup.inc"

%define NO_ROOM

        bits    16
        org     STAGE1_MOVED_BASE

IDENTITY_OFFSET equ 1b8h                ; signature, table and 55AA
IDENTITY_BYTES  equ 200h - IDENTITY_OFFSET
READ_BUFFER     equ BOOT_SECTOR_BASE
TABLE_OFFSET    equ 1beh

start:
        startup es                      ; loading SS keeps interrupts away until SP is set, too
        mov     si, sp
%if RM_STACK_TOP != BOOT_SECTOR_BASE
%error the stack ends elsewhere
%endif
        mov     di, STAGE1_MOVED_BASE
        mov     cx, 256
        rep     movsw
        jmp     0:moved

moved:
        mov     [drive], dl
        mov     bp, STAGE1_MOVED_BASE + TABLE_OFFSET
        mov     cl, 4                   ; CX was 0
.find_active:
        cmp     [bp], ch                ; 0
        jl      try_drives              ; bit 7
        add     bp, 16
        loop    .find_active
        mov     si, text_no_active
        jmp     give_up

; start_from_drive: when [drive] is our disk, start its active partition.
;   in: BP = active entry;  returns only when it cannot be done;  clobbers: all but BP, DS, ES
start_from_drive:
        xor     eax, eax
        call    read_sector
        jc      .no
        mov     si, STAGE1_MOVED_BASE + IDENTITY_OFFSET
        mov     di, BOOT_SECTOR_BASE + IDENTITY_OFFSET
        mov     cx, IDENTITY_BYTES
        repe    cmpsb
        jne     .no
        mov     eax, [bp + 8]
        call    read_sector
        jc      .no
        cmp     word [di - 2], 0aa55h   ; behind what was compared
        jne     .no
        mov     si, bp                  ; DS:SI = the entry, DL = the drive: as every MBR hands over
        mov     dl, [drive]
        jmp     BOOT_SECTOR_BASE        ; CS is 0
.no:
        ret

; The number the BIOS gave, then every hard disk.
try_drives:
        call    start_from_drive
        push    word [status]           ; of the drive that the BIOS named: that of the last one is of no interest
        mov     byte [drive], 80h
.next:
        call    start_from_drive
        inc     byte [drive]
        cmp     byte [drive], 98h
        jb      .next
        pop     word [status]
        mov     si, text_unreadable

%include "stage1.inc"

text_no_active:  db "no active partition ", 0
text_unreadable: db "partition: error ", 0

%if $ - $$ > IDENTITY_OFFSET
%error stage 1 is larger than 440 bytes
%endif
        times IDENTITY_OFFSET - ($ - $$) db 0
