/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntfs_index.c - look for names in a directory: a B-tree whose root is in the
 * MFT record and whose other nodes are index blocks.
 *
 * A small directory (the root, as a rule) is read whole, in one go, and all its
 * entries are looked at, whatever their order. In a big one each name descends
 * the tree, one block a level; when the order of two names is in doubt, or
 * the tree does not end, all blocks are looked at after all.
 */
#include "common/base/checked.h"
#include "common/base/mem.h"
#include "ntfs_internal.h"

/* $INDEX_ROOT */
#define ROOT_KEY_TYPE     0x00
#define ROOT_BLOCK_BYTES  0x08
#define ROOT_NODE         0x10
#define KEY_IS_FILE_NAME  0x30u

/* An index block */
#define BLOCK_VCN         0x10
#define BLOCK_NODE        0x18

/* A node, in either: entries, between two offsets from its own start. */
#define NODE_FIRST        0x00
#define NODE_USED         0x04

/* An entry and, inside, the file name that is its key. */
#define ENTRY_REFERENCE   0x00
#define ENTRY_LENGTH      0x08
#define ENTRY_FLAGS       0x0c
#define ENTRY_NAME_LENGTH 0x50
#define ENTRY_NAME        0x52
#define ENTRY_MIN_LENGTH  0x10u
#define ENTRY_HAS_CHILD   1u
#define ENTRY_LAST        2u

#define MIN_BLOCK_BYTES   512u
#define BITMAP_BYTES      (NTFS_WINDOW_BYTES / MIN_BLOCK_BYTES / 8 + 1)  /* of the blocks in one window */
#define MAX_INDEX_BYTES   0x1000000u  /* that are looked through: 16 MiB, over 100,000 files */
#define MAX_DEPTH         16u         /* of the tree: four levels hold millions of files */

struct directory {
    uint64_t           number;       /* MFT record */
    struct span        root;         /* the root node */
    bool               has_blocks;
    struct ntfs_stream blocks, bitmap;
    uint32_t           block_bytes;
    unsigned           vcn_shift;    /* child VCNs count clusters, or 512 bytes when a block is less than a cluster */
};

struct entry {
    uint64_t    reference;
    struct span name;
    bool        last, has_child;
    uint64_t    child;
};

