/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_hive.c - registry hives: what is written, what is read back, what damage does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/windows/hive.h"
#include "tests/support/bigarena.h"
#include "tests/support/hivefile.h"

static struct span text_span(const char *s)
{
    return span_of(s, strlen(s));
}

/* root: "Zebra", "alpha" (with subkey "Deep"), "Mike"; values of several sizes in Mike. */
static struct hive_builder sample(void)
{
    struct hive_builder b = hive_begin(&arena, "Root");
    struct hive_node   *mike;

    hive_add_key(&b, b.root, "Zebra");
    hive_add_key(&b, hive_add_key(&b, b.root, "alpha"), "Deep");
    mike = hive_add_key(&b, b.root, "Mike");
    hive_add_value(&b, mike, "none", HIVE_BINARY, span_of(NULL, 0));
    hive_add_value(&b, mike, "one", HIVE_BINARY, text_span("1"));
    hive_add_value(&b, mike, "four", HIVE_BINARY, text_span("1234"));
    hive_add_value(&b, mike, "five", HIVE_BINARY, text_span("12345"));
    hive_add_text(&b, mike, "text", HIVE_SZ, "Hi");
    hive_add_text(&b, mike, "list", HIVE_MULTI_SZ, "Hi");
    hive_add_dword(&b, mike, "number", 0x12345678);
    hive_add_value(&b, mike, "", HIVE_SZ, text_span("default"));
    return b;
}

static struct span written(struct hive_builder *b)
{
    struct span out;

    assert_int_equal(hive_write(b, &out), STATUS_OK);
    return out;
}

static struct hive opened(struct span file)
{
    struct hive h;

    assert_int_equal(hive_open(file, &h), STATUS_OK);
    return h;
}

static void assert_value(struct hive *h, const char *path, const char *name, uint32_t type, const void *bytes,
                         size_t len)
{
    hive_key          key;
    struct hive_value v;

    assert_int_equal(hive_find_key(h, h->root, path, &key), STATUS_OK);
    assert_int_equal(hive_find_value(h, key, name, &v), STATUS_OK);
    assert_int_equal(v.type, type);
    assert_int_equal(v.data.len, len);
    if (len) {
        assert_memory_equal(v.data.data, bytes, len);
        assert_memory_equal(h->file.data + v.offset, bytes, len);
    }
}

static void values_come_back(void **state)
{
    struct hive_builder b = sample();
    struct hive         h = opened(written(&b));

    (void)state;
    assert_value(&h, "Mike", "none", HIVE_BINARY, "", 0);
    assert_value(&h, "Mike", "one", HIVE_BINARY, "1", 1);
    assert_value(&h, "mike", "FOUR", HIVE_BINARY, "1234", 4);
    assert_value(&h, "MIKE", "five", HIVE_BINARY, "12345", 5);
    assert_value(&h, "Mike", "text", HIVE_SZ, "H\0i\0\0\0", 6);
    assert_value(&h, "Mike", "list", HIVE_MULTI_SZ, "H\0i\0\0\0\0\0", 8);
    assert_value(&h, "Mike", "number", HIVE_DWORD, "\x78\x56\x34\x12", 4);
    assert_value(&h, "Mike", "", HIVE_SZ, "default", 7);
    assert_false(h.dirty);
}

static void subkeys_are_sorted_whatever_their_case(void **state)
{
    static const char *const expected[] = { "alpha", "Mike", "Zebra" };
    struct hive_builder      b = sample();
    struct hive              h = opened(written(&b));
    hive_key                 key;
    char                     name[16];

    (void)state;
    assert_int_equal(hive_subkey_count(&h, h.root), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(hive_subkey(&h, h.root, i, &key), STATUS_OK);
        assert_string_equal(hive_key_name(&h, key, name, sizeof name), expected[i]);
    }
    assert_int_equal(hive_subkey(&h, h.root, 3, &key), STATUS_HIVE_NO_KEY);
    assert_string_equal(hive_key_name(&h, h.root, name, 3), "Ro");
    assert_string_equal(hive_key_name(&h, h.root, NULL, 0), "");
}

/* Names that differ by one letter, and one that begins as the other, in every order of making. */
static void subkeys_that_are_nearly_the_same(void **state)
{
    static const char *const names[] = { "a", "AA", "b", "C" };

    (void)state;
    for (size_t first = 0; first < 4; first++)
        for (size_t step = 1; step < 4; step += 2) {
            struct hive_builder b = hive_begin(&arena, "Root");
            struct hive         h;
            hive_key            key;
            char                name[16];

            for (size_t i = 0; i < 4; i++)
                hive_add_key(&b, b.root, names[(first + i * step) % 4]);
            h = opened(written(&b));
            assert_int_equal(hive_subkey_count(&h, h.root), 4);
            for (size_t i = 0; i < 4; i++) {
                assert_int_equal(hive_subkey(&h, h.root, i, &key), STATUS_OK);
                assert_string_equal(hive_key_name(&h, key, name, sizeof name), names[i]);
            }
        }
}

static void missing_keys_and_values_are_told(void **state)
{
    struct hive_builder b = sample();
    struct hive_node   *odd = hive_add_key(&b, b.root, "\\odd");  /* no name that Windows would take */
    struct hive         h = opened(written(&b));
    hive_key            key = 77;
    struct hive_value   v = { .type = 77 };

    (void)state;
    assert_non_null(odd);
    assert_int_equal(hive_find_key(&h, h.root, "alpha\\Deep", &key), STATUS_OK);
    key = 77;
    assert_int_equal(hive_find_key(&h, 0x7ffffff0, "", &key), STATUS_HIVE_DAMAGED);  /* from nowhere */
    assert_int_equal(hive_find_key(&h, h.root + 8, "", &key), STATUS_HIVE_DAMAGED);
    assert_int_equal(hive_find_key(&h, h.root, "alpha\\Dee", &key), STATUS_HIVE_NO_KEY);
    assert_int_equal(hive_find_key(&h, h.root, "alpha\\Deeper", &key), STATUS_HIVE_NO_KEY);
    assert_int_equal(hive_find_key(&h, h.root, "\\odd", &key), STATUS_HIVE_NO_KEY);  /* before the "\" there is no name */
    assert_int_equal(key, 77);
    assert_int_equal(hive_find_key(&h, h.root, "Mike", &key), STATUS_OK);
    assert_int_equal(hive_find_value(&h, key, "fou", &v), STATUS_HIVE_NO_KEY);
    assert_int_equal(v.type, 77);
}

