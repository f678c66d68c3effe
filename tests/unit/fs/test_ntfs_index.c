/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_ntfs_index.c - directories of many blocks: which of them are in use, which cannot be read, how long the index is;
 * small ones, which are read whole, and big ones, whose tree is descended.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/span.h"
#include "tests/support/onefile.h"

#define BLOCK     4096u
#define PER_BLOCK (BLOCK / ONEFILE_CLUSTER)
#define WINDOW    0x10000u  /* of an index: more is big */

static struct onefile t;

static int set_up(void **state)
{
    (void)state;
    onefile_begin(&t);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    onefile_end(&t);
    return 0;
}

static uint8_t *block_at(uint32_t n) { return nb_cluster(&t.v, ONEFILE_FREE_LCN + n * PER_BLOCK); }

/* Block n, of so many bytes: this name, if any, and what follows in order, in block `next` where there is one. */
static void put_block_of(uint32_t bytes, uint32_t n, const char *name, const uint64_t *next)
{
    uint8_t       *block = nb_cluster(&t.v, ONEFILE_FREE_LCN) + (size_t)n * bytes;
    struct nb_node node = nb_index_block(block, (uint64_t)n * bytes / ONEFILE_CLUSTER);

    node.len = (0x10 + 2 * (bytes / 512 + 1) + 7) & ~(size_t)7;  /* behind the update sequence array, however long it is */
    wr_le32(node.at, (uint32_t)node.len);
    if (name)
        nb_entry(&node, ONEFILE_RECORD, name, NULL);
    nb_node_end(&node, next);
    nb_seal(block, bytes);
}

/* Block n: "name NN". */
static void put_block(uint32_t n, const uint64_t *next)
{
    char name[16];

    snprintf(name, sizeof name, "name %02u", n);
    put_block_of(BLOCK, n, name, next);
}

/* The root: an index of `bytes` bytes, or that says so; of its blocks those are in use that the bitmap says. First: block 0. */
static void make_root_of(uint32_t block_bytes, uint64_t bytes, const void *bitmap, size_t bitmap_bytes)
{
    const uint64_t   first = 0;
    uint8_t         *r = nb_record(&t.v, 5, NB_IN_USE | NB_DIRECTORY, 0), value[64];
    const uint64_t   clusters = bytes < 1 << 20 ? (bytes + ONEFILE_CLUSTER - 1) / ONEFILE_CLUSTER : 17 * PER_BLOCK;
    struct nb_stream s = nb_one_run(ONEFILE_FREE_LCN, (uint32_t)clusters, bytes);
    struct nb_node   node;

    nb_index_root(value, block_bytes);
    node = nb_node_begin(value + 16);
    nb_node_end(&node, &first);
    nb_resident(r, NB_ROOT, "$I30", value, 16 + node.len);
    nb_in_clusters(r, NB_BLOCKS, "$I30", &s);
    nb_resident(r, NB_BITMAP, "$I30", bitmap, bitmap_bytes);
    nb_seal(r, ONEFILE_CLUSTER);
}

static void make_root(uint64_t bytes, const void *bitmap, size_t bitmap_bytes) { make_root_of(BLOCK, bytes, bitmap, bitmap_bytes); }

static enum status find(uint32_t n)
{
    struct fs_file f;
    char           path[16];

    snprintf(path, sizeof path, "/Name %02u", n);
    return fs_find(&t.fs, path, &f);
}

static const uint8_t all_used[16] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 };

/* Sixteen blocks, the most that are read whole, one of them unreadable: nothing else is lost, however often it is asked for. */
static void test_one_block_that_cannot_be_read(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 16; n++)
        put_block(n, NULL);
    make_root(WINDOW, all_used, 8);
    for (uint32_t bad = 0; bad < 16; bad++) {
        memdisk_reset(t.md);
        onefile_open(&t);
        memdisk_fail(t.md, (ONEFILE_FREE_LCN + bad * PER_BLOCK) * 2 + 3, 1, STATUS_READ_FAILED);
        for (unsigned round = 0; round < 2; round++)
            for (uint32_t n = 0; n < 16; n++)
                assert_int_equal(find(n), n == bad ? STATUS_READ_FAILED : STATUS_OK);
        assert_int_equal(find(16), STATUS_READ_FAILED);  /* it could be there */
    }
}

