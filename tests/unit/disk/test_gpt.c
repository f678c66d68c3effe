/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_gpt.c - GPT: both copies, CRCs, sizes, and what the caller has read already. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/crc32.h"
#include "common/disk/gpt.h"
#include "common/base/span.h"
#include "tests/support/ldmdisk.h"

#define BLOCKS 20000

struct fixture {
    struct memdisk *disk;
    struct arena    arena;
    struct gpt      gpt;
    size_t          unit;
};

static struct fixture *set_up(uint32_t block_size)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct ldmdisk *b = calloc(1, sizeof *b);

    f->disk = memdisk_new("disk", block_size, BLOCKS);
    f->arena = arena_of(malloc(1 << 20), 1 << 20);
    f->unit = block_size / 512;
    memset(&f->gpt, 0x5a, sizeof f->gpt);
    ldmdisk_mirror(b, f->disk, true, 1);
    ldmdisk_write(b);
    free(b);
    return f;
}

static void tear_down(struct fixture *f)
{
    memdisk_free(f->disk);
    free(f->arena.base);
    free(f);
}

static enum status read_gpt(struct fixture *f)
{
    enum status st;

    f->arena.used = 0;
    st = gpt_read(&f->disk->dev, NULL, 0, &f->arena, &f->gpt);
    assert_int_equal(f->arena.size, 1 << 20);  /* scratch was given back */
    return st;
}

static void assert_right(const struct fixture *f, bool from_backup)
{
    assert_int_equal(f->gpt.from_backup, from_backup);
    assert_int_equal(f->gpt.disk_guid.bytes[0], 0xd1);
    assert_int_equal(f->gpt.count, 2);
    assert_int_equal(f->gpt.entries[0].number, 1);
    assert_true(guid_equal(&f->gpt.entries[0].type, &gpt_type_ldm_metadata));
    assert_int_equal(f->gpt.entries[0].start, 34);
    assert_int_equal(f->gpt.entries[0].blocks, 2048);
    assert_int_equal(f->gpt.entries[0].unique.bytes[15], 0x77);
    assert_int_equal(f->gpt.entries[1].number, 3);  /* the second entry is not used */
    assert_int_equal(f->gpt.entries[1].start, 2082);
    assert_ptr_equal(gpt_find_type(&f->gpt, &gpt_type_ldm_data), &f->gpt.entries[1]);
    assert_null(gpt_find_type(&f->gpt, &gpt_type_efi_system));
}

static uint8_t *header(struct fixture *f, bool backup)
{
    return memdisk_at(f->disk, (backup ? BLOCKS - 1 : 1) * f->unit);
}

static void test_primary(void **state)
{
    (void)state;
    for (uint32_t block = 512; block <= 4096; block *= 8) {
        struct fixture *f = set_up(block);

        assert_int_equal(read_gpt(f), STATUS_OK);
        assert_right(f, false);
        assert_int_equal(f->disk->reads, 2);
        tear_down(f);
    }
}

static void test_what_was_read_already_is_not_read_again(void **state)
{
    struct fixture *f = set_up(512);

    (void)state;
    assert_int_equal(gpt_read(&f->disk->dev, f->disk->data, 34, &f->arena, &f->gpt), STATUS_OK);
    assert_right(f, false);
    assert_int_equal(f->disk->reads, 0);
    assert_int_equal(gpt_read(&f->disk->dev, f->disk->data, 33, &f->arena, &f->gpt), STATUS_OK);
    assert_int_equal(f->disk->reads, 1);
    tear_down(f);
}

static void test_any_changed_byte_brings_the_backup(void **state)
{
    (void)state;
    for (uint32_t block = 512; block <= 4096; block *= 8) {
        struct fixture *f = set_up(block);

        for (size_t i = 0; i < 92; i++) {
            header(f, false)[i] ^= 0x10;
            assert_int_equal(read_gpt(f), STATUS_OK);
            assert_right(f, true);
            header(f, false)[i] ^= 0x10;
        }
        for (size_t i = 0; i < 128 * 128; i += 97) {
            memdisk_at(f->disk, 2 * f->unit)[i] ^= 0x10;
            assert_int_equal(read_gpt(f), STATUS_OK);
            assert_right(f, true);
            memdisk_at(f->disk, 2 * f->unit)[i] ^= 0x10;
        }
        tear_down(f);
    }
}

