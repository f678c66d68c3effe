; SPDX-License-Identifier: GPL-2.0-or-later
;
; hook.asm - the resident INT 13h and INT 15h handlers: what Windows's loaders see
; of the disks. Drive 80h is the virtual disk of the tables that follow the code
; (hook.h, filled by hooktab.c): extents of real drives and of memory, patches over what is read. A sector
; that cannot be read comes from the mirror's other half where the tables name one; without
; one the read is repeated once after a reset, and then the BIOS's error goes to the caller unchanged.
;
; Of hard disks only what is known to do no harm gets through to the BIOS, whoever asks.
;
; Runs at offset 0 of a segment of its own, on the caller's stack, interrupts off
; until the BIOS turns them on. It keeps its state in variables, of one call at a time: an
; INT 13h that comes in meanwhile is the BIOS's or an option ROM's own, and is left to it, unless it could write.
;
; Facts: docs/windows-boot.md, "The hook and the overlay"; Ralf Brown's interrupt
; list INT 13h, INT 15h AX=E820 and AH=87h; EDD specification 3.0; ACPI specification, E820.

%include "offsets.inc"

        bits    16
        org     0

; Tables, from the start of the segment.
%define TABLE(field)    HOOK_TABLES + T_ %+ field

; The caller's registers as int13 pushes them; BP points here.
FRAME_ES        equ 0
FRAME_DS        equ 2
FRAME_ESI       equ 8
FRAME_EBX       equ 20
FRAME_DL        equ 24
FRAME_DH        equ 25
FRAME_ECX       equ 28
FRAME_AL        equ 32
FRAME_AH        equ 33
FRAME_FLAGS     equ 40

CARRY           equ 1

; Status values of INT 13h.
BAD_COMMAND     equ 01h
WRITE_PROTECTED equ 03h
NOT_FOUND       equ 04h
CONTROLLER      equ 20h

MAX_BLOCKS      equ 127                 ; EDD: some BIOSes take no more in one call
MAX_FAILURES    equ 8                   ; sectors in a row
SLOW_FAILURE    equ 4                   ; a failure after a wait counts for so many
SLOW_TICKS      equ 55                  ; 3 s: the drive or the BIOS has repeated the read itself
EDD_VERSION     equ 30h                 ; AH=41: 3.0, because of the flat addresses
EDD_PACKETS     equ 1                   ; and of it the calls with packets only
LONG_COUNT      equ 0ffh                ; EDD 4: the count is elsewhere in the packet
DAP_BYTES_LONG  equ 20h
ONE_MIB         equ 100000h
THE_REST        equ 'LDMB'              ; continuation value of the rest of an entry
DAP_BYTES       equ 10h
DAP_BYTES_FLAT  equ 18h                 ; with the 64-bit flat address behind

        times HOOK_INT13_ENTRY - ($ - $$) nop
        jmp     near int13
        times HOOK_INT15_ENTRY - ($ - $$) nop
        jmp     near int15

; ---------------------------------------------------------------- INT 13h

; What is not harmless by what is known of it does not get through: vendors' calls are not documented.
harmless:
        db      00h, 01h, 02h, 04h, 08h ; reset, last status, read, verify, geometry
        db      09h, 0ah, 0ch, 0dh, 10h ; geometry of the controller, read with ECC, seek, reset, ready?
        db      11h, 14h, 15h, 16h, 49h ; recalibrate, controller's self-test, type, changed? (twice)
        db      41h, 42h, 44h, 47h, 48h ; EDD: there?, read, verify, seek, parameters
HARMLESS_COUNT  equ $ - harmless
; Known to write: 03, 0B (with ECC), 43; to format: 05, 06, 07, 1A.
writing:
        db      03h, 05h, 06h, 07h, 0bh, 1ah, 43h
WRITING_COUNT   equ $ - writing

; One line per function that is not simply passed to the BIOS with the real drive.
%macro FUNCTION 3                       ; AH, ALL_DRIVES or VIRTUAL, handler
        db      %1, %2
        dw      %3
