/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_bcd_default.c - a boot store that was found, made to start something else: which entry by default, or from which partition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/windows/bcd.h"
#include "common/windows/hive.h"
#include "tests/support/bigarena.h"
#include "tests/support/hivefile.h"

#define BOOTMGR   "{9dea862c-5cdd-4e70-acc1-f32b344d4795}"
#define LOST      "{11111111-0000-0000-0000-000000000000}"
#define KEPT      "{22222222-0000-0000-0000-000000000000}"
#define OS_LOADER 0x10200003u

static const struct bcd_device lost = { .kind = BCD_DEVICE_MBR, .signature = 0x1111, .offset = 63 * 512 };
static const struct bcd_device kept = { .kind = BCD_DEVICE_MBR, .signature = 0x2222, .offset = 2048 * 512 };

/* What a test changes of the store: two Windows, the lost one is the default. */
struct entry {
    const char       *id, *path;
    uint32_t          type;         /* of the object; 0: it does not say */
    struct bcd_device device, osdevice;
};

static struct hive_builder builder;
static struct hive_node   *objects;

static struct hive_node *element(const char *object, const char *name)
{
    return hive_add_key(&builder, hive_add_key(&builder, hive_add_key(&builder, objects, object), "Elements"), name);
}

static void add_device(const char *object, const char *name, struct bcd_device device)
{
    uint8_t bytes[BCD_DEVICE_BYTES];

    bcd_device_encode(&device, bytes);
    hive_add_value(&builder, element(object, name), "Element", HIVE_BINARY, span_of(bytes, sizeof bytes));
}

static void add_entry(const struct entry *e)
{
    if (e->type)
        hive_add_dword(&builder, hive_add_key(&builder, hive_add_key(&builder, objects, e->id), "Description"), "Type", e->type);
    add_device(e->id, "11000001", e->device);
    add_device(e->id, "21000001", e->osdevice);
    hive_add_text(&builder, element(e->id, "12000002"), "Element", HIVE_SZ, e->path);
}

static void begin(const char *by_default)
{
    builder = hive_begin(&arena, "NewStoreRoot");
    objects = hive_add_key(&builder, builder.root, "Objects");
    if (by_default)
        hive_add_text(&builder, element(BOOTMGR, "23000003"), "Element", HIVE_SZ, by_default);
}

static struct span written(void)
{
    struct span out;

    assert_int_equal(hive_write(&builder, &out), STATUS_OK);
    return out;
}

static struct entry entry(const char *id, struct bcd_device on)
{
    return (struct entry){ .id = id, .path = BCD_WINLOAD_EXE, .type = OS_LOADER, .device = on, .osdevice = on };
}

static struct span two(const struct entry *second)
{
    struct entry first = entry(LOST, lost);

    begin(LOST);
    add_entry(&first);
    add_entry(second);
    return written();
}

static enum status set_default(struct span store, const struct bcd_device *partition, struct span *out)
{
    return bcd_with_default(store, partition, BCD_WINLOAD_EXE, &arena, out);
}

static void assert_none(const struct entry *second)
{
    struct span out = span_of("untouched", 9);

    assert_int_equal(set_default(two(second), &kept, &out), STATUS_BCD_NO_DEFAULT);
    assert_int_equal(out.len, 9);
}

static void assert_default(struct span store, const char *id)
{
    struct bcd_entry e;
    char             text[GUID_TEXT_SIZE + 2];

    assert_int_equal(bcd_read_default(store, &e), STATUS_OK);
    snprintf(text, sizeof text, "{%s}", guid_format(&e.id, (char[GUID_TEXT_SIZE]){ 0 }));
    assert_string_equal(text, id);
}

/* ---- another default */

