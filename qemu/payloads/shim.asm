; SPDX-License-Identifier: GPL-2.0-or-later
;
; shim.asm - plays the BIOSes that QEMU does not have. A floppy image: the boot sector
; puts the rest below the end of low memory, which takes INT 13h and starts the stick.
;
; What it does to whom is in `config`, written by the test (qemu/support/payloads.py knows the
; layout). Drive numbers in `config` are as ldmboot sees them.
;
; It takes its memory out of 40:13 and out of the E820 map, like every decent resident program.

bits 16
cpu 686

%include "resident.inc"

RESIDENT_KIB    equ 4
FLOPPY_TRACK    equ 18
BASE_MEMORY     equ 0x413
VECTOR_13       equ 0x13 * 4
VECTOR_15       equ 0x15 * 4
STARTED_AT      equ 0x4F0           ; time stamp before the jump to the stick (inter-application area)
BIOS_13         equ 0x4F8           ; the BIOS's own INT 13h
FIRST_DRIVE     equ 0x80
MAP_SIZE        equ 32              ; drives 80h to 9Fh
ABSENT          equ 0xFF            ; in the map
BLANK           equ 0xFE            ; in the map: a disk full of zeros

F_NO_EDD        equ 1               ; AH=41..49 do not exist
F_SILENT        equ 2               ; reads of the victim from `limit` on: success, and no data
F_CLOBBER       equ 4               ; calls return with junk in all registers that carry no result
F_NO_GEOMETRY   equ 8               ; AH=08 answers zeros
F_NO_COUNT      equ 16              ; AH=08 counts no drives
F_CLIPPED       equ 32              ; the victim has `limit` sectors, for every call
F_DEAD          equ 64              ; the victim answers every read with a time-out
F_BARE          equ 128             ; only start the stick: no INT 13h of ours
F_LITTLE        equ 256             ; 40:13 leaves less low memory than ldmboot needs
F_CHANGING      equ 512             ; sector `limit` of the victim is zeros once somebody took INT 13h over from us
F_NO_A20        equ 1024            ; the A20 line is off, and INT 15h does not switch it on
F_REENTERS      equ 2048            ; INT 13h is answered by way of another INT 13h for the same drive
F_A20_OFF       equ 4096            ; INT 13h returns with the A20 line off
F_LONG          equ 8192            ; AH=48 and E820 write more than the caller has room for
F_EDD_FAILS     equ 1 << 14         ; of the victim AH=41 says yes and AH=42 fails
F_FEW           equ 1 << 15         ; the victim reads `few` sectors in one call, not more
F_TRANSIENT     equ 1 << 16         ; sector `limit` of the victim fails `times` times once somebody took INT 13h over
F_WRITES        equ 1 << 17         ; in its first `times` reads after that, it tries by INT 13h all that could write
F_RESERVED      equ 1 << 18         ; E820 has reserved entries, first of all, that overlap the usable memory; above 1 MiB `limit` sectors

LITTLE_KIB      equ 323
HIGH_MIB        equ 8
A20_PORT        equ 0x92
A20_BIT         equ 2
LONG_PARAMETERS equ 90              ; bytes that AH=48 writes
E820_BYTES      equ 20
OWN_ENTRIES     equ 0xFFFF0000      ; continuation values of ours

; Frame of the caller of INT 13h: PUSHAD, then what was pushed before it.
F_EDI           equ 0
F_ESI           equ 4
F_EBP           equ 8
F_EBX           equ 16
F_EDX           equ 20
F_ECX           equ 24
F_EAX           equ 28
F_AH            equ F_EAX + 1
F_ES            equ 32
F_DS            equ 34
F_FLAGS         equ 40
CARRY           equ 1
DIRECTION       equ 0x400
INTERRUPTS      equ 0x200

; ---------------------------------------------------------------- boot sector, at 0:7C00

section boot vstart=0x7C00 start=0
    jmp 0:install
install:
    boot_start
    sub word [BASE_MEMORY], RESIDENT_KIB
    mov ax, [BASE_MEMORY]
    shl ax, 6
    mov es, ax
    xor bx, bx
    mov cx, 2                       ; cylinder 0, sector 2
    xor dx, dx                      ; head 0, drive A:
.next:
    mov ax, 0x0201
    int 0x13
    jc .failed
    add bx, 512
    inc cx
    cmp cx, 2 + RESIDENT_KIB * 2
    jb .next
    push es
    push word go
    retf
    boot_end

