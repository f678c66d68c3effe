/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * console.h - text out and keys in, through the firmware's console.
 *
 * Used by: efi/main.c and who it lends the log to. The firmware sends this
 * console to the screen, to a serial line, or to both, as its set-up says; on a
 * machine with neither, everything here does nothing.
 * Facts: UEFI specification 2.10, chapter 12.3 and 12.4.
 */
#ifndef LDMBOOT_EFI_CONSOLE_H
#define LDMBOOT_EFI_CONSOLE_H

#include "common/ask.h"
#include "common/log.h"

/* Begin with an empty screen: firmware leaves its logo on it. */
void console_clear(void);

/* The log whose lines appear on the console. */
extern struct log console_log;

/*
 * Wait for a key, at most `seconds`. Returns its character (0 for keys that have none,
 * such as arrows) or ASK_NO_KEY.
 */
int console_wait_key(uint32_t seconds);

/* Drop what was typed before: the key that chose the stick in the firmware's menu is no answer to anything. */
void console_forget_keys(void);

#endif
