/* SPDX-License-Identifier: GPL-2.0-or-later */
/* logged.h - a log whose lines a test looks at; behind <cmocka.h>. */
#ifndef LDMBOOT_TESTS_LOGGED_H
#define LDMBOOT_TESTS_LOGGED_H

#include <string.h>

#include "common/base/log.h"

static char logged[8192];  /* a test empties it */

static void keep_line(struct log *log, const char *line)
{
    (void)log;
    assert_true(strlen(logged) + strlen(line) + 2 < sizeof logged);
    strcat(strcat(logged, line), "\n");
}

#endif
