/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * status.h - what a function answers: 0 is OK, everything else has a stable
 * number (printed as LDM-dddd), one sentence, and a next step for a person.
 *
 * The list itself is status.def; docs/errors.md describes each number (a test compares the two). Numbers are never
 * reused.
 */
#ifndef LDMBOOT_STATUS_H
#define LDMBOOT_STATUS_H

enum status {
    STATUS_OK = 0,
#define STATUS(name, number, sentence, next_step) STATUS_##name = number,
#include "status.def"
#undef STATUS
};

#define NODISCARD __attribute__((warn_unused_result))

/* The sentence for a code; never NULL, also for numbers that are not in the list. */
const char *status_sentence(enum status code);

/* What the person should do next; "" where the sentence says it all. */
const char *status_next_step(enum status code);

/* Return early with the status of an expression unless it is OK. */
#define TRY(expr)                         \
    do {                                  \
        enum status try_status_ = (expr); \
        if (try_status_ != STATUS_OK)     \
            return try_status_;           \
    } while (0)

#endif
