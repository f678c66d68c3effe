/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_fatimage.c - the FAT volume of the RAM disk; fsck and mtools look at it in tests/host/test_fatimage.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/disk/memory_device.h"
#include "common/fs/fs.h"
#include "common/present/fatimage.h"
#include "tests/support/memdisk.h"
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

/* Every field of a FAT12's and a FAT16's boot sector: Microsoft's FAT specification, "Boot sector and BPB". */
static void the_boot_sector(void **state)
{
    static uint8_t data[5000 * 4096];

    (void)state;
    for (size_t large = 0; large < 2; large++) {
        const struct fatimage_file files[] = { { "\\A", data, large ? sizeof data : 1 } };
        struct span                image = image_of(files, 1);
        size_t                     sectors = image.len / 512;

        assert_memory_equal(image.data, "\xeb\x3c\x90LDMBOOT ", 11);
        assert_int_equal(rd_le16(image, 0x0b), 512);
        assert_int_equal(image.data[0x0d], 8);
        assert_int_equal(rd_le16(image, 0x0e), 1);
        assert_int_equal(image.data[0x10], 2);
        assert_int_equal(rd_le16(image, 0x11), 512);
        assert_int_equal(rd_le16(image, 0x13), sectors < 65536 ? sectors : 0);
        assert_int_equal(image.data[0x15], 0xf8);
        assert_int_equal(rd_le16(image, 0x18), 63);
        assert_int_equal(rd_le16(image, 0x1a), 255);
        assert_int_equal(rd_le32(image, 0x20), sectors < 65536 ? 0 : sectors);
        assert_int_equal(image.data[0x24], 0x80);
        assert_int_equal(image.data[0x25], 0);
        assert_int_equal(image.data[0x26], 0x29);
        assert_int_equal(rd_le32(image, 0x27), 0x1234abcd);
        assert_memory_equal(image.data + 0x2b, "NO NAME    ", 11);
        assert_memory_equal(image.data + 0x36, large ? "FAT16   " : "FAT12   ", 8);
        for (size_t i = 0x3e; i < 0x1fe; i++)
            assert_int_equal(image.data[i], 0);
        assert_int_equal(rd_le16(image, 0x1fe), 0xaa55);
        drop(image);
    }
}

/* Every file is there by its name, whatever its case, with its content; and by no other name. */
static void assert_reads_back(struct block_device *dev, const uint8_t *boot_sector, const struct fatimage_file *files, size_t count)
{
    static uint8_t   memory[1 << 20];
    struct arena     a = arena_of(memory, sizeof memory);
    struct fs_volume fs;

    assert_int_equal(fs_open(dev, boot_sector, &a, &fs), STATUS_OK);
    for (size_t i = 0; i < count; i++) {
        struct fs_file file;
        uint8_t        byte = 0;

        if (fs_find(&fs, files[i].path, &file) != STATUS_OK)
            fail_msg("%s is not found", files[i].path);
        assert_false(file.is_directory);
        assert_int_equal(file.bytes, files[i].size);
        for (size_t at = 0; at < files[i].size; at += files[i].size > 1000 ? 997 : 1) {
            assert_int_equal(fs_read(&file, at, &byte, 1), STATUS_OK);
            assert_int_equal(byte, ((const uint8_t *)files[i].data)[at]);
        }
    }
}

/* Each folder names itself and the one that it is in, which is 0 when that is the root. */
static void folders_within_folders(void **state)
{
    const struct fatimage_file files[] = { { "\\one\\two\\three\\file", "x", 1 }, { "\\one\\2\\file", "y", 1 }, { "/ONE/two/other", "z", 1 } };
    static const struct { size_t cluster, self, parent; } folders[] = { { 2, 2, 0 }, { 3, 3, 2 }, { 4, 4, 3 }, { 5, 5, 2 } };
    struct memory_device       md;
    struct span                image = image_of(files, 3);

    (void)state;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        size_t at = data_start(image) + (folders[i].cluster - 2) * 4096;

        assert_memory_equal(image.data + at, ".          \x10", 12);
        assert_int_equal(rd_le16(image, at + 26), folders[i].self);
        assert_memory_equal(image.data + at + 32, "..         \x10", 12);
        assert_int_equal(rd_le16(image, at + 32 + 26), folders[i].parent);
        assert_int_equal(rd_le32(image, at + 28), 0);
    }
    memory_device_init(&md, "memory", image.data, image.len);
    assert_reads_back(&md.dev, image.data, files, 3);
    drop(image);
}

