/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_ntfs_record.c - update sequences and attributes at the limits of their records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/status.h"
#include "common/fs/ntfs_internal.h"

static uint8_t record[4096];

static struct span all(size_t bytes) { return span_of(record, bytes); }

/* ---- fix-ups */

/* A record whose strides end in the number 7; the array, at `array`, says that 0x1100 + i was there. */
static void make_torn(size_t bytes, uint16_t array)
{
    memset(record, 0xcc, sizeof record);
    memcpy(record, "FILE", 4);
    wr_le16(record + 4, array);
    wr_le16(record + 6, (uint16_t)(bytes / 512 + 1));
    wr_le16(record + array, 7);
    for (size_t i = 1; i <= bytes / 512; i++) {
        wr_le16(record + array + 2 * i, (uint16_t)(0x1100 + i));
        wr_le16(record + i * 512 - 2, 7);
    }
}

static void test_fix_ups(void **state)
{
    (void)state;
    for (size_t bytes = 512; bytes <= 4096; bytes *= 2) {
        make_torn(bytes, 0x30);
        assert_int_equal(ntfs_fix_up(record, bytes, "INDX"), STATUS_FS_DAMAGED);
        assert_int_equal(ntfs_fix_up(record, bytes, "FILE"), STATUS_OK);
        for (size_t i = 1; i <= bytes / 512; i++) {
            assert_int_equal(rd_le16(all(4096), i * 512 - 2), 0x1100 + i);
            assert_int_equal(record[i * 512 - 3], 0xcc);
        }
        for (unsigned letter = 0; letter < 4; letter++) {
            make_torn(bytes, 0x30);
            record[letter]++;
            assert_int_equal(ntfs_fix_up(record, bytes, "FILE"), STATUS_FS_DAMAGED);
        }
        for (size_t torn = 1; torn <= bytes / 512; torn++) {
            make_torn(bytes, 0x30);
            record[torn * 512 - 2]++;
            assert_int_equal(ntfs_fix_up(record, bytes, "FILE"), STATUS_FS_DAMAGED);
            assert_int_equal(record[510] == 7 || torn == 1, true);  /* nothing was undone */
        }
        for (int more = -1; more <= 1; more += 2) {
            make_torn(bytes, 0x30);
            record[6] = (uint8_t)(record[6] + more);
            assert_int_equal(ntfs_fix_up(record, bytes, "FILE"), STATUS_FS_DAMAGED);
        }
    }
}

/* The array lies in the first stride, before the two bytes that it would replace itself. */
static void test_the_place_of_the_array(void **state)
{
    (void)state;
    make_torn(1024, 510 - 6);
    assert_int_equal(ntfs_fix_up(record, 1024, "FILE"), STATUS_OK);
    make_torn(1024, 510 - 5);
    assert_int_equal(ntfs_fix_up(record, 1024, "FILE"), STATUS_FS_DAMAGED);
    wr_le16(record + 510, 7);  /* whole in itself, with the array over the end of the stride, by a byte and by two */
    assert_int_equal(ntfs_fix_up(record, 1024, "FILE"), STATUS_FS_DAMAGED);
    make_torn(1024, 506);
    wr_le16(record + 510, 7);
    assert_int_equal(ntfs_fix_up(record, 1024, "FILE"), STATUS_FS_DAMAGED);
    make_torn(1024, 700);
    assert_int_equal(ntfs_fix_up(record, 1024, "FILE"), STATUS_FS_DAMAGED);
}

/* ---- attributes */

/* An attribute header; returns where it ends. */
static size_t put_attribute(size_t at, uint32_t type, uint32_t len, const char *name, uint64_t vcn, bool in_clusters)
{
    wr_le32(record + at, type);
    wr_le32(record + at + 4, len);
    record[at + 8] = in_clusters;
    record[at + 9] = (uint8_t)strlen(name);
    wr_le16(record + at + 10, 0x18);
    wr_le64(record + at + 0x10, vcn);
    for (size_t i = 0; name[i]; i++)
        wr_le16(record + at + 0x18 + 2 * i, (uint8_t)name[i]);
    return at + len;
}

static void make_record(uint32_t used)
{
    memset(record, 0, sizeof record);
    wr_le16(record + 0x14, 0x38);
    wr_le32(record + 0x18, used);
}

static enum status next(size_t *position, struct span *attribute) { return ntfs_next_attribute(all(1024), position, attribute); }

static void test_attributes_one_after_the_other(void **state)
{
    size_t      position = 0;
    struct span a;

    (void)state;
    make_record(0x38 + 0x18 + 0x40 + 4);
    put_attribute(put_attribute(0x38, 0x10, 0x18, "", 0, false), 0x30, 0x40, "", 0, false);
    wr_le32(record + 0x38 + 0x58, 0xffffffff);
    assert_int_equal(next(&position, &a), STATUS_OK);
    assert_ptr_equal(a.data, record + 0x38);
    assert_int_equal(a.len, 0x18);
    assert_int_equal(next(&position, &a), STATUS_OK);
    assert_ptr_equal(a.data, record + 0x50);
    assert_int_equal(a.len, 0x40);
    assert_int_equal(next(&position, &a), STATUS_OK);
    assert_int_equal(a.len, 0);
    wr_le32(record + 0x18, 0x38 + 0x18 + 0x40);  /* the end mark lies behind what is in use */
    assert_int_equal(next(&position, &a), STATUS_FS_DAMAGED);
}

