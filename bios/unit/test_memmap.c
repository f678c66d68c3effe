/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_memmap.c - memory by INT 15h, of BIOSes that know E820, E801, 88, or less. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/decide/firmware_rules.h"

#include "../e820.h"
#include "../memmap.h"
#include "../memory.h"

#define MIB  0x100000ull
#define SMAP 0x534d4150u

/* What this BIOS answers; a call that it does not know fails. */
static struct {
    struct e820_entry map[140];
    size_t            entries, calls;
    bool              endless, wrong_magic;
    size_t            short_at;       /* the entry, from 1 on, that is answered with 16 bytes; 0: none */
    bool              knows_e801, in_cx, knows_88;
    uint16_t          e801_low, e801_high, by_88;
} bios;

static void e820(struct rm_regs *r)
{
    size_t i = r->ebx;

    bios.calls++;
    assert_int_equal(r->edx, SMAP);
    assert_int_equal(r->ecx, E820_BYTES);
    if (i >= bios.entries && !bios.endless)
        return;
    memcpy(machine_pointer(r->es, r->edi), &bios.map[i % 140], E820_BYTES);
    r->ebx = i + 1 < bios.entries || bios.endless ? (uint32_t)i + 1 : 0;
    r->eax = bios.wrong_magic ? 0 : SMAP;
    r->ecx = i + 1 == bios.short_at ? 16 : E820_BYTES;
    r->flags = 0;
}

static void answer(uint8_t vector, struct rm_regs *r)
{
    assert_int_equal(vector, 0x15);
    assert_int_equal(r->flags, RM_CARRY);  /* a BIOS that does not know the call may leave it as it is */
    if (r->eax == 0xe820) {
        e820(r);
    } else if (r->eax == 0xe801 && bios.knows_e801) {
        r->flags = 0;
        r->eax = bios.in_cx ? 0xabcd0000 : 0xabcd0000u | bios.e801_low;
        r->ebx = bios.in_cx ? 0 : bios.e801_high;
        r->ecx = bios.in_cx ? bios.e801_low : 0x1111;
        r->edx = bios.in_cx ? bios.e801_high : 0x2222;
    } else if (r->eax == 0x8800 && bios.knows_88) {
        r->flags = 0;
        r->eax = 0xabcd0000u | bios.by_88;
    }
}

static void start(void)
{
    memset(&bios, 0, sizeof bios);
    machine_init();
    machine_bios = answer;
    poke16(BDA_LOW_KIB, 639);
}

static void entry(uint64_t base, uint64_t bytes, uint32_t type)
{
    bios.map[bios.entries++] = (struct e820_entry){ base, bytes, type, 0 };
}

static void assert_arena(uint64_t base, uint64_t bytes)
{
    struct arena a = { 0 };

    assert_int_equal(memmap_arena(&a), STATUS_OK);
    assert_int_equal((uintptr_t)a.base, base);
    assert_int_equal(a.size, bytes);
    assert_int_equal(a.used, 0);
}

static void assert_no_arena(void)
{
    struct arena a = { 0 };

    assert_int_equal(memmap_arena(&a), STATUS_NO_EXTENDED_MEMORY);
}

static void test_the_arena_by_a_map(void **state)
{
    (void)state;
    start();
    entry(0, 0x9fc00, 1);
    entry(MIB, ARENA_MIN_BYTES - 1, 1);
    assert_no_arena();
    bios.map[1].bytes++;
    assert_arena(MIB, ARENA_MIN_BYTES);
    bios.map[1].bytes = 200 * MIB;
    bios.calls = 0;
    assert_arena(MIB, BIOS_ARENA_BYTES);
    assert_int_equal(bios.calls, 2);    /* after the last entry it would begin anew */
    bios.map[1] = (struct e820_entry){ MIB, 200 * MIB, 2, 0 };
    entry(300 * MIB, 5 * MIB, 1);
    assert_arena(300 * MIB, 5 * MIB);
    bios.map[2].base = 0x100000000ull;  /* out of reach */
    assert_no_arena();
}

static void test_the_arena_by_older_calls(void **state)
{
    (void)state;
    start();
    assert_no_arena();
    bios.knows_88 = true;
    bios.by_88 = 4095;
    assert_no_arena();
    bios.by_88 = 4096;
    assert_arena(MIB, 4096 * 1024);
    bios.knows_e801 = true;
    bios.e801_low = 8192;
    assert_arena(MIB, 8192 * 1024);
    bios.in_cx = true;
    assert_arena(MIB, 8192 * 1024);
    bios.e801_low = 0;                  /* it says nothing: then the oldest call counts */
    assert_arena(MIB, 4096 * 1024);
}

static void assert_sizes(uint16_t to_16m, uint16_t blocks, uint16_t by_88)
{
    struct memory_size s = memmap_size();

    assert_int_equal(s.kib_to_16m, to_16m);
    assert_int_equal(s.blocks_from_16m, blocks);
    assert_int_equal(s.kib_by_88, by_88);
}

