/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_disk_scan.c - one disk: found by whatever is left of it, in few reads, and said what is damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/ldm/disk.h"
#include "tests/support/ldmdisk.h"
#include "tests/support/scanned.h"

#define BLOCKS 20000u

struct fixture {
    struct ldmdisk   image;
    struct memdisk  *disk;
    struct scanned  *s;
    struct ldm_disk *d;   /* after scan() */
    uint64_t         unit, region;
};

static struct fixture *set_up(bool gpt, uint32_t block_size)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->disk = memdisk_new("hd80", block_size, BLOCKS);
    f->unit = block_size / 512;
    ldmdisk_mirror(&f->image, f->disk, gpt, 2);
    f->region = f->image.private_start;
    ldmdisk_write(&f->image);
    return f;
}

static void scan(struct fixture *f)
{
    if (f->s)
        scanned_free(f->s);
    f->s = scan_memdisk(f->disk);
    f->d = &f->s->view.disks[0];
}

static void tear_down(struct fixture *f)
{
    if (f->s)
        scanned_free(f->s);
    memdisk_free(f->disk);
    free(f);
}

static void blank(struct fixture *f, uint64_t sector) { memset(memdisk_at(f->disk, sector), 0, 512); }

/* The copies of the PRIVHEAD in the private region. */
static void blank_region_copies(struct fixture *f)
{
    blank(f, f->region + 1856);
    blank(f, f->region + 2047);
}

/* The disk was read, and our half is where it is. */
static void assert_found(struct fixture *f, size_t notes)
{
    const struct ldm_component *c;

    assert_int_equal(f->d->status, STATUS_OK);
    assert_int_equal(f->d->notes.count, notes);
    assert_string_equal(f->d->record->name, "Disk2");
    c = view_component(f->s, "Volume1-02");
    assert_true(c->usable);
    assert_int_equal(c->extents[0].lba, f->image.public_start + 700);
}

/* The head of disk_scan.c says which reads; one more is that of the database. Of copies that are alike the first one is named. */
static void test_healthy_disks(void **state)
{
    (void)state;
    for (int gpt = 0; gpt < 2; gpt++)
        for (uint32_t block = 512; block <= 4096; block *= 8) {
            struct fixture *f = set_up(gpt, block);

            scan(f);
            assert_found(f, 0);
            assert_int_equal(f->d->table, gpt ? TABLE_GPT : TABLE_MBR);
            assert_null(f->d->logical);
            assert_int_equal(f->disk->reads, block == 512 ? 5 + 1 : 6 + 1);
            assert_int_equal(f->d->privhead.found_lba, gpt ? f->region + 2047 * f->unit : 6 * f->unit);
            tear_down(f);
        }
}

static void test_lines_of_the_log(void **state)
{
    struct fixture *f = set_up(false, 512);

    (void)state;
    scan(f);
    assert_string_equal(f->s->text, "reading hd80 ...\n  dynamic disk, group Test-Dg0, 2 volumes, transaction 100\n");
    for (uint64_t id = 30; id <= 32; id++)
        ldmdisk_remove(&f->image, id);
    ldmdisk_write(&f->image);
    scan(f);
    assert_string_equal(f->s->text, "reading hd80 ...\n  dynamic disk, group Test-Dg0, 1 volume, transaction 100\n");
    blank(f, 0);
    blank(f, 6);
    blank_region_copies(f);
    scan(f);
    assert_string_equal(f->s->text, "reading hd80 ...\n  not a dynamic disk\n");
    tear_down(f);
}

/* ---- PRIVHEAD */

static void test_one_copy_is_enough(void **state)
{
    (void)state;
    for (int gpt = 0; gpt < 2; gpt++)
        for (unsigned alive = gpt; alive < 3; alive++) {
            struct fixture *f = set_up(gpt, 512);
            uint64_t        copies[] = { 6, f->region + 1856, f->region + 2047 };

            for (unsigned i = gpt; i < 3; i++)
                if (i != alive)
                    memdisk_at(f->disk, copies[i])[200] ^= 1;
            scan(f);
            assert_found(f, gpt ? 1 : 2);
            assert_int_equal(f->d->privhead.found_lba, copies[alive]);
            assert_true(has_note(&f->d->notes, STATUS_PRIVHEAD_CHECKSUM));
            tear_down(f);
        }
}

static void test_no_copy(void **state)
{
    (void)state;
    for (int gpt = 0; gpt < 2; gpt++) {
        struct fixture *f = set_up(gpt, 512);

        blank(f, 6);
        blank_region_copies(f);
        scan(f);
        assert_int_equal(f->d->status, STATUS_PRIVHEAD_NONE);
        assert_true(has_note(&f->d->notes, STATUS_PRIVHEAD_BAD));
        assert_int_equal(f->s->view.group_count, 0);
        tear_down(f);
    }
}

static void test_the_newest_copy_counts(void **state)
{
    (void)state;
    for (unsigned newest = 0; newest < 3; newest++) {
        struct fixture *f = set_up(false, 512);
        uint64_t        copies[] = { 6, f->region + 1856, f->region + 2047 };

        f->image.sequence = 8;
        ldmdisk_make_privhead(&f->image, memdisk_at(f->disk, copies[newest]));
        scan(f);
        assert_found(f, 0);
        assert_int_equal(f->d->privhead.update_sequence, 8);
        assert_int_equal(f->d->privhead.found_lba, copies[newest]);
        tear_down(f);
    }
}

/* Change a field of the copy at this sector, under a right checksum. */
static void change_copy(struct fixture *f, uint64_t lba, size_t field, uint64_t value)
{
    put_be(memdisk_at(f->disk, lba) + field, value, 8);
    ldmdisk_checksum(memdisk_at(f->disk, lba));
}

/* Where the copies that are left say that others are, and where there is no room for one, nothing is missed. */
static void test_copies_at_the_end_of_the_region(void **state)
{
    static const size_t fields[] = { PRIVHEAD_PRIMARY, PRIVHEAD_SECONDARY };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct fixture *f = set_up(false, 512);

        change_copy(f, 6, fields[i], 2048);
        change_copy(f, f->region + (i ? 2047 : 1856), fields[i], 2048);
        scan(f);
        assert_found(f, 0);
        tear_down(f);
    }
}

/* A private region has room for its copies, and for a TOCBLOCK, or it is none; one block more, and each is looked for. */
static void test_regions_of_few_blocks(void **state)
{
    static const struct { unsigned blocks; size_t notes; enum status status; } cases[] = {
        { 2, 1, STATUS_TOC_NONE }, { 3, 3, STATUS_TOC_NONE }, { 4, 3, STATUS_TOC_NO_CONFIG },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture *f = set_up(false, 512);

        memset(memdisk_at(f->disk, f->region), 0, 2048 * 512);
        change_copy(f, 6, PRIVHEAD_PRIVATE_SIZE, cases[i].blocks);
        change_copy(f, 6, PRIVHEAD_PRIMARY, cases[i].blocks - 1);
        change_copy(f, 6, PRIVHEAD_SECONDARY, 0);
        change_copy(f, 6, PRIVHEAD_TOC_SECONDARY, 1);
        ldmdisk_make_tocblock(&f->image, memdisk_at(f->disk, f->region + 1));
        memset(memdisk_at(f->disk, f->region + 1) + TOC_REGIONS, 0, 2 * TOC_REGION_BYTES);
        ldmdisk_checksum(memdisk_at(f->disk, f->region + 1));
        scan(f);
        assert_int_equal(f->d->status, cases[i].status);
        assert_int_equal(f->d->notes.count, cases[i].notes);
        assert_int_equal(has_note(&f->d->notes, STATUS_PRIVHEAD_BAD), cases[i].notes == 3);
        tear_down(f);
    }
}