; ---------------------------------------------------------------- resident part

    db "LDMBOOT-SHIM", 0, 0, 0, 0   ; found by the tests

; Offset 16.
config:
.flags:     dd 0
.start_dl:  db 0x80                 ; DL that the stick's sector 0 is started with
.stick:     db 0x80                 ; the BIOS's number of the stick
.victim:    db 0x81
.floppy:    db ABSENT               ; the BIOS's drive that is shown as floppy A:
.count:     dw 2                    ; hard disks that AH=08 counts
.limit:     dd 0
.few:       dw 0
.times:     dw 0
.map:       times MAP_SIZE db ABSENT

old13:      dd 0
old15:      dd 0
top:        dd 0                    ; end of usable low memory, bytes
track:      dw 1                    ; the victim's geometry
heads:      dw 1
real:       db 0                    ; the BIOS's number of the drive that is called
shown:      db 0                    ; the caller's
function:   db 0                    ; AH of the call
handler:    dd 0                    ; that a call is forwarded to
trying:     db 0                    ; a function that could write, while it is tried
again:      db 0                    ; the next call is one of our own

%include "print.inc"

go:
    cli
    mov ax, cs
    mov ds, ax
    xor ax, ax
    mov es, ax
    movzx eax, word [es:BASE_MEMORY]
    shl eax, 10
    mov [top], eax
    mov eax, [es:VECTOR_13]
    mov [old13], eax
    mov [es:BIOS_13], eax
    mov eax, [es:VECTOR_15]
    mov [old15], eax
    mov [write_packet.segment], cs
    call serial_init
    test word [config.flags], F_BARE
    jnz .bare
    call learn_geometry
    mov [es:VECTOR_13 + 2], cs
    mov word [es:VECTOR_13], int13
    mov [es:VECTOR_15 + 2], cs
    mov word [es:VECTOR_15], int15
    sti
    print "SHIM: in place, flags "
    mov eax, [config.flags]
    call puthex32
    print 13, 10
    jmp .start
.bare:                              ; nothing of ours stays
    add word [es:BASE_MEMORY], RESIDENT_KIB
.start:
    sti
    test word [config.flags], F_LITTLE
    jz .enough
    mov word [es:BASE_MEMORY], LITTLE_KIB
.enough:
    test word [config.flags], F_NO_A20
    jz .a20
    call a20_off
.a20:
    mov dl, [config.stick]
    mov ax, 0x0201
    mov bx, 0x7C00
    mov cx, 1
    mov dh, 0
    pushf
    cli
    call far [old13]
    jc .no_stick
    mov cl, [config.start_dl]
    push es                         ; ES = 0
    pop ds
    rdtsc
    mov [STARTED_AT], eax
    mov [STARTED_AT + 4], edx
    mov dl, cl
    jmp 0:0x7C00
.no_stick:
    print "SHIM: the stick cannot be read", 13, 10
    jmp $

a20_off:
    in al, A20_PORT
    and al, ~A20_BIT & 0xFF
    out A20_PORT, al
    ret

; ZF until somebody takes INT 13h over from us: the callers are ldmboot's own. ES = 0.
is_ours:
    push ax
    xor ax, ax
    mov es, ax
    pop ax
    cmp word [es:VECTOR_13], int13
    ret

; The victim's heads and sectors per track, for clipping AH=02.
learn_geometry:
    movzx bx, byte [config.victim]
    mov dl, [config.map + bx - FIRST_DRIVE]
    cmp dl, BLANK
    jae .none
    mov ah, 8
    push es
    xor di, di
    pushf
    call far [old13]
    pop es
    jc .none
    and cx, 63
    mov [track], cx
    movzx ax, dh
    inc ax
    mov [heads], ax
.none:
    ret

; ---------------------------------------------------------------- INT 15h

int15:
    cmp ax, 0xE820
    je .map
    cmp ah, 0x24
    jne .pass
    test word [cs:config.flags], F_NO_A20
    jnz .error
.pass:
    jmp far [cs:old15]
.map:
    test byte [cs:config.flags + 2], F_RESERVED >> 16
    jz .bios_map
    cmp ebx, OWN_ENTRIES
    jae .own
    test ebx, ebx
    jz .own
.bios_map:
    pushf
    call far [cs:old15]
    jc .error
    cmp dword [es:di + 4], 0
    jne .good
    cmp dword [es:di], 0            ; the first range: usable low memory
    jne .good
    push dword [cs:top]
    pop dword [es:di + 8]
    jmp .good
