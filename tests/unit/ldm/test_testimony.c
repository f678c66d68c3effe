/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_testimony.c - what one disk's database says of halves and disks, question by question; what it does in the end: test_opinion.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/ldm/disk_scan.h"
#include "common/ldm/testimony.h"
#include "tests/support/ldmdisk.h"
#include "tests/support/scanned.h"

#define BYTES (1u << 20)

/* The volumes are 10 (a mirror, halves 11 on Disk1 and 12 on Disk2) and 30 (half 31 on Disk2); the disk is Disk2. */
static struct ldmdisk   image;
static struct memdisk  *disk;
static struct scanned  *s;
static uint8_t         *memory;
static struct arena     arena;
static struct database  db;
static struct testimony says;

static int set_up(void **state)
{
    (void)state;
    disk = memdisk_new("hd81", 512, 20000);
    memset(&image, 0, sizeof image);
    ldmdisk_mirror(&image, disk, false, 2);
    memory = malloc(BYTES);
    return memory ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    scanned_free(s);
    s = NULL;
    memdisk_free(disk);
    free(memory);
    return 0;
}

/* Hear the disk, in memory that is full of this number: what is not written to it says nothing. */
static void hear(uint64_t left)
{
    if (s)
        scanned_free(s);
    ldmdisk_write(&image);
    s = scan_memdisk(disk);
    redzone_open(memory, BYTES);
    for (size_t i = 0; i < BYTES; i += 8)
        memcpy(memory + i, &left, 8);
    arena = arena_of(memory, BYTES);
    assert_int_equal(database_read(&s->view.disks[0], &arena, &db), STATUS_OK);
    assert_int_equal(testimony_make(&db, &arena, &says), STATUS_OK);
}

static struct guid guid_of(const char *text)
{
    struct guid g;

    assert_true(guid_parse(span_of(text, strlen(text)), &g));
    return g;
}

/* Windows put this half of the mirror out. */
static void put_out(uint64_t id, const char *name)
{
    ldmdisk_remove(&image, id);
    ldmdisk_add_component(&image, id, name, "STALE", 0, LAYOUT_CONCAT, 1, 10, 0);
}

static void test_a_mirror_that_is_whole(void **state)
{
    struct guid one = guid_of(LDMDISK_GUID1), two = guid_of(LDMDISK_GUID2), other = guid_of("99999999-1111-1111-1111-111111111111");

    (void)state;
    hear(0);
    assert_false(testimony_drops(&says, 11));
    assert_false(testimony_drops(&says, 12));
    assert_true(testimony_keeps_half_of(&says, 10));  /* 12 is on the disk itself */
    assert_true(testimony_keeps_half_of(&says, 30));
    assert_true(testimony_has_mirror(&says, 10));
    assert_false(testimony_has_mirror(&says, 30));
    assert_true(testimony_counts_as_good(&says, &one));
    assert_true(testimony_counts_as_good(&says, &two));
    assert_false(testimony_counts_as_good(&says, &other));
}

/* Of what it does not list it says nothing good, whatever number that has, and whatever the memory held before. */
static void test_what_is_not_listed(void **state)
{
    static const uint64_t others[] = { 1, 9, 11, 29, 31, 1000, UINT64_MAX };

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct guid guid;

        hear(others[i]);
        assert_false(testimony_keeps_half_of(&says, others[i]));
        assert_false(testimony_has_mirror(&says, others[i]));
        for (size_t k = 0; k < 2; k++)
            memcpy(guid.bytes + 8 * k, &others[i], 8);
        assert_false(testimony_counts_as_good(&says, &guid));
        assert_true(testimony_drops(&says, 1000));  /* a half that a whole database does not know is none */
    }
    image.extra_counts[0]++;                        /* with a record that is missing: it may be that */
    hear(0);
    assert_false(testimony_drops(&says, 1000));
}

/* A part of a half that is not listed, or of one on a disk that is not, keeps nothing. */
static void test_parts_of_what_is_not_listed(void **state)
{
    (void)state;
    ldmdisk_remove(&image, 14);
    ldmdisk_add_partition(&image, 14, "Disk2-01", 0, 700, 0, 2000, 9999, 22, 0);
    ldmdisk_remove(&image, 32);
    ldmdisk_add_partition(&image, 32, "Disk2-02", 0, 4000, 0, 500, 31, 9999, 0);
    for (uint64_t left = 0; left < 40; left += 10) {
        hear(left);
        assert_int_equal(says.kept_count, 0);
        assert_false(testimony_keeps_half_of(&says, 10));
        assert_false(testimony_keeps_half_of(&says, 30));
        assert_false(testimony_keeps_half_of(&says, 0));  /* the number of no volume */
    }
}