%endmacro
VIRTUAL         equ 0
ALL_DRIVES      equ 1
functions:
        FUNCTION 42h, VIRTUAL,    read_packet
        FUNCTION 02h, VIRTUAL,    read_chs
        FUNCTION 08h, ALL_DRIVES, geometry
        FUNCTION 41h, VIRTUAL,    edd
        FUNCTION 48h, VIRTUAL,    parameters
        FUNCTION 04h, VIRTUAL,    verify_chs
        FUNCTION 44h, VIRTUAL,    verify_packet
        FUNCTION 0ch, VIRTUAL,    succeed       ; seek: the virtual disk has no arm
        FUNCTION 47h, VIRTUAL,    succeed
        FUNCTION 0ah, VIRTUAL,    refuse        ; read with ECC: nothing to patch it with
functions_end:

; int13: the interrupt handler.
int13:
        cmp     dl, 80h
        jb      .bios                   ; a floppy
        pushad
        push    ds
        push    es
        mov     bp, sp
        push    cs
        pop     ds
        push    cs
        pop     es
        cld
        mov     al, ah
        mov     di, harmless
        mov     cx, HARMLESS_COUNT
        repne   scasb
        je      .harmless
        mov     di, writing
        mov     cx, WRITING_COUNT
        repne   scasb
        mov     ah, WRITE_PROTECTED
        je      .refuse
        mov     ah, BAD_COMMAND
.refuse:
        call    set_failure
        jmp     leave_nested            ; another call may be under way: nothing of it changes
.harmless:
        cmp     byte [serving], 0
        jne     .nested                 ; with the BIOS's number of a drive, and its own geometry
        mov     byte [serving], 1
        mov     [function], al
        movzx   bx, dl
        sub     bl, 80h
        cmp     bl, [TABLE(drives_shown)]
        jae     refuse                  ; a drive that does not exist for the caller
        mov     si, functions
.find:
        cmp     [si], al
        je      .found
        add     si, 4
        cmp     si, functions_end
        jb      .find
        jmp     pass
.found:
        cmp     byte [si + 1], ALL_DRIVES
        je      .handler
        test    bl, bl
        jnz     pass                    ; another drive than the virtual disk
.handler:
        jmp     [si + 2]
.nested:
        pop     es
        pop     ds
        popad
.bios:
        jmp     far [cs:TABLE(old_int13)]

; Ways out. Every handler is jumped to with BP = frame, BX = drive - 80h, DS = CS,
; may clobber all registers but BP, DS and SS:SP, and ends in one of these; all of them end
; in leave_frame.

; refuse: CF = 1 and the status that says why.
refuse:
        mov     ah, BAD_COMMAND

; fail: CF = 1, AH = status.
fail:
        call    set_failure
        jmp     leave_frame

; succeed: CF = 0, AH = 0.
succeed:
        mov     ah, 0
        and     byte [bp + FRAME_FLAGS], ~CARRY
        call    set_status
leave_frame:
        mov     byte [serving], 0
leave_nested:
        pop     es
        pop     ds
        popad
        iret                            ; the caller's flags, with CF as set in the frame

; set_failure, set_status: AH for the caller, and for AH=01, which asks for the last status.  clobbers: ES
set_failure:
        or      byte [bp + FRAME_FLAGS], CARRY
set_status:
        mov     [bp + FRAME_AH], ah
        push    40h
        pop     es
        mov     [es:BDA_DISK_STATUS - 400h], ah
        ret

; pass: the BIOS answers for the real drive.
pass:
        call    call_bios
        cmp     byte [function], 15h    ; AH=15 returns a size in CX:DX
        je      leave_frame
        mov     al, [callers_dl]
        mov     [bp + FRAME_DL], al
        jmp     leave_frame

