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

#include "common/base/log.h"

bool secure_boot_is_on(void);

/* "Secure Boot on", "off" or "in setup mode", for the banner. */
const char *secure_boot_text(void);

/* Say which image the firmware refused, and the three ways out. */
void secure_boot_explain_refusal(struct log *log, const char *image_name);

#endif
