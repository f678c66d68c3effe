/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_opinion.c - what the databases and logs of two and three disks say against each other (docs/how-it-chooses.md).
 *
 * Disk1's database is the group's: the newest, or the first of equal ones. Of Volume1, Volume1-01 is on Disk1 and
 * Volume1-02 on Disk2; Data is on Disk2 alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/ldm/disk.h"
#include "tests/support/mirror.h"

#define NEWEST 60
#define OLDER  50  /* all ids of the usual mirror are those of earlier transactions */
#define CHANGED 42 /* the transaction that wrote each of its records */

static bool disputed(const struct mirror *m, const char *half, enum status code)
{
    return has_note(&view_component(m->s, half)->reasons, code);
}

/* Volume1's halves are disputed with this reason; Data's only where the whole group is. */
static void assert_disputed(const struct mirror *m, enum status code, bool whole_group)
{
    assert_true(disputed(m, "Volume1-01", code));
    assert_true(disputed(m, "Volume1-02", code));
    assert_int_equal(disputed(m, "Data-01", code), whole_group);
}

static void assert_undisputed(const struct mirror *m)
{
    static const enum status disputes[] = { STATUS_DATABASES_DIFFER, STATUS_SPLIT_BRAIN, STATUS_OPINION_LOST,
                                            STATUS_HISTORIES_PARTED };

    assert_int_equal(m->s->view.group_count, 1);
    for (size_t i = 0; i < m->s->view.groups[0].component_count; i++)
        for (size_t k = 0; k < sizeof disputes / sizeof disputes[0]; k++)
            assert_false(has_note(&m->s->view.groups[0].components[i].reasons, disputes[k]));
}

/* ---- the same transaction: each field of each record */

struct volume { const char *name, *state, *guid; uint32_t flags; uint64_t sectors; };
struct half   { const char *name, *state; uint32_t flags; uint8_t layout; uint64_t volume; };
struct part   { uint64_t id; const char *name; uint32_t flags; uint64_t start, offset, sectors, half, disk; unsigned column; };
struct member { const char *name, *guid; uint32_t flags; };

/* Disk2's database has been changed. How many groups are there, when all that is disputed is marked as that? */
static void assert_differs(struct mirror *m, bool differs, unsigned groups)
{
    mirror_scan(m, 0, 2);
    if (differs)
        assert_disputed(m, STATUS_DATABASES_DIFFER, true);
    else
        assert_undisputed(m);
    assert_int_equal(m->s->view.group_count, groups);
    for (size_t g = 0; g < m->s->view.group_count; g++)
        for (size_t i = 0; i < m->s->view.groups[g].component_count; i++)
            assert_int_equal(has_note(&m->s->view.groups[g].components[i].reasons, STATUS_DATABASES_DIFFER), differs);
    mirror_free(m);
}

