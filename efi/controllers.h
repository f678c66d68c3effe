/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * controllers.h - disks that the firmware does not show: its controllers of disks that have no driver.
 *
 * A UEFI driver comes with the firmware or from the card's option ROM, which the set-up may have switched off; without
 * one there is no handle for any disk behind the controller.
 * Facts: UEFI specification 2.10, chapters 14.4 (PCI I/O) and 7.3.11; PCI Code and ID Assignment, class 01h.
 */
#ifndef LDMBOOT_EFI_CONTROLLERS_H
#define LDMBOOT_EFI_CONTROLLERS_H

#include "common/base/log.h"

/* A note for each one: LDM-0852. After the controllers were connected. */
void controllers_without_driver(struct note_list *notes, struct arena *a);

#endif
