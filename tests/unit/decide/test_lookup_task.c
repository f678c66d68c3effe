/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_lookup_task.c - volumes that are wished for, and patches over files: how many there may be, and where they lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/decide/lookup_task.h"

static uint8_t                memory[16384], bytes[LOOKUP_PATCH_BYTES + 16];
static struct arena           arena;
static struct lookup          out;
static struct lookup_task     task;
static struct ldm_component   component;
static struct component_facts volumes[LOOKUP_MAX_WANTED + 2];

static int setup(void **state)
{
    (void)state;
    redzone_open(memory, sizeof memory);
    arena = arena_of(memory, sizeof memory);
    memset(&out, 0, sizeof out);
    task = (struct lookup_task){ .arena = &arena, .out = &out };
    component = (struct ldm_component){ .name = "Volume1-01" };
    for (size_t i = 0; i < LOOKUP_MAX_WANTED + 2; i++)
        volumes[i] = (struct component_facts){ .component = &component };
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i + 1);
    return 0;
}

/* ---- wishes */

static void test_a_volume_is_wished_for_once(void **state)
{
    struct lookup_want *first = lookup_want(&task, &volumes[0], 0), *second = lookup_want(&task, &volumes[1], 3);

    (void)state;
    assert_ptr_not_equal(first, second);
    assert_ptr_equal(lookup_want(&task, &volumes[0], 2), first);
    assert_int_equal(first->number, 2);      /* the first wish for a number counts */
    assert_ptr_equal(lookup_want(&task, &volumes[0], 4), first);
    assert_int_equal(first->number, 2);
    assert_ptr_equal(lookup_want(&task, &volumes[0], 0), first);
    assert_int_equal(first->number, 2);
    assert_int_equal(second->number, 3);
    assert_false(first->fixed);
    assert_int_equal(task.wanted_count, 2);
}

/* One volume more than there is room for is said, and changes nothing. */
static void test_more_volumes_than_there_is_room_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < LOOKUP_MAX_WANTED; i++)
        assert_non_null(lookup_want(&task, &volumes[i], 0));
    assert_int_equal(out.notes.count, 0);
    assert_null(lookup_want(&task, &volumes[LOOKUP_MAX_WANTED], 1));
    assert_int_equal(task.wanted_count, LOOKUP_MAX_WANTED);
    assert_int_equal(out.notes.count, 1);
    assert_int_equal(out.notes.first->code, STATUS_TABLE_FULL);
    assert_int_equal(strncmp(out.notes.first->text, "Volume1-01: ", 12), 0);
    assert_non_null(lookup_want(&task, &volumes[LOOKUP_MAX_WANTED - 1], 1));  /* one that is there is found still */
    assert_int_equal(out.notes.count, 1);
}

/* ---- patches */

/* Eight bytes of a file: three at the end of a sector, four in the next one, one far away. */
static const struct file_bytes torn = { { { 100, 509, 3 }, { 101, 0, 4 }, { 7, 20, 1 } }, 3 };

static void assert_patch(size_t i, uint64_t sector, unsigned offset, unsigned len, uint8_t first)
{
    assert_int_equal(out.patches[i].volume_sector, sector);
    assert_int_equal(out.patches[i].offset, offset);
    assert_int_equal(out.patches[i].len, len);
    for (unsigned k = 0; k < len; k++)
        assert_int_equal(out.patches[i].bytes[k], first + k);
}

static void test_bytes_in_pieces(void **state)
{
    (void)state;
    assert_true(lookup_answer(&task, &torn, bytes, 0, 8));
    assert_int_equal(out.patch_count, 3);
    assert_patch(0, 100, 509, 3, 1);
    assert_patch(1, 101, 0, 4, 4);
    assert_patch(2, 7, 20, 1, 8);
    assert_int_equal(task.patch_bytes, 8);
}

