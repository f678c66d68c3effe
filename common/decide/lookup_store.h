/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lookup_store.h - the boot store's part of a lookup: which volumes and disks it names, and what is read instead. */
#ifndef LDMBOOT_LOOKUP_STORE_H
#define LDMBOOT_LOOKUP_STORE_H

#include "lookup_task.h"

void lookup_follow_store(struct lookup_task *t);

#endif