/* Every part is on this disk and good, and so is every half and every disk: what is asked for goes behind the last of each list. */
static void test_a_disk_that_has_every_part(void **state)
{
    struct guid two = guid_of(LDMDISK_GUID2), last = guid_of("ffffffff-ffff-ffff-ffff-ffffffffffff");

    (void)state;
    ldmdisk_remove(&image, 13);
    ldmdisk_add_partition(&image, 13, "Disk2-03", 0, 6000, 0, 2000, 11, 22, 0);
    hear(0);
    assert_int_equal(says.kept_count, db.count[VBLK_PARTITION]);
    assert_int_equal(says.half_count, db.count[VBLK_COMPONENT]);
    assert_int_equal(says.good_count, db.count[VBLK_DISK]);
    assert_true(testimony_keeps_half_of(&says, 30));
    assert_false(testimony_keeps_half_of(&says, 31));
    assert_false(testimony_has_mirror(&says, 30));
    assert_true(testimony_counts_as_good(&says, &two));
    assert_false(testimony_counts_as_good(&says, &last));
}

/* Of a database that lost its disks, parts are the last records: where their disks are nobody knows, and so nothing is kept here. */
static void test_a_database_without_its_disks(void **state)
{
    struct guid two = guid_of(LDMDISK_GUID2);

    (void)state;
    ldmdisk_remove(&image, 21);
    ldmdisk_remove(&image, 22);
    hear(0);
    assert_int_equal(db.count[VBLK_DISK], 0);
    assert_int_equal(says.kept_count, 0);
    assert_int_equal(says.half_count, 3);  /* and no half is put out by it */
    assert_false(testimony_counts_as_good(&says, &two));
}

/* Nothing is good: no number and no GUID is, that of what has none, zero, either. */
static void test_a_disk_on_which_nothing_is_good(void **state)
{
    static const struct guid none;

    (void)state;
    ldmdisk_remove(&image, 21);
    ldmdisk_remove(&image, 22);
    ldmdisk_add_disk(&image, 21, "Disk1", LDMDISK_GUID1, "", LDM_DISK_REMOVED);
    ldmdisk_add_disk(&image, 22, "Disk2", LDMDISK_GUID2, "", LDM_DISK_REMOVED);
    ldmdisk_add_partition(&image, 50, "Disk2-03", 0, 6000, 0, 500, 9999, 22, 0);  /* nor are parts of a half that is not listed, */
    ldmdisk_add_partition(&image, 51, "Disk3-01", 0, 6000, 0, 500, 11, 9999, 0);  /* and on a disk that is not: they put out no other */
    hear(0);
    assert_int_equal(says.kept_count, 0);
    assert_false(testimony_keeps_half_of(&says, 0));
    assert_false(testimony_has_mirror(&says, 0));
    assert_false(testimony_counts_as_good(&says, &none));
}

/* A half whose volume has the number 0, the only one that is left: one half makes no mirror, whatever number its volume has. */
static void test_the_only_half_of_a_volume_without_a_number(void **state)
{
    (void)state;
    put_out(11, "Volume1-01");
    put_out(12, "Volume1-02");
    ldmdisk_remove(&image, 31);
    ldmdisk_add_component(&image, 31, "Volume2-01", "ACTIVE", 0, LAYOUT_CONCAT, 1, 0, 0);
    hear(0);
    assert_int_equal(says.half_count, 1);
    assert_true(testimony_keeps_half_of(&says, 0));
    assert_false(testimony_has_mirror(&says, 0));
}

