/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_database.c - records from slots: any order and place, the committed state, and what is missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/ldm/disk.h"
#include "tests/support/ldmdisk.h"
#include "tests/support/scanned.h"

struct fixture {
    struct ldmdisk    image;
    struct memdisk   *disk;
    struct scanned   *s;
    struct ldm_group *g;
};

static struct fixture *set_up(void)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->disk = memdisk_new("hd80", 512, 20000);
    ldmdisk_mirror(&f->image, f->disk, false, 2);
    return f;
}

static void scan(struct fixture *f)
{
    if (f->s)
        scanned_free(f->s);
    f->s = scan_memdisk(f->disk);
    assert_int_equal(f->s->view.group_count, 1);
    f->g = &f->s->view.groups[0];
}

static void write_and_scan(struct fixture *f)
{
    ldmdisk_write(&f->image);
    scan(f);
}

static void tear_down(struct fixture *f)
{
    scanned_free(f->s);
    memdisk_free(f->disk);
    free(f);
}

static void assert_whole(const struct fixture *f)
{
    assert_true(f->g->complete);
    assert_int_equal(f->g->notes.count, 0);
    assert_int_equal(f->g->volume_count, 2);
    assert_int_equal(f->g->component_count, 3);
    assert_int_equal(f->g->partition_count, 3);
    assert_int_equal(f->g->disk_count, 2);
    assert_true(view_component(f->s, "Volume1-02")->usable);
    assert_true(view_component(f->s, "Data-01")->usable);
    assert_string_equal(f->g->disks[0].device_name, LDMDISK_DEVICE1);
}

static void test_every_field_of_the_model(void **state)
{
    struct fixture             *f = set_up();
    const struct ldm_volume    *v;
    const struct ldm_component *c;
    char                        text[GUID_TEXT_SIZE];

    (void)state;
    write_and_scan(f);
    assert_whole(f);
    v = view_volume(f->s, "Volume1");
    assert_int_equal(v->id, 10);
    assert_string_equal(guid_format(&v->guid, text), LDMDISK_VOLUME_GUID);
    assert_int_equal(v->type, VOLUME_MIRRORED);
    assert_string_equal(v->state_text, "ACTIVE");
    assert_int_equal(v->flags, 0x11 | LDM_VOL_SYSTEM);
    assert_string_equal(v->hint, "C:");
    assert_int_equal(v->sectors, 2000);
    assert_int_equal(v->partition_type, 7);
    assert_ptr_equal(v->group, f->g);
    assert_int_equal(v->components_expected, 2);
    assert_int_equal(v->component_count, 2);
    assert_string_equal(v->components[0]->name, "Volume1-01");
    assert_string_equal(v->components[1]->name, "Volume1-02");
    c = v->components[1];
    assert_int_equal(c->id, 12);
    assert_int_equal(c->layout, LAYOUT_CONCAT);
    assert_string_equal(c->state_text, "ACTIVE");
    assert_int_equal(c->partitions_expected, 1);
    assert_ptr_equal(c->volume, v);
    assert_int_equal(c->extent_count, 1);
    assert_int_equal(c->extents[0].sectors, 2000);
    assert_int_equal(c->extents[0].partition->id, 14);
    assert_int_equal(c->extents[0].partition->start, 700);
    assert_ptr_equal(c->extents[0].partition->disk, &f->g->disks[1]);
    assert_string_equal(f->g->disks[1].name, "Disk2");
    assert_string_equal(f->g->disks[1].device_name, "");
    assert_string_equal(guid_format(&f->g->disks[1].guid, text), LDMDISK_GUID2);
    assert_ptr_equal(f->g->source, &f->s->view.disks[0]);
    tear_down(f);
}

/*
 * A record in two slots is found whatever its number is: these have the lowest and the highest value of the hash by which
 * slots are found again. The memory is what another program left.
 */
