/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_reader.c - few reads when all is well, single sectors when not, and an end to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/ldm/reader.h"
#include "tests/support/memdisk.h"

#define SECTORS 4096

struct fixture {
    struct memdisk   *disk;
    struct ldm_reader reader;
    struct sector_run run;
    uint8_t           bytes[RUN_MAX_SECTORS * 512];
};

static struct fixture *set_up(uint32_t block_size)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->disk = memdisk_new("disk", block_size, SECTORS * 512 / block_size);
    for (uint64_t i = 0; i < SECTORS; i++)
        memset(memdisk_at(f->disk, i), (int)(i % 251) + 1, 512);
    f->reader.dev = &f->disk->dev;
    f->run.bytes = f->bytes;
    return f;
}

static void tear_down(struct fixture *f)
{
    memdisk_free(f->disk);
    free(f);
}

static bool right(const struct fixture *f, uint64_t sector)
{
    struct span s = run_sector(&f->run, sector);

    return s.len == 512 && s.data[0] == sector % 251 + 1 && s.data[511] == sector % 251 + 1;
}

static void test_one_read(void **state)
{
    struct fixture *f = set_up(512);

    (void)state;
    run_read(&f->reader, 100, 64, &f->run);
    assert_int_equal(f->disk->reads, 1);
    for (uint64_t i = 100; i < 164; i++)
        assert_true(right(f, i));
    assert_int_equal(run_sector(&f->run, 99).len, 0);
    assert_int_equal(run_sector(&f->run, 164).len, 0);
    run_read(&f->reader, 0, 1000, &f->run);  /* never more than there is room for */
    assert_int_equal(f->disk->largest, 64);
    tear_down(f);
}

static void test_a_bad_sector_hides_nothing_but_itself(void **state)
{
    static const enum status how[] = { STATUS_READ_FAILED, STATUS_READ_SILENT };

    (void)state;
    for (size_t h = 0; h < 2; h++)
        for (uint64_t bad = 10; bad < 74; bad++) {
            struct fixture *f = set_up(512);

            memdisk_fail(f->disk, bad, 1, how[h]);
            run_read(&f->reader, 10, 64, &f->run);
            for (uint64_t i = 10; i < 74; i++)
                assert_int_equal(right(f, i), i != bad);
            assert_int_equal(f->disk->reads, 65);
            assert_int_equal(f->reader.last_error, how[h]);
            tear_down(f);
        }
}

static void test_blocks_of_4096(void **state)
{
    struct fixture *f = set_up(4096);

    (void)state;
    memdisk_fail(f->disk, 16, 8, STATUS_READ_FAILED);
    run_read(&f->reader, 8, 32, &f->run);
    for (uint64_t i = 8; i < 40; i++)
        assert_int_equal(right(f, i), i < 16 || i >= 24);
    assert_int_equal(f->disk->reads, 5);
    tear_down(f);
}

static void test_a_long_bad_stretch_is_given_up(void **state)
{
    struct fixture *f = set_up(512);

    (void)state;
    memdisk_fail(f->disk, 20, 1000, STATUS_READ_FAILED);
    run_read(&f->reader, 10, 64, &f->run);
    assert_true(right(f, 19));
    assert_false(right(f, 20));
    assert_int_equal(f->disk->reads, 1 + 10 + 8);
    tear_down(f);
}

static void test_a_dead_disk_is_left_alone(void **state)
{
    struct fixture *f = set_up(512);

    (void)state;
    memdisk_fail(f->disk, 0, SECTORS, STATUS_READ_FAILED);
    for (uint64_t i = 0; i < 60; i++)
        run_read(&f->reader, i * 64, 64, &f->run);
    assert_int_equal(f->disk->reads, 48);
    assert_int_equal(f->run.good, 0);
    tear_down(f);
}

static void test_the_end_of_the_disk(void **state)
{
    struct fixture *f = set_up(512);

    (void)state;
    run_read(&f->reader, SECTORS - 3, 64, &f->run);
    assert_true(right(f, SECTORS - 1));
    assert_int_equal(run_sector(&f->run, SECTORS).len, 0);
    run_read(&f->reader, SECTORS, 64, &f->run);
    run_read(&f->reader, UINT64_MAX, 64, &f->run);
    assert_int_equal(f->disk->reads, 1);
    assert_int_equal(f->run.count, 0);
    tear_down(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_read),
        cmocka_unit_test(test_a_bad_sector_hides_nothing_but_itself),
        cmocka_unit_test(test_blocks_of_4096),
        cmocka_unit_test(test_a_long_bad_stretch_is_given_up),
        cmocka_unit_test(test_a_dead_disk_is_left_alone),
        cmocka_unit_test(test_the_end_of_the_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
