; SPDX-License-Identifier: GPL-2.0-or-later
;
; chain.asm - the last instructions of ldmboot: give the machine to the volume's
; boot sector as a BIOS and its MBR would.

%include "offsets.inc"

extern leave_protected
global chain_jump

        section .text16 progbits alloc exec nowrite align=16

; _Noreturn void chain_jump(uint16_t entry): see realmode.h.
;   cdecl. The boot sector gets CS:IP = 0000:7C00, DL = 80h, DS:SI = the partition
;   entry it is started from, DS = ES = SS = 0, a stack below itself, interrupts on.
        bits    32
chain_jump:
        mov     esi, [esp + 4]
        call    leave_protected
        bits    16
        xor     eax, eax
        xor     ebx, ebx
        xor     ecx, ecx
        xor     edi, edi
        xor     ebp, ebp
        movzx   esi, si
        mov     edx, 80h
        mov     esp, BOOT_SECTOR_BASE
        sti
        jmp     0:BOOT_SECTOR_BASE
