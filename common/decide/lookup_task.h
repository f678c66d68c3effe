/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lookup_task.h - a lookup while it is being made: the volumes that it has to show, and the patches over files.
 */
#ifndef LDMBOOT_LOOKUP_TASK_H
#define LDMBOOT_LOOKUP_TASK_H

#include "lookup_types.h"

#define LOOKUP_MAX_WANTED 16
#define SECTOR_SHIFT      9   /* from bytes to sectors of 512 */

/* A volume that needs an entry of sector 0. */
struct lookup_want {
    const struct component_facts *volume;
    unsigned                      number;  /* that its loader's files give it; 0: any will do */
    bool                          fixed;   /* and that cannot be changed in what is read */
};

struct lookup_task {
    const struct ldm_view        *view;
    const struct boot_facts      *facts;
    const struct component_facts *loader;
    struct arena                 *arena;
    struct lookup                *out;
    struct lookup_want            wanted[LOOKUP_MAX_WANTED];
    size_t                        wanted_count;
    size_t                        patch_bytes;
    unsigned                      answered;  /* names of other disks in the store that are read as this one's */
};

void lookup_note(struct lookup_task *t, enum status code, const struct component_facts *about);
const struct ldm_extent *lookup_extent(const struct component_facts *f);  /* the first one */

/* Ask for an entry; the first wish for a number counts. */
struct lookup_want *lookup_want(struct lookup_task *t, const struct component_facts *f, unsigned number);

/* Put patches over the bytes [from, to) of a stretch of a file; `bytes`: all of the stretch. False: no room, or no place. */
bool lookup_answer(struct lookup_task *t, const struct file_bytes *at, const uint8_t *bytes, size_t from, size_t to);

#endif
