/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gpt_write.c - see gpt_write.h. */
#include "gpt_write.h"

#include "common/base/crc32.h"
#include "common/base/mem.h"
#include "mbr.h"

#define ENTRIES      128u
#define ENTRY_BYTES  128u
#define HEADER_BYTES 92u
#define NAME_UNITS   36u

enum {
    HDR_REVISION = 0x08, HDR_SIZE = 0x0c, HDR_CRC = 0x10, HDR_MY_LBA = 0x18, HDR_ALTERNATE_LBA = 0x20,
    HDR_FIRST_USABLE = 0x28, HDR_LAST_USABLE = 0x30, HDR_DISK_GUID = 0x38, HDR_ARRAY_LBA = 0x48, HDR_ENTRIES = 0x50,
    HDR_ENTRY_BYTES = 0x54, HDR_ARRAY_CRC = 0x58,
    ENT_UNIQUE = 0x10, ENT_FIRST = 0x20, ENT_LAST = 0x28, ENT_NAME = 0x38,
};

static uint32_t array_blocks(uint32_t block_size)
{
    return GPT_ARRAY_BYTES / block_size;
}

uint32_t gpt_table_blocks(uint32_t block_size)
{
    return 1 + array_blocks(block_size);
}

static void write_array(const struct gpt_new *gpt, uint8_t *out)
{
    memset(out, 0, GPT_ARRAY_BYTES);
    for (size_t i = 0; i < gpt->count && i < ENTRIES; i++, out += ENTRY_BYTES) {
        const struct gpt_new_entry *e = &gpt->entries[i];

        guid_to_mixed(&e->type, out);
        guid_to_mixed(&e->unique, out + ENT_UNIQUE);
        wr_le64(out + ENT_FIRST, e->start);
        wr_le64(out + ENT_LAST, e->start + e->blocks - 1);
        for (size_t c = 0; c < NAME_UNITS && e->name[c]; c++)
            wr_le16(out + ENT_NAME + 2 * c, (uint8_t)e->name[c]);
    }
}

static void write_header(const struct gpt_new *gpt, uint64_t my_lba, uint64_t other_lba, uint64_t array_lba,
                         const uint8_t *array, uint8_t *out)
{
    memset(out, 0, gpt->block_size);
    memcpy(out, "EFI PART", 8);
    wr_le32(out + HDR_REVISION, 0x10000);
    wr_le32(out + HDR_SIZE, HEADER_BYTES);
    wr_le64(out + HDR_MY_LBA, my_lba);
    wr_le64(out + HDR_ALTERNATE_LBA, other_lba);
    wr_le64(out + HDR_FIRST_USABLE, 1 + gpt_table_blocks(gpt->block_size));
    wr_le64(out + HDR_LAST_USABLE, gpt->blocks - 1 - gpt_table_blocks(gpt->block_size));
    guid_to_mixed(&gpt->disk_guid, out + HDR_DISK_GUID);
    wr_le64(out + HDR_ARRAY_LBA, array_lba);
    wr_le32(out + HDR_ENTRIES, ENTRIES);
    wr_le32(out + HDR_ENTRY_BYTES, ENTRY_BYTES);
    wr_le32(out + HDR_ARRAY_CRC, crc32_update(0, array, GPT_ARRAY_BYTES));
    wr_le32(out + HDR_CRC, crc32_update(0, out, HEADER_BYTES));
}

/* One entry of type EE from block 1 to the end, or as far as 32 bits reach. */
static void write_protective(const struct gpt_new *gpt, uint8_t *out)
{
    uint8_t *entry = out + MBR_TABLE_OFF;
    uint64_t blocks = gpt->blocks - 1;

    memset(out, 0, gpt->block_size);
    memcpy(entry + 1, "\x00\x02\x00", 3);
    entry[4] = MBR_TYPE_PROTECTIVE;
    memcpy(entry + 5, "\xff\xff\xff", 3);
    wr_le32(entry + 8, 1);
    wr_le32(entry + 12, blocks > UINT32_MAX ? UINT32_MAX : (uint32_t)blocks);
    wr_le16(out + MBR_MAGIC_OFF, 0xaa55);
}

void gpt_write_head(const struct gpt_new *gpt, uint8_t *out)
{
    uint8_t *array = out + 2 * (size_t)gpt->block_size;

    write_protective(gpt, out);
    write_array(gpt, array);
    write_header(gpt, 1, gpt->blocks - 1, 2, array, out + gpt->block_size);
}

void gpt_write_tail(const struct gpt_new *gpt, uint8_t *out)
{
    write_array(gpt, out);
    write_header(gpt, gpt->blocks - 1, 1, gpt->blocks - gpt_table_blocks(gpt->block_size), out, out + GPT_ARRAY_BYTES);
}
