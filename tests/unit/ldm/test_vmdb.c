/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_vmdb.c - VMDB: every field, and sizes and counts that cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/ldm/decode.h"
#include "tests/support/ldmdisk.h"

#define CONFIG_SECTORS 1481

static struct ldmdisk *b;
static uint8_t         sector[512];
static struct ldm_vmdb vmdb;

static int set_up(void **state)
{
    (void)state;
    b = calloc(1, sizeof *b);
    ldmdisk_mirror(b, memdisk_new("disk", 512, 20000), false, 1);
    ldmdisk_make_vmdb(b, sector);
    memset(&vmdb, 0x5a, sizeof vmdb);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    memdisk_free(b->disk);
    free(b);
    return 0;
}

static enum status decode(void) { return vmdb_decode(span_of(sector, 512), CONFIG_SECTORS, &vmdb); }

static void refuse(size_t off, uint64_t value, unsigned bytes, enum status code)
{
    uint8_t before[8];

    memcpy(before, sector + off, bytes);
    put_be(sector + off, value, bytes);
    assert_int_equal(decode(), code);
    memcpy(sector + off, before, bytes);
}

static void test_every_field(void **state)
{
    char text[GUID_TEXT_SIZE];

    (void)state;
    put_be(sector + VMDB_UPDATE_STATUS, VMDB_ABORT, 2);
    put_be(sector + VMDB_PENDING, 101, 8);
    put_be(sector + VMDB_PENDING_COUNTS + 8, 9, 4);
    assert_int_equal(decode(), STATUS_OK);
    assert_int_equal(vmdb.status, VMDB_ABORT);
    assert_false(vmdb.rolled_forward);
    assert_int_equal(vmdb.slot_count, 5924);
    assert_int_equal(vmdb.vblk_bytes, 128);
    assert_int_equal(vmdb.first_vblk_bytes, 512);
    assert_int_equal(vmdb.version_major, 4);
    assert_int_equal(vmdb.version_minor, 10);
    assert_string_equal(vmdb.group_name, "Test-Dg0");
    assert_string_equal(guid_format(&vmdb.group_guid, text), "99999999-8888-7777-6666-555555555555");
    assert_int_equal(vmdb.committed, 100);
    assert_int_equal(vmdb.pending, 101);
    assert_int_equal(vmdb.committed_counts[0], 2);
    assert_int_equal(vmdb.committed_counts[1], 3);
    assert_int_equal(vmdb.committed_counts[2], 3);
    assert_int_equal(vmdb.committed_counts[3], 2);
    assert_int_equal(vmdb.pending_counts[2], 9);
    assert_int_equal(vmdb_vblk_slots(&vmdb), 5920);
    assert_int_equal(vmdb_committed_records(&vmdb), 10);
    for (unsigned i = 0, count = 1; i < 4; i++, count *= 10)
        put_be(sector + VMDB_COMMITTED_COUNTS + 4 * i, (i + 1) * count, 4);
    assert_int_equal(decode(), STATUS_OK);
    assert_int_equal(vmdb_committed_records(&vmdb), 4321);
}

static void test_what_is_not_a_vmdb(void **state)
{
    (void)state;
    refuse(0, 0, 4, STATUS_VMDB_BAD);
    refuse(VMDB_GROUP_GUID, 0, 1, STATUS_VMDB_BAD);
    assert_int_equal(vmdb_decode(span_of(sector, 511), CONFIG_SECTORS, &vmdb), STATUS_VMDB_BAD);
    assert_int_equal(vmdb_decode(span_of(sector, 0), CONFIG_SECTORS, &vmdb), STATUS_VMDB_BAD);
    assert_int_equal(vmdb.slot_count, 0x5a5a5a5a);  /* untouched */
}

static void test_unknown_kinds(void **state)
{
    (void)state;
    refuse(0, 0x564d4443, 4, STATUS_VMDB_BAD);  /* "VMDC" */
    refuse(VMDB_VERSION_MAJOR, 5, 2, STATUS_VMDB_UNSUPPORTED);
    refuse(VMDB_VBLK_BYTES, 256, 4, STATUS_VMDB_UNSUPPORTED);
    refuse(VMDB_VBLK_BYTES, 0, 4, STATUS_VMDB_UNSUPPORTED);
    refuse(VMDB_SLOTS, 65536 + 1, 4, STATUS_VMDB_UNSUPPORTED);
    refuse(VMDB_SLOTS, 65536, 4, STATUS_VMDB_BAD);  /* as many as there can be: not in this region */
    refuse(VMDB_SLOTS, UINT32_MAX, 4, STATUS_VMDB_UNSUPPORTED);
}

