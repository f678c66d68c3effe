/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stick.h - files on the device that ldmboot was loaded from, read by the firmware.
 *
 * ldmboot.cfg, and an administrator's own boot manager and store. Started from the network there is no such device:
 * then no file is there (see netcfg.h).
 * Facts: UEFI specification 2.10, chapters 13.4, 13.5.
 */
#ifndef LDMBOOT_EFI_STICK_H
#define LDMBOOT_EFI_STICK_H

#include "common/base/arena.h"
#include "common/base/span.h"
#include "common/base/status.h"

/*
 * Read a file whole, or its first `max_bytes`, into arena memory; `path` is ASCII, with '\\'.
 * FILE_NOT_FOUND, READ_FAILED, NO_MEMORY or OK.
 */
NODISCARD enum status stick_read(const char *path, size_t max_bytes, struct arena *a, struct span *out);

#endif