/* A disk with no room for a usual region is looked at whole: at its end, and as far before it. */
static void test_a_copy_on_a_disk_of_few_blocks(void **state)
{
    (void)state;
    for (uint64_t lba = 998; lba < 1000; lba++) {
        struct fixture *f = set_up(false, 512);

        memcpy(memdisk_at(f->disk, lba), memdisk_at(f->disk, 6), 512);
        blank(f, 6);
        change_copy(f, lba, PRIVHEAD_PRIVATE_START, 500);
        change_copy(f, lba, PRIVHEAD_PRIVATE_SIZE, 500);
        change_copy(f, lba, PRIVHEAD_PUBLIC_SIZE, 400);
        change_copy(f, lba, PRIVHEAD_PRIMARY, lba - 500);
        f->disk->dev.block_count = 1000;
        scan(f);
        assert_int_equal(f->d->has_privhead, lba == 999);
        tear_down(f);
    }
}

static void test_copies_of_two_disks_on_one(void **state)
{
    (void)state;
    for (unsigned copied = 0; copied < 3; copied++) {
        struct fixture *f = set_up(false, 512);
        uint64_t        copies[] = { 6, f->region + 1856, f->region + 2047 };

        f->image.sequence = 99;
        f->image.disk_guid = LDMDISK_GUID1;
        ldmdisk_make_privhead(&f->image, memdisk_at(f->disk, copies[copied]));
        scan(f);
        assert_int_equal(f->d->status, STATUS_PRIVHEAD_CONFLICT);
        assert_true(has_note(&f->d->notes, STATUS_PRIVHEAD_FOREIGN));
        assert_int_equal(f->s->view.group_count, 0);
        tear_down(f);
    }
}

static void test_a_copy_that_says_it_lies_elsewhere_is_not_believed(void **state)
{
    struct fixture *f = set_up(true, 512);

    (void)state;
    f->image.private_start += 10;
    f->image.public_start += 10;
    ldmdisk_make_privhead(&f->image, memdisk_at(f->disk, f->region + 2047));
    ldmdisk_make_privhead(&f->image, memdisk_at(f->disk, f->region + 1856));
    scan(f);
    assert_int_equal(f->d->status, STATUS_PRIVHEAD_NONE);
    assert_true(has_note(&f->d->notes, STATUS_PRIVHEAD_FOREIGN));
    for (unsigned i = 0; i < 2; i++) {  /* true in itself, but the metadata partition is elsewhere */
        uint8_t *copy = memdisk_at(f->disk, f->region + (i ? 1856 : 2047));

        put_be(copy + PRIVHEAD_PRIMARY, 2037, 8);
        put_be(copy + PRIVHEAD_SECONDARY, 1846, 8);
        ldmdisk_checksum(copy);
    }
    scan(f);
    assert_int_equal(f->d->status, STATUS_PRIVHEAD_NONE);
    assert_true(has_note(&f->d->notes, STATUS_PRIVHEAD_FOREIGN));
    tear_down(f);

    f = set_up(false, 512);
    blank(f, 6);
    change_copy(f, f->region + 1856, PRIVHEAD_SECONDARY, 1855);
    change_copy(f, f->region + 2047, PRIVHEAD_PRIMARY, 2046);
    scan(f);
    assert_int_equal(f->d->status, STATUS_PRIVHEAD_NONE);
    assert_true(has_note(&f->d->notes, STATUS_PRIVHEAD_FOREIGN));
    tear_down(f);
}

/* ---- tables, and disks without one */

/* Any of the four entries may be the dynamic one. */
static void test_an_entry_anywhere_in_the_table(void **state)
{
    (void)state;
    for (unsigned slot = 0; slot < 4; slot++) {
        struct fixture *f = set_up(false, 512);
        uint8_t        *table = memdisk_at(f->disk, 0) + 0x1be, entry[16];

        memcpy(entry, table, 16);
        memset(table, 0, 16);
        memcpy(table + 16 * slot, entry, 16);
        scan(f);
        assert_found(f, 0);
        assert_int_equal(f->d->table, TABLE_MBR);
        tear_down(f);
    }
}

static void test_a_blank_sector_0_hides_nothing(void **state)
{
    (void)state;
    for (uint32_t block = 512; block <= 4096; block *= 8) {
        struct fixture *f = set_up(false, block);

        blank(f, 0);
        for (unsigned signed_ = 0; signed_ < 2; signed_++) {  /* with the signature of one too, and nothing else */
            if (signed_)
                wr_le16(memdisk_at(f->disk, 0) + 510, 0xaa55);
            scan(f);
            assert_found(f, 1);
            assert_true(has_note(&f->d->notes, STATUS_TABLE_LOST));
            assert_int_equal(f->d->table, TABLE_NONE);
            assert_true(f->d->has_sector0);
            assert_int_equal(f->d->mbr.valid, signed_);
        }
        tear_down(f);
    }
}

static void test_an_unreadable_front_hides_nothing(void **state)
{
    struct fixture *f = set_up(false, 512);

    (void)state;
    memdisk_fail(f->disk, 0, 1, STATUS_READ_FAILED);
    scan(f);
    assert_found(f, 1);
    assert_false(f->d->has_sector0);
    memdisk_fail(f->disk, 6, 1, STATUS_READ_SILENT);  /* now the copy at the end of the disk tells */
    scan(f);
    assert_found(f, 1);
    assert_true(has_note(&f->d->notes, STATUS_READ_SILENT));
    memdisk_fail(f->disk, 0, 64, STATUS_READ_FAILED);
    scan(f);
    assert_found(f, 1);
    blank_region_copies(f);
    scan(f);
    assert_int_equal(f->d->status, STATUS_PRIVHEAD_NONE);  /* what could be read says so */
    memdisk_fail(f->disk, BLOCKS - 3, 3, STATUS_READ_FAILED);
    scan(f);
    assert_int_equal(f->d->status, STATUS_READ_FAILED);
    tear_down(f);
}

/* A copy that cannot be read is missed, and said; whichever it is. */
static void test_unreadable_copies(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct fixture *f = set_up(false, 512);
        uint64_t        copies[] = { 6, f->region + 1856, f->region + 2047 };

        memdisk_fail(f->disk, copies[i], 1, STATUS_READ_FAILED);
        scan(f);
        assert_found(f, 1);
        assert_true(has_note(&f->d->notes, STATUS_READ_FAILED));
        tear_down(f);
    }
}

static void test_a_wiped_front_of_a_gpt_disk_hides_nothing(void **state)
{
    struct fixture *f = set_up(true, 512);

    (void)state;
    memset(memdisk_at(f->disk, 0), 0, 34 * 512);
    scan(f);
    assert_found(f, 2);
    assert_true(has_note(&f->d->notes, STATUS_GPT_BAD_PRIMARY));
    assert_true(has_note(&f->d->notes, STATUS_TABLE_LOST));
    assert_true(f->d->gpt.from_backup);
    tear_down(f);
}

/* The array of entries where no reader expects it: it is read from there. */
static void test_gpt_entries_elsewhere(void **state)
{
    (void)state;
    for (uint32_t block = 512; block <= 4096; block *= 8) {
        struct fixture *f = set_up(true, block);
        uint64_t        array = block == 512 ? BLOCKS - 3000 : 20;  /* in blocks: of 4096 bytes there is room before the region */

        memcpy(memdisk_at(f->disk, array * f->unit), memdisk_at(f->disk, 2 * f->unit), 128 * 128);
        memset(memdisk_at(f->disk, 2 * f->unit), 0, 128 * 128);
        wr_le64(memdisk_at(f->disk, f->unit) + 0x48, array);
        ldmdisk_gpt_crc(f->disk, 1);
        scan(f);
        assert_found(f, 0);
        assert_false(f->d->gpt.from_backup);
        tear_down(f);
    }
}

