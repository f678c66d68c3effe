/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * changes.h - whole disks from the fuzzer's bytes.
 *
 * A fuzzer cannot invent a 10 MB disk with checksums. So its bytes are a list of changes to good disks
 * (tests/support/ldmdisk.h), which are made for one run and taken back after it; nothing is copied but the sectors that
 * change. Checksums and CRCs are put right afterwards when the input asks for it. One change is
 *
 *   place (1 byte: enum place, and which disk), n (2, little-endian), offset (2), length (1), bytes
 *
 *   PLACE_RECORD: n is a record, offset a place in it: its pieces and their frame stay
 *   PLACE_FIELD:  n is a field of fields[], the bytes are its new value
 *   PLACE_FAULT:  sectors n.. cannot be read; PLACE_CLIP: the disk is shown n * 8 blocks long;
 *   PLACE_ARENA:  memory is n * 64 bytes
 */
#ifndef LDMBOOT_TESTS_CHANGES_H
#define LDMBOOT_TESTS_CHANGES_H

#include <string.h>

#include "common/base/checked.h"
#include "common/base/mem.h"
#include "common/base/span.h"
#include "common/disk/mbr.h"
#include "common/ldm/disk.h"
#include "input.h"
#include "require.h"
#include "tests/support/ldmdisk.h"
#include "tests/support/memdisk.h"

#define BLOCKS      20000u
#define SLOTS       100u  /* a small database: more inputs per second */
#define GPT_ENTRIES 4u    /* likewise: each copy of the table is summed up bit by bit */
#define MAX_SAVED   64
#define MAX_CHANGES 24

enum place {
    PLACE_SECTOR0, PLACE_LBA6, PLACE_PRIVHEAD, PLACE_SPARE, PLACE_TOC, PLACE_VMDB, PLACE_SLOT, PLACE_KLOG,
    PLACE_GPT_HEADER, PLACE_GPT_ARRAY, PLACE_GPT_BACKUP, PLACE_VOLUME, PLACE_RECORD, PLACE_FIELD, PLACE_FAULT, PLACE_CLIP,
    PLACE_ARENA, PLACES
};

struct saved {
    uint64_t sector;
    uint8_t  bytes[512];
};

/* One disk: built once, changed for each input, changed back. */
struct base {
    struct ldmdisk image;
    uint64_t       volume_lba;  /* PLACE_VOLUME counts from here */
    struct saved   saved[MAX_SAVED];
    size_t         saved_count;
};

/* A sector to be changed, or NULL when enough are. */
static uint8_t *touch(struct base *b, uint64_t sector)
{
    uint8_t *bytes = memdisk_at(b->image.disk, sector);

    for (size_t i = 0; i < b->saved_count; i++)
        if (b->saved[i].sector == sector)
            return bytes;
    if (b->saved_count == MAX_SAVED)
        return NULL;
    b->saved[b->saved_count].sector = sector;
    memcpy(b->saved[b->saved_count++].bytes, bytes, 512);
    return bytes;
}

static void restore(struct base *b)
{
    while (b->saved_count > 0) {
        struct saved *s = &b->saved[--b->saved_count];

        memcpy(memdisk_at(b->image.disk, s->sector), s->bytes, 512);
    }
    memdisk_reset(b->image.disk);
    b->image.disk->dev.block_count = b->image.disk->data_bytes / b->image.disk->dev.block_size;
}

static uint64_t sector_of(const struct base *b, enum place place, uint32_t n)
{
    uint64_t unit = ldmdisk_unit(&b->image), region = b->image.private_start;

    switch (place) {
    case PLACE_LBA6:       return 6 * unit;
    case PLACE_PRIVHEAD:   return region + 2047 * unit;
    case PLACE_SPARE:      return region + 1856 * unit;
    case PLACE_TOC:        return region + (uint64_t[]){ 1, 2, 2045, 2046 }[n % 4] * unit;
    case PLACE_VMDB:       return ldmdisk_vmdb_lba(&b->image);
    case PLACE_SLOT:       return ldmdisk_vmdb_lba(&b->image) + 1 + n % (SLOTS - 4) / 4;
    case PLACE_KLOG:       return ldmdisk_klog_lba(&b->image) + n % 8;
    case PLACE_GPT_HEADER: return unit;
    case PLACE_GPT_ARRAY:  return 2 * unit + n % 4;
    case PLACE_GPT_BACKUP: return (BLOCKS - 1) * unit;
    case PLACE_VOLUME:     return b->volume_lba + n % 256;
    default:               return 0;
    }
}

