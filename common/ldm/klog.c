/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * klog.c - KLOG: what happened to mirror halves since the database was last written.
 *
 * Facts: docs/ldm-format.md, "KLOG".
 */
#include "decode.h"

static struct klog_entry entry_decode(struct span entry)
{
    return (struct klog_entry){
        .kind = rd_u8(entry, 0),
        .a = rd_be64(entry, KLOG_ENTRY_A),
        .b = rd_be64(entry, KLOG_ENTRY_B),
    };
}

enum status klog_page_decode(struct span sector, uint32_t page_index, struct klog_page *out)
{
    struct klog_page p = { .id = rd_be64(sector, KLOG_ID), .pages = rd_be32(sector, KLOG_PAGES) };

    if (sector.len != SECTOR_BYTES || !span_starts_with(sector, KLOG_MAGIC, 4))
        return STATUS_KLOG_BAD;
    if (rd_be32(sector, KLOG_PAGE) != page_index || page_index >= p.pages)
        return STATUS_KLOG_BAD;
    for (size_t i = 0; i < KLOG_ENTRIES_PER_PAGE; i++) {
        struct klog_entry e = entry_decode(span_sub(sector, KLOG_ENTRIES + i * KLOG_ENTRY_BYTES, KLOG_ENTRY_BYTES));

        if (e.kind == 0) {
            p.ended = true;
            break;
        }
        if (e.kind > KLOG_APP_DIRTY)
            return STATUS_KLOG_BAD;
        p.entries[p.count++] = e;
    }
    *out = p;
    return STATUS_OK;
}
