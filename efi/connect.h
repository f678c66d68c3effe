/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * connect.h - have the firmware's drivers started on every controller, so that all disks appear.
 *
 * Facts: docs/windows-boot.md, "The chain that works", step 1.
 */
#ifndef LDMBOOT_EFI_CONNECT_H
#define LDMBOOT_EFI_CONNECT_H

#include "common/base/log.h"

/*
 * Connect controllers in passes until nothing new appears, each one once: firmware tries all its drivers on it, again
 * and again until none starts any more (UEFI specification 2.10, 7.3.12), and servers have thousands. Firmware that
 * boots from a stick may have connected nothing else. A handle that already is a
 * disk is left alone: the firmware's partition driver would be started on it,
 * and that driver repairs a damaged GPT, which is a write.
 */
void connect_controllers(struct log *log);

#endif