static bool is_power_of_two(uint32_t n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

/* The used part of the node that begins at `offset`. FS_DAMAGED when its sizes are impossible. */
static enum status node_at(struct span s, size_t offset, struct span *node)
{
    struct span rest = span_from(s, offset);
    uint32_t used = rd_le32(rest, NODE_USED), first = rd_le32(rest, NODE_FIRST);

    if (used > rest.len || first < ENTRY_MIN_LENGTH || first > used)
        return STATUS_FS_DAMAGED;
    *node = span_sub(rest, 0, used);
    return STATUS_OK;
}

/* The entry at *position (0: the first one), which is moved behind it. */
static enum status next_entry(struct span node, size_t *position, struct entry *e)
{
    size_t start = *position ? *position : rd_le32(node, NODE_FIRST), len = rd_le16(node, start + ENTRY_LENGTH);
    struct span s = span_sub(node, start, len);
    uint16_t flags = rd_le16(s, ENTRY_FLAGS);

    if (len < ENTRY_MIN_LENGTH || s.len != len)
        return STATUS_FS_DAMAGED;
    *e = (struct entry){ .reference = rd_le64(s, ENTRY_REFERENCE), .last = flags & ENTRY_LAST,
                         .has_child = flags & ENTRY_HAS_CHILD };
    if (e->has_child) {
        if (len < ENTRY_MIN_LENGTH + 8)
            return STATUS_FS_DAMAGED;
        e->child = rd_le64(s, len - 8);
    }
    if (!e->last) {
        size_t name_bytes = 2u * rd_u8(s, ENTRY_NAME_LENGTH);

        if (name_bytes == 0 || !span_holds(s, ENTRY_NAME, name_bytes))
            return STATUS_FS_DAMAGED;
        e->name = span_sub(s, ENTRY_NAME, name_bytes);
    }
    *position = start + len;
    return STATUS_OK;
}

static enum status directory_open(struct ntfs_volume *vol, const struct ntfs_inode *inode, struct directory *dir)
{
    struct ntfs_stream root;
    struct span value;
    enum status st;

    *dir = (struct directory){ .number = inode->number };
    st = ntfs_inode_stream(vol, inode, NTFS_INDEX_ROOT, NTFS_INDEX_NAME, &root);
    if (st == STATUS_FILE_NOT_FOUND || (st == STATUS_OK && !root.record))
        return STATUS_FS_DAMAGED;
    TRY(st);
    value = ntfs_resident(&root);
    dir->block_bytes = rd_le32(value, ROOT_BLOCK_BYTES);
    if (rd_le32(value, ROOT_KEY_TYPE) != KEY_IS_FILE_NAME || !is_power_of_two(dir->block_bytes) ||
        dir->block_bytes < MIN_BLOCK_BYTES || dir->block_bytes > NTFS_WINDOW_BYTES)
        return STATUS_FS_DAMAGED;
    TRY(node_at(value, ROOT_NODE, &dir->root));
    dir->vcn_shift = dir->block_bytes >> vol->cluster_shift ? vol->cluster_shift : NTFS_STRIDE_SHIFT;

    st = ntfs_inode_stream(vol, inode, NTFS_INDEX_ALLOCATION, NTFS_INDEX_NAME, &dir->blocks);
    if (st == STATUS_FILE_NOT_FOUND)
        return STATUS_OK;
    TRY(st);
    if (dir->blocks.record)
        return STATUS_FS_DAMAGED;
    dir->has_blocks = true;
    st = ntfs_inode_stream(vol, inode, NTFS_BITMAP, NTFS_INDEX_NAME, &dir->bitmap);
    return st == STATUS_FILE_NOT_FOUND ? STATUS_FS_DAMAGED : st;
}

/* Undo the fix-ups of each block in the window; a block that is none loses its magic. */
static void fix_up_window(struct ntfs_volume *vol, const struct directory *dir)
{
    for (uint32_t at = 0; at < vol->window_bytes; at += dir->block_bytes) {
        uint8_t *block = vol->window + at;
        uint64_t vcn = (vol->window_start + at) >> dir->vcn_shift;

        if (ntfs_fix_up(block, dir->block_bytes, "INDX") != STATUS_OK ||
            rd_le64(span_of(block, dir->block_bytes), BLOCK_VCN) != vcn)
            memset(block, 0, 4);
    }
}

/*
 * Have index bytes [start, start + len) in the window, whole blocks. When they
 * cannot be read in one go, block by block: one bad sector hides one block.
 */
static void window_load(struct ntfs_volume *vol, const struct directory *dir, uint64_t start, uint32_t len)
{
    if (!fs_window_take(vol->shared, vol->number))
        vol->head_bytes = vol->window_bytes = 0;
    if (vol->window_directory == dir->number && start >= vol->window_start &&
        range_inside(start - vol->window_start, len, vol->window_bytes))
        return;
    vol->window_directory = dir->number;
    vol->window_start = start;
    vol->window_bytes = len;
    vol->window_status = STATUS_OK;
    if (ntfs_stream_read(vol, &dir->blocks, start, vol->window, len) != STATUS_OK) {
        for (uint32_t at = 0; at < len; at += dir->block_bytes) {
            enum status st = ntfs_stream_read(vol, &dir->blocks, start + at, vol->window + at, dir->block_bytes);

            if (st == STATUS_OK)
                continue;
            vol->window_status = st;
            memset(vol->window + at, 0, dir->block_bytes);
        }
    }
    fix_up_window(vol, dir);
}

/* The node in the block at `start`, which is in the window. */
static enum status block_node(const struct ntfs_volume *vol, const struct directory *dir, uint64_t start,
                              struct span *node)
{
    struct span block = span_of(vol->window + (size_t)(start - vol->window_start), dir->block_bytes);

    if (!span_starts_with(block, "INDX", 4))
        return vol->window_status != STATUS_OK ? vol->window_status : STATUS_FS_DAMAGED;
    return node_at(block, BLOCK_NODE, node);
}

/* Compare every entry of a node with every name that is still missing. */
static enum status match_node(struct span node, struct fs_lookup *names, size_t n)
{
    size_t position = 0;
    struct entry e = { 0 };

    for (;;) {  /* every step moves `position` on by at least ENTRY_MIN_LENGTH */
        TRY(next_entry(node, &position, &e));
        if (e.last)
            return STATUS_OK;
        for (size_t i = 0; i < n; i++) {
            bool unsure = false;  /* of no interest for equality */

            if (names[i].found || fs_name_compare(names[i].name, e.name, &unsure) != 0)
                continue;
            names[i].found = true;
            names[i].reference = e.reference;
        }
    }
}

/* The directory's bitmap for `count` blocks from block `first`: bit 0 of bits[0] is that of first & ~7. */
static enum status read_bitmap(const struct ntfs_volume *vol, const struct directory *dir, uint64_t first, size_t count,
                               uint8_t bits[BITMAP_BYTES])
{
    size_t bytes = ((size_t)(first & 7) + count + 7) / 8;

    return ntfs_stream_read(vol, &dir->bitmap, first >> 3, bits, bytes);
}

/* Look through the blocks in [start, start + len), which is in the window, that are in use. */
static enum status match_blocks(const struct ntfs_volume *vol, const struct directory *dir, uint64_t start,
                                uint32_t len, struct fs_lookup *names, size_t n)
{
    unsigned shift = (unsigned)__builtin_ctz(dir->block_bytes), bit = (unsigned)(start >> shift) & 7;
    uint8_t bits[BITMAP_BYTES];
    enum status worst = STATUS_OK;

    TRY(read_bitmap(vol, dir, start >> shift, len >> shift, bits));
    for (uint32_t at = 0; at < len; at += dir->block_bytes, bit++) {
        struct span node;
        enum status st;

        if (!(bits[bit / 8] >> (bit % 8) & 1))
            continue;
        st = block_node(vol, dir, start + at, &node);
        if (st == STATUS_OK)
            st = match_node(node, names, n);
        if (st != STATUS_OK)
            worst = st;
    }
    return worst;
}

/* All names, all entries, in whatever order they are. */
static enum status scan(struct ntfs_volume *vol, const struct directory *dir, struct fs_lookup *names, size_t n)
{
    enum status worst = match_node(dir->root, names, n);
    uint64_t bytes = dir->has_blocks ? dir->blocks.bytes & ~(uint64_t)(dir->block_bytes - 1) : 0;

    if (bytes > MAX_INDEX_BYTES)
        return STATUS_FS_UNSUPPORTED;
    for (uint64_t at = 0; at < bytes && !fs_all_found(names, n); at += NTFS_WINDOW_BYTES) {
        uint32_t len = bytes - at < NTFS_WINDOW_BYTES ? (uint32_t)(bytes - at) : NTFS_WINDOW_BYTES;
        enum status st;

        window_load(vol, dir, at, len);
        st = match_blocks(vol, dir, at, len, names, n);
        if (st != STATUS_OK)
            worst = st;
        if (vol->window_status != STATUS_OK)
            break;  /* a dying disk is not asked for every block of a big directory */
    }
    return fs_all_found(names, n) ? STATUS_OK : worst;
}

/* The entry of a node that is the name, or the one before which it would be. */
static enum status seek_in_node(struct span node, struct fs_lookup *name, struct entry *e, bool *unsure)
{
    size_t position = 0;

    for (;;) {
        int order;

        TRY(next_entry(node, &position, e));
        if (e->last)
            return STATUS_OK;
        order = fs_name_compare(name->name, e->name, unsure);
        if (order > 0)
            continue;
        name->found = order == 0;
        name->reference = e->reference;
        return STATUS_OK;
    }
}

/* Descend the tree for one name. *unsure: it may be there although it was not found. */
static enum status descend(struct ntfs_volume *vol, const struct directory *dir, struct fs_lookup *name, bool *unsure)
{
    struct span node = dir->root;
    struct entry e = { 0 };

    for (unsigned depth = 0; depth < MAX_DEPTH; depth++) {
        uint64_t start;

        TRY(seek_in_node(node, name, &e, unsure));
        if (name->found || !e.has_child)
            return STATUS_OK;
        if (!dir->has_blocks || e.child > dir->blocks.bytes >> dir->vcn_shift)
            return STATUS_FS_DAMAGED;
        start = e.child << dir->vcn_shift;
        if (!range_inside(start, dir->block_bytes, dir->blocks.bytes))
            return STATUS_FS_DAMAGED;
        window_load(vol, dir, start, dir->block_bytes);
        TRY(block_node(vol, dir, start, &node));
    }
    *unsure = true;
    return STATUS_OK;
}

static enum status search_big(struct ntfs_volume *vol, const struct directory *dir, struct fs_lookup *names, size_t n)
{
    bool unsure = false;

    for (size_t i = 0; i < n; i++) {
        bool this_unsure = false;

        TRY(descend(vol, dir, &names[i], &this_unsure));
        unsure = unsure || (this_unsure && !names[i].found);
    }
    return unsure ? scan(vol, dir, names, n) : STATUS_OK;
}

enum status ntfs_search(struct ntfs_volume *vol, const struct ntfs_inode *inode, struct fs_lookup *names, size_t n)
{
    struct directory dir;

    TRY(directory_open(vol, inode, &dir));
    if (dir.has_blocks && dir.blocks.bytes > NTFS_WINDOW_BYTES)
        return search_big(vol, &dir, names, n);
    return scan(vol, &dir, names, n);
}
