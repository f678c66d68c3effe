/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_mounted.c - drive letters: which values of MountedDevices are answered with which bytes, and that nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/windows/hive.h"
#include "common/windows/mounted.h"
#include "tests/support/bigarena.h"
#include "tests/support/hivefile.h"

#define SIGNATURE 0x33334444u
#define PLACE     (2048ull * 512)

static const struct guid first  = { { 0x11, 0x12, 0x13, 0x14, 0x21, 0x22, 0x31, 0x32, 0x41, 0x42, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56 } };
static const struct guid second = { { 0xa1, 0xa2, 0xa3, 0xa4, 0xb1, 0xb2, 0xc1, 0xc2, 0xd1, 0xd2, 0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6 } };

/* ---- a hive, and what becomes of it */

struct dynamic {
    uint8_t bytes[24];
};

static struct dynamic dynamic_name(const struct guid *volume, bool as_text)
{
    struct dynamic d = { "DMIO:ID:" };

    if (as_text)
        memcpy(d.bytes + 8, volume->bytes, 16);
    else
        guid_to_mixed(volume, d.bytes + 8);
    return d;
}

static struct hive_builder builder;
static struct hive_node   *devices;

static void begin(void)
{
    builder = hive_begin(&arena, "Root");
    hive_add_key(&builder, builder.root, "ControlSet001");
    devices = hive_add_key(&builder, builder.root, "MountedDevices");
}

static void add_bytes(const char *name, const void *bytes, size_t len)
{
    hive_add_value(&builder, devices, name, HIVE_BINARY, span_of(bytes, len));
}

static void add_volume(const char *name, const struct guid *volume, bool as_text)
{
    struct dynamic d = dynamic_name(volume, as_text);

    add_bytes(name, d.bytes, sizeof d.bytes);
}

static struct span written(void)
{
    struct span out;

    assert_int_equal(hive_write(&builder, &out), STATUS_OK);
    return out;
}

struct answered {
    struct span           before;
    uint8_t              *after;
    struct mounted_patch *patches;
    size_t                count;
    bool                  dirty;
};

/* The file with the patches laid over it. Each lies inside it. */
static struct answered answer(const struct mounted_volume *volumes, size_t count)
{
    struct answered a = { .before = written() };

    a.after = hivefile_copy(a.before);
    assert_int_equal(mounted_answer(a.before, volumes, count, &arena, &a.patches, &a.count, &a.dirty), STATUS_OK);
    for (size_t i = 0; i < a.count; i++) {
        assert_true(a.patches[i].offset <= a.before.len && a.patches[i].len <= a.before.len - a.patches[i].offset);
        memcpy(a.after + a.patches[i].offset, a.patches[i].bytes, a.patches[i].len);
    }
    return a;
}

static void assert_value(const struct answered *a, const char *name, const void *bytes, size_t len)
{
    struct hive       h;
    hive_key          key;
    struct hive_value v;

    assert_int_equal(hive_open(span_of(a->after, a->before.len), &h), STATUS_OK);
    assert_int_equal(hive_find_key(&h, h.root, "MountedDevices", &key), STATUS_OK);
    assert_int_equal(hive_find_value(&h, key, name, &v), STATUS_OK);
    assert_int_equal(v.type, HIVE_BINARY);
    assert_int_equal(v.data.len, len);
    assert_memory_equal(v.data.data, bytes, len);
}

static size_t changed_bytes(const struct answered *a)
{
    size_t n = 0;

    for (size_t i = 0; i < a->before.len; i++)
        n += a->before.data[i] != a->after[i];
    return n;
}

/* ---- tests */

static void names_are_as_windows_writes_them(void **state)
{
    static const uint8_t mbr[12] = { 0x44, 0x44, 0x33, 0x33, 0x00, 0x00, 0x10, 0, 0, 0, 0, 0 };
    static const uint8_t gpt[24] = { 'D', 'M', 'I', 'O', ':', 'I', 'D', ':', 0x14, 0x13, 0x12, 0x11, 0x22, 0x21, 0x32, 0x31,
                                     0x41, 0x42, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56 };
    struct mounted_name  n = mounted_name_mbr(SIGNATURE, PLACE);

    (void)state;
    assert_int_equal(n.len, 12);
    assert_memory_equal(n.bytes, mbr, 12);
    n = mounted_name_mbr(1, 0x123456789aull * 512);
    assert_int_equal(rd_le64(span_of(n.bytes, 12), 4), 0x123456789aull * 512);
    n = mounted_name_gpt(&first);
    assert_int_equal(n.len, 24);
    assert_memory_equal(n.bytes, gpt, 24);
}

