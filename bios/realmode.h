/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * realmode.h - calling the BIOS from 32-bit C, and the few things only assembler can do.
 *
 * Behind it: entry.asm, realmode.asm, chain.asm.
 */
#ifndef LDMBOOT_BIOS_REALMODE_H
#define LDMBOOT_BIOS_REALMODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Registers before and after a BIOS call; the order is that of PUSHAD. Zero it before use. */
struct rm_regs {
    uint32_t edi, esi, ebp, esp_ignored, ebx, edx, ecx, eax;
    uint16_t ds, es, flags, unused;
};
_Static_assert(sizeof(struct rm_regs) == 40 && offsetof(struct rm_regs, flags) == 36, "as realmode.asm moves it");

#define RM_CARRY 0x0001u
#define RM_ZERO  0x0040u

/* Assembler routines take their arguments on the stack, whatever -mregparm says. */
#define ASM_CALL __attribute__((regparm(0)))

/* What the loader before us handed over (memory.h, STAGE2_ENTRY). */
extern uint8_t  boot_drive;          /* the BIOS number of the drive we came from, or one of BOOT_DRIVE_... */
extern uint32_t boot_partition_lba;  /* where our partition begins on it, in its blocks */

/*
 * Call a BIOS service: real mode, interrupts enabled, stack of its own. Whatever
 * the service does to segments, flags and general registers arrives in *regs;
 * nothing of it reaches the caller.
 */
ASM_CALL void rm_int(uint8_t vector, struct rm_regs *regs);

/* INT 18h: the BIOS goes on with its next boot device. Does not come back. */
ASM_CALL _Noreturn void rm_next_boot_device(void);

/* The volume's boot sector is at 0:7C00: give it the machine as a BIOS does. `entry` is what SI points at. */
ASM_CALL _Noreturn void chain_jump(uint16_t entry);

/*
 * The same with a loader that no boot sector has to find: `bytes` at `from`, above 1 MiB, go to LOADER_BASE and are
 * started. The boot sector of the volume that it looks for its files on is at 0:7C00.
 */
ASM_CALL _Noreturn void chain_loader(const void *from, uint32_t bytes);

/* A pointer to low memory, hidden from the compiler, which takes such addresses for null pointer arithmetic. */
static inline volatile void *low_memory(uint32_t address)
{
    __asm__("" : "+r"(address));
    return (volatile void *)address;
}

static inline uint8_t  peek8(uint32_t address)  { return *(volatile uint8_t *)low_memory(address); }
static inline uint16_t peek16(uint32_t address) { return *(volatile uint16_t *)low_memory(address); }
static inline uint32_t peek32(uint32_t address) { return *(volatile uint32_t *)low_memory(address); }
static inline void poke8(uint32_t address, uint8_t v)   { *(volatile uint8_t *)low_memory(address) = v; }
static inline void poke16(uint32_t address, uint16_t v) { *(volatile uint16_t *)low_memory(address) = v; }
static inline void poke32(uint32_t address, uint32_t v) { *(volatile uint32_t *)low_memory(address) = v; }

/* seg:off of an address below 1 MiB, with the smallest offset. */
static inline uint16_t rm_segment(const void *p) { return (uint16_t)((uint32_t)p >> 4); }
static inline uint16_t rm_offset(const void *p)  { return (uint16_t)((uint32_t)p & 15); }

static inline uint8_t in8(uint16_t port)
{
    uint8_t v;

    __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}

static inline void out8(uint16_t port, uint8_t v)
{
    __asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

#endif
