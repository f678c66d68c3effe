/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text.h - in place of common/base/log.c: text that is formatted can be any text, of any length; a note is dropped.
 *
 * Formatted text is for people: no decoder depends on what stands in it. (log.c's own bounds: its unit tests, under the
 * sanitizers, and the fuzz targets.)
 */
#ifndef LDMBOOT_PROOF_TEXT_H
#define LDMBOOT_PROOF_TEXT_H

#include "proof.h"

#include "common/base/log.h"

size_t text_format(char *buf, size_t size, const char *format, ...)
{
    (void)format;
    if (size > 0) {
        any_bytes(buf, size);
        buf[size - 1] = '\0';
    }
    return any_size();
}

const char *text_in_arena(struct arena *a, const char *format, ...)
{
    (void)a;
    (void)format;
    return "any";
}

void note_add(struct note_list *list, struct arena *a, enum status code, const char *subject, ...)
{
    (void)list;
    (void)a;
    (void)code;
    (void)subject;
}

#endif
