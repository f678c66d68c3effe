/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntfs.h - NTFS, read only: what fs.c calls.
 *
 * Used by: fs.h and fs.c; everybody else includes fs.h.
 * Facts: the linux-ntfs project's public NTFS documentation; boot sector fields
 * and sizes checked on volumes made by Windows 2003 R2, 2008 R2 and by mkntfs.
 *
 * Not supported, and said: compressed, encrypted and reparsed data (WOF among it).
 */
#ifndef LDMBOOT_NTFS_H
#define LDMBOOT_NTFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/disk/block.h"

struct fs_lookup;
struct ntfs_runs;

/* The data of one attribute: in an MFT record, or in clusters. */
struct ntfs_stream {
    uint64_t          bytes;         /* length of the data */
    uint64_t          initialized;   /* what follows reads as zeros */
    uint16_t          flags;         /* of the attribute: compressed, encrypted, sparse */
    const uint8_t    *record;        /* resident: a copy of its MFT record; else NULL */
    uint64_t          record_number; /* resident: the record's number */
    uint32_t          value_offset;  /* resident: where in the record */
    struct ntfs_runs *first, *last;  /* clusters, in order */
    uint64_t          clusters;      /* mapped by these */
};

struct ntfs_volume {
    struct block_device *dev;
    struct arena        *arena;
    unsigned             cluster_shift;
    uint64_t             cluster_count;
    uint32_t             record_bytes;
    struct ntfs_stream   mft;
    bool                 mft_mirror_used;  /* the first MFT record was bad, its mirror was good */
    uint8_t             *head;             /* the first MFT records as read when the volume was opened, */
    uint32_t             head_bytes;       /* 0 when they do not lie together */
    uint8_t             *window;           /* index blocks of the directory searched last */
    uint64_t             window_directory; /* its record number */
    uint64_t             window_start;     /* bytes, in its index */
    uint32_t             window_bytes;     /* 0: nothing there */
    enum status          window_status;    /* what went wrong when it was read */
};

struct ntfs_file {
    struct ntfs_stream data;
    enum status        readable;  /* OK, or why its data cannot be had */
};

/* True when the BPB is NTFS's and its sizes make sense. 55AA has been checked. */
bool ntfs_identify(const uint8_t sector[512]);

/* The following do what their namesakes in fs.h say. */
NODISCARD enum status ntfs_open(struct block_device *dev, const uint8_t boot_sector[512], struct arena *a,
                                struct ntfs_volume *out);
NODISCARD enum status ntfs_find(struct ntfs_volume *vol, const char *path, struct ntfs_file *out, uint64_t *bytes,
                                bool *is_directory);
NODISCARD enum status ntfs_find_names(struct ntfs_volume *vol, const char *directory, struct fs_lookup *names,
                                      size_t n);
NODISCARD enum status ntfs_read(struct ntfs_volume *vol, const struct ntfs_file *file, uint64_t off, void *buf,
                                size_t len);
NODISCARD enum status ntfs_locate(const struct ntfs_volume *vol, const struct ntfs_file *file, uint64_t off,
                                  uint64_t *position, uint64_t *bytes_left);

#endif
