/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bootini.c - see bootini.h. The text may be anything; every step ends at the span's end. */
#include "bootini.h"

#include "common/base/ascii.h"
#include "common/base/mem.h"

#define END_OF_FILE "\x1a"  /* Ctrl-Z ends a DOS text file */
#define PATH_PARTS  4       /* adapter, disk, rdisk, partition */

/* Both parts of a line without the blanks around them. */
static bool split_line(struct span line, struct span *before, struct span *after)
{
    bool pair = ascii_split(line, "=", before, after);

    *before = ascii_trim(*before);
    *after = ascii_trim(*after);
    return pair;
}

/* ---- ARC paths */

/* "name(text)" at the beginning of a path, which is shortened by it. */
static bool next_part(struct span *path, struct span *name, struct span *text)
{
    struct span rest;

    return ascii_split(*path, "(", name, &rest) && ascii_split(rest, ")", text, path);
}

static bool parse_adapter(struct span name, struct span text, struct bootini_entry *entry)
{
    if (ascii_equal(name, "multi"))
        entry->form = BOOTINI_MULTI;
    else if (ascii_equal(name, "scsi"))
        entry->form = BOOTINI_SCSI;
    else if (ascii_equal(name, "signature"))
        entry->form = BOOTINI_SIGNATURE;
    else
        return false;
    return ascii_number(text, entry->form == BOOTINI_SIGNATURE ? 16 : 10, UINT32_MAX, &entry->adapter);
}

/* What follows the last part, up to a blank. */
static void take_directory(struct span path, struct bootini_entry *entry)
{
    size_t len = 0;

    while (len < path.len && !ascii_is_space(path.data[len]))
        len++;
    if (len >= sizeof entry->directory || path.data[0] != '\\')
        return;
    memcpy(entry->directory, path.data, len);
    entry->directory[len] = '\0';
}

static bool parse_path(struct span path, struct bootini_entry *entry)
{
    static const char *const names[PATH_PARTS] = { NULL, "disk", "rdisk", "partition" };
    uint32_t                *numbers[PATH_PARTS] = { NULL, &entry->disk, &entry->rdisk, &entry->partition };
    struct span              name, text;

    if (!next_part(&path, &name, &text) || !parse_adapter(name, text, entry))
        return false;
    for (size_t i = 1; i < PATH_PARTS; i++)
        if (!next_part(&path, &name, &text) || !ascii_equal(name, names[i]) ||
            !ascii_number(text, 10, UINT32_MAX, numbers[i]))
            return false;
    if (path.len > 0)
        take_directory(path, entry);
    return true;
}

/* ---- the file */

enum section { SECTION_NONE, SECTION_LOADER, SECTION_SYSTEMS };

static enum section section_of(struct span line)
{
    if (ascii_equal(line, "[boot loader]"))
        return SECTION_LOADER;
    return ascii_equal(line, "[operating systems]") ? SECTION_SYSTEMS : SECTION_NONE;
}

/* The path of the default entry; the first one of each kind counts. */
static bool find_default(struct span text, struct span *path)
{
    enum section section = SECTION_NONE;
    bool         found = false;
    struct span  line, before, after;

    while (text.len > 0) {
        bool pair;

        (void)ascii_split(text, "\n", &line, &text);
        line = ascii_trim(line);
        pair = split_line(line, &before, &after);
        if (line.len > 0 && line.data[0] == '[') {
            section = section_of(line);
        } else if (section == SECTION_LOADER && pair && ascii_equal(before, "default")) {
            *path = after;
            return true;
        } else if (section == SECTION_SYSTEMS && pair && !found) {
            *path = before;
            found = true;
        }
    }
    return found;
}

bool bootini_default(struct span text, struct bootini_entry *out)
{
    struct bootini_entry entry = { .form = BOOTINI_OTHER };
    struct span          path, behind;

    (void)ascii_split(text, END_OF_FILE, &text, &behind);
    if (!find_default(text, &path))
        return false;
    if (!parse_path(path, &entry))
        entry = (struct bootini_entry){ .form = BOOTINI_OTHER };
    *out = entry;
    return true;
}
