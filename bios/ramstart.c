/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ramstart.c - see ramstart.h. Facts: docs/windows-boot.md, "A system volume in memory". */
#include "ramstart.h"

#include "memmap.h"
#include "realmode.h"

/* The volume's place in memory, and on the disk that is shown; then the volume itself. */
static enum status make_volume(const struct boot_plan *plan, struct arena *a, struct vdisk *vd, struct ramstart *s)
{
    struct handover_memory *m = &s->memory;

    TRY(memmap_top(a, (uint32_t)s->volume.bytes, &m->base, &m->end));
    memory_device_init(&m->device, "memory", (const void *)m->base, s->volume.bytes);
    TRY(vdisk_build_with_system(plan, &m->device.dev, vd));
    return system_volume_make(&s->volume,
                              &(struct system_place){ (uint32_t)vd->start_lba, vd->heads, vd->sectors_per_track },
                              (void *)m->base);
}

enum status ramstart_prepare(const struct boot_plan *plan, const struct boot_facts *facts, struct component_facts *windows,
                             const struct int13_disk *disks, size_t n, struct arena *a, struct vdisk *vd,
                             struct ramstart *out)
{
    enum status st = system_volume_read(&(struct system_source){ plan, facts, windows }, a, &out->volume);

    if (st != STATUS_OK)
        return st == STATUS_NO_MEMORY ? STATUS_NO_MEMORY_VOLUME : st;
    TRY(make_volume(plan, a, vd, out));
    TRY(handover_install(vd, disks, n, &out->memory));
    TRY(handover_load(vd));
    return handover_check_loader((uint32_t)out->volume.loader.len);
}

void ramstart_jump(const struct ramstart *start)
{
    chain_loader(start->volume.loader.data, (uint32_t)start->volume.loader.len);
}
