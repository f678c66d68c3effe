/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lookup_bootini.c - the lines of boot.ini: which volume each of them means, and what is read instead of it.
 *
 * A line means the volume of this disk that has its folder, whatever disk it names: the disks of a mirror have
 * the same volumes. NTLDR opens nothing but multi(0)disk(0)rdisk(0)partition(N) through the BIOS, and hands this
 * very name to the kernel, so this is how a line is read, with the number of the slot that the volume stands in.
 */
#include "lookup_bootini.h"

#include "common/base/mem.h"

static bool same_folder(const struct bootini_line *a, const struct bootini_line *b)
{
    return strcmp(a->entry.directory, b->entry.directory) == 0;
}

/* The volume with the line's folder that has the line's number in the real table. */
static const struct component_facts *holder_with_number(const struct bootini_line *line)
{
    for (size_t i = 0; i < line->where.count; i++)
        if (facts_mbr_number(line->where.at[i]) == line->entry.partition && line->entry.partition)
            return line->where.at[i];
    return NULL;
}

static bool is_taken_by_number(const struct loader_files *files, const struct bootini_line *like,
                               const struct component_facts *f)
{
    for (size_t i = 0; i < files->line_count; i++)
        if (same_folder(&files->lines[i], like) && holder_with_number(&files->lines[i]) == f)
            return true;
    return false;
}

/* How many lower numbers do lines with this folder have that no entry of the table explains? */
static size_t rank_of(const struct loader_files *files, const struct bootini_line *line, size_t *numbers)
{
    size_t below = 0;

    *numbers = 0;
    for (size_t i = 0; i < files->line_count; i++) {
        const struct bootini_line *l = &files->lines[i];
        bool                       first = same_folder(l, line) && !holder_with_number(l);

        for (size_t j = 0; j < i && first; j++)
            first = !(same_folder(&files->lines[j], line) && files->lines[j].entry.partition == l->entry.partition);
        *numbers += first;
        below += first && l->entry.partition < line->entry.partition;
    }
    return below;
}

/* The `rank`th volume, by its place on the disk, among those with the folder that no number of a line means. */
static const struct component_facts *holder_by_place(const struct loader_files *files, const struct bootini_line *line,
                                                     size_t rank)
{
    for (size_t i = 0; i < line->where.count; i++) {
        const struct component_facts *f = line->where.at[i];
        size_t                        before = 0;

        for (size_t j = 0; j < line->where.count; j++)
            before += !is_taken_by_number(files, line, line->where.at[j]) &&
                      lookup_extent(line->where.at[j])->lba < lookup_extent(f)->lba;
        if (before == rank && !is_taken_by_number(files, line, f))
            return f;
    }
    return NULL;
}

/* Several volumes have the folder: by number, else in the order of their places. *guess: by neither for certain; may be NULL. */
static const struct component_facts *meaning_of(const struct loader_files *files, const struct bootini_line *line,
                                                bool *guess)
{
    const struct component_facts *f = holder_with_number(line);
    size_t                        numbers, rank;

    if (guess)
        *guess = line->where.count > 1 && !f;
    if (line->where.count < 2 || f)
        return f ? f : line->where.count ? line->where.at[0] : NULL;
    rank = rank_of(files, line, &numbers);
    f = numbers > 1 ? holder_by_place(files, line, rank) : NULL;
    return f ? f : line->where.at[0];
}

/* ---- before the slots are given out */

static bool is_ours(const struct bootini_entry *e)
{
    return e->form == BOOTINI_MULTI && e->adapter == 0 && e->disk == 0 && e->rdisk == 0;
}

static bool can_answer(const struct bootini_line *line)
{
    uint8_t text[BOOTINI_TEXT_MAX];

    return line->at.pieces > 0 && bootini_answer(&line->entry, 1, text);
}

static const struct component_facts *follow_default(struct lookup_task *t)
{
    const struct loader_files    *files = &t->loader->files;
    bool                          guess;
    const struct component_facts *windows = meaning_of(files, &files->lines[0], &guess);

    if (guess)
        lookup_note(t, STATUS_WINDOWS_SEVERAL, windows);
    if (!windows) {
        lookup_note(t, STATUS_WINDOWS_NOT_FOUND, t->loader);
        windows = t->loader;
    }
    return windows;
}

