/* SPDX-License-Identifier: GPL-2.0-or-later */
/* alone.c - see alone.h. */
#include "alone.h"

#include "common/windows/bcd.h"
#include "common/windows/bootini.h"
#include "common/windows/bootmgr.h"

/* ---- files */

enum status alone_check_loader(struct fs_volume *fs, const char *path, uint32_t *bytes)
{
    struct fs_file file;
    uint8_t        head[BOOTMGR_HEAD_BYTES];

    TRY(fs_find(fs, path, &file));
    if (file.is_directory || file.bytes < sizeof head)
        return STATUS_SPARE_BOOTMGR_BAD;
    TRY(fs_read(&file, 0, head, sizeof head));
    TRY(bootmgr_check(span_of(head, sizeof head), file.bytes));
    *bytes = (uint32_t)file.bytes;
    return STATUS_OK;
}

/* The stick's loader, which the low memory has to hold as well. */
static enum status check_loader(struct fs_volume *stick, const char *path, uint32_t room)
{
    uint32_t    bytes;
    enum status st = alone_check_loader(stick, path, &bytes);

    if (st == STATUS_OK && bytes > room)
        return STATUS_LOADER_TOO_LARGE;
    return st == STATUS_OK || st == STATUS_FILE_NOT_FOUND ? st : STATUS_STICK_FILE_BAD;
}

/* All of it, so that a bad sector of the stick is found as well. */
static enum status check_ntdetect(struct fs_volume *stick, struct arena *a)
{
    size_t      mark = arena_mark(a);
    struct span file;
    enum status st = fs_read_whole(stick, STICK_NTDETECT, NTDETECT_MAX, a, &file);

    if (st == STATUS_OK && file.len == 0)
        st = STATUS_STICK_FILE_BAD;
    arena_release(a, mark);
    return st == STATUS_OK || st == STATUS_FILE_NOT_FOUND ? st : STATUS_STICK_FILE_BAD;
}

static enum status check_store(struct fs_volume *stick, struct arena *a)
{
    size_t      mark = arena_mark(a);
    struct span file;
    enum status st = fs_read_whole(stick, STICK_STORE, STORE_TAKEN_MAX, a, &file);

    if (st == STATUS_OK)
        st = bcd_can_retarget(file, BCD_WINLOAD_EXE);
    arena_release(a, mark);
    return st == STATUS_OK || st == STATUS_FILE_NOT_FOUND ? st : STATUS_STORE_UNFIT;
}

unsigned alone_bootini_number(struct span text, struct component_facts *windows, struct arena *a)
{
    struct bootini             *parsed = arena_alloc(a, sizeof *parsed);
    const struct bootini_entry *e;

    if (!parsed)
        return STICK_NUMBER_NONE;
    bootini_parse(text, parsed);
    e = &parsed->entries[0];
    return !parsed->default_empty && e->form == BOOTINI_MULTI && e->adapter == 0 && e->disk == 0 && e->rdisk == 0 &&
           e->partition != 0 && loader_files_has_folder(&windows->filesystem, e) ? e->partition : STICK_NUMBER_NONE;
}

/* ---- what is on the stick */

/* What its files are worth, whoever they are for; FILE_NOT_FOUND also where nobody needs them: they are not read then. */
struct stick_verdicts {
    enum status ntldr, ntdetect, bootmgr, store;
};

static bool any_is(const struct boot_facts *facts, enum windows_alone alone)
{
    for (size_t i = 0; i < facts->count; i++)
        if (facts->components[i].alone == alone)
            return true;
    return false;
}

static struct stick_verdicts check_stick(const struct boot_facts *facts, uint32_t room, struct arena *a)
{
    struct stick_verdicts v = { STATUS_FILE_NOT_FOUND, STATUS_FILE_NOT_FOUND, STATUS_FILE_NOT_FOUND, STATUS_FILE_NOT_FOUND };
    bool                  vista = any_is(facts, ALONE_VISTA);

    if (any_is(facts, ALONE_NT))
        v.ntldr = check_loader(facts->stick, STICK_NTLDR, room);
    if (v.ntldr != STATUS_FILE_NOT_FOUND)
        v.ntdetect = check_ntdetect(facts->stick, a);
    if (vista)
        v.bootmgr = check_loader(facts->stick, STICK_BOOTMGR, room);
    if (vista || any_is(facts, ALONE_SPARE))
        v.store = check_store(facts->stick, a);
    return v;
}