static void a_key_is_added_once(void **state)
{
    struct hive_builder b = hive_begin(&arena, "R");
    struct hive_node   *first = hive_add_key(&b, b.root, "Key");

    (void)state;
    assert_ptr_equal(hive_add_key(&b, b.root, "KEY"), first);
    assert_ptr_not_equal(hive_add_key(&b, b.root, "Ke"), first);
}

static void the_file_is_framed_right(void **state)
{
    struct hive_builder b = sample();
    struct span         f = written(&b);
    size_t              at = 0x1000 + 0x20, end = f.len;
    unsigned            free_cells = 0;

    (void)state;
    assert_int_equal(f.len % 4096, 0);
    assert_memory_equal(f.data, "regf", 4);
    assert_int_equal(rd_le64(f, 0xc), 0);                 /* no time stamp */
    assert_int_equal(rd_le32(f, 0x04), rd_le32(f, 0x08)); /* finished */
    assert_int_equal(rd_le32(f, 0x14), 1);                /* version 1.5 */
    assert_int_equal(rd_le32(f, 0x18), 5);
    assert_int_equal(rd_le32(f, 0x1c), 0);                /* the hive itself, no log */
    assert_int_equal(rd_le32(f, 0x20), 1);                /* "direct memory load", the one format that there is */
    assert_int_equal(rd_le32(f, 0x2c), 1);                /* sectors in a cluster */
    assert_int_equal(rd_le32(f, 0x28), f.len - 4096);
    assert_memory_equal(f.data + 4096, "hbin", 4);
    assert_int_equal(rd_le32(f, 4096 + 8), f.len - 4096);
    while (at < end) {                                     /* cells fill the bin without a gap */
        int32_t size = (int32_t)rd_le32(f, at);

        free_cells += size > 0;
        assert_int_not_equal(size, 0);
        assert_int_equal(size % 8, 0);
        at += (size_t)(size < 0 ? -size : size);
    }
    assert_int_equal(at, end);
    assert_true(free_cells <= 1);
}

/* A value says whether its name has letters of 8 bits: what has no name has none. */
static void values_say_what_their_names_are(void **state)
{
    struct hive_builder b = sample();
    struct hive         h = opened(written(&b));
    struct hive_value   v;
    hive_key            mike;

    (void)state;
    assert_int_equal(hive_find_key(&h, h.root, "Mike", &mike), STATUS_OK);
    assert_int_equal(hive_find_value(&h, mike, "five", &v), STATUS_OK);
    assert_int_equal(rd_le16(h.file, v.length_offset - 4 + 0x10), 1);
    assert_int_equal(hive_find_value(&h, mike, "", &v), STATUS_OK);
    assert_int_equal(rd_le16(h.file, v.length_offset - 4 + 0x10), 0);
}

/* What is no character of ASCII that a screen has is a question mark. */
static void names_as_they_are_shown(void **state)
{
    struct hive_builder b = hive_begin(&arena, "R");
    struct hive         h;
    hive_key            key;
    char                name[16];

    (void)state;
    hive_add_key(&b, b.root, " \x1f~\x7f\x80");
    h = opened(written(&b));
    assert_int_equal(hive_subkey(&h, h.root, 0, &key), STATUS_OK);
    assert_string_equal(hive_key_name(&h, key, name, sizeof name), " ?~??");
}

/* The hash of "lh" lists for "alpha": computed by hand from the published rule. */
static void hashes_are_right(void **state)
{
    struct hive_builder b = hive_begin(&arena, "R");
    struct span         f;
    uint32_t            expected = 0, list;

    (void)state;
    hive_add_key(&b, b.root, "alpha");
    f = written(&b);
    for (const char *p = "ALPHA"; *p; p++)
        expected = expected * 37 + (uint8_t)*p;
    assert_int_equal(expected, 0x077f4946);
    list = rd_le32(f, 4096 + 0x20 + 4 + 0x1c);
    assert_memory_equal(f.data + 4096 + list + 4, "lh", 2);
    assert_int_equal(rd_le32(f, 4096 + list + 4 + 8), expected);
}

static void the_same_input_gives_the_same_bytes(void **state)
{
    struct hive_builder a = sample(), b = sample();
    struct span         one = written(&a), two = written(&b);

    (void)state;
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.data, two.data, one.len);
}

static void data_up_to_the_limit(void **state)
{
    static uint8_t      big[16345];
    struct hive_builder b = hive_begin(&arena, "R"), over = hive_begin(&arena, "R");
    struct hive         h;
    struct span         out = span_of(NULL, 0);

    (void)state;
    memset(big, 0x5a, sizeof big);
    hive_add_value(&b, b.root, "v", HIVE_BINARY, span_of(big, 16344));
    h = opened(written(&b));
    assert_value(&h, "", "v", HIVE_BINARY, big, 16344);
    hive_add_value(&over, over.root, "v", HIVE_BINARY, span_of(big, 16345));
    assert_int_equal(hive_write(&over, &out), STATUS_INTERNAL);
    assert_null(out.data);
}

