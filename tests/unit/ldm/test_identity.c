/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_identity.c - where copies of a PRIVHEAD are looked for, and where not, whatever the partition table says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/ldm/disk.h"
#include "common/ldm/identity.h"
#include "tests/support/ldmdisk.h"

#define BLOCKS  100000u
#define REGION  2048u
#define HEAD    34u  /* blocks of 512 bytes that a GPT takes; 6 of 4096 bytes */
#define ENTRIES 20

static struct ldm_disk  d;
static struct gpt_entry entries[ENTRIES];
static struct memdisk  *disk;
static uint32_t         unit;

static void start(enum disk_table table, uint32_t block_size)
{
    if (disk)
        memdisk_free(disk);
    disk = memdisk_new("hd80", block_size, BLOCKS);
    unit = block_size / 512;
    d = (struct ldm_disk){ .dev = &disk->dev, .table = table, .gpt = { .entries = entries } };
}

static void add_entry(const struct guid *type, uint64_t first, uint64_t blocks)
{
    entries[d.gpt.count++] = (struct gpt_entry){ .type = *type, .start = first, .blocks = blocks };
}

/* A copy in block `at` that says that its region begins in block `region`. */
static void put_copy(uint64_t at, uint64_t region, const char *guid)
{
    static struct ldmdisk image;

    ldmdisk_init(&image, disk, false);
    image.disk_guid = guid;
    image.private_start = region * unit;
    ldmdisk_make_privhead(&image, memdisk_at(disk, at * unit));
    /* the public region out of the way of the private one */
    put_be(memdisk_at(disk, at * unit) + PRIVHEAD_PUBLIC_START, region + REGION, 8);
    put_be(memdisk_at(disk, at * unit) + PRIVHEAD_PUBLIC_SIZE, 10, 8);
    ldmdisk_checksum(memdisk_at(disk, at * unit));
}

static size_t search(void)
{
    static uint8_t       front_bytes[RUN_MAX_SECTORS * 512], other_bytes[RUN_MAX_SECTORS * 512], memory[200000];
    struct ldm_reader    reader = { .dev = &disk->dev };
    struct sector_run    front = { .bytes = front_bytes }, other = { .bytes = other_bytes };
    struct arena         arena = arena_of(memory, sizeof memory);

    d.identity_count = 0;
    run_read(&reader, 0, unit == 1 ? HEAD : 56, &front);
    memdisk_reset(disk);
    identity_search(&d, &(struct identity_reader){ &reader, &front, &other }, &arena);
    assert_int_equal(arena.used, 0);  /* what was needed meanwhile was given back */
    return d.identity_count;
}

/* The region that begins there is looked at: by each of its two copies alone. */
static void assert_looked_at(uint64_t region, bool looked)
{
    static const uint32_t copies[] = { 2047, 1856 };

    for (unsigned i = 0; i < 2; i++) {
        put_copy(region + copies[i], region, LDMDISK_GUID1);
        if (search() != looked)
            fail_msg("the region from block %u is %slooked at", (unsigned)region, looked ? "not " : "");
        memset(memdisk_at(disk, (region + copies[i]) * unit), 0, 512);
    }
}

static void test_disks_without_gpt(void **state)
{
    (void)state;
    for (uint32_t block = 512; block <= 4096; block *= 8) {
        const uint64_t head = block == 512 ? HEAD : 6;

        start(TABLE_MBR, block);
        assert_int_equal(search(), 0);
        assert_looked_at(BLOCKS - REGION, true);
        assert_looked_at(BLOCKS - REGION - 1, false);
        assert_looked_at(head, true);  /* where a GPT had it */
        assert_looked_at(head + 1, false);
        assert_looked_at(40000, false);
        put_copy(6, 40000, LDMDISK_GUID1);  /* this one may say of its region what it likes */
        assert_int_equal(search(), 1);
    }
}

/* A valid copy that says that it lies elsewhere is a copy of something that was copied. */
static void test_copies_out_of_their_place(void **state)
{
    (void)state;
    start(TABLE_MBR, 512);
    put_copy(BLOCKS - 1, BLOCKS - REGION - 100, LDMDISK_GUID1);
    assert_int_equal(search(), 0);
    put_copy(BLOCKS - 1, BLOCKS - REGION, LDMDISK_GUID1);
    assert_int_equal(search(), 1);
    memdisk_at(disk, BLOCKS - 1)[200] ^= 1;
    assert_int_equal(search(), 0);
}

