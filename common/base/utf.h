/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * utf.h - one character of UTF-8 or UTF-16 at a time. Text from disks can be anything: every function takes anything.
 *
 * Boot stores are UTF-16, and so is the console of UEFI.
 * Facts: RFC 3629 (UTF-8), RFC 2781 (UTF-16).
 */
#ifndef LDMBOOT_UTF_H
#define LDMBOOT_UTF_H

#include <stdbool.h>

#include "span.h"

#define NOT_UTF8         0xffffffffu
#define UTF_REPLACEMENT  0xfffdu
#define UTF8_MAX_BYTES   4
#define UTF16_MAX_UNITS  2

/* The character at *pos, which is advanced behind what was looked at; NOT_UTF8 for anything the standard forbids. */
uint32_t utf8_next(struct span text, size_t *pos);

/* The same for showing a text: one NOT_UTF8 for each byte that belongs to no character. */
uint32_t utf8_letter(struct span text, size_t *pos);

bool utf8_valid(struct span text);

/* Writes a character; returns how many bytes. */
size_t utf8_put(uint32_t c, uint8_t out[UTF8_MAX_BYTES]);

/* The character at *pos (in units of two bytes, little-endian), which is advanced; UTF_REPLACEMENT for a lone surrogate. */
uint32_t utf16_next(struct span text, size_t *pos);

/* Writes a character, little-endian; returns how many units. */
size_t utf16_put(uint32_t c, uint8_t out[2 * UTF16_MAX_UNITS]);

/* C0, DEL and C1: what a terminal would obey and a menu cannot show. */
bool utf_is_control(uint32_t c);

/* A letter that takes one column on every console: Latin, Greek and Cyrillic, without marks that join the letter before. */
bool utf_is_narrow(uint32_t c);

/* How many letters utf8_letter() finds in the text: the columns that it takes. */
size_t utf8_letters(struct span text);

#endif
