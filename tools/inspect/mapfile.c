/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mapfile.c - see mapfile.h. The format: GNU ddrescue's manual, "Mapfile structure".
 *
 * Comments begin with #. The first other line is the state of ddrescue itself; each one after it is position, size and
 * state of a block, and the blocks follow each other without gaps. What is outside of all of them was not tried.
 */
#include "mapfile.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

#define LINE_MAX_BYTES 256  /* of what is no comment */

struct reader {
    FILE          *file;
    unsigned long  line;
    char           text[LINE_MAX_BYTES];
    struct unread  found;
    size_t         room;
};

/* The next line that says something, in r->text; false at the end. One that is too long stays cut, which is no block. */
static bool next_line(struct reader *r)
{
    while (fgets(r->text, sizeof r->text, r->file)) {
        bool whole = strchr(r->text, '\n') != NULL;

        r->line++;
        for (int c = 0; !whole && c != EOF && c != '\n';)
            c = getc(r->file);
        if (r->text[0] != '#' && r->text[strspn(r->text, " \t\r\n")])
            return true;
    }
    return false;
}

/* A number, decimal or 0x: not what strtoull() takes beyond that, signs above all. */
static bool take_number(char **at, uint64_t *out)
{
    char *end;

    *at += strspn(*at, " \t");
    if (!isdigit((unsigned char)**at))
        return false;
    errno = 0;
    *out = strtoull(*at, &end, 0);
    if (errno || (*end != ' ' && *end != '\t'))
        return false;
    *at = end + strspn(end, " \t");
    return true;
}

/* One letter of those, as a word of its own. */
static bool take_state(char **at, const char *letters, char *out)
{
    *out = **at;
    if (!*out || !strchr(letters, *out))
        return false;
    (*at)++;
    return **at == 0 || isspace((unsigned char)**at);
}

static bool add(struct reader *r, uint64_t start, uint64_t end)
{
    struct unread *u = &r->found;

    if (start == end)
        return true;
    if (u->count > 0 && u->areas[u->count - 1].end == start) {
        u->areas[u->count - 1].end = end;
        return true;
    }
    if (u->count == r->room) {
        size_t         room = r->room ? r->room * 2 : 64;
        struct unread_area *more = realloc(u->areas, room * sizeof *more);

        if (!more)
            return false;
        u->areas = more;
        r->room = room;
    }
    u->areas[u->count++] = (struct unread_area){ start, end };
    return true;
}

static bool read_blocks(struct reader *r)
{
    uint64_t past = 0, start, size;
    bool     any = false;
    char     state, *at = r->text;

    if (!next_line(r) || !take_number(&at, &start) || !take_state(&at, "?*/-FG+", &state))
        return false;
    for (; next_line(r); any = true) {
        at = r->text;
        if (!take_number(&at, &start) || !take_number(&at, &size) || !take_state(&at, "?*/-+", &state) ||
            at[strspn(at, " \t\r\n")] || size > UINT64_MAX - start || (any && start != past))
            return false;
        past = start + size;
        if ((!any && !add(r, 0, start)) || (state != '+' && !add(r, start, past)))
            return false;
    }
    return any && add(r, past, UINT64_MAX);
}

bool mapfile_read(const char *path, struct unread *out, char *why, size_t room)
{
    struct reader r = { .file = host_open_text(path) };
    bool          good, broken;

    if (!r.file) {
        *out = (struct unread){ 0 };
        snprintf(why, room, "%s", strerror(errno));
        return false;
    }
    errno = 0;
    good = read_blocks(&r);
    broken = ferror(r.file) != 0;
    if (broken)
        snprintf(why, room, "%s", strerror(errno ? errno : EIO));
    else if (!good)
        snprintf(why, room, "this is no whole map file of ddrescue: line %lu is not what has to be there",
                 r.line + (feof(r.file) ? 1 : 0));
    fclose(r.file);
    if (!good || broken)
        mapfile_free(&r.found);
    *out = r.found;
    return good && !broken;
}

void mapfile_free(struct unread *unread)
{
    free(unread->areas);
    *unread = (struct unread){ 0 };
}

uint64_t mapfile_bytes(const struct unread *unread, uint64_t size)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < unread->count && unread->areas[i].start < size; i++) {
        const struct unread_area *area = &unread->areas[i];

        sum += (area->end < size ? area->end : size) - area->start;
    }
    return sum;
}

/* ldmboot-rescue's map of a copy and the plugin's of an export say it in their first line: they are of no image. */
static bool is_our_own(const char *path)
{
    FILE *file = host_open_text(path);
    char  first[LINE_MAX_BYTES] = "";
    bool  own = file && fgets(first, sizeof first, file) &&
                (strstr(first, "Created by ldmboot-rescue") || strstr(first, "Created by nbdkit-ldmboot-plugin"));

    if (file)
        fclose(file);
    return own;
}

bool mapfile_beside(const char *image, char *name, size_t room)
{
    static const char *const tails[] = { ".map", ".mapfile" };

    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        struct host_file file;
        int              n = snprintf(name, room, "%s%s", image, tails[i]);

        if (n < 0 || (size_t)n >= room || host_open(&file, name))
            continue;
        host_close(&file);
        if (!is_our_own(name))
            return true;
    }
    return false;
}