/* The largest that is a FAT16, to the cluster. */
static void as_much_as_a_fat16_can_hold(void **state)
{
    struct fatimage_file file = { "\\A", "", (size_t)(65508 - 256) * 4096 };
    size_t               bytes;

    (void)state;
    assert_int_equal(fatimage_size(&file, 1, &bytes), STATUS_OK);
    assert_int_equal(bytes, (1 + 2 * 256 + 32 + 65508 * 8) * (size_t)512);
    file.size++;
    assert_int_equal(fatimage_size(&file, 1, &bytes), STATUS_FATIMAGE_TOO_LARGE);
}

/* What cannot be laid out is not begun. */
static void what_is_refused_is_not_built(void **state)
{
    const struct fatimage_file  bad = { "A", "x", 1 };
    const struct fatimage_fat32 shape = { 512, 600000, 0, 0 };
    uint8_t                     image[512] = { 0x77 };

    (void)state;
    assert_int_equal(fatimage_build(&bad, 1, 0, image, sizeof image), STATUS_FATIMAGE_BAD_PATH);
    assert_int_equal(fatimage_fat32_build(&bad, 1, &shape, image, sizeof image), STATUS_FATIMAGE_BAD_PATH);
    assert_int_equal(image[0], 0x77);
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

/* Each FAT has an entry for every cluster, and the two before the first, and no sector more than they need. */
static void fats_as_long_as_they_have_to_be(void **state)
{
    (void)state;
    for (size_t n = 0; n < 6000; n++) {
        const struct fatimage_file files[] = { { "\\A", "", n * 4096 } };
        size_t                     clusters = 256 + n, fat, bytes;

        if (clusters > 4068 && clusters < 4101)
            clusters = 4101;
        fat = clusters > 4068 ? (clusters + 2) * 2 : (clusters + 2) * 3 / 2 + (clusters + 2) % 2;
        assert_int_equal(fatimage_size(files, 1, &bytes), STATUS_OK);
        assert_int_equal(bytes, (1 + 2 * ((fat + 511) / 512) + 32 + 8 * clusters) * 512);
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
        "\\\xc3\xb6", "\\A\tB", "\\A\x1f" "B", "\\A\x7f" "B", "\\A<", "\\A|", "\\A*", "\\1234567890123456789012345678901234567890",
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
        { "\\A\\B", "\\a/b" }, { "\\A\\B", "\\A" }, { "\\A", "\\A\\B" }, { "\\Long name", "\\LONG NAME" }, { "\\azAZ", "\\AZaz" },
        { "\\x\\y", "/X/Y" },
    };
    size_t bytes;

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const struct fatimage_file files[] = { { pairs[i][0], "x", 1 }, { pairs[i][1], "x", 1 } };

        assert_int_equal(fatimage_size(files, 2, &bytes), STATUS_FATIMAGE_BAD_PATH);
    }
}

