/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntfs_internal.h - what the ntfs*.c files share; nobody else includes it.
 *
 * From the bottom up: a record (fix-ups, attributes), runs (where clusters lie),
 * a stream (the bytes of an attribute), an inode (a file's base record and its
 * attribute list), an index (a directory).
 */
#ifndef LDMBOOT_NTFS_INTERNAL_H
#define LDMBOOT_NTFS_INTERNAL_H

#include "common/base/span.h"
#include "ntfs_types.h"
#include "path.h"

#define NTFS_STRIDE           512u      /* fix-ups protect 512 bytes each, whatever the sector size */
#define NTFS_STRIDE_SHIFT     9
#define NTFS_MAX_RECORD_BYTES 4096u
#define NTFS_WINDOW_BYTES     0x10000u  /* also the largest index block */

enum ntfs_attribute_type {
    NTFS_ATTRIBUTE_LIST   = 0x20,
    NTFS_DATA             = 0x80,
    NTFS_INDEX_ROOT       = 0x90,
    NTFS_INDEX_ALLOCATION = 0xa0,
    NTFS_BITMAP           = 0xb0,
    NTFS_REPARSE_POINT    = 0xc0,
};

#define NTFS_ATTRIBUTE_COMPRESSED 0x00ffu
#define NTFS_ATTRIBUTE_ENCRYPTED  0x4000u

#define NTFS_NO_NAME    ""
#define NTFS_INDEX_NAME "$I30"  /* of the attributes of a directory's index by file name */

/* An MFT reference: record number and the sequence number that the record must have. */
#define NTFS_REFERENCE_NUMBER(ref)   ((ref) & 0xffffffffffffu)
#define NTFS_REFERENCE_SEQUENCE(ref) ((uint16_t)((ref) >> 48))

/* ntfs_record.c */

/* Undo the update sequence of a FILE or INDX record in place. FS_DAMAGED: not that record, or torn. */
NODISCARD enum status ntfs_fix_up(uint8_t *record, size_t bytes, const char magic[4]);

/* The next attribute of a record, from *position (0: the first). An empty span is the end. */
NODISCARD enum status ntfs_next_attribute(struct span record, size_t *position, struct span *attribute);

/* True when the attribute has this type and name. */
bool ntfs_attribute_is(struct span attribute, uint32_t type, const char *name);

/* The attribute of this type, name and first VCN (0 when resident). FILE_NOT_FOUND: none. */
NODISCARD enum status ntfs_find_attribute(struct span record, uint32_t type, const char *name, uint64_t first_vcn,
                                          struct span *attribute);

/* ntfs_stream.c */

#define NTFS_HOLE UINT64_MAX  /* `lcn` of a run that has no clusters: zeros */

struct ntfs_run {
    uint64_t vcn, lcn, clusters;
};

/* The runs of one attribute record; a file with an attribute list has several. */
struct ntfs_runs {
    struct ntfs_run  *run;
    size_t            count;
    struct ntfs_runs *next;
};

/* Where a byte of a stream lies on the volume, and how many follow it there. */
struct ntfs_place {
    bool     hole;
    uint64_t position;
    uint64_t bytes;
};

/*
 * Add an attribute record to a stream: the first one begins it (*stream zeroed by the caller).
 * record: the fixed-up MFT record that holds `attribute`; it stays in memory for resident data.
 */
NODISCARD enum status ntfs_stream_add(struct ntfs_volume *vol, struct span record, uint64_t record_number,
                                      struct span attribute, struct ntfs_stream *stream);
NODISCARD enum status ntfs_stream_read(const struct ntfs_volume *vol, const struct ntfs_stream *stream, uint64_t off,
                                       void *buf, size_t len);
/* Place of byte `off` of a stream that is not resident. */
NODISCARD enum status ntfs_stream_place(const struct ntfs_volume *vol, const struct ntfs_stream *stream, uint64_t off,
                                        struct ntfs_place *place);
/* How many of `len` bytes from `off` on were ever written; what is behind them reads as zeros. */
size_t ntfs_written_part(const struct ntfs_stream *stream, uint64_t off, size_t len);
/* The bytes of a resident stream. */
struct span ntfs_resident(const struct ntfs_stream *stream);

/* ntfs_inode.c */

struct ntfs_inode {
    uint64_t    number;
    struct span record;          /* the base record, fixed up, in arena memory */
    struct span attribute_list;  /* empty: all attributes are in the base record */
    bool        is_directory;
};

/* Read a file's base record and attribute list. FS_DAMAGED: not in use, or reused for another file. */
NODISCARD enum status ntfs_inode_open(struct ntfs_volume *vol, uint64_t reference, struct ntfs_inode *inode);

/* The same from a base record already fixed up (the MFT's own). */
NODISCARD enum status ntfs_inode_from_record(struct ntfs_volume *vol, uint64_t number, struct span record,
                                             struct ntfs_inode *inode);

/* Open an attribute as a stream, through the attribute list. FILE_NOT_FOUND: there is none.
   *stream is filled piece by piece: the MFT's own is needed to find its later pieces. */
NODISCARD enum status ntfs_inode_stream(struct ntfs_volume *vol, const struct ntfs_inode *inode, uint32_t type,
                                        const char *name, struct ntfs_stream *stream);

/* Read one MFT record, fix-ups undone. */
NODISCARD enum status ntfs_read_record(const struct ntfs_volume *vol, uint64_t number, uint8_t *record);

/* ntfs_compressed.c: the bytes of a stream that NTFS compressed. FS_UNSUPPORTED: in units that Windows does not make. */
NODISCARD enum status ntfs_compressed_read(const struct ntfs_volume *vol, const struct ntfs_stream *stream, uint64_t off,
                                           void *buf, size_t len);

/* ntfs_wof.c, where it is linked. `reparse`: the reparse point's data. FS_WOF: of a kind that is not known. */
struct ntfs_wof {
    enum status (*open)(struct ntfs_volume *vol, const struct ntfs_inode *inode, struct span reparse,
                        struct ntfs_file *f);
    enum status (*read)(const struct ntfs_volume *vol, const struct ntfs_file *file, uint64_t off, void *buf,
                        size_t len);
};

/* ntfs_index.c */

/* Look for names in one directory. What was found stays found, also when the answer is not OK:
   FS_DAMAGED or a read error means that names not found may be there all the same. */
NODISCARD enum status ntfs_search(struct ntfs_volume *vol, const struct ntfs_inode *directory, struct fs_lookup *names,
                                  size_t n);

#endif
