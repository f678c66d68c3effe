/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store.c - see store.h. */
#include "store.h"

#include <stdio.h>

#include "common/present/uefi_boot.h"
#include "newfile.h"

/* What would be started, or what lacks nothing but a boot manager, which a stick can bring. */
static const struct ldm_component *store_component(const struct boot_plan *plan)
{
    if (plan->chosen.component)
        return plan->chosen.component;
    for (size_t i = 0; i < plan->candidate_count; i++)
        if (uefi_lacks_boot_manager(&plan->candidates[i]))
            return plan->candidates[i].component;
    return NULL;
}

bool store_write(const char *path, const struct boot_plan *plan, struct arena *a)
{
    const struct ldm_component *component = store_component(plan);
    struct uefi_partition       partition;
    struct span                 store = { 0 };
    enum status                 st = component ? uefi_partition_of(component, &partition) : STATUS_NO_VOLUME;

    if (st == STATUS_OK)
        st = uefi_store_build(&partition, component->volume, a, &store);
    if (st != STATUS_OK) {
        fprintf(stderr, "ldmboot-inspect: %s: no volume to make a boot store for\n", path);
        return false;
    }
    return newfile_write(path, store);
}