static void test_unreadable_primary(void **state)
{
    static const uint64_t sectors[] = { 1, 2, 20, 33 };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct fixture *f = set_up(512);

        memdisk_fail(f->disk, sectors[i], 1, STATUS_READ_FAILED);
        assert_int_equal(read_gpt(f), STATUS_OK);
        assert_right(f, true);
        tear_down(f);
    }
}

static void test_both_bad(void **state)
{
    struct fixture *f = set_up(512);

    (void)state;
    header(f, false)[0] = 0;
    header(f, true)[70] ^= 1;
    assert_int_equal(read_gpt(f), STATUS_GPT_BAD_BOTH);
    assert_int_equal(f->arena.used, 0);
    assert_int_equal(f->gpt.count, (size_t)0x5a5a5a5a5a5a5a5a);  /* untouched */
    tear_down(f);
}

/* A backup at the end, where the primary says that it is, is asked for once, also when it is bad. */
static void test_a_bad_backup_is_read_once(void **state)
{
    struct fixture *f = set_up(512);

    (void)state;
    memdisk_at(f->disk, 2)[0] ^= 1;
    header(f, true)[70] ^= 1;
    assert_int_equal(read_gpt(f), STATUS_GPT_BAD_BOTH);
    assert_int_equal(f->disk->reads, 3);  /* a header, its array, a header */
    tear_down(f);
}

static void test_a_backup_that_is_not_at_the_end(void **state)
{
    struct fixture *f = set_up(512);
    struct fixture  bigger = { .disk = memdisk_new("enlarged", 512, BLOCKS + 5000), .arena = f->arena, .unit = 1 };

    (void)state;
    memcpy(bigger.disk->data, f->disk->data, f->disk->data_bytes);
    memdisk_at(bigger.disk, 2)[0] ^= 1;  /* the primary's array; its header says where the backup is */
    assert_int_equal(read_gpt(&bigger), STATUS_OK);
    assert_right(&bigger, true);
    memdisk_free(bigger.disk);
    tear_down(f);
}

/* A header field with this value, under right CRCs, in both copies. */
static void refuse(size_t off, uint64_t value, unsigned bytes)
{
    struct fixture *f = set_up(512);

    for (int backup = 0; backup < 2; backup++) {
        uint8_t *h = header(f, backup);

        for (unsigned i = 0; i < bytes; i++)
            h[off + i] = (uint8_t)(value >> (8 * i));
        wr_le32(h + 0x10, 0);
        wr_le32(h + 0x10, crc32_update(0, h, 92));
    }
    assert_int_equal(read_gpt(f), STATUS_GPT_BAD_BOTH);
    tear_down(f);
}

static void test_headers_that_make_no_sense(void **state)
{
    (void)state;
    refuse(0x0c, 91, 4);             /* header size */
    refuse(0x0c, 513, 4);
    refuse(0x0c, UINT32_MAX, 4);
    refuse(0x18, 7, 8);              /* its own place */
    refuse(0x48, UINT64_MAX, 8);     /* array */
    refuse(0x48, BLOCKS - 5, 8);
    refuse(0x50, 0, 4);              /* entries */
    refuse(0x50, UINT32_MAX, 4);
    refuse(0x50, 1025, 4);
    refuse(0x54, 0, 4);              /* entry size */
    refuse(0x54, 64, 4);
    refuse(0x54, 129, 4);
    refuse(0x54, 0x80000000, 4);
}

