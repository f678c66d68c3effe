/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_ntfs_inode.c - a file whose attributes are in several records, and the list of them, at its limits: how long it
 * and its entries may be, how many pieces it may name, and what is not the file's own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/fs/fs.h"
#include "common/fs/ntfs_internal.h"
#include "tests/support/onefile.h"

#define CLUSTER      ONEFILE_CLUSTER
#define LIST_LCN     ONEFILE_FREE_LCN  /* of the file's list, where it is outside of the record */
#define DATA_LCN     700u              /* cluster i of the data is full of the byte i */
#define FILE_RECORD  ONEFILE_RECORD
#define PIECE_RECORD 17u               /* of the file, and those behind it */
#define LONGEST_LIST 0x40000u

static struct onefile t;

static int set_up(void **state)
{
    (void)state;
    onefile_begin(&t);
    for (uint32_t i = 0; i < 200; i++)
        memset(nb_cluster(&t.v, DATA_LCN + i), (int)i, CLUSTER);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    onefile_end(&t);
    return 0;
}

/* Look for the file; the first byte of each of its clusters must be what is in `data`. */
static enum status find_file(const char *data)
{
    struct fs_file f;
    enum status    st;

    onefile_open(&t);
    st = fs_find(&t.fs, "/file", &f);
    for (size_t i = 0; st == STATUS_OK && data[i]; i++) {
        uint8_t byte;

        assert_int_equal(fs_read(&f, i * CLUSTER, &byte, 1), STATUS_OK);
        assert_int_equal(byte, data[i]);
    }
    return st;
}

/* A record of the file with clusters [vcn, vcn + 1) of its data; the file has as many as `bytes` say. */
static uint8_t *begin_piece(uint32_t record, uint32_t base) { return nb_record(&t.v, record, NB_IN_USE, base); }

static void add_piece(uint8_t *r, const char *name, uint64_t vcn, uint8_t data, uint64_t bytes)
{
    struct nb_stream s = nb_one_run(DATA_LCN + data, 1, bytes);

    s.first_vcn = vcn;
    nb_in_clusters(r, NB_DATA, name, &s);
}

static void one_piece(uint32_t record, uint32_t base, uint8_t data)
{
    uint8_t *r = begin_piece(record, base);

    add_piece(r, "", 0, data, CLUSTER);
    nb_seal(r, CLUSTER);
}

/* The file's own record: nothing but this list, in it or (`outside`) in clusters. */
static void file_of(const uint8_t *list, size_t len, bool outside)
{
    uint8_t *r = nb_record(&t.v, FILE_RECORD, NB_IN_USE, 0);

    if (outside) {
        struct nb_stream s = nb_one_run(LIST_LCN, (uint32_t)(len + CLUSTER - 1) / CLUSTER, len);

        memcpy(nb_cluster(&t.v, LIST_LCN), list, len);
        nb_in_clusters(r, NB_LIST, "", &s);
    } else {
        nb_resident(r, NB_LIST, "", list, len);
    }
    nb_seal(r, CLUSTER);
}

/* ---- how long a list is */

static void test_lengths_of_lists(void **state)
{
    static uint8_t list[LONGEST_LIST + 64];
    size_t         len = 0;

    (void)state;
    one_piece(PIECE_RECORD, FILE_RECORD, 'a');
    while (len < LONGEST_LIST - 32)
        len = nb_list_entry(list, len, NB_LIST, "", 0, FILE_RECORD);
    len = nb_list_entry(list, len, NB_DATA, "", 0, PIECE_RECORD);
    assert_int_equal(len, LONGEST_LIST);
    file_of(list, len, true);
    assert_int_equal(find_file("a"), STATUS_OK);
    len = nb_list_entry(list, len, NB_LIST, "", 0, FILE_RECORD);
    file_of(list, len, true);
    assert_int_equal(find_file("a"), STATUS_FS_DAMAGED);
    file_of(list, 0, false);
    assert_int_equal(find_file("a"), STATUS_FS_DAMAGED);
}

