/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_ntfs_stream.c - runs of clusters as they are packed, at their limits, and the bytes that they lead to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/fs/ntfs_internal.h"
#include "tests/support/memdisk.h"

#define CLUSTER       1024u
#define CLUSTERS      100u  /* of the volume */
#define PAIRS_OFFSET  0x40u

static struct ntfs_volume vol;
static struct ntfs_stream stream;
static struct arena       arena;
static uint8_t            memory[150 << 10];  /* two units of 64 KiB are borrowed of it */

static int set_up(void **state)
{
    struct memdisk *md = memdisk_new("volume", 512, CLUSTERS * CLUSTER / 512);

    (void)state;
    for (uint32_t i = 0; i < CLUSTERS; i++)
        memset(memdisk_at(md, 2 * i), (int)i, CLUSTER);
    arena = arena_of(memory, sizeof memory);
    vol = (struct ntfs_volume){ .dev = &md->dev, .arena = &arena, .cluster_shift = 10, .cluster_count = CLUSTERS };
    stream = (struct ntfs_stream){ 0 };
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    memdisk_free((struct memdisk *)vol.dev);
    return 0;
}

/* An attribute in clusters [first, next) with these pairs; sizes as large as they are. */
struct attribute {
    uint64_t first, next, bytes, initialized;
    size_t   len;  /* of the pairs, without the 0 that ends them */
    uint8_t  pairs[32];
};

static enum status add_of_length(const struct attribute *a, size_t cut)
{
    uint8_t bytes[PAIRS_OFFSET + sizeof a->pairs] = { 0x80 };

    bytes[8] = 1;
    wr_le64(bytes + 0x10, a->first);
    wr_le64(bytes + 0x18, a->next - 1);
    wr_le16(bytes + 0x20, PAIRS_OFFSET);
    wr_le64(bytes + 0x30, a->bytes);
    wr_le64(bytes + 0x38, a->initialized);
    memcpy(bytes + PAIRS_OFFSET, a->pairs, sizeof a->pairs);
    return ntfs_stream_add(&vol, span_of(NULL, 0), 5, span_of(bytes, PAIRS_OFFSET + a->len + 1 - cut), &stream);
}

static enum status add(struct attribute a)
{
    if (a.bytes == 0)
        a.bytes = a.initialized = a.next * CLUSTER;
    return add_of_length(&a, 0);
}

/* One attribute alone. */
static enum status only(uint64_t next, size_t len, const char *pairs)
{
    struct attribute a = { .next = next, .len = len };

    memcpy(a.pairs, pairs, len);
    stream = (struct ntfs_stream){ 0 };
    arena.used = 0;
    return add(a);
}

/* The cluster that holds byte `off`; 0: a hole. */
static uint8_t byte_at(uint64_t off)
{
    uint8_t b = 0xee;

    assert_int_equal(ntfs_stream_read(&vol, &stream, off, &b, 1), STATUS_OK);
    return b;
}

static void test_runs(void **state)
{
    (void)state;
    /* 3 clusters at 20, 2 at 10 (back), a hole of 4, 1 at 99 */
    assert_int_equal(only(10, 11, "\x11\x03\x14" "\x11\x02\xf6" "\x01\x04" "\x11\x01\x59"), STATUS_OK);
    static const uint8_t clusters[] = { 20, 21, 22, 10, 11, 0, 0, 0, 0, 99 };
    for (uint64_t i = 0; i < 10; i++) {
        struct ntfs_place place;

        assert_int_equal(byte_at(i * CLUSTER), clusters[i]);
        assert_int_equal(byte_at(i * CLUSTER + CLUSTER - 1), clusters[i]);
        assert_int_equal(ntfs_stream_place(&vol, &stream, i * CLUSTER + 5, &place), STATUS_OK);
        assert_int_equal(place.hole, clusters[i] == 0);
        assert_int_equal(place.position, clusters[i] ? clusters[i] * CLUSTER + 5u : 0);
    }
    struct ntfs_place place;
    assert_int_equal(ntfs_stream_place(&vol, &stream, CLUSTER + 5, &place), STATUS_OK);
    assert_int_equal(place.bytes, 2 * CLUSTER - 5);  /* to the end of its run */
    assert_int_equal(ntfs_stream_place(&vol, &stream, 10 * CLUSTER - 1, &place), STATUS_OK);
    assert_int_equal(place.bytes, 1);
    assert_int_equal(ntfs_stream_place(&vol, &stream, 10 * CLUSTER, &place), STATUS_FS_DAMAGED);
}

