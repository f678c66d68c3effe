/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts.c - see facts.h. */
#include "facts.h"

struct component_facts *facts_find(const struct boot_facts *facts, const struct ldm_component *component)
{
    for (size_t i = 0; facts && i < facts->count; i++)
        if (facts->components[i].component == component)
            return &facts->components[i];
    return NULL;
}

unsigned facts_mbr_number(const struct component_facts *f)
{
    return f->disk->table == TABLE_MBR ? f->partition_number : 0;
}

unsigned facts_any_number(const struct component_facts *f)
{
    return f->partition_number;
}
