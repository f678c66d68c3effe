/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view.h - the model: what all disks of a machine say about its dynamic volumes.
 *
 * Damage is data: a bad disk, record or mirror half is in the view, marked with its status and notes, never left out
 * silently.
 *
 * Units: every position and length counts 512-byte sectors, also on 4096-byte-block disks.
 * All memory belongs to the arena that was given to ldm_scan(); pointers stay valid as long as it does.
 * Names and texts are NUL-terminated, as on disk (no conversion), at most 255 bytes.
 */
#ifndef LDMBOOT_LDM_VIEW_H
#define LDMBOOT_LDM_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/disk/block.h"
#include "common/disk/gpt.h"
#include "common/base/guid.h"
#include "common/base/log.h"
#include "common/disk/mbr.h"
#include "common/disk/partition_number.h"

enum disk_table { TABLE_NONE, TABLE_MBR, TABLE_GPT };

/* The PRIVHEAD that was chosen among the valid copies of a disk (ldm-format.md, PRIVHEAD). */
struct ldm_privhead {
    uint64_t    found_lba;            /* where this copy was read */
    uint16_t    version_major, version_minor;
    uint64_t    update_time;          /* FILETIME: 100 ns since 1601 */
    uint64_t    update_sequence;
    struct guid disk_guid, host_guid, group_guid;
    char        group_name[32];
    uint32_t    block_bytes, flags;
    uint64_t    public_start, public_sectors;    /* absolute */
    uint64_t    private_start, private_sectors;  /* absolute */
    uint64_t    copy_start[2];                   /* of PRIVHEAD: primary, secondary; relative to the private region */
    uint64_t    toc_start[2];                    /* primary, secondary; likewise */
};

enum vmdb_status {
    VMDB_CLEAN = 1, VMDB_CHANGE = 2, VMDB_COMMIT = 3, VMDB_ABORT = 4, VMDB_NEW = 5, VMDB_STALE = 6, VMDB_OFFLINE = 8
};

struct ldm_vmdb {
    uint16_t    status;               /* enum vmdb_status, or what the disk says */
    uint32_t    slot_count, vblk_bytes, first_vblk_bytes;
    uint16_t    version_major, version_minor;
    char        group_name[32];
    struct guid group_guid;
    uint64_t    committed, pending;   /* transaction ids */
    uint32_t    committed_counts[4];  /* volumes, components, partitions, disks */
    uint32_t    pending_counts[4];
    bool        rolled_forward;       /* commit phase: `committed` and its counts are those of the pending change */
};

enum klog_kind { KLOG_DETACH = 1, KLOG_DIRTY = 2, KLOG_COMMIT = 3, KLOG_LOGDETACH = 4, KLOG_APP_DIRTY = 5 };

struct klog_entry {
    uint8_t  kind;  /* enum klog_kind, or what the disk says */
    uint64_t a, b;  /* commit: committed and pending transaction; others: object id, transaction */
};

/* Whose disk a copy of the PRIVHEAD says that it is on. */
struct ldm_identity {
    struct guid disk_guid, group_guid;
};
#define LDM_MAX_IDENTITIES 3  /* LBA 6, and two copies in the private region */

struct ldm_group;
struct ldm_volume;
struct ldm_component;

/* One disk that the firmware shows, dynamic or not: view->disks[i] is the i-th disk given to ldm_scan(). */
struct ldm_disk {
    struct block_device    *dev;
    enum disk_table         table;
    enum status             status;       /* OK: its database was read; NOT_DYNAMIC; else what stopped it */
    struct note_list        notes;        /* `status`, and, also when OK, damaged copies that were passed over */
    bool                    has_sector0;
    uint8_t                 sector0[512];
    struct mbr              mbr;          /* all zero without sector 0 */
    struct gpt              gpt;          /* count 0 unless table is TABLE_GPT */
    struct logical_drives  *logical;      /* of a dynamic MBR disk that has an extended entry, too; else NULL */
    bool                    has_privhead;
    struct ldm_privhead     privhead;
    struct ldm_identity     identities[LDM_MAX_IDENTITIES];  /* of all valid copies, also when the table says "basic" */
    size_t                  identity_count;
    bool                    front_lost;   /* sector 0 and LBA 6 say nothing: known by the copies at its end alone */
    bool                    has_vmdb;
    struct ldm_vmdb         vmdb;         /* of this disk's own copy */
    uint64_t                config_lba, config_sectors;  /* where that database is; absolute */
    struct klog_entry      *klog;
    size_t                  klog_count;
    bool                    klog_bad;     /* a page could not be read or is invalid: ask, do not boot */
    struct ldm_group       *group;        /* NULL without PRIVHEAD and VMDB */
    struct ldm_disk_record *record;       /* NULL when the group's database does not list this disk */
    bool                    disputes;     /* its database or log contradicts the newest one (opinion.c) */
    enum status             parted;       /* why it is in no group with the disk below, though their group GUID is one; OK: it is */
    const struct ldm_disk  *parted_from;  /* the disk with the newest database of that GUID; NULL when not parted */
};

