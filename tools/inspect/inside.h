/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside.h - the disk inside of a container file, through a program of this computer that reads such files. */
#ifndef LDMBOOT_INSPECT_INSIDE_H
#define LDMBOOT_INSPECT_INSIDE_H

#include "filedisk.h"

/*
 * What filedisk_open() called a container (fd->container): read by qemu-nbd, or by ewfmount, which only read and which
 * are gone when this program is, however it ends. NULL; or in words why it cannot be read, with what to install or to do.
 */
const char *inside_open(struct filedisk *fd, uint32_t block_size);

#endif
