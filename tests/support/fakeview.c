/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fakeview.c - see fakeview.h. */
#include "fakeview.h"

#include <string.h>

#define DISK_SECTORS 100000

static const char *const record_names[FV_MAX] = { "Disk1", "Disk2", "Disk3", "Disk4", "Disk5", "Disk6", "Disk7", "Disk8" };

static struct guid guid_of(uint8_t kind, size_t number)
{
    struct guid g = { { kind, 0, 0, 0, 0, 0, 0x40, 0, 0x80 } };

    g.bytes[15] = (uint8_t)(number + 1);
    return g;
}

static enum status read_zeros(struct block_device *dev, uint64_t lba, uint32_t count, void *buf)
{
    (void)lba;
    memset(buf, 0, (size_t)count * dev->block_size);
    return STATUS_OK;
}

void fv_init(struct fakeview *fv, const struct firmware_rules *rules)
{
    redzone_open(fv, sizeof *fv);  /* a test before this one may have had its arena there */
    memset(fv, 0, sizeof *fv);
    fv->arena = arena_of(fv->memory, sizeof fv->memory);
    fv->cfg = config_default();
    fv->group = (struct ldm_group){ .guid = guid_of(0xd0, 0), .name = "Dg0", .complete = true, .source = &fv->disks[0],
                                    .disks = fv->records, .volumes = fv->volumes, .components = fv->components,
                                    .partitions = fv->all_partitions,
                                    .vmdb = { .status = VMDB_CLEAN, .committed = 40, .pending = 40 } };
    fv->view = (struct ldm_view){ fv->disks, 0, &fv->group, 1 };
    fv->facts = (struct boot_facts){ .rules = rules, .machine = PE_MACHINE_X64, .components = fv->fact_list };
}

/* The next one of an array: what stands behind its last one fv_finish() closed. */
#define OPENED(item) (redzone_open((item), sizeof *(item)), (item))

size_t fv_disk(struct fakeview *fv, const char *name)
{
    size_t                  number = fv->group.disk_count++;
    struct ldm_disk_record *record = OPENED(&fv->records[number]);
    struct ldm_disk        *disk = OPENED(&fv->disks[fv->view.disk_count]);

    *record = (struct ldm_disk_record){ .id = number + 1, .name = record_names[number], .guid = guid_of(0xd1, number),
                                        .device_name = "" };
    if (!name)
        return number;
    fv->devs[fv->view.disk_count] = (struct block_device){ .name = name, .block_size = SECTOR_BYTES,
                                                          .block_count = DISK_SECTORS, .read = read_zeros };
    *disk = (struct ldm_disk){ .dev = &fv->devs[fv->view.disk_count], .table = TABLE_MBR, .has_sector0 = true,
                               .has_privhead = true, .has_vmdb = true, .group = &fv->group, .record = record };
    disk->vmdb = fv->group.vmdb;
    disk->privhead.disk_guid = record->guid;
    disk->privhead.group_guid = fv->group.guid;
    record->present = disk;
    record->copies = 1;
    fv->view.disk_count++;
    return number;
}

struct memdisk *fv_memdisk(struct fakeview *fv, const char *name, uint64_t sectors)
{
    struct memdisk *content = memdisk_new(name, SECTOR_BYTES, sectors);

    fv_disk(fv, name);
    fv->disks[fv->view.disk_count - 1].dev = &content->dev;
    return content;
}

struct ldm_volume *fv_volume(struct fakeview *fv, const char *name, enum volume_type type, uint32_t flags,
                             uint64_t sectors)
{
    size_t             number = fv->group.volume_count++;
    struct ldm_volume *v = OPENED(&fv->volumes[number]);

    *v = (struct ldm_volume){ .id = number + 100, .name = name, .guid = guid_of(0xe0, number), .type = type,
                              .state_text = "ACTIVE", .flags = flags, .hint = "", .sectors = sectors,
                              .partition_type = 7, .group = &fv->group, .components = fv->members[number] };
    return v;
}

struct ldm_component *fv_component(struct fakeview *fv, struct ldm_volume *volume, const char *name)
{
    size_t                number = fv->group.component_count++;
    struct ldm_component *c = OPENED(&fv->components[number]);

