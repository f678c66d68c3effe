; SPDX-License-Identifier: GPL-2.0-or-later
;
; vbr.asm - boot sector of the boot partition: finds stage 2 in the reserved
; sectors of its own FAT and starts its first sector (entry.asm). Started by mbr.asm, by any other MBR, by a boot
; manager, or by a BIOS that takes the stick for a floppy.
;
; The image builder lays this over the file system's own boot sector and keeps
; the BPB (bytes 3..59h, which is as far as FAT32's goes). Firmware is known to
; write into the BPB of a sector it starts (drive number, geometry, hidden
; sectors), so nothing there is needed: the partition's position is taken from
; `own_lba`, which the builder sets, then from the BPB, then from the entry that
; the MBR left at DS:SI, then 0; a position is right when stage 2 is there.

%include "offsets.inc"
%include "startup.inc"

        bits    16
        org     BOOT_SECTOR_BASE

BPB_END         equ 5ah
BPB_HIDDEN      equ 1ch
OWN_LBA_OFFSET  equ 1f8h                ; known to tools/mkstick.py
POSITIONS       equ RM_STACK_TOP - 4 * 4    ; pushed by start
READ_BUFFER     equ STAGE2_BASE
MAGIC_OFFSET    equ 1feh

        jmp     short start
        nop
        times BPB_END - ($ - $$) db 0

start:
        cli
        mov     ecx, [si + 8]           ; of the partition entry, if that is what SI is
        startup
        at_segment_0
        push    dword 0                 ; a stick without partition table
        push    ecx
        push    dword [BOOT_SECTOR_BASE + BPB_HIDDEN]
        push    dword [own_lba]

; The number the BIOS gave, then every hard disk.
        mov     [drive], dl
        call    load_from_drive
        mov     byte [drive], 80h
.next:
        call    load_from_drive
        inc     byte [drive]
        cmp     byte [drive], 98h
        jb      .next
        mov     si, text_missing
        jmp     give_up

; load_from_drive: look for stage 2 at each position; start its first sector, which loads the others.
;   returns only when it is not there;  clobbers: all but DS
load_from_drive:
        mov     di, POSITIONS
.position:
        mov     eax, [di]
        add     eax, STAGE2_SECTOR
        call    read_sector
        jc      .not_here
        cmp     dword [STAGE2_BASE + 4], STAGE2_MAGIC
        jne     .not_here
        mov     ebx, [di]
        mov     dl, [drive]
        jmp     0:STAGE2_BASE           ; EBX = LBA of this partition, DL = its drive
.not_here:
        add     di, 4
        cmp     di, RM_STACK_TOP
        jb      .position
        ret

%include "stage1.inc"

text_missing:   db "no stage 2: read error ", 0

%if $ - $$ > OWN_LBA_OFFSET
%error the boot sector is too large
%endif
        times OWN_LBA_OFFSET - ($ - $$) db 0
own_lba:        dd 0
        times MAGIC_OFFSET - ($ - $$) db 0
        dw      0aa55h