static void test_numbers_of_any_size(void **state)
{
    (void)state;
    assert_int_equal(only(3, 17, "\x88" "\x03\0\0\0\0\0\0\0" "\x14\0\0\0\0\0\0\0"), STATUS_OK);
    assert_int_equal(byte_at(0), 20);
    assert_int_equal(only(3, 18, "\x98" "\x03\0\0\0\0\0\0\0" "\x14\0\0\0\0\0\0\0\0"), STATUS_FS_DAMAGED);
    assert_int_equal(only(3, 18, "\x89" "\x03\0\0\0\0\0\0\0\0" "\x14\0\0\0\0\0\0\0"), STATUS_FS_DAMAGED);
    assert_int_equal(only(3, 4, "\x12\x03\x00\x14"), STATUS_OK);
    assert_int_equal(only(2, 10, "\x11\x01\x14" "\x81\x01\xff\xff\xff\xff\xff"), STATUS_FS_DAMAGED);       /* cut off */
    assert_int_equal(only(2, 13, "\x11\x01\x14" "\x81\x01\xff\xff\xff\xff\xff\xff\xff\xff"), STATUS_OK);   /* 8 bytes of -1 */
    assert_int_equal(byte_at(CLUSTER), 19);
    for (unsigned len = 1; len <= 8; len++) {                           /* one cluster back, in every number of bytes */
        char pairs[3 + 2 + 8] = "\x11\x01\x14";

        pairs[3] = (char)(len << 4 | 1);
        pairs[4] = 1;
        memset(pairs + 5, 0xff, len);
        assert_int_equal(only(2, 5 + len, pairs), STATUS_OK);
        assert_int_equal(byte_at(CLUSTER), 19);
    }
    assert_int_equal(only(2, 7, "\x11\x01\x14" "\x21\x01\xff\x7f"), STATUS_FS_DAMAGED);
    assert_int_equal(only(129, 3, "\x01\x80\x00"), STATUS_FS_DAMAGED);   /* a length of -128 */
    assert_int_equal(only(128, 4, "\x02\x80\x00\x00"), STATUS_OK);
}

/* A distance back that has no bit but its sign's: 128 clusters in one byte, 32,768 in two, and so on. */
static void test_the_farthest_back_in_so_many_bytes(void **state)
{
    (void)state;
    vol.cluster_count = (uint64_t)1 << 57;
    for (unsigned len = 1; len <= 7; len++) {
        uint64_t          far = (uint64_t)1 << (8 * len - 1);
        struct ntfs_place place;
        char              pairs[2 + 8 + 2 + 8] = { (char)0x81, 1 };

        wr_le64((uint8_t *)pairs + 2, far + 20);
        pairs[10] = (char)(len << 4 | 1);
        pairs[11] = 1;
        wr_le((uint8_t *)pairs + 12, far, len);
        assert_int_equal(only(2, 12 + len, pairs), STATUS_OK);
        assert_int_equal(byte_at(CLUSTER), 20);
        assert_int_equal(ntfs_stream_place(&vol, &stream, 0, &place), STATUS_OK);
        assert_int_equal(place.position, (far + 20) * CLUSTER);
    }
}

/* The last cluster of the volume, and the one behind it. */
static void test_runs_lie_on_the_volume(void **state)
{
    (void)state;
    assert_int_equal(only(1, 3, "\x11\x01\x63"), STATUS_OK);
    assert_int_equal(only(2, 3, "\x11\x02\x63"), STATUS_FS_DAMAGED);
    assert_int_equal(only(1, 3, "\x11\x01\x64"), STATUS_FS_DAMAGED);
    assert_int_equal(only(1, 3, "\x11\x01\xff"), STATUS_FS_DAMAGED);
    assert_int_equal(only(0, 3, "\x11\x00\x14"), STATUS_FS_DAMAGED);
    assert_int_equal(only(0, 2, "\x10\x14"), STATUS_FS_DAMAGED);         /* no length */
}