/* ---- single structures */

/* What a decision hangs on. Pairs of PRIVHEADs and tables of contents are set alike, as Windows would. */
static const struct field {
    enum place place;
    uint16_t   offset;
    uint8_t    bytes;
} fields[] = {
    { PLACE_PRIVHEAD, PRIVHEAD_UPDATE_SEQUENCE + 7, 1 }, { PLACE_PRIVHEAD, PRIVHEAD_UPDATE_TIME + 7, 1 },
    { PLACE_PRIVHEAD, PRIVHEAD_DISK_GUID, 8 },           { PLACE_PRIVHEAD, PRIVHEAD_GROUP_GUID, 8 },
    { PLACE_PRIVHEAD, PRIVHEAD_PUBLIC_START, 8 },        { PLACE_PRIVHEAD, PRIVHEAD_PUBLIC_SIZE, 8 },
    { PLACE_PRIVHEAD, PRIVHEAD_PRIVATE_START, 8 },       { PLACE_PRIVHEAD, PRIVHEAD_PRIVATE_SIZE, 8 },
    { PLACE_PRIVHEAD, PRIVHEAD_TOC_PRIMARY + 6, 2 },     { PLACE_PRIVHEAD, PRIVHEAD_FLAGS, 4 },
    { PLACE_TOC, TOC_SEQUENCE + 7, 1 },                  { PLACE_TOC, TOC_REGIONS + TOC_REGION_FLAGS, 2 },
    { PLACE_TOC, TOC_REGIONS + TOC_REGION_START + 6, 2 }, { PLACE_TOC, TOC_REGIONS + TOC_REGION_SIZE + 6, 2 },
    { PLACE_VMDB, VMDB_UPDATE_STATUS + 1, 1 },           { PLACE_VMDB, VMDB_COMMITTED + 7, 1 },
    { PLACE_VMDB, VMDB_PENDING + 7, 1 },                 { PLACE_VMDB, VMDB_SLOTS + 2, 2 },
    { PLACE_VMDB, VMDB_COMMITTED_COUNTS + 3, 1 },        { PLACE_VMDB, VMDB_COMMITTED_COUNTS + 7, 1 },
    { PLACE_VMDB, VMDB_COMMITTED_COUNTS + 11, 1 },       { PLACE_VMDB, VMDB_COMMITTED_COUNTS + 15, 1 },
    { PLACE_VMDB, VMDB_GROUP_GUID, 8 },
    { PLACE_KLOG, KLOG_ENTRIES, 1 },                     { PLACE_KLOG, KLOG_ENTRIES + KLOG_ENTRY_A + 7, 1 },
    { PLACE_KLOG, KLOG_ENTRIES + KLOG_ENTRY_B + 7, 1 },  { PLACE_SECTOR0, MBR_SIGNATURE_OFF, 4 },
    { PLACE_SECTOR0, MBR_TABLE_OFF + 4, 1 },                 { PLACE_SECTOR0, MBR_TABLE_OFF + 8, 8 },
    { PLACE_SECTOR0, MBR_TABLE_OFF + 16, 16 },               { PLACE_VOLUME, 0x1c, 4 },
};

static void put_bytes(struct base *b, uint64_t at, uint32_t offset, struct span bytes)
{
    uint8_t *sector = touch(b, at);

    if (sector && bytes.len)
        memcpy(sector + offset, bytes.data, bytes.len);
}

static void change_field(struct base *b, uint32_t n, struct span bytes)
{
    static const enum place privheads[] = { PLACE_PRIVHEAD, PLACE_SPARE, PLACE_LBA6 };
    const struct field     *f = &fields[n % ARRAY_LEN(fields)];

    if (bytes.len > f->bytes)
        bytes.len = f->bytes;
    if (f->place == PLACE_PRIVHEAD)
        for (size_t i = 0; i < (b->image.gpt ? 2u : 3u); i++)
            put_bytes(b, sector_of(b, privheads[i], 0), f->offset, bytes);
    else if (f->place == PLACE_TOC)
        for (uint32_t i = 0; i < 4; i += 3)
            put_bytes(b, sector_of(b, PLACE_TOC, i), f->offset, bytes);
    else
        put_bytes(b, sector_of(b, f->place, 0), f->offset, bytes);
}

