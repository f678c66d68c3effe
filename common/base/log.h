/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.h - text for people: formatting, progress lines, and notes that stay with
 * the object they are about.
 *
 * common/ never prints: it writes lines to a `struct log` that the platform gave it, and keeps notes in the model.
 */
#ifndef LDMBOOT_LOG_H
#define LDMBOOT_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "status.h"

/*
 * A printf for the boot program: %s %c %d %u %x %X %lu %lx %zu %llu %llx %02x-style
 * width and zero fill, '-' for left-justified %s with a width, %%. Nothing else.
 * Writes at most `size` bytes with the NUL; returns the length that the whole text has.
 */
size_t text_format(char *buf, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
size_t text_vformat(char *buf, size_t size, const char *format, va_list args) __attribute__((format(printf, 3, 0)));

/* Formatted text in arena memory; "" when the arena is full (never NULL). */
const char *text_in_arena(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* How much of a text goes on its first line of `width` columns: up to a blank where there is one. */
size_t text_line_length(const char *text, size_t width);

/* Where progress lines go: screen and serial, stderr, or a test's buffer. */
struct log {
    void (*line)(struct log *log, const char *text);  /* one line, without the line end */
};

#define LOG_LINE_SIZE 384  /* "LDM-dddd: ", the longest subject and the longest sentence; longer lines are cut */

/* Write one line; `log` may be NULL (silence). */
void log_line(struct log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One remark about an object of the model; printed as "LDM-dddd: text". */
struct note {
    enum status  code;
    const char  *text;  /* "subject: sentence" */
    struct note *next;
};

struct note_list {
    struct note *first, *last;
    size_t       count;
};

/*
 * Add a note: its text is "<formatted subject>: <sentence of the code>".
 * A full arena drops the note (the caller's own status says what matters);
 * a note that says exactly the same as one in the list is not added twice.
 */
void note_add(struct note_list *list, struct arena *a, enum status code, const char *subject, ...)
    __attribute__((format(printf, 4, 5)));

/* Add a note whose text is made already; it is kept, not copied. False: it is there already, or the arena is full. */
bool note_put(struct note_list *list, struct arena *a, enum status code, const char *text);

/*
 * A note's text for a place of a few lines: as it is, or, when a long name fills it, the sentence alone. Who
 * it is about must stand beside it.
 */
const char *note_brief(enum status code, const char *text);

/* Write the line "LDM-dddd: text". */
void log_note(struct log *log, enum status code, const char *text);

/* Write every note of the list to the log, such a line each. */
void log_notes(struct log *log, const struct note_list *list);

/* Write "LDM-dddd: subject: sentence" and, when there is one, a line with the next step. */
void log_error(struct log *log, enum status code, const char *subject);

#endif