/* On blocks of 4096 bytes a copy is looked for all over the last megabyte; one that is damaged is named. */
static void test_a_damaged_copy_in_the_last_megabyte(void **state)
{
    struct fixture *f = set_up(false, 4096);
    uint64_t        odd = f->region + (2048 - 100) * f->unit;

    (void)state;
    memcpy(memdisk_at(f->disk, odd), memdisk_at(f->disk, 6 * f->unit), 512);
    memdisk_at(f->disk, odd)[8] = 1;  /* of the sum */
    blank(f, 6 * f->unit);
    blank(f, f->region + 1856 * f->unit);
    blank(f, f->region + 2047 * f->unit);
    scan(f);
    assert_int_equal(f->d->status, STATUS_PRIVHEAD_NONE);
    assert_true(has_note(&f->d->notes, STATUS_PRIVHEAD_CHECKSUM));
    tear_down(f);
}

/* A copy that lies there by its own word: in the last megabyte, from its first block to its last, it is found. */
static void test_a_copy_somewhere_in_the_last_megabyte(void **state)
{
    static const struct { unsigned from_end; bool found; } cases[] = {
        { 1, true }, { 8, true }, { 9, true }, { 100, true }, { 256, true }, { 257, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture *f = set_up(false, 4096);
        unsigned        at = 2048 - cases[i].from_end;
        uint64_t        odd = f->region + at * f->unit;

        memcpy(memdisk_at(f->disk, odd), memdisk_at(f->disk, 6 * f->unit), 512);
        blank(f, 6 * f->unit);
        blank(f, f->region + 1856 * f->unit);
        if (at < 2047)
            blank(f, f->region + 2047 * f->unit);
        change_copy(f, odd, PRIVHEAD_PRIMARY, at);
        memcpy(memdisk_at(f->disk, f->region + (2048 - 50) * f->unit), "PRIVHEAX", 8);  /* what is no copy is not spoken of */
        scan(f);
        assert_int_equal(f->d->has_privhead, cases[i].found);
        assert_int_equal(f->d->notes.count, at == 2047 ? 2 : cases[i].found ? 3 : 4);
        if (cases[i].found) {
            assert_int_equal(f->d->status, STATUS_OK);
            assert_int_equal(f->d->privhead.found_lba, odd);
        }
        tear_down(f);
    }
}

/* The same where the whole region is shorter than that. */
static void test_a_copy_somewhere_in_a_short_region(void **state)
{
    (void)state;
    for (unsigned at = 0; at < 100; at += 49) {
        struct fixture *f = set_up(true, 4096);
        uint64_t        odd = f->region + at * f->unit;

        wr_le64(memdisk_at(f->disk, 2 * f->unit) + 40, 34 + 100 - 1);
        ldmdisk_gpt_crc(f->disk, 1);
        memcpy(memdisk_at(f->disk, odd), memdisk_at(f->disk, f->region + 2047 * f->unit), 512);
        memcpy(memdisk_at(f->disk, f->region - f->unit), memdisk_at(f->disk, odd), 512);  /* outside of it */
        change_copy(f, odd, PRIVHEAD_PRIMARY, at);
        scan(f);
        assert_true(f->d->has_privhead);
        assert_false(has_note(&f->d->notes, STATUS_PRIVHEAD_FOREIGN));
        assert_int_equal(f->d->privhead.found_lba, odd);
        tear_down(f);
    }
}

/* The metadata partition ends where the disk does; one block less, and it does not lie on it. */
static void test_a_metadata_partition_beyond_the_disk(void **state)
{
    struct fixture *f = set_up(true, 512);

    (void)state;
    f->disk->dev.block_count = 34 + 2048;
    scan(f);
    assert_int_equal(f->d->status, STATUS_OK);
    f->disk->dev.block_count--;
    scan(f);
    assert_int_equal(f->d->status, STATUS_DISK_CLIPPED);
    assert_false(f->d->has_privhead);
    tear_down(f);
}

static void test_gpt_gone(void **state)
{
    struct fixture *f = set_up(true, 512);

    (void)state;
    blank(f, 1);
    blank(f, BLOCKS - 1);
    scan(f);
    assert_int_equal(f->d->status, STATUS_GPT_BAD_BOTH);
    tear_down(f);
}

static void test_gpt_without_ldm(void **state)
{
    struct fixture *f = set_up(true, 512);
    uint8_t        *entries = memdisk_at(f->disk, 2);

    (void)state;
    memset(entries, 0, 16);
    ldmdisk_gpt_crc(f->disk, 1);
    scan(f);
    assert_int_equal(f->d->status, STATUS_GPT_NO_METADATA);
    memset(entries, 0, 512);
    ldmdisk_gpt_crc(f->disk, 1);
    scan(f);
    assert_int_equal(f->d->status, STATUS_NOT_DYNAMIC);
    tear_down(f);
}

/* Not dynamic by its table; but its identity is kept, and said. */
static void assert_basic_but_known(struct fixture *f)
{
    scan(f);
    assert_int_equal(f->d->status, STATUS_NOT_DYNAMIC);
    assert_string_equal(ldm_disk_status_name(f->d), "basic");
    assert_false(f->d->has_privhead);
    assert_true(has_note(&f->d->notes, STATUS_PRIVHEAD_LEFTOVER));
    assert_int_equal(f->d->identity_count, 1);
    assert_string_equal(guid_format(&f->d->identities[0].disk_guid, (char[GUID_TEXT_SIZE]){ "" }), LDMDISK_GUID2);
}

static void test_disks_that_were_made_basic(void **state)
{
    (void)state;
    for (uint32_t block = 512; block <= 4096; block *= 8)
        for (unsigned alive = 0; alive < 3; alive++) {  /* one copy is enough, whichever */
            struct fixture *f = set_up(false, block);
            uint64_t        copies[] = { 6 * f->unit, f->region + 1856 * f->unit, f->region + 2047 * f->unit };

            memdisk_at(f->disk, 0)[0x1be + 4] = 0x07;
            for (unsigned i = 0; i < 3; i++)
                if (i != alive)
                    blank(f, copies[i]);
            assert_basic_but_known(f);
            assert_int_equal(f->disk->reads, 5);  /* two of them where a GPT disk has its metadata */
            blank(f, copies[alive]);
            scan(f);
            assert_int_equal(f->d->notes.count, 0);
            assert_int_equal(f->d->identity_count, 0);
            tear_down(f);
        }
}

static void test_gpt_disks_that_were_made_basic(void **state)
{
    struct fixture *f = set_up(true, 512);

    (void)state;
    memdisk_at(f->disk, 0)[0x1be + 4] = 0x07;     /* the protective entry */
    assert_basic_but_known(f);
    blank(f, 1);                                  /* and the GPT's backup leads to it */
    assert_basic_but_known(f);
    tear_down(f);
    f = set_up(true, 512);
    memset(memdisk_at(f->disk, 2), 0xeb, 16);     /* the types of both partitions */
    memset(memdisk_at(f->disk, 2) + 256, 0xeb, 16);
    ldmdisk_gpt_crc(f->disk, 1);
    assert_basic_but_known(f);
    tear_down(f);
}

/* Entry `slot` of the primary GPT: a basic partition, whatever it was; without blocks: none. */
static void put_basic_entry(struct fixture *f, unsigned slot, uint64_t start, uint64_t blocks)
{
    uint8_t *entry = memdisk_at(f->disk, 2 * f->unit) + (size_t)slot * 128;

    memset(entry, 0, 128);
    if (blocks == 0)
        return;
    memset(entry, 0xeb, 32);
    wr_le64(entry + 32, start);
    wr_le64(entry + 40, start + blocks - 1);
}

/* The entry of the metadata was deleted, the one of the data made basic. The room of the first is at an end of the gap. */
static void test_a_gpt_disk_whose_metadata_entry_was_deleted(void **state)
{
    static const uint64_t regions[] = { 134, 434, 134 }, data[] = { 2482, 2482, 2182 };

    (void)state;
    for (uint32_t block = 512; block <= 4096; block *= 8)
        for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++) {
            struct fixture *f = set_up(true, block);

            blank(f, f->region + 1856 * f->unit);
            blank(f, f->region + 2047 * f->unit);
            f->image.private_start = f->region = regions[i] * f->unit;
            f->image.public_start = data[i] * f->unit;
            ldmdisk_write(&f->image);
            put_basic_entry(f, 0, 34, 100);
            put_basic_entry(f, 2, data[i], BLOCKS - 34 - data[i]);
            ldmdisk_gpt_crc(f->disk, 1);
            assert_basic_but_known(f);
            assert_in_range(f->disk->reads, 7, 9);
            blank(f, f->region + 1856 * f->unit);
            assert_basic_but_known(f);
            blank(f, f->region + 2047 * f->unit);
            scan(f);
            assert_int_equal(f->d->identity_count, 0);
            tear_down(f);
        }
}