/* The store is the same but for the name of what it starts. */
static void the_other_windows_is_the_default(void **state)
{
    struct entry second = entry(KEPT, kept);
    struct span  store = two(&second), out;
    size_t       different = 0;

    (void)state;
    assert_int_equal(set_default(store, &kept, &out), STATUS_OK);
    assert_int_equal(out.len, store.len);
    assert_default(store, LOST);
    assert_default(out, KEPT);
    for (size_t i = 0; i < out.len; i++)
        different += out.data[i] != store.data[i];
    assert_int_equal(different, 8);  /* digits */
    assert_int_equal(set_default(out, &lost, &store), STATUS_OK);
    assert_default(store, LOST);
    assert_int_equal(set_default(store, &lost, &out), STATUS_OK);  /* it was the default before */
    assert_memory_equal(out.data, store.data, store.len);
}

static void the_first_of_two_that_start_it(void **state)
{
    struct entry first = entry(LOST, kept), second = entry(KEPT, kept);
    struct span  out;

    (void)state;
    begin(KEPT);
    add_entry(&first);
    add_entry(&second);
    assert_int_equal(set_default(written(), &kept, &out), STATUS_OK);
    assert_default(out, LOST);
}

static void letters_of_either_case_are_the_same_path(void **state)
{
    struct entry second = entry(KEPT, kept);
    struct span  out;

    (void)state;
    second.path = "\\WINDOWS\\System32\\WinLoad.exe";
    assert_int_equal(set_default(two(&second), &kept, &out), STATUS_OK);
    assert_default(out, KEPT);
}

static void an_entry_that_starts_something_else(void **state)
{
    struct entry second = entry(KEPT, kept);

    (void)state;
    second.path = BCD_WINLOAD_EFI;
    assert_none(&second);
    second.path = "";
    assert_none(&second);
    second = entry(KEPT, kept);
    second.type = 0x10200004;  /* resumes from hibernation */
    assert_none(&second);
    second.type = 0;
    assert_none(&second);
}

/* Where winload is and where Windows is: both on that partition, of that disk. */
static void an_entry_on_another_partition(void **state)
{
    struct entry      second = entry(KEPT, kept);
    struct bcd_device near = kept, like = kept;

    (void)state;
    near.offset++;
    like.signature++;
    second.device = near;
    assert_none(&second);
    second.device = like;
    assert_none(&second);
    second = entry(KEPT, kept);
    second.osdevice = near;
    assert_none(&second);
    second.osdevice.kind = BCD_DEVICE_BOOT;
    assert_none(&second);
    second.device.kind = BCD_DEVICE_BOOT;
    assert_none(&second);
}

static void partitions_that_are_the_same(void **state)
{
    struct bcd_device gpt = { .kind = BCD_DEVICE_GPT, .disk = { { 1 } }, .partition = { { 2 } }, .signature = 0x2222, .offset = 2048 * 512 };
    struct bcd_device other = gpt, boot = { .kind = BCD_DEVICE_BOOT };

    (void)state;
    other.disk.bytes[0]++;
    other.offset++;
    assert_true(bcd_same_partition(&gpt, &other));   /* its GUID alone decides */
    other.partition.bytes[15]++;
    assert_false(bcd_same_partition(&gpt, &other));
    assert_false(bcd_same_partition(&gpt, &kept));
    assert_false(bcd_same_partition(&kept, &gpt));
    assert_true(bcd_same_partition(&kept, &kept));
    assert_false(bcd_same_partition(&boot, &boot));
}

/* A name that is shorter than the one in whose place it would stand. */
static void names_that_are_too_short(void **state)
{
    static const char *const ids[] = { "{22222222-0000-0000-0000-00000000000}", "short" };

    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        struct entry second = entry(ids[i], kept);

        assert_none(&second);
    }
}