static void every_arena_that_is_too_small_is_told(void **state)
{
    size_t      needed;
    struct span out;

    (void)state;
    written(&(struct hive_builder[]){ sample() }[0]);
    needed = arena.used;
    for (size_t size = 0; size < needed; size++) {
        struct hive_builder b;

        arena.used = 0;
        arena.size = size;
        b = sample();
        assert_int_equal(hive_write(&b, &out), STATUS_NO_MEMORY);
    }
}

static void what_is_not_a_hive_is_refused(void **state)
{
    static const size_t places[] = { 0, 0x14, 0x30, 0x1fc };  /* magic, version, name, checksum */
    struct hive_builder b = sample();
    struct span         f = written(&b);
    struct hive         h;

    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        uint8_t *bad = hivefile_copy(f);

        bad[places[i]] ^= 1;
        assert_int_equal(hive_open(span_of(bad, f.len), &h), STATUS_HIVE_NOT_ONE);
        hivefile_fix_checksum(bad);
        assert_int_equal(hive_open(span_of(bad, f.len), &h), i < 2 ? STATUS_HIVE_NOT_ONE : STATUS_OK);
        free(bad);
    }
    assert_int_equal(hive_open(span_of(f.data, 4095), &h), STATUS_HIVE_NOT_ONE);
    assert_int_equal(hive_open(span_of(NULL, 0), &h), STATUS_HIVE_NOT_ONE);
    assert_int_equal(hive_open(span_of(f.data, 4096), &h), STATUS_HIVE_DAMAGED);
}

static void an_unfinished_write_is_seen(void **state)
{
    struct hive_builder b = sample();
    struct span         f = written(&b);
    uint8_t            *p = hivefile_copy(f);

    (void)state;
    p[4] = 9;
    hivefile_fix_checksum(p);
    assert_true(opened(span_of(p, f.len)).dirty);
    free(p);
}

/* Lists of other hives than ours: "li", "lf" and "ri", planted in a value's data cell. */
static void check_planted_list(struct span f, uint32_t plant_cell, const uint8_t *list, size_t len, const hive_key keys[3])
{
    uint8_t    *p = hivefile_copy(f);
    struct hive h;
    hive_key    key;

    memcpy(p + 4096 + plant_cell + 4, list, len);
    wr_le32(p + 4096 + 0x20 + 4 + 0x1c, plant_cell);
    h = opened(span_of(p, f.len));
    assert_int_equal(hive_find_key(&h, h.root, "alpha", &key), STATUS_OK);
    assert_int_equal(hive_find_key(&h, h.root, "Zebra", &key), STATUS_OK);
    assert_int_equal(hive_find_key(&h, h.root, "Omega", &key), STATUS_HIVE_NO_KEY);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(hive_subkey(&h, h.root, i, &key), STATUS_OK);
        assert_int_equal(key, keys[i]);
    }
    free(p);
}

static void all_kinds_of_subkey_lists(void **state)
{
    static const uint8_t filler[64];
    struct hive_builder  b = sample();
    struct span          f;
    struct hive          h;
    struct hive_value    plant, plant2;
    uint8_t              list[28];
    hive_key             key[3];
    uint32_t             cell, cell2;
    uint8_t             *p;

    (void)state;
    hive_add_value(&b, b.root, "plant", HIVE_BINARY, span_of(filler, sizeof filler));
    hive_add_value(&b, b.root, "plant2", HIVE_BINARY, span_of(filler, sizeof filler));
    f = written(&b);
    h = opened(f);
    assert_int_equal(hive_find_value(&h, h.root, "plant", &plant), STATUS_OK);
    assert_int_equal(hive_find_value(&h, h.root, "plant2", &plant2), STATUS_OK);
    cell = (uint32_t)plant.offset - 4100;
    cell2 = (uint32_t)plant2.offset - 4100;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(hive_subkey(&h, h.root, i, &key[i]), STATUS_OK);

    memcpy(list, "lf\3", 4);
    for (size_t i = 0; i < 3; i++)
        wr_le64(list + 4 + 8 * i, key[i]);
    check_planted_list(f, cell, list, 28, key);

    memcpy(list, "li\3", 4);
    for (size_t i = 0; i < 3; i++)
        wr_le32(list + 4 + 4 * i, key[i]);
    check_planted_list(f, cell, list, 16, key);

    /* "ri": the "li" of one key in the second cell, then the original "lh" (whose last key is one too many). */
    memcpy((uint8_t *)(uintptr_t)f.data + plant2.offset, "li\1", 4);
    wr_le32((uint8_t *)(uintptr_t)f.data + plant2.offset + 4, key[2]);
    memcpy(list, "ri\2", 4);
    wr_le32(list + 4, cell2);
    wr_le32(list + 8, rd_le32(f, 4096 + 0x20 + 4 + 0x1c));
    check_planted_list(f, cell, list, 12, (const hive_key[]){ key[2], key[0], key[1] });

    list[2] = 1;  /* the second one is behind the last */
    p = hivefile_copy(f);
    memcpy(p + 4096 + cell + 4, list, 12);
    wr_le32(p + 4096 + 0x20 + 4 + 0x1c, cell);
    h = opened(span_of(p, f.len));
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(hive_subkey(&h, h.root, i, &key[0]), i ? STATUS_HIVE_DAMAGED : STATUS_OK);
    free(p);
}

