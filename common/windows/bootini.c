/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bootini.c - see bootini.h. The text may be anything; every step ends at the span's end. */
#include "bootini.h"

#include "common/base/ascii.h"
#include "common/base/log.h"
#include "common/base/mem.h"

#define END_OF_FILE "\x1a"  /* Ctrl-Z ends a DOS text file */
#define LINE_ENDS   "\r\n"  /* each of them, as for NTLDR */
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

    while (len < path.len && !ascii_is_space(rd_u8(path, len)))
        len++;
    if (len >= sizeof entry->directory || rd_u8(path, 0) != '\\')
        return;
    (void)span_copy(path, 0, entry->directory, len);
    entry->directory[len] = '\0';
}

static bool parse_path(struct span path, struct bootini_entry *entry)
{
    static const char *const names[PATH_PARTS] = { NULL, "disk", "rdisk", "partition" };
    uint32_t                *numbers[PATH_PARTS] = { NULL, &entry->disk, &entry->rdisk, &entry->partition };
    struct span              name = path, text = path;

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

/* Is there a line end of two bytes before this place? */
static bool follows_cr_lf(struct span file, size_t at)
{
    return at >= 2 && rd_u8(file, at - 2) == '\r' && rd_u8(file, at - 1) == '\n';
}

/* The end of the line before, and the line up to the end of "partition(N)": what can be answered with another path. */
static void take_text(struct span file, struct span line, struct span path, struct bootini_entry *entry)
{
    size_t at = (size_t)(path.data - file.data), begin = (size_t)(line.data - file.data), len = 0;

    for (size_t parts = 0; len < path.len && parts < PATH_PARTS; len++)
        parts += rd_u8(path, len) == ')';
    if (follows_cr_lf(file, begin))
        begin -= 2;
    len += at - begin;
    if (len > sizeof entry->text || !span_copy(file, begin, entry->text, len))
        return;
    entry->text_offset = begin;
    entry->prefix_len = at - begin;
    entry->text_len = len;
}

static struct bootini_entry make_entry(struct span file, struct span line, struct span path)
{
    struct bootini_entry entry = { .form = BOOTINI_OTHER };

    if (!parse_path(path, &entry))
        return (struct bootini_entry){ .form = BOOTINI_OTHER };
    take_text(file, line, path, &entry);
    return entry;
}

/* [0] is the default one, wherever it stands. */
static void take_line(struct bootini *out, enum section section, struct span file, struct span line)
{
    struct span before, after;

    if (!split_line(line, &before, &after))
        return;
    if (section == SECTION_LOADER && ascii_equal(before, "default")) {
        out->default_implied = false;
        out->default_empty = after.len == 0;
        out->entries[0] = make_entry(file, line, after);
    } else if (section == SECTION_SYSTEMS && out->count < BOOTINI_MAX_ENTRIES) {
        out->entries[out->count++] = make_entry(file, line, before);
    }
}

void bootini_parse(struct span text, struct bootini *out)
{
    struct span   rest, behind;
    struct cursor lines;
    enum section  section = SECTION_NONE;

    memset(out, 0, sizeof *out);
    out->default_implied = true;
    out->entries[0] = (struct bootini_entry){ .form = BOOTINI_MULTI, .partition = 1, .directory = "\\WINDOWS" };
    out->count = 1;
    (void)ascii_split(text, END_OF_FILE, &rest, &behind);
    lines = cursor_of(rest);
    while (lines.pos < rest.len) {
        struct span line = ascii_next(&lines, LINE_ENDS), trimmed = ascii_trim(line);

        if (rd_u8(trimmed, 0) == '[')
            section = section_of(trimmed);
        else
            take_line(out, section, text, line);
    }
}

/* ---- the answer */

/* Bytes put one behind the other, as long as there is room. */
struct answer {
    uint8_t *bytes;
    size_t   len;
};

static void put(struct answer *a, uint8_t byte)
{
    if (a->len < BOOTINI_TEXT_MAX)
        a->bytes[a->len++] = byte;
}

static void put_all(struct answer *a, struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        put(a, rd_u8(text, i));
}

bool bootini_answer(const struct bootini_entry *entry, unsigned partition, uint8_t out[BOOTINI_TEXT_MAX])
{
    struct span   prefix = span_sub(span_of(entry->text, sizeof entry->text), 0, entry->prefix_len);
    char          path[BOOTINI_TEXT_MAX];
    size_t        len = text_format(path, sizeof path, "multi(0)disk(0)rdisk(0)partition(%u)", partition);
    size_t        room = entry->text_len - prefix.len;
    struct answer answer = { out, 0 };

    if (entry->text_len == 0)
        return false;
    if (len == room + 1 && prefix.len >= 2 && follows_cr_lf(prefix, 2)) {  /* "scsi" has a letter less: LF alone ends the line before */
        prefix = span_from(prefix, 1);
        room++;
    }
    if (len > room)
        return false;
    for (size_t fill = room - len; fill > 0; fill--)  /* a blank line more or less is nothing to NTLDR */
        put(&answer, fill & 1 ? '\n' : '\r');
    put_all(&answer, prefix);
    put_all(&answer, span_sub(span_of(path, sizeof path), 0, len));
    return true;
}

/* ---- making one */

/* A switch that is off has no text; one of words or numbers has its value behind it. */
static const char *with_switch(const char *text, const struct store_options *options, size_t i, struct arena *a)
{
    const struct store_option *option = &store_option_list[i];
    uint32_t                   value = options->value[i];

    if (!store_option_given(options, i) || !option->boot_switch || (store_option_is_boolean(i) && !value))
        return text;
    if (store_option_is_boolean(i))
        return text_in_arena(a, "%s%s", text, option->boot_switch);
    if (option->words)
        return text_in_arena(a, "%s%s%s", text, option->boot_switch, store_option_word(i, value));
    return text_in_arena(a, "%s%s%u", text, option->boot_switch, (unsigned)value);
}

struct span bootini_make(unsigned partition, const char *directory, const struct store_options *options, struct arena *a)
{
    const char *path = text_in_arena(a, "multi(0)disk(0)rdisk(0)partition(%u)%s", partition, directory), *switches = "", *text;
    bool        ems = options && store_option_on(options, STORE_EMS);

    for (size_t i = 0; options && i < STORE_OPTION_COUNT; i++)
        switches = with_switch(switches, options, i, a);
    text = text_in_arena(a, "[boot loader]\r\ntimeout=5\r\ndefault=%s\r\n%s[operating systems]\r\n%s=\"Windows\" /fastdetect%s\r\n", path,
                         ems ? "redirect=UseBiosSettings\r\n" : "", path, switches);
    return span_of(text, strlen(text));
}
