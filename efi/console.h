/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * console.h - text out and keys in, through the firmware's console and a serial line beside it.
 *
 * The firmware sends its console to the screen, to serial lines, or to both, as its set-up says; where no serial line
 * is among them, serial.c has one of our own. On a machine with neither, everything here does nothing.
 * Facts: UEFI specification 2.10, chapter 12.3 and 12.4.
 */
#ifndef LDMBOOT_EFI_CONSOLE_H
#define LDMBOOT_EFI_CONSOLE_H

#include "common/settings/config.h"
#include "common/base/log_ring.h"
#include "common/ui/screen.h"

/* Begin with an empty screen: firmware leaves its logo on it. */
void console_clear(void);

/*
 * Open the serial line that the configuration asks for, and send it what was printed so far (`ring`); a line that is open
 * already stays as it is.
 */
void console_open_serial(const struct config *cfg, struct log_ring *ring);
void console_close_serial(void);

/* The log whose lines appear on the console. */
extern struct log console_log;

/* Text of our own, ASCII, without a line end. */
void console_text(const char *text);

/*
 * Wait for a key, at most `seconds`; 0: only what is there. Returns it (keys.h) or KEY_NONE.
 */
int console_wait_key(uint32_t seconds);

/* Can somebody be there? The firmware has a graphical output, or a key came. */
bool console_attended(void);

/* A screen of cells, in the 80x25 mode that every console has; the mode of before comes back with closing. */
void console_open_screen(void);
void console_paint(const struct screen *screen);
void console_close_screen(void);

#endif