/* A list of a kind that nobody knows says nothing: its bytes are no keys, also where they would be in the kind most like it. */
static void a_list_of_an_unknown_kind_has_no_keys(void **state)
{
    static const char *const kinds[] = { "lx", "xi", "l" };
    struct hive_builder      b = sample();
    struct span              f = written(&b);
    uint32_t                 list = rd_le32(f, 4096 + 0x20 + 4 + 0x1c);
    struct hive              h = opened(f);
    hive_key                 key[3];

    (void)state;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(hive_subkey(&h, h.root, i, &key[i]), STATUS_OK);
    for (size_t k = 0; k < 4; k++) {
        uint8_t *p = hivefile_copy(f), *at = p + 4096 + list + 4;
        hive_key found;

        memcpy(at, k ? kinds[k - 1] : "li", 2);
        for (size_t i = 0; i < 3; i++)
            wr_le32(at + 4 + 4 * i, key[i]);
        h = opened(span_of(p, f.len));
        assert_int_equal(hive_find_key(&h, h.root, "alpha", &found), k ? STATUS_HIVE_DAMAGED : STATUS_OK);
        free(p);
    }
}

static void names_in_utf16_are_read(void **state)
{
    struct hive_builder b = hive_begin(&arena, "R");
    struct span         f;
    struct hive         h;
    uint8_t            *p;
    hive_key            key, found;
    char                name[8];

    (void)state;
    hive_add_key(&b, b.root, "a?b?");
    f = written(&b);
    h = opened(f);
    assert_int_equal(hive_subkey(&h, h.root, 0, &key), STATUS_OK);
    p = hivefile_copy(f);
    p[4096 + key + 4 + 2] = 0;                             /* not an 8-bit name */
    memcpy(p + 4096 + key + 4 + 0x4c, "a\0\x42\x04", 4);   /* "a", U+0442 */
    h = opened(span_of(p, f.len));
    assert_string_equal(hive_key_name(&h, key, name, sizeof name), "a?");
    p[4096 + key + 4 + 0x4e] = 'B';
    p[4096 + key + 4 + 0x4f] = 0;
    assert_int_equal(hive_find_key(&h, h.root, "ab", &found), STATUS_OK);
    assert_int_equal(found, key);
    free(p);
}

/* Walk everything that can be reached, as bcd.c does and more; nothing may read outside (ASan) or never end. */
static void walk(struct span file)
{
    struct hive       h;
    hive_key          key, child;
    struct hive_value v;
    char              name[20];

    if (hive_open(file, &h) != STATUS_OK)
        return;
    key = h.root;
    for (size_t i = 0; i < hive_subkey_count(&h, key) && i < 100; i++)
        if (hive_subkey(&h, key, i, &child) == STATUS_OK) {
            assert_true(strlen(hive_key_name(&h, child, name, sizeof name)) < sizeof name);
            if (hive_find_value(&h, child, "five", &v) == STATUS_OK)
                assert_true(span_holds(file, v.offset, v.data.len));
        }
    if (hive_find_key(&h, h.root, "alpha\\Deep", &child) == STATUS_OK)
        assert_true(hive_subkey_count(&h, child) <= 4096);
}

