/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lookup.c - from what boot.ini and the boot store say to what has to be shown; see lookup.h.
 *
 * A name in the boot store (disk signature, offset) is left alone when its disk is here. It
 * is answered with another half's when its disk is not here, and when it names a half
 * that must not, or could not, be started: one with a mark against it, or one without an
 * entry in its disk's own table, where BOOTMGR looks. A disk that was away is such a mark.
 */
#include "lookup.h"

#include "common/base/checked.h"
#include "common/base/mem.h"

#define SECTOR_SHIFT        9
#define LAST_32_BIT_SECTOR  ((uint64_t)1 << 32)
#define FIRST_MBR_EXTENT    63  /* public region of every MBR disk that was seen (docs/ldm-format.md) */

struct task {
    const struct ldm_view        *view;
    const struct boot_facts      *facts;
    const struct component_facts *loader;
    struct arena                 *arena;
    struct lookup                *out;
    unsigned                      answered;  /* names of other disks that are read as this one's */
};

static void note(struct task *t, enum status code, const struct component_facts *about)
{
    note_add(&t->out->notes, t->arena, code, "%s", about->component->name);
}

static const struct ldm_extent *first_extent(const struct component_facts *f)
{
    return &f->component->extents[0];
}

/* ---- entries of sector 0 */

/* On the virtual disk the loader's volume is in one piece, over whatever the disk has there. */
static bool has_its_place(const struct task *t, const struct component_facts *f)
{
    uint64_t start = first_extent(f)->lba, size = f->volume->sectors;
    uint64_t taken = first_extent(t->loader)->lba, taken_size = t->loader->volume->sectors;

    if (f->component->extent_count != 1 || f->status != STATUS_OK || f->boot_sector_is_backup)
        return false;
    return range_inside(start, size, LAST_32_BIT_SECTOR) &&
           (range_inside(start, size, taken) || start >= taken + taken_size);
}

static bool is_shown(const struct lookup *out, const struct component_facts *f)
{
    for (size_t i = 0; i < out->slot_count; i++)
        if (out->slots[i] == f)
            return true;
    return false;
}

static void set_slot(struct lookup *out, size_t slot, const struct component_facts *f)
{
    out->slots[slot] = f;
    if (out->slot_count <= slot)
        out->slot_count = slot + 1;
}

/* Give a volume of the loader's disk an entry, wherever one is free. */
static void show_anywhere(struct task *t, const struct component_facts *f)
{
    if (is_shown(t->out, f))
        return;
    if (!has_its_place(t, f)) {
        note(t, STATUS_VOLUME_NOT_SHOWN, f);
        return;
    }
    for (size_t i = 0; i < MBR_ENTRIES; i++)
        if (!t->out->slots[i]) {
            set_slot(t->out, i, f);
            return;
        }
    note(t, STATUS_TABLE_FULL, f);
}

/* ---- boot.ini */

/* Why the default entry does not mean a partition of the disk as it is shown; OK when it does. */
static enum status why_not_ours(const struct task *t, const struct bootini_entry *entry)
{
    if (entry->form == BOOTINI_SCSI)
        return STATUS_BOOTINI_SCSI;
    if (entry->form == BOOTINI_SIGNATURE)
        return entry->adapter == t->loader->disk->mbr.signature ? STATUS_OK : STATUS_BOOTINI_SIGNATURE;
    return entry->rdisk == 0 ? STATUS_OK : STATUS_BOOTINI_RDISK;
}

/* The entry that partition(N) means goes to the volume with Windows, another one to the loader's. */
static void place_by_bootini(struct task *t, uint32_t partition)
{
    const struct component_facts *windows = t->loader->files.windows;

    if (!windows) {
        note(t, STATUS_WINDOWS_NOT_FOUND, t->loader);
        windows = t->loader;
    }
    if (windows != t->loader && !has_its_place(t, windows)) {
        note(t, STATUS_VOLUME_NOT_SHOWN, windows);
        return;
    }
    if (partition < 1 || partition > MBR_ENTRIES || first_extent(t->loader)->lba <= MBR_ENTRIES) {
        note(t, STATUS_PARTITION_NUMBER, t->loader);
        return;
    }
    set_slot(t->out, partition - 1, windows);
}