/* The default that is replaced: 38 letters of it have to be there, with or without a NUL behind. */
static void room_for_the_name(void **state)
{
    struct entry second = entry(KEPT, kept);

    (void)state;
    for (size_t letters = 36; letters < 41; letters++) {
        uint8_t     text[2 * 41] = { 0 };
        struct span out;

        for (size_t i = 0; i < letters; i++)
            text[2 * i] = (uint8_t)(i < sizeof LOST - 1 ? LOST[i] + (i == 0) : 0);  /* not even the brace has to be one */
        begin(NULL);
        hive_add_value(&builder, element(BOOTMGR, "23000003"), "Element", HIVE_SZ, span_of(text, 2 * letters));
        add_entry(&second);
        if (letters >= 38) {
            struct span store = written();
            size_t      different = 0;

            assert_int_equal(set_default(store, &kept, &out), STATUS_OK);
            assert_default(out, KEPT);
            for (size_t i = 0; i < out.len; i++)
                different += out.data[i] != store.data[i];
            assert_int_equal(different, 1 + 8);  /* the brace and digits, and nothing behind them */
        } else {
            assert_int_equal(set_default(written(), &kept, &out), STATUS_BCD_NO_DEFAULT);
        }
    }
}

static void a_store_that_would_not_start_its_default(void **state)
{
    struct entry second = entry(KEPT, kept);
    struct span  store, out;
    uint8_t     *copy;

    (void)state;
    begin(NULL);  /* no boot manager */
    add_entry(&second);
    assert_int_equal(set_default(written(), &kept, &out), STATUS_BCD_NO_DEFAULT);
    begin(NULL);  /* one without a default */
    add_entry(&second);
    hive_add_text(&builder, element(BOOTMGR, "12000004"), "Element", HIVE_SZ, "Windows Boot Manager");
    assert_int_equal(set_default(written(), &kept, &out), STATUS_BCD_NO_DEFAULT);
    begin(LOST);  /* and one that starts something else once */
    add_entry(&second);
    hive_add_text(&builder, element(BOOTMGR, "24000002"), "Element", HIVE_MULTI_SZ, LOST);
    assert_int_equal(set_default(written(), &kept, &out), STATUS_BCD_NO_DEFAULT);
    store = two(&second);  /* written to, and not finished */
    copy = hivefile_copy(store);
    wr_le32(copy + 4, 77);
    hivefile_fix_checksum(copy);
    assert_int_equal(set_default(span_of(copy, store.len), &kept, &out), STATUS_BCD_NO_DEFAULT);
    free(copy);
}

/* Which one is the default is there and cannot be read: that is damage, and not a store without a default. */
static void a_default_that_cannot_be_read(void **state)
{
    static const char key_path[] = "Objects\\" BOOTMGR "\\Elements\\23000003";
    struct entry      second = entry(KEPT, kept);
    struct span       store = two(&second);
    uint8_t          *copy = hivefile_copy(store);
    struct hive       h;
    hive_key          key;
    struct hive_value value;
    struct bcd_entry  e;

    (void)state;
    assert_int_equal(hive_open(store, &h), STATUS_OK);
    assert_int_equal(hive_find_key(&h, h.root, key_path, &key), STATUS_OK);
    assert_int_equal(hive_find_value(&h, key, "Element", &value), STATUS_OK);
    wr_le32(copy + value.length_offset, 0x7fffffff);  /* longer than its cell */
    assert_int_equal(bcd_read_default(span_of(copy, store.len), &e), STATUS_HIVE_DAMAGED);
    free(copy);
}

static void what_is_no_store(void **state)
{
    struct span out;

    (void)state;
    builder = hive_begin(&arena, "NewStoreRoot");
    assert_int_equal(set_default(written(), &kept, &out), STATUS_BCD_NO_DEFAULT);
    assert_int_equal(set_default(span_of("regf", 4), &kept, &out), STATUS_HIVE_NOT_ONE);
}

