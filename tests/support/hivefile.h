/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hivefile.h - a hive's file in memory, for tests that damage it. */
#ifndef LDMBOOT_TESTS_HIVEFILE_H
#define LDMBOOT_TESTS_HIVEFILE_H

#include "common/base/span.h"

/* A copy that a test may damage and frees; exactly as long, so that ASan sees reads past it. */
uint8_t *hivefile_copy(struct span file);

/* Put the base block's checksum right. */
void hivefile_fix_checksum(uint8_t *file);

#endif
