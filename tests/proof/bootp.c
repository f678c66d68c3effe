/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bootp.c - a DHCP server's answer.
 *
 * Sources: common/settings/bootp.c
 * Assumes: 0 to 1,500 bytes, any of them.
 * Accessors: by contract
 * Eva: -eva-precision 3
 */
#include "proof.h"

#include "common/settings/bootp.h"

static uint8_t region[SLACK * 1500];

int main(void)
{
    struct bootp_file file;

    return bootp_file_beside(any_span(region, 1500), "ldmboot.cfg", &file);
}