/* A reserved partition was made anew, over the room where Windows had put the metadata before it. */
static void test_a_gpt_that_was_made_anew(void **state)
{
    struct fixture *f = set_up(true, 512);

    (void)state;
    put_basic_entry(f, 0, 34, 4000);
    put_basic_entry(f, 2, 4034, BLOCKS - 34 - 4034);
    ldmdisk_gpt_crc(f->disk, 1);
    assert_basic_but_known(f);
    tear_down(f);
}

/* A new GPT at both ends leaves one copy in the last megabyte; by blocks of 4096 the one in block 6 too. */
static void test_an_mbr_disk_that_was_made_a_gpt_disk(void **state)
{
    (void)state;
    for (uint32_t block = 512; block <= 4096; block *= 8) {
        struct fixture *f = set_up(false, block), *other = set_up(true, block);

        put_basic_entry(other, 0, 34, 2048);
        put_basic_entry(other, 2, 2082, BLOCKS - 34 - 2082);
        ldmdisk_gpt_crc(other->disk, 1);
        memcpy(memdisk_at(f->disk, 0), memdisk_at(other->disk, 0), 34 * block);
        memcpy(memdisk_at(f->disk, (BLOCKS - 33) * f->unit), memdisk_at(other->disk, (BLOCKS - 33) * f->unit), 33 * block);
        assert_basic_but_known(f);
        assert_int_equal(f->d->table, TABLE_GPT);
        tear_down(f);
        tear_down(other);
    }
}

/* As Windows lays them out: the search costs four reads more than the front. A table of gaps costs no more than it may. */
static void test_what_the_search_costs_on_a_gpt_disk(void **state)
{
    struct fixture *f = set_up(true, 512);

    (void)state;
    memset(memdisk_at(f->disk, 34), 0, 2048 * 512);
    put_basic_entry(f, 0, 2048, 4096);
    put_basic_entry(f, 1, 6144, 1000);
    put_basic_entry(f, 2, 7144, BLOCKS - 7144 - 2047);
    ldmdisk_gpt_crc(f->disk, 1);
    scan(f);
    assert_int_equal(f->d->status, STATUS_NOT_DYNAMIC);
    assert_int_equal(f->d->notes.count, 0);
    assert_int_equal(f->disk->reads, 5);
    memdisk_free(f->disk);
    f->disk = memdisk_new("hd80", 512, 300000);
    ldmdisk_mirror(&f->image, f->disk, true, 2);
    ldmdisk_write(&f->image);
    for (unsigned slot = 0; slot < 60; slot++)
        put_basic_entry(f, slot, 10000 + slot * 4200, 1);
    ldmdisk_gpt_crc(f->disk, 1);
    scan(f);
    assert_int_equal(f->d->identity_count, 1);
    assert_int_equal(f->disk->reads, 1 + 2 * 16);
    tear_down(f);
}

static void test_a_wiped_front_of_an_mbr_disk_hides_nothing(void **state)
{
    struct fixture *f = set_up(false, 512);

    (void)state;
    memset(memdisk_at(f->disk, 0), 0, 63 * 512);
    scan(f);
    assert_int_equal(f->d->status, STATUS_OK);
    assert_true(has_note(&f->d->notes, STATUS_TABLE_LOST));
    assert_true(f->d->front_lost);
    assert_true(has_note(&view_component(f->s, "Volume1-02")->reasons, STATUS_FRONT_LOST));
    blank_region_copies(f);
    scan(f);  /* a blank disk */
    assert_int_equal(f->d->status, STATUS_NOT_DYNAMIC);
    assert_int_equal(f->d->notes.count, 0);
    tear_down(f);
}

/* Its first sectors were copied over this one's. What the PRIVHEAD at LBA 6 says lies nowhere on this disk. */
static void test_the_front_of_a_larger_disk(void **state)
{
    (void)state;
    for (uint32_t block = 512; block <= 4096; block *= 8) {
        struct fixture *f = set_up(false, block), *other = set_up(false, block);

        memdisk_free(other->disk);
        other->disk = memdisk_new("hd81", block, BLOCKS + 5000);
        ldmdisk_mirror(&other->image, other->disk, false, 1);
        ldmdisk_write(&other->image);
        memcpy(memdisk_at(f->disk, 0), memdisk_at(other->disk, 0), 63 * block);
        scan(f);
        assert_int_equal(f->d->status, STATUS_PRIVHEAD_CONFLICT);
        assert_int_equal(f->d->identity_count, 2);
        assert_true(ldm_disk_claims(f->d, &(struct guid){ { 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22,
                                                            0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22 } }));
        tear_down(f);
        tear_down(other);
    }
}

static void test_dead_disks_are_left_alone_soon(void **state)
{
    struct fixture *f = set_up(false, 512);

    (void)state;
    memdisk_fail(f->disk, 0, BLOCKS, STATUS_READ_FAILED);
    scan(f);
    assert_int_equal(f->d->status, STATUS_DISK_SILENT);
    assert_string_equal(ldm_disk_status_name(f->d), "silent");
    assert_true(has_note(&f->d->notes, STATUS_READ_FAILED));  /* what it did answer, once: */
    assert_int_equal(f->d->notes.count, 2);                   /* of sectors that were not asked for there is no word */
    assert_int_equal(f->disk->reads, 4);
    tear_down(f);
}

/* Its beginning can be read, and after that too much cannot. */
static void test_a_disk_that_is_given_up_says_so(void **state)
{
    struct fixture *f = set_up(false, 512);

    (void)state;
    memdisk_fail_slowly(f->disk, 34, BLOCKS - 34, STATUS_READ_FAILED, 31000);
    scan(f);
    assert_int_equal(f->d->status, STATUS_DISK_GIVEN_UP);
    assert_string_equal(ldm_disk_status_name(f->d), "given up");
    assert_true(has_note(&f->d->notes, STATUS_DISK_GIVEN_UP));
    assert_in_range(f->disk->reads, 2, 4);
    tear_down(f);
}

/* Given up by the last read that it takes, or by a search that finds nothing: what is known stays known, and both are said. */
static void test_given_up_at_the_very_end(void **state)
{
    struct fixture *f = set_up(false, 512);

    (void)state;
    memdisk_fail_slowly(f->disk, ldmdisk_klog_lba(&f->image), 1, STATUS_READ_FAILED, 61000);
    scan(f);
    assert_int_equal(f->d->status, STATUS_OK);
    assert_true(f->d->klog_bad);
    assert_true(has_note(&f->d->notes, STATUS_DISK_GIVEN_UP));
    tear_down(f);

    f = set_up(false, 512);
    memdisk_at(f->disk, 0)[0x1be + 4] = 0x07;
    blank(f, 6);
    memdisk_fail_slowly(f->disk, f->region, 2048, STATUS_READ_FAILED, 61000);
    scan(f);
    assert_int_equal(f->d->status, STATUS_NOT_DYNAMIC);
    assert_int_equal(f->d->notes.count, 1);
    assert_true(has_note(&f->d->notes, STATUS_DISK_GIVEN_UP));
    tear_down(f);
}

