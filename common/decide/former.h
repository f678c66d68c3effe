/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * former.h - basic disks that were dynamic ones once, and what is on them.
 *
 * Where a Windows is on such a disk it may be this machine's, made basic as the last resort against 0x7B; then the
 * dynamic disk beside it is another server's.
 */
#ifndef LDMBOOT_FORMER_H
#define LDMBOOT_FORMER_H

#include "common/base/arena.h"
#include "common/fs/fs.h"
#include "common/ldm/view.h"

/*
 * The first disk that is basic by its table, was one that no group here lists, and has a partition with a Windows or its
 * loader in the root directory, or one whose root cannot be read. NULL: there is none. `window`: for reading.
 */
const struct ldm_disk *former_disk_with_windows(const struct ldm_view *view, struct fs_window *window, struct arena *a);

#endif
