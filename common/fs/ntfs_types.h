/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntfs_types.h - an NTFS volume that is open, and a file on it: what callers keep, and the ntfs*.c files look into.
 */
#ifndef LDMBOOT_NTFS_TYPES_H
#define LDMBOOT_NTFS_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/disk/block.h"
#include "window.h"

struct ntfs_runs;
struct ntfs_wof;

/* The data of one attribute: in an MFT record, or in clusters. */
struct ntfs_stream {
    uint64_t          bytes;         /* length of the data */
    uint64_t          initialized;   /* what follows reads as zeros */
    uint16_t          flags;         /* of the attribute: compressed, encrypted, sparse */
    uint8_t           unit_shift;    /* compressed: log2 of the clusters that are packed together; else 0 or of no meaning */
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
    struct fs_window    *shared;           /* where the next two are, as long as it is this volume's */
    uint32_t             number;           /* by which the window knows it */
    uint8_t             *head;             /* the first MFT records as read when the volume was opened, */
    uint32_t             head_bytes;       /* 0 when they do not lie together */
    uint8_t             *window;           /* index blocks of the directory searched last */
    uint64_t             window_directory; /* its record number */
    uint64_t             window_start;     /* bytes, in its index */
    uint32_t             window_bytes;     /* 0: nothing there */
    enum status          window_status;    /* what went wrong when it was read */
    const struct ntfs_wof *wof;            /* reads what Windows Overlay Filter compressed; NULL: nobody does (ntfs_wof.h) */
};

/* How the bytes of a file are kept: what is read here need not be what a loader with less code can read. */
enum fs_storage {
    FS_STORED_PLAIN,
    FS_STORED_COMPRESSED,  /* by NTFS: "compress this drive", compact.exe */
    FS_STORED_WOF,         /* by Windows Overlay Filter: compact /exe, "CompactOS" */
    FS_STORED_ENCRYPTED,   /* by EFS */
    FS_STORED_ELSEWHERE,   /* behind a reparse point of another kind: deduplicated, moved away */
};

struct ntfs_file {
    struct ntfs_stream data;
    enum fs_storage    storage;
    enum status        readable;  /* OK, or why its data cannot be had */
    struct ntfs_stream packed;    /* WOF: the compressed form, */
    uint32_t           algorithm; /* and how to read it */
};

#endif