/* Its bit; what is wrong with it is said of the half that it is for. */
static void take(struct boot_facts *facts, struct component_facts *f, enum status st, unsigned good, unsigned bad,
                 const char *path, struct arena *a)
{
    if (st == STATUS_FILE_NOT_FOUND)
        return;
    facts->stick_files |= st == STATUS_OK ? good : bad;
    if (st != STATUS_OK)
        note_add(&f->notes, a, st, "%s, %s", f->component->name, path);
}

static void take_ntldr(struct boot_facts *facts, struct component_facts *f, const struct stick_verdicts *v, struct arena *a)
{
    enum status st;
    struct span text;
    size_t      mark;

    if (v->ntldr == STATUS_FILE_NOT_FOUND || v->ntdetect == STATUS_FILE_NOT_FOUND)
        return;
    take(facts, f, v->ntldr, STICK_HAS_NTLDR, STICK_BAD_NTLDR, STICK_NTLDR, a);
    take(facts, f, v->ntdetect, STICK_HAS_NTLDR, STICK_BAD_NTLDR, STICK_NTDETECT, a);
    mark = arena_mark(a);
    st = fs_read_whole(facts->stick, STICK_BOOTINI, BOOTINI_MAX_BYTES, a, &text);
    if (st != STATUS_FILE_NOT_FOUND)
        f->stick_number = st == STATUS_OK ? alone_bootini_number(text, f, a) : STICK_NUMBER_NONE;
    arena_release(a, mark);
}

static void take_for(struct boot_facts *facts, struct component_facts *f, const struct stick_verdicts *v, struct arena *a)
{
    if (f->alone == ALONE_NT) {
        take_ntldr(facts, f, v, a);
        return;
    }
    if (f->alone == ALONE_VISTA)
        take(facts, f, v->bootmgr, STICK_HAS_BOOTMGR, STICK_BAD_BOOTMGR, STICK_BOOTMGR, a);
    take(facts, f, v->store, STICK_HAS_STORE, STICK_BAD_STORE, STICK_STORE, a);
}

void facts_take_stick(struct boot_facts *facts, struct fs_volume *stick, uint32_t loader_room, struct arena *a)
{
    struct stick_verdicts v;

    facts->stick = stick;
    facts->stick_files = 0;
    for (size_t i = 0; i < facts->count; i++) {
        struct component_facts *f = &facts->components[i];

        if (f->alone == ALONE_SPARE && f->spare_bytes > loader_room) {
            note_add(&f->notes, a, STATUS_LOADER_TOO_LARGE, "%s", f->component->name);
            f->alone = ALONE_VISTA;
        }
    }
    if (!stick)
        return;
    v = check_stick(facts, loader_room, a);
    for (size_t i = 0; i < facts->count; i++)
        if (facts->components[i].alone != ALONE_NOT && facts->components[i].alone != ALONE_DAMAGED)
            take_for(facts, &facts->components[i], &v, a);
}

/* ---- what follows */

static enum status why_not(unsigned stick, unsigned has, unsigned bad, enum status lost)
{
    return stick & bad ? STATUS_STICK_FILE_BAD : stick & has ? STATUS_OK : lost;
}

enum status alone_why_not(const struct boot_facts *facts, const struct component_facts *f)
{
    switch (f->alone) {
    case ALONE_DAMAGED: return STATUS_WINLOAD_LOST;
    case ALONE_NT:      return why_not(facts->stick_files, STICK_HAS_NTLDR, STICK_BAD_NTLDR, STATUS_NTLDR_LOST);
    case ALONE_VISTA:   return why_not(facts->stick_files, STICK_HAS_BOOTMGR, STICK_BAD_BOOTMGR, STATUS_BOOTMGR_LOST);
    case ALONE_SPARE: case ALONE_NOT: break;
    }
    return STATUS_OK;
}

/* Its own half, else one of another volume of its group. */
static struct component_facts *half_with_store(const struct boot_facts *facts, const struct component_facts *windows)
{
    struct component_facts *other = NULL;

    for (size_t i = 0; i < facts->count; i++) {
        struct component_facts *f = &facts->components[i];

        if (f == windows && f->files.has_store)
            return f;
        if (!other && f->files.has_store && f->volume != windows->volume && f->volume->group == windows->volume->group)
            other = f;
    }
    return other;
}

enum status alone_find_store(const struct boot_facts *facts, const struct component_facts *windows,
                             struct component_facts **half)
{
    bool on_stick = facts->stick_files & (STICK_HAS_STORE | STICK_BAD_STORE);

    *half = on_stick ? NULL : half_with_store(facts, windows);
    if (!on_stick && !*half)
        return STATUS_STORE_NOT_THERE;
    return (*half ? (*half)->files.store_fits : facts->stick_files & STICK_HAS_STORE) ? STATUS_OK : STATUS_STORE_UNFIT;
}
