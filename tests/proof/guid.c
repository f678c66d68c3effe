/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guid.c - GUIDs from text and from both binary forms, and back to text.
 *
 * Sources: common/base/guid.c
 * Assumes: 0 to 64 bytes, any of them; any offset.
 */
#include "proof.h"

#include "common/base/guid.h"

static uint8_t region[SLACK * 64];

int main(void)
{
    struct span s = any_span(region, 64);
    struct guid g;
    char        text[GUID_TEXT_SIZE];

    if (guid_parse(s, &g))
        (void)guid_format(&g, text);
    g = guid_from_bytes(s, any_size());
    g = guid_from_mixed(s, any_size());
    (void)guid_format(&g, text);
    return guid_is_zero(&g);
}