/* What cannot be read does not show what stood in its memory before: another directory's block. */
static void test_what_was_read_before_is_forgotten(void **state)
{
    struct fs_file f;
    uint8_t       *r, value[64];

    (void)state;
    for (uint32_t n = 0; n < 4; n++)
        put_block(n, NULL);
    for (uint32_t end = 510; end < BLOCK; end += 512)  /* even what looks as if no fix-up had been undone there */
        memcpy(block_at(1) + end, block_at(1) + 0x28, 2);
    nb_seal(block_at(1), BLOCK);
    make_root(4 * BLOCK, all_used, 8);
    for (unsigned kind = 0; kind < 2; kind++) {
        const uint64_t   first = 0;
        struct nb_stream s = nb_one_run(ONEFILE_FREE_LCN + 100, 2 * PER_BLOCK, 2 * BLOCK);
        struct nb_node   node;

        r = nb_record(&t.v, 20, NB_IN_USE | NB_DIRECTORY, 0);  /* a directory of two blocks, the second torn or unreadable */
        nb_index_root(value, BLOCK);
        node = nb_node_begin(value + 16);
        nb_node_end(&node, &first);
        nb_resident(r, NB_ROOT, "$I30", value, 16 + node.len);
        nb_in_clusters(r, NB_BLOCKS, "$I30", &s);
        nb_resident(r, NB_BITMAP, "$I30", all_used, 8);
        nb_seal(r, ONEFILE_CLUSTER);
        memcpy(nb_cluster(&t.v, ONEFILE_FREE_LCN + 100), block_at(0), BLOCK);
        memset(nb_cluster(&t.v, ONEFILE_FREE_LCN + 100 + PER_BLOCK), 0, BLOCK);
        node = nb_index_block(block_at(3), 3 * PER_BLOCK);
        nb_entry(&node, 20, "sub", NULL);
        nb_node_end(&node, NULL);
        nb_seal(block_at(3), BLOCK);
        onefile_open(&t);
        if (kind)
            memdisk_fail(t.md, (ONEFILE_FREE_LCN + 100 + PER_BLOCK) * 2, 1, STATUS_READ_FAILED);
        assert_int_equal(find(1), STATUS_OK);
        assert_int_equal(fs_find(&t.fs, "/sub/name 00", &f), STATUS_OK);
        assert_int_equal(fs_find(&t.fs, "/sub/name 01", &f), kind ? STATUS_READ_FAILED : STATUS_FS_DAMAGED);
        assert_int_equal(find(1), STATUS_OK);
    }
}

/* The bitmap says which blocks count, bit by bit, also in a directory that is longer than what is read at once. */
static void test_which_blocks_are_in_use(void **state)
{
    (void)state;
    for (uint32_t blocks = 1; blocks <= 40; blocks += 13) {
        for (uint32_t n = 0; n < blocks; n++)
            put_block(n, NULL);
        for (uint32_t in_use = 0; in_use < blocks; in_use++) {
            uint8_t  bitmap[8] = { 0 };
            unsigned found = 0;

            bitmap[in_use / 8] = (uint8_t)(1 << in_use % 8);
            make_root(blocks * BLOCK, bitmap, sizeof bitmap);
            onefile_open(&t);
            if (blocks * BLOCK > WINDOW)  /* a tree: block 0 would be descended to */
                continue;
            for (uint32_t n = 0; n < blocks; n++)
                found += find(n) == STATUS_OK;
            assert_int_equal(found, 1);
            assert_int_equal(find(in_use), STATUS_OK);
        }
    }
}

