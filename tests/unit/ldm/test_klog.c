/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_klog.c - KLOG pages: entries up to the end mark, and pages that are not to be trusted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/ldm/decode.h"
#include "tests/support/ldmdisk.h"

static struct ldmdisk  *b;
static uint8_t          sector[512];
static struct klog_page page;

static int set_up(void **state)
{
    (void)state;
    b = calloc(1, sizeof *b);
    ldmdisk_init(b, memdisk_new("disk", 512, 20000), false);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    memdisk_free(b->disk);
    free(b);
    return 0;
}

static enum status decode(uint32_t index) { return klog_page_decode(span_of(sector, 512), index, &page); }

static void test_empty_page(void **state)
{
    (void)state;
    ldmdisk_make_klog_page(b, 0, sector);
    assert_int_equal(decode(0), STATUS_OK);
    assert_int_equal(page.id, 1028);
    put_be(sector + KLOG_ID, 0x8000000000000001, 8);
    assert_int_equal(decode(0), STATUS_OK);
    assert_int_equal(page.id, 0x8000000000000001);
    assert_int_equal(page.pages, 4);
    assert_int_equal(page.count, 0);
    assert_true(page.ended);
}

static void test_what_is_behind_the_end_does_not_count(void **state)
{
    (void)state;
    b->klog[0] = (struct klog_entry){ KLOG_COMMIT, 1132, 1133 };
    b->klog[1] = (struct klog_entry){ 0, 1091, 1102 };  /* left over, as on real disks */
    b->klog[2] = (struct klog_entry){ KLOG_DETACH, 11, 5 };
    b->klog_count = 3;
    ldmdisk_make_klog_page(b, 0, sector);
    assert_int_equal(decode(0), STATUS_OK);
    assert_int_equal(page.count, 1);
    assert_int_equal(page.entries[0].kind, KLOG_COMMIT);
    assert_int_equal(page.entries[0].a, 1132);
    assert_int_equal(page.entries[0].b, 1133);
    assert_true(page.ended);
}

static void test_a_full_page_is_not_ended(void **state)
{
    (void)state;
    b->klog_count = 25;
    for (size_t i = 0; i < b->klog_count; i++)
        b->klog[i] = (struct klog_entry){ KLOG_DIRTY, i, 0 };
    ldmdisk_make_klog_page(b, 0, sector);
    assert_int_equal(decode(0), STATUS_OK);
    assert_int_equal(page.count, 20);
    assert_int_equal(page.entries[19].a, 19);
    assert_false(page.ended);
    ldmdisk_make_klog_page(b, 1, sector);
    assert_int_equal(decode(1), STATUS_OK);
    assert_int_equal(page.count, 5);
    assert_int_equal(page.entries[0].a, 20);
    assert_true(page.ended);
}

static void test_pages_that_are_not_to_be_trusted(void **state)
{
    (void)state;
    ldmdisk_make_klog_page(b, 0, sector);
    assert_int_equal(decode(1), STATUS_KLOG_BAD);  /* another page's place */
    put_be(sector + KLOG_PAGES, 0, 4);
    assert_int_equal(decode(0), STATUS_KLOG_BAD);
    ldmdisk_make_klog_page(b, 0, sector);
    sector[KLOG_ENTRIES] = 6;
    assert_int_equal(decode(0), STATUS_KLOG_BAD);
    ldmdisk_make_klog_page(b, 0, sector);
    sector[3] = 'X';
    assert_int_equal(decode(0), STATUS_KLOG_BAD);
    ldmdisk_make_klog_page(b, 0, sector);
    assert_int_equal(klog_page_decode(span_of(sector, 511), 0, &page), STATUS_KLOG_BAD);
    assert_int_equal(klog_page_decode(span_of(sector, 0), 0, &page), STATUS_KLOG_BAD);
}

/* By their kind first, whatever their objects are: what is said of one is found among any others. */
static void test_entries_of_all_kinds(void **state)
{
    static const struct klog_entry entries[] = {
        { KLOG_DETACH, 50, 7 }, { KLOG_DIRTY, 40, 7 }, { KLOG_COMMIT, 30, 7 }, { KLOG_LOGDETACH, 20, 7 }, { KLOG_APP_DIRTY, 10, 7 },
    };

    (void)state;
    for (unsigned first = 0; first < 5; first++) {  /* each at the front once */
        struct klog_entry sorted[5];
        struct ldm_disk   d = { .klog = sorted, .klog_count = 5 };

        for (unsigned i = 0; i < 5; i++)
            sorted[i] = entries[(first + i) % 5];
        klog_sort(sorted, 5);
        for (unsigned i = 0; i < 5; i++) {
            struct ldm_component c = { .id = entries[i].a };

            assert_int_equal(sorted[i].kind, entries[i].kind);
            for (uint8_t kind = KLOG_DETACH; kind <= KLOG_APP_DIRTY; kind++)
                assert_int_equal(klog_names(&d, kind, 7, &c), kind == entries[i].kind);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_empty_page),
        TEST(test_what_is_behind_the_end_does_not_count),
        TEST(test_a_full_page_is_not_ended),
        TEST(test_pages_that_are_not_to_be_trusted),
        TEST(test_entries_of_all_kinds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