static void follow_lines(struct lookup_task *t)
{
    const struct loader_files *files = &t->loader->files;

    for (size_t i = 1; i < files->line_count; i++) {
        const struct bootini_line    *line = &files->lines[i];
        const struct component_facts *f = meaning_of(files, line, NULL);

        if (f && line->entry.form != BOOTINI_OTHER)
            (void)lookup_want(t, f, line->entry.partition);
    }
}

void lookup_follow_bootini(struct lookup_task *t)
{
    const struct loader_files    *files = &t->loader->files;
    const struct bootini_line    *first = files->has_bootini ? &files->lines[0] : NULL;
    const struct component_facts *windows;
    struct lookup_want           *first_want;

    if (first && first->entry.form != BOOTINI_OTHER) {
        windows = follow_default(t);
        first_want = lookup_want(t, windows, first->entry.partition);
        first_want->fixed = !files->default_implied && is_ours(&first->entry) && !can_answer(first);
        t->out->windows = windows;
    }
    (void)lookup_want(t, t->loader, 0);
    if (first)
        follow_lines(t);
    if (first && files->default_empty)
        lookup_note(t, STATUS_BOOTINI_DEFAULT_EMPTY, t->loader);
}

/* ---- after that */

/* Why a line that does not mean the slot of its volume stays as it is. */
static enum status why_not(const struct bootini_entry *e, bool is_default)
{
    if (!is_default)
        return STATUS_BOOTINI_LINE_LOST;
    if (e->form == BOOTINI_SCSI)
        return STATUS_BOOTINI_SCSI;
    if (e->form == BOOTINI_SIGNATURE)
        return STATUS_BOOTINI_SIGNATURE;
    return is_ours(e) ? STATUS_PARTITION_NUMBER : STATUS_BOOTINI_RDISK;
}

/* The bytes that differ, and nothing around them. False: it stays as it is, and should not. */
static bool answer_line(struct lookup_task *t, const struct bootini_line *line, unsigned number, bool *changed)
{
    const struct bootini_entry *e = &line->entry;
    bool                        right = is_ours(e) && e->partition == number;
    uint8_t                     text[BOOTINI_TEXT_MAX];
    size_t                      from = 0, to = e->text_len, before = t->out->patch_count;

    *changed = false;
    if (!can_answer(line) || !bootini_answer(e, number, text))
        return right;
    while (from < to && text[from] == e->text[from])
        from++;
    while (to > from && text[to - 1] == e->text[to - 1])
        to--;
    if (from == to)
        return true;
    *changed = lookup_answer(t, &line->at, text, from, to);
    if (!*changed)
        t->out->patch_count = before;
    return *changed || right;
}

/* What the loader's own idea of partition(1) leads to, where no text says another number. */
static void check_own_default(struct lookup_task *t)
{
    const struct loader_files    *files = &t->loader->files;
    const struct component_facts *windows = t->out->windows ? t->out->windows : t->loader;

    if (t->loader->has_ntldr && (!files->has_bootini || files->default_implied) &&
        slots_number(&t->out->slots, windows) != 1)
        lookup_note(t, STATUS_BOOTINI_NO_DEFAULT, t->loader);
}

void lookup_answer_bootini(struct lookup_task *t)
{
    const struct loader_files *files = &t->loader->files;
    unsigned                   answered = 0;

    check_own_default(t);
    for (size_t i = files->default_implied ? 1 : 0; i < files->line_count; i++) {
        const struct bootini_line    *line = &files->lines[i];
        const struct component_facts *f = i == 0 ? t->out->windows : meaning_of(files, line, NULL);
        unsigned                      number = f ? slots_number(&t->out->slots, f) : 0;
        bool                          changed = false;

        if (line->entry.form == BOOTINI_OTHER || !number)
            continue;
        if (!answer_line(t, line, number, &changed))
            lookup_note(t, why_not(&line->entry, i == 0), t->loader);
        answered += changed;
    }
    if (answered)
        note_add(&t->out->notes, t->arena, STATUS_BOOTINI_ANSWERED, "%s, %u lines", t->loader->component->name, answered);
}
