; SPDX-License-Identifier: GPL-2.0-or-later
;
; standin.asm - stands in for NTLDR and BOOTMGR, which are Microsoft's and cannot be here.
;
; Windows's boot sectors (and vbr-standin.asm) load it to 2000:0000 and jump there.
; It checks through INT 13h and INT 15h what the real loaders were seen to need
; (docs/windows-boot.md), prints one line per check on the screen and on COM1, and ends
; with STANDIN: PASS or STANDIN: FAIL. What it should find is written into `expect` by
; the test (qemu/support/payloads.py knows the layout); a check whose flag is off is left out.

bits 16
cpu 686
org 0
section .text

BUFFER          equ 0x3000          ; segment: up to 128 sectors
COMPARE         equ 0x4000          ; segment: a second copy
HIGH            equ 0x200000        ; above what INT 13h reaches by itself
SECTOR          equ 512
MANY            equ 128             ; one more than one EDD call may read: whoever serves INT 13h has to split it
VBR_HIDDEN      equ 0x7C1C          ; HiddenSectors of the boot sector in memory
BPB_TRACK       equ 0x18
BPB_HEADS       equ 0x1A
BPB_HIDDEN      equ 0x1C
NTFS_DRIVE      equ 0x24
SIGNATURE       equ 0x1B8           ; in sector 0
TABLE           equ 0x1BE
END_MARK        equ 0x1FE
KNOWN_SECTORS   equ 4
ENTRIES         equ 4               ; of the partition table
ELEMENTS        equ 4               ; device elements of a boot store that are resolved at most
E820_TRIES      equ 64              ; entries of the memory map looked at
RAM             equ 1               ; its type for usable memory
WRITE_TRIES     equ 3               ; BOOTMGR's

F_IDENTITY      equ 1               ; signature and sum of sector 0
F_DRIVES        equ 2               ; the number of drives, the others hidden
F_REFUSED       equ 4               ; writes refused
F_MEMORY        equ 8               ; the hook's memory is not usable memory
F_FLAT          equ 16              ; packets with a flat address work
F_GEOMETRY      equ 32              ; AH=08 gives the BPB's geometry
F_SIZE          equ 64              ; AH=48 gives this number of sectors
F_NTFS          equ 128             ; the boot sector has a drive number at NTFS's place
F_EDD           equ 256             ; there are AH=41, 42 and 48
F_CHS           equ 512             ; the volume begins where AH=02 can read
F_KERNEL        equ 1024            ; Windows's kernel finds the volume: the disk is the first one on the IDE bus

; A device element in expect.elements: where its bytes lie on the disk (in one or two pieces),
; and what BOOTMGR has to find with it.
struc E
.lba:           resd 1              ; 0: no element
.offset:        resw 1
.len:           resw 1
.lba2:          resd 1
.offset2:       resw 1
.len2:          resw 1              ; 0: in one piece
.drive:         resd 1
.start:         resd 1
endstruc
ELEMENT_ENTRY   equ E_size

    jmp start
    times 4 - ($ - $$) db 0
    db "LDMBOOT-STANDIN1"           ; offset 4: found by the tests

; Offset 20: what the test expects.
expect:
.flags:         dd 0
.volume_lba:    dd 0
.volume_size:   dd 0
.signature:     dd 0
.sum:           dd 0                ; of the 128 dwords of sector 0
.disk_size:     dd 0, 0
.drives:        dd 1                ; hard disks that may be seen
.known:         times KNOWN_SECTORS dd 0, 0     ; LBA of a sector, sum of its dwords; LBA 0: none
.partition:     dd 0                ; partition(N) of boot.ini; 0: none
.partition_lba: dd 0                ; where it has to begin
.line_lba:      dd 0                ; where boot.ini's default entry stands: its N counts then; 0: not looked at
.line_offset:   dd 0                ; in that sector: "default=", maybe behind ends of lines
.elements:      times ELEMENTS * ELEMENT_ENTRY db 0     ; device elements of the boot store

; A device element's own fields (docs/windows-boot.md, "The boot store names a disk").
DEVICE_BYTES    equ 0x58
DEVICE_TYPE     equ 0x10            ; 6: a partition
DEVICE_OFFSET   equ 0x20            ; u64, bytes
DEVICE_STYLE    equ 0x34            ; 1: MBR
DEVICE_DISK     equ 0x38            ; disk signature

%include "print.inc"

