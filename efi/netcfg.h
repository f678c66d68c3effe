/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netcfg.h - ldmboot.cfg from the server and the folder that ldmboot was loaded from, when that was the network.
 *
 * Facts: UEFI specification 2.10, 24.3 (EFI_PXE_BASE_CODE_PROTOCOL).
 */
#ifndef LDMBOOT_EFI_NETCFG_H
#define LDMBOOT_EFI_NETCFG_H

#include "common/settings/config.h"

/*
 * Apply it to `cfg`; remarks, or CONFIG_NOT_FETCHED, go to `notes`. A server without the file, and a start that was not
 * by PXE over IPv4, change nothing.
 */
void netcfg_apply(struct arena *a, struct config *cfg, struct note_list *notes);

#endif