/* A disk that was moved to a controller, or into a case, that shows other blocks: one reason, and the right one. */
static void test_written_for_other_blocks(void **state)
{
    static const uint32_t written[] = { 512, 4096 };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct fixture *f = set_up(false, written[i]);

        f->disk->dev.block_size = written[!i];
        f->disk->dev.block_count = f->disk->data_bytes / written[!i];
        scan(f);
        assert_int_equal(f->d->status, STATUS_PRIVHEAD_BLOCK_SIZE);
        assert_int_equal(f->d->notes.count, 1);
        assert_true(has_note(&f->d->notes, STATUS_PRIVHEAD_BLOCK_SIZE));
        memdisk_at(f->disk, 6 * f->unit)[8] ^= 1;  /* its name is enough: the rest of it may be damaged */
        scan(f);
        assert_int_equal(f->d->status, STATUS_PRIVHEAD_BLOCK_SIZE);
        memdisk_at(f->disk, 6 * f->unit)[7] ^= 1;
        scan(f);
        assert_int_equal(f->d->status, STATUS_PRIVHEAD_NONE);
        tear_down(f);
    }
}

/* What stands there on a GPT disk is no copy, and nothing follows from it. */
static void test_a_name_where_no_copy_is(void **state)
{
    struct fixture *f = set_up(true, 512);

    (void)state;
    blank_region_copies(f);
    memcpy(memdisk_at(f->disk, 6 * 8), PRIVHEAD_MAGIC, 8);
    scan(f);
    assert_int_equal(f->d->status, STATUS_PRIVHEAD_NONE);
    tear_down(f);
}

static void test_block_sizes_that_are_none(void **state)
{
    static const uint32_t sizes[] = { 0, 1, 256, 1024, 2048, 8192, UINT32_MAX };

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct fixture *f = set_up(false, 512);

        f->disk->dev.block_size = sizes[i];
        scan(f);
        assert_int_equal(f->d->status, STATUS_BAD_BLOCK_SIZE);
        assert_int_equal(f->disk->reads, 0);
        tear_down(f);
    }
}

static void test_very_small_disks(void **state)
{
    (void)state;
    for (int gpt = 0; gpt < 2; gpt++)
        for (uint64_t blocks = 0; blocks < 2000; blocks += blocks < 40 ? 1 : 77) {
            struct fixture *f = set_up(gpt, 512);

            f->disk->dev.block_count = blocks;
            scan(f);
            assert_int_not_equal(f->d->status, STATUS_OK);
            tear_down(f);
        }
}

/* ---- disks of another size than Windows saw */

static void test_a_clipped_end(void **state)
{
    struct fixture *f = set_up(false, 512);

    (void)state;
    f->disk->dev.block_count = BLOCKS - 1;  /* the last copy would be the first sector that is out of reach */
    scan(f);
    assert_int_equal(f->d->status, STATUS_OK);
    assert_true(has_note(&f->d->notes, STATUS_READ_OUT_OF_RANGE));
    assert_true(has_note(&f->d->notes, STATUS_DISK_CLIPPED));
    f->disk->dev.block_count = BLOCKS - 3;  /* the tail of the private region is out of reach: the rest tells */
    scan(f);
    assert_int_equal(f->d->status, STATUS_OK);
    assert_true(has_note(&f->d->notes, STATUS_DISK_CLIPPED));
    assert_true(view_component(f->s, "Volume1-02")->usable);
    f->disk->dev.block_count = BLOCKS - 2048;
    scan(f);
    assert_int_equal(f->d->status, STATUS_DISK_CLIPPED);
    assert_true(f->d->has_privhead);
    assert_string_equal(ldm_disk_status_name(f->d), "clipped");
    tear_down(f);
}

static void test_an_enlarged_disk(void **state)
{
    struct fixture *f = set_up(false, 512);
    struct memdisk *bigger = memdisk_new("bigger", 512, BLOCKS + 5000);

    (void)state;
    memcpy(bigger->data, f->disk->data, f->disk->data_bytes);
    memdisk_free(f->disk);
    f->disk = bigger;
    scan(f);
    assert_found(f, 0);
    tear_down(f);
}

static void test_volumes_cut_off_by_a_clipped_disk(void **state)
{
    struct fixture *f = set_up(true, 512);  /* GPT: the metadata is in front */

    (void)state;
    f->disk->dev.block_count = f->image.public_start + 700 + 1999;
    scan(f);
    assert_int_equal(f->d->status, STATUS_OK);
    assert_false(view_component(f->s, "Volume1-02")->present);
    assert_true(has_note(&view_component(f->s, "Volume1-02")->reasons, STATUS_EXTENT_BEYOND_DISK));
    f->disk->dev.block_count++;
    scan(f);
    assert_true(view_component(f->s, "Volume1-02")->usable);
    tear_down(f);
}

/* An entry of a GPT that is no dynamic one, and meets the volume: someone uses it without LDM. The volume is at 700 of `data`. */
static void test_a_volume_under_a_gpt_entry(void **state)
{
    static const struct { int64_t start; uint64_t blocks; bool marked; } cases[] = {
        { 0, 2000, true }, { -100, 100, false }, { -100, 101, true }, { 249, 1, true }, { 250, 100, false }, { 249, 1000, true },
    };

    (void)state;
    for (uint32_t block = 512; block <= 4096; block *= 8)
        for (size_t n = 0; n < 2 * sizeof cases / sizeof cases[0]; n++) {
            struct fixture *f = set_up(true, block);
            size_t          i = n / 2;
            uint64_t        first = (f->image.public_start + 704) / f->unit, end = (f->image.public_start + 2704) / f->unit;

            ldmdisk_remove(&f->image, 14);  /* in whole blocks: 250 of 4096 bytes, 2000 of 512 */
            ldmdisk_add_partition(&f->image, 14, "Disk2-01", 0, 704, 0, 2000, 12, 22, 0);
            ldmdisk_write(&f->image);
            if (n % 2)  /* it is the first one of the table */
                memcpy(memdisk_at(f->disk, 2 * f->unit) + 3 * 128, memdisk_at(f->disk, 2 * f->unit), 128);
            put_basic_entry(f, n % 2 ? 0 : 1, (cases[i].start < 200 ? first : end - 250) + (uint64_t)cases[i].start, cases[i].blocks);
            ldmdisk_gpt_crc(f->disk, 1);
            scan(f);
            assert_int_equal(f->d->status, STATUS_OK);
            assert_int_equal(view_component(f->s, "Volume1-02")->usable, !cases[i].marked);
            assert_int_equal(has_note(&view_component(f->s, "Volume1-02")->reasons, STATUS_ENTRY_BASIC), cases[i].marked);
            tear_down(f);
        }
}

/* ---- TOCBLOCK */

static const unsigned toc_slots[] = { 1, 2, 2045, 2046 };

static void test_one_toc_is_enough(void **state)
{
    (void)state;
    for (unsigned alive = 0; alive < 4; alive++) {
        struct fixture *f = set_up(false, 512);

        for (unsigned i = 0; i < 4; i++)
            blank(f, f->region + toc_slots[i]);
        ldmdisk_make_tocblock(&f->image, memdisk_at(f->disk, f->region + toc_slots[alive]));
        scan(f);
        /* PRIVHEAD points at 1 and 2046: blank ones there are damage, elsewhere not. */
        assert_found(f, toc_slots[alive] == 1 || toc_slots[alive] == 2046 ? 1 : 2);
        tear_down(f);
    }
}

static void test_the_newest_toc_counts(void **state)
{
    (void)state;
    for (unsigned newest = 0; newest < 4; newest++) {
        struct fixture *f = set_up(false, 512);
        uint8_t        *toc = memdisk_at(f->disk, f->region + toc_slots[newest]);

        f->image.sequence++;
        ldmdisk_make_tocblock(&f->image, toc);
        toc[TOC_REGIONS + TOC_REGION_FLAGS + 1] = TOC_DISABLED;
        ldmdisk_checksum(toc);
        scan(f);
        assert_int_equal(f->d->status, STATUS_TOC_NO_CONFIG);
        tear_down(f);
    }
}