; check CONDITION, "text": print the text as ok when the condition code holds, else as BAD.
%macro check 2+
    push si
    mov si, %%text
    j%1 %%good
    call say_bad
    jmp %%end
%%good:
    call say_ok
%%end:
    pop si
[section .data]
%%text: db %2, 13, 10, 0
__SECT__
%endmacro

; return_unless FLAG: leave the procedure when the test does not ask for its checks.
%macro return_unless 1
    test dword [expect.flags], %1
    jnz %%go
    ret
%%go:
%endmacro

start:
    cli
    mov ax, cs
    mov ss, ax
    mov sp, 0xFFF0
    mov ds, ax
    mov es, ax
    sti
    cld
    mov [drive], dl
    call serial_init
    print 13, 10, "STANDIN: started; this is what the BIOS shows to it", 13, 10
    call check_start
    call check_sector0
    call check_boot_sector
    call check_reset
    call check_geometry
    call check_drives
    call check_size
    call check_packets
    call check_chs
    call check_end
    call check_known
    call check_line
    call check_partition
    call check_kernel
    call check_store
    call check_writes
    call check_memory
    cmp byte [spoiled], 0
    check e, "calls keep the registers that Windows relies on"
    cmp byte [failures], 0
    jne .failed
    print "STANDIN: PASS", 13, 10
    jmp halt
.failed:
    print "STANDIN: FAIL", 13, 10
halt:
    hlt
    jmp halt

say_ok:
    print "  ok   "
    jmp puts
say_bad:
    inc byte [failures]
    print "  BAD  "
    jmp puts

; ---------------------------------------------------------------- reading

; INT 13h, results untouched. Notes in `spoiled` when a register has changed that the
; call does not return anything in (every call made here but AH=08 and AH=41).
disk_call:
    mov [kept.dx], dx
    mov [kept.si], si
    mov [kept.di], di
    mov [kept.bp], bp
    mov [kept.es], es
    mov [kept.ds], ds
    int 0x13
    push ax
    pushf
    mov ax, ds
    push cs
    pop ds
    sub ax, [kept.ds]
    sub dx, [kept.dx]
    or ax, dx
    add dx, [kept.dx]
    sub si, [kept.si]
    or ax, si
    add si, [kept.si]
    sub di, [kept.di]
    or ax, di
    add di, [kept.di]
    sub bp, [kept.bp]
    or ax, bp
    add bp, [kept.bp]
    push dx
    mov dx, es
    sub dx, [kept.es]
    or ax, dx
    pop dx
    or [spoiled], al
    or [spoiled], ah
    popf
    pop ax
    ret

; Read CX sectors at EAX to BX:0000. CF and AH are the BIOS's.
read:
    test dword [expect.flags], F_EDD
    jz read_chs
    mov byte [packet.size], 16
    mov word [packet.offset], 0
    mov [packet.segment], bx
read_packet:                        ; the address is in the packet
    mov [packet.count], cx
    mov [packet.lba], eax
    mov si, packet
    mov dl, [drive]
    mov ah, 0x42
    jmp disk_call

; The same with AH=02 and the volume's geometry.
read_chs:
    mov es, bx
    mov si, cx
    xor edx, edx
    movzx ebx, word [track]
    div ebx
    mov cl, dl
    inc cx                          ; sectors count from 1
    xor edx, edx
    movzx ebx, word [heads]
    div ebx
    mov dh, dl
    mov ch, al
    shl ah, 6                       ; bits 8 and 9 of the cylinder
    or cl, ah
    xor bx, bx
    mov dl, [drive]
    mov ax, si
    mov ah, 2
    jmp disk_call

; Compare CX dwords at DS:SI = COMPARE:SI with BUFFER:DI. ZF when equal.
compare:
    push ds
    push es
    mov ax, BUFFER
    mov es, ax
    mov ax, COMPARE
    mov ds, ax
    repe cmpsd
    pop es
    pop ds
    ret

; EAX = sum of the 128 dwords at ES:0000.
sum_sector:
    xor eax, eax
    xor di, di
    mov cx, SECTOR / 4
.next:
    add eax, [es:di]
    add di, 4
    loop .next
    ret

; Fill the first CX dwords of BUFFER so that a read that does nothing is seen.
spoil_buffer:
    push es
    pushad
    mov ax, BUFFER
    mov es, ax
    xor di, di
    mov eax, 0xDEADBEEF
    rep stosd
    popad
    pop es
    ret

; ---------------------------------------------------------------- the checks

