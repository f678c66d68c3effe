/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filetime.h - a Windows time stamp in words.
 *
 * A FILETIME counts 100 ns since 1601-01-01 00:00 UTC (Microsoft, "FILETIME structure").
 */
#ifndef LDMBOOT_FILETIME_H
#define LDMBOOT_FILETIME_H

#include <stdint.h>

#define FILETIME_TEXT 24

/* "2012-09-11 14:05 UTC"; "an unknown time" for 0 and for what lies behind the year 9999. Returns `out`. */
const char *filetime_text(uint64_t filetime, char out[FILETIME_TEXT]);

#endif
