; SPDX-License-Identifier: GPL-2.0-or-later
;
; entry.asm - the first bytes of stage 2: its header, A20, and the way to bios_main() in C.
;
; The header is known to vbr.asm (magic), to unpack.c, and to tools/mkstick.py, which
; appends the packed program, fills in the sizes and makes the sum of all 32-bit words 0.

%include "offsets.inc"

extern bss_start, bss_dwords, unpack_program, bios_main, enter_protected, leave_protected
global boot_drive, boot_partition_lba, rm_next_boot_device, idt_pointer, a20_on, no_a20

        section .head progbits alloc exec nowrite align=16
        bits    16
head:
        jmp     near load_rest
        times 4 - ($ - $$) db 0
        dd      STAGE2_MAGIC
sectors:
        dw      0
        dw      0
        dd      0                       ; makes the sum 0
        dd      0                       ; bytes of the packed program
        jmp     near check_and_start    ; STAGE2_ENTRY (memory.h)
%if $ - head != STAGE2_ENTRY - STAGE2_BASE + 3
%error the door of stage 2 is not where memory.h says
%endif

; load_rest: vbr.asm loaded this sector; load all of stage 2, check its sum.
;   in: DL = boot drive, EBX = LBA of the boot partition, DS = SS = 0
load_rest:
        xor     edi, edi
        push    STAGE2_BASE >> 4
        pop     es
        call    add_sector              ; first of all: variables in this sector will change
        mov     byte [COMMAND_LINE_BASE], 0
        mov     [drive], dl
        mov     cx, [sectors]
        dec     cx
        lea     eax, [ebx + STAGE2_SECTOR + 1]
.sector:
        call    read_sector
        mov     si, text_unreadable
        jc      give_up
        mov     es, [dap.segment]
        call    add_sector
        inc     eax
        add     word [dap.segment], 512 >> 4
        loop    .sector
        mov     dl, [drive]
        test    edi, edi
        jz      start
        mov     si, text_damaged
        jmp     give_up

; add_sector: EDI += all 32-bit words of the sector at ES:0.  clobbers: SI
add_sector:
        xor     si, si
.add:
        add     edi, [es:si]
        add     si, 4
        cmp     si, 512
        jb      .add
        ret

READ_BUFFER     equ STAGE2_BASE + 512
%include "stage1.inc"

text_unreadable: db "stage 2: read error ", 0
text_damaged:   db "stage 2 is damaged: ", 0

%if $ - head > 512
%error the loader of stage 2 must fit into its first sector
%endif

        section .data16 progbits alloc noexec write align=4
boot_partition_lba: dd 0
boot_drive:         db 0
                    align 2, db 0
a20_probe:          dw 0
EXCEPTIONS          equ 32
idt_pointer:        dw EXCEPTIONS * 8 - 1
                    dd IDT_BASE

        section .text16 progbits alloc exec nowrite align=16

; check_and_start: whoever loaded all of stage 2 (a CD, a network, another loader) checked nothing of it.
;   in: as start
check_and_start:
        cli
        startup ds
        xor     edi, edi
        mov     cx, [sectors]
        mov     ax, STAGE2_BASE >> 4
.sector:
        mov     es, ax
        call    add_sector
        add     ax, 512 >> 4
        loop    .sector                 ; a header of 0 sectors is damage, too: then of 32 MiB
        mov     si, text_damaged
        test    edi, edi
        jnz     give_up

; start: all of stage 2 is there.
;   in: DL, EBX, command line: see STAGE2_ENTRY in memory.h
start:
        cli
        xor     ax, ax
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        mov     sp, RM_STACK_TOP
        sti
        cld
        mov     [boot_drive], dl
        mov     [boot_partition_lba], ebx
        mov     si, text_low_memory
        cmp     word [BDA_LOW_KIB], LOW_KIB_NEEDED
        jb      no_start
        call    a20_on
        jc      no_a20
        call    dword enter_protected

        bits    32
        mov     esp, PM_STACK_TOP
        call    catch_faults
        call    unpack_program
        test    al, al
        jz      rm_next_boot_device     ; cannot be: the sum was right
        mov     edi, bss_start
        mov     ecx, bss_dwords
        xor     eax, eax
        rep     stosd
        call    bios_main
