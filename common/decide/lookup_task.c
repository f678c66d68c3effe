/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lookup_task.c - see lookup_task.h. */
#include "lookup_task.h"

#include "common/base/mem.h"

void lookup_note(struct lookup_task *t, enum status code, const struct component_facts *about)
{
    note_add(&t->out->notes, t->arena, code, "%s", about->component->name);
}

const struct ldm_extent *lookup_extent(const struct component_facts *f)
{
    return &f->component->extents[0];
}

struct lookup_want *lookup_want(struct lookup_task *t, const struct component_facts *f, unsigned number)
{
    for (size_t i = 0; i < t->wanted_count; i++)
        if (t->wanted[i].volume == f) {
            if (!t->wanted[i].number)
                t->wanted[i].number = number;
            return &t->wanted[i];
        }
    if (t->wanted_count == LOOKUP_MAX_WANTED) {
        lookup_note(t, STATUS_TABLE_FULL, f);
        return NULL;
    }
    t->wanted[t->wanted_count] = (struct lookup_want){ f, number, false };
    return &t->wanted[t->wanted_count++];
}

/* ---- patches */

static bool add_patch(struct lookup_task *t, uint64_t sector, size_t offset, const uint8_t *bytes, size_t len)
{
    struct lookup *out = t->out;

    if (!out->patches)
        out->patches = arena_array(t->arena, LOOKUP_MAX_PATCHES, sizeof *out->patches);
    if (!out->patches || out->patch_count == LOOKUP_MAX_PATCHES || len > LOOKUP_PATCH_BYTES - t->patch_bytes)
        return false;
    out->patches[out->patch_count++] = (struct lookup_patch){ sector, (uint16_t)offset, (uint16_t)len, bytes };
    t->patch_bytes += len;
    return true;
}

bool lookup_answer(struct lookup_task *t, const struct file_bytes *at, const uint8_t *bytes, size_t from, size_t to)
{
    uint8_t *copy = at->pieces ? arena_alloc(t->arena, to) : NULL;
    size_t   begin = 0;

    if (!copy)
        return false;
    memcpy(copy, bytes, to);
    for (unsigned i = 0; i < at->pieces; begin += at->piece[i++].len) {
        size_t end = begin + at->piece[i].len, first = from > begin ? from : begin, last = to < end ? to : end;

        if (first < last && !add_patch(t, at->piece[i].sector, at->piece[i].offset + (first - begin), copy + first,
                                       last - first))
            return false;
    }
    return true;
}
