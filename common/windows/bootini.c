/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bootini.c - see bootini.h. The text may be anything; every step ends at the span's end. */
#include "bootini.h"

#include "common/base/ascii.h"
#include "common/base/mem.h"

#define END_OF_FILE     0x1a    /* Ctrl-Z ends a DOS text file */
#define PATH_PARTS      4       /* adapter, disk, rdisk, partition */
#define MAX_NUMBER_BITS 32

/* The next line of a text, which is shortened by it; false at the end. */
static bool next_line(struct span *text, struct span *line)
{
    size_t len = 0, skip;

    if (text->len == 0 || text->data[0] == END_OF_FILE)
        return false;
    while (len < text->len && text->data[len] != '\n' && text->data[len] != END_OF_FILE)
        len++;
    skip = len < text->len && text->data[len] == '\n' ? len + 1 : len;
    *line = ascii_trim(span_sub(*text, 0, len));
    *text = span_sub(*text, skip, text->len - skip);
    return true;
}

/* Split a line at its first `mark`; without one everything is before it. Both parts are trimmed. */
static bool split(struct span line, uint8_t mark, struct span *before, struct span *after)
{
    size_t at = 0;

    while (at < line.len && line.data[at] != mark)
        at++;
    *before = ascii_trim(span_sub(line, 0, at));
    *after = at < line.len ? ascii_trim(span_sub(line, at + 1, line.len - at - 1)) : span_of(line.data, 0);
    return at < line.len;
}

/* ---- ARC paths */

static int digit_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* A number of 32 bits; the empty text is 0, as in "multi()". */
static bool parse_number(struct span text, uint32_t base, uint32_t *out)
{
    uint64_t value = 0;

    for (size_t i = 0; i < text.len; i++) {
        uint32_t digit = (uint32_t)digit_value(text.data[i]);

        value = value * base + digit;
        if (digit >= base || value >> MAX_NUMBER_BITS)
            return false;
    }
    *out = (uint32_t)value;
    return true;
}

/* "name(text)" at the beginning of a path, which is shortened by it. */
static bool next_part(struct span *path, struct span *name, struct span *text)
{
    size_t open = 0, close;

    while (open < path->len && path->data[open] != '(')
        open++;
    for (close = open; close < path->len && path->data[close] != ')'; close++)
        ;
    if (close >= path->len)
        return false;
    *name = span_sub(*path, 0, open);
    *text = span_sub(*path, open + 1, close - open - 1);
    *path = span_sub(*path, close + 1, path->len - close - 1);
    return true;
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
    return parse_number(text, entry->form == BOOTINI_SIGNATURE ? 16 : 10, &entry->adapter);
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
        if (!next_part(&path, &name, &text) || !ascii_equal(name, names[i]) || !parse_number(text, 10, numbers[i]))
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

    while (next_line(&text, &line)) {
        bool pair = split(line, '=', &before, &after);

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
    struct span          path;

    if (!find_default(text, &path))
        return false;
    if (!parse_path(path, &entry))
        entry = (struct bootini_entry){ .form = BOOTINI_OTHER };
    *out = entry;
    return true;
}
