/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * window.h - the memory that open volumes read their own structures into: one for all of them, because a machine can have
 * hundreds of halves, and one is read after the other.
 */
#ifndef LDMBOOT_FS_WINDOW_H
#define LDMBOOT_FS_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/arena.h"

#define FS_WINDOW_BYTES 0x16000u  /* NTFS: six records of 4 KiB, and 64 KiB of an index; FAT needs less */

struct fs_window {
    uint8_t  bytes[FS_WINDOW_BYTES];
    uint32_t users;  /* volumes that were opened with it; their numbers begin with 1 */
    uint32_t owner;  /* the one that used it last */
};

/* A number for one more volume, which has the window from now on. */
static inline uint32_t fs_window_join(struct fs_window *w)
{
    return w->owner = ++w->users;
}

/* Does the volume still have what it read into it? */
static inline bool fs_window_is_of(const struct fs_window *w, uint32_t user)
{
    return w->owner == user;
}

/* To be used by this volume. False: another one has used it meanwhile, and nothing that was in it is left. */
static inline bool fs_window_take(struct fs_window *w, uint32_t user)
{
    bool kept = fs_window_is_of(w, user);

    w->owner = user;
    return kept;
}

#endif