static void mbr_answers_are_shorter_and_say_so(void **state)
{
    struct mounted_volume v = { first, mounted_name_mbr(SIGNATURE, PLACE) };
    struct dynamic        other = dynamic_name(&second, false);
    struct answered       a;

    (void)state;
    begin();
    add_volume("\\DosDevices\\C:", &first, false);
    add_volume("\\??\\Volume{x}", &first, true);
    add_volume("\\DosDevices\\E:", &second, false);
    add_bytes("\\DosDevices\\D:", "\1\2\3\4\0\0\0\0\0\0\0", 12);
    a = answer(&v, 1);
    assert_false(a.dirty);
    assert_value(&a, "\\DosDevices\\C:", v.becomes.bytes, 12);
    assert_value(&a, "\\??\\Volume{x}", v.becomes.bytes, 12);
    assert_value(&a, "\\DosDevices\\E:", other.bytes, 24);
    assert_value(&a, "\\DosDevices\\D:", "\1\2\3\4\0\0\0\0\0\0\0", 12);
    assert_true(changed_bytes(&a) <= 2 * (12 + 1));  /* the data, and one byte of the length */
    free(a.after);
}

static void gpt_answers_have_the_same_length(void **state)
{
    struct mounted_volume v[] = { { first, mounted_name_gpt(&second) }, { second, mounted_name_gpt(&first) } };
    struct answered       a;

    (void)state;
    begin();
    add_volume("\\DosDevices\\C:", &first, false);
    add_volume("\\DosDevices\\D:", &second, true);
    a = answer(v, 2);
    assert_int_equal(a.count, 2);
    assert_value(&a, "\\DosDevices\\C:", v[0].becomes.bytes, 24);
    assert_value(&a, "\\DosDevices\\D:", v[1].becomes.bytes, 24);
    free(a.after);
}

/* Two that have one GUID, as clones do: the first counts, as it does wherever volumes are looked for, and not a piece of each. */
static void the_first_of_two_volumes_with_one_guid(void **state)
{
    struct mounted_volume v[] = { { first, mounted_name_gpt(&second) }, { first, mounted_name_mbr(SIGNATURE, PLACE) } };
    struct answered       a;

    (void)state;
    begin();
    add_volume("\\DosDevices\\C:", &first, false);
    a = answer(v, 2);
    assert_value(&a, "\\DosDevices\\C:", v[0].becomes.bytes, 24);
    free(a.after);
}

static void what_only_looks_alike_is_left(void **state)
{
    struct mounted_volume v = { first, mounted_name_mbr(SIGNATURE, PLACE) };
    struct dynamic        d = dynamic_name(&first, false);
    uint8_t               longer[25] = { 0 };
    struct answered       a;

    (void)state;
    begin();
    memcpy(longer, d.bytes, 24);
    add_bytes("short", d.bytes, 23);
    add_bytes("long", longer, 25);
    add_bytes("empty", "", 0);
    d.bytes[0] = 'd';
    add_bytes("case", d.bytes, 24);
    d.bytes[0] = 'D';
    d.bytes[23] ^= 1;
    add_bytes("guid", d.bytes, 24);
    a = answer(&v, 1);
    assert_int_equal(a.count, 0);
    assert_int_equal(changed_bytes(&a), 0);
    free(a.after);
}

static void every_volume_of_a_full_disk_is_answered(void **state)
{
    enum { VOLUMES = 64 };
    static struct mounted_volume v[VOLUMES];
    static char                  names[2 * VOLUMES][32];
    struct answered              a;

    (void)state;
    begin();
    for (unsigned i = 0; i < VOLUMES; i++) {
        v[i] = (struct mounted_volume){ first, mounted_name_mbr(SIGNATURE, PLACE * (i + 1)) };
        v[i].volume.bytes[3] = (uint8_t)i;
        for (unsigned k = 0; k < 2; k++) {
            snprintf(names[2 * i + k], sizeof names[0], "name %u of %u", k, i);
            add_volume(names[2 * i + k], &v[i].volume, k == 1);
        }
    }
    a = answer(v, VOLUMES);
    for (unsigned i = 0; i < 2 * VOLUMES; i++)
        assert_value(&a, names[i], v[i / 2].becomes.bytes, 12);
    free(a.after);
}

/* More letters than there is room for: none is answered, for some of them would name nothing. */
static void more_names_than_there_is_room_for(void **state)
{
    static char names[512][16];

    (void)state;
    for (unsigned k = 0; k < 4; k++) {
        struct mounted_volume v = { first, k < 2 ? mounted_name_mbr(SIGNATURE, PLACE) : mounted_name_gpt(&second) };
        struct mounted_patch *patches = NULL;
        unsigned              fit = k < 2 ? 256 : 511;  /* an answer that is shorter says so in another place */
        size_t                count = 99, mark = arena_mark(&arena);
        bool                  dirty;

        begin();
        for (unsigned i = 0; i < fit + k % 2; i++) {
            snprintf(names[i], sizeof names[i], "name %u", i);
            add_volume(names[i], &first, false);
        }
        if (k % 2 == 0) {
            assert_int_equal(mounted_answer(written(), &v, 1, &arena, &patches, &count, &dirty), STATUS_OK);
            assert_int_equal(count, k < 2 ? 512 : 511);
        } else {
            assert_int_equal(mounted_answer(written(), &v, 1, &arena, &patches, &count, &dirty), STATUS_NO_MEMORY);
            assert_null(patches);
            assert_int_equal(count, 99);
        }
        arena_release(&arena, mark);
    }
}

