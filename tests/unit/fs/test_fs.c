/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_fs.c - which file system a boot sector announces, names and paths, reads that are no whole sectors. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "common/fs/bytes.h"
#include "common/fs/fs.h"
#include "common/fs/path.h"
#include "common/base/span.h"
#include "tests/support/memdisk.h"
#include "tests/support/onefile.h"
#include "tests/support/pattern.h"

static void make_ntfs(uint8_t s[512])
{
    memset(s, 0, 512);
    memcpy(s, "\xeb\x52\x90NTFS    ", 11);
    wr_le16(s + 0x0b, 512);
    s[0x0d] = 8;
    s[0x15] = 0xf8;
    wr_le64(s + 0x28, 204799);
    wr_le64(s + 0x30, 4);
    wr_le64(s + 0x38, 8);
    s[0x40] = 0xf6;
    wr_le16(s + 0x1fe, 0xaa55);
}

static void make_fat32(uint8_t s[512])
{
    memset(s, 0, 512);
    memcpy(s, "\xeb\x58\x90MSDOS5.0", 11);
    wr_le16(s + 0x0b, 512);
    s[0x0d] = 1;
    wr_le16(s + 0x0e, 32);
    s[0x10] = 2;
    s[0x15] = 0xf8;
    wr_le32(s + 0x20, 80000);
    wr_le32(s + 0x24, 600);
    wr_le32(s + 0x2c, 2);
    wr_le16(s + 0x1fe, 0xaa55);
}

struct change {
    const char  *what;
    size_t       offset;
    unsigned     bytes;
    uint64_t     value;
    enum fs_kind want;
};

static void check_changes(void (*make)(uint8_t *), enum fs_kind unchanged, const struct change *c, size_t n)
{
    uint8_t s[512];

    make(s);
    assert_int_equal(fs_identify(s), unchanged);
    for (size_t i = 0; i < n; i++) {
        make(s);
        wr_le(s + c[i].offset, c[i].value, c[i].bytes);
        if (fs_identify(s) != c[i].want)
            fail_msg("%s", c[i].what);
    }
}

static void test_identify_ntfs(void **state)
{
    static const struct change changes[] = {
        { "no 55AA", 0x1fe, 2, 0x55ab, FS_NONE },
        { "no jump", 0, 1, 0, FS_NONE },
        { "a near jump", 0, 1, 0xe9, FS_NTFS },
        { "another name", 3, 1, 'M', FS_NONE },
        { "0 bytes a sector", 0x0b, 2, 0, FS_NONE },
        { "513 bytes a sector", 0x0b, 2, 513, FS_NONE },
        { "4096 bytes a sector", 0x0b, 2, 4096, FS_NTFS },
        { "8192 bytes a sector", 0x0b, 2, 8192, FS_NONE },
        { "0 sectors a cluster", 0x0d, 1, 0, FS_NONE },
        { "3 sectors a cluster", 0x0d, 1, 3, FS_NONE },
        { "32 KiB clusters", 0x0d, 1, 64, FS_NTFS },
        { "64 KiB clusters", 0x0d, 1, 0x80, FS_NTFS },
        { "2 MiB clusters", 0x0d, 1, 0xf4, FS_NTFS },
        { "4 MiB clusters", 0x0d, 1, 0xf3, FS_NONE },
        { "nonsense clusters", 0x0d, 1, 0x81, FS_NONE },
        { "FATs", 0x10, 1, 2, FS_NONE },
        { "16-bit sectors", 0x13, 2, 100, FS_NONE },
        { "16-bit FAT size", 0x16, 2, 100, FS_NONE },
        { "no sectors", 0x28, 8, 0, FS_NONE },
        { "too many sectors", 0x28, 8, UINT64_MAX, FS_NONE },
        { "MFT behind the end", 0x30, 8, 25600, FS_NONE },
        { "4 KiB records", 0x40, 1, 1, FS_NTFS },
        { "4 KiB records, the other way", 0x40, 1, 0xf4, FS_NTFS },
        { "512-byte records", 0x40, 1, 0xf7, FS_NTFS },
        { "256-byte records", 0x40, 1, 0xf8, FS_NONE },
        { "8 KiB records", 0x40, 1, 2, FS_NONE },
        { "2^128 bytes a record", 0x40, 1, 0x80, FS_NONE },
        { "no records", 0x40, 1, 0, FS_NONE },
    };

    (void)state;
    check_changes(make_ntfs, FS_NTFS, changes, sizeof changes / sizeof changes[0]);
}

