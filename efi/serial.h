/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * serial.h - a serial line of our own, where the firmware's console is not on it.
 *
 * Facts: UEFI specification 2.10, chapter 12.8 (Serial I/O), 7.3 (exclusive use of a protocol).
 */
#ifndef LDMBOOT_EFI_SERIAL_H
#define LDMBOOT_EFI_SERIAL_H

#include "common/settings/config.h"
#include "firmware.h"

/*
 * Take the port that the configuration asks for, unless the firmware's console is on it: the text is there then. A line
 * that is open stays open.
 * OK, also when there is nothing to take; SERIAL_NO_PORT when a port was named that is not there.
 */
NODISCARD enum status serial_open(const struct config *cfg);

bool serial_is_open(void);

/* The firmware may use the port again. */
void serial_close(void);

/* Send bytes; a port that does not take one within a second is given up. */
void serial_write(const char *bytes, size_t count);

/* The next key (common/ui/keys.h) or KEY_NONE. Call it SERIAL_POLLS_PER_SECOND times: the Escape key shows by what does not follow. */
#define SERIAL_POLLS_PER_SECOND 50u
int serial_key(void);

#endif
