/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_ntfs_volume.c - the MFT: where the boot sector and its own record say that it is, and what is read at once of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/span.h"
#include "common/fs/ntfs_volume.h"
#include "tests/support/onefile.h"

#define ELSEWHERE 700u

static struct onefile t;

static int set_up(void **state)
{
    (void)state;
    onefile_begin(&t);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    onefile_end(&t);
    return 0;
}

static enum status find(void)
{
    struct fs_file f;

    return fs_find(&t.fs, "/file", &f);
}

/* The MFT's record with a run of `first` clusters at `lcn`, a hole for `first` 0, and the rest in its right place. */
static void put_mft_record(uint8_t *r, uint32_t first, uint32_t lcn)
{
    struct nb_stream s = { .clusters = ONEFILE_RECORDS, .bytes = ONEFILE_RECORDS * ONEFILE_CLUSTER, .initialized = ONEFILE_RECORDS * ONEFILE_CLUSTER };
    uint8_t         *made = nb_record(&t.v, 0, NB_IN_USE, 0);

    if (first == 0) {
        s.pairs_len = nb_run(s.pairs, 0, ONEFILE_RECORDS, true);
    } else if (first == ONEFILE_RECORDS) {
        s.pairs_len = nb_run(s.pairs, (int32_t)lcn, first, false);
    } else {
        s.pairs_len = nb_run(s.pairs, (int32_t)lcn, first, false);
        s.pairs_len += nb_run(s.pairs + s.pairs_len, (int32_t)(ONEFILE_MFT_LCN + first) - (int32_t)lcn, ONEFILE_RECORDS - first, false);
    }
    nb_in_clusters(made, NB_DATA, "", &s);
    nb_seal(made, ONEFILE_CLUSTER);
    if (r != made)
        memcpy(r, made, ONEFILE_CLUSTER);
}

/* The boot sector leads to an old MFT, whose record 0 knows where the right one is: what else is there is not believed. */
static void test_an_mft_that_says_that_it_is_elsewhere(void **state)
{
    (void)state;
    memcpy(nb_cluster(&t.v, ELSEWHERE), nb_cluster(&t.v, ONEFILE_MFT_LCN), 6 * ONEFILE_CLUSTER);
    put_mft_record(nb_cluster(&t.v, ELSEWHERE), ONEFILE_RECORDS, ONEFILE_MFT_LCN);
    memset(nb_cluster(&t.v, ELSEWHERE + 5), 'o', ONEFILE_CLUSTER);  /* where the old root was is something else now */
    wr_le64(t.md->data + 0x30, ELSEWHERE);
    assert_int_equal(onefile_try_open(&t), STATUS_OK);
    assert_int_equal(find(), STATUS_OK);
}

/* A first run that is shorter than the six records that are read at once, exactly as long, or longer. */
static void test_first_runs(void **state)
{
    (void)state;
    for (uint32_t first = 1; first < 9; first++) {
        memcpy(nb_cluster(&t.v, ELSEWHERE), nb_cluster(&t.v, ONEFILE_MFT_LCN), first * ONEFILE_CLUSTER);
        put_mft_record(nb_cluster(&t.v, ELSEWHERE), first, ELSEWHERE);
        memset(nb_cluster(&t.v, ELSEWHERE + first), 0xff, ONEFILE_CLUSTER);  /* no records */
        wr_le64(t.md->data + 0x30, ELSEWHERE);
        assert_int_equal(onefile_try_open(&t), STATUS_OK);
        memdisk_reset(t.md);
        assert_int_equal(find(), STATUS_OK);
        assert_int_equal(t.md->reads, first < 6 ? 2 : 1);  /* the root's record, where it was not read with the others, and the file's */
    }
}

