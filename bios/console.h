/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * console.h - the one place that prints and the one place that waits: screen and
 * keyboard through the BIOS, and the first serial port.
 */
#ifndef LDMBOOT_BIOS_CONSOLE_H
#define LDMBOOT_BIOS_CONSOLE_H

#include <stdint.h>

#include "common/ui/ask.h"
#include "common/settings/config.h"
#include "common/base/log.h"

/* Where lines go. The screen works from the start; what is printed before
   console_open_serial() is kept and goes to the serial port then. */
struct log *console_log(void);

/* Find the UART that the configuration means (interfaces.md, `serial`) and send it what was printed so far. */
void console_open_serial(const struct config *cfg);

/* Text without a line end, for prompts. */
void console_put(const char *text);

/*
 * Wait for a key, on the keyboard or from the serial line, for `seconds`.
 * Returns it (keys.h) or KEY_NONE. It always ends: when the timer stands still, by counting.
 */
int console_wait_key(uint32_t seconds);

/* Can somebody be there? A display was found, or a key came. */
bool console_attended(void);

/* A screen of cells: clear for it, paint its changed rows on screen and serial line (VT100), clear after it. */
void console_open_screen(void);
void console_paint(const struct screen *screen);
void console_close_screen(void);

/* Text mode 3, as loaders expect to find the screen. */
void console_reset_screen(void);

#endif
