/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_store_options.c - bcdedit's names, Microsoft's numbers for them, and the values that each takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/arena.h"
#include "common/settings/store_options.h"

/* Numbers: Microsoft's BcdOSLoaderElementTypes (0x2...) and BcdLibraryElementTypes (0x1...); words: bcdedit's, from 0 on. */
static const struct { const char *name; uint32_t element; const char *words[4]; } options[] = {
    { "safeboot", 0x25000080, { "minimal", "network", "dsrepair", NULL } },
    { "safebootalternateshell", 0x26000081, { "no", "yes", NULL } },
    { "lastknowngood", 0x26000025, { "no", "yes", NULL } },
    { "advancedoptions", 0x16000040, { "no", "yes", NULL } },
    { "optionsedit", 0x16000041, { "no", "yes", NULL } },
    { "bootlog", 0x26000090, { "no", "yes", NULL } },
    { "sos", 0x26000091, { "no", "yes", NULL } },
    { "nx", 0x25000020, { "optin", "optout", "alwaysoff", "alwayson" } },
    { "hypervisorlaunchtype", 0x250000f0, { "off", "auto", NULL } },
    { "ems", 0x260000b0, { "no", "yes", NULL } },
    { "bootems", 0x16000020, { "no", "yes", NULL } },
    { "emsport", 0x15000022, { NULL } },
    { "emsbaudrate", 0x15000023, { NULL } },
    { "debug", 0x260000a0, { "no", "yes", NULL } },
    { "debugtype", 0x15000011, { "serial", "1394", "usb", NULL } },
    { "debugport", 0x15000013, { NULL } },
    { "baudrate", 0x15000014, { NULL } },
};

static struct span text(const char *s)
{
    return span_of(s, strlen(s));
}

static void test_names_and_numbers(void **state)
{
    (void)state;
    assert_int_equal(ARRAY_LEN(options), STORE_OPTION_COUNT);
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        size_t option = store_option_find(text(options[i].name));

        assert_true(option < STORE_OPTION_COUNT);
        assert_int_equal(store_option_list[option].element, options[i].element);
        assert_int_equal(store_option_is_boolean(option), (options[i].element >> 24 & 0xf) == 6);
    }
    assert_int_equal(store_option_find(text("SOS")), STORE_SOS);
    assert_int_equal(store_option_find(text("so")), STORE_OPTION_COUNT);
    assert_int_equal(store_option_find(text("")), STORE_OPTION_COUNT);
}

static void assert_taken(size_t option, const char *value, uint32_t number)
{
    struct store_options o = { 0 };

    assert_true(store_option_parse(&o, option, text(value)));
    assert_int_equal(o.given, 1u << option);
    assert_int_equal(o.value[option], number);
    assert_true(store_option_given(&o, option));
    assert_int_equal(store_option_on(&o, option), number != 0);
}

static void assert_refused(size_t option, const char *value)
{
    struct store_options o = { 0 }, before = o;

    assert_false(store_option_parse(&o, option, text(value)));
    assert_memory_equal(&o, &before, sizeof o);
}

static void test_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        size_t   option = store_option_find(text(options[i].name));
        uint32_t n = 0;

        for (; n < 4 && options[i].words[n]; n++) {
            assert_taken(option, options[i].words[n], n);
            assert_string_equal(store_option_word(option, n), options[i].words[n]);
        }
        assert_refused(option, "");
        assert_refused(option, "maybe");
        assert_refused(option, "0");
        if (store_option_is_boolean(option)) {
            assert_taken(option, "off", 0);
            assert_taken(option, "ON", 1);
            assert_refused(option, "1");
        }
        if (n == 0) {
            assert_taken(option, "1", 1);
            assert_taken(option, "115200", 115200);
            assert_taken(option, "1000000", 1000000);
            assert_refused(option, "1000001");
            assert_null(store_option_word(option, 1));
        }
    }
}

/* What is given last counts; the others stay. */
static void test_several(void **state)
{
    struct store_options o = { 0 };

    (void)state;
    assert_true(store_option_parse(&o, STORE_SOS, text("yes")));
    assert_true(store_option_parse(&o, STORE_DEBUG_BAUD, text("9600")));
    assert_true(store_option_parse(&o, STORE_SOS, text("no")));
    assert_false(store_option_parse(&o, STORE_DEBUG_BAUD, text("fast")));
    assert_int_equal(o.given, 1u << STORE_SOS | 1u << STORE_DEBUG_BAUD);
    assert_int_equal(o.value[STORE_SOS], 0);
    assert_int_equal(o.value[STORE_DEBUG_BAUD], 9600);
    assert_false(store_option_given(&o, STORE_DEBUG));
    assert_false(store_option_on(&o, STORE_DEBUG));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_and_numbers), cmocka_unit_test(test_values), cmocka_unit_test(test_several),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
