/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_view.c - questions about halves and disks of a finished model, and the words for what it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/fakeview.h"

#define NEWEST 40  /* the transaction of fakeview's group */

/* Volume1: one half on hd80, the other in two parts on hd81 and hd82. */
static struct fakeview       fv;
static struct ldm_component *first, *second;

static int set_up(void **state)
{
    struct ldm_volume *v;

    (void)state;
    fv_init(&fv, NULL);
    for (unsigned i = 0; i < 3; i++)
        fv_disk(&fv, (const char *[]){ "hd80", "hd81", "hd82" }[i]);
    v = fv_volume(&fv, "Volume1", VOLUME_MIRRORED, 0, 1000);
    first = fv_component(&fv, v, "Volume1-01");
    fv_extent(&fv, first, 0, 100, 1000);
    second = fv_component(&fv, v, "Volume1-02");
    fv_extent(&fv, second, 1, 100, 400);
    fv_extent(&fv, second, 2, 100, 600);
    fv_finish(&fv);
    assert_true(first->usable && second->usable);
    return 0;
}

static void assert_behind(bool one_step, bool outdated)
{
    assert_int_equal(ldm_component_one_step_behind(second), one_step);
    assert_int_equal(ldm_component_outdated(second), outdated);
}

/* The disks of the second half, at these transactions. */
static void at(uint64_t one, uint64_t other)
{
    fv.disks[1].vmdb.committed = one;
    fv.disks[2].vmdb.committed = other;
}

static void test_a_half_whose_disk_missed_a_step(void **state)
{
    (void)state;
    assert_behind(false, false);
    at(NEWEST - 1, NEWEST);
    assert_behind(false, true);  /* the other half is good, too */
    first->old = true;
    assert_behind(true, false);
    at(NEWEST, NEWEST - 1);
    assert_behind(true, false);
    at(NEWEST, NEWEST);
    assert_behind(false, false);
    at(NEWEST, NEWEST + 1);
    assert_behind(false, false);
    second->usable = false;
    at(NEWEST, NEWEST - 1);
    assert_behind(false, true);
}

/* The most backward one of its disks says how far; one that has no database, or is not here, says nothing. */
static void test_how_far_a_half_is_behind(void **state)
{
    (void)state;
    first->old = true;
    at(NEWEST - 2, NEWEST - 1);
    assert_behind(false, true);
    at(NEWEST - 1, NEWEST - 2);
    assert_behind(false, true);
    fv.disks[2].has_vmdb = false;
    assert_behind(true, false);
    fv.disks[1].has_vmdb = false;
    assert_behind(false, false);
    fv.disks[1].has_vmdb = true;
    second->extents[0].disk = NULL;
    assert_behind(false, false);
}

/* With no other half, or more of them than there can be, nobody says that all others are old. */
static void test_how_many_others_there_are(void **state)
{
    static struct ldm_component  more[LDM_MAX_CHILDREN];
    static struct ldm_component *halves[LDM_MAX_CHILDREN + 1];

    (void)state;
    at(NEWEST, NEWEST - 1);
    for (unsigned i = 0; i < LDM_MAX_CHILDREN; i++) {
        more[i].old = true;
        halves[i] = &more[i];
    }
    halves[LDM_MAX_CHILDREN - 1] = second;
    halves[LDM_MAX_CHILDREN] = &more[LDM_MAX_CHILDREN - 1];
    second->volume->components = halves;
    second->volume->component_count = LDM_MAX_CHILDREN;
    assert_behind(true, false);
    more[0].old = false;
    assert_behind(false, true);
    more[0].old = true;
    second->volume->component_count++;
    assert_behind(false, true);
    second->volume->components = &halves[LDM_MAX_CHILDREN - 1];
    second->volume->component_count = 1;
    assert_behind(false, true);
}

static void test_a_half_whose_disk_fails(void **state)
{
    (void)state;
    first->old = true;
    assert_false(ldm_component_only_its_disk_fails(second));  /* nothing is against it */
    fv_mark(&fv, second, COMPONENT_FAILED, STATUS_DISK_FAILING);
    assert_true(ldm_component_only_its_disk_fails(second));
    first->old = false;
    assert_false(ldm_component_only_its_disk_fails(second));
    first->old = true;
    fv_mark(&fv, second, COMPONENT_STALE, STATUS_COMPONENT_RECOVER);
    assert_false(ldm_component_only_its_disk_fails(second));
}

static void test_which_disks_are_here(void **state)
{
    struct ldm_partition nowhere = { .name = "part" };
    struct ldm_extent    part = { .partition = &nowhere };
    struct ldm_component lost = { .extents = &part };

    (void)state;
    assert_true(ldm_component_connected(second));
    assert_string_equal(ldm_component_disk_name(second), "hd81");
    fv.records[2].present = NULL;
    assert_false(ldm_component_connected(second));
    fv.records[2].present = &fv.disks[2];
    fv.records[1].present = NULL;
    second->extents[0].disk = NULL;
    assert_false(ldm_component_connected(second));
    assert_string_equal(ldm_component_disk_name(second), "Disk2");
    assert_false(ldm_component_connected(&lost));
    assert_null(ldm_component_disk_name(&lost));
    lost.extent_count = 1;  /* of a disk whose record is lost */
    assert_false(ldm_component_connected(&lost));
    assert_null(ldm_component_disk_name(&lost));
}

