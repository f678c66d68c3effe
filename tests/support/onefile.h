/* SPDX-License-Identifier: GPL-2.0-or-later */
/* onefile.h - a small NTFS volume with one file in its root, whose record a test writes as it likes (ntfsbuild.h). */
#ifndef LDMBOOT_TESTS_ONEFILE_H
#define LDMBOOT_TESTS_ONEFILE_H

#include "common/fs/fs.h"
#include "tests/support/memdisk.h"
#include "tests/support/ntfsbuild.h"

#define ONEFILE_CLUSTER  1024u  /* bytes of a cluster, and of a record */
#define ONEFILE_CLUSTERS 1024u
#define ONEFILE_MFT_LCN  16u
#define ONEFILE_RECORDS  200u
#define ONEFILE_FREE_LCN 300u   /* from here on nothing is in use */
#define ONEFILE_RECORD   16u    /* the file's; those behind it are free */

struct onefile {
    struct memdisk  *md;
    struct nb_volume v;
    struct arena     arena;
    struct fs_volume fs;
    uint8_t          memory[2 << 20];
};

/* Made, with "file" in its root directory, which has one byte. */
void onefile_begin(struct onefile *t);
void onefile_end(struct onefile *t);

/* The root says that the file is what this reference says: onefile_begin() has it so for ONEFILE_RECORD. */
void onefile_named(struct onefile *t, uint64_t reference);

/* Open the volume as it is now, with all of the memory, which is not blank. */
void onefile_open(struct onefile *t);

/* The same, where it may be no volume. */
NODISCARD enum status onefile_try_open(struct onefile *t);

#endif
