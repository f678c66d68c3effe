/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_fat_made.c - FAT16 and FAT32 made here, entry by entry: what no tool that makes file systems would write, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/span.h"
#include "common/fs/bpb.h"
#include "common/fs/fat.h"
#include "common/fs/fs.h"
#include "tests/support/onefile.h"

#define CLUSTERS     5000u  /* of one sector */
#define ROOT_ENTRIES 512u
#define ROOT_SECTORS (ROOT_ENTRIES * 32 / 512)
#define LONG_NAME    0x0f

static struct made {
    struct memdisk  *md;
    struct fs_volume fs;
    struct arena     arena;
    unsigned         bits;
    uint32_t         root, fat;  /* sectors */
    unsigned         entries;
    uint8_t          memory[128 << 10];
} m;

static void make_boot_sector(uint8_t *s, unsigned bits)
{
    uint32_t reserved = bits == 32 ? 32 : 1, fat = (CLUSTERS + 2) * (bits / 8) / 512 + 1;

    memset(s, 0, 512);
    s[BPB_JUMP] = 0xeb;
    wr_le16(s + BPB_SECTOR_BYTES, 512);
    s[BPB_CLUSTER_SECTORS] = 1;
    wr_le16(s + BPB_RESERVED, (uint16_t)reserved);
    s[BPB_FATS] = 2;
    s[BPB_MEDIA] = 0xf8;
    if (bits == 32) {
        wr_le32(s + BPB_FAT32_FAT_SECTORS, fat);
        wr_le32(s + BPB_FAT32_ROOT_CLUSTER, 2);
        wr_le32(s + BPB_SECTORS_32, reserved + 2 * fat + CLUSTERS);
    } else {
        wr_le16(s + BPB_ROOT_ENTRIES, ROOT_ENTRIES);
        wr_le16(s + BPB_FAT_SECTORS_16, (uint16_t)fat);
        wr_le16(s + BPB_SECTORS_16, (uint16_t)(reserved + 2 * fat + ROOT_SECTORS + CLUSTERS));
    }
    s[BPB_SIGNATURE] = 0x55;
    s[BPB_SIGNATURE + 1] = 0xaa;
}

static void set_fat(uint32_t cluster, uint32_t value)
{
    uint8_t *fat = memdisk_at(m.md, m.fat);

    if (m.bits == 32)
        wr_le32(fat + 4 * cluster, value);
    else
        wr_le16(fat + 2 * cluster, (uint16_t)value);
}

/* What ends a chain. */
static uint32_t end_mark(void) { return m.bits == 32 ? 0x0fffffff : 0xffff; }

/* The sector of cluster 2, where the data begins. */
static uint32_t first_cluster(void) { return m.root + (m.bits == 32 ? 0 : ROOT_SECTORS); }

/* Blank, the root directory as long as that of FAT16 on both; what is opened is not read again before a test asks. */
static void start(unsigned bits)
{
    uint8_t boot[512];

    if (m.md)
        memdisk_free(m.md);
    make_boot_sector(boot, bits);
    m.bits = bits;
    m.entries = 0;
    m.md = memdisk_new("volume", 512, 6000);
    memcpy(memdisk_at(m.md, 0), boot, 512);
    m.fat = bits == 32 ? 32 : 1;
    m.root = m.fat + 2 * ((CLUSTERS + 2) * (bits / 8) / 512 + 1);
    for (uint32_t i = 0; i < ROOT_SECTORS && bits == 32; i++)
        set_fat(2 + i, i + 1 < ROOT_SECTORS ? 3 + i : 0x0ffffff8);
    m.arena = arena_of(m.memory, sizeof m.memory);
    assert_int_equal(fs_open(&m.md->dev, boot, &m.arena, &m.fs), STATUS_OK);
    assert_int_equal(m.fs.kind, FS_FAT);
}

static uint8_t *next_entry(void) { return memdisk_at(m.md, m.root) + 32 * m.entries++; }

static uint8_t *add(const char *name11, uint8_t attributes, uint32_t cluster, uint32_t bytes)
{
    uint8_t *e = next_entry();

    memcpy(e, name11, 11);
    e[0x0b] = attributes;
    wr_le16(e + 0x14, (uint16_t)(cluster >> 16));
    wr_le16(e + 0x1a, (uint16_t)cluster);
    wr_le32(e + 0x1c, bytes);
    return e;
}

static uint8_t checksum(const char *name11)
{
    uint8_t sum = 0;

    for (unsigned i = 0; i < 11; i++)
        sum = (uint8_t)(((sum & 1) << 7 | sum >> 1) + (uint8_t)name11[i]);
    return sum;
}

/* Part `ordinal` (from 1) of a long name, for this short one. */
static uint8_t *add_part(const char *name, unsigned ordinal, uint8_t first_byte, const char *name11)
{
    static const uint8_t places[] = { 1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30 };
    uint8_t             *e = next_entry();
    size_t               len = strlen(name);

    memset(e, 0, 32);
    e[0] = first_byte;
    e[0x0b] = LONG_NAME;
    e[0x0d] = checksum(name11);
    for (size_t i = 0; i < 13; i++) {
        size_t at = (ordinal - 1) * 13 + i;

        wr_le16(e + places[i], at < len ? (uint8_t)name[at] : at == len ? 0 : 0xffff);
    }
    return e;
}

static void add_long(const char *name, const char *name11)
{
    unsigned parts = (unsigned)(strlen(name) + 12) / 13;

    for (unsigned i = parts; i > 0; i--)
        (void)add_part(name, i, (uint8_t)(i | (i == parts ? 0x40 : 0)), name11);
    (void)add(name11, 0x20, 9, 99);
}

static bool found(const char *path)
{
    struct fs_file f;
    enum status    st = fs_find(&m.fs, path, &f);

    assert_true(st == STATUS_OK || st == STATUS_FILE_NOT_FOUND);
    return st == STATUS_OK;
}

