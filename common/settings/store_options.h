/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store_options.h - what a person wants said in a boot store, or boot.ini, that is made here: Safe Mode, a debugger, ...
 *
 * The keys are bcdedit's names, the numbers those of Microsoft's "BcdOSLoaderElementTypes" and "BcdLibraryElementTypes"
 * enumerations, the switches those of Microsoft's documentation of boot.ini. A store that is found on a disk is left as
 * it is.
 */
#ifndef LDMBOOT_STORE_OPTIONS_H
#define LDMBOOT_STORE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/span.h"

enum store_option_id {
    STORE_SAFEBOOT, STORE_ALTERNATE_SHELL, STORE_LAST_KNOWN_GOOD, STORE_ADVANCED_OPTIONS, STORE_OPTIONS_EDIT, STORE_BOOTLOG,
    STORE_SOS, STORE_NX, STORE_HYPERVISOR, STORE_EMS, STORE_BOOTEMS, STORE_EMS_PORT, STORE_EMS_BAUD, STORE_DEBUG,
    STORE_DEBUG_TYPE, STORE_DEBUG_PORT, STORE_DEBUG_BAUD, STORE_OPTION_COUNT
};

#define SAFEBOOT_MINIMAL 0u
#define SAFEBOOT_NETWORK 1u

struct store_option {
    const char *name;         /* key of ldmboot.cfg */
    uint32_t    element;      /* in the store */
    const char *words;        /* its values from 0 on, each with a NUL, one more at the end; NULL: a number */
    const char *boot_switch;  /* in boot.ini, with the blank before it; a word or number is put behind it. NULL: there is none */
};

extern const struct store_option store_option_list[STORE_OPTION_COUNT];

struct store_options {
    bool     found;                      /* none of these: a store that is found is to be used instead */
    uint32_t given;                      /* bit i: value[i] was */
    uint32_t value[STORE_OPTION_COUNT];
};

static inline bool store_option_given(const struct store_options *o, size_t option) { return o->given & 1u << option; }
/* It was given, and is neither "no" nor the first of its words. */
static inline bool store_option_on(const struct store_options *o, size_t option)
{
    return store_option_given(o, option) && o->value[option];
}

/* Elements are booleans, of one byte, or integers, of eight. */
bool store_option_is_boolean(size_t option);

/* The option with this name; STORE_OPTION_COUNT: there is none. */
size_t store_option_find(struct span name);

/* False, and nothing is changed, when it does not take this value. */
bool store_option_parse(struct store_options *o, size_t option, struct span value);

void store_option_set(struct store_options *o, size_t option, uint32_t value);

/* The word of a value; NULL: it is a number. */
const char *store_option_word(size_t option, uint32_t value);

#endif