static void test_what_the_header_says(void **state)
{
    (void)state;
    assert_int_equal(only(3, 3, "\x11\x03\x14"), STATUS_OK);
    assert_int_equal(only(2, 3, "\x11\x03\x14"), STATUS_FS_DAMAGED);
    assert_int_equal(only(4, 3, "\x11\x03\x14"), STATUS_FS_DAMAGED);
    assert_int_equal(only(3, 5, "\x11\x03\x14\x00\x11"), STATUS_OK);     /* 0 ends them */
    assert_int_equal(only(0, 0, ""), STATUS_OK);                         /* an empty file has none */
    assert_int_equal(stream.clusters, 0);
    struct attribute a = { .next = 3, .len = 3, .pairs = "\x11\x03\x14", .bytes = CLUSTER, .initialized = CLUSTER + 1 };
    stream = (struct ntfs_stream){ 0 };
    assert_int_equal(add_of_length(&a, 0), STATUS_FS_DAMAGED);
    a.initialized = CLUSTER;
    stream = (struct ntfs_stream){ 0 };
    assert_int_equal(add_of_length(&a, 0), STATUS_OK);
    a.bytes = ((uint64_t)1 << 62) + 1;
    stream = (struct ntfs_stream){ 0 };
    assert_int_equal(add_of_length(&a, 0), STATUS_FS_DAMAGED);
    a.bytes--;
    stream = (struct ntfs_stream){ 0 };
    assert_int_equal(add_of_length(&a, 0), STATUS_OK);
    stream = (struct ntfs_stream){ 0 };
    assert_int_equal(add_of_length(&a, 1), STATUS_FS_DAMAGED);           /* nothing ends the runs */
    stream = (struct ntfs_stream){ 0 };
    assert_int_equal(add_of_length(&a, 5), STATUS_FS_DAMAGED);           /* they begin behind the attribute's end */
}

/* Without a byte of runs there is an empty file; runs that are damaged are that, also where there is no memory for good ones. */
static void test_no_runs_and_no_memory(void **state)
{
    struct attribute none = { .len = 0 }, bad = { .len = 3, .pairs = "\x11\x00\x14" }, good = { .next = 1, .len = 3, .pairs = "\x11\x01\x14" };

    (void)state;
    assert_int_equal(add_of_length(&none, 1), STATUS_OK);
    assert_int_equal(stream.clusters, 0);
    for (size_t room = 0; room < sizeof(struct ntfs_runs); room += 8) {
        stream = (struct ntfs_stream){ 0 };
        arena.size = arena.used + room;
        assert_int_equal(add_of_length(&bad, 0), STATUS_FS_DAMAGED);
        stream = (struct ntfs_stream){ 0 };
        assert_int_equal(add_of_length(&good, 0), STATUS_NO_MEMORY);
    }
}

/* Runs take the memory of so many, and no more. */
static void test_memory_of_runs(void **state)
{
    static uint8_t other[8192];
    char           pairs[31] = { 0 };

    (void)state;
    for (size_t count = 1; count <= 10; count++) {
        struct arena as_many = arena_of(other, sizeof other);

        memcpy(pairs + 3 * (count - 1), count == 1 ? "\x11\x01\x14" : "\x11\x01\x02", 3);
        assert_int_equal(only(count, 3 * count, pairs), STATUS_OK);
        assert_non_null(arena_alloc(&as_many, sizeof(struct ntfs_runs)));
        assert_non_null(arena_array(&as_many, count, sizeof(struct ntfs_run)));
        assert_int_equal(arena.used, as_many.used);
        assert_int_equal(byte_at((count - 1) * CLUSTER), 20 + 2 * (count - 1));
    }
}

/* The stretches of a hole that is as long as a stream may be, and longer. */
static void test_the_longest_stream(void **state)
{
    (void)state;
    assert_int_equal(only((uint64_t)1 << 52, 8, "\x07\0\0\0\0\0\0\x10"), STATUS_OK);
    assert_int_equal(only(((uint64_t)1 << 52) + 1, 8, "\x07\x01\0\0\0\0\0\x10"), STATUS_FS_DAMAGED);
    assert_int_equal(only(((uint64_t)1 << 52) + 1, 10, "\x07\0\0\0\0\0\0\x10" "\x01\x01"), STATUS_FS_DAMAGED);
}

