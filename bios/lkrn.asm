; SPDX-License-Identifier: GPL-2.0-or-later
;
; lkrn.asm - ldmboot.lkrn: stage 2 as a Linux kernel, for boot loaders that know nothing else: GRUB (linux, linux16),
; syslinux, iPXE (kernel), qemu -kernel. Its command line has settings of ldmboot.cfg.
;
; Loaders call either the real-mode setup code (linux16, syslinux, iPXE, QEMU) or, as GRUB's linux does, the kernel
; at 1 MiB in protected mode. The setup code goes to protected mode too, so that there is one way on: copy
; stage 2 to its place and go (back) to real mode. BIOS machines only.
;
; Facts: the Linux kernel's Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header", "32-bit Boot Protocol".

%include "offsets.inc"

SECTOR          equ 512
PROTOCOL        equ 206h                ; the first with a length of the command line
LOADED_HIGH     equ 1                   ; the kernel is at 1 MiB
KERNEL_BASE     equ 100000h
INITRD_MAX      equ 37ffffffh           ; as Linux says; none is looked at
CODE16          equ 08h
CODE32          equ 10h                 ; as the protocol wants them
DATA32          equ 18h
DATA16          equ 20h
CR0_PE          equ 1

; In the header, and in the "boot parameters", which begin with a copy of this sector.
P_EFI_LOADER    equ 1c0h                ; "EL32" or "EL64" when UEFI is the firmware
P_SCRATCH_END   equ 1e8h
P_CODE32_START  equ 214h
P_COMMAND_LINE  equ 228h

        bits    16
        org     0

; Started as a boot sector, which it is not: the next boot device.
        int     18h
.stop:
        hlt
        jmp     .stop

        times 1f1h - ($ - $$) db 0
        db      1                       ; setup_sects: one behind this one
        dw      0                       ; root_flags
        dd      (KERNEL_BYTES + 15) / 16  ; syssize
        dw      0                       ; ram_size
        dw      0ffffh                  ; vid_mode: as it is
        dw      0                       ; root_dev
        dw      0aa55h                  ; boot_flag
        jmp     short setup
        db      "HdrS"
        dw      PROTOCOL
        dd      0                       ; realmode_swtch
        dw      0                       ; start_sys_seg
        dw      version - SECTOR        ; kernel_version
        db      0                       ; type_of_loader
        db      LOADED_HIGH             ; loadflags
        dw      0                       ; setup_move_size
code32_start:
        dd      KERNEL_BASE
        dd      0, 0                    ; ramdisk_image, ramdisk_size
        dd      0                       ; bootsect_kludge
        dw      0                       ; heap_end_ptr
        db      0, 0                    ; ext_loader_ver, ext_loader_type
        dd      0                       ; cmd_line_ptr
        dd      INITRD_MAX
        dd      0                       ; kernel_alignment
        db      0, 0                    ; relocatable_kernel: no
        dw      0                       ; xloadflags
        dd      COMMAND_LINE_MAX - 1    ; cmdline_size
%if code32_start - $$ != P_CODE32_START
%error the kernel header is wrong
%endif

version:        db "ldmboot", 0

; setup: to protected mode, and to the kernel with ESI = this code's first sector, as boot parameters.
;   in: CS = segment of the first sector + 20h, a stack
setup:
        mov     ax, 2401h               ; A20, in case the loader has switched it off again
        int     15h
        cli
        cld
        mov     ax, cs
        sub     ax, SECTOR >> 4
        mov     ds, ax
        movzx   esi, ax
        shl     esi, 4
        mov     ebx, [code32_start]
        lea     eax, [ebx + gdt - kernel]
        mov     [gdt_pointer + 2], eax
        o32 lgdt [gdt_pointer]
        push    dword CODE32
        push    ebx
        mov     eax, cr0
        or      al, CR0_PE
        mov     cr0, eax
        mov     ax, DATA32
        mov     ds, ax
        mov     es, ax
        o32 retf

gdt_pointer:    dw gdt_end - gdt - 1
                dd 0
        times 2 * SECTOR - ($ - $$) db 0

; kernel: the same in protected mode, with or without `setup` before.
;   in: ESI = boot parameters, flat CS, DS, ES
        bits    32
kernel:
        cli
        cld
        mov     ax, ds
        mov     ss, ax
        lea     esp, [esi + P_SCRATCH_END]
        call    .here
.here:
        pop     ebp
        sub     ebp, .here - kernel     ; EBP = where we are
        mov     ebx, [esi + P_COMMAND_LINE]
        lea     eax, [ebp + gdt - kernel]
        mov     [ebp + real_mode_gdt - kernel + 2], eax
        lgdt    [ebp + real_mode_gdt - kernel]
        cmp     word [esi + P_EFI_LOADER], "EL"
        je      no_bios

; First out of the low memory, all of which may be in use by the loader; then into it.
        lea     edi, [ebp + command_line - kernel]
        call    take_command_line
        lea     esi, [ebp + stage2 - kernel]
        mov     edi, STAGE2_BASE
        mov     ecx, STAGE2_DWORDS
        rep     movsd
        lea     esi, [ebp + command_line - kernel]
        mov     edi, COMMAND_LINE_BASE
        mov     ecx, COMMAND_LINE_MAX / 4
        rep     movsd
        lea     esi, [ebp + trampoline - kernel]
        mov     edi, BOOT_SECTOR_BASE
        mov     ecx, TRAMPOLINE_BYTES
        rep     movsb
        jmp     CODE16:BOOT_SECTOR_BASE

; take_command_line: copy the text at EBX, 0 for none, to EDI, which is zeroed memory.
;   clobbers: AL, EBX, ECX, EDI
take_command_line:
        test    ebx, ebx
        jz      .done
        mov     ecx, COMMAND_LINE_MAX - 1
.byte:
        mov     al, [ebx]
        test    al, al
        jz      .done
        stosb
        inc     ebx
        loop    .byte
.done:
        ret

; no_bios: nothing here can run, and no text can be shown; reset, so that the machine does not hang.
no_bios:
        lidt    [ebp + no_idt - kernel]
        int3

        align   8
gdt:            dq 0
                dq 00009b000000ffffh    ; CODE16
                dq 00cf9b000000ffffh    ; CODE32: 4 GiB
                dq 00cf93000000ffffh    ; DATA32
                dq 000093000000ffffh    ; DATA16
gdt_end:
real_mode_gdt:  dw gdt_end - gdt - 1
                dd 0
no_idt:         dw 0
                dd 0

; trampoline: to real mode, copied to BOOT_SECTOR_BASE.
%define AT(label) (BOOT_SECTOR_BASE + label - trampoline)
        bits    16
trampoline:
        mov     ax, DATA16
        mov     ds, ax
        mov     es, ax
        mov     fs, ax
        mov     gs, ax
        mov     ss, ax
        o32 lidt [AT(real_idt)]
        mov     eax, cr0
        and     al, ~CR0_PE
        mov     cr0, eax
        jmp     0:AT(.real)
.real:
        xor     ax, ax
        mov     ds, ax
        mov     ss, ax
        mov     sp, RM_STACK_TOP
        mov     dl, BOOT_DRIVE_NONE
        xor     ebx, ebx
        jmp     0:STAGE2_ENTRY
real_idt:       dw 3ffh
                dd 0
TRAMPOLINE_BYTES equ $ - trampoline

        align   16
command_line:   times COMMAND_LINE_MAX db 0
stage2:         incbin "stage2.bin"
STAGE2_DWORDS   equ ($ - stage2) / 4
KERNEL_BYTES    equ $ - kernel
