/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntfsbuild.c - see ntfsbuild.h. */
#include "ntfsbuild.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/span.h"
#include "pattern.h"

#define RECORD_HEADER 0x30
#define NODE_HEADER   16

static uint32_t log2_of(uint32_t n)
{
    return (uint32_t)__builtin_ctz(n);
}

void nb_format(struct nb_volume *v)
{
    uint32_t per_cluster = v->cluster_bytes / 512;
    uint8_t *b = v->bytes;

    memset(b, 0, v->size);
    memcpy(b, "\xeb\x52\x90NTFS    ", 11);
    wr_le16(b + 0x0b, 512);
    b[0x0d] = (uint8_t)(per_cluster <= 128 ? per_cluster : 256 - log2_of(per_cluster));
    b[0x15] = 0xf8;
    wr_le16(b + 0x18, 63);
    wr_le16(b + 0x1a, 255);
    wr_le32(b + 0x1c, 63);
    wr_le64(b + 0x28, v->size / 512 - 1);
    wr_le64(b + 0x30, v->mft_lcn);
    wr_le64(b + 0x38, 1);
    b[0x40] = v->record_bytes >= v->cluster_bytes ? (uint8_t)(v->record_bytes / v->cluster_bytes)
                                                  : (uint8_t)(256 - log2_of(v->record_bytes));
    b[0x44] = 1;
    b[0x1fe] = 0x55;
    b[0x1ff] = 0xaa;
}

uint8_t *nb_cluster(struct nb_volume *v, uint32_t lcn)
{
    if ((size_t)(lcn + 1) * v->cluster_bytes > v->size)
        abort();
    return v->bytes + (size_t)lcn * v->cluster_bytes;
}

uint8_t *nb_record(struct nb_volume *v, uint32_t number, uint16_t flags, uint32_t base)
{
    bool second = number >= v->first_records;
    uint8_t *r = nb_cluster(v, second ? v->second_lcn : v->mft_lcn) +
                 (size_t)(second ? number - v->first_records : number) * v->record_bytes;

    memset(r, 0, v->record_bytes);
    memcpy(r, "FILE", 4);
    wr_le16(r + 4, RECORD_HEADER);
    wr_le16(r + 6, v->record_bytes / 512 + 1);
    wr_le16(r + 0x10, 1);
    wr_le16(r + 0x14, RECORD_HEADER + 24);
    wr_le16(r + 0x16, flags);
    wr_le32(r + 0x18, RECORD_HEADER + 24 + 8);
    wr_le32(r + 0x1c, v->record_bytes);
    wr_le64(r + 0x20, base ? (uint64_t)1 << 48 | base : 0);
    wr_le32(r + RECORD_HEADER + 24, 0xffffffff);
    return r;
}

size_t nb_run(uint8_t *out, int32_t distance, uint32_t clusters, bool hole)
{
    out[0] = hole ? 0x04 : 0x44;
    wr_le32(out + 1, clusters);
    if (!hole)
        wr_le32(out + 5, (uint32_t)distance);
    return hole ? 5 : 9;
}

/* Room for an attribute of `len` bytes at the end of a record; the end mark moves behind it. */
static uint8_t *append(uint8_t *record, uint32_t type, const char *name, size_t header, size_t len)
{
    size_t used = rd_le32(span_of(record, 0x1c), 0x18), units = strlen(name);
    uint8_t *a = record + used - 8;

    len = (len + 7) & ~(size_t)7;
    if (used + len > rd_le32(span_of(record, 0x20), 0x1c))
        abort();
    memset(a, 0, len);
    wr_le32(a, type);
    wr_le32(a + 4, (uint32_t)len);
    a[9] = (uint8_t)units;
    wr_le16(a + 10, header);
    for (size_t i = 0; i < units; i++)
        wr_le16(a + header + 2 * i, (uint8_t)name[i]);
    wr_le32(a + len, 0xffffffff);
    wr_le32(record + 0x18, (uint32_t)(used + len));
    return a;
}