static const unsigned both[] = { 16, 32 };
#define EACH(bits) for (unsigned n_ = 0, bits = 16; n_ < 2 && (bits = both[n_], start(bits), true); n_++)

/* ---- short names */

static void test_short_names(void **state)
{
    (void)state;
    EACH(bits) {
        add("A       B  ", 0x20, 5, 1);
        add("NTLDR      ", 0x27, 6, 2);
        add("LONGNAMEEXT", 0x20, 7, 3);
        add("IN SIDE T X", 0x20, 8, 4);
        add("\x05X         ", 0x20, 9, 5);
        add("X\x05         ", 0x20, 9, 5);
        assert_true(found("/a.b") && found("/ntldr") && found("/longname.ext") && found("/in side.t x"));
        add("        INI", 0x20, 6, 2);
        assert_true(found("/x\x05") && found("/.ini"));  /* all blanks: nothing is before the dot */
        assert_false(found("/ .ini"));
        assert_false(found("/\x05x"));      /* in the first place it stands for E5, which no path here can say */
        assert_false(found("/a") || found("/a.") || found("/ab") || found("/ntldr.") || found("/longnameext") || found("/a       .b"));
    }
}

static void test_entries_that_are_no_files(void **state)
{
    (void)state;
    EACH(bits) {
        add("\xe5" "ELETED    ", 0x20, 5, 1);
        add("LABEL      ", 0x08, 0, 0);
        add(".          ", 0x10, 5, 0);
        add("..         ", 0x10, 5, 0);
        add("BEFORE     ", 0xe0, 5, 1);  /* the two highest bits mean nothing */
        memset(next_entry(), 0, 32);
        add("BEHIND     ", 0x20, 5, 1);
        assert_true(found("/before"));
        assert_false(found("/behind") || found("/label") || found("/\xc3\xa5" "eleted"));
    }
}

/* Of a directory in several pieces, too: what is left in the clusters behind its end was deleted long ago. */
static void test_what_is_left_behind_the_end_of_a_directory(void **state)
{
    (void)state;
    start(32);
    set_fat(2, 40);
    set_fat(40, 0x0ffffff8);
    add("BEFORE     ", 0x20, 5, 1);
    memcpy(memdisk_at(m.md, m.root + 40 - 2), "BEHIND     \x20", 12);
    assert_true(found("/before"));
    assert_false(found("/behind"));
    while (m.entries < 512 / 32)
        add("FILLER     ", 0x20, 5, 1);
    assert_true(found("/behind"));  /* the first cluster is full: it is part of the directory */
}

/* The specification's fields, of two entries that differ in every bit of them. */
static void test_what_an_entry_says(void **state)
{
    (void)state;
    EACH(bits) {
        struct fs_file f;

        add("FIRST      ", 0x10, 0x00051234, 77);
        add("SECOND     ", 0x20, 0x00020005, 0xdeadbeef);
        assert_int_equal(fs_find(&m.fs, "/first", &f), STATUS_OK);
        assert_true(f.is_directory);
        assert_int_equal(f.bytes, 0);  /* a directory's field says nothing */
        assert_int_equal(f.u.fat.first_cluster, bits == 32 ? 0x51234 : 0x1234);  /* OS/2's attributes are in the upper half */
        assert_int_equal(fs_find(&m.fs, "/second", &f), STATUS_OK);
        assert_false(f.is_directory);
        assert_int_equal(f.u.fat.first_cluster, bits == 32 ? 0x20005 : 5);
        assert_int_equal(f.bytes, 0xdeadbeef);
    }
}

/* A directory may be full: the last entry is one, and nothing says that it is the last. */
static void test_a_full_directory(void **state)
{
    (void)state;
    EACH(bits) {
        while (m.entries < ROOT_ENTRIES - 1)
            add("FILLER     ", 0x20, 5, 1);
        add("LAST       ", 0x20, 5, 1);
        assert_true(found("/last") && found("/filler"));
        memdisk_fail(m.md, m.root + ROOT_SECTORS, 1, STATUS_READ_FAILED);  /* what is behind it is not asked for */
        assert_false(found("/none"));
    }
}

/* A directory has 65,536 entries at most, though its chain goes on. */
static void test_the_longest_directory(void **state)
{
    enum { FIRST = 200, MOST = 65536 * 32 / 512 };

    (void)state;
    EACH(bits) {
        uint8_t *data = memdisk_at(m.md, first_cluster() + FIRST - 2);

        add("DIR        ", 0x10, FIRST, 0);
        for (uint32_t i = 0; i <= MOST; i++) {
            set_fat(FIRST + i, i < MOST ? FIRST + i + 1 : end_mark());
            memset(data + i * 512, 0xe5, 512);  /* deleted */
        }
        memcpy(data + MOST * 512 - 32, "LAST       \x20", 12);
        memcpy(data + MOST * 512, "BEHIND     \x20", 12);
        assert_true(found("/dir/last"));
        assert_false(found("/dir/behind"));
    }
}

/* The root of FAT16 ends where the boot sector says, in the middle of a sector too: what stands behind is none of it. */
static void test_a_root_that_ends_in_a_sector(void **state)
{
    uint8_t boot[512];

    (void)state;
    start(16);
    memcpy(boot, memdisk_at(m.md, 0), 512);
    for (unsigned entries = ROOT_ENTRIES + 2; entries <= ROOT_ENTRIES + 4; entries += 2) {  /* more than are read at once */
        start(16);
        wr_le16(boot + BPB_ROOT_ENTRIES, (uint16_t)entries);
        memcpy(memdisk_at(m.md, 0), boot, 512);
        while (m.entries < ROOT_ENTRIES + 2)
            add("FILLER     ", 0x20, 5, 1);
        add("THIRD      ", 0x20, 5, 1);
        add("FOURTH     ", 0x20, 5, 1);
        add("FIFTH      ", 0x20, 5, 1);
        m.arena.used = 0;
        assert_int_equal(fs_open(&m.md->dev, boot, &m.arena, &m.fs), STATUS_OK);
        assert_int_equal(found("/third"), entries == ROOT_ENTRIES + 4);
        assert_int_equal(found("/fourth"), entries == ROOT_ENTRIES + 4);
        assert_false(found("/fifth"));
    }
}

