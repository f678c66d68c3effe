/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_e820.c - free memory in maps that are in order, and in those that are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../e820.h"

#define MIB 0x100000ull
#define GIB 0x40000000ull

static const struct e820_entry usual[] = {
    { 0, 0x9fc00, 1, 0 }, { 0x9fc00, 0x400, 2, 0 }, { 0xf0000, 0x10000, 2, 0 }, { MIB, 127 * MIB, 1, 0 },
    { 0xfffc0000, 0x40000, 2, 0 }, { 4 * GIB, 2 * GIB, 1, 0 },
};

static void test_a_map_in_order(void **state)
{
    uint64_t start = 0;

    (void)state;
    assert_int_equal(e820_free_end(usual, 6, 0x50000), 0x9fc00);
    assert_int_equal(e820_free_end(usual, 6, 0x9fc00), 0);
    assert_int_equal(e820_free_end(usual, 6, 0xa0000), 0);
    assert_int_equal(e820_find_free(usual, 6, MIB, 4 * GIB, 16 * MIB, &start), 127 * MIB);
    assert_int_equal(start, MIB);
    assert_int_equal(e820_find_free(usual, 6, 4 * GIB, 8 * GIB, 16 * MIB, &start), 2 * GIB);
    assert_int_equal(e820_find_free(usual, 0, MIB, 4 * GIB, 16 * MIB, &start), 0);
}

static void test_what_is_not_usable_wins(void **state)
{
    const struct e820_entry map[] = {
        { 0, 0xa0000, 1, 0 }, { 0x80000, 0x8000, 2, 0 },           /* in the middle of low memory */
        { MIB, 127 * MIB, 1, 0 }, { MIB, 8 * MIB, 4, 0 },          /* at the beginning of the rest: ACPI NVS */
        { 64 * MIB, 4096, 3, 0 }, { 100 * MIB, 0, 2, 0 },          /* inside, and an empty one */
        { 0xffffffffffff0000, 0x20000, 2, 0 },                     /* nonsense: it wraps */
    };
    uint64_t start = 0;

    (void)state;
    assert_int_equal(e820_free_end(map, 7, 0x50000), 0x80000);
    assert_int_equal(e820_free_end(map, 7, 0x80000), 0);
    assert_int_equal(e820_find_free(map, 7, MIB, 4 * GIB, 16 * MIB, &start), 55 * MIB);
    assert_int_equal(start, 9 * MIB);
    assert_int_equal(e820_find_free(map, 7, MIB, 4 * GIB, 60 * MIB, &start), 64 * MIB - 4096);
    assert_int_equal(start, 64 * MIB + 4096);
}

static bool is_free(const struct e820_entry *map, size_t n, uint64_t address)
{
    bool usable = false;

    for (size_t i = 0; i < n; i++)
        if (address >= map[i].base && address < map[i].base + map[i].bytes) {
            if (map[i].type != E820_USABLE)
                return false;
            usable = true;
        }
    return usable;
}

/* Every byte of what is found is free, whatever the entries are. */
static void test_random_maps(void **state)
{
    (void)state;
    srand(1);
    for (int run = 0; run < 20000; run++) {
        struct e820_entry map[6];
        uint64_t          start = 0, bytes;

        for (size_t i = 0; i < 6; i++)
            map[i] = (struct e820_entry){ (uint64_t)rand() % 64, (uint64_t)rand() % 40, rand() % 3 ? 1u : 2u, 0 };
        bytes = e820_find_free(map, 6, 8, 80, 1000, &start);
        for (uint64_t a = start; a < start + bytes; a++)
            if (a < 8 || a >= 80 || !is_free(map, 6, a))
                fail_msg("run %d: %u of %u+%u is not free", run, (unsigned)a, (unsigned)start, (unsigned)bytes);
        for (uint64_t a = 8; bytes == 0 && a < 80; a++)
            assert_false(is_free(map, 6, a));
    }
}

