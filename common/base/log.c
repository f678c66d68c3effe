/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log.c - formatting without a C library, progress lines, notes. */
#include "log.h"

#include <stdint.h>

#include "div64.h"
#include "mem.h"

#define BRIEF_SIZE   160
#define SUBJECT_SIZE 256  /* of a note; a name of 255 bytes must not push the sentence out of its line */

struct out {
    char  *buf;
    size_t size, len;  /* len: what the whole text has, also beyond size */
};

static void put(struct out *o, char c)
{
    if (o->len + 1 < o->size)
        o->buf[o->len] = c;
    o->len++;
}

struct field {
    bool     left, zero;
    unsigned width;
    unsigned longs;  /* number of l; z counts as size_t */
    bool     is_size;
};

static void put_padded(struct out *o, const struct field *f, const char *text, size_t len)
{
    size_t fill = f->width > len ? f->width - len : 0;

    if (!f->left)
        for (; fill > 0; fill--)
            put(o, f->zero ? '0' : ' ');
    for (size_t i = 0; i < len; i++)
        put(o, text[i]);
    for (; fill > 0; fill--)
        put(o, ' ');
}

static void put_number(struct out *o, const struct field *f, uint64_t v, uint32_t base, bool upper, bool negative)
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    char        text[24];
    size_t      pos = sizeof text;

    do {
        uint32_t digit;

        v = div_u64(v, base, &digit);
        text[--pos] = digits[digit];
    } while (v);
    if (negative)
        text[--pos] = '-';
    put_padded(o, f, text + pos, sizeof text - pos);
}

static const char *parse_field(const char *p, struct field *f)
{
    *f = (struct field){ 0 };
    for (; *p == '-' || *p == '0'; p++)
        if (*p == '-')
            f->left = true;
        else
            f->zero = true;
    for (; *p >= '0' && *p <= '9'; p++)
        f->width = f->width * 10 + (unsigned)(*p - '0');
    for (; *p == 'l'; p++)
        f->longs++;
    if (*p == 'z') {
        f->is_size = true;
        p++;
    }
    return p;
}

/* va_list is passed by pointer: it may be an array type, which a call would not advance. */
static uint64_t next_unsigned(const struct field *f, va_list *args)
{
    if (f->is_size)
        return va_arg(*args, size_t);
    if (f->longs >= 2)
        return va_arg(*args, unsigned long long);
    if (f->longs == 1)
        return va_arg(*args, unsigned long);
    return va_arg(*args, unsigned);
}

static void put_conversion(struct out *o, char conversion, const struct field *f, va_list *args)
{
    switch (conversion) {
    case 's': {
        const char *s = va_arg(*args, const char *);

        s = s ? s : "";
        put_padded(o, f, s, strlen(s));
        break;
    }
    case 'c': {
        char c = (char)va_arg(*args, int);

        put_padded(o, f, &c, 1);
        break;
    }
    case 'd': {
        int v = va_arg(*args, int);

        put_number(o, f, v < 0 ? 0u - (unsigned)v : (unsigned)v, 10, false, v < 0);
        break;
    }
    case 'u': put_number(o, f, next_unsigned(f, args), 10, false, false); break;
    case 'x': put_number(o, f, next_unsigned(f, args), 16, false, false); break;
    case 'X': put_number(o, f, next_unsigned(f, args), 16, true, false); break;
    default:  put(o, conversion); break;  /* %% and what is not supported */
    }
}

size_t text_vformat(char *buf, size_t size, const char *format, va_list args)
{
    struct out o = { buf, size, 0 };
    va_list    ap;

    va_copy(ap, args);
    for (const char *p = format; *p; p++) {
        struct field f;

        if (*p != '%') {
            put(&o, *p);
            continue;
        }
        p = parse_field(p + 1, &f);
        if (!*p)
            break;
        put_conversion(&o, *p, &f, &ap);
    }
    va_end(ap);
    if (size)
        buf[o.len < size ? o.len : size - 1] = '\0';
    return o.len;
}

size_t text_format(char *buf, size_t size, const char *format, ...)
{
    va_list args;
    size_t  len;

    va_start(args, format);
    len = text_vformat(buf, size, format, args);
    va_end(args);
    return len;
}

static const char *vtext_in_arena(struct arena *a, const char *format, va_list args)
{
    size_t len = text_vformat(NULL, 0, format, args);
    char  *text = arena_alloc(a, len + 1);

    if (!text)
        return "";
    (void)text_vformat(text, len + 1, format, args);
    return text;
}

const char *text_in_arena(struct arena *a, const char *format, ...)
{
    va_list     args;
    const char *text;

    va_start(args, format);
    text = vtext_in_arena(a, format, args);
    va_end(args);
    return text;
}

size_t text_line_length(const char *text, size_t width)
{
    size_t len = strlen(text), cut = width;

    if (len <= width)
        return len;
    while (cut > 0 && text[cut] != ' ')
        cut--;
    return cut ? cut : width;
}

void log_line(struct log *log, const char *format, ...)
{
    char    text[LOG_LINE_SIZE];
    va_list args;

    if (!log)
        return;
    va_start(args, format);
    (void)text_vformat(text, sizeof text, format, args);
    va_end(args);
    log->line(log, text);
}

static bool already_noted(const struct note_list *list, enum status code, const char *text)
{
    for (const struct note *n = list->first; n; n = n->next)
        if (n->code == code && strcmp(n->text, text) == 0)
            return true;
    return false;
}

bool note_put(struct note_list *list, struct arena *a, enum status code, const char *text)
{
    struct note *note;

    if (already_noted(list, code, text) || !(note = arena_alloc(a, sizeof *note)))
        return false;
    *note = (struct note){ code, text, NULL };
    if (list->last)
        list->last->next = note;
    else
        list->first = note;
    list->last = note;
    list->count++;
    return true;
}

void note_add(struct note_list *list, struct arena *a, enum status code, const char *subject, ...)
{
    char    who[SUBJECT_SIZE];
    va_list args;
    size_t  mark = arena_mark(a);

    va_start(args, subject);
    (void)text_vformat(who, sizeof who, subject, args);
    va_end(args);

    if (!note_put(list, a, code, text_in_arena(a, "%s: %s", who, status_sentence(code))))
        arena_release(a, mark);
}

const char *note_brief(enum status code, const char *text)
{
    return strlen(text) < BRIEF_SIZE ? text : status_sentence(code);
}

void log_note(struct log *log, enum status code, const char *text)
{
    log_line(log, "LDM-%04u: %s", (unsigned)code, text);
}

void log_notes(struct log *log, const struct note_list *list)
{
    for (const struct note *n = list->first; n; n = n->next)
        log_note(log, n->code, n->text);
}

void log_error(struct log *log, enum status code, const char *subject)
{
    const char *next = status_next_step(code);

    log_line(log, "LDM-%04u: %s: %s", (unsigned)code, subject, status_sentence(code));
    if (*next)
        log_line(log, "          %s", next);
}
