/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_same_disk.c - one disk that is shown more than once is used once; a copy that went its own way is another disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/decide/same_disk.h"
#include "common/ldm/disk.h"
#include "tests/support/ldmdisk.h"
#include "tests/support/logged.h"
#include "tests/support/ntfsbuild.h"
#include "tests/support/scanned.h"

#define BLOCKS       20000u
#define PLACE        (BLOCKS / 64)   /* between two places that are compared */
#define CLUSTER      4096u
#define LOG_LCN      20u
#define LOG_RECORD   24  /* any one: it is looked up by its name */
#define ARENA_BYTES  (16u << 20)

/* hd80 and hd81 are the halves; hd82 and on what a test makes of hd80. */
static struct ldmdisk       image[2];
static struct memdisk      *disk[5];
static uint32_t             block_size;
static uint64_t             volume_lba;  /* of the half on hd80, in sectors */
static struct block_device *devs[5];
static size_t               count;
static struct arena         arena;
static struct ldm_view      view;

/* An NTFS volume with nothing but a $LogFile of so many bytes. */
static void write_ntfs(uint8_t *at, uint32_t sector_bytes, uint64_t log_bytes)
{
    static const char *const names[] = { "$LogFile" };
    struct nb_volume         v = nb_small(at, LOG_RECORD, names, 1);
    struct nb_stream         log = nb_one_run(LOG_LCN, 4, log_bytes);
    uint8_t                 *r = nb_record(&v, LOG_RECORD, NB_IN_USE, 0);

    if (sector_bytes == 4096) {  /* nb_small() counts in sectors of 512 bytes */
        at[0x0c] = 0x10;
        at[0x0d] = 1;
        at[0x28] = NB_SMALL_BYTES / 4096 - 1;
        at[0x29] = at[0x2a] = 0;
    }
    nb_in_clusters(r, NB_DATA, "", &log);
    nb_seal(r, v.record_bytes);
}

static void make(uint32_t bytes, uint64_t partition)
{
    static const char *const names[] = { "hd80", "hd81", "hd82", "hd83", "hd84" };

    block_size = bytes;
    for (size_t i = 0; i < 5; i++)
        disk[i] = memdisk_new(names[i], block_size, BLOCKS);
    for (unsigned i = 0; i < 2; i++) {
        ldmdisk_mirror(&image[i], disk[i], false, i + 1);
        image[i].public_start = 64;
        ldmdisk_remove(&image[i], 13);  /* the half on hd80 is there, wherever a test wants it */
        ldmdisk_add_partition(&image[i], 13, "Disk1-01", 0, partition, 0, 2000, 11, 21, 0);
        ldmdisk_write(&image[i]);
    }
    volume_lba = image[0].public_start + partition;
}

static void make_512(void)
{
    make(SECTOR_BYTES, 100);
    write_ntfs(memdisk_at(disk[0], volume_lba), SECTOR_BYTES, 2 * CLUSTER);
}

static int setup(void **state)
{
    (void)state;
    arena = arena_of(malloc(ARENA_BYTES), ARENA_BYTES);
    make_512();
    return arena.base ? 0 : -1;
}

static void free_disks(void)
{
    for (size_t i = 0; i < 5; i++)
        memdisk_free(disk[i]);
}

static int teardown(void **state)
{
    (void)state;
    free_disks();
    free(arena.base);
    return 0;
}

static void copy(size_t to)
{
    memcpy(disk[to]->data, disk[0]->data, disk[0]->data_bytes);
}

/* Scan the disks of a list of digits; all of them are new to the program. */
static void scan(const char *list)
{
    struct log log = { .line = keep_line };

    logged[0] = '\0';
    arena.used = 0;
    for (count = 0; list[count]; count++)
        devs[count] = &disk[list[count] - '0']->dev;
    assert_int_equal(scan_each_disk_once(devs, &count, &log, &arena, &view), STATUS_OK);
    assert_int_equal(arena.size, ARENA_BYTES);
    assert_int_equal(view.disk_count, count);
}

static void assert_used(const char *list)
{
    assert_int_equal(count, strlen(list));
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(devs[i], &disk[list[i] - '0']->dev);
        assert_ptr_equal(view.disks[i].dev, devs[i]);
    }
}

static const char *twice(size_t i)
{
    for (const struct note *n = view.disks[i].notes.first; n; n = n->next)
        if (n->code == STATUS_DISK_TWICE)
            return n->text;
    return NULL;
}

/* hd82 is hd80, or it is not. */
static void assert_same(bool same)
{
    scan("02");
    assert_used(same ? "0" : "02");
    assert_int_equal(twice(0) != NULL, same);
    assert_int_equal(has_note(&view.disks[0].notes, STATUS_DISK_CLONED), !same);
}

/* ---- what is kept, and what is said */

