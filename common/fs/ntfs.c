/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntfs.c - NTFS, read only: files by their path, and what is in them. */
#include "ntfs.h"

#include "ntfs_internal.h"

#define RECORD_ROOT          5u

#define RECORD_USA_OFFSET    0x04               /* of the update sequence array, in a record */
#define FIX_UP_OFFSET        (NTFS_STRIDE - 2)  /* of what the array replaces, in each stride */

#define REPARSE_TAG_WOF      0x80000017u  /* compressed by Windows Overlay Filter (compact.exe, "CompactOS") */

/* Look for names in the directory with this reference. FILE_NOT_FOUND when it is a file. */
static enum status search_directory(struct ntfs_volume *vol, uint64_t reference, struct fs_lookup *names, size_t n)
{
    size_t mark = arena_mark(vol->arena);
    struct ntfs_inode inode;
    enum status st = ntfs_inode_open(vol, reference, &inode);

    if (st == STATUS_OK)
        st = inode.is_directory ? ntfs_search(vol, &inode, names, n) : STATUS_FILE_NOT_FOUND;
    arena_release(vol->arena, mark);
    return st;
}

/* The MFT reference of what a path names; the root's for an empty one. */
static enum status resolve(struct ntfs_volume *vol, const char *path, uint64_t *reference)
{
    struct fs_lookup part = { 0 };

    *reference = RECORD_ROOT;
    while (fs_path_next(&path, &part.name)) {
        part.found = false;
        TRY(search_directory(vol, *reference, &part, 1));
        if (!part.found)
            return STATUS_FILE_NOT_FOUND;
        *reference = part.reference;
    }
    return STATUS_OK;
}

static enum status open_reparsed(struct ntfs_volume *vol, const struct ntfs_inode *inode,
                                 const struct ntfs_stream *reparse, struct ntfs_file *f)
{
    uint8_t     bytes[32];
    size_t      len = reparse->bytes < sizeof bytes ? (size_t)reparse->bytes : sizeof bytes;
    struct span data = span_of(bytes, len);

    f->storage = FS_STORED_ELSEWHERE;
    TRY(ntfs_stream_read(vol, reparse, 0, bytes, len));
    if (rd_le32(data, 0) != REPARSE_TAG_WOF)
        return STATUS_FS_UNSUPPORTED;
    f->storage = FS_STORED_WOF;
    return vol->wof ? vol->wof->open(vol, inode, data, f) : STATUS_FS_WOF;
}

/* How the data is stored: as its attribute says, unless a reparse point has it elsewhere. OK, or why it cannot be read. */
static enum status open_data(struct ntfs_volume *vol, const struct ntfs_inode *inode, struct ntfs_file *f)
{
    struct ntfs_stream reparse;
    enum status        st = ntfs_inode_stream(vol, inode, NTFS_REPARSE_POINT, NTFS_NO_NAME, &reparse);

    if (st == STATUS_OK)
        return open_reparsed(vol, inode, &reparse, f);
    if (st != STATUS_FILE_NOT_FOUND)
        return st;
    if (f->data.flags & NTFS_ATTRIBUTE_ENCRYPTED) {
        f->storage = FS_STORED_ENCRYPTED;
        return STATUS_FS_ENCRYPTED;
    }
    if (f->data.flags & NTFS_ATTRIBUTE_COMPRESSED)
        f->storage = FS_STORED_COMPRESSED;
    return STATUS_OK;
}

static enum status open_file(struct ntfs_volume *vol, uint64_t reference, struct ntfs_file *file, bool *is_directory)
{
    struct ntfs_file f = { 0 };
    struct ntfs_inode inode;
    enum status st;

    TRY(ntfs_inode_open(vol, reference, &inode));
    st = ntfs_inode_stream(vol, &inode, NTFS_DATA, NTFS_NO_NAME, &f.data);
    if (st != STATUS_FILE_NOT_FOUND)  /* directories and some system files have no data: 0 bytes */
        TRY(st);
    f.readable = open_data(vol, &inode, &f);
    if (f.readable == STATUS_NO_MEMORY)
        return f.readable;
    *file = f;
    *is_directory = inode.is_directory;
    return STATUS_OK;
}

