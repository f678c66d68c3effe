/* SPDX-License-Identifier: GPL-2.0-or-later */
/* details.h - everything that is known about one half, for a person. */
#ifndef LDMBOOT_DETAILS_H
#define LDMBOOT_DETAILS_H

#include "common/decide/plan.h"

void details_write(struct log *log, const struct boot_plan *plan, const struct plan_candidate *c);

#endif
