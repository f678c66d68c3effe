/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keys.h - keys as the menu knows them, and how a serial terminal sends them.
 *
 * A key is its ASCII character, or one of the codes below. Facts: DEC VT100 user guide, chapter 3 (cursor keys,
 * application and cursor mode); VT220 programmer reference (editing keys, ESC [ n ~), which terminal programs send for
 * Home and Page Up.
 */
#ifndef LDMBOOT_KEYS_H
#define LDMBOOT_KEYS_H

#include <stdbool.h>
#include <stdint.h>

enum key {
    KEY_NONE = -1,  /* no key within the time; or a byte that does not end a key */
    KEY_BACKSPACE = 0x08, KEY_ENTER = 0x0d, KEY_ESCAPE = 0x1b,
    KEY_UP = 0x100, KEY_DOWN, KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_HOME, KEY_END,
    KEY_OTHER,      /* a key that means nothing to the menu, but shows that somebody is there */
};

/* Bytes of a serial line to keys. Start it with all zero. */
struct key_decoder {
    uint8_t state;      /* how far into an escape sequence */
    uint8_t parameter;  /* the number in ESC [ number ~ */
    bool    after_cr;   /* CR was the last byte: an LF behind it is the same key */
};

/* The next byte; the key that it completes, or KEY_NONE. */
int key_decode(struct key_decoder *d, uint8_t byte);

/* True within an escape sequence: wait a moment for the rest, then call key_decode_end(). */
bool key_decode_pending(const struct key_decoder *d);

/* The rest did not come: what was begun is the Escape key. */
int key_decode_end(struct key_decoder *d);

#endif