static void follow_bootini(struct task *t)
{
    const struct bootini_entry *entry = &t->loader->files.bootini;
    enum status                 why;

    if (!t->loader->files.has_bootini || entry->form == BOOTINI_OTHER)
        return;
    t->out->windows = t->loader->files.windows;
    why = why_not_ours(t, entry);
    if (why != STATUS_OK)
        note(t, why, t->loader);
    else
        place_by_bootini(t, entry->partition);
}

/* ---- the boot store */

static bool has_signature(const struct ldm_disk *disk, uint32_t signature)
{
    return disk->has_sector0 && disk->mbr.signature == signature;
}

/* The loader's own disk first, as BOOTMGR will see them: a copy of it has the same signature. */
static const struct ldm_disk *disk_by_signature(const struct task *t, uint32_t signature)
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

        if (f->disk == disk && first_extent(f)->lba << SECTOR_SHIFT == offset)
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
static const struct ldm_volume *lost_volume_at(const struct task *t, uint64_t offset)
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
static const struct component_facts *half_of(const struct task *t, const struct ldm_volume *volume)
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
static const struct component_facts *meaning_of(const struct task *t, const struct store_name *name,
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
    return t->loader->files.windows ? t->loader->files.windows : t->loader;
}

/* Put patches over `len` bytes of the store; false: no room, or they have no place. */
static bool answer(struct task *t, const struct file_bytes *at, const uint8_t *bytes)
{
    struct lookup *out = t->out;

    if (at->pieces == 0 || at->pieces > LOOKUP_MAX_PATCHES - out->patch_count)
        return false;
    for (unsigned i = 0; i < at->pieces; i++) {
        struct lookup_patch *p = &out->patches[out->patch_count++];

        *p = (struct lookup_patch){ at->piece[i].sector, at->piece[i].offset, at->piece[i].len, { 0 } };
        memcpy(p->bytes, bytes, p->len);
        bytes += p->len;
    }
    return true;
}

/* Both numbers of a name or none: half a name would be another name. */
static void answer_with(struct task *t, const struct store_name *name, const struct component_facts *half)
{
    uint8_t signature[4], offset[8];
    size_t  before = t->out->patch_count;

    wr_le32(signature, half->disk->mbr.signature);
    wr_le64(offset, first_extent(half)->lba << SECTOR_SHIFT);
    if (answer(t, &name->signature_at, signature) && answer(t, &name->offset_at, offset)) {
        t->answered++;
        return;
    }
    t->out->patch_count = before;
    note(t, name->signature_at.pieces && name->offset_at.pieces ? STATUS_STORE_TOO_MANY : STATUS_STORE_UNREACHABLE,
         t->loader);
}

static void keep_visible(struct task *t, const struct ldm_disk *disk)
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
static void follow_name(struct task *t, const struct store_name *name, bool first)
{
    const struct ldm_disk        *disk = disk_by_signature(t, name->signature);
    const struct component_facts *half = meaning_of(t, name, disk);

    if (!half && disk) {  /* a disk of its own, not dynamic, or a place that no volume has */
        keep_visible(t, disk);
        return;
    }
    if (!half) {
        note(t, STATUS_STORE_VOLUME_LOST, t->loader);
        return;
    }
    if (first && !t->out->windows)
        t->out->windows = half;
    if (half->disk != disk || first_extent(half)->lba << SECTOR_SHIFT != name->offset)
        answer_with(t, name, half);
    if (half->disk == t->loader->disk)
        show_anywhere(t, half);
    else
        keep_visible(t, half->disk);
}

static void follow_store(struct task *t)
{
    const struct loader_files *files = &t->loader->files;

    for (size_t i = 0; i < files->name_count; i++)
        follow_name(t, &files->names[i], i == 0);
    if (files->names_cut)
        note(t, STATUS_STORE_TOO_MANY, t->loader);
    if (t->answered)
        note_add(&t->out->notes, t->arena, STATUS_STORE_RETARGETED, "%s, %u names", t->loader->component->name,
                 t->answered);
}

const struct lookup *lookup_make(const struct ldm_view *view, const struct boot_facts *facts,
                                 const struct component_facts *loader, struct arena *a)
{
    struct lookup *out = arena_alloc(a, sizeof *out);
    struct task    t = { view, facts, loader, a, out, 0 };

    if (!out)
        return NULL;
    follow_bootini(&t);
    if (!is_shown(out, loader))
        set_slot(out, out->slots[0] ? 1 : 0, loader);
    follow_store(&t);
    return out;
}