static void test_disks_of_which_each_is_another(void **state)
{
    (void)state;
    scan("01");
    assert_used("01");
    assert_null(twice(0));
    assert_null(twice(1));
    assert_null(strstr(logged, "used once"));
    scan("");
    assert_int_equal(view.disk_count, 0);
}

/* A copy that lost its boot sector alone: none of the places that are compared, and Windows could not be started from it. */
static void test_a_boot_sector_that_differs(void **state)
{
    uint8_t *sector;

    (void)state;
    copy(2);
    assert_same(true);
    sector = memdisk_at(disk[2], volume_lba);
    memset(sector, 0, SECTOR_BYTES);
    assert_same(false);
    memcpy(sector, memdisk_at(disk[0], volume_lba), SECTOR_BYTES);
    assert_same(true);
}

/* Disks that differ are scanned once, and nothing is read of them to compare them. */
static void test_disks_that_differ_are_read_once(void **state)
{
    uint32_t reads;

    (void)state;
    scan("01");
    reads = disk[0]->reads + disk[1]->reads;
    memdisk_reset(disk[0]);
    memdisk_reset(disk[1]);
    arena.used = 0;
    assert_int_equal(ldm_scan(devs, 2, NULL, &arena, &view), STATUS_OK);
    assert_int_equal(disk[0]->reads + disk[1]->reads, reads);
}

static void test_a_disk_that_is_shown_again(void **state)
{
    (void)state;
    copy(2);
    scan("021");
    assert_used("01");
    assert_int_equal(strncmp(twice(0), "hd80, also as hd82:", 19), 0);
    assert_null(twice(1));
    assert_non_null(strstr(logged, "hd80 is also there as hd82: used once\n"));
    assert_int_equal(view.group_count, 1);
    assert_false(has_note(&view.disks[0].notes, STATUS_DISK_CLONED));
    scan("120");  /* whichever is found first */
    assert_used("12");
    assert_null(twice(0));
    assert_int_equal(strncmp(twice(1), "hd82, also as hd80", 18), 0);
}

static void test_a_disk_that_is_shown_many_times(void **state)
{
    (void)state;
    copy(2);
    copy(3);
    scan("1023");
    assert_used("10");
    assert_int_equal(strncmp(twice(1), "hd80, also as hd82 and 1 more", 29), 0);
    copy(4);
    scan("02341");
    assert_used("01");
    assert_int_equal(strncmp(twice(0), "hd80, also as hd82 and 2 more", 29), 0);
}

/* Two disks of which each is shown twice. */
static void test_both_disks_are_shown_again(void **state)
{
    (void)state;
    copy(2);
    memcpy(disk[3]->data, disk[1]->data, disk[1]->data_bytes);
    scan("0123");
    assert_used("01");
    assert_int_equal(strncmp(twice(0), "hd80, also as hd82", 18), 0);
    assert_int_equal(strncmp(twice(1), "hd81, also as hd83", 18), 0);
}

/* One that was given up in the first scan is asked again in the second; one that says nothing is not. */
static void test_a_disk_that_was_given_up(void **state)
{
    (void)state;
    copy(2);
    disk[1]->dev.given_up = STATUS_DISK_GIVEN_UP;
    scan("021");
    assert_used("01");
    assert_int_equal(view.disks[1].status, STATUS_OK);
    disk[1]->dev.given_up = STATUS_DISK_SILENT;
    scan("021");
    assert_used("01");
    assert_int_not_equal(view.disks[1].status, STATUS_OK);
}

/* ---- what makes it another disk */

static void change(uint64_t sector, size_t at)
{
    copy(2);
    memdisk_at(disk[2], sector)[at] ^= 1;
}

static void test_places_all_over_the_disk(void **state)
{
    static const unsigned places[] = { 1, 2, 31, 62, 63 };

    (void)state;
    copy(2);
    assert_same(true);
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        change(places[i] * PLACE, 0);
        assert_same(false);
        change(places[i] * PLACE, 511);
        assert_same(false);
    }
    change(0, 0);  /* boot code */
    assert_same(false);
    change(40 * PLACE + 1, 0);
    assert_same(true);
}

static void test_places_that_cannot_be_read(void **state)
{
    (void)state;
    copy(2);
    for (size_t i = 0; i <= 2; i += 2) {
        memdisk_fail(disk[i], 31 * PLACE, 1, STATUS_READ_FAILED);
        assert_same(false);
        memdisk_reset(disk[i]);
        blk_forgive(&disk[i]->dev);
    }
    assert_same(true);
}

/* The database's head and what follows it. */
static void test_the_database(void **state)
{
    uint64_t vmdb = ldmdisk_vmdb_lba(&image[0]);

    (void)state;
    change(vmdb, 511);
    assert_same(false);
    change(vmdb + 63, 511);
    assert_same(false);
    change(vmdb + 64, 511);  /* as far as it is compared */
    assert_same(true);
    image[0].committed++;
    copy(2);
    ldmdisk_write(&image[0]);
    assert_same(false);
}

