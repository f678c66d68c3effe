/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scanned.h - run ldm_scan() over test disks and look things up in the view by name.
 *
 * Everything that is looked up must be there: the test fails otherwise.
 */
#ifndef LDMBOOT_TESTS_SCANNED_H
#define LDMBOOT_TESTS_SCANNED_H

#include "common/ldm/scan.h"
#include "memdisk.h"

struct scanned {
    struct log      log;           /* first member: line() casts back */
    char            text[16384];   /* what was logged, lines end in \n */
    struct arena    arena;
    struct ldm_view view;
};

/* Scan; fails the test unless the status is OK. Give it back with scanned_free(). */
struct scanned *scan_memdisks(struct memdisk *const *disks, size_t n);
struct scanned *scan_memdisk(struct memdisk *disk);
void            scanned_free(struct scanned *s);

struct ldm_volume    *view_volume(const struct scanned *s, const char *name);
struct ldm_component *view_component(const struct scanned *s, const char *name);

bool has_note(const struct note_list *list, enum status code);

#endif
