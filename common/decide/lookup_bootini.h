/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lookup_bootini.h - boot.ini's part of a lookup: which volumes its lines mean; when the slots are known, how they have to read. */
#ifndef LDMBOOT_LOOKUP_BOOTINI_H
#define LDMBOOT_LOOKUP_BOOTINI_H

#include "lookup_task.h"

void lookup_follow_bootini(struct lookup_task *t);
void lookup_answer_bootini(struct lookup_task *t);

#endif
