/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * status.c - words for the numbers of status.def.
 *
 * The words are one run of text and not a table of pointers, which would cost the EFI programs,
 * where pointers have to be relocated, another 5 KB.
 */
#include "status.h"

#include <stddef.h>
#include <stdint.h>

#include "mem.h"

static const uint16_t codes[] = {
    STATUS_OK,
#define STATUS(name, number, sentence, next_step) STATUS_##name,
#include "status.def"
#undef STATUS
};

/* In the order of `codes`: each one's sentence and next step, each with a NUL behind it. */
static const char words[] = "no error\0" "\0"
#define STATUS(name, number, sentence, next_step) sentence "\0" next_step "\0"
#include "status.def"
#undef STATUS
    "unknown error\0";

static const char *next_text(const char *text)
{
    return text + strlen(text) + 1;
}

/* The sentence of a code, its next step behind it; the last one for a number that is not in the list. */
static const char *find(enum status code)
{
    const char *text = words;

    for (size_t i = 0; i < sizeof codes / sizeof codes[0] && codes[i] != code; i++)
        text = next_text(next_text(text));
    return text;
}

const char *status_sentence(enum status code)
{
    return find(code);
}

const char *status_next_step(enum status code)
{
    return next_text(find(code));
}
