/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_bcd.c - boot stores: device elements byte for byte, titles, what is read of a store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/log.h"
#include "common/windows/bcd.h"
#include "common/windows/hive.h"
#include "tests/support/bigarena.h"
#include "tests/support/costlystore.h"

#define BOOTMGR     "Objects\\{9dea862c-5cdd-4e70-acc1-f32b344d4795}"

static struct guid guid_of(const char *text)
{
    struct guid g;

    assert_true(guid_parse(span_of(text, strlen(text)), &g));
    return g;
}

static struct bcd_device gpt_device(void)
{
    return (struct bcd_device){ .kind = BCD_DEVICE_GPT,
                                .disk = guid_of("a1a2a3a4-b1b2-c1c2-d1d2-e1e2e3e4e5e6"),
                                .partition = guid_of("01020304-0506-0708-090a-0b0c0d0e0f10") };
}

static struct bcd_device mbr_device(void)
{
    return (struct bcd_device){ .kind = BCD_DEVICE_MBR, .signature = 0x89abcdef, .offset = 0x1122334455667788 };
}

static struct span built(struct bcd_device device, const char *name)
{
    struct span store;

    assert_int_equal(bcd_build(&device, BCD_WINLOAD_EFI, name, NULL, &arena, &store), STATUS_OK);
    return store;
}

static struct bcd_entry entry_of(struct span store)
{
    struct bcd_entry entry;

    assert_int_equal(bcd_read_default(store, &entry), STATUS_OK);
    return entry;
}

/* docs/windows-boot.md, "The boot store (BCD)". */
static void gpt_element_bytes(void **state)
{
    static const uint8_t expected[BCD_DEVICE_BYTES] = {
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        6, 0, 0, 0, 0, 0, 0, 0, 0x48, 0, 0, 0, 0, 0, 0, 0,
        4, 3, 2, 1, 6, 5, 8, 7, 9, 10, 11, 12, 13, 14, 15, 16,
        0, 0, 0, 0, 0, 0, 0, 0,
        0xa4, 0xa3, 0xa2, 0xa1, 0xb2, 0xb1, 0xc2, 0xc1, 0xd1, 0xd2, 0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6,
    };
    struct bcd_device device = gpt_device();
    uint8_t           element[BCD_DEVICE_BYTES];

    (void)state;
    memset(element, 0xee, sizeof element);
    bcd_device_encode(&device, element);
    assert_memory_equal(element, expected, sizeof expected);
}

/* docs/windows-boot.md, "The boot store names a disk". */
static void mbr_element_bytes(void **state)
{
    static const uint8_t expected[BCD_DEVICE_BYTES] = {
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        6, 0, 0, 0, 0, 0, 0, 0, 0x48, 0, 0, 0, 0, 0, 0, 0,
        0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 1, 0, 0, 0,
        0xef, 0xcd, 0xab, 0x89,
    };
    struct bcd_device device = mbr_device();
    uint8_t           element[BCD_DEVICE_BYTES];

    (void)state;
    memset(element, 0xee, sizeof element);
    bcd_device_encode(&device, element);
    assert_memory_equal(element, expected, sizeof expected);
}

static void boot_element_bytes(void **state)
{
    static const uint8_t expected[BCD_DEVICE_BYTES] = { [0x10] = 5, [0x18] = 0x48 };
    struct bcd_device    device = { .kind = BCD_DEVICE_BOOT };
    uint8_t              element[BCD_DEVICE_BYTES];

    (void)state;
    bcd_device_encode(&device, element);
    assert_memory_equal(element, expected, sizeof expected);
    assert_int_equal(bcd_device_decode(span_of(element, sizeof element)).kind, BCD_DEVICE_BOOT);
}

static void odd_elements_are_told_apart(void **state)
{
    struct bcd_device device = gpt_device();
    uint8_t           element[BCD_DEVICE_BYTES];

    (void)state;
    bcd_device_encode(&device, element);
    assert_int_equal(bcd_device_decode(span_of(element, BCD_DEVICE_BYTES - 1)).kind, BCD_DEVICE_OTHER);
    assert_int_equal(bcd_device_decode(span_of(element, 0)).kind, BCD_DEVICE_OTHER);
    element[0x34] = 2;  /* RAW */
    assert_int_equal(bcd_device_decode(span_of(element, sizeof element)).kind, BCD_DEVICE_OTHER);
    element[0x10] = 8;
    assert_int_equal(bcd_device_decode(span_of(element, sizeof element)).kind, BCD_DEVICE_LOCATE);
    element[0x10] = 3;
    assert_int_equal(bcd_device_decode(span_of(element, sizeof element)).kind, BCD_DEVICE_OTHER);
}

