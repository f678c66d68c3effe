; SPDX-License-Identifier: GPL-2.0-or-later
;
; vbr-standin.asm - stands in for the boot sectors of Windows on volumes that the tests make.
;
; It goes over the boot sector and one more boot sector of a volume; the volume's own BPB is
; kept by the test. It reaches the disk exactly as Windows's boot sectors were seen
; to (docs/windows-boot.md, "Boot sectors"):
;
;   FLAVOUR 2003   ignores DL and takes the drive from the BPB; AH=08 first; reads the boot
;                  sectors again at HiddenSectors of the copy in memory, and goes on in the
;                  copy just read, with *its* HiddenSectors; below the CHS limit AH=02 with
;                  the BPB's geometry, one sector each, above it AH=41 and AH=42.
;   FLAVOUR 2000   the same on FAT32, where the second sector of boot code is sector 12.
;   FLAVOUR 2008   takes DL; AH=41, then AH=48, whose bytes per sector must be the BPB's;
;                  AH=42, one sector each, at HiddenSectors of the copy in memory.
;
; Finding the loader's file is left out: the test writes where it lies.

bits 16
cpu 686
org 0

%ifndef FLAVOUR
%error "build with -DFLAVOUR=2000, 2003 or 2008"
%endif

%if FLAVOUR = 2000                  ; FAT32
BPB_END         equ 0x5A
BPB_DRIVE       equ 0x40
SECOND          equ 12 * 512        ; sector 1 is FAT32's own
%else                               ; NTFS
BPB_END         equ 0x54
BPB_DRIVE       equ 0x24
SECOND          equ 512
%endif

BOOT_SECTORS    equ 16              ; NTFS keeps that many for boot code, FAT32 twice as many
AGAIN           equ 0x0D00          ; segment of the 2003 boot sector's second copy
LOADER          equ 0x2000          ; segment
BPB_SECTOR      equ 0x0B
BPB_TRACK       equ 0x18
BPB_HEADS       equ 0x1A
BPB_HIDDEN      equ 0x1C
ANSWER          equ 0x7000          ; of AH=48, below the stack
ENTERED_AT      equ 0x4E8           ; time stamp on entry, for the benchmark

    jmp short start
    nop
    times BPB_END - ($ - $$) db 0   ; BPB, kept by the test

start:
    cli
    xor ax, ax
    mov ss, ax
    mov sp, 0x7C00
    mov ds, ax
    mov cl, dl
    rdtsc
    mov [ENTERED_AT], eax
    mov [ENTERED_AT + 4], edx
    mov dl, cl
    sti
    cld
    mov ax, 0x07C0
    mov ds, ax
    jmp 0x07C0:.here
.here:
%if FLAVOUR != 2008
    call chs_limit
    mov ax, AGAIN                   ; read all boot sectors again, go on there
    mov es, ax
    xor eax, eax
    mov cx, BOOT_SECTORS
    call read
    mov ax, AGAIN
    mov ds, ax
    jmp AGAIN:second
%else
    mov [drive], dl
    mov ah, 0x41
    mov bx, 0x55AA
    int 0x13
    jc disk_error
    cmp bx, 0xAA55
    jne disk_error
    test cl, 1
    jz disk_error
    mov dl, [drive]
    mov ah, 0x48
    mov si, ANSWER
    push ds
    push ss
    pop ds
    mov word [si], 0x1A
    int 0x13
    mov ax, [si + 0x18]
    pop ds
    jc disk_error
    cmp ax, [BPB_SECTOR]
    jne disk_error
    mov ax, [second_part_segment]
    mov es, ax
    mov eax, 1
    mov cx, BOOT_SECTORS - 1        ; behind the first, to 07E0:0000
    call read
    jmp second
second_part_segment: dw 0x07E0
drive:          db 0
%endif

; Read CX sectors at EAX of the volume to ES:0000, one at a time. HiddenSectors is that of the running copy.
read:
    push eax
    push cx
    add eax, [BPB_HIDDEN]
    call read_sector
    jc disk_error
    pop cx
    pop eax
    inc eax
    mov bx, es
    add bx, 512 / 16
    mov es, bx
    loop read
    ret

%if FLAVOUR != 2008
; limit = sectors that AH=02 can reach, by what AH=08 answers.
chs_limit:
    mov dl, [BPB_DRIVE]
    mov ah, 8
    int 0x13
    push cs
    pop ds
    jnc .good
    mov cx, 0xFFFF
    mov dh, cl
.good:
    movzx eax, dh
    inc ax
    movzx edx, cl
    and dx, 63
    mul dx                          ; heads * sectors per track fits 16 bits
    xchg cl, ch
    shr ch, 6
    inc cx
    movzx ecx, cx
    mul ecx
    mov [limit], eax
    ret

; Read sector EAX to ES:0000. CF on error.
read_sector:
    cmp eax, [limit]
    jae read_with_packet
    xor edx, edx
    movzx ecx, word [BPB_TRACK]
    div ecx
    mov cl, dl
    inc cx
    xor edx, edx
    movzx ebx, word [BPB_HEADS]
    div ebx
    mov dh, dl
    mov ch, al
    shl ah, 6
    or cl, ah
    mov dl, [BPB_DRIVE]
    xor bx, bx
    mov ax, 0x0201
    int 0x13
    ret

read_with_packet:
    push eax
    mov ah, 0x41
    mov bx, 0x55AA
    mov dl, [BPB_DRIVE]
    int 0x13
    pop eax
    jc .end
    mov dl, [BPB_DRIVE]
    cmp bx, 0xAA55
    je packet_read
    stc
.end:
    ret
limit:          dd 0
%else
read_sector:
    mov dl, [drive]
%endif

; AH=42 of sector EAX, drive DL, to ES:0000. CF on error.
packet_read:
    push dword 0
    push eax
    push es
    push word 0
    push word 1
    push word 16
    mov si, sp
    push ds
    push ss
    pop ds
    mov ah, 0x42
    int 0x13
    pop ds
    lea sp, [si + 16]
    ret

disk_error:
    mov si, error_text
    push cs
    pop ds
.next:
    lodsb
    test al, al
    jz $
    mov ah, 0x0E
    mov bx, 7
    int 0x10
    jmp .next
error_text: db 13, 10, "VBR stand-in: a disk read error occurred", 0

    times 0x1FE - ($ - $$) db 0
    dw 0xAA55

; The second sector of boot code: the running copy goes on here, having been read from the disk.
    times SECOND - ($ - $$) db 0
second:
%if FLAVOUR != 2008
    call chs_limit
%endif
    mov ax, LOADER
    mov es, ax
    mov eax, [loader_start]
    mov cx, [loader_sectors]
    call read
%if FLAVOUR != 2008
    mov dl, [BPB_DRIVE]
%else
    mov dl, [drive]
%endif
    jmp LOADER:0

    times SECOND + 0x1F0 - ($ - $$) db 0
loader_start:   dd 0                ; 1F0 in this sector: first sector of the loader in the volume
loader_sectors: dw 0                ; 1F4
    times SECOND + 512 - ($ - $$) db 0