check_start:
    cmp byte [drive], 0x80
    check e, "the boot drive (DL) is 80h"
    xor ax, ax
    mov es, ax
    mov eax, [es:VBR_HIDDEN]
    cmp eax, [expect.volume_lba]
    check e, "HiddenSectors in memory (0:7C1C) is the volume's place"
    mov ax, [es:0x7C00 + BPB_TRACK]
    mov [track], ax
    mov ax, [es:0x7C00 + BPB_HEADS]
    mov [heads], ax
    ret

check_sector0:
    mov cx, SECTOR / 4
    call spoil_buffer
    xor eax, eax
    mov cx, 1
    mov bx, BUFFER
    call read
    check nc, "sector 0 can be read"
    mov ax, BUFFER
    mov es, ax
    cmp word [es:END_MARK], 0xAA55
    check e, "sector 0 ends in 55AA"
    call find_entry
    call say_entry
    check nc, "an entry of sector 0 starts at the volume and is at least as long"
    cmp byte [es:di], 0x80
    check e, "it is active"
    mov al, [es:di + 4]
    cmp al, 0x07
    je .type
    cmp al, 0x0C                    ; FAT32
.type:
    check e, "it has the type of an ordinary partition"
    return_unless F_IDENTITY
    mov eax, [es:SIGNATURE]
    cmp eax, [expect.signature]
    check e, "the disk signature is the disk's own"
    call sum_sector
    cmp eax, [expect.sum]
    check e, "the 32-bit sum of sector 0 is the disk's own"
    ret

; DI = the table entry that is the volume, CF when there is none.
find_entry:
    mov di, TABLE
.next:
    cmp byte [es:di + 4], 0
    je .other
    mov eax, [es:di + 8]
    cmp eax, [expect.volume_lba]
    jne .other
    mov eax, [es:di + 12]
    cmp eax, [expect.volume_size]
    jae .found
.other:
    add di, 16
    cmp di, END_MARK
    jb .next
    mov di, TABLE
    stc
    ret
.found:
    clc
    ret

; What the entry at ES:DI says. Flags kept.
say_entry:
    pushf
    print "       (entry: type "
    mov al, [es:di + 4]
    call puthex8
    print ", start "
    mov eax, [es:di + 8]
    call putdec
    print ", "
    mov eax, [es:di + 12]
    call putdec
    print " sectors)", 13, 10
    popf
    ret

check_boot_sector:
    mov cx, SECTOR / 4
    call spoil_buffer
    mov eax, [expect.volume_lba]
    mov cx, 1
    mov bx, BUFFER
    call read
    check nc, "the volume's boot sector can be read"
    mov ax, BUFFER
    mov es, ax
    mov eax, [es:BPB_HIDDEN]
    cmp eax, [expect.volume_lba]
    check e, "HiddenSectors as read from the disk is the volume's place"
    mov ax, [es:BPB_TRACK]
    sub ax, [track]
    mov bx, [es:BPB_HEADS]
    sub bx, [heads]
    or ax, bx
    check z, "its geometry is that of the copy in memory"
    return_unless F_NTFS
    cmp byte [es:NTFS_DRIVE], 0x80
    check e, "its drive number is 80h"
    ret

check_reset:
    mov ah, 0
    mov dl, [drive]
    call disk_call
    check nc, "AH=00, reset, answers"
    ret

check_geometry:
    return_unless F_GEOMETRY
    call ask_geometry
    check nc, "AH=08 answers"
    mov al, cl
    and ax, 63
    sub ax, [track]
    check z, "AH=08 gives the boot sector's sectors per track"
    movzx ax, dh
    inc ax
    sub ax, [heads]
    check z, "AH=08 gives the boot sector's heads"
    ret

; AH=08 of the boot drive.
ask_geometry:
    mov dl, [drive]
    mov ah, 8
    xor di, di
    mov es, di
    int 0x13
    push cs
    pop ds
    ret

check_drives:
    return_unless F_DRIVES
    call ask_geometry
    cmp dl, [expect.drives]
    check e, "AH=08 gives the number of disks that Windows may see"
    mov si, hidden_functions
.next:
    lodsb
    test al, al
    jz .end
    mov [function], al
    call call_hidden
    jc .next
    mov byte [seen_hidden], 1
    jmp .next
.end:
    cmp byte [seen_hidden], 0
    check e, "every other disk answers like one that is not there"
    ret