static void a_gpt_store_reads_back(void **state)
{
    struct bcd_device device = gpt_device();
    struct span       store = built(device, "Volume3");
    struct bcd_entry  e = entry_of(store);
    uint8_t           element[BCD_DEVICE_BYTES];

    (void)state;
    assert_int_equal(e.device.kind, BCD_DEVICE_GPT);
    assert_true(guid_equal(&e.device.disk, &device.disk));
    assert_true(guid_equal(&e.device.partition, &device.partition));
    assert_int_equal(e.osdevice.kind, BCD_DEVICE_GPT);
    assert_true(guid_equal(&e.osdevice.partition, &device.partition));
    assert_string_equal(e.path, "\\Windows\\system32\\winload.efi");
    assert_string_equal(e.title, "Windows (volume Volume3)");
    assert_false(e.store_dirty);

    bcd_device_encode(&device, element);
    assert_int_equal(e.device_bytes, sizeof element);
    assert_int_equal(e.osdevice_bytes, sizeof element);
    assert_true(e.device_offset != e.osdevice_offset);
    assert_memory_equal(store.data + e.device_offset, element, sizeof element);
    assert_memory_equal(store.data + e.osdevice_offset, element, sizeof element);
}

static void an_mbr_store_for_bios_reads_back(void **state)
{
    struct bcd_device device = mbr_device();
    struct span       store;
    struct bcd_entry  e;

    (void)state;
    assert_int_equal(bcd_build(&device, BCD_WINLOAD_EXE, "C", NULL, &arena, &store), STATUS_OK);
    e = entry_of(store);
    assert_int_equal(e.device.kind, BCD_DEVICE_MBR);
    assert_int_equal(e.device.signature, 0x89abcdef);
    assert_true(e.device.offset == 0x1122334455667788);
    assert_string_equal(e.path, "\\Windows\\system32\\winload.exe");
}

/* A patch of the element at the offset that was told retargets the entry. */
static void an_element_can_be_retargeted_in_place(void **state)
{
    struct span       store = built(gpt_device(), "V");
    struct bcd_device other = mbr_device();
    struct bcd_entry  e = entry_of(store);

    (void)state;
    bcd_device_encode(&other, (uint8_t *)(uintptr_t)store.data + e.device_offset);
    assert_int_equal(entry_of(store).device.kind, BCD_DEVICE_MBR);
    assert_int_equal(entry_of(store).osdevice.kind, BCD_DEVICE_GPT);
}

/* A store that names a lost disk: whatever in it named that partition names the half, and nothing else is changed. */
static void a_found_store_is_retargeted(void **state)
{
    struct bcd_device lost = mbr_device(), half = { .kind = BCD_DEVICE_MBR, .signature = 0x1234abcd, .offset = 40000 * 512 };
    struct span       store, out;
    struct bcd_entry  e;
    size_t            different = 0;

    (void)state;
    assert_int_equal(bcd_build(&lost, BCD_WINLOAD_EXE, "C", NULL, &arena, &store), STATUS_OK);
    assert_int_equal(bcd_retarget(store, &half, BCD_WINLOAD_EXE, &arena, &out), STATUS_OK);
    assert_int_equal(out.len, store.len);
    e = entry_of(out);
    assert_true(bcd_same_partition(&e.device, &half));
    assert_true(bcd_same_partition(&e.osdevice, &half));
    assert_string_equal(e.title, entry_of(store).title);
    for (size_t i = 0; i < out.len; i++)
        different += out.data[i] != store.data[i];
    assert_in_range(different, 1, 2 * 12);
    assert_int_equal(bcd_retarget(store, &half, BCD_WINLOAD_EFI, &arena, &out), STATUS_BCD_NO_DEFAULT);
    assert_int_equal(bcd_retarget(span_of("regf", 4), &half, BCD_WINLOAD_EXE, &arena, &out), STATUS_HIVE_NOT_ONE);
}

