/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exports.h - what the plugin serves, by name: the basic disk, the disk as it is shown at a boot, each volume. */
#ifndef LDMBOOT_NBDKIT_EXPORTS_H
#define LDMBOOT_NBDKIT_EXPORTS_H

#include "basic.h"
#include "mapfile.h"
#include "sources.h"

enum layout { LAYOUT_BASIC, LAYOUT_SEEN, LAYOUT_VOLUME };

struct export {
    const char              *name, *about;
    const struct ldm_volume *volume;  /* NULL: a whole disk */
    struct composed         *disk;
    struct map              *map;     /* one for all names of a disk */
};

struct exports {
    struct export *list;
    size_t         count, room;
    size_t         first;  /* the one without a name: what `layout` says */
};

/*
 * Make them all. The one that `layout` names must be there; the others are left out when they
 * cannot be made. Says why not.
 */
bool exports_make(struct exports *e, struct sources *s, enum layout layout, struct basic_wishes wishes);

/* NULL: there is none of this name; "" is the first. */
struct export *exports_find(struct exports *e, const char *name);

#endif
