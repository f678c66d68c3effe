/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sources.h - the disks, what is on them, and which half is taken: the same scan, probe and plan as in the boot
 * programs, with the same refusals.
 */
#ifndef LDMBOOT_NBDKIT_SOURCES_H
#define LDMBOOT_NBDKIT_SOURCES_H

#include "common/decide/plan.h"
#include "tools/inspect/filedisk.h"

#define SOURCES_MAX      32
#define SOURCES_NAME_MAX 1024

struct sources {
    struct filedisk      files[SOURCES_MAX];
    size_t               count;
    struct config        config;    /* volume, component */
    char                 volume[SOURCES_NAME_MAX];  /* of volume=: also as an export is called */
    bool                 at_once;   /* "unreadable=at-once": no half is read block by block */
    bool                 old_half;  /* "old-half=yes": what is held against the named half is known */
    struct arena         arena;
    struct ldm_view      view;
    struct boot_facts    facts;
    struct boot_plan     plan;
    const struct ldm_volume *named;    /* the volume whose export is called so */
    bool                     told;      /* why the disk that is being made cannot be made has been said */
    const char              *question;  /* both firmwares could start something: what; NULL: there is no question */
};

/* Open one more disk, read only; says why not. */
bool sources_open(struct sources *s, const char *path, uint32_t block_size);
void sources_close(struct sources *s);

/* Look at the disks for this firmware; NULL: the one that the table of the disk which is started is for. Says why not. */
bool sources_read(struct sources *s, const struct firmware_rules *rules);

/* Is it clear which half is taken, by which firmware? */
bool sources_is_clear(const struct sources *s);

/* The same, or was it said in full? Says why not. */
bool sources_settle(struct sources *s);

/* A half of a volume that may be read without asking, or that was asked for; NULL: there is none. */
const struct ldm_component *sources_half(const struct sources *s, const struct ldm_volume *volume);

/* Is all of it connected, in one volume that can be read from its beginning to its end? Old or not. */
bool sources_is_readable(const struct ldm_component *c);

/* Is it read, but for no start, although something is held against it? That is still to be said. */
bool sources_is_lifted(const struct sources *s, const struct ldm_component *half);

/* What stands in for its sectors; NULL: nothing. */
const struct ldm_component *sources_spare(const struct sources *s, const struct ldm_component *half);

#endif
