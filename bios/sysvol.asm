; SPDX-License-Identifier: GPL-2.0-or-later
;
; sysvol.asm - boot sector of the small system volume on a basic disk that the nbdkit plugin makes where only Windows's
; own volume was left: reads BOOTMGR's file whole to 2000:0000 and starts it, as Windows's own boot sectors
; do (docs/windows-boot.md, "A system volume in memory").
;
; The volume is FAT12 and made in one piece (common/present/fatimage.c), so the file is a run of sectors: the plugin says
; where, behind the volume's own beginning. That is taken from HiddenSectors, which BOOTMGR itself looks at next.

%include "offsets.inc"
%include "startup.inc"

        bits    16
        org     BOOT_SECTOR_BASE

BPB_END         equ 3eh
BPB_HIDDEN      equ 1ch
FILE_OFFSET     equ 1f4h                ; known to tools/nbdkit/basic_system.c
READ_BUFFER     equ LOADER_BASE
MAGIC_OFFSET    equ 1feh
SECTOR_PARAS    equ 200h >> 4

        jmp     short start
        nop
        times BPB_END - ($ - $$) db 0

start:
        cli
        startup es
        at_segment_0
        mov     [drive], dl

; Is there memory for all of it below what the BIOS keeps for itself?
        movzx   ecx, word [file_sectors]
        mov     ax, cx
        shl     ax, 5                   ; sectors to paragraphs
        add     ax, LOADER_BASE >> 4
        mov     dx, [BDA_LOW_KIB]
        shl     dx, 6                   ; KiB to paragraphs
        mov     si, text_memory
        cmp     ax, dx
        ja      give_up

        mov     eax, [BOOT_SECTOR_BASE + BPB_HIDDEN]
        add     eax, [file_start]
.sector:
        call    read_sector
        jc      .bad
        inc     eax
        add     word [dap.segment], SECTOR_PARAS
        loop    .sector

        push    LOADER_BASE >> 4
        pop     es
        mov     eax, [file_head]
        cmp     [es:0], eax             ; a BIOS that says it read, and did not
        jne     .bad
        push    ds
        pop     es
        xor     si, si
        mov     dl, [drive]
        jmp     LOADER_BASE >> 4:0
.bad:
        mov     si, text_unreadable
        jmp     give_up

%include "stage1.inc"

text_unreadable: db "BOOTMGR: read error ", 0
text_memory:     db "too little memory for BOOTMGR ", 0

%if $ - $$ > FILE_OFFSET
%error the boot sector is too large
%endif
        times FILE_OFFSET - ($ - $$) db 0
file_start:     dd 0                    ; sector of the volume
file_sectors:   dw 0
file_head:      dd 0                    ; its first four bytes
        times MAGIC_OFFSET - ($ - $$) db 0
        dw      0aa55h
