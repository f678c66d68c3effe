/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exports.c - see exports.h. */
#include "exports.h"

#include <stdlib.h>
#include <string.h>

#include "basic.h"
#include "messages.h"
#include "names.h"

/* The virtual disk as a block device. */
struct vdisk_device {
    struct block_device dev;  /* first member: `read` casts back */
    struct vdisk        vdisk;
};

static enum status read_vdisk(struct block_device *dev, uint64_t lba, uint32_t count, void *buf)
{
    return vdisk_read(&((struct vdisk_device *)dev)->vdisk, lba, count, buf);
}

static struct export *find_name(struct exports *e, const char *name)
{
    for (size_t i = 0; i < e->count; i++)
        if (strcmp(e->list[i].name, name) == 0)
            return &e->list[i];
    return NULL;
}

static struct export *find_volume(struct exports *e, const struct ldm_volume *volume)
{
    for (size_t i = 0; i < e->count; i++)
        if (e->list[i].volume == volume)
            return &e->list[i];
    return NULL;
}

/* False: not added. */
static bool add(struct exports *e, struct export x)
{
    if (e->count == e->room || !x.name || !x.about || !x.map || find_name(e, x.name))
        return false;
    e->list[e->count++] = x;
    return true;
}

static struct map *new_map(struct sources *s)
{
    return arena_alloc(&s->arena, sizeof(struct map));
}

/* ---- seen */

static enum status make_seen(struct sources *s, struct basic_wishes wishes, struct composed *out)
{
    struct vdisk_device *vd = arena_alloc(&s->arena, sizeof *vd);

    (void)wishes;
    if (!vd)
        return STATUS_NO_MEMORY;
    TRY(composed_init(out, SECTOR_BYTES, s->at_once, &s->arena));
    TRY(vdisk_build(&s->plan, &vd->vdisk));
    vd->dev = (struct block_device){ .name = "seen", .block_size = SECTOR_BYTES, .block_count = vd->vdisk.sectors,
                                     .never_given_up = true, .read = read_vdisk };
    return composed_add(out, (struct piece){ .sectors = vd->vdisk.sectors, .dev = &vd->dev, .vdisk = &vd->vdisk });
}

/* ---- volumes */

static enum status make_volume(struct sources *s, const struct ldm_component *half, struct composed *out)
{
    struct extent_device *xd = basic_device(s, half);

    if (!xd)
        return STATUS_COMPONENT_UNREADABLE;
    TRY(composed_init(out, xd->dev.block_size, s->at_once, &s->arena));
    return composed_add(out, (struct piece){ .sectors = half->volume->sectors, .dev = &xd->dev, .half = half });
}

static void say_why_not(const struct ldm_volume *volume)
{
    for (size_t i = 0; i < volume->component_count; i++)
        if (sources_is_readable(volume->components[i])) {
            say(MESSAGE_HALF_IN_DOUBT, "%s, %s on %s", volume->name, volume->components[i]->name,
                ldm_component_disk_name(volume->components[i]));
            return;
        }
    if (volume_first_here(volume))
        say(MESSAGE_NO_EXPORT, "%s", volume->name);
}

static void add_volume(struct exports *e, struct sources *s, const struct ldm_volume *volume)
{
    const struct ldm_component *half = sources_half(s, volume);
    struct composed            *disk = arena_alloc(&s->arena, sizeof *disk);
    struct export               x = { .volume = volume, .disk = disk, .map = new_map(s) };
    char                        guid[GUID_TEXT_SIZE];

    if (!half || !disk || make_volume(s, half, disk) != STATUS_OK)
        return;
    if (sources_is_lifted(s, half))
        say(MESSAGE_MARK_LIFTED, "%s", half->name);
    x.name = volume_name(&s->view, volume, &s->arena);
    x.about = text_in_arena(&s->arena, "volume %s%s%s, %s on %s", x.name ? x.name : volume->name, volume->hint && *volume->hint ? " " : "",
                            volume->hint ? volume->hint : "", half->name, half->extents[0].disk->dev->name);
    x.about = x.about ? name_to_show(x.about, &s->arena) : NULL;
    (void)add(e, x);
    x.name = text_in_arena(&s->arena, "%s", guid_format(&volume->guid, guid));
    if (volume_guid_is_its_own(&s->view, volume))
        (void)add(e, x);
}

static void add_volumes(struct exports *e, struct sources *s)
{
    for (size_t g = 0; g < s->view.group_count; g++)
        for (size_t v = 0; v < s->view.groups[g].volume_count; v++)
            add_volume(e, s, &s->view.groups[g].volumes[v]);
}