static void test_partitions_of_a_gpt(void **state)
{
    const struct guid other = { { 1 } };

    (void)state;
    for (uint32_t block = 512; block <= 4096; block *= 8) {
        const uint64_t head = block == 512 ? HEAD : 6;

        start(TABLE_GPT, block);
        add_entry(&other, head, 20000 - head);                             /* no gap before, between and behind these */
        add_entry(&other, 20000, REGION);
        add_entry(&gpt_type_ldm_metadata, 20000 + REGION, 5000);
        add_entry(&gpt_type_reserved, 25000 + REGION, 3 * REGION);
        add_entry(&other, 25000 + 4 * REGION, BLOCKS - 25000 - 4 * REGION);
        assert_looked_at(20000, true);                                     /* as long as one, whatever it is called */
        assert_looked_at(25000, true);                                    /* the end of one that is called so */
        assert_looked_at(25000 + REGION, true);                            /* both ends of a reserved one */
        assert_looked_at(25000 + 3 * REGION, true);
        assert_looked_at(25000 + 2 * REGION, false);
        assert_looked_at(head, true);
        assert_looked_at(10000, false);
        assert_looked_at(BLOCKS - REGION, true);
        put_copy(6, 40000, LDMDISK_GUID1);
        assert_int_equal(search(), 1);
    }
}

/* What the table says of places that the disk does not have is passed over. */
static void test_entries_beyond_the_disk(void **state)
{
    (void)state;
    start(TABLE_GPT, 512);
    add_entry(&gpt_type_ldm_metadata, BLOCKS - 1000, 1001);
    add_entry(&gpt_type_reserved, BLOCKS - 1000, 3 * REGION);
    assert_int_equal(search(), 0);
    assert_in_range(disk->reads, 1, 11);
    start(TABLE_GPT, 512);
    add_entry(&gpt_type_ldm_metadata, 3000, REGION - 1);                   /* begins less than a region from the front */
    assert_looked_at(3000 - 1, true);
    start(TABLE_GPT, 512);
    add_entry(&gpt_type_ldm_metadata, 40, 100);
    assert_int_equal(search(), 0);
}

/* Where an entry was deleted a gap is left: it may be at either end of it. */
static void test_gaps(void **state)
{
    static const struct { uint64_t gap; bool first, last; } cases[] = {
        { REGION - 1, false, false }, { REGION, true, true }, { REGION + 1, true, true }, { 5000, true, true },
    };
    const struct guid other = { { 1 } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start(TABLE_GPT, 512);
        add_entry(&other, HEAD + 9000 + cases[i].gap, BLOCKS - HEAD - 9000 - cases[i].gap);  /* not in the order of their places */
        add_entry(&other, HEAD, 9000);
        assert_looked_at(HEAD + 9000, cases[i].first);
        if (cases[i].gap >= REGION)
            assert_looked_at(HEAD + 9000 + cases[i].gap - REGION, cases[i].last);
        assert_looked_at(HEAD + 9000 + 3000, false);

        start(TABLE_GPT, 512);  /* before the first one */
        add_entry(&other, HEAD + cases[i].gap, BLOCKS - HEAD - cases[i].gap);
        if (cases[i].gap >= REGION)
            assert_looked_at(HEAD + cases[i].gap - REGION, cases[i].last);

        start(TABLE_GPT, 512);  /* behind the last one: the disk's end is looked at in any case */
        add_entry(&other, HEAD, BLOCKS - HEAD - cases[i].gap);
        if (cases[i].gap > REGION)
            assert_looked_at(BLOCKS - cases[i].gap, true);
    }
}

/* Of a partition at the very front, where a reserved one is put, the end is no place; of a disk as long as a region, all is. */
static void test_the_first_place_of_all(void **state)
{
    (void)state;
    start(TABLE_GPT, 512);
    add_entry(&gpt_type_reserved, HEAD, 3 * REGION);
    add_entry(&gpt_type_basic_data, HEAD + 3 * REGION, BLOCKS - HEAD - 3 * REGION);
    assert_looked_at(HEAD, true);
    assert_looked_at(HEAD + 2 * REGION, false);
    start(TABLE_MBR, 512);
    disk->dev.block_count = REGION;
    assert_looked_at(0, true);
}

/* A place that more than one rule leads to is read once; there is an end to it, however many gaps a table has. */
static void test_what_the_search_costs(void **state)
{
    (void)state;
    start(TABLE_GPT, 512);
    search();
    assert_int_equal(disk->reads, 2 + 2);  /* the disk's end, which is the gap's too, and where Windows has it */
    add_entry(&gpt_type_ldm_metadata, BLOCKS - REGION, REGION);
    search();
    assert_int_equal(disk->reads, 2 + 2 + 2);  /* and what is before the entry */
    start(TABLE_GPT, 512);
    for (unsigned i = 0; i < ENTRIES; i++)
        add_entry(&gpt_type_basic_data, 3000 + 4800 * i, 1);
    search();
    assert_int_equal(disk->reads, 2 * 16);
}