static void test_an_mft_that_is_nowhere(void **state)
{
    uint8_t *r = nb_record(&t.v, 0, NB_IN_USE, 0);

    (void)state;
    nb_resident(r, NB_DATA, "", "in the record", 13);
    nb_seal(r, ONEFILE_CLUSTER);
    assert_int_equal(onefile_try_open(&t), STATUS_FS_DAMAGED);
    r = nb_record(&t.v, 0, NB_IN_USE, 0);
    nb_seal(r, ONEFILE_CLUSTER);
    assert_int_equal(onefile_try_open(&t), STATUS_FS_DAMAGED);
    put_mft_record(nb_cluster(&t.v, ONEFILE_MFT_LCN), 0, 0);
    assert_int_equal(onefile_try_open(&t), STATUS_OK);
    assert_int_equal(find(), STATUS_FS_DAMAGED);
}

/* A boot sector that has the MFT at its own place, and a mirror that has it in a hole: what lies there is no MFT all the same. */
static void test_an_mft_in_a_hole_at_the_volume_s_begin(void **state)
{
    static const char *const names[] = { "file" };
    bool                     there = false;

    (void)state;
    for (unsigned hole = 0; hole < 2; hole++) {
        put_mft_record(nb_cluster(&t.v, 1), hole ? 0 : ONEFILE_RECORDS, ONEFILE_MFT_LCN);
        memcpy(nb_cluster(&t.v, 5), nb_cluster(&t.v, ONEFILE_MFT_LCN + 5), ONEFILE_CLUSTER);
        wr_le64(t.md->data + 0x30, 0);
        assert_int_equal(onefile_try_open(&t), STATUS_OK);
        assert_true(t.fs.u.ntfs.mft_mirror_used);
        assert_int_equal(fs_find_names(&t.fs, "/", names, 1, &there), hole ? STATUS_FS_DAMAGED : STATUS_OK);
        assert_int_equal(there, !hole);
    }
}

/* The boot sector's MFT begins on the volume: in its last cluster at the latest, which is not the disk's last here. */
static void test_where_the_mft_may_begin(void **state)
{
    (void)state;
    for (uint32_t behind = 0; behind < 2; behind++) {
        wr_le64(t.md->data + 0x30, ONEFILE_CLUSTERS - 2 + behind);
        assert_int_equal(fs_identify(t.md->data), behind ? FS_NONE : FS_NTFS);
    }
}

/* The most sectors that a volume may say it has; what it has is looked for where it is all the same. */
static void test_the_longest_volume(void **state)
{
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        wr_le64(t.md->data + 0x28, ((uint64_t)1 << 50) + more);
        assert_int_equal(fs_identify(t.md->data), more ? FS_NONE : FS_NTFS);
        assert_int_equal(onefile_try_open(&t), more ? STATUS_FS_UNKNOWN : STATUS_OK);
        if (!more)
            assert_int_equal(find(), STATUS_OK);
    }
}

/* An MFT with a list of where its parts are, which cannot be read: what its first record has alone is not taken for all. */
static void test_a_list_of_the_mft_s_parts(void **state)
{
    uint8_t          list[64], *r;
    size_t           len = nb_list_entry(list, 0, NB_DATA, "", 0, 0), used;
    struct nb_stream parts = nb_one_run(ELSEWHERE, 1, len);
    struct nb_stream s = nb_one_run(ONEFILE_MFT_LCN, ONEFILE_RECORDS, ONEFILE_RECORDS * ONEFILE_CLUSTER);
    struct fs_window window = { .users = 0 };
    struct fs_volume v;

    (void)state;
    r = nb_record(&t.v, 0, NB_IN_USE, 0);
    nb_in_clusters(r, NB_LIST, "", &parts);
    nb_in_clusters(r, NB_DATA, "", &s);
    nb_seal(r, ONEFILE_CLUSTER);
    memcpy(nb_cluster(&t.v, ELSEWHERE), list, len);
    assert_int_equal(onefile_try_open(&t), STATUS_OK);
    assert_int_equal(find(), STATUS_OK);
    memdisk_fail(t.md, ELSEWHERE * ONEFILE_CLUSTER / 512, 1, STATUS_READ_FAILED);
    assert_int_equal(onefile_try_open(&t), STATUS_READ_FAILED);
    used = t.arena.used;  /* and what it took for that it gives back */
    assert_int_equal(fs_open_sharing(&t.md->dev, t.md->data, &t.arena, &window, &v), STATUS_READ_FAILED);
    assert_int_equal(t.arena.used, used);
}

