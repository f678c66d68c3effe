/* SPDX-License-Identifier: GPL-2.0-or-later */
/* costlystore.h - a boot store of some 100 KiB whose keys share their lists: 34 million values to look at. */
#ifndef LDMBOOT_TESTS_COSTLYSTORE_H
#define LDMBOOT_TESTS_COSTLYSTORE_H

#include "common/base/arena.h"
#include "common/base/span.h"

#define COSTLY_KEYS 256

/* In `a`, which has 1 MiB. "Objects\{zz}\Elements" has COSTLY_KEYS elements. */
struct span costly_store(struct arena *a);

#endif
