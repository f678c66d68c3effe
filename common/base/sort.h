/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sort.h - sorting in place, without recursion, never quadratic (heap sort), and finding in what is sorted. */
#ifndef LDMBOOT_SORT_H
#define LDMBOOT_SORT_H

#include <stdbool.h>
#include <stddef.h>

typedef bool (*sort_less)(const void *a, const void *b);

/* Sort `count` items of `item_bytes` each, ascending. Items that are equal may change places. */
void sort_items(void *items, size_t count, size_t item_bytes, sort_less less);

/* Index of the first of `count` sorted items that does not come before `wanted`; `count` when all do. */
size_t sort_find(const void *items, size_t count, size_t item_bytes, sort_less less, const void *wanted);

#endif
