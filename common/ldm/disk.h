/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * disk.h - where things are on a dynamic disk: offsets and constants, nothing else.
 *
 * Facts: docs/ldm-format.md. All integers are big-endian and unaligned.
 */
#ifndef LDMBOOT_LDM_DISK_H
#define LDMBOOT_LDM_DISK_H

/* ---- places */

#define LDM_PRIVHEAD_LBA        6      /* MBR disks only, in blocks */
#define LDM_REGION_BLOCKS       2048   /* usual size of the private region */
#define LDM_PRIVHEAD_PRIMARY    2047   /* relative to the private region; its last block */
#define LDM_PRIVHEAD_SECONDARY  1856
#define LDM_REGION_BYTES        0x100000u  /* the same on blocks of 512 bytes; on others the region may have as many bytes, or blocks */
#define LDM_GUID_TEXT           64
#define LDM_GROUP_NAME          31

/* ---- PRIVHEAD, one sector */

enum {
    PRIVHEAD_CHECKSUM = 0x08,
    PRIVHEAD_VERSION_MAJOR = 0x0c, PRIVHEAD_VERSION_MINOR = 0x0e,
    PRIVHEAD_UPDATE_TIME = 0x10,
    PRIVHEAD_UPDATE_SEQUENCE = 0x18,
    PRIVHEAD_PRIMARY = 0x20, PRIVHEAD_SECONDARY = 0x28,
    PRIVHEAD_DISK_GUID = 0x30, PRIVHEAD_HOST_GUID = 0x70, PRIVHEAD_GROUP_GUID = 0xb0,
    PRIVHEAD_GROUP_NAME = 0xf0,
    PRIVHEAD_BLOCK_BYTES = 0x10f, PRIVHEAD_FLAGS = 0x113,
    PRIVHEAD_PUBLIC_START = 0x11b, PRIVHEAD_PUBLIC_SIZE = 0x123,
    PRIVHEAD_PRIVATE_START = 0x12b, PRIVHEAD_PRIVATE_SIZE = 0x133,
    PRIVHEAD_TOC_PRIMARY = 0x13b, PRIVHEAD_TOC_SECONDARY = 0x143,
};
#define PRIVHEAD_MAGIC "PRIVHEAD"
#define PRIVHEAD_MAJOR 2               /* 2.11: up to 2003; 2.12: Vista and later */

/* ---- TOCBLOCK, one sector */

enum {
    TOC_CHECKSUM = 0x08,
    TOC_SEQUENCE = 0x0c,
    TOC_REGIONS = 0x24,
    TOC_REGION_BYTES = 34,
    TOC_REGION_FLAGS = 8, TOC_REGION_START = 10, TOC_REGION_SIZE = 18,  /* in a region's entry */
};
#define TOC_MAGIC       "TOCBLOCK"
#define TOC_MAX_REGIONS 8
#define TOC_NOT_THERE   0x01u
#define TOC_DELETED     0x04u
#define TOC_DISABLED    0x08u

/* ---- VMDB, head of the config region */

enum {
    VMDB_SLOTS = 0x04, VMDB_VBLK_BYTES = 0x08, VMDB_FIRST_VBLK = 0x0c,
    VMDB_UPDATE_STATUS = 0x10,
    VMDB_VERSION_MAJOR = 0x12, VMDB_VERSION_MINOR = 0x14,
    VMDB_GROUP_NAME = 0x16, VMDB_GROUP_GUID = 0x35,
    VMDB_COMMITTED = 0x75, VMDB_PENDING = 0x7d,
    VMDB_COMMITTED_COUNTS = 0x85, VMDB_PENDING_COUNTS = 0xa1,
    VMDB_HEAD_BYTES = 0xb1,
};
#define VMDB_MAGIC "VMDB"
#define VMDB_MAJOR 4                   /* 4.10 */
#define VMDB_MAX_SLOTS (2048u * 4096 / 128)  /* what fits in 2,048 blocks of 4 KiB; on blocks of 512 bytes Windows makes 5924 */

/* ---- VBLK slots and records */

enum {
    SLOT_SEQUENCE = 0x04, SLOT_GROUP = 0x08, SLOT_FRAGMENT = 0x0c, SLOT_FRAGMENTS = 0x0e,
    SLOT_HEAD_BYTES = 16,
    SLOT_BYTES = 128,
    SLOT_BODY_BYTES = SLOT_BYTES - SLOT_HEAD_BYTES,
    RECORD_STATUS = 0x00, RECORD_FLAGS = 0x02, RECORD_TYPE = 0x03, RECORD_LENGTH = 0x04,
    RECORD_HEAD_BYTES = 8,
};
#define VBLK_MAGIC "VBLK"
#define RECORD_STATUS_ACTIVE   0       /* committed */
#define RECORD_STATUS_DELETING 1       /* committed, to be deleted by the pending change */
#define RECORD_STATUS_COMING   2       /* to become active by it */

/* ---- KLOG pages */

enum {
    KLOG_ID = 0x04, KLOG_SEQUENCE = 0x0c, KLOG_PAGES = 0x10, KLOG_PAGE = 0x14,
    KLOG_ENTRIES = 0x18,
    KLOG_ENTRY_BYTES = 24,
    KLOG_ENTRY_A = 1, KLOG_ENTRY_B = 9,  /* in an entry */
};
#define KLOG_ENTRIES_PER_PAGE 20
_Static_assert(KLOG_ENTRIES_PER_PAGE == (512 - KLOG_ENTRIES) / KLOG_ENTRY_BYTES, "as many as fit");
#define KLOG_MAGIC "KLOG"

#endif