; call_bios: the caller's own call, with the real drive number; what the BIOS returns
; ends up in the frame, CF included.
;   in: BX = drive - 80h, the frame on top of the stack; clobbers: all but BP, DS
call_bios:
        pop     word [return_to]
        mov     al, [bx + TABLE(drive_map)]
        xchg    al, [bp + FRAME_DL]
        mov     [callers_dl], al
        and     byte [bp + FRAME_FLAGS], ~CARRY
        pop     es
        pop     ds
        popad
        pushf
        call    far [cs:TABLE(old_int13)]
        pushad
        push    ds
        push    es
        mov     bp, sp
        push    cs
        pop     ds
        cld
        jnc     .done
        or      byte [bp + FRAME_FLAGS], CARRY
.done:
        jmp     [return_to]

; geometry (AH=08): the volume's own for drive 80h, because its boot sector
; calculates with its BPB; the number of drives that are shown for all.
geometry:
        test    bx, bx
        jz      .virtual
        call    call_bios
        mov     al, [TABLE(drives_shown)]
        mov     [bp + FRAME_DL], al
        jmp     leave_frame
.virtual:
        mov     ax, [TABLE(geometry_cx)]
        mov     [bp + FRAME_ECX], ax
        mov     al, [TABLE(drives_shown)]
        mov     ah, [TABLE(last_head)]
        mov     [bp + FRAME_DL], ax
        mov     byte [bp + FRAME_AL], 0
        jmp     succeed

; edd (AH=41): what is honoured here, whatever the BIOS has.
edd:
        cmp     word [bp + FRAME_EBX], 55aah
        jne     refuse
        mov     word [bp + FRAME_EBX], 0aa55h
        mov     word [bp + FRAME_ECX], EDD_PACKETS
        and     byte [bp + FRAME_FLAGS], ~CARRY
        mov     ah, 0
        call    set_status
        mov     byte [bp + FRAME_AH], EDD_VERSION
        jmp     leave_frame

; parameters (AH=48): of the virtual disk.
parameters:
        mov     es, [bp + FRAME_DS]
        mov     di, [bp + FRAME_ESI]
        mov     cx, PARAMETERS_BYTES
        cmp     [es:di], cx
        jb      refuse
        mov     si, TABLE(parameters)
        rep     movsb
        jmp     succeed

; read_chs, verify_chs (AH=02, 04): CHS with the geometry that AH=08 gave.
verify_chs:
        mov     byte [discard], 1
        jmp     chs
read_chs:
        mov     byte [discard], 0
chs:
        movzx   eax, byte [bp + FRAME_AL]
        test    al, al
        jz      refuse
        mov     [count], ax
        movzx   ecx, byte [bp + FRAME_ECX]
        movzx   edx, byte [bp + FRAME_ECX + 1]
        mov     dh, cl
        shr     dh, 6                   ; DX = cylinder
        and     cl, 3fh
        jz      refuse                  ; sectors count from 1
        movzx   eax, byte [TABLE(last_head)]
        mov     bl, [bp + FRAME_DH]
        cmp     bl, al
        ja      refuse
        inc     ax
        imul    eax, edx
        movzx   ebx, bl
        add     eax, ebx
        movzx   edx, byte [TABLE(sectors_per_track)]
        imul    eax, edx
        lea     eax, [eax + ecx - 1]    ; below 2^24
        mov     [lba], eax
        mov     dword [lba + 4], 0
        movzx   eax, word [bp + FRAME_ES]
        shl     eax, 4
        movzx   ebx, word [bp + FRAME_EBX]
        add     eax, ebx
        mov     [linear], eax
        call    read_virtual
        mov     al, [done]
        mov     [bp + FRAME_AL], al
        jc      fail
        jmp     succeed

; read_packet, verify_packet (AH=42, 44).
verify_packet:
        mov     byte [discard], 1
        jmp     packet
read_packet:
        mov     byte [discard], 0
packet:
        mov     es, [bp + FRAME_DS]
        mov     si, [bp + FRAME_ESI]
        cmp     byte [es:si], DAP_BYTES
        jb      refuse
        mov     ax, [es:si + 2]
        mov     [count], ax
        cmp     al, LONG_COUNT
        jne     .count
        cmp     byte [es:si], DAP_BYTES_LONG
        jae     refuse