/* ---- long names */

#define SHORT "LONGNA~1TXT"

static void test_long_names(void **state)
{
    static const char *const names[] = { "a", "twelve chars", "thirteen char", "fourteen chars", "a name of more than 26 chars",
                                         "twenty-six characters here" };
    char longest[256];

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        EACH(bits) {
            char path[64] = "/";

            add_long(names[i], SHORT);
            assert_true(found(strcat(path, names[i])) && found("/longna~1.txt"));
            path[strlen(path) - 1] = '!';
            assert_false(found(path));
        }
    memset(longest, 'x', 255);
    longest[255] = '\0';
    longest[0] = '/';
    EACH(bits) {
        add_long(longest + 1, SHORT);  /* 20 parts, the most that there are */
        assert_true(found(longest));
    }
}

/* A name that fills its part has no end mark: what an earlier, longer name left behind is none of it. */
static void test_a_name_behind_a_longer_one(void **state)
{
    (void)state;
    EACH(bits) {
        add_long("a name of many more than thirteen characters", "LONGER~1TXT");
        add_long("thirteen char", SHORT);
        assert_true(found("/thirteen char"));
    }
}

/* Each of the thirteen letters of a part is one of 16 bits: another one by its upper byte is another name. */
static void test_letters_of_long_names(void **state)
{
    static const uint8_t places[] = { 1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30 };

    (void)state;
    for (unsigned i = 0; i < 13; i++)
        for (unsigned byte = 0; byte < 2; byte++)
            EACH(bits) {
                add_long("thirteen char", SHORT);
                add_long("thirteen chaR two", SHORT);
                assert_true(found("/thirteen char") && found("/thirteen char two"));
                memdisk_at(m.md, m.root)[places[i] + byte] ^= 1;
                assert_false(found("/thirteen char"));
                memdisk_at(m.md, m.root)[3 * 32 + places[i] + byte] ^= 1;  /* its first part, which comes second */
                assert_false(found("/thirteen char two"));
            }
}

/* Whatever is wrong with its parts: the long name is none, the short one counts. */
static void test_long_names_that_are_none(void **state)
{
    static const struct { uint8_t bytes[3]; uint8_t sum_of[3]; } cases[] = {  /* parts; 1: of another short name */
        { { 0x42, 0x01 }, { 0, 0 } },      /* right */
        { { 0x42, 0x02 }, { 0, 0 } },
        { { 0x42, 0x00 }, { 0, 0 } },
        { { 0x41, 0x01 }, { 0, 0 } },
        { { 0x43, 0x01 }, { 0, 0 } },
        { { 0x02, 0x01 }, { 0, 0 } },
        { { 0x42, 0x01 }, { 1, 0 } },
        { { 0x42, 0x01 }, { 0, 1 } },
        { { 0x42, 0x01 }, { 1, 1 } },
        { { 0x40, 0x01 }, { 0, 0 } },
        { { 0x42 }, { 0 } },
        { { 0x42, 0x01, 0x01 }, { 0, 0, 0 } },
        { { 0x55, 0x01 }, { 0, 0 } },      /* part 21: none can be */
    };
    const char *name = "a name of more than";  /* two parts */

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        EACH(bits) {
            for (unsigned k = 0; k < 3 && cases[i].bytes[k]; k++)
                (void)add_part(name, k ? 1 : 2, cases[i].bytes[k], cases[i].sum_of[k] ? "OTHER   TXT" : SHORT);
            (void)add(SHORT, 0x20, 9, 99);
            assert_int_equal(found("/a name of more than"), i == 0);
            assert_true(found("/longna~1.txt"));
        }
}

/* Between a name's parts and its short entry there is nothing. */
static void test_a_long_name_of_another_entry(void **state)
{
    const char *name = "some long name";

    (void)state;
    for (unsigned between = 0; between < 3; between++)
        EACH(bits) {
            (void)add_part(name, 2, 0x42, SHORT);
            (void)add_part(name, 1, 0x01, SHORT);
            if (between == 1)
                add("\xe5" "ELETED    ", 0x20, 5, 1);
            if (between == 2)
                add("LABEL      ", 0x08, 5, 1);
            add(SHORT, 0x20, 9, 99);
            add("LONGNA~2TXT", 0x20, 9, 99);
            assert_int_equal(found("/some long name"), between == 0);
        }
    EACH(bits) {  /* a deleted part is none */
        (void)add_part(name, 2, 0x42, SHORT);
        (void)add_part(name, 1, 0xe5, SHORT);
        add(SHORT, 0x20, 9, 99);
        assert_false(found("/some long name"));
    }
}

/* ---- reads */

static enum status read_file(uint32_t first, uint32_t bytes, uint8_t *out)
{
    struct fs_file f;

    m.entries = 0;
    add("FILE       ", 0x20, first, bytes);
    m.fs.u.fat.fat_window_bytes = 0;
    assert_int_equal(fs_find(&m.fs, "/file", &f), STATUS_OK);
    return fs_read(&f, 0, out, bytes);
}

/*
 * A file in one piece is one read, and of the FAT no more is read than that takes: not the entry of its last cluster. (The first
 * 1024 entries were read with the root directory.)
 */
static void test_no_more_of_the_fat_than_is_needed(void **state)
{
    static uint8_t buf[5 * 512];
    struct fs_file f;

    (void)state;
    start(32);
    for (uint32_t i = 1020; i < 1040; i++)
        set_fat(i, i + 1);
    add("FILE       ", 0x20, 1020, 20 * 512);
    assert_int_equal(fs_find(&m.fs, "/file", &f), STATUS_OK);
    memdisk_reset(m.md);
    assert_int_equal(fs_read(&f, 0, buf, 5 * 512), STATUS_OK);
    assert_int_equal(m.md->reads, 1);
    assert_int_equal(fs_read(&f, 5 * 512, buf, 512), STATUS_OK);
    assert_int_equal(m.md->reads, 3);
}

