/* SPDX-License-Identifier: GPL-2.0-or-later */
/* group.h - a disk group of the model: made of records, then judged. */
#ifndef LDMBOOT_LDM_GROUP_H
#define LDMBOOT_LDM_GROUP_H

#include "common/base/mem.h"
#include "database.h"

/* Objects of the group from the records of its best database, linked to one another. OK or NO_MEMORY. */
NODISCARD enum status group_build(const struct database *db, struct arena *a, struct ldm_group *group);

/* Which of the view's disks are the ones that the group's records name. */
void group_find_disks(struct ldm_group *group, const struct ldm_view *view, struct arena *a);

/* The disk is another group of the model's, though one of this one's by its GUID: its record is one of a disk elsewhere. */
void group_let_go(struct ldm_disk *d, const struct ldm_view *view);

/*
 * Read the databases of the group's other disks, and mark what they dispute (opinion.c). After group_find_disks().
 * A disk that went on without the newest one is let go (`group` NULL): scan.c makes the next group of such ones.
 * OK, whatever is damaged, or NO_MEMORY.
 */
NODISCARD enum status group_hear_others(struct ldm_group *group, const struct ldm_view *view, struct log *log,
                                        struct arena *a);

/* Positions, state, `usable` and the reasons of every component (judge.c). OK or NO_MEMORY. */
NODISCARD enum status group_judge(struct ldm_group *group, const struct ldm_view *view, struct arena *a);

/* Is this field of a record that text? A field that is longer ends with a NUL. */
static inline bool text_same(struct span field, const char *text)
{
    size_t len = strlen(text);

    return span_starts_with(field, text, len) && rd_u8(field, len) == 0;
}

/*
 * What calls the data of a half old: its own record; that of a part of it, with that of the disk the part is on
 * (no flags when that is not known).
 */
static inline bool half_is_dropped(struct span state, uint32_t flags)
{
    return !text_same(state, "ACTIVE") || (flags & LDM_COMP_MARKS);
}

static inline bool part_is_dropped(uint32_t flags, uint32_t disk_flags)
{
    return (flags & LDM_PART_MARKS) || (disk_flags & LDM_DISK_DROPPED);
}

/* More halves of a volume, or parts of a half, than the format allows: damage, and nothing that is worth comparing. */
static inline bool has_too_many_parts(const struct ldm_component *c)
{
    const struct ldm_volume *v = c->volume;

    return c->extent_count > LDM_MAX_CHILDREN || c->partitions_expected > LDM_MAX_CHILDREN
        || (v && (v->component_count > LDM_MAX_CHILDREN || v->components_expected > LDM_MAX_CHILDREN));
}

/* Do the records of the component, of its parts or of their disks call its data old? A failing disk does not. */
bool component_dropped(const struct ldm_component *c);

/* Is a part of the component on this connected disk, or on one that it is a copy of? */
bool component_on_disk(const struct ldm_component *c, const struct ldm_disk *disk);

#endif
