/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_privhead.c - PRIVHEAD: every field, and everything that can be wrong with one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/ldm/decode.h"
#include "tests/support/ldmdisk.h"

struct fixture {
    struct ldmdisk      b;
    uint8_t             sector[512];
    struct ldm_privhead p;
};

static void set_up(struct fixture *f, uint32_t block_size)
{
    memset(f, 0, sizeof *f);
    ldmdisk_init(&f->b, memdisk_new("disk", block_size, 20000), false);
    ldmdisk_make_privhead(&f->b, f->sector);
    memset(&f->p, 0x5a, sizeof f->p);
}

static enum status decode(struct fixture *f)
{
    return privhead_decode(span_of(f->sector, 512), f->b.disk->dev.block_size, &f->p);
}

static void tear_down(struct fixture *f) { memdisk_free(f->b.disk); }

static void test_every_field(void **state)
{
    struct fixture f;
    char           text[GUID_TEXT_SIZE];

    (void)state;
    set_up(&f, 512);
    put_be(f.sector + PRIVHEAD_FLAGS, 2, 4);
    ldmdisk_checksum(f.sector);
    assert_int_equal(decode(&f), STATUS_OK);
    assert_int_equal(f.p.version_major, 2);
    assert_int_equal(f.p.version_minor, 11);
    assert_int_equal(f.p.update_time, 0x01cd901cf2faa120);
    assert_int_equal(f.p.update_sequence, 7);
    assert_string_equal(guid_format(&f.p.disk_guid, text), LDMDISK_GUID1);
    assert_string_equal(guid_format(&f.p.host_guid, text), "1b77da20-c717-11d0-a5be-00a0c91db73c");
    assert_string_equal(guid_format(&f.p.group_guid, text), "99999999-8888-7777-6666-555555555555");
    assert_string_equal(f.p.group_name, "Test-Dg0");
    assert_int_equal(f.p.block_bytes, 512);
    assert_int_equal(f.p.flags, 2);
    assert_int_equal(f.p.public_start, 63);
    assert_int_equal(f.p.public_sectors, 20000 - 2048 - 63);
    assert_int_equal(f.p.private_start, 20000 - 2048);
    assert_int_equal(f.p.private_sectors, 2048);
    assert_int_equal(f.p.copy_start[0], 2047);
    assert_int_equal(f.p.copy_start[1], 1856);
    assert_int_equal(f.p.toc_start[0], 1);
    assert_int_equal(f.p.toc_start[1], 2046);
    tear_down(&f);
}

static void test_positions_count_blocks_of_4096(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f, 4096);
    assert_int_equal(decode(&f), STATUS_OK);
    assert_int_equal(f.p.public_start, 63 * 8);
    assert_int_equal(f.p.private_start, (20000 - 2048) * 8);
    assert_int_equal(f.p.private_sectors, 2048 * 8);
    assert_int_equal(f.p.toc_start[1], 2046 * 8);
    assert_int_equal(f.p.copy_start[1], 1856 * 8);
    tear_down(&f);
}

static void test_a_group_name_without_nul_ends_with_its_field(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f, 512);
    memset(f.sector + PRIVHEAD_GROUP_NAME, 'x', LDM_GROUP_NAME);
    ldmdisk_checksum(f.sector);
    assert_int_equal(decode(&f), STATUS_OK);
    assert_int_equal(strlen(f.p.group_name), LDM_GROUP_NAME);
    tear_down(&f);
}

/* A text ends with its NUL, its field or the room that there is for it; a sum leaves out its own four bytes and no other. */
static void test_texts_and_sums(void **state)
{
    static uint8_t ones[512];
    char           out[8];

    (void)state;
    memset(out, 'z', sizeof out);
    ldm_text(span_of("abcdef", 6), 1, 4, out, sizeof out);
    assert_string_equal(out, "bcde");
    ldm_text(span_of("abcdef", 6), 0, 6, out, 4);
    assert_string_equal(out, "abc");
    assert_int_equal(out[4], 0);  /* as it was */
    ldm_text(span_of("ab\0def", 6), 0, 6, out, sizeof out);
    assert_string_equal(out, "ab");
    memset(ones, 0xff, sizeof ones);
    assert_int_equal(ldm_checksum(span_of(ones, 512), 8), 508 * 255);
    assert_int_equal(ldm_checksum(span_of(ones, 512), 0), 508 * 255);
}

