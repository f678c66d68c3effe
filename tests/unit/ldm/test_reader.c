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

/* 1 read of all, 1 elsewhere, 9 by physical block (two of them in part), 8 or less of the sectors of the bad one. */
static void test_a_bad_sector_hides_nothing_but_itself(void **state)
{
    static const enum status how[] = { STATUS_READ_FAILED, STATUS_READ_SILENT };

    (void)state;
    for (size_t h = 0; h < 2; h++)
        for (uint64_t bad = 10; bad < 74; bad++) {
            struct fixture *f = set_up(512);

            memdisk_fail(f->disk, bad, 1, how[h]);
            run_read(&f->reader, 10, 64, &f->run);
            for (uint64_t i = 10; i < 74; i++) {
                assert_int_equal(right(f, i), i != bad);
                assert_int_equal(run_sector_is_bad(&f->run, i), i == bad);
            }
            assert_int_equal(f->disk->reads, 1 + 1 + 9 + (bad < 16 ? 6 : bad < 72 ? 8 : 2));
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
    assert_int_equal(f->disk->reads, 1 + 1 + 4);  /* the second one: is the disk alive? */
    tear_down(f);
}

/* Errors that come at once: what lies behind a hole is read, however wide that is. */
static void test_behind_a_hole(void **state)
{
    (void)state;
    for (uint64_t wide = 1; wide < 60; wide++) {
        struct fixture *f = set_up(512);

        memdisk_fail(f->disk, 20, wide, STATUS_READ_FAILED);
        run_read(&f->reader, 10, 64, &f->run);
        for (uint64_t i = 10; i < 74; i++)
            assert_int_equal(right(f, i), i < 20 || i >= 20 + wide);
        assert_int_equal(f->disk->dev.given_up, STATUS_OK);
        tear_down(f);
    }
}

/* Each failure is a wait: the hole is closed in from both sides, and what lies in it is not asked for. */
static void test_a_hole_that_costs_time(void **state)
{
    struct fixture *f = set_up(512);

    (void)state;
    run_read(&f->reader, 2000, 8, &f->run);
    memdisk_fail_slowly(f->disk, 24, 32, STATUS_READ_FAILED, 9000);
    run_read(&f->reader, 8, 64, &f->run);
    for (uint64_t i = 8; i < 72; i++) {
        assert_int_equal(right(f, i), i < 24 || i >= 56);
        assert_int_equal(run_sector_is_bad(&f->run, i), (i >= 24 && i < 32) || (i >= 48 && i < 56));
    }
    assert_int_equal(f->disk->dev.trouble.waits, 3);
    assert_int_equal(f->disk->dev.given_up, STATUS_OK);
    tear_down(f);
}

/* The run ends in a physical block that begins with its last sectors, or has none but them: they are read, up to the hole's end. */
static void test_the_last_sectors_behind_a_hole_that_costs_time(void **state)
{
    (void)state;
    for (uint64_t first = 8; first < 16; first++) {
        struct fixture *f = set_up(512);

        run_read(&f->reader, 2000, 8, &f->run);
        memdisk_fail_slowly(f->disk, 24, 48, STATUS_READ_FAILED, 9000);
        run_read(&f->reader, first, 64, &f->run);
        for (uint64_t i = first; i < first + 64; i++)
            assert_int_equal(right(f, i), i < 24 || i >= 72);
        tear_down(f);
    }
}

/* In one physical block a sector fails at once, and a later one after a wait: what is behind that one is not asked for. */
static void test_a_wait_in_the_middle_of_a_block(void **state)
{
    struct fixture *f = set_up(512);

    (void)state;
    run_read(&f->reader, 2000, 8, &f->run);
    memdisk_fail(f->disk, 26, 1, STATUS_READ_FAILED);
    memdisk_fail_slowly(f->disk, 28, 1, STATUS_READ_FAILED, 9000);
    run_read(&f->reader, 16, 32, &f->run);
    for (uint64_t i = 16; i < 48; i++) {
        assert_int_equal(right(f, i), i != 26 && (i < 28 || i >= 32));
        assert_int_equal(run_sector_is_bad(&f->run, i), i == 26 || i == 28);
    }
    assert_int_equal(f->disk->dev.trouble.waits, 1);  /* not from behind either */
    tear_down(f);
}

/* Sector 0 in a hole: a disk that has not delivered anything yet is asked elsewhere before it is called silent. */
static void test_the_first_read_fails(void **state)
{
    struct fixture *f = set_up(512);

    (void)state;
    memdisk_fail(f->disk, 0, 8, STATUS_READ_FAILED);
    memdisk_fail(f->disk, SECTORS - 8, 8, STATUS_READ_FAILED);
    run_read(&f->reader, 0, 34, &f->run);
    for (uint64_t i = 0; i < 34; i++)
        assert_int_equal(right(f, i), i >= 8);
    assert_int_equal(f->disk->dev.given_up, STATUS_OK);
    tear_down(f);
}

/* Elsewhere: its last block, one in the middle, one in the first half. That one of them answers is enough. */
static void test_where_a_disk_is_asked_for_a_sign_of_life(void **state)
{
    static const uint64_t places[] = { SECTORS - 1, SECTORS / 2, SECTORS / 4, 7 };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct fixture *f = set_up(512);

        memdisk_fail(f->disk, 0, places[i], STATUS_READ_FAILED);
        memdisk_fail(f->disk, places[i] + 1, SECTORS, STATUS_READ_FAILED);
        run_read(&f->reader, 100, 16, &f->run);
        assert_int_equal(f->run.bad, i < 3 ? 0xffff : 0);
        assert_int_equal(f->disk->dev.given_up, i < 3 ? STATUS_OK : STATUS_DISK_SILENT);
        tear_down(f);
    }
}