void nb_resident(uint8_t *record, uint32_t type, const char *name, const void *value, size_t len)
{
    size_t offset = (0x18 + 2 * strlen(name) + 7) & ~(size_t)7;
    uint8_t *a = append(record, type, name, 0x18, offset + len);

    wr_le32(a + 0x10, (uint32_t)len);
    wr_le16(a + 0x14, offset);
    memcpy(a + offset, value, len);
}

void nb_in_clusters(uint8_t *record, uint32_t type, const char *name, const struct nb_stream *s)
{
    size_t offset = (0x40 + 2 * strlen(name) + 7) & ~(size_t)7;
    uint8_t *a = append(record, type, name, 0x40, offset + s->pairs_len + 1);

    a[8] = 1;
    wr_le16(a + 0x0c, s->flags);
    wr_le64(a + 0x10, s->first_vcn);
    wr_le64(a + 0x18, s->first_vcn + s->clusters - 1);
    wr_le16(a + 0x20, offset);
    wr_le64(a + 0x28, s->bytes);
    wr_le64(a + 0x30, s->bytes);
    wr_le64(a + 0x38, s->initialized);
    memcpy(a + offset, s->pairs, s->pairs_len);
}

struct nb_stream nb_one_run(uint32_t lcn, uint32_t clusters, uint64_t bytes)
{
    struct nb_stream s = { .clusters = clusters, .bytes = bytes, .initialized = bytes };

    s.pairs_len = nb_run(s.pairs, (int32_t)lcn, clusters, false);
    return s;
}

size_t nb_list_entry(uint8_t *list, size_t len, uint32_t type, const char *name, uint64_t first_vcn, uint32_t record)
{
    size_t units = strlen(name), bytes = (0x1a + 2 * units + 7) & ~(size_t)7;
    uint8_t *e = list + len;

    memset(e, 0, bytes);
    wr_le32(e, type);
    wr_le16(e + 4, bytes);
    e[6] = (uint8_t)units;
    e[7] = 0x1a;
    wr_le64(e + 8, first_vcn);
    wr_le64(e + 0x10, (uint64_t)1 << 48 | record);
    for (size_t i = 0; i < units; i++)
        wr_le16(e + 0x1a + 2 * i, (uint8_t)name[i]);
    return len + bytes;
}

struct nb_node nb_node_begin(uint8_t *at)
{
    wr_le32(at, NODE_HEADER);
    return (struct nb_node){ at, NODE_HEADER };
}

/* `name` is UTF-8 of at most two bytes a character. */
static size_t to_utf16(const char *name, uint8_t *out)
{
    size_t units = 0;

    for (const uint8_t *c = (const uint8_t *)name; *c; c++, units++) {
        uint32_t unit = *c;

        if (unit >= 0xc0) {
            unit = (unit & 0x1f) << 6 | (c[1] & 0x3f);
            c++;
        }
        wr_le16(out + 2 * units, unit);
    }
    return units;
}

static void add_entry(struct nb_node *n, uint64_t reference, const char *name, const uint64_t *child, uint16_t flags)
{
    uint8_t *e = n->at + n->len;
    size_t units = 0, len = 0x10;

    memset(e, 0, 0x10);
    if (name) {
        memset(e, 0, 0x52);
        units = to_utf16(name, e + 0x52);
        e[0x50] = (uint8_t)units;
        len = 0x52 + 2 * units;
        wr_le16(e + 0x0a, len - 0x10);
        while (len & 7)
            e[len++] = 0;
    }
    wr_le64(e, reference);
    if (child) {
        flags |= NB_HAS_CHILD;
        wr_le64(e + len, *child);
        len += 8;
    }
    wr_le16(e + 8, len);
    wr_le16(e + 0x0c, flags);
    n->len += len;
    wr_le32(n->at + 4, (uint32_t)n->len);
    wr_le32(n->at + 8, (uint32_t)n->len);
}