/* A half that Windows put out makes neither a mirror nor something that is kept; its disk counts as bad. */
static void test_a_half_that_was_put_out(void **state)
{
    struct guid one = guid_of(LDMDISK_GUID1), two = guid_of(LDMDISK_GUID2);

    (void)state;
    put_out(12, "Volume1-02");
    hear(10);
    assert_false(testimony_drops(&says, 11));
    assert_true(testimony_drops(&says, 12));
    assert_false(testimony_keeps_half_of(&says, 10));
    assert_false(testimony_has_mirror(&says, 10));
    assert_true(testimony_keeps_half_of(&says, 30));
    assert_true(testimony_counts_as_good(&says, &one));
    assert_false(testimony_counts_as_good(&says, &two));
}

/* The other half, on the other disk: the one that is kept is here, and there is no mirror any more. */
static void test_the_other_half_was_put_out(void **state)
{
    struct guid one = guid_of(LDMDISK_GUID1), two = guid_of(LDMDISK_GUID2);

    (void)state;
    put_out(11, "Volume1-01");
    hear(10);
    assert_true(testimony_drops(&says, 11));
    assert_false(testimony_drops(&says, 12));
    assert_true(testimony_keeps_half_of(&says, 10));
    assert_false(testimony_has_mirror(&says, 10));
    assert_false(testimony_counts_as_good(&says, &one));
    assert_true(testimony_counts_as_good(&says, &two));
}

/* Both halves elsewhere: a mirror, and none of it is on the disk itself. */
static void test_a_mirror_of_other_disks(void **state)
{
    (void)state;
    ldmdisk_add_disk(&image, 23, "Disk3", "33333333-3333-3333-3333-333333333333", "", 0);
    ldmdisk_remove(&image, 14);
    ldmdisk_add_partition(&image, 14, "Disk3-01", 0, 700, 0, 2000, 12, 23, 0);
    for (uint64_t left = 10; left <= 30; left += 20) {
        hear(left);
        assert_false(testimony_keeps_half_of(&says, 10));
        assert_false(testimony_has_mirror(&says, 10));
        assert_true(testimony_keeps_half_of(&says, 30));
        assert_false(testimony_has_mirror(&says, 30));  /* the only half of the last volume */
    }
}

/* A disk without a part, before the others and behind them, that the records call removed is none to rely on. */
static void test_a_disk_that_was_removed(void **state)
{
    static const char text[] = "99999999-1111-1111-1111-111111111111";
    struct guid       guid = guid_of(text);

    (void)state;
    for (unsigned n = 0; n < 4; n++) {
        uint64_t id = n & 1 ? 50 : 5;

        ldmdisk_add_disk(&image, id, "Disk3", text, "", n & 2 ? LDM_DISK_REMOVED : 0);
        hear(0);
        assert_int_equal(testimony_counts_as_good(&says, &guid), !(n & 2));
        ldmdisk_remove(&image, id);
    }
}

static void test_no_memory(void **state)
{
    size_t end;

    (void)state;
    for (unsigned i = 0; i < 20; i++)  /* what is kept takes more than all the rest */
        ldmdisk_add_partition(&image, 50 + i, "more", 0, 6000 + i, i, 1, 31, 22, 0);
    hear(0);
    arena = arena_of(memory, BYTES);
    assert_int_equal(database_read(&s->view.disks[0], &arena, &db), STATUS_OK);
    end = arena_end(&arena);
    for (size_t size = 0; size < 1024; size++) {
        struct arena     small;
        struct testimony t = { .kept_count = 77 };

        arena = arena_of(memory, BYTES);
        assert_int_equal(database_read(&s->view.disks[0], &arena, &db), STATUS_OK);
        assert_int_equal(arena_end(&arena), end);
        small = arena;
        small.used = small.size - size;
        if (testimony_make(&db, &small, &t) == STATUS_OK) {
            assert_true(size >= 2 * 16 + 2 + 3 + 3 * 8 + 23 * 8);  /* all that it says has room */
            assert_true(testimony_has_mirror(&t, 10));
        } else {
            assert_int_equal(t.kept_count, 77);
        }
    }
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(test_a_mirror_that_is_whole), T(test_what_is_not_listed), T(test_parts_of_what_is_not_listed), T(test_a_half_that_was_put_out), T(test_the_other_half_was_put_out),
        T(test_a_disk_that_has_every_part), T(test_a_database_without_its_disks), T(test_a_disk_on_which_nothing_is_good),
        T(test_the_only_half_of_a_volume_without_a_number),
        T(test_a_mirror_of_other_disks), T(test_a_disk_that_was_removed), T(test_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
