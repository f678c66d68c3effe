/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spare.c - see spare.h. */
#include "spare.h"

static bool is_current(const struct ldm_component *c)
{
    if (!c->usable)
        return false;
    for (size_t i = 0; i < c->extent_count; i++)
        if (c->extents[i].disk->vmdb.committed < c->volume->group->vmdb.committed)
            return false;
    return true;
}

const struct ldm_component *spare_half(const struct ldm_component *component)
{
    const struct ldm_volume *volume = component->volume;

    if (!is_current(component))
        return NULL;
    for (size_t i = 0; i < volume->component_count; i++)
        if (volume->components[i] != component && is_current(volume->components[i]))
            return volume->components[i];
    return NULL;
}