static void test_slots_must_fit(void **state)
{
    (void)state;
    refuse(VMDB_SLOTS, 5924 + 4, 4, STATUS_VMDB_BAD);
    refuse(VMDB_SLOTS, 4, 4, STATUS_VMDB_BAD);
    refuse(VMDB_SLOTS, 0, 4, STATUS_VMDB_BAD);
    refuse(VMDB_FIRST_VBLK, 0, 4, STATUS_VMDB_BAD);
    refuse(VMDB_FIRST_VBLK, 128, 4, STATUS_VMDB_BAD);  /* inside the head */
    refuse(VMDB_FIRST_VBLK, 513, 4, STATUS_VMDB_BAD);
    refuse(VMDB_FIRST_VBLK, UINT32_MAX, 4, STATUS_VMDB_BAD);
    refuse(VMDB_FIRST_VBLK, 5924 * 128, 4, STATUS_VMDB_BAD);
    assert_int_equal(vmdb_decode(span_of(sector, 512), CONFIG_SECTORS - 1, &vmdb), STATUS_VMDB_BAD);
    assert_int_equal(decode(), STATUS_OK);
}

static void test_more_records_than_slots(void **state)
{
    (void)state;
    refuse(VMDB_COMMITTED_COUNTS, 5921, 4, STATUS_VMDB_BAD);
    refuse(VMDB_COMMITTED_COUNTS + 12, UINT32_MAX, 4, STATUS_VMDB_BAD);
    put_be(sector + VMDB_COMMITTED_COUNTS, UINT32_MAX, 4);  /* a sum that overflows 32 bits */
    refuse(VMDB_COMMITTED_COUNTS + 4, 5, 4, STATUS_VMDB_BAD);
    put_be(sector + VMDB_COMMITTED_COUNTS, 5920 - 8, 4);    /* with the eight others: one in every slot */
    assert_int_equal(decode(), STATUS_OK);
    refuse(VMDB_COMMITTED_COUNTS, 5920 - 7, 4, STATUS_VMDB_BAD);
    refuse(VMDB_COMMITTED_COUNTS + 12, 3, 4, STATUS_VMDB_BAD);
}

/* A database without a slot is none, though no record is missing from it. */
static void test_no_slots_and_no_records(void **state)
{
    (void)state;
    memset(sector + VMDB_COMMITTED_COUNTS, 0, 16);
    refuse(VMDB_SLOTS, 4, 4, STATUS_VMDB_BAD);
    put_be(sector + VMDB_SLOTS, 5, 4);
    assert_int_equal(decode(), STATUS_OK);
    assert_int_equal(vmdb_vblk_slots(&vmdb), 1);
}

/* The change is decided: its transaction and its counts are the database, when they can be. */
static void test_a_change_that_was_decided(void **state)
{
    static const struct { uint16_t status; uint64_t pending; unsigned disks; bool forward; } cases[] = {
        { VMDB_COMMIT, 101, 1, true }, { VMDB_COMMIT, 100, 1, true }, { VMDB_COMMIT, 99, 1, false },
        { VMDB_COMMIT, 101, 0, false }, { VMDB_CHANGE, 101, 1, false }, { VMDB_ABORT, 101, 1, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        put_be(sector + VMDB_UPDATE_STATUS, cases[i].status, 2);
        put_be(sector + VMDB_PENDING, cases[i].pending, 8);
        for (unsigned k = 0; k < 4; k++)
            put_be(sector + VMDB_PENDING_COUNTS + 4 * k, k < 3 ? 20 + k : cases[i].disks, 4);
        assert_int_equal(decode(), STATUS_OK);
        assert_int_equal(vmdb.rolled_forward, cases[i].forward);
        assert_int_equal(vmdb.committed, cases[i].forward ? cases[i].pending : 100);
        assert_int_equal(vmdb.committed_counts[0], cases[i].forward ? 20 : 2);
        assert_int_equal(vmdb.committed_counts[3], cases[i].forward ? 1 : 2);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_field),
        TEST(test_what_is_not_a_vmdb),
        TEST(test_unknown_kinds),
        TEST(test_slots_must_fit),
        TEST(test_more_records_than_slots),
        TEST(test_no_slots_and_no_records),
        TEST(test_a_change_that_was_decided),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