static void test_bigger_entries_and_arrays(void **state)
{
    struct fixture *f = set_up(512);
    uint8_t        *h = header(f, false), *array = memdisk_at(f->disk, 10000);

    (void)state;
    memcpy(array, memdisk_at(f->disk, 2), 128);
    memcpy(array + 2 * 256, memdisk_at(f->disk, 2) + 256, 128);
    memcpy(array + 200 * 256, memdisk_at(f->disk, 2), 128);  /* beyond what is kept, not beyond the CRC */
    wr_le64(h + 0x48, 10000);
    wr_le32(h + 0x50, 256);
    wr_le32(h + 0x54, 256);
    ldmdisk_gpt_crc(f->disk, 1);
    assert_int_equal(read_gpt(f), STATUS_OK);
    assert_right(f, false);
    array[255 * 256] ^= 1;
    assert_int_equal(read_gpt(f), STATUS_OK);
    assert_right(f, true);
    tear_down(f);
}

static void test_an_entry_that_ends_before_it_begins_is_left_out(void **state)
{
    struct fixture *f = set_up(512);
    uint8_t        *entries = memdisk_at(f->disk, 2);

    (void)state;
    wr_le64(entries + 256 + 40, 2081);
    ldmdisk_gpt_crc(f->disk, 1);
    assert_int_equal(read_gpt(f), STATUS_OK);
    assert_int_equal(f->gpt.count, 1);
    wr_le64(entries + 256 + 32, 0);
    wr_le64(entries + 256 + 40, UINT64_MAX);  /* a length that does not fit in 64 bits */
    ldmdisk_gpt_crc(f->disk, 1);
    assert_int_equal(read_gpt(f), STATUS_OK);
    assert_int_equal(f->gpt.count, 1);
    tear_down(f);
}

static void test_no_memory(void **state)
{
    struct fixture *f = set_up(512);

    (void)state;
    for (size_t size = 0; size < 24000; size += 500) {
        struct arena small = arena_of(f->arena.base, size);
        enum status  st = gpt_read(&f->disk->dev, NULL, 0, &small, &f->gpt);

        assert_true(st == STATUS_NO_MEMORY || st == STATUS_OK);
        assert_true(st == STATUS_OK || small.used == 0);
        assert_int_equal(small.size, size);
    }
    tear_down(f);
}

static void test_tiny_disks(void **state)
{
    struct fixture *f = set_up(512);

    (void)state;
    for (uint64_t blocks = 0; blocks < 40; blocks++) {
        memset(f->disk->data, 0xff, 40 * 512);
        f->disk->dev.block_count = blocks;
        assert_int_equal(read_gpt(f), STATUS_GPT_BAD_BOTH);
    }
    tear_down(f);
}

