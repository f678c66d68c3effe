/* SPDX-License-Identifier: GPL-2.0-or-later */
/* view.c - questions about disks and components, and words for the model's enumerations (docs/interfaces.md). */
#include "view.h"

bool ldm_vmdb_in_force(const struct ldm_vmdb *vmdb)
{
    return vmdb->status >= VMDB_CLEAN && vmdb->status <= VMDB_ABORT;
}

enum status ldm_group_phase(const struct ldm_group *group)
{
    if (group->vmdb.status == VMDB_CLEAN)
        return STATUS_OK;
    if (!ldm_vmdb_in_force(&group->vmdb))
        return STATUS_VMDB_UNTRUSTED;
    if (!group->vmdb.rolled_forward)
        return STATUS_VMDB_PENDING;
    return group->unfinished ? STATUS_COMMIT_UNFINISHED : STATUS_OK;
}

bool ldm_disk_is_current(const struct ldm_disk *disk, const struct ldm_group *group)
{
    return disk->group == group && disk->status == STATUS_OK && disk->vmdb.committed == group->vmdb.committed;
}

bool ldm_disk_claims(const struct ldm_disk *disk, const struct guid *disk_guid)
{
    for (size_t i = 0; i < disk->identity_count; i++)
        if (guid_equal(&disk->identities[i].disk_guid, disk_guid))
            return true;
    return false;
}

/* By how many transactions the most backward of its disks is behind the group's newest database. */
static uint64_t steps_behind(const struct ldm_component *c)
{
    uint64_t most = 0;

    for (size_t i = 0; i < c->extent_count; i++) {
        const struct ldm_disk *disk = c->extents[i].disk;
        uint64_t               newest = c->volume->group->vmdb.committed;

        if (disk && disk->has_vmdb && disk->vmdb.committed < newest && newest - disk->vmdb.committed > most)
            most = newest - disk->vmdb.committed;
    }
    return most;
}

static bool others_are_old(const struct ldm_component *c)
{
    if (c->volume->component_count > LDM_MAX_CHILDREN)  /* damaged, and made to cost time */
        return false;
    for (size_t i = 0; i < c->volume->component_count; i++)
        if (c->volume->components[i] != c && !c->volume->components[i]->old)
            return false;
    return c->volume->component_count > 1;
}

bool ldm_component_one_step_behind(const struct ldm_component *c)
{
    return c->usable && steps_behind(c) == 1 && others_are_old(c);
}

bool ldm_component_outdated(const struct ldm_component *c)
{
    return steps_behind(c) > 0 && !ldm_component_one_step_behind(c);
}

bool ldm_component_only_its_disk_fails(const struct ldm_component *c)
{
    for (const struct note *n = c->reasons.first; n; n = n->next)
        if (n->code != STATUS_DISK_FAILING)
            return false;
    return c->reasons.first && others_are_old(c);
}

bool ldm_component_connected(const struct ldm_component *c)
{
    for (size_t i = 0; i < c->extent_count; i++)
        if (!c->extents[i].partition->disk || !c->extents[i].partition->disk->present)
            return false;
    return c->extent_count > 0;
}

const char *ldm_component_disk_name(const struct ldm_component *c)
{
    const struct ldm_extent *first = c->extent_count ? &c->extents[0] : NULL;

    if (first && first->disk)
        return first->disk->dev->name;
    return first && first->partition->disk ? first->partition->disk->name : NULL;
}

const char *ldm_volume_type_name(enum volume_type type)
{
    switch (type) {
    case VOLUME_SIMPLE:   return "simple";
    case VOLUME_MIRRORED: return "mirrored";
    case VOLUME_SPANNED:  return "spanned";
    case VOLUME_STRIPED:  return "striped";
    case VOLUME_RAID5:    return "raid5";
    }
    return "unknown";
}

const char *ldm_component_state_name(enum component_state state)
{
    switch (state) {
    case COMPONENT_ACTIVE:  return "active";
    case COMPONENT_STALE:   return "stale";
    case COMPONENT_RESYNC:  return "resync";
    case COMPONENT_FAILED:  return "failed";
    case COMPONENT_MISSING: return "missing";
    case COMPONENT_UNKNOWN: return "unknown";
    }
    return "unknown";
}

const char *ldm_vmdb_status_name(uint16_t status)
{
    switch (status) {
    case VMDB_CLEAN:   return "clean";
    case VMDB_CHANGE:
    case VMDB_COMMIT:
    case VMDB_ABORT:   return "pending";
    case VMDB_NEW:     return "new";
    case VMDB_STALE:   return "stale";
    case VMDB_OFFLINE: return "offline";
    default:           return "unknown";
    }
}

const char *ldm_disk_status_name(const struct ldm_disk *disk)
{
    switch (disk->status) {
    case STATUS_OK:            return disk->record ? "ok" : "foreign";
    case STATUS_NOT_DYNAMIC:   return "basic";
    case STATUS_READ_FAILED:
    case STATUS_READ_SILENT:
    case STATUS_DISK_ABSENT:   return "unreadable";
    case STATUS_DISK_GIVEN_UP: return "given up";
    case STATUS_DISK_SILENT:   return "silent";
    case STATUS_BAD_BLOCK_SIZE: return "unsupported";
    case STATUS_DISK_CLIPPED:  return "clipped";
    default:                   return "damaged";
    }
}