/* `known`: that something is held against it has been said; NULL: of none. */
static void say_left_out(struct exports *e, const struct sources *s, const struct ldm_volume *known)
{
    for (size_t g = 0; g < s->view.group_count; g++)
        for (size_t v = 0; v < s->view.groups[g].volume_count; v++) {
            const struct ldm_volume *volume = &s->view.groups[g].volumes[v];

            if (volume != known && !find_volume(e, volume))
                say_why_not(volume);
        }
}

/* ---- all */

typedef enum status (*maker)(struct sources *s, struct basic_wishes wishes, struct composed *out);

/* `wanted`: that it cannot be made is said. */
static bool add_disk(struct exports *e, struct sources *s, const char *name, const char *about, maker make,
                     struct basic_wishes wishes, bool wanted)
{
    struct composed *disk = arena_alloc(&s->arena, sizeof *disk);
    enum status      st;

    s->told = false;
    st = disk ? make(s, wishes, disk) : STATUS_NO_MEMORY;
    if (st == STATUS_OK)
        return add(e, (struct export){ .name = name, .about = about, .disk = disk, .map = new_map(s) });
    if (wanted && !s->told)
        say_status(st, s->plan.chosen.component->name);
    return false;
}

/* Two disks, and each volume by name and by GUID. */
static bool make_room(struct exports *e, struct sources *s)
{
    size_t volumes = 0;

    for (size_t g = 0; g < s->view.group_count; g++)
        volumes += s->view.groups[g].volume_count;
    *e = (struct exports){ .list = arena_array(&s->arena, 2 + 2 * volumes, sizeof *e->list), .room = 2 + 2 * volumes };
    if (!e->list)
        say_status(STATUS_NO_MEMORY, "the disks");
    return e->list != NULL;
}

/* The volume that volume= and component= mean, else the one that would be started, if it has an export; else any. */
static struct export *wanted_volume(struct exports *e, const struct sources *s, const char **name)
{
    bool named = s->config.volume[0] || s->config.component[0];

    if (s->named) {
        *name = s->volume;
        return find_volume(e, s->named);
    }
    for (size_t i = 0; i < s->plan.candidate_count; i++) {
        const struct plan_candidate *c = &s->plan.candidates[i];
        struct export               *found = find_volume(e, c->volume);

        if (c->selected && (named || found)) {
            *name = c->volume->name;
            return found;
        }
    }
    return named || e->count == 0 ? NULL : &e->list[0];
}

static bool choose_first(struct exports *e, const struct sources *s, enum layout layout)
{
    const char    *name = layout == LAYOUT_BASIC ? NAME_BASIC : layout == LAYOUT_SEEN ? NAME_SEEN : "volume";
    struct export *found = layout == LAYOUT_VOLUME ? wanted_volume(e, s, &name) : find_name(e, name);

    if (found)
        e->first = (size_t)(found - e->list);
    else if (s->plan.result == PLAN_BOOT)  /* else it has been said what is held against it */
        say(MESSAGE_EXPORT_UNKNOWN, "%s", name);
    return found != NULL;
}

bool exports_make(struct exports *e, struct sources *s, enum layout layout, struct basic_wishes wishes)
{
    bool quiet = layout == LAYOUT_VOLUME && !sources_is_clear(s) && !s->old_half;  /* a start is not wanted */
    bool starts = !quiet && sources_settle(s), served;

    if (!make_room(e, s) || (!starts && layout != LAYOUT_VOLUME))
        return false;
    if (starts) {
        bool basic = add_disk(e, s, NAME_BASIC, "a basic disk that starts by itself", basic_build, wishes,
                              layout == LAYOUT_BASIC);
        bool seen = s->facts.rules == &bios_rules &&
                    add_disk(e, s, NAME_SEEN, "the disk as Windows's loaders are shown it", make_seen, wishes,
                             layout == LAYOUT_SEEN);

        if ((layout == LAYOUT_BASIC && !basic) || (layout == LAYOUT_SEEN && !seen))
            return false;
    }
    add_volumes(e, s);
    served = choose_first(e, s, layout);
    if (!served && quiet)
        (void)sources_settle(s);
    say_left_out(e, s, !served && s->plan.result == PLAN_ASK ? s->plan.chosen.volume : NULL);
    return served;
}

struct export *exports_find(struct exports *e, const char *name)
{
    return *name ? find_name(e, name) : &e->list[e->first];
}
