/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_ntfs_wof.c - files that Windows Overlay Filter compressed, put together by hand: what a reparse point may say, where
 * chunks begin and end, and tables of them that lie. Files that wimlib made are in tests/host/test_volume_files.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/fs/ntfs.h"
#include "common/fs/ntfs_wof.h"
#include "tests/support/onefile.h"
#include "tests/support/packed.h"
#include "tests/support/pattern.h"

enum algorithm { XPRESS4K, LZX, XPRESS8K, XPRESS16K };

static const uint32_t chunk_sizes[] = { 4096, 32768, 8192, 16384 };

static struct onefile t;
static uint8_t        packed[400 << 10], plain[600 << 10], out[600 << 10];
static size_t         packed_len, plain_len;

static int set_up(void **state)
{
    (void)state;
    onefile_begin(&t);
    packed_len = plain_len = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    onefile_end(&t);
    return 0;
}

/* ---- the file */

struct point {
    uint32_t tag, version, provider, file_version, algorithm;
    size_t   len;
};

static const struct point right = { 0x80000017, 1, 2, 1, XPRESS4K, 0x18 };

static void put_point(uint8_t *r, const struct point *p)
{
    uint8_t bytes[0x20] = { 0 };

    wr_le32(bytes, p->tag);
    wr_le16(bytes + 4, 16);
    wr_le32(bytes + 0x08, p->version);
    wr_le32(bytes + 0x0c, p->provider);
    wr_le32(bytes + 0x10, p->file_version);
    wr_le32(bytes + 0x14, p->algorithm);
    nb_resident(r, NB_REPARSE, "", bytes, p->len);
}

/* A file of so many bytes, which are a hole, and the packed form in clusters behind it (`name`; NULL: none). */
static void make_file(const struct point *p, uint64_t bytes, const char *name)
{
    uint8_t         *r = nb_record(&t.v, ONEFILE_RECORD, NB_IN_USE, 0);
    struct nb_stream hole = { .clusters = (bytes + ONEFILE_CLUSTER - 1) / ONEFILE_CLUSTER, .bytes = bytes };

    hole.pairs_len = bytes ? nb_run(hole.pairs, 0, (uint32_t)hole.clusters, true) : 0;
    nb_in_clusters(r, NB_DATA, "", &hole);
    if (name) {
        struct nb_stream s = nb_one_run(ONEFILE_FREE_LCN, (uint32_t)(packed_len + ONEFILE_CLUSTER - 1) / ONEFILE_CLUSTER, packed_len);

        memcpy(nb_cluster(&t.v, ONEFILE_FREE_LCN), packed, packed_len);
        nb_in_clusters(r, NB_DATA, name, &s);
    }
    put_point(r, p);
    nb_seal(r, ONEFILE_CLUSTER);
}

static struct fs_file find_file(void)
{
    struct fs_file f;

    onefile_open(&t);
    fs_allow_wof(&t.fs);
    assert_int_equal(fs_find(&t.fs, "/file", &f), STATUS_OK);
    assert_int_equal(f.storage, FS_STORED_WOF);
    return f;
}

/* Chunks: how each is kept. 'a': as it is; 'p': packed. The last one is `last` bytes long. */
static struct point make_chunks(enum algorithm algorithm, const char *kinds, size_t last)
{
    size_t       chunks = strlen(kinds), at = (chunks - 1) * 4;
    struct point p = right;

    p.algorithm = algorithm;
    packed_len = plain_len = 0;
    for (size_t i = 0; i < chunks; i++) {
        size_t len = i + 1 < chunks ? chunk_sizes[algorithm] : last;

        if (kinds[i] == 'a') {
            for (size_t k = 0; k < len; k++)
                packed[at + k] = plain[plain_len + k] = pattern_at((unsigned)i, k);
            at += len;
        } else if (algorithm == LZX) {
            packed_plain(plain + plain_len, len, 1, 20, 40, false);
            at += packed_bytes(packed_lzx_verbatim, packed + at).len;  /* for a last chunk of 6000 bytes */
        } else {  /* two symbols have a code of one bit, and all bits are 0 */
            memset(packed + at, 0, 256 + len / 8 + 4);
            packed[at + 'w' / 2] = 0x10;
            packed[at + 'x' / 2] |= 0x01;
            memset(plain + plain_len, 'w', len);
            at += 256 + len / 8 + 4;
        }
        plain_len += len;
        if (i + 1 < chunks)
            wr_le32(packed + 4 * i, (uint32_t)(at - (chunks - 1) * 4));
    }
    packed_len = at;
    make_file(&p, plain_len, "WofCompressedData");
    return p;
}

