/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * machine.h - a machine for unit tests of the C that calls a BIOS: what realmode.h has, played.
 *
 * Included before everything else (bios.mk), so that bios/realmode.h, which only a 32-bit program without an operating
 * system can have, stays out. Addresses from LOW_MAPPED on are memory of the test program; those below it are an array.
 */
#ifndef LDMBOOT_BIOS_REALMODE_H
#define LDMBOOT_BIOS_REALMODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rm_regs {
    uint32_t edi, esi, ebp, esp_ignored, ebx, edx, ecx, eax;
    uint16_t ds, es, flags, unused;
};

#define RM_CARRY 0x0001u
#define RM_ZERO  0x0040u
#define ASM_CALL

/* ---- what the code under test calls */

void      rm_int(uint8_t vector, struct rm_regs *regs);
_Noreturn void chain_jump(uint16_t entry);
uint8_t   peek8(uint32_t address);
uint16_t  peek16(uint32_t address);
uint32_t  peek32(uint32_t address);
void      poke16(uint32_t address, uint16_t v);
void      poke32(uint32_t address, uint32_t v);
volatile void *low_memory(uint32_t address);
uint16_t  rm_segment(const void *p);  /* these two: a number for a pointer that the BIOS gets; machine_pointer() */
uint16_t  rm_offset(const void *p);

/* ---- what a test plays */

#define LOW_MAPPED 0x10000u
#define LOW_END    0xa0000u

/* Blank memory, no interrupt handler, time 0. */
void machine_init(void);

/* What answers rm_int(); NULL: every call fails. */
extern void (*machine_bios)(uint8_t vector, struct rm_regs *regs);

/* The memory at seg:off: what rm_segment() and rm_offset() were asked about, or low memory. */
void *machine_pointer(uint16_t segment, uint32_t offset);

/* What clock_ms() answers; it does not go on by itself. */
extern uint32_t machine_ms;

/* Where chain_jump() went; 0: nowhere yet. Runs `call`, and comes back when it jumps. */
uint16_t machine_jump_of(void (*call)(void));

#endif