/* An index that ends in the middle of a block has the whole blocks before that. */
static void test_odd_sizes(void **state)
{
    static const struct { uint64_t bytes; uint32_t blocks; } cases[] = {
        { 3 * BLOCK, 3 }, { 3 * BLOCK + 1, 3 }, { 3 * BLOCK + 2, 3 }, { 4 * BLOCK - 1, 3 }, { 4 * BLOCK, 4 }, { BLOCK - 1, 0 },
    };

    (void)state;
    for (uint32_t n = 0; n < 5; n++)
        put_block(n, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        make_root(cases[i].bytes, all_used, 8);
        onefile_open(&t);
        for (uint32_t n = 0; n < 5; n++)
            assert_int_equal(find(n), n < cases[i].blocks ? STATUS_OK : STATUS_FILE_NOT_FOUND);
    }
}

/* A bitmap that ends before the blocks do says nothing of them: damaged, and what is in none is not said to be absent. */
static void test_short_bitmaps(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 9; n++)
        put_block(n, NULL);
    make_root(8 * BLOCK, all_used, 1);
    onefile_open(&t);
    assert_int_equal(find(7), STATUS_OK);
    assert_int_equal(find(9), STATUS_FILE_NOT_FOUND);
    make_root(9 * BLOCK, all_used, 1);
    onefile_open(&t);
    assert_int_equal(find(7), STATUS_FS_DAMAGED);
    make_root(9 * BLOCK, all_used, 2);
    onefile_open(&t);
    assert_int_equal(find(8), STATUS_OK);
}

/* A block that says that it is another one is none. */
static void test_blocks_in_another_place(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 3; n++)
        put_block(n, NULL);
    memcpy(block_at(1), block_at(2), BLOCK);
    make_root(3 * BLOCK, all_used, 8);
    onefile_open(&t);
    assert_int_equal(find(0), STATUS_OK);
    assert_int_equal(find(2), STATUS_OK);
    assert_int_equal(find(1), STATUS_FS_DAMAGED);
}

/* A folder whose only block in use, the first one, has `bytes` bytes. */
static enum status find_in_block_of(uint32_t bytes)
{
    const uint8_t bitmap[24] = { 1 };

    memset(nb_cluster(&t.v, ONEFILE_FREE_LCN), 0, WINDOW);
    make_root_of(bytes, WINDOW, bitmap, sizeof bitmap);
    put_block_of(bytes, 0, "name 00", NULL);
    onefile_open(&t);
    return find(0);
}

static void test_sizes_of_blocks(void **state)
{
    (void)state;
    for (uint32_t bytes = 512; bytes <= WINDOW; bytes *= 2)
        assert_int_equal(find_in_block_of(bytes), STATUS_OK);
    assert_int_equal(find_in_block_of(256), STATUS_FS_DAMAGED);
    assert_int_equal(find_in_block_of(2 * WINDOW), STATUS_FS_DAMAGED);
    for (uint32_t bytes = 512; bytes < WINDOW; bytes += 512)
        if (bytes & (bytes - 1))
            assert_int_equal(find_in_block_of(bytes), STATUS_FS_DAMAGED);
}

/* Blocks are in clusters, never in the folder's record: what stands there is not taken for them. */
static void test_a_block_in_the_record(void **state)
{
    (void)state;
    for (unsigned in_record = 0; in_record < 2; in_record++) {
        const uint64_t   first = 0;
        uint8_t         *r = nb_record(&t.v, 5, NB_IN_USE | NB_DIRECTORY, 0), value[64], block[512] = { 0 };
        struct nb_stream s = nb_one_run(ONEFILE_FREE_LCN, 1, sizeof block);
        struct nb_node   node = nb_index_block(block, 0);

        nb_entry(&node, ONEFILE_RECORD, "name 00", NULL);
        nb_node_end(&node, NULL);
        nb_seal(block, sizeof block);
        memcpy(nb_cluster(&t.v, ONEFILE_FREE_LCN), block, sizeof block);
        nb_index_root(value, sizeof block);
        node = nb_node_begin(value + 16);
        nb_node_end(&node, &first);
        nb_resident(r, NB_ROOT, "$I30", value, 16 + node.len);
        if (in_record)
            nb_resident(r, NB_BLOCKS, "$I30", block, sizeof block);
        else
            nb_in_clusters(r, NB_BLOCKS, "$I30", &s);
        nb_resident(r, NB_BITMAP, "$I30", all_used, 8);
        nb_seal(r, ONEFILE_CLUSTER);
        onefile_open(&t);
        assert_int_equal(find(0), in_record ? STATUS_FS_DAMAGED : STATUS_OK);
    }
}

