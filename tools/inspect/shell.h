/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shell.h - commands for a person to run, as text. */
#ifndef LDMBOOT_INSPECT_SHELL_H
#define LDMBOOT_INSPECT_SHELL_H

#include <stdio.h>

/* A name that may come from a disk: no control character of it reaches a terminal. */
void shell_name(FILE *out, const char *text);
void shell_part(FILE *out, const char *text, size_t len);

/* A file name as one word of a shell. */
void shell_word(FILE *out, const char *text);

#endif
