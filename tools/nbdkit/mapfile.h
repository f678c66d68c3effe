/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mapfile.h - which stretches of an export were read and which could not be, as ddrescue writes it down: other tools
 * read it, and another day's attempt knows where to look.
 *
 * Facts: GNU ddrescue manual, "Mapfile structure": '+' finished, '-' bad sector, '?' not tried.
 */
#ifndef LDMBOOT_NBDKIT_MAPFILE_H
#define LDMBOOT_NBDKIT_MAPFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stretch {
    uint64_t start, end;  /* bytes */
};

/* Stretches in order, none touching another. */
struct stretches {
    struct stretch *list;
    size_t          count, room;
};

struct map {
    struct stretches tried, bad;
    bool             lost;  /* no memory: it is not complete */
};

void     map_add(struct map *m, uint64_t start, uint64_t end, bool bad);
uint64_t map_bad_bytes(const struct map *m);
void     map_free(struct map *m);

/* Write it for an export of `size` bytes. False: it cannot be written; errno says why. */
bool map_write(const struct map *m, const char *path, uint64_t size);

#endif
