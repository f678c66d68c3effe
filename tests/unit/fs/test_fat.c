/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_fat.c - the FAT reader on volumes of mkfs.fat and mtools (tests/tools/make-fsimg.sh), whole and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/fs/fs.h"
#include "common/base/span.h"
#include "tests/support/memdisk.h"

#define BIG_BYTES   100003u
#define SMALL_BYTES 777u

struct opened {
    struct memdisk  *md;
    struct fs_volume fs;
    struct arena     arena;
    uint8_t          memory[128 << 10];
};

static const char *const images[] = { "build/fsimg/fat12.img", "build/fsimg/fat16.img", "build/fsimg/fat32.img" };

/* What make-fsimg.sh copied into the volumes. */
static uint8_t host_big[BIG_BYTES];

static int load_host_files(void **state)
{
    FILE *f = fopen("build/fsimg/host-big", "rb");

    (void)state;
    if (!f || fread(host_big, 1, sizeof host_big, f) != sizeof host_big)
        return -1;
    fclose(f);
    return 0;
}

static void open_image(struct opened *o, size_t which)
{
    o->md = memdisk_open(images[which], 512);
    assert_non_null(o->md);
    o->arena = arena_of(o->memory, sizeof o->memory);
    assert_int_equal(fs_open(&o->md->dev, memdisk_at(o->md, 0), &o->arena, &o->fs), STATUS_OK);
    assert_int_equal(o->fs.kind, FS_FAT);
}

static enum status find(struct opened *o, const char *path)
{
    struct fs_file f;

    return fs_find(&o->fs, path, &f);
}

static struct fs_file must_find(struct opened *o, const char *path)
{
    struct fs_file f;
    enum status st = fs_find(&o->fs, path, &f);

    if (st != STATUS_OK)
        fail_msg("%s: status %d", path, (int)st);
    return f;
}

static void check_content(struct opened *o, const char *path, size_t bytes)
{
    struct fs_file f = must_find(o, path);
    uint8_t *all = malloc(bytes), piece[1000];

    assert_int_equal(f.bytes, bytes);
    assert_false(f.is_directory);
    assert_int_equal(fs_read(&f, 0, all, bytes), STATUS_OK);
    assert_memory_equal(all, host_big, bytes);
    for (size_t end = bytes; end > 0;) {  /* from back to front */
        size_t len = end < sizeof piece ? end : sizeof piece;

        assert_int_equal(fs_read(&f, end - len, piece, len), STATUS_OK);
        assert_memory_equal(piece, host_big + end - len, len);
        end -= len;
    }
    for (size_t off = 0; off < bytes;) {
        uint64_t sector, left;
        uint32_t offset;

        assert_int_equal(fs_locate(&f, off, &sector, &offset, &left), STATUS_OK);
        assert_in_range(left, 1, bytes - off);
        assert_memory_equal(memdisk_at(o->md, sector) + offset, host_big + off, left);
        off += left;
    }
    free(all);
}

static void test_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct opened o;
        char path[64];

        open_image(&o, i);
        assert_int_equal(o.fs.u.fat.bits, i == 0 ? 12 : i == 1 ? 16 : 32);
        check_content(&o, "/NTLDR", BIG_BYTES);
        check_content(&o, "\\ntldr", BIG_BYTES);
        check_content(&o, "/ldmboot.CFG", SMALL_BYTES);
        check_content(&o, "/A rather LONG name, longer than one entry.text", SMALL_BYTES);
        check_content(&o, "/ARATHE~1.TEX", SMALL_BYTES);
        check_content(&o, "/EFI/microsoft\\Boot\\bootmgfw.efi", SMALL_BYTES);
        check_content(&o, "/gaps/big.bin", BIG_BYTES);
        check_content(&o, "/gaps/39", SMALL_BYTES);
        check_content(&o, "/many/zz-last.txt", SMALL_BYTES);
        for (unsigned n = 0; n < 300; n++) {
            snprintf(path, sizeof path, "/many/file with a long NAME %u.dat", n);
            assert_int_equal(must_find(&o, path).bytes, 0);
        }
        assert_true(must_find(&o, "/EFI").is_directory);
        assert_true(must_find(&o, "/").is_directory);
        memdisk_free(o.md);
    }
}