/* A size and no clusters for it, on memory that is not blank: nothing to read. */
static void test_a_stream_without_runs(void **state)
{
    uint8_t byte;

    (void)state;
    redzone_open(memory, sizeof memory);
    memset(memory, 0xee, sizeof memory);
    assert_int_equal(only(0, 0, ""), STATUS_OK);
    stream.bytes = stream.initialized = 1000;
    assert_int_equal(ntfs_stream_read(&vol, &stream, 0, &byte, 1), STATUS_FS_DAMAGED);
    assert_int_equal(only(3, 3, "\x11\x03\x14"), STATUS_OK);
    assert_int_equal(byte_at(2 * CLUSTER), 22);
}

/* Runs in several records: each begins where the last one ended. */
static void test_several_records(void **state)
{
    struct attribute first = { .next = 2, .len = 3, .pairs = "\x11\x02\x14", .bytes = 5 * CLUSTER, .initialized = 5 * CLUSTER };
    struct attribute second = { .first = 2, .next = 5, .len = 6, .pairs = "\x11\x01\x1e" "\x11\x02\x0a", .bytes = 1, .initialized = 1 };

    (void)state;
    assert_int_equal(add(first), STATUS_OK);
    second.first = 1;
    assert_int_equal(add(second), STATUS_FS_DAMAGED);
    second.first = 3;
    assert_int_equal(add(second), STATUS_FS_DAMAGED);
    second.first = 2;
    assert_int_equal(add(second), STATUS_OK);
    assert_int_equal(stream.bytes, 5 * CLUSTER);  /* sizes are those of the first one */
    assert_true(byte_at(0) == 20 && byte_at(CLUSTER) == 21 && byte_at(2 * CLUSTER) == 30 && byte_at(3 * CLUSTER) == 40
                && byte_at(4 * CLUSTER) == 41);
}

/* What was never written reads as zeros, wherever it would be; behind the end nothing is read. */
static void test_bytes(void **state)
{
    struct attribute a = { .next = 3, .len = 3, .pairs = "\x11\x03\x14", .bytes = 2500, .initialized = 1500 };
    uint8_t          out[2500];

    (void)state;
    assert_int_equal(add(a), STATUS_OK);
    memset(out, 0xee, sizeof out);
    assert_int_equal(ntfs_stream_read(&vol, &stream, 0, out, 2500), STATUS_OK);
    for (size_t i = 0; i < 2500; i++)
        assert_int_equal(out[i], i >= 1500 ? 0 : i < 1024 ? 20 : 21);
    assert_int_equal(ntfs_stream_read(&vol, &stream, 1499, out, 2), STATUS_OK);
    assert_true(out[0] == 21 && out[1] == 0);
    assert_int_equal(ntfs_stream_read(&vol, &stream, 2499, out, 1), STATUS_OK);
    assert_int_equal(ntfs_stream_read(&vol, &stream, 2499, out, 2), STATUS_FS_DAMAGED);
    assert_int_equal(ntfs_written_part(&stream, 1500, 10), 0);
    assert_int_equal(ntfs_written_part(&stream, 1490, 10), 10);
    assert_int_equal(ntfs_written_part(&stream, 1491, 10), 9);
}

/* ---- compressed: units of 16 clusters */

static enum status read_packed(uint64_t off, uint8_t *out, size_t len)
{
    size_t      size = arena.size;
    enum status st;

    memset(out, 0xee, len);
    st = ntfs_compressed_read(&vol, &stream, off, out, len);
    assert_int_equal(arena.size, size);  /* what was borrowed is given back */
    return st;
}

/* A hole, and what was never written, are zeros. */
static void test_units_that_are_holes(void **state)
{
    uint8_t out[5000];

    (void)state;
    assert_int_equal(only(16, 2, "\x01\x10"), STATUS_OK);
    stream.bytes = 5000;
    stream.initialized = 3000;
    stream.unit_shift = 4;
    assert_int_equal(read_packed(0, out, 5000), STATUS_OK);
    for (size_t i = 0; i < 5000; i++)
        assert_int_equal(out[i], 0);
    assert_int_equal(read_packed(4000, out, 1000), STATUS_OK);
    assert_true(out[0] == 0 && out[999] == 0);
    assert_int_equal(read_packed(4000, out, 1001), STATUS_FS_DAMAGED);
}

static void test_sizes_of_units(void **state)
{
    static const struct { uint8_t shift; enum status want; } cases[] = {
        { 0, STATUS_FS_UNSUPPORTED }, { 1, STATUS_OK }, { 6, STATUS_OK }, { 7, STATUS_FS_UNSUPPORTED },
    };
    uint8_t out[100];

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(only(64, 2, "\x01\x40"), STATUS_OK);
        stream.unit_shift = cases[i].shift;
        assert_int_equal(read_packed(0, out, 100), cases[i].want);
    }
}