static void any_name_gives_a_title(void **state)
{
    static const struct {
        const char *name, *title;
    } cases[] = {
        { "", "Windows (volume )" },
        { "Gr\xc3\xb6\xc3\x9f" "e", "Windows (volume Gr\xc3\xb6\xc3\x9f" "e)" },         /* UTF-8 */
        { "Gr\xf6\xdf" "e", "Windows (volume Gr\xc3\xb6\xc3\x9f" "e)" },                 /* Latin-1 */
        { "\xe5\x90\x8d\xf0\x9f\x92\xbe", "Windows (volume \xe5\x90\x8d\xf0\x9f\x92\xbe)" },  /* outside the BMP too */
        { "a\x01" "b\x7f" "c\n", "Windows (volume a?b?c?)" },
        { "\xc0\xaf", "Windows (volume \xc3\x80\xc2\xaf)" },        /* overlong: not UTF-8 */
        { "\xed\xa0\x80", "Windows (volume \xc3\xad\xc2\xa0?)" },   /* surrogate: not UTF-8 */
        { "\xf8\x88\x80\x80\x80", "Windows (volume \xc3\xb8????" ")" },
        { "\xf4\x90\x80\x80", "Windows (volume \xc3\xb4???" ")" },     /* beyond U+10FFFF */
        { "abc\xc3", "Windows (volume abc\xc3\x83)" },              /* cut */
        { "\x80\xe2\x82", "Windows (volume ?\xc3\xa2?)" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(entry_of(built(gpt_device(), cases[i].name)).title, cases[i].title);
}

static void a_long_name_is_kept_up_to_255_bytes(void **state)
{
    char name[301], title[400];

    (void)state;
    memset(name, 'n', 300);
    name[300] = '\0';
    snprintf(title, sizeof title, "Windows (volume %.255s)", name);
    assert_string_equal(entry_of(built(gpt_device(), name)).title, title);
    memset(name, '\xff', 300);
    assert_int_equal(strlen(entry_of(built(gpt_device(), name)).title), BCD_TEXT_MAX - 2);  /* two bytes each: cut */
}

static void the_same_volume_gives_the_same_store(void **state)
{
    struct bcd_device other = gpt_device();
    struct span       a = built(gpt_device(), "V"), b = built(gpt_device(), "V"), c;
    struct guid       id = entry_of(a).id, other_id;

    (void)state;
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.data, b.data, a.len);
    assert_int_equal(id.bytes[6] >> 4, 8);
    assert_int_equal(id.bytes[8] >> 6, 2);
    other.partition.bytes[3]++;
    c = built(other, "V");
    other_id = entry_of(c).id;
    assert_false(guid_equal(&id, &other_id));
}

static void every_arena_that_is_too_small_is_told(void **state)
{
    struct bcd_device device = gpt_device();
    size_t            needed;
    struct span       store;

    (void)state;
    built(device, "Volume3");
    needed = arena.used;
    for (size_t size = 0; size < needed; size += 5) {
        arena.used = 0;
        arena.size = size;
        assert_int_equal(bcd_build(&device, BCD_WINLOAD_EFI, "Volume3", NULL, &arena, &store), STATUS_NO_MEMORY);
    }
}

/*
 * The name of the entry is the same in every version: what was said of it (a resume object, a boot log) is of the same entry
 * still. It follows from all of the device, and is a GUID as RFC 9562 wants them: version 8, variant 10.
 */
static void what_the_entry_is_called(void **state)
{
    static const uint8_t own[16] = { 0x6c, 0x64, 0x6d, 0x62, 0x6f, 0x6f, 0x84, 0x11, 0x9c, 0x3e, 0x5b, 0x0d, 0x27, 0xa8, 0x41, 0xf6 };
    struct bcd_device    zero = { .kind = BCD_DEVICE_GPT }, ones = zero;
    struct guid          id = entry_of(built(zero, "V")).id;

    (void)state;
    assert_memory_equal(id.bytes, own, sizeof own);
    memset(ones.partition.bytes, 0xff, sizeof ones.partition.bytes);
    id = entry_of(built(ones, "V")).id;
    for (size_t i = 0; i < 16; i++)
        assert_int_equal(id.bytes[i], i == 6 ? 0x8b : i == 8 ? 0xa3 : (uint8_t)~own[i]);
    memset(ones.partition.bytes, 0, sizeof ones.partition.bytes);
    ones.disk.bytes[15] = 1;  /* its last byte, at 47h: eight behind where the entry's number begins anew */
    id = entry_of(built(ones, "V")).id;
    assert_int_equal(id.bytes[7], own[7] ^ 1);
    id.bytes[7] ^= 1;
    assert_memory_equal(id.bytes, own, sizeof own);
    zero.kind = BCD_DEVICE_MBR;
    id = entry_of(built(zero, "V")).id;
    assert_int_equal(id.bytes[4], own[4] ^ 1);  /* the style, at 34h */
}

/* What a person asked for is in the entry, as bcdedit writes it: one byte of a boolean, eight of a number; and nothing else is. */
static void options_of_the_entry(void **state)
{
    static const struct {
        enum store_option_id id;
        const char          *path;
        uint32_t             value;
        size_t               bytes;
    } given[] = { { STORE_SAFEBOOT, "25000080", 1, 8 }, { STORE_DEBUG_BAUD, "15000014", 57600, 8 },  /* the first and the last */
                  { STORE_SOS, "26000091", 1, 1 }, { STORE_BOOTLOG, "26000090", 0, 1 }, { STORE_NX, "25000020", 3, 8 }, { STORE_EMS_BAUD, "15000023", 115200, 8 } };
    struct store_options options = { 0 };
    struct bcd_device    device = gpt_device();
    struct span          store;
    struct hive          h;
    struct hive_value    v;
    hive_key             elements, key;
    char                 path[80], text[GUID_TEXT_SIZE];
    struct guid          id;

    (void)state;
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++)
        store_option_set(&options, given[i].id, given[i].value);
    assert_int_equal(bcd_build(&device, BCD_WINLOAD_EFI, "V", &options, &arena, &store), STATUS_OK);
    assert_int_equal(hive_open(store, &h), STATUS_OK);
    id = entry_of(store).id;
    snprintf(path, sizeof path, "Objects\\{%s}\\Elements", guid_format(&id, text));
    assert_int_equal(hive_find_key(&h, h.root, path, &elements), STATUS_OK);
    assert_int_equal(hive_subkey_count(&h, elements), 6 + sizeof given / sizeof given[0]);
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
        assert_int_equal(hive_find_key(&h, elements, given[i].path, &key), STATUS_OK);
        assert_int_equal(hive_find_value(&h, key, "Element", &v), STATUS_OK);
        assert_int_equal(v.type, HIVE_BINARY);
        assert_int_equal(v.data.len, given[i].bytes);
        assert_int_equal(v.data.len == 1 ? rd_u8(v.data, 0) : rd_le64(v.data, 0), given[i].value);
    }
}

