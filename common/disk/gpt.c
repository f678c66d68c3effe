/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gpt.c - GUID partition table: the first copy whose CRCs hold (UEFI specification 2.10, 5.3). */
#include "gpt.h"

#include "common/base/crc32.h"
#include "common/base/mem.h"

#define HEADER_LBA       1
#define HEADER_MIN_BYTES 92
#define ENTRY_MIN_BYTES  128
#define ENTRY_MAX_BYTES  4096
#define ARRAY_MAX_BYTES  (128u * 1024)  /* eight times what Windows makes */
#define MAX_BLOCK_BYTES  4096

enum {
    HDR_SIZE = 0x0c, HDR_CRC = 0x10, HDR_MY_LBA = 0x18, HDR_ALTERNATE_LBA = 0x20, HDR_DISK_GUID = 0x38,
    HDR_ARRAY_LBA = 0x48, HDR_ENTRIES = 0x50, HDR_ENTRY_BYTES = 0x54, HDR_ARRAY_CRC = 0x58,
    ENT_TYPE = 0x00, ENT_UNIQUE = 0x10, ENT_FIRST = 0x20, ENT_LAST = 0x28,
};

const struct guid gpt_type_ldm_metadata = { { 0x58, 0x08, 0xc8, 0xaa, 0x7e, 0x8f, 0x42, 0xe0,
                                              0x85, 0xd2, 0xe1, 0xe9, 0x04, 0x34, 0xcf, 0xb3 } };
const struct guid gpt_type_ldm_data     = { { 0xaf, 0x9b, 0x60, 0xa0, 0x14, 0x31, 0x4f, 0x62,
                                              0xbc, 0x68, 0x33, 0x11, 0x71, 0x4a, 0x69, 0xad } };
const struct guid gpt_type_efi_system   = { { 0xc1, 0x2a, 0x73, 0x28, 0xf8, 0x1f, 0x11, 0xd2,
                                              0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b } };
const struct guid gpt_type_reserved     = { { 0xe3, 0xc9, 0xe3, 0x16, 0x0b, 0x5c, 0x4d, 0xb8,
                                              0x81, 0x7d, 0xf9, 0x2d, 0xf0, 0x02, 0x15, 0xae } };
const struct guid gpt_type_basic_data   = { { 0xeb, 0xd0, 0xa0, 0xa2, 0xb9, 0xe5, 0x44, 0x33,
                                              0x87, 0xc0, 0x68, 0xb6, 0xb7, 0x26, 0x99, 0xc7 } };

/* The disk, and the blocks of it that the caller has in memory already. */
struct source {
    struct block_device *dev;
    struct span          head;
};

struct header {
    uint64_t    alternate_lba, array_lba;
    uint32_t    entries, entry_bytes, array_crc;
    struct guid disk_guid;
};

/* `count` blocks at `lba`: from the caller's memory, or read into `buf`. Empty when they cannot be read. */
static struct span get_blocks(const struct source *src, uint64_t lba, uint32_t count, uint8_t *buf)
{
    size_t   block = src->dev->block_size, bytes = count * block;
    uint64_t head_blocks = src->head.len / block;

    if (range_inside(lba, count, head_blocks))
        return span_sub(src->head, (size_t)lba * block, bytes);
    if (blk_read(src->dev, lba, count, buf) != STATUS_OK)
        return span_of(buf, 0);
    return span_of(buf, bytes);
}

/* CRC of the header's own `size` bytes, its CRC field taken as zero. */
static uint32_t header_crc(struct span s, uint32_t size)
{
    static const uint8_t zero[4];
    uint32_t             crc = crc32_update(0, s.data, HDR_CRC);

    crc = crc32_update(crc, zero, sizeof zero);
    return crc32_update(crc, s.data + HDR_CRC + sizeof zero, size - HDR_CRC - sizeof zero);
}

static bool entry_bytes_sane(uint32_t bytes)
{
    return bytes >= ENTRY_MIN_BYTES && bytes <= ENTRY_MAX_BYTES && (bytes & (bytes - 1)) == 0;
}

static bool header_decode(struct span s, uint64_t lba, struct header *out)
{
    uint32_t      size = rd_le32(s, HDR_SIZE);
    struct header h = {
        .alternate_lba = rd_le64(s, HDR_ALTERNATE_LBA),
        .array_lba = rd_le64(s, HDR_ARRAY_LBA),
        .entries = rd_le32(s, HDR_ENTRIES),
        .entry_bytes = rd_le32(s, HDR_ENTRY_BYTES),
        .array_crc = rd_le32(s, HDR_ARRAY_CRC),
        .disk_guid = guid_from_mixed(s, HDR_DISK_GUID),
    };

    if (!span_starts_with(s, "EFI PART", 8) || size < HEADER_MIN_BYTES || size > s.len)
        return false;
    if (header_crc(s, size) != rd_le32(s, HDR_CRC) || rd_le64(s, HDR_MY_LBA) != lba)
        return false;
    if (!entry_bytes_sane(h.entry_bytes) || h.entries == 0 || h.entries > ARRAY_MAX_BYTES / h.entry_bytes)
        return false;
    *out = h;
    return true;
}

