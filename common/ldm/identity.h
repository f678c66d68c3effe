/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * identity.h - whose disk was this? Copies of the PRIVHEAD on a disk whose partition table does not lead to them.
 *
 * A disk that was made basic, wiped at its front, or overwritten with another disk's first
 * sectors is no member of its group any more, or not certainly; but it is here, and may have been used since.
 */
#ifndef LDMBOOT_LDM_IDENTITY_H
#define LDMBOOT_LDM_IDENTITY_H

#include "reader.h"
#include "view.h"

/* Add whom a valid copy names to the disk's identities, once. */
void identity_add(struct ldm_disk *disk, const struct ldm_privhead *copy);

struct identity_reader {
    struct ldm_reader       *reader;
    const struct sector_run *front;    /* the disk's first sectors, read already */
    struct sector_run       *scratch;  /* room of RUN_MAX_SECTORS for what has to be read */
};

/*
 * Look at LBA 6, at the end of the disk, at the end of every GPT partition that may be an LDM metadata
 * partition, whatever its type says now, and at both ends of every gap of a GPT that one fits in. What is not a valid
 * copy in its place is passed over without a word. Costs two reads on a basic disk; two more for each such place, 32 at most.
 */
void identity_search(struct ldm_disk *disk, const struct identity_reader *r, struct arena *a);

#endif
