/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntfs_inode.c - a file as the MFT has it: one base record and, when its
 * attributes do not fit there, an attribute list that says where the others are.
 */
#include "common/base/mem.h"
#include "ntfs_internal.h"

#define RECORD_SEQUENCE  0x10
#define RECORD_FLAGS     0x16
#define RECORD_BASE      0x20

#define RECORD_IN_USE    1u
#define RECORD_DIRECTORY 2u

#define LIST_TYPE         0x00
#define LIST_LENGTH       0x04
#define LIST_NAME_LENGTH  0x06
#define LIST_FIRST_VCN    0x08
#define LIST_REFERENCE    0x10
#define LIST_ENTRY_BYTES  0x1au

#define MAX_LIST_BYTES    0x40000u  /* Windows's own limit */
#define MAX_PIECES        1024u     /* records of one attribute; each costs a read */

enum status ntfs_read_record(const struct ntfs_volume *vol, uint64_t number, uint8_t *record)
{
    uint64_t off;

    if (number > UINT32_MAX)  /* Windows has at most 2^32 - 1 files on a volume */
        return STATUS_FS_DAMAGED;
    off = number * vol->record_bytes;
    if (fs_window_is_of(vol->shared, vol->number) && range_inside(off, vol->record_bytes, vol->head_bytes))
        memcpy(record, vol->head + (size_t)off, vol->record_bytes);
    else
        TRY(ntfs_stream_read(vol, &vol->mft, off, record, vol->record_bytes));
    return ntfs_fix_up(record, vol->record_bytes, "FILE");
}

/* Read the record that a reference names and check that it still is what was meant. */
static enum status read_referenced(const struct ntfs_volume *vol, uint64_t reference, uint64_t base, uint8_t *record)
{
    struct span s = span_of(record, vol->record_bytes);
    uint16_t sequence = NTFS_REFERENCE_SEQUENCE(reference);

    TRY(ntfs_read_record(vol, NTFS_REFERENCE_NUMBER(reference), record));
    if (!(rd_le16(s, RECORD_FLAGS) & RECORD_IN_USE))
        return STATUS_FS_DAMAGED;
    if (sequence && sequence != rd_le16(s, RECORD_SEQUENCE))
        return STATUS_FS_DAMAGED;
    if (NTFS_REFERENCE_NUMBER(rd_le64(s, RECORD_BASE)) != base)
        return STATUS_FS_DAMAGED;
    return STATUS_OK;
}

/* The attribute list is itself an attribute, always whole in the base record. */
static enum status load_attribute_list(struct ntfs_volume *vol, struct ntfs_inode *inode)
{
    struct ntfs_stream list = { 0 };
    struct span attribute;
    uint8_t *bytes;
    enum status st = ntfs_find_attribute(inode->record, NTFS_ATTRIBUTE_LIST, NTFS_NO_NAME, 0, &attribute);

    if (st == STATUS_FILE_NOT_FOUND)
        return STATUS_OK;
    TRY(st);
    TRY(ntfs_stream_add(vol, inode->record, inode->number, attribute, &list));
    if (list.bytes == 0 || list.bytes > MAX_LIST_BYTES)
        return STATUS_FS_DAMAGED;
    bytes = arena_alloc(vol->arena, (size_t)list.bytes);
    if (!bytes)
        return STATUS_NO_MEMORY;
    TRY(ntfs_stream_read(vol, &list, 0, bytes, (size_t)list.bytes));
    inode->attribute_list = span_of(bytes, (size_t)list.bytes);
    return STATUS_OK;
}

enum status ntfs_inode_from_record(struct ntfs_volume *vol, uint64_t number, struct span record,
                                   struct ntfs_inode *inode)
{
    *inode = (struct ntfs_inode){ .number = number, .record = record };
    inode->is_directory = rd_le16(record, RECORD_FLAGS) & RECORD_DIRECTORY;
    return load_attribute_list(vol, inode);
}

enum status ntfs_inode_open(struct ntfs_volume *vol, uint64_t reference, struct ntfs_inode *inode)
{
    uint8_t *record = arena_alloc(vol->arena, vol->record_bytes);

    if (!record)
        return STATUS_NO_MEMORY;
    TRY(read_referenced(vol, reference, 0, record));
    return ntfs_inode_from_record(vol, NTFS_REFERENCE_NUMBER(reference), span_of(record, vol->record_bytes), inode);
}

/* Does this entry of an attribute list name a piece of the attribute? Its name is where an attribute has one, too. */
static bool list_entry_is(struct span entry, uint32_t type, const char *name)
{
    size_t len = strlen(name);

    if (rd_le32(entry, LIST_TYPE) != type || rd_u8(entry, LIST_NAME_LENGTH) != len)
        return false;
    if (!span_holds(entry, LIST_ENTRY_BYTES, 2 * len))
        return false;
    for (size_t i = 0; i < len; i++)
        if (rd_le16(entry, LIST_ENTRY_BYTES + 2 * i) != (unsigned char)name[i])
            return false;
    return true;
}

/* Add the piece that a list entry names; it is in the base record or in one of its own. */
static enum status add_listed_piece(struct ntfs_volume *vol, const struct ntfs_inode *inode, struct span entry,
                                    uint32_t type, const char *name, struct ntfs_stream *stream)
{
    uint64_t reference = rd_le64(entry, LIST_REFERENCE), number = NTFS_REFERENCE_NUMBER(reference);
    struct span record = inode->record, attribute;
    enum status st;

    if (number != inode->number) {
        uint8_t *bytes = arena_alloc(vol->arena, vol->record_bytes);

        if (!bytes)
            return STATUS_NO_MEMORY;
        TRY(read_referenced(vol, reference, inode->number, bytes));
        record = span_of(bytes, vol->record_bytes);
    }
    st = ntfs_find_attribute(record, type, name, rd_le64(entry, LIST_FIRST_VCN), &attribute);
    if (st == STATUS_FILE_NOT_FOUND)
        return STATUS_FS_DAMAGED;
    TRY(st);
    return ntfs_stream_add(vol, record, number, attribute, stream);
}

static enum status stream_from_list(struct ntfs_volume *vol, const struct ntfs_inode *inode, uint32_t type,
                                    const char *name, struct ntfs_stream *stream)
{
    struct span list = inode->attribute_list;
    size_t pieces = 0;

    for (size_t at = 0; at < list.len;) {
        size_t len = rd_le16(list, at + LIST_LENGTH);
        struct span entry = span_sub(list, at, len);

        if (len < LIST_ENTRY_BYTES || entry.len != len)
            return STATUS_FS_DAMAGED;
        at += len;
        if (!list_entry_is(entry, type, name))
            continue;
        if (++pieces > MAX_PIECES)
            return STATUS_FS_UNSUPPORTED;
        TRY(add_listed_piece(vol, inode, entry, type, name, stream));
    }
    return pieces ? STATUS_OK : STATUS_FILE_NOT_FOUND;
}

enum status ntfs_inode_stream(struct ntfs_volume *vol, const struct ntfs_inode *inode, uint32_t type, const char *name,
                              struct ntfs_stream *stream)
{
    struct span attribute;

    *stream = (struct ntfs_stream){ 0 };
    if (inode->attribute_list.len > 0)
        return stream_from_list(vol, inode, type, name, stream);
    TRY(ntfs_find_attribute(inode->record, type, name, 0, &attribute));
    return ntfs_stream_add(vol, inode->record, inode->number, attribute, stream);
}
