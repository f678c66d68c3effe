/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_judge.c - every mark against a half, one by one; several disks of a group; positions that cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/ldm/disk.h"
#include "tests/support/mirror.h"

static void test_two_good_halves(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    mirror_scan(f, 0, 2);
    assert_true(view_component(f->s, "Volume1-01")->usable);
    assert_true(view_component(f->s, "Volume1-02")->usable);
    assert_true(view_component(f->s, "Data-01")->usable);
    assert_int_equal(view_component(f->s, "Volume1-01")->extents[0].lba, 63 + 100);
    assert_int_equal(view_component(f->s, "Volume1-02")->extents[0].lba, 63 + 700);
    assert_ptr_equal(view_component(f->s, "Volume1-02")->extents[0].disk, &f->s->view.disks[1]);
    assert_int_equal(f->s->view.group_count, 1);
    mirror_free(f);
}

/* ---- marks in the records */

static void component_with(struct mirror *f, const char *text, uint32_t flags)
{
    mirror_remove(f, 11);
    for (unsigned i = 0; i < 2; i++)
        ldmdisk_add_component(&f->image[i], 11, "Volume1-01", text, flags, LAYOUT_CONCAT, 1, 10, 0);
    mirror_scan(f, 0, 2);
    assert_true(view_component(f->s, "Volume1-02")->usable);  /* the other half is none the worse */
}

static void test_marks_of_a_component(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    component_with(f, "ACTIVE", 0);
    assert_true(view_component(f->s, "Volume1-01")->usable);
    component_with(f, "ACTIVE", LDM_COMP_RECOVER);
    assert_only_mark(f->s, "Volume1-01", COMPONENT_STALE, STATUS_COMPONENT_RECOVER);
    component_with(f, "ACTIVE", LDM_COMP_IOFAIL);
    assert_only_mark(f->s, "Volume1-01", COMPONENT_FAILED, STATUS_COMPONENT_IOFAIL);
    component_with(f, "ACTIVE", LDM_COMP_PENDING);
    assert_only_mark(f->s, "Volume1-01", COMPONENT_STALE, STATUS_COMPONENT_PENDING);
    component_with(f, "SYNC", 0);
    assert_only_mark(f->s, "Volume1-01", COMPONENT_RESYNC, STATUS_COMPONENT_NOT_ACTIVE);
    component_with(f, "STALE", 0);
    assert_only_mark(f->s, "Volume1-01", COMPONENT_STALE, STATUS_COMPONENT_NOT_ACTIVE);
    assert_string_equal(view_component(f->s, "Volume1-01")->reasons.first->text,
                        "Volume1-01 (STALE): its state is not ACTIVE");
    component_with(f, "", 0);
    assert_only_mark(f->s, "Volume1-01", COMPONENT_STALE, STATUS_COMPONENT_NOT_ACTIVE);
    component_with(f, "ACTIVE2", 0);
    assert_only_mark(f->s, "Volume1-01", COMPONENT_STALE, STATUS_COMPONENT_NOT_ACTIVE);
    mirror_free(f);
}

static void volume_with(struct mirror *f, const char *text, uint32_t flags)
{
    mirror_remove(f, 10);
    for (unsigned i = 0; i < 2; i++)
        ldmdisk_add_volume(&f->image[i], 10, "Volume1", text, 0x11 | flags, 2, 2000, LDMDISK_VOLUME_GUID);
    mirror_scan(f, 0, 2);
    assert_true(view_component(f->s, "Data-01")->usable);
}

static void test_marks_of_a_volume(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    volume_with(f, "ACTIVE", LDM_VOL_CRASHED);
    assert_only_mark(f->s, "Volume1-01", COMPONENT_FAILED, STATUS_VOLUME_CRASHED);
    assert_only_mark(f->s, "Volume1-02", COMPONENT_FAILED, STATUS_VOLUME_CRASHED);
    volume_with(f, "ACTIVE", LDM_VOL_KDETACH);
    assert_only_mark(f->s, "Volume1-02", COMPONENT_STALE, STATUS_VOLUME_DETACHED);
    volume_with(f, "ACTIVE", LDM_VOL_BAD_LOG);
    assert_only_mark(f->s, "Volume1-01", COMPONENT_UNKNOWN, STATUS_VOLUME_BAD_LOG);
    volume_with(f, "ACTIVE", LDM_VOL_APP_RECOVER);
    assert_only_mark(f->s, "Volume1-02", COMPONENT_UNKNOWN, STATUS_VOLUME_APP_RECOVER);
    volume_with(f, "ACTIVE", LDM_VOL_PENDING);
    assert_only_mark(f->s, "Volume1-01", COMPONENT_UNKNOWN, STATUS_VOLUME_PENDING);
    assert_false(view_component(f->s, "Volume1-01")->old);
    volume_with(f, "SYNC", 0);
    assert_only_mark(f->s, "Volume1-01", COMPONENT_RESYNC, STATUS_VOLUME_NOT_ACTIVE);
    volume_with(f, "ACTIVE", LDM_VOL_BOOT | LDM_VOL_SYSTEM | LDM_VOL_RETAINED);  /* no marks */
    assert_true(view_component(f->s, "Volume1-01")->usable);
    mirror_free(f);
}

/* While a mirror is synchronised the half is good that is not marked, when all the others are. */
static void test_the_source_of_a_resync(void **state)
{
    static const struct { const char *volume; uint32_t first, second; unsigned halves; bool source; } cases[] = {
        { "SYNC", LDM_COMP_RECOVER, 0, 2, true }, { "SYNC", 0, 0, 2, false },
        { "SYNC", LDM_COMP_RECOVER, LDM_COMP_RECOVER, 2, false }, { "ACTIVE", LDM_COMP_RECOVER, 0, 2, false },
        { "SYNC", LDM_COMP_RECOVER, 0, 3, false },  /* of the third nothing says that it is old */
        { "SYNC", 0, 0, 1, false },                 /* nothing that it could be copied to */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mirror              *f = mirror_new();
        const struct ldm_component *c;

        for (unsigned id = 10; id < 13; id++)
            mirror_remove(f, id);
        for (unsigned k = 0; k < 2; k++) {
            struct ldmdisk *b = &f->image[k];

            ldmdisk_add_volume(b, 10, "Volume1", cases[i].volume, 0x11, cases[i].halves, 2000, LDMDISK_VOLUME_GUID);
            if (cases[i].halves > 1)
                ldmdisk_add_component(b, 11, "Volume1-01", "ACTIVE", cases[i].first, LAYOUT_CONCAT, 1, 10, 0);
            else
                ldmdisk_remove(b, 13);
            ldmdisk_add_component(b, 12, "Volume1-02", "ACTIVE", cases[i].second, LAYOUT_CONCAT, 1, 10, 0);
            if (cases[i].halves > 2)
                ldmdisk_add_component(b, 15, "Volume1-03", "ACTIVE", 0, LAYOUT_CONCAT, 0, 10, 0);
        }
        mirror_scan(f, 0, 2);
        c = view_component(f->s, "Volume1-02");
        assert_int_equal(c->source, cases[i].source);
        if (cases[i].source)
            assert_true(c->usable);
        else
            assert_int_equal(has_note(&c->reasons, STATUS_VOLUME_NOT_ACTIVE), strcmp(cases[i].volume, "SYNC") == 0);
        mirror_free(f);
    }
}

static void partition_with(struct mirror *f, uint32_t flags, uint64_t start, uint64_t offset, uint64_t sectors)
{
    mirror_remove(f, 13);
    for (unsigned i = 0; i < 2; i++)
        ldmdisk_add_partition(&f->image[i], 13, "Disk1-01", flags, start, offset, sectors, 11, 21, 0);
    mirror_scan(f, 0, 2);
    assert_true(view_component(f->s, "Volume1-02")->usable);
}

static void test_marks_of_a_partition(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    partition_with(f, LDM_PART_RECOVER, 100, 0, 2000);
    assert_only_mark(f->s, "Volume1-01", COMPONENT_STALE, STATUS_PARTITION_RECOVER);
    partition_with(f, LDM_PART_DETACH, 100, 0, 2000);
    assert_only_mark(f->s, "Volume1-01", COMPONENT_STALE, STATUS_PARTITION_DETACHED);
    partition_with(f, 0x20 | 0x40 | 0x100, 100, 0, 2000);  /* relocate, boot-extended, origboot: no marks */
    assert_true(view_component(f->s, "Volume1-01")->usable);
    mirror_free(f);
}