static void test_numbers_of_records_in_two_slots(void **state)
{
    static const uint32_t numbers[] = { 610, 1597, 987, 1974, 1, UINT32_MAX };
    enum { BYTES = 1 << 20 };
    uint8_t *memory = malloc(BYTES);

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct fixture      *f = set_up();
        struct block_device *dev = &f->disk->dev;
        struct arena         a;
        struct ldm_view      view;
        unsigned             slots = 0;

        redzone_open(memory, BYTES);
        memset(memory, 0xee, BYTES);
        a = arena_of(memory, BYTES);
        ldmdisk_write(&f->image);
        for (uint8_t *at = memdisk_at(f->disk, ldmdisk_vmdb_lba(&f->image)); slots < 2; at += 128)
            if (memcmp(at, VBLK_MAGIC, 4) == 0 && at[SLOT_FRAGMENTS + 1] == 2) {
                put_be(at + SLOT_GROUP, numbers[i], 4);
                slots++;
            }
        assert_int_equal(ldm_scan(&dev, 1, NULL, &a, &view), STATUS_OK);
        assert_int_equal(view.group_count, 1);
        assert_true(view.groups[0].complete);
        assert_string_equal(view.groups[0].disks[0].device_name, LDMDISK_DEVICE1);
        memdisk_free(f->disk);
        free(f);
    }
    free(memory);
}

/* Transactions are counted from anything: a group is one with the first of them as well. */
static void test_the_first_transactions(void **state)
{
    (void)state;
    for (uint64_t committed = 0; committed < 3; committed++) {
        struct fixture *f = set_up();

        f->image.committed = committed;
        write_and_scan(f);
        assert_whole(f);
        tear_down(f);
    }
}

/* The first slot and the last one are slots like any other, also where the first shares its block with the head. */
static void test_the_first_slot_and_the_last(void **state)
{
    (void)state;
    for (uint32_t block = 512; block <= 4096; block *= 8)
        for (unsigned last = 0; last < 5; last++) {
            struct fixture *f = set_up();
            unsigned        slots = 200 + last;  /* the last sector is full, or in part */

            memdisk_free(f->disk);
            f->disk = memdisk_new("hd80", block, 20000);
            ldmdisk_mirror(&f->image, f->disk, false, 2);
            ldmdisk_remove(&f->image, 1);  /* the group's record, which is not counted */
            f->image.slots = 4 + slots;
            f->image.first_slot = last ? slots - 11 : 0;
            write_and_scan(f);
            assert_whole(f);
            tear_down(f);
        }
}

/* What is before the first slot or behind the last one is none of them: no damage, whatever it is. In the last one it is some. */
static void test_what_is_no_slot(void **state)
{
    (void)state;
    for (uint32_t block = 512; block <= 4096; block *= 8)
        for (unsigned behind = 0; behind < 2; behind++) {
            struct fixture *f = set_up();

            memdisk_free(f->disk);
            f->disk = memdisk_new("hd80", block, 20000);
            ldmdisk_mirror(&f->image, f->disk, false, 2);
            f->image.slots = 4 + 201;
            f->image.extra_counts[0] = 1;  /* it is read to its end */
            ldmdisk_write(&f->image);
            memset(memdisk_at(f->disk, ldmdisk_vmdb_lba(&f->image) + 1) + (200 + behind) * SLOT_BYTES, 0xee, SLOT_BYTES);
            scan(f);
            assert_int_equal(has_note(&f->g->notes, STATUS_VBLK_BAD), !behind);
            assert_true(has_note(&f->g->notes, STATUS_DATABASE_INCOMPLETE));
            tear_down(f);
        }
}

/* Records of one slot are not told apart by their number. */
static void test_records_of_one_slot_with_one_number(void **state)
{
    struct fixture *f = set_up();
    uint8_t        *slot = memdisk_at(f->disk, ldmdisk_vmdb_lba(&f->image) + 1);

    (void)state;
    ldmdisk_write(&f->image);
    for (unsigned i = 0; i < 12; i++, slot += SLOT_BYTES)
        if (slot[SLOT_FRAGMENTS + 1] == 1)
            put_be(slot + SLOT_GROUP, 7, 4);
    scan(f);
    assert_whole(f);
    tear_down(f);
}

/* How many places are damaged is said: slots that are none, and records that are none. */
static void test_how_much_is_damaged(void **state)
{
    struct fixture *f = set_up();

    (void)state;
    ldmdisk_find(&f->image, 31)->bytes[RECORD_HEAD_BYTES] = 9;  /* an id of nine bytes */
    write_and_scan(f);
    assert_true(has_note(&f->g->notes, STATUS_VBLK_BAD));
    assert_non_null(strstr(f->g->notes.first->text, "hd80, 1 places in the database: "));
    memdisk_at(f->disk, ldmdisk_vmdb_lba(&f->image) + 40)[0] ^= 1;
    scan(f);
    assert_non_null(strstr(f->g->notes.first->text, "hd80, 2 places in the database: "));
    tear_down(f);
}