/* Bytes of a record, wherever its pieces are; not those of their frames. */
static void change_record(struct base *b, uint32_t n, uint32_t offset, struct span bytes)
{
    const struct ldmdisk *image = &b->image;
    uint32_t              piece = 0;

    if (image->scatter || image->record_count == 0)
        return;
    n %= (uint32_t)image->record_count;
    for (uint32_t i = 0; i < n; i++)
        piece += (uint32_t)((image->records[i].len + SLOT_BODY_BYTES - 1) / SLOT_BODY_BYTES);
    offset %= (uint32_t)image->records[n].len;
    for (size_t i = 0; i < bytes.len && offset + i < image->records[n].len; i++) {
        uint32_t slot = image->first_slot + piece + (uint32_t)(offset + i) / SLOT_BODY_BYTES;

        put_bytes(b, sector_of(b, PLACE_SLOT, slot),
                  slot % 4 * SLOT_BYTES + SLOT_HEAD_BYTES + (uint32_t)(offset + i) % SLOT_BODY_BYTES, span_sub(bytes, i, 1));
    }
}

/* Apply one change to one of `count` disks; returns the rest of the input. */
static struct span change(struct base *const *disks, size_t count, struct span in, size_t *arena_bytes)
{
    struct span  head = take(&in, 6), bytes;
    struct base *b = disks[rd_u8(head, 0) / PLACES % count];
    enum place   place = rd_u8(head, 0) % PLACES;
    uint32_t     n = rd_le16(head, 1), offset = rd_le16(head, 3) % 512, len = rd_u8(head, 5);

    if (place == PLACE_FAULT) {
        if (b->image.disk->fault_count < 8)
            memdisk_fail(b->image.disk, n, len + 1, offset & 1 ? STATUS_READ_SILENT : STATUS_READ_FAILED);
        return in;
    }
    if (place == PLACE_CLIP)
        b->image.disk->dev.block_count = n * 8u % BLOCKS;
    else if (place == PLACE_ARENA)
        *arena_bytes = n * 64u;
    if (place > PLACE_FAULT)
        return in;
    if (place == PLACE_SLOT)
        offset = n % 4 * SLOT_BYTES + offset % SLOT_BYTES;
    bytes = take(&in, len < 512 - offset ? len : 512 - offset);
    if (place == PLACE_FIELD)
        change_field(b, n, bytes);
    else if (place == PLACE_RECORD)
        change_record(b, n, offset, bytes);
    else
        put_bytes(b, sector_of(b, place, n), offset, bytes);
    return in;
}

/* The checksums and CRCs of what still is what it was. */
static void fix_checksums(struct base *b)
{
    static const enum place sums[] = { PLACE_LBA6, PLACE_PRIVHEAD, PLACE_SPARE };
    uint64_t                unit = ldmdisk_unit(&b->image);

    for (uint32_t i = 0; i < 3 + 4; i++) {
        uint8_t *sector = touch(b, i < 3 ? sector_of(b, sums[i], 0) : sector_of(b, PLACE_TOC, i - 3));

        if (sector && (memcmp(sector, PRIVHEAD_MAGIC, 8) == 0 || memcmp(sector, TOC_MAGIC, 8) == 0))
            ldmdisk_checksum(sector);
    }
    for (uint32_t backup = 0; b->image.gpt && backup < 2; backup++) {
        uint64_t    block = backup ? BLOCKS - 1 : 1;
        uint8_t    *sector = touch(b, block * unit);
        struct span h = span_of(sector, sector ? 512 : 0);

        if (rd_le64(h, 0x48) < 1000 && rd_le32(h, 0x50) < 33 && rd_le32(h, 0x54) < 513 && rd_le32(h, 0x0c) < 513)
            ldmdisk_gpt_crc(b->image.disk, block);
    }
}

#endif
