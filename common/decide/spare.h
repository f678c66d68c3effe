/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spare.h - which other half of a mirror may stand in for sectors that cannot be read.
 *
 * What Windows is shown is decided with more knowledge: plan_spare() in plan.h.
 */
#ifndef LDMBOOT_SPARE_H
#define LDMBOOT_SPARE_H

#include "common/ldm/view.h"

/*
 * Another half of the same volume that holds the same data by all that the metadata says: both are
 * usable, and on disks whose database is the group's newest. NULL: there is none.
 */
const struct ldm_component *spare_half(const struct ldm_component *component);

#endif
