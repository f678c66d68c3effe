/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_config.c - ldmboot.cfg, then a command line, from any bytes: what is kept is what an honest file could say, and the
 * same bytes say the same twice (asked of one length in four).
 */
#include <assert.h>
#include <string.h>

#include "common/settings/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t memory[1 << 18];

static struct config read_both(const uint8_t *data, size_t size)
{
    struct arena     a = arena_of(memory, sizeof memory);
    struct config    cfg = config_default();
    struct note_list notes = { 0 };

    config_parse(span_of(data, size), &a, &cfg, &notes);
    config_apply_command_line((const char *)data, size, &a, &cfg, &notes);
    return cfg;
}

static void check_name(const char name[CONFIG_VALUE_MAX])
{
    assert(memchr(name, '\0', CONFIG_VALUE_MAX) != NULL);
    for (; *name; name++)
        assert((unsigned char)*name >= ' ' && *name != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config cfg = read_both(data, size), again = size % 4 == 0 ? read_both(data, size) : cfg;

    check_name(cfg.volume);
    check_name(cfg.disk);
    check_name(cfg.component);
    assert(cfg.serial_baud > 0 && 115200 % cfg.serial_baud == 0);
    assert(!cfg.question_timeout_set || cfg.question_timeout > 0);
    assert(strcmp(cfg.volume, again.volume) == 0 && cfg.timeout == again.timeout && cfg.serial_port == again.serial_port);
    return 0;
}