static void test_a_disk_that_hangs_is_asked_twice(void **state)
{
    struct fixture *f = set_up(512);

    (void)state;
    memdisk_fail_slowly(f->disk, 0, SECTORS, STATUS_READ_FAILED, 32000);
    for (uint64_t i = 0; i < 60; i++)
        run_read(&f->reader, i * 64, 64, &f->run);
    assert_int_equal(f->disk->reads, 2);
    assert_int_equal(f->disk->dev.given_up, STATUS_DISK_SILENT);
    assert_false(run_sector_is_bad(&f->run, 59 * 64));
    tear_down(f);
}

static void test_a_dead_disk_is_left_alone(void **state)
{
    struct fixture *f = set_up(512);

    (void)state;
    memdisk_fail(f->disk, 0, SECTORS, STATUS_READ_FAILED);
    for (uint64_t i = 0; i < 60; i++)
        run_read(&f->reader, i * 64, 64, &f->run);
    assert_int_equal(f->disk->reads, 4);
    assert_int_equal(f->disk->dev.given_up, STATUS_DISK_SILENT);
    assert_int_equal(f->reader.last_error, STATUS_READ_FAILED);
    assert_int_equal(f->run.good | f->run.bad, 0);
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
    assert_int_equal(f->reader.last_error, STATUS_OK);
    tear_down(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_read),
        cmocka_unit_test(test_a_bad_sector_hides_nothing_but_itself),
        cmocka_unit_test(test_blocks_of_4096),
        cmocka_unit_test(test_behind_a_hole),
        cmocka_unit_test(test_a_hole_that_costs_time),
        cmocka_unit_test(test_the_last_sectors_behind_a_hole_that_costs_time),
        cmocka_unit_test(test_a_wait_in_the_middle_of_a_block),
        cmocka_unit_test(test_the_first_read_fails),
        cmocka_unit_test(test_where_a_disk_is_asked_for_a_sign_of_life),
        cmocka_unit_test(test_a_disk_that_hangs_is_asked_twice),
        cmocka_unit_test(test_a_dead_disk_is_left_alone),
        cmocka_unit_test(test_the_end_of_the_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