/* A node in the root's record that is longer than its attribute: then the blocks, good as they are, are not believed either. */
static void test_a_root_node_that_lies(void **state)
{
    (void)state;
    put_block(0, NULL);
    for (uint32_t more = 0; more < 2; more++) {
        uint8_t *r, *used;

        make_root(BLOCK, all_used, 8);
        r = nb_cluster(&t.v, ONEFILE_MFT_LCN + 5);
        used = r + 0x48 + 0x20 + 16 + 4;
        assert_int_equal(rd_le32(span_of(used, 4), 0), 16 + 24);
        wr_le32(used, 16 + 24 + more);
        onefile_open(&t);
        assert_int_equal(find(0), more ? STATUS_FS_DAMAGED : STATUS_OK);
    }
}

/* The root node in a record of its own, which cannot be read: this is what is said, not that it is damaged. */
static void test_a_root_node_that_cannot_be_read(void **state)
{
    uint8_t        list[128], value[256], *r = nb_record(&t.v, 5, NB_IN_USE | NB_DIRECTORY, 0);
    size_t         len = nb_list_entry(list, 0, NB_ROOT, "$I30", 0, 20);
    struct nb_node node;

    (void)state;
    nb_resident(r, NB_LIST, "", list, len);
    nb_seal(r, ONEFILE_CLUSTER);
    r = nb_record(&t.v, 20, NB_IN_USE, 5);
    nb_index_root(value, BLOCK);
    node = nb_node_begin(value + 16);
    nb_entry(&node, ONEFILE_RECORD, "name 00", NULL);
    nb_node_end(&node, NULL);
    nb_resident(r, NB_ROOT, "$I30", value, 16 + node.len);
    nb_seal(r, ONEFILE_CLUSTER);
    onefile_open(&t);
    assert_int_equal(find(0), STATUS_OK);
    memdisk_fail(t.md, (ONEFILE_MFT_LCN + 20) * ONEFILE_CLUSTER / 512, 1, STATUS_READ_FAILED);
    assert_int_equal(find(0), STATUS_READ_FAILED);
}

/* ---- what is read once, and whose it is */

/* A directory is read in one go, and once: as long as no other one is looked at, a name costs its file's record alone. */
static void test_a_directory_is_read_once(void **state)
{
    static const uint32_t blocks[] = { 4, 16 };

    (void)state;
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        for (uint32_t n = 0; n < blocks[i]; n++)
            put_block(n, NULL);
        make_root(blocks[i] * BLOCK, all_used, 8);
        onefile_open(&t);
        memdisk_reset(t.md);
        assert_int_equal(find(0), STATUS_OK);
        assert_int_equal(t.md->reads, 2);
        assert_int_equal(find(99), STATUS_FILE_NOT_FOUND);  /* to the end, and not beyond it */
        assert_int_equal(t.md->reads, 2);
        assert_int_equal(find(blocks[i] - 1), STATUS_OK);
        assert_int_equal(t.md->reads, 3);
    }
}

