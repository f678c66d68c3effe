/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_fakembr.c - the sector 0 that Windows's loaders see (docs/windows-boot.md, "Sector 0 as shown"). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/present/fakembr.h"
#include "common/disk/mbr.h"
#include "common/base/span.h"

static const struct fake_entry one_entry[4] = { { .type = 0x07, .active = 1, .start = 20000, .sectors = 96256 } };

static uint32_t sum(const uint8_t s[512])
{
    uint32_t total = 0;

    for (size_t i = 0; i < 512; i += 4)
        total += (uint32_t)s[i] | (uint32_t)s[i + 1] << 8 | (uint32_t)s[i + 2] << 16 | (uint32_t)s[i + 3] << 24;
    return total;
}

static void fill_random(uint8_t s[512])
{
    for (size_t i = 0; i < 512; i++)
        s[i] = (uint8_t)(rand() % 255 + 1);  /* no zero dword anywhere */
}

static size_t changed_code_dwords(const uint8_t a[512], const uint8_t b[512], size_t *where)
{
    size_t count = 0;

    for (size_t off = 0; off < 0x1b8; off += 4)
        if (memcmp(a + off, b + off, 4) != 0) {
            *where = off;
            count++;
        }
    return count;
}

static void test_entry_signature_and_magic(void **state)
{
    uint8_t    real[512], out[512];
    struct mbr m;

    (void)state;
    fill_random(real);
    fakembr_make(real, one_entry, 255, 63, out);
    m = mbr_parse(span_of(out, 512));
    assert_true(m.valid);
    assert_int_equal(m.signature, mbr_parse(span_of(real, 512)).signature);
    assert_memory_equal(out + 0x1b8, real + 0x1b8, 6);
    assert_true(m.entries[0].active);
    assert_int_equal(m.entries[0].type, 7);
    assert_int_equal(m.entries[0].start, 20000);
    assert_int_equal(m.entries[0].sectors, 96256);
    for (size_t i = 0x1ce; i < 0x1fe; i++)
        assert_int_equal(out[i], 0);
}

static void test_the_sum_stays_and_one_dword_pays(void **state)
{
    (void)state;
    srand(7);
    for (int round = 0; round < 500; round++) {
        uint8_t real[512], out[512];
        size_t  where = 0;

        fill_random(real);
        fakembr_make(real, one_entry, 255, 63, out);
        assert_int_equal(sum(out), sum(real));
        assert_int_equal(changed_code_dwords(real, out, &where), 1);
        assert_int_equal(where, 0x1b0);  /* no zero dword: the one that boot code can spare */
    }
}

static void test_a_zero_dword_is_preferred(void **state)
{
    uint8_t real[512], out[512];
    size_t  where = 0;

    (void)state;
    fill_random(real);
    memset(real + 0x180, 0, 12);
    fakembr_make(real, one_entry, 255, 63, out);
    assert_int_equal(sum(out), sum(real));
    assert_int_equal(changed_code_dwords(real, out, &where), 1);
    assert_int_equal(where, 0x188);

    fill_random(real);
    memset(real, 0, 8);
    fakembr_make(real, one_entry, 255, 63, out);
    assert_int_equal(changed_code_dwords(real, out, &where), 1);
    assert_int_equal(where, 4);

    fill_random(real);
    memset(real, 0, 4);  /* never the very first one: it is where the code begins */
    fakembr_make(real, one_entry, 255, 63, out);
    assert_int_equal(changed_code_dwords(real, out, &where), 1);
    assert_int_equal(where, 0x1b0);
}

static void test_a_sector_that_is_right_already_is_not_touched(void **state)
{
    uint8_t real[512], out[512], again[512];

    (void)state;
    fill_random(real);
    fakembr_make(real, one_entry, 255, 63, out);
    fakembr_make(out, one_entry, 255, 63, again);
    assert_memory_equal(out, again, 512);
}

static void test_a_blank_sector(void **state)
{
    static const uint8_t real[512];
    uint8_t              out[512];

    (void)state;
    fakembr_make(real, one_entry, 255, 63, out);
    assert_int_equal(sum(out), 0);
    assert_int_equal(out[510], 0x55);
    assert_int_equal(out[511], 0xaa);
}

static void test_chs_within_reach(void **state)
{
    static const uint8_t real[512];
    uint8_t              out[512];
    /* 255 heads, 63 sectors: LBA 20000 = cylinder 1, head 62, sector 30; the last is 116255 = 7, 60, 21. */
    static const uint8_t wanted[] = { 0x80, 62, 30, 1, 0x07, 60, 21, 7 };

    (void)state;
    fakembr_make(real, one_entry, 255, 63, out);
    assert_memory_equal(out + 0x1be, wanted, sizeof wanted);
}

