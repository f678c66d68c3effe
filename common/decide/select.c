/* SPDX-License-Identifier: GPL-2.0-or-later */
/* select.c - find what the keys volume, disk and component of the configuration name. */
#include "select.h"

#include "common/base/ascii.h"
#include "common/base/mem.h"

static bool same_text(const char *a, const char *b)
{
    return ascii_equal(span_of(a, strlen(a)), b);
}

static bool same_guid(const char *text, const struct guid *guid)
{
    struct guid wanted;

    return guid_parse(span_of(text, strlen(text)), &wanted) && guid_equal(&wanted, guid);
}

static enum match match_volume(const char *text, const struct ldm_volume *volume)
{
    if (same_guid(text, &volume->guid))
        return MATCH_GUID;
    if (same_text(text, volume->name))
        return MATCH_NAME;
    return same_text(text, volume->hint) ? MATCH_LETTER : MATCH_NONE;
}

/* The best match so far, and how many objects have it. */
struct tally {
    enum match best;
    unsigned   count;
};

static void tally_add(struct tally *t, enum match m)
{
    if (m == MATCH_NONE || m < t->best)
        return;
    t->count = m > t->best ? 1 : t->count + 1;
    t->best = m;
}

static struct tally tally_volumes(const struct ldm_view *view, const char *text)
{
    struct tally t = { MATCH_NONE, 0 };

    for (size_t g = 0; g < view->group_count; g++)
        for (size_t v = 0; v < view->groups[g].volume_count; v++)
            tally_add(&t, match_volume(text, &view->groups[g].volumes[v]));
    return t;
}

/* Is a part of a volume with this letter on the disk? */
static bool disk_holds_letter(const struct ldm_group *group, const struct ldm_disk_record *disk, const char *text)
{
    for (size_t i = 0; i < group->partition_count; i++) {
        const struct ldm_partition *p = &group->partitions[i];

        if (p->disk == disk && p->component && p->component->volume && same_text(text, p->component->volume->hint))
            return true;
    }
    return false;
}

static enum match match_disk(const char *text, const struct ldm_group *group, const struct ldm_disk_record *disk)
{
    if (same_guid(text, &disk->guid))
        return MATCH_GUID;
    if (same_text(text, disk->name))
        return MATCH_NAME;
    return disk->present && disk_holds_letter(group, disk, text) ? MATCH_LETTER : MATCH_NONE;
}

static struct tally tally_disks(const struct ldm_view *view, const char *text)
{
    struct tally t = { MATCH_NONE, 0 };

    for (size_t g = 0; g < view->group_count; g++)
        for (size_t d = 0; d < view->groups[g].disk_count; d++)
            tally_add(&t, match_disk(text, &view->groups[g], &view->groups[g].disks[d]));
    return t;
}

static bool has_volume(const struct selection *sel, const struct ldm_volume *volume)
{
    if (!sel->cfg->volume[0])
        return true;
    return sel->volume != MATCH_NONE && match_volume(sel->cfg->volume, volume) == sel->volume;
}

static bool has_disk(const struct selection *sel, const struct ldm_component *component)
{
    if (!sel->cfg->disk[0])
        return true;
    for (size_t i = 0; sel->disk != MATCH_NONE && i < component->extent_count; i++) {
        const struct ldm_disk_record *disk = component->extents[i].partition->disk;

        if (disk && match_disk(sel->cfg->disk, component->volume->group, disk) == sel->disk)
            return true;
    }
    return false;
}

bool selection_has(const struct selection *sel, const struct ldm_component *component)
{
    if (!component->volume || !has_volume(sel, component->volume) || !has_disk(sel, component))
        return false;
    return !sel->cfg->component[0] || same_text(sel->cfg->component, component->name);
}

static unsigned count_components(const struct ldm_view *view, const struct selection *sel)
{
    unsigned count = 0;

    for (size_t g = 0; g < view->group_count; g++)
        for (size_t c = 0; c < view->groups[g].component_count; c++)
            count += selection_has(sel, &view->groups[g].components[c]);
    return count;
}

struct selection selection_make(const struct ldm_view *view, const struct config *cfg)
{
    struct selection sel = { .cfg = cfg, .by_volume = cfg->volume[0] || cfg->component[0] };
    struct tally     volumes = tally_volumes(view, cfg->volume), disks = tally_disks(view, cfg->disk);

    sel.given = sel.by_volume || cfg->disk[0];
    sel.volume = volumes.best;
    sel.disk = disks.best;
    sel.ambiguous = (cfg->volume[0] && volumes.count > 1) || (cfg->disk[0] && disks.count > 1) ||
                    (cfg->component[0] && count_components(view, &sel) > 1);
    return sel;
}