/* Names of every length end where they end. */
static void test_names_of_any_length(void **state)
{
    (void)state;
    for (size_t len = 0; len < 50; len++) {
        struct fixture *f = set_up();
        char            name[50] = { 0 };

        memset(name, 'n', len);
        ldmdisk_add_disk(&f->image, 40, name, LDMDISK_GUID1, name, 0);
        write_and_scan(f);
        assert_int_equal(f->g->disk_count, 3);
        assert_string_equal(f->g->disks[2].name, name);
        assert_string_equal(f->g->disks[2].device_name, name);
        tear_down(f);
    }
}

/* When the disk is given up meanwhile, that is said, and not that sectors which were never asked for are bad. */
static void test_given_up_in_the_database(void **state)
{
    struct fixture *f = set_up();

    (void)state;
    f->image.first_slot = 400;
    memdisk_fail_slowly(f->disk, ldmdisk_vmdb_lba(&f->image) + 70, 1, STATUS_READ_FAILED, 61000);
    write_and_scan(f);
    assert_true(has_note(&f->g->notes, STATUS_DISK_GIVEN_UP));
    assert_true(has_note(&f->g->notes, STATUS_DATABASE_INCOMPLETE));
    tear_down(f);
}

/* On blocks of 4096 bytes the region has 8 MiB. What is free of it costs no memory; runs that are in use do, so many and no more. */
static void test_a_database_of_eight_megabytes(void **state)
{
    static const struct { unsigned in_use, records; bool whole; } cases[] = { { 0, 184, true }, { 31, 184, true }, { 32, 184, false } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture *f = set_up();
        uint8_t        *slots;

        memdisk_free(f->disk);
        f->disk = memdisk_new("hd80", 4096, 20000);
        ldmdisk_mirror(&f->image, f->disk, false, 2);
        f->image.slots = 1481 * 32;
        f->image.first_slot = cases[i].records * 256 + 100;
        ldmdisk_write(&f->image);
        slots = memdisk_at(f->disk, ldmdisk_vmdb_lba(&f->image));
        for (unsigned run = 0; run < cases[i].in_use; run++) {  /* a part of a record, alone */
            put_be(slots + (run * 256 + 255) * SLOT_BYTES + SLOT_GROUP, 5000 + run, 4);
            put_be(slots + (run * 256 + 255) * SLOT_BYTES + SLOT_FRAGMENTS, 2, 2);
        }
        scan(f);
        if (cases[i].whole)
            assert_whole(f);
        else
            assert_true(has_note(&f->g->notes, STATUS_DATABASE_INCOMPLETE));
        tear_down(f);
    }
}

