/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * klog.c - KLOG: what happened to mirror halves since the database was last written.
 *
 * Facts: docs/ldm-format.md, "KLOG".
 */
#include "common/base/sort.h"
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

/* ---- what a log says of an object: entries are in the order of their kind and object, the latest transaction first */

static bool before(const void *a, const void *b)
{
    const struct klog_entry *x = a, *y = b;

    if (x->kind != y->kind)
        return x->kind < y->kind;
    return x->a != y->a ? x->a < y->a : x->b > y->b;
}

void klog_sort(struct klog_entry *entries, size_t count)
{
    sort_items(entries, count, sizeof *entries, before);
}

/* The first entry that is this one or comes behind it, when it is of the same kind and object; else NULL. */
static const struct klog_entry *find_from(const struct ldm_disk *d, const struct klog_entry *wanted)
{
    size_t i = sort_find(d->klog, d->klog_count, sizeof *d->klog, before, wanted);

    if (i == d->klog_count || d->klog[i].kind != wanted->kind || d->klog[i].a != wanted->a)
        return NULL;
    return &d->klog[i];
}

static bool names(const struct ldm_disk *d, enum klog_kind kind, uint64_t since, uint64_t id)
{
    const struct klog_entry *latest = find_from(d, &(struct klog_entry){ (uint8_t)kind, id, UINT64_MAX });

    return latest && (latest->b >= since || find_from(d, &(struct klog_entry){ (uint8_t)kind, id, 0 }));
}

bool klog_names(const struct ldm_disk *d, enum klog_kind kind, uint64_t since, const struct ldm_component *c)
{
    if (d->klog_bad || d->klog_count == 0)
        return false;
    if (names(d, kind, since, c->id) || (c->volume && names(d, kind, since, c->volume->id)))
        return true;
    for (size_t i = 0; i < c->extent_count; i++) {
        const struct ldm_partition *p = c->extents[i].partition;

        if (names(d, kind, since, p->id) || (p->disk && names(d, kind, since, p->disk->id)))
            return true;
    }
    return false;
}
