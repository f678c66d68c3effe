/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_vblk.c - VBLK slots and records: those of real disks, optional fields, and every truncation.
 *
 * The records in hexadecimal are those of the 2003 R2 and 2008 R2 groups.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/ldm/decode.h"
#include "tests/support/ldmdisk.h"

struct bytes {
    uint8_t data[512];
    size_t  len;
};

/* A record head for this data, which is given in hexadecimal. */
static struct bytes record_of(uint8_t type, uint8_t flags, const char *hex)
{
    struct bytes b = { .len = RECORD_HEAD_BYTES };

    for (; hex[0] && hex[1]; hex += 2) {
        char pair[3] = { hex[0], hex[1], 0 };

        b.data[b.len++] = (uint8_t)strtoul(pair, NULL, 16);
    }
    b.data[RECORD_FLAGS] = flags;
    b.data[RECORD_TYPE] = type;
    put_be(b.data + RECORD_LENGTH, b.len - RECORD_HEAD_BYTES, 4);
    return b;
}

static struct vblk_record decode(const struct bytes *b)
{
    struct vblk_record r;

    assert_int_equal(vblk_record_decode(span_of(b->data, b->len), &r), STATUS_OK);
    return r;
}

static void assert_text(struct span s, const char *text)
{
    assert_int_equal(s.len, strlen(text));
    assert_memory_equal(s.data, text, s.len);
}

static void assert_guid(const struct guid *g, const char *text)
{
    char buf[GUID_TEXT_SIZE];

    assert_string_equal(guid_format(g, buf), text);
}

#define VOLUME3 "02044307566f6c756d65330367656e0041435449564500000000000000000301080000001101020000000000000461" \
                "000000000000044e0301780000000000071010eeb709e44a6d9c436753ec9d3af202483a"
#define RAID1   "0204510552616964310572616964350041435449564500000000000000000401090000001301010000000000000460" \
                "000000000000045e0302f0000000000007f8528b30cbe84ce09188e60e39afcc7202045202493a"
#define STRIPE  "0204390a537472697065312d303106414354495645010000000001020000000000" \
                "00043e00000000000000000204370001800102"
#define SUBDISK "02043d084469736b352d303100000000000000000000043e0000000000000000000000000000000002f00002043902040f0101"
#define OFFSET  "0120" OFFSET_BUT_ID "00"
#define OFFSET_BUT_ID "084469736b332d3032" "00000010" "0000000000000024" "0000000000008041" "000000000000f800" "02f800" "011e" "0108"
#define DISK7   "020415054469736b372434373938303135382d616263372d343665332d613935662d3763303066383533393037333e" \
                "534353495c4449534b2656454e5f5245445f4841542650524f445f56495254494f265245565f303030315c3426313639" \
                "4445303435263026303030303030" "00000100" "000000000000044c"

static void test_volume(void **state)
{
    struct bytes       b = record_of(0x51, 0x02, VOLUME3);
    struct vblk_record r = decode(&b);

    (void)state;
    assert_int_equal(r.kind, VBLK_VOLUME);
    assert_true(r.committed);
    assert_int_equal(r.id, 0x443);
    assert_text(r.name, "Volume3");
    assert_false(r.volume.raid5);
    assert_text(r.volume.state, "ACTIVE");
    assert_text(r.volume.hint, "H:");
    assert_int_equal(r.volume.flags, 0x11);
    assert_int_equal(r.volume.components, 2);
    assert_int_equal(r.volume.sectors, 96256);
    assert_int_equal(r.volume.partition_type, 7);
    assert_guid(&r.volume.guid, "1010eeb7-09e4-4a6d-9c43-6753ec9d3af2");
}

static void test_raid5_volume(void **state)
{
    struct bytes       b = record_of(0x51, 0x22, RAID1);
    struct vblk_record r = decode(&b);

    (void)state;
    assert_true(r.volume.raid5);
    assert_text(r.volume.hint, "I:");
    assert_int_equal(r.volume.sectors, 192512);
}