; [function] on the first drive that may not be seen. CF clear when it answers otherwise
; than with an error; but AH=15 says with AH=00 that there is no drive.
call_hidden:
    pusha
    mov dl, [expect.drives]
    add dl, 0x80
    mov byte [packet.size], 16
    mov word [packet.count], 1
    mov word [packet.segment], BUFFER
    mov si, packet
    mov ax, BUFFER
    mov es, ax
    mov ah, [function]
    mov al, 1
    mov bx, 0x55AA
    mov cx, 1
    mov dh, 0
    int 0x13
    push cs
    pop ds
    jnc .answered
    cmp ah, 1                       ; bad command
    je .absent
    jmp .present
.answered:
    cmp byte [function], 0x15
    jne .present
    test ah, ah
    jz .absent
.present:
    popa
    clc
    ret
.absent:
    popa
    stc
    ret

check_size:
    return_unless F_EDD
    mov ah, 0x41
    mov bx, 0x55AA
    mov dl, [drive]
    int 0x13
    jc .no_edd
    cmp dl, [drive]
    je .same_drive
    mov byte [spoiled], 1
.same_drive:
    cmp bx, 0xAA55
    jne .no_edd
    test cl, 1
    jnz .edd
.no_edd:
    stc
.edd:
    check nc, "AH=41 says that packets can be used"
    mov word [parameters], 26       ; the size of EDD 1.x's answer
    mov si, parameters
    mov dl, [drive]
    mov ah, 0x48
    call disk_call
    check nc, "AH=48 answers"
    cmp word [parameters + 24], SECTOR
    check e, "AH=48 gives 512 bytes per sector"
    return_unless F_SIZE
    mov eax, [parameters + 16]
    sub eax, [expect.disk_size]
    mov ebx, [parameters + 20]
    sub ebx, [expect.disk_size + 4]
    or eax, ebx
    check z, "AH=48 gives the disk's size"
    ret

; One sector that carries patches, read in every way there is, is always the same.
check_packets:
    return_unless F_EDD
    mov eax, [expect.volume_lba]
    mov cx, 1
    mov bx, COMPARE
    call read

    mov eax, [expect.volume_lba]    ; 2E00:2000 is BUFFER:0000
    mov word [packet.offset], 0x2000
    mov word [packet.segment], BUFFER - 0x200
    call read_boot_sector_again
    check e, "a packet with an offset beyond 15 is honoured"

    mov word [packet.offset], 0xFFF0  ; the sector crosses the end of the segment's first 64 KiB
    mov word [packet.segment], BUFFER - 0xFFF
    call read_boot_sector_again
    check e, "a packet with the offset FFF0 is honoured"

    mov eax, [expect.volume_lba]    ; as the last of them, when it lies so far on the disk
    mov edx, MANY - 1
    cmp eax, edx
    jae .far_enough
    mov edx, eax
.far_enough:
    sub eax, edx
    shl dx, 9
    push dx
    mov cx, SECTOR / 4 * MANY
    call spoil_buffer
    mov cx, MANY
    mov bx, BUFFER
    call read
    pop di
    call compare_sector
    check e, "128 sectors with the boot sector among them show the same"

    mov cx, SECTOR / 4 * 4          ; sector 0 as the first of four
    call spoil_buffer
    xor eax, eax
    mov cx, 4
    mov bx, BUFFER
    call read
    mov cx, 1
    xor eax, eax
    mov bx, COMPARE
    call read
    xor di, di
    call compare_sector
    check e, "four sectors from sector 0 show the same sector 0"

    return_unless F_FLAT
    mov eax, [expect.volume_lba]
    mov cx, 1
    mov bx, COMPARE
    call read
    mov dword [packet.offset], -1   ; FFFF:FFFF: the flat address counts
    mov dword [packet.flat], BUFFER << 4
    mov byte [packet.size], 24
    call read_boot_sector_again.sized
    check e, "a packet with a flat address is honoured"

    mov eax, [expect.volume_lba]    ; the boot sector and the sector behind it
    mov cx, 2
    mov bx, COMPARE
    call read
    mov dword [packet.flat], HIGH
    mov byte [packet.size], 24
    mov dword [packet.offset], -1
    mov eax, [expect.volume_lba]
    mov cx, 2
    call read_packet
    mov cx, SECTOR / 4 * 2
    call spoil_buffer
    call copy_down
    xor si, si
    xor di, di
    mov cx, SECTOR / 4 * 2
    call compare
    check e, "a packet with a flat address above 1 MiB is honoured"

    mov byte [packet.size], 32      ; EDD 4: FF means that the count is behind the flat address
    mov eax, [expect.volume_lba]
    mov cx, 0xFF
    call read_packet
    check c, "a packet with a count of EDD 4 is refused"
    cmp ah, 1
    check e, "and with the status of a bad command"
    ret

