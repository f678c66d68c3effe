/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntfs_wof.c - see ntfs_wof.h.
 *
 * The file's ordinary stream is one hole of its size; a stream "WofCompressedData" has the ends of the chunks but the
 * last, then the chunks, each packed for itself or, where that would not make it smaller, as it is.
 * Facts: Microsoft's WOF_EXTERNAL_INFO and FILE_PROVIDER_EXTERNAL_INFO_V1 (WDK), which the reparse point holds;
 * wimlib's documentation of compressed resources, which have the same form.
 */
#include "ntfs_wof.h"

#include "common/base/mem.h"
#include "lzx.h"
#include "ntfs_internal.h"
#include "xpress.h"

/* The reparse point's data. */
enum wof_offset { WOF_VERSION = 0x08, WOF_PROVIDER = 0x0c, WOF_FILE_VERSION = 0x10, WOF_ALGORITHM = 0x14, WOF_BYTES = 0x18 };

#define WOF_CURRENT       1u  /* both versions */
#define WOF_PROVIDER_FILE 2u  /* the data is in the file; 1: in a WIM file elsewhere */

enum wof_algorithm { WOF_XPRESS4K, WOF_LZX, WOF_XPRESS8K, WOF_XPRESS16K, WOF_ALGORITHMS };

#define STREAM_NAME  "WofCompressedData"
#define ENTRY_BYTES  4u       /* of the chunks' ends; 8 for files that are larger than any program */
#define WINDOW_BYTES 0x10000u /* of packed data, read together */

static const uint8_t chunk_shifts[WOF_ALGORITHMS] = { 12, 15, 13, 14 };

/* Memory to read with. */
struct wof_reader {
    const struct ntfs_volume *vol;
    const struct ntfs_file   *file;
    uint32_t                  chunk_bytes, chunks, table_bytes;
    uint32_t                  first;      /* of the chunks that are wanted */
    uint8_t                  *ends;       /* from that of the chunk before `first` on */
    uint32_t                  end_count;
    uint8_t                  *window, *chunk;
    uint64_t                  window_start;
    uint32_t                  window_bytes;
    struct lzx               *work;
};

static enum status open_wof(struct ntfs_volume *vol, const struct ntfs_inode *inode, struct span reparse,
                            struct ntfs_file *f)
{
    enum status st;

    if (reparse.len < WOF_BYTES || rd_le32(reparse, WOF_VERSION) != WOF_CURRENT ||
        rd_le32(reparse, WOF_PROVIDER) != WOF_PROVIDER_FILE || rd_le32(reparse, WOF_FILE_VERSION) != WOF_CURRENT ||
        rd_le32(reparse, WOF_ALGORITHM) >= WOF_ALGORITHMS || f->data.bytes > UINT32_MAX)
        return STATUS_FS_WOF;
    f->algorithm = rd_le32(reparse, WOF_ALGORITHM);
    st = ntfs_inode_stream(vol, inode, NTFS_DATA, STREAM_NAME, &f->packed);
    return st == STATUS_FILE_NOT_FOUND ? STATUS_FS_DAMAGED : st;
}

/* ---- chunks */

/* Where chunk `n` ends, from the table's end on; of chunk -1: where the first begins. */
static uint64_t end_of(const struct wof_reader *r, uint64_t n_plus_1)
{
    if (n_plus_1 == 0)
        return 0;
    if (n_plus_1 == r->chunks)
        return r->file->packed.bytes - r->table_bytes;
    return rd_le32(span_of(r->ends, r->end_count * ENTRY_BYTES), (size_t)(n_plus_1 - r->first) * ENTRY_BYTES);
}

/* The ends of chunks `first` - 1 to `last`; those of chunk -1 and of the last of all are in no table. */
static enum status read_ends(struct wof_reader *r, uint32_t first, uint32_t last)
{
    uint32_t from = first > 0 ? first - 1 : 0, to = last + 1 < r->chunks ? last + 1 : r->chunks - 1;