static void no_memory_for_the_copy(void **state)
{
    struct entry second = entry(KEPT, kept);
    struct span  store = two(&second), out = span_of("untouched", 9);
    size_t       left = arena.size - arena.used;

    (void)state;
    assert_true(left > store.len);
    assert_non_null(arena_alloc(&arena, left - store.len / 2));
    assert_int_equal(set_default(store, &kept, &out), STATUS_NO_MEMORY);
    assert_int_equal(bcd_retarget(store, &kept, BCD_WINLOAD_EXE, &arena, &out), STATUS_NO_MEMORY);
    assert_int_equal(out.len, 9);
}

/* ---- another partition */

static struct bcd_name name_at(struct span store, size_t i, size_t count)
{
    struct bcd_name names[40];
    size_t          found;
    bool            dirty;

    assert_int_equal(bcd_list_names(store, names, 40, &found, &dirty), STATUS_OK);
    assert_int_equal(found, count);
    return names[i];
}

/* The boot manager's device and the other entry's: what named the lost partition names the kept one, and nothing else does. */
static void whatever_named_it_is_retargeted(void **state)
{
    struct entry      first = entry(LOST, lost), second = entry(KEPT, lost);
    struct bcd_device elsewhere = { .kind = BCD_DEVICE_MBR, .signature = 0x1111, .offset = 99 * 512 };
    struct span       out;

    (void)state;
    second.osdevice = elsewhere;
    begin(LOST);
    add_entry(&first);
    add_entry(&second);
    add_device(BOOTMGR, "11000001", lost);
    assert_int_equal(bcd_can_retarget(written(), BCD_WINLOAD_EXE), STATUS_OK);
    assert_int_equal(bcd_retarget(written(), &kept, BCD_WINLOAD_EXE, &arena, &out), STATUS_OK);
    for (size_t i = 0; i < 5; i++) {
        struct bcd_name n = name_at(out, i, 5);

        if (n.signature == 0x1111) {
            assert_int_equal(n.offset, 99 * 512);
        } else {
            assert_int_equal(n.signature, 0x2222);
            assert_int_equal(n.offset, 2048 * 512);
        }
    }
    assert_int_equal(name_at(out, 3, 5).signature + name_at(out, 4, 5).signature, 0x1111 + 0x2222);
}

/* The device says where winload is; what else has to move is what is on the partition of Windows itself. */
static void a_loader_on_a_partition_of_its_own(void **state)
{
    struct entry      first = entry(LOST, lost);
    struct bcd_device system = { .kind = BCD_DEVICE_MBR, .signature = 0x1111, .offset = 99 * 512 };
    struct span       out;

    (void)state;
    first.device = system;
    begin(LOST);
    add_entry(&first);
    add_device(BOOTMGR, "11000001", system);
    assert_int_equal(bcd_retarget(written(), &kept, BCD_WINLOAD_EXE, &arena, &out), STATUS_OK);
    assert_int_equal(name_at(out, 0, 3).signature, 0x2222);
    assert_int_equal(name_at(out, 1, 3).signature, 0x2222);
    assert_int_equal(name_at(out, 2, 3).signature, 0x1111);  /* the boot manager's: it is there still */
}

/* Made for a volume that was found by a file on it, say: there is no partition in it that could be another one. */
static void devices_of_another_form(void **state)
{
    struct bcd_device locate = { .kind = BCD_DEVICE_BOOT };

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct entry first = entry(LOST, lost);
        uint8_t      longer[BCD_DEVICE_BYTES + 8] = { [0x10] = 8 };
        struct span  store;
        size_t       len = i < 2 ? sizeof longer : BCD_DEVICE_BYTES - 1;

        begin(LOST);
        hive_add_dword(&builder, hive_add_key(&builder, hive_add_key(&builder, objects, LOST), "Description"), "Type", first.type);
        hive_add_text(&builder, element(LOST, "12000002"), "Element", HIVE_SZ, first.path);
        add_device(LOST, i % 2 ? "11000001" : "21000001", locate);
        hive_add_value(&builder, element(LOST, i % 2 ? "21000001" : "11000001"), "Element", HIVE_BINARY, span_of(longer, len));
        store = written();
        assert_int_equal(bcd_can_retarget(store, BCD_WINLOAD_EXE), STATUS_BCD_NO_DEFAULT);
        assert_int_equal(bcd_retarget(store, &kept, BCD_WINLOAD_EXE, &arena, &store), STATUS_BCD_NO_DEFAULT);
    }
}

