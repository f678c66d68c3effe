/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mapfile.c - see mapfile.h. */
#include "mapfile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first stretch that ends at `start` or behind it. */
static size_t find(const struct stretches *s, uint64_t start)
{
    size_t low = 0, high = s->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (s->list[middle].end < start)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool make_room(struct stretches *s)
{
    size_t          room = s->room ? 2 * s->room : 64;
    struct stretch *list = s->count < s->room ? s->list : realloc(s->list, room * sizeof *list);

    if (!list)
        return false;
    if (s->count == s->room)
        s->room = room;
    s->list = list;
    return true;
}

/* False: no memory. */
static bool add(struct stretches *s, uint64_t start, uint64_t end)
{
    size_t at = find(s, start), last = at;

    while (last < s->count && s->list[last].start <= end)
        last++;
    if (last == at) {
        if (!make_room(s))
            return false;
        memmove(s->list + at + 1, s->list + at, (s->count - at) * sizeof *s->list);
        s->list[at] = (struct stretch){ start, end };
        s->count++;
        return true;
    }
    if (s->list[at].start < start)
        start = s->list[at].start;
    if (s->list[last - 1].end > end)
        end = s->list[last - 1].end;
    s->list[at] = (struct stretch){ start, end };
    memmove(s->list + at + 1, s->list + last, (s->count - last) * sizeof *s->list);
    s->count -= last - at - 1;
    return true;
}

void map_add(struct map *m, uint64_t start, uint64_t end, bool bad)
{
    if (!add(&m->tried, start, end) || (bad && !add(&m->bad, start, end)))
        m->lost = true;
}

uint64_t map_bad_bytes(const struct map *m)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < m->bad.count; i++)
        sum += m->bad.list[i].end - m->bad.list[i].start;
    return sum;
}

void map_free(struct map *m)
{
    free(m->tried.list);
    free(m->bad.list);
    *m = (struct map){ .lost = false };
}

static void put(FILE *f, uint64_t start, uint64_t end, char status)
{
    if (start < end)
        fprintf(f, "0x%08" PRIX64 "  0x%08" PRIX64 "  %c\n", start, end - start, status);
}

/* One stretch that was tried: what is bad in it, and what is not. */
static void put_tried(FILE *f, const struct map *m, const struct stretch *tried)
{
    uint64_t at = tried->start;

    for (size_t i = find(&m->bad, tried->start); i < m->bad.count && m->bad.list[i].start < tried->end; i++) {
        put(f, at, m->bad.list[i].start, '+');
        put(f, m->bad.list[i].start, m->bad.list[i].end, '-');
        at = m->bad.list[i].end;
    }
    put(f, at, tried->end, '+');
}

bool map_write(const struct map *m, const char *path, uint64_t size)
{
    FILE    *f = fopen(path, "w");
    uint64_t at = 0;
    bool     good;

    if (!f)
        return false;
    fputs("# Mapfile. Created by nbdkit-ldmboot-plugin " LDMBOOT_VERSION "\n"
          "# current_pos  current_status  current_pass\n0x00000000     +               1\n"
          "#      pos        size  status\n", f);
    for (size_t i = 0; i < m->tried.count; i++) {
        put(f, at, m->tried.list[i].start, '?');
        put_tried(f, m, &m->tried.list[i]);
        at = m->tried.list[i].end;
    }
    put(f, at, size, '?');
    good = !ferror(f) && !m->lost;
    return fclose(f) == 0 && good;
}