/* Of equal ones the first counts: that which PRIVHEAD names. */
static void test_tocs_of_the_same_sequence(void **state)
{
    struct fixture *f = set_up(false, 512);
    uint8_t        *toc = memdisk_at(f->disk, f->region + 2);

    (void)state;
    ldmdisk_make_tocblock(&f->image, toc);
    toc[TOC_REGIONS + TOC_REGION_FLAGS + 1] = TOC_DELETED;
    ldmdisk_checksum(toc);
    scan(f);
    assert_found(f, 0);
    put_be(toc + TOC_SEQUENCE, f->image.sequence + 1, 8);
    ldmdisk_checksum(toc);
    scan(f);
    assert_int_equal(f->d->status, STATUS_TOC_NO_CONFIG);
    tear_down(f);
}

/* A slot that cannot be read is said once; one with a single byte in it is not blank; PRIVHEAD may name a place outside. */
static void test_slots_that_are_no_toc(void **state)
{
    struct fixture *f = set_up(false, 512);

    (void)state;
    memdisk_fail(f->disk, f->region + 1, 1, STATUS_READ_FAILED);
    scan(f);
    assert_found(f, 1);
    assert_true(has_note(&f->d->notes, STATUS_READ_FAILED));
    memdisk_reset(f->disk);
    memdisk_at(f->disk, f->region + 1)[99] ^= 1;
    scan(f);
    assert_found(f, 1);
    assert_true(has_note(&f->d->notes, STATUS_TOC_CHECKSUM));
    memdisk_at(f->disk, f->region + 1)[99] ^= 1;
    for (unsigned byte = 0; byte < 512; byte += 511) {
        blank(f, f->region + 2);
        memdisk_at(f->disk, f->region + 2)[byte] = 1;
        scan(f);
        assert_found(f, 1);
        assert_true(has_note(&f->d->notes, STATUS_TOC_BAD));
    }
    blank(f, f->region + 2);
    change_copy(f, 6, PRIVHEAD_TOC_SECONDARY, 2048);
    blank_region_copies(f);
    change_copy(f, 6, PRIVHEAD_PRIMARY, 2048);
    change_copy(f, 6, PRIVHEAD_SECONDARY, 2048);
    scan(f);
    assert_found(f, 0);
    tear_down(f);
}

/* What lies in a slot is no damage where one of the regions covers it, and is some right behind its end. */
static void test_regions_over_the_slots(void **state)
{
    static const struct { unsigned region, start, sectors, garbage; bool damage; } cases[] = {
        { 0, 17, 2045 - 17, 2045, true }, { 0, 17, 2046 - 17, 2045, false },
        { 1, 1498, 2045 - 1498, 2045, true }, { 1, 1498, 2046 - 1498, 2045, false },
        { 1, 2, 10, 2, false }, { 1, 3, 10, 2, true },
    };
    static uint8_t log[4 * 512];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture *f = set_up(false, 512);

        memcpy(log, memdisk_at(f->disk, f->region + 1498), sizeof log);
        if (cases[i].start < 17)
            memcpy(memdisk_at(f->disk, f->region + cases[i].start), log, sizeof log);
        if (cases[i].start != cases[i].garbage)
            memset(memdisk_at(f->disk, f->region + cases[i].garbage), 0xee, 512);
        for (unsigned k = 0; k < 4; k += 3) {
            uint8_t *toc = memdisk_at(f->disk, f->region + toc_slots[k]);

            put_be(toc + TOC_REGIONS + cases[i].region * TOC_REGION_BYTES + TOC_REGION_START, cases[i].start, 8);
            put_be(toc + TOC_REGIONS + cases[i].region * TOC_REGION_BYTES + TOC_REGION_SIZE, cases[i].sectors, 8);
            ldmdisk_checksum(toc);
        }
        scan(f);
        assert_found(f, cases[i].damage);
        assert_int_equal(has_note(&f->d->notes, STATUS_TOC_BAD), cases[i].damage);
        tear_down(f);
    }
}

/* On blocks of 4096 bytes the database may begin in the second slot. */
static void test_a_database_in_the_second_slot(void **state)
{
    struct fixture *f = set_up(false, 4096);

    (void)state;
    memmove(memdisk_at(f->disk, f->region + 2 * f->unit), memdisk_at(f->disk, f->region + 17 * f->unit), 5924 * 128);
    for (unsigned k = 0; k < 4; k += 3) {
        uint8_t *toc = memdisk_at(f->disk, f->region + toc_slots[k] * f->unit);

        put_be(toc + TOC_REGIONS + TOC_REGION_START, 2, 8);
        ldmdisk_checksum(toc);
    }
    scan(f);
    assert_found(f, 0);
    tear_down(f);
}

/* Or in the first, where the TOCBLOCK is somewhere else: what stands there is no damaged one. */
static void test_a_database_in_the_first_slot(void **state)
{
    struct fixture *f = set_up(false, 512);
    const uint64_t  copies[] = { 6, f->region + 1856, f->region + 2047 };
    uint8_t        *toc = memdisk_at(f->disk, f->region + 1900);

    (void)state;
    for (size_t i = 0; i < 3; i++)
        change_copy(f, copies[i], PRIVHEAD_TOC_PRIMARY, 1900);
    for (size_t i = 0; i < 4; i++)
        blank(f, f->region + toc_slots[i]);
    memmove(memdisk_at(f->disk, f->region + 1), memdisk_at(f->disk, f->region + 17), 5924 * 128);
    ldmdisk_make_tocblock(&f->image, toc);
    put_be(toc + TOC_REGIONS + TOC_REGION_START, 1, 8);
    ldmdisk_checksum(toc);
    scan(f);
    assert_found(f, 1);  /* the second one that PRIVHEAD names is blank */
    tear_down(f);
}

static void test_no_toc(void **state)
{
    struct fixture *f = set_up(false, 512);

    (void)state;
    blank(f, f->region + 1);
    memdisk_at(f->disk, f->region + 2046)[99] ^= 1;
    scan(f);
    assert_int_equal(f->d->status, STATUS_TOC_NONE);
    assert_true(has_note(&f->d->notes, STATUS_TOC_BAD));
    assert_true(has_note(&f->d->notes, STATUS_TOC_CHECKSUM));
    assert_null(f->d->group);
    tear_down(f);
}

static void test_toc_where_only_privhead_knows(void **state)
{
    struct fixture *f = set_up(true, 512);
    const uint64_t  copies[] = { 1856, 2047 };

    (void)state;
    blank(f, f->region + 1);
    blank(f, f->region + 2046);
    ldmdisk_make_tocblock(&f->image, memdisk_at(f->disk, f->region + 1900));
    for (size_t i = 0; i < 2; i++) {
        put_be(memdisk_at(f->disk, f->region + copies[i]) + PRIVHEAD_TOC_SECONDARY, 1900, 8);
        ldmdisk_checksum(memdisk_at(f->disk, f->region + copies[i]));
    }
    scan(f);
    assert_found(f, 1);
    ldmdisk_make_tocblock(&f->image, memdisk_at(f->disk, f->region + 1901));
    for (size_t i = 0; i < 2; i++)
        change_copy(f, f->region + copies[i], PRIVHEAD_TOC_PRIMARY, 1901);  /* now none of the usual slots is named */
    scan(f);
    assert_found(f, 0);
    blank(f, f->region + 1900);
    blank(f, f->region + 1901);
    for (unsigned alive = 0; alive < 4; alive++) {  /* and each of them is looked at all the same */
        ldmdisk_make_tocblock(&f->image, memdisk_at(f->disk, f->region + toc_slots[alive]));
        scan(f);
        assert_found(f, 2);
        blank(f, f->region + toc_slots[alive]);
    }
    tear_down(f);
}

/* ---- VMDB, KLOG */

