/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock.h - how much time went by, by two clocks that do not depend on each other: the BIOS's ticks and the
 * real-time clock. Machines without a ticking timer exist, and BIOSes that lose ticks while they wait for a disk.
 */
#ifndef LDMBOOT_BIOS_CLOCK_H
#define LDMBOOT_BIOS_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct clock {
    bool     started;
    bool     has_second;
    uint32_t ticks;                /* as they were last seen */
    uint8_t  second;
    uint32_t by_ticks;             /* milliseconds since the first look */
    uint32_t seconds;              /* changes of `second` since then */
};

/*
 * The clocks now: 40:6C, and the second (0 to 59, in binary) of the real-time clock. Returns the milliseconds since the
 * first look by the clock that is ahead: one of them may stand still.
 */
uint32_t clock_advance(struct clock *c, uint32_t ticks, uint8_t second);

/* The same, with the clocks of this machine: milliseconds since the program first asked (clock_now.c). */
uint32_t clock_ms(void);

#endif