/* A list that is shorter than its first entry is damage, also where the file's own record has the data. */
static void test_lists_without_an_entry(void **state)
{
    (void)state;
    for (size_t len = 0; len < 0x1a; len++) {
        uint8_t list[0x20] = { 0 }, *r = nb_record(&t.v, FILE_RECORD, NB_IN_USE, 0);

        (void)nb_list_entry(list, 0, NB_DATA, "", 0, FILE_RECORD);
        nb_resident(r, NB_LIST, "", list, len);
        add_piece(r, "", 0, 'a', CLUSTER);
        nb_seal(r, CLUSTER);
        assert_int_equal(find_file("a"), STATUS_FS_DAMAGED);
    }
}

/* A list that cannot be read, or for which there is no memory: not a file without attributes. */
static void test_a_list_that_cannot_be_had(void **state)
{
    static uint8_t list[0x8000];
    struct fs_file f;
    size_t         len = nb_list_entry(list, 0, NB_DATA, "", 0, PIECE_RECORD);

    (void)state;
    one_piece(PIECE_RECORD, FILE_RECORD, 'a');
    while (len < sizeof list)
        len = nb_list_entry(list, len, NB_LIST, "", 0, FILE_RECORD);
    file_of(list, len, true);
    onefile_open(&t);
    t.arena.size = t.arena.used + 0x6000;
    assert_int_equal(fs_find(&t.fs, "/file", &f), STATUS_NO_MEMORY);
    memdisk_fail(t.md, LIST_LCN * CLUSTER / 512 + 5, 1, STATUS_READ_FAILED);
    assert_int_equal(find_file("a"), STATUS_READ_FAILED);
    memdisk_reset(t.md);
    assert_int_equal(find_file("a"), STATUS_OK);
}

/* Too little memory for the list, its runs, or the records that it names is said as that, and not as damage. */
static void test_memory_for_a_list(void **state)
{
    uint8_t          list[64], *r;
    size_t           len = nb_list_entry(list, 0, NB_DATA, "", 0, PIECE_RECORD), used;
    struct nb_stream s = nb_one_run(LIST_LCN, 1, len);
    struct fs_file   f;
    enum status      st = STATUS_NO_MEMORY;

    (void)state;
    one_piece(PIECE_RECORD, FILE_RECORD, 'a');
    file_of(list, len, true);
    r = begin_piece(FILE_RECORD, 0);
    s.clusters = 5;  /* in runs that take more memory than the list itself */
    for (int32_t i = 1; i < 5; i++)
        s.pairs_len += nb_run(s.pairs + s.pairs_len, 2, 1, false);
    nb_in_clusters(r, NB_LIST, "", &s);
    nb_seal(r, CLUSTER);
    onefile_open(&t);
    used = t.arena.used;
    for (size_t room = 0; st == STATUS_NO_MEMORY; room += 8) {
        t.arena.size = used + room;
        st = fs_find(&t.fs, "/file", &f);
        assert_true(st == STATUS_OK || t.arena.used == used);
    }
    assert_int_equal(st, STATUS_OK);
}

/* ---- its entries */

static void test_lengths_of_entries(void **state)
{
    static const struct { uint16_t len; size_t of_list; enum status want; } cases[] = {
        { 0x20, 0x40, STATUS_OK }, { 0x1a, 0x3a, STATUS_OK }, { 0x19, 0x39, STATUS_FS_DAMAGED }, { 0, 0x20, STATUS_FS_DAMAGED },
        { 0x20, 0x3f, STATUS_FS_DAMAGED },  /* the second one is cut off */
        { 0x20, 0x25, STATUS_FS_DAMAGED }, { 0x21, 0x40, STATUS_FS_DAMAGED }, { 0xffff, 0x40, STATUS_FS_DAMAGED },
    };

    (void)state;
    one_piece(PIECE_RECORD, FILE_RECORD, 'a');
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t list[0x60] = { 0 };

        (void)nb_list_entry(list, 0, NB_LIST, "", 0, FILE_RECORD);
        wr_le16(list + 4, cases[i].len);
        (void)nb_list_entry(list, cases[i].len > 0 && cases[i].len < 0x40 ? cases[i].len : 0x20, NB_DATA, "", 0, PIECE_RECORD);
        file_of(list, cases[i].of_list, false);
        assert_int_equal(find_file("a"), cases[i].want);
    }
}