static void a_hive_that_was_not_closed_has_no_answers(void **state)
{
    struct mounted_volume v = { first, mounted_name_mbr(SIGNATURE, PLACE) };
    struct mounted_patch *patches = NULL;
    size_t                count = 99;
    bool                  dirty = false;
    struct span           s;
    uint8_t              *file;

    (void)state;
    begin();
    add_volume("\\DosDevices\\C:", &first, false);
    s = written();
    file = hivefile_copy(s);
    wr_le32(file + 4, rd_le32(s, 8) + 1);  /* the first sequence number is ahead: written to, and not finished */
    hivefile_fix_checksum(file);
    assert_int_equal(mounted_answer(span_of(file, s.len), &v, 1, &arena, &patches, &count, &dirty), STATUS_OK);
    assert_true(dirty);
    assert_int_equal(count, 0);
    free(file);
}

static void what_is_no_hive_or_has_no_such_key(void **state)
{
    struct mounted_volume v = { first, mounted_name_mbr(SIGNATURE, PLACE) };
    struct mounted_patch *patches = NULL;
    size_t                count = 99;
    bool                  dirty = false;
    static const uint8_t  nothing[8192];

    (void)state;
    assert_int_equal(mounted_answer(span_of(nothing, sizeof nothing), &v, 1, &arena, &patches, &count, &dirty), STATUS_HIVE_NOT_ONE);
    assert_int_equal(mounted_answer(span_of(nothing, 0), &v, 1, &arena, &patches, &count, &dirty), STATUS_HIVE_NOT_ONE);
    builder = hive_begin(&arena, "Root");
    hive_add_key(&builder, builder.root, "MountedDevicesOld");
    assert_int_equal(mounted_answer(written(), &v, 1, &arena, &patches, &count, &dirty), STATUS_HIVE_NO_KEY);
    assert_null(patches);
    assert_int_equal(count, 99);
}

static void no_memory(void **state)
{
    struct mounted_volume v = { first, mounted_name_mbr(SIGNATURE, PLACE) };
    struct mounted_patch *patches = NULL;
    size_t                count = 99;
    bool                  dirty;
    static uint8_t        little[64];
    struct arena          small = arena_of(little, sizeof little);

    (void)state;
    begin();
    add_volume("\\DosDevices\\C:", &first, false);
    assert_int_equal(mounted_answer(written(), &v, 1, &small, &patches, &count, &dirty), STATUS_NO_MEMORY);
    assert_null(patches);
}

/* Any byte of the hive set to any of a few values: an answer or an error, inside the file (ASan watches reads). */
/* A value that cannot be read is no reason to believe the others. */
static void a_value_that_is_damaged(void **state)
{
    struct mounted_volume v = { first, mounted_name_mbr(SIGNATURE, PLACE) };
    struct mounted_patch *patches = NULL;
    struct span           s;
    uint8_t              *file;
    size_t                count = 99, vk = 0x1000;
    bool                  dirty;

    (void)state;
    begin();
    add_volume("\\DosDevices\\C:", &first, false);
    s = written();
    file = hivefile_copy(s);
    while (memcmp(file + vk, "vk", 2) != 0)
        vk++;
    file[vk] = 'x';
    assert_int_equal(mounted_answer(span_of(file, s.len), &v, 1, &arena, &patches, &count, &dirty), STATUS_HIVE_DAMAGED);
    assert_null(patches);
    assert_int_equal(count, 99);
    free(file);
}

static void any_byte_may_be_wrong(void **state)
{
    static const uint8_t  values[] = { 0x00, 0x7f, 0x80, 0xff };
    struct mounted_volume v = { first, mounted_name_mbr(SIGNATURE, PLACE) };
    struct span           s;
    uint8_t              *file;

    (void)state;
    begin();
    add_volume("\\DosDevices\\C:", &first, false);
    add_volume("\\??\\Volume{x}", &first, true);
    s = written();
    file = hivefile_copy(s);
    for (size_t i = 0x1000; i < 0x1400 && i < s.len; i++) {
        for (size_t k = 0; k < sizeof values; k++) {
            struct mounted_patch *patches;
            size_t                count, mark = arena_mark(&arena);
            bool                  dirty;

            file[i] = values[k];
            if (mounted_answer(span_of(file, s.len), &v, 1, &arena, &patches, &count, &dirty) == STATUS_OK)
                for (size_t p = 0; p < count; p++)
                    assert_true(patches[p].offset <= s.len && patches[p].len <= s.len - patches[p].offset);
            arena_release(&arena, mark);
        }
        file[i] = s.data[i];
    }
    free(file);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, bigarena_setup, bigarena_teardown)
    const struct CMUnitTest tests[] = {
        T(names_are_as_windows_writes_them),
        T(mbr_answers_are_shorter_and_say_so),
        T(gpt_answers_have_the_same_length),
        T(what_only_looks_alike_is_left), T(the_first_of_two_volumes_with_one_guid),
        T(every_volume_of_a_full_disk_is_answered),
        T(more_names_than_there_is_room_for),
        T(a_hive_that_was_not_closed_has_no_answers),
        T(what_is_no_hive_or_has_no_such_key),
        T(no_memory),
        T(a_value_that_is_damaged),
        T(any_byte_may_be_wrong),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
