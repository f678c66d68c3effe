/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_vbr.c - what is put right in boot sectors, and that nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/span.h"
#include "common/windows/vbr.h"
#include "tests/support/memdisk.h"

/* A boot sector of noise with the fields that a test is about. */
static void make(uint8_t s[512], uint16_t sectors_per_track, uint16_t heads, uint16_t fat_sectors_16)
{
    for (unsigned i = 0; i < 512; i++)
        s[i] = (uint8_t)(i * 37 + 11);
    wr_le16(s + 0x0b, 512);
    wr_le16(s + 0x16, fat_sectors_16);
    wr_le16(s + 0x18, sectors_per_track);
    wr_le16(s + 0x1a, heads);
}

static void test_geometry(void **state)
{
    static const struct { uint16_t spt, heads, want_spt, want_heads; } cases[] = {
        { 63, 255, 63, 255 }, { 32, 64, 32, 64 }, { 1, 1, 1, 1 }, { 63, 16, 63, 16 }, { 17, 255, 17, 255 },
        { 0, 255, 63, 255 }, { 64, 16, 63, 255 }, { 17, 0, 63, 255 }, { 17, 256, 63, 255 }, { 0xffff, 0xffff, 63, 255 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t s[512];
        struct vbr_geometry g;

        make(s, cases[i].spt, cases[i].heads, 0);
        g = vbr_geometry(s);
        assert_int_equal(g.sectors_per_track, cases[i].want_spt);
        assert_int_equal(g.heads, cases[i].want_heads);
    }
}

/* The patched sector differs from the old one in the fields that were put right, and only there. */
static void check_patch(enum fs_kind kind, uint16_t fat_sectors_16, size_t drive)
{
    uint8_t old[512], want[512], out[512];

    make(old, 0, 0, fat_sectors_16);
    memcpy(want, old, 512);
    wr_le16(want + 0x18, 63);
    wr_le16(want + 0x1a, 255);
    wr_le32(want + 0x1c, 0x89abcdef);
    want[drive] = 0x80;
    vbr_patch(old, kind, 0x89abcdef, out);
    assert_memory_equal(out, want, 512);
    vbr_patch(old, kind, 0x89abcdef, old);  /* in place */
    assert_memory_equal(old, want, 512);
}

static void test_patch(void **state)
{
    uint8_t old[512], out[512];

    (void)state;
    check_patch(FS_NTFS, 0, 0x24);
    check_patch(FS_FAT, 200, 0x24);
    check_patch(FS_FAT, 0, 0x40);
    make(old, 32, 64, 0);
    vbr_patch(old, FS_NTFS, 63, out);
    assert_int_equal(rd_le16(span_of(out, 512), 0x18), 32);
    assert_int_equal(rd_le16(span_of(out, 512), 0x1a), 64);
    vbr_patch(old, FS_NONE, 63, out);
    assert_memory_equal(out, old, 512);
}

static void test_backup(void **state)
{
    uint8_t s[512];

    (void)state;
    make(s, 63, 255, 0);
    assert_int_equal(vbr_backup_sector(FS_NTFS, s, 96256), 96255);
    wr_le16(s + 0x0b, 4096);
    assert_int_equal(vbr_backup_sector(FS_NTFS, s, 96256), 96248);
    assert_int_equal(vbr_backup_sector(FS_NTFS, s, 0), 0);
    assert_int_equal(vbr_backup_sector(FS_NTFS, s, 8), 0);
    assert_int_equal(vbr_backup_sector(FS_NTFS, s, 9), 1);
    for (unsigned shift = 0; shift < 8; shift++) {  /* sectors that no file system has count as 512 bytes */
        wr_le16(s + 0x0b, (uint16_t)(256 << shift));
        assert_int_equal(vbr_backup_sector(FS_NTFS, s, 1000), 1000 - (shift >= 1 && shift <= 4 ? 1u << (shift - 1) : 1));
    }
    wr_le16(s + 0x0b, 4096);
    wr_le16(s + 0x0e, 32);
    wr_le16(s + 0x32, 6);
    assert_int_equal(vbr_backup_sector(FS_FAT, s, 100000), 48);
    wr_le16(s + 0x32, 31);
    assert_int_equal(vbr_backup_sector(FS_FAT, s, 100000), 248);
    wr_le16(s + 0x32, 32);  /* outside of the reserved ones */
    assert_int_equal(vbr_backup_sector(FS_FAT, s, 100000), 0);
    wr_le16(s + 0x0b, 512);
    wr_le16(s + 0x0e, 32);
    wr_le16(s + 0x32, 6);
    assert_int_equal(vbr_backup_sector(FS_FAT, s, 100000), 6);
    wr_le16(s + 0x32, 0xffff);
    assert_int_equal(vbr_backup_sector(FS_FAT, s, 100000), 0);
    wr_le16(s + 0x32, 0);
    assert_int_equal(vbr_backup_sector(FS_FAT, s, 100000), 0);
    make(s, 63, 255, 200);  /* FAT16: none */
    wr_le16(s + 0x0e, 32);
    wr_le16(s + 0x32, 6);
    assert_int_equal(vbr_backup_sector(FS_FAT, s, 100000), 0);
    assert_int_equal(vbr_backup_sector(FS_NONE, s, 100000), 0);
}

/* Windows's own boot sectors: recognised, and the backup is where it is said to be. */
static void test_windows_boot_sectors(void **state)
{
    static const struct { const char *path; uint64_t lba, sectors; uint32_t hidden; } real[] = {
        { "build/data/ldm-2003r2-simple-1.img", 63, 96256, 63 },
        { "build/data/ldm-2003r2-mirrored-1.img", 63, 96256, 63 },
        { "build/data/ldm-2008r2-mirrored-2.img", 65664, 32768, 128 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof real / sizeof real[0]; i++) {
        struct memdisk *md = memdisk_open(real[i].path, 512);
        uint8_t *sector, *backup;

        if (!md)
            skip();
        sector = memdisk_at(md, real[i].lba);
        backup = memdisk_at(md, real[i].lba + vbr_backup_sector(FS_NTFS, sector, real[i].sectors));
        assert_int_equal(fs_identify(sector), FS_NTFS);
        assert_int_equal(rd_le32(span_of(sector, 512), 0x1c), real[i].hidden);
        assert_memory_equal(sector, backup, 512);
        memdisk_free(md);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_geometry),
        cmocka_unit_test(test_patch),
        cmocka_unit_test(test_backup),
        cmocka_unit_test(test_windows_boot_sectors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