; Before those of the BIOS: one entry in the usable memory below 640 KiB, one in that above 1 MiB.
.own:
    cmp ebx, OWN_ENTRIES + 2
    je .first_of_bios
    push si
    mov si, own_low
    test ebx, ebx
    jz .copy
    mov si, own_high
    push dword [cs:config.limit]    ; its size in sectors, when that is given
    pop dword [cs:own_high + 8]
    shl dword [cs:own_high + 8], 9
    jnz .copy
    mov byte [cs:own_high + 10], HIGH_MIB << 4
.copy:
    push di
    push cx
    mov cx, E820_BYTES
    cs rep movsb
    pop cx
    pop di
    pop si
    mov ecx, E820_BYTES
    test ebx, ebx
    jnz .second
    mov ebx, OWN_ENTRIES
.second:
    inc ebx
    mov eax, 'PAMS'
    clc
    retf 2
.first_of_bios:
    xor ebx, ebx
    jmp .bios_map
.good:
    test word [cs:config.flags], F_LONG
    jz .short
    push es
    call is_ours
    pop es
    jne .short
    mov dword [es:di + E820_BYTES], -1
.short:
    clc
    retf 2
.error:
    stc
    retf 2

own_low:
    dq 0x80000, 0x8000
    dd 2
own_high:
    dq 0x100000, 0
    dd 2

; ---------------------------------------------------------------- INT 13h

int13:
    push ds
    push es
    pushad
    mov bp, sp
    mov ax, cs
    mov ds, ax
    cld
    sti
    call find_drive
    jc .pass
    mov al, [bp + F_AH]
    cmp byte [trying], 0
    je .alone
    call came_through
    jmp .pass
.alone:
    mov [function], al
    test word [config.flags], F_REENTERS
    jz .serve
    xor byte [again], 1
    jz .serve
    call reenter
    jmp .served
.serve:
    call serve
.served:
    test word [config.flags], F_CLOBBER
    jz .clean
    call clobber
.clean:
    test word [config.flags], F_A20_OFF
    jz .end
    call a20_off
.end:
    popad
    pop es
    pop ds
    iret
.pass:
    popad
    pop es
    pop ds
    jmp far [cs:old13]

serve:
    cmp byte [real], ABSENT
    je bad_command
    cmp byte [function], 0x40
    jb .classic
    cmp byte [shown], FIRST_DRIVE   ; a floppy has no EDD
    jb bad_command
    test word [config.flags], F_NO_EDD
    jnz bad_command
.classic:
    cmp byte [function], 0x08
    je geometry
    cmp byte [function], 0x48
    je parameters
    cmp byte [function], 0x02
    je read
    cmp byte [function], 0x42
    je read
    jmp bios

; The drive of the call: `shown`, and `real` by the map. CF when it is not ours.
find_drive:
    mov bl, [bp + F_EDX]
    mov [shown], bl
    cmp bl, FIRST_DRIVE
    jae .hard
    mov al, [config.floppy]
    cmp al, ABSENT
    je .not_ours
    test bl, bl
    jnz .not_ours
    mov [real], al
    ret
.hard:
    mov al, ABSENT
    sub bl, FIRST_DRIVE
    cmp bl, MAP_SIZE
    jae .mapped
    mov bh, 0
    mov al, [config.map + bx]
.mapped:
    mov [real], al
    clc
    ret
.not_ours:
    stc
    ret

bad_command:
    mov ah, 0x01
fail:                               ; with error AH
    mov [bp + F_AH], ah
    or byte [bp + F_FLAGS], CARRY
    ret

succeed:
    mov byte [bp + F_AH], 0
    and byte [bp + F_FLAGS], ~CARRY
    ret

; The BIOS's answer to the call, for the real drive; DL is the caller's again afterwards,
; unless it is a result. A blank disk is the stick with other contents.
bios:
    mov al, [real]
    cmp al, BLANK
    jne .mapped
    mov al, [config.stick]
.mapped:
    mov [bp + F_EDX], al
    mov eax, [old13]
    call forward
    cmp byte [function], 0x08
    je .end
    cmp byte [function], 0x15       ; CX:DX is the number of sectors
    je .end
    mov al, [shown]
    mov [bp + F_EDX], al
.end:
    ret