static void no_damaged_byte_does_harm(void **state)
{
    static const uint8_t values[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
    struct hive_builder  b = sample();
    struct span          f = written(&b);
    uint8_t             *p = hivefile_copy(f);

    (void)state;
    for (size_t at = 0; at < f.len; at++) {
        uint8_t was = p[at];

        for (size_t i = 0; i < sizeof values; i++) {
            p[at] = values[i];
            hivefile_fix_checksum(p);
            walk(span_of(p, f.len));
        }
        p[at] = was;
    }
    for (size_t len = 0; len < f.len; len += 7) {
        uint8_t *cut = hivefile_copy(span_of(f.data, len ? len : 1));

        walk(span_of(cut, len));
        free(cut);
    }
    free(p);
}

/* A list that names itself, and counts as large as they come: an answer, soon. */
static void loops_and_huge_counts_end(void **state)
{
    struct hive_builder b = sample();
    struct span         f = written(&b);
    uint8_t            *p = hivefile_copy(f);
    struct hive         h;
    uint32_t            list = rd_le32(f, 4096 + 0x20 + 4 + 0x1c);
    hive_key            key;

    (void)state;
    memcpy(p + 4096 + list + 4, "ri\xff\xff", 4);
    wr_le32(p + 4096 + list + 8, list);
    wr_le32(p + 4096 + 0x20 + 4 + 0x14, 0xffffffffu);  /* subkeys */
    wr_le32(p + 4096 + 0x20 + 4 + 0x24, 0xffffffffu);  /* values */
    h = opened(span_of(p, f.len));
    assert_int_equal(hive_subkey_count(&h, h.root), 4096);
    assert_int_equal(hive_find_key(&h, h.root, "alpha", &key), STATUS_HIVE_DAMAGED);
    assert_int_equal(hive_find_value(&h, h.root, "five", &(struct hive_value){ 0 }), STATUS_HIVE_DAMAGED);
    free(p);
}

/* The sample with room for a test's own cell: the data of a value of its root, PLANT_BYTES of zeros. */
#define PLANT_BYTES (4 + 4 * 65)

static struct span with_room(struct hive_value *room)
{
    static const uint8_t filler[PLANT_BYTES];
    struct hive_builder  b = sample();
    struct hive          h;

    hive_add_value(&b, b.root, "plant", HIVE_BINARY, span_of(filler, sizeof filler));
    h = opened(written(&b));
    assert_int_equal(hive_find_value(&h, h.root, "plant", room), STATUS_OK);
    return h.file;
}

/* Cells begin at multiples of eight: a place between two is none, whatever the bytes there look like. */
static void a_key_between_two_places(void **state)
{
    struct hive_value plant;
    struct span       f = with_room(&plant);
    struct hive       h;
    uint8_t          *p;
    uint32_t          cell;
    hive_key          key;

    (void)state;
    for (uint32_t shift = 0; shift < 8; shift++) {
        p = hivefile_copy(f);
        cell = (uint32_t)((plant.offset - 4096 + 7) & ~(size_t)7) + shift;
        memcpy(p + 4096 + cell, p + 4096 + 0x20, 0x58);  /* the root key's cell, there */
        wr_le32(p + 0x24, cell);
        hivefile_fix_checksum(p);
        assert_int_equal(hive_open(span_of(p, f.len), &h), shift ? STATUS_HIVE_DAMAGED : STATUS_OK);
        if (!shift)
            assert_int_equal(hive_find_key(&h, h.root, "alpha", &key), STATUS_OK);
        free(p);
    }
}

/* The base block says where the hive ends; what a file holds behind that is somebody else's. */
static void cells_behind_the_bins_do_not_count(void **state)
{
    struct hive_builder b = sample();
    struct span         f = written(&b);
    uint8_t            *p = hivefile_copy(f);
    struct hive         h;

    (void)state;
    wr_le32(p + 0x28, 0x20);  /* the root key's cell begins there */
    hivefile_fix_checksum(p);
    assert_int_equal(hive_open(span_of(p, f.len), &h), STATUS_HIVE_DAMAGED);
    free(p);
}

static void a_value_longer_than_its_cell_is_damage(void **state)
{
    struct hive_builder b = hive_begin(&arena, "R");
    struct span         f;
    uint8_t            *p;
    struct hive         h;
    uint32_t            list, vk;

    (void)state;
    hive_add_value(&b, b.root, "v", HIVE_BINARY, text_span("12345"));
    f = written(&b);
    p = hivefile_copy(f);
    list = rd_le32(f, 4096 + 0x20 + 4 + 0x28);
    vk = rd_le32(f, 4096 + list + 4);
    wr_le32(p + 4096 + vk + 4 + 4, 13);  /* the cell has room for 12 */
    h = opened(span_of(p, f.len));
    assert_int_equal(hive_find_value(&h, h.root, "v", &(struct hive_value){ 0 }), STATUS_HIVE_DAMAGED);
    wr_le32(p + 4096 + vk + 4 + 4, 0x80000005u);  /* five bytes in a field of four */
    assert_int_equal(hive_find_value(&h, h.root, "v", &(struct hive_value){ 0 }), STATUS_HIVE_DAMAGED);
    free(p);
}

/* The bound on lists of lists: the 64th is looked into, the 65th is not. */
static void lists_of_lists_are_bounded(void **state)
{
    struct hive_value plant;
    struct span       f = with_room(&plant);
    struct hive       h;
    uint8_t          *p, *list;
    uint32_t          lh;
    hive_key          key;

    (void)state;
    lh = rd_le32(f, 4096 + 0x20 + 4 + 0x1c);
    p = hivefile_copy(f);
    list = p + plant.offset;
    memcpy(list, "ri\x41", 4);  /* 65 lists, all empty but one: they name the sk cell */
    for (size_t i = 0; i < 65; i++)
        wr_le32(list + 4 + 4 * i, rd_le32(f, 4096 + 0x20 + 4 + 0x2c));
    wr_le32(p + 4096 + 0x20 + 4 + 0x1c, (uint32_t)plant.offset - 4100);
    h = opened(span_of(p, f.len));
    wr_le32(list + 4 + 4 * 64, lh);
    assert_int_equal(hive_find_key(&h, h.root, "alpha", &key), STATUS_HIVE_DAMAGED);
    wr_le32(list + 4 + 4 * 63, lh);
    assert_int_equal(hive_find_key(&h, h.root, "alpha", &key), STATUS_OK);
    free(p);
}

/* ---- what Windows reads, and this program does not */

static struct span cell_at(struct span file, uint32_t cell)
{
    return span_sub(file, 4096 + cell + 4, 0u - rd_le32(file, 4096 + cell) - 4);
}

static uint32_t key_cell(struct hive *h, const char *path)
{
    hive_key key;

    assert_int_equal(hive_find_key(h, h->root, path, &key), STATUS_OK);
    return key;
}

/* A SID: S-1-5 with these numbers. */
static size_t put_sid(uint8_t *at, uint32_t first, uint32_t second)
{
    memset(at, 0, second ? 16 : 12);
    at[0] = 1;
    at[1] = second ? 2 : 1;
    at[7] = 5;
    wr_le32(at + 8, first);
    if (second)
        wr_le32(at + 12, second);
    return second ? 16 : 12;
}

static size_t put_ace(uint8_t *at, uint32_t first, uint32_t second)
{
    size_t sid = put_sid(at + 8, first, second);

    wr_le16(at, 0x0200);            /* allowed; keys inherit it */
    wr_le16(at + 2, (uint16_t)(8 + sid));
    wr_le32(at + 4, 0x000f003f);    /* KEY_ALL_ACCESS */
    return 8 + sid;
}

/* Administrators (S-1-5-32-544) and SYSTEM (S-1-5-18) may do everything; all keys share it. */
static void who_may_change_the_keys(void **state)
{
    struct hive_builder b = sample();
    struct hive         h = opened(written(&b));
    struct span         root = cell_at(h.file, rd_le32(h.file, 0x24)), sk;
    uint32_t            cell = rd_le32(root, 0x2c);
    uint8_t             wanted[0x64] = { 1, 0, 0x04, 0x80 };  /* self-relative, with a DACL */
    size_t              at = 0x14;

    (void)state;
    wr_le32(wanted + 4, 0x48);
    wr_le32(wanted + 8, 0x58);
    wr_le32(wanted + 16, 0x14);
    wr_le16(wanted + at, 2);
    wr_le16(wanted + at + 2, 0x34);
    wr_le16(wanted + at + 4, 2);
    at += 8;
    at += put_ace(wanted + at, 32, 544);
    at += put_ace(wanted + at, 18, 0);
    assert_int_equal(at, 0x48);
    at += put_sid(wanted + at, 32, 544);
    (void)put_sid(wanted + at, 18, 0);

    sk = cell_at(h.file, cell);
    assert_true(span_starts_with(sk, "sk", 2));
    assert_int_equal(rd_le32(sk, 4), cell);
    assert_int_equal(rd_le32(sk, 8), cell);
    assert_int_equal(rd_le32(sk, 12), 5);  /* keys */
    assert_int_equal(rd_le32(sk, 16), sizeof wanted);
    assert_memory_equal(sk.data + 0x14, wanted, sizeof wanted);
    for (size_t i = 0; i < 4; i++) {
        static const char *const paths[] = { "alpha", "alpha\\Deep", "Mike", "Zebra" };

        assert_int_equal(rd_le32(cell_at(h.file, key_cell(&h, paths[i])), 0x2c), cell);
    }
}

/* Flags, parents, places and the sizes that a reader may make its buffers by. */
static void keys_say_what_is_in_them(void **state)
{
    static const struct {
        const char *path, *parent;
        uint16_t    flags;
        uint32_t    subkeys, values, max_name, max_value_name, max_data;
    } keys[] = {
        { NULL, NULL, 0x2c, 3, 0, 2 * 5, 0, 0 }, { "alpha", NULL, 0x20, 1, 0, 2 * 4, 0, 0 },
        { "alpha\\Deep", "alpha", 0x20, 0, 0, 0, 0, 0 }, { "Mike", NULL, 0x20, 0, 8, 0, 2 * 6, 8 }, { "Zebra", NULL, 0x20, 0, 0, 0, 0, 0 },
    };
    struct hive_builder b = sample();
    struct hive         h = opened(written(&b));
    uint32_t            root = rd_le32(h.file, 0x24);

    (void)state;
    assert_int_equal(root, 0x20);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        struct span nk = cell_at(h.file, keys[i].path ? key_cell(&h, keys[i].path) : root);

        assert_true(span_starts_with(nk, "nk", 2));
        assert_int_equal(rd_le16(nk, 2), keys[i].flags);
        assert_int_equal(rd_le32(nk, 0x10), !keys[i].path ? 0xffffffff : keys[i].parent ? key_cell(&h, keys[i].parent) : root);
        assert_int_equal(rd_le32(nk, 0x14), keys[i].subkeys);
        assert_int_equal(rd_le32(nk, 0x1c) == 0xffffffff, keys[i].subkeys == 0);
        assert_int_equal(rd_le32(nk, 0x20), 0xffffffff);
        assert_int_equal(rd_le32(nk, 0x24), keys[i].values);
        assert_int_equal(rd_le32(nk, 0x28) == 0xffffffff, keys[i].values == 0);
        assert_int_equal(rd_le32(nk, 0x30), 0xffffffff);
        assert_int_equal(rd_le32(nk, 0x34), keys[i].max_name);
        assert_int_equal(rd_le32(nk, 0x3c), keys[i].max_value_name);
        assert_int_equal(rd_le32(nk, 0x40), keys[i].max_data);
    }
}

