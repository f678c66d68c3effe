/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock_now.c - the clocks of this machine. Facts: Ralf Brown's MEMORY.LST 40:6C, PORTS.LST 70h and 71h, CMOS.LST
 * 00h (seconds), 0Ah (bit 7: an update is under way), 0Bh (bit 2: binary, not BCD).
 */
#include "clock.h"

#include "memory.h"
#include "realmode.h"

#define CMOS_INDEX    0x70
#define CMOS_DATA     0x71
#define CMOS_NO_NMI   0x80
#define CMOS_SECONDS  0x00
#define CMOS_STATUS_A 0x0a
#define CMOS_STATUS_B 0x0b
#define CMOS_STATUS_D 0x0d  /* the index that is left there, as BIOSes do: a power failure writes to no clock register */
#define UPDATING      0x80
#define BINARY        0x04
#define NO_SECOND     0xff

static uint8_t cmos(uint8_t index)
{
    uint8_t value;

    out8(CMOS_INDEX, CMOS_NO_NMI | index);
    value = in8(CMOS_DATA);
    out8(CMOS_INDEX, CMOS_STATUS_D);
    return value;
}

/* 0 to 59; NO_SECOND while it changes: the next look will tell. */
static uint8_t second_now(void)
{
    uint8_t value;

    if (cmos(CMOS_STATUS_A) & UPDATING)
        return NO_SECOND;
    value = cmos(CMOS_SECONDS);
    return cmos(CMOS_STATUS_B) & BINARY ? value : (uint8_t)((value >> 4) * 10 + (value & 15));
}

uint32_t clock_ms(void)
{
    static struct clock clock;

    return clock_advance(&clock, peek32(BDA_TICKS), second_now());
}
