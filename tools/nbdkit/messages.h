/* SPDX-License-Identifier: GPL-2.0-or-later */
/* messages.h - what the plugin says to people: numbered lines on the standard error output (messages.def). */
#ifndef LDMBOOT_NBDKIT_MESSAGES_H
#define LDMBOOT_NBDKIT_MESSAGES_H

#include "common/base/log.h"
#include "common/base/span.h"
#include "common/base/utf.h"

enum message {
#define MESSAGE(name, number, sentence, next_step) MESSAGE_##name = number,
#include "messages.def"
#undef MESSAGE
};

const char *message_sentence(enum message m);

/*
 * One letter of a text that may come from a disk, as UTF-8 without anything that a terminal would obey: what is no UTF-8 is taken
 * for Latin-1, as in JSON. Returns how many bytes.
 */
size_t message_letter(struct span text, size_t *pos, uint8_t out[UTF8_MAX_BYTES]);

/* "LDM-0913: <subject>: <sentence>" and, when there is one, the next step. */
void say(enum message m, const char *subject, ...) __attribute__((format(printf, 2, 3)));

/* The same with a number of status.def; and a note that has its words already. */
void say_status(enum status st, const char *subject);
void say_note(const struct note *note);

#endif
