/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_former.c - a basic disk that was dynamic once: is a Windows on it? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/decide/former.h"
#include "common/fs/bpb.h"
#include "common/present/fatimage.h"
#include "tests/support/fakeview.h"
#include "tests/support/memdisk.h"
#include "tests/support/ntfsbuild.h"

#define DISK_SECTORS 40000u
#define START        2048u   /* of the partition that most tests look at */
#define SECTORS      8000u

static struct fakeview   fv;
static struct memdisk   *md;
static struct ldm_disk  *former;
static struct gpt_entry  gpt_entries[2];
static struct fs_window  window;
static uint8_t           memory[256 << 10];

/* A group with one disk here and one that is not; and a disk of no group with an entry over START. */
static int setup(void **state)
{
    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    fv_disk(&fv, NULL);
    md = memdisk_new("hd81", SECTOR_BYTES, DISK_SECTORS);
    former = &fv.disks[fv.view.disk_count++];
    *former = (struct ldm_disk){ .dev = &md->dev, .table = TABLE_MBR, .status = STATUS_NOT_DYNAMIC, .has_sector0 = true,
                                 .identity_count = 1 };
    former->identities[0].disk_guid.bytes[0] = 0x77;
    former->mbr.entries[0] = (struct mbr_entry){ false, MBR_TYPE_NTFS, START, SECTORS };
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    memdisk_free(md);
    return 0;
}

static void make_fat(uint64_t start, const char *path)
{
    const struct fatimage_file file = { path, "MZ", 2 };
    size_t                     bytes;

    assert_int_equal(fatimage_size(&file, 1, &bytes), STATUS_OK);
    assert_true(bytes <= SECTORS * SECTOR_BYTES);
    assert_int_equal(fatimage_build(&file, 1, 1, memdisk_at(md, start), bytes), STATUS_OK);
}

static const struct ldm_disk *find(void)
{
    struct arena           a = arena_of(memory, sizeof memory);
    size_t                 before = arena_mark(&a);
    const struct ldm_disk *found = former_disk_with_windows(&fv.view, &window, &a);

    assert_int_equal(arena_mark(&a), before);  /* what was read is of no use to anybody else */
    return found;
}

static void test_what_is_in_its_root(void **state)
{
    static const struct { const char *path; bool windows; } cases[] = {
        { "\\WINDOWS\\system32\\ntoskrnl.exe", true }, { "\\WINNT\\system32\\ntoskrnl.exe", true }, { "\\BOOTMGR", true },
        { "\\NTLDR", true }, { "\\README.TXT", false }, { "\\OLD\\NTLDR", false }, { "\\OLD\\WINDOWS\\x", false },
    };

    (void)state;
    assert_null(find());  /* nothing is in it */
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        make_fat(START, cases[i].path);
        assert_ptr_equal(find(), cases[i].windows ? former : NULL);
    }
}

/* Whichever of the two is found first. */
static void test_where_it_stands_among_the_disks(void **state)
{
    struct ldm_disk dynamic = fv.disks[0];

    (void)state;
    make_fat(START, "\\NTLDR");
    assert_ptr_equal(find(), former);
    fv.disks[0] = *former;
    fv.disks[1] = dynamic;
    fv.records[0].present = &fv.disks[1];
    assert_ptr_equal(find(), &fv.disks[0]);
}

/* What cannot be read may be a Windows. */
static void test_a_root_that_cannot_be_read(void **state)
{
    uint8_t *sector = memdisk_at(md, START);

    (void)state;
    make_fat(START, "\\README.TXT");
    assert_null(find());
    memdisk_fail(md, START + 1, SECTORS - 1, STATUS_READ_FAILED);
    assert_ptr_equal(find(), former);
    memdisk_reset(md);
    blk_forgive(&md->dev);
    memdisk_fail(md, START, 1, STATUS_READ_FAILED);
    assert_ptr_equal(find(), former);
    memdisk_reset(md);
    blk_forgive(&md->dev);
    assert_null(find());
    memset(sector, 0, SECTOR_BYTES);
    assert_null(find());
    memcpy(sector + 3, "-FVE-FS-", 8);  /* BitLocker */
    assert_ptr_equal(find(), former);
}

/* One of NTFS takes memory for where its pieces lie. */
static void test_an_ntfs_volume(void **state)
{
    static const char *const names[] = { "pagefile.sys", "Windows" };

    (void)state;
    (void)nb_small(memdisk_at(md, START), 24, names, 2);
    assert_ptr_equal(find(), former);
    (void)nb_small(memdisk_at(md, START), 24, names, 1);
    assert_null(find());
    memdisk_fail(md, START + 1, SECTORS - 1, STATUS_READ_FAILED);
    assert_ptr_equal(find(), former);
}

/* A volume that begins as NTFS does, and whose file table is nowhere. */
static void test_a_file_system_that_cannot_be_opened(void **state)
{
    uint8_t *s = memdisk_at(md, START);

    (void)state;
    memcpy(s, "\xeb\x52\x90NTFS    ", 11);
    s[0x0c] = 2;                        /* 512 bytes */
    s[0x0d] = 8;                        /* sectors in a cluster */
    s[0x29] = SECTORS >> 8;
    s[0x30] = 4;
    s[0x38] = 2;
    s[0x40] = 0xf6;
    s[0x44] = 1;
    s[0x1fe] = 0x55;
    s[0x1ff] = 0xaa;
    assert_int_equal(fs_identify(s), FS_NTFS);
    assert_ptr_equal(find(), former);
}

