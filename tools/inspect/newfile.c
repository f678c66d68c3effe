/* SPDX-License-Identifier: GPL-2.0-or-later */
/* newfile.c - see newfile.h. */
#include "newfile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host.h"

bool newfile_write(const char *path, struct span bytes)
{
    FILE *f = host_create(path);
    bool  good = f && fwrite(bytes.data, 1, bytes.len, f) == bytes.len;

    if (f && fclose(f) != 0)
        good = false;
    if (!good)
        fprintf(stderr, "ldmboot-inspect: %s: %s\n", path, strerror(errno));
    return good;
}