/* A disk that the database names (VBLK 0x34/0x44), present or not. */
struct ldm_disk_record {
    uint64_t         id;
    const char      *name;         /* "Disk2" */
    struct guid      guid;
    const char      *device_name;  /* "Harddisk1"; may be "" */
    uint64_t         changed;      /* the last transaction that wrote its record */
    uint32_t         flags;        /* LDM_DISK_* */
    struct ldm_disk *present;      /* NULL: not connected; the best one when cloned */
    unsigned         copies;       /* present disks with this GUID; more than 1: clones */
    const struct ldm_disk *elsewhere;  /* not present, but a disk that was it is connected: basic now, or in another group */
};
#define LDM_DISK_FAILING  0x004u
#define LDM_DISK_ENCAP_PENDING  0x008u
#define LDM_DISK_MERGE_REQUIRED 0x010u
#define LDM_DISK_REMOVED  0x100u
#define LDM_DISK_DETACHED 0x200u
#define LDM_DISK_DROPPED  (LDM_DISK_REMOVED | LDM_DISK_DETACHED)  /* failing: it has I/O errors, and data as new as any */

/* VBLK 0x33, a subdisk. */
struct ldm_partition {
    uint64_t                id;
    const char             *name;           /* "Disk2-01" */
    uint32_t                flags;          /* LDM_PART_* */
    uint64_t                changed;        /* the last transaction that wrote its record */
    uint64_t                start;          /* relative to the disk's public region */
    uint64_t                volume_offset;  /* in the volume, or in its column when striped */
    uint64_t                sectors;
    uint64_t                column;         /* 0 unless striped or RAID-5 */
    struct ldm_disk_record *disk;           /* NULL when the record is missing */
    struct ldm_component   *component;      /* NULL when the record is missing */
};
#define LDM_PART_RECOVER 0x08u
#define LDM_PART_DETACH  0x10u
#define LDM_PART_MARKS   (LDM_PART_RECOVER | LDM_PART_DETACH)

/* A stretch of a component on one disk. */
struct ldm_extent {
    const struct ldm_partition *partition;
    struct ldm_disk            *disk;           /* NULL: not connected */
    uint64_t                    lba;            /* absolute; meaningful only when `disk` is there */
    uint64_t                    sectors;
    uint64_t                    volume_offset;  /* sector of the volume where it begins */
};

#define LDM_MAX_CHILDREN 32  /* components of a volume, partitions of a component */

enum component_layout { LAYOUT_STRIPE = 1, LAYOUT_CONCAT = 2, LAYOUT_RAID5 = 3 };
enum component_state {
    COMPONENT_ACTIVE, COMPONENT_STALE, COMPONENT_RESYNC, COMPONENT_FAILED, COMPONENT_MISSING, COMPONENT_UNKNOWN
};

/* VBLK 0x32: one mirror half, a plex. */
struct ldm_component {
    uint64_t             id;
    const char          *name;        /* "Volume3-01" */
    const char          *state_text;  /* as on disk, "ACTIVE" */
    uint8_t              layout;      /* enum component_layout */
    uint32_t             flags;       /* LDM_COMP_* */
    uint64_t             stripe_sectors, columns;
    struct ldm_volume   *volume;      /* NULL when the record is missing */
    struct ldm_extent   *extents;     /* in volume order for LAYOUT_CONCAT; else by column, then offset */
    size_t               extent_count;
    uint32_t             partitions_expected;  /* what the record says it has */
    uint64_t             record_changed;  /* the last transaction that wrote its own record */
    uint64_t             changed;     /* the last transaction that wrote its record or that of a part of it */
    bool                 leaving;     /* the pending change takes it, a part or a disk of it away, or alters one of them */
    bool                 dirty;       /* the log has writes to it under way */
    bool                 source;      /* its volume is being synchronised, and this is the half that is copied from */
    enum status          dispute;     /* why disks disagree about it (opinion.c); OK: they do not */
    const struct ldm_disk *disputant; /* the disk that says otherwise */
    enum component_state state;
    bool                 old;         /* a mark says that its data is probably old, whatever else `state` has to tell */
    bool                 complete;    /* all its partitions are known and cover it without gap or overlap */
    bool                 present;     /* complete, and every extent's disk is connected and long enough */
    bool                 usable;      /* present, ACTIVE, and no mark against it: `reasons` is empty */
    struct note_list     reasons;     /* why not usable */
};
#define LDM_COMP_RECOVER 0x02u
#define LDM_COMP_IOFAIL  0x04u
#define LDM_COMP_PENDING 0x08u
#define LDM_COMP_MARKS   (LDM_COMP_RECOVER | LDM_COMP_IOFAIL | LDM_COMP_PENDING)

