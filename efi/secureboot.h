/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * secureboot.h - is Secure Boot on, and what to do when it refuses an image.
 *
 * Nothing here ever sets a variable.
 * Facts: UEFI specification 2.10, chapter 3.3 (SecureBoot, SetupMode).
 */
#ifndef LDMBOOT_EFI_SECUREBOOT_H
#define LDMBOOT_EFI_SECUREBOOT_H

#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/log.h"
#include "common/base/span.h"

bool secure_boot_is_on(void);

/* "Secure Boot on", "off" or "in setup mode", for the banner. */
const char *secure_boot_text(void);

/*
 * Say which image the firmware refused and, when its list of revoked programs (dbx) is why, that no key helps; else the
 * three ways out. `a`: memory to read the list into.
 */
void secure_boot_explain_refusal(struct log *log, const char *image_name, struct span image, struct arena *a);

#endif