static void test_a_volume_that_differs(void **state)
{
    static const struct volume cases[] = {
        { "Volume1", "ACTIVE", LDMDISK_VOLUME_GUID, 0x400011, 2000 },  /* as it is */
        { "Volume2", "ACTIVE", LDMDISK_VOLUME_GUID, 0x400011, 2000 },
        { "Volume", "ACTIVE", LDMDISK_VOLUME_GUID, 0x400011, 2000 },
        { "Volume1", "SYNC", LDMDISK_VOLUME_GUID, 0x400011, 2000 },
        { "Volume1", "ACTIVE", "aabbccdd-0102-0304-0506-0708090a0b0d", 0x400011, 2000 },
        { "Volume1", "ACTIVE", LDMDISK_VOLUME_GUID, 0x400010, 2000 },
        { "Volume1", "ACTIVE", LDMDISK_VOLUME_GUID, 0x400011, 1999 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mirror *m = mirror_new();

        ldmdisk_remove(&m->image[1], 10);
        ldmdisk_add_volume(&m->image[1], 10, cases[i].name, cases[i].state, cases[i].flags, 2, cases[i].sectors, cases[i].guid);
        assert_differs(m, i > 0, 1);
    }
}

static void test_a_half_that_differs(void **state)
{
    static const struct half cases[] = {
        { "Volume1-01", "ACTIVE", 0, LAYOUT_CONCAT, 10 },
        { "Volume1-0", "ACTIVE", 0, LAYOUT_CONCAT, 10 },
        { "Volume1-01", "STALE", 0, LAYOUT_CONCAT, 10 },
        { "Volume1-01", "ACTIVE", 1, LAYOUT_CONCAT, 10 },
        { "Volume1-01", "ACTIVE", 0, LAYOUT_STRIPE, 10 },
        { "Volume1-01", "ACTIVE", 0, LAYOUT_CONCAT, 30 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mirror *m = mirror_new();

        ldmdisk_remove(&m->image[1], 11);
        ldmdisk_add_component(&m->image[1], 11, cases[i].name, cases[i].state, cases[i].flags, cases[i].layout, 1, cases[i].volume, 0);
        assert_differs(m, i > 0, 1);
    }
}

/* What Disk2 says is on Disk2, and Disk1 does not: then each went on without the other, and Disk2 is a group of its own. */
static void test_a_part_that_differs(void **state)
{
    static const struct { struct part p; unsigned groups; } cases[] = {
        { { 13, "Disk1-01", 0, 100, 0, 2000, 11, 21, 0 }, 1 },
        { { 13, "Disk1-02", 0, 100, 0, 2000, 11, 21, 0 }, 1 },
        { { 13, "Disk1-01", 1, 100, 0, 2000, 11, 21, 0 }, 1 },
        { { 13, "Disk1-01", 0, 101, 0, 2000, 11, 21, 0 }, 1 },
        { { 13, "Disk1-01", 0, 100, 1, 2000, 11, 21, 0 }, 1 },
        { { 13, "Disk1-01", 0, 100, 0, 1999, 11, 21, 0 }, 1 },
        { { 13, "Disk1-01", 0, 100, 0, 2000, 12, 21, 0 }, 1 },
        { { 13, "Disk1-01", 0, 100, 0, 2000, 11, 21, 1 }, 1 },
        { { 13, "Disk1-01", 0, 100, 0, 2000, 11, 22, 0 }, 2 },
        { { 14, "Disk2-01", 1, 700, 0, 2000, 12, 22, 0 }, 1 },  /* the same place, another flag */
        { { 14, "Disk2-02", 0, 700, 0, 2000, 12, 22, 0 }, 2 },
        { { 14, "Disk2-01", 0, 701, 0, 2000, 12, 22, 0 }, 2 },
        { { 14, "Disk2-01", 0, 700, 1, 2000, 12, 22, 0 }, 2 },
        { { 14, "Disk2-01", 0, 700, 0, 1999, 12, 22, 0 }, 2 },
        { { 14, "Disk2-01", 0, 700, 0, 2000, 11, 22, 0 }, 2 },
        { { 14, "Disk2-01", 0, 700, 0, 2000, 12, 22, 1 }, 2 },
        { { 14, "Disk2-01", 0, 700, 0, 2000, 12, 21, 0 }, 1 },  /* by its own word nothing of Volume1 is on it */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mirror     *m = mirror_new();
        const struct part *p = &cases[i].p;

        ldmdisk_remove(&m->image[1], p->id);
        ldmdisk_add_partition(&m->image[1], p->id, p->name, p->flags, p->start, p->offset, p->sectors, p->half, p->disk, p->column);
        assert_differs(m, i > 0, cases[i].groups);
    }
}

static void test_a_disk_record_that_differs(void **state)
{
    static const struct member cases[] = {
        { "Disk1", LDMDISK_GUID1, 0 }, { "Disk2", LDMDISK_GUID1, 0 }, { "Disk1", MIRROR_GUID3, 0 }, { "Disk1", LDMDISK_GUID1, 1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mirror *m = mirror_new();

        ldmdisk_remove(&m->image[1], 21);
        ldmdisk_add_disk(&m->image[1], 21, cases[i].name, cases[i].guid, LDMDISK_DEVICE1, cases[i].flags);
        assert_differs(m, i > 0, 1);
    }
}

/* One that only one of them has, of each kind: before, between and behind those that both have. */
static void test_a_record_that_one_of_them_has(void **state)
{
    static const uint64_t ids[] = { 10, 30, 11, 12, 31, 13, 14, 32, 21 };

    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        for (unsigned without = 0; without < 2; without++) {
            struct mirror *m = mirror_new();
            bool           of_disk2 = ids[i] == 14 || ids[i] == 32;

            ldmdisk_remove(&m->image[without], ids[i]);
            mirror_scan(m, 0, 2);
            for (size_t k = 0; k < m->s->view.groups[0].component_count; k++)
                assert_true(has_note(&m->s->view.groups[0].components[k].reasons, STATUS_DATABASES_DIFFER));
            assert_int_equal(m->s->view.group_count, without == 0 && of_disk2 ? 2 : 1);
            mirror_free(m);
        }
}

/* A record that cannot be read is damage; what both can read must be the same all the same. */
static void test_lost_records_are_no_difference(void **state)
{
    static const struct { bool first, second; uint64_t start; bool differs; } cases[] = {
        { false, true, 100, false }, { true, false, 100, false }, { true, true, 100, false }, { false, true, 101, true },
        { true, true, 101, true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mirror *m = mirror_new();

        if (cases[i].first) {
            ldmdisk_remove(&m->image[0], 31);
            m->image[0].extra_counts[1]++;
        }
        if (cases[i].second) {
            ldmdisk_remove(&m->image[1], 30);
            m->image[1].extra_counts[0]++;
        }
        ldmdisk_remove(&m->image[1], 13);
        ldmdisk_add_partition(&m->image[1], 13, "Disk1-01", 0, cases[i].start, 0, 2000, 11, 21, 0);
        mirror_scan(m, 0, 2);
        assert_int_equal(disputed(m, "Volume1-01", STATUS_DATABASES_DIFFER), cases[i].differs);
        assert_int_equal(m->s->view.group_count, 1);
        mirror_free(m);
    }
}

/* Where what is lost could be what both have, nobody leaves the group for it. */
static void test_a_group_that_is_lost_in_part_lets_nobody_go(void **state)
{
    struct mirror *m = mirror_new();

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        ldmdisk_remove(&m->image[i], 31 - i);
        m->image[i].extra_counts[1 - i]++;
    }
    ldmdisk_remove(&m->image[1], 14);
    ldmdisk_add_partition(&m->image[1], 14, "Disk2-01", 0, 701, 0, 2000, 12, 22, 0);
    mirror_scan(m, 0, 2);
    assert_true(disputed(m, "Volume1-01", STATUS_DATABASES_DIFFER));
    assert_int_equal(m->s->view.group_count, 1);
    mirror_free(m);
}

/* ---- the same records, but logs */

static void log_detach(struct ldmdisk *b, uint64_t id, uint64_t transaction)
{
    b->klog[b->klog_count++] = (struct klog_entry){ KLOG_DETACH, id, transaction };
}

static void test_logs_that_drop_one_anothers_half(void **state)
{
    static const struct { uint64_t by_first[2], by_second[2]; bool split; } cases[] = {
        { { 12 }, { 11 }, true }, { { 12 }, { 0 }, false }, { { 0 }, { 11 }, false }, { { 22 }, { 13 }, true },
        { { 12, 11 }, { 11 }, false }, { { 12 }, { 11, 12 }, false }, { { 30 }, { 11 }, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mirror *m = mirror_new();

        for (unsigned k = 0; k < 2; k++) {
            if (cases[i].by_first[k])
                log_detach(&m->image[0], cases[i].by_first[k], 100);
            if (cases[i].by_second[k])
                log_detach(&m->image[1], cases[i].by_second[k], 100);
        }
        mirror_scan(m, 0, 2);
        if (cases[i].split)
            assert_disputed(m, STATUS_SPLIT_BRAIN, false);
        else
            assert_undisputed(m);
        mirror_free(m);
    }
}

/* A third half, Volume1-03, on a third disk, Disk3. */
static struct mirror *three_way(void)
{
    struct mirror *m = mirror_new();

    for (unsigned i = 0; i < 2; i++) {
        ldmdisk_remove(&m->image[i], 10);
        ldmdisk_add_volume(&m->image[i], 10, "Volume1", "ACTIVE", 0x11, 3, 2000, LDMDISK_VOLUME_GUID);
        ldmdisk_add_disk(&m->image[i], 23, "Disk3", MIRROR_GUID3, "", 0);
        ldmdisk_add_component(&m->image[i], 15, "Volume1-03", "ACTIVE", 0, LAYOUT_CONCAT, 1, 10, 0);
        ldmdisk_add_partition(&m->image[i], 16, "Disk3-01", 0, 300, 0, 2000, 15, 23, 0);
    }
    mirror_add_disk(m, MIRROR_GUID3, 0);
    return m;
}

/* Any two of the three halves. */
static void test_logs_of_a_mirror_of_three(void **state)
{
    static const uint64_t half[] = { 11, 12, 15 };

    (void)state;
    for (unsigned a = 0; a < 3; a++)
        for (unsigned b = 0; b < 3; b++) {
            struct mirror *m = three_way();

            log_detach(&m->image[a], half[b], 100);
            if (a != b)
                log_detach(&m->image[b], half[a], 100);
            mirror_scan(m, 0, 3);
            assert_int_equal(disputed(m, "Volume1-01", STATUS_SPLIT_BRAIN), a != b);
            assert_int_equal(disputed(m, "Volume1-03", STATUS_SPLIT_BRAIN), a != b);
            assert_false(disputed(m, "Data-01", STATUS_SPLIT_BRAIN));
            mirror_free(m);
        }
}

/* Of more halves than there can be the logs are not compared: none of them is started in any case. */
static void test_logs_of_too_many_halves(void **state)
{
    (void)state;
    for (unsigned halves = 32; halves < 34; halves++) {
        struct mirror *m = mirror_new();

        for (unsigned i = 0; i < 2; i++) {
            ldmdisk_remove(&m->image[i], 10);
            ldmdisk_add_volume(&m->image[i], 10, "Volume1", "ACTIVE", 0x11, halves, 2000, LDMDISK_VOLUME_GUID);
            for (unsigned k = 2; k < halves; k++)
                ldmdisk_add_component(&m->image[i], 200 + k, "more", "ACTIVE", 0, LAYOUT_CONCAT, 1, 10, 0);
            log_detach(&m->image[i], 12 - i, 100);
        }
        mirror_scan(m, 0, 2);
        assert_int_equal(disputed(m, "Volume1-01", STATUS_SPLIT_BRAIN), halves == 32);
        assert_false(view_component(m->s, "Volume1-01")->usable);
        mirror_free(m);
    }
}

/* Nor is a half of more parts than there can be, first or second: its own mark keeps it from being started. */
static void test_logs_of_a_half_of_too_many_parts(void **state)
{
    (void)state;
    for (uint64_t half = 11; half < 13; half++)
        for (unsigned parts = 32; parts < 34; parts++) {
            struct mirror *m = mirror_new();

            for (unsigned i = 0; i < 2; i++) {
                ldmdisk_remove(&m->image[i], half);
                ldmdisk_remove(&m->image[i], half + 2);
                ldmdisk_add_component(&m->image[i], half, "damaged", "ACTIVE", 0, LAYOUT_CONCAT, parts, 10, 0);
                for (unsigned k = 0; k < parts; k++)
                    ldmdisk_add_partition(&m->image[i], 100 + k, "part", 0, 100 + 50 * k, 50 * k,
                                          k + 1 < parts ? 50 : 2000 - 50 * k, half, half == 11 ? 21 : 22, 0);
                log_detach(&m->image[i], 12 - i, 100);
            }
            mirror_scan(m, 0, 2);
            assert_int_equal(disputed(m, half == 11 ? "Volume1-02" : "Volume1-01", STATUS_SPLIT_BRAIN), parts == 32);
            assert_int_equal(view_component(m->s, "damaged")->present, parts == 32);
            mirror_free(m);
        }
}

/* ---- an older database */

static struct mirror *older(struct mirror *m)
{
    m->image[0].committed = NEWEST;
    for (unsigned i = 1; i < m->disks; i++)
        m->image[i].committed = OLDER;
    return m;
}

/* The transaction that wrote this record, in the database of this disk. */
static void set_changed(struct ldmdisk *b, uint64_t id, uint64_t transaction)
{
    struct ldmdisk_record *r = ldmdisk_find(b, id);
    uint8_t                wanted[8] = { 0, 0, 0, 0, 0, 0, 0, CHANGED };

    for (size_t at = 0; at + 8 <= r->len; at++)
        if (memcmp(r->bytes + at, wanted, 8) == 0)
            put_be(r->bytes + at, transaction, 8);
}

/* In the database of this disk: Volume1-01 is not good any more, by this record or flag of it. */
static void drop_first_half(struct ldmdisk *b, uint64_t by)
{
    ldmdisk_remove(b, by);
    if (by == 11)
        ldmdisk_add_component(b, 11, "Volume1-01", "ACTIVE", LDM_COMP_RECOVER, LAYOUT_CONCAT, 1, 10, 0);
    else if (by == 13)
        ldmdisk_add_partition(b, 13, "Disk1-01", LDM_PART_DETACH, 100, 0, 2000, 11, 21, 0);
    else
        ldmdisk_add_disk(b, 21, "Disk1", LDMDISK_GUID1, LDMDISK_DEVICE1, LDM_DISK_REMOVED);
}

static void drop_second_half(struct ldmdisk *b)
{
    ldmdisk_remove(b, 12);
    ldmdisk_add_component(b, 12, "Volume1-02", "ACTIVE", LDM_COMP_RECOVER, LAYOUT_CONCAT, 1, 10, 0);
}

static void test_an_older_disk_calls_itself_the_survivor(void **state)
{
    static const uint64_t by[] = { 11, 13, 21 };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct mirror *m = older(mirror_new());

        drop_first_half(&m->image[1], by[i]);
        mirror_scan(m, 0, 2);
        assert_disputed(m, STATUS_SPLIT_BRAIN, false);
        assert_ptr_equal(view_component(m->s, "Volume1-01")->disputant, &m->s->view.disks[1]);
        assert_ptr_equal(view_component(m->s, "Volume1-02")->disputant, &m->s->view.disks[0]);

        drop_second_half(&m->image[1]);  /* it has no good half either */
        mirror_scan(m, 0, 2);
        assert_undisputed(m);
        mirror_free(m);
    }
}

/* The same with the disks' places changed: the older one is the first, and what it has is listed first. */
static void test_the_first_disk_is_the_older_one(void **state)
{
    struct mirror *m = mirror_new();

    (void)state;
    m->image[0].committed = OLDER;
    m->image[1].committed = NEWEST;
    drop_second_half(&m->image[0]);
    mirror_scan(m, 0, 2);
    assert_disputed(m, STATUS_SPLIT_BRAIN, false);
    assert_ptr_equal(view_component(m->s, "Volume1-02")->disputant, &m->s->view.disks[0]);
    mirror_free(m);
}

/* A half that the older database, which is whole, does not list any more is one that it has dropped. */
static void test_an_older_disk_that_does_not_list_the_other_half(void **state)
{
    struct mirror *m = older(mirror_new());

    (void)state;
    ldmdisk_remove(&m->image[1], 11);
    ldmdisk_remove(&m->image[1], 13);
    mirror_scan(m, 0, 2);
    assert_disputed(m, STATUS_SPLIT_BRAIN, true);  /* the half was made in its time: all of its history is another one */
    assert_false(disputed(m, "Volume1-01", STATUS_HISTORIES_PARTED));

    m->image[1].extra_counts[1]++;                 /* it is lost there, and may not have been dropped */
    mirror_scan(m, 0, 2);
    assert_false(disputed(m, "Volume1-01", STATUS_SPLIT_BRAIN));
    log_detach(&m->image[1], 11, OLDER);           /* but the log says so */
    mirror_scan(m, 0, 2);
    assert_true(disputed(m, "Volume1-01", STATUS_SPLIT_BRAIN));
    mirror_free(m);
}

/* Records of an older database that name what it does not list: nothing follows from them, and nothing is read there. */
static void test_an_older_database_with_loose_ends(void **state)
{
    static const uint64_t lost[][2] = { { 21, 21 }, { 12, 12 }, { 31, 31 }, { 10, 10 }, { 21, 22 } };

    (void)state;
    for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++) {
        struct mirror *m = older(mirror_new());

        drop_first_half(&m->image[1], 11);
        ldmdisk_remove(&m->image[1], lost[i][0]);
        if (lost[i][1] != lost[i][0])
            ldmdisk_remove(&m->image[1], lost[i][1]);
        mirror_scan(m, 0, 2);
        /* with a good half on itself, by its own records, it calls itself the survivor */
        assert_disputed(m, lost[i][0] == 12 || lost[i][1] == 22 ? STATUS_HISTORIES_PARTED : STATUS_SPLIT_BRAIN, true);
        mirror_free(m);

        m = older(mirror_new());  /* where nothing is against the other half, nothing of what is loose is */
        for (unsigned k = 0; k < 1u + (lost[i][1] != lost[i][0]); k++)
            ldmdisk_remove(&m->image[1], lost[i][k]);
        mirror_scan(m, 0, 2);
        assert_disputed(m, STATUS_HISTORIES_PARTED, true);
        mirror_free(m);
    }
}

/* Nothing depends on the order of ids: those of a later volume's parts may be the lower ones. */
static void test_ids_in_another_order(void **state)
{
    struct mirror *m = older(mirror_new());

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        ldmdisk_remove(&m->image[i], 32);
        ldmdisk_add_partition(&m->image[i], 9, "Disk2-02", 0, 4000, 0, 500, 31, 22, 0);
    }
    drop_first_half(&m->image[1], 11);
    mirror_scan(m, 0, 2);
    assert_disputed(m, STATUS_SPLIT_BRAIN, false);
    mirror_free(m);
}

/* The newest one has dropped the half itself, or its disk is not here: then there is nothing to be taken for the survivor. */
static void test_a_half_that_nobody_calls_good(void **state)
{
    static const uint64_t by[] = { 11, 13, 21 };
    struct mirror        *m;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        m = older(mirror_new());
        drop_first_half(&m->image[1], 13);
        drop_first_half(&m->image[0], by[i]);
        set_changed(&m->image[0], by[i], OLDER + 1);
        mirror_scan(m, 0, 2);
        assert_undisputed(m);
        mirror_free(m);
    }

    m = older(three_way());  /* Disk1's half is what Disk2 speaks against, and only Disk3 has the newest database */
    m->image[2].committed = NEWEST;
    drop_first_half(&m->image[1], 11);
    mirror_scan(m, 0, 3);
    assert_true(disputed(m, "Volume1-01", STATUS_SPLIT_BRAIN));
    mirror_scan(m, 1, 2);
    assert_undisputed(m);
    mirror_free(m);
}