/* A store of a test's own: a boot manager whose default names `target`, and an object `present`. */
static struct span store_with(const char *target, enum hive_type type, const char *present)
{
    struct hive_builder b = hive_begin(&arena, "R");
    struct hive_node   *objects = hive_add_key(&b, b.root, "Objects");
    struct hive_node   *bootmgr = hive_add_key(&b, objects, "{9dea862c-5cdd-4e70-acc1-f32b344d4795}");
    struct hive_node   *element = hive_add_key(&b, hive_add_key(&b, bootmgr, "Elements"), "23000003");
    struct span         out;

    if (target)
        hive_add_text(&b, element, "Element", type, target);
    hive_add_key(&b, objects, present);
    assert_int_equal(hive_write(&b, &out), STATUS_OK);
    return out;
}

static void stores_without_a_default_are_told(void **state)
{
    static const char   id[] = "{11111111-2222-3333-4444-555555555555}";
    struct hive_builder empty = hive_begin(&arena, "R"), bare = hive_begin(&arena, "R");
    struct bcd_entry    e = { .path = "untouched" };
    struct span         out;

    (void)state;
    assert_int_equal(hive_write(&empty, &out), STATUS_OK);
    assert_int_equal(bcd_read_default(out, &e), STATUS_BCD_NO_DEFAULT);
    hive_add_key(&bare, hive_add_key(&bare, bare.root, "Objects"), id);  /* an entry, and no boot manager */
    assert_int_equal(hive_write(&bare, &out), STATUS_OK);
    assert_int_equal(bcd_read_default(out, &e), STATUS_BCD_NO_DEFAULT);
    assert_int_equal(bcd_read_default(store_with(NULL, HIVE_SZ, id), &e), STATUS_BCD_NO_DEFAULT);
    assert_int_equal(bcd_read_default(store_with("no GUID", HIVE_SZ, id), &e), STATUS_BCD_NO_DEFAULT);
    assert_int_equal(bcd_read_default(store_with(id, HIVE_BINARY, id), &e), STATUS_BCD_NO_DEFAULT);
    assert_int_equal(bcd_read_default(store_with(id, HIVE_SZ, "{other}"), &e), STATUS_BCD_NO_DEFAULT);
    assert_int_equal(bcd_read_default(span_of("regf", 4), &e), STATUS_HIVE_NOT_ONE);
    assert_string_equal(e.path, "untouched");
}

static void an_entry_without_elements_is_empty(void **state)
{
    static const char id[] = "{AAAAAAAA-2222-3333-4444-555555555555}";  /* upper case in both places */
    struct bcd_entry  e = entry_of(store_with(id, HIVE_SZ, id));

    (void)state;
    assert_int_equal(e.device.kind, BCD_DEVICE_NONE);
    assert_int_equal(e.device_offset, 0);
    assert_string_equal(e.path, "");
    assert_string_equal(e.title, "");
}

/* A store whose default is an object of a test's own making; returns its Elements key. */
static struct hive_node *begin_with_default(struct hive_builder *b, struct hive_node **objects)
{
    static const char id[] = "{cccccccc-0000-0000-0000-000000000000}";
    struct hive_node *bootmgr;