/* An entry is of the attribute that has its type and its whole name. */
static enum status find_named(const char *in_list, uint16_t entry_len, const char *name)
{
    uint8_t            list[128] = { 0 };
    size_t             len = nb_list_entry(list, 0, NB_DATA, in_list, 0, PIECE_RECORD);
    struct ntfs_inode  inode;
    struct ntfs_stream stream;
    uint8_t           *r = begin_piece(PIECE_RECORD, FILE_RECORD);

    add_piece(r, in_list, 0, 'n', CLUSTER);
    nb_seal(r, CLUSTER);
    if (entry_len)
        wr_le16(list + 4, (uint16_t)(len = entry_len));
    file_of(list, len, false);
    onefile_open(&t);
    assert_int_equal(ntfs_inode_open(&t.fs.u.ntfs, (uint64_t)1 << 48 | FILE_RECORD, &inode), STATUS_OK);
    return ntfs_inode_stream(&t.fs.u.ntfs, &inode, NTFS_DATA, name, &stream);
}

static void test_names_of_entries(void **state)
{
    static const char *const others[] = { "", "n", "name ", "nam", "namf", "Name", "mame" };

    (void)state;
    assert_int_equal(find_named("name", 0, "name"), STATUS_OK);
    assert_int_equal(find_named("", 0, ""), STATUS_OK);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_int_equal(find_named(others[i], 0, "name"), STATUS_FILE_NOT_FOUND);
        assert_int_equal(find_named("name", 0, others[i]), STATUS_FILE_NOT_FOUND);
    }
    assert_int_equal(find_named("name", 0x1a + 8, "name"), STATUS_OK);
    assert_int_equal(find_named("name", 0x1a + 7, "name"), STATUS_FILE_NOT_FOUND);  /* cut off */
}

/* What fills an entry up to a multiple of eight bytes is not of its name, whatever it is. */
static void test_what_is_behind_a_name(void **state)
{
    static const char *const names[] = { "", "n", "nam", "name" };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        uint8_t            list[64], *r = begin_piece(PIECE_RECORD, FILE_RECORD);
        size_t             len = nb_list_entry(list, 0, NB_DATA, names[i], 0, PIECE_RECORD), end = 0x1a + 2 * strlen(names[i]);
        struct ntfs_inode  inode;
        struct ntfs_stream stream;

        add_piece(r, names[i], 0, 'n', CLUSTER);
        nb_seal(r, CLUSTER);
        memset(list + end, 'e', len - end);
        file_of(list, len, false);
        onefile_open(&t);
        assert_int_equal(ntfs_inode_open(&t.fs.u.ntfs, (uint64_t)1 << 48 | FILE_RECORD, &inode), STATUS_OK);
        assert_int_equal(ntfs_inode_stream(&t.fs.u.ntfs, &inode, NTFS_DATA, names[i], &stream), STATUS_OK);
    }
}