static void names_that_only_look_alike(void **state)
{
    static const char *const pairs[][2] = {
        { "\\A\\B", "\\AxB" }, { "\\AxB", "\\A\\B" }, { "\\A\\B", "\\A\\BC" }, { "\\AB", "\\B" }, { "\\A\\B", "\\B" }, { "\\[", "\\{" },
        { "\\A@", "\\A`" }, { "\\A\\B", "\\C\\B" },
    };
    size_t bytes;

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const struct fatimage_file files[] = { { pairs[i][0], "x", 1 }, { pairs[i][1], "x", 1 } };

        assert_int_equal(fatimage_size(files, 2, &bytes), STATUS_OK);
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

/* ---- what is made is read back, as any reader of FAT does */

static const struct fatimage_file names[] = {
    { "\\A9$%'-_@.!()", "1", 1 }, { "\\{}^#&.Z", "2", 1 }, { "\\EIGHT008.EXT", "3", 1 }, { "\\ninechars9", "4", 1 },
    { "\\a.four", "5", 1 }, { "\\.hidden", "6", 1 }, { "\\two.dots.txt", "7", 1 }, { "\\with blank", "8", 1 },
    { "\\thirteen.char", "9", 1 }, { "\\14 characters.", "a", 0 }, { "\\exactly twenty-six letters", "b", 1 },
    { "\\as long as a name may be here, all 39.x", "c", 1 }, { "\\plus+one", "d", 1 }, { "\\tilde~1", "e", 1 },
    { "\\dir with a name\\sub\\file.bin", "f", 1 }, { "\\dir with a name\\sub\\other.bin", "g", 1 },
};

/* Those that Windows takes: "14 characters." would lose its last one. */
static size_t good_names(struct fatimage_file *out)
{
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (names[i].size)
            out[n++] = names[i];
    return n;
}

static void every_kind_of_name(void **state)
{
    struct fatimage_file files[FATIMAGE_MAX_FILES];
    size_t               count = good_names(files), entry;
    struct memory_device md;
    struct span          image;
    static const char *const aliases[] = { "NINECH~2   ", "A~3     FOU", "HIDDEN~4   ", "TWODOT~5TXT", "WITHBL~6   ", "THIRTE~7CHA",
                                           "EXACTL~8   ", "ASLONG~9X  ", "PLUS_~10   ", "TILDE~11   " };  /* ~1: the folder */
    size_t               alias = 0;

    (void)state;
    assert_true(count <= FATIMAGE_MAX_FILES);
    image = image_of(files, count);
    memory_device_init(&md, "memory", image.data, image.len);
    assert_reads_back(&md.dev, image.data, files, count);
    for (entry = root_start(image); image.data[entry]; entry += 32) {
        if (image.data[entry + 11] == 0x0f)
            continue;
        assert_int_equal(rd_le16(image, entry + 16), 0x0021);  /* made, read, written: 1980-01-01 */
        assert_int_equal(rd_le16(image, entry + 18), 0x0021);
        assert_int_equal(rd_le16(image, entry + 24), 0x0021);
        assert_int_equal(rd_le16(image, entry + 20), 0);
        if (entry > root_start(image) && image.data[entry - 32 + 11] == 0x0f && image.data[entry + 11] == 0x20)
            assert_memory_equal(image.data + entry, aliases[alias++], 11);
    }
    assert_int_equal(alias, ARRAY_LEN(aliases));
    drop(image);
}

/* One long entry, byte by byte: Microsoft's FAT specification, "Long directory entries". */
static void a_long_name(void **state)
{
    const struct fatimage_file files[] = { { "\\Ab cdefghijklmn", "x", 1 } };
    static const uint8_t wanted[3][32] = {
        { 0x42, 'm', 0, 'n', 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0,
          0xff, 0xff, 0xff, 0xff },
        { 0x01, 'A', 0, 'b', 0, ' ', 0, 'c', 0, 'd', 0, 0x0f, 0, 0, 'e', 0, 'f', 0, 'g', 0, 'h', 0, 'i', 0, 'j', 0, 0, 0, 'k', 0, 'l', 0 },
        { 'A', 'B', 'C', 'D', 'E', 'F', '~', '1', ' ', ' ', ' ', 0x20 },
    };
    struct span image = image_of(files, 1);
    size_t      root = root_start(image);
    uint8_t     sum = 0;

    (void)state;
    for (size_t i = 0; i < 11; i++)
        sum = (uint8_t)(((sum & 1) << 7) + (sum >> 1) + wanted[2][i]);
    for (size_t part = 0; part < 2; part++)
        for (size_t i = 0; i < 32; i++)
            assert_int_equal(image.data[root + part * 32 + i], i == 13 ? sum : wanted[part][i]);
    assert_memory_equal(image.data + root + 64, wanted[2], 12);
    assert_int_equal(image.data[root + 96], 0);
    drop(image);
}

/* A long name has as many entries as it needs, the last part first. */
static void entries_of_long_names(void **state)
{
    (void)state;
    for (size_t len = 3; len < 40; len++) {
        char                       name[48] = "\\a b";
        const struct fatimage_file files[] = { { name, "x", 1 }, { "\\AZ", "y", 1 } };
        size_t                     parts = (len + 12) / 13, entry;
        struct span                image;

        memset(name + 4, 'c', len - 3);
        image = image_of(files, 2);
        entry = root_start(image);
        for (size_t part = parts; part > 0; part--, entry += 32) {
            assert_int_equal(image.data[entry], part == parts ? 0x40 | part : part);
            assert_int_equal(image.data[entry + 11], 0x0f);
        }
        assert_memory_equal(image.data + entry + 6, "~1", len > 6 ? 2 : 0);
        assert_int_equal(image.data[entry + 11], 0x20);
        assert_memory_equal(image.data + entry + 32, "AZ         \x20", 12);
        assert_int_equal(image.data[entry + 64], 0);
        drop(image);
    }
}

/* Names of eight and three that FAT has as they are, but for their case. */
static void short_names(void **state)
{
    static const struct { const char *path, *entry; } cases[] = {
        { "\\x.y", "X       Y  " }, { "\\ab.txt", "AB      TXT" }, { "\\eight008.ex", "EIGHT008EX " }, { "\\noext", "NOEXT      " },
        { "\\z", "Z          " },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct fatimage_file files[] = { { cases[i].path, "x", 1 } };
        struct span                image = image_of(files, 1);

        assert_memory_equal(image.data + root_start(image), cases[i].entry, 11);
        assert_int_equal(image.data[root_start(image) + 11], 0x20);
        assert_int_equal(image.data[root_start(image) + 32], 0);
        drop(image);
    }
    {
        const struct fatimage_file hidden = { "\\.abc", "x", 1 };  /* FAT has no name that begins with its dot */
        struct span                image = image_of(&hidden, 1);

        assert_int_equal(image.data[root_start(image)], 0x41);
        assert_memory_equal(image.data + root_start(image) + 32, "ABC~1      ", 11);
        drop(image);
    }
}

/* FAT12: every link, of chains that end in either half of a byte; each entry's bits are its own. */
static void chains_of_fat12(void **state)
{
    static const size_t  counts[] = { 1, 2, 5, 6, 7, 8, 9, 10, 3000 };
    static const uint8_t data[3000 * 4096];

    (void)state;
    for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++) {
        struct span image = image_of(&(struct fatimage_file){ "\\A", data, counts[k] * 4096 }, 1);

        for (size_t i = 2; i < counts[k] + 6; i++) {
            unsigned pair = rd_le16(image, 512 + i * 3 / 2), entry = i % 2 ? pair >> 4 : pair & 0xfff;

            assert_int_equal(entry, i < counts[k] + 1 ? i + 1 : i == counts[k] + 1 ? 0xfff : 0);
        }
        drop(image);
    }
}

