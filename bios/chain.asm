; SPDX-License-Identifier: GPL-2.0-or-later
;
; chain.asm - the last instructions of ldmboot: give the machine to the volume's
; boot sector as a BIOS and its MBR would.

%include "offsets.inc"

extern leave_protected
global chain_jump, chain_loader

        section .text16 progbits alloc exec nowrite align=16

; _Noreturn void chain_jump(uint16_t entry): see realmode.h.
;   cdecl. The boot sector gets CS:IP = 0000:7C00, DL = 80h, DS:SI = the partition
;   entry it is started from, DS = ES = SS = 0, a stack below itself, interrupts on.
        bits    32
chain_jump:
        mov     esi, [esp + 4]
        call    leave_protected
        bits    16
        call    clear_registers
        jmp     0:BOOT_SECTOR_BASE

; _Noreturn void chain_loader(const void *from, uint32_t bytes): see realmode.h.
;   cdecl. The loader gets CS:IP = 2000:0000, DL = 80h, the rest as above.
        bits    32
chain_loader:
        mov     esi, [esp + 4]
        mov     ecx, [esp + 8]
        mov     esp, RM_STACK_TOP       ; the stack that it comes over is ours
        mov     edi, LOADER_BASE
        add     ecx, 3
        shr     ecx, 2
        cld
        rep     movsd
        call    leave_protected
        bits    16
        xor     si, si
        call    clear_registers
        jmp     LOADER_BASE >> 4:0

; clear_registers: all but SI, which the caller gives, and DX = 80h; stack below the boot sector, interrupts on.
        bits    16
clear_registers:
        pop     bp
        xor     eax, eax
        xor     ebx, ebx
        xor     ecx, ecx
        xor     edi, edi
        movzx   esi, si
        mov     edx, 80h
        mov     esp, BOOT_SECTOR_BASE
        sti
        push    bp
        movzx   ebp, ax
        ret