static void test_identify_fat(void **state)
{
    static const struct change changes[] = {
        { "no 55AA", 0x1fe, 2, 0, FS_NONE },
        { "no jump", 0, 1, 0x33, FS_NONE },
        { "no name", 3, 8, 0, FS_FAT },
        { "0 bytes a sector, as exFAT", 0x0b, 2, 0, FS_NONE },
        { "256 bytes a sector", 0x0b, 2, 256, FS_NONE },
        { "6 sectors a cluster", 0x0d, 1, 6, FS_NONE },
        { "no reserved sectors", 0x0e, 2, 0, FS_NONE },
        { "no FAT", 0x10, 1, 0, FS_NONE },
        { "3 FATs", 0x10, 1, 3, FS_NONE },
        { "FAT32 with a root region", 0x11, 2, 512, FS_NONE },
        { "media 00", 0x15, 1, 0, FS_NONE },
        { "media F0", 0x15, 1, 0xf0, FS_FAT },
        { "no FAT size", 0x24, 4, 0, FS_NONE },
        { "FAT longer than the volume", 0x24, 4, 40000, FS_NONE },
        { "FAT much longer than the volume", 0x24, 4, UINT32_MAX, FS_NONE },
        { "no sectors", 0x20, 4, 0, FS_NONE },
        { "FAT16 without a root region", 0x16, 2, 100, FS_NONE },
    };

    (void)state;
    check_changes(make_fat32, FS_FAT, changes, sizeof changes / sizeof changes[0]);
}

static void test_open_refuses(void **state)
{
    struct memdisk *md = memdisk_new("blank", 512, 1000);
    uint8_t s[512], memory[1024];
    struct arena a = arena_of(memory, sizeof memory);
    struct fs_volume fs = { .kind = FS_NONE };

    (void)state;
    make_ntfs(s);
    memcpy(s + 3, "-FVE-FS-", 8);
    assert_int_equal(fs_identify(s), FS_NONE);
    assert_int_equal(fs_open(&md->dev, s, &a, &fs), STATUS_FS_BITLOCKER);
    memset(s, 0, sizeof s);
    assert_int_equal(fs_open(&md->dev, s, &a, &fs), STATUS_FS_UNKNOWN);
    assert_int_equal(fs.kind, FS_NONE);
    assert_int_equal(a.used, 0);
    assert_int_equal(md->reads, 0);
    memdisk_free(md);
}

static void check_part(const char **path, const char *want)
{
    struct fs_name part;

    assert_true(fs_path_next(path, &part));
    assert_int_equal(part.len, strlen(want));
    assert_memory_equal(part.text, want, part.len);
}

static void test_paths(void **state)
{
    static const char *const none[] = { "", "\\", "//\\" };
    const char *path = "\\Windows//Boot\\EFI/";
    struct fs_name part;

    (void)state;
    check_part(&path, "Windows");
    check_part(&path, "Boot");
    check_part(&path, "EFI");
    assert_false(fs_path_next(&path, &part));
    for (size_t i = 0; i < 3; i++) {
        path = none[i];
        assert_false(fs_path_next(&path, &part));
    }
}

static int compare(const char *ours, const char *theirs, uint16_t first_unit, bool *unsure)
{
    uint8_t utf16[64];
    size_t len = strlen(theirs);
    int order;

    for (size_t i = 0; i < len; i++)
        wr_le16(utf16 + 2 * i, (uint8_t)theirs[i]);
    if (first_unit)
        wr_le16(utf16, first_unit);
    *unsure = false;
    order = fs_name_compare(fs_name_of(ours), span_of(utf16, 2 * len), unsure);
    return order < 0 ? -1 : order > 0;
}

