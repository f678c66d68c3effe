/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bigarena.h - a fresh arena for each test that builds a hive or a boot store.
 *
 * Use: cmocka_unit_test_setup_teardown(test, bigarena_setup, bigarena_teardown).
 */
#ifndef LDMBOOT_TESTS_BIGARENA_H
#define LDMBOOT_TESTS_BIGARENA_H

#include "common/base/arena.h"

#define BIGARENA_BYTES (1 << 20)

extern struct arena arena;

int bigarena_setup(void **state);
int bigarena_teardown(void **state);

#endif