/* Who goes on reading where he was does not follow the chain from its begin again. */
static void test_a_chain_is_not_followed_again(void **state)
{
    static uint8_t buf[512];

    (void)state;
    EACH(bits) {
        struct fs_file f;

        add("FILE       ", 0x20, 100, 3 * 512);
        set_fat(100, 4500);  /* two parts of the FAT */
        set_fat(4500, 200);
        set_fat(200, end_mark());
        assert_int_equal(fs_find(&m.fs, "/file", &f), STATUS_OK);
        assert_int_equal(fs_read(&f, 1024, buf, 256), STATUS_OK);
        memdisk_reset(m.md);
        assert_int_equal(fs_read(&f, 1024 + 256, buf, 256), STATUS_OK);
        assert_int_equal(m.md->reads, 1);
    }
}

/* An entry of FAT12, which begins in any byte: the lower or the upper half of the second of its bytes is another's. */
static void set_fat12(uint32_t cluster, uint32_t value)
{
    uint8_t *e = memdisk_at(m.md, m.fat) + cluster + cluster / 2;
    uint16_t was = rd_le16(span_of(e, 2), 0);

    wr_le16(e, cluster & 1 ? (was & 0xf) | value << 4 : (was & 0xf000) | value);
}

/* Wherever an entry begins, the FAT is read in whole sectors, in one go. */
static void test_entries_at_odd_bytes(void **state)
{
    static const uint32_t clusters[] = { 2, 3, 4, 340, 341, 342, 343, 2730, 2731, 2732, 3999 };
    static uint8_t        buf[1024];

    (void)state;
    for (size_t i = 0; i < sizeof clusters / sizeof clusters[0]; i++) {
        uint8_t       *boot;
        struct fs_file f;

        start(16);
        boot = memdisk_at(m.md, 0);
        wr_le16(boot + BPB_SECTORS_16, (uint16_t)(m.root + ROOT_SECTORS + 4000));
        m.arena = arena_of(m.memory, sizeof m.memory);
        assert_int_equal(fs_open(&m.md->dev, boot, &m.arena, &m.fs), STATUS_OK);
        assert_int_equal(m.fs.u.fat.bits, 12);
        set_fat12(clusters[i] - 1, 0xfff);
        set_fat12(clusters[i] + 1, 0xfff);
        set_fat12(clusters[i], 1000);
        memset(memdisk_at(m.md, m.root + ROOT_SECTORS + clusters[i] - 2), 0x11, 512);
        memset(memdisk_at(m.md, m.root + ROOT_SECTORS + 998), 0x22, 512);
        add("FILE       ", 0x20, clusters[i], 1024);
        assert_int_equal(fs_find(&m.fs, "/file", &f), STATUS_OK);
        memdisk_reset(m.md);
        assert_int_equal(fs_read(&f, 0, buf, 1024), STATUS_OK);
        assert_true(buf[0] == 0x11 && buf[511] == 0x11 && buf[512] == 0x22 && buf[1023] == 0x22);
        assert_int_equal(m.md->reads, 3);  /* two clusters, and what leads from one to the other */
    }
}

/* A volume whose FAT has no room for another entry behind that of the last cluster: opened with so many bits to an entry. */
static void open_full(unsigned bits, uint32_t fat_sectors)
{
    uint32_t clusters = fat_sectors * 512 * 8 / bits - 2;
    uint8_t *boot;

    start(bits == 32 ? 32 : 16);
    boot = memdisk_at(m.md, 0);
    m.root = m.fat + 2 * fat_sectors;
    if (bits == 32) {
        wr_le32(boot + BPB_FAT32_FAT_SECTORS, fat_sectors);
        wr_le32(boot + BPB_FAT32_ROOT_CLUSTER, 2);
        wr_le32(boot + BPB_SECTORS_32, m.root + clusters);
        set_fat(2, 0x0fffffff);
    } else {
        wr_le16(boot + BPB_FAT_SECTORS_16, (uint16_t)fat_sectors);
        wr_le16(boot + BPB_SECTORS_16, (uint16_t)(m.root + ROOT_SECTORS + clusters));
    }
    m.arena = arena_of(m.memory, sizeof m.memory);
    assert_int_equal(fs_open(&m.md->dev, boot, &m.arena, &m.fs), STATUS_OK);
    assert_int_equal(m.fs.u.fat.bits, bits);
    assert_int_equal(m.fs.u.fat.cluster_count, clusters);
}

static void test_the_last_entry_of_a_fat(void **state)
{
    static const struct { unsigned bits; uint32_t fat_sectors; } cases[] = { { 12, 3 }, { 12, 6 }, { 16, 17 }, { 16, 20 }, { 32, 8 }, { 32, 30 } };
    static uint8_t buf[1024];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fs_file f;
        uint32_t       last;

        open_full(cases[i].bits, cases[i].fat_sectors);
        last = m.fs.u.fat.cluster_count + 1;
        if (cases[i].bits == 12)
            set_fat12(last, 10);
        else
            set_fat(last, 10);
        memset(memdisk_at(m.md, first_cluster() + 8), 0x33, 512);
        add("FILE       ", 0x20, last, 1024);
        assert_int_equal(fs_find(&m.fs, "/file", &f), STATUS_OK);
        assert_int_equal(fs_read(&f, 0, buf, 1024), STATUS_OK);
        assert_true(buf[512] == 0x33 && buf[1023] == 0x33);
    }
}

