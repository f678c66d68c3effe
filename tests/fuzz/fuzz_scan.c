/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_scan.c - whole disks from the fuzzer's bytes, through ldm_scan().
 *
 *   byte 0     FLAG_*
 *   then       changes (tests/fuzz/changes.h)
 *
 * What must hold: no crash, no read outside a buffer, OK or NO_MEMORY, and a view
 * in which everything usable really is on its disks.
 */
#include "changes.h"

#include "common/ldm/scan.h"

#define ARENA_BYTES (8u << 20)

enum { FLAG_GPT = 1, FLAG_4096 = 2, FLAG_SCATTER = 4, FLAG_FIX = 8, FLAG_TWO_DISKS = 16, BASES = 8 };

static struct base *bases[2][BASES];
static uint8_t     *memory;

static struct base *base_of(unsigned self, unsigned flags)
{
    struct base **b = &bases[self][flags % BASES];

    if (!*b) {
        uint32_t block = flags & FLAG_4096 ? 4096 : 512;

        *b = calloc(1, sizeof **b);
        ldmdisk_mirror(&(*b)->image, memdisk_new(self ? "second" : "first", block, BLOCKS), flags & FLAG_GPT,
                       self ? 1 : 2);
        (*b)->image.slots = SLOTS;
        (*b)->image.gpt_entries = GPT_ENTRIES;
        (*b)->image.scatter = flags & FLAG_SCATTER;
        (*b)->volume_lba = (*b)->image.public_start + (self ? 100 : 700);
        ldmdisk_write(&(*b)->image);
    }
    return *b;
}

/* ---- what must hold */

static size_t text_lengths;  /* so that every name is really looked at */

static void check_notes(const struct note_list *list)
{
    size_t n = 0;

    for (const struct note *note = list->first; note; note = note->next, n++)
        text_lengths += strlen(note->text);
    require(n == list->count);
}

static void check_component(const struct ldm_component *c, bool memory_enough)
{
    check_notes(&c->reasons);
    text_lengths += strlen(c->name) + strlen(c->state_text) + strlen(ldm_component_state_name(c->state));
    require(!c->usable || (c->present && c->complete && c->state == COMPONENT_ACTIVE && c->reasons.count == 0));
    require(c->usable || c->reasons.count > 0 || !memory_enough);  /* a full arena drops notes */
    for (size_t i = 0; i < c->extent_count; i++) {
        const struct ldm_extent *x = &c->extents[i];

        require(x->partition->component == c);
        text_lengths += strlen(x->partition->name);
        if (c->present)
            require(x->disk && range_inside(x->lba, x->sectors, blk_sectors(x->disk->dev)));
    }
}

static void check_view(const struct ldm_view *v, bool memory_enough)
{
    for (size_t i = 0; i < v->disk_count; i++) {
        check_notes(&v->disks[i].notes);
        text_lengths += strlen(ldm_disk_status_name(&v->disks[i]));
        require(v->disks[i].status != STATUS_OK || v->disks[i].group);
    }
    for (size_t g = 0; g < v->group_count; g++) {
        check_notes(&v->groups[g].notes);
        for (size_t i = 0; i < v->groups[g].volume_count; i++) {
            const struct ldm_volume *volume = &v->groups[g].volumes[i];

            text_lengths += strlen(volume->name) + strlen(volume->hint) + strlen(volume->state_text);
            for (size_t c = 0; c < volume->component_count; c++)
                require(volume->components[c]->volume == volume);
        }
        for (size_t i = 0; i < v->groups[g].component_count; i++)
            check_component(&v->groups[g].components[i], memory_enough);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned             flags = size ? data[0] : 0;
    size_t               count = flags & FLAG_TWO_DISKS ? 2 : 1, arena_bytes = ARENA_BYTES;
    struct base         *changed[2];
    struct block_device *disks[2];
    struct span          in = span_of(data + (size ? 1 : 0), size ? size - 1 : 0);
    struct arena         arena;
    struct ldm_view      view;
    enum status          st;

    if (!memory)
        memory = malloc(ARENA_BYTES);
    for (unsigned i = 0; i < count; i++) {
        changed[i] = base_of(i, flags);
        disks[i] = &changed[i]->image.disk->dev;
    }
    for (unsigned i = 0; i < MAX_CHANGES && in.len > 0; i++)
        in = change(changed, count, in, &arena_bytes);
    for (size_t i = 0; flags & FLAG_FIX && i < count; i++)
        fix_checksums(changed[i]);
    arena = arena_of(memory, arena_bytes);
    st = ldm_scan(disks, count, NULL, &arena, &view);
    require(st == STATUS_OK || st == STATUS_NO_MEMORY);
    require(arena.size == arena_bytes);
    if (st == STATUS_OK)
        check_view(&view, arena_bytes == ARENA_BYTES);
    for (size_t i = 0; i < count; i++)
        restore(changed[i]);
    return 0;
}