static void test_names(void **state)
{
    bool unsure;

    (void)state;
    assert_int_equal(compare("bootmgr", "BOOTMGR", 0, &unsure), 0);
    assert_int_equal(compare("a_b", "aab", 0, &unsure), 1);   /* '_' is behind 'A' to 'Z' */
    assert_int_equal(compare("a_b", "aBb", 0, &unsure), 1);
    assert_int_equal(compare("boot", "bootmgr", 0, &unsure), -1);
    assert_int_equal(compare("bootmgr", "boot", 0, &unsure), 1);
    assert_int_equal(compare("z", "A", 0, &unsure), 1);
    assert_false(unsure);
    assert_int_equal(compare("zoo", "xoo", 0xe4, &unsure), -1);
    assert_false(unsure);
    assert_int_equal(compare("zoo", "xoo", 0x131, &unsure), -1);
    assert_true(unsure);
    assert_int_equal(compare("s", "x", 0x17f, &unsure), -1);
    assert_true(unsure);
    assert_int_equal(compare("\xe4", "x", 0xe4, &unsure), 1);  /* not ASCII: equal to nothing */
    assert_int_equal(compare("\xe4", "x", 0xffff, &unsure), 1);
}

/* Every character of a name against every unit of one on disk: equal are letters of either case, and what is the same. */
static void test_every_character(void **state)
{
    (void)state;
    for (unsigned ours = 1; ours < 256; ours++)
        for (unsigned theirs = 1; theirs < 0x200; theirs++) {
            const char  text[] = { (char)ours, '\0' };
            uint8_t     unit[2];
            bool        unsure = false;
            const bool  same = ours < 0x80 && toupper((int)ours) == (theirs < 0x80 ? toupper((int)theirs) : (int)theirs);
            int         order;

            wr_le16(unit, (uint16_t)theirs);
            order = fs_name_compare(fs_name_of(text), span_of(unit, 2), &unsure);
            assert_int_equal(order == 0, same);
            assert_int_equal(unsure, theirs == 0x131 || theirs == 0x17f);
            if (!same)
                assert_int_equal(order > 0, ours >= 0x80 || toupper((int)ours) > (theirs < 0x80 ? toupper((int)theirs) : (int)theirs));
        }
}

/* A part of a path ends where it ends: what follows it there, and behind a name on disk, has no say. */
static void test_ends_of_names(void **state)
{
    static const char theirs[] = "b\0o\0o\0t\0.\0i\0n\0i\0";
    static const struct { const char *text; size_t len, units; int order; } cases[] = {
        { "boot/x", 4, 8, -1 }, { "boot/x", 4, 4, 0 }, { "boot/x", 4, 3, 1 }, { "boot\\", 4, 5, -1 }, { "boot.ini", 8, 4, 1 },
        { "boot.ini", 8, 8, 0 }, { "boot.ini", 8, 7, 1 }, { "boot.", 4, 5, -1 }, { "", 0, 8, -1 }, { "", 0, 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool unsure = false;
        int  order = fs_name_compare((struct fs_name){ cases[i].text, cases[i].len }, span_of(theirs, 2 * cases[i].units), &unsure);

        assert_int_equal((order > 0) - (order < 0), cases[i].order);
        assert_false(unsure);
    }
}

static void test_are_all_found(void **state)
{
    struct fs_lookup names[3] = { { .found = true }, { .found = true }, { .found = true } };

    (void)state;
    assert_true(fs_all_found(names, 3) && fs_all_found(names, 0));
    for (size_t i = 0; i < 3; i++) {
        names[i].found = false;
        assert_false(fs_all_found(names, 3));
        assert_true(fs_all_found(names, i));
        names[i].found = true;
    }
}

static void test_bytes(void **state)
{
    static const struct { uint64_t position; size_t len; uint32_t reads; } cases[] = {
        { 0, 0, 0 }, { 0, 1, 1 }, { 0, 512, 1 }, { 0, 5120, 1 }, { 511, 1, 1 }, { 511, 2, 2 }, { 1, 511, 1 },
        { 1, 2000, 3 }, { 512, 1000, 2 }, { 100, 924, 2 }, { 50000, 1200, 2 }, { 50000, 1100, 3 },
    };
    struct memdisk *md = memdisk_new("bytes", 512, 100);
    uint8_t buf[5121];

    (void)state;
    for (size_t i = 0; i < 51200; i++)
        md->data[i] = pattern_at(7, i);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        memdisk_reset(md);
        buf[cases[i].len] = 0xee;
        assert_int_equal(dev_read_bytes(&md->dev, cases[i].position, buf, cases[i].len), STATUS_OK);
        assert_memory_equal(buf, md->data + cases[i].position, cases[i].len);
        assert_int_equal(buf[cases[i].len], 0xee);
        assert_int_equal(md->reads, cases[i].reads);
    }
    assert_int_equal(dev_read_bytes(&md->dev, 51199, buf, 2), STATUS_READ_OUT_OF_RANGE);
    assert_int_equal(dev_read_bytes(&md->dev, UINT64_MAX, buf, 1), STATUS_READ_OUT_OF_RANGE);
    memdisk_fail(md, 3, 1, STATUS_READ_FAILED);
    assert_int_equal(dev_read_bytes(&md->dev, 100, buf, 2000), STATUS_READ_FAILED);
    memdisk_free(md);
}

