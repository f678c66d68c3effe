/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_span.c - numbers out of bytes, and never out of bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/span.h"

static const uint8_t bytes[9] = { 0x01, 0x02, 0x03, 0x04, 0x85, 0x06, 0x07, 0x08, 0x09 };

static void test_both_byte_orders(void **state)
{
    struct span s = span_of(bytes, sizeof bytes);

    (void)state;
    assert_int_equal(rd_u8(s, 4), 0x85);
    assert_int_equal(rd_be16(s, 0), 0x0102);
    assert_int_equal(rd_le16(s, 0), 0x0201);
    assert_int_equal(rd_be32(s, 1), 0x02030485);
    assert_int_equal(rd_le32(s, 1), 0x85040302);
    assert_true(rd_be64(s, 1) == 0x0203048506070809u);
    assert_true(rd_le64(s, 0) == 0x0807068504030201u);
    assert_int_equal(rd_be(s, 0, 3), 0x010203);
}

static void test_reads_past_the_end_give_0(void **state)
{
    struct span s = span_of(bytes, sizeof bytes);

    (void)state;
    assert_int_equal(rd_u8(s, 9), 0);
    assert_int_equal(rd_be16(s, 8), 0);
    assert_int_equal(rd_le32(s, 6), 0);
    assert_true(rd_be64(s, 2) == 0);
    assert_int_equal(rd_be32(s, SIZE_MAX), 0);
    assert_int_equal(rd_be32(s, SIZE_MAX - 3), 0);
    assert_int_equal(rd_u8(span_of(NULL, 0), 0), 0);
}

static void test_holds_never_overflows(void **state)
{
    struct span s = span_of(bytes, sizeof bytes);

    (void)state;
    assert_true(span_holds(s, 0, 9));
    assert_true(span_holds(s, 9, 0));
    assert_false(span_holds(s, 9, 1));
    assert_false(span_holds(s, 10, 0));
    assert_false(span_holds(s, 1, SIZE_MAX));
    assert_false(span_holds(s, SIZE_MAX, 1));
}

static void test_sub(void **state)
{
    struct span s = span_of(bytes, sizeof bytes), part = span_sub(s, 2, 3);

    (void)state;
    assert_int_equal(part.len, 3);
    assert_ptr_equal(part.data, bytes + 2);
    assert_int_equal(span_sub(s, 8, 2).len, 0);
    assert_int_equal(span_sub(part, 3, 0).len, 0);
}

static void test_starts_with(void **state)
{
    struct span s = span_of("PRIVHEAD", 8);

    (void)state;
    assert_true(span_starts_with(s, "PRIV", 4));
    assert_true(span_starts_with(s, "PRIVHEAD", 8));
    assert_false(span_starts_with(s, "PRIVHEADS", 9));
    assert_false(span_starts_with(s, "priv", 4));
}

static void test_writers(void **state)
{
    uint8_t              out[16];
    static const uint8_t wanted[16] = { 0xcd, 0xab, 0x78, 0x56, 0x34, 0x12, 0x08, 7, 6, 5, 4, 3, 2, 1, 0xee, 0xee };

    (void)state;
    memset(out, 0xee, sizeof out);
    wr_le16(out, 0xabcd);
    wr_le32(out + 2, 0x12345678);
    wr_le64(out + 6, 0x0102030405060708u);
    assert_memory_equal(out, wanted, sizeof wanted);
}

static void test_cursor(void **state)
{
    struct cursor c = cursor_of(span_of(bytes, sizeof bytes));

    (void)state;
    assert_int_equal(cur_be(&c, 2), 0x0102);
    cur_skip(&c, 2);
    assert_int_equal(cur_be(&c, 1), 0x85);
    assert_int_equal(cur_bytes(&c, 4).len, 4);
    assert_false(c.bad);
    assert_int_equal(cur_be(&c, 1), 0);
    assert_true(c.bad);
}

static void test_a_bad_cursor_stays_bad(void **state)
{
    struct cursor c = cursor_of(span_of(bytes, sizeof bytes));

    (void)state;
    cur_skip(&c, 10);
    assert_true(c.bad);
    assert_int_equal(cur_be(&c, 1), 0);  /* there would be a byte: but what came before is not known */
    assert_int_equal(cur_bytes(&c, 0).len, 0);
    assert_true(c.bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_byte_orders), cmocka_unit_test(test_reads_past_the_end_give_0),
        cmocka_unit_test(test_holds_never_overflows), cmocka_unit_test(test_sub), cmocka_unit_test(test_starts_with),
        cmocka_unit_test(test_writers), cmocka_unit_test(test_cursor), cmocka_unit_test(test_a_bad_cursor_stays_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