    *b = hive_begin(&arena, "NewStoreRoot");
    *objects = hive_add_key(b, b->root, "Objects");
    bootmgr = hive_add_key(b, *objects, "{9dea862c-5cdd-4e70-acc1-f32b344d4795}");
    hive_add_text(b, hive_add_key(b, hive_add_key(b, bootmgr, "Elements"), "23000003"), "Element", HIVE_SZ, id);
    return hive_add_key(b, hive_add_key(b, *objects, id), "Elements");
}

/* There is room for 511 bytes of UTF-8. A title that is longer is cut; a path that was cut would be that of another file. */
static void long_texts(void **state)
{
    for (size_t len = 510; len < 514; len++) {
        struct hive_builder b;
        struct hive_node   *objects, *elements = begin_with_default(&b, &objects);
        char               *text = arena_alloc(&arena, len + 1);
        struct bcd_entry    e;
        struct span         store;

        memset(text, 'p', len);
        text[len] = 0;
        hive_add_text(&b, hive_add_key(&b, elements, "12000002"), "Element", HIVE_SZ, text);
        hive_add_text(&b, hive_add_key(&b, elements, "12000004"), "Element", HIVE_SZ, text);
        assert_int_equal(hive_write(&b, &store), STATUS_OK);
        e = entry_of(store);
        assert_int_equal(strlen(e.path), len <= 511 ? len : 0);
        assert_int_equal(strlen(e.title), len <= 511 ? len : 511);
    }
    (void)state;
}

/* Text without a NUL ends with its data; behind a NUL there is none. */
static void texts_end(void **state)
{
    struct hive_builder b;
    struct hive_node   *objects, *elements = begin_with_default(&b, &objects);
    struct bcd_entry    e;
    struct span         store;

    (void)state;
    hive_add_value(&b, hive_add_key(&b, elements, "12000002"), "Element", HIVE_SZ, span_of("\\\0p\0a\0t", 7));
    hive_add_value(&b, hive_add_key(&b, elements, "12000004"), "Element", HIVE_SZ, span_of("T\0\0\0x\0", 6));
    assert_int_equal(hive_write(&b, &store), STATUS_OK);
    e = entry_of(store);
    assert_string_equal(e.path, "\\pa");
    assert_string_equal(e.title, "T");
}

/* What the boot manager object holds, and that nothing else slipped in. */
static void the_boot_manager_object(void **state)
{
    static const char *const elements[] = { "12000004", "12000005", "23000003", "24000001", "25000004" };
    struct span              store = built(gpt_device(), "V");
    struct hive              h;
    struct hive_value        v;
    hive_key                 key, child;
    char                     name[40];

    (void)state;
    assert_int_equal(hive_open(store, &h), STATUS_OK);
    assert_int_equal(hive_find_key(&h, h.root, BOOTMGR "\\Elements", &key), STATUS_OK);
    assert_int_equal(hive_subkey_count(&h, key), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(hive_subkey(&h, key, i, &child), STATUS_OK);
        assert_string_equal(hive_key_name(&h, child, name, sizeof name), elements[i]);
    }
    assert_int_equal(hive_find_value(&h, child, "Element", &v), STATUS_OK);  /* timeout */
    assert_int_equal(v.data.len, 8);
    assert_true(rd_le64(v.data, 0) == 0);
}

/* ---- all names of disks */

#define MANY 8

static void add_device(struct hive_builder *b, struct hive_node *objects, const char *id, const char *element,
                       enum hive_type type, struct bcd_device device)
{
    struct hive_node *elements = hive_add_key(b, hive_add_key(b, objects, id), "Elements");
    uint8_t           bytes[BCD_DEVICE_BYTES];

    bcd_device_encode(&device, bytes);
    hive_add_value(b, hive_add_key(b, elements, element), "Element", type, span_of(bytes, sizeof bytes));
}

static struct bcd_device mbr_on(uint32_t signature)
{
    return (struct bcd_device){ .kind = BCD_DEVICE_MBR, .signature = signature, .offset = signature * 512u };
}

/* Every device element of every object, the default entry's first, wherever it stands; MBR disks only. */
static void all_names_are_listed(void **state)
{
    static const uint32_t expected[] = { 30, 31, 10, 40 };
    struct hive_builder   b = hive_begin(&arena, "NewStoreRoot");
    struct hive_node     *objects = hive_add_key(&b, b.root, "Objects"), *bootmgr;
    struct bcd_name       names[MANY];
    struct span           store;
    size_t                count;
    bool                  dirty;

    (void)state;
    bootmgr = hive_add_key(&b, objects, "{9dea862c-5cdd-4e70-acc1-f32b344d4795}");
    hive_add_text(&b, hive_add_key(&b, hive_add_key(&b, bootmgr, "Elements"), "23000003"), "Element", HIVE_SZ,
                  "{cccccccc-0000-0000-0000-000000000000}");
    add_device(&b, objects, "{9dea862c-5cdd-4e70-acc1-f32b344d4795}", "11000001", HIVE_BINARY, mbr_on(10));
    add_device(&b, objects, "{bbbbbbbb-0000-0000-0000-000000000000}", "11000001", HIVE_BINARY, gpt_device());
    add_device(&b, objects, "{bbbbbbbb-0000-0000-0000-000000000000}", "12000002", HIVE_BINARY, mbr_on(20));
    add_device(&b, objects, "{bbbbbbbb-0000-0000-0000-000000000000}", "21000001", HIVE_SZ, mbr_on(21));
    add_device(&b, objects, "{cccccccc-0000-0000-0000-000000000000}", "11000001", HIVE_BINARY, mbr_on(30));
    add_device(&b, objects, "{cccccccc-0000-0000-0000-000000000000}", "21000001", HIVE_BINARY, mbr_on(31));
    add_device(&b, objects, "{dddddddd-0000-0000-0000-000000000000}", "31000003", HIVE_BINARY, mbr_on(40));
    assert_int_equal(hive_write(&b, &store), STATUS_OK);

    assert_int_equal(bcd_list_names(store, names, MANY, &count, &dirty), STATUS_OK);
    assert_int_equal(count, sizeof expected / sizeof expected[0]);
    assert_false(dirty);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(names[i].signature, expected[i]);
        assert_int_equal(names[i].offset, expected[i] * 512u);
        assert_int_equal(rd_le32(store, names[i].signature_offset), expected[i]);
        assert_int_equal(rd_le64(store, names[i].offset_offset), expected[i] * 512u);
    }
    names[1].signature = 99;
    assert_int_equal(bcd_list_names(store, names, 1, &count, &dirty), STATUS_OK);
    assert_int_equal(count, sizeof expected / sizeof expected[0]);  /* how many there are, one of them kept */
    assert_int_equal(names[0].signature, 30);
    assert_int_equal(names[1].signature, 99);
}

/*
 * The recovery environment's entry as bcdedit shows it: ramdisk=[C:]\Recovery\...\Winre.wim,{options}. A RAM disk
 * (type 0, kind 3) whose data is a file (kind 5) that begins with the partition's own device.
 */
static size_t ramdisk_element(uint8_t *out, const struct bcd_device *inner, size_t inner_at)
{
    uint8_t element[BCD_DEVICE_BYTES];

    memset(out, 0x11, 0x10);  /* the options' GUID */
    memset(out + 0x10, 0, 0x100);
    wr_le32(out + 0x18, 0xf0);
    wr_le32(out + 0x20, 3);
    bcd_device_encode(inner, element);
    memcpy(out + inner_at, element + 0x10, sizeof element - 0x10);
    memcpy(out + inner_at + 0x48, "\\\0R\0", 4);
    return inner_at + 0x48 + 4;
}

static void names_inside_of_other_devices(void **state)
{
    static const size_t places[] = { 0x3c, 0x44, 0x51 };
    struct bcd_device   inner = mbr_on(70), gpt = gpt_device();
    struct bcd_name     names[MANY];
    uint8_t             element[0x140];
    bool                dirty;
    size_t              count;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        size_t              mark = arena_mark(&arena);
        struct hive_builder b = hive_begin(&arena, "NewStoreRoot");
        struct hive_node   *objects = hive_add_key(&b, b.root, "Objects");
        struct hive_node   *key = hive_add_key(&b, objects, "{cccccccc-0000-0000-0000-000000000000}");
        size_t              len = ramdisk_element(element, i == 3 ? &gpt : &inner, places[i % 3]);
        struct span         store;

        hive_add_value(&b, hive_add_key(&b, hive_add_key(&b, key, "Elements"), "21000001"), "Element", HIVE_BINARY,
                       span_of(element, len));
        assert_int_equal(hive_write(&b, &store), STATUS_OK);
        assert_int_equal(bcd_list_names(store, names, MANY, &count, &dirty), STATUS_OK);
        assert_int_equal(count, i == 3 ? 0 : 1);
        if (i < 3) {
            assert_int_equal(names[0].signature, 70);
            assert_int_equal(rd_le32(store, names[0].signature_offset), 70);
            assert_int_equal(rd_le64(store, names[0].offset_offset), 70 * 512);
        }
        arena_release(&arena, mark);
    }
}