static void test_volume_optional_fields_in_their_order(void **state)
{
    /* id 1, "V", gen, SYNC, flags kdetach and crashed, then id1, id2, column size, hint. */
    struct bytes b = record_of(0x51, 0x08 | 0x20 | 0x80 | 0x02,
                               "0101" "0156" "0367656e" "00" "53594e4300000000000000000000" "03" "0101"
                               "00000404" "0101"
                               "0000000000000000" "0000000000000000" "0107" "00000000" "0c"
                               "000102030405060708090a0b0c0d0e0f" "0205aa" "0205bb" "0180" "02433a");
    struct vblk_record r = decode(&b);

    (void)state;
    assert_text(r.volume.state, "SYNC");
    assert_int_equal(r.volume.flags, LDM_VOL_CRASHED | LDM_VOL_KDETACH);
    assert_int_equal(r.volume.partition_type, 0x0c);
    assert_text(r.volume.hint, "C:");
    b.data[RECORD_FLAGS] = 0;
    r = decode(&b);
    assert_int_equal(r.volume.hint.len, 0);
    b.data[RECORD_FLAGS] = 0xff & ~0x02;
    assert_int_equal(decode(&b).volume.hint.len, 0);
    for (unsigned i = 0; i < 3; i++) {  /* without one of the first three, the last of these comes as the hint */
        b.data[RECORD_FLAGS] = (uint8_t)(0xff & ~(unsigned[]){ 0x08, 0x20, 0x80 }[i]);
        assert_text(decode(&b).volume.hint, "\x80");
        b.data[RECORD_FLAGS] = (uint8_t)(0x02 | (unsigned[]){ 0x08, 0x20, 0x80 }[i]);
        assert_text(decode(&b).volume.hint, "\x05\xbb");
    }
}

static void test_component(void **state)
{
    struct bytes       b = record_of(0x32, 0, "0204490a566f6c756d65332d30320641435449564502000000000101000000000000044c"
                                              "000000000000000002044300");
    struct vblk_record r = decode(&b);

    (void)state;
    assert_int_equal(r.kind, VBLK_COMPONENT);
    assert_int_equal(r.id, 0x449);
    assert_text(r.name, "Volume3-02");
    assert_text(r.component.state, "ACTIVE");
    assert_int_equal(r.component.layout, LAYOUT_CONCAT);
    assert_int_equal(r.component.flags, 0);
    assert_int_equal(r.component.partitions, 1);
    assert_int_equal(r.component.volume_id, 0x443);
    assert_int_equal(r.component.columns, 0);
    assert_int_equal(r.component.stripe_sectors, 0);
    b.data[RECORD_FLAGS] = 0xff & ~0x10;  /* other flags are of other fields */
    r = decode(&b);
    assert_int_equal(r.component.columns, 0);
    assert_int_equal(r.component.stripe_sectors, 0);
}

static void test_striped_component(void **state)
{
    struct bytes       b = record_of(0x32, 0x10, STRIPE);
    struct vblk_record r = decode(&b);

    (void)state;
    assert_int_equal(r.component.layout, LAYOUT_STRIPE);
    assert_int_equal(r.component.stripe_sectors, 128);
    assert_int_equal(r.component.columns, 2);
    assert_int_equal(r.component.volume_id, 0x437);
}

static void test_partition(void **state)
{
    struct bytes       b = record_of(0x33, 0x08, SUBDISK);
    struct vblk_record r = decode(&b);

    (void)state;
    assert_int_equal(r.kind, VBLK_PARTITION);
    assert_text(r.name, "Disk5-01");
    assert_int_equal(r.partition.start, 0);
    assert_int_equal(r.partition.sectors, 61440);
    assert_int_equal(r.partition.component_id, 0x439);
    assert_int_equal(r.partition.disk_id, 0x40f);
    assert_int_equal(r.partition.column, 1);
}

static void test_partition_offsets_flags_and_unknown_optional_fields(void **state)
{
    struct bytes       b = record_of(0x33, 0x40, OFFSET);  /* 2008 R2 has flag 0x40 */
    struct vblk_record r = decode(&b);

    (void)state;
    assert_int_equal(r.partition.flags, LDM_PART_DETACH);
    assert_int_equal(r.partition.start, 0x8041);
    assert_int_equal(r.partition.volume_offset, 0xf800);
    assert_int_equal(r.partition.sectors, 0xf800);
    assert_int_equal(r.partition.column, 0);
    b.data[RECORD_FLAGS] = 0xff & ~0x08;
    assert_int_equal(decode(&b).partition.column, 0);
    b = record_of(0x33, 0xff & ~0x08, SUBDISK);  /* what would be a column, were the flag there */
    assert_int_equal(decode(&b).partition.column, 0);
}

