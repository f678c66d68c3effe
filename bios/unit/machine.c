/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine.c - a machine for unit tests; see machine.h. */
#include "machine.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../clock.h"
#include "../memory.h"

#define HANDLES 64

void   (*machine_bios)(uint8_t vector, struct rm_regs *regs);
uint32_t machine_ms;

/* The code that handover.c copies; hookblob.asm has it in the boot program. */
const uint8_t hook_code[16] = "the hook's code";
extern const uint8_t hook_code_end[];
__asm__(".globl hook_code_end\n.set hook_code_end, hook_code + 16");

static uint8_t     below[LOW_MAPPED + 4];
static const void *handles[HANDLES];
static unsigned    last;
static jmp_buf     jumped;
static uint16_t    jump_entry;

void machine_init(void)
{
    void *low = (void *)(uintptr_t)LOW_MAPPED;

    if (mmap(low, LOW_END - LOW_MAPPED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != low)
        abort();
    memset(below, 0, sizeof below);
    machine_bios = NULL;
    machine_ms = 0;
}

void rm_int(uint8_t vector, struct rm_regs *regs)
{
    if (machine_bios)
        machine_bios(vector, regs);
    else
        regs->flags |= RM_CARRY;
}

_Noreturn void chain_jump(uint16_t entry)
{
    jump_entry = entry;
    longjmp(jumped, 1);
}

uint16_t machine_jump_of(void (*call)(void))
{
    jump_entry = 0;
    if (setjmp(jumped) == 0)
        call();
    return jump_entry;
}

static uint8_t *at(uint32_t address)
{
    if (address >= LOW_END)
        abort();
    return address < LOW_MAPPED ? below + address : (uint8_t *)(uintptr_t)address;
}

volatile void *low_memory(uint32_t address) { return at(address); }

uint8_t  peek8(uint32_t address)  { return *at(address); }
uint16_t peek16(uint32_t address) { return (uint16_t)(peek8(address) | peek8(address + 1) << 8); }
uint32_t peek32(uint32_t address) { return peek16(address) | (uint32_t)peek16(address + 2) << 16; }

void poke16(uint32_t address, uint16_t v)
{
    *at(address) = (uint8_t)v;
    *at(address + 1) = (uint8_t)(v >> 8);
}

void poke32(uint32_t address, uint32_t v)
{
    poke16(address, (uint16_t)v);
    poke16(address + 2, (uint16_t)(v >> 16));
}

/* Segments F000 and on are pointers of this program's. */
uint16_t rm_segment(const void *p)
{
    for (unsigned i = 0; i < HANDLES; i++)
        if (handles[i] == p)
            return (uint16_t)(0xf000 + i);
    handles[++last % HANDLES] = p;
    return (uint16_t)(0xf000 + last % HANDLES);
}

uint16_t rm_offset(const void *p)
{
    (void)p;
    return 0;
}

void *machine_pointer(uint16_t segment, uint32_t offset)
{
    if (segment >= 0xf000)
        return (void *)(uintptr_t)((uintptr_t)handles[segment - 0xf000] + offset);
    return at((uint32_t)segment * 16 + offset);
}

uint32_t clock_ms(void) { return machine_ms; }