static void check_read(struct fs_file *f, size_t off, size_t len)
{
    size_t size = t.arena.size;

    memset(out, 0xee, len + 1);
    assert_int_equal(fs_read(f, off, out, len), STATUS_OK);
    assert_memory_equal(out, plain + off, len);
    assert_int_equal(out[len], 0xee);
    assert_int_equal(t.arena.size, size);  /* what was borrowed is given back */
}

/* All, and what begins or ends one byte beside each chunk's end. */
static void check_content(void)
{
    struct fs_file f = find_file();
    size_t         chunk = chunk_sizes[f.u.ntfs.algorithm];

    assert_int_equal(f.bytes, plain_len);
    check_read(&f, 0, plain_len);
    check_read(&f, plain_len - 1, 1);
    check_read(&f, 0, 0);
    for (size_t end = chunk; end < plain_len; end += chunk)
        for (size_t from = end - 1; from <= end + 1; from++)
            for (size_t len = 1; len <= 3 && from - 1 + len <= plain_len; len++) {
                check_read(&f, from - 1, len);
                check_read(&f, from - 1 - chunk / 2, chunk / 2 + len);
            }
}

/* ---- tests */

static void test_chunks(void **state)
{
    static const char *const kinds[] = { "a", "aa", "aaa", "p", "pa", "ap", "apa", "pap" };

    (void)state;
    for (enum algorithm algorithm = XPRESS4K; algorithm <= XPRESS16K; algorithm++)
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
            size_t chunk = chunk_sizes[algorithm], chunks = strlen(kinds[i]);

            if (algorithm == LZX) {  /* packed are 6000 bytes */
                if (strchr(kinds[i], 'p') && kinds[i][chunks - 1] != 'p')
                    continue;
                if (strchr(kinds[i], 'p') != strrchr(kinds[i], 'p'))
                    continue;
                (void)make_chunks(algorithm, kinds[i], kinds[i][chunks - 1] == 'p' ? 6000 : 777);
                check_content();
                continue;
            }
            (void)make_chunks(algorithm, kinds[i], chunk);
            check_content();
            (void)make_chunks(algorithm, kinds[i], chunk / 2 + 2 * (kinds[i][chunks - 1] == 'a') - 1);
            check_content();
        }
    (void)make_chunks(XPRESS4K, "aaaaaaaaaaaaaaaaaaaa", 1);  /* more than is read at once */
    check_content();
}

/* Packed bytes that are more than the file's own: Windows would have kept these as they are, so something else is there. */
static void test_a_chunk_that_is_longer_than_what_it_stands_for(void **state)
{
    (void)state;
    for (enum algorithm algorithm = XPRESS4K; algorithm <= XPRESS16K; algorithm++) {
        size_t       last = algorithm == LZX ? 6000 : chunk_sizes[algorithm], code;
        struct point p = make_chunks(algorithm, "p", last);

        code = packed_len;  /* what ends the code is followed by blanks, in all but the first */
        memset(packed + code, 0, sizeof packed - code);
        check_content();
        for (packed_len = last + 1; packed_len < 200000; packed_len = 3 * packed_len + 1) {
            struct fs_file f;

            make_file(&p, plain_len, "WofCompressedData");
            f = find_file();
            assert_int_equal(fs_read(&f, 0, out, plain_len), STATUS_FS_DAMAGED);
        }
    }
}

/* Where a table says that a chunk ends behind the packed bytes: what is there is of another file. */
static void test_a_chunk_that_ends_behind_the_packed_bytes(void **state)
{
    struct fs_file f;

    (void)state;
    for (size_t less = 0; less < 2; less++) {
        (void)make_chunks(XPRESS4K, "aa", 1);
        packed_len -= 1 + less;  /* the second chunk has no byte left; then the first one lacks its last, too */
        make_file(&right, plain_len, "WofCompressedData");
        f = find_file();
        assert_int_equal(fs_read(&f, 0, out, 4096), less ? STATUS_FS_DAMAGED : STATUS_OK);
        assert_int_equal(fs_read(&f, 4096, out, 1), STATUS_FS_DAMAGED);
    }
}

