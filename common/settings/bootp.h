/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bootp.h - what a DHCP server's answer says of a network start: the boot server and the folder of the boot file.
 *
 * (A BIOS's network start reads its answer in assembler, before there is C: bios/netcfg.inc.)
 * Facts: RFC 2131, 2 (fields); RFC 2132, 2 and 9.5 (options, boot file name).
 */
#ifndef LDMBOOT_BOOTP_H
#define LDMBOOT_BOOTP_H

#include "common/base/span.h"

#define BOOTP_NAME_SIZE 256

struct bootp_file {
    uint8_t server[4];              /* IPv4 address */
    char    name[BOOTP_NAME_SIZE];
};

/* The file `name` in the boot file's folder. False when the answer names no server, or the path is too long. */
bool bootp_file_beside(struct span answer, const char *name, struct bootp_file *out);

#endif