/* One without blocks has none to be read: what is known of another one stays. */
static void test_a_directory_without_blocks(void **state)
{
    uint8_t       *r = nb_record(&t.v, 20, NB_IN_USE | NB_DIRECTORY, 0), value[64];
    struct nb_node node;
    struct fs_file f;

    (void)state;
    nb_index_root(value, BLOCK);
    node = nb_node_begin(value + 16);
    nb_node_end(&node, NULL);
    nb_resident(r, NB_ROOT, "$I30", value, 16 + node.len);
    nb_seal(r, ONEFILE_CLUSTER);
    node = nb_index_block(block_at(0), 0);
    nb_entry(&node, 20, "sub", NULL);
    nb_node_end(&node, NULL);
    nb_seal(block_at(0), BLOCK);
    make_root(BLOCK, all_used, 8);
    onefile_open(&t);
    memdisk_reset(t.md);
    for (uint32_t round = 1; round < 4; round++) {
        assert_int_equal(fs_find(&t.fs, "/sub/none", &f), STATUS_FILE_NOT_FOUND);
        assert_int_equal(t.md->reads, 1 + round);
    }
}

/* Two volumes with the same window, each with a directory that fills it: none sees names of the other, whoever comes when. */
static void test_two_directories_with_one_window(void **state)
{
    static struct fs_window window;
    static struct onefile   other;
    struct fs_volume        one, two, three;
    struct fs_file          f;

    (void)state;
    for (uint32_t blocks = 16; blocks <= 17; blocks++) {
        for (uint32_t n = 0; n < blocks; n++) {
            const uint64_t next = (uint64_t)(n + 1) * PER_BLOCK;

            put_block(n, blocks > 16 && n < 2 ? &next : NULL);
        }
        make_root(blocks * BLOCK, all_used, 8);
        onefile_begin(&other);
        memcpy(other.md->data, t.md->data, ONEFILE_CLUSTERS * ONEFILE_CLUSTER);
        for (uint32_t n = 0; n < blocks; n++) {  /* "game NN" there */
            uint8_t *name = nb_cluster(&other.v, ONEFILE_FREE_LCN + n * PER_BLOCK) + 0x40 + 0x52;

            assert_int_equal(*name, 'n');
            *name = 'g';
        }
        t.arena = arena_of(t.memory, sizeof t.memory);
        memset(&window, 0, sizeof window);
        assert_int_equal(fs_open_sharing(&t.md->dev, t.md->data, &t.arena, &window, &one), STATUS_OK);
        assert_int_equal(fs_open_sharing(&other.md->dev, other.md->data, &t.arena, &window, &two), STATUS_OK);
        for (unsigned round = 0; round < 3; round++) {
            assert_int_equal(fs_find(&one, "/name 01", &f), STATUS_OK);
            assert_int_equal(fs_find(&two, "/name 01", &f), STATUS_FILE_NOT_FOUND);
            assert_int_equal(fs_find(&two, "/game 01", &f), STATUS_OK);
            assert_int_equal(fs_find(&one, "/game 01", &f), STATUS_FILE_NOT_FOUND);
        }
        assert_int_equal(fs_open_sharing(&other.md->dev, other.md->data, &t.arena, &window, &three), STATUS_OK);
        assert_int_equal(fs_find(&three, "/game 01", &f), STATUS_OK);
        assert_int_equal(fs_find(&one, "/game 01", &f), STATUS_FILE_NOT_FOUND);
        assert_int_equal(fs_find(&one, "/name 01", &f), STATUS_OK);
        onefile_end(&other);
    }
}

/* ---- big ones */

/* Block 0 leads to block 1, and so on: a tree of `depth` blocks. */
static void make_chain(uint32_t depth)
{
    for (uint32_t n = 0; n < depth; n++) {
        const uint64_t next = (uint64_t)(n + 1) * PER_BLOCK;

        put_block(n, n + 1 < depth ? &next : NULL);
    }
    make_root(WINDOW + BLOCK, all_used, 8);
}

