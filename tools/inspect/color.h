/* SPDX-License-Identifier: GPL-2.0-or-later */
/* color.h - lines for a person, with colors where they help: the number of a message, the state of a half. */
#ifndef LDMBOOT_INSPECT_COLOR_H
#define LDMBOOT_INSPECT_COLOR_H

#include <stdbool.h>
#include <stdio.h>

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* "auto", "always", "never"; false: another word. */
bool color_parse(const char *word, enum color_when *out);

/* Are there colors on `out`? AUTO: on a terminal that has them, unless NO_COLOR is set (no-color.org). */
bool color_wanted(enum color_when when, FILE *out);

/* A line of the report, without its end. No control character of it reaches `out`. */
void color_line(FILE *out, const char *text, bool colors);

#endif