static void test_vmdb_damage(void **state)
{
    struct fixture *f = set_up(false, 512);
    uint8_t        *vmdb = memdisk_at(f->disk, ldmdisk_vmdb_lba(&f->image));

    (void)state;
    vmdb[VMDB_GROUP_GUID] ^= 1;
    scan(f);
    assert_int_equal(f->d->status, STATUS_VMDB_OTHER_GROUP);
    assert_false(f->d->has_vmdb);
    vmdb[0] = 0;
    scan(f);
    assert_int_equal(f->d->status, STATUS_VMDB_BAD);
    assert_string_equal(ldm_disk_status_name(f->d), "damaged");
    assert_string_equal(f->d->notes.last->text, "hd80: the head of the database (VMDB) is damaged");
    memdisk_fail(f->disk, ldmdisk_vmdb_lba(&f->image), 1, STATUS_READ_FAILED);
    scan(f);
    assert_int_equal(f->d->status, STATUS_VMDB_BAD);
    assert_true(has_note(&f->d->notes, STATUS_READ_FAILED));
    tear_down(f);
}

static void test_config_and_log_elsewhere(void **state)
{
    struct fixture *f = set_up(false, 512);
    static uint8_t  region[1481 * 512];

    (void)state;
    memcpy(region, memdisk_at(f->disk, f->region + 17), sizeof region);
    memset(memdisk_at(f->disk, f->region + 17), 0, sizeof region);
    memcpy(memdisk_at(f->disk, f->region + 20), memdisk_at(f->disk, f->region + 1498), 4 * 512);
    memcpy(memdisk_at(f->disk, f->region + 300), region, sizeof region);
    for (unsigned i = 0; i < 4; i += 3) {
        uint8_t *toc = memdisk_at(f->disk, f->region + toc_slots[i]);

        put_be(toc + TOC_REGIONS + TOC_REGION_START, 300, 8);
        put_be(toc + TOC_REGIONS + TOC_REGION_BYTES + TOC_REGION_START, 20, 8);
        ldmdisk_checksum(toc);
    }
    scan(f);
    assert_found(f, 0);

    ldmdisk_write(&f->image);  /* right behind what is read together with the TOCBLOCKs */
    memcpy(memdisk_at(f->disk, f->region + 18), region, 1480 * 512);
    for (unsigned i = 0; i < 4; i += 3) {
        uint8_t *toc = memdisk_at(f->disk, f->region + toc_slots[i]);

        put_be(toc + TOC_REGIONS + TOC_REGION_START, 18, 8);
        ldmdisk_checksum(toc);
    }
    scan(f);
    assert_true(f->d->has_vmdb);
    tear_down(f);
}

/* The disk is written with a log of so many entries. */
static void write_log(struct fixture *f, size_t count)
{
    assert_true(count <= LDMDISK_MAX_KLOG);
    f->image.klog_count = count;
    for (size_t i = 0; i < count; i++)
        f->image.klog[i] = (struct klog_entry){ KLOG_DIRTY, i, 2 * i };
    ldmdisk_write(&f->image);
}

static void test_log_over_several_pages(void **state)
{
    struct fixture *f = set_up(false, 512);

    (void)state;
    write_log(f, 45);
    scan(f);
    assert_found(f, 0);
    assert_int_equal(f->d->klog_count, 45);
    assert_int_equal(f->d->klog[44].kind, KLOG_DIRTY);
    assert_int_equal(f->d->klog[44].a, 44);
    assert_int_equal(f->d->klog[44].b, 88);
    assert_int_equal(f->disk->reads, 5 + 1 + 1);  /* all of its other pages at once */
    tear_down(f);
}

/* As many pages as are looked at, all of them full; one more, and nobody knows what is in it. */
static void test_the_longest_log(void **state)
{
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        struct fixture *f = set_up(false, 512);

        write_log(f, KLOG_ENTRIES_PER_PAGE);
        for (unsigned page = 0; page < 64 + more; page++) {
            uint8_t *p = memdisk_at(f->disk, ldmdisk_klog_lba(&f->image) + page);

            memmove(p, memdisk_at(f->disk, ldmdisk_klog_lba(&f->image)), 512);
            put_be(p + KLOG_PAGES, 64 + more, 4);
            put_be(p + KLOG_PAGE, page, 4);
            put_be(p + KLOG_ENTRIES + KLOG_ENTRY_A, 1000 + page, 8);
        }
        scan(f);
        assert_int_equal(f->d->klog_bad, more);
        assert_int_equal(f->d->klog_count, more ? 0 : 64 * KLOG_ENTRIES_PER_PAGE);
        for (unsigned page = 0; page < 64 && !more; page++)
            assert_int_equal(f->d->klog[19 * 64 + page].a, 1000 + page);
        tear_down(f);
    }
}

/* A log without an end ends with its last page: of two full ones, or where its region ends. */
static void test_a_log_that_fills_its_pages(void **state)
{
    struct fixture *f = set_up(false, 512);
    uint64_t        lba = ldmdisk_klog_lba(&f->image);

    (void)state;
    write_log(f, 2 * KLOG_ENTRIES_PER_PAGE);
    for (unsigned page = 0; page < 2; page++)
        put_be(memdisk_at(f->disk, lba + page) + KLOG_PAGES, 2, 4);
    blank(f, lba + 2);
    scan(f);
    assert_found(f, 0);
    assert_int_equal(f->d->klog_count, 2 * KLOG_ENTRIES_PER_PAGE);
    for (unsigned page = 0; page < 2; page++)
        put_be(memdisk_at(f->disk, lba + page) + KLOG_PAGES, 3, 4);  /* the third of which is none */
    scan(f);
    assert_true(f->d->klog_bad);
    tear_down(f);
}

/* All the pages that a log can have here, and one entry more than one page less: each is kept. */
static void test_a_log_of_four_pages(void **state)
{
    struct fixture *f = set_up(false, 512);

    (void)state;
    for (size_t count = 3 * KLOG_ENTRIES_PER_PAGE + 1; count <= 4 * KLOG_ENTRIES_PER_PAGE; count += KLOG_ENTRIES_PER_PAGE - 1) {
        write_log(f, count);
        scan(f);
        assert_found(f, 0);
        assert_int_equal(f->d->klog_count, count);
        for (size_t i = 0; i < count; i++)
            assert_true(f->d->klog[i].a == i && f->d->klog[i].b == 2 * i);
    }
    tear_down(f);
}

static void test_a_log_as_long_as_its_region(void **state)
{
    struct fixture *f = set_up(false, 512);
    uint8_t        *page = memdisk_at(f->disk, ldmdisk_klog_lba(&f->image));

    (void)state;
    put_be(page + KLOG_PAGES, 224, 4);
    scan(f);
    assert_found(f, 0);
    put_be(page + KLOG_PAGES, 225, 4);
    scan(f);
    assert_true(f->d->klog_bad);
    tear_down(f);
}

/* The log, which should be at this sector, is bad: the disk's half is not started. */
static void assert_log_is_bad(struct fixture *f, uint64_t lba)
{
    char               place[64];
    const struct note *n;

    scan(f);
    assert_int_equal(f->d->status, STATUS_OK);
    assert_true(f->d->klog_bad);
    for (n = f->d->notes.first; n && n->code != STATUS_KLOG_BAD; n = n->next)
        ;
    assert_non_null(n);
    snprintf(place, sizeof place, "hd80, KLOG at sector %llu: ", (unsigned long long)lba);
    assert_int_equal(strncmp(n->text, place, strlen(place)), 0);
    assert_false(view_component(f->s, "Volume1-02")->usable);
    assert_true(has_note(&view_component(f->s, "Volume1-02")->reasons, STATUS_KLOG_BAD));
}