static void test_points(void **state)
{
    static const struct { struct point p; enum status want; } cases[] = {
        { { 0x80000017, 1, 2, 1, XPRESS4K, 0x18 }, STATUS_OK },      { { 0x80000017, 1, 2, 1, XPRESS4K, 0x20 }, STATUS_OK },
        { { 0x80000017, 1, 2, 1, XPRESS4K, 0x17 }, STATUS_FS_WOF },  { { 0x80000017, 2, 2, 1, XPRESS4K, 0x18 }, STATUS_FS_WOF },
        { { 0x80000017, 1, 1, 1, XPRESS4K, 0x18 }, STATUS_FS_WOF },  { { 0x80000017, 1, 3, 1, XPRESS4K, 0x18 }, STATUS_FS_WOF },
        { { 0x80000017, 1, 2, 2, XPRESS4K, 0x18 }, STATUS_FS_WOF },  { { 0x80000017, 1, 2, 1, XPRESS16K, 0x18 }, STATUS_OK },
        { { 0x80000017, 1, 2, 1, XPRESS16K + 1, 0x18 }, STATUS_FS_WOF },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fs_file f;
        uint8_t        byte;

        (void)make_chunks((enum algorithm)(cases[i].p.algorithm & 3), "a", 100);
        make_file(&cases[i].p, plain_len, "WofCompressedData");
        f = find_file();
        assert_int_equal(fs_read(&f, 0, &byte, 1), cases[i].want);
        onefile_open(&t);  /* who did not ask for the decoders does without */
        assert_int_equal(fs_find(&t.fs, "/file", &f), STATUS_OK);
        assert_int_equal(fs_read(&f, 0, &byte, 1), STATUS_FS_WOF);
    }
}

static enum status read_first(void)
{
    struct fs_file f = find_file();
    uint8_t        byte;

    return fs_read(&f, 0, &byte, 1);
}

static void test_what_is_missing(void **state)
{
    struct point p = make_chunks(XPRESS4K, "aa", 100);

    (void)state;
    assert_int_equal(read_first(), STATUS_OK);
    make_file(&p, plain_len, NULL);
    assert_int_equal(read_first(), STATUS_FS_DAMAGED);
    make_file(&p, plain_len, "WofCompressedDate");
    assert_int_equal(read_first(), STATUS_FS_DAMAGED);
    make_file(&p, UINT32_MAX, "WofCompressedData");  /* its table is longer than what there is */
    assert_int_equal(read_first(), STATUS_FS_DAMAGED);
    make_file(&p, (uint64_t)UINT32_MAX + 1, "WofCompressedData");  /* of these the table has another form */
    assert_int_equal(read_first(), STATUS_FS_WOF);
}

/* What a table of three chunks says, and which chunks can be read all the same. */
static void test_tables_that_lie(void **state)
{
    static const struct { uint32_t ends[2]; enum status want[3]; } cases[] = {
        { { 4096, 8192 }, { STATUS_OK, STATUS_OK, STATUS_OK } },
        { { 0, 4096 }, { STATUS_FS_DAMAGED, STATUS_OK, STATUS_FS_DAMAGED } },     /* the last one is longer than its bytes */
        { { 4097, 8192 }, { STATUS_FS_DAMAGED, STATUS_FS_DAMAGED, STATUS_OK } },  /* and 4095 bytes are no code */
        { { 4096, 4096 }, { STATUS_OK, STATUS_FS_DAMAGED, STATUS_FS_DAMAGED } },
        { { 4096, 4095 }, { STATUS_OK, STATUS_FS_DAMAGED, STATUS_FS_DAMAGED } },
        { { 4096, 8192 + 100 }, { STATUS_OK, STATUS_FS_DAMAGED, STATUS_FS_DAMAGED } },
        { { 4096, 8192 + 101 }, { STATUS_OK, STATUS_FS_DAMAGED, STATUS_FS_DAMAGED } },
        { { 0xfffffff0, 0xffffffff }, { STATUS_FS_DAMAGED, STATUS_FS_DAMAGED, STATUS_FS_DAMAGED } },
        { { 100000, 104096 }, { STATUS_FS_DAMAGED, STATUS_FS_DAMAGED, STATUS_FS_DAMAGED } },  /* behind the end */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct point   p = make_chunks(XPRESS4K, "aaa", 100);
        struct fs_file f;

        wr_le32(packed, cases[i].ends[0]);
        wr_le32(packed + 4, cases[i].ends[1]);
        make_file(&p, plain_len, "WofCompressedData");
        f = find_file();
        for (size_t k = 0; k < 3; k++)
            assert_int_equal(fs_read(&f, k * 4096, out, 1), cases[i].want[k]);
        assert_int_equal(fs_read(&f, 0, out, plain_len), i ? STATUS_FS_DAMAGED : STATUS_OK);
    }
}