/* Cells follow one another, each as long as it says, to the end of the bin; the free one is the last. */
static void cells_fill_the_bin(void **state)
{
    struct hive_builder b = sample();
    struct span         file = written(&b);
    uint32_t            at = 32, size, bin = rd_le32(file, 0x28);

    (void)state;
    assert_int_equal(bin % 4096, 0);
    assert_int_equal(file.len, 4096 + bin);
    assert_int_equal(rd_le32(file, 4096 + 8), bin);
    {
        struct hive h = opened(file);
        uint32_t    list = rd_le32(cell_at(file, key_cell(&h, "alpha")), 0x1c);

        assert_int_equal(0u - rd_le32(file, 4096 + list), 16);  /* one item: no byte more than it takes */
    }
    for (size = 1; at < bin && (int32_t)(size = rd_le32(file, 4096 + at)) < 0; at += 0u - size)
        assert_int_equal((0u - size) % 8, 0);
    assert_true(at < bin);
    assert_int_equal(size, bin - at);
}

/* The frame of a hive of any size: what it holds was counted before it was written. */
static void hives_of_many_sizes_fill_their_bin(void **state)
{
    static char names[1400][16];

    (void)state;
    for (unsigned values = 1; values < 1400; values += 111)
        for (unsigned keys = 0; keys < 1400; keys += 700) {
            size_t              mark = arena_mark(&arena);
            struct hive_builder b = hive_begin(&arena, "Root");
            struct hive         h;
            struct span         file;
            uint32_t            at = 32, size = 1;

            for (unsigned i = 0; i < values || i < keys; i++) {
                snprintf(names[i], sizeof names[i], "n%u", i);
                if (i < values)
                    hive_add_value(&b, b.root, names[i], HIVE_BINARY, text_span(i % 3 ? "12345678901" : "1234"));
                if (i < keys)
                    hive_add_key(&b, b.root, names[i]);
            }
            file = written(&b);
            h = opened(file);
            while (at < file.len - 4096 && (int32_t)(size = rd_le32(file, 4096 + at)) < 0)
                at += 0u - size;
            assert_int_equal(at + (at < file.len - 4096 ? size : 0), file.len - 4096);
            assert_int_equal(hive_subkey_count(&h, h.root), keys);
            assert_true(at + 4096 > file.len - 4096);  /* and no page more than it takes */
            arena_release(&arena, mark);
        }
}