; Two sectors from HIGH to BUFFER:0000, by the BIOS.
copy_down:
    mov ax, ds
    mov es, ax
    mov si, descriptors
    mov cx, SECTOR                  ; words
    mov ah, 0x87
    int 0x15
    ret

; Read the boot sector to BUFFER:0000 by the address in the packet; ZF when it equals COMPARE's.
read_boot_sector_again:
    mov byte [packet.size], 16
.sized:
    mov cx, SECTOR / 4
    call spoil_buffer
    mov eax, [expect.volume_lba]
    mov cx, 1
    call read_packet
    xor di, di
compare_sector:                     ; ZF when BUFFER:DI equals COMPARE:0000
    xor si, si
    mov cx, SECTOR / 4
    jmp compare

check_chs:
    return_unless F_CHS
    mov cx, SECTOR / 4 * 4
    call spoil_buffer
    mov eax, [expect.volume_lba]
    mov cx, 1
    mov bx, COMPARE
    call read
    mov eax, [expect.volume_lba]
    mov cx, 4
    mov bx, BUFFER
    call read_chs
    check nc, "AH=02 with the boot sector's geometry answers"
    xor di, di
    call compare_sector
    check e, "AH=02 reads the volume's boot sector"
    ret

check_end:
    return_unless F_SIZE
    cmp dword [expect.disk_size + 4], 0
    je .reachable
    ret
.reachable:
    mov eax, [expect.disk_size]
    mov cx, 1
    mov bx, BUFFER
    call read
    check c, "a read behind the end of the disk fails"
    ret

; Sectors whose contents the test knows: the end of the volume for one.
check_known:
    mov si, expect.known
    mov cx, KNOWN_SECTORS
.next:
    cmp dword [si], 0
    je .end
    pusha
    mov cx, SECTOR / 4
    call spoil_buffer
    mov eax, [si]
    mov cx, 1
    mov bx, BUFFER
    push si
    call read
    pop si
    mov ax, BUFFER
    mov es, ax
    call sum_sector
    cmp eax, [si + 4]
    call say_known
    popa
    add si, 8
    loop .next
.end:
    ret

say_known:
    check e, "a sector that is known holds what it should:"
    print "       sector "
    push eax
    mov eax, [si]
    call putdec
    pop eax
    print 13, 10
    ret

; ---------------------------------------------------------------- how the loaders look volumes up

; Sector 0 of [drive] to BUFFER:0000, ES = BUFFER.
read_table:
    xor eax, eax
; Sector EAX likewise.
read_to_buffer:
    mov cx, 1
    mov bx, BUFFER
    call read
    mov ax, BUFFER
    mov es, ax
    ret

; NTLDR: partition(N) counts entries in use that are no containers; its own partition is the
; first one whose first sector has the HiddenSectors of 0:7C1C.
check_partition:
    cmp dword [expect.partition], 0
    je .end
    call read_table
    mov ecx, [expect.partition]
    mov di, TABLE
.next:
    mov al, [es:di + 4]
    test al, al
    jz .other
    cmp al, 0x05
    je .other
    cmp al, 0x0F
    je .other
    cmp al, 0xEE
    je .other
    loop .other
    mov eax, [es:di + 8]
    cmp eax, [expect.partition_lba]
    jmp .found
.other:
    add di, 16
    cmp di, END_MARK
    jb .next
    or al, 1                        ; ZF clear: not found
.found:
    check e, "partition(N) is the volume that boot.ini means"
    call own_partition
    cmp eax, [expect.volume_lba]
    check e, "the first entry with the boot sector's HiddenSectors is the volume"
.end:
    ret

; EAX = start of the first entry whose first sector has HiddenSectors = the volume's place; 0: none.
own_partition:
    mov word [entry], TABLE
.next:
    call read_table
    mov di, [entry]
    cmp byte [es:di + 4], 0
    je .other
    mov eax, [es:di + 8]
    mov [candidate], eax
    call read_to_buffer
    mov eax, [es:BPB_HIDDEN]
    cmp eax, [expect.volume_lba]
    mov eax, [candidate]
    je .end
.other:
    add word [entry], 16
    cmp word [entry], END_MARK
    jb .next
    xor eax, eax
.end:
    ret

