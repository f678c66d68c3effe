; SPDX-License-Identifier: GPL-2.0-or-later
;
; realmode.asm - between 32-bit C and the BIOS.
;
; Everything here that runs in real mode lies below 64 KiB and uses segment 0
; (bios.ld asserts it). Protected mode is flat and runs with interrupts off: its
; interrupt table knows exceptions only (entry.asm), and BIOS calls, which are most
; of the time, run with interrupts on.

%include "offsets.inc"

extern idt_pointer, a20_on, no_a20
global rm_int, enter_protected, leave_protected

CODE32          equ 08h
DATA32          equ 10h
CODE16          equ 18h
DATA16          equ 20h
CR0_PE          equ 1
FLAG_IF         equ 200h

        section .data16 progbits alloc noexec write align=8
gdt:            dq 0
                dq 00cf9b000000ffffh    ; code, 32 bit, 4 GiB
                dq 00cf93000000ffffh    ; data, 4 GiB
                dq 00009b000000ffffh    ; code, 16 bit, 64 KiB: on the way to real mode
                dq 000093000000ffffh    ; data, 64 KiB
gdt_end:
gdt_pointer:    dw gdt_end - gdt - 1
                dd gdt
real_idt:       dw 3ffh
                dd 0
                align 4
caller_esp:     dd 0
target:         dd 0                    ; seg:off of the interrupt handler
frame:          times RM_REGS_BYTES db 0

        section .text16 progbits alloc exec nowrite align=16

; enter_protected: real -> flat protected mode.
;   in: CS = DS = SS = 0, called with a 32-bit near return address (call dword)
;   out: 32-bit mode, interrupts off, ESP = the real-mode stack's; clobbers: EAX, segments
        bits    16
enter_protected:
        cli
        o32 lgdt [gdt_pointer]
        mov     eax, cr0
        or      al, CR0_PE
        mov     cr0, eax
        jmp     dword CODE32:.flat
        bits    32
.flat:
        mov     ax, DATA32
        mov     ds, ax
        mov     es, ax
        mov     fs, ax
        mov     gs, ax
        mov     ss, ax
        lidt    [idt_pointer]
        movzx   esp, sp
        ret

; leave_protected: flat protected -> real mode; interrupts stay off.
;   in: a 32-bit near return address on the stack, which must lie below 64 KiB
;   out: DS = ES = SS = CS = 0, SP = RM_STACK_TOP; clobbers: EAX, EDX
        bits    32
leave_protected:
        pop     edx
        jmp     CODE16:.narrow
        bits    16
.narrow:
        mov     ax, DATA16
        mov     ds, ax
        mov     es, ax
        mov     fs, ax
        mov     gs, ax
        mov     ss, ax
        o32 lidt [real_idt]
        mov     eax, cr0
        and     al, ~CR0_PE
        mov     cr0, eax
        jmp     0:.real
.real:
        xor     ax, ax
        mov     ds, ax
        mov     es, ax
        mov     fs, ax
        mov     gs, ax
        mov     ss, ax
        mov     esp, RM_STACK_TOP       ; all of ESP: a BIOS may use 32-bit addresses
        jmp     dx

; void rm_int(uint8_t vector, struct rm_regs *regs): see realmode.h.
;   cdecl; preserves all registers but EFLAGS
        bits    32
rm_int:
        pushad
        movzx   eax, byte [esp + 36]
        mov     eax, [eax * 4]
        mov     [target], eax
        mov     esi, [esp + 40]
        mov     edi, frame
        mov     ecx, RM_REGS_BYTES / 4
        rep     movsd
        mov     [caller_esp], esp
        call    leave_protected
        bits    16
        mov     sp, frame               ; load all registers from it; nothing interrupts here
        popad
        pop     ds
        pop     es
        popf                            ; interrupts still off: the caller's flags have IF clear, see below
        mov     sp, RM_STACK_TOP
        sti
        pushf                           ; as INT does: IF set for the way back, clear for the handler
        cli
        call    far [cs:target]
        pushf                           ; the same layout again, below the stack's top
        cli
        cld
        push    es
        push    ds
        pushad
        xor     ax, ax
        mov     ds, ax
        mov     es, ax
        mov     si, sp
        mov     di, frame
        mov     cx, (RM_FLAGS + 2) / 2
        rep     movsw
        call    a20_on                  ; some BIOSes leave it off; SYSLINUX looks each time, too (core/pm.inc)
        jc      no_a20
        call    dword enter_protected
        bits    32
        mov     esp, [caller_esp]
        mov     esi, frame
        mov     edi, [esp + 40]
        mov     ecx, RM_REGS_BYTES / 4
        rep     movsd
        popad
        ret