static void disk_with(struct mirror *f, uint32_t flags)
{
    mirror_remove(f, 21);
    for (unsigned i = 0; i < 2; i++)
        ldmdisk_add_disk(&f->image[i], 21, "Disk1", LDMDISK_GUID1, "", flags);
    mirror_scan(f, 0, 2);
    assert_true(view_component(f->s, "Volume1-02")->usable);
}

static void test_marks_of_a_disk(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    disk_with(f, LDM_DISK_FAILING);
    assert_only_mark(f->s, "Volume1-01", COMPONENT_FAILED, STATUS_DISK_FAILING);
    disk_with(f, LDM_DISK_REMOVED);
    assert_only_mark(f->s, "Volume1-01", COMPONENT_FAILED, STATUS_DISK_REMOVED);
    disk_with(f, LDM_DISK_DETACHED);
    assert_only_mark(f->s, "Volume1-01", COMPONENT_FAILED, STATUS_DISK_DETACHED);
    disk_with(f, LDM_DISK_ENCAP_PENDING);
    assert_only_mark(f->s, "Volume1-01", COMPONENT_UNKNOWN, STATUS_DISK_ENCAP_PENDING);
    disk_with(f, LDM_DISK_MERGE_REQUIRED);
    assert_only_mark(f->s, "Volume1-01", COMPONENT_UNKNOWN, STATUS_DISK_MERGE_REQUIRED);
    disk_with(f, 1 | 2);  /* reserved, spare: no marks */
    assert_true(view_component(f->s, "Volume1-01")->usable);
    mirror_free(f);
}

/* The committed state holds; but of what the pending change takes away, another disk may have newer data already. */
static void test_a_half_that_the_pending_change_takes_away(void **state)
{
    static const uint64_t ids[] = { 11, 13, 21, 10 };

    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        struct mirror *f = mirror_new();

        for (unsigned k = 0; k < 2; k++) {
            f->image[k].vmdb_status = VMDB_CHANGE;
            ldmdisk_find(&f->image[k], ids[i])->status = RECORD_STATUS_DELETING;
        }
        mirror_scan(f, 0, 2);
        if (ids[i] == 10)  /* the volume's own record says nothing of one half alone */
            assert_true(view_component(f->s, "Volume1-01")->usable);
        else
            assert_only_mark(f->s, "Volume1-01", COMPONENT_ACTIVE, STATUS_COMPONENT_LEAVING);
        assert_false(view_component(f->s, "Volume1-01")->old);
        assert_true(view_component(f->s, "Volume1-02")->usable);
        assert_true(view_component(f->s, "Data-01")->usable);
        mirror_free(f);
    }
}

/* The format's own limit: 32 are fine, more are damage. */
static void test_too_many_parts(void **state)
{
    static const struct {
        unsigned parts, halves;
        bool     refused;
    } cases[] = { { 32, 2, false }, { 33, 2, true }, { 1, 32, false }, { 1, 33, true } };

    (void)state;
    for (size_t n = 0; n < sizeof cases / sizeof cases[0]; n++) {
        struct mirror *f = mirror_new();

        mirror_remove(f, 10);
        mirror_remove(f, 11);
        mirror_remove(f, 13);
        for (unsigned i = 0; i < 2; i++) {
            ldmdisk_add_volume(&f->image[i], 10, "Volume1", "ACTIVE", 0x11, cases[n].halves, 2000, LDMDISK_VOLUME_GUID);
            ldmdisk_add_component(&f->image[i], 11, "Volume1-01", "ACTIVE", 0, LAYOUT_CONCAT, cases[n].parts, 10, 0);
            for (unsigned k = 0; k < cases[n].parts; k++)
                ldmdisk_add_partition(&f->image[i], 100 + k, "part", 0, 100 + 50 * k, 50 * k,
                                      k + 1 < cases[n].parts ? 50 : 2000 - 50 * k, 11, 21, 0);
            for (unsigned k = 2; k < cases[n].halves; k++)
                ldmdisk_add_component(&f->image[i], 200 + k, "more", "ACTIVE", 0, LAYOUT_CONCAT, 1, 10, 0);
        }
        mirror_scan(f, 0, 2);
        assert_int_equal(has_note(&view_component(f->s, "Volume1-01")->reasons, STATUS_TOO_MANY_PARTS), cases[n].refused);
        assert_int_equal(has_note(&view_component(f->s, "Volume1-02")->reasons, STATUS_TOO_MANY_PARTS), cases[n].halves > 32);
        assert_int_equal(view_component(f->s, "Volume1-01")->present, !cases[n].refused);
        mirror_free(f);
    }
}

/* A count that 32 bits do not hold is not taken for what is left of it. */
static void test_counts_beyond_32_bits(void **state)
{
    static const struct { uint64_t halves, parts; } cases[] = { { 2 + (1ull << 32), 1 }, { 2, 1 + (1ull << 32) } };

    (void)state;
    for (size_t n = 0; n < 2; n++) {
        struct mirror *f = mirror_new();

        mirror_remove(f, 10);
        mirror_remove(f, 11);
        for (unsigned i = 0; i < 2; i++) {
            ldmdisk_add_volume(&f->image[i], 10, "Volume1", "ACTIVE", 0x11, cases[n].halves, 2000, LDMDISK_VOLUME_GUID);
            ldmdisk_add_component(&f->image[i], 11, "Volume1-01", "ACTIVE", 0, LAYOUT_CONCAT, cases[n].parts, 10, 0);
        }
        mirror_scan(f, 0, 2);
        assert_marked(f->s, "Volume1-01", COMPONENT_UNKNOWN, STATUS_TOO_MANY_PARTS);
        assert_int_equal(view_component(f->s, "Volume1-02")->usable, n == 1);
        mirror_free(f);
    }
}

static void test_marks_add_up_and_the_gravest_names_the_state(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    component_with(f, "SYNC", LDM_COMP_RECOVER | LDM_COMP_IOFAIL);
    assert_marked(f->s, "Volume1-01", COMPONENT_FAILED, STATUS_COMPONENT_NOT_ACTIVE);
    assert_int_equal(view_component(f->s, "Volume1-01")->reasons.count, 3);
    mirror_scan(f, 1, 1);
    assert_marked(f->s, "Volume1-01", COMPONENT_MISSING, STATUS_DISK_MISSING);
    assert_true(view_component(f->s, "Volume1-01")->old);  /* which is not forgotten for that */
    assert_false(view_component(f->s, "Volume1-02")->old);
    mirror_free(f);
}

/* Each state beside the next graver one, in the order in which they are found; which of them say that the data is old. */
static void test_of_two_states_the_graver_one(void **state)
{
    static const struct {
        const char          *text;
        uint32_t             half, disk;  /* flags */
        bool                 missing, old;
        enum component_state state;
    } cases[] = {
        { "SYNC", 0, 0, false, true, COMPONENT_RESYNC },
        { "SYNC", LDM_COMP_RECOVER, 0, false, true, COMPONENT_STALE },
        { "ACTIVE", LDM_COMP_RECOVER | LDM_COMP_IOFAIL, 0, false, true, COMPONENT_FAILED },
        { "ACTIVE", LDM_COMP_IOFAIL | LDM_COMP_PENDING, 0, false, true, COMPONENT_FAILED },
        { "ACTIVE", LDM_COMP_IOFAIL, 0, true, true, COMPONENT_MISSING },
        { "ACTIVE", 0, 0, true, false, COMPONENT_MISSING },
        { "ACTIVE", 0, LDM_DISK_ENCAP_PENDING, true, false, COMPONENT_UNKNOWN },
        { "ACTIVE", 0, LDM_DISK_REMOVED | LDM_DISK_ENCAP_PENDING, false, true, COMPONENT_UNKNOWN },
        { "ACTIVE", 0, LDM_DISK_FAILING, false, false, COMPONENT_FAILED },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mirror              *f = mirror_new();
        const struct ldm_component *c;

        mirror_remove(f, 11);
        mirror_remove(f, 21);
        for (unsigned k = 0; k < 2; k++) {
            ldmdisk_add_component(&f->image[k], 11, "Volume1-01", cases[i].text, cases[i].half, LAYOUT_CONCAT, 1, 10, 0);
            ldmdisk_add_disk(&f->image[k], 21, "Disk1", LDMDISK_GUID1, "", cases[i].disk);
        }
        mirror_scan(f, cases[i].missing, 2 - cases[i].missing);
        c = view_component(f->s, "Volume1-01");
        assert_int_equal(c->state, cases[i].state);
        assert_int_equal(c->old, cases[i].old);
        assert_false(c->usable);
        mirror_free(f);
    }
}

