/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config.c - ldmboot.cfg, and a command line.
 *
 * Sources: common/settings/config.c common/settings/store_options.c common/base/ascii.c
 * Assumes: a text of 0 to 8,192 bytes, any of them (longer ones are cut at 4,096); an arena of 64 KiB.
 *   Formatted text is any text (text.h).
 * Accessors: by contract
 * Eva: -eva-precision 3 -eva-auto-loop-unroll 40
 */
#include "text.h"

#include "common/settings/config.h"

static uint8_t region[SLACK * 8192], memory[0x10000];

int main(void)
{
    struct arena     a = arena_of(memory, sizeof memory);
    struct note_list notes = { 0 };
    struct config    cfg = config_default();

    config_parse(any_span(region, 8192), &a, &cfg, &notes);
    any_bytes(region, 512);
    config_apply_command_line((const char *)region, 512, &a, &cfg, &notes);
    return (int)cfg.serial;
}