void nb_entry(struct nb_node *n, uint32_t record, const char *name, const uint64_t *child)
{
    add_entry(n, (uint64_t)1 << 48 | record, name, child, 0);
}

void nb_node_end(struct nb_node *n, const uint64_t *child)
{
    add_entry(n, 0, NULL, child, NB_LAST);
    if (child)
        n->at[12] = 1;
}

void nb_index_root(uint8_t *value, uint32_t block_bytes)
{
    memset(value, 0, 16);
    wr_le32(value, 0x30);
    wr_le32(value + 4, 1);
    wr_le32(value + 8, block_bytes);
}

struct nb_node nb_index_block(uint8_t *block, uint64_t vcn)
{
    memcpy(block, "INDX", 4);
    wr_le16(block + 4, 0x28);
    wr_le64(block + 0x10, vcn);
    wr_le32(block + 0x18, 0x28);  /* entries begin behind the update sequence array, at 0x40 */
    return (struct nb_node){ block + 0x18, 0x28 };
}

void nb_seal(uint8_t *record, size_t bytes)
{
    size_t array = rd_le16(span_of(record, 8), 4), strides = bytes / 512;

    wr_le16(record + 6, strides + 1);
    wr_le16(record + array, 0x1234);
    for (size_t i = 1; i <= strides; i++) {
        memcpy(record + array + 2 * i, record + 512 * i - 2, 2);
        wr_le16(record + 512 * i - 2, 0x1234);
    }
}

static void fill(uint8_t *p, size_t len, unsigned seed, uint64_t from)
{
    for (size_t i = 0; i < len; i++)
        p[i] = pattern_at(seed, from + i);
}

/* Record numbers and places of the sample's files; test_ntfs.c looks for them by name. */
enum {
    S_MFT = 0,
    S_ROOT = 5,
    S_RESIDENT = 16,
    S_FRAGMENTED,
    S_SPARSE,
    S_LISTED,
    S_PIECE1,
    S_PIECE2,
    S_OUTSIDE,
    S_PIECE3,
    S_DIR,
};

static uint32_t clusters_of(const struct nb_volume *v, uint32_t bytes)
{
    return (bytes + v->cluster_bytes - 1) / v->cluster_bytes;
}

static void sample_mft(struct nb_volume *v)
{
    uint8_t *r = nb_record(v, S_MFT, NB_IN_USE, 0);
    uint32_t first = v->first_records * v->record_bytes / v->cluster_bytes;
    uint32_t second = clusters_of(v, 32 * v->record_bytes);
    struct nb_stream s = { .clusters = first + second, .bytes = (uint64_t)(v->first_records + 32) * v->record_bytes };

    s.initialized = s.bytes;
    s.pairs_len = nb_run(s.pairs, (int32_t)v->mft_lcn, first, false);
    s.pairs_len += nb_run(s.pairs + s.pairs_len, (int32_t)v->second_lcn - (int32_t)v->mft_lcn, second, false);
    nb_in_clusters(r, NB_DATA, "", &s);
    nb_seal(r, v->record_bytes);
    memcpy(nb_cluster(v, 1), r, v->record_bytes);  /* $MFTMirr */
}

