/* SPDX-License-Identifier: GPL-2.0-or-later */
/* costlystore.c - see costlystore.h. The hive is written by common/'s writer, which shares nothing; then lists are shared by hand. */
#include "costlystore.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/windows/hive.h"
#include "common/windows/hive_format.h"

#define VALUES (2 * COSTLY_KEYS)

static uint8_t *cell_of(struct hive *h, uint8_t *bytes, const char *path)
{
    hive_key key;

    if (hive_find_key(h, h->root, path, &key) != STATUS_OK)
        abort();
    return bytes + HIVE_BASE_BYTES + key + 4;
}

static struct span write_plain(struct arena *a)
{
    struct hive_builder b = hive_begin(a, "NewStoreRoot");
    struct hive_node   *objects = hive_add_key(&b, b.root, "Objects"), *elements;
    struct span         store;

    elements = hive_add_key(&b, hive_add_key(&b, objects, "{zz}"), "Elements");
    for (unsigned i = 0; i < COSTLY_KEYS; i++) {
        struct hive_node *element = hive_add_key(&b, elements, text_in_arena(a, "11%06x", i));

        for (unsigned k = 0; i == 0 && k < VALUES; k++)
            hive_add_dword(&b, element, text_in_arena(a, "v%u", k), k);
        (void)hive_add_key(&b, hive_add_key(&b, objects, text_in_arena(a, "{%06x}", i)), "Elements");
    }
    if (hive_write(&b, &store) != STATUS_OK)
        abort();
    return store;
}

struct span costly_store(struct arena *a)
{
    struct span store = write_plain(a);
    uint8_t    *bytes = a->base + (store.data - a->base), *model, *first;
    struct hive h;

    if (hive_open(store, &h) != STATUS_OK)
        abort();
    h.steps = SIZE_MAX;
    model = cell_of(&h, bytes, "Objects\\{zz}");
    first = cell_of(&h, bytes, "Objects\\{zz}\\Elements\\11000000");
    for (unsigned i = 0; i < COSTLY_KEYS; i++) {
        uint8_t *object = cell_of(&h, bytes, text_in_arena(a, "Objects\\{%06x}", i));
        uint8_t *element = cell_of(&h, bytes, text_in_arena(a, "Objects\\{zz}\\Elements\\11%06x", i));

        memcpy(object + NK_SUBKEY_LIST, model + NK_SUBKEY_LIST, 4);
        memcpy(element + NK_VALUES, first + NK_VALUES, 4);
        memcpy(element + NK_VALUE_LIST, first + NK_VALUE_LIST, 4);
    }
    return store;
}