/* False for an unused entry, and for one that ends before it begins. */
static bool entry_decode(struct span s, unsigned number, struct gpt_entry *out)
{
    uint64_t         first = rd_le64(s, ENT_FIRST), last = rd_le64(s, ENT_LAST);
    struct gpt_entry e = {
        .number = number,
        .type = guid_from_mixed(s, ENT_TYPE),
        .unique = guid_from_mixed(s, ENT_UNIQUE),
        .start = first,
        .blocks = last - first + 1,
    };

    if (guid_is_zero(&e.type) || last < first || last == UINT64_MAX)
        return false;
    *out = e;
    return true;
}

/* The entry array behind a good header. GPT_BAD_BOTH stands for "this copy is bad" here. */
static enum status array_read(const struct source *src, const struct header *h, struct arena *a, struct gpt *out)
{
    uint32_t    bytes = h->entries * h->entry_bytes, block = src->dev->block_size;
    uint32_t    blocks = (bytes + block - 1) / block;
    uint32_t    wanted = h->entries < GPT_MAX_ENTRIES ? h->entries : GPT_MAX_ENTRIES;
    uint8_t    *buf = arena_borrow(a, (size_t)blocks * block);
    struct span array;

    if (!buf)
        return STATUS_NO_MEMORY;
    array = span_sub(get_blocks(src, h->array_lba, blocks, buf), 0, bytes);
    if (array.len != bytes || crc32_update(0, array.data, array.len) != h->array_crc)
        return STATUS_GPT_BAD_BOTH;

    out->entries = arena_array(a, wanted, sizeof *out->entries);
    if (!out->entries)
        return STATUS_NO_MEMORY;
    out->disk_guid = h->disk_guid;
    out->count = 0;
    for (uint32_t i = 0; i < wanted; i++)
        if (entry_decode(span_sub(array, (size_t)i * h->entry_bytes, h->entry_bytes), i + 1, &out->entries[out->count]))
            out->count++;
    return STATUS_OK;
}

/*
 * One copy. *alternate: where the header says that the other copy is; untouched
 * when the header itself is bad.
 */
static enum status copy_read(const struct source *src, uint64_t lba, struct arena *a, uint64_t *alternate,
                             struct gpt *out)
{
    uint8_t       block[MAX_BLOCK_BYTES];
    struct header h;
    size_t        end = arena_end(a), mark = arena_mark(a);
    enum status   st;

    if (!header_decode(get_blocks(src, lba, 1, block), lba, &h))
        return STATUS_GPT_BAD_BOTH;
    *alternate = h.alternate_lba;
    st = array_read(src, &h, a, out);
    arena_give_back(a, end);
    if (st != STATUS_OK)
        arena_release(a, mark);
    return st;
}

enum status gpt_read(struct block_device *dev, const uint8_t *head, uint32_t head_blocks,
                     struct arena *a, struct gpt *out)
{
    struct source src = { dev, span_of(head, (size_t)head_blocks * dev->block_size) };
    struct gpt    gpt = { 0 };
    uint64_t      last, alternate = 0, unused = 0;
    enum status   st;

    if (dev->block_size < SECTOR_BYTES || dev->block_size > MAX_BLOCK_BYTES || dev->block_count <= HEADER_LBA)
        return STATUS_GPT_BAD_BOTH;
    last = dev->block_count - 1;

    st = copy_read(&src, HEADER_LBA, a, &alternate, &gpt);
    if (st == STATUS_GPT_BAD_BOTH) {
        gpt.from_backup = true;
        /* On a disk that was enlarged the backup is where the primary says, not at the end. */
        if (alternate > HEADER_LBA && alternate < last)
            st = copy_read(&src, alternate, a, &unused, &gpt);
        if (st == STATUS_GPT_BAD_BOTH)
            st = copy_read(&src, last, a, &unused, &gpt);
    }
    if (st == STATUS_OK)
        *out = gpt;
    return st;
}

const struct gpt_entry *gpt_find_type(const struct gpt *gpt, const struct guid *type)
{
    for (size_t i = 0; i < gpt->count; i++)
        if (guid_equal(&gpt->entries[i].type, type))
            return &gpt->entries[i];
    return NULL;
}
