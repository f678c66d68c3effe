/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_fatimage.c - the FAT volume of the RAM disk; fsck and mtools look at it in tests/host/test_fatimage.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/present/fatimage.h"
#include "common/base/span.h"

#define BOOT_DIR "\\EFI\\Microsoft\\Boot\\"

/* An image as efi/ makes it; memory of exactly its size, so that ASan sees writes past it. */
static struct span image_of(const struct fatimage_file *files, size_t count)
{
    size_t   bytes;
    uint8_t *image;

    assert_int_equal(fatimage_size(files, count, &bytes), STATUS_OK);
    image = malloc(bytes);
    assert_non_null(image);
    memset(image, 0xcc, bytes);
    assert_int_equal(fatimage_build(files, count, 0x1234abcd, image, bytes), STATUS_OK);
    return span_of(image, bytes);
}

static void drop(struct span image)
{
    free((void *)(uintptr_t)image.data);
}

static size_t data_start(struct span image)
{
    return (1 + 2 * (size_t)rd_le16(image, 0x16) + 32) * 512;
}

static size_t root_start(struct span image)
{
    return (1 + 2 * (size_t)rd_le16(image, 0x16)) * 512;
}

/* Where in the image the cluster is that a directory entry names. */
static size_t cluster_of(struct span image, size_t entry)
{
    return data_start(image) + (size_t)(rd_le16(image, entry + 26) - 2) * 4096;
}

static void the_boot_managers_files(void **state)
{
    static uint8_t             manager[5000];
    const struct fatimage_file files[] = {
        { BOOT_DIR "bootmgfw.efi", manager, sizeof manager }, { BOOT_DIR "BCD", "store", 5 },
    };
    struct span image;
    size_t      efi, microsoft, boot;

    (void)state;
    for (size_t i = 0; i < sizeof manager; i++)
        manager[i] = (uint8_t)(i * 7 + (i >> 8));
    image = image_of(files, 2);
    assert_int_equal(rd_le16(image, 0x1fe), 0xaa55);
    assert_int_equal(rd_le32(image, 0x1c), 0);
    assert_int_equal(rd_le32(image, 0x27), 0x1234abcd);
    assert_int_equal((size_t)rd_le16(image, 0x13) * 512, image.len);
    assert_memory_equal(image.data + 0x36, "FAT12   ", 8);
    assert_memory_equal(image.data + 512, "\xf8\xff\xff", 3);

    efi = root_start(image);
    assert_memory_equal(image.data + efi, "EFI        \x10", 12);
    assert_int_equal(image.data[efi + 32], 0);
    microsoft = cluster_of(image, efi) + 64 + 32;  /* "Microsoft" is no short name: one long entry, then its alias */
    assert_int_equal(image.data[microsoft - 32], 0x41);
    assert_memory_equal(image.data + microsoft, "MICROS~1   \x10", 12);
    boot = cluster_of(image, microsoft) + 64;
    assert_memory_equal(image.data + boot, "BOOT       \x10", 12);
    assert_memory_equal(image.data + cluster_of(image, boot) + 64, "BOOTMGFWEFI\x20", 12);
    assert_int_equal(rd_le32(image, cluster_of(image, boot) + 64 + 28), sizeof manager);
    assert_memory_equal(image.data + cluster_of(image, cluster_of(image, boot) + 64), manager, sizeof manager);
    assert_memory_equal(image.data + cluster_of(image, boot) + 96, "BCD        \x20", 12);
    assert_memory_equal(image.data + cluster_of(image, cluster_of(image, boot) + 96), "store", 6);
    assert_int_equal(image.data[cluster_of(image, boot) + 128], 0);  /* nothing else: no BOOTSTAT.DAT */
    drop(image);
}

static void there_is_room_left(void **state)
{
    const struct fatimage_file files[] = { { "\\A", "x", 1 } };
    struct span                image = image_of(files, 1);
    size_t                     clusters = (image.len - data_start(image)) / 4096;

    (void)state;
    assert_true((clusters - 1) * 4096 >= FATIMAGE_SLACK_BYTES);
    drop(image);
}

static void both_fats_are_the_same(void **state)
{
    static uint8_t             data[40000];
    const struct fatimage_file files[] = { { "\\A", data, sizeof data } };
    struct span                image = image_of(files, 1);
    size_t                     fat_bytes = (size_t)rd_le16(image, 0x16) * 512;

    (void)state;
    assert_memory_equal(image.data + 512, image.data + 512 + fat_bytes, fat_bytes);
    assert_memory_equal(image.data + 512,
                        "\xf8\xff\xff\x03\x40\x00\x05\x60\x00\x07\x80\x00\x09\xa0\x00\x0b\xf0\xff\x00", 19);
    drop(image);
}