/* FAT16: every link of a file's chain, and a volume that needs the 32-bit count of sectors. */
static void a_chain_of_fat16(void **state)
{
    static uint8_t             data[10000 * 4096];
    const struct fatimage_file files[] = { { "\\A", data, sizeof data }, { "\\B", data, 4097 } };
    struct memory_device       md;
    struct span                image;

    (void)state;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 31 + (i >> 12));
    image = image_of(files, 2);
    assert_memory_equal(image.data + 0x36, "FAT16   ", 8);
    assert_int_equal(rd_le16(image, 0x13), 0);
    assert_int_equal((size_t)rd_le32(image, 0x20) * 512, image.len);
    assert_int_equal(rd_le16(image, 512), 0xfff8);
    assert_int_equal(rd_le16(image, 514), 0xffff);
    for (size_t i = 2; i < 10003; i++)
        assert_int_equal(rd_le16(image, 512 + 2 * i), i == 10001 ? 0xffff : i + 1);
    assert_int_equal(rd_le16(image, 512 + 2 * 10003), 0xffff);
    assert_int_equal(rd_le16(image, 512 + 2 * 10004), 0);
    memory_device_init(&md, "memory", image.data, image.len);
    assert_reads_back(&md.dev, image.data, files, 2);
    drop(image);
}

/* ---- FAT32 */

static struct memdisk *fat32_of(const struct fatimage_file *files, size_t count, const struct fatimage_fat32 *shape, size_t *head)
{
    struct memdisk *md = memdisk_new("fat32", shape->sector_bytes, shape->total_sectors);

    assert_int_equal(fatimage_fat32_size(files, count, shape, head), STATUS_OK);
    assert_int_equal(fatimage_fat32_build(files, count, shape, md->data, *head - 1), STATUS_INTERNAL);
    assert_int_equal(fatimage_fat32_build(files, count, shape, md->data, *head + 1), STATUS_INTERNAL);
    assert_int_equal(md->data[0], 0);
    assert_int_equal(fatimage_fat32_build(files, count, shape, md->data, *head), STATUS_OK);
    return md;
}