; INT 13h once more, whoever serves it now.
reenter:
    xor ax, ax
    mov es, ax
    mov eax, [es:VECTOR_13]
    call forward
    mov byte [again], 0             ; also when the call did not come back to us
    ret

; The caller's call to the handler at EAX; what that returns is what the caller gets.
forward:
    mov [handler], eax
    push bp
    mov eax, [bp + F_EAX]
    mov ebx, [bp + F_EBX]
    mov ecx, [bp + F_ECX]
    mov edx, [bp + F_EDX]
    mov esi, [bp + F_ESI]
    mov edi, [bp + F_EDI]
    mov es, [bp + F_ES]
    mov ds, [bp + F_DS]
    pushf
    cli
    call far [cs:handler]
    pop bp
    mov [bp + F_EAX], eax
    mov [bp + F_EBX], ebx
    mov [bp + F_ECX], ecx
    mov [bp + F_EDX], edx
    mov [bp + F_EDI], edi
    mov [bp + F_ES], es
    setc al
    push cs
    pop ds
    and byte [bp + F_FLAGS], ~CARRY
    or [bp + F_FLAGS], al
    ret

geometry:
    call bios
    test byte [bp + F_FLAGS], CARRY
    jnz .end
    mov al, [config.count]
    mov [bp + F_EDX], al
    test word [config.flags], F_NO_COUNT
    jz .counted
    mov byte [bp + F_EDX], 0
.counted:
    test word [config.flags], F_NO_GEOMETRY
    jz .clip
    mov word [bp + F_ECX], 0
    mov byte [bp + F_EDX + 1], 0
    ret
.clip:
    call is_clipped
    jne .end
    mov eax, [config.limit]         ; the last cylinder that is left
    movzx ebx, word [track]
    xor edx, edx
    div ebx
    movzx ebx, word [heads]
    xor edx, edx
    div ebx
    dec eax
    shl ah, 6
    or ah, [track]
    xchg al, ah
    mov [bp + F_ECX], ax
.end:
    ret

parameters:
    call bios
    test byte [bp + F_FLAGS], CARRY
    jnz .end
    test word [config.flags], F_LONG
    jz .short
    call lengthen_parameters
.short:
    call is_clipped
    jne .end
    mov es, [bp + F_DS]
    mov si, [bp + F_ESI]
    push dword [config.limit]
    pop dword [es:si + 16]
    mov dword [es:si + 20], 0
.end:
    ret

; Junk behind the answer that there was room for.
lengthen_parameters:
    call is_ours
    jne .end
    mov es, [bp + F_DS]
    mov si, [bp + F_ESI]
    mov di, [es:si]
    mov cx, LONG_PARAMETERS
    sub cx, di
    add di, si
    mov al, 0xCC
    rep stosb
.end:
    ret

; ZF when the call is for the victim.
is_victim:
    push ax
    mov al, [shown]
    cmp al, [config.victim]
    pop ax
    ret

; ZF when the call is for the victim and that is clipped.
is_clipped:
    test word [config.flags], F_CLIPPED
    jnz is_victim
    push ax
    or al, 1                        ; NZ
    pop ax
    ret

read:
    cmp byte [real], BLANK
    je .blank
    call is_victim
    jne bios
    test word [config.flags], F_DEAD
    jnz .dead
    call special
    jc fail
    call first_sector
    cmp eax, [config.limit]
    jb bios
    test word [config.flags], F_CHANGING
    jnz .changing
    test word [config.flags], F_SILENT
    jnz succeed
    test word [config.flags], F_CLIPPED
    jz bios
    mov ah, 0x04                    ; sector not found
    jmp fail
.changing:
    cmp eax, [config.limit]
    jne bios
    call is_ours
    je bios
    jmp .blank
.dead:
    mov ah, 0x80                    ; time-out
    jmp fail
.blank:
    call clear_buffer
    jmp succeed

; The faults that depend on more than the first sector. CF: the read fails with AH.
special:
    call sectors_of_call
    test word [config.flags], F_EDD_FAILS
    jz .few
    mov ah, 0x01
    cmp byte [function], 0x42
    je .fail
.few:
    test word [config.flags], F_FEW
    jz .hooked
    mov ah, 0x01
    cmp cx, [config.few]
    ja .fail
.hooked:
    call is_ours
    je .good
    cmp word [config.times], 0
    je .good
    test byte [config.flags + 2], F_WRITES >> 16
    jnz .writes
    test byte [config.flags + 2], F_TRANSIENT >> 16
    jz .good
    push cx
    call first_sector
    pop cx
    mov ebx, [config.limit]
    sub ebx, eax
    jb .good
    movzx ecx, cx
    cmp ebx, ecx
    jae .good
    dec word [config.times]
    mov ah, 0x10                    ; uncorrectable ECC error
