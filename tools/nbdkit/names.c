/* SPDX-License-Identifier: GPL-2.0-or-later */
/* names.c - see names.h. */
#include "names.h"

#include <string.h>

#include "messages.h"

enum form { NAME_ALONE, NAME_WITH_GROUP, NAME_WITH_DISK, NAME_WITH_ID };

const struct ldm_component *volume_first_here(const struct ldm_volume *volume)
{
    for (size_t i = 0; i < volume->component_count; i++)
        if (volume->components[i]->present && volume->components[i]->extent_count > 0)
            return volume->components[i];
    return NULL;
}

/* The file of a disk that it is on: no disk is in two groups. */
static const char *disk_of(const struct ldm_volume *volume, bool whole_path)
{
    const struct ldm_component *here = volume_first_here(volume);
    const char                 *path = here ? here->extents[0].disk->dev->name : "", *slash = strrchr(path, '/');

    return slash && !whole_path ? slash + 1 : path;
}

const char *name_to_show(const char *text, struct arena *a)
{
    struct span all = span_of(text, strlen(text));
    size_t      len = 0;
    uint8_t    *out = arena_alloc(a, 2 * all.len + 1);  /* a byte that is no UTF-8 becomes two */

    if (!out)
        return NULL;
    for (size_t pos = 0; pos < all.len;) {
        uint8_t letter[UTF8_MAX_BYTES];
        size_t  bytes = message_letter(all, &pos, letter);

        memcpy(out + len, letter, bytes);
        len += bytes;
    }
    return (const char *)out;
}

static const char *name_in(enum form form, const struct ldm_volume *v, struct arena *a)
{
    const char *text = v->name;

    if (form == NAME_WITH_GROUP)
        text = text_in_arena(a, "%s (%s)", v->name, v->group->name);
    if (form == NAME_WITH_DISK)
        text = text_in_arena(a, "%s (%s, %s)", v->name, v->group->name, disk_of(v, false));
    if (form == NAME_WITH_ID)
        text = text_in_arena(a, "%s (%s, %s, object %llu)", v->name, v->group->name, disk_of(v, true), (unsigned long long)v->id);
    return text ? name_to_show(text, a) : NULL;
}

/* Would another volume, or an export that is none, have this name in this form? */
static bool is_shared(const struct ldm_view *view, enum form form, const struct ldm_volume *volume, const char *name,
                      struct arena *a)
{
    bool shared = name[0] == '\0' || strcmp(name, NAME_BASIC) == 0 || strcmp(name, NAME_SEEN) == 0;

    for (size_t g = 0; g < view->group_count && !shared; g++)
        for (size_t i = 0; i < view->groups[g].volume_count && !shared; i++) {
            const struct ldm_volume *other = &view->groups[g].volumes[i];
            size_t                   mark = arena_mark(a);
            const char              *theirs;

            if (other == volume || !volume_first_here(other))
                continue;
            theirs = name_in(form, other, a);
            shared = !theirs || strcmp(theirs, name) == 0;
            arena_release(a, mark);
        }
    return shared;
}

const char *volume_name(const struct ldm_view *view, const struct ldm_volume *volume, struct arena *a)
{
    const char *name;

    for (int form = NAME_ALONE; form < NAME_WITH_ID; form++) {
        name = name_in((enum form)form, volume, a);
        if (!name || !is_shared(view, (enum form)form, volume, name, a))
            return name;
    }
    return name_in(NAME_WITH_ID, volume, a);
}

bool volume_guid_is_its_own(const struct ldm_view *view, const struct ldm_volume *volume)
{
    for (size_t g = 0; g < view->group_count; g++)
        for (size_t i = 0; i < view->groups[g].volume_count; i++) {
            const struct ldm_volume *other = &view->groups[g].volumes[i];

            if (other != volume && volume_first_here(other) && guid_equal(&other->guid, &volume->guid))
                return false;
        }
    return true;
}

const struct ldm_volume *volume_called(const struct ldm_view *view, const char *name, struct arena *a)
{
    for (size_t g = 0; g < view->group_count; g++)
        for (size_t i = 0; i < view->groups[g].volume_count; i++) {
            const struct ldm_volume *v = &view->groups[g].volumes[i];
            const char              *theirs = volume_first_here(v) ? volume_name(view, v, a) : NULL;

            if (theirs && strcmp(theirs, v->name) != 0 && strcmp(theirs, name) == 0)
                return v;
        }
    return NULL;
}
