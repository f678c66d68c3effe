/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_memory.c - every size of memory, for each step of a scan: too little is NO_MEMORY, never a crash, and never more is
 * asked for than the step before.
 *
 * The memory is exactly as large as it is said to be: the sanitizers see what lies behind it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/ldm/disk_scan.h"
#include "common/ldm/group.h"
#include "common/ldm/reader.h"
#include "common/ldm/testimony.h"
#include "tests/support/mirror.h"

#define STEP 16  /* what an arena's objects are aligned to */

static struct mirror *m;

#define LONG_NAME "a name that is longer than all other texts of its record together"

/* Disk2's database has more parts than halves, more halves than disks; and names that do not fit where another text does. */
static void add_more(struct ldmdisk *b)
{
    ldmdisk_add_volume(b, 33, LONG_NAME, "ACTIVE", 0x11, 3, 100, "00000000-0000-0000-0000-000000000033");
    for (unsigned i = 0; i < 3; i++)
        ldmdisk_add_component(b, 34 + i, LONG_NAME, "ACTIVE", 0, LAYOUT_CONCAT, 3, 33, 0);
    for (unsigned i = 0; i < 6; i++)
        ldmdisk_add_partition(b, 37 + i, LONG_NAME, 0, 9000 + 10 * i, 0, 10, 34, 21, 0);
    ldmdisk_add_disk(b, 43, LONG_NAME, MIRROR_GUID3, "", 0);
}

/* Disk1 has the group's database; Disk2's is an older one. Both are small: it is read again and again. */
static void set_up(bool unlisted, bool more)
{
    static const uint64_t ids[] = { 22, 10, 12, 14, 30, 31, 32 };

    m = mirror_new();
    m->image[0].committed = 60;
    m->image[1].committed = 50;
    for (unsigned i = 0; i < 2; i++)
        m->image[i].slots = 44;
    for (unsigned i = 0; more && i < 2; i++)
        add_more(&m->image[i]);
    if (unlisted) {
        for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
            ldmdisk_remove(&m->image[0], ids[i]);
        ldmdisk_add_volume(&m->image[0], 10, "Volume1", "ACTIVE", 0x11, 1, 2000, LDMDISK_VOLUME_GUID);
    }
    mirror_scan(m, 0, 2);
    assert_int_equal(m->s->view.group_count, 1);
}

/* One of the steps; what it made is no more wanted. */
typedef enum status step(struct arena *a);

/* From nothing on until it is enough; twice as much is enough, too. */
static void assert_any_size(step *one, size_t first)
{
    enum status st = STATUS_NO_MEMORY;
    size_t      enough = 0;

    for (size_t size = first; st != STATUS_OK || size <= enough + 2 * STEP; size += STEP) {
        uint8_t     *memory = malloc(size ? size : 1);
        struct arena a = arena_of(memory, size);

        st = one(&a);
        assert_true(a.used <= a.size && a.size <= size);
        if (st == STATUS_OK && !enough)
            enough = size;
        assert_int_equal(st, enough ? STATUS_OK : STATUS_NO_MEMORY);
        redzone_open(memory, size);
        free(memory);
    }
    assert_true(enough > first);
}

static enum status read_records(struct arena *a)
{
    struct database db = { .damaged = 77 };
    enum status     st = database_read(&m->s->view.disks[0], a, &db);

    assert_int_equal(st == STATUS_OK ? db.complete : db.damaged == 77, true);
    return st;
}

static enum status build(struct arena *a)
{
    static uint8_t   bytes[65536];
    struct arena     other = arena_of(bytes, sizeof bytes);
    struct database  db;
    struct ldm_group g = { 0 };
    size_t           halves = 0, parts = 0;

    redzone_open(bytes, sizeof bytes);
    assert_int_equal(database_read(&m->s->view.disks[0], &other, &db), STATUS_OK);
    TRY(group_build(&db, a, &g));
    for (size_t i = 0; i < g.volume_count; i++)
        assert_true(g.volumes[i].name && g.volumes[i].state_text && g.volumes[i].hint);
    for (size_t i = 0; i < g.component_count; i++) {
        assert_true(g.components[i].name && g.components[i].state_text);
        halves += g.components[i].volume != NULL;
        parts += g.components[i].extent_count;
    }
    for (size_t i = 0; i < g.volume_count; i++)
        halves -= g.volumes[i].component_count;
    for (size_t i = 0; i < g.partition_count; i++) {
        assert_non_null(g.partitions[i].name);
        parts -= g.partitions[i].component != NULL;
    }
    assert_int_equal(halves, 0);  /* a volume without its halves would be one that is not there, a half without its parts an empty one */
    assert_int_equal(parts, 0);
    for (size_t i = 0; i < g.disk_count; i++)
        assert_true(g.disks[i].name && g.disks[i].device_name);
    return STATUS_OK;
}

static enum status hear_a_witness(struct arena *a)
{
    static uint8_t   bytes[65536];
    struct arena     other = arena_of(bytes, sizeof bytes);
    struct database  db;
    struct testimony t = { .kept_count = 77 };
    enum status      st;