static void test_an_older_log_drops_the_other_half(void **state)
{
    static const struct { uint64_t id, transaction; bool split; } cases[] = {
        { 11, OLDER, true }, { 21, OLDER, true }, { 11, OLDER - 1, false }, { 9999, OLDER, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mirror *m = older(mirror_new());

        log_detach(&m->image[1], cases[i].id, cases[i].transaction);
        mirror_scan(m, 0, 2);
        if (cases[i].split)
            assert_disputed(m, STATUS_SPLIT_BRAIN, false);
        else
            assert_undisputed(m);
        mirror_free(m);
    }
}

/* A simple volume on Disk1, which Disk2 knows and says nothing of. */
static void add_to_disk1(struct mirror *m)
{
    for (unsigned i = 0; i < m->disks; i++) {
        ldmdisk_add_volume(&m->image[i], 40, "More", "ACTIVE", 0x11, 1, 100, "00000000-0000-0000-0000-00000000da7b");
        ldmdisk_add_component(&m->image[i], 41, "More-01", "ACTIVE", 0, LAYOUT_CONCAT, 1, 40, 0);
        ldmdisk_add_partition(&m->image[i], 43, "Disk1-02", 0, 5000, 0, 100, 41, 21, 0);
    }
}

/* It may have called itself the survivor: of what it has a half of; of anything, where a mirror's own record is lost. */
static void test_an_older_database_that_is_lost_in_part(void **state)
{
    static const struct { uint64_t lost; unsigned kind; bool group; } cases[] = {
        { 41, 1, false }, { 11, 1, false }, { 30, 0, false }, { 10, 0, true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mirror *m = older(mirror_new());

        add_to_disk1(m);
        ldmdisk_remove(&m->image[1], cases[i].lost);
        m->image[1].extra_counts[cases[i].kind]++;
        mirror_scan(m, 0, 2);
        assert_disputed(m, STATUS_OPINION_LOST, true);  /* Data is on Disk2, too */
        assert_int_equal(disputed(m, "More-01", STATUS_OPINION_LOST), cases[i].group);
        mirror_free(m);
    }
}

/* The newest database has lost the record of the volume: its halves are of none, whatever the older one says of them. */
static void test_an_older_disk_speaks_of_a_volume_that_is_lost(void **state)
{
    struct mirror *m = older(mirror_new());

    (void)state;
    drop_first_half(&m->image[1], 11);
    ldmdisk_remove(&m->image[0], 10);
    m->image[0].extra_counts[0]++;
    mirror_scan(m, 0, 2);
    assert_null(view_component(m->s, "Volume1-01")->volume);
    assert_false(disputed(m, "Volume1-01", STATUS_SPLIT_BRAIN));
    assert_false(view_component(m->s, "Volume1-01")->usable);
    mirror_free(m);
}

static void test_an_older_log_that_is_lost(void **state)
{
    struct mirror *m = older(mirror_new());

    (void)state;
    add_to_disk1(m);
    m->image[1].klog[0].kind = 99;
    m->image[1].klog_count = 1;
    mirror_scan(m, 0, 2);
    assert_disputed(m, STATUS_OPINION_LOST, true);
    assert_false(disputed(m, "More-01", STATUS_OPINION_LOST));
    mirror_free(m);
}

/* ---- of several disputes, the one that is told */

static void scan_in_order(struct mirror *m, bool swapped)
{
    if (swapped) {
        struct ldmdisk  image = m->image[1];
        struct memdisk *disk = m->disk[1];

        m->image[1] = m->image[2];
        m->disk[1] = m->disk[2];
        m->image[2] = image;
        m->disk[2] = disk;
    }
    mirror_scan(m, 0, 3);
}

static const char *disputant(const struct mirror *m, const char *half)
{
    return view_component(m->s, half)->disputant->dev->name;
}

/* Disk2 calls itself the survivor; of Disk3, what it says is lost in part, or its history is another one. */
static void test_what_is_certain_is_told_before_what_may_be(void **state)
{
    (void)state;
    for (unsigned swapped = 0; swapped < 2; swapped++) {
        struct mirror *m = older(three_way());

        drop_first_half(&m->image[1], 11);
        m->image[2].klog[0].kind = 99;
        m->image[2].klog_count = 1;
        scan_in_order(m, swapped);
        assert_true(disputed(m, "Volume1-01", STATUS_SPLIT_BRAIN));
        assert_false(disputed(m, "Volume1-01", STATUS_OPINION_LOST));
        assert_string_equal(disputant(m, "Volume1-01"), "hd81");
        mirror_free(m);

        m = older(three_way());
        drop_first_half(&m->image[1], 11);
        ldmdisk_remove(&m->image[2], 30);  /* it does not list what was made in its time */
        scan_in_order(m, swapped);
        assert_true(disputed(m, "Volume1-01", STATUS_SPLIT_BRAIN));
        assert_string_equal(disputant(m, "Volume1-01"), "hd81");
        assert_true(disputed(m, "Data-01", STATUS_HISTORIES_PARTED));
        mirror_free(m);
    }
}

/* The same of two disks: the first one is named. */
static void test_two_disks_that_cannot_be_heard(void **state)
{
    struct mirror *m = older(three_way());

    (void)state;
    for (unsigned i = 1; i < 3; i++) {
        m->image[i].klog[0].kind = 99;
        m->image[i].klog_count = 1;
    }
    mirror_scan(m, 0, 3);
    assert_true(disputed(m, "Volume1-01", STATUS_OPINION_LOST));
    assert_string_equal(disputant(m, "Volume1-01"), "hd81");
    mirror_free(m);
}

/* ---- a half that the older database cannot know */

/* Disk2 was replaced by Disk3, whose half is 55; Disk1, from which it was copied, is not here. */
static struct mirror *replaced(uint64_t id)
{
    struct mirror *m = older(mirror_new());

    ldmdisk_remove(&m->image[0], 12);
    ldmdisk_remove(&m->image[0], 14);
    ldmdisk_add_disk(&m->image[0], 54, "Disk3", MIRROR_GUID3, "", 0);
    ldmdisk_add_component(&m->image[0], id, "Volume1-03", "ACTIVE", 0, LAYOUT_CONCAT, 1, 10, 0);
    ldmdisk_add_partition(&m->image[0], id + 1, "Disk3-01", 0, 300, 0, 2000, id, 54, 0);
    mirror_add_disk(m, MIRROR_GUID3, 0);
    return m;
}

static void test_a_half_made_after_the_older_databases_time(void **state)
{
    struct mirror *m = replaced(55);

    (void)state;
    mirror_scan(m, 1, 2);
    assert_undisputed(m);                /* Disk2 knows nothing of it, and has nothing against Disk1's half */
    drop_first_half(&m->image[1], 11);   /* which it stands for */
    mirror_scan(m, 1, 2);
    assert_true(disputed(m, "Volume1-03", STATUS_SPLIT_BRAIN));
    drop_first_half(&m->image[0], 11);   /* the newest has dropped that one, too */
    drop_first_half(&m->image[2], 11);
    mirror_scan(m, 1, 2);
    assert_undisputed(m);
    mirror_free(m);
}

/* ---- a disk that the newest database does not list any more */

static struct mirror *unlisted(void)
{
    static const uint64_t ids[] = { 22, 10, 12, 14, 30, 31, 32 };
    struct mirror        *m = older(mirror_new());

    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        ldmdisk_remove(&m->image[0], ids[i]);
    ldmdisk_add_volume(&m->image[0], 10, "Volume1", "ACTIVE", 0x11, 1, 2000, LDMDISK_VOLUME_GUID);
    return m;
}

/* It is a group of its own, a rival; or it was left behind. */
static void assert_rival(struct mirror *m, unsigned disks, bool rival)
{
    mirror_scan(m, 0, disks);
    assert_int_equal(m->s->view.group_count, rival ? 2 : 1);
    assert_int_equal(m->s->view.disks[1].parted, rival ? STATUS_HISTORIES_PARTED : STATUS_OK);
    for (size_t i = 0; rival && i < m->s->view.groups[1].component_count; i++)  /* they are disputed where it disputes the others */
        assert_int_equal(m->s->view.groups[1].components[i].dispute, m->s->view.disks[1].disputes ? STATUS_HISTORIES_PARTED : STATUS_OK);
    assert_false(disputed(m, "Volume1-01", STATUS_HISTORIES_PARTED));
    mirror_free(m);
}

static void test_a_disk_that_was_put_out_of_the_group(void **state)
{
    struct mirror *m = unlisted();

    (void)state;
    assert_rival(m, 2, false);           /* both call Disk1 good */

    m = unlisted();
    ldmdisk_add_disk(&m->image[0], 54, "Disk3", MIRROR_GUID3, "", 0);
    assert_rival(m, 2, false);           /* one that only the newest lists changes nothing */

    m = unlisted();
    drop_first_half(&m->image[1], 11);   /* it calls its own half the survivor */
    mirror_scan(m, 0, 2);
    assert_true(disputed(m, "Volume1-01", STATUS_SPLIT_BRAIN));
    assert_int_equal(m->s->view.group_count, 1);
    mirror_free(m);

    m = unlisted();
    drop_first_half(&m->image[1], 11);   /* no disk that both call good is left */
    drop_second_half(&m->image[1]);
    assert_rival(m, 2, true);

    m = unlisted();                      /* one that the older one alone calls good is none */
    drop_first_half(&m->image[1], 11);
    drop_second_half(&m->image[1]);
    ldmdisk_add_disk(&m->image[1], 24, "Disk3", MIRROR_GUID3, "", 0);
    assert_rival(m, 2, true);

    m = unlisted();
    drop_first_half(&m->image[0], 21);
    assert_rival(m, 2, true);

    m = unlisted();
    drop_first_half(&m->image[0], 11);
    assert_rival(m, 2, true);

    m = unlisted();
    ldmdisk_remove(&m->image[1], 32);    /* what is lost may be what tells them apart */
    m->image[1].extra_counts[2]++;
    assert_rival(m, 2, true);
}

/* The same where Disk2's own record comes before that of Disk1 in its database. */
static void test_a_disk_that_was_put_out_and_is_listed_first(void **state)
{
    struct mirror  *m = unlisted();
    struct ldmdisk *b = &m->image[1];

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        ldmdisk_remove(b, (uint64_t[]){ 22, 14, 32 }[i]);
    ldmdisk_add_disk(b, 20, "Disk2", LDMDISK_GUID2, "", 0);
    ldmdisk_add_partition(b, 14, "Disk2-01", 0, 700, 0, 2000, 12, 20, 0);
    ldmdisk_add_partition(b, 32, "Disk2-02", 0, 4000, 0, 500, 31, 20, 0);
    assert_rival(m, 2, false);
}

/* Disk2 and Disk3 with a mirror of the two, that Disk1 knows nothing of: a volume of this id, its halves from that id on. */
static struct mirror *pair_of(uint64_t volume, uint64_t id)
{
    struct mirror  *m = unlisted();
    struct ldmdisk *b = &m->image[1];

    ldmdisk_add_disk(b, 24, "Disk3", MIRROR_GUID3, "", 0);
    ldmdisk_add_volume(b, volume, "Pair", "ACTIVE", 0x11, 2, 100, "00000000-0000-0000-0000-00000000da7c");
    for (unsigned i = 0; i < 2; i++) {
        ldmdisk_add_component(b, id + i, i ? "Pair-02" : "Pair-01", "ACTIVE", 0, LAYOUT_CONCAT, 1, volume, 0);
        ldmdisk_add_partition(b, 36 + i, "pair", 0, 9000, 0, 100, id + i, i ? 24 : 22, 0);
    }
    mirror_add_disk(m, MIRROR_GUID3, 1);
    return m;
}

static struct mirror *pair(void)
{
    return pair_of(33, 34);
}

static void test_two_disks_that_went_on_as_a_pair(void **state)
{
    struct mirror *m = pair();

    (void)state;
    mirror_scan(m, 0, 3);
    assert_int_equal(m->s->view.group_count, 2);
    assert_int_equal(m->s->view.groups[1].disks[2].copies, 1);  /* both are in the second one */
    mirror_free(m);

    for (unsigned i = 0; i < 2; i++) {   /* numbers that are lower than those of the other volumes */
        m = i ? pair_of(5, 34) : pair_of(33, 7);
        mirror_scan(m, 0, 3);
        assert_int_equal(m->s->view.group_count, 2);
        mirror_free(m);
    }

    m = pair();
    m->image[2].committed--;             /* put out one by one */
    assert_rival(m, 3, false);

    assert_rival(pair(), 2, false);      /* alone it is no pair */

    m = pair();
    for (unsigned i = 1; i < 3; i++) {   /* no mirror any more */
        ldmdisk_remove(&m->image[i], 35);
        ldmdisk_add_component(&m->image[i], 35, "Pair-02", "STALE", 0, LAYOUT_CONCAT, 1, 33, 0);
    }
    assert_rival(m, 3, false);
}

/* ---- histories */

static void assert_parted(struct mirror *m, bool parted)
{
    mirror_scan(m, 0, 2);
    if (parted)
        assert_disputed(m, STATUS_HISTORIES_PARTED, true);
    else
        assert_undisputed(m);
    mirror_free(m);
}

/* A record of the newest database that was written in the older one's time is in that one, and the same. */
static void test_a_record_written_in_the_older_ones_time(void **state)
{
    static const uint64_t ids[] = { 10, 11, 13, 21 };

    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        struct mirror *m = older(mirror_new());

        set_changed(&m->image[0], ids[i], OLDER);
        assert_parted(m, true);
        m = older(mirror_new());
        set_changed(&m->image[0], ids[i], OLDER + 1);
        assert_parted(m, false);
        m = older(mirror_new());
        for (unsigned k = 0; k < 2; k++)
            set_changed(&m->image[k], ids[i], OLDER);
        assert_parted(m, false);
    }
}

/* What nothing has written since the older one's time is in it with the same name, size and parent. */
static void test_a_record_that_is_another_one_without_having_been_written(void **state)
{
    static const struct volume volumes[] = { { "Volume1", "ACTIVE", LDMDISK_VOLUME_GUID, 0x11, 2000 },
                                             { "Volume2", "ACTIVE", LDMDISK_VOLUME_GUID, 0x11, 2000 },
                                             { "Volume1", "ACTIVE", LDMDISK_VOLUME_GUID, 0x11, 2001 } };
    static const struct half   halves[] = { { "Volume1-01", "ACTIVE", 1, LAYOUT_CONCAT, 10 }, { "Volume1-0", "ACTIVE", 0, LAYOUT_CONCAT, 10 },
                                            { "Volume1-01", "ACTIVE", 0, LAYOUT_CONCAT, 30 } };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct mirror *m = older(mirror_new());

        ldmdisk_remove(&m->image[1], 10);
        ldmdisk_add_volume(&m->image[1], 10, volumes[i].name, volumes[i].state, volumes[i].flags, 2, volumes[i].sectors, volumes[i].guid);
        assert_parted(m, i > 0);
        m = older(mirror_new());
        ldmdisk_remove(&m->image[1], 11);
        ldmdisk_add_component(&m->image[1], 11, halves[i].name, halves[i].state, halves[i].flags, halves[i].layout, 1, halves[i].volume, 0);
        assert_parted(m, i > 0);
    }
}