/* A chunk of no bytes is none: for it nothing is read. */
static void test_a_chunk_of_no_bytes(void **state)
{
    struct point   p = make_chunks(XPRESS4K, "aaa", 100);
    struct fs_file f;

    (void)state;
    wr_le32(packed, 4096);
    wr_le32(packed + 4, 4096);
    make_file(&p, plain_len, "WofCompressedData");
    f = find_file();
    memdisk_fail(t.md, ONEFILE_FREE_LCN * 2 + 1, 100, STATUS_READ_FAILED);
    assert_int_equal(fs_read(&f, 0, out, 1), STATUS_READ_FAILED);
    assert_int_equal(fs_read(&f, 4096, out, 1), STATUS_FS_DAMAGED);
}

/* A stream that has its table and nothing else, or not even that. */
static void test_short_streams(void **state)
{
    struct point p = make_chunks(XPRESS4K, "aaa", 100);

    (void)state;
    for (packed_len = 1; packed_len <= 9; packed_len++) {
        struct fs_file f;

        wr_le32(packed, 1);
        make_file(&p, plain_len, "WofCompressedData");
        f = find_file();
        assert_int_equal(fs_read(&f, 0, out, 1), STATUS_FS_DAMAGED);
        assert_int_equal(fs_read(&f, plain_len - 1, out, 1), STATUS_FS_DAMAGED);
        memdisk_fail(t.md, ONEFILE_FREE_LCN * 2, 1, STATUS_READ_FAILED);  /* a table that is not whole is not asked for */
        assert_int_equal(fs_read(&f, 0, out, 1), packed_len < 8 ? STATUS_FS_DAMAGED : STATUS_READ_FAILED);
        memdisk_reset(t.md);
    }
}

static void test_reads(void **state)
{
    struct fs_file f;

    (void)state;
    (void)make_chunks(XPRESS4K, "aaaaaaaaaaaaaaaaaaaa", 100);
    f = find_file();
    memdisk_reset(t.md);
    check_read(&f, 0, plain_len);
    assert_in_range(t.md->reads, 1, 8);  /* 78 KB in windows of 64 KiB, and not chunk by chunk */
    memdisk_fail(t.md, ONEFILE_FREE_LCN * 2 + 60, 1, STATUS_READ_FAILED);
    assert_int_equal(fs_read(&f, 0, out, plain_len), STATUS_READ_FAILED);
    assert_int_equal(fs_read(&f, 0, out, 1), STATUS_READ_FAILED);
    memdisk_reset(t.md);
    memdisk_fail(t.md, ONEFILE_FREE_LCN * 2, 1, STATUS_READ_FAILED);  /* the table */
    assert_int_equal(fs_read(&f, 5000, out, 1), STATUS_READ_FAILED);
}

/* No bytes take no reading, wherever they are; bytes behind the file's end are none. */
static void test_no_bytes_and_too_many(void **state)
{
    struct fs_file f;

    (void)state;
    (void)make_chunks(XPRESS4K, "aaa", 100);
    f = find_file();
    memdisk_fail(t.md, ONEFILE_FREE_LCN * 2, 40, STATUS_READ_FAILED);
    for (size_t off = 0; off <= 8192; off += 4096)
        check_read(&f, off, 0);
    assert_int_equal(fs_read(&f, 4096, out, 1), STATUS_READ_FAILED);
    memdisk_reset(t.md);
    assert_int_equal(ntfs_read(&t.fs.u.ntfs, &f.u.ntfs, plain_len - 2, out, 2), STATUS_OK);
    assert_int_equal(ntfs_read(&t.fs.u.ntfs, &f.u.ntfs, plain_len - 2, out, 3), STATUS_FS_DAMAGED);
    assert_int_equal(ntfs_read(&t.fs.u.ntfs, &f.u.ntfs, plain_len, out, 1), STATUS_FS_DAMAGED);
    assert_int_equal(ntfs_read(&t.fs.u.ntfs, &f.u.ntfs, plain_len + 1, out, 0), STATUS_FS_DAMAGED);
    assert_int_equal(ntfs_read(&t.fs.u.ntfs, &f.u.ntfs, UINT64_MAX, out, 1), STATUS_FS_DAMAGED);
}

