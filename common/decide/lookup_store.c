/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lookup_store.c - the names of disks in \Boot\BCD, and what is read instead of them.
 *
 * A name (disk signature, offset) is left alone when its disk is here. It is answered with another half's when its
 * disk is not here, and when it names a half that must not, or could not, be started: one with a mark against it (a
 * disk that was away is one), or one without an entry in its disk's own table, where BOOTMGR looks.
 */
#include "lookup_store.h"

#include "common/base/mem.h"

#define FIRST_MBR_EXTENT 63  /* public region of every MBR disk that was seen (docs/ldm-format.md) */

static bool has_signature(const struct ldm_disk *disk, uint32_t signature)
{
    return disk->has_sector0 && disk->mbr.signature == signature;
}

/* The loader's own disk first, as BOOTMGR will see them: a copy of it has the same signature. */
static const struct ldm_disk *disk_by_signature(const struct lookup_task *t, uint32_t signature)
{
    if (has_signature(t->loader->disk, signature))
        return t->loader->disk;
    for (size_t i = 0; i < t->view->disk_count; i++)
        if (has_signature(&t->view->disks[i], signature))
            return &t->view->disks[i];
    return NULL;
}

/* The half that begins at a byte offset of a connected disk. */
static const struct component_facts *half_at(const struct boot_facts *facts, const struct ldm_disk *disk,
                                             uint64_t offset)
{
    for (size_t i = 0; i < facts->count; i++) {
        const struct component_facts *f = &facts->components[i];

        if (f->disk == disk && lookup_extent(f)->lba << SECTOR_SHIFT == offset)
            return f;
    }
    return NULL;
}

/* Where a disk that is not here had its public region: where the loader's has it, if that is an MBR disk too. */
static uint64_t public_start(const struct ldm_disk *like)
{
    return like->table == TABLE_MBR && like->privhead.public_start ? like->privhead.public_start : FIRST_MBR_EXTENT;
}

/* The volume that had a half at this offset of a disk that is not here; NULL when no record fits. */
static const struct ldm_volume *lost_volume_at(const struct lookup_task *t, uint64_t offset)
{
    const struct ldm_group *group = t->loader->volume->group;

    for (size_t i = 0; i < group->component_count; i++) {
        const struct ldm_component *c = &group->components[i];

        if (c->volume && c->extent_count > 0 && !c->extents[0].disk &&
            (c->extents[0].partition->start + public_start(t->loader->disk)) << SECTOR_SHIFT == offset)
            return c->volume;
    }
    return NULL;
}

/* A half that Windows may be started from: nothing is held against it, and its disk has not been away. */
static bool is_good(const struct component_facts *f)
{
    return f->component->usable && !ldm_component_outdated(f->component);
}

/* The half of a volume to answer with: on the loader's disk, else a good one anywhere. */
static const struct component_facts *half_of(const struct lookup_task *t, const struct ldm_volume *volume)
{
    const struct component_facts *other = NULL;

    for (size_t i = 0; i < t->facts->count; i++) {
        const struct component_facts *f = &t->facts->components[i];

        if (f->volume != volume)
            continue;
        if (f->disk == t->loader->disk)
            return f;
        if (!other && is_good(f))
            other = f;
    }
    return other;
}

/* What a name means now; NULL: nothing of it is here. */
static const struct component_facts *meaning_of(const struct lookup_task *t, const struct store_name *name,
                                                const struct ldm_disk *disk)
{
    const struct component_facts *named = half_at(t->facts, disk ? disk : t->loader->disk, name->offset), *better;
    const struct ldm_volume      *lost;

    if (disk) {
        better = named && (!is_good(named) || !named->retained) ? half_of(t, named->volume) : NULL;
        return better && disk != t->loader->disk ? better : named;
    }
    lost = lost_volume_at(t, name->offset);
    if (lost)
        return half_of(t, lost);
    if (named)  /* halves lie at the same place of both disks more often than not */
        return named;
    return t->loader->files.winload.count ? t->loader->files.winload.at[0] : t->loader;
}

/* Both numbers of a name or none: half a name would be another name. */
static void answer_with(struct lookup_task *t, const struct store_name *name, const struct component_facts *half)
{
    uint8_t signature[4], offset[8];
    size_t  before = t->out->patch_count, bytes_before = t->patch_bytes;

    wr_le32(signature, half->disk->mbr.signature);
    wr_le64(offset, lookup_extent(half)->lba << SECTOR_SHIFT);
    if (lookup_answer(t, &name->signature_at, signature, 0, sizeof signature) &&
        lookup_answer(t, &name->offset_at, offset, 0, sizeof offset)) {
        t->answered++;
        return;
    }
    t->out->patch_count = before;
    t->patch_bytes = bytes_before;
    lookup_note(t, name->signature_at.pieces && name->offset_at.pieces ? STATUS_STORE_TOO_MANY :
                STATUS_STORE_UNREACHABLE, t->loader);
}

static void keep_visible(struct lookup_task *t, const struct ldm_disk *disk)
{
    struct lookup *out = t->out;

    if (disk == t->loader->disk || out->disk_count == LOOKUP_MAX_DISKS)
        return;
    for (size_t i = 0; i < out->disk_count; i++)
        if (out->disks[i] == disk->dev)
            return;
    out->disks[out->disk_count++] = disk->dev;
}

/* One name; `first`: of the default entry, if that has one. */
static void follow_name(struct lookup_task *t, const struct store_name *name, bool first)
{
    const struct ldm_disk        *disk = disk_by_signature(t, name->signature);
    const struct component_facts *half = meaning_of(t, name, disk);

    if (!half && disk) {  /* a disk of its own, not dynamic, or a place that no volume has */
        keep_visible(t, disk);
        return;
    }
    if (!half) {
        lookup_note(t, STATUS_STORE_VOLUME_LOST, t->loader);
        return;
    }
    if (first && !t->out->windows)
        t->out->windows = half;
    if (!disk || half->disk != disk || lookup_extent(half)->lba << SECTOR_SHIFT != name->offset)
        answer_with(t, name, half);
    if (half->disk == t->loader->disk)
        lookup_want(t, half, 0);
    else
        keep_visible(t, half->disk);
}

/*
 * Windows's own volume, also where the store names none by its place ("locate" elements), or could not be read: then
 * every volume that has what BOOTMGR starts.
 */
static void follow_winload(struct lookup_task *t)
{
    const struct loader_files *files = &t->loader->files;

    for (size_t i = 0; i < files->winload.count && (i == 0 || !files->has_store); i++)
        lookup_want(t, files->winload.at[i], 0);
    if (!t->out->windows && files->winload.count)
        t->out->windows = files->winload.at[0];
}

void lookup_follow_store(struct lookup_task *t)
{
    const struct loader_files *files = &t->loader->files;

    for (size_t i = 0; i < files->name_count; i++)
        follow_name(t, &files->names[i], i == 0);
    if (files->names_cut)
        lookup_note(t, STATUS_STORE_TOO_MANY, t->loader);
    follow_winload(t);
    if (t->answered)
        note_add(&t->out->notes, t->arena, STATUS_STORE_RETARGETED, "%s, %u names", t->loader->component->name,
                 t->answered);
}