/* A unit that has all its clusters is as it is; one that has fewer is packed, in chunks of 4096 bytes. */
static void test_units_with_clusters(void **state)
{
    uint8_t *packed = memdisk_at((struct memdisk *)vol.dev, 2 * 50), out[2 * 16 * CLUSTER];

    (void)state;
    packed[0] = 0xff;  /* a chunk that did not get smaller */
    packed[1] = 0x3f;
    for (size_t i = 0; i < 4096; i++)
        packed[2 + i] = (uint8_t)(i * 7);
    packed[4098] = packed[4099] = 0;
    assert_int_equal(only(32, 8, "\x11\x10\x14" "\x11\x05\x1e" "\x01\x0b"), STATUS_OK);
    stream.unit_shift = 4;
    assert_int_equal(read_packed(0, out, sizeof out), STATUS_OK);
    for (size_t i = 0; i < 16 * CLUSTER; i++) {
        assert_int_equal(out[i], 20 + i / CLUSTER);
        assert_int_equal(out[16 * CLUSTER + i], i < 4096 ? (uint8_t)(i * 7) : 0);
    }
    assert_int_equal(read_packed(15 * CLUSTER + 7, out, CLUSTER), STATUS_OK);  /* across the two */
    assert_true(out[0] == 35 && out[CLUSTER - 8] == 35 && out[CLUSTER - 7] == 0 && out[CLUSTER - 1] == 42);
}

/* A unit of sixteen clusters as it is, then a packed one in five, as test_units_with_clusters() has them. */
static void test_parts_of_units(void **state)
{
    enum { UNIT = 16 * CLUSTER };
    uint8_t *packed = memdisk_at((struct memdisk *)vol.dev, 2 * 50), out[UNIT + 2];

    (void)state;
    memcpy(packed, "\xff\x3f", 2);
    memset(packed + 2, 0x77, 4096);
    packed[4098] = packed[4099] = 0;
    assert_int_equal(only(32, 8, "\x11\x10\x14" "\x11\x05\x1e" "\x01\x0b"), STATUS_OK);
    stream.unit_shift = 4;
    for (uint64_t off = 0; off < 2 * UNIT; off += UNIT - 1)
        for (size_t len = 0; len <= 3 && off + len <= 2 * UNIT; len++) {
            assert_int_equal(read_packed(off, out, len + 1), off + len + 1 <= 2 * UNIT ? STATUS_OK : STATUS_FS_DAMAGED);
            for (size_t i = 0; off + len + 1 <= 2 * UNIT && i <= len; i++)
                assert_int_equal(out[i], off + i < UNIT ? 20 + (off + i) / CLUSTER : off + i < UNIT + 4096 ? 0x77 : 0);
        }
    assert_int_equal(read_packed(UNIT - 1, out, UNIT + 2), STATUS_FS_DAMAGED);
    assert_int_equal(read_packed(0, out, UNIT + 1), STATUS_OK);  /* the second one's first byte */
    assert_int_equal(out[UNIT], 0x77);
    assert_int_equal(read_packed(0, out, 0), STATUS_OK);
}

/* Units whose clusters do not lie together; runs that go on into the next unit, and end in it. */
static void test_units_in_pieces(void **state)
{
    static const struct { size_t len; const char *pairs; uint8_t clusters[32]; } cases[] = {
        { 6, "\x11\x05\x14" "\x11\x1b\x14", { 20, 21, 22, 23, 24, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66 } },
        { 9, "\x11\x0f\x14" "\x11\x02\x28" "\x11\x0f\x14",
          { 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 60, 61, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94 } },
        { 6, "\x11\x1f\x14" "\x11\x01\x32",
          { 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 70 } },
    };
    static uint8_t out[32 * CLUSTER];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(only(32, cases[i].len, cases[i].pairs), STATUS_OK);
        stream.unit_shift = 4;
        assert_int_equal(read_packed(0, out, sizeof out), STATUS_OK);
        for (size_t c = 0; c < 32; c++)
            assert_true(out[c * CLUSTER] == cases[i].clusters[c] && out[c * CLUSTER + CLUSTER - 1] == cases[i].clusters[c]);
    }
}

