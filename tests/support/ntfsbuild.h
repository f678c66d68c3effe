/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntfsbuild.h - NTFS structures put together by hand in memory: what no formatting
 * tool makes (4 KiB records on 512-byte sectors, a fragmented MFT, lists outside
 * of the record, trees that are wrong).
 */
#ifndef LDMBOOT_TESTS_NTFSBUILD_H
#define LDMBOOT_TESTS_NTFSBUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NB_IN_USE    1
#define NB_DIRECTORY 2

#define NB_ROOT_RECORD 5  /* MFT record of the root directory */

#define NB_HAS_CHILD 1
#define NB_LAST      2

/* Attribute types. */
#define NB_LIST    0x20
#define NB_DATA    0x80
#define NB_ROOT    0x90
#define NB_BLOCKS  0xa0
#define NB_BITMAP  0xb0
#define NB_REPARSE 0xc0

struct nb_volume {
    uint8_t *bytes;
    size_t   size;
    uint32_t cluster_bytes, record_bytes;
    uint32_t mft_lcn;         /* of the first MFT piece */
    uint32_t first_records;   /* records in it; the others are in the second one */
    uint32_t second_lcn;
};

/* Zero the volume and write its boot sector. Cluster and record sizes are powers of two. */
void nb_format(struct nb_volume *v);

/* The bytes of a cluster. */
uint8_t *nb_cluster(struct nb_volume *v, uint32_t lcn);

/* Begin MFT record `number` (sequence number 1; `base`: 0, or the file that it belongs to). Attributes follow
   by nb_resident() and nb_in_clusters(), then nb_seal(). */
uint8_t *nb_record(struct nb_volume *v, uint32_t number, uint16_t flags, uint32_t base);

/* A run: `clusters` from `distance` after the last one's begin; a hole when `hole`. Returns its length. */
size_t nb_run(uint8_t *out, int32_t distance, uint32_t clusters, bool hole);

/* Append an attribute; types must come in ascending order, as Windows has them (not checked). */
void nb_resident(uint8_t *record, uint32_t type, const char *name, const void *value, size_t len);
struct nb_stream {
    uint64_t    first_vcn, clusters, bytes, initialized;
    uint16_t    flags;
    uint8_t     pairs[256];
    size_t      pairs_len;
};
void nb_in_clusters(uint8_t *record, uint32_t type, const char *name, const struct nb_stream *s);
/* A stream in one run. */
struct nb_stream nb_one_run(uint32_t lcn, uint32_t clusters, uint64_t bytes);

/* Append an entry of an attribute list. Returns the list's new length. */
size_t nb_list_entry(uint8_t *list, size_t len, uint32_t type, const char *name, uint64_t first_vcn, uint32_t record);

/* A node: begin it, add entries in the order in which they shall be, end it (the last entry). */
struct nb_node {
    uint8_t *at;   /* the node header */
    size_t   len;  /* of header and entries so far */
};
struct nb_node nb_node_begin(uint8_t *at);
void nb_entry(struct nb_node *n, uint32_t record, const char *name, const uint64_t *child);
void nb_node_end(struct nb_node *n, const uint64_t *child);

/* Begin an $INDEX_ROOT value in a buffer: the node is at +16. */
void nb_index_root(uint8_t *value, uint32_t block_bytes);
/* Begin an index block: the node is at +0x40 (its header at +0x18 says so). */
struct nb_node nb_index_block(uint8_t *block, uint64_t vcn);

/* Put the update sequence into a finished FILE or INDX record. */
void nb_seal(uint8_t *record, size_t bytes);

/* A folder with these names and the records that they are of, in one MFT record; and sealed. */
void nb_folder(struct nb_volume *v, uint32_t record, const char *const *names, const uint32_t *records, size_t count);

/* A small volume at `at` with these names in its root directory, all of them of one MFT record (24 or more), which is not made. */
#define NB_SMALL_BYTES (256u * 1024)
struct nb_volume nb_small(uint8_t *at, uint32_t record, const char *const *names, size_t count);

/*
 * A whole small volume of at least 128 KiB with one of everything: a directory with
 * two levels, files resident, fragmented, sparse, with attribute lists of both kinds.
 * Cluster and record sizes, MFT positions as set in *v.
 */
void nb_sample(struct nb_volume *v);

#endif