static void test_absent(void **state)
{
    static const char *const paths[] = {
        "/none", "/NTLD", "/NTLDR.", "/NTLDRX", "/EFI/none", "/none/boot", "/NTLDR/boot", "/EFI/.", "/EFI/..",
        "/gaps/0",
        "/a rather long name, longer than one entry.tex", "/file with a long name 1.dat", "/\xc3\xa4",
    };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct opened o;

        open_image(&o, i);
        for (size_t p = 0; p < sizeof paths / sizeof paths[0]; p++)
            if (find(&o, paths[p]) != STATUS_FILE_NOT_FOUND)
                fail_msg("%s was found on %s", paths[p], images[i]);
        memdisk_free(o.md);
    }
}

static void test_names_in_one_pass(void **state)
{
    static const char *const names[] = { "bootmgr", "NTLDR", "none", "ldmboot.cfg" };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct opened o;
        bool found[4];

        open_image(&o, i);
        memdisk_reset(o.md);
        assert_int_equal(fs_find_names(&o.fs, "/", names, 4, found), STATUS_OK);
        assert_false(found[0]);
        assert_true(found[1]);
        assert_false(found[2]);
        assert_true(found[3]);
        assert_in_range(o.md->reads, 1, 3);
        assert_int_equal(fs_find_names(&o.fs, "/NTLDR", names, 4, found), STATUS_FILE_NOT_FOUND);
        memdisk_free(o.md);
    }
}

/* The file lies in one piece: whole sectors in one read, the last bytes in another, the FAT in few. */
static void test_few_reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct opened o;
        struct fs_file f;
        uint8_t buf[BIG_BYTES];

        open_image(&o, i);
        f = must_find(&o, "/NTLDR");
        memdisk_reset(o.md);
        assert_int_equal(fs_read(&f, 0, buf, sizeof buf), STATUS_OK);
        assert_in_range(o.md->reads, 2, 4);
        memdisk_free(o.md);
    }
}

/* Set the FAT entry of a cluster in the first copy. */
static void set_fat(struct opened *o, uint32_t cluster, uint32_t value)
{
    uint8_t *fat = memdisk_at(o->md, o->fs.u.fat.fat / 512);
    uint32_t at = cluster + cluster / 2, old;

    o->fs.u.fat.fat_window_bytes = 0;  /* forget what was read before */
    if (o->fs.u.fat.bits == 32) {
        wr_le32(fat + 4 * cluster, value);
    } else if (o->fs.u.fat.bits == 16) {
        wr_le16(fat + 2 * cluster, value);
    } else {
        old = rd_le16(span_of(fat + at, 2), 0);
        wr_le16(fat + at, cluster & 1 ? (old & 0xf) | (value & 0xfff) << 4 : (old & 0xf000) | (value & 0xfff));
    }
}

static void test_bad_chains(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        enum { TOO_SHORT, FREE, BAD, OUTSIDE, CIRCLE, KINDS };

        for (unsigned kind = TOO_SHORT; kind < KINDS; kind++) {
            struct opened o;
            struct fs_file f;
            uint8_t buf[BIG_BYTES];
            enum status st;

            open_image(&o, i);
            f = must_find(&o, "/NTLDR");
            const uint32_t second = f.u.fat.first_cluster + 1;
            const uint32_t values[] = { 0xfffffff, 0, 0xffffff7, o.fs.u.fat.cluster_count + 2, second };

            set_fat(&o, second, values[kind]);
            st = fs_read(&f, 0, buf, sizeof buf);
            if (kind == CIRCLE)  /* ends, and its content is nobody's: the size bounds it */
                assert_true(st == STATUS_OK || st == STATUS_FS_DAMAGED);
            else
                assert_int_equal(st, STATUS_FS_DAMAGED);
            assert_int_equal(fs_read(&f, 0, buf, 100), STATUS_OK);
            assert_memory_equal(buf, host_big, 100);
            memdisk_free(o.md);
        }
    }
}