/* A store with more names than there is room for: those that are known of are retargeted, the default's in any case. */
static void more_names_than_are_looked_at(void **state)
{
    struct entry first = entry(LOST, lost);
    struct span  out;
    char         ids[38][8];
    size_t       moved = 0;

    (void)state;
    begin(LOST);
    add_entry(&first);
    for (size_t i = 0; i < 38; i++) {
        snprintf(ids[i], sizeof ids[i], "{%02u}", (unsigned)i);
        add_device(ids[i], "11000001", lost);
    }
    assert_int_equal(bcd_can_retarget(written(), BCD_WINLOAD_EXE), STATUS_OK);
    assert_int_equal(bcd_retarget(written(), &kept, BCD_WINLOAD_EXE, &arena, &out), STATUS_OK);
    for (size_t i = 0; i < 40; i++)
        moved += name_at(out, i, 40).signature == 0x2222;
    assert_int_equal(moved, 32);
    assert_int_equal(name_at(out, 1, 40).offset, 2048 * 512);
}

/* A store has some dozens of objects; of one with more than 256 no more than those are looked at. */
static void more_objects_than_are_looked_at(void **state)
{
    struct entry first = entry(LOST, lost), second = entry(KEPT, kept);
    char         ids[255][8];
    struct span  out;

    (void)state;
    for (unsigned i = 0; i < 255; i++)
        snprintf(ids[i], sizeof ids[i], "{00%03u}", i);
    for (unsigned before = 253; before < 256; before++) {  /* and the default itself: the other one is the 255th, ... the 257th */
        bool seen = before < 255;

        begin(LOST);
        for (unsigned i = 0; i < before; i++)
            hive_add_key(&builder, objects, ids[i]);
        add_entry(&first);
        add_entry(&second);
        assert_int_equal(set_default(written(), &kept, &out), seen ? STATUS_OK : STATUS_BCD_NO_DEFAULT);
        assert_int_equal(name_at(written(), seen ? 3 : 1, seen ? 4 : 2).signature, seen ? 0x2222 : 0x1111);
    }
}

static void what_cannot_be_retargeted(void **state)
{
    struct entry first = entry(LOST, lost);

    (void)state;
    begin(LOST);
    add_entry(&first);
    assert_int_equal(bcd_can_retarget(written(), BCD_WINLOAD_EFI), STATUS_BCD_NO_DEFAULT);
    begin(KEPT);
    add_entry(&first);
    assert_int_equal(bcd_can_retarget(written(), BCD_WINLOAD_EXE), STATUS_BCD_NO_DEFAULT);
    assert_int_equal(bcd_can_retarget(span_of("regf", 4), BCD_WINLOAD_EXE), STATUS_HIVE_NOT_ONE);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, bigarena_setup, bigarena_teardown)
    const struct CMUnitTest tests[] = {
        T(the_other_windows_is_the_default), T(the_first_of_two_that_start_it), T(letters_of_either_case_are_the_same_path),
        T(an_entry_that_starts_something_else), T(an_entry_on_another_partition), T(partitions_that_are_the_same),
        T(names_that_are_too_short), T(room_for_the_name), T(a_store_that_would_not_start_its_default),
        T(a_default_that_cannot_be_read), T(what_is_no_store),
        T(no_memory_for_the_copy), T(whatever_named_it_is_retargeted), T(a_loader_on_a_partition_of_its_own),
        T(devices_of_another_form), T(more_names_than_are_looked_at), T(more_objects_than_are_looked_at), T(what_cannot_be_retargeted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
