/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock.c - see clock.h. Facts: Ralf Brown's MEMORY.LST 40:6C (18.2 a second, from 0 again at midnight).
 */
#include "clock.h"

#define TICK_MS          55u
#define SECOND_MS        1000u
#define SECONDS_A_MINUTE 60u

uint32_t clock_advance(struct clock *c, uint32_t ticks, uint8_t second)
{
    uint32_t by_second;

    if (c->started)  /* Fewer than before: it was midnight. */
        c->by_ticks += (ticks >= c->ticks ? ticks - c->ticks : ticks) * TICK_MS;
    c->started = true;
    c->ticks = ticks;
    if (second < SECONDS_A_MINUTE) {  /* else it changes just now, or there is no such clock */
        if (c->has_second)
            c->seconds += (second + SECONDS_A_MINUTE - c->second) % SECONDS_A_MINUTE;
        c->has_second = true;
        c->second = second;
    }
    by_second = c->seconds > 1 ? (c->seconds - 1) * SECOND_MS : 0;  /* the first one was not a whole one */
    return c->by_ticks > by_second ? c->by_ticks : by_second;
}