enum volume_type { VOLUME_SIMPLE, VOLUME_MIRRORED, VOLUME_SPANNED, VOLUME_STRIPED, VOLUME_RAID5 };

/* VBLK 0x51. */
struct ldm_volume {
    uint64_t               id;
    const char            *name;        /* "Volume3" */
    struct guid            guid;
    enum volume_type       type;
    const char            *state_text;
    uint32_t               flags;       /* LDM_VOL_* */
    uint64_t               changed;     /* the last transaction that wrote its record */
    const char            *hint;        /* drive letter, "C:"; "" when none */
    uint64_t               sectors;
    uint8_t                partition_type;
    struct ldm_group      *group;
    struct ldm_component **components;  /* by object id, lowest first */
    size_t                 component_count;
    uint32_t               components_expected;
    struct note_list       notes;       /* records missing, ... */
};
#define LDM_VOL_CRASHED  0x000004u
#define LDM_VOL_BAD_LOG  0x000100u
#define LDM_VOL_KDETACH  0x000400u
#define LDM_VOL_APP_RECOVER 0x001000u
#define LDM_VOL_PENDING  0x002000u
#define LDM_VOL_BOOT     0x200000u  /* holds \Windows */
#define LDM_VOL_SYSTEM   0x400000u  /* holds the boot loader */
#define LDM_VOL_RETAINED 0x800000u

/* One disk group; its records are those of the newest committed database among its disks. */
struct ldm_group {
    struct guid             guid;
    const char             *name;
    const struct ldm_disk  *source;      /* whose database this is */
    struct ldm_vmdb         vmdb;        /* of `source` */
    bool                    complete;    /* the committed counts were met */
    bool                    inconsistent; /* records contradict each other */
    bool                    unfinished;   /* its last change is committed, and not written to its end */
    struct ldm_disk_record *disks;
    size_t                  disk_count;
    struct ldm_volume      *volumes;     /* by object id */
    size_t                  volume_count;
    struct ldm_component   *components;  /* by object id */
    size_t                  component_count;
    struct ldm_partition   *partitions;  /* by object id */
    size_t                  partition_count;
    struct note_list        notes;
};

struct ldm_view {
    struct ldm_disk  *disks;
    size_t            disk_count;
    struct ldm_group *groups;
    size_t            group_count;
};

/* Clean, or with a change under way: the committed state holds, or the one that was decided (docs/ldm-format.md, "VMDB"). */
bool ldm_vmdb_in_force(const struct ldm_vmdb *vmdb);

/* What has to be said of the phase that the group's database is in; OK: nothing. */
enum status ldm_group_phase(const struct ldm_group *group);

/* Is its database the group's newest? Only the logs of such disks are about the group as it is. */
bool ldm_disk_is_current(const struct ldm_disk *disk, const struct ldm_group *group);

/* Does a copy of its PRIVHEAD, valid or left over, say that it is this disk? */
bool ldm_disk_claims(const struct ldm_disk *disk, const struct guid *disk_guid);

/*
 * Is a part of it on a connected disk whose own database is older than the group's newest? Not when it is
 * exactly one step older, and the newest database calls this half the only good one of its volume.
 */
bool ldm_component_outdated(const struct ldm_component *c);

/* Is that what saves it: a step that its disk has missed (docs/how-it-chooses.md)? After the groups were judged. */
bool ldm_component_one_step_behind(const struct ldm_component *c);

/* Is there nothing against it but its disk's health, while every other half of the mirror is old? */
bool ldm_component_only_its_disk_fails(const struct ldm_component *c);

/* Is every disk of it connected, also one that cannot be read to the end? */
bool ldm_component_connected(const struct ldm_component *c);

/* "hd81": of its first part; the database's name for that disk when it is not connected; NULL when nothing has a name. */
const char *ldm_component_disk_name(const struct ldm_component *c);

/* Words for people and for JSON (interfaces.md); never NULL. */
const char *ldm_volume_type_name(enum volume_type type);           /* "simple", "mirrored", ... */
const char *ldm_component_state_name(enum component_state state);  /* "active", "stale", ... */
const char *ldm_vmdb_status_name(uint16_t status);                 /* "clean", "pending", ... */
const char *ldm_disk_status_name(const struct ldm_disk *disk);     /* "ok", "foreign", "unreadable", ... */

#endif