/* The end mark may be the last that a record has. */
static void test_an_end_mark_at_the_record_s_end(void **state)
{
    (void)state;
    for (size_t less = 0; less < 2; less++) {
        size_t      position = 1020;
        struct span a;

        make_record((uint32_t)(1024 - less));
        wr_le32(record + 1020, 0xffffffff);
        assert_int_equal(ntfs_next_attribute(all(1024 - less), &position, &a), less ? STATUS_FS_DAMAGED : STATUS_OK);
        if (!less)
            assert_int_equal(a.len, 0);
    }
}

/* One attribute of this length, in a record of 1024 bytes with so many in use. */
static enum status first_of(uint32_t used, uint16_t start, uint32_t len)
{
    size_t      position = 0;
    struct span a;

    make_record(used);
    wr_le16(record + 0x14, start);
    if (start <= 1000)
        put_attribute(start, 0x10, len, "", 0, false);
    return next(&position, &a);
}

static void test_lengths_of_attributes(void **state)
{
    (void)state;
    assert_int_equal(first_of(0x80, 0x38, 0x18), STATUS_OK);
    assert_int_equal(first_of(0x80, 0x38, 0x17), STATUS_FS_DAMAGED);
    assert_int_equal(first_of(0x80, 0x38, 0), STATUS_FS_DAMAGED);
    assert_int_equal(first_of(0x80, 0x38, 0x48), STATUS_OK);          /* to the end of what is in use */
    assert_int_equal(first_of(0x80, 0x38, 0x49), STATUS_FS_DAMAGED);
    assert_int_equal(first_of(1024, 0x38, 1024 - 0x38), STATUS_OK);
    assert_int_equal(first_of(1025, 0x38, 0x18), STATUS_FS_DAMAGED);  /* more than there is */
    assert_int_equal(first_of(0x38, 0x38, 0x18), STATUS_FS_DAMAGED);  /* nothing in use */
    assert_int_equal(first_of(1024, 1021, 0x18), STATUS_FS_DAMAGED);  /* not even a type */
    assert_int_equal(first_of(1024, 1000, 0x18), STATUS_OK);
}

static bool is(const char *on_disk, const char *name)
{
    make_record(1024);
    put_attribute(0x38, NTFS_INDEX_ROOT, 0x18 + 2 * (uint32_t)strlen(on_disk), on_disk, 0, false);
    return ntfs_attribute_is(span_sub(all(1024), 0x38, 0x18 + 2 * strlen(on_disk)), NTFS_INDEX_ROOT, name);
}

static void test_names_of_attributes(void **state)
{
    (void)state;
    assert_true(is("", "") && is("$I30", "$I30") && is("$", "$"));
    assert_false(is("", "$I30") || is("$I30", "") || is("$I3", "$I30") || is("$I300", "$I30") || is("XI30", "$I30") || is("$I3X", "$I30"));
    assert_true(is("$I30", "$I30"));
    assert_false(ntfs_attribute_is(span_sub(all(1024), 0x38, 0x20), NTFS_INDEX_ALLOCATION, "$I30"));
    assert_false(ntfs_attribute_is(span_sub(all(1024), 0x38, 0x1f), NTFS_INDEX_ROOT, "$I30"));  /* cut off */
    record[0x38 + 0x19] = 1;                                                                    /* another letter, by its upper byte */
    assert_false(ntfs_attribute_is(span_sub(all(1024), 0x38, 0x20), NTFS_INDEX_ROOT, "$I30"));
}

static void test_an_attribute_by_its_first_cluster(void **state)
{
    struct span a;

    (void)state;
    make_record(1024);
    wr_le32(record + put_attribute(put_attribute(0x38, NTFS_DATA, 0x20, "", 0, true), NTFS_DATA, 0x28, "", 9, true), 0xffffffff);
    assert_int_equal(ntfs_find_attribute(all(1024), NTFS_DATA, "", 0, &a), STATUS_OK);
    assert_int_equal(a.len, 0x20);
    assert_int_equal(ntfs_find_attribute(all(1024), NTFS_DATA, "", 9, &a), STATUS_OK);
    assert_int_equal(a.len, 0x28);
    assert_int_equal(ntfs_find_attribute(all(1024), NTFS_DATA, "", 8, &a), STATUS_FILE_NOT_FOUND);
    assert_int_equal(ntfs_find_attribute(all(1024), NTFS_DATA, "x", 0, &a), STATUS_FILE_NOT_FOUND);
    put_attribute(0x38, NTFS_DATA, 0x20, "", 9, false);  /* resident: what is there is no cluster */
    assert_int_equal(ntfs_find_attribute(all(1024), NTFS_DATA, "", 0, &a), STATUS_OK);
    assert_int_equal(a.len, 0x20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fix_ups),
        cmocka_unit_test(test_the_place_of_the_array),
        cmocka_unit_test(test_attributes_one_after_the_other),
        cmocka_unit_test(test_an_end_mark_at_the_record_s_end),
        cmocka_unit_test(test_lengths_of_attributes),
        cmocka_unit_test(test_names_of_attributes),
        cmocka_unit_test(test_an_attribute_by_its_first_cluster),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