/* One that fills its last page to the last byte takes no page more; the free cell has whatever is left of others. */
static void a_hive_that_fills_its_pages(void **state)
{
    static const uint8_t bytes[8192];
    size_t               full = 0;

    (void)state;
    for (size_t i = 525; i-- > 0;) {  /* from longer ones on: what is behind a shorter one is nobody's */
        size_t              len = 5 + 8 * i;
        size_t              mark = arena_mark(&arena);
        struct hive_builder b = hive_begin(&arena, "Root");
        struct span         file;
        uint32_t            at = 32, size = 1;

        hive_add_value(&b, b.root, "v", HIVE_BINARY, span_of(bytes, len));
        file = written(&b);
        while (at < file.len - 4096 && (int32_t)(size = rd_le32(file, 4096 + at)) < 0)
            at += 0u - size;
        assert_in_range(file.len - 4096 - at, 0, 4095);
        full += at == file.len - 4096;
        arena_release(&arena, mark);
    }
    assert_int_equal(full, 1);
}

/* ---- values by their number, and beside others that cannot be read */

/* The place in the file of a value's own cell (behind its size) in a copy, to damage it. */
static uint8_t *value_cell(uint8_t *copy, struct span f, const char *name)
{
    struct hive       h = opened(f);
    struct hive_value v;

    assert_int_equal(hive_find_value(&h, h.root, name, &v), STATUS_OK);
    return copy + v.length_offset - 4;
}

static struct span three_values(void)
{
    struct hive_builder b = hive_begin(&arena, "Root");

    hive_add_value(&b, b.root, "one", HIVE_BINARY, text_span("1"));
    hive_add_value(&b, b.root, "five", HIVE_BINARY, text_span("12345"));
    hive_add_value(&b, b.root, "nine", HIVE_SZ, text_span("123456789"));
    return written(&b);
}

static void values_by_their_number(void **state)
{
    static const char *const texts[] = { "1", "12345", "123456789" };
    struct span              f = three_values();
    struct hive              h = opened(f);
    struct hive_value        v = { .type = 77 };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(hive_value_at(&h, h.root, i, &v), STATUS_OK);
        assert_int_equal(v.data.len, strlen(texts[i]));
        assert_memory_equal(f.data + v.offset, texts[i], v.data.len);
        assert_int_equal(rd_le32(f, v.length_offset) & 0x7fffffff, v.data.len);
        assert_int_equal(v.type, i == 2 ? HIVE_SZ : HIVE_BINARY);
    }
    v.type = 77;
    assert_int_equal(hive_value_at(&h, h.root, 3, &v), STATUS_HIVE_NO_KEY);
    assert_int_equal(hive_value_at(&h, h.root, 70000, &v), STATUS_HIVE_NO_KEY);
    assert_int_equal(hive_value_at(&h, h.root + 8, 0, &v), STATUS_HIVE_DAMAGED);      /* of what is no key */
    assert_int_equal(hive_value_at(&h, h.root + 8, 3, &v), STATUS_HIVE_DAMAGED);
    assert_int_equal(hive_find_value(&h, h.root + 8, "one", &v), STATUS_HIVE_DAMAGED);
    assert_int_equal(v.type, 77);
}

/* A cell has eight bytes at least, and one that is free holds nothing. */
static void what_is_no_cell_of_data(void **state)
{
    struct span       f = three_values();
    struct hive       h = opened(f);
    struct hive_value v;
    uint8_t          *p = hivefile_copy(f);

    (void)state;
    assert_int_equal(hive_value_at(&h, h.root, 1, &v), STATUS_OK);
    h = opened(span_of(p, f.len));
    for (uint32_t size = 5; size < 10; size++) {
        wr_le32(p + v.offset - 4, 0u - size);
        wr_le32(p + v.length_offset, size - 4);
        assert_int_equal(hive_value_at(&h, h.root, 1, &(struct hive_value){ 0 }), size < 8 ? STATUS_HIVE_DAMAGED : STATUS_OK);
    }
    wr_le32(p + v.offset - 4, 16);
    assert_int_equal(hive_value_at(&h, h.root, 1, &(struct hive_value){ 0 }), STATUS_HIVE_DAMAGED);
    free(p);
}

/* All that a hive may make us look at has an end: there it is no answer that a value is not there, or is. */
static void no_more_values_are_looked_at(void **state)
{
    struct span       f = three_values();
    struct hive_value v;

    (void)state;
    for (size_t steps = 1; steps < 6; steps++) {
        struct hive h = opened(f);

        h.steps = steps;
        assert_int_equal(hive_find_value(&h, h.root, "nine", &v), steps > 3 ? STATUS_OK : STATUS_HIVE_DAMAGED);
    }
}

static void a_damaged_value_does_not_hide_the_others(void **state)
{
    struct span       f = three_values();
    uint8_t          *p = hivefile_copy(f), *vk = value_cell(p, f, "one");
    struct hive       h;
    struct hive_value v;

    (void)state;
    assert_memory_equal(vk, "vk", 2);
    vk[0] = 'x';
    h = opened(span_of(p, f.len));
    assert_int_equal(hive_value_at(&h, h.root, 0, &v), STATUS_HIVE_DAMAGED);
    assert_int_equal(hive_value_at(&h, h.root, 1, &v), STATUS_OK);
    assert_int_equal(hive_find_value(&h, h.root, "nine", &v), STATUS_OK);
    assert_int_equal(hive_find_value(&h, h.root, "one", &v), STATUS_HIVE_DAMAGED);    /* which it may have been */
    free(p);
}

