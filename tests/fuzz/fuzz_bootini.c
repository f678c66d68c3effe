/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_bootini.c - boot.ini from anybody: bootini_parse(), bootini_answer(). */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/windows/bootini.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct bootini_entry *e, const uint8_t *data, size_t size)
{
    uint8_t out[BOOTINI_TEXT_MAX];

    assert(e->form <= BOOTINI_SIGNATURE);
    assert(memchr(e->directory, '\0', sizeof e->directory));
    assert(e->directory[0] == '\0' || e->directory[0] == '\\');
    assert(e->text_len <= sizeof e->text && e->prefix_len <= e->text_len && e->text_len <= size);
    assert(e->text_offset <= size - e->text_len);
    assert(memcmp(e->text, data + e->text_offset, e->text_len) == 0);
    if (bootini_answer(e, 4, out))
        assert(e->text_len > 0 && out[e->text_len - 1] == ')');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bootini parsed;

    bootini_parse(span_of(data, size), &parsed);
    assert(parsed.count >= 1 && parsed.count <= BOOTINI_MAX_ENTRIES);
    for (size_t i = 0; i < parsed.count; i++)
        check(&parsed.entries[i], data, size);
    return 0;
}
