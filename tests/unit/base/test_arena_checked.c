/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_arena_checked.c - memory that runs out and numbers that overflow are errors, not accidents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/arena.h"
#include "common/base/checked.h"
#include "common/base/div64.h"

static uint8_t         memory[512];
static volatile size_t huge = SIZE_MAX;  /* volatile: the compiler would warn of what is tested */

/* Memory that no test before this one has left marks in. */
static struct arena fresh(size_t bytes)
{
    redzone_open(memory, sizeof memory);
    memset(memory, 0xee, sizeof memory);
    return arena_of(memory, bytes);
}

static void test_allocation(void **state)
{
    struct arena a = fresh(256);
    uint8_t     *first, *second;

    (void)state;
    first = arena_alloc(&a, 5);
    second = arena_alloc(&a, 16);
    assert_ptr_equal(first, memory);
    assert_ptr_equal(second, memory + 16 + (REDZONE_BYTES ? 32 : 0));
    for (size_t i = 0; i < 16; i++)
        assert_int_equal(second[i], 0);
    redzone_open(first + 5, 1);
    assert_int_equal(first[5], 0xee);
}

/* With AddressSanitizer a byte too far is seen, and so is what was given back. */
static void test_redzones(void **state)
{
    struct arena a = fresh(512);
    uint8_t     *first, *second, *scratch;
    size_t       mark, end = arena_end(&a);

    (void)state;
    if (REDZONE_BYTES == 0)
        skip();
    first = arena_alloc(&a, 16);
    mark = arena_mark(&a);
    second = arena_alloc(&a, 16);
    scratch = arena_borrow(&a, 16);
    assert_true(!redzone_holds(first + 15) && redzone_holds(first + 16) && redzone_holds(second - 1));
    assert_true(!redzone_holds(second) && !redzone_holds(scratch + 15) && redzone_holds(scratch + 16));
    arena_give_back(&a, end);
    arena_release(&a, mark);
    assert_true(!redzone_holds(first) && redzone_holds(second) && redzone_holds(scratch));
    assert_ptr_equal(arena_alloc(&a, 16), second);
    assert_false(redzone_holds(second));
}

static void test_exhaustion(void **state)
{
    struct arena a = fresh(256);

    (void)state;
    assert_null(arena_alloc(&a, 257));
    assert_null(arena_alloc(&a, huge));
    assert_non_null(arena_alloc(&a, 256));
    assert_true(REDZONE_BYTES > 0 || arena_alloc(&a, 0));
    assert_null(arena_alloc(&a, 1));
    assert_int_equal(a.used, 256);
}

static void test_arrays(void **state)
{
    struct arena a = fresh(256);

    (void)state;
    assert_null(arena_array(&a, SIZE_MAX / 2, 3));
    assert_null(arena_array(&a, 2, SIZE_MAX));
    assert_null(arena_array(&a, 33, 8));
    assert_non_null(arena_array(&a, 32, 8));
}

static void test_mark_and_release(void **state)
{
    struct arena a = fresh(256);
    size_t       mark;

    (void)state;
    arena_alloc(&a, 10);
    mark = arena_mark(&a);
    arena_alloc(&a, 100);
    arena_release(&a, mark);
    assert_int_equal(a.used, 10);
    arena_release(&a, 200);  /* a mark that lies ahead is none */
    assert_int_equal(a.used, 10);
}

static void test_borrowing_from_the_far_end(void **state)
{
    struct arena a = fresh(256 + REDZONE_BYTES);
    size_t       end = arena_end(&a);
    uint8_t     *scratch, *result;

    (void)state;
    scratch = arena_borrow(&a, 100);
    result = arena_alloc(&a, 100);
    assert_true(scratch >= result + 100 && scratch + 100 <= memory + 256);
    assert_int_equal(scratch[0] | scratch[99], 0);
    assert_null(arena_borrow(&a, 100));  /* the two ends would meet */
    assert_null(arena_alloc(&a, 100));
    assert_null(arena_borrow(&a, huge));
    arena_give_back(&a, end);
    assert_non_null(arena_alloc(&a, 100));
    assert_int_equal(result[0], 0);
}

static void test_add(void **state)
{
    uint64_t r = 7;

    (void)state;
    assert_true(add_u64(1, 2, &r) && r == 3);
    assert_true(add_u64(UINT64_MAX, 0, &r) && r == UINT64_MAX);
    r = 7;
    assert_false(add_u64(UINT64_MAX, 1, &r));
    assert_int_equal(r, 7);
}

static void test_mul_agrees_with_the_compiler(void **state)
{
    (void)state;
    srand(5);
    for (int i = 0; i < 100000; i++) {
        uint64_t a = ((uint64_t)rand() << 33 ^ (uint64_t)rand() << 11 ^ (uint64_t)rand()) >> rand() % 64;
        uint64_t b = ((uint64_t)rand() << 33 ^ (uint64_t)rand() << 11 ^ (uint64_t)rand()) >> rand() % 64;
        uint64_t mine = 7, theirs;
        bool     fits = !__builtin_mul_overflow(a, b, &theirs);

        assert_int_equal(mul_u64(a, b, &mine), fits);
        assert_true(mine == (fits ? theirs : 7));
    }
}

static void test_mul_at_the_edge(void **state)
{
    uint64_t r = 0;

    (void)state;
    assert_true(mul_u64(UINT64_MAX, 1, &r) && r == UINT64_MAX);
    assert_true(mul_u64(0xffffffffu, 0x100000001u, &r) && r == UINT64_MAX);
    assert_false(mul_u64((uint64_t)1 << 32, (uint64_t)1 << 32, &r));
    assert_false(mul_u64(UINT64_MAX, 2, &r));
    assert_true(mul_u64(UINT64_MAX, 0, &r) && r == 0);
}

static void test_range_inside(void **state)
{
    (void)state;
    assert_true(range_inside(0, 10, 10));
    assert_true(range_inside(10, 0, 10));
    assert_false(range_inside(1, 10, 10));
    assert_false(range_inside(11, 0, 10));
    assert_false(range_inside(5, UINT64_MAX, 10));
    assert_false(range_inside(UINT64_MAX, 1, 10));
}

static void test_division(void **state)
{
    (void)state;
    srand(6);
    for (int i = 0; i < 20000; i++) {
        uint64_t n = ((uint64_t)rand() << 33 ^ (uint64_t)rand() << 11 ^ (uint64_t)rand()) >> rand() % 64;
        uint32_t d = (uint32_t)((uint32_t)rand() << 1 | (uint32_t)(rand() & 1)) >> rand() % 32, rem;

        d = d ? d : 1;
        assert_true(div_u64(n, d, &rem) == n / d);
        assert_true(rem == n % d);
    }
    assert_true(div_u64(UINT64_MAX, 0xffffffffu, NULL) == UINT64_MAX / 0xffffffffu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allocation), cmocka_unit_test(test_redzones), cmocka_unit_test(test_exhaustion), cmocka_unit_test(test_arrays),
        cmocka_unit_test(test_mark_and_release), cmocka_unit_test(test_borrowing_from_the_far_end),
        cmocka_unit_test(test_add), cmocka_unit_test(test_mul_agrees_with_the_compiler),
        cmocka_unit_test(test_mul_at_the_edge), cmocka_unit_test(test_range_inside), cmocka_unit_test(test_division),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