static void test_depths(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 17; n++)
        put_block(n, NULL);
    make_chain(15);
    onefile_open(&t);
    for (uint32_t n = 0; n < 15; n++)
        assert_int_equal(find(n), STATUS_OK);
    memdisk_reset(t.md);
    assert_int_equal(find(15), STATUS_FILE_NOT_FOUND);
    assert_in_range(t.md->reads, 1, 20);
    make_chain(17);  /* deeper than any: all blocks are looked at after all */
    onefile_open(&t);
    for (uint32_t n = 0; n < 17; n++)
        assert_int_equal(find(n), STATUS_OK);
    assert_int_equal(find(17), STATUS_FILE_NOT_FOUND);
}

/* Of a tree that is deeper than any, no more than the root and fifteen blocks are descended: here the last one is not in use. */
static void test_the_deepest_tree(void **state)
{
    (void)state;
    for (uint32_t depth = 15; depth <= 16; depth++) {
        uint8_t bitmap[8] = { 255, 255, 255 };

        for (uint32_t n = 0; n < 17; n++)
            put_block(n, NULL);
        make_chain(depth);
        bitmap[(depth - 1) / 8] &= (uint8_t)~(1u << (depth - 1) % 8);
        make_root(WINDOW + BLOCK, bitmap, 8);
        onefile_open(&t);
        assert_int_equal(find(depth - 2), STATUS_OK);
        assert_int_equal(find(depth - 1), depth > 15 ? STATUS_FILE_NOT_FOUND : STATUS_OK);
    }
}

/* The block that was read last is not read again. */
static void test_a_block_is_read_once(void **state)
{
    uint64_t child = 5 * PER_BLOCK;

    (void)state;
    put_block(0, &child);
    put_block(5, NULL);
    make_root(WINDOW + BLOCK, all_used, 8);
    nb_cluster(&t.v, ONEFILE_MFT_LCN + 5)[0x48 + 0x20 + 16 + 16 + 16] = (uint8_t)child;  /* the root leads there at once */
    onefile_open(&t);
    assert_int_equal(find(5), STATUS_OK);
    memdisk_reset(t.md);
    assert_int_equal(find(5), STATUS_OK);
    assert_int_equal(t.md->reads, 1);
}

/* Blocks of every size in an index of three windows; the only one in use is the first or the last of a window. */
static void test_which_blocks_of_a_big_one_are_in_use(void **state)
{
    const uint64_t first = 0;

    (void)state;
    for (uint32_t bytes = BLOCK; bytes <= WINDOW; bytes *= 2) {
        const uint32_t count = 3 * WINDOW / bytes, each = WINDOW / bytes;
        const uint32_t in_use[] = { each - 1, each, 2 * each - 1, 2 * each, count - 1 };

        for (size_t i = 0; i < sizeof in_use / sizeof in_use[0]; i++) {
            uint8_t bitmap[8] = { 0 };

            memset(nb_cluster(&t.v, ONEFILE_FREE_LCN), 0, 3 * WINDOW);
            put_block_of(bytes, 0, NULL, &first);  /* a way in a circle */
            put_block_of(bytes, in_use[i], "name 00", NULL);
            bitmap[in_use[i] / 8] = (uint8_t)(1u << in_use[i] % 8);
            make_root_of(bytes, 3 * WINDOW, bitmap, (count + 7) / 8);
            onefile_open(&t);
            assert_int_equal(find(0), STATUS_OK);
            assert_int_equal(find(1), STATUS_FILE_NOT_FOUND);
        }
    }
}

/* Where a child may be: in a whole block of the index, the last one too. */
static void test_children(void **state)
{
    static const struct { uint64_t child, bytes; enum status want; } cases[] = {
        { 16 * PER_BLOCK, WINDOW + BLOCK, STATUS_OK }, { 17 * PER_BLOCK, WINDOW + BLOCK, STATUS_FS_DAMAGED },
        { 16 * PER_BLOCK, 1ull << 54, STATUS_OK }, { 17 * PER_BLOCK, 1ull << 54, STATUS_FS_DAMAGED },
        { 16 * PER_BLOCK, WINDOW + BLOCK - 1, STATUS_FS_DAMAGED }, { 1ull << 62, WINDOW + BLOCK, STATUS_FS_DAMAGED },
        { (1ull << 54) + 16 * PER_BLOCK, WINDOW + BLOCK, STATUS_FS_DAMAGED }, { UINT64_MAX, WINDOW + BLOCK, STATUS_FS_DAMAGED },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        put_block(0, &cases[i].child);
        put_block(16, NULL);
        make_root(cases[i].bytes, all_used, 8);
        onefile_open(&t);
        assert_int_equal(find(0), STATUS_OK);
        assert_int_equal(find(16), cases[i].want);
    }
}