/* As many objects, and as many elements of each, as any store has; the others are not looked at. */
static void more_than_any_store_has(void **state)
{
    (void)state;
    for (unsigned k = 0; k < 4; k++) {
        size_t              mark = arena_mark(&arena), count;
        struct hive_builder b = hive_begin(&arena, "NewStoreRoot");
        struct hive_node   *objects = hive_add_key(&b, b.root, "Objects");
        struct bcd_name     names[MANY];
        struct span         store;
        bool                dirty;

        for (unsigned i = 0; i < 256 + k % 2; i++)
            add_device(&b, objects, k < 2 ? text_in_arena(&arena, "{%03u}", i) : "{0}", k < 2 ? "11000001" : text_in_arena(&arena, "11000%03u", i),
                       HIVE_BINARY, mbr_on(i + 1));
        assert_int_equal(hive_write(&b, &store), STATUS_OK);
        assert_int_equal(bcd_list_names(store, names, MANY, &count, &dirty), STATUS_OK);
        assert_int_equal(count, 256);
        arena_release(&arena, mark);
    }
}

/* How far a device is searched for others inside of it: to 4 KiB, and to its last byte. */
static void where_a_device_inside_may_be(void **state)
{
    static const struct {
        size_t   header, len;
        bool     is_found;
        uint32_t more_type, more_size;  /* its header is not that of a partition then */
    } cases[] = { { 0x20, 0x20 + 0x48, true, 0, 0 }, { 0x20, 0x20 + 0x47, false, 0, 0 }, { 4095, 4095 + 0x48, true, 0, 0 },
                  { 4096, 4096 + 0x48, false, 0, 0 }, { 0x1f, 0x1f + 0x48, false, 0, 0 }, { 0x20, 0x20 + 0x48, false, 1, 0 },
                  { 0x20, 0x20 + 0x48, false, 0, 1 } };
    struct bcd_device inner = mbr_on(70);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        static uint8_t      bytes[4200];
        uint8_t             element[BCD_DEVICE_BYTES];
        struct hive_builder b;
        struct hive_node   *objects, *elements = begin_with_default(&b, &objects);
        struct bcd_name     names[MANY];
        struct span         store;
        size_t              count;
        bool                dirty;

        memset(bytes, 0, sizeof bytes);
        bcd_device_encode(&inner, element);
        wr_le32(element + 0x14, cases[i].more_type);
        wr_le32(element + 0x1c, cases[i].more_size);
        memcpy(bytes + cases[i].header, element + 0x10, 0x48);
        hive_add_value(&b, hive_add_key(&b, elements, "21000001"), "Element", HIVE_BINARY, span_of(bytes, cases[i].len));
        assert_int_equal(hive_write(&b, &store), STATUS_OK);
        assert_int_equal(bcd_list_names(store, names, MANY, &count, &dirty), STATUS_OK);
        assert_int_equal(count, cases[i].is_found ? 1 : 0);
        if (count > 0)
            assert_int_equal(rd_le32(store, names[0].signature_offset), 70);
    }
}

/* An object without elements, or an element without a value, does not hide the others. */
static void names_beside_what_cannot_be_read(void **state)
{
    struct hive_builder b = hive_begin(&arena, "NewStoreRoot");
    struct hive_node   *objects = hive_add_key(&b, b.root, "Objects");
    struct bcd_name     names[MANY];
    struct span         store;
    size_t              count;
    bool                dirty;

    (void)state;
    hive_add_key(&b, objects, "{00}");
    hive_add_key(&b, hive_add_key(&b, hive_add_key(&b, objects, "{11}"), "Elements"), "11000001");
    add_device(&b, objects, "{11}", "11000002", HIVE_BINARY, mbr_on(11));
    add_device(&b, objects, "{22}", "11000001", HIVE_BINARY, mbr_on(22));
    assert_int_equal(hive_write(&b, &store), STATUS_OK);
    assert_int_equal(bcd_list_names(store, names, MANY, &count, &dirty), STATUS_OK);
    assert_int_equal(count, 2);
    assert_int_equal(names[0].signature, 11);
    assert_int_equal(names[1].signature, 22);
}