static void test_chs_high_cylinder_bits(void **state)
{
    static const struct fake_entry e[4] = { { .type = 7, .start = 1000u * 16 * 63, .sectors = 1 } };
    static const uint8_t real[512], wanted[] = { 0x00, 0, 1 | 3 << 6, 1000 & 0xff, 0x07, 0, 1 | 3 << 6, 1000 & 0xff };
    uint8_t                        out[512];

    (void)state;
    fakembr_make(real, e, 16, 63, out);
    assert_memory_equal(out + 0x1be, wanted, sizeof wanted);
}

static void test_chs_out_of_reach(void **state)
{
    static const struct fake_entry e[4] = {
        { .type = 7, .start = 1024u * 255 * 63 - 1, .sectors = 0xffffffffu - 1024u * 255 * 63 }
    };
    static const uint8_t           real[512], beyond[] = { 0xfe, 0xff, 0xff };
    uint8_t                        out[512];

    (void)state;
    fakembr_make(real, e, 255, 63, out);
    assert_int_equal(out[0x1bf], 254);  /* the very last cylinder, head, sector */
    assert_int_equal(out[0x1c0], 0xff);
    assert_int_equal(out[0x1c1], 0xff);
    assert_memory_equal(out + 0x1c3, beyond, 3);
    fakembr_make(real, e, 0, 0, out);  /* no geometry at all: no division by zero */
    assert_memory_equal(out + 0x1bf, beyond, 3);
}

/* The first and the last sector of an entry as CHS, of many geometries; FE FF FF where CHS does not reach. */
static void test_chs_of_many_geometries(void **state)
{
    static const struct { uint16_t heads, track; uint32_t start, sectors; uint8_t first[3], last[3]; } cases[] = {
        { 16, 63, 300u * 16 * 63 + 5 * 63 + 7, 1, { 5, 8 | 1 << 6, 300 & 0xff }, { 5, 8 | 1 << 6, 300 & 0xff } },
        { 16, 63, 600u * 16 * 63, 16 * 63, { 0, 1 | 2 << 6, 600 & 0xff }, { 15, 63 | 2 << 6, 600 & 0xff } },
        { 255, 63, 1024u * 255 * 63, 1, { 0xfe, 0xff, 0xff }, { 0xfe, 0xff, 0xff } },
        { 255, 1, 255 * 7 + 3, 2, { 3, 1, 7 }, { 4, 1, 7 } }, { 1, 63, 63 * 9 + 4, 2, { 0, 5, 9 }, { 0, 6, 9 } },
        { 255, 0, 63, 1, { 0xfe, 0xff, 0xff }, { 0xfe, 0xff, 0xff } }, { 0, 63, 63, 1, { 0xfe, 0xff, 0xff }, { 0xfe, 0xff, 0xff } },
        { 255, 63, 63, 0, { 1, 1, 0 }, { 1, 1, 0 } },  /* of no sectors: it ends where it begins */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct fake_entry e = { .type = 7, .start = cases[i].start, .sectors = cases[i].sectors };
        uint8_t                 out[16];

        fakembr_put_entry(out, &e, cases[i].heads, cases[i].track);
        assert_memory_equal(out + 1, cases[i].first, 3);
        assert_memory_equal(out + 5, cases[i].last, 3);
    }
}

static void test_four_entries_in_their_slots(void **state)
{
    static const struct fake_entry e[4] = { { 0x12, 0, 63, 100 }, { 0 }, { 0x07, 1, 20000, 96256 }, { 0x0c, 0, 5, 6 } };
    static const uint8_t           real[512];
    uint8_t                        out[512];
    struct mbr                     m;

    (void)state;
    fakembr_make(real, e, 255, 63, out);
    m = mbr_parse(span_of(out, 512));
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(m.entries[i].type, e[i].type);
        assert_int_equal(m.entries[i].active, e[i].active);
        assert_int_equal(m.entries[i].start, e[i].start);
        assert_int_equal(m.entries[i].sectors, e[i].sectors);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entry_signature_and_magic),
        cmocka_unit_test(test_the_sum_stays_and_one_dword_pays),
        cmocka_unit_test(test_a_zero_dword_is_preferred),
        cmocka_unit_test(test_a_sector_that_is_right_already_is_not_touched),
        cmocka_unit_test(test_a_blank_sector),
        cmocka_unit_test(test_chs_within_reach),
        cmocka_unit_test(test_chs_high_cylinder_bits),
        cmocka_unit_test(test_chs_out_of_reach),
        cmocka_unit_test(test_chs_of_many_geometries),
        cmocka_unit_test(test_four_entries_in_their_slots),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