    r->first = first;
    r->end_count = last - first + 2;
    r->ends = arena_borrow(r->vol->arena, (size_t)r->end_count * ENTRY_BYTES);
    if (!r->ends)
        return STATUS_NO_MEMORY;
    if (to <= from)
        return STATUS_OK;
    return ntfs_stream_read(r->vol, &r->file->packed, (uint64_t)from * ENTRY_BYTES,
                            r->ends + (first > 0 ? 0 : ENTRY_BYTES), (size_t)(to - from) * ENTRY_BYTES);
}

/* Packed bytes by way of the window, which goes on from where they begin. */
static enum status packed_bytes(struct wof_reader *r, uint64_t start, uint32_t len, struct span *out)
{
    uint64_t limit = r->file->packed.bytes;

    if (!range_inside(start, len, limit))
        return STATUS_FS_DAMAGED;
    if (start < r->window_start || !range_inside(start - r->window_start, len, r->window_bytes)) {
        r->window_start = start;
        r->window_bytes = limit - start < WINDOW_BYTES ? (uint32_t)(limit - start) : WINDOW_BYTES;
        TRY(ntfs_stream_read(r->vol, &r->file->packed, start, r->window, r->window_bytes));
    }
    *out = span_of(r->window + (start - r->window_start), len);
    return STATUS_OK;
}

static enum status read_chunk(struct wof_reader *r, uint32_t n)
{
    uint64_t    start = end_of(r, n), end = end_of(r, (uint64_t)n + 1), bytes = r->file->data.bytes;
    uint32_t    len = r->chunk_bytes;
    struct span packed;

    if (n + 1 == r->chunks)
        len = (uint32_t)(bytes - (uint64_t)n * r->chunk_bytes);
    if (end <= start || end - start > len)
        return STATUS_FS_DAMAGED;
    TRY(packed_bytes(r, r->table_bytes + start, (uint32_t)(end - start), &packed));
    if (packed.len == len) {
        memcpy(r->chunk, packed.data, len);
        return STATUS_OK;
    }
    if (r->file->algorithm == WOF_LZX)
        return lzx_decode(packed, r->chunk, len, r->work);
    return xpress_decode(packed, r->chunk, len, &r->work->main);
}

static enum status read_chunks(struct wof_reader *r, uint64_t off, uint8_t *out, size_t len)
{
    unsigned shift = chunk_shifts[r->file->algorithm];

    TRY(read_ends(r, (uint32_t)(off >> shift), (uint32_t)((off + len - 1) >> shift)));
    while (len > 0) {
        uint32_t into = (uint32_t)off & (r->chunk_bytes - 1);
        size_t   step = r->chunk_bytes - into < len ? r->chunk_bytes - into : len;

        TRY(read_chunk(r, (uint32_t)(off >> shift)));
        memcpy(out, r->chunk + into, step);
        off += step;
        out += step;
        len -= step;
    }
    return STATUS_OK;
}

static enum status read_wof(const struct ntfs_volume *vol, const struct ntfs_file *file, uint64_t off, void *buf,
                            size_t len)
{
    struct wof_reader r = { .vol = vol, .file = file };
    unsigned          shift = chunk_shifts[file->algorithm];
    size_t            end = arena_end(vol->arena);
    enum status       st = STATUS_NO_MEMORY;

    if (!range_inside(off, len, file->data.bytes))
        return STATUS_FS_DAMAGED;
    if (len == 0)
        return STATUS_OK;
    r.chunk_bytes = (uint32_t)1 << shift;
    r.chunks = (uint32_t)((file->data.bytes + r.chunk_bytes - 1) >> shift);
    r.table_bytes = (r.chunks - 1) * ENTRY_BYTES;
    r.window = arena_borrow(vol->arena, WINDOW_BYTES);
    r.chunk = arena_borrow(vol->arena, r.chunk_bytes);
    r.work = arena_borrow(vol->arena, sizeof *r.work);
    if (file->packed.bytes < r.table_bytes)
        st = STATUS_FS_DAMAGED;
    else if (r.window && r.chunk && r.work)
        st = read_chunks(&r, off, buf, len);
    arena_give_back(vol->arena, end);
    return st;
}

static const struct ntfs_wof wof = { open_wof, read_wof };

void fs_allow_wof(struct fs_volume *fs)
{
    if (fs->kind == FS_NTFS)
        fs->u.ntfs.wof = &wof;
}
