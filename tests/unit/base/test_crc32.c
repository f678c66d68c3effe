/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_crc32.c - the CRC-32 against published values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/crc32.h"

static void test_check_values(void **state)
{
    (void)state;
    assert_int_equal(crc32_update(0, "", 0), 0);
    assert_int_equal(crc32_update(0, "123456789", 9), 0xcbf43926);  /* the check value of CRC-32/ISO-HDLC */
    assert_int_equal(crc32_update(0, "The quick brown fox jumps over the lazy dog", 43), 0x414fa339);
}

static void test_in_pieces(void **state)
{
    (void)state;
    for (size_t cut = 0; cut <= 9; cut++)
        assert_int_equal(crc32_update(crc32_update(0, "123456789", cut), &"123456789"[cut], 9 - cut), 0xcbf43926);
}

static void test_every_bit_counts(void **state)
{
    uint8_t  data[64] = { 0 };
    uint32_t whole = crc32_update(0, data, sizeof data);

    (void)state;
    for (size_t bit = 0; bit < sizeof data * 8; bit++) {
        data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(crc32_update(0, data, sizeof data), whole);
        data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_check_values), cmocka_unit_test(test_in_pieces),
                                        cmocka_unit_test(test_every_bit_counts) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