/* A directory that is its own continuation is looked through for as long as a directory may be. */
static void test_directory_in_a_circle(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct opened o;
        struct fs_file f;

        open_image(&o, i);
        f = must_find(&o, "/many");
        set_fat(&o, f.u.fat.first_cluster, f.u.fat.first_cluster);
        assert_true(find(&o, "/many/none") == STATUS_FILE_NOT_FOUND || find(&o, "/many/none") == STATUS_FS_DAMAGED);
        assert_in_range(o.md->reads, 1, 10000);
        memdisk_free(o.md);
    }
}

static void test_second_fat(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct opened o;
        struct fs_file f;
        uint8_t buf[BIG_BYTES];

        open_image(&o, i);
        memdisk_fail(o.md, o.fs.u.fat.fat / 512, o.fs.u.fat.fat_bytes / 512, STATUS_READ_FAILED);
        check_content(&o, "/gaps/big.bin", BIG_BYTES);
        memdisk_fail(o.md, 0, o.fs.u.fat.root / 512, STATUS_READ_FAILED);
        o.fs.u.fat.fat_window_bytes = 0;
        f = must_find(&o, "/gaps/big.bin");
        assert_int_equal(fs_read(&f, 0, buf, sizeof buf), STATUS_READ_FAILED);
        memdisk_free(o.md);
    }
}

/* The entry in the root with this short name, on disk. */
static uint8_t *root_entry(struct opened *o, const char *short_name)
{
    struct fat_volume *v = &o->fs.u.fat;
    uint64_t position = v->bits == 32 ? v->data + ((uint64_t)(v->root_cluster - 2) << v->cluster_shift) : v->root;
    uint8_t *e;

    for (e = memdisk_at(o->md, position / 512); memcmp(e, short_name, 11) != 0; e += 32)
        assert_int_not_equal(e[0], 0);
    return e;
}

/* The parts of a long name must come in their order, as all other systems want them. */
static void test_shuffled_long_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct opened o;
        uint8_t *e, part[32];

        open_image(&o, i);
        e = root_entry(&o, "ARATHE~1TEX");
        memcpy(part, e - 32, 32);
        memcpy(e - 32, e - 64, 32);
        memcpy(e - 64, part, 32);
        assert_int_equal(find(&o, "/A rather long name, longer than one entry.text"), STATUS_FILE_NOT_FOUND);
        check_content(&o, "/ARATHE~1.TEX", SMALL_BYTES);
        memdisk_free(o.md);
    }
}

/* A long name whose short entry was replaced by a system that knows no long names does not count. */
static void test_orphaned_long_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct opened o;

        open_image(&o, i);
        memcpy(root_entry(&o, "ARATHE~1TEX"), "OTHER   TXT", 11);
        assert_int_equal(find(&o, "/A rather long name, longer than one entry.text"), STATUS_FILE_NOT_FOUND);
        check_content(&o, "/other.txt", SMALL_BYTES);
        memdisk_free(o.md);
    }
}

static void test_memory(void **state)
{
    struct opened o;
    uint8_t boot[512];

    (void)state;
    open_image(&o, 2);
    memcpy(boot, memdisk_at(o.md, 0), 512);
    for (size_t size = 0; size < sizeof o.memory; size += 1000) {
        struct fs_volume fs;
        struct arena a = arena_of(o.memory, size);
        enum status st = fs_open(&o.md->dev, boot, &a, &fs);

        assert_true(st == (size < sizeof(struct fs_window) ? STATUS_NO_MEMORY : STATUS_OK));
        assert_int_equal(a.used, st == STATUS_OK ? sizeof(struct fs_window) : 0);
    }
    memdisk_free(o.md);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_absent),
        cmocka_unit_test(test_names_in_one_pass),
        cmocka_unit_test(test_few_reads),
        cmocka_unit_test(test_bad_chains),
        cmocka_unit_test(test_directory_in_a_circle),
        cmocka_unit_test(test_second_fat),
        cmocka_unit_test(test_shuffled_long_name),
        cmocka_unit_test(test_orphaned_long_name),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, load_host_files, NULL);
}