static void test_any_changed_byte_is_noticed(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f, 512);
    for (size_t i = 0; i < 512; i++) {
        struct ldm_privhead before = f.p;

        f.sector[i] ^= 0x20;
        assert_int_not_equal(decode(&f), STATUS_OK);
        assert_memory_equal(&f.p, &before, sizeof before);
        f.sector[i] ^= 0x20;
    }
    assert_int_equal(decode(&f), STATUS_OK);
    f.sector[8] ^= 1;  /* the sum's own highest byte, right behind the name */
    assert_int_equal(decode(&f), STATUS_PRIVHEAD_CHECKSUM);
    tear_down(&f);
}

static void test_too_short(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f, 512);
    for (size_t len = 0; len < 512; len += 37)
        assert_int_equal(privhead_decode(span_of(f.sector, len), 512, &f.p), STATUS_PRIVHEAD_BAD);
    tear_down(&f);
}

/* A field with this value, under a right checksum, is refused with this code. */
static void refuse(size_t off, uint64_t value, unsigned bytes, enum status code)
{
    struct fixture f;

    set_up(&f, 512);
    put_be(f.sector + off, value, bytes);
    ldmdisk_checksum(f.sector);
    assert_int_equal(decode(&f), code);
    tear_down(&f);
}

static void test_fields_that_make_no_sense(void **state)
{
    (void)state;
    refuse(0, 0, 8, STATUS_PRIVHEAD_BAD);
    refuse(7, 'E', 1, STATUS_PRIVHEAD_BAD);
    refuse(PRIVHEAD_VERSION_MAJOR, 3, 2, STATUS_PRIVHEAD_VERSION);
    refuse(PRIVHEAD_BLOCK_BYTES, 4096, 4, STATUS_PRIVHEAD_BLOCK_SIZE);
    refuse(PRIVHEAD_BLOCK_BYTES, 0, 4, STATUS_PRIVHEAD_BLOCK_SIZE);
    refuse(PRIVHEAD_DISK_GUID, 'x', 1, STATUS_PRIVHEAD_BAD);
    refuse(PRIVHEAD_GROUP_GUID, 0, 1, STATUS_PRIVHEAD_BAD);
    refuse(PRIVHEAD_PUBLIC_SIZE, 0, 8, STATUS_PRIVHEAD_BAD);
    refuse(PRIVHEAD_PRIVATE_SIZE, 0, 8, STATUS_PRIVHEAD_BAD);
    refuse(PRIVHEAD_PUBLIC_START, UINT64_MAX, 8, STATUS_PRIVHEAD_BAD);
    refuse(PRIVHEAD_PRIVATE_START, UINT64_MAX - 5, 8, STATUS_PRIVHEAD_BAD);
    refuse(PRIVHEAD_PRIVATE_START, 1000, 8, STATUS_PRIVHEAD_BAD);  /* inside the public region */
    refuse(PRIVHEAD_PUBLIC_SIZE, 20000, 8, STATUS_PRIVHEAD_BAD);   /* reaches into the private region */
}

/* A GUID of zeros is none: of a disk or of its group it names nobody. */
static void test_guids_of_zeros(void **state)
{
    static const size_t fields[] = { PRIVHEAD_DISK_GUID, PRIVHEAD_GROUP_GUID, PRIVHEAD_HOST_GUID };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct fixture f;

        set_up(&f, 512);
        strcpy((char *)f.sector + fields[i], "00000000-0000-0000-0000-000000000000");
        ldmdisk_checksum(f.sector);
        assert_int_equal(decode(&f), i < 2 ? STATUS_PRIVHEAD_BAD : STATUS_OK);
        tear_down(&f);
    }
}

