/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bigarena.c - see bigarena.h. */
#include "bigarena.h"

#include <stdlib.h>

struct arena arena;

int bigarena_setup(void **state)
{
    (void)state;
    arena = arena_of(malloc(BIGARENA_BYTES), BIGARENA_BYTES);
    return arena.base == NULL;
}

int bigarena_teardown(void **state)
{
    (void)state;
    free(arena.base);
    return 0;
}
