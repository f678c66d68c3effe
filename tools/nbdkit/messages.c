/* SPDX-License-Identifier: GPL-2.0-or-later */
/* messages.c - see messages.h. Names in the lines come from disks: no control characters go to the terminal. */
#include "messages.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct words {
    enum message number;
    const char  *sentence, *next_step;
};

static const struct words all[] = {
#define MESSAGE(name, number, sentence, next_step) { MESSAGE_##name, sentence, next_step },
#include "messages.def"
#undef MESSAGE
};

static const struct words *find(enum message m)
{
    size_t i = 0;

    while (i + 1 < sizeof all / sizeof all[0] && all[i].number != m)
        i++;
    return &all[i];
}

const char *message_sentence(enum message m)
{
    return find(m)->sentence;
}

size_t message_letter(struct span text, size_t *pos, uint8_t out[UTF8_MAX_BYTES])
{
    uint8_t  byte = rd_u8(text, *pos);
    uint32_t c = utf8_letter(text, pos);

    if (c == NOT_UTF8)
        c = byte;
    return utf8_put(utf_is_control(c) ? '?' : c, out);
}

static void put_line(struct log *log, const char *text)
{
    struct span line = span_of(text, strlen(text));
    uint8_t     letter[UTF8_MAX_BYTES];

    (void)log;
    for (size_t pos = 0; pos < line.len;) {
        size_t bytes = message_letter(line, &pos, letter);

        fwrite(letter, 1, bytes, stderr);
    }
    fputc('\n', stderr);
}

static struct log to_stderr = { put_line };

void say(enum message m, const char *subject, ...)
{
    const struct words *words = find(m);
    char                about[256];
    va_list             args;

    va_start(args, subject);
    vsnprintf(about, sizeof about, subject, args);
    va_end(args);
    log_line(&to_stderr, "LDM-%04u: %s: %s", (unsigned)m, about, words->sentence);
    if (words->next_step[0])
        log_line(&to_stderr, "          %s", words->next_step);
}

void say_status(enum status st, const char *subject)
{
    log_error(&to_stderr, st, subject);
}

void say_note(const struct note *note)
{
    log_note(&to_stderr, note->code, note->text);
}