rm_next_boot_device:                    ; C: returns to the BIOS; also what happens when bios_main() is done
        call    leave_protected
        bits    16
        sti
        int     18h
.stop:
        hlt                             ; a BIOS that comes back has nothing more to try
        jmp     .stop

no_a20:
        mov     si, text_no_a20
; no_start: the text at SI says why.
no_start:
        call    print
        jmp     pause

; fault: an exception in protected mode, that is, a defect of ldmboot itself: say so
; instead of letting the processor reset the machine.
        bits    32
fault:
        mov     esp, RM_STACK_TOP
        call    leave_protected
        bits    16
        sti
        mov     si, text_fault
        jmp     no_start

text_low_memory: db 13, 10, "LDM-0621: less than 388 KB of low memory are free", 13, 10, 0
text_no_a20:    db 13, 10, "LDM-0620: the A20 line cannot be switched on", 13, 10, 0
text_fault:     db 13, 10, "LDM-0902: internal error; report this", 13, 10, 0

; catch_faults: fill the interrupt table of protected mode: every exception is a fault.
;   clobbers: EAX, ECX, EDI
        bits    32
catch_faults:
        mov     edi, IDT_BASE
        mov     ecx, EXCEPTIONS
.gate:
        mov     eax, fault              ; below 64 KiB: offset bits 16 to 31 are 0
        stosw
        mov     eax, 8e000008h          ; 32-bit interrupt gate, code segment
        stosd
        xor     eax, eax
        stosw
        loop    .gate
        lidt    [idt_pointer]
        ret
        bits    16

; a20_on: let address bit 20 through, by whichever way this machine has.
;   in: DS = 0;  out: CF = 1 when none works;  clobbers: AX, CX, GS; when it was off, all but DS and SS:SP
; Facts: Ralf Brown's interrupt list INT 15h AX=2401, his PORTS.LST 60h, 64h and 92h.
a20_on:
        call    a20_is_on
        jnc     .done
        mov     ax, 2401h               ; the BIOS's own way
        int     15h
        xor     ax, ax
        mov     ds, ax
        call    a20_is_on
        jnc     .done
        call    a20_by_keyboard_controller
        call    a20_is_on
        jnc     .done
        in      al, 92h                 ; PS/2 "fast A20"; bit 0 would reset the machine
        or      al, 2
        and     al, 0feh
        out     92h, al
        call    a20_is_on
.done:
        ret

; a20_is_on: does writing at x change 1 MiB + x?  Waits a little: the line may be slow. Where it is
; on, there is nothing to wait for, and no port is touched: this is asked after every BIOS call.
;   in: DS = 0;  out: CF = 0 when on;  clobbers: AX, CX, GS
a20_is_on:
        mov     ax, 0ffffh
        mov     gs, ax
        mov     cx, 2000
.again:
        inc     word [a20_probe]
        mov     ax, [a20_probe]
        cmp     [gs:a20_probe + 10h], ax
        clc
        jne     .out
        out     80h, al                 ; about a microsecond
        loop    .again
        stc
.out:
        ret

; a20_by_keyboard_controller: bit 1 of the 8042's output port.  clobbers: AX, CX
a20_by_keyboard_controller:
        cli
        call    .wait_input
        mov     al, 0d1h                ; next byte goes to the output port
        out     64h, al
        call    .wait_input
        mov     al, 0dfh
        out     60h, al
        call    .wait_input
        mov     al, 0ffh                ; no command: some controllers act only on the next one
        out     64h, al
        call    .wait_input
        sti
        ret
.wait_input:
        xor     cx, cx                  ; bounded: there may be no controller
.poll:
        in      al, 64h
        test    al, 2
        loopnz  .poll
        ret
