/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_bootp.c - an answer from anybody in the network: bootp_file_beside(). */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/settings/bootp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char name[] = "ldmboot.cfg";
    struct bootp_file file;
    size_t            length;

    if (!bootp_file_beside(span_of(data, size), name, &file))
        return 0;
    assert(memchr(file.name, '\0', sizeof file.name));
    length = strlen(file.name);
    assert(length >= strlen(name) && strcmp(file.name + length - strlen(name), name) == 0);
    return 0;
}
