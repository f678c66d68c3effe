/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_gpt_write.c - a table of our own is one that our reader accepts, from either copy, with either block size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/disk/gpt.h"
#include "common/disk/gpt_write.h"
#include "tests/support/memdisk.h"

#define BLOCKS 4096

static const struct guid disk_guid = { { 0xdd, 1, 2, 3 } }, unique = { { 0xaa, 4 } };

/* A disk with the table on it, one copy of it damaged or none. */
static struct memdisk *make_disk(uint32_t block, int damaged)
{
    const struct gpt_new_entry entries[] = { { gpt_type_efi_system, unique, 256, 1000, "EFI system partition" } };
    struct gpt_new             gpt = { disk_guid, block, BLOCKS, entries, 1 };
    uint32_t                   table = gpt_table_blocks(block);

    struct memdisk            *disk = memdisk_new("disk", block, BLOCKS);

    gpt_write_head(&gpt, disk->data);
    gpt_write_tail(&gpt, disk->data + (size_t)block * (BLOCKS - table));
    if (damaged)
        disk->data[damaged == 1 ? block + 40 : (size_t)block * (BLOCKS - 1) + 40] ^= 1;
    return disk;
}

static void check(uint32_t block, int damaged)
{
    static uint8_t  memory[1 << 18];
    struct arena    a = arena_of(memory, sizeof memory);
    struct memdisk *disk = make_disk(block, damaged);
    struct gpt      gpt;

    assert_int_equal(gpt_read(&disk->dev, NULL, 0, &a, &gpt), STATUS_OK);
    assert_int_equal(gpt.from_backup, damaged == 1);
    assert_true(guid_equal(&gpt.disk_guid, &disk_guid));
    assert_int_equal(gpt.count, 1);
    assert_int_equal(gpt.entries[0].start, 256);
    assert_int_equal(gpt.entries[0].blocks, 1000);
    assert_true(guid_equal(&gpt.entries[0].unique, &unique));
    memdisk_free(disk);
}

static void both_copies_are_good(void **state)
{
    (void)state;
    for (uint32_t block = 512; block <= 4096; block += 3584)
        for (int damaged = 0; damaged <= 2; damaged++)
            check(block, damaged);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(both_copies_are_good) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