/* When a record, and when the half that it belongs to, were written last. */
static void test_the_transaction_of_a_change(void **state)
{
    static const struct { uint64_t id, transaction, record, half; } cases[] = {
        { 11, 77, 77, 77 }, { 13, 77, 42, 77 }, { 13, 7, 42, 42 }, { 11, 7, 7, 42 }, { 21, 77, 42, 42 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture        *f = set_up();
        struct ldmdisk_record *r = ldmdisk_find(&f->image, cases[i].id);

        for (size_t at = 0; at + 8 <= r->len; at++)
            if (memcmp(r->bytes + at, (uint8_t[8]){ 0, 0, 0, 0, 0, 0, 0, 42 }, 8) == 0)
                put_be(r->bytes + at, cases[i].transaction, 8);
        write_and_scan(f);
        assert_int_equal(view_component(f->s, "Volume1-01")->record_changed, cases[i].record);
        assert_int_equal(view_component(f->s, "Volume1-01")->changed, cases[i].half);
        assert_int_equal(f->g->partitions[0].changed, cases[i].id == 13 ? cases[i].transaction : 42);
        assert_int_equal(f->g->disks[0].changed, cases[i].id == 21 ? cases[i].transaction : 42);
        tear_down(f);
    }
}

static void test_slots_in_any_order_and_place(void **state)
{
    struct fixture *f = set_up();

    (void)state;
    for (uint32_t first = 0; first < 5900; first += 389) {
        f->image.first_slot = first;
        f->image.scatter = false;
        write_and_scan(f);
        assert_whole(f);
        f->image.scatter = true;
        write_and_scan(f);
        assert_whole(f);
    }
    tear_down(f);
}

static void test_reading_stops_when_the_counts_are_met(void **state)
{
    struct fixture *f = set_up();

    (void)state;
    write_and_scan(f);
    assert_in_range(f->disk->bytes, 1, 64 * 1024);
    memdisk_reset(f->disk);
    f->image.extra_counts[3] = 1;  /* never met: everything is read, in a bounded number of reads */
    write_and_scan(f);
    assert_int_equal(f->disk->reads, 29);
    assert_int_equal(f->disk->bytes, 34 * 512 + 3 * 512 + 512 + 18 * 512 + 512 + 1480 * 512);
    tear_down(f);
}

static void test_a_long_database_in_few_reads(void **state)
{
    struct fixture *f = set_up();

    (void)state;
    f->image.first_slot = 5920 - 15;  /* the last slots hold the records */
    write_and_scan(f);
    assert_whole(f);
    assert_in_range(f->disk->reads, 25, 40);
    assert_in_range(f->disk->bytes, 740 * 1024, 900 * 1024);
    tear_down(f);
}

static void test_the_committed_state_of_a_pending_change(void **state)
{
    struct fixture *f = set_up();

    (void)state;
    f->image.vmdb_status = VMDB_CHANGE;
    ldmdisk_find(&f->image, 30)->status = 1;  /* Data is about to be deleted: it is still there */
    ldmdisk_find(&f->image, 31)->status = 1;
    ldmdisk_find(&f->image, 32)->status = 1;
    ldmdisk_add_volume(&f->image, 40, "Coming", "ACTIVE", 0x11, 1, 100, "00000000-0000-0000-0000-000000000040");
    ldmdisk_find(&f->image, 40)->status = 2;  /* is about to come: it is not there yet */
    f->image.records[0] = *ldmdisk_find(&f->image, 40);  /* in the first slot, where the group's record was */
    f->image.record_count--;
    write_and_scan(f);
    assert_true(f->g->complete);
    assert_int_equal(f->g->volume_count, 2);
    assert_true(has_note(&f->g->notes, STATUS_VMDB_PENDING));
    assert_true(view_component(f->s, "Data-01")->usable);
    assert_true(view_component(f->s, "Volume1-02")->usable);
    tear_down(f);
}

/* Decided, and not written to its end: what goes is gone, what comes is there, whichever records were reached. */
static void test_a_change_that_was_decided(void **state)
{
    for (int reached = 0; reached < 2; reached++) {
        struct fixture *f = set_up();

        (void)state;
        f->image.vmdb_status = VMDB_COMMIT;
        for (uint64_t id = 30; !reached && id <= 32; id++)
            ldmdisk_find(&f->image, id)->status = 1;
        for (uint64_t id = 30; reached && id <= 32; id++)
            ldmdisk_remove(&f->image, id);
        ldmdisk_add_volume(&f->image, 40, "Coming", "ACTIVE", 0x11, 1, 100, "00000000-0000-0000-0000-000000000040");
        ldmdisk_find(&f->image, 40)->status = reached ? 0 : 2;
        write_and_scan(f);
        assert_true(f->g->complete);
        assert_int_equal(f->g->volume_count, 2);
        assert_string_equal(f->g->volumes[1].name, "Coming");
        assert_int_equal(has_note(&f->g->notes, STATUS_COMMIT_UNFINISHED), !reached);
        assert_false(has_note(&f->g->notes, STATUS_VMDB_PENDING));
        assert_true(view_component(f->s, "Volume1-02")->usable);
        tear_down(f);
    }
}

/* Without this record, which components are still usable? */
static void assert_usable_without(uint64_t id, int kind, bool half, bool data)
{
    struct fixture *f = set_up();

    ldmdisk_remove(&f->image, id);
    f->image.extra_counts[kind] = 1;
    write_and_scan(f);
    assert_false(f->g->complete);
    assert_true(has_note(&f->g->notes, STATUS_DATABASE_INCOMPLETE));
    assert_false(has_note(&f->g->notes, STATUS_VBLK_BAD));  /* nothing of what is there is damaged */
    for (size_t i = 0; i < f->g->component_count; i++) {
        const struct ldm_component *c = &f->g->components[i];

        if (c->id == 12)
            assert_int_equal(c->usable, half);
        if (c->id == 31)
            assert_int_equal(c->usable, data);
        assert_true(c->usable || c->reasons.count > 0);
    }
    tear_down(f);
}

static void test_missing_records_refuse_only_what_they_belong_to(void **state)
{
    (void)state;
    assert_usable_without(10, 0, false, true);   /* the mirrored volume */
    assert_usable_without(11, 1, false, true);   /* its other half: the volume's records are incomplete */
    assert_usable_without(12, 1, false, true);
    assert_usable_without(13, 2, true, true);    /* a part of the other half, which is not here anyway */
    assert_usable_without(14, 2, false, true);
    assert_usable_without(30, 0, true, false);
    assert_usable_without(31, 1, true, false);
    assert_usable_without(32, 2, true, false);
    assert_usable_without(21, 3, true, true);    /* the other disk */
    assert_usable_without(22, 3, false, false);  /* ours */
}

static void test_an_unreadable_sector_refuses_only_what_was_in_it(void **state)
{
    struct fixture *f = set_up();

    (void)state;
    ldmdisk_write(&f->image);
    /* Slots: group 1; Disk1 2; Disk2 1; Volume1 1; Volume1-01, Disk1-01, Volume1-02; Disk2-01, ... */
    memdisk_fail(f->disk, ldmdisk_vmdb_lba(&f->image) + 1 + 2, 1, STATUS_READ_FAILED);
    scan(f);
    assert_true(has_note(&f->g->notes, STATUS_READ_FAILED));
    assert_non_null(strstr(f->g->notes.first->text, "hd80, 1 sectors of the database"));
    assert_false(view_component(f->s, "Volume1-02")->usable);
    assert_int_equal(view_component(f->s, "Volume1-02")->state, COMPONENT_UNKNOWN);
    tear_down(f);
}

static void test_more_records_than_committed_are_not_believed(void **state)
{
    struct fixture *f = set_up();

    (void)state;
    ldmdisk_add_volume(&f->image, 40, "Extra", "ACTIVE", 0x11, 1, 100, "00000000-0000-0000-0000-000000000040");
    f->image.extra_counts[0] = -1;
    f->image.extra_counts[3] = 1;  /* so that reading goes on */
    write_and_scan(f);
    assert_true(has_note(&f->g->notes, STATUS_DATABASE_INCONSISTENT));
    for (size_t i = 0; i < f->g->component_count; i++)
        assert_false(f->g->components[i].usable);
    tear_down(f);
}

static void test_left_over_records_behind_the_last_one_do_not_matter(void **state)
{
    struct fixture *f = set_up();

    (void)state;
    for (f->image.first_slot = 0; f->image.first_slot < 8; f->image.first_slot++) {
        ldmdisk_add_volume(&f->image, 40, "Extra", "ACTIVE", 0x11, 1, 100, "00000000-0000-0000-0000-000000000040");
        f->image.extra_counts[0] = -1;
        write_and_scan(f);
        assert_whole(f);
        ldmdisk_remove(&f->image, 40);
    }
    tear_down(f);
}

/* The disk record with this id gets that one: nothing that is looked at here names it. */
static void renumber_disk(struct fixture *f, uint64_t id, uint64_t other)
{
    ldmdisk_remove(&f->image, id);
    ldmdisk_add_disk(&f->image, other, "Disk1", LDMDISK_GUID1, LDMDISK_DEVICE1, 0);
}

static void test_an_object_id_twice_is_not_believed(void **state)
{
    struct fixture *f = set_up();

    (void)state;
    ldmdisk_add_partition(&f->image, 14, "Disk2-01", 0, 9000, 0, 2000, 12, 22, 0);
    write_and_scan(f);
    assert_false(f->g->complete);
    assert_true(has_note(&f->g->notes, STATUS_DATABASE_INCONSISTENT));
    assert_false(view_component(f->s, "Volume1-02")->usable);
    assert_true(has_note(&view_component(f->s, "Volume1-02")->reasons, STATUS_DATABASE_INCONSISTENT));
    tear_down(f);

    f = set_up();  /* the very first of all records, and the very last */
    ldmdisk_add_volume(&f->image, 10, "Volume1", "ACTIVE", 0x11, 2, 2000, LDMDISK_VOLUME_GUID);
    write_and_scan(f);
    assert_true(has_note(&f->g->notes, STATUS_DATABASE_INCONSISTENT));
    tear_down(f);
    f = set_up();
    ldmdisk_add_disk(&f->image, 22, "Disk2", LDMDISK_GUID2, "", 0);
    write_and_scan(f);
    assert_true(has_note(&f->g->notes, STATUS_DATABASE_INCONSISTENT));
    tear_down(f);
    f = set_up();  /* two kinds may have one id */
    renumber_disk(f, 21, 30);
    write_and_scan(f);
    assert_false(has_note(&f->g->notes, STATUS_DATABASE_INCONSISTENT));
    tear_down(f);
}

/* The first slot whose fragment number is this. */
static uint8_t *slot_with_fragment(struct fixture *f, unsigned fragment)
{
    uint8_t *slot = memdisk_at(f->disk, ldmdisk_vmdb_lba(&f->image) + 1);

    while (slot[SLOT_FRAGMENTS + 1] < 2 || slot[SLOT_FRAGMENT + 1] != fragment)
        slot += SLOT_BYTES;
    return slot;
}

static void test_fragments_that_contradict_each_other(void **state)
{
    struct fixture *f = set_up();

    (void)state;
    ldmdisk_write(&f->image);
    slot_with_fragment(f, 1)[SLOT_FRAGMENT + 1] = 0;  /* the same one twice */
    scan(f);
    assert_true(has_note(&f->g->notes, STATUS_DATABASE_INCONSISTENT));
    ldmdisk_write(&f->image);
    slot_with_fragment(f, 1)[SLOT_FRAGMENTS + 1] = 3;
    scan(f);
    assert_true(has_note(&f->g->notes, STATUS_DATABASE_INCONSISTENT));
    tear_down(f);
}

/* The one that comes again is left out, the record is made of the others; that it came again is said. */
static void test_a_fragment_that_comes_again(void **state)
{
    struct fixture *f = set_up();
    uint8_t        *second, *free_slot = memdisk_at(f->disk, ldmdisk_vmdb_lba(&f->image) + 1);

    (void)state;
    ldmdisk_write(&f->image);
    while (free_slot[SLOT_GROUP + 3] || free_slot[SLOT_GROUP + 2])
        free_slot += SLOT_BYTES;
    second = slot_with_fragment(f, 1);
    memcpy(free_slot, second, SLOT_BYTES);
    memcpy(second, slot_with_fragment(f, 0), SLOT_BYTES);
    scan(f);
    assert_true(has_note(&f->g->notes, STATUS_DATABASE_INCONSISTENT));
    assert_int_equal(f->g->disk_count, 2);
    assert_string_equal(f->g->disks[0].device_name, LDMDISK_DEVICE1);
    tear_down(f);
}

/* Behind the last slot nothing is asked for, though a record is missing. */
static void test_the_database_ends_with_its_slots(void **state)
{
    (void)state;
    for (uint64_t behind = 0; behind < 2; behind++) {
        struct fixture *f = set_up();

        f->image.slots = 4 + 100;  /* 25 sectors behind the head's one */
        f->image.extra_counts[1] = 1;
        memdisk_fail(f->disk, ldmdisk_vmdb_lba(&f->image) + 25 + behind, 1, STATUS_READ_FAILED);
        write_and_scan(f);
        assert_int_equal(has_note(&f->g->notes, STATUS_READ_FAILED), behind == 0);
        assert_true(has_note(&f->g->notes, STATUS_DATABASE_INCOMPLETE));
        tear_down(f);
    }
}

/* More unfinished records than the reader can have drawers for, before the ones that count. */
static void test_fragments_of_many_records_are_kept_apart(void **state)
{
    struct fixture *f = set_up();
    uint8_t        *slot;

    (void)state;
    f->image.first_slot = 4000;
    ldmdisk_write(&f->image);
    slot = memdisk_at(f->disk, ldmdisk_vmdb_lba(&f->image) + 1);
    for (uint32_t i = 0; i < 4000; i++, slot += SLOT_BYTES) {
        put_be(slot + SLOT_GROUP, 5000 + i, 4);
        put_be(slot + SLOT_FRAGMENTS, 2, 2);
        memset(slot + SLOT_HEAD_BYTES, 0xee, SLOT_BODY_BYTES);
    }
    scan(f);
    assert_whole(f);
    tear_down(f);
}

/* Whatever number the first record in pieces has: among these are some for the reader's first drawer, and for its last. */
static void test_fragments_of_a_record_of_any_number(void **state)
{
    struct fixture *f = set_up();

    (void)state;
    ldmdisk_write(&f->image);
    for (uint32_t number = 600; number < 1000; number++) {
        put_be(slot_with_fragment(f, 0) + SLOT_GROUP, number, 4);
        put_be(slot_with_fragment(f, 1) + SLOT_GROUP, number, 4);
        scan(f);
        assert_whole(f);
    }
    tear_down(f);
}

static void test_a_fragment_that_is_lost(void **state)
{
    struct fixture *f = set_up();

    (void)state;
    ldmdisk_write(&f->image);
    memset(slot_with_fragment(f, 1), 0, SLOT_BYTES);
    scan(f);
    assert_false(f->g->complete);
    assert_true(has_note(&f->g->notes, STATUS_DATABASE_INCOMPLETE));
    assert_true(has_note(&f->g->notes, STATUS_VBLK_BAD));
    assert_int_equal(f->g->disk_count, 1);
    assert_true(view_component(f->s, "Data-01")->usable);
    tear_down(f);
}

static void test_damaged_slots_behind_the_last_record_do_not_matter(void **state)
{
    struct fixture *f = set_up();

    (void)state;
    ldmdisk_write(&f->image);
    memset(memdisk_at(f->disk, ldmdisk_vmdb_lba(&f->image) + 10), 0xee, 512);
    memdisk_fail(f->disk, ldmdisk_vmdb_lba(&f->image) + 12, 1, STATUS_READ_FAILED);
    scan(f);
    assert_whole(f);
    tear_down(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_field_of_the_model),
        cmocka_unit_test(test_numbers_of_records_in_two_slots),
        cmocka_unit_test(test_the_first_transactions),
        cmocka_unit_test(test_the_first_slot_and_the_last),
        cmocka_unit_test(test_what_is_no_slot),
        cmocka_unit_test(test_records_of_one_slot_with_one_number),
        cmocka_unit_test(test_how_much_is_damaged),
        cmocka_unit_test(test_names_of_any_length),
        cmocka_unit_test(test_given_up_in_the_database),
        cmocka_unit_test(test_a_database_of_eight_megabytes),
        cmocka_unit_test(test_the_transaction_of_a_change),
        cmocka_unit_test(test_slots_in_any_order_and_place),
        cmocka_unit_test(test_reading_stops_when_the_counts_are_met),
        cmocka_unit_test(test_a_long_database_in_few_reads),
        cmocka_unit_test(test_the_committed_state_of_a_pending_change),
        cmocka_unit_test(test_a_change_that_was_decided),
        cmocka_unit_test(test_missing_records_refuse_only_what_they_belong_to),
        cmocka_unit_test(test_an_unreadable_sector_refuses_only_what_was_in_it),
        cmocka_unit_test(test_more_records_than_committed_are_not_believed),
        cmocka_unit_test(test_left_over_records_behind_the_last_one_do_not_matter),
        cmocka_unit_test(test_an_object_id_twice_is_not_believed),
        cmocka_unit_test(test_fragments_that_contradict_each_other),
        cmocka_unit_test(test_a_fragment_that_comes_again),
        cmocka_unit_test(test_the_database_ends_with_its_slots),
        cmocka_unit_test(test_fragments_of_many_records_are_kept_apart),
        cmocka_unit_test(test_fragments_of_a_record_of_any_number),
        cmocka_unit_test(test_a_fragment_that_is_lost),
        cmocka_unit_test(test_damaged_slots_behind_the_last_record_do_not_matter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
