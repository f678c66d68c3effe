/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_sort.c - heap sort of items of any size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/sort.h"

struct item {
    uint64_t key;
    char     tail[13];
};

static bool by_key(const void *a, const void *b)
{
    return ((const struct item *)a)->key < ((const struct item *)b)->key;
}

static void test_any_number_of_items(void **state)
{
    static struct item items[700];

    (void)state;
    srand(3);
    for (size_t n = 0; n <= 700; n = n < 20 ? n + 1 : n * 2 + 3) {
        uint64_t sum = 0;

        for (size_t i = 0; i < n; i++) {
            items[i].key = (uint64_t)rand() % (n / 2 + 1);
            items[i].tail[12] = (char)items[i].key;
            sum += items[i].key;
        }
        sort_items(items, n, sizeof items[0], by_key);
        for (uint64_t key = 0; key <= n / 2 + 2; key++) {
            size_t at = sort_find(items, n, sizeof items[0], by_key, &(struct item){ .key = key });

            assert_true(at <= n && (at == 0 || items[at - 1].key < key) && (at == n || items[at].key >= key));
        }
        for (size_t i = 0; i < n; i++) {
            assert_true(i == 0 || items[i - 1].key <= items[i].key);
            assert_int_equal(items[i].tail[12], (char)items[i].key);  /* moved as one */
            sum -= items[i].key;
        }
        assert_int_equal(sum, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_any_number_of_items) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
