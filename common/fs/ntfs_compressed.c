/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntfs_compressed.c - streams that NTFS compressed. A unit of 16 clusters is stored as it is, or packed into the first
 * of its clusters with a hole for the others, or is one hole of zeros.
 *
 * Facts: the linux-ntfs project's public NTFS documentation, "Compressed Files".
 */
#include "common/base/mem.h"
#include "bytes.h"
#include "lznt1.h"
#include "ntfs_internal.h"

#define MAX_UNIT_BYTES 0x10000u  /* Windows compresses with clusters of up to 4 KiB */

struct unit {
    uint8_t *packed, *bytes;  /* MAX_UNIT_BYTES each */
    uint32_t size;
};

/* What is stored of the unit at `start`, as far as clusters go; the rest of it must be a hole. */
static enum status read_stored(const struct ntfs_volume *vol, const struct ntfs_stream *stream, uint64_t start,
                               const struct unit *unit, uint32_t *stored)
{
    bool hole = false;

    *stored = 0;
    for (uint32_t at = 0; at < unit->size;) {
        struct ntfs_place place;
        uint32_t          step;

        TRY(ntfs_stream_place(vol, stream, start + at, &place));
        step = place.bytes < unit->size - at ? (uint32_t)place.bytes : unit->size - at;
        if (hole && !place.hole)
            return STATUS_FS_DAMAGED;
        hole = place.hole;
        if (!hole) {
            TRY(dev_read_bytes(vol->dev, place.position, unit->packed + at, step));
            *stored += step;
        }
        at += step;
    }
    return STATUS_OK;
}

static enum status read_unit(const struct ntfs_volume *vol, const struct ntfs_stream *stream, uint64_t start,
                             const struct unit *unit)
{
    uint32_t stored;

    TRY(read_stored(vol, stream, start, unit, &stored));
    if (stored < unit->size)  /* nothing stored: zeros, which is what the decoder makes of it */
        return lznt1_decode(span_of(unit->packed, stored), unit->bytes, unit->size);
    memcpy(unit->bytes, unit->packed, unit->size);
    return STATUS_OK;
}

static enum status read_units(const struct ntfs_volume *vol, const struct ntfs_stream *stream, const struct unit *unit,
                              uint64_t off, uint8_t *out, size_t len)
{
    while (len > 0) {
        uint32_t into = (uint32_t)off & (unit->size - 1);
        size_t   step = unit->size - into < len ? unit->size - into : len;

        TRY(read_unit(vol, stream, off - into, unit));
        memcpy(out, unit->bytes + into, step);
        off += step;
        out += step;
        len -= step;
    }
    return STATUS_OK;
}

enum status ntfs_compressed_read(const struct ntfs_volume *vol, const struct ntfs_stream *stream, uint64_t off,
                                 void *buf, size_t len)
{
    size_t      end = arena_end(vol->arena), written;
    unsigned    shift = vol->cluster_shift + stream->unit_shift;
    struct unit unit;
    enum status st;

    if (!range_inside(off, len, stream->bytes))
        return STATUS_FS_DAMAGED;
    if (stream->unit_shift == 0 || shift > 16)
        return STATUS_FS_UNSUPPORTED;
    written = ntfs_written_part(stream, off, len);
    memset((uint8_t *)buf + written, 0, len - written);
    unit = (struct unit){ arena_borrow(vol->arena, MAX_UNIT_BYTES), arena_borrow(vol->arena, MAX_UNIT_BYTES),
                          (uint32_t)1 << shift };
    st = unit.packed && unit.bytes ? read_units(vol, stream, &unit, off, buf, written) : STATUS_NO_MEMORY;
    arena_give_back(vol->arena, end);
    return st;
}