.count:
        mov     eax, [es:si + 8]
        mov     [lba], eax
        mov     eax, [es:si + 12]
        mov     [lba + 4], eax
        mov     eax, [es:si + 4]
        cmp     eax, -1
        je      .flat
        movzx   ecx, ax                 ; seg:off -> linear; the segment may be anything
        shr     eax, 16
        shl     eax, 4
        add     eax, ecx
        jmp     .read
.flat:
        cmp     byte [es:si], DAP_BYTES_FLAT
        jb      refuse
        mov     eax, [es:si + 10h]
        cmp     dword [es:si + 14h], 0
        jne     refuse                  ; beyond 4 GiB
.read:
        mov     [linear], eax
        call    read_virtual
        mov     es, [bp + FRAME_DS]
        mov     si, [bp + FRAME_ESI]
        mov     cx, [done]
        mov     [es:si + 2], cx
        jc      fail
        jmp     succeed

; ---------------------------------------------------------------- reading the virtual disk

; read_virtual: read [count] sectors at [lba] to [linear], patched; with [discard] to nowhere.
;   out: CF; AH = status when CF = 1; [done] = sectors read.  clobbers: all but BP, DS
read_virtual:
        mov     word [done], 0
        mov     word [limit], MAX_BLOCKS
.next:
        cmp     word [count], 0         ; clears CF when it is 0
        je      .out
        call    read_chunk
        jc      .out
        call    patch
        mov     eax, [target]
        cmp     eax, [linear]
        je      .advance
        cmp     byte [discard], 0
        jne     .advance
        call    copy_up
        jc      .out
.advance:
        movzx   eax, word [chunk]
        add     [lba], eax
        adc     dword [lba + 4], 0
        sub     [count], ax
        add     [done], ax
        shl     eax, 9
        add     [linear], eax
        jmp     .next
.out:
        ret

; read_chunk: the next sectors at [lba]. Without another half a read that fails is repeated once, after a reset; with
; one it goes on sector by sector, each from the half that can read it, and a half that fails again and again, or
; after long waits, is asked last from then on. Nothing is repeated that took long to fail.
;   out: CF; AH = the first half's status when CF = 1; [chunk], [target].  clobbers: all but BP, DS
read_chunk:
        mov     byte [again], 1
        cmp     byte [failures], MAX_FAILURES
        jb      .first
        call    read_spare
        jnc     .out
        mov     byte [failures], 0
.first:
        call    ticks
        mov     [started], ax
        mov     si, TABLE(extents)
        mov     cx, [TABLE(extent_count)]
        call    read_extent
        jnc     .good
        mov     [status], ah
        call    ticks
        sub     ax, [started]
        cmp     ax, SLOW_TICKS
        jae     .slow
        mov     dl, [drive]
        mov     ah, 0                   ; a drive may need a reset after an error
        call    call_old_int13
        cmp     word [TABLE(spare_count)], 0
        jne     .singly
        dec     byte [again]
        jz      .first
        jmp     .lost
.singly:
        mov     ax, 1
        xchg    ax, [limit]
        dec     ax
        jnz     .first
.spare:
        call    read_spare
        jc      .lost
        inc     byte [failures]         ; CF stays
        ret
.slow:
        cmp     word [TABLE(spare_count)], 0
        je      .lost
        add     byte [failures], SLOW_FAILURE - 1
        mov     word [limit], 1
        jmp     .spare
.lost:
        mov     ah, [status]
        stc
        ret
.good:
        mov     byte [failures], 0      ; CF stays
.out:
        ret

; ticks: AX = the BIOS's clock, 18.2 a second.  clobbers: ES
ticks:
        push    40h
        pop     es
        mov     ax, [es:BDA_TICKS - 400h]
        ret

; read_spare, read_extent: sectors at [lba] from the spare extents; from the CX extents at SI.
;   out: CF, AH; [chunk], [target].  clobbers: all but BP, DS
read_spare:
        imul    si, [TABLE(extent_count)], EXTENT_BYTES
        add     si, TABLE(extents)
        mov     cx, [TABLE(spare_count)]
read_extent:
        call    find_extent
        mov     ah, NOT_FOUND
        jc      .out
        call    choose_target
        jmp     read_drive