static void test_sizes(void **state)
{
    (void)state;
    start();
    assert_sizes(0, 0, 0);
    bios.knows_e801 = true;
    bios.e801_low = 0x3c00;
    bios.e801_high = 0x700;
    assert_sizes(0x3c00, 0x700, 0);
    bios.e801_low = 1;
    assert_sizes(1, 0x700, 0);
    bios.e801_low = 0x3c00;
    bios.in_cx = true;
    assert_sizes(0x3c00, 0x700, 0);
    bios.knows_e801 = false;
    bios.knows_88 = true;
    bios.by_88 = 0xfc00;
    assert_sizes(0, 0, 0xfc00);
}

/* Entries are taken until one is none. */
static void test_maps_that_are_not_in_order(void **state)
{
    (void)state;
    start();
    entry(MIB, 8 * MIB, 1);
    entry(2 * MIB, MIB, 2);
    assert_arena(3 * MIB, 6 * MIB);
    bios.short_at = 2;                  /* one of 16 bytes has no type */
    assert_arena(MIB, 8 * MIB);
    bios.short_at = 0;
    bios.wrong_magic = true;            /* no map at all */
    assert_no_arena();
    bios.wrong_magic = false;
    bios.endless = true;                /* ends, and what is in it counts */
    for (size_t i = 2; i < 140; i++)
        bios.map[i] = (struct e820_entry){ 16 * MIB, MIB, 2, 0 };
    bios.map[127] = (struct e820_entry){ 100 * MIB, 7 * MIB, 1, 0 };
    assert_arena(100 * MIB, 7 * MIB);
    bios.map[128] = (struct e820_entry){ 100 * MIB, 7 * MIB, 2, 0 };  /* more entries than are taken */
    assert_arena(100 * MIB, 7 * MIB);
}

static void assert_top(struct arena *a, uint32_t bytes, uint32_t base, uint32_t end, size_t left)
{
    uint32_t got_base = 0, got_end = 0;

    assert_int_equal(memmap_top(a, bytes, &got_base, &got_end), base ? STATUS_OK : STATUS_NO_MEMORY_VOLUME);
    assert_int_equal(got_base, base);
    assert_int_equal(got_end, end);
    assert_int_equal(a->size, left);
}

static void test_room_for_a_volume_on_top(void **state)
{
    struct arena a = { .base = (uint8_t *)(uintptr_t)MIB, .size = 8 * MIB, .used = MIB };

    (void)state;
    start();
    entry(MIB, 31 * MIB, 1);
    assert_top(&a, 2 * MIB, 30 * MIB, 32 * MIB, 8 * MIB);      /* beyond the arena */
    bios.map[0].bytes = 9 * MIB;
    assert_top(&a, 2 * MIB, 8 * MIB, 10 * MIB, 7 * MIB);       /* its end */
    a.size = 8 * MIB;
    bios.map[0].bytes = 10 * MIB;
    assert_top(&a, 2 * MIB, 9 * MIB, 11 * MIB, 8 * MIB);       /* right behind it */
    bios.map[0].bytes = 3 * MIB - 4096;
    assert_top(&a, 2 * MIB, 0, 0, 8 * MIB);                    /* what is in use of the arena stays */
    bios.entries = 0;                                          /* without a map, as the older calls say */
    assert_top(&a, 2 * MIB, 0, 0, 8 * MIB);
    bios.knows_88 = true;
    bios.by_88 = 9 * 1024;
    assert_top(&a, 2 * MIB, 8 * MIB, 10 * MIB, 7 * MIB);
    a.size = 8 * MIB;
    bios.by_88 = 60 * 1024;                                    /* a map knows better than those */
    entry(MIB, 9 * MIB, 1);
    assert_top(&a, 2 * MIB, 8 * MIB, 10 * MIB, 7 * MIB);
}

static void test_the_end_of_low_memory(void **state)
{
    (void)state;
    start();
    assert_int_equal(memmap_low_end(), 639 << 10);             /* no map: as 40:13 says */
    entry(0, 0x9fc00, 1);
    assert_int_equal(memmap_low_end(), 0x9fc00);
    bios.map[0].bytes = 0x9e123;
    assert_int_equal(memmap_low_end(), 0x9e000);
    poke16(BDA_LOW_KIB, 600);
    assert_int_equal(memmap_low_end(), 600 << 10);
    bios.map[0].bytes = 0x50000;                               /* what we use ourselves is not free */
    assert_int_equal(memmap_low_end(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_arena_by_a_map),
        cmocka_unit_test(test_the_arena_by_older_calls),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_maps_that_are_not_in_order),
        cmocka_unit_test(test_room_for_a_volume_on_top),
        cmocka_unit_test(test_the_end_of_low_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
