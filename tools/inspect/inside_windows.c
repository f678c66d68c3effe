/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inside_windows.c - see inside.h: there is no such program on Windows that could be counted on. */
#include "inside.h"

const char *inside_open(struct filedisk *fd, uint32_t block_size)
{
    (void)block_size;
    return fd->container->sentence;
}