; boot.ini's default entry, as NTLDR reads it: the one form that it opens, in small letters and without blanks.
check_line:
    cmp dword [expect.line_lba], 0
    je .end
    mov eax, [expect.line_lba]
    call read_to_buffer
    mov di, [expect.line_offset]
.skip:
    mov al, [es:di]
    cmp al, 13
    je .next
    cmp al, 10
    jne .text
.next:
    inc di
    jmp .skip
.text:
    mov si, default_line
    mov cx, DEFAULT_LINE_BYTES
    repe cmpsb
    check e, "boot.ini's default entry is one that NTLDR opens"
    movzx eax, byte [es:di]
    sub al, '0'
    mov [expect.partition], eax
    cmp byte [es:di + 1], ')'
    check e, "and its number one that a table of four entries has"
.end:
    ret

default_line:   db "default=multi(0)disk(0)rdisk(0)partition("
DEFAULT_LINE_BYTES equ $ - default_line

; EAX = start of partition ECX in the table at BUFFER: entries in use that are no containers. Else EAX = 0, ECX = those left.
nth_partition:
    mov di, TABLE
.next:
    mov al, [es:di + 4]
    test al, al
    jz .other
    call is_container
    je .other
    dec ecx
    jnz .other
    mov eax, [es:di + 8]
    ret
.other:
    add di, 16
    cmp di, END_MARK
    jb .next
    xor eax, eax
    ret

is_container:                       ; ZF: type AL is an extended partition
    cmp al, 0x05
    je .end
    cmp al, 0x0F
.end:
    ret

; EAX = start of the container in the table at BUFFER; 0: none.
container:
    mov di, TABLE
.next:
    mov al, [es:di + 4]
    call is_container
    mov eax, [es:di + 8]
    je .end
    add di, 16
    cmp di, END_MARK
    jb .next
    xor eax, eax
.end:
    ret

; Windows's kernel, which knows nothing of INT 13h: it finds the disk by signature and sum of the real sector 0,
; and its own partition N by counting there. N is what the loader handed on: boot.ini's, or, as winload names
; it, that of the entry which the loader read from.
check_kernel:
    return_unless F_KERNEL
    mov byte [drive], 0x80
    call read_table                 ; as shown
    mov eax, [es:SIGNATURE]
    mov [shown.signature], eax
    call sum_sector
    mov [shown.sum], eax
    mov ecx, [expect.partition]
    test ecx, ecx
    jnz .named
    call number_of_entry
.named:
    mov [number], ecx
    call nth_partition
    mov [candidate], eax            ; where the loader read Windows from
    print "       (the kernel is told partition "
    mov eax, [number]
    call putdec
    print ")", 13, 10
    xor eax, eax
    call read_past_int13
    mov eax, [es:SIGNATURE]
    cmp eax, [shown.signature]
    check e, "the kernel knows the disk by its signature"
    call sum_sector
    cmp eax, [shown.sum]
    check e, "and by the sum of its real sector 0"
    call real_partition
    cmp eax, [candidate]
    check e, "the kernel's partition of that number is where the loader read"
    ret

; ECX = the number of the entry of the table at BUFFER that begins where the volume with Windows does.
number_of_entry:
    xor ebx, ebx
.next:
    inc ebx
    mov ecx, ebx
    call nth_partition
    cmp eax, [expect.partition_lba]
    je .end
    test eax, eax
    jnz .next
.end:
    mov ecx, ebx
    ret

; EAX = start of partition [number] of the real table at BUFFER, or of the logical drives behind it; 0: there is none.
real_partition:
    mov ecx, [number]
    call nth_partition
    test eax, eax
    jnz .end
    call container
    mov [first_link], eax
    mov [link], eax
.chain:
    mov eax, [link]
    test eax, eax
    jz .end
    call read_past_int13
    call nth_partition
    test eax, eax
    jz .on
    add eax, [link]                 ; drives count from their link
    ret
.on:
    call container
    test eax, eax
    jz .end
    add eax, [first_link]           ; links from the first one
    mov [link], eax
    jmp .chain
.end:
    ret

; Sector EAX of the first IDE disk to BUFFER by the controller's own registers (ATA, 28-bit LBA, PIO). ES = BUFFER.
read_past_int13:
    push ecx
    push eax
    mov dx, 0x3F6
    mov al, 2                       ; no interrupt
    out dx, al
    mov dx, 0x1F7
