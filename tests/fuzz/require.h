/* SPDX-License-Identifier: GPL-2.0-or-later */
/* require.h - what must hold: the fuzzer reports it, with the input, when it does not. */
#ifndef LDMBOOT_TESTS_REQUIRE_H
#define LDMBOOT_TESTS_REQUIRE_H

#include <stdio.h>
#include <stdlib.h>

#define require(ok) ((ok) ? (void)0 : broken(#ok, __FILE__, __LINE__))
_Noreturn static void broken(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

#endif
