/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_scan.c - whole disks from the fuzzer's bytes, through ldm_scan().
 *
 * A fuzzer cannot invent a 10 MB disk with checksums. So the input is a list of
 * changes to a good mirror (tests/support/ldmdisk.h), and checksums and CRCs are
 * put right afterwards when the input asks for it:
 *
 *   byte 0     FLAG_*
 *   then       place (1 byte, enum place), n (2 bytes, little-endian), offset (2), length (1), bytes
 *              PLACE_FAULT: sectors n.. cannot be read; PLACE_CLIP: the disk is shown n * 8 blocks long;
 *              PLACE_ARENA: memory is n * 64 bytes
 *
 * What must hold: no crash, no read outside a buffer, OK or NO_MEMORY, and a view
 * in which everything usable really is on its disks.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/checked.h"
#include "common/ldm/disk.h"
#include "common/ldm/scan.h"
#include "common/base/mem.h"
#include "common/base/span.h"
#include "tests/support/ldmdisk.h"
#include "tests/support/memdisk.h"

#define BLOCKS      20000u
#define ARENA_BYTES (8u << 20)
#define SLOTS       204u  /* a small database: more inputs per second */
#define MAX_SAVED   64
#define MAX_CHANGES 24

enum { FLAG_GPT = 1, FLAG_4096 = 2, FLAG_SCATTER = 4, FLAG_FIX = 8, FLAG_TWO_DISKS = 16, BASES = 8 };

enum place {
    PLACE_SECTOR0, PLACE_LBA6, PLACE_PRIVHEAD, PLACE_SPARE, PLACE_TOC, PLACE_VMDB, PLACE_SLOT, PLACE_KLOG,
    PLACE_GPT_HEADER, PLACE_GPT_ARRAY, PLACE_GPT_BACKUP, PLACE_FAULT, PLACE_CLIP, PLACE_ARENA, PLACES
};

struct saved {
    uint64_t sector;
    uint8_t  bytes[512];
};

/* One disk: built once, changed for each input, changed back. */
struct base {
    struct ldmdisk image;
    struct saved   saved[MAX_SAVED];
    size_t         saved_count;
};

static struct base *bases[2][BASES];
static uint8_t     *memory;

static struct base *base_of(unsigned self, unsigned flags)
{
    struct base **b = &bases[self][flags % BASES];

    if (!*b) {
        uint32_t block = flags & FLAG_4096 ? 4096 : 512;

        *b = calloc(1, sizeof **b);
        ldmdisk_mirror(&(*b)->image, memdisk_new(self ? "second" : "first", block, BLOCKS), flags & FLAG_GPT,
                       self ? 1 : 2);
        (*b)->image.slots = SLOTS;
        (*b)->image.scatter = flags & FLAG_SCATTER;
        ldmdisk_write(&(*b)->image);
    }
    return *b;
}

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
    b->image.disk->dev.block_count = BLOCKS;
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
    default:               return 0;
    }
}

/* Apply one change; returns the rest of the input. */
static struct span change(struct base *b, struct span in, size_t *arena_bytes)
{
    enum place  place = rd_u8(in, 0) % PLACES;
    uint32_t    n = rd_le16(in, 1), offset = rd_le16(in, 3) % 512, len = rd_u8(in, 5);
    struct span bytes;