/* A volume in memory lies at the end of what is free, clear of the hole below 16 MiB and of memory in use. */
static void test_room_on_top(void **state)
{
    static const struct {
        uint64_t bytes;       /* of usable memory from 1 MiB on */
        uint32_t taken_bytes; /* of it, from 1 MiB on */
        uint32_t base, end;   /* 0: no room */
    } cases[] = {
        { 127 * MIB, 8 * MIB, 126 * MIB, 128 * MIB },
        { 127 * MIB + 0x1234, 8 * MIB, 126 * MIB + 0x1000, 128 * MIB + 0x1234 },
        { 127 * MIB + 0xfff, 8 * MIB, 126 * MIB, 128 * MIB + 0xfff },
        { 15 * MIB, 2 * MIB, 13 * MIB, 15 * MIB },              /* not in 15 to 16 MiB: in the middle of an entry */
        { 16 * MIB, 2 * MIB, 13 * MIB, 15 * MIB },
        { 17 * MIB, 2 * MIB, 16 * MIB, 18 * MIB },
        { 7 * MIB, 5 * MIB, 6 * MIB, 8 * MIB },
        { 7 * MIB, 5 * MIB + 1, 0, 0 },
        { 1 * MIB, 0, 0, 0 },
        { 0, 0, 0, 0 },
        { 4 * GIB, 8 * MIB, 0xffdff000, 0xfffff000 },           /* an entry across 4 GiB */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct e820_entry map[] = { { 0, 0x9fc00, 1, 0 }, { MIB, cases[i].bytes, 1, 0 } };
        struct e820_room        room = { 2 * MIB, MIB, cases[i].taken_bytes, 0, 0 };
        enum status             st = e820_room_on_top(map, 2, &room);

        assert_int_equal(st, cases[i].base ? STATUS_OK : STATUS_NO_MEMORY_VOLUME);
        assert_int_equal(room.base, cases[i].base);
        assert_int_equal(room.end, cases[i].end);
    }
}

/* A stretch from anywhere to anywhere: below what is asked for, and around the hole. */
static void test_room_in_one_stretch(void **state)
{
    static const struct { uint64_t start, end; uint32_t bytes, base; } cases[] = {
        { MIB, 5 * MIB, 8 * MIB, 0 }, { 20 * MIB, 24 * MIB, 40 * MIB, 0 }, { MIB, 5 * MIB, 4 * MIB, MIB },
        { 14 * MIB + MIB / 2, 16 * MIB + MIB / 2, MIB, 0 }, { 14 * MIB, 16 * MIB + MIB / 2, MIB, 14 * MIB },
        { 16 * MIB, 17 * MIB, MIB, 16 * MIB }, { 16 * MIB, 17 * MIB - 1, MIB, 0 },
        { 20 * MIB + 1, 21 * MIB + 1, MIB, 0 },  /* not from where a page begins */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct e820_entry map[] = { { cases[i].start, cases[i].end - cases[i].start, 1, 0 } };
        struct e820_room        room = { cases[i].bytes, 0, 0, 0, 0 };

        assert_int_equal(e820_room_on_top(map, 1, &room), cases[i].base ? STATUS_OK : STATUS_NO_MEMORY_VOLUME);
        assert_int_equal(room.base, cases[i].base);
    }
}