/* ---- a GPT that the table in sector 0 does not tell of */

static void hide_gpt(uint32_t block_size, uint64_t region)
{
    static struct ldmdisk image;

    start(TABLE_MBR, block_size);
    ldmdisk_init(&image, disk, true);
    image.private_start = region * unit;
    image.public_start = (region + REGION) * unit;
    ldmdisk_write(&image);
}

static uint8_t *header(bool backup) { return memdisk_at(disk, backup ? (BLOCKS - 1) * unit : unit); }

static void test_a_hidden_gpt(void **state)
{
    (void)state;
    for (uint32_t block = 512; block <= 4096; block *= 8) {
        hide_gpt(block, 500);
        assert_int_equal(search(), 1);
        memset(header(false), 0, 512);
        assert_int_equal(search(), 1);
        memset(header(true), 0, 512);
        assert_int_equal(search(), 0);

        for (unsigned lost = 0; lost < 2; lost++) {  /* of a later revision */
            hide_gpt(block, 500);
            memset(header(lost), 0, 512);
            header(!lost)[8] = 1;
            ldmdisk_gpt_crc(disk, lost ? 1 : BLOCKS - 1);
            assert_int_equal(search(), 1);
        }
    }
    hide_gpt(512, HEAD);
    header(false)[7] = header(true)[7] = 'X';  /* is none: the usual place is looked at all the same */
    assert_int_equal(search(), 1);
}

/* Its entries where the front does not reach are read; once, when they were read before. */
static void test_the_entries_of_a_hidden_gpt(void **state)
{
    uint32_t reads;

    (void)state;
    hide_gpt(4096, 500);
    memcpy(memdisk_at(disk, 20 * unit), memdisk_at(disk, 2 * unit), 128 * 128);
    memset(memdisk_at(disk, 2 * unit), 0, 128 * 128);
    wr_le64(header(false) + 0x48, 20);
    ldmdisk_gpt_crc(disk, 1);
    memset(header(true), 0, 512);
    assert_int_equal(search(), 1);
    reads = disk->reads;
    d.table = TABLE_GPT;
    add_entry(&gpt_type_ldm_metadata, 500, REGION);
    add_entry(&gpt_type_ldm_data, 500 + REGION, BLOCKS - 34 - 500 - REGION);
    assert_int_equal(search(), 1);
    assert_int_equal(disk->reads, reads - 1);
}

/* A disk whose front came to nothing, and that reads again: its entries are asked for, not taken from memory that nobody filled. */
static void test_entries_in_a_front_that_was_lost(void **state)
{
    (void)state;
    hide_gpt(512, 500);
    memcpy(memdisk_at(disk, 0), memdisk_at(disk, 2), 512);  /* of such a table four fit, in the first sector of all */
    wr_le64(header(true) + 0x48, 0);
    wr_le32(header(true) + 0x50, 4);
    ldmdisk_gpt_crc(disk, BLOCKS - 1);
    memset(header(false), 0, 512);
    memdisk_fail(disk, 0, HEAD + 1, STATUS_READ_FAILED);
    assert_int_equal(search(), 1);
}

/* Each one once, and not more than there is room for. */
static void test_who_was_found(void **state)
{
    struct ldm_privhead p = { 0 };

    (void)state;
    start(TABLE_MBR, 512);
    for (unsigned i = 0; i < 10; i++) {
        p.disk_guid.bytes[3] = (uint8_t)(i / 2);
        p.group_guid.bytes[5] = 7;
        identity_add(&d, &p);
        assert_int_equal(d.identity_count, i / 2 < LDM_MAX_IDENTITIES ? i / 2 + 1 : LDM_MAX_IDENTITIES);
    }
    start(TABLE_MBR, 512);
    identity_add(&d, &p);
    p.group_guid.bytes[5] = 8;  /* the same disk in another group */
    identity_add(&d, &p);
    assert_int_equal(d.identity_count, 2);
    assert_int_equal(d.identities[1].group_guid.bytes[5], 8);
}

static int free_disk(void **state)
{
    (void)state;
    memdisk_free(disk);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_disks_without_gpt),
        cmocka_unit_test(test_copies_out_of_their_place),
        cmocka_unit_test(test_partitions_of_a_gpt),
        cmocka_unit_test(test_entries_beyond_the_disk),
        cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_the_first_place_of_all),
        cmocka_unit_test(test_what_the_search_costs),
        cmocka_unit_test(test_a_hidden_gpt),
        cmocka_unit_test(test_the_entries_of_a_hidden_gpt),
        cmocka_unit_test(test_entries_in_a_front_that_was_lost),
        cmocka_unit_test(test_who_was_found),
    };

    return cmocka_run_group_tests(tests, NULL, free_disk);
}
