/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * status.c - words for the numbers of status.def.
 *
 * The words are one run of text, and the table has places in it and not pointers, which would cost the EFI programs, where
 * pointers have to be relocated, another 5 KB.
 */
#include "status.h"

#include <stddef.h>
#include <stdint.h>

#include "mem.h"

/* Each one's sentence and, behind it, its next step. */
struct words {
    char ok[sizeof "no error"], ok_next[sizeof ""];
#define STATUS(name, number, sentence, next_step) char name[sizeof sentence], name##_next[sizeof next_step];
#include "status.def"
#undef STATUS
    char unknown[sizeof "unknown error"], unknown_next[sizeof ""];
};

static const struct words words = {
    "no error", "",
#define STATUS(name, number, sentence, next_step) sentence, next_step,
#include "status.def"
#undef STATUS
    "unknown error", "",
};

static const struct {
    uint16_t code, place;  /* of its sentence in `words` */
} places[] = {
    { STATUS_OK, offsetof(struct words, ok) },
#define STATUS(name, number, sentence, next_step) { STATUS_##name, offsetof(struct words, name) },
#include "status.def"
#undef STATUS
};

const char *status_sentence(enum status code)
{
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (places[i].code == code)
            return (const char *)&words + places[i].place;
    return (const char *)&words + offsetof(struct words, unknown);
}

const char *status_next_step(enum status code)
{
    const char *sentence = status_sentence(code);

    return sentence + strlen(sentence) + 1;
}
