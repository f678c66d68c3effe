/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_bootini.c - boot.ini from anybody: bootini_default(). */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/windows/bootini.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bootini_entry entry;

    if (!bootini_default(span_of(data, size), &entry))
        return 0;
    assert(entry.form <= BOOTINI_SIGNATURE);
    assert(memchr(entry.directory, '\0', sizeof entry.directory));
    assert(entry.directory[0] == '\0' || entry.directory[0] == '\\');
    return 0;
}