    redzone_open(bytes, sizeof bytes);
    assert_int_equal(database_read(&m->s->view.disks[1], &other, &db), STATUS_OK);
    st = testimony_make(&db, a, &t);
    assert_int_equal(t.kept_count, st == STATUS_OK ? 2 : 77);
    return st;
}

static enum status hear(struct arena *a)
{
    size_t      end = arena_end(a);
    enum status st = group_hear_others(&m->s->view.groups[0], &m->s->view, NULL, a);

    assert_int_equal(arena_end(a), end);
    return st;
}

static enum status judge(struct arena *a)
{
    struct ldm_group *g = &m->s->view.groups[0];
    enum status       st = group_judge(g, &m->s->view, a);

    for (size_t i = 0; i < g->component_count; i++)
        g->components[i].reasons = (struct note_list){ 0 };
    g->notes = (struct note_list){ 0 };
    return st;
}

static enum status scan_one(struct arena *a)
{
    struct ldm_disk d;
    size_t          end = arena_end(a);
    enum status     st = disk_scan(&m->disk[0]->dev, a, &d);

    assert_int_equal(arena_end(a), end);
    return st;
}

static void run(bool unlisted, step *one, size_t first)
{
    set_up(unlisted, true);
    assert_any_size(one, first);
    mirror_free(m);
}

static void test_reading_a_database(void **state)
{
    (void)state;
    run(false, read_records, 0);
}

static void test_building_a_group(void **state)
{
    (void)state;
    run(false, build, 0);
}

static void test_what_another_disk_says(void **state)
{
    (void)state;
    run(false, hear_a_witness, 0);
    run(false, hear, 0);
    run(true, hear, 0);
}

static void test_judging(void **state)
{
    (void)state;
    set_up(false, false);  /* nothing is against any half: notes take what they can get, and do without */
    assert_any_size(judge, 0);
    mirror_free(m);
}

/* A log of some length, and logical drives: the last things that a disk needs memory for. */
static void test_scanning_a_disk(void **state)
{
    uint8_t *table;

    (void)state;
    set_up(false, false);
    m->image[0].klog_count = 45;
    for (unsigned i = 0; i < 45; i++)
        m->image[0].klog[i] = (struct klog_entry){ KLOG_DIRTY, i, 0 };
    ldmdisk_write(&m->image[0]);
    table = memdisk_at(m->disk[0], 0) + 0x1be;
    table[16 + 4] = 0x05;
    table[16 + 8] = 100;
    table[16 + 12] = 100;
    assert_any_size(scan_one, 4 * RUN_MAX_SECTORS * 512 - 64);
    mirror_free(m);
}

/* With the least memory that is enough for all of it, what the other disk says is heard. */
static void test_scanning_all(void **state)
{
    struct block_device *disks[2];
    uint8_t             *memory = malloc(1 << 20);
    size_t               low = 0, high = 1 << 20;

    (void)state;
    m = mirror_new();
    m->image[0].committed = 60;
    m->image[1].committed = 50;
    m->image[1].klog[0] = (struct klog_entry){ KLOG_DETACH, 11, 50 };
    m->image[1].klog_count = 1;
    for (unsigned i = 0; i < 2; i++) {
        m->image[i].slots = 2004;  /* takes more than one disk's own sectors */
        ldmdisk_write(&m->image[i]);
        disks[i] = &m->disk[i]->dev;
    }
    while (high - low > 1) {
        size_t          middle = low + (high - low) / 2;
        struct arena    a = arena_of(memory, middle);
        struct ldm_view view = { 0 };
        enum status     st = ldm_scan(disks, 2, NULL, &a, &view);

        if (st == STATUS_OK)
            assert_true(view.groups[0].components[0].dispute == STATUS_SPLIT_BRAIN);
        else
            assert_int_equal(st, STATUS_NO_MEMORY);
        *(st == STATUS_OK ? &high : &low) = middle;
        redzone_open(memory, 1 << 20);
    }
    assert_in_range(high, 300000, 600000);
    free(memory);
    mirror_free(m);
}

/* Six disks, none of them with a whole database: each is read into the memory that the one before had. */
static void test_many_databases(void **state)
{
    struct memdisk *disks[6];
    struct scanned *s;

    (void)state;
    for (unsigned i = 0; i < 6; i++) {
        static struct ldmdisk image;

        disks[i] = memdisk_new("a disk", 512, 20000);
        ldmdisk_mirror(&image, disks[i], false, 1 + i % 2);
        image.extra_counts[0] = 1;
        ldmdisk_write(&image);
    }
    s = scan_memdisks(disks, 6);
    assert_int_equal(s->view.group_count, 1);
    assert_ptr_equal(s->view.groups[0].source, &s->view.disks[0]);  /* of those that are alike the first */
    scanned_free(s);
    for (unsigned i = 0; i < 6; i++)
        memdisk_free(disks[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reading_a_database),
        cmocka_unit_test(test_building_a_group),
        cmocka_unit_test(test_what_another_disk_says),
        cmocka_unit_test(test_judging),
        cmocka_unit_test(test_scanning_a_disk),
        cmocka_unit_test(test_scanning_all),
        cmocka_unit_test(test_many_databases),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