static void test_which_entries_are_looked_at(void **state)
{
    struct mbr_entry *e = former->mbr.entries;

    (void)state;
    make_fat(START, "\\NTLDR");
    for (size_t i = 0; i < MBR_ENTRIES; i++) {
        memset(e, 0, sizeof former->mbr.entries);
        assert_null(find());
        e[i] = (struct mbr_entry){ false, MBR_TYPE_NTFS, START, SECTORS };
        assert_ptr_equal(find(), former);
        e[i].type = 0;
        assert_null(find());
        e[i].type = MBR_TYPE_EXTENDED;
        assert_null(find());
    }
    e[0] = (struct mbr_entry){ false, MBR_TYPE_NTFS, START, 0 };                    /* of no length */
    assert_null(find());
    e[0].sectors = DISK_SECTORS - START;
    assert_ptr_equal(find(), former);
    e[0].sectors++;                                                                /* beyond the disk's end */
    assert_null(find());
    former->table = TABLE_NONE;
    e[0].sectors--;
    assert_null(find());
}

/* The protective entry of a GPT disk that was made basic: what is behind it cannot be read here, so it may be anything. */
static void test_a_protective_entry(void **state)
{
    (void)state;
    former->mbr.entries[0] = (struct mbr_entry){ false, MBR_TYPE_PROTECTIVE, 1, DISK_SECTORS - 1 };
    assert_ptr_equal(find(), former);
    former->mbr.entries[0].start = 2;
    assert_null(find());
    former->mbr.entries[0] = (struct mbr_entry){ false, 0, 1, DISK_SECTORS - 1 };
    assert_null(find());
}

static void test_a_logical_drive(void **state)
{
    uint8_t *link = memdisk_at(md, 10000);

    (void)state;
    make_fat(10063, "\\NTLDR");
    former->mbr.entries[0] = (struct mbr_entry){ false, MBR_TYPE_EXTENDED, 10000, 20000 };
    assert_null(find());
    link[0x1be + 4] = MBR_TYPE_NTFS;
    link[0x1be + 8] = 63;
    link[0x1be + 13] = SECTORS >> 8;
    link[0x1fe] = 0x55;
    link[0x1ff] = 0xaa;
    assert_ptr_equal(find(), former);
    link[0x1be + 8] = 64;
    assert_null(find());
}

static void test_a_gpt_disk(void **state)
{
    (void)state;
    make_fat(20000, "\\WINDOWS\\explorer.exe");
    former->table = TABLE_GPT;
    former->mbr.entries[0] = (struct mbr_entry){ false, MBR_TYPE_PROTECTIVE, 1, DISK_SECTORS - 1 };
    gpt_entries[0] = (struct gpt_entry){ .number = 1, .start = START, .blocks = SECTORS };
    gpt_entries[1] = (struct gpt_entry){ .number = 2, .start = 20000, .blocks = SECTORS };
    former->gpt = (struct gpt){ .entries = gpt_entries, .count = 1 };
    assert_null(find());
    former->gpt.count = 2;
    assert_ptr_equal(find(), former);
    make_fat(START, "\\NTLDR");
    former->gpt.count = 1;
    assert_ptr_equal(find(), former);
}

static void test_which_disks_are_meant(void **state)
{
    const struct guid own = former->identities[0].disk_guid;

    (void)state;
    make_fat(START, "\\NTLDR");
    assert_ptr_equal(find(), former);
    former->status = STATUS_OK;                     /* it is dynamic */
    assert_null(find());
    former->status = STATUS_NOT_DYNAMIC;
    former->identity_count = 0;                     /* it never was */
    assert_null(find());
    former->identity_count = 1;
    fv.view.disk_count--;                           /* it is not in the list */
    assert_null(find());
    fv.view.disk_count++;
    fv.records[2] = fv.records[0];                  /* nor is one that is behind the group's list */
    fv.records[2].guid = own;
    assert_ptr_equal(find(), former);
    former->identity_count = 2;                     /* the left-over copy of a disk that is here, by any of its identities */
    former->identities[1].disk_guid = fv.records[0].guid;
    assert_null(find());
    former->identities[1].disk_guid = fv.records[1].guid;  /* of one that the group misses */
    assert_ptr_equal(find(), former);
    former->identities[0].disk_guid = fv.records[0].guid;
    former->identities[1].disk_guid = own;
    assert_null(find());
    fv.view.group_count = 0;                        /* nobody lists it */
    assert_ptr_equal(find(), former);
}

static void test_the_first_of_several(void **state)
{
    struct ldm_disk *second = &fv.disks[fv.view.disk_count++];

    (void)state;
    make_fat(START, "\\NTLDR");
    *second = *former;
    assert_ptr_equal(find(), former);
    former->identity_count = 0;
    assert_ptr_equal(find(), second);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_where_it_stands_among_the_disks), T(test_what_is_in_its_root), T(test_a_root_that_cannot_be_read), T(test_an_ntfs_volume),
        T(test_a_file_system_that_cannot_be_opened),
        T(test_which_entries_are_looked_at), T(test_a_protective_entry), T(test_a_logical_drive), T(test_a_gpt_disk),
        T(test_which_disks_are_meant), T(test_the_first_of_several),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