static void the_kind_follows_from_the_size(void **state)
{
    static const struct {
        size_t      file_clusters;
        const char *kind;
    } cases[] = {
        { 0, "FAT12   " }, { 4068 - 256, "FAT12   " }, { 4069 - 256, "FAT16   " }, { 4085 - 256, "FAT16   " },
        { 5000, "FAT16   " },
    };
    static uint8_t data[5000 * 4096];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct fatimage_file files[] = { { "\\A", data, cases[i].file_clusters * 4096 } };
        struct span                image = image_of(files, 1);
        size_t                     clusters = (image.len - data_start(image)) / 4096;

        assert_memory_equal(image.data + 0x36, cases[i].kind, 8);
        assert_int_equal(clusters < 4085, cases[i].kind[4] == '2');
        assert_true(clusters < 4069 || clusters > 4100);
        drop(image);
    }
}

static void sizes_beyond_fat16_are_refused(void **state)
{
    static const size_t sizes[] = { (size_t)65508 * 4096, SIZE_MAX, SIZE_MAX - 4096, SIZE_MAX / 2 };
    size_t              bytes = 1;

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const struct fatimage_file files[] = { { "\\A", "x", 1 }, { "\\B", "", sizes[i] } };

        assert_int_equal(fatimage_size(files, 2, &bytes), STATUS_FATIMAGE_TOO_LARGE);
    }
    assert_int_equal(bytes, 1);
}

static void names_that_fat_cannot_hold_are_refused(void **state)
{
    static const char *const paths[] = {
        "", "A", "A\\B", "\\", "\\A\\", "\\\\A", "\\A\\\\B", "\\A.", "\\A ", "\\A:B", "\\A?", "\\.", "\\..",
        "\\A\\..\\B",
        "\\\xc3\xb6", "\\A\tB", "\\1234567890123456789012345678901234567890",
    };
    size_t bytes;

    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        const struct fatimage_file files[] = { { paths[i], "x", 1 } };

        assert_int_equal(fatimage_size(files, 1, &bytes), STATUS_FATIMAGE_BAD_PATH);
    }
}

static void one_name_for_two_things_is_refused(void **state)
{
    static const char *const pairs[][2] = {
        { "\\A\\B", "\\a/b" }, { "\\A\\B", "\\A" }, { "\\A", "\\A\\B" }, { "\\Long name", "\\LONG NAME" },
    };
    size_t bytes;

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const struct fatimage_file files[] = { { pairs[i][0], "x", 1 }, { pairs[i][1], "x", 1 } };

        assert_int_equal(fatimage_size(files, 2, &bytes), STATUS_FATIMAGE_BAD_PATH);
    }
}

static void too_many_files_or_directories_are_refused(void **state)
{
    struct fatimage_file files[FATIMAGE_MAX_FILES + 1];
    char                 names[FATIMAGE_MAX_FILES + 1][8];
    size_t               bytes;

    (void)state;
    for (unsigned i = 0; i <= FATIMAGE_MAX_FILES; i++) {
        memcpy(names[i], "\\Fa", 4);
        names[i][2] = (char)('a' + i);
        files[i] = (struct fatimage_file){ names[i], "x", 1 };
    }
    assert_int_equal(fatimage_size(files, FATIMAGE_MAX_FILES, &bytes), STATUS_OK);
    assert_int_equal(fatimage_size(files, FATIMAGE_MAX_FILES + 1, &bytes), STATUS_FATIMAGE_TOO_LARGE);
    for (unsigned i = 0; i < FATIMAGE_MAX_FILES; i++)
        memcpy(names[i] + 3, "\\F", 3);
    assert_int_equal(fatimage_size(files, FATIMAGE_MAX_DIRS - 1, &bytes), STATUS_OK);
    assert_int_equal(fatimage_size(files, FATIMAGE_MAX_DIRS, &bytes), STATUS_FATIMAGE_TOO_LARGE);
}

static void the_same_input_gives_the_same_bytes(void **state)
{
    const struct fatimage_file files[] = { { "\\A long name.text", "x", 1 }, { "\\B\\C", "yy", 2 } };
    struct span                one = image_of(files, 2), two = image_of(files, 2);

    (void)state;
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.data, two.data, one.len);
    drop(one);
    drop(two);
}

static void memory_of_another_size_is_refused(void **state)
{
    const struct fatimage_file files[] = { { "\\A", "x", 1 } };
    uint8_t                    image[512] = { 0x77 };

    (void)state;
    assert_int_equal(fatimage_build(files, 1, 0, image, sizeof image), STATUS_INTERNAL);
    assert_int_equal(image[0], 0x77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_boot_managers_files),
        cmocka_unit_test(there_is_room_left),
        cmocka_unit_test(both_fats_are_the_same),
        cmocka_unit_test(the_kind_follows_from_the_size),
        cmocka_unit_test(sizes_beyond_fat16_are_refused),
        cmocka_unit_test(names_that_fat_cannot_hold_are_refused),
        cmocka_unit_test(one_name_for_two_things_is_refused),
        cmocka_unit_test(too_many_files_or_directories_are_refused),
        cmocka_unit_test(the_same_input_gives_the_same_bytes),
        cmocka_unit_test(memory_of_another_size_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
