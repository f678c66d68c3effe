; SPDX-License-Identifier: GPL-2.0-or-later
; hookblob.asm - hook.bin as data of stage 2; handover.c copies it to where it stays.

global hook_code, hook_code_end

        section .hook progbits alloc noexec nowrite align=4
hook_code:
        incbin  "hook.bin"
hook_code_end:
