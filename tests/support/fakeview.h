/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fakeview.h - a view and facts made by hand, for tests of what comes after scanning and probing.
 *
 * One disk group; everything added is healthy until a test says otherwise. Use:
 * fv_init, disks, volumes, components with extents, fv_finish, then change what the test is about.
 */
#ifndef LDMBOOT_TESTS_FAKEVIEW_H
#define LDMBOOT_TESTS_FAKEVIEW_H

#include "common/decide/plan.h"
#include "memdisk.h"

#define FV_MAX     16
#define FV_EXTENTS 20

struct fakeview {
    struct ldm_view        view;
    struct boot_facts      facts;
    struct config          cfg;
    struct arena           arena;
    struct ldm_group       group;
    struct block_device    devs[FV_MAX];
    struct ldm_disk        disks[FV_MAX];      /* connected ones */
    struct ldm_disk_record records[FV_MAX];    /* all */
    struct ldm_volume      volumes[FV_MAX];
    struct ldm_component  *members[FV_MAX][4]; /* per volume */
    struct ldm_component   components[FV_MAX];
    struct ldm_extent      extents[FV_MAX][FV_EXTENTS];
    struct ldm_partition   partitions[FV_MAX][FV_EXTENTS];
    struct ldm_partition   all_partitions[FV_MAX * FV_EXTENTS];
    struct component_facts fact_list[FV_MAX];
    uint8_t                memory[65536];
};

void fv_init(struct fakeview *fv, const struct firmware_rules *rules);

/* A disk of the group ("Disk1" and so on) of 100,000 sectors; `name` NULL: not connected. Returns its number. */
size_t fv_disk(struct fakeview *fv, const char *name);

/* The same with a content, zeros at first; the caller frees it. */
struct memdisk *fv_memdisk(struct fakeview *fv, const char *name, uint64_t sectors);

struct ldm_volume    *fv_volume(struct fakeview *fv, const char *name, enum volume_type type, uint32_t flags,
                                uint64_t sectors);
struct ldm_component *fv_component(struct fakeview *fv, struct ldm_volume *volume, const char *name);
void                  fv_extent(struct fakeview *fv, struct ldm_component *component, size_t disk, uint64_t lba,
                                uint64_t sectors);

/* Complete the view; facts for every component whose disks are connected: NTFS, no loader, retained; entries of the table in this order. */
void fv_finish(struct fakeview *fv);

/* The facts of a component; NULL when it has none. */
struct component_facts *fv_facts(struct fakeview *fv, const struct ldm_component *component);

/* Hold something against a component, as the scan does. */
void fv_mark(struct fakeview *fv, struct ldm_component *component, enum component_state state, enum status reason);

#endif