/* Microsoft's and the UEFI specification's own words for the types. */
static void test_types(void **state)
{
    static const struct { const struct guid *type; const char *text; } types[] = {
        { &gpt_type_ldm_metadata, "5808c8aa-7e8f-42e0-85d2-e1e90434cfb3" }, { &gpt_type_ldm_data, "af9b60a0-1431-4f62-bc68-3311714a69ad" },
        { &gpt_type_efi_system, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b" },   { &gpt_type_reserved, "e3c9e316-0b5c-4db8-817d-f92df00215ae" },
        { &gpt_type_basic_data, "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7" },
    };
    char text[GUID_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        assert_string_equal(guid_format(types[i].type, text), types[i].text);
}

/* What a header of a later revision, or a longer one, adds is of no interest; its CRC covers it. */
static void test_headers_of_later_revisions(void **state)
{
    struct fixture *f = set_up(512);
    uint8_t        *h = header(f, false);

    (void)state;
    for (uint32_t size = 92; size <= 512; size += 420) {
        wr_le32(h + 0x08, 0x00020101);
        wr_le32(h + 0x0c, size);
        wr_le32(h + 0x10, 0);
        wr_le32(h + 0x10, crc32_update(0, h, size));
        assert_int_equal(read_gpt(f), STATUS_OK);
        assert_right(f, false);
    }
    h[511] ^= 1;
    assert_int_equal(read_gpt(f), STATUS_OK);
    assert_right(f, true);
    tear_down(f);
}

/* Arrays of 128 KiB, the largest; of entries of 4096 bytes, the longest; of one entry. */
static void test_the_largest_arrays(void **state)
{
    static const struct { uint32_t entries, bytes; bool ok; } cases[] = {
        { 1024, 128, true }, { 1025, 128, false }, { 32, 4096, true }, { 33, 4096, false }, { 3, 4096, true }, { 16, 8192, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture *f = set_up(512);
        uint8_t        *h = header(f, false), *array = memdisk_at(f->disk, 10000);

        memcpy(array, memdisk_at(f->disk, 2), 128);
        memcpy(array + 2 * cases[i].bytes, memdisk_at(f->disk, 2) + 256, 128);
        wr_le64(h + 0x48, 10000);
        wr_le32(h + 0x50, cases[i].entries);
        wr_le32(h + 0x54, cases[i].bytes);
        ldmdisk_gpt_crc(f->disk, 1);
        assert_int_equal(read_gpt(f), STATUS_OK);
        assert_right(f, !cases[i].ok);
        tear_down(f);
    }
}

static void test_an_array_of_one_entry(void **state)
{
    struct fixture *f = set_up(512);

    (void)state;
    wr_le32(header(f, false) + 0x50, 1);
    ldmdisk_gpt_crc(f->disk, 1);
    assert_int_equal(read_gpt(f), STATUS_OK);
    assert_false(f->gpt.from_backup);
    assert_int_equal(f->gpt.count, 1);
    assert_true(guid_equal(&f->gpt.entries[0].type, &gpt_type_ldm_metadata));
    tear_down(f);
}

/* The last entry that is kept, and the one behind it. */
static void test_how_many_entries_are_kept(void **state)
{
    struct fixture *f = set_up(512);
    uint8_t        *h = header(f, false), *array = memdisk_at(f->disk, 10000);

    (void)state;
    memcpy(array + (GPT_MAX_ENTRIES - 1) * 128, memdisk_at(f->disk, 2), 128);
    memcpy(array + GPT_MAX_ENTRIES * 128, memdisk_at(f->disk, 2), 128);
    wr_le64(h + 0x48, 10000);
    wr_le32(h + 0x50, GPT_MAX_ENTRIES + 1);
    ldmdisk_gpt_crc(f->disk, 1);
    assert_int_equal(read_gpt(f), STATUS_OK);
    assert_int_equal(f->gpt.count, 1);
    assert_int_equal(f->gpt.entries[0].number, GPT_MAX_ENTRIES);
    tear_down(f);
}

/* An entry of one block, and one that ends with the last block that there can be. */
static void test_the_shortest_and_the_last_entry(void **state)
{
    struct fixture *f = set_up(512);
    uint8_t        *entries = memdisk_at(f->disk, 2);

    (void)state;
    wr_le64(entries + 256 + 40, 2082);
    ldmdisk_gpt_crc(f->disk, 1);
    assert_int_equal(read_gpt(f), STATUS_OK);
    assert_int_equal(f->gpt.count, 2);
    assert_int_equal(f->gpt.entries[1].blocks, 1);
    wr_le64(entries + 256 + 40, UINT64_MAX - 1);
    ldmdisk_gpt_crc(f->disk, 1);
    assert_int_equal(read_gpt(f), STATUS_OK);
    assert_int_equal(f->gpt.count, 2);
    assert_int_equal(f->gpt.entries[1].blocks, UINT64_MAX - 2082);
    tear_down(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_primary),
        cmocka_unit_test(test_what_was_read_already_is_not_read_again),
        cmocka_unit_test(test_any_changed_byte_brings_the_backup),
        cmocka_unit_test(test_unreadable_primary),
        cmocka_unit_test(test_both_bad),
        cmocka_unit_test(test_a_bad_backup_is_read_once),
        cmocka_unit_test(test_a_backup_that_is_not_at_the_end),
        cmocka_unit_test(test_headers_that_make_no_sense),
        cmocka_unit_test(test_bigger_entries_and_arrays),
        cmocka_unit_test(test_an_entry_that_ends_before_it_begins_is_left_out),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_headers_of_later_revisions),
        cmocka_unit_test(test_the_largest_arrays),
        cmocka_unit_test(test_an_array_of_one_entry),
        cmocka_unit_test(test_how_many_entries_are_kept),
        cmocka_unit_test(test_the_shortest_and_the_last_entry),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_tiny_disks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