/* The root: its node has one entry and two children, in blocks 0 and 2; block 1 is not in use and holds an old name. */
static void sample_root(struct nb_volume *v, uint32_t lcn)
{
    uint32_t vcn_bytes = v->cluster_bytes <= 4096 ? v->cluster_bytes : 512;
    const uint64_t low = 0, high = 2 * 4096 / vcn_bytes;
    uint32_t clusters = clusters_of(v, 3 * 4096);
    uint8_t *r = nb_record(v, S_ROOT, NB_IN_USE | NB_DIRECTORY, 0), *block = nb_cluster(v, lcn);
    uint8_t value[512], bitmap[8] = { 5 };
    struct nb_stream blocks = nb_one_run(lcn, clusters, 3 * 4096);
    struct nb_node n;

    nb_index_root(value, 4096);
    n = nb_node_begin(value + 16);
    nb_entry(&n, S_LISTED, "listed.bin", &low);
    nb_node_end(&n, &high);
    nb_resident(r, NB_ROOT, "$I30", value, 16 + n.len);
    nb_in_clusters(r, NB_BLOCKS, "$I30", &blocks);
    nb_resident(r, NB_BITMAP, "$I30", bitmap, sizeof bitmap);
    nb_seal(r, v->record_bytes);

    n = nb_index_block(block, 0);
    nb_entry(&n, S_RESIDENT, "boot.ini", NULL);
    nb_entry(&n, S_FRAGMENTED, "BOOTMGR", NULL);
    nb_node_end(&n, NULL);
    nb_seal(block, 4096);
    n = nb_index_block(block + 4096, 4096 / vcn_bytes);
    nb_entry(&n, S_RESIDENT, "NTLDR", NULL);
    nb_node_end(&n, NULL);
    nb_seal(block + 4096, 4096);
    n = nb_index_block(block + 8192, high);
    nb_entry(&n, S_OUTSIDE, "outside.bin", NULL);
    nb_entry(&n, S_SPARSE, "sparse.bin", NULL);
    nb_entry(&n, S_DIR, "Windows", NULL);
    nb_node_end(&n, NULL);
    nb_seal(block + 8192, 4096);
}

/* Resident data across the end of a stride of 512; two runs, the second before the first;
   a hole, and an end that was never written. */
static void sample_plain_files(struct nb_volume *v, uint32_t lcn)
{
    uint8_t *r = nb_record(v, S_RESIDENT, NB_IN_USE, 0), data[600];
    uint32_t c = v->cluster_bytes;
    struct nb_stream s = { .clusters = 3, .bytes = 3 * c - 100, .initialized = 3 * c - 100 };

    fill(data, sizeof data, 1, 0);
    nb_resident(r, NB_DATA, "", data, sizeof data);
    nb_seal(r, v->record_bytes);

    fill(nb_cluster(v, lcn + 1), 2 * c, 2, 0);
    fill(nb_cluster(v, lcn), c, 2, 2 * c);
    s.pairs_len = nb_run(s.pairs, (int32_t)lcn + 1, 2, false);
    s.pairs_len += nb_run(s.pairs + s.pairs_len, -1, 1, false);
    r = nb_record(v, S_FRAGMENTED, NB_IN_USE, 0);
    nb_in_clusters(r, NB_DATA, "", &s);
    nb_seal(r, v->record_bytes);

    fill(nb_cluster(v, lcn + 3), 2 * c, 3, 4 * c);
    s = (struct nb_stream){ .clusters = 6, .bytes = 6 * c, .initialized = 5 * c + 7, .flags = 0x8000 };
    s.pairs_len = nb_run(s.pairs, 0, 4, true);
    s.pairs_len += nb_run(s.pairs + s.pairs_len, (int32_t)lcn + 3, 2, false);
    r = nb_record(v, S_SPARSE, NB_IN_USE, 0);
    nb_in_clusters(r, NB_DATA, "", &s);
    nb_seal(r, v->record_bytes);
}

static void sample_piece(struct nb_volume *v, uint32_t record, uint32_t base, uint64_t vcn, uint32_t lcn,
                         uint64_t bytes)
{
    uint8_t *r = nb_record(v, record, NB_IN_USE, base);
    struct nb_stream s = nb_one_run(lcn, 1, vcn == 0 ? bytes : 0);

    s.first_vcn = vcn;
    nb_in_clusters(r, NB_DATA, "", &s);
    nb_seal(r, v->record_bytes);
}

