/* SPDX-License-Identifier: GPL-2.0-or-later */
/* copy_back.h - a match, as LZNT1, XPRESS and LZX have it: bytes that were made before, once more. */
#ifndef LDMBOOT_FS_COPY_BACK_H
#define LDMBOOT_FS_COPY_BACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Of `out`, which is to have `len` bytes, *made are there: repeat `count` that stand `distance` before, one by one (they
 * may overlap those that they become). False, and nothing is done: so far back there is nothing, or there is no room.
 */
static inline bool copy_back(uint8_t *out, size_t len, size_t *made, size_t distance, size_t count)
{
    size_t at = *made, end = at + count;

    if (distance == 0 || distance > at || end < at || end > len)
        return false;
    for (; at < end; at++)
        out[at] = out[at - distance];
    *made = end;
    return true;
}

#endif