.busy:
    in al, dx
    test al, 0x80
    jnz .busy
    pop ebx
    mov eax, ebx
    shr eax, 24
    or al, 0xE0                     ; LBA, first drive
    mov dx, 0x1F6
    out dx, al
    mov dx, 0x1F2
    mov al, 1
    out dx, al
    mov al, bl
    inc dx
    out dx, al
    mov al, bh
    inc dx
    out dx, al
    shr ebx, 16
    mov al, bl
    inc dx
    out dx, al
    mov dx, 0x1F7
    mov al, 0x20                    ; READ SECTORS
    out dx, al
.wait:
    in al, dx
    test al, 0x80
    jnz .wait
    test al, 0x09                   ; data, or an error: then what comes is not what it should be
    jz .wait
    mov ax, BUFFER
    mov es, ax
    xor di, di
    mov cx, SECTOR / 2
    mov dx, 0x1F0
    rep insw
    pop ecx
    ret

; BOOTMGR: each device element, read through INT 13h, leads to a disk by its signature, and there to the entry that
; begins at its offset.
check_store:
    mov si, expect.elements
    mov cx, ELEMENTS
.next:
    cmp dword [si + E.lba], 0
    je .end
    push cx
    call load_element
    call resolve_element
    pop cx
    add si, ELEMENT_ENTRY
    loop .next
.end:
    mov byte [drive], 0x80
    ret

; The bytes of the element at SI to `element`.
load_element:
    mov byte [drive], 0x80
    push si
    mov eax, [si + E.lba]
    call read_to_buffer
    pop si
    mov di, element
    mov bx, [si + E.offset]
    mov cx, [si + E.len]
    call .copy
    cmp word [si + E.len2], 0
    je .end
    push si
    push di
    mov eax, [si + E.lba2]
    call read_to_buffer
    pop di
    pop si
    mov bx, [si + E.offset2]
    mov cx, [si + E.len2]
.copy:                              ; CX bytes at BUFFER:BX to DS:DI
    mov al, [es:bx]
    mov [di], al
    inc bx
    inc di
    loop .copy
.end:
    ret

; The element at SI, loaded: where does it lead?
resolve_element:
    cmp dword [element + DEVICE_TYPE], 6
    check e, "the store's element is a partition"
    cmp dword [element + DEVICE_STYLE], 1
    check e, "of an MBR disk"
    mov byte [drive], 0x80
.disk:
    push si
    call read_table
    pop si
    mov eax, [es:SIGNATURE]
    cmp eax, [element + DEVICE_DISK]
    je .found
    inc byte [drive]
    mov al, [drive]
    sub al, 0x80
    cmp al, [expect.drives]
    jb .disk
    mov byte [drive], 0
.found:
    print "       (signature "
    mov eax, [element + DEVICE_DISK]
    call puthex32
    print ": drive "
    mov al, [drive]
    call puthex8
    print ")", 13, 10
    mov al, [drive]
    cmp al, [si + E.drive]
    check e, "its signature is that of the disk that it should lead to"
    mov eax, [element + DEVICE_OFFSET]
    mov edx, [element + DEVICE_OFFSET + 4]
    shrd eax, edx, 9
    cmp eax, [si + E.start]
    check e, "its offset is the volume's"
    mov di, TABLE
.entry:
    cmp byte [es:di + 4], 0
    je .other
    cmp eax, [es:di + 8]
    je .known
.other:
    add di, 16
    cmp di, END_MARK
    jb .entry
    or al, 1                        ; ZF clear: not found
.known:
    check e, "an entry of that disk's table begins there"
    ret

; BOOTMGR tries to write, three times, and goes on when that is refused as write protected.
check_writes:
    return_unless F_REFUSED
    mov si, write_functions
.next:
    lodsb
    test al, al
    jz .end
    mov [function], al
    mov cx, WRITE_TRIES
.again:
    call try_write
    jc .refused
    mov byte [written], 1
.refused:
    loop .again
    jmp .next
.end:
    cmp byte [written], 0
    check e, "every write is refused as write protected"
    ret

; [function], a write to the boot sector. CF when it was refused with AH=03.
try_write:
    pusha
    mov byte [packet.size], 16
    mov word [packet.count], 1
    mov word [packet.offset], 0
    mov word [packet.segment], COMPARE
    mov eax, [expect.volume_lba]
    mov [packet.lba], eax
    mov si, packet
    mov ax, COMPARE
    mov es, ax
    xor bx, bx
    mov cx, 1
    mov dh, 0
    mov dl, [drive]
    mov al, 1
    cmp byte [function], 0x43
    jne .ready
    mov al, 0                       ; EDD: no verify