static void test_a_guid_that_changed(void **state)
{
    struct mirror *m = older(mirror_new());

    (void)state;
    ldmdisk_remove(&m->image[0], 10);
    ldmdisk_add_volume(&m->image[0], 10, "Volume1", "ACTIVE", 0x11, 2, 2000, "aabbccdd-0102-0304-0506-0708090a0b0d");
    set_changed(&m->image[0], 10, OLDER + 1);
    assert_parted(m, true);

    m = older(mirror_new());
    ldmdisk_remove(&m->image[1], 21);
    ldmdisk_add_disk(&m->image[1], 21, "Disk1", MIRROR_GUID3, LDMDISK_DEVICE1, 0);
    set_changed(&m->image[0], 21, OLDER + 1);
    assert_parted(m, true);
}

/* An id says when its object was made only where all of a database's ids are such. */
static void test_ids_that_are_no_transactions(void **state)
{
    (void)state;
    for (unsigned are = 0; are < 2; are++) {
        struct mirror *m = mirror_new();

        m->image[0].committed = 45;
        m->image[1].committed = are ? 32 : 31;  /* 32: the last id that is in it */
        for (unsigned i = 0; i < 2; i++)
            for (size_t k = 0; k < m->image[i].record_count; k++)
                set_changed(&m->image[i], (uint64_t[]){ 1, 21, 22, 10, 11, 13, 12, 14, 30, 31, 32 }[k], 20);
        ldmdisk_add_disk(&m->image[0], 5, "Disk4", MIRROR_GUID3, "", 0);
        assert_parted(m, are);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_volume_that_differs),
        cmocka_unit_test(test_a_half_that_differs),
        cmocka_unit_test(test_a_part_that_differs),
        cmocka_unit_test(test_a_disk_record_that_differs),
        cmocka_unit_test(test_a_record_that_one_of_them_has),
        cmocka_unit_test(test_lost_records_are_no_difference),
        cmocka_unit_test(test_a_group_that_is_lost_in_part_lets_nobody_go),
        cmocka_unit_test(test_logs_that_drop_one_anothers_half),
        cmocka_unit_test(test_logs_of_a_mirror_of_three),
        cmocka_unit_test(test_logs_of_too_many_halves),
        cmocka_unit_test(test_logs_of_a_half_of_too_many_parts),
        cmocka_unit_test(test_an_older_disk_calls_itself_the_survivor),
        cmocka_unit_test(test_the_first_disk_is_the_older_one),
        cmocka_unit_test(test_an_older_disk_that_does_not_list_the_other_half),
        cmocka_unit_test(test_an_older_database_with_loose_ends),
        cmocka_unit_test(test_ids_in_another_order),
        cmocka_unit_test(test_a_half_that_nobody_calls_good),
        cmocka_unit_test(test_an_older_log_drops_the_other_half),
        cmocka_unit_test(test_an_older_database_that_is_lost_in_part),
        cmocka_unit_test(test_an_older_disk_speaks_of_a_volume_that_is_lost),
        cmocka_unit_test(test_an_older_log_that_is_lost),
        cmocka_unit_test(test_what_is_certain_is_told_before_what_may_be),
        cmocka_unit_test(test_two_disks_that_cannot_be_heard),
        cmocka_unit_test(test_a_half_made_after_the_older_databases_time),
        cmocka_unit_test(test_a_disk_that_was_put_out_of_the_group),
        cmocka_unit_test(test_a_disk_that_was_put_out_and_is_listed_first),
        cmocka_unit_test(test_two_disks_that_went_on_as_a_pair),
        cmocka_unit_test(test_a_record_written_in_the_older_ones_time),
        cmocka_unit_test(test_a_record_that_is_another_one_without_having_been_written),
        cmocka_unit_test(test_a_guid_that_changed),
        cmocka_unit_test(test_ids_that_are_no_transactions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