/* Another letter by its upper byte is another name. */
static void test_letters_of_entries(void **state)
{
    uint8_t list[64] = { 0 };
    size_t  len = nb_list_entry(list, 0, NB_DATA, "", 0, PIECE_RECORD);

    (void)state;
    one_piece(PIECE_RECORD, FILE_RECORD, 'a');
    file_of(list, len, false);
    assert_int_equal(find_file("a"), STATUS_OK);
    wr_le32(list, NB_DATA | 0x100);  /* another type: the file has no data then */
    file_of(list, len, false);
    onefile_open(&t);
    struct fs_file f;
    assert_int_equal(fs_find(&t.fs, "/file", &f), STATUS_OK);
    assert_int_equal(f.bytes, 0);
    struct ntfs_inode  inode;
    struct ntfs_stream stream;
    len = nb_list_entry(list, 0, NB_DATA, "n", 0, PIECE_RECORD);
    list[0x1b] = 1;
    file_of(list, len, false);
    onefile_open(&t);
    assert_int_equal(ntfs_inode_open(&t.fs.u.ntfs, FILE_RECORD, &inode), STATUS_OK);
    assert_int_equal(ntfs_inode_stream(&t.fs.u.ntfs, &inode, NTFS_DATA, "n", &stream), STATUS_FILE_NOT_FOUND);
}

/* ---- its pieces */

/* `count` clusters of data, ten pieces in each record. */
static enum status find_pieces(uint32_t count)
{
    static uint8_t list[1100 * 32];
    size_t         len = 0;
    struct fs_file f;
    enum status    st;

    for (uint32_t i = 0; i < count; i += 10) {
        uint8_t *r = begin_piece(PIECE_RECORD + i / 10, FILE_RECORD);

        for (uint32_t k = i; k < i + 10 && k < count; k++) {
            add_piece(r, "", k, (uint8_t)(k % 199), count * CLUSTER);
            len = nb_list_entry(list, len, NB_DATA, "", k, PIECE_RECORD + i / 10);
        }
        nb_seal(r, CLUSTER);
    }
    file_of(list, len, true);
    onefile_open(&t);
    st = fs_find(&t.fs, "/file", &f);
    for (uint32_t i = 0; st == STATUS_OK && i < count; i++) {
        uint8_t byte;

        assert_int_equal(fs_read(&f, i * CLUSTER, &byte, 1), STATUS_OK);
        assert_int_equal(byte, i % 199);
    }
    return st;
}

static void test_how_many_pieces(void **state)
{
    (void)state;
    assert_int_equal(find_pieces(25), STATUS_OK);
    assert_int_equal(find_pieces(1024), STATUS_OK);
    assert_int_equal(find_pieces(1025), STATUS_FS_UNSUPPORTED);
}

/* Pieces in the file's own record and in another; one that is not where the list says; one that another file owns. */
static void test_where_pieces_are(void **state)
{
    uint8_t list[128];
    size_t  len = nb_list_entry(list, 0, NB_DATA, "", 0, FILE_RECORD), both = nb_list_entry(list, len, NB_DATA, "", 1, PIECE_RECORD);

    (void)state;
    for (unsigned wrong = 0; wrong < 6; wrong++) {
        uint8_t *r = nb_record(&t.v, FILE_RECORD, NB_IN_USE, 0);

        nb_resident(r, NB_LIST, "", list, both);
        add_piece(r, "", 0, 'a', 2 * CLUSTER);
        nb_seal(r, CLUSTER);
        r = begin_piece(PIECE_RECORD, wrong == 1 ? FILE_RECORD + 2 : FILE_RECORD);
        if (wrong != 2)
            add_piece(r, "", wrong == 3 ? 2 : 1, 'b', 2 * CLUSTER);
        if (wrong == 4)
            wr_le16(r + 0x10, 2);  /* the sequence number: used anew since the list was written */
        if (wrong == 5)
            wr_le16(r + 0x16, 0);  /* not in use */
        nb_seal(r, CLUSTER);
        assert_int_equal(find_file("ab"), wrong ? STATUS_FS_DAMAGED : STATUS_OK);
    }
    wr_le16(list + len + 0x16, 0);  /* a list that names no sequence number means any */
    uint8_t *r = nb_record(&t.v, FILE_RECORD, NB_IN_USE, 0);
    nb_resident(r, NB_LIST, "", list, both);
    add_piece(r, "", 0, 'a', 2 * CLUSTER);
    nb_seal(r, CLUSTER);
    r = begin_piece(PIECE_RECORD, FILE_RECORD);
    add_piece(r, "", 1, 'c', 2 * CLUSTER);
    wr_le16(r + 0x10, 77);
    nb_seal(r, CLUSTER);
    assert_int_equal(find_file("ac"), STATUS_OK);
}