.ready:
    mov ah, [function]
    call disk_call
    jnc .written
    cmp ah, 3
    jne .written
    popa
    stc
    ret
.written:
    popa
    clc
    ret

; The loaders take the memory that E820 calls usable, and ignore 40:13: whoever serves
; INT 13h must not live in either.
check_memory:
    return_unless F_MEMORY
    xor ax, ax
    mov es, ax
    movzx eax, word [es:0x13 * 4 + 2]
    movzx ebx, word [es:0x13 * 4]
    shl eax, 4
    add eax, ebx
    mov [hook], eax
    print "       (INT 13h is served at "
    call puthex32
    movzx eax, word [es:0x413]
    print ", 40:13 says "
    call putdec
    print " KiB)", 13, 10
    shl eax, 10
    cmp eax, [hook]
    check be, "40:13 ends below whoever serves INT 13h"
    call walk_e820
    cmp byte [map_ends], 0
    check ne, "the E820 memory map comes to an end"
    cmp byte [high_ram], 0
    check ne, "it still has usable memory above 1 MiB"
    cmp dword [low_end], 0
    check ne, "it still has usable memory from 0"
    xor ax, ax
    mov es, ax
    movzx eax, word [es:0x413]
    shl eax, 10
    cmp [low_end], eax
    check be, "its usable low memory ends where 40:13 says, or before"
    cmp byte [hook_in_ram], 0
    check e, "whoever serves INT 13h is not in usable memory"
    ret

walk_e820:
    xor ebx, ebx
    mov cx, E820_TRIES
.next:
    push cx
    mov ax, ds
    mov es, ax
    mov di, map_entry
    mov ecx, 20
    mov edx, 0x534D4150             ; 'SMAP'
    mov eax, 0xE820
    int 0x15
    pop cx
    jc .end
    cmp eax, 0x534D4150
    jne .end
    call look_at_entry
    test ebx, ebx
    jz .last
    loop .next
.end:
    ret
.last:
    mov byte [map_ends], 1
    ret

look_at_entry:
    cmp dword [map_entry + 16], RAM
    jne .end
    mov eax, [map_entry]
    cmp dword [map_entry + 4], 0    ; from 4 GiB on the low 32 bits say nothing
    jne .high
    cmp eax, 0x100000
    jb .low
.high:
    mov byte [high_ram], 1
    ret
.low:
    test eax, eax
    jnz .not_first
    mov edx, [map_entry + 8]
    mov [low_end], edx
.not_first:
    mov edx, [hook]
    sub edx, eax
    jb .end
    cmp edx, [map_entry + 8]
    jae .end
    mov byte [hook_in_ram], 1
.end:
    ret

section .data
align 4
hidden_functions: db 0x02, 0x08, 0x15, 0x41, 0x42, 0x48, 0
write_functions:  db 0x03, 0x05, 0x06, 0x07, 0x0b, 0x1a, 0x43, 0

align 4
element:    times DEVICE_BYTES db 0
candidate:  dd 0
number:         dd 0                ; of the partition that the kernel is told
shown.signature: dd 0               ; of sector 0 as the hook shows it
shown.sum:      dd 0
first_link:     dd 0                ; of the real disk's chain of logical drives
link:           dd 0
entry:      dw 0

align 4
packet:
.size:      db 16, 0
.count:     dw 0
.offset:    dw 0
.segment:   dw 0
.lba:       dd 0, 0
.flat:      dd 0, 0

; For INT 15h AH=87: dummy, itself, source, target, code, stack.
align 8
descriptors:
    times 16 db 0
    dw 0xFFFF, HIGH & 0xFFFF
    db HIGH >> 16, 0x93, 0, 0
    dw 0xFFFF, (BUFFER << 4) & 0xFFFF
    db BUFFER >> 12, 0x93, 0, 0
    times 16 db 0

parameters: times 32 db 0           ; AH=48
map_entry:  times 5 dd 0            ; E820: base, length, type
hook:       dd 0
kept:
.dx:        dw 0
.si:        dw 0
.di:        dw 0
.bp:        dw 0
.es:        dw 0
.ds:        dw 0
track:      dw 63
heads:      dw 255
drive:      db 0
function:   db 0
failures:   db 0
spoiled:    db 0
seen_hidden: db 0
written:    db 0
map_ends:   db 0
high_ram:   db 0
low_end:    dd 0                    ; of the usable range from 0, in bytes
hook_in_ram: db 0
