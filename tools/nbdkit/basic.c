/* SPDX-License-Identifier: GPL-2.0-or-later */
/* basic.c - which volumes go to the new disk, and what is the same for BIOS and UEFI; see basic.h. */
#include "basic.h"

#include <errno.h>
#include <string.h>

#include "common/base/sha256.h"
#include "common/fs/bpb.h"
#include "common/windows/vbr.h"
#include "contents.h"
#include "messages.h"

unsigned basic_slot_of(const struct basic *b, enum basic_entry use)
{
    unsigned i = 0;

    while (i < MBR_ENTRIES && b->slots[i] != use)
        i++;
    return i;
}

uint64_t basic_align(uint64_t sector)
{
    return (sector + BASIC_ALIGN - 1) / BASIC_ALIGN * BASIC_ALIGN;
}

enum status basic_set_size(struct basic *b, uint64_t needed, uint64_t usual)
{
    b->disk->sectors = b->wishes.sectors ? b->wishes.sectors : needed > usual ? needed : usual;
    if (b->disk->sectors >= needed)
        return STATUS_OK;
    b->sources->told = true;
    say(MESSAGE_SIZE_SMALL, "%llu bytes are needed, %llu are missing", (unsigned long long)needed * SECTOR_BYTES,
        (unsigned long long)(needed - b->disk->sectors) * SECTOR_BYTES);
    return STATUS_READ_OUT_OF_RANGE;
}

struct extent_device *basic_device(struct sources *s, const struct ldm_component *half)
{
    struct extent_device         *xd = arena_alloc(&s->arena, sizeof *xd);
    const struct component_facts *f = facts_find(&s->facts, half);

    if (!xd || extent_device_init(xd, half, half->name) != STATUS_OK)
        return NULL;
    extent_device_set_spare(xd, sources_spare(s, half));
    xd->whole = s->at_once;
    if (f && f->boot_sector_is_backup)
        extent_device_set_boot_sector(xd, f->boot_sector);
    return xd;
}

/* ---- which volumes */

bool basic_has(const struct basic *b, const struct ldm_volume *volume)
{
    for (size_t i = 0; i < b->count; i++)
        if (b->volumes[i].volume == volume)
            return true;
    return false;
}

bool basic_is_on_disk(const struct ldm_component *c, const struct ldm_disk *disk)
{
    for (size_t i = 0; i < c->extent_count; i++)
        if (c->extents[i].disk != disk)
            return false;
    return c->extent_count > 0;
}

static enum status take(struct basic *b, const struct ldm_component *half)
{
    struct basic_volume *v = &b->volumes[b->count];

    if (basic_has(b, half->volume))
        return STATUS_OK;
    if (b->count == BASIC_MAX_VOLUMES) {
        say(MESSAGE_TABLE_FULL, "%s", half->volume->name);
        return STATUS_OK;
    }
    *v = (struct basic_volume){ .volume = half->volume, .half = half, .facts = facts_find(&b->sources->facts, half),
                                .device = basic_device(b->sources, half) };
    if (!v->device)
        return STATUS_COMPONENT_UNREADABLE;
    b->count++;
    return STATUS_OK;
}

/* The volume that starts, the one with its Windows, and all others that are whole on the same disk. */
static enum status take_all(struct basic *b)
{
    const struct plan_candidate *chosen = &b->sources->plan.chosen;
    const struct ldm_group      *group = chosen->volume->group;
    const struct lookup         *lookup = chosen->lookup;

    TRY(take(b, chosen->component));
    if (lookup && lookup->windows && lookup->windows->component->present)
        TRY(take(b, lookup->windows->component));
    for (size_t i = 0; i < group->volume_count; i++) {
        const struct ldm_component *half = sources_half(b->sources, &group->volumes[i]);

        if (half && half->present && basic_is_on_disk(half, chosen->facts->disk))
            TRY(take(b, half));
    }
    return STATUS_OK;
}

/* ---- identity */

/* Nothing of it is left to chance: a copy that was interrupted goes on with the names that it began with. */
void basic_new_name(const struct basic *b, struct span old, unsigned tag, uint8_t out[BASIC_NAME_BYTES])
{
    struct sha256 hash = sha256_begin();
    uint8_t       number[4], sum[SHA256_BYTES];

    wr_le32(number, tag);
    sha256_add(&hash, old);
    sha256_add(&hash, span_of(number, sizeof number));
    sha256_add(&hash, span_of(b->wishes.seed, strlen(b->wishes.seed)));
    sha256_end(&hash, sum);
    memcpy(out, sum, BASIC_NAME_BYTES);
}

/* ---- a volume on the disk */

/* HiddenSectors, in the disk's own sectors. Windows counts a logical drive's from its table on. */
static uint32_t hidden_sectors(const struct basic *b, const struct basic_volume *v)
{
    return (uint32_t)((v->slot == MBR_ENTRIES ? BASIC_ALIGN : v->start) / (b->disk->block_size / SECTOR_BYTES));
}

enum status basic_add_volume(struct basic *b, const struct basic_volume *v)
{
    const struct component_facts *f = v->facts;
    uint8_t                       wanted[SECTOR_BYTES];

    TRY(composed_add(b->disk, (struct piece){ .start = v->start, .sectors = v->volume->sectors,
                                              .dev = &v->device->dev, .half = v->half }));
    if (!f || f->status != STATUS_OK || f->fs == FS_NONE)
        return STATUS_OK;
    vbr_patch(f->boot_sector, f->fs, hidden_sectors(b, v), wanted);
    wr_le16(wanted + BPB_SECTORS_PER_TRACK, BASIC_TRACK);
    wr_le16(wanted + BPB_HEADS, BASIC_HEADS);
    TRY(composed_overlay(b->disk, b->arena, v->start * SECTOR_BYTES, wanted, sizeof wanted));
    if (f->backup_boot_sector)
        TRY(composed_overlay(b->disk, b->arena, (v->start + f->backup_boot_sector) * SECTOR_BYTES, wanted, sizeof wanted));
    return STATUS_OK;
}

enum status basic_build(struct sources *s, struct basic_wishes wishes, struct composed *out)
{
    struct basic *b = arena_alloc(&s->arena, sizeof *b);

    if (!b)
        return STATUS_NO_MEMORY;
    *b = (struct basic){ .sources = s, .arena = &s->arena, .disk = out, .wishes = wishes };
    TRY(composed_init(out, s->plan.chosen.facts->disk->dev->block_size, s->at_once, b->arena));
    TRY(take_all(b));
    TRY(s->facts.rules == &uefi_rules ? basic_build_uefi(b) : basic_build_bios(b));
    if (wishes.contents && !contents_write(b, wishes.contents)) {
        s->told = true;
        say(MESSAGE_CONTENTS_UNWRITTEN, "%s (%s)", wishes.contents, strerror(errno));
        return STATUS_INTERNAL;
    }
    return basic_answer_letters(b);
}
