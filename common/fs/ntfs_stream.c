/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntfs_stream.c - the bytes of an attribute, wherever they are: in its MFT
 * record, in runs of clusters ("mapping pairs"), in holes, or never written.
 */
#include "common/base/checked.h"
#include "common/base/mem.h"
#include "bytes.h"
#include "ntfs_internal.h"

/* Resident attributes. */
#define RESIDENT_LENGTH 0x10
#define RESIDENT_OFFSET 0x14

/* Attributes in clusters; sizes count in the first record of an attribute only. */
#define RUNS_FIRST_VCN   0x10
#define RUNS_LAST_VCN    0x18
#define RUNS_OFFSET      0x20
#define RUNS_UNIT        0x22
#define RUNS_DATA_BYTES  0x30
#define RUNS_INITIALIZED 0x38

#define ATTRIBUTE_RESIDENCY 0x08
#define ATTRIBUTE_FLAGS     0x0c

#define MAX_STREAM_BYTES ((uint64_t)1 << 62)  /* keeps byte positions and VCNs far from overflow */

/* Little-endian and signed, of 0 to 8 bytes. */
static uint64_t signed_le(struct span s)
{
    uint64_t v = rd_le(s, 0, (unsigned)s.len);

    if (s.len > 0 && s.len < 8 && rd_u8(s, s.len - 1) & 0x80)
        v |= UINT64_MAX << (8 * s.len);
    return v;
}

/*
 * One run: a byte with the sizes of two numbers, the length of the run and the
 * distance from where the last one began (absent: a hole).
 * *run is the previous run on entry. False at the end; broken data sets c->bad.
 */
static bool decode_run(const struct ntfs_volume *vol, struct cursor *c, uint64_t *lcn, struct ntfs_run *run)
{
    uint8_t sizes = rd_u8(cur_bytes(c, 1), 0);
    uint64_t vcn = run->vcn + run->clusters, limit = MAX_STREAM_BYTES >> vol->cluster_shift;
    struct span length, distance;

    if (c->bad || sizes == 0)
        return false;
    length = cur_bytes(c, sizes & 15);
    distance = cur_bytes(c, sizes >> 4);
    *run = (struct ntfs_run){ vcn, NTFS_HOLE, signed_le(length) };
    if (length.len > 8 || distance.len > 8 || run->clusters == 0 || !range_inside(vcn, run->clusters, limit))
        c->bad = true;
    if (distance.len > 0) {
        *lcn += signed_le(distance);
        run->lcn = *lcn;
        if (!range_inside(run->lcn, run->clusters, vol->cluster_count))
            c->bad = true;
    }
    return !c->bad;
}

/* Decode mapping pairs that begin at `vcn`: into `out`, which has room for `max`, or count only when it is NULL. */
static enum status decode_runs(const struct ntfs_volume *vol, struct span pairs, uint64_t vcn, struct ntfs_run *out,
                               size_t max, size_t *count, uint64_t *next_vcn)
{
    struct cursor c = cursor_of(pairs);
    struct ntfs_run run = { vcn, NTFS_HOLE, 0 };
    uint64_t lcn = 0;
    size_t n = 0;

    while (n < pairs.len && decode_run(vol, &c, &lcn, &run)) {  /* each takes two bytes at least */
        if (out && n < max)  /* always: they were counted before */
            out[n] = run;
        n++;
    }
    if (c.bad)
        return STATUS_FS_DAMAGED;
    *count = n;
    *next_vcn = run.vcn + run.clusters;
    return STATUS_OK;
}

static enum status add_runs(struct ntfs_volume *vol, struct span attribute, struct ntfs_stream *stream)
{
    size_t offset = rd_le16(attribute, RUNS_OFFSET), count = 0;
    uint64_t first_vcn = rd_le64(attribute, RUNS_FIRST_VCN), next_vcn = 0;
    struct span pairs;
    struct ntfs_runs *runs;

    if (first_vcn != stream->clusters || offset > attribute.len)
        return STATUS_FS_DAMAGED;
    pairs = span_from(attribute, offset);
    TRY(decode_runs(vol, pairs, first_vcn, NULL, 0, &count, &next_vcn));
    if (next_vcn != rd_le64(attribute, RUNS_LAST_VCN) + 1)
        return STATUS_FS_DAMAGED;

    runs = arena_alloc(vol->arena, sizeof *runs);
    if (!runs || !(runs->run = arena_array(vol->arena, count, sizeof *runs->run)))
        return STATUS_NO_MEMORY;
    TRY(decode_runs(vol, pairs, first_vcn, runs->run, count, &runs->count, &next_vcn));
    if (stream->last)
        stream->last->next = runs;
    else
        stream->first = runs;
    stream->last = runs;
    stream->clusters = next_vcn;
    return STATUS_OK;
}