/* A table that fills its sector: the next one, with the first chunk, is not read for the last. */
static void test_a_table_of_one_sector(void **state)
{
    struct fs_file f;
    char           kinds[141];

    (void)state;
    memset(kinds, 'p', 129);
    kinds[129] = '\0';
    (void)make_chunks(XPRESS4K, kinds, 4096);
    f = find_file();
    memdisk_fail(t.md, ONEFILE_FREE_LCN * 2 + 1, 1, STATUS_READ_FAILED);
    check_read(&f, plain_len - 1, 1);
    assert_int_equal(fs_read(&f, 0, out, 1), STATUS_READ_FAILED);
    memset(kinds, 'p', 140);  /* a table of two sectors: to where the first one's last chunk ends the second one is not read */
    kinds[140] = '\0';
    (void)make_chunks(XPRESS4K, kinds, 4096);
    f = find_file();
    check_read(&f, 127 * 4096, 4096);
    assert_int_equal(fs_read(&f, 127 * 4096, out, 4097), STATUS_READ_FAILED);
}

static void test_memory(void **state)
{
    struct fs_file f;
    size_t         size, step = 8;
    enum status    st = STATUS_NO_MEMORY;

    (void)state;
    (void)make_chunks(XPRESS4K, "apa", 100);
    f = find_file();
    size = t.arena.size;
    for (size_t room = 0; room < 100 << 10; room += step) {
        t.arena.size = t.arena.used + room;
        st = fs_read(&f, 0, out, plain_len);
        assert_true(st == STATUS_NO_MEMORY || st == STATUS_OK);
        assert_int_equal(t.arena.size, t.arena.used + room);
        if (st == STATUS_OK)
            break;
    }
    assert_int_equal(st, STATUS_OK);
    t.arena.size = size;
    check_read(&f, 0, plain_len);
}

/* How much memory a read of a byte takes. */
static size_t memory_for(struct fs_file *f, uint64_t off)
{
    size_t size = t.arena.size, room = 0;

    for (enum status st = STATUS_NO_MEMORY; st == STATUS_NO_MEMORY; room += 16) {
        t.arena.size = t.arena.used + room;
        st = fs_read(f, off, out, 1);
    }
    t.arena.size = size;
    return room;
}

/* It is the same for each chunk, however many there are before it. */
static void test_memory_for_any_chunk(void **state)
{
    struct fs_file f;

    (void)state;
    (void)make_chunks(XPRESS4K, "aaaaaaaaaaaaaaaaaaaa", 100);
    f = find_file();
    for (uint64_t n = 1; n < 20; n++)
        assert_int_equal(memory_for(&f, n * 4096), memory_for(&f, 0));
}

/* A file for whose packed form there is no memory is not found as one that can be read, nor as one that never can. */
static void test_memory_to_find(void **state)
{
    struct fs_file f;
    enum status    st = STATUS_NO_MEMORY;
    size_t         size, steps = 0;

    (void)state;
    (void)make_chunks(XPRESS4K, "apa", 100);
    onefile_open(&t);
    fs_allow_wof(&t.fs);
    size = t.arena.size;
    for (size_t room = 0; st == STATUS_NO_MEMORY; room += 8, steps++) {
        t.arena.size = t.arena.used + room;
        st = fs_find(&t.fs, "/file", &f);
        t.arena.size = size;
    }
    assert_int_equal(st, STATUS_OK);
    assert_true(steps > 1);
    check_read(&f, 0, plain_len);
}

/* What is not NTFS has no such files: to allow them changes nothing. */
static void test_other_file_systems(void **state)
{
    struct fs_volume fat = { .kind = FS_FAT }, was = fat;

    (void)state;
    fs_allow_wof(&fat);
    assert_memory_equal(&fat, &was, sizeof fat);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_chunks), TEST(test_a_chunk_that_is_longer_than_what_it_stands_for),
        TEST(test_a_chunk_that_ends_behind_the_packed_bytes), TEST(test_points), TEST(test_what_is_missing), TEST(test_tables_that_lie),
        TEST(test_short_streams), TEST(test_reads),  TEST(test_memory),          TEST(test_other_file_systems),
        TEST(test_a_table_of_one_sector), TEST(test_no_bytes_and_too_many), TEST(test_memory_for_any_chunk), TEST(test_a_chunk_of_no_bytes),
        TEST(test_memory_to_find),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