static void test_disk(void **state)
{
    struct bytes       b = record_of(0x34, 0, DISK7);
    struct vblk_record r = decode(&b);

    (void)state;
    assert_int_equal(r.kind, VBLK_DISK);
    assert_int_equal(r.id, 0x415);
    assert_text(r.name, "Disk7");
    assert_guid(&r.disk.guid, "47980158-abc7-46e3-a95f-7c00f8539073");
    assert_int_equal(r.disk.device_name.len, 62);
    assert_int_equal(r.disk.flags, LDM_DISK_REMOVED);
}

static void test_disk_with_a_binary_guid(void **state)
{
    struct bytes       b = record_of(0x44, 0, "0104" "054469736b31" "000102030405060708090a0b0c0d0e0f"
                                              "ffffffffffffffffffffffffffffffff" "00" "00000004" "0000000000000001");
    struct vblk_record r = decode(&b);

    (void)state;
    assert_int_equal(r.kind, VBLK_DISK);
    assert_guid(&r.disk.guid, "00010203-0405-0607-0809-0a0b0c0d0e0f");
    assert_int_equal(r.disk.device_name.len, 0);
    assert_int_equal(r.disk.flags, LDM_DISK_FAILING);
}

static void test_kinds_that_are_not_needed(void **state)
{
    static const uint8_t types[] = { 0x35, 0x45, 0x00, 0x31, 0x52, 0xff };

    (void)state;
    for (size_t i = 0; i < sizeof types; i++) {
        struct bytes b = record_of(types[i], 0, "0104" "0141");

        assert_int_equal(decode(&b).kind, VBLK_OTHER);
    }
}

static void test_record_status(void **state)
{
    struct bytes b = record_of(0x32, 0x10, STRIPE);

    (void)state;
    put_be(b.data + RECORD_STATUS, 1, 2);  /* to be deleted by the pending change: still there */
    assert_true(decode(&b).committed);
    assert_false(decode(&b).following);
    put_be(b.data + RECORD_STATUS, 2, 2);  /* to become active by it: not yet */
    assert_false(decode(&b).committed);
    assert_true(decode(&b).following);
    put_be(b.data + RECORD_STATUS, 0x0100, 2);
    assert_false(decode(&b).committed);
    assert_false(decode(&b).following);
}

/* Cut anywhere, in the data or in the length that the head gives: refused, nothing read beyond (ASan watches). */
static void assert_truncations_are_refused(uint8_t type, uint8_t flags, const char *hex, size_t needed_from_end)
{
    struct bytes whole = record_of(type, flags, hex);

    for (size_t len = 0; len < whole.len; len++) {
        uint8_t           *exact = malloc(len ? len : 1);
        struct vblk_record r = { .id = 0x5a };
        struct bytes       shorter = whole;

        memcpy(exact, whole.data, len);
        assert_int_equal(vblk_record_decode(span_of(exact, len), &r), STATUS_VBLK_BAD);
        assert_int_equal(r.id, 0x5a);
        free(exact);
        if (len < RECORD_HEAD_BYTES || len + needed_from_end >= whole.len)
            continue;
        put_be(shorter.data + RECORD_LENGTH, len - RECORD_HEAD_BYTES, 4);
        assert_int_equal(vblk_record_decode(span_of(shorter.data, shorter.len), &r), STATUS_VBLK_BAD);
    }
}

static void test_truncations(void **state)
{
    (void)state;
    assert_truncations_are_refused(0x51, 0x02, VOLUME3, 0);
    assert_truncations_are_refused(0x51, 0x22, RAID1, 0);
    assert_truncations_are_refused(0x32, 0x10, STRIPE, 0);
    assert_truncations_are_refused(0x33, 0x08, SUBDISK, 0);
    assert_truncations_are_refused(0x33, 0x40, OFFSET, 1);  /* an unknown field at the end */
    assert_truncations_are_refused(0x34, 0x00, DISK7, 0);
}

