/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json.c - see json.h. Facts: RFC 8259; UTF-8 as in RFC 3629 (no surrogates, no overlong forms). */
#include "json.h"

#include <inttypes.h>
#include <string.h>

static bool is_continuation(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

/* Bytes of the valid UTF-8 character at `s`; 0 when there is none. The NUL ends every check. */
static size_t utf8_length(const unsigned char *s)
{
    if (s[0] < 0x80)
        return 1;
    if (s[0] >= 0xc2 && s[0] <= 0xdf)
        return is_continuation(s[1]) ? 2 : 0;
    if (s[0] >= 0xe0 && s[0] <= 0xef) {
        bool overlong = s[0] == 0xe0 && s[1] < 0xa0, surrogate = s[0] == 0xed && s[1] > 0x9f;

        return is_continuation(s[1]) && is_continuation(s[2]) && !overlong && !surrogate ? 3 : 0;
    }
    if (s[0] >= 0xf0 && s[0] <= 0xf4) {
        bool overlong = s[0] == 0xf0 && s[1] < 0x90, too_large = s[0] == 0xf4 && s[1] > 0x8f;
        bool complete = is_continuation(s[1]) && is_continuation(s[2]) && is_continuation(s[3]);

        return complete && !overlong && !too_large ? 4 : 0;
    }
    return 0;
}

static void write_quoted(FILE *out, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;

    fputc('"', out);
    while (*s) {
        size_t len = utf8_length(s);

        if (*s == '"' || *s == '\\')
            fprintf(out, "\\%c", *s);
        else if (len == 0 || *s < 0x20 || *s == 0x7f)
            fprintf(out, "\\u%04x", *s);
        else
            fwrite(s, 1, len, out);
        s += len ? len : 1;
    }
    fputc('"', out);
}

static void new_line(struct json *j)
{
    fputc('\n', j->out);
    for (unsigned i = 0; i < j->depth; i++)
        fputs("  ", j->out);
}

static void begin_value(struct json *j, const char *key)
{
    if (j->has_members)
        fputc(',', j->out);
    if (j->depth > 0)
        new_line(j);
    j->has_members = true;
    if (key) {
        write_quoted(j->out, key);
        fputs(": ", j->out);
    }
}

static void open_bracket(struct json *j, const char *key, char bracket)
{
    begin_value(j, key);
    fputc(bracket, j->out);
    j->depth++;
    j->has_members = false;
}

static void close_bracket(struct json *j, char bracket)
{
    j->depth--;
    if (j->has_members)
        new_line(j);
    fputc(bracket, j->out);
    j->has_members = true;
    if (j->depth == 0)
        fputc('\n', j->out);
}

void json_begin_object(struct json *j, const char *key) { open_bracket(j, key, '{'); }
void json_end_object(struct json *j)                    { close_bracket(j, '}'); }
void json_begin_array(struct json *j, const char *key)  { open_bracket(j, key, '['); }
void json_end_array(struct json *j)                     { close_bracket(j, ']'); }

void json_null(struct json *j, const char *key)
{
    begin_value(j, key);
    fputs("null", j->out);
}

void json_string(struct json *j, const char *key, const char *value)
{
    if (!value) {
        json_null(j, key);
        return;
    }
    begin_value(j, key);
    write_quoted(j->out, value);
}

void json_number(struct json *j, const char *key, uint64_t value)
{
    begin_value(j, key);
    fprintf(j->out, "%" PRIu64, value);
}

void json_bool(struct json *j, const char *key, bool value)
{
    begin_value(j, key);
    fputs(value ? "true" : "false", j->out);
}

void json_guid(struct json *j, const char *key, const struct guid *guid)
{
    char text[GUID_TEXT_SIZE];

    json_string(j, key, guid ? guid_format(guid, text) : NULL);
}
