/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_spare.c - which half may stand in, sector by sector, for one that is read: only one with the same data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/decide/spare.h"
#include "tests/support/fakeview.h"

#define SIZE 1000u

static struct fakeview       fv;
static struct ldm_component *half[3];

/* A mirror of three halves on three disks. */
static int setup(void **state)
{
    struct ldm_volume *v;

    (void)state;
    fv_init(&fv, &bios_rules);
    for (size_t i = 0; i < 3; i++)
        fv_disk(&fv, i == 0 ? "hd80" : i == 1 ? "hd81" : "hd82");
    v = fv_volume(&fv, "Volume1", VOLUME_MIRRORED, 0, SIZE);
    for (size_t i = 0; i < 3; i++) {
        half[i] = fv_component(&fv, v, i == 0 ? "Volume1-01" : i == 1 ? "Volume1-02" : "Volume1-03");
        fv_extent(&fv, half[i], i, 100, SIZE);
    }
    fv_finish(&fv);
    return 0;
}

static void test_the_first_good_one(void **state)
{
    (void)state;
    assert_ptr_equal(spare_half(half[0]), half[1]);
    assert_ptr_equal(spare_half(half[1]), half[0]);
    assert_ptr_equal(spare_half(half[2]), half[0]);
}

/* One that something is held against has other data, or may have: it is not read, and nothing is read in its place. */
static void test_a_marked_half(void **state)
{
    (void)state;
    fv_mark(&fv, half[0], COMPONENT_STALE, STATUS_COMPONENT_NOT_ACTIVE);
    assert_null(spare_half(half[0]));
    assert_ptr_equal(spare_half(half[1]), half[2]);
    assert_ptr_equal(spare_half(half[2]), half[1]);
    fv_mark(&fv, half[2], COMPONENT_FAILED, STATUS_DISK_FAILING);
    assert_null(spare_half(half[1]));
    assert_null(spare_half(half[2]));
}

/* A disk that was away: its half is ACTIVE by what its own database says, and its data are old. */
static void test_a_disk_that_was_away(void **state)
{
    (void)state;
    fv.disks[0].vmdb.committed -= 5;
    assert_null(spare_half(half[0]));
    assert_ptr_equal(spare_half(half[1]), half[2]);
    fv.disks[2].vmdb.committed -= 5;
    assert_null(spare_half(half[1]));
}

static void test_a_volume_of_one_half(void **state)
{
    (void)state;
    half[0]->volume->component_count = 1;
    assert_null(spare_half(half[0]));
    half[0]->volume->component_count = 2;  /* and nothing behind the list */
    fv_mark(&fv, half[1], COMPONENT_STALE, STATUS_COMPONENT_NOT_ACTIVE);
    assert_null(spare_half(half[0]));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup(test, setup)
    const struct CMUnitTest tests[] = {
        T(test_the_first_good_one), T(test_a_marked_half), T(test_a_disk_that_was_away), T(test_a_volume_of_one_half),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
