/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_guid.c - GUIDs as text, as LDM has them, as GPT and EFI have them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/guid.h"

#define TEXT "5808c8aa-7e8f-42e0-85d2-e1e90434cfb3"

static const uint8_t text_order[16] = { 0x58, 0x08, 0xc8, 0xaa, 0x7e, 0x8f, 0x42, 0xe0,
                                        0x85, 0xd2, 0xe1, 0xe9, 0x04, 0x34, 0xcf, 0xb3 };
static const uint8_t mixed_order[16] = { 0xaa, 0xc8, 0x08, 0x58, 0x8f, 0x7e, 0xe0, 0x42,
                                         0x85, 0xd2, 0xe1, 0xe9, 0x04, 0x34, 0xcf, 0xb3 };

static bool parse(const char *text, struct guid *out)
{
    return guid_parse(span_of(text, strlen(text)), out);
}

static void test_parse_and_format(void **state)
{
    struct guid g;
    char        text[GUID_TEXT_SIZE];

    (void)state;
    assert_true(parse(TEXT, &g));
    assert_memory_equal(g.bytes, text_order, 16);
    assert_string_equal(guid_format(&g, text), TEXT);
    assert_true(parse("{5808C8AA-7E8F-42E0-85D2-E1E90434CFB3}", &g));
    assert_string_equal(guid_format(&g, text), TEXT);
}

static void test_a_padded_field_as_in_privhead(void **state)
{
    char        field[64] = TEXT;
    struct guid g;

    (void)state;
    assert_true(guid_parse(span_of(field, sizeof field), &g));
    assert_memory_equal(g.bytes, text_order, 16);
}

static void test_what_is_no_guid(void **state)
{
    static const char *const bad[] = { "",
                                       "5808c8aa",
                                       TEXT "0",
                                       TEXT "}",
                                       "{" TEXT,
                                       "5808c8aa07e8f042e0085d20e1e90434cfb3",
                                       "5808c8aa-7e8f-42e0-85d2-e1e90434cfbg",
                                       "5808c8a-a7e8f-42e0-85d2-e1e90434cfb3",
                                       " " TEXT };
    struct guid g = { { 9 } };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (parse(bad[i], &g))
            fail_msg("taken for a GUID: \"%s\"", bad[i]);
    assert_int_equal(g.bytes[0], 9);  /* untouched */
}

static void test_mixed_order(void **state)
{
    struct guid g = guid_from_mixed(span_of(mixed_order, 16), 0);
    uint8_t     out[16];

    (void)state;
    assert_memory_equal(g.bytes, text_order, 16);
    guid_to_mixed(&g, out);
    assert_memory_equal(out, mixed_order, 16);
}

static void test_out_of_bounds_is_zero(void **state)
{
    struct guid a = guid_from_bytes(span_of(text_order, 16), 1), b = guid_from_mixed(span_of(text_order, 15), 0);

    (void)state;
    assert_true(guid_is_zero(&a));
    assert_true(guid_is_zero(&b));
}

static void test_equal(void **state)
{
    struct guid a = guid_from_bytes(span_of(text_order, 16), 0), b = a;

    (void)state;
    assert_true(guid_equal(&a, &b));
    assert_false(guid_is_zero(&a));
    b.bytes[15] ^= 1;
    assert_false(guid_equal(&a, &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_and_format), cmocka_unit_test(test_a_padded_field_as_in_privhead),
        cmocka_unit_test(test_what_is_no_guid), cmocka_unit_test(test_mixed_order),
        cmocka_unit_test(test_out_of_bounds_is_zero), cmocka_unit_test(test_equal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