/* A FAT that is too short for the volume's clusters: what stands behind it is not taken for entries. */
static void test_a_fat_that_is_too_short(void **state)
{
    static uint8_t out[1024];

    (void)state;
    EACH(bits) {
        const uint32_t first = 1100;
        uint8_t       *boot = memdisk_at(m.md, 0);

        if (bits == 32)
            wr_le32(boot + BPB_FAT32_FAT_SECTORS, 1);
        else
            wr_le16(boot + BPB_FAT_SECTORS_16, 1);
        m.root = m.fat + 2;
        for (uint32_t i = 2; i < 100; i++)
            set_fat(i, end_mark());
        m.arena = arena_of(m.memory, sizeof m.memory);
        assert_int_equal(fs_open(&m.md->dev, boot, &m.arena, &m.fs), STATUS_OK);
        set_fat(first, 50);  /* where it would be: on the volume, but in no FAT */
        assert_int_equal(read_file(first, 1024, out), STATUS_FS_DAMAGED);
        assert_int_equal(read_file(first, 512, out), STATUS_OK);
    }
}

/* ---- windows */

/* A copy of the volume as it is now, whose cluster 100 is followed by another one. */
static struct memdisk *other_chain(uint32_t next)
{
    struct memdisk *md = memdisk_new("other volume", 512, 6000);
    uint32_t        was = m.bits == 32 ? rd_le32(span_of(memdisk_at(m.md, m.fat) + 400, 4), 0) : rd_le16(span_of(memdisk_at(m.md, m.fat) + 200, 2), 0);

    set_fat(100, next);
    memcpy(md->data, m.md->data, 6000 * 512);
    set_fat(100, was);
    return md;
}

/* Two volumes that share what they read into, in turns: neither believes what the other one has read. */
static void test_two_volumes_with_one_window(void **state)
{
    static struct fs_window window;

    (void)state;
    EACH(bits) {
        struct memdisk  *md;
        struct fs_volume one, two;
        struct fs_file   f, g;
        uint64_t         sector, other, left;
        uint32_t         offset;

        add("FILE       ", 0x20, 100, 1024);
        set_fat(100, 200);
        set_fat(200, end_mark());
        set_fat(300, end_mark());
        md = other_chain(300);
        assert_int_equal(fs_open_sharing(&m.md->dev, m.md->data, &m.arena, &window, &one), STATUS_OK);
        assert_int_equal(fs_open_sharing(&md->dev, md->data, &m.arena, &window, &two), STATUS_OK);
        assert_int_equal(fs_find(&one, "/file", &f), STATUS_OK);
        assert_int_equal(fs_find(&two, "/file", &g), STATUS_OK);
        for (unsigned round = 0; round < 2; round++) {
            f.u.fat.known_cluster = g.u.fat.known_cluster = 0;
            assert_int_equal(fs_locate(&f, 512, &sector, &offset, &left), STATUS_OK);
            assert_int_equal(fs_locate(&g, 512, &other, &offset, &left), STATUS_OK);
            assert_int_equal(other, sector + 100);
        }
        memdisk_free(md);
    }
}

/* The same with NTFS, whose first records are kept where FAT has a piece of a directory. */
static void test_a_window_shared_with_ntfs(void **state)
{
    static struct onefile   t;
    static struct fs_window window;

    (void)state;
    onefile_begin(&t);
    EACH(bits) {
        struct fs_volume fat, ntfs;
        struct fs_file   f;

        add("FILE       ", 0x20, 100, 1024);
        t.arena = arena_of(t.memory, sizeof t.memory);
        assert_int_equal(fs_open_sharing(&m.md->dev, m.md->data, &m.arena, &window, &fat), STATUS_OK);
        assert_int_equal(fs_open_sharing(&t.md->dev, t.md->data, &t.arena, &window, &ntfs), STATUS_OK);
        for (unsigned round = 0; round < 2; round++) {
            assert_int_equal(fs_find(&ntfs, "/file", &f), STATUS_OK);
            assert_int_equal(fs_find(&fat, "/file", &f), STATUS_OK);
            assert_int_equal(f.u.fat.first_cluster, 100);
        }
    }
    onefile_end(&t);
}

/* ---- boot sectors */

static void put(uint8_t *s, size_t off, uint32_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        s[off + i] = (uint8_t)(value >> 8 * i);
}

static bool identified_with(unsigned bits, size_t off, uint32_t value, unsigned bytes)
{
    uint8_t s[512];

    make_boot_sector(s, bits);
    put(s, off, value, bytes);
    return fat_identify(s);
}