static void test_fields_that_cannot_be(void **state)
{
    struct bytes       b = record_of(0x33, 0, "09000000000000000001" "00");
    struct vblk_record r;

    (void)state;
    assert_int_equal(vblk_record_decode(span_of(b.data, b.len), &r), STATUS_VBLK_BAD);  /* an integer of 9 bytes */
    b = record_of(0x33, 0, "09000000000000000439" OFFSET_BUT_ID);                       /* the same, and all else is right */
    assert_int_equal(vblk_record_decode(span_of(b.data, b.len), &r), STATUS_VBLK_BAD);
    b = record_of(0x33, 0, "080000000000000439" OFFSET_BUT_ID);
    assert_int_equal(vblk_record_decode(span_of(b.data, b.len), &r), STATUS_OK);
    b = record_of(0x32, 0, "00" "0141" "06414354495645" "02" "00000000" "0101" "0000000000000000"
                            "0000000000000000" "0102" "00");
    assert_int_equal(vblk_record_decode(span_of(b.data, b.len), &r), STATUS_VBLK_BAD);  /* no object id */
    b = record_of(0x34, 0, DISK7);
    b.data[RECORD_HEAD_BYTES + 10] = 'x';                                               /* not a GUID */
    assert_int_equal(vblk_record_decode(span_of(b.data, b.len), &r), STATUS_VBLK_BAD);
    b = record_of(0x34, 0, DISK7);
    put_be(b.data + RECORD_LENGTH, UINT32_MAX, 4);
    assert_int_equal(vblk_record_decode(span_of(b.data, b.len), &r), STATUS_VBLK_BAD);
}

/* ---- slots */

static void make_slot(uint8_t slot[128], uint32_t group, uint16_t fragment, uint16_t fragments)
{
    memset(slot, 0, 128);
    memcpy(slot, VBLK_MAGIC, 4);
    put_be(slot + SLOT_SEQUENCE, 4, 4);
    put_be(slot + SLOT_GROUP, group, 4);
    put_be(slot + SLOT_FRAGMENT, fragment, 2);
    put_be(slot + SLOT_FRAGMENTS, fragments, 2);
}

static enum status decode_slot(uint32_t group, uint16_t fragment, uint16_t fragments, struct vblk_slot *out)
{
    static uint8_t slot[128];

    make_slot(slot, group, fragment, fragments);
    return vblk_slot_decode(span_of(slot, 128), out);
}

static void test_slots(void **state)
{
    uint8_t          slot[128];
    struct vblk_slot s;

    (void)state;
    assert_int_equal(decode_slot(7, 1, 2, &s), STATUS_OK);
    assert_int_equal(s.group, 7);
    assert_int_equal(s.fragment, 1);
    assert_int_equal(s.fragments, 2);
    assert_int_equal(s.body.len, 112);
    assert_int_equal(decode_slot(0, 0, 0, &s), STATUS_OK);
    assert_int_equal(s.group, 0);
    assert_int_equal(decode_slot(0, 5, 2, &s), STATUS_OK);          /* what else a free slot says is of no interest */
    assert_int_equal(s.group, 0);
    assert_int_equal(decode_slot(1, 0, 1, &s), STATUS_OK);
    assert_int_equal(s.group, 1);
    assert_int_equal(decode_slot(9, 0, 0, &s), STATUS_OK);
    assert_int_equal(s.group, 0);
    assert_int_equal(decode_slot(9, 2, 2, &s), STATUS_VBLK_BAD);
    assert_int_equal(decode_slot(9, 31, 32, &s), STATUS_OK);
    assert_int_equal(decode_slot(9, 0, 33, &s), STATUS_VBLK_BAD);
    assert_int_equal(decode_slot(9, 0, 0xffff, &s), STATUS_VBLK_BAD);
    make_slot(slot, 1, 0, 1);
    put_be(slot + SLOT_SEQUENCE, 0xffffffff, 4);
    assert_int_equal(vblk_slot_decode(span_of(slot, 128), &s), STATUS_OK);
    assert_int_equal(vblk_slot_decode(span_of(slot, 127), &s), STATUS_VBLK_BAD);
    for (size_t i = 0; i < 4; i++) {  /* a magic with another letter */
        slot[i] ^= 1;
        assert_int_equal(vblk_slot_decode(span_of(slot, 128), &s), STATUS_VBLK_BAD);
        slot[i] ^= 1;
    }
    slot[0] = 0;
    assert_int_equal(vblk_slot_decode(span_of(slot, 128), &s), STATUS_VBLK_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_volume),
        cmocka_unit_test(test_raid5_volume),
        cmocka_unit_test(test_volume_optional_fields_in_their_order),
        cmocka_unit_test(test_component),
        cmocka_unit_test(test_striped_component),
        cmocka_unit_test(test_partition),
        cmocka_unit_test(test_partition_offsets_flags_and_unknown_optional_fields),
        cmocka_unit_test(test_disk),
        cmocka_unit_test(test_disk_with_a_binary_guid),
        cmocka_unit_test(test_kinds_that_are_not_needed),
        cmocka_unit_test(test_record_status),
        cmocka_unit_test(test_truncations),
        cmocka_unit_test(test_fields_that_cannot_be),
        cmocka_unit_test(test_slots),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