/* Without a default entry the names are worth having all the same; without objects it is no store. */
static void names_without_a_default(void **state)
{
    struct hive_builder b = hive_begin(&arena, "NewStoreRoot"), empty = hive_begin(&arena, "NewStoreRoot");
    struct bcd_name     names[MANY];
    struct span         store;
    size_t              count;
    bool                dirty;

    (void)state;
    add_device(&b, hive_add_key(&b, b.root, "Objects"), "{bbbbbbbb-0000-0000-0000-000000000000}", "11000001",
               HIVE_BINARY, mbr_on(1));
    assert_int_equal(hive_write(&b, &store), STATUS_OK);
    assert_int_equal(bcd_list_names(store, names, MANY, &count, &dirty), STATUS_OK);
    assert_int_equal(count, 1);
    assert_int_equal(hive_write(&empty, &store), STATUS_OK);
    assert_int_equal(bcd_list_names(store, names, MANY, &count, &dirty), STATUS_HIVE_DAMAGED);
    assert_int_equal(bcd_list_names(span_of("regf", 4), names, MANY, &count, &dirty), STATUS_HIVE_NOT_ONE);
}

/* ---- a hive that is made to cost */

static hive_key must_find(struct hive *h, const char *path)
{
    hive_key key;

    assert_int_equal(hive_find_key(h, h->root, path, &key), STATUS_OK);
    return key;
}

static void a_hive_that_is_made_to_cost(void **state)
{
    struct span     store = costly_store(&arena);
    struct bcd_name names[MANY];
    struct hive     h;
    hive_key        elements, child;
    size_t          count, looks = 0;
    bool            dirty;

    (void)state;
    assert_in_range(store.len, 64 << 10, 160 << 10);
    assert_int_equal(bcd_list_names(store, names, MANY, &count, &dirty), STATUS_HIVE_DAMAGED);
    assert_int_equal(hive_open(store, &h), STATUS_OK);
    elements = must_find(&h, "Objects\\{zz}\\Elements");
    while (hive_subkey(&h, elements, looks % COSTLY_KEYS, &child) == STATUS_OK)
        looks++;
    assert_in_range(looks, 1, store.len);  /* linear in the file's size */
    assert_true(hive_is_exhausted(&h));
    assert_int_equal(hive_find_key(&h, h.root, "Objects", &child), STATUS_HIVE_DAMAGED);
}

/* A store like a server's takes a small part of what is allowed. */
static void a_large_store_is_read_whole(void **state)
{
    struct hive_builder b = hive_begin(&arena, "NewStoreRoot");
    struct hive_node   *objects = hive_add_key(&b, b.root, "Objects");
    struct span         store;
    struct hive         h;
    struct bcd_name     names[MANY];
    hive_key            key, object, elements, element;
    size_t              count;
    bool                dirty;

    (void)state;
    for (unsigned i = 0; i < 60; i++)
        for (unsigned k = 0; k < 20; k++)
            add_device(&b, objects, text_in_arena(&arena, "{%02u}", i), text_in_arena(&arena, "110000%02u", k), HIVE_BINARY,
                       mbr_on(i + 1));
    assert_int_equal(hive_write(&b, &store), STATUS_OK);
    assert_int_equal(bcd_list_names(store, names, MANY, &count, &dirty), STATUS_OK);
    assert_int_equal(count, 60 * 20);
    assert_int_equal(hive_open(store, &h), STATUS_OK);
    key = must_find(&h, "Objects");
    for (size_t i = 0; i < 60; i++) {
        struct hive_value value;

        assert_int_equal(hive_subkey(&h, key, i, &object), STATUS_OK);
        assert_int_equal(hive_find_key(&h, object, "Elements", &elements), STATUS_OK);
        for (size_t k = 0; k < 20; k++) {
            assert_int_equal(hive_subkey(&h, elements, k, &element), STATUS_OK);
            assert_int_equal(hive_find_value(&h, element, "Element", &value), STATUS_OK);
        }
    }
    assert_in_range(store.len - h.steps, 1, store.len / 20);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, bigarena_setup, bigarena_teardown)
    const struct CMUnitTest tests[] = {
        T(gpt_element_bytes), T(mbr_element_bytes), T(boot_element_bytes), T(odd_elements_are_told_apart),
        T(a_gpt_store_reads_back), T(an_mbr_store_for_bios_reads_back), T(an_element_can_be_retargeted_in_place),
        T(a_found_store_is_retargeted),
        T(any_name_gives_a_title), T(a_long_name_is_kept_up_to_255_bytes), T(the_same_volume_gives_the_same_store),
        T(every_arena_that_is_too_small_is_told), T(stores_without_a_default_are_told),
        T(an_entry_without_elements_is_empty), T(the_boot_manager_object), T(all_names_are_listed),
        T(names_without_a_default), T(a_hive_that_is_made_to_cost), T(a_large_store_is_read_whole),
        T(names_inside_of_other_devices), T(what_the_entry_is_called), T(options_of_the_entry), T(long_texts), T(texts_end),
        T(more_than_any_store_has), T(where_a_device_inside_may_be), T(names_beside_what_cannot_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
