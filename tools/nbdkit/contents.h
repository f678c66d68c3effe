/* SPDX-License-Identifier: GPL-2.0-or-later */
/* contents.h - what goes where on the basic disk, which half it is read from, and what stays behind and why: for programs. */
#ifndef LDMBOOT_NBDKIT_CONTENTS_H
#define LDMBOOT_NBDKIT_CONTENTS_H

#include "basic.h"

/* Write it to a file, as JSON (docs/interfaces.md). False: it cannot be written; errno says why. */
bool contents_write(const struct basic *b, const char *path);

#endif