static void test_powers_of_two(void **state)
{
    (void)state;
    for (unsigned low = 0; low < 4; low++)
        for (unsigned high = low; high < 6; high++)
            for (uint32_t n = 0; n < 100; n++) {
                int want = -1;

                for (unsigned shift = low; shift <= high; shift++)
                    want = n == 1u << shift ? (int)shift : want;
                assert_int_equal(log2_between(n, low, high), want);
            }
    assert_int_equal(log2_between(0x80000000, 0, 31), 31);
    assert_int_equal(log2_between(UINT32_MAX, 0, 31), -1);
}

/* A device that only counts what it is asked for. */
static uint32_t asked[4];
static size_t   times;

static enum status count_only(struct block_device *dev, uint64_t lba, uint32_t count, void *buf)
{
    (void)dev, (void)lba, (void)buf;
    asked[times++] = count;
    return STATUS_OK;
}

/* 5 GiB and a bit, in reads of no more than 2 GiB: the count is one of 32 bits. */
static void test_very_long_reads(void **state)
{
    struct block_device dev = { .name = "large", .block_size = 512, .block_count = 1u << 30, .read = count_only };
    const size_t        len = ((size_t)5 << 30) + 512;
    uint8_t            *nothing = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    (void)state;
    assert_ptr_not_equal(nothing, MAP_FAILED);
    assert_int_equal(dev_read_bytes(&dev, 0, nothing, len), STATUS_OK);
    assert_int_equal(times, 3);
    assert_int_equal(asked[0], 0x400000);
    assert_int_equal(asked[1], 0x400000);
    assert_int_equal(asked[2], 0x200001);
    munmap(nothing, len);
}

/* ---- whole files, and several names at once */

static struct onefile t;

static void make_file(uint32_t bytes, uint16_t flags)
{
    uint8_t         *r;
    struct nb_stream s = nb_one_run(ONEFILE_FREE_LCN, 4, bytes);

    onefile_begin(&t);
    r = nb_record(&t.v, ONEFILE_RECORD, (uint16_t)(NB_IN_USE | flags), 0);
    nb_in_clusters(r, NB_DATA, "", &s);
    nb_seal(r, ONEFILE_CLUSTER);
    for (uint32_t i = 0; i < 4096; i++)
        nb_cluster(&t.v, ONEFILE_FREE_LCN)[i] = pattern_at(7, i);
    onefile_open(&t);
}