.fail:
    stc
    ret
.writes:
    dec word [config.times]
    call try_to_write
.good:
    clc
    ret

; CX = how many sectors the call wants.
sectors_of_call:
    movzx cx, byte [bp + F_EAX]
    cmp byte [function], 0x42
    jne .end
    mov es, [bp + F_DS]
    mov si, [bp + F_ESI]
    mov cx, [es:si + 2]
.end:
    ret

; An interrupt's INT 13h while a read of ours is served: every function that writes, or that nobody knows.
try_to_write:
    push bp
    mov si, write_functions
.next:
    mov ah, [cs:si]
    test ah, ah
    jz .end
    mov [cs:trying], ah
    push si
    mov al, 1
    mov cx, 1
    mov dh, 0
    mov dl, [cs:real]
    mov bx, write_packet
    mov si, write_packet
    push cs
    pop ds
    push cs
    pop es
    int 0x13
    push cs
    pop ds
    pop si
    jc .refused
    print "SHIM: done "
    movzx eax, byte [trying]
    call puthex32
    print 13, 10
.refused:
    inc si
    jmp .next
.end:
    mov byte [trying], 0
    print "SHIM: all writes tried", 13, 10
    pop bp
    ret

; The function that is tried reached the BIOS.
came_through:
    print "SHIM: came through "
    movzx eax, byte [trying]
    call puthex32
    print 13, 10
    ret

write_functions: db 0x03, 0x05, 0x06, 0x07, 0x0B, 0x1A, 0x21, 0x22, 0x23, 0x25, 0x43, 0x45, 0x46, 0x4B, 0x4E, 0xA5, 0xE5, 0
write_packet:
    db 16, 0
    dw 1, write_packet
.segment: dw 0
    dq 0

; EAX = the first sector of the call.
first_sector:
    cmp byte [function], 0x42
    je .packet
    mov cx, [bp + F_ECX]
    xchg cl, ch
    shr ch, 6
    movzx eax, cx                   ; cylinder
    movzx ebx, word [heads]
    mul ebx
    movzx ebx, byte [bp + F_EDX + 1]
    add eax, ebx
    movzx ebx, word [track]
    mul ebx
    movzx ebx, byte [bp + F_ECX]
    and bx, 63
    add eax, ebx
    dec eax
    ret
.packet:
    mov es, [bp + F_DS]
    mov si, [bp + F_ESI]
    mov eax, [es:si + 8]
    ret

; Zeros where the call wants its sectors.
clear_buffer:
    mov es, [bp + F_ES]
    mov di, [bp + F_EBX]
    movzx cx, byte [bp + F_EAX]
    cmp byte [function], 0x42
    jne .clear
    mov es, [bp + F_DS]
    mov si, [bp + F_ESI]
    mov cx, [es:si + 2]
    mov di, [es:si + 4]
    mov es, [es:si + 6]
.clear:
    shl cx, 7
    xor eax, eax
    rep stosd
    ret

; Junk in whatever is not a result; the BIOS is like that to ldmboot's own calls. From the
; hand-over on (INT 13h is not ours any more) it behaves: no Windows runs on one that does not.
clobber:
    call is_ours
    jne .end
    xor ax, ax
    mov eax, 0x5A5A5A5A
    mov [bp + F_ESI], eax
    mov [bp + F_EBP], eax
    mov [bp + F_DS], ax
    mov [bp + F_EAX + 2], ax
    mov [bp + F_EBX + 2], ax
    mov [bp + F_ECX + 2], ax
    mov [bp + F_EDX + 2], ax
    mov fs, ax
    mov gs, ax
    or word [bp + F_FLAGS], DIRECTION
    and word [bp + F_FLAGS], ~INTERRUPTS
    cmp byte [function], 0x08       ; BX, CX, DX, ES:DI are results
    je .end
    mov [bp + F_EDI], eax
    mov [bp + F_ES], ax
    cmp byte [function], 0x15       ; CX:DX
    je .end
    mov [bp + F_EDX], ax
    cmp byte [function], 0x41       ; BX, CX
    je .end
    mov [bp + F_EBX], ax
    mov [bp + F_ECX], ax
.end:
    ret
