/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store_options.c - see store_options.h. */
#include "store_options.h"

#include "common/base/ascii.h"
#include "common/base/mem.h"

#define BOOLEAN "no\0yes\0off\0on\0"  /* what bcdedit takes, and what the other keys take */

const struct store_option store_option_list[STORE_OPTION_COUNT] = {
    [STORE_SAFEBOOT]         = { "safeboot",               0x25000080, "minimal\0network\0dsrepair\0", " /safeboot:" },
    [STORE_ALTERNATE_SHELL]  = { "safebootalternateshell", 0x26000081, BOOLEAN, "(alternateshell)" },
    [STORE_LAST_KNOWN_GOOD]  = { "lastknowngood",          0x26000025, BOOLEAN, " /lastknowngood" },
    [STORE_ADVANCED_OPTIONS] = { "advancedoptions",        0x16000040, BOOLEAN, NULL },
    [STORE_OPTIONS_EDIT]     = { "optionsedit",            0x16000041, BOOLEAN, NULL },
    [STORE_BOOTLOG]          = { "bootlog",                0x26000090, BOOLEAN, " /bootlog" },
    [STORE_SOS]              = { "sos",                    0x26000091, BOOLEAN, " /sos" },
    [STORE_NX]               = { "nx",                     0x25000020, "optin\0optout\0alwaysoff\0alwayson\0", " /noexecute=" },
    [STORE_HYPERVISOR]       = { "hypervisorlaunchtype",   0x250000f0, "off\0auto\0", NULL },
    [STORE_EMS]              = { "ems",                    0x260000b0, BOOLEAN, " /redirect" },
    [STORE_BOOTEMS]          = { "bootems",                0x16000020, BOOLEAN, NULL },
    [STORE_EMS_PORT]         = { "emsport",                0x15000022, NULL, NULL },
    [STORE_EMS_BAUD]         = { "emsbaudrate",            0x15000023, NULL, NULL },
    [STORE_DEBUG]            = { "debug",                  0x260000a0, BOOLEAN, " /debug" },
    [STORE_DEBUG_TYPE]       = { "debugtype",              0x15000011, "serial\0" "1394\0" "usb\0", NULL },
    [STORE_DEBUG_PORT]       = { "debugport",              0x15000013, NULL, " /debugport=com" },
    [STORE_DEBUG_BAUD]       = { "baudrate",               0x15000014, NULL, " /baudrate=" },
};

#define FORMAT_SHIFT  24
#define FORMAT_BOOLEAN 6u
#define NUMBER_MAX    1000000u  /* ports and rates */

bool store_option_is_boolean(size_t option)
{
    return (store_option_list[option].element >> FORMAT_SHIFT & 0xf) == FORMAT_BOOLEAN;
}

size_t store_option_find(struct span name)
{
    size_t i = 0;

    while (i < STORE_OPTION_COUNT && !ascii_equal(name, store_option_list[i].name))
        i++;
    return i;
}

void store_option_set(struct store_options *o, size_t option, uint32_t value)
{
    o->given |= 1u << option;
    o->value[option] = value;
}

bool store_option_parse(struct store_options *o, size_t option, struct span value)
{
    const char *word;
    uint32_t    number = 0;

    //@ split option;
    word = store_option_list[option].words;
    if (value.len == 0 || (!word && (!ascii_number(value, 10, NUMBER_MAX, &number) || number == 0)))
        return false;
    //@ loop unroll 8;
    for (; word && !ascii_equal(value, word); word += strlen(word) + 1, number++)
        if (*word == '\0')
            return false;
    store_option_set(o, option, store_option_is_boolean(option) ? number & 1 : number);
    return true;
}

const char *store_option_word(size_t option, uint32_t value)
{
    const char *word = store_option_list[option].words;

    for (; word && value > 0 && *word; value--)
        word += strlen(word) + 1;
    return word;
}