static void test_the_heads(void **state)
{
    (void)state;
    image[0].sequence++;
    copy(2);
    ldmdisk_write(&image[0]);
    assert_same(false);
    image[0].sequence--;
    ldmdisk_write(&image[0]);
    write_ntfs(memdisk_at(disk[0], volume_lba), SECTOR_BYTES, 2 * CLUSTER);
    assert_same(true);
    disk[2]->dev.block_count--;
    assert_same(false);
}

/* ---- the logs of its file systems */

static uint64_t log_sector(void)
{
    return volume_lba + LOG_LCN * CLUSTER / SECTOR_BYTES;
}

static void test_the_log_of_a_volume(void **state)
{
    (void)state;
    change(log_sector(), 0);
    assert_same(false);
    change(log_sector() + 15, 511);  /* the end of the second page */
    assert_same(false);
    change(log_sector() + 16, 0);
    assert_same(true);
    copy(2);
    memdisk_fail(disk[2], log_sector() + 8, 1, STATUS_READ_FAILED);
    assert_same(false);
    for (unsigned more = 1; more < 16; more *= 2) {  /* which begins at any sector */
        free_disks();
        make(SECTOR_BYTES, 100 + more);
        write_ntfs(memdisk_at(disk[0], volume_lba), SECTOR_BYTES, 2 * CLUSTER);
        copy(2);
        assert_same(true);
    }
}

static void test_a_log_that_cannot_be_had(void **state)
{
    (void)state;
    write_ntfs(memdisk_at(disk[0], volume_lba), SECTOR_BYTES, 2 * CLUSTER - 1);  /* it is none */
    copy(2);
    assert_same(false);
    write_ntfs(memdisk_at(disk[0], volume_lba), SECTOR_BYTES, 2 * CLUSTER);
    copy(2);
    assert_same(true);
    memdisk_fail(disk[0], volume_lba, 1, STATUS_READ_FAILED);
    assert_same(false);
}

/* Where the volume is no NTFS only the places count. */
static void test_other_file_systems(void **state)
{
    (void)state;
    memset(memdisk_at(disk[0], volume_lba), 0, SECTOR_BYTES);
    change(log_sector(), 0);
    assert_same(true);
}

static void test_blocks_of_4096(void **state)
{
    (void)state;
    free_disks();
    make(4096, 120096);
    write_ntfs(memdisk_at(disk[0], volume_lba), 4096, 2 * CLUSTER);
    copy(2);
    assert_same(true);
    change(log_sector(), 0);
    assert_same(false);
    change(log_sector() + 16, 0);
    assert_same(true);
    for (unsigned into = 1; into < 8; into++) {  /* not on a block: the log cannot be had, also where one lies on the block's beginning */
        free_disks();
        make(4096, 96 + into);
        write_ntfs(memdisk_at(disk[0], volume_lba - into), 4096, 2 * CLUSTER);
        memcpy(memdisk_at(disk[0], volume_lba), memdisk_at(disk[0], volume_lba - into), SECTOR_BYTES);
        copy(2);
        assert_same(false);
    }
}

/* What was taken to compare disks is given back, and what the first scan took, too, when there is a second one. */
static void test_memory_is_given_back(void **state)
{
    size_t one, differing;

    (void)state;
    scan("0");
    one = arena.used;
    copy(2);
    scan("02");
    assert_true(arena.used < one + 1024);
    change(0, 0);                   /* known without their logs */
    assert_same(false);
    differing = arena.used;
    change(log_sector() + 15, 511);
    assert_same(false);
    assert_int_equal(arena.used, differing);
}

static void test_no_memory(void **state)
{
    size_t enough;

    (void)state;
    copy(2);
    scan("021");
    enough = arena.used;
    for (size_t bytes = 0; bytes < enough; bytes += 64) {
        struct arena    a = arena_of(arena.base, bytes);
        struct ldm_view untouched = { .disk_count = 77 };
        enum status     st;

        for (count = 0; count < 3; count++)
            devs[count] = &disk[count == 1 ? 2 : count / 2]->dev;
        st = scan_each_disk_once(devs, &count, NULL, &a, &untouched);
        if (st != STATUS_OK)
            assert_int_equal(st, STATUS_NO_MEMORY);
    }
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_disks_of_which_each_is_another), T(test_disks_that_differ_are_read_once), T(test_a_boot_sector_that_differs), T(test_a_disk_that_is_shown_again), T(test_a_disk_that_is_shown_many_times),
        T(test_both_disks_are_shown_again), T(test_a_disk_that_was_given_up), T(test_places_all_over_the_disk),
        T(test_places_that_cannot_be_read), T(test_memory_is_given_back), T(test_the_database), T(test_the_heads), T(test_the_log_of_a_volume),
        T(test_a_log_that_cannot_be_had), T(test_other_file_systems), T(test_blocks_of_4096), T(test_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
