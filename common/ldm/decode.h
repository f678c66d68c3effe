/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decode.h - from the bytes of one on-disk structure to a native one, or to a status.
 *
 * Pure: no I/O, no memory. Outputs are untouched on failure. Facts: docs/ldm-format.md; offsets: disk.h.
 *
 * `block_bytes` is the disk's block size: positions on disk count blocks, and
 * come out in 512-byte sectors.
 */
#ifndef LDMBOOT_LDM_DECODE_H
#define LDMBOOT_LDM_DECODE_H

#include "common/base/span.h"
#include "disk.h"
#include "view.h"

/* Sum of all bytes of a sector, the four at `checksum_off` taken as zero: PRIVHEAD, TOCBLOCK. */
uint32_t ldm_checksum(struct span sector, size_t checksum_off);

/* A text field of fixed size, NUL padded, into `out` of `size` bytes; always terminated. */
void ldm_text(struct span s, size_t off, size_t len, char *out, size_t size);

/* PRIVHEAD_BAD (also: no magic), PRIVHEAD_CHECKSUM, PRIVHEAD_VERSION, PRIVHEAD_BLOCK_SIZE.
   `found_lba` of the result is the caller's to fill. */
NODISCARD enum status privhead_decode(struct span sector, uint32_t block_bytes, struct ldm_privhead *out);

/* Does a copy that was read at this sector lie where it says itself that copies are in the private region? */
bool privhead_is_at(const struct ldm_privhead *p, uint64_t lba);

/* Do both describe the same disk, laid out in the same way? */
bool privhead_same_disk(const struct ldm_privhead *a, const struct ldm_privhead *b);

struct toc_region {
    bool     exists;
    uint16_t flags;
    uint64_t start, sectors;  /* start: relative to the private region */
};

struct tocblock {
    uint64_t          sequence;
    struct toc_region config, log;
};

/* TOC_BAD, TOC_CHECKSUM. Every region lies inside the private region's `private_sectors`. */
NODISCARD enum status tocblock_decode(struct span sector, uint32_t block_bytes, uint64_t private_sectors,
                                      struct tocblock *out);

/* VMDB_BAD, VMDB_UNSUPPORTED. `config_sectors`: what the slots have to fit in. A decided change is taken as done. */
NODISCARD enum status vmdb_decode(struct span sector, uint64_t config_sectors, struct ldm_vmdb *out);

/* Number of VBLK slots behind the head. */
uint32_t vmdb_vblk_slots(const struct ldm_vmdb *vmdb);

/* Sum of the committed counts; at most the number of slots. */
uint32_t vmdb_committed_records(const struct ldm_vmdb *vmdb);

struct vblk_slot {
    uint32_t    group;      /* 0: a free slot */
    uint16_t    fragment, fragments;
    struct span body;
};

/* The head of a 128-byte slot. VBLK_BAD: no magic, or a fragment number that cannot be. */
NODISCARD enum status vblk_slot_decode(struct span slot, struct vblk_slot *out);

#define VBLK_MAX_FRAGMENTS 32

/* The four kinds that are counted, in the order of the VMDB's counts. */
enum vblk_kind { VBLK_VOLUME, VBLK_COMPONENT, VBLK_PARTITION, VBLK_DISK, VBLK_KINDS, VBLK_OTHER = VBLK_KINDS };

struct vblk_volume {
    struct span state, hint;
    bool        raid5;
    uint32_t    flags;
    uint64_t    components, sectors;
    uint8_t     partition_type;
    struct guid guid;
};

struct vblk_component {
    struct span state;
    uint8_t     layout;
    uint32_t    flags;
    uint64_t    partitions, volume_id, stripe_sectors, columns;
};

struct vblk_partition {
    uint32_t flags;
    uint64_t start, volume_offset, sectors, column, component_id, disk_id;
};

struct vblk_disk {
    struct guid guid;
    struct span device_name;
    uint32_t    flags;
};

/* One record; spans point into the bytes it was decoded from. */
struct vblk_record {
    enum vblk_kind kind;
    bool           committed;  /* part of the committed state, whatever change is pending */
    bool           following;  /* part of the state that the pending change makes */
    bool           leaving;    /* the pending change deletes it, or puts another one with its id in its place */
    uint64_t       id;         /* object id */
    uint64_t       changed;    /* the transaction that wrote the record ("commit id") */
    struct span    name;
    union {
        struct vblk_volume    volume;
        struct vblk_component component;
        struct vblk_partition partition;
        struct vblk_disk      disk;
    };
};

/* A whole record (fragments joined). VBLK_BAD; OK with kind VBLK_OTHER for kinds that are not needed. */
NODISCARD enum status vblk_record_decode(struct span record, struct vblk_record *out);

struct klog_page {
    uint64_t          id;
    uint32_t          pages;
    bool              ended;  /* an end mark was found: no entries on the following pages */
    struct klog_entry entries[KLOG_ENTRIES_PER_PAGE];
    size_t            count;
};

/* KLOG_BAD: no magic, another page's place, or an entry of an unknown kind. */
NODISCARD enum status klog_page_decode(struct span sector, uint32_t page_index, struct klog_page *out);

/* Bring a log's entries into the order that klog_names() looks them up in. */
void klog_sort(struct klog_entry *entries, size_t count);

/*
 * Does the disk's log say this of the component: by its own object id, its volume's, that of a part or a disk of it?
 * since: entries of an earlier transaction are history; one without a transaction counts.
 */
bool klog_names(const struct ldm_disk *d, enum klog_kind kind, uint64_t since, const struct ldm_component *c);

#endif
