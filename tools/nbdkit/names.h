/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * names.h - what a volume is called when there are several disk groups: its name, with what tells it from others where that is not
 * enough. "Volume1", "Volume1 (Server-Dg0)", "Volume1 (Server-Dg0, half.img)". No two volumes have one.
 */
#ifndef LDMBOOT_NBDKIT_NAMES_H
#define LDMBOOT_NBDKIT_NAMES_H

#include "common/ldm/view.h"

/* The names of exports that are no volumes'. */
#define NAME_BASIC "basic"
#define NAME_SEEN  "seen"

/* A text from a disk as a client may show it, in UTF-8 without control characters. In the arena; NULL: no memory. */
const char *name_to_show(const char *text, struct arena *a);

/* In the arena; NULL: no memory. */
const char *volume_name(const struct ldm_view *view, const struct ldm_volume *volume, struct arena *a);

/* Has no other volume that is connected its GUID? Copies of a disk that went on by themselves have. */
bool volume_guid_is_its_own(const struct ldm_view *view, const struct ldm_volume *volume);

/* Its first half that is whole on the disks that are connected; NULL: there is none. */
const struct ldm_component *volume_first_here(const struct ldm_volume *volume);

/* The volume that has this name of several words; NULL: none has. A plain name is for the rules of volume= to look up. */
const struct ldm_volume *volume_called(const struct ldm_view *view, const char *name, struct arena *a);

#endif