static void a_damaged_key_does_not_hide_the_others(void **state)
{
    struct hive_builder b = sample();
    struct span         f = written(&b);
    struct hive         h = opened(f);
    uint8_t            *p = hivefile_copy(f);
    hive_key            key, found = 77;

    (void)state;
    assert_int_equal(hive_find_key(&h, h.root, "alpha", &key), STATUS_OK);
    p[4096 + key + 4] = 'x';
    h = opened(span_of(p, f.len));
    assert_int_equal(hive_subkey(&h, h.root, 0, &found), STATUS_HIVE_DAMAGED);
    assert_int_equal(found, 77);
    assert_int_equal(hive_subkey(&h, h.root, 1, &found), STATUS_OK);
    assert_int_equal(hive_find_key(&h, h.root, "Zebra", &found), STATUS_OK);
    assert_int_equal(hive_find_key(&h, h.root, "alpha", &found), STATUS_HIVE_DAMAGED);
    assert_int_equal(hive_subkey(&h, key, 0, &found), STATUS_HIVE_DAMAGED);           /* of what is no key any more */
    p[4096 + key + 4] = 'n';
    wr_le32(p + 4096 + 0x20 + 4 + 0x1c, 0xffffffff);                                  /* no list at all */
    h = opened(span_of(p, f.len));
    assert_int_equal(hive_subkey(&h, h.root, 0, &found), STATUS_HIVE_DAMAGED);
    free(p);
}

/* A count that is greater than the list: what is behind that is no value, also where the bins begin with one. */
static void values_behind_their_list(void **state)
{
    static const char *const names[] = { "a", "b", "c", "d", "e" };
    struct hive_builder      b = hive_begin(&arena, "Root");
    struct span              f;
    uint8_t                 *p;
    struct hive              h;
    struct hive_value        v;

    (void)state;
    for (size_t i = 0; i < 5; i++)
        hive_add_value(&b, b.root, names[i], HIVE_BINARY, text_span("1"));
    f = written(&b);
    p = hivefile_copy(f);
    wr_le32(p + 4096, 0u - 32);
    memcpy(p + 4096 + 4, value_cell(p, f, "a"), 21);
    wr_le32(p + 4096 + 0x20 + 4 + 0x24, 10);
    h = opened(span_of(p, f.len));
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(hive_value_at(&h, h.root, i, &v), i < 5 ? STATUS_OK : STATUS_HIVE_DAMAGED);
    free(p);
}

/* A key with so many values is looked through for a name as far as any key has them. */
static void the_1024th_value_is_found(void **state)
{
    static char         names[1025][16];
    struct hive_builder b = hive_begin(&arena, "Root");
    struct hive         h;
    struct hive_value   v;

    (void)state;
    for (unsigned i = 0; i < 1025; i++) {
        snprintf(names[i], sizeof names[i], "v%u", i + 1);
        hive_add_value(&b, b.root, names[i], HIVE_BINARY, text_span("1"));
    }
    h = opened(written(&b));
    assert_int_equal(hive_find_value(&h, h.root, "v1024", &v), STATUS_OK);
    assert_int_equal(hive_find_value(&h, h.root, "v1025", &v), STATUS_HIVE_NO_KEY);
    assert_int_equal(hive_value_at(&h, h.root, 1024, &v), STATUS_OK);
}

/* MountedDevices of a machine that saw 65,536 disks; no machine saw more. */
static void the_65536th_value_by_its_number(void **state)
{
    enum { COUNT = 65537, LIST = 4 * COUNT + 4 + 8 };
    struct span       f = three_values();
    size_t            bins = f.len - 4096;
    uint8_t          *p = calloc(1, f.len + LIST);
    struct hive       h;
    struct hive_value v;
    uint32_t          one;

    (void)state;
    assert_non_null(p);
    memcpy(p, f.data, f.len);
    one = (uint32_t)(value_cell(p, f, "one") - p - 4096 - 4);
    wr_le32(p + f.len, 0u - (uint32_t)(LIST & ~7));
    for (size_t i = 0; i < COUNT; i++)
        wr_le32(p + f.len + 4 + 4 * i, one);
    wr_le32(p + 0x28, (uint32_t)bins + LIST);
    wr_le32(p + 4096 + 0x20 + 4 + 0x24, COUNT);
    wr_le32(p + 4096 + 0x20 + 4 + 0x28, (uint32_t)bins);
    hivefile_fix_checksum(p);
    h = opened(span_of(p, f.len + LIST));
    assert_int_equal(hive_value_at(&h, h.root, 65535, &v), STATUS_OK);
    assert_int_equal(hive_value_at(&h, h.root, 65536, &v), STATUS_HIVE_DAMAGED);
    assert_int_equal(hive_value_at(&h, h.root, 65537, &v), STATUS_HIVE_NO_KEY);
    free(p);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, bigarena_setup, bigarena_teardown)
    const struct CMUnitTest tests[] = {
        T(values_come_back), T(subkeys_are_sorted_whatever_their_case), T(subkeys_that_are_nearly_the_same), T(missing_keys_and_values_are_told),
        T(a_key_is_added_once), T(the_file_is_framed_right), T(values_say_what_their_names_are), T(who_may_change_the_keys), T(keys_say_what_is_in_them), T(cells_fill_the_bin), T(names_as_they_are_shown), T(hashes_are_right),
        T(the_same_input_gives_the_same_bytes), T(data_up_to_the_limit), T(every_arena_that_is_too_small_is_told),
        T(what_is_not_a_hive_is_refused), T(an_unfinished_write_is_seen), T(all_kinds_of_subkey_lists),
        T(a_list_of_an_unknown_kind_has_no_keys),
        T(names_in_utf16_are_read), T(no_damaged_byte_does_harm), T(loops_and_huge_counts_end),
        T(cells_behind_the_bins_do_not_count), T(a_value_longer_than_its_cell_is_damage), T(lists_of_lists_are_bounded),
        T(a_key_between_two_places), T(hives_of_many_sizes_fill_their_bin), T(a_hive_that_fills_its_pages), T(values_by_their_number), T(values_behind_their_list), T(what_is_no_cell_of_data), T(no_more_values_are_looked_at), T(a_damaged_value_does_not_hide_the_others),
        T(a_damaged_key_does_not_hide_the_others), T(the_1024th_value_is_found), T(the_65536th_value_by_its_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