    in = in.len > 6 ? span_sub(in, 6, in.len - 6) : span_of(in.data, 0);
    if (place == PLACE_FAULT && b->image.disk->fault_count < 8) {
        memdisk_fail(b->image.disk, n, len + 1, offset & 1 ? STATUS_READ_SILENT : STATUS_READ_FAILED);
    } else if (place == PLACE_CLIP) {
        b->image.disk->dev.block_count = n * 8u % BLOCKS;
    } else if (place == PLACE_ARENA) {
        *arena_bytes = n * 64u;
    } else if (place < PLACE_FAULT) {
        uint8_t *sector = touch(b, sector_of(b, place, n));

        if (place == PLACE_SLOT)
            offset = n % 4 * 128 + offset % 128;
        len = len < 512 - offset ? len : 512 - offset;
        bytes = in.len < len ? in : span_sub(in, 0, len);
        if (sector && bytes.len)
            memcpy(sector + offset, bytes.data, bytes.len);
        in = span_sub(in, bytes.len, in.len - bytes.len);
    }
    return in;
}

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

        if (rd_le64(h, 0x48) < 1000 && rd_le32(h, 0x50) < 1025 && rd_le32(h, 0x54) < 4097 && rd_le32(h, 0x0c) < 513)
            ldmdisk_gpt_crc(b->image.disk, block);
    }
}

/* ---- what must hold */

static void require(bool ok)
{
    if (!ok)
        abort();
}

static size_t text_lengths;  /* so that every name is really looked at */

static void check_notes(const struct note_list *list)
{
    size_t n = 0;

    for (const struct note *note = list->first; note; note = note->next, n++)
        text_lengths += strlen(note->text);
    require(n == list->count);
}

static void check_component(const struct ldm_component *c, bool memory_enough)
{
    check_notes(&c->reasons);
    text_lengths += strlen(c->name) + strlen(c->state_text) + strlen(ldm_component_state_name(c->state));
    require(!c->usable || (c->present && c->complete && c->state == COMPONENT_ACTIVE && c->reasons.count == 0));
    require(c->usable || c->reasons.count > 0 || !memory_enough);  /* a full arena drops notes */
    for (size_t i = 0; i < c->extent_count; i++) {
        const struct ldm_extent *x = &c->extents[i];

        require(x->partition->component == c);
        text_lengths += strlen(x->partition->name);
        if (c->present)
            require(x->disk && range_inside(x->lba, x->sectors, blk_sectors(x->disk->dev)));
    }
}

static void check_view(const struct ldm_view *v, bool memory_enough)
{
    for (size_t i = 0; i < v->disk_count; i++) {
        check_notes(&v->disks[i].notes);
        text_lengths += strlen(ldm_disk_status_name(&v->disks[i]));
        require(v->disks[i].status != STATUS_OK || v->disks[i].group);
    }
    for (size_t g = 0; g < v->group_count; g++) {
        check_notes(&v->groups[g].notes);
        for (size_t i = 0; i < v->groups[g].volume_count; i++) {
            const struct ldm_volume *volume = &v->groups[g].volumes[i];

            text_lengths += strlen(volume->name) + strlen(volume->hint) + strlen(volume->state_text);
            for (size_t c = 0; c < volume->component_count; c++)
                require(volume->components[c]->volume == volume);
        }
        for (size_t i = 0; i < v->groups[g].component_count; i++)
            check_component(&v->groups[g].components[i], memory_enough);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned             flags = size ? data[0] : 0;
    struct base         *b = base_of(0, flags);
    struct block_device *disks[2] = { &b->image.disk->dev, NULL };
    size_t               arena_bytes = ARENA_BYTES, n = 1;
    struct span          in = span_of(data + (size ? 1 : 0), size ? size - 1 : 0);
    struct arena         arena;
    struct ldm_view      view;
    enum status          st;

    if (!memory)
        memory = malloc(ARENA_BYTES);
    for (unsigned i = 0; i < MAX_CHANGES && in.len > 0; i++)
        in = change(b, in, &arena_bytes);
    if (flags & FLAG_FIX)
        fix_checksums(b);
    if (flags & FLAG_TWO_DISKS)
        disks[n++] = &base_of(1, flags)->image.disk->dev;
    arena = arena_of(memory, arena_bytes);
    st = ldm_scan(disks, n, NULL, &arena, &view);
    require(st == STATUS_OK || st == STATUS_NO_MEMORY);
    require(arena.size == arena_bytes);
    if (st == STATUS_OK)
        check_view(&view, arena_bytes == ARENA_BYTES);
    restore(b);
    return 0;
}