/* Regions may touch: the private one behind the public one, or before it. */
static void test_regions_side_by_side(void **state)
{
    static const struct { uint64_t public_start, public_size, private_start, private_size; bool sane; } cases[] = {
        { 63, 1000, 1063, 10, true }, { 63, 1001, 1063, 10, false }, { 44, 1000, 34, 10, true }, { 43, 1000, 34, 10, false },
        { 63, 0, 1063, 10, false }, { 63, 1000, 1063, 0, false }, { 63, UINT64_MAX - 62, 10, 10, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture f;

        set_up(&f, 512);
        put_be(f.sector + PRIVHEAD_PUBLIC_START, cases[i].public_start, 8);
        put_be(f.sector + PRIVHEAD_PUBLIC_SIZE, cases[i].public_size, 8);
        put_be(f.sector + PRIVHEAD_PRIVATE_START, cases[i].private_start, 8);
        put_be(f.sector + PRIVHEAD_PRIVATE_SIZE, cases[i].private_size, 8);
        ldmdisk_checksum(f.sector);
        assert_int_equal(decode(&f), cases[i].sane ? STATUS_OK : STATUS_PRIVHEAD_BAD);
        tear_down(&f);
    }
}

static void test_where_copies_are(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f, 512);
    assert_int_equal(decode(&f), STATUS_OK);
    assert_true(privhead_is_at(&f.p, f.p.private_start + 2047));
    assert_true(privhead_is_at(&f.p, f.p.private_start + 1856));
    assert_false(privhead_is_at(&f.p, f.p.private_start + 1857));
    assert_false(privhead_is_at(&f.p, 2047));
    f.p.copy_start[0] = 0;
    assert_true(privhead_is_at(&f.p, f.p.private_start));
    f.p.copy_start[0] = UINT64_MAX;  /* before the region */
    assert_false(privhead_is_at(&f.p, f.p.private_start - 1));
    tear_down(&f);
}

static void test_positions_that_overflow_in_sectors(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f, 4096);
    put_be(f.sector + PRIVHEAD_TOC_PRIMARY, UINT64_MAX / 8 + 1, 8);
    ldmdisk_checksum(f.sector);
    assert_int_equal(decode(&f), STATUS_PRIVHEAD_BAD);
    tear_down(&f);
}

static void test_a_host_guid_that_is_none_does_not_matter(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f, 512);
    f.sector[PRIVHEAD_HOST_GUID] = 'x';
    ldmdisk_checksum(f.sector);
    assert_int_equal(decode(&f), STATUS_OK);
    assert_true(guid_is_zero(&f.p.host_guid));
    tear_down(&f);
}

static void test_same_disk(void **state)
{
    struct fixture      f;
    struct ldm_privhead other;

    (void)state;
    set_up(&f, 512);
    assert_int_equal(decode(&f), STATUS_OK);
    other = f.p;
    other.update_sequence++;
    assert_true(privhead_same_disk(&f.p, &other));
    other.private_start++;
    assert_false(privhead_same_disk(&f.p, &other));
    other = f.p;
    other.disk_guid.bytes[3] ^= 1;
    assert_false(privhead_same_disk(&f.p, &other));
    other = f.p;
    other.group_guid.bytes[3] ^= 1;
    assert_false(privhead_same_disk(&f.p, &other));
    other = f.p;
    other.public_start++;
    assert_false(privhead_same_disk(&f.p, &other));
    other = f.p;
    other.public_sectors++;
    assert_false(privhead_same_disk(&f.p, &other));
    other = f.p;
    other.private_sectors++;
    assert_false(privhead_same_disk(&f.p, &other));
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_field),
        cmocka_unit_test(test_positions_count_blocks_of_4096),
        cmocka_unit_test(test_a_group_name_without_nul_ends_with_its_field),
        cmocka_unit_test(test_texts_and_sums),
        cmocka_unit_test(test_any_changed_byte_is_noticed),
        cmocka_unit_test(test_too_short),
        cmocka_unit_test(test_fields_that_make_no_sense),
        cmocka_unit_test(test_guids_of_zeros),
        cmocka_unit_test(test_regions_side_by_side),
        cmocka_unit_test(test_where_copies_are),
        cmocka_unit_test(test_positions_that_overflow_in_sectors),
        cmocka_unit_test(test_a_host_guid_that_is_none_does_not_matter),
        cmocka_unit_test(test_same_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
