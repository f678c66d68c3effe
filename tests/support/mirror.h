/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mirror.h - the usual mirror on two disks (ldmdisk_mirror), and a third disk where a test wants one; scanned, and looked at. */
#ifndef LDMBOOT_TESTS_MIRROR_H
#define LDMBOOT_TESTS_MIRROR_H

#include "ldmdisk.h"
#include "scanned.h"

#define MIRROR_GUID3 "33333333-3333-3333-3333-333333333333"

/* A test changes the databases before they are written, which mirror_scan() does. */
struct mirror {
    struct ldmdisk  image[3];
    struct memdisk *disk[3];
    unsigned        disks;
    struct scanned *s;
};

struct mirror *mirror_new(void);
void           mirror_free(struct mirror *m);

/* A third disk, hd82, with this GUID and the database of disk `like` as it is now. */
void mirror_add_disk(struct mirror *m, const char *guid, unsigned like);

/* Write all disks and scan those from `first` on; what was found before is forgotten. */
void mirror_scan(struct mirror *m, unsigned first, unsigned count);

/* Leave out a record on all disks, so that a test can put in what it wants. */
void mirror_remove(struct mirror *m, uint64_t id);

/* The half is not used: with this state, this reason; and, the second time, with no other reason. */
void assert_marked(const struct scanned *s, const char *name, enum component_state component_state, enum status code);
void assert_only_mark(const struct scanned *s, const char *name, enum component_state component_state, enum status code);

#endif