static void test_whole_files(void **state)
{
    struct span whole = span_of("untouched", 9);
    size_t      used;

    (void)state;
    make_file(3000, 0);
    assert_int_equal(fs_read_whole(&t.fs, "/file", 3000, &t.arena, &whole), STATUS_OK);
    assert_int_equal(whole.len, 3000);
    for (uint32_t i = 0; i < 3000; i++)
        assert_int_equal(whole.data[i], pattern_at(7, i));
    whole = span_of("untouched", 9);
    assert_int_equal(fs_read_whole(&t.fs, "/file", 2999, &t.arena, &whole), STATUS_FILE_TOO_LARGE);
    assert_int_equal(fs_read_whole(&t.fs, "/none", 3000, &t.arena, &whole), STATUS_FILE_NOT_FOUND);
    assert_int_equal(fs_read_whole(&t.fs, "/", 3000, &t.arena, &whole), STATUS_FILE_NOT_FOUND);
    used = t.arena.used;
    memdisk_fail(t.md, ONEFILE_FREE_LCN * 2 + 5, 1, STATUS_READ_FAILED);
    assert_int_equal(fs_read_whole(&t.fs, "/file", 3000, &t.arena, &whole), STATUS_READ_FAILED);
    assert_in_range(t.arena.used, used, used + 2900);  /* what is known of the file stays, its bytes do not */
    memdisk_reset(t.md);
    t.arena.size = t.arena.used + 2900;
    assert_int_equal(fs_read_whole(&t.fs, "/file", 3000, &t.arena, &whole), STATUS_NO_MEMORY);
    assert_int_equal(whole.len, 9);
    onefile_end(&t);
}

static void test_where_a_file_ends(void **state)
{
    struct fs_file f;
    uint8_t        buf[8];
    uint64_t       sector, left;
    uint32_t       offset;

    (void)state;
    make_file(3000, 0);
    assert_int_equal(fs_find(&t.fs, "/file", &f), STATUS_OK);
    assert_int_equal(fs_read(&f, 2996, buf, 4), STATUS_OK);
    assert_int_equal(fs_read(&f, 2996, buf, 5), STATUS_INTERNAL);
    assert_int_equal(fs_read(&f, 3000, buf, 0), STATUS_OK);
    assert_int_equal(fs_read(&f, 3001, buf, 0), STATUS_INTERNAL);
    assert_int_equal(fs_read(&f, UINT64_MAX, buf, 2), STATUS_INTERNAL);
    assert_int_equal(fs_locate(&f, 2999, &sector, &offset, &left), STATUS_OK);
    assert_true(sector == ONEFILE_FREE_LCN * 2 + 5 && offset == 2999 % 512 && left == 1);
    assert_int_equal(fs_locate(&f, 3000, &sector, &offset, &left), STATUS_INTERNAL);
    onefile_end(&t);
}

static void test_how_many_names_at_once(void **state)
{
    static const char *const names[] = { "none", "a", "b", "file", "c", "d", "e", "FILE", "f" };
    bool found[9];

    (void)state;
    make_file(1, 0);
    memset(found, 1, sizeof found);
    assert_int_equal(fs_find_names(&t.fs, "/", names, 8, found), STATUS_OK);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(found[i], i == 3 || i == 7);
    assert_int_equal(fs_find_names(&t.fs, "/", names, 9, found), STATUS_INTERNAL);
    assert_int_equal(fs_find_names(&t.fs, "/file", names, 1, found), STATUS_FILE_NOT_FOUND);
    assert_false(found[0]);
    found[0] = true;
    assert_int_equal(fs_find_names(&t.fs, "/none", names, 1, found), STATUS_FILE_NOT_FOUND);
    assert_false(found[0]);
    memdisk_fail(t.md, ONEFILE_MFT_LCN * 2, 2 * ONEFILE_RECORDS, STATUS_READ_FAILED);
    t.fs.u.ntfs.head_bytes = 0;  /* as if another volume had used the memory that they share */
    assert_int_equal(fs_find_names(&t.fs, "/", names, 4, found), STATUS_READ_FAILED);
    assert_false(found[3]);
    onefile_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identify_ntfs),
        cmocka_unit_test(test_identify_fat),
        cmocka_unit_test(test_open_refuses),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_every_character),
        cmocka_unit_test(test_ends_of_names),
        cmocka_unit_test(test_are_all_found),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_powers_of_two),
        cmocka_unit_test(test_very_long_reads),
        cmocka_unit_test(test_whole_files),
        cmocka_unit_test(test_where_a_file_ends),
        cmocka_unit_test(test_how_many_names_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