.out:
        ret

; find_extent: which of the CX extents at SI holds [lba].
;   out: CF = 1: none; else SI = extent, [dap_lba] = sector of its drive,
;        [chunk] = how many of [count] may be read at once.  clobbers: EAX, EBX, ECX, EDX, EDI
find_extent:
        cmp     dword [lba + 4], 1
        cmc
        jc      .out                    ; beyond 2 TiB
        mov     edx, [lba]
.next:
        mov     eax, edx
        sub     eax, [si + X_virtual_lba]
        jb      .skip
        mov     edi, [si + X_sectors]
        sub     edi, eax
        ja      .found                  ; EDI = sectors left in this extent
.skip:
        add     si, EXTENT_BYTES
        loop    .next
        stc
.out:
        ret
.found:
        movzx   ecx, word [count]
        cmp     cx, [limit]
        jbe     .limit
        mov     cx, [limit]
.limit:
        movzx   ebx, byte [si + X_max_blocks]
        cmp     ecx, ebx
        jbe     .drive
        mov     cx, bx
.drive:
        cmp     ecx, edi
        jbe     .set
        mov     cx, di
.set:
        mov     [chunk], cx
        xor     edx, edx
        add     eax, [si + X_lba]
        adc     edx, [si + X_lba + 4]
        mov     [dap_lba], eax
        mov     [dap_lba + 4], edx
        clc
        ret

; choose_target: the caller's buffer when INT 13h can reach it, else the bounce sector.
;   in: [chunk];  out: [target], [dap_offset], [dap_segment], [chunk];  clobbers: EAX, EBX
choose_target:
        mov     ebx, [linear]
        cmp     byte [discard], 0
        jne     .bounce
        movzx   eax, word [chunk]
        shl     eax, 9
        add     eax, ebx
        jc      .bounce
        cmp     eax, ONE_MIB
        jbe     .set
.bounce:
        mov     word [chunk], 1
        mov     ebx, [TABLE(base)]
        add     ebx, TABLE(bounce)
.set:
        mov     [target], ebx
        mov     ax, bx                  ; smallest offset: the transfer cannot wrap in its segment
        and     ax, 15
        mov     [dap_offset], ax
        shr     ebx, 4
        mov     [dap_segment], bx
        ret

; read_drive: [chunk] sectors at [dap_lba] of the extent at SI.
;   out: CF, AH; [chunk], smaller when a track ends.  clobbers: all but BP, DS
read_drive:
        mov     dl, [si + X_drive]
        cmp     dl, HOOK_MEMORY
        je      .memory
        mov     [drive], dl
        cmp     byte [si + X_has_edd], 0
        je      .chs
        mov     ax, [chunk]
        mov     [dap_blocks], ax
        mov     si, dap
        mov     ah, 42h
        jmp     call_old_int13
.chs:
        mov     ah, NOT_FOUND
        cmp     dword [dap_lba + 4], 0
        stc
        jne     .out
        mov     eax, [dap_lba]
        xor     edx, edx
        movzx   ecx, byte [si + X_chs_sectors]
        div     ecx                     ; EDX = sector from 0
        sub     cx, dx                  ; left on this track
        cmp     [chunk], cx
        jbe     .whole
        mov     [chunk], cx
.whole:
        mov     bx, dx
        inc     bx
        xor     edx, edx
        movzx   ecx, word [si + X_chs_heads]
        div     ecx                     ; EAX = cylinder, EDX = head
        cmp     eax, 1024
        cmc
        mov     cl, ah                  ; flags stay
        mov     ch, al
        mov     ah, NOT_FOUND
        jc      .out
        shl     cl, 6
        or      cl, bl
        mov     dh, dl
        mov     dl, [si + X_drive]
        les     bx, [dap_offset]
        mov     al, [chunk]
        mov     ah, 2
        jmp     call_old_int13
.memory:
        mov     eax, [dap_lba]          ; a volume in memory: 512 bytes a sector, from address 0
        shl     eax, 9
        mov     edx, [target]
        mov     cx, [chunk]
        shl     cx, 8
        jmp     move
