/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_mbr.c - sector 0 of a disk: each field of each entry from its own bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/disk/mbr.h"

static uint8_t sector[512];

static struct mbr parse(void) { return mbr_parse(span_of(sector, sizeof sector)); }

/* Every byte different from its neighbours. */
static void test_fields(void **state)
{
    struct mbr m;

    (void)state;
    for (size_t i = 0; i < 510; i++)
        sector[i] = (uint8_t)(i * 7 + 3);
    sector[510] = 0x55;
    sector[511] = 0xaa;
    m = parse();
    assert_true(m.valid);
    assert_int_equal(m.signature, rd_le32(span_of(sector, 512), 440));
    for (size_t i = 0; i < 4; i++) {
        struct span e = span_of(sector + 446 + 16 * i, 16);

        assert_int_equal(m.entries[i].type, e.data[4]);
        assert_int_equal(m.entries[i].start, rd_le32(e, 8));
        assert_int_equal(m.entries[i].sectors, rd_le32(e, 12));
    }
}

static void test_which_are_active(void **state)
{
    static const struct { uint8_t flag; bool active; } cases[] = { { 0x80, true }, { 0x00, false }, { 0x7f, false }, { 0x81, true }, { 0x01, false } };

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++)
        for (size_t i = 0; i < 4; i++) {
            struct mbr m;

            memset(sector, 0, sizeof sector);
            for (size_t other = 0; other < 4; other++)
                memset(sector + 446 + 16 * other + 1, 0xff, 15);
            sector[446 + 16 * i] = cases[k].flag;
            m = parse();
            for (size_t other = 0; other < 4; other++)
                assert_int_equal(m.entries[other].active, other == i && cases[k].active);
        }
}

static void test_the_mark_at_the_end(void **state)
{
    static const uint8_t marks[][2] = { { 0x55, 0xaa }, { 0xaa, 0x55 }, { 0x55, 0xab }, { 0x54, 0xaa }, { 0, 0 } };

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        memset(sector, 0x11, sizeof sector);
        memcpy(sector + 510, marks[i], 2);
        assert_int_equal(parse().valid, i == 0);
    }
    assert_false(mbr_parse(span_of(sector, 0)).valid);
}

/* A type in any of the four entries, and in none. */
static void test_types(void **state)
{
    struct mbr m;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        memset(sector, 0, sizeof sector);
        for (size_t other = 0; other < 4; other++)
            sector[446 + 16 * other + 4] = 0x07;
        sector[446 + 16 * i + 4] = MBR_TYPE_LDM;
        m = parse();
        assert_true(mbr_has_type(&m, 0x42) && mbr_has_type(&m, 0x07));
        assert_false(mbr_has_type(&m, 0) || mbr_has_type(&m, 0x43) || mbr_has_type(&m, MBR_TYPE_PROTECTIVE));
    }
}

static void test_containers(void **state)
{
    (void)state;
    for (unsigned type = 0; type < 256; type++)
        assert_int_equal(mbr_type_is_extended((uint8_t)type), type == 0x05 || type == 0x0f || type == 0x85);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_which_are_active),
        cmocka_unit_test(test_the_mark_at_the_end),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_containers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
