/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nbd_posix.h - reading from a server that speaks NBD, over a socket. */
#ifndef LDMBOOT_INSPECT_NBD_POSIX_H
#define LDMBOOT_INSPECT_NBD_POSIX_H

#include "host.h"

/* Greet the server at the other end of `connection`, and let `file` read its only export. False: it is none. */
bool nbd_open(struct host_file *file, int connection);

#endif