/* The length of the last entry of block 0, which holds a name before it; *child: where the names behind that are. */
static void put_last_entry(const uint64_t *child, uint16_t length)
{
    struct nb_node node = nb_index_block(block_at(0), 0);
    size_t         last;

    nb_entry(&node, ONEFILE_RECORD, "name 00", NULL);
    last = node.len;
    nb_node_end(&node, child);
    wr_le16(node.at + last + 8, length);
    nb_seal(block_at(0), BLOCK);
}

/* A last entry has a head of 16 bytes, and eight more where it names a block. */
static void test_a_last_entry_that_is_too_short(void **state)
{
    const uint64_t itself = 0;

    (void)state;
    for (uint16_t length = 8; length <= 16; length++) {
        put_last_entry(NULL, length);
        make_root(BLOCK, all_used, 8);
        onefile_open(&t);
        assert_int_equal(find(0), STATUS_OK);
        assert_int_equal(find(1), length < 16 ? STATUS_FS_DAMAGED : STATUS_FILE_NOT_FOUND);
    }
    put_block(16, NULL);
    for (uint16_t length = 16; length <= 24; length++) {
        put_last_entry(&itself, length);  /* a way in a circle: then all blocks are looked through */
        make_root(WINDOW + BLOCK, all_used, 8);
        onefile_open(&t);
        assert_int_equal(find(0), STATUS_OK);
        assert_int_equal(find(16), length < 24 ? STATUS_FS_DAMAGED : STATUS_OK);
    }
}

/* Entries begin behind the node's head of 16 bytes. */
static void test_entries_that_begin_in_the_head(void **state)
{
    (void)state;
    for (uint32_t first = 8; first <= 16; first += 8) {
        uint8_t       *r = nb_record(&t.v, 5, NB_IN_USE | NB_DIRECTORY, 0), value[256];
        struct nb_node node;

        nb_index_root(value, BLOCK);
        node = nb_node_begin(value + 16);
        nb_entry(&node, ONEFILE_RECORD, "name 00", NULL);
        nb_node_end(&node, NULL);
        memmove(node.at + first, node.at + 16, node.len - 16);
        wr_le32(node.at, first);
        wr_le32(node.at + 4, (uint32_t)node.len - 16 + first);
        nb_resident(r, NB_ROOT, "$I30", value, 16 + node.len);
        nb_seal(r, ONEFILE_CLUSTER);
        onefile_open(&t);
        assert_int_equal(find(0), first < 16 ? STATUS_FS_DAMAGED : STATUS_OK);
    }
}

/* Where all blocks of a big directory have to be looked through, a part that cannot be read is the last that is asked for. */
static void test_a_dying_disk_is_not_asked_for_every_block(void **state)
{
    const uint64_t itself = 0;

    (void)state;
    put_last_entry(&itself, 24);
    for (uint32_t n = 1; n < 48; n++)
        put_block(n, NULL);
    make_root(3 * WINDOW, all_used, 8);
    onefile_open(&t);
    assert_int_equal(find(40), STATUS_OK);
    memdisk_fail(t.md, (ONEFILE_FREE_LCN + 17 * PER_BLOCK) * 2, 1, STATUS_READ_FAILED);
    onefile_open(&t);
    assert_int_equal(find(18), STATUS_OK);
    assert_int_equal(find(40), STATUS_READ_FAILED);
}