static void a_volume_of_fat32(void **state)
{
    struct fatimage_file files[FATIMAGE_MAX_FILES];
    size_t               count = good_names(files);

    (void)state;
    for (uint32_t bytes = 512; bytes <= 4096; bytes *= 8) {
        const struct fatimage_fat32 shape = { bytes, (300u << 20) / bytes, 123456, 0x89abcdef };
        size_t                      head, unit = bytes, fat, fats, data, used;
        struct memdisk             *md = fat32_of(files, count, &shape, &head);
        struct span                 s = span_of(md->data, head);

        fats = rd_le32(s, 0x24);
        fat = 32 * unit;
        data = fat + 2 * fats * unit;
        used = (head - data) / 4096;
        assert_memory_equal(md->data, "\xeb\x58\x90", 3);
        assert_int_equal(rd_le16(s, 0x0b), bytes);
        assert_int_equal(md->data[0x0d], 4096 / bytes);
        assert_int_equal(rd_le16(s, 0x0e), 32);
        assert_int_equal(md->data[0x10], 2);
        assert_int_equal(rd_le16(s, 0x11), 0);
        assert_int_equal(rd_le16(s, 0x13), 0);
        assert_int_equal(md->data[0x15], 0xf8);
        assert_int_equal(rd_le16(s, 0x16), 0);
        assert_int_equal(rd_le32(s, 0x1c), 123456);
        assert_int_equal(rd_le32(s, 0x20), shape.total_sectors);
        assert_int_equal(rd_le32(s, 0x2c), 2);
        assert_int_equal(rd_le16(s, 0x30), 1);
        assert_int_equal(rd_le16(s, 0x32), 6);
        assert_int_equal(md->data[0x40], 0x80);
        assert_int_equal(md->data[0x42], 0x29);
        assert_int_equal(rd_le32(s, 0x43), 0x89abcdef);
        assert_memory_equal(md->data + 0x52, "FAT32   ", 8);
        assert_int_equal(rd_le16(s, 0x1fe), 0xaa55);
        assert_memory_equal(md->data + unit, "RRaA", 4);
        assert_memory_equal(md->data + unit + 0x1e4, "rrAa", 4);
        assert_int_equal(rd_le32(s, unit + 0x1e8), ((size_t)shape.total_sectors * unit - data) / 4096 - used);
        assert_int_equal(rd_le32(s, unit + 0x1ec), used + 2);
        assert_int_equal(rd_le32(s, unit + 0x1fc), 0xaa550000);
        assert_memory_equal(md->data + 6 * unit, md->data, 2 * unit);
        assert_int_equal(rd_le32(s, fat), 0x0ffffff8);
        for (size_t i = 1; i < used + 2; i++)
            assert_int_equal(rd_le32(s, fat + 4 * i), 0x0fffffff);  /* all of them are short */
        assert_int_equal(rd_le32(s, fat + 4 * (used + 2)), 0);
        assert_memory_equal(md->data + fat, md->data + fat + fats * unit, fats * unit);
        assert_memory_equal(md->data + 3, "LDMBOOT ", 8);
        assert_memory_equal(md->data + 0x47, "NO NAME    ", 11);
        assert_int_equal(rd_le16(s, 0x18), 63);
        assert_int_equal(rd_le16(s, 0x1a), 255);
        assert_memory_equal(md->data + data + 4096, ".          \x10", 12);  /* "dir with a name", in the root */
        assert_int_equal(rd_le16(s, data + 4096 + 26), 3);
        assert_int_equal(rd_le16(s, data + 4096 + 32 + 26), 0);
        assert_int_equal(rd_le16(s, data + 2 * 4096 + 26), 4);
        assert_int_equal(rd_le16(s, data + 2 * 4096 + 32 + 26), 3);
        assert_true(fats * unit / 4 >= ((size_t)shape.total_sectors * unit - data) / 4096 + 2);
        assert_reads_back(&md->dev, md->data, files, count);
        memdisk_free(md);
    }
}

