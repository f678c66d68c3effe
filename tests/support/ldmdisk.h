/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ldmdisk.h - dynamic disks built in memory, structure by structure.
 *
 * mkldm (tools/) writes whole images for the host and boot tests; this one is for tests in C that want to change one
 * field. Facts: docs/ldm-format.md; offsets: common/ldm/disk.h.
 */
#ifndef LDMBOOT_TESTS_LDMDISK_H
#define LDMBOOT_TESTS_LDMDISK_H

#include "common/ldm/view.h"
#include "memdisk.h"

#define LDMDISK_MAX_RECORDS 64
#define LDMDISK_MAX_KLOG    120

struct ldmdisk_record {
    uint8_t  bytes[1024];
    size_t   len;
    int      kind;  /* 0..3 counted: volume, component, partition, disk; -1 not counted */
    uint16_t status;
};

/* What will be on the disk; ldmdisk_init() gives sane values, a test changes what it is about. */
struct ldmdisk {
    struct memdisk       *disk;
    bool                  gpt;
    uint32_t              gpt_entries;                  /* 128, as Windows makes; 4 at least */
    const char           *disk_guid, *group_guid, *group_name;
    uint64_t              public_start, private_start;  /* sectors; private: 2048 blocks */
    uint64_t              sequence;                     /* of PRIVHEAD and TOCBLOCK */
    uint16_t              vmdb_status;
    uint64_t              committed;
    int                   extra_counts[4];              /* added to what is there: records that are missing */
    uint32_t              slots;                        /* the four of the head counted; 5924 as Windows makes */
    uint32_t              first_slot;                   /* free slots before the first record */
    bool                  scatter;                      /* slots in a shuffled order, free ones between them */
    struct ldmdisk_record records[LDMDISK_MAX_RECORDS];
    size_t                record_count;
    struct klog_entry     klog[LDMDISK_MAX_KLOG];
    size_t                klog_count;
};

/* An MBR or GPT disk of at least 8192 blocks. */
void ldmdisk_init(struct ldmdisk *b, struct memdisk *disk, bool gpt);

/* Records; texts as on disk. Object ids must differ. */
void ldmdisk_add_volume(struct ldmdisk *b, uint64_t id, const char *name, const char *state, uint32_t flags,
                        uint64_t components, uint64_t sectors, const char *guid);
void ldmdisk_add_component(struct ldmdisk *b, uint64_t id, const char *name, const char *state, uint32_t flags,
                           uint8_t layout, uint64_t partitions, uint64_t volume_id, unsigned columns);
void ldmdisk_add_partition(struct ldmdisk *b, uint64_t id, const char *name, uint32_t flags, uint64_t start,
                           uint64_t offset, uint64_t sectors, uint64_t component_id, uint64_t disk_id, unsigned column);
void ldmdisk_add_disk(struct ldmdisk *b, uint64_t id, const char *name, const char *guid, const char *device,
                      uint32_t flags);
void ldmdisk_add_group(struct ldmdisk *b, uint64_t id);

/*
 * The usual group: Volume1 (id 10), mirrored, 2000 sectors; Volume1-01 (11) on
 * Disk1 (21) at 100 of its public region, Volume1-02 (12) on Disk2 (22) at 700;
 * Data (30), simple, 500 sectors, on Disk2 at 4000. `self`: 1 or 2, which disk this is.
 */
void ldmdisk_mirror(struct ldmdisk *b, struct memdisk *disk, bool gpt, unsigned self);
#define LDMDISK_GUID1       "11111111-1111-1111-1111-111111111111"
#define LDMDISK_GUID2       "22222222-2222-2222-2222-222222222222"
#define LDMDISK_DEVICE1     "SCSI\\DISK&VEN_TEST\\A_NAME_SO_LONG_THAT_THE_RECORD_TAKES_TWO_SLOTS"
#define LDMDISK_VOLUME_GUID "aabbccdd-0102-0304-0506-0708090a0b0c"

/* The record with this object id, to change before it is written; NULL when there is none. */
struct ldmdisk_record *ldmdisk_find(struct ldmdisk *b, uint64_t id);
void                   ldmdisk_remove(struct ldmdisk *b, uint64_t id);

/* Write everything to the disk. */
void ldmdisk_write(struct ldmdisk *b);

/* Single structures, 512 bytes, right in all. */
void ldmdisk_make_privhead(const struct ldmdisk *b, uint8_t out[512]);
void ldmdisk_make_tocblock(const struct ldmdisk *b, uint8_t out[512]);
void ldmdisk_make_vmdb(const struct ldmdisk *b, uint8_t out[512]);
void ldmdisk_make_klog_page(const struct ldmdisk *b, uint32_t page, uint8_t out[512]);

/* Make the checksum of a PRIVHEAD or TOCBLOCK right again after a change. */
void ldmdisk_checksum(uint8_t sector[512]);

/* Make the CRCs of a GPT copy right again: its header's block. Its array must be on the disk. */
void ldmdisk_gpt_crc(struct memdisk *disk, uint64_t header_block);

/* Where the structures of a written disk are, in sectors. */
uint64_t ldmdisk_unit(const struct ldmdisk *b);
uint64_t ldmdisk_vmdb_lba(const struct ldmdisk *b);
uint64_t ldmdisk_klog_lba(const struct ldmdisk *b);

/* Big-endian, as everything of LDM. */
void put_be(uint8_t *p, uint64_t v, unsigned bytes);

#endif