/* A record that its owner counts and that is not there: of a partition, of the other half. */
static void test_records_that_are_missing(void **state)
{
    static const struct { uint64_t id; const char *half; } cases[] = { { 13, "Volume1-01" }, { 12, "Volume1-01" } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mirror *f = mirror_new();

        mirror_remove(f, cases[i].id);
        mirror_scan(f, 0, 2);
        assert_marked(f->s, cases[i].half, COMPONENT_UNKNOWN, STATUS_RECORDS_MISSING);
        assert_int_equal(view_volume(f->s, "Volume1")->type, VOLUME_MIRRORED);
        assert_true(view_component(f->s, "Data-01")->usable);
        mirror_free(f);
    }
}

/* ---- the log */

static void test_a_detach_in_the_log_whatever_it_names(void **state)
{
    static const struct { uint64_t id; bool first, second, data; } cases[] = {
        { 10, false, false, true }, { 11, false, true, true }, { 13, false, true, true }, { 21, false, true, true },
        { 12, true, false, true }, { 22, true, false, false }, { 30, true, true, false }, { 9999, true, true, true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mirror *f = mirror_new();

        for (unsigned k = 0; k < 2; k++) {
            f->image[k].klog[0] = (struct klog_entry){ KLOG_COMMIT, 99, 100 };
            f->image[k].klog[1] = (struct klog_entry){ KLOG_DETACH, cases[i].id, 100 };
            f->image[k].klog_count = 2;
        }
        mirror_scan(f, 0, 2);
        assert_int_equal(view_component(f->s, "Volume1-01")->usable, cases[i].first);
        assert_int_equal(view_component(f->s, "Volume1-02")->usable, cases[i].second);
        assert_int_equal(view_component(f->s, "Data-01")->usable, cases[i].data);
        if (!cases[i].first)
            assert_only_mark(f->s, "Volume1-01", COMPONENT_STALE, STATUS_KLOG_DETACHED);
        mirror_free(f);
    }
}

/* One of an earlier transaction is history; one of none, or of a later one, counts, whatever stands beside it. */
static void test_the_transaction_of_a_detach(void **state)
{
    static const struct { uint64_t transactions[3]; bool detached; } cases[] = {
        { { 99, 99, 99 }, false }, { { 0, 0, 0 }, true }, { { 100, 100, 100 }, true }, { { 99, 0, 99 }, true }, { { 0, 99, 98 }, true },
        { { 99, 100, 98 }, true }, { { UINT64_MAX, 99, 98 }, true }, { { 1, 99, 98 }, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mirror *f = mirror_new();

        for (unsigned k = 0; k < 3; k++)
            f->image[0].klog[k] = (struct klog_entry){ KLOG_DETACH, 11, cases[i].transactions[k] };
        f->image[0].klog[3] = (struct klog_entry){ KLOG_DETACH, 12, 1 };
        f->image[0].klog[4] = (struct klog_entry){ KLOG_DETACH, 10, 1 };
        f->image[0].klog_count = 5;
        mirror_scan(f, 0, 2);
        assert_int_equal(view_component(f->s, "Volume1-01")->usable, !cases[i].detached);
        assert_true(view_component(f->s, "Volume1-02")->usable);
        mirror_free(f);
    }
}

static void test_other_entries_are_no_marks(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    for (unsigned k = 0; k < 2; k++) {
        f->image[k].klog[0] = (struct klog_entry){ KLOG_COMMIT, 10, 11 };
        f->image[k].klog[1] = (struct klog_entry){ KLOG_LOGDETACH, 11, 100 };
        f->image[k].klog[2] = (struct klog_entry){ 0, 0, 0 };
        f->image[k].klog[3] = (struct klog_entry){ KLOG_DETACH, 11, 100 };  /* behind the end */
        f->image[k].klog_count = 4;
    }
    mirror_scan(f, 0, 2);
    assert_true(view_component(f->s, "Volume1-01")->usable);
    mirror_free(f);
}

static void test_a_detach_that_only_one_disk_tells_of_counts(void **state)
{
    (void)state;
    for (unsigned teller = 0; teller < 2; teller++) {
        struct mirror *f = mirror_new();

        f->image[teller].klog[0] = (struct klog_entry){ KLOG_DETACH, 11, 100 };
        f->image[teller].klog_count = 1;
        mirror_scan(f, 0, 2);
        assert_only_mark(f->s, "Volume1-01", COMPONENT_STALE, STATUS_KLOG_DETACHED);
        assert_true(view_component(f->s, "Volume1-02")->usable);
        mirror_free(f);
    }
}

static void test_the_log_of_an_old_database_detaches_nothing(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    f->image[0].committed = 90;
    f->image[0].klog[0] = (struct klog_entry){ KLOG_DETACH, 30, 90 };
    f->image[0].klog_count = 1;
    mirror_scan(f, 0, 2);
    assert_true(view_component(f->s, "Volume1-02")->usable);
    assert_true(view_component(f->s, "Data-01")->usable);  /* nothing of its volume is on the disk that says so */
    mirror_free(f);
}

/* Writes under way are held against a half only where another one had finished them. */
static void test_unfinished_writes(void **state)
{
    static const struct { uint8_t kind; uint64_t id; bool first, second; } cases[] = {
        { KLOG_DIRTY, 11, false, true }, { KLOG_APP_DIRTY, 12, true, false }, { KLOG_DIRTY, 21, false, true },
        { KLOG_DIRTY, 14, true, false }, { KLOG_DIRTY, 10, true, true }, { KLOG_DIRTY, 9999, true, true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mirror *f = mirror_new();

        for (unsigned k = 0; k < 2; k++) {
            f->image[k].klog[0] = (struct klog_entry){ cases[i].kind, cases[i].id, 100 };
            f->image[k].klog_count = 1;
        }
        mirror_scan(f, 0, 2);
        assert_int_equal(view_component(f->s, "Volume1-01")->usable, cases[i].first);
        assert_int_equal(view_component(f->s, "Volume1-02")->usable, cases[i].second);
        if (!cases[i].first) {
            assert_only_mark(f->s, "Volume1-01", COMPONENT_STALE, STATUS_KLOG_DIRTY);
            mirror_scan(f, 0, 1);  /* alone it is the only one that there is */
            assert_true(view_component(f->s, "Volume1-01")->usable);
        }
        mirror_free(f);
    }
}

/* A half that is dirty is still better than one that is stale. */
static void test_unfinished_writes_beside_a_stale_half(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    for (unsigned k = 0; k < 2; k++) {
        f->image[k].klog[0] = (struct klog_entry){ KLOG_DIRTY, 12, 100 };
        f->image[k].klog_count = 1;
    }
    component_with(f, "STALE", 0);
    mirror_free(f);
}

/* The disk that was away is not clean, it did not hear of the writes. */
static void test_unfinished_writes_beside_a_disk_that_was_away(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    f->image[0].klog[0] = (struct klog_entry){ KLOG_DIRTY, 11, 100 };
    f->image[0].klog_count = 1;
    f->image[1].committed--;
    mirror_scan(f, 0, 2);
    assert_true(view_component(f->s, "Volume1-01")->usable);
    assert_true(ldm_component_outdated(view_component(f->s, "Volume1-02")));
    mirror_free(f);
}

static void test_one_good_log_of_two_is_enough(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    memdisk_fail(f->disk[0], ldmdisk_klog_lba(&f->image[0]), 1, STATUS_READ_FAILED);
    mirror_scan(f, 0, 2);
    assert_true(f->s->view.disks[0].klog_bad);
    assert_true(view_component(f->s, "Volume1-01")->usable);
    mirror_scan(f, 0, 1);
    assert_only_mark(f->s, "Volume1-01", COMPONENT_UNKNOWN, STATUS_KLOG_BAD);
    mirror_free(f);
}

/* ---- several disks */

static void test_the_newest_database_counts_whichever_disk_has_it(void **state)
{
    (void)state;
    for (unsigned newer = 0; newer < 2; newer++) {
        struct mirror *f = mirror_new();

        f->image[newer].committed = 101;
        ldmdisk_remove(&f->image[newer], 12 - newer);  /* the older disk's half is stale, says the newer */
        ldmdisk_add_component(&f->image[newer], 12 - newer, newer ? "Volume1-01" : "Volume1-02", "STALE", 0,
                              LAYOUT_CONCAT, 1, 10, 0);
        mirror_scan(f, 0, 2);
        assert_ptr_equal(f->s->view.groups[0].source, &f->s->view.disks[newer]);
        assert_int_equal(view_component(f->s, "Volume1-01")->usable, newer == 0);
        assert_int_equal(view_component(f->s, "Volume1-02")->usable, newer == 1);
        assert_true(has_note(&f->s->view.disks[1 - newer].notes, STATUS_DATABASE_OLD));
        assert_false(has_note(&f->s->view.disks[newer].notes, STATUS_DATABASE_OLD));
        mirror_free(f);
    }
}

static void test_of_two_equal_databases_the_complete_one_is_used(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    for (unsigned i = 0; i < 2; i++)
        ldmdisk_write(&f->image[i]);
    memdisk_fail(f->disk[0], ldmdisk_vmdb_lba(&f->image[0]) + 2, 1, STATUS_READ_FAILED);
    mirror_scan(f, 0, 2);
    assert_true(f->s->view.groups[0].complete);
    assert_ptr_equal(f->s->view.groups[0].source, &f->s->view.disks[1]);
    assert_true(view_component(f->s, "Volume1-01")->usable);
    memdisk_fail(f->disk[1], ldmdisk_vmdb_lba(&f->image[1]) + 2, 1, STATUS_READ_FAILED);
    mirror_scan(f, 0, 2);
    assert_false(f->s->view.groups[0].complete);
    assert_ptr_equal(f->s->view.groups[0].source, &f->s->view.disks[0]);
    mirror_free(f);
}

/* Of two damaged copies: the one that contradicts nothing, then the one with more records, then by the disk's GUID. */
static void test_of_two_damaged_databases_the_better_one_is_used(void **state)
{
    enum damage { LOST_ONE, LOST_TWO, CONTRADICTED };
    static const struct { enum damage first, second; unsigned source; } cases[] = {
        { LOST_ONE, LOST_TWO, 0 }, { LOST_TWO, LOST_ONE, 1 }, { LOST_ONE, LOST_ONE, 0 },
        { CONTRADICTED, LOST_TWO, 1 }, { LOST_TWO, CONTRADICTED, 0 }, { CONTRADICTED, CONTRADICTED, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (unsigned swapped = 0; swapped < 2; swapped++) {
            struct mirror *f = mirror_new();
            struct memdisk *order[2] = { f->disk[swapped], f->disk[1 - swapped] };

            for (unsigned k = 0; k < 2; k++) {
                enum damage damage = k ? cases[i].second : cases[i].first;

                if (damage == CONTRADICTED) {  /* one more than is counted */
                    f->image[k].extra_counts[0]--;
                    ldmdisk_add_disk(&f->image[k], 23, "Disk3", MIRROR_GUID3, "", 0);
                    f->image[k].extra_counts[3]++;
                } else {
                    ldmdisk_remove(&f->image[k], 32);
                    f->image[k].extra_counts[2]++;
                }
                if (damage == LOST_TWO) {
                    ldmdisk_remove(&f->image[k], 31);
                    f->image[k].extra_counts[1]++;
                }
                ldmdisk_write(&f->image[k]);
            }
            f->s = scan_memdisks(order, 2);
            assert_string_equal(f->s->view.groups[0].source->dev->name, cases[i].source ? "hd81" : "hd80");
            mirror_free(f);
        }
}

/* Of each kind of record: the one that has lost one goes before the one that has lost two. */
static void test_of_two_damaged_databases_the_longer_one_is_used(void **state)
{
    static const uint64_t ids[4][2] = { { 30, 10 }, { 31, 12 }, { 32, 14 }, { 21, 22 } };

    (void)state;
    for (unsigned kind = 0; kind < 4; kind++)
        for (unsigned longer = 0; longer < 2; longer++) {
            struct mirror *f = mirror_new();

            for (unsigned i = 0; i < 2; i++)
                for (unsigned k = 0; k < 2 - (i == longer); k++) {
                    ldmdisk_remove(&f->image[i], ids[kind][k]);
                    f->image[i].extra_counts[kind]++;
                }
            mirror_scan(f, 0, 2);
            assert_ptr_equal(f->s->view.groups[0].source, &f->s->view.disks[longer]);
            mirror_free(f);
        }
}

/* A complete one goes before one that has more records, and has lost one. */
static void test_a_complete_database_goes_before_a_longer_one(void **state)
{
    (void)state;
    for (unsigned longer = 0; longer < 2; longer++) {
        struct mirror *f = mirror_new();

        for (unsigned i = 0; i < 2; i++)
            ldmdisk_add_disk(&f->image[longer], 40 + i, "More", MIRROR_GUID3, "", 0);
        ldmdisk_remove(&f->image[longer], 13);
        f->image[longer].extra_counts[2]++;
        mirror_scan(f, 0, 2);
        assert_ptr_equal(f->s->view.groups[0].source, &f->s->view.disks[1 - longer]);
        assert_true(f->s->view.groups[0].complete);
        mirror_free(f);
    }
}

static void test_a_damaged_newest_database_is_not_passed_over_for_an_older_one(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    f->image[1].committed = 101;
    memdisk_fail(f->disk[1], ldmdisk_vmdb_lba(&f->image[1]) + 2, 1, STATUS_READ_FAILED);
    mirror_scan(f, 0, 2);
    assert_ptr_equal(f->s->view.groups[0].source, &f->s->view.disks[1]);
    assert_false(f->s->view.groups[0].complete);
    mirror_free(f);
}

static void test_a_disk_whose_own_database_is_lost(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    memdisk_fail(f->disk[0], ldmdisk_vmdb_lba(&f->image[0]), 1, STATUS_READ_FAILED);
    mirror_scan(f, 0, 2);
    assert_int_equal(f->s->view.disks[0].status, STATUS_VMDB_BAD);
    assert_string_equal(f->s->view.disks[0].record->name, "Disk1");  /* the other's database knows it */
    assert_only_mark(f->s, "Volume1-01", COMPONENT_UNKNOWN, STATUS_VMDB_BAD);
    assert_true(view_component(f->s, "Volume1-02")->usable);
    mirror_free(f);
}

static void test_cloned_disks_are_shown_not_guessed(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    f->image[1].disk_guid = LDMDISK_GUID1;
    f->image[1].committed = 101;
    mirror_scan(f, 0, 2);
    assert_marked(f->s, "Volume1-01", COMPONENT_UNKNOWN, STATUS_DISK_CLONED);
    assert_int_equal(f->s->view.groups[0].disks[0].copies, 2);
    assert_ptr_equal(f->s->view.groups[0].disks[0].present, &f->s->view.disks[1]);  /* the newer one */
    assert_true(has_note(&f->s->view.disks[0].notes, STATUS_DISK_CLONED));
    assert_true(has_note(&f->s->view.disks[1].notes, STATUS_DISK_CLONED));
    assert_int_equal(strncmp(view_component(f->s, "Volume1-01")->reasons.first->text, "Disk1 on hd81 and hd80: ", 24), 0);
    mirror_free(f);
}

/* Of two copies: the one whose database was read, then the newer one, then the first. */
static void test_the_better_copy_of_a_disk(void **state)
{
    static const struct { bool lost[2]; uint64_t committed[2]; unsigned present; } cases[] = {
        { { false, false }, { 100, 100 }, 0 }, { { false, false }, { 99, 100 }, 1 }, { { false, false }, { 100, 99 }, 0 },
        { { true, false }, { 100, 99 }, 1 }, { { false, true }, { 99, 100 }, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mirror *f = mirror_new();

        mirror_add_disk(f, LDMDISK_GUID1, 0);
        for (unsigned k = 0; k < 2; k++) {
            struct ldmdisk *b = &f->image[2 * k];  /* hd80 and hd82 */

            b->committed = cases[i].committed[k];
            if (cases[i].lost[k])
                memdisk_fail(b->disk, ldmdisk_vmdb_lba(b), 1, STATUS_READ_FAILED);
        }
        mirror_scan(f, 0, 3);
        assert_ptr_equal(f->s->view.groups[0].disks[0].present, &f->s->view.disks[2 * cases[i].present]);
        assert_int_equal(f->s->view.groups[0].disks[0].copies, 2);
        assert_marked(f->s, "Volume1-01", COMPONENT_UNKNOWN, STATUS_DISK_CLONED);
        mirror_free(f);
    }
}

/* An older copy of a disk, whose database is lost in part, could have called itself the survivor. */
static void test_an_older_copy_that_cannot_be_heard(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    mirror_add_disk(f, LDMDISK_GUID1, 0);
    f->image[2].committed--;
    mirror_scan(f, 0, 3);
    assert_true(view_component(f->s, "Volume1-02")->usable);

    f->image[2].klog[0].kind = 99;
    f->image[2].klog_count = 1;
    mirror_scan(f, 0, 3);
    assert_marked(f->s, "Volume1-02", COMPONENT_UNKNOWN, STATUS_OPINION_LOST);
    mirror_free(f);
}

/* One of them has the other's place: nothing on it is where the records say. */
static void test_two_records_of_one_disk(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    mirror_remove(f, 22);
    for (unsigned i = 0; i < 2; i++)
        ldmdisk_add_disk(&f->image[i], 22, "Disk2", LDMDISK_GUID1, "", 0);
    mirror_scan(f, 0, 1);
    assert_marked(f->s, "Volume1-01", COMPONENT_UNKNOWN, STATUS_DATABASE_INCONSISTENT);
    assert_marked(f->s, "Volume1-02", COMPONENT_UNKNOWN, STATUS_DATABASE_INCONSISTENT);
    assert_true(has_note(&f->s->view.groups[0].notes, STATUS_DATABASE_INCONSISTENT));
    mirror_free(f);
}

static void test_a_disk_that_its_group_does_not_list(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    f->image[1].disk_guid = MIRROR_GUID3;
    mirror_scan(f, 0, 2);
    assert_null(f->s->view.disks[1].record);
    assert_true(has_note(&f->s->view.disks[1].notes, STATUS_DISK_NOT_LISTED));
    assert_string_equal(ldm_disk_status_name(&f->s->view.disks[1]), "foreign");
    assert_marked(f->s, "Volume1-02", COMPONENT_MISSING, STATUS_DISK_MISSING);
    mirror_free(f);
}

static void test_two_groups_stay_apart(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    f->image[1].group_guid = "12345678-8888-7777-6666-555555555555";
    for (unsigned i = 0; i < 2; i++) {  /* each knows its own disk, and one that is not here */
        ldmdisk_remove(&f->image[i], i ? 21 : 22);
        ldmdisk_add_disk(&f->image[i], i ? 21 : 22, i ? "Disk1" : "Disk2", MIRROR_GUID3, "", 0);
    }
    mirror_scan(f, 0, 2);
    assert_int_equal(f->s->view.group_count, 2);
    assert_true(f->s->view.groups[0].components[0].usable);   /* Volume1-01 on hd80 */
    assert_false(f->s->view.groups[0].components[1].usable);
    assert_false(f->s->view.groups[1].components[0].usable);
    assert_true(f->s->view.groups[1].components[1].usable);
    mirror_free(f);
}

/* ---- histories that parted: Disk2's database is the older one */

static void add_simple(struct ldmdisk *b, uint64_t id)
{
    ldmdisk_add_volume(b, id, "More", "ACTIVE", 0x11, 1, 100, "00000000-0000-0000-0000-00000000da7b");
    ldmdisk_add_component(b, id + 1, "More-01", "ACTIVE", 0, LAYOUT_CONCAT, 1, id, 0);
    ldmdisk_add_partition(b, id + 2, "Disk2-03", 0, 5000, 0, 100, id + 1, 22, 0);
}

static void part(struct mirror *f)
{
    f->image[0].committed = 60;
    f->image[1].committed = 50;
}

static void assert_parted(const struct mirror *f, unsigned groups)
{
    assert_int_equal(f->s->view.group_count, groups);
    for (unsigned g = 0; g < groups; g++)
        for (unsigned i = 0; i < f->s->view.groups[g].component_count; i++) {
            assert_false(f->s->view.groups[g].components[i].usable);
            assert_true(has_note(&f->s->view.groups[g].components[i].reasons, STATUS_HISTORIES_PARTED));
            assert_false(has_note(&f->s->view.groups[g].components[i].reasons, STATUS_DISK_ELSEWHERE));
        }
}

static void test_what_an_older_database_must_have_seen(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    part(f);
    add_simple(&f->image[0], 51);  /* made after its time */
    mirror_scan(f, 0, 2);
    assert_true(view_component(f->s, "Volume1-01")->usable);

    part(f);
    ldmdisk_remove(&f->image[0], 51);
    ldmdisk_remove(&f->image[0], 52);
    ldmdisk_remove(&f->image[0], 53);
    add_simple(&f->image[0], 48);  /* made in its time, and it has not seen it */
    mirror_scan(f, 0, 2);
    assert_parted(f, 1);           /* what is on Disk2 is listed by Disk1's database */
    mirror_free(f);
}

static void test_what_an_older_database_has_alone(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    part(f);
    add_simple(&f->image[1], 47);  /* it may have been deleted */
    mirror_scan(f, 0, 2);
    assert_int_equal(f->s->view.group_count, 1);
    assert_true(view_component(f->s, "Volume1-01")->usable);

    add_simple(&f->image[0], 44);  /* it was not: this one is missing there */
    mirror_scan(f, 0, 2);
    assert_parted(f, 2);           /* only Disk2's own database shows what is on Disk2 */
    assert_null(f->s->view.groups[0].disks[1].present);
    assert_ptr_equal(f->s->view.groups[0].disks[1].elsewhere, &f->s->view.disks[1]);
    assert_ptr_equal(f->s->view.disks[1].group, &f->s->view.groups[1]);
    mirror_free(f);
}

/* Of two copies of Disk2 one leaves the group: the other one stays, whichever was the better one. */
static void test_one_of_two_copies_leaves(void **state)
{
    (void)state;
    for (uint64_t other = 49; other < 56; other += 6) {
        struct mirror *f = mirror_new();

        part(f);
        add_simple(&f->image[0], 44);
        mirror_add_disk(f, LDMDISK_GUID2, 0);
        f->image[2].committed = other;
        add_simple(&f->image[1], 47);
        mirror_scan(f, 0, 3);
        assert_int_equal(f->s->view.group_count, 2);
        assert_ptr_equal(f->s->view.groups[0].disks[1].present, &f->s->view.disks[2]);
        assert_int_equal(f->s->view.groups[0].disks[1].copies, 1);
        assert_null(f->s->view.groups[0].disks[1].elsewhere);
        assert_ptr_equal(f->s->view.disks[1].group, &f->s->view.groups[1]);
        mirror_free(f);
    }
}

static void test_one_id_for_two_kinds(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    part(f);
    add_simple(&f->image[0], 44);
    ldmdisk_add_disk(&f->image[1], 45, "Disk3", MIRROR_GUID3, "", 0);
    f->image[1].extra_counts[0] = 1;  /* a record is lost, so that nothing follows from what is not there */
    mirror_scan(f, 0, 2);
    assert_parted(f, 1);
    mirror_free(f);
}

/* Imported by another machine, and brought back: Windows may have run on it there. */
static void test_a_disk_that_went_to_another_group(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    f->image[1].group_guid = "12345678-8888-7777-6666-555555555555";
    mirror_scan(f, 0, 2);
    assert_int_equal(f->s->view.group_count, 2);
    for (unsigned g = 0; g < 2; g++)
        for (unsigned i = 0; i < 2; i++) {
            assert_false(f->s->view.groups[g].components[i].usable);
            assert_true(has_note(&f->s->view.groups[g].components[i].reasons, STATUS_DISK_ELSEWHERE));
        }
    mirror_free(f);
}

/* The front of hd80 was overwritten with that of another disk: whose disk it is nobody knows, and what may have run on it. */
static void test_a_disk_that_is_two(void **state)
{
    struct mirror *f = mirror_new();
    uint8_t       *copy;

    (void)state;
    mirror_scan(f, 0, 2);
    copy = memdisk_at(f->disk[0], 6);
    memcpy(copy + PRIVHEAD_DISK_GUID, MIRROR_GUID3, 36);
    ldmdisk_checksum(copy);
    scanned_free(f->s);
    f->s = scan_memdisks(f->disk, 2);
    assert_int_equal(f->s->view.disks[0].status, STATUS_PRIVHEAD_CONFLICT);
    assert_marked(f->s, "Volume1-01", COMPONENT_MISSING, STATUS_PRIVHEAD_CONFLICT);
    assert_only_mark(f->s, "Volume1-02", COMPONENT_UNKNOWN, STATUS_PRIVHEAD_CONFLICT);
    assert_true(view_component(f->s, "Data-01")->usable);
    mirror_free(f);
}

/* ---- what the disk's own table says */

/* Volume1-01 is marked as basic by its entry, and nothing else is; or it is not. */
static void assert_basic_or_not(const struct mirror *f, bool marked)
{
    if (marked)
        assert_only_mark(f->s, "Volume1-01", COMPONENT_UNKNOWN, STATUS_ENTRY_BASIC);
    assert_int_equal(view_component(f->s, "Volume1-01")->usable, !marked);
    assert_true(view_component(f->s, "Volume1-02")->usable);
}

static void set_entry(struct mirror *f, unsigned disk, unsigned entry, uint8_t type, uint32_t start, uint32_t sectors)
{
    uint8_t *e = memdisk_at(f->disk[disk], 0) + 0x1be + 16 * entry;

    e[4] = type;
    for (unsigned i = 0; i < 4; i++) {
        e[8 + i] = (uint8_t)(start >> 8 * i);
        e[12 + i] = (uint8_t)(sectors >> 8 * i);
    }
}

static void rescan(struct mirror *f)
{
    scanned_free(f->s);
    f->s = scan_memdisks(f->disk, 2);
}

/* Its PRIVHEADs name it, and its table says that it is no dynamic disk any more. */
static void test_a_disk_that_was_made_basic(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    mirror_scan(f, 0, 2);
    set_entry(f, 0, 0, 0x07, 63, 15000);
    rescan(f);
    assert_marked(f->s, "Volume1-01", COMPONENT_MISSING, STATUS_DISK_MADE_BASIC);
    assert_only_mark(f->s, "Volume1-02", COMPONENT_UNKNOWN, STATUS_DISK_MADE_BASIC);
    assert_string_equal(view_component(f->s, "Volume1-02")->reasons.first->text + strlen("Disk1 (hd80)"),
                        ": a disk of the volume is here, but basic by its partition table: Windows may have run on it "
                        "alone since");
    assert_true(view_component(f->s, "Data-01")->usable);  /* of which nothing was on that disk */
    mirror_free(f);
}

static void test_a_half_whose_own_entry_is_basic(void **state)
{
    static const struct {
        uint8_t  type;
        uint32_t start, sectors;
        bool     marked;
    } cases[] = {
        { 0x07, 163, 2000, true },  { 0x0c, 163, 2000, true }, { 0x07, 63, 12000, true }, { 0x07, 2162, 1, true },
        { 0x42, 163, 2000, false }, { 0x05, 163, 2000, false }, { 0x0f, 100, 3000, false }, { 0x07, 63, 100, false },
        { 0x07, 2163, 100, false }, { 0x07, 2000, 0, false }, { 0x07, 63, 101, true }, { 0xee, 163, 2000, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mirror *f = mirror_new();

        mirror_scan(f, 0, 2);
        set_entry(f, 0, 1, cases[i].type, cases[i].start, cases[i].sectors);
        rescan(f);
        assert_basic_or_not(f, cases[i].marked);
        mirror_free(f);
    }
}

/* A logical drive: the link of the chain lies before the volume, which starts at 163. */
static void test_a_half_that_is_a_logical_drive(void **state)
{
    static const struct {
        uint8_t extended, type;
        bool    marked;
    } cases[] = { { 0x05, 0x07, true }, { 0x0f, 0x0c, true }, { 0x05, 0x42, false }, { 0x05, 0x00, false }, { 0x42, 0x07, false } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mirror *f = mirror_new();
        uint8_t       *link;

        mirror_scan(f, 0, 2);
        set_entry(f, 0, 1, cases[i].extended, 100, 3000);
        link = memdisk_at(f->disk[0], 100);
        memset(link, 0, 512);
        link[0x1be + 4] = cases[i].type;
        link[0x1be + 8] = 63;
        link[0x1be + 13] = 8;  /* 2048 sectors */
        link[510] = 0x55;
        link[511] = 0xaa;
        rescan(f);
        assert_basic_or_not(f, cases[i].marked);
        mirror_free(f);
    }
}

static void test_status_of_the_vmdb(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    for (uint16_t status = 0; status < 12; status++) {
        bool used = status >= VMDB_CLEAN && status <= VMDB_ABORT;

        f->image[0].vmdb_status = status;  /* one disk's copy alone: the other's is the one that counts */
        f->image[1].vmdb_status = VMDB_CLEAN;
        mirror_scan(f, 0, 2);
        if (!used) {
            assert_only_mark(f->s, "Volume1-01", COMPONENT_UNKNOWN, STATUS_VMDB_UNTRUSTED);
            assert_true(view_component(f->s, "Volume1-02")->usable);
        }

        f->image[0].vmdb_status = f->image[1].vmdb_status = status;
        mirror_scan(f, 0, 2);
        assert_int_equal(view_component(f->s, "Volume1-01")->usable, used);
        assert_int_equal(has_note(&f->s->view.groups[0].notes, STATUS_VMDB_PENDING),
                         status == VMDB_CHANGE || status == VMDB_ABORT);
        if (!used)
            assert_only_mark(f->s, "Volume1-01", COMPONENT_UNKNOWN, STATUS_VMDB_UNTRUSTED);
    }
    mirror_free(f);
}

/*
 * One disk has a change behind it (CLEAN), the other has it decided (COMMIT) and not written to its end: the first one's half
 * is taken, the other one's only when it is alone.
 */
static void test_a_commit_that_one_disk_has_to_its_end(void **state)
{
    (void)state;
    for (unsigned behind = 0; behind < 2; behind++) {
        struct mirror *f = mirror_new();
        const char    *half[2] = { "Volume1-01", "Volume1-02" };

        f->image[1 - behind].vmdb_status = VMDB_COMMIT;
        mirror_scan(f, 0, 2);
        assert_true(view_component(f->s, half[behind])->usable);
        assert_only_mark(f->s, half[1 - behind], COMPONENT_ACTIVE, STATUS_COMMIT_ELSEWHERE);
        mirror_scan(f, 1 - behind, 1);
        assert_true(view_component(f->s, half[1 - behind])->usable);
        f->image[behind].vmdb_status = VMDB_COMMIT;  /* neither of them has: both are as good */
        mirror_scan(f, 0, 2);
        assert_true(view_component(f->s, "Volume1-01")->usable);
        assert_true(view_component(f->s, "Volume1-02")->usable);
        mirror_free(f);
    }
}

/* ---- positions */

static void test_extents_that_cannot_be(void **state)
{
    struct mirror *f = mirror_new();
    uint64_t       public_sectors = 20000 - 2048 - 63;

    (void)state;
    partition_with(f, 0, public_sectors - 2000, 0, 2000);  /* up to the very end */
    assert_true(view_component(f->s, "Volume1-01")->usable);
    partition_with(f, 0, public_sectors - 1999, 0, 2000);
    assert_marked(f->s, "Volume1-01", COMPONENT_UNKNOWN, STATUS_EXTENTS_INVALID);
    partition_with(f, 0, UINT64_MAX, 0, 2000);
    assert_marked(f->s, "Volume1-01", COMPONENT_UNKNOWN, STATUS_EXTENTS_INVALID);
    partition_with(f, 0, UINT64_MAX - 62, 0, 2000);
    assert_marked(f->s, "Volume1-01", COMPONENT_UNKNOWN, STATUS_EXTENTS_INVALID);
    partition_with(f, 0, 100, 0, UINT64_MAX);
    assert_marked(f->s, "Volume1-01", COMPONENT_UNKNOWN, STATUS_EXTENTS_INVALID);
    partition_with(f, 0, 100, 0, 1999);                    /* shorter than the volume */
    assert_marked(f->s, "Volume1-01", COMPONENT_UNKNOWN, STATUS_EXTENTS_INVALID);
    partition_with(f, 0, 100, 1, 2000);                    /* does not begin at its beginning */
    assert_marked(f->s, "Volume1-01", COMPONENT_UNKNOWN, STATUS_EXTENTS_INVALID);
    partition_with(f, 0, 100, 0, 0);
    assert_marked(f->s, "Volume1-01", COMPONENT_UNKNOWN, STATUS_EXTENTS_INVALID);
    mirror_free(f);
}

/* A volume of one sector is one, a volume of none is not. */
static void test_the_smallest_volume(void **state)
{
    (void)state;
    for (uint64_t sectors = 0; sectors < 2; sectors++) {
        struct mirror *f = mirror_new();

        mirror_remove(f, 10);
        for (unsigned i = 0; i < 2; i++)
            ldmdisk_add_volume(&f->image[i], 10, "Volume1", "ACTIVE", 0x11, 2, sectors, LDMDISK_VOLUME_GUID);
        mirror_scan(f, 0, 2);
        assert_int_equal(view_component(f->s, "Volume1-01")->complete, sectors);
        assert_int_equal(view_component(f->s, "Volume1-01")->usable, sectors);
        mirror_free(f);
    }
}

struct piece {
    uint64_t start, offset, sectors;
    unsigned column;
};

/* Volume1-01 in this layout, of these pieces on Disk1; is it complete? */
static bool complete_with(uint8_t layout, unsigned columns, unsigned expected, const struct piece *pieces,
                          unsigned count)
{
    struct mirror *f = mirror_new();
    bool           complete;

    mirror_remove(f, 11);
    mirror_remove(f, 13);
    for (unsigned i = 0; i < 2; i++) {
        ldmdisk_add_component(&f->image[i], 11, "Volume1-01", "ACTIVE", 0, layout, expected, 10, columns);
        for (unsigned k = 0; k < count; k++)
            ldmdisk_add_partition(&f->image[i], 100 + k, "piece", 0, pieces[k].start, pieces[k].offset,
                                  pieces[k].sectors, 11, 21, pieces[k].column);
    }
    mirror_scan(f, 0, 2);
    complete = view_component(f->s, "Volume1-01")->complete;
    assert_int_equal(view_component(f->s, "Volume1-01")->usable, complete);
    mirror_free(f);
    return complete;
}

#define COMPLETE(layout, columns, expected, ...)                                                            \
    complete_with(layout, columns, expected, (const struct piece[]){ __VA_ARGS__ },                         \
                  sizeof((const struct piece[]){ __VA_ARGS__ }) / sizeof(struct piece))

static void test_several_extents(void **state)
{
    (void)state;
    assert_true(COMPLETE(LAYOUT_CONCAT, 0, 2, { 5000, 800, 1200, 0 }, { 100, 0, 800, 0 }));
    assert_true(COMPLETE(LAYOUT_CONCAT, 0, 1, { 100, 0, 2063, 0 }));  /* a rest that the volume does not use */
    assert_false(COMPLETE(LAYOUT_CONCAT, 0, 2, { 5000, 801, 1200, 0 }, { 100, 0, 800, 0 }));
    assert_false(COMPLETE(LAYOUT_CONCAT, 0, 2, { 5000, 799, 1201, 0 }, { 100, 0, 800, 0 }));
    assert_false(COMPLETE(LAYOUT_CONCAT, 0, 2, { 5000, 0, 2000, 0 }, { 100, 0, 2000, 0 }));
    assert_false(COMPLETE(LAYOUT_CONCAT, 0, 3, { 5000, 800, 1200, 0 }, { 100, 0, 800, 0 }));
    assert_false(COMPLETE(LAYOUT_CONCAT, 0, 1, { 5000, 800, 1200, 0 }, { 100, 0, 800, 0 }));
    assert_false(COMPLETE(LAYOUT_CONCAT, 0, 2, { 100, 0, 2000, 0 }, { 5000, 0, 2000, 1 }));
    assert_false(COMPLETE(0, 0, 1, { 100, 0, 2000, 0 }));
    assert_false(COMPLETE(9, 0, 1, { 100, 0, 2000, 0 }));
    assert_false(COMPLETE(9, 1, 1, { 100, 0, 2000, 0 }));
    assert_false(COMPLETE(LAYOUT_CONCAT, 0, 2, { 100, 0, UINT64_MAX - 99, 0 }, { 5000, UINT64_MAX - 99, 2100, 0 }));  /* more than there are numbers */
}

static void test_stripes_and_raid5(void **state)
{
    (void)state;
    assert_true(COMPLETE(LAYOUT_STRIPE, 2, 2, { 100, 0, 1000, 0 }, { 5000, 0, 1000, 1 }));
    assert_true(COMPLETE(LAYOUT_STRIPE, 2, 3, { 100, 0, 1000, 0 }, { 5000, 400, 600, 1 }, { 9000, 0, 400, 1 }));
    assert_false(COMPLETE(LAYOUT_STRIPE, 2, 2, { 100, 0, 1000, 0 }, { 5000, 0, 999, 1 }));
    assert_false(COMPLETE(LAYOUT_STRIPE, 2, 2, { 100, 0, 1100, 0 }, { 5000, 0, 1000, 1 }));
    assert_false(COMPLETE(LAYOUT_STRIPE, 2, 2, { 100, 0, 1000, 0 }, { 5000, 0, 1000, 2 }));
    assert_false(COMPLETE(LAYOUT_STRIPE, 3, 2, { 100, 0, 1000, 0 }, { 5000, 0, 1000, 1 }));
    assert_false(COMPLETE(LAYOUT_STRIPE, 2, 2, { 100, 0, 1000, 1 }, { 5000, 0, 1000, 2 }));
    assert_false(COMPLETE(LAYOUT_STRIPE, 1, 2, { 100, 0, 1000, 0 }, { 5000, 0, 1000, 1 }));
    assert_true(COMPLETE(LAYOUT_RAID5, 3, 3, { 100, 0, 1000, 0 }, { 5000, 0, 1000, 1 }, { 9000, 0, 1000, 2 }));
    assert_false(COMPLETE(LAYOUT_RAID5, 2, 2, { 100, 0, 1000, 0 }, { 5000, 0, 1000, 1 }));
    assert_false(COMPLETE(LAYOUT_RAID5, 1, 1, { 100, 0, 2000, 0 }));
    assert_true(COMPLETE(LAYOUT_RAID5, 2, 2, { 100, 0, 2000, 0 }, { 5000, 0, 2000, 1 }));
    assert_false(COMPLETE(LAYOUT_STRIPE, 3, 3, { 100, 0, 1000, 0 }, { 5000, 0, 900, 1 }, { 9000, 0, 1000, 2 }));
    assert_true(COMPLETE(LAYOUT_STRIPE, 3, 3, { 100, 0, 1000, 0 }, { 5000, 0, 1000, 1 }, { 9000, 0, 1000, 2 }));
}

/* Volume1-01 is at 100 to 2100 of Disk1's public region; what more there is of volumes: a start, a length, a disk. */
static void test_parts_in_one_place(void **state)
{
    static const struct {
        struct { uint64_t start, sectors, disk; } more[2];
        bool overlap, second;  /* of Volume1-01; of the second one of these */
    } cases[] = {
        { { { 2100, 100, 21 }, { 0, 100, 21 } }, false, false },     /* side by side */
        { { { 2099, 100, 21 }, { 5000, 100, 21 } }, true, false },
        { { { 1, 100, 21 }, { 5000, 100, 21 } }, true, false },
        { { { 100, 2000, 21 }, { 5000, 100, 21 } }, true, false },
        { { { 200, 50, 21 }, { 300, 50, 21 } }, true, true },        /* the first of them ends before the second begins */
        { { { 200, 50, 22 }, { 5000, 100, 21 } }, false, false },    /* in that place of another disk */
        { { { 2000, 1000, 21 }, { 2500, 10, 21 } }, true, true },    /* Volume1-01 does not reach that far, the other does */
        { { { 2100, UINT64_MAX, 21 }, { 9000, 10, 21 } }, false, true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mirror *f = mirror_new();

        for (unsigned k = 0; k < 2; k++)
            for (unsigned n = 0; n < 2; n++) {
                struct ldmdisk *b = &f->image[k];

                ldmdisk_add_volume(b, 40 + 10 * n, "More", "ACTIVE", 0x11, 1, cases[i].more[n].sectors,
                                   "00000000-0000-0000-0000-00000000da7b");
                ldmdisk_add_component(b, 41 + 10 * n, n ? "Second-01" : "First-01", "ACTIVE", 0, LAYOUT_CONCAT, 1, 40 + 10 * n, 0);
                ldmdisk_add_partition(b, 42 + 10 * n, "part", 0, cases[i].more[n].start, 0, cases[i].more[n].sectors,
                                      41 + 10 * n, cases[i].more[n].disk, 0);
            }
        mirror_scan(f, 0, 2);
        assert_int_equal(has_note(&view_component(f->s, "Volume1-01")->reasons, STATUS_PARTITIONS_OVERLAP), cases[i].overlap);
        assert_int_equal(view_component(f->s, "Volume1-01")->present, !cases[i].overlap);
        assert_int_equal(has_note(&view_component(f->s, "Second-01")->reasons, STATUS_PARTITIONS_OVERLAP), cases[i].second);
        assert_true(view_component(f->s, "Volume1-02")->usable);
        mirror_free(f);
    }
}

/* A part whose half is not listed takes the room of the other one all the same. */
static void test_a_part_of_nothing_in_the_same_place(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    for (unsigned k = 0; k < 2; k++)
        ldmdisk_add_partition(&f->image[k], 42, "part", 0, 2000, 0, 500, 9999, 21, 0);
    mirror_scan(f, 0, 2);
    assert_true(has_note(&view_component(f->s, "Volume1-01")->reasons, STATUS_PARTITIONS_OVERLAP));
    assert_false(view_component(f->s, "Volume1-01")->present);
    assert_true(view_component(f->s, "Volume1-02")->usable);
    mirror_free(f);
}

/* The record's own word for the kind of volume is "raid5" instead of "gen". */
static void call_it_raid5(struct ldmdisk_record *r)
{
    size_t at = 0;

    while (memcmp(r->bytes + at, "\3gen", 4) != 0)
        at++;
    memmove(r->bytes + at + 6, r->bytes + at + 4, r->len - at - 4);
    memcpy(r->bytes + at, "\5raid5", 6);
    r->len += 2;
}

static void test_types_of_volumes(void **state)
{
    struct mirror *f = mirror_new();

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        ldmdisk_add_volume(&f->image[i], 80, "Called", "ACTIVE", 0x11, 1, 100, "00000000-0000-0000-0000-000000000080");
        call_it_raid5(ldmdisk_find(&f->image[i], 80));
    }
    for (unsigned i = 0; i < 2; i++) {
        ldmdisk_add_volume(&f->image[i], 40, "Spanned", "ACTIVE", 0x11, 1, 300, "00000000-0000-0000-0000-000000000040");
        ldmdisk_add_component(&f->image[i], 41, "Spanned-01", "ACTIVE", 0, LAYOUT_CONCAT, 2, 40, 0);
        ldmdisk_add_partition(&f->image[i], 42, "Disk1-09", 0, 9000, 100, 200, 41, 21, 0);
        ldmdisk_add_partition(&f->image[i], 43, "Disk2-09", 0, 9500, 0, 100, 41, 22, 0);
        ldmdisk_add_volume(&f->image[i], 50, "Stripe", "ACTIVE", 0x11, 1, 200, "00000000-0000-0000-0000-000000000050");
        ldmdisk_add_component(&f->image[i], 51, "Stripe-01", "ACTIVE", 0, LAYOUT_STRIPE, 2, 50, 2);
        ldmdisk_add_partition(&f->image[i], 52, "Disk1-10", 0, 10000, 0, 100, 51, 21, 0);
        ldmdisk_add_partition(&f->image[i], 53, "Disk2-10", 0, 10000, 0, 100, 51, 22, 1);
        ldmdisk_add_volume(&f->image[i], 55, "Long", "ACTIVE", 0x11, 1, 100, "00000000-0000-0000-0000-000000000055");
        ldmdisk_add_component(&f->image[i], 56, "Long-01", "ACTIVE", 0, LAYOUT_CONCAT, 2, 55, 0);
        ldmdisk_add_partition(&f->image[i], 57, "Disk1-11", 0, 10200, 0, 50, 56, 21, 0);
        ldmdisk_add_partition(&f->image[i], 58, "Disk1-12", 0, 10300, 50, 50, 56, 21, 0);
        ldmdisk_add_volume(&f->image[i], 60, "Raid", "ACTIVE", 0x11, 1, 100, "00000000-0000-0000-0000-000000000060");
        ldmdisk_add_component(&f->image[i], 61, "Raid-01", "ACTIVE", 0, LAYOUT_RAID5, 0, 60, 3);
        ldmdisk_add_volume(&f->image[i], 70, "Two", "ACTIVE", 0x11, 1, 100, "00000000-0000-0000-0000-000000000070");
        ldmdisk_add_component(&f->image[i], 71, "Two-01", "ACTIVE", 0, LAYOUT_CONCAT, 0, 70, 0);
        ldmdisk_add_component(&f->image[i], 72, "Two-02", "ACTIVE", 0, LAYOUT_CONCAT, 0, 70, 0);
    }
    mirror_scan(f, 0, 2);
    assert_int_equal(view_volume(f->s, "Volume1")->type, VOLUME_MIRRORED);
    assert_int_equal(view_volume(f->s, "Data")->type, VOLUME_SIMPLE);
    assert_int_equal(view_volume(f->s, "Spanned")->type, VOLUME_SPANNED);
    assert_int_equal(view_volume(f->s, "Stripe")->type, VOLUME_STRIPED);
    assert_int_equal(view_volume(f->s, "Long")->type, VOLUME_SIMPLE);  /* in two places of one disk */
    assert_int_equal(view_volume(f->s, "Raid")->type, VOLUME_RAID5);
    assert_int_equal(view_volume(f->s, "Called")->type, VOLUME_RAID5);
    assert_int_equal(view_volume(f->s, "Two")->type, VOLUME_MIRRORED);  /* more than it counts */
    assert_string_equal(view_component(f->s, "Spanned-01")->extents[0].partition->name, "Disk2-09");
    assert_int_equal(view_component(f->s, "Spanned-01")->extents[1].volume_offset, 100);
    mirror_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_good_halves),
        cmocka_unit_test(test_marks_of_a_component),
        cmocka_unit_test(test_marks_of_a_volume),
        cmocka_unit_test(test_the_source_of_a_resync),
        cmocka_unit_test(test_marks_of_a_partition),
        cmocka_unit_test(test_marks_of_a_disk),
        cmocka_unit_test(test_a_half_that_the_pending_change_takes_away),
        cmocka_unit_test(test_too_many_parts),
        cmocka_unit_test(test_counts_beyond_32_bits),
        cmocka_unit_test(test_marks_add_up_and_the_gravest_names_the_state),
        cmocka_unit_test(test_of_two_states_the_graver_one),
        cmocka_unit_test(test_records_that_are_missing),
        cmocka_unit_test(test_a_detach_in_the_log_whatever_it_names),
        cmocka_unit_test(test_the_transaction_of_a_detach),
        cmocka_unit_test(test_other_entries_are_no_marks),
        cmocka_unit_test(test_a_detach_that_only_one_disk_tells_of_counts),
        cmocka_unit_test(test_the_log_of_an_old_database_detaches_nothing),
        cmocka_unit_test(test_unfinished_writes),
        cmocka_unit_test(test_unfinished_writes_beside_a_stale_half),
        cmocka_unit_test(test_unfinished_writes_beside_a_disk_that_was_away),
        cmocka_unit_test(test_one_good_log_of_two_is_enough),
        cmocka_unit_test(test_the_newest_database_counts_whichever_disk_has_it),
        cmocka_unit_test(test_of_two_equal_databases_the_complete_one_is_used),
        cmocka_unit_test(test_of_two_damaged_databases_the_better_one_is_used),
        cmocka_unit_test(test_of_two_damaged_databases_the_longer_one_is_used),
        cmocka_unit_test(test_a_complete_database_goes_before_a_longer_one),
        cmocka_unit_test(test_a_damaged_newest_database_is_not_passed_over_for_an_older_one),
        cmocka_unit_test(test_a_disk_whose_own_database_is_lost),
        cmocka_unit_test(test_cloned_disks_are_shown_not_guessed),
        cmocka_unit_test(test_the_better_copy_of_a_disk),
        cmocka_unit_test(test_an_older_copy_that_cannot_be_heard),
        cmocka_unit_test(test_two_records_of_one_disk),
        cmocka_unit_test(test_a_disk_that_its_group_does_not_list),
        cmocka_unit_test(test_two_groups_stay_apart),
        cmocka_unit_test(test_what_an_older_database_must_have_seen),
        cmocka_unit_test(test_what_an_older_database_has_alone),
        cmocka_unit_test(test_one_of_two_copies_leaves),
        cmocka_unit_test(test_one_id_for_two_kinds),
        cmocka_unit_test(test_a_disk_that_went_to_another_group),
        cmocka_unit_test(test_a_disk_that_is_two),
        cmocka_unit_test(test_a_disk_that_was_made_basic),
        cmocka_unit_test(test_a_half_whose_own_entry_is_basic),
        cmocka_unit_test(test_a_half_that_is_a_logical_drive),
        cmocka_unit_test(test_status_of_the_vmdb),
        cmocka_unit_test(test_a_commit_that_one_disk_has_to_its_end),
        cmocka_unit_test(test_extents_that_cannot_be),
        cmocka_unit_test(test_the_smallest_volume),
        cmocka_unit_test(test_several_extents),
        cmocka_unit_test(test_stripes_and_raid5),
        cmocka_unit_test(test_parts_in_one_place),
        cmocka_unit_test(test_a_part_of_nothing_in_the_same_place),
        cmocka_unit_test(test_types_of_volumes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
