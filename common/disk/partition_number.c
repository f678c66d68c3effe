/* SPDX-License-Identifier: GPL-2.0-or-later */
/* partition_number.c - see partition_number.h. */
#include "partition_number.h"

#include "common/base/mem.h"

static bool is_extended(const struct mbr_entry *e)
{
    return e->type == MBR_TYPE_EXTENDED || e->type == MBR_TYPE_EXTENDED_LBA;
}

bool partition_is_numbered(const struct mbr_entry *entry)
{
    return entry->type != 0 && !is_extended(entry);
}

static const struct mbr_entry *extended_entry(const struct mbr *mbr)
{
    for (size_t i = 0; i < MBR_ENTRIES; i++)
        if (is_extended(&mbr->entries[i]))
            return &mbr->entries[i];
    return NULL;
}

/* The table at the head of a link of the chain; false: not readable, or none. */
static bool read_link(struct block_device *dev, uint64_t block, struct mbr *out)
{
    uint8_t sector[SECTOR_BYTES];

    if (block >= dev->block_count ||
        blk_read_sectors(dev, block * (dev->block_size / SECTOR_BYTES), 1, sector) != STATUS_OK)
        return false;
    *out = mbr_parse(span_of(sector, sizeof sector));
    return out->valid;
}

static void add_drives(struct logical_drives *list, const struct mbr *table, uint64_t link)
{
    for (size_t i = 0; i < MBR_ENTRIES; i++) {
        struct mbr_entry e = table->entries[i];

        if (!partition_is_numbered(&e) || list->count == LOGICAL_DRIVES_MAX || e.start > UINT32_MAX - link)
            continue;
        e.start += (uint32_t)link;  /* drives count from the link that names them */
        list->drives[list->count++] = e;
    }
}

void logical_drives_read(struct block_device *dev, const struct mbr *mbr, struct logical_drives *out)
{
    const struct mbr_entry *base = extended_entry(mbr), *next = base;
    uint64_t                link = base ? base->start : 0;
    struct mbr              table;

    memset(out, 0, sizeof *out);
    for (size_t i = 0; next && i < LOGICAL_DRIVES_MAX; i++) {
        if (link > UINT32_MAX || !read_link(dev, link, &table))
            return;
        add_drives(out, &table, link);
        next = extended_entry(&table);
        if (next)
            link = (uint64_t)base->start + next->start;  /* links count from the first one */
    }
}

unsigned partition_number(const struct mbr *mbr, const struct logical_drives *logical, uint64_t start)
{
    unsigned number = 0;

    for (size_t i = 0; i < MBR_ENTRIES; i++) {
        if (!partition_is_numbered(&mbr->entries[i]))
            continue;
        number++;
        if (mbr->entries[i].start == start)
            return number;
    }
    for (size_t i = 0; logical && i < logical->count; i++)
        if (logical->drives[i].start == start)
            return number + (unsigned)i + 1;
    return 0;
}
