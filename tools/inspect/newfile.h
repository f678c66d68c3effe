/* SPDX-License-Identifier: GPL-2.0-or-later */
/* newfile.h - the only way in which ldmboot-inspect writes: a file that did not exist. */
#ifndef LDMBOOT_INSPECT_NEWFILE_H
#define LDMBOOT_INSPECT_NEWFILE_H

#include <stdbool.h>

#include "common/base/span.h"

/* False when it could not be written, or exists (it may be a disk); it has been said on stderr then. */
bool newfile_write(const char *path, struct span bytes);

#endif