/* A packed unit whose five clusters lie apart from each other, and what it leaves of its last one. */
static void test_packed_units_in_pieces(void **state)
{
    uint8_t *first = memdisk_at((struct memdisk *)vol.dev, 2 * 50), *second = memdisk_at((struct memdisk *)vol.dev, 2 * 70), out[16 * CLUSTER];

    (void)state;
    memcpy(first, "\xff\x3f", 2);
    memset(first + 2, 0x77, 2 * CLUSTER - 2);
    memset(second, 0x78, 2 * CLUSTER + 2);
    second[2 * CLUSTER + 2] = second[2 * CLUSTER + 3] = 0;
    assert_int_equal(only(16, 8, "\x11\x02\x32" "\x11\x03\x14" "\x01\x0b"), STATUS_OK);
    stream.unit_shift = 4;
    assert_int_equal(read_packed(0, out, sizeof out), STATUS_OK);
    for (size_t i = 0; i < sizeof out; i++)
        assert_int_equal(out[i], i < 2 * CLUSTER - 2 ? 0x77 : i < 4096 ? 0x78 : 0);
}

/* Of a run that goes on into the next unit nothing is read there for this one. */
static void test_a_run_beyond_its_unit(void **state)
{
    uint8_t out[16];

    (void)state;
    assert_int_equal(only(32, 9, "\x11\x05\x14" "\x11\x0e\x14" "\x11\x0d\x14"), STATUS_OK);  /* 5, 14 and 13 clusters */
    stream.unit_shift = 4;
    memdisk_fail((struct memdisk *)vol.dev, 2 * 51, 1, STATUS_READ_FAILED);  /* the second unit's first */
    assert_int_equal(read_packed(0, out, 1), STATUS_OK);
    assert_int_equal(read_packed(16 * CLUSTER - 1, out, 1), STATUS_OK);
    assert_int_equal(read_packed(16 * CLUSTER, out, 1), STATUS_READ_FAILED);
}

/* A packed unit's chunks end with its clusters at the latest: not one byte behind them. */
static void test_chunks_longer_than_what_is_stored(void **state)
{
    uint8_t *packed = memdisk_at((struct memdisk *)vol.dev, 2 * 50), out[16];

    (void)state;
    for (size_t more = 0; more < 2; more++) {
        memset(packed, 0x77, 5 * CLUSTER);
        wr_le16(packed, 0x3fff);
        wr_le16(packed + 4098, 0x3000 | (5 * CLUSTER - 4100 - 1 + more));
        assert_int_equal(only(16, 5, "\x11\x05\x32" "\x01\x0b"), STATUS_OK);
        stream.unit_shift = 4;
        assert_int_equal(read_packed(0, out, 1), more ? STATUS_FS_DAMAGED : STATUS_OK);
    }
}

/* One sector of a unit that cannot be read, packed or not, whichever it is. */
static void test_units_that_cannot_be_read(void **state)
{
    struct memdisk *md = (struct memdisk *)vol.dev;
    uint8_t         out[32 * CLUSTER];

    (void)state;
    memcpy(memdisk_at(md, 2 * 50), "\xff\x3f", 2);
    memset(memdisk_at(md, 2 * 54), 0, CLUSTER);
    assert_int_equal(only(32, 8, "\x11\x10\x14" "\x11\x05\x1e" "\x01\x0b"), STATUS_OK);
    stream.unit_shift = 4;
    for (uint64_t bad = 2 * 20; bad < 2 * 36; bad += 5) {
        memdisk_reset(md);
        memdisk_fail(md, bad, 1, STATUS_READ_FAILED);
        assert_int_equal(read_packed(0, out, 1), STATUS_READ_FAILED);
        assert_int_equal(read_packed(16 * CLUSTER, out, 1), STATUS_OK);
    }
    for (uint64_t bad = 2 * 50; bad < 2 * 55; bad += 3) {
        memdisk_reset(md);
        memdisk_fail(md, bad, 1, STATUS_READ_FAILED);
        assert_int_equal(read_packed(0, out, 1), STATUS_OK);
        assert_int_equal(read_packed(16 * CLUSTER, out, 1), STATUS_READ_FAILED);
        assert_int_equal(read_packed(0, out, 16 * CLUSTER + 1), STATUS_READ_FAILED);
    }
}

