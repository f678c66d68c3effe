/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guid.h - GUIDs, kept in the byte order of their text form; GPT and EFI use the mixed order.
 */
#ifndef LDMBOOT_GUID_H
#define LDMBOOT_GUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

#define GUID_TEXT_SIZE 37  /* 36 characters and the NUL */

struct guid {
    uint8_t bytes[16];
};

bool        guid_equal(const struct guid *a, const struct guid *b);
bool        guid_is_zero(const struct guid *g);
struct guid guid_from_bytes(struct span s, size_t off);  /* text order; zero when out of bounds */
struct guid guid_from_mixed(struct span s, size_t off);  /* mixed-endian: GPT, EFI, BCD */
void        guid_to_mixed(const struct guid *g, uint8_t out[16]);

/* Text of 36 characters, any case, braces allowed, ends at NUL or span end. False: not a GUID, *out untouched. */
bool guid_parse(struct span text, struct guid *out);

/* Lower case, no braces. Returns `out`. */
const char *guid_format(const struct guid *g, char out[GUID_TEXT_SIZE]);

#endif
