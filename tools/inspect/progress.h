/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * progress.h - on a terminal, once it takes some seconds: what is being read just now.
 *
 * A read of a dying disk can take half a minute, and there are many; who sees the number of the sector knows
 * whether it goes on. It is one line of standard error that is written over and over, and is gone at the end.
 */
#ifndef LDMBOOT_INSPECT_PROGRESS_H
#define LDMBOOT_INSPECT_PROGRESS_H

#include <stdint.h>

void progress_begin(void);
/* What is read from now on; `name` stays where it is. */
void progress_reading(const char *name, uint64_t sector);
/* Take the line away, before something else is written; it may come again. */
void progress_hide(void);
void progress_end(void);

#endif
