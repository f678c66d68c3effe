/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntfs_index.c - the entries of a directory's node, looked through and searched.
 *
 * Sources: common/fs/ntfs_record.c common/fs/ntfs_stream.c common/fs/ntfs_inode.c common/fs/bytes.c common/fs/path.c common/disk/block.c common/base/mem.c
 * Assumes: a node in 0 to 65,536 bytes (NTFS_WINDOW_BYTES), any of them; any place of it; two names.
 * Accessors: by contract
 * Eva: -eva-precision 3
 */
#include "device.h"

#include "common/fs/ntfs_index.c"

static uint8_t region[SLACK * NTFS_WINDOW_BYTES];

int main(void)
{
    struct fs_lookup names[2] = { { .name = fs_name_of("NTLDR") }, { .name = fs_name_of("boot.ini") } };
    struct span      node = span_of(region, 0);
    struct entry     e = { 0 };
    bool             unsure = false;

    if (node_at(any_span(region, NTFS_WINDOW_BYTES), any_size(), &node) != STATUS_OK)
        return 0;
    if (match_node(node, names, 2) != STATUS_OK)
        return 0;
    return seek_in_node(node, &names[0], &e, &unsure) == STATUS_OK;
}
