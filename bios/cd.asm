; SPDX-License-Identifier: GPL-2.0-or-later
;
; cd.asm - the boot image of the CD for BIOS machines (El Torito, no emulation). The BIOS loads the first 2 KiB of it
; to 7C00, which is all that every BIOS does rightly; the rest is read from here, so that stage 2, 1 KiB
; into the image, is where it belongs.
;
; Facts: El Torito specification 1.0; Ralf Brown's interrupt list, INT 13h AH=42 (2048-byte sectors of a CD).

%include "offsets.inc"
%include "startup.inc"

CD_SECTOR       equ 2048
LOAD_TO         equ BOOT_SECTOR_BASE + CD_SECTOR
READ_BUFFER     equ BOUNCE_BASE         ; on the way: one place crosses 64 KiB, and not every BIOS can do that

        bits    16
        org     BOOT_SECTOR_BASE

        jmp     short start
        align   8, db 0
own_lba:        dd 0                    ; both filled in by tools/mkiso.py, in sectors of the CD
partition_lba:  dd 0                    ; the boot partition's image, which has ldmboot.cfg

start:
        cli
        startup
        at_segment_0
        mov     [drive], dl
        mov     [COMMAND_LINE_BASE], al
        mov     eax, [own_lba]
        mov     cx, SECTORS_TO_READ
        mov     bp, LOAD_TO >> 4
.sector:
        inc     eax
        mov     [dap.lba], eax
        call    read_cd_sector
        mov     si, text_unreadable
        jc      give_up
        call    put_sector
        loop    .sector
        mov     dl, [drive]
        mov     ebx, [partition_lba]
        jmp     0:STAGE2_ENTRY

; put_sector: copy the sector that was read to BP:0, BP to where the next one goes.
;   clobbers: SI, DI, ES
put_sector:
        push    cx
        push    READ_BUFFER >> 4
        pop     ds
        mov     es, bp
        xor     si, si
        xor     di, di
        mov     cx, CD_SECTOR / 4
        rep     movsd
        mov     ds, cx
        add     bp, CD_SECTOR >> 4
        pop     cx
        ret

; read_cd_sector: the sector of `dap`; AH=41 is not asked, since not every BIOS answers it for a CD.
;   out: CF;  clobbers: nothing
read_cd_sector:
        pushad
        mov     cx, READ_ATTEMPTS
.attempt:
        push    cx
        mov     si, dap
        mov     word [dap.count], 1     ; a call that failed leaves the number it did read
        mov     ah, 42h
        call    disk_service
        pop     cx
        jnc     .done
        push    cx
        xor     ah, ah
        call    disk_service
        pop     cx
        loop    .attempt
        stc
.done:
        popad
        ret

%include "stage1.inc"

text_unreadable: db "CD: read error ", 0

        times STAGE2_BASE - BOOT_SECTOR_BASE - ($ - $$) db 0
        incbin "stage2.bin"
IMAGE_BYTES     equ $ - $$
SECTORS_TO_READ equ (IMAGE_BYTES + CD_SECTOR - 1) / CD_SECTOR - 1
        times (SECTORS_TO_READ + 1) * CD_SECTOR - IMAGE_BYTES db 0
