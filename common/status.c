/* SPDX-License-Identifier: GPL-2.0-or-later */
/* status.c - words for the numbers of status.def. */
#include "status.h"

#include <stddef.h>

struct status_text {
    enum status code;
    const char *sentence, *next_step;
};

static const struct status_text texts[] = {
    { STATUS_OK, "no error", "" },
#define STATUS(name, number, sentence, next_step) { STATUS_##name, sentence, next_step },
#include "status.def"
#undef STATUS
};

static const struct status_text *find(enum status code)
{
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].code == code)
            return &texts[i];
    return NULL;
}

const char *status_sentence(enum status code)
{
    const struct status_text *t = find(code);

    return t ? t->sentence : "unknown error";
}

const char *status_next_step(enum status code)
{
    const struct status_text *t = find(code);

    return t ? t->next_step : "";
}