/* In a unit clusters come first, then holes; a chunk that is damaged; runs that end too soon; no memory for two units. */
static void test_units_that_are_wrong(void **state)
{
    uint8_t out[16];
    size_t  size = arena.size;

    (void)state;
    assert_int_equal(only(16, 8, "\x01\x05" "\x11\x05\x1e" "\x01\x06"), STATUS_OK);
    stream.unit_shift = 4;
    assert_int_equal(read_packed(0, out, 1), STATUS_FS_DAMAGED);
    assert_int_equal(only(16, 5, "\x11\x05\x1e" "\x01\x0b"), STATUS_OK);  /* cluster 30 is full of 30: no signature */
    stream.unit_shift = 4;
    assert_int_equal(read_packed(0, out, 1), STATUS_FS_DAMAGED);
    assert_int_equal(only(15, 3, "\x11\x0f\x1e"), STATUS_OK);
    stream.unit_shift = 4;
    assert_int_equal(read_packed(0, out, 1), STATUS_FS_DAMAGED);
    assert_int_equal(only(16, 3, "\x11\x10\x1e"), STATUS_OK);
    stream.unit_shift = 4;
    assert_int_equal(read_packed(0, out, 1), STATUS_OK);
    for (size_t room = 0; room < 2 * 0x10000; room += 0x8000) {
        arena.size = arena.used + room;
        assert_int_equal(read_packed(0, out, 1), STATUS_NO_MEMORY);
    }
    arena.size = size;
}

/* ---- resident */

static enum status add_resident(uint8_t *record, size_t attribute_len, uint32_t value_len, uint16_t value_offset)
{
    wr_le32(record + 100 + 0x10, value_len);
    wr_le16(record + 100 + 0x14, value_offset);
    return ntfs_stream_add(&vol, span_of(record, 512), 5, span_of(record + 100, attribute_len), &stream);
}

static void test_data_in_the_record(void **state)
{
    uint8_t record[512] = { 0 }, out[4];

    (void)state;
    memcpy(record + 100 + 0x18, "data", 4);
    assert_int_equal(add_resident(record, 0x1b, 4, 0x18), STATUS_FS_DAMAGED);
    assert_int_equal(add_resident(record, 0x1c, 4, 0x19), STATUS_FS_DAMAGED);
    assert_int_equal(ntfs_resident(&stream).len, 0);
    assert_int_equal(add_resident(record, 0x1c, 4, 0x18), STATUS_OK);
    assert_true(span_starts_with(ntfs_resident(&stream), "data", 4) && ntfs_resident(&stream).len == 4);
    assert_int_equal(stream.record_number, 5);
    assert_int_equal(ntfs_stream_read(&vol, &stream, 1, out, 3), STATUS_OK);
    assert_memory_equal(out, "ata", 3);
    assert_int_equal(ntfs_stream_read(&vol, &stream, 1, out, 4), STATUS_FS_DAMAGED);
    assert_int_equal(add_resident(record, 0x1c, 4, 0x18), STATUS_FS_DAMAGED);  /* it has only one */
    struct attribute a = { .next = 3, .len = 3, .pairs = "\x11\x03\x14" };
    assert_int_equal(add(a), STATUS_FS_DAMAGED);
    assert_int_equal(only(3, 3, "\x11\x03\x14"), STATUS_OK);
    assert_int_equal(ntfs_resident(&stream).len, 0);  /* what is in clusters is in no record */
    assert_int_equal(add_resident(record, 0x1c, 4, 0x18), STATUS_FS_DAMAGED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_runs),
        TEST(test_numbers_of_any_size),
        TEST(test_the_farthest_back_in_so_many_bytes),
        TEST(test_runs_lie_on_the_volume),
        TEST(test_what_the_header_says),
        TEST(test_no_runs_and_no_memory),
        TEST(test_memory_of_runs),
        TEST(test_the_longest_stream),
        TEST(test_a_stream_without_runs),
        TEST(test_several_records),
        TEST(test_bytes),
        TEST(test_a_run_beyond_its_unit),
        TEST(test_chunks_longer_than_what_is_stored),
        TEST(test_units_that_are_holes),
        TEST(test_sizes_of_units),
        TEST(test_units_with_clusters),
        TEST(test_parts_of_units),
        TEST(test_units_in_pieces),
        TEST(test_packed_units_in_pieces),
        TEST(test_units_that_cannot_be_read),
        TEST(test_units_that_are_wrong),
        TEST(test_data_in_the_record),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