/* Two files of two and one cluster whose data is in other records: one list is in the record, one is outside. */
static void sample_listed_files(struct nb_volume *v, uint32_t lcn)
{
    uint8_t list[256], *r = nb_record(v, S_LISTED, NB_IN_USE, 0);
    uint32_t c = v->cluster_bytes;
    size_t len = nb_list_entry(list, 0, NB_DATA, "", 0, S_PIECE1);
    struct nb_stream outside;

    len = nb_list_entry(list, len, NB_DATA, "", 1, S_PIECE2);
    nb_resident(r, NB_LIST, "", list, len);
    nb_seal(r, v->record_bytes);
    sample_piece(v, S_PIECE1, S_LISTED, 0, lcn + 1, 2 * c);
    sample_piece(v, S_PIECE2, S_LISTED, 1, lcn, 0);
    fill(nb_cluster(v, lcn + 1), c, 4, 0);
    fill(nb_cluster(v, lcn), c, 4, c);

    r = nb_record(v, S_OUTSIDE, NB_IN_USE, 0);
    len = nb_list_entry(nb_cluster(v, lcn + 2), 0, NB_LIST, "", 0, S_OUTSIDE);
    len = nb_list_entry(nb_cluster(v, lcn + 2), len, NB_DATA, "", 0, S_PIECE3);
    outside = nb_one_run(lcn + 2, 1, len);
    nb_in_clusters(r, NB_LIST, "", &outside);
    nb_seal(r, v->record_bytes);
    sample_piece(v, S_PIECE3, S_OUTSIDE, 0, lcn + 3, c - 1);
    fill(nb_cluster(v, lcn + 3), c, 5, 0);
}

static void sample_directory(struct nb_volume *v)
{
    uint8_t value[512], *r = nb_record(v, S_DIR, NB_IN_USE | NB_DIRECTORY, 0);
    struct nb_node n;

    nb_index_root(value, 4096);
    n = nb_node_begin(value + 16);
    nb_entry(&n, S_FRAGMENTED, "winload.efi", NULL);
    nb_node_end(&n, NULL);
    nb_resident(r, NB_ROOT, "$I30", value, 16 + n.len);
    nb_seal(r, v->record_bytes);
}

void nb_sample(struct nb_volume *v)
{
    uint32_t index = clusters_of(v, 3 * 4096), lcn = v->second_lcn + clusters_of(v, 32 * v->record_bytes);

    nb_format(v);
    sample_mft(v);
    sample_root(v, lcn);
    sample_plain_files(v, lcn + index);
    sample_listed_files(v, lcn + index + 5);
    sample_directory(v);
}

void nb_folder(struct nb_volume *v, uint32_t record, const char *const *names, const uint32_t *records, size_t count)
{
    uint8_t        value[1024] = { 0 }, *r;
    struct nb_node node;

    nb_index_root(value, 4096);
    node = nb_node_begin(value + 16);
    for (size_t i = 0; i < count; i++)
        nb_entry(&node, records[i], names[i], NULL);
    nb_node_end(&node, NULL);
    r = nb_record(v, record, NB_IN_USE | NB_DIRECTORY, 0);
    nb_resident(r, NB_ROOT, "$I30", value, 16 + node.len);
    nb_seal(r, v->record_bytes);
}

struct nb_volume nb_small(uint8_t *at, uint32_t record, const char *const *names, size_t count)
{
    struct nb_volume v = { .bytes = at, .size = NB_SMALL_BYTES, .cluster_bytes = 4096, .record_bytes = 1024, .mft_lcn = 4,
                           .first_records = 32, .second_lcn = 40 };
    struct nb_stream mft = nb_one_run(4, 8, 32 * 1024);
    uint32_t         records[16];
    uint8_t         *r;

    nb_format(&v);
    r = nb_record(&v, 0, NB_IN_USE, 0);
    nb_in_clusters(r, NB_DATA, "", &mft);
    nb_seal(r, v.record_bytes);
    for (size_t i = 0; i < 16; i++)
        records[i] = record;
    nb_folder(&v, NB_ROOT_RECORD, names, records, count < 16 ? count : 16);
    return v;
}
