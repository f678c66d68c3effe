/* SPDX-License-Identifier: GPL-2.0-or-later */
/* path.c - see path.h. */
#include "path.h"

#include "common/base/mem.h"

#define NOT_ASCII      0x10000u  /* greater than every UTF-16 unit: equal to none */
#define DOTLESS_I      0x0131u   /* upper case I and S in Unicode; Windows's own $UpCase table */
#define LONG_S         0x017fu   /* maps neither, but it is the volume's table that counts */

static bool is_separator(char c)
{
    return c == '\\' || c == '/';
}

static uint32_t upper(uint32_t unit)
{
    return unit >= 'a' && unit <= 'z' ? unit - 'a' + 'A' : unit;
}

static uint32_t upper_of_char(char c)
{
    unsigned char u = (unsigned char)c;

    return u < 0x80 ? upper(u) : NOT_ASCII;
}

bool fs_path_next(const char **path, struct fs_name *part)
{
    const char *start = *path, *end;

    while (is_separator(*start))
        start++;
    for (end = start; *end && !is_separator(*end);)
        end++;
    *path = end;
    if (end == start)
        return false;
    *part = (struct fs_name){ start, (size_t)(end - start) };
    return true;
}

bool fs_all_found(const struct fs_lookup *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!names[i].found)
            return false;
    return true;
}

struct fs_name fs_name_of(const char *text)
{
    return (struct fs_name){ text, strlen(text) };
}

int fs_name_compare(struct fs_name name, struct span utf16, bool *unsure)
{
    size_t units = utf16.len / 2;

    for (size_t i = 0; i < name.len && i < units; i++) {
        uint32_t ours = upper_of_char(name.text[i]), theirs = upper(rd_le16(utf16, 2 * i));

        if (ours == theirs)
            continue;
        if (theirs == DOTLESS_I || theirs == LONG_S)
            *unsure = true;
        return ours < theirs ? -1 : 1;
    }
    if (name.len == units)
        return 0;
    return name.len < units ? -1 : 1;
}