static void test_which_databases_are_current(void **state)
{
    struct ldm_group other = fv.group;
    struct ldm_disk *d = &fv.disks[0];

    (void)state;
    assert_true(ldm_disk_is_current(d, &fv.group));
    assert_false(ldm_disk_is_current(d, &other));
    d->vmdb.committed--;
    assert_false(ldm_disk_is_current(d, &fv.group));
    d->vmdb.committed++;
    d->status = STATUS_VMDB_BAD;
    assert_false(ldm_disk_is_current(d, &fv.group));
}

static void test_whom_a_disk_claims_to_be(void **state)
{
    struct ldm_disk *d = &fv.disks[0];

    (void)state;
    assert_false(ldm_disk_claims(d, &fv.records[1].guid));
    d->identities[0].disk_guid = fv.records[0].guid;
    d->identities[1].disk_guid = d->identities[2].disk_guid = fv.records[1].guid;
    d->identities[1].group_guid = fv.records[2].guid;
    d->identity_count = 1;
    assert_true(ldm_disk_claims(d, &fv.records[0].guid));
    assert_false(ldm_disk_claims(d, &fv.records[1].guid));
    d->identity_count = 2;
    assert_true(ldm_disk_claims(d, &fv.records[1].guid));
    assert_false(ldm_disk_claims(d, &fv.records[2].guid));
}

static void test_phases_of_the_database(void **state)
{
    static const struct { uint16_t status; const char *name; bool in_force; enum status phase; } cases[] = {
        { 0, "unknown", false, STATUS_VMDB_UNTRUSTED },
        { VMDB_CLEAN, "clean", true, STATUS_OK },
        { VMDB_CHANGE, "pending", true, STATUS_VMDB_PENDING },
        { VMDB_COMMIT, "pending", true, STATUS_VMDB_PENDING },
        { VMDB_ABORT, "pending", true, STATUS_VMDB_PENDING },
        { VMDB_NEW, "new", false, STATUS_VMDB_UNTRUSTED },
        { VMDB_STALE, "stale", false, STATUS_VMDB_UNTRUSTED },
        { 7, "unknown", false, STATUS_VMDB_UNTRUSTED },
        { VMDB_OFFLINE, "offline", false, STATUS_VMDB_UNTRUSTED },
        { 9, "unknown", false, STATUS_VMDB_UNTRUSTED },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fv.group.vmdb.status = cases[i].status;
        assert_string_equal(ldm_vmdb_status_name(cases[i].status), cases[i].name);
        assert_int_equal(ldm_vmdb_in_force(&fv.group.vmdb), cases[i].in_force);
        assert_int_equal(ldm_group_phase(&fv.group), cases[i].phase);
    }
    fv.group.vmdb.status = VMDB_COMMIT;
    fv.group.vmdb.rolled_forward = true;
    assert_int_equal(ldm_group_phase(&fv.group), STATUS_OK);
    fv.group.unfinished = true;
    assert_int_equal(ldm_group_phase(&fv.group), STATUS_COMMIT_UNFINISHED);
}

static void test_words(void **state)
{
    static const char *const types[] = { "simple", "mirrored", "spanned", "striped", "raid5", "unknown" };
    static const char *const states[] = { "active", "stale", "resync", "failed", "missing", "unknown", "unknown" };

    (void)state;
    for (unsigned i = 0; i < sizeof types / sizeof types[0]; i++)
        assert_string_equal(ldm_volume_type_name((enum volume_type)i), types[i]);
    for (unsigned i = 0; i < sizeof states / sizeof states[0]; i++)
        assert_string_equal(ldm_component_state_name((enum component_state)i), states[i]);
}

static void test_words_for_the_status_of_a_disk(void **state)
{
    static const struct { enum status status; const char *name; } cases[] = {
        { STATUS_OK, "ok" }, { STATUS_NOT_DYNAMIC, "basic" }, { STATUS_READ_FAILED, "unreadable" },
        { STATUS_READ_SILENT, "unreadable" }, { STATUS_DISK_ABSENT, "unreadable" }, { STATUS_DISK_GIVEN_UP, "given up" },
        { STATUS_DISK_SILENT, "silent" }, { STATUS_BAD_BLOCK_SIZE, "unsupported" }, { STATUS_DISK_CLIPPED, "clipped" },
        { STATUS_VMDB_BAD, "damaged" }, { STATUS_PRIVHEAD_CONFLICT, "damaged" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fv.disks[0].status = cases[i].status;
        assert_string_equal(ldm_disk_status_name(&fv.disks[0]), cases[i].name);
    }
    fv.disks[0].status = STATUS_OK;
    fv.disks[0].record = NULL;
    assert_string_equal(ldm_disk_status_name(&fv.disks[0]), "foreign");
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_half_whose_disk_missed_a_step),
        TEST(test_how_far_a_half_is_behind),
        TEST(test_how_many_others_there_are),
        TEST(test_a_half_whose_disk_fails),
        TEST(test_which_disks_are_here),
        TEST(test_which_databases_are_current),
        TEST(test_whom_a_disk_claims_to_be),
        TEST(test_phases_of_the_database),
        TEST(test_words),
        TEST(test_words_for_the_status_of_a_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