.out:
        ret

; call_old_int13: the BIOS's handler, which may lose BP, DS and DF.
;   in: registers of INT 13h;  out: CF, AH
call_old_int13:
        mov     [saved_bp], bp
        pushf
        call    far [TABLE(old_int13)]
        mov     bp, [cs:saved_bp]
        push    cs
        pop     ds
        cld
        ret

; patch: put the patches of [chunk] sectors from [lba] into the memory at [target].
;   clobbers: all but BP, DS
patch:
        cmp     dword [lba + 4], 0
        jne     .out                    ; patches have 32 bits
        mov     cx, [TABLE(patch_count)]
        jcxz    .out
        mov     bx, TABLE(patches)
        movzx   ebp, word [chunk]       ; BP is the frame's: put back below
.next:
        mov     eax, [bx + P_lba]
        sub     eax, [lba]
        cmp     eax, ebp
        jae     .skip                   ; also when the patch lies before [lba]: the difference wraps
        push    cx
        shl     eax, 9
        movzx   edx, word [bx + P_offset]
        add     eax, edx
        add     eax, [target]
        mov     di, ax
        and     di, 15
        shr     eax, 4
        mov     es, ax
        mov     si, [bx + P_data]
        add     si, TABLE(patch_data)
        mov     cx, [bx + P_len]
        mov     dx, cx
        shr     cx, 2
        rep     movsd
        mov     cx, dx
        and     cx, 3
        rep     movsb
        pop     cx
.skip:
        add     bx, PATCH_BYTES
        loop    .next
        mov     bp, [saved_bp]
.out:
        ret

; copy_up: the bounce sector to [linear].
; move: CX words from EAX to EDX, by the BIOS's block move: it works wherever the two are, and
; whatever mode the processor is kept in.
;   out: CF, AH;  clobbers: all but BP, DS
copy_up:
        mov     eax, [target]
        mov     edx, [linear]
        mov     cx, HOOK_SECTOR_BYTES / 2
move:
        mov     si, move_from
        call    .set_base
        mov     eax, edx
        mov     si, move_to
        call    .set_base
        mov     [saved_bp], bp
        push    cs
        pop     es
        mov     si, move_gdt
        mov     ah, 87h
        pushf
        call    far [TABLE(old_int15)]
        mov     bp, [cs:saved_bp]
        push    cs
        pop     ds
        cld
        mov     ah, CONTROLLER
        ret
.set_base:                              ; of the descriptor at SI
        mov     [si + 2], ax
        shr     eax, 16
        mov     [si + 4], al
        mov     [si + 7], ah
        ret

; ---------------------------------------------------------------- INT 15h

; int15: E820 without our memory; E801 and AH=88 with the numbers of the tables, when a volume
; lies in memory. Everything else goes to the BIOS.
int15:
        cmp     ax, 0e820h
        je      .e820
        cmp     dword [cs:TABLE(memory_end)], 0
        je      .bios
        cmp     ax, 0e801h
        je      .e801
        cmp     ah, 88h
        je      .88
.bios:
        jmp     far [cs:TABLE(old_int15)]
.e801:
        cmp     word [cs:TABLE(kib_to_16m)], 0
        je      .bios                   ; which does not know this call
        mov     ax, [cs:TABLE(kib_to_16m)]
        mov     bx, [cs:TABLE(blocks_from_16m)]
        mov     cx, ax
        mov     dx, bx
        jmp     .good
.88:
        mov     ax, [cs:TABLE(kib_by_88)]
.good:
        push    bp
        mov     bp, sp
        and     byte [bp + 6], ~CARRY
        jmp     .out
.e820:
        cmp     ebx, THE_REST
        je      .ask                    ; for the rest of the entry that was asked for before
        mov     [cs:asked], ebx
        and     dword [cs:rest], 0
.ask:
        mov     ebx, [cs:asked]
        pushf
        call    far [cs:TABLE(old_int15)]
        push    bp
        mov     bp, sp
        jc      .failed
        and     byte [bp + 6], ~CARRY   ; the caller's flags
        cmp     eax, 'PAMS'             ; SMAP: the BIOS did answer
        jne     .out
        call    trim
        cmp     dword [cs:rest], 0
        je      .out
        mov     ebx, THE_REST