/* Memory in use is in the way from its first byte to its last. */
static void test_room_beside_what_is_taken(void **state)
{
    static const struct { uint32_t taken, taken_bytes, base; } cases[] = {
        { 6 * MIB + MIB / 2, MIB, 0 }, { 8 * MIB, MIB, 6 * MIB }, { 8 * MIB - 1, MIB, 0 }, { 5 * MIB, MIB, 6 * MIB },
        { 5 * MIB, MIB + 1, 0 }, { 0, 6 * MIB, 6 * MIB }, { 0, 9 * MIB, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct e820_entry map[] = { { MIB, 7 * MIB, 1, 0 } };
        struct e820_room        room = { 2 * MIB, cases[i].taken, cases[i].taken_bytes, 0, 0 };

        assert_int_equal(e820_room_on_top(map, 1, &room), cases[i].base ? STATUS_OK : STATUS_NO_MEMORY_VOLUME);
        assert_int_equal(room.base, cases[i].base);
    }
}

/* Where in the map a stretch is said does not matter, and one that holds 1 MiB needs not begin there. */
static void test_room_in_the_last_entry(void **state)
{
    struct e820_entry map[8];
    struct e820_room  room = { 2 * MIB, 0, 0, 0, 0 };

    (void)state;
    for (size_t i = 0; i < 8; i++)
        map[i] = (struct e820_entry){ 0x80000000u + i * MIB, MIB, 2, 0 };
    map[7] = (struct e820_entry){ 32 * MIB, 8 * MIB, 1, 0 };
    assert_int_equal(e820_room_on_top(map, 8, &room), STATUS_OK);
    assert_int_equal(room.base, 38 * MIB);
    map[7] = (struct e820_entry){ 0, 8 * MIB, 1, 0 };
    room = (struct e820_room){ 2 * MIB, 0, 0, 0, 0 };
    assert_int_equal(e820_room_on_top(map, 8, &room), STATUS_OK);
    assert_int_equal(room.base, 6 * MIB);
}

/* The largest stretch; of equal ones the first; and the first that is enough. */
static void test_the_largest_stretch(void **state)
{
    static const struct e820_entry map[] = { { 2 * MIB, MIB, 1, 0 }, { 8 * MIB, 4 * MIB, 1, 0 }, { 16 * MIB, MIB, 1, 0 },
                                             { 32 * MIB, 4 * MIB, 1, 0 }, { 64 * MIB, 3 * MIB, 1, 0 } };
    uint64_t start = 0;

    (void)state;
    assert_int_equal(e820_find_free(map, 5, MIB, 4 * GIB, GIB, &start), 4 * MIB);
    assert_int_equal(start, 8 * MIB);
    assert_int_equal(e820_find_free(map, 5, MIB, 4 * GIB, MIB, &start), MIB);
    assert_int_equal(start, 2 * MIB);
    assert_int_equal(e820_find_free(map, 5, MIB, 4 * GIB, MIB + 1, &start), 4 * MIB);
    assert_int_equal(e820_find_free(map, 5, 10 * MIB, 33 * MIB, GIB, &start), 2 * MIB);
    assert_int_equal(start, 10 * MIB);
    assert_int_equal(e820_find_free(map, 5, 12 * MIB, 16 * MIB, GIB, &start), 0);
}

/* An entry to the last byte of all is one; beyond it nothing is. */
static void test_the_end_of_all_addresses(void **state)
{
    struct e820_entry one = { GIB, UINT64_MAX - GIB, 1, 0 };

    (void)state;
    assert_int_equal(e820_free_end(&one, 1, 2 * GIB), UINT64_MAX);
    one.bytes++;
    assert_int_equal(e820_free_end(&one, 1, 2 * GIB), 0);
}

/* Of two stretches the higher one; above 4 GiB nothing can be reached. */
static void test_room_in_the_higher_stretch(void **state)
{
    struct e820_room room = { 2 * MIB, MIB, MIB, 0, 0 };

    (void)state;
    assert_int_equal(e820_room_on_top(usual, 6, &room), STATUS_OK);
    assert_int_equal(room.base, 126 * MIB);
    assert_int_equal(room.end, 128 * MIB);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_room_on_top),
        cmocka_unit_test(test_room_in_one_stretch),
        cmocka_unit_test(test_room_beside_what_is_taken),
        cmocka_unit_test(test_room_in_the_last_entry),
        cmocka_unit_test(test_the_largest_stretch),
        cmocka_unit_test(test_the_end_of_all_addresses),
        cmocka_unit_test(test_room_in_the_higher_stretch),
        cmocka_unit_test(test_a_map_in_order),
        cmocka_unit_test(test_what_is_not_usable_wins),
        cmocka_unit_test(test_random_maps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
