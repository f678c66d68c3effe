/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mapfile.h - a map file of ddrescue: which bytes of an image were never read from the disk. */
#ifndef LDMBOOT_INSPECT_MAPFILE_H
#define LDMBOOT_INSPECT_MAPFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "filedisk.h"

/* Read the map in the file `path` into `out`; false: it cannot be read or is none, and that has been said. */
bool mapfile_read(const char *path, struct unread *out);
void mapfile_free(struct unread *unread);

/* Name on stderr, for a person to decide, what lies beside an image that was given without a map and is called like one. */
void mapfile_mention_beside(const char *image);

#endif
