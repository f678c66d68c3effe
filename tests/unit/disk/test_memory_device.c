/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_memory_device.c - bytes in memory as a disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/disk/memory_device.h"

static void test_reads(void **state)
{
    static uint8_t       bytes[10 * 512 + 511], out[10 * 512 + 1];
    struct memory_device md;

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i / 512 + 1);
    memory_device_init(&md, "files", bytes, sizeof bytes);
    assert_string_equal(md.dev.name, "files");
    assert_int_equal(md.dev.block_size, 512);
    assert_int_equal(md.dev.block_count, 10);  /* whole sectors */
    for (uint64_t first = 0; first < 10; first++)
        for (uint32_t count = 1; count <= 10 - first; count++) {
            memset(out, 0xee, sizeof out);
            assert_int_equal(blk_read(&md.dev, first, count, out), STATUS_OK);
            assert_memory_equal(out, bytes + first * 512, count * 512);
            assert_int_equal(out[count * 512], 0xee);
        }
    assert_int_equal(blk_read(&md.dev, 9, 2, out), STATUS_READ_OUT_OF_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_reads) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