static void test_a_log_that_cannot_be_known_leads_to_asking(void **state)
{
    struct fixture *f = set_up(false, 512);
    uint64_t        lba = ldmdisk_klog_lba(&f->image);

    (void)state;
    memdisk_fail(f->disk, lba, 1, STATUS_READ_FAILED);
    assert_log_is_bad(f, lba);
    memdisk_reset(f->disk);
    memdisk_at(f->disk, lba)[0] = 0;
    assert_log_is_bad(f, lba);

    f->image.klog_count = 25;  /* goes on in the second page, which is bad */
    for (size_t i = 0; i < 25; i++)
        f->image.klog[i] = (struct klog_entry){ KLOG_DIRTY, i, 0 };
    ldmdisk_write(&f->image);
    memdisk_at(f->disk, lba + 1)[0] = 0;
    assert_log_is_bad(f, lba);
    ldmdisk_write(&f->image);
    put_be(memdisk_at(f->disk, lba) + KLOG_PAGES, 225, 4);  /* more than the region has */
    assert_log_is_bad(f, lba);
    ldmdisk_write(&f->image);
    put_be(memdisk_at(f->disk, lba + 1) + KLOG_ID, 5, 8);   /* a page of another log */
    assert_log_is_bad(f, lba);
    tear_down(f);
}

static void test_no_log_region_leads_to_asking(void **state)
{
    struct fixture *f = set_up(false, 512);

    (void)state;
    for (unsigned i = 0; i < 4; i += 3) {
        uint8_t *toc = memdisk_at(f->disk, f->region + toc_slots[i]);

        toc[TOC_REGIONS + TOC_REGION_BYTES + TOC_REGION_FLAGS + 1] = TOC_NOT_THERE;
        ldmdisk_checksum(toc);
    }
    assert_log_is_bad(f, f->region);
    tear_down(f);
}

/* ---- memory */

static void test_any_size_of_memory(void **state)
{
    struct fixture      *f = set_up(true, 512);
    struct block_device *disks[] = { &f->disk->dev };
    uint8_t             *memory = malloc(2 << 20);
    bool                 enough = false;

    (void)state;
    for (size_t size = 0; size < 2 << 20; size += enough ? 65536 : 4093) {
        struct arena    a = arena_of(memory, size);
        struct ldm_view view = { .disk_count = 77 };
        enum status     st = ldm_scan(disks, 1, NULL, &a, &view);

        assert_int_equal(a.size, size);
        if (st == STATUS_OK) {
            enough = true;
            assert_int_equal(view.disk_count, 1);
            continue;
        }
        assert_int_equal(st, STATUS_NO_MEMORY);
        assert_false(enough);
        assert_int_equal(view.disk_count, 77);  /* untouched */
        assert_int_equal(a.used, 0);
    }
    assert_true(enough);
    free(memory);
    tear_down(f);
}

/* As many as a BIOS shows: each is named once, before it is read, and costs no more than it would alone. */
static void test_twenty_four_disks(void **state)
{
    static struct ldmdisk image;
    struct memdisk       *disks[24];
    struct scanned       *s;
    const char           *line;
    size_t                lines = 0;

    (void)state;
    for (size_t i = 0; i < 24; i++) {
        disks[i] = memdisk_new("some disk", 512, BLOCKS);
        ldmdisk_mirror(&image, disks[i], i % 2, i % 3 ? 1 : 2);
        image.group_guid = i < 12 ? "00000000-0000-0000-0000-000000000001" : "00000000-0000-0000-0000-000000000002";
        ldmdisk_write(&image);
    }
    s = scan_memdisks(disks, 24);
    assert_int_equal(s->view.group_count, 2);
    for (line = s->text; (line = strstr(line, "reading some disk ...\n  dynamic disk")) != NULL; line++)
        lines++;
    assert_int_equal(lines, 24);
    for (size_t i = 0; i < 24; i++) {
        assert_in_range(disks[i]->reads, 1, 6);
        assert_ptr_equal(s->view.disks[i].group, &s->view.groups[i / 12]);
        memdisk_free(disks[i]);
    }
    scanned_free(s);
}

static void test_no_disks_at_all(void **state)
{
    struct scanned *s = scan_memdisks(NULL, 0);

    (void)state;
    assert_int_equal(s->view.disk_count, 0);
    assert_int_equal(s->view.group_count, 0);
    assert_string_equal(s->text, "");
    scanned_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_healthy_disks),
        cmocka_unit_test(test_lines_of_the_log),
        cmocka_unit_test(test_one_copy_is_enough),
        cmocka_unit_test(test_no_copy),
        cmocka_unit_test(test_the_newest_copy_counts),
        cmocka_unit_test(test_copies_at_the_end_of_the_region),
        cmocka_unit_test(test_regions_of_few_blocks),
        cmocka_unit_test(test_a_copy_on_a_disk_of_few_blocks),
        cmocka_unit_test(test_copies_of_two_disks_on_one),
        cmocka_unit_test(test_a_copy_that_says_it_lies_elsewhere_is_not_believed),
        cmocka_unit_test(test_an_entry_anywhere_in_the_table),
        cmocka_unit_test(test_a_blank_sector_0_hides_nothing),
        cmocka_unit_test(test_an_unreadable_front_hides_nothing),
        cmocka_unit_test(test_unreadable_copies),
        cmocka_unit_test(test_a_wiped_front_of_a_gpt_disk_hides_nothing),
        cmocka_unit_test(test_gpt_entries_elsewhere),
        cmocka_unit_test(test_a_damaged_copy_in_the_last_megabyte),
        cmocka_unit_test(test_a_copy_somewhere_in_the_last_megabyte),
        cmocka_unit_test(test_a_copy_somewhere_in_a_short_region),
        cmocka_unit_test(test_a_metadata_partition_beyond_the_disk),
        cmocka_unit_test(test_gpt_gone),
        cmocka_unit_test(test_gpt_without_ldm),
        cmocka_unit_test(test_disks_that_were_made_basic),
        cmocka_unit_test(test_gpt_disks_that_were_made_basic),
        cmocka_unit_test(test_a_gpt_disk_whose_metadata_entry_was_deleted),
        cmocka_unit_test(test_a_gpt_that_was_made_anew),
        cmocka_unit_test(test_an_mbr_disk_that_was_made_a_gpt_disk),
        cmocka_unit_test(test_what_the_search_costs_on_a_gpt_disk),
        cmocka_unit_test(test_a_wiped_front_of_an_mbr_disk_hides_nothing),
        cmocka_unit_test(test_the_front_of_a_larger_disk),
        cmocka_unit_test(test_dead_disks_are_left_alone_soon),
        cmocka_unit_test(test_a_disk_that_is_given_up_says_so),
        cmocka_unit_test(test_given_up_at_the_very_end),
        cmocka_unit_test(test_written_for_other_blocks),
        cmocka_unit_test(test_a_name_where_no_copy_is),
        cmocka_unit_test(test_block_sizes_that_are_none),
        cmocka_unit_test(test_very_small_disks),
        cmocka_unit_test(test_a_clipped_end),
        cmocka_unit_test(test_an_enlarged_disk),
        cmocka_unit_test(test_volumes_cut_off_by_a_clipped_disk),
        cmocka_unit_test(test_a_volume_under_a_gpt_entry),
        cmocka_unit_test(test_one_toc_is_enough),
        cmocka_unit_test(test_the_newest_toc_counts),
        cmocka_unit_test(test_tocs_of_the_same_sequence),
        cmocka_unit_test(test_slots_that_are_no_toc),
        cmocka_unit_test(test_regions_over_the_slots),
        cmocka_unit_test(test_a_database_in_the_second_slot),
        cmocka_unit_test(test_a_database_in_the_first_slot),
        cmocka_unit_test(test_no_toc),
        cmocka_unit_test(test_toc_where_only_privhead_knows),
        cmocka_unit_test(test_vmdb_damage),
        cmocka_unit_test(test_config_and_log_elsewhere),
        cmocka_unit_test(test_log_over_several_pages),
        cmocka_unit_test(test_the_longest_log),
        cmocka_unit_test(test_a_log_that_fills_its_pages),
        cmocka_unit_test(test_a_log_of_four_pages),
        cmocka_unit_test(test_a_log_as_long_as_its_region),
        cmocka_unit_test(test_a_log_that_cannot_be_known_leads_to_asking),
        cmocka_unit_test(test_no_log_region_leads_to_asking),
        cmocka_unit_test(test_any_size_of_memory),
        cmocka_unit_test(test_twenty_four_disks),
        cmocka_unit_test(test_no_disks_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