static void test_fields_of_the_boot_sector(void **state)
{
    static const struct { size_t off; uint32_t value; unsigned bytes; bool ok; } cases[] = {
        { BPB_SECTOR_BYTES, 256, 2, false }, { BPB_SECTOR_BYTES, 8192, 2, false }, { BPB_SECTOR_BYTES, 4096, 2, true },
        { BPB_SECTOR_BYTES, 513, 2, false }, { BPB_SECTOR_BYTES, 0, 2, false },
        { BPB_CLUSTER_SECTORS, 0, 1, false }, { BPB_CLUSTER_SECTORS, 128, 1, true }, { BPB_CLUSTER_SECTORS, 3, 1, false },
        { BPB_RESERVED, 0, 2, false }, { BPB_RESERVED, 1, 2, true },
        { BPB_FATS, 0, 1, false }, { BPB_FATS, 1, 1, true }, { BPB_FATS, 3, 1, false },
        { BPB_MEDIA, 0xf0, 1, true }, { BPB_MEDIA, 0xf1, 1, false }, { BPB_MEDIA, 0xf7, 1, false }, { BPB_MEDIA, 0xff, 1, true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(identified_with(16, cases[i].off, cases[i].value, cases[i].bytes), cases[i].ok);
        assert_int_equal(identified_with(32, cases[i].off, cases[i].value, cases[i].bytes), cases[i].ok);
    }
    assert_false(identified_with(16, BPB_ROOT_ENTRIES, 0, 2));  /* FAT16 has a root directory of its own, FAT32 has not */
    assert_false(identified_with(32, BPB_ROOT_ENTRIES, 512, 2));
    assert_false(identified_with(32, BPB_FAT32_FAT_SECTORS, 0, 4));
    assert_false(identified_with(16, BPB_SECTORS_16, 0, 2));
}

static struct fat_volume opened_with(const uint8_t *boot)
{
    struct fs_volume fs;

    m.arena = arena_of(m.memory, sizeof m.memory);
    assert_int_equal(fs_open(&m.md->dev, boot, &m.arena, &fs), STATUS_OK);
    return fs.u.fat;
}

/* So many clusters fit behind the rest; FAT12 up to 4,084 of them. */
static void test_sizes(void **state)
{
    const uint32_t head = 1 + 2 * ((CLUSTERS + 2) * 2 / 512 + 1) + ROOT_SECTORS;
    uint8_t        s[512];

    (void)state;
    make_boot_sector(s, 16);
    for (unsigned large = 0; large < 2; large++) {  /* in either of the two fields */
        static const struct { uint32_t sectors, clusters; unsigned bits; } cases[] = {
            { 4084, 4084, 12 }, { 4085, 4085, 16 }, { 1, 1, 12 },
        };

        for (size_t i = 0; i < 3; i++) {
            put(s, BPB_SECTORS_16, large ? 0 : head + cases[i].sectors, 2);
            put(s, BPB_SECTORS_32, large ? head + cases[i].sectors : 77777, 4);
            assert_int_equal(opened_with(s).cluster_count, cases[i].clusters);
            assert_int_equal(opened_with(s).bits, cases[i].bits);
        }
        put(s, large ? BPB_SECTORS_32 : BPB_SECTORS_16, head, large ? 4 : 2);
        assert_false(fat_identify(s));              /* nothing behind the root directory */
    }
    make_boot_sector(s, 16);
    put(s, BPB_ROOT_ENTRIES, 17, 2);                /* rounded up to a whole sector */
    assert_int_equal(opened_with(s).root_bytes, 17 * 32);
    assert_int_equal(opened_with(s).data, opened_with(s).root + 1024);
    put(s, BPB_ROOT_ENTRIES, 16, 2);
    assert_int_equal(opened_with(s).data, opened_with(s).root + 512);
    put(s, BPB_CLUSTER_SECTORS, 4, 1);              /* a cluster that is cut off is none */
    put(s, BPB_SECTORS_16, 1 + 2 * 20 + 1 + 4 * 10 + 3, 2);
    assert_int_equal(opened_with(s).cluster_count, 10);
    assert_int_equal(opened_with(s).cluster_shift, 11);
    for (unsigned sectors = 1; sectors <= 4; sectors++) {  /* and without a whole one it is no volume */
        put(s, BPB_SECTORS_16, 1 + 2 * 20 + 1 + sectors, 2);
        assert_int_equal(fat_identify(s), sectors == 4);
    }
    make_boot_sector(s, 32);
    s[BPB_FATS] = 3;                                /* what is none is not opened as one either */
    assert_int_equal(fat_open(&m.md->dev, s, &(struct fs_window){ .users = 0 }, &(struct fat_volume){ .bits = 0 }), STATUS_FS_UNKNOWN);
    s[BPB_FATS] = 2;
    assert_int_equal(opened_with(s).root_cluster, 2);
    assert_int_equal(opened_with(s).cluster_count, CLUSTERS);
    assert_int_equal(opened_with(s).fat, 32 * 512);
    assert_int_equal(opened_with(s).fat_copies, 2);
}

/* ---- chains */

/* The first and the last cluster that a volume has, and the numbers beside them. */
static void test_numbers_of_clusters(void **state)
{
    static uint8_t out[1024];

    (void)state;
    EACH(bits) {
        const uint32_t end = bits == 32 ? 0x0ffffff8 : 0xfff8, data = first_cluster(), last = CLUSTERS + 1;

        memset(memdisk_at(m.md, data + 98), 0x11, 512);
        memset(memdisk_at(m.md, data + last - 2), 0x22, 512);
        set_fat(100, last);
        set_fat(last, end);
        assert_int_equal(read_file(100, 1024, out), STATUS_OK);
        assert_true(out[0] == 0x11 && out[511] == 0x11 && out[512] == 0x22 && out[1023] == 0x22);
        assert_int_equal(read_file(last, 512, out), STATUS_OK);
        set_fat(100, last + 1);
        assert_int_equal(read_file(100, 1024, out), STATUS_FS_DAMAGED);
        assert_int_equal(read_file(last + 1, 512, out), STATUS_FS_DAMAGED);
        assert_int_equal(read_file(1, 512, out), STATUS_FS_DAMAGED);
        set_fat(100, 1);
        assert_int_equal(read_file(100, 1024, out), STATUS_FS_DAMAGED);
        set_fat(100, 2);                            /* the root's own on FAT32: a cluster, whosever it is */
        assert_int_equal(read_file(100, 1024, out), STATUS_OK);
        set_fat(100, end - 1);                      /* F7: bad */
        assert_int_equal(read_file(100, 1024, out), STATUS_FS_DAMAGED);
        set_fat(100, end);                          /* it ends before the file does */
        assert_int_equal(read_file(100, 1024, out), STATUS_FS_DAMAGED);
        assert_int_equal(read_file(100, 512, out), STATUS_OK);
        if (bits == 32) {                           /* the highest four bits are not the entry's */
            set_fat(100, 0xf0000000u | last);
            assert_int_equal(read_file(100, 1024, out), STATUS_OK);
        }
    }
}

/* Where a byte lies is not said, when that is not known; of what follows without a break, only the file's. */
static void test_places_in_a_file(void **state)
{
    (void)state;
    EACH(bits) {
        const uint32_t end = end_mark(), data = first_cluster();
        struct fs_file f;
        uint64_t       sector, left;
        uint32_t       offset;

        add("FILE       ", 0x20, 100, 1300);
        add("EMPTY      ", 0x20, 0, 1300);
        set_fat(100, 101);
        set_fat(101, 200);
        set_fat(200, end);
        assert_int_equal(fs_find(&m.fs, "/file", &f), STATUS_OK);
        assert_int_equal(fs_locate(&f, 10, &sector, &offset, &left), STATUS_OK);
        assert_true(sector == data + 98 && offset == 10 && left == 1014);
        assert_int_equal(fs_locate(&f, 1024, &sector, &offset, &left), STATUS_OK);
        assert_true(sector == data + 198 && offset == 0 && left == 276);
        set_fat(101, end);
        m.fs.u.fat.fat_window_bytes = 0;
        assert_int_equal(fs_find(&m.fs, "/file", &f), STATUS_OK);
        assert_int_equal(fs_locate(&f, 1024, &sector, &offset, &left), STATUS_FS_DAMAGED);
        assert_int_equal(fs_find(&m.fs, "/empty", &f), STATUS_OK);
        assert_int_equal(fs_locate(&f, 0, &sector, &offset, &left), STATUS_FS_DAMAGED);
    }
}

/* A chain that ends too soon ends there, however far behind it one asks: nothing else of the FAT is looked at. */
static void test_far_behind_the_end_of_a_chain(void **state)
{
    static uint8_t out[4];

    (void)state;
    EACH(bits) {
        struct fs_file f;

        add("FILE       ", 0x20, 4000, 100 * 512);
        set_fat(4000, 4001);
        set_fat(4001, end_mark());
        memdisk_fail(m.md, m.fat, 1, STATUS_READ_FAILED);
        memdisk_fail(m.md, (m.root + m.fat) / 2, 1, STATUS_READ_FAILED);
        if (bits == 32)
            set_fat(2, 0x0fffffff);
        assert_int_equal(fs_find(&m.fs, "/file", &f), STATUS_OK);
        assert_int_equal(fs_read(&f, 513, out, 4), STATUS_OK);
        assert_int_equal(fs_read(&f, 90 * 512, out, 4), STATUS_FS_DAMAGED);
        assert_int_equal(fs_read(&f, 1000, out, 4), STATUS_OK);
    }
}

/* A chain that bites its tail has no more clusters than the volume. */
static void test_a_chain_without_an_end(void **state)
{
    static uint8_t out[4];

    (void)state;
    EACH(bits) {
        struct fs_file f;

        add("FILE       ", 0x20, 100, 0xffffffff);
        set_fat(100, 101);
        set_fat(101, 100);
        assert_int_equal(fs_find(&m.fs, "/file", &f), STATUS_OK);
        assert_int_equal(fs_read(&f, (CLUSTERS - 1) * 512, out, 4), STATUS_OK);
        assert_int_equal(fs_read(&f, CLUSTERS * 512, out, 4), STATUS_FS_DAMAGED);
        assert_int_equal(fs_read(&f, 0xfffffff0, out, 4), STATUS_FS_DAMAGED);
        assert_int_equal(fat_read(&m.fs.u.fat, &f.u.fat, ((uint64_t)1 << 32) * 512, out, 4), STATUS_FS_DAMAGED);
        assert_int_equal(fat_read(&m.fs.u.fat, &f.u.fat, (((uint64_t)1 << 32) + 1) * 512, out, 4), STATUS_FS_DAMAGED);
    }
}

/* Any stretch of a file of three clusters, one of which lies apart; one of them cannot be read. */
static void test_every_stretch(void **state)
{
    static uint8_t out[1537], want[1536];

    (void)state;
    EACH(bits) {
        const uint32_t end = end_mark(), data = first_cluster();
        struct fs_file f;

        for (size_t i = 0; i < sizeof want; i++)
            want[i] = (uint8_t)(i * 7 ^ i >> 6);
        memcpy(memdisk_at(m.md, data + 98), want, 1024);
        memcpy(memdisk_at(m.md, data + 48), want + 1024, 512);
        add("FILE       ", 0x20, 100, 1536);
        set_fat(100, 101);
        set_fat(101, 50);
        set_fat(50, end);
        assert_int_equal(fs_find(&m.fs, "/file", &f), STATUS_OK);
        for (size_t off = 0; off <= 1536; off += off % 512 < 2 || off % 512 > 509 ? 1 : 127)
            for (size_t len = 0; off + len <= 1536; len += len % 512 < 2 || len % 512 > 509 ? 1 : 127) {
                out[len] = 0xee;
                assert_int_equal(fs_read(&f, off, out, len), STATUS_OK);
                assert_memory_equal(out, want + off, len);
                assert_int_equal(out[len], 0xee);
            }
        for (unsigned bad = 0; bad < 3; bad++) {
            memdisk_reset(m.md);
            memdisk_fail(m.md, data + (bad == 2 ? 48 : 98 + bad), 1, STATUS_READ_FAILED);
            assert_int_equal(fs_read(&f, 0, out, 1536), STATUS_READ_FAILED);
            for (unsigned one = 0; one < 3; one++)
                assert_int_equal(fs_read(&f, one * 512 + 5, out, 2), one == bad ? STATUS_READ_FAILED : STATUS_OK);
        }
    }
}

/* Names in a directory that is not there, is a file, or cannot be read. */
static void test_directories_that_are_none(void **state)
{
    static const char *const names[] = { "file", "ntldr" };

    (void)state;
    EACH(bits) {
        bool there[2] = { true, true };

        add("FILE       ", 0x20, 100, 512);
        add("DIR        ", 0x10, 200, 0);
        set_fat(200, end_mark());
        memcpy(memdisk_at(m.md, first_cluster() + 198), memdisk_at(m.md, m.root), 32);
        memcpy(memdisk_at(m.md, first_cluster() + 98), memdisk_at(m.md, m.root), 64);
        set_fat(100, end_mark());
        assert_true(found("/dir/file"));
        assert_false(found("/file/file") || found("/file/dir"));  /* whatever a file holds, it is no directory */
        assert_int_equal(fs_find_names(&m.fs, "/dir", names, 2, there), STATUS_OK);
        assert_true(there[0] && !there[1]);
        for (unsigned k = 0; k < 3; k++) {
            static const char *const none[] = { "/none", "/file", "/none/dir" };

            there[0] = there[1] = true;
            assert_int_equal(fs_find_names(&m.fs, none[k], names, 2, there), STATUS_FILE_NOT_FOUND);
            assert_false(there[0] || there[1]);
        }
        memdisk_fail(m.md, m.root, 1, STATUS_READ_FAILED);
        there[0] = true;
        assert_int_equal(fs_find_names(&m.fs, "/dir", names, 2, there), STATUS_READ_FAILED);
        assert_false(there[0]);
    }
}

/* A directory whose chain is damaged, at once or behind its first cluster: what is not found there is not said to be absent. */
static void test_damaged_directories(void **state)
{
    (void)state;
    EACH(bits) {
        const uint32_t data = first_cluster();
        struct fs_file f;

        add("DIR        ", 0x10, 3000, 0);
        for (unsigned i = 0; i < 16; i++)
            memcpy(memdisk_at(m.md, data + 2998) + 32 * i, i == 7 ? "HERE       " : "FILLER     ", 11);
        set_fat(3000, 1);  /* leads nowhere */
        assert_int_equal(fs_find(&m.fs, "/dir/here", &f), STATUS_OK);
        assert_int_equal(fs_find(&m.fs, "/dir/none", &f), STATUS_FS_DAMAGED);
        set_fat(3000, 3000);  /* bites its tail: gone through again and again, to the limit of a directory */
        m.fs.u.fat.fat_window_bytes = 0;
        assert_int_equal(fs_find(&m.fs, "/dir/here", &f), STATUS_OK);
        assert_int_not_equal(fs_find(&m.fs, "/dir/none", &f), STATUS_OK);
        set_fat(3000, bits == 32 ? 0x0ffffff7 : 0xfff7);  /* bad: no end */
        m.fs.u.fat.fat_window_bytes = 0;
        assert_int_equal(fs_find(&m.fs, "/dir/here", &f), STATUS_OK);
        assert_int_equal(fs_find(&m.fs, "/dir/none", &f), STATUS_FS_DAMAGED);
        set_fat(3000, end_mark());
        m.fs.u.fat.fat_window_bytes = 0;
        assert_int_equal(fs_find(&m.fs, "/dir/none", &f), STATUS_FILE_NOT_FOUND);
        m.fs.u.fat.fat_window_bytes = 0;
        memdisk_fail(m.md, m.fat, m.root - m.fat, STATUS_READ_FAILED);
        m.fs.u.fat.fat_window_bytes = 0;
        if (bits == 16) {  /* the root needs none of the FAT */
            assert_int_equal(fs_find(&m.fs, "/dir/here", &f), STATUS_OK);
            assert_int_equal(fs_find(&m.fs, "/dir/none", &f), STATUS_READ_FAILED);
        }
        memdisk_reset(m.md);
        add("WRONG      ", 0x10, CLUSTERS + 2, 0);
        assert_int_equal(fs_find(&m.fs, "/wrong/none", &f), STATUS_FS_DAMAGED);
        if (bits == 32) {  /* there the root has a cluster, too, and 0 is nowhere */
            add("NOWHERE    ", 0x10, 0, 0);
            assert_int_equal(fs_find(&m.fs, "/nowhere/none", &f), STATUS_FS_DAMAGED);
        }
    }
}

/* The second copy serves where the first cannot be read, and each copy is where it begins, not near it. */
static void test_the_second_copy(void **state)
{
    static uint8_t out[1024];

    (void)state;
    EACH(bits) {
        const uint32_t copy = (m.root - m.fat) / 2;

        set_fat(100, 200);
        set_fat(200, end_mark());
        memcpy(memdisk_at(m.md, m.fat + copy), memdisk_at(m.md, m.fat), copy * 512);
        set_fat(100, 4999);
        set_fat(4999, end_mark());
        memset(memdisk_at(m.md, first_cluster() + 198), 0x77, 512);
        assert_int_equal(read_file(100, 1024, out), STATUS_OK);
        assert_int_equal(out[512], 0);
        memdisk_fail(m.md, m.fat + 1, 1, STATUS_READ_FAILED);
        assert_int_equal(read_file(100, 1024, out), STATUS_OK);
        assert_int_equal(out[512], 0x77);
        memdisk_fail(m.md, m.fat + copy + 1, 1, STATUS_READ_FAILED);
        assert_int_equal(read_file(100, 1024, out), STATUS_READ_FAILED);
    }
}

static int free_disk(void **state)
{
    (void)state;
    memdisk_free(m.md);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_short_names),
        cmocka_unit_test(test_entries_that_are_no_files),
        cmocka_unit_test(test_what_is_left_behind_the_end_of_a_directory),
        cmocka_unit_test(test_what_an_entry_says),
        cmocka_unit_test(test_a_full_directory),
        cmocka_unit_test(test_a_root_that_ends_in_a_sector),
        cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_letters_of_long_names),
        cmocka_unit_test(test_long_names_that_are_none),
        cmocka_unit_test(test_a_long_name_of_another_entry),
        cmocka_unit_test(test_no_more_of_the_fat_than_is_needed),
        cmocka_unit_test(test_entries_at_odd_bytes),
        cmocka_unit_test(test_a_chain_is_not_followed_again),
        cmocka_unit_test(test_the_last_entry_of_a_fat),
        cmocka_unit_test(test_a_fat_that_is_too_short),
        cmocka_unit_test(test_two_volumes_with_one_window),
        cmocka_unit_test(test_a_window_shared_with_ntfs),
        cmocka_unit_test(test_the_longest_directory),
        cmocka_unit_test(test_a_name_behind_a_longer_one),
        cmocka_unit_test(test_fields_of_the_boot_sector),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_numbers_of_clusters),
        cmocka_unit_test(test_places_in_a_file),
        cmocka_unit_test(test_far_behind_the_end_of_a_chain),
        cmocka_unit_test(test_a_chain_without_an_end),
        cmocka_unit_test(test_every_stretch),
        cmocka_unit_test(test_directories_that_are_none),
        cmocka_unit_test(test_damaged_directories),
        cmocka_unit_test(test_the_second_copy),
    };

    return cmocka_run_group_tests(tests, NULL, free_disk);
}
