/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * console.h - the one place that prints and the one place that waits: screen and
 * keyboard through the BIOS, and the first serial port.
 *
 * Used by: main.c.
 */
#ifndef LDMBOOT_BIOS_CONSOLE_H
#define LDMBOOT_BIOS_CONSOLE_H

#include <stdint.h>

#include "../common/ask.h"
#include "../common/config.h"
#include "../common/log.h"

/* Where lines go. The screen works from the start; what is printed before
   console_open_serial() is kept and goes to the serial port then. */
struct log *console_log(void);

/* Find the UART that the configuration means (interfaces.md, `serial`) and send it what was printed so far. */
void console_open_serial(const struct config *cfg);

/* Drop what was typed before: the key that chose the stick in the BIOS's menu is no answer to anything. */
void console_forget_keys(void);

/* Text without a line end, for prompts. */
void console_put(const char *text);

/*
 * Wait for a key, on the keyboard or from the serial line, for `seconds`.
 * Returns its ASCII code (0 for keys that have none) or ASK_NO_KEY.
 * It always ends: when the timer stands still, by counting.
 */
int console_wait_key(uint32_t seconds);

/* Text mode 3, as loaders expect to find the screen. */
void console_reset_screen(void);

#endif