.out:
        pop     bp
        iret
.failed:
        or      byte [bp + 6], CARRY
        jmp     .out

; trim: take our memory out of the entry at ES:DI, or out of what is left of it from [rest] on: from our base to
; 1 MiB (what lies above our base there was above the end of low memory before, 40:13: not for use either), and the
; volume in memory. Where the entry goes on behind that, [rest] says where: it is asked for once more.
;   clobbers: nothing
trim:
        pushad
        push    ds
        push    es
        pop     ds
        xor     ebp, ebp
        xchg    ebp, [cs:rest]
        cmp     dword [di + 16], 1      ; usable memory
        jne     .out
        cmp     dword [di + 4], 0
        jne     .out
        mov     eax, [di]
        mov     ebx, [di + 8]
        mov     ecx, [di + 12]
        add     ebx, eax
        adc     ecx, 0                  ; ECX:EBX = its end
        cmp     eax, ebp
        jae     .start
        mov     eax, ebp
.start:
        mov     ebp, ebx                ; its end, if that is below 4 GiB
        jecxz   .next
        or      ebp, -1
.next:
        mov     esi, [cs:TABLE(base)]
        mov     edx, ONE_MIB            ; ESI to EDX: not for use
        cmp     eax, edx
        jb      .hole
        mov     esi, [cs:TABLE(memory_base)]
        mov     edx, [cs:TABLE(memory_end)]
        cmp     eax, edx
        jae     .keep                   ; none, or the entry begins behind it
.hole:
        cmp     ebp, esi
        jbe     .keep
        cmp     eax, esi
        jae     .skip
        cmp     ebp, edx                ; EAX to ESI is for use; and behind EDX?
        jbe     .cut
        mov     [cs:rest], edx
.cut:
        mov     ebx, esi
        xor     ecx, ecx
.keep:
        mov     [di], eax
        sub     ebx, eax
        sbb     ecx, 0
        mov     [di + 8], ebx
        mov     [di + 12], ecx
        jmp     .out
.skip:                                  ; it begins in there
        mov     eax, edx
        cmp     ebp, edx
        ja      .next
        mov     eax, esi                ; and ends there
        mov     byte [di + 16], 2       ; reserved
        jmp     .keep
.out:
        pop     ds
        popad
        ret

; ---------------------------------------------------------------- variables

        align   8, db 0
; INT 15h AH=87h: null, its own, source, destination, two for the BIOS.
move_gdt:       times 16 db 0
move_from:      dw 0ffffh, 0
                db 0, 93h, 0, 0
move_to:        dw 0ffffh, 0
                db 0, 93h, 0, 0
                times 16 db 0

; The packet of our own reads.
dap:            db DAP_BYTES, 0
dap_blocks:     dw 0
dap_offset:     dw 0
dap_segment:    dw 0
dap_lba:        dq 0

lba:            dq 0                    ; of the virtual disk
linear:         dd 0                    ; the caller's buffer
target:         dd 0                    ; where this chunk is read to
count:          dw 0                    ; sectors to go
chunk:          dw 0                    ; sectors of this round
limit:          dw 0                    ; and how many those may be: 1 after an error
done:           dw 0
saved_bp:       dw 0
return_to:      dw 0
asked:          dd 0                    ; continuation value of the entry of the memory map that was asked for last
rest:           dd 0                    ; where that goes on behind our memory; 0: nowhere
started:        dw 0                    ; the clock before a read
serving:        db 0                    ; 1 while a call is served
function:       db 0
callers_dl:     db 0
discard:        db 0
again:          db 0                    ; reads that may be repeated
drive:          db 80h                  ; that was read last
status:         db 0                    ; of the first half's failure
failures:       db 0                    ; of the first half, in a row, that the other one made good

%if $ - $$ > HOOK_CODE_BYTES
%error the hook is larger than its part of the block
%endif
