/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slots.c - see slots.h. */
#include "slots.h"

#include "common/disk/partition_number.h"

static bool counts(const struct slot *slot)
{
    return slot->kind != SLOT_FREE && slot->kind != SLOT_HELD;
}

static bool disjoint(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
    return a >= b ? a - b >= b_size : b - a >= a_size;
}

/* Within what LDM has there, not at its beginning. */
static bool begins_in_a_volume(const struct mbr_entry *e, const struct ldm_disk *disk)
{
    uint64_t at = (uint64_t)e->start - disk->privhead.public_start;  /* before the region: larger than any place in it */

    for (size_t i = 0; disk->group && i < disk->group->partition_count; i++) {
        const struct ldm_partition *p = &disk->group->partitions[i];

        if (p->disk == disk->record && at > p->start && at - p->start < p->sectors)
            return true;
    }
    return false;
}

/*
 * A partition of the old kind (a vendor's service partition, a recovery one that a boot store may name) is shown as it
 * is, and its first sector with HiddenSectors of its own: so that sector must be the disk's (a copy on a smaller disk has
 * entries that lead off it), and no volume's in the middle. An entry of LDM's may begin anywhere, and one over the volume that
 * is shown would be taken for it. The places of all these are only kept.
 */
static bool may_be_shown(const struct mbr_entry *e, const struct component_facts *loader)
{
    return e->type != MBR_TYPE_LDM && e->start > MBR_ENTRIES && e->start < blk_sectors(loader->disk->dev) &&
           !begins_in_a_volume(e, loader->disk) &&
           disjoint(e->start, e->sectors, loader->component->extents[0].lba, loader->volume->sectors);
}

struct slots slots_of_table(const struct component_facts *loader)
{
    const struct mbr *mbr = &loader->disk->mbr;
    struct slots      s = { .at = { { .kind = SLOT_FREE } } };
    bool              behind = false;

    for (size_t i = MBR_ENTRIES; i-- > 0;) {
        const struct mbr_entry *e = &mbr->entries[i];

        if (!partition_is_numbered(e)) {
            s.at[i].kind = behind ? SLOT_HELD : SLOT_FREE;
            continue;
        }
        behind = true;
        s.at[i] = (struct slot){ may_be_shown(e, loader) ? SLOT_REAL : SLOT_COVER, NULL, *e };
    }
    return s;
}

void slots_name(struct slots *s, uint64_t lba)
{
    for (size_t i = 0; i < MBR_ENTRIES; i++)
        if (s->at[i].kind == SLOT_REAL && s->at[i].entry.start == lba)
            s->at[i].kind = SLOT_NAMED;
}

bool slot_is_real(const struct slot *slot)
{
    return slot->kind == SLOT_REAL || slot->kind == SLOT_NAMED;
}

static void show(struct slots *s, size_t i, const struct component_facts *volume)
{
    s->at[i] = (struct slot){ .kind = SLOT_VOLUME, .volume = volume };
}

/* The slot that has this number, or would have it if the free ones before it were in use; MBR_ENTRIES: none. */
static size_t place_of(const struct slots *s, unsigned number)
{
    unsigned n = 0;

    for (size_t i = 0; i < MBR_ENTRIES; i++) {
        if (s->at[i].kind != SLOT_HELD)
            n++;
        if (n == number && s->at[i].kind != SLOT_HELD)
            return i;
    }
    return MBR_ENTRIES;
}

static void show_as(struct slots *s, size_t place, const struct component_facts *volume, enum slot_kind before)
{
    for (size_t i = 0; i < place; i++)
        if (s->at[i].kind == SLOT_FREE)
            s->at[i].kind = before;
    show(s, place, volume);
}

bool slots_put_real(struct slots *s, const struct component_facts *volume)
{
    size_t place = place_of(s, volume->partition_number);

    if (volume->partition_number == 0 || place == MBR_ENTRIES || s->at[place].kind == SLOT_VOLUME)
        return false;
    show_as(s, place, volume, SLOT_COVER);  /* before a logical drive others may have to be counted */
    return true;
}

bool slots_put_at(struct slots *s, const struct component_facts *volume, unsigned number, bool over)
{
    size_t         place = number ? place_of(s, number) : MBR_ENTRIES;
    enum slot_kind kind = place < MBR_ENTRIES ? s->at[place].kind : SLOT_HELD;

    if (kind != SLOT_FREE && kind != SLOT_FILLER && !(over && kind == SLOT_COVER))
        return false;
    show_as(s, place, volume, SLOT_FILLER);
    return true;
}

static bool put_in(struct slots *s, const struct component_facts *volume, enum slot_kind kind)
{
    for (size_t i = 0; i < MBR_ENTRIES; i++)
        if (s->at[i].kind == kind) {
            show(s, i, volume);
            return true;
        }
    return false;
}

bool slots_put(struct slots *s, const struct component_facts *volume)
{
    return put_in(s, volume, SLOT_FILLER) || put_in(s, volume, SLOT_FREE) || put_in(s, volume, SLOT_COVER) ||
           put_in(s, volume, SLOT_REAL) || put_in(s, volume, SLOT_NAMED);
}

size_t slots_spare(const struct slots *s)
{
    static const enum slot_kind order[] = { SLOT_FREE, SLOT_FILLER, SLOT_COVER, SLOT_REAL, SLOT_NAMED };

    for (size_t k = 0; k < ARRAY_LEN(order); k++)
        for (size_t i = MBR_ENTRIES; i-- > 0;)
            if (s->at[i].kind == order[k])
                return i;
    return MBR_ENTRIES;
}

unsigned slots_number(const struct slots *s, const struct component_facts *volume)
{
    unsigned number = 0;

    for (size_t i = 0; i < MBR_ENTRIES; i++) {
        number += counts(&s->at[i]);
        if (s->at[i].kind == SLOT_VOLUME && s->at[i].volume == volume)
            return number;
    }
    return 0;
}