/* A block of the tree that cannot be read, or is torn, on the way to a name. */
static void test_a_tree_with_a_hole(void **state)
{
    (void)state;
    make_chain(3);
    onefile_open(&t);
    memdisk_fail(t.md, (ONEFILE_FREE_LCN + PER_BLOCK) * 2, 1, STATUS_READ_FAILED);
    assert_int_equal(find(0), STATUS_OK);
    assert_int_equal(find(2), STATUS_READ_FAILED);
    memdisk_reset(t.md);
    onefile_open(&t);
    assert_int_equal(find(2), STATUS_OK);
    block_at(1)[510] ^= 1;
    onefile_open(&t);
    assert_int_equal(find(0), STATUS_OK);
    assert_int_equal(find(2), STATUS_FS_DAMAGED);
}

/* 16 MiB of index are looked through, when they must be; more are not. */
static void test_the_longest_index(void **state)
{
    static uint8_t   bitmap[(0x1000000 / BLOCK + 8) / 8];
    const uint64_t   first = 0, itself = 0;
    uint8_t          value[64];
    struct nb_node   node;

    (void)state;
    for (uint64_t bytes = 0x1000000; bytes <= 0x1000000 + BLOCK; bytes += BLOCK) {
        struct nb_stream s = nb_one_run(ONEFILE_FREE_LCN, 17 * PER_BLOCK, bytes), bits;
        uint8_t         *r = nb_record(&t.v, 5, NB_IN_USE | NB_DIRECTORY, 0);

        s.clusters = bytes / ONEFILE_CLUSTER;  /* behind the first blocks: a hole */
        s.pairs_len += nb_run(s.pairs + s.pairs_len, 0, (uint32_t)s.clusters - 17 * PER_BLOCK, true);
        nb_index_root(value, BLOCK);
        node = nb_node_begin(value + 16);
        nb_node_end(&node, &first);
        memset(bitmap, 0, sizeof bitmap);
        bitmap[0] = 1;
        bitmap[2] = 1;
        memcpy(nb_cluster(&t.v, ONEFILE_FREE_LCN + 80), bitmap, sizeof bitmap);
        bits = nb_one_run(ONEFILE_FREE_LCN + 80, 1, sizeof bitmap);
        nb_resident(r, NB_ROOT, "$I30", value, 16 + node.len);
        nb_in_clusters(r, NB_BLOCKS, "$I30", &s);
        nb_in_clusters(r, NB_BITMAP, "$I30", &bits);
        nb_seal(r, ONEFILE_CLUSTER);
        put_block(0, &itself);  /* a tree without an end */
        put_block(16, NULL);
        onefile_open(&t);
        assert_int_equal(find(0), STATUS_OK);
        assert_int_equal(find(16), bytes > 0x1000000 ? STATUS_FS_UNSUPPORTED : STATUS_OK);
        assert_int_equal(find(17), bytes > 0x1000000 ? STATUS_FS_UNSUPPORTED : STATUS_FILE_NOT_FOUND);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_one_block_that_cannot_be_read),
        TEST(test_what_was_read_before_is_forgotten),
        TEST(test_which_blocks_are_in_use),
        TEST(test_odd_sizes),
        TEST(test_short_bitmaps),
        TEST(test_blocks_in_another_place),
        TEST(test_sizes_of_blocks),
        TEST(test_a_block_in_the_record),
        TEST(test_a_directory_is_read_once),
        TEST(test_a_directory_without_blocks),
        TEST(test_two_directories_with_one_window),
        TEST(test_the_deepest_tree),
        TEST(test_a_block_is_read_once),
        TEST(test_which_blocks_of_a_big_one_are_in_use),
        TEST(test_a_root_node_that_lies),
        TEST(test_a_root_node_that_cannot_be_read),
        TEST(test_depths),
        TEST(test_children),
        TEST(test_a_last_entry_that_is_too_short),
        TEST(test_entries_that_begin_in_the_head),
        TEST(test_a_dying_disk_is_not_asked_for_every_block),
        TEST(test_a_tree_with_a_hole),
        TEST(test_the_longest_index),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
