/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spare.c - see spare.h. */
#include "spare.h"

static bool is_current(const struct ldm_component *c)
{
    return c->usable && !ldm_component_outdated(c);
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