/* A piece without a cluster, then one in a record whose attributes are damaged: not the first one once more. */
static void test_a_piece_in_a_damaged_record(void **state)
{
    uint8_t list[128];
    size_t  len = nb_list_entry(list, nb_list_entry(list, 0, NB_DATA, "", 0, PIECE_RECORD), NB_DATA, "", 0, PIECE_RECORD + 1);

    (void)state;
    for (unsigned damaged = 0; damaged < 2; damaged++) {
        struct nb_stream none = { .clusters = 0 };
        uint8_t         *r;

        for (uint32_t i = 0; i < 2; i++) {
            r = begin_piece(PIECE_RECORD + i, FILE_RECORD);
            nb_in_clusters(r, NB_DATA, "", &none);
            if (damaged && i == 1)
                wr_le32(r + 0x48 + 4, 8);  /* the attribute's length */
            nb_seal(r, CLUSTER);
        }
        file_of(list, len, false);
        assert_int_equal(find_file(""), damaged ? STATUS_FS_DAMAGED : STATUS_OK);
    }
}

/* ---- record numbers */

/* An MFT with a hole that reaches to record 2^32 - 1, the last that is read, and two records there. */
static void test_the_last_record_number(void **state)
{
    enum { BEHIND = DATA_LCN + 240 };
    struct nb_stream mft = nb_one_run(ONEFILE_MFT_LCN, ONEFILE_RECORDS, 0);
    uint8_t         *r = nb_record(&t.v, 0, NB_IN_USE, 0), *pairs = mft.pairs + mft.pairs_len;
    struct fs_file   f;

    (void)state;
    pairs[0] = 0x05;
    wr_le(pairs + 1, UINT32_MAX - ONEFILE_RECORDS, 5);
    pairs[6] = 0x21;
    pairs[7] = 2;
    wr_le16(pairs + 8, BEHIND - ONEFILE_MFT_LCN);
    mft.pairs_len += 10;
    mft.clusters = UINT32_MAX + (uint64_t)2;
    mft.bytes = mft.initialized = mft.clusters * CLUSTER;
    nb_in_clusters(r, NB_DATA, "", &mft);
    nb_seal(r, CLUSTER);
    r = begin_piece(FILE_RECORD, 0);  /* made there, and copied to its place behind the hole */
    nb_resident(r, NB_DATA, "", "last", 4);
    nb_seal(r, CLUSTER);
    for (uint32_t i = 0; i < 2; i++)
        memcpy(nb_cluster(&t.v, BEHIND + i), r, CLUSTER);
    for (uint64_t number = UINT32_MAX; number <= (uint64_t)UINT32_MAX + 1; number++) {
        onefile_named(&t, (uint64_t)1 << 48 | number);
        onefile_open(&t);
        assert_int_equal(fs_find(&t.fs, "/file", &f), number == UINT32_MAX ? STATUS_OK : STATUS_FS_DAMAGED);
        if (number == UINT32_MAX) {
            uint8_t text[4];

            assert_int_equal(fs_read(&f, 0, text, 4), STATUS_OK);
            assert_memory_equal(text, "last", 4);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_lists_without_an_entry),
        TEST(test_lengths_of_lists),   TEST(test_a_list_that_cannot_be_had), TEST(test_lengths_of_entries),
        TEST(test_what_is_behind_a_name),
        TEST(test_a_piece_in_a_damaged_record),
        TEST(test_memory_for_a_list),
        TEST(test_names_of_entries),   TEST(test_letters_of_entries),        TEST(test_how_many_pieces),
        TEST(test_where_pieces_are),   TEST(test_the_last_record_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