/* What is not NTFS is not opened as that. */
static void test_what_is_no_ntfs(void **state)
{
    struct fs_window   window = { .users = 0 };
    struct ntfs_volume v;

    (void)state;
    assert_int_equal(onefile_try_open(&t), STATUS_OK);
    assert_int_equal(ntfs_open(&t.md->dev, t.md->data, &t.arena, &window, &v), STATUS_OK);
    t.md->data[0x0d] = 3;  /* sectors in a cluster */
    assert_int_equal(ntfs_open(&t.md->dev, t.md->data, &t.arena, &window, &v), STATUS_FS_UNKNOWN);
}

/* Both records that say where the MFT is, torn or unreadable: which of the two it is, is said. */
static void test_neither_the_mft_nor_its_mirror(void **state)
{
    const uint64_t first = ONEFILE_MFT_LCN * ONEFILE_CLUSTER / 512, mirror = ONEFILE_CLUSTER / 512;

    (void)state;
    memcpy(nb_cluster(&t.v, 1), nb_cluster(&t.v, ONEFILE_MFT_LCN), ONEFILE_CLUSTER);
    memdisk_fail(t.md, first, 1, STATUS_READ_FAILED);
    assert_int_equal(onefile_try_open(&t), STATUS_OK);  /* the mirror alone will do to open it */
    memdisk_fail(t.md, mirror, 1, STATUS_READ_FAILED);
    assert_int_equal(onefile_try_open(&t), STATUS_READ_FAILED);
    memdisk_reset(t.md);
    nb_cluster(&t.v, ONEFILE_MFT_LCN)[510] ^= 1;
    assert_int_equal(onefile_try_open(&t), STATUS_OK);
    memdisk_fail(t.md, mirror, 1, STATUS_READ_FAILED);
    assert_int_equal(onefile_try_open(&t), STATUS_READ_FAILED);
    memdisk_reset(t.md);
    nb_cluster(&t.v, 1)[1022] ^= 1;
    assert_int_equal(onefile_try_open(&t), STATUS_FS_DAMAGED);
}

/* Where the mirror may be: on the volume, its last cluster too. */
static void test_places_of_the_mirror(void **state)
{
    static const struct { uint64_t lcn; enum status want; } cases[] = {
        { ONEFILE_CLUSTERS - 2, STATUS_OK }, { ONEFILE_CLUSTERS - 1, STATUS_FS_DAMAGED }, { UINT64_MAX, STATUS_FS_DAMAGED },
        { 1ull << 54, STATUS_FS_DAMAGED },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        memcpy(nb_cluster(&t.v, ONEFILE_CLUSTERS - 2), nb_cluster(&t.v, ONEFILE_MFT_LCN), i == 0 ? ONEFILE_CLUSTER : 0);
        memcpy(nb_cluster(&t.v, ONEFILE_CLUSTERS - 1), nb_cluster(&t.v, ONEFILE_CLUSTERS - 2), ONEFILE_CLUSTER);
        nb_cluster(&t.v, ONEFILE_MFT_LCN)[0] = 'X';
        wr_le64(t.md->data + 0x38, cases[i].lcn);
        assert_int_equal(onefile_try_open(&t), cases[i].want);
        if (cases[i].want == STATUS_OK)
            assert_true(t.fs.u.ntfs.mft_mirror_used);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_an_mft_that_says_that_it_is_elsewhere),
        TEST(test_first_runs),
        TEST(test_an_mft_that_is_nowhere),
        TEST(test_an_mft_in_a_hole_at_the_volume_s_begin),
        TEST(test_where_the_mft_may_begin),
        TEST(test_the_longest_volume),
        TEST(test_a_list_of_the_mft_s_parts),
        TEST(test_what_is_no_ntfs),
        TEST(test_neither_the_mft_nor_its_mirror),
        TEST(test_places_of_the_mirror),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