enum status ntfs_find(struct ntfs_volume *vol, const char *path, struct ntfs_file *out, uint64_t *bytes,
                      bool *is_directory)
{
    size_t mark = arena_mark(vol->arena);
    uint64_t reference;
    enum status st = resolve(vol, path, &reference);

    if (st == STATUS_OK)
        st = open_file(vol, reference, out, is_directory);
    if (st != STATUS_OK) {
        arena_release(vol->arena, mark);
        return st;
    }
    *bytes = *is_directory ? 0 : out->data.bytes;
    return STATUS_OK;
}

enum status ntfs_find_names(struct ntfs_volume *vol, const char *directory, struct fs_lookup *names, size_t n)
{
    uint64_t reference;

    TRY(resolve(vol, directory, &reference));
    return search_directory(vol, reference, names, n);
}

enum status ntfs_read(struct ntfs_volume *vol, const struct ntfs_file *file, uint64_t off, void *buf, size_t len)
{
    TRY(file->readable);
    if (file->storage == FS_STORED_WOF)
        return vol->wof->read(vol, file, off, buf, len);
    if (file->storage == FS_STORED_COMPRESSED)
        return ntfs_compressed_read(vol, &file->data, off, buf, len);
    return ntfs_stream_read(vol, &file->data, off, buf, len);
}

/*
 * Resident data lies in its MFT record as stored on disk, where the last two
 * bytes of every 512 are in the update sequence array instead.
 */
static void locate_in_record(const struct ntfs_stream *data, uint64_t off, uint32_t *record_offset,
                             uint64_t *bytes_left)
{
    uint32_t at = data->value_offset + (uint32_t)off, in_stride = at & (NTFS_STRIDE - 1), together;
    uint64_t left = data->bytes - off;

    if (in_stride < FIX_UP_OFFSET) {
        *record_offset = at;
        together = FIX_UP_OFFSET - in_stride;
    } else {
        uint32_t array = rd_le16(span_of(data->record, NTFS_STRIDE), RECORD_USA_OFFSET);

        *record_offset = array + 2 * ((at >> NTFS_STRIDE_SHIFT) + 1) + (in_stride - FIX_UP_OFFSET);
        together = NTFS_STRIDE - in_stride;
    }
    *bytes_left = left < together ? left : together;
}

static enum status locate_resident(const struct ntfs_volume *vol, const struct ntfs_stream *data, uint64_t off,
                                   uint64_t *position, uint64_t *bytes_left)
{
    struct ntfs_place place;
    uint32_t record_offset;
    uint64_t left;

    locate_in_record(data, off, &record_offset, &left);
    TRY(ntfs_stream_place(vol, &vol->mft, data->record_number * vol->record_bytes + record_offset, &place));
    if (place.hole)
        return STATUS_FS_DAMAGED;
    *position = place.position;
    *bytes_left = left < place.bytes ? left : place.bytes;
    return STATUS_OK;
}

enum status ntfs_locate(const struct ntfs_volume *vol, const struct ntfs_file *file, uint64_t off, uint64_t *position,
                        uint64_t *bytes_left)
{
    const struct ntfs_stream *data = &file->data;
    struct ntfs_place place;
    uint64_t left;

    TRY(file->readable);
    if (file->storage != FS_STORED_PLAIN)
        return STATUS_FS_UNSUPPORTED;
    if (off >= data->bytes)
        return STATUS_FS_DAMAGED;
    if (data->record)
        return locate_resident(vol, data, off, position, bytes_left);
    if (off >= data->initialized)
        return STATUS_FS_UNSUPPORTED;
    TRY(ntfs_stream_place(vol, data, off, &place));
    if (place.hole)
        return STATUS_FS_UNSUPPORTED;
    left = data->initialized - off;
    *position = place.position;
    *bytes_left = left < place.bytes ? left : place.bytes;
    return STATUS_OK;
}
