/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mapfile.h - a map file of ddrescue: which bytes of an image were never read from the disk. */
#ifndef LDMBOOT_INSPECT_MAPFILE_H
#define LDMBOOT_INSPECT_MAPFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "filedisk.h"

#define MAPFILE_NAME_MAX 4096

/* Read the map in the file `path` into `out`; false: it cannot be read or is none, in words in `why`. */
bool mapfile_read(const char *path, struct unread *out, char *why, size_t room);
void mapfile_free(struct unread *unread);

/* How much of an image of `size` bytes was never read. */
uint64_t mapfile_bytes(const struct unread *unread, uint64_t size);

/* Does something lie beside an image that is called like its map (IMAGE.map, IMAGE.mapfile)? Its name. */
bool mapfile_beside(const char *image, char *name, size_t room);

#endif