/* Only what is to be changed is: a stretch that begins and ends somewhere. */
static void test_a_part_of_it(void **state)
{
    static const struct { size_t from, to, patches; struct { uint64_t sector; unsigned offset, len; } at[3]; } cases[] = {
        { 0, 3, 1, { { 100, 509, 3 } } },  { 0, 4, 2, { { 100, 509, 3 }, { 101, 0, 1 } } }, { 3, 7, 1, { { 101, 0, 4 } } },
        { 4, 6, 1, { { 101, 1, 2 } } },    { 2, 8, 3, { { 100, 511, 1 }, { 101, 0, 4 }, { 7, 20, 1 } } },
        { 7, 8, 1, { { 7, 20, 1 } } },     { 5, 5, 0, { { 0, 0, 0 } } },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t at = cases[i].from;

        setup(state);
        assert_true(lookup_answer(&task, &torn, bytes, cases[i].from, cases[i].to));
        assert_int_equal(out.patch_count, cases[i].patches);
        for (size_t k = 0; k < cases[i].patches; at += cases[i].at[k++].len)
            assert_patch(k, cases[i].at[k].sector, cases[i].at[k].offset, cases[i].at[k].len, bytes[at]);
        assert_int_equal(task.patch_bytes, cases[i].to - cases[i].from);
    }
}

/* The bytes are kept: the caller's are often on its stack. */
static void test_what_is_patched_is_a_copy(void **state)
{
    uint8_t mine[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

    (void)state;
    assert_true(lookup_answer(&task, &torn, mine, 0, 8));
    memset(mine, 0xee, sizeof mine);
    assert_patch(1, 101, 0, 4, 4);
}

static void test_bytes_without_a_place(void **state)
{
    static const struct file_bytes nowhere = { .pieces = 0 };

    (void)state;
    assert_false(lookup_answer(&task, &nowhere, bytes, 0, 8));
    assert_int_equal(out.patch_count, 0);
}

/* As many as are carried out, and all their bytes together. */
static void test_limits_of_patches(void **state)
{
    static const struct file_bytes one = { { { 5, 0, 1 } }, 1 };
    struct file_bytes              many = { { { 5, 0, 200 } }, 1 };

    (void)state;
    for (size_t i = 0; i < LOOKUP_MAX_PATCHES; i++)
        assert_true(lookup_answer(&task, &one, bytes, 0, 1));
    assert_false(lookup_answer(&task, &one, bytes, 0, 1));
    assert_int_equal(out.patch_count, LOOKUP_MAX_PATCHES);

    setup(state);
    assert_true(lookup_answer(&task, &many, bytes, 0, 200));
    many.piece[0].len = LOOKUP_PATCH_BYTES - 200 + 1;
    assert_false(lookup_answer(&task, &many, bytes, 0, LOOKUP_PATCH_BYTES - 200 + 1));
    assert_int_equal(out.patch_count, 1);
    many.piece[0].len--;
    assert_true(lookup_answer(&task, &many, bytes, 0, LOOKUP_PATCH_BYTES - 200));
    assert_false(lookup_answer(&task, &one, bytes, 0, 1));
    assert_int_equal(out.patch_count, 2);
}

static void test_no_memory_for_patches(void **state)
{
    (void)state;
    for (size_t size = 0; size < 256; size += 8) {
        setup(state);
        arena = arena_of(memory, size);
        assert_false(lookup_answer(&task, &torn, bytes, 0, 8));
        assert_int_equal(out.patch_count, 0);
    }
}

int main(void)
{
#define T(test) cmocka_unit_test_setup(test, setup)
    const struct CMUnitTest tests[] = {
        T(test_a_volume_is_wished_for_once), T(test_more_volumes_than_there_is_room_for), T(test_bytes_in_pieces), T(test_a_part_of_it),
        T(test_what_is_patched_is_a_copy), T(test_bytes_without_a_place), T(test_limits_of_patches), T(test_no_memory_for_patches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
