/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sort.c - heap sort, and search by halving. */
#include "sort.h"

#include <stdint.h>

struct items {
    uint8_t  *base;
    size_t    bytes;
    sort_less less;
};

static uint8_t *item(const struct items *s, size_t i)
{
    return s->base + i * s->bytes;
}

static void swap(const struct items *s, size_t i, size_t k)
{
    uint8_t *a = item(s, i), *b = item(s, k);

    for (size_t n = 0; n < s->bytes; n++) {
        uint8_t t = a[n];

        a[n] = b[n];
        b[n] = t;
    }
}

/* Let item `i` sink until both its children, among the first `count` items, are not greater. */
static void sink(const struct items *s, size_t i, size_t count)
{
    while (2 * i + 1 < count) {
        size_t child = 2 * i + 1;

        if (child + 1 < count && s->less(item(s, child), item(s, child + 1)))
            child++;
        if (!s->less(item(s, i), item(s, child)))
            return;
        swap(s, i, child);
        i = child;
    }
}

void sort_items(void *items, size_t count, size_t item_bytes, sort_less less)
{
    struct items s = { items, item_bytes, less };

    for (size_t i = count / 2; i-- > 0;)
        sink(&s, i, count);
    for (size_t end = count; end > 1; end--) {
        swap(&s, 0, end - 1);
        sink(&s, 0, end - 1);
    }
}

size_t sort_find(const void *items, size_t count, size_t item_bytes, sort_less less, const void *wanted)
{
    const uint8_t *base = items;
    size_t         low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (less(base + middle * item_bytes, wanted))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
