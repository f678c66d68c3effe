; SPDX-License-Identifier: GPL-2.0-or-later
;
; floppy.asm - boot sector of the 1.44 MB floppy: a FAT12 whose reserved sectors hold stage 2, as in the boot partition.
; Floppies have no EDD, on old machines no AH=08 either, and a read of one sector at a time takes a turn for each: so it
; reads by AH=02 as far as the track goes, 18 sectors on 2 sides. The same on a CD that plays a floppy (El Torito).
;
; Facts: Ralf Brown's interrupt list, INT 13h AH=00 02 (table 00234: 09h is a DMA across 64 KiB) and INT 1Eh (a BIOS's table of
; the drive can end a track before its 18th sector, which fails reads of many, not of one); INT 14h's chip, the 8250.

%include "offsets.inc"
%include "startup.inc"

%define FLOPPY

        bits    16
        org     BOOT_SECTOR_BASE

BPB_END         equ 3eh
MAGIC_OFFSET    equ 1feh
FIRST           equ FLOPPY_TRACK_SECTORS - STAGE2_SECTOR    ; of stage 2 on the first track
MAX             equ STAGE2_MAX_BYTES / 512

; DMA cannot cross 64 KiB. Here no read does: a track ends where 64 KiB do.
%if STAGE2_BASE >= 10000h || STAGE2_BASE + STAGE2_MAX_BYTES > 20000h
%error stage 2 crosses another 64 KiB
%elif (STAGE2_SECTOR + (10000h - STAGE2_BASE) / 512) % FLOPPY_TRACK_SECTORS
%error a track crosses 64 KiB
%endif

        jmp     short start
        nop
        times BPB_END - ($ - $$) db 0

start:
        cli
        startup
        at_segment_0
        mov     [drive], dl
        call    load
        mov     si, text_missing
        cmp     dword [STAGE2_BASE + 4], STAGE2_MAGIC
        jne     give_up
        mov     ax, [STAGE2_BASE + 8]   ; its sectors (entry.asm)
        sub     ax, FIRST
        cmp     ax, MAX - FIRST
        ja      give_up
        mov     [bp + left - here], al
        call    load
        mov     byte [COMMAND_LINE_BASE], 0
        mov     dl, [drive]
        mov     ebx, FLOPPY_LBA
        jmp     0:STAGE2_ENTRY          ; which checks the sum

; load: the next [left] sectors, and a dot for each read. Each read ends with the track. One that fails three times is
; repeated a sector at a time, and so is all that follows.
;   out: BP = here;  returns only when all are there;  clobbers: all but DS
load:
        mov     al, '.'
        call    screen_char
        mov     bp, here                ; INT 10h loses BP in some BIOSes when it scrolls
        mov     byte [bp + attempts - here], READ_ATTEMPTS
.again:
        mov     ax, [bp + lba - here]
        mov     bl, FLOPPY_TRACK_SECTORS
        div     bl                      ; AL = track, AH = sector in it
        sub     bl, ah
        cmp     bl, [bp + most - here]
        jbe     .not_too_many
        mov     bl, [bp + most - here]
.not_too_many:
        cmp     bl, [bp + left - here]
        jbe     .no_more
        mov     bl, [bp + left - here]
.no_more:
        mov     es, [bp + to_segment - here]
        mov     cl, ah
        inc     cx                      ; sector, from 1
        shr     al, 1                   ; 2 sides
        mov     ch, al
        setc    dh
        mov     [bp + count - here], bl
        mov     al, bl
        mov     ah, 2
        xor     bx, bx
        call    disk_service
        jnc     .read
        xor     ah, ah                  ; reset: the drive finds track 0 again
        call    disk_service
        dec     byte [bp + attempts - here]
        jnz     .again
        cmp     byte [bp + most - here], 1
        mov     byte [bp + most - here], 1
        jne     load
        mov     si, text_unreadable
        jmp     give_up
.read:
        mov     ax, [bp + count - here]
        add     [bp + lba - here], ax
        mov     bx, ax
        shl     bx, 5                   ; in paragraphs
        add     [bp + to_segment - here], bx
        sub     [bp + left - here], al
        jnz     load
        ret

%include "stage1.inc"

text_unreadable: db 13, 10, "LDM-0720: the floppy cannot be read ", 0
text_missing:   db 13, 10, "LDM-0721: there is no ldmboot on it ", 0

here:                                   ; where the next read begins
lba:            dw STAGE2_SECTOR
to_segment:     dw STAGE2_BASE >> 4
count:          dw 0
attempts:       db 0
most:           db FLOPPY_TRACK_SECTORS ; sectors of one read
left:           db FIRST

%if $ - $$ > MAGIC_OFFSET
%error the boot sector is too large
%endif
        times MAGIC_OFFSET - ($ - $$) db 0
        dw      0aa55h
