/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netcfg.h - ldmboot.cfg as netcfg.inc fetched it from the boot server, before stage 2. */
#ifndef LDMBOOT_BIOS_NETCFG_H
#define LDMBOOT_BIOS_NETCFG_H

#include "common/settings/config.h"

#define NETCFG_PACKET_BYTES 512  /* TFTP's, without options */
#define NETCFG_PACKETS      (CONFIG_MAX_BYTES / NETCFG_PACKET_BYTES + 1)  /* one more, so that a longer file is noticed */
#define NETCFG_TEXT_BYTES   (NETCFG_PACKETS * NETCFG_PACKET_BYTES)

/* At NETCFG_BASE (memory.h) when `boot_drive` is BOOT_DRIVE_NETWORK. */
struct netcfg {
    uint16_t pxe_status;  /* of the call that failed (PXE specification 2.1, appendix B); 0: none */
    uint16_t bytes;       /* of `text`; 0: there is no such file */
    uint8_t  text[NETCFG_TEXT_BYTES];
};

/* Apply it to `cfg`; remarks, or CONFIG_NOT_FETCHED, go to `notes`. */
void netcfg_apply(struct arena *a, struct config *cfg, struct note_list *notes);

#endif