static enum status begin_in_clusters(struct span attribute, struct ntfs_stream *stream)
{
    stream->bytes = rd_le64(attribute, RUNS_DATA_BYTES);
    stream->initialized = rd_le64(attribute, RUNS_INITIALIZED);
    stream->unit_shift = rd_u8(attribute, RUNS_UNIT);
    if (stream->bytes > MAX_STREAM_BYTES || stream->initialized > stream->bytes)
        return STATUS_FS_DAMAGED;
    return STATUS_OK;
}

static enum status begin_resident(struct span record, uint64_t record_number, struct span attribute,
                                  struct ntfs_stream *stream)
{
    uint32_t len = rd_le32(attribute, RESIDENT_LENGTH);
    uint16_t offset = rd_le16(attribute, RESIDENT_OFFSET);

    if (!span_holds(attribute, offset, len))
        return STATUS_FS_DAMAGED;
    stream->bytes = stream->initialized = len;
    stream->record = record.data;
    stream->record_number = record_number;
    stream->value_offset = (uint32_t)(attribute.data - record.data) + offset;
    return STATUS_OK;
}

enum status ntfs_stream_add(struct ntfs_volume *vol, struct span record, uint64_t record_number, struct span attribute,
                            struct ntfs_stream *stream)
{
    bool resident = rd_u8(attribute, ATTRIBUTE_RESIDENCY) == 0, begun = stream->record || stream->first;

    if (resident)
        return begun ? STATUS_FS_DAMAGED : begin_resident(record, record_number, attribute, stream);
    if (stream->record)
        return STATUS_FS_DAMAGED;
    if (!begun) {
        stream->flags = rd_le16(attribute, ATTRIBUTE_FLAGS);
        TRY(begin_in_clusters(attribute, stream));
    }
    return add_runs(vol, attribute, stream);
}

struct span ntfs_resident(const struct ntfs_stream *stream)
{
    if (!stream->record)
        return span_of(NULL, 0);
    return span_of(stream->record + stream->value_offset, (size_t)stream->bytes);
}

/* The run that holds a VCN, or NULL. */
static const struct ntfs_run *find_run(const struct ntfs_stream *stream, uint64_t vcn)
{
    for (const struct ntfs_runs *runs = stream->first; runs; runs = runs->next) {
        size_t low = 0, high = runs->count;

        if (high == 0 || vcn >= runs->run[high - 1].vcn + runs->run[high - 1].clusters)
            continue;
        while (high - low > 1) {
            size_t middle = (low + high) / 2;

            if (runs->run[middle].vcn <= vcn)
                low = middle;
            else
                high = middle;
        }
        return &runs->run[low];
    }
    return NULL;
}

enum status ntfs_stream_place(const struct ntfs_volume *vol, const struct ntfs_stream *stream, uint64_t off,
                              struct ntfs_place *place)
{
    const struct ntfs_run *run = find_run(stream, off >> vol->cluster_shift);
    uint64_t into;

    if (!run)
        return STATUS_FS_DAMAGED;
    into = off - (run->vcn << vol->cluster_shift);
    place->hole = run->lcn == NTFS_HOLE;
    place->position = place->hole ? 0 : (run->lcn << vol->cluster_shift) + into;
    place->bytes = (run->clusters << vol->cluster_shift) - into;
    return STATUS_OK;
}

/* Bytes that are in clusters and initialized. */
static enum status read_clusters(const struct ntfs_volume *vol, const struct ntfs_stream *stream, uint64_t off,
                                 uint8_t *out, size_t len)
{
    while (len > 0) {
        struct ntfs_place place;
        size_t step;

        TRY(ntfs_stream_place(vol, stream, off, &place));
        step = place.bytes < len ? (size_t)place.bytes : len;
        if (place.hole)
            memset(out, 0, step);
        else
            TRY(dev_read_bytes(vol->dev, place.position, out, step));
        off += step;
        out += step;
        len -= step;
    }
    return STATUS_OK;
}

size_t ntfs_written_part(const struct ntfs_stream *stream, uint64_t off, size_t len)
{
    if (off >= stream->initialized)
        return 0;
    return len > stream->initialized - off ? (size_t)(stream->initialized - off) : len;
}

enum status ntfs_stream_read(const struct ntfs_volume *vol, const struct ntfs_stream *stream, uint64_t off, void *buf,
                             size_t len)
{
    size_t written;

    if (!range_inside(off, len, stream->bytes))
        return STATUS_FS_DAMAGED;
    if (stream->record) {
        memcpy(buf, stream->record + stream->value_offset + (size_t)off, len);
        return STATUS_OK;
    }
    written = ntfs_written_part(stream, off, len);
    memset((uint8_t *)buf + written, 0, len - written);
    return read_clusters(vol, stream, off, buf, written);
}
