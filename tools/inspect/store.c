/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store.c - see store.h. */
#include "store.h"

#include <stdio.h>

#include "common/decide/alone.h"
#include "common/present/system_volume.h"
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

static enum status build_uefi(const struct ldm_component *component, const struct store_options *options,
                              struct arena *a, struct span *out)
{
    struct uefi_partition partition;

    TRY(uefi_partition_of(component, &partition));
    return uefi_store_build(&partition, component->volume, options, a, out);
}

/* By BIOS a store is made only when the system volume is, and not for NTLDR, which has none. */
static enum status build_bios(const struct boot_facts *facts, const struct boot_plan *plan, struct arena *a, struct span *out)
{
    const struct plan_candidate *c = &plan->chosen;
    struct component_facts      *f = facts_find(facts, c->component);

    if (!f || c->verdict == VERDICT_NEVER)
        return c->code;
    if (c->lost != STATUS_OK)
        return c->lost;
    if (f->alone == ALONE_NT || c->method == METHOD_VBR)
        return c->rank > RANK_WINDOWS ? STATUS_NO_LOADER : STATUS_NO_STORE_MADE;
    return system_volume_store(&(struct system_source){ plan, facts, f }, a, out);
}

/* To stderr, beside what could be JSON. */
static void show_options(const struct store_options *options)
{
    for (size_t i = 0; i < STORE_OPTION_COUNT; i++) {
        const char *word = store_option_word(i, options->value[i]);

        if (!store_option_given(options, i))
            continue;
        fprintf(stderr, "boot store: %s (%08x) = ", store_option_list[i].name, (unsigned)store_option_list[i].element);
        if (word)
            fprintf(stderr, "%s\n", word);
        else
            fprintf(stderr, "%u\n", (unsigned)options->value[i]);
    }
}

bool store_write(const char *path, const struct boot_facts *facts, const struct boot_plan *plan, struct span taken,
                 struct arena *a)
{
    const struct ldm_component *component = store_component(plan);
    struct span                 store = taken;
    enum status                 st = taken.len ? STATUS_OK : plan->reason != STATUS_OK ? plan->reason : STATUS_NO_VOLUME;

    if (component && !taken.len)
        st = facts->rules == &uefi_rules ? build_uefi(component, &plan->store, a, &store) :
                                           build_bios(facts, plan, a, &store);
    if (st != STATUS_OK) {
        fprintf(stderr, "ldmboot-inspect: %s: not written: LDM-%04u: %s\n", path, (unsigned)st, status_sentence(st));
        return false;
    }
    if (!newfile_write(path, store))
        return false;
    if (!taken.len && !plan->store.found)  /* else they are not in it */
        show_options(&plan->store);
    return true;
}