    *c = (struct ldm_component){ .id = number + 200, .name = name, .state_text = "ACTIVE", .layout = LAYOUT_CONCAT,
                                 .volume = volume, .extents = fv->extents[number], .state = COMPONENT_ACTIVE,
                                 .complete = true };
    *OPENED(&volume->components[volume->component_count]) = c;
    volume->component_count++;
    volume->components_expected++;
    return c;
}

void fv_extent(struct fakeview *fv, struct ldm_component *component, size_t disk, uint64_t lba, uint64_t sectors)
{
    size_t                number = (size_t)(component - fv->components), i = component->extent_count++;
    struct ldm_partition *p = &fv->partitions[number][i];
    struct ldm_extent    *e = OPENED(&fv->extents[number][i]);
    uint64_t              offset = i ? e[-1].volume_offset + e[-1].sectors : 0;

    *p = (struct ldm_partition){ .name = "part", .start = lba, .volume_offset = offset, .sectors = sectors,
                                 .disk = &fv->records[disk], .component = component };
    *e = (struct ldm_extent){ p, fv->records[disk].present, lba, sectors, offset };
    component->partitions_expected++;
    fv->all_partitions[fv->group.partition_count++] = *p;
}

static void finish_component(struct fakeview *fv, struct ldm_component *c)
{
    struct component_facts *f = OPENED(&fv->fact_list[fv->facts.count]);
    unsigned                number = 1;

    for (size_t i = 0; i < fv->facts.count; i++)
        number += fv->fact_list[i].disk == c->extents[0].disk;
    c->present = true;
    for (size_t i = 0; i < c->extent_count; i++)
        c->present = c->present && c->extents[i].disk;
    c->usable = c->present;
    if (!c->present) {
        fv_mark(fv, c, COMPONENT_MISSING, STATUS_DISK_ABSENT);
        return;
    }
    *f = (struct component_facts){ .volume = c->volume, .component = c, .disk = c->extents[0].disk, .fs = FS_NTFS,
                                   .sectors_per_track = 63, .heads = 255, .retained = true, .partition_number = number, .root_read = true,
                                   .backup_boot_sector = c->volume->sectors - 1 };
    fv->facts.count++;
}

/* What stands behind the last one of an array is for nobody, until one more is added (AddressSanitizer sees to it). */
static void close_rest(const void *array, size_t item_bytes, size_t used, size_t room)
{
    redzone_close((const uint8_t *)array + used * item_bytes, (room - used) * item_bytes);
}

void fv_finish(struct fakeview *fv)
{
    for (size_t i = 0; i < fv->group.component_count; i++)
        finish_component(fv, &fv->components[i]);
    close_rest(fv->disks, sizeof *fv->disks, fv->view.disk_count, FV_MAX);
    close_rest(fv->records, sizeof *fv->records, fv->group.disk_count, FV_MAX);
    close_rest(fv->volumes, sizeof *fv->volumes, fv->group.volume_count, FV_MAX);
    close_rest(fv->components, sizeof *fv->components, fv->group.component_count, FV_MAX);
    close_rest(fv->fact_list, sizeof *fv->fact_list, fv->facts.count, FV_MAX);
    for (size_t i = 0; i < fv->group.volume_count; i++)
        close_rest(fv->members[i], sizeof *fv->members[i], fv->volumes[i].component_count, ARRAY_LEN(fv->members[i]));
    for (size_t i = 0; i < fv->group.component_count; i++)
        close_rest(fv->extents[i], sizeof *fv->extents[i], fv->components[i].extent_count, FV_EXTENTS);
}

struct component_facts *fv_facts(struct fakeview *fv, const struct ldm_component *component)
{
    for (size_t i = 0; i < fv->facts.count; i++)
        if (fv->fact_list[i].component == component)
            return &fv->fact_list[i];
    return NULL;
}

void fv_mark(struct fakeview *fv, struct ldm_component *component, enum component_state state, enum status reason)
{
    component->state = state;
    component->old |= state == COMPONENT_STALE || state == COMPONENT_RESYNC || state == COMPONENT_FAILED;
    component->usable = false;
    note_add(&component->reasons, &fv->arena, reason, "%s", component->name);
}
