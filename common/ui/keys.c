/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keys.c - escape sequences of a serial terminal; see keys.h. */
#include "keys.h"

/*
 * Over a network a line may stall anywhere. A wait that ends says Escape, and what comes then may be the rest of a sequence still:
 * its last letter must not be taken for a key of the menu, nor what is typed for a rest that was lost. So after an Escape that
 * was said `[` begins the rest (`O` does not, it is a key of the menu), and within a rest only what ends the keys that are known.
 */
enum {
    AT_START, AFTER_ESCAPE_KEY, IN_LATE_SEQUENCE,              /* nothing is waited for */
    AFTER_ESCAPE, AT_SEQUENCE, IN_SEQUENCE, AT_LINUX_FUNCTION
};

#define LF  0x0a
#define DEL 0x7f

#define NO_KEY 25  /* numbers from here on mean nothing, and ten times it fits */

static int cursor_key(uint8_t final)
{
    switch (final) {
    case 'A': return KEY_UP;
    case 'B': return KEY_DOWN;
    case 'H': return KEY_HOME;
    case 'F': return KEY_END;
    default:  return KEY_OTHER;
    }
}

static int editing_key(uint8_t number)
{
    switch (number) {
    case 1: case 7: return KEY_HOME;
    case 4: case 8: return KEY_END;
    case 5:         return KEY_PAGE_UP;
    case 6:         return KEY_PAGE_DOWN;
    default:        return KEY_OTHER;
    }
}

static int enter(struct key_decoder *d, uint8_t state)
{
    d->state = state;
    d->parameter = 0;
    return KEY_NONE;
}

static int decode_plain(struct key_decoder *d, uint8_t byte)
{
    bool second_of_crlf = byte == LF && d->after_cr;

    d->after_cr = byte == KEY_ENTER;
    d->state = AT_START;
    if (byte == KEY_ESCAPE)
        return enter(d, AFTER_ESCAPE);
    if (byte == 0 || second_of_crlf)  /* telnet sends CR NUL, some terminals CR LF */
        return KEY_NONE;
    if (byte == LF)
        return KEY_ENTER;
    return byte == DEL ? KEY_BACKSPACE : byte;
}

static int decode_after_escape(struct key_decoder *d, uint8_t byte)
{
    if (byte == '[' || byte == 'O')
        return enter(d, AT_SEQUENCE);
    d->state = byte == KEY_ESCAPE ? AFTER_ESCAPE_KEY : AT_START;
    return byte == KEY_ESCAPE ? KEY_ESCAPE : KEY_OTHER;
}

/* The byte that ends a sequence. */
static int decode_end(struct key_decoder *d, uint8_t byte)
{
    d->state = AT_START;
    return byte == '~' || byte == '$' ? editing_key(d->parameter) : cursor_key(byte);
}

/*
 * ECMA-48: parameters and intermediates are 20h..3Fh, one byte 40h..7Eh ends the sequence. Beside it: F1 to F5 of Linux's
 * console, ESC [ [ A to E; rxvt's editing keys with Shift, ESC [ n $ (both: their entries of terminfo).
 */
static int decode_sequence(struct key_decoder *d, uint8_t byte)
{
    if (byte == KEY_ESCAPE)  /* the end was lost */
        return enter(d, AFTER_ESCAPE);
    if (d->state == AT_SEQUENCE && byte == '[')
        return enter(d, AT_LINUX_FUNCTION);
    d->state = IN_SEQUENCE;
    if (byte >= '0' && byte <= '9') {
        d->parameter = d->parameter < NO_KEY ? (uint8_t)(d->parameter * 10 + (byte - '0')) : NO_KEY;
        return KEY_NONE;
    }
    if (byte >= 0x20 && byte < 0x40 && byte != '$')
        return KEY_NONE;
    return decode_end(d, byte);
}

static bool ends_known_key(uint8_t byte)
{
    return byte == '~' || (byte >= 'A' && byte <= 'H');
}

int key_decode(struct key_decoder *d, uint8_t byte)
{
    switch (d->state) {
    case AFTER_ESCAPE:
        return decode_after_escape(d, byte);
    case AFTER_ESCAPE_KEY:
        return byte == '[' ? enter(d, AT_SEQUENCE) : decode_plain(d, byte);
    case AT_LINUX_FUNCTION:
        d->state = AT_START;
        return KEY_OTHER;
    case IN_LATE_SEQUENCE:
        return ends_known_key(byte) ? decode_end(d, byte) : decode_plain(d, byte);
    case AT_SEQUENCE:
    case IN_SEQUENCE:
        return decode_sequence(d, byte);
    default:
        return decode_plain(d, byte);
    }
}

bool key_decode_pending(const struct key_decoder *d)
{
    return d->state >= AFTER_ESCAPE;
}

int key_decode_end(struct key_decoder *d)
{
    d->state = d->state == AFTER_ESCAPE ? AFTER_ESCAPE_KEY : IN_LATE_SEQUENCE;
    return KEY_ESCAPE;
}