/* FAT32 is one by its number of clusters alone; what is between the kinds is refused. */
static void sizes_that_are_no_fat32_are_refused(void **state)
{
    static uint8_t             data[1 << 20];
    const struct fatimage_file one = { "\\A", "x", 1 }, large = { "\\B", data, (size_t)270 << 20 };
    const uint32_t             fats = 2 * ((65541 + 2 + 65 + 2) * 4 / 512 + 1), least = 32 + fats + 65541 * 8;
    size_t                     head = 77;
    uint32_t                   refused = 0;

    (void)state;
    for (uint32_t total = least - 200; total < least + 200; total++) {
        const struct fatimage_fat32 shape = { 512, total, 0, 0 };
        enum status                 st = fatimage_fat32_size(&one, 1, &shape, &head);

        assert_true(st == STATUS_OK || (st == STATUS_FATIMAGE_TOO_LARGE && head == 77));
        if (st != STATUS_OK)
            refused = total;
    }
    assert_in_range(refused, least - 200, least + 100);
    {
        const struct fatimage_fat32 last = { 512, refused, 0, 0 }, first = { 512, refused + 1, 0, 0 };
        uint32_t                    data_sector;

        assert_int_equal(fatimage_fat32_size(&one, 1, &last, &head), STATUS_FATIMAGE_TOO_LARGE);
        assert_int_equal(fatimage_fat32_size(&one, 1, &first, &head), STATUS_OK);
        data_sector = (uint32_t)((head - 2 * 4096) / 512);
        assert_int_equal((refused + 1 - data_sector) / 8, 65541);
        assert_int_equal((refused - data_sector) / 8, 65540);
        assert_int_equal(fatimage_fat32_size(&large, 1, &first, &head), STATUS_FATIMAGE_TOO_LARGE);
    }
    {
        const struct fatimage_fat32 tiny = { 512, 20, 0, 0 }, none = { 512, 0, 0, 0 }, huge = { 512, ((1u << 24) + 1) * 8, 0, 0 },
                                    largest = { 512, ((1u << 24) + 1) * 8 - 1, 0, 0 };

        assert_int_equal(fatimage_fat32_size(&one, 1, &tiny, &head), STATUS_FATIMAGE_TOO_LARGE);
        assert_int_equal(fatimage_fat32_size(&one, 1, &none, &head), STATUS_FATIMAGE_TOO_LARGE);
        assert_int_equal(fatimage_fat32_size(&one, 1, &huge, &head), STATUS_FATIMAGE_TOO_LARGE);
        assert_int_equal(fatimage_fat32_size(&one, 1, &largest, &head), STATUS_OK);
    }
}

static void its_place_on_the_disk(void **state)
{
    const struct fatimage_file files[] = { { "\\A", "x", 1 } };
    struct span                image = image_of(files, 1);

    (void)state;
    fatimage_set_place((void *)(uintptr_t)image.data, 0x12345678, 16, 32);
    assert_int_equal(rd_le32(image, 0x1c), 0x12345678);
    assert_int_equal(rd_le16(image, 0x1a), 16);
    assert_int_equal(rd_le16(image, 0x18), 32);
    assert_int_equal(image.data[0x15], 0xf8);
    assert_int_equal((size_t)rd_le16(image, 0x13) * 512, image.len);
    drop(image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_boot_managers_files),
        cmocka_unit_test(there_is_room_left),
        cmocka_unit_test(both_fats_are_the_same),
        cmocka_unit_test(the_kind_follows_from_the_size),
        cmocka_unit_test(the_boot_sector),
        cmocka_unit_test(folders_within_folders),
        cmocka_unit_test(as_much_as_a_fat16_can_hold),
        cmocka_unit_test(what_is_refused_is_not_built),
        cmocka_unit_test(fats_as_long_as_they_have_to_be),
        cmocka_unit_test(entries_of_long_names),
        cmocka_unit_test(short_names),
        cmocka_unit_test(sizes_beyond_fat16_are_refused),
        cmocka_unit_test(names_that_fat_cannot_hold_are_refused),
        cmocka_unit_test(one_name_for_two_things_is_refused),
        cmocka_unit_test(names_that_only_look_alike),
        cmocka_unit_test(too_many_files_or_directories_are_refused),
        cmocka_unit_test(the_same_input_gives_the_same_bytes),
        cmocka_unit_test(memory_of_another_size_is_refused),
        cmocka_unit_test(every_kind_of_name),
        cmocka_unit_test(a_long_name),
        cmocka_unit_test(chains_of_fat12),
        cmocka_unit_test(a_chain_of_fat16),
        cmocka_unit_test(a_volume_of_fat32),
        cmocka_unit_test(sizes_that_are_no_fat32_are_refused),
        cmocka_unit_test(its_place_on_the_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
