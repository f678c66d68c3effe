/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bios_rules.c - what a half needs to be started by a legacy BIOS: NTLDR or BOOTMGR in its root, a place that 32-bit
 * sector numbers reach; and what its loader's files say of disks, boot.ini and \Boot\BCD.
 */
#include "alone.h"
#include "firmware_rules.h"
#include "lookup.h"
#include "presentable.h"

#include "common/base/mem.h"
#include "common/windows/bcd.h"
#include "common/windows/bootmgr.h"
#include "common/windows/pe.h"

/* ---- can the boot sector start the loader */

/* All one value, as after a file system was repaired, or a program for another operating system's loader. */
static bool is_no_program(struct span s)
{
    if (span_starts_with(s, "MZ", 2))
        return true;
    for (size_t i = 1; i < s.len; i++)
        if (rd_u8(s, i) != rd_u8(s, 0))
            return false;
    return true;
}

/* The boot sector's code reads plain files only: "NTLDR is compressed", "BOOTMGR is compressed". */
static enum status judge_loader(struct fs_file *file, enum status *problem)
{
    uint8_t head[SECTOR_BYTES];
    size_t  len = file->bytes < sizeof head ? (size_t)file->bytes : sizeof head;

    if (file->storage == FS_STORED_ENCRYPTED)
        *problem = STATUS_LOADER_ENCRYPTED;
    else if (file->storage == FS_STORED_COMPRESSED || file->storage == FS_STORED_WOF)
        *problem = STATUS_LOADER_COMPRESSED;
    else if (file->storage != FS_STORED_PLAIN || file->is_directory)
        *problem = STATUS_LOADER_NO_PROGRAM;
    if (*problem != STATUS_OK)
        return STATUS_OK;
    TRY(fs_read(file, 0, head, len));
    if (is_no_program(span_of(head, len)))
        *problem = STATUS_LOADER_NO_PROGRAM;
    return STATUS_OK;
}

/* Where both are there the boot sector is of the newer Windows, which brings BOOTMGR and starts NTLDR by it. */
static void probe_loader(struct component_facts *f, struct arena *a)
{
    const char    *path = f->has_bootmgr ? "\\BOOTMGR" : "\\NTLDR";
    struct fs_file file;
    enum status    st = fs_find(&f->filesystem, path, &file);

    if (st == STATUS_OK)
        st = judge_loader(&file, &f->loader_problem);
    if (st != STATUS_OK)
        note_add(&f->notes, a, st, "%s, %s", f->component->name, path);
}

/*
 * Windows's own loader, of every Windows since Vista. FILE_NOT_FOUND: this is an older one. Where it is missing beside the
 * copy of BOOTMGR that only those keep, or is no program for a PC, Windows is damaged, not older: IMAGE_BAD. One that cannot
 * be decoded here is as good as any (WOF: Windows reads it).
 */
static enum status check_winload(struct fs_volume *fs)
{
    uint16_t       machine = PE_MACHINE_NONE;
    struct fs_file file;
    enum status    st = fs_find(fs, BCD_WINLOAD_EXE, &file);

    if (st == STATUS_FILE_NOT_FOUND) {
        st = fs_find(fs, BOOTMGR_SPARE, &file);
        return st == STATUS_OK ? STATUS_IMAGE_BAD : st;
    }
    if (st == STATUS_OK)
        st = pe_file_machine(&file, &machine);
    if (st == STATUS_FS_WOF)
        return STATUS_OK;
    return st == STATUS_OK && machine != PE_MACHINE_I386 && machine != PE_MACHINE_X64 ? STATUS_IMAGE_BAD : st;
}

/*
 * Windows without a loader: its own volume, when the one it was started from is lost. Every Windows since Vista keeps a
 * copy of BOOTMGR there; where that cannot be used it is said why. Before that there is none of NTLDR.
 */
static enum windows_alone find_alone(struct component_facts *f, struct arena *a)
{
    enum status st = check_winload(&f->filesystem);

    if (st == STATUS_FILE_NOT_FOUND)
        return loader_files_nt_folder(&f->filesystem) ? ALONE_NT : ALONE_NOT;
    if (st != STATUS_OK) {
        note_add(&f->notes, a, st, "%s, %s", f->component->name, BCD_WINLOAD_EXE);
        return ALONE_DAMAGED;
    }
    st = alone_check_loader(&f->filesystem, BOOTMGR_SPARE, &f->spare_bytes);
    if (st != STATUS_OK)
        note_add(&f->notes, a, st, "%s, %s", f->component->name, BOOTMGR_SPARE);
    return st == STATUS_OK ? ALONE_SPARE : ALONE_VISTA;
}

static bool has_loader(const struct component_facts *f)
{
    return f->has_ntldr || f->has_bootmgr;
}

/* The files that only a loader which is there would read. */
static void probe_files(struct component_facts *f, struct arena *a)
{
    unsigned which = (f->has_ntldr && f->has_bootini ? LOADER_FILE_BOOTINI : 0) |
                     (f->has_bootmgr && f->has_boot_folder ? LOADER_FILE_STORE : 0);

    if (has_loader(f))
        probe_loader(f, a);
    if (!has_loader(f) || f->loader_problem != STATUS_OK)
        f->alone = find_alone(f, a);
    if (f->loader_problem != STATUS_OK && f->alone == ALONE_SPARE)
        note_add(&f->notes, a, f->loader_problem, "%s", f->component->name);
    f->hibernated = f->hibernated || (f->woken && ((f->has_ntldr && !f->has_bootmgr) || f->alone == ALONE_NT));
    loader_files_read(&f->filesystem, which, f->component->name, a, &f->files, &f->notes);
}

/* ---- where Windows is, seen from the volume with the loader */

static bool may_hold_windows(const struct component_facts *f, const struct component_facts *loader)
{
    return f != loader && f->disk == loader->disk && f->root_read;
}

/* `line` NULL: what BOOTMGR starts. */
static bool holds(struct component_facts *f, const struct bootini_line *line)
{
    return line ? loader_files_has_folder(&f->filesystem, &line->entry) : loader_files_has_winload(&f->filesystem);
}

/*
 * All volumes of the disk that hold it, the loader's own one first. Where there is no other volume nothing
 * has to be read to know that.
 */
static void find_holders(struct boot_facts *facts, struct component_facts *loader, const struct bootini_line *line,
                         struct holders *out)
{
    bool others = false;

    for (size_t i = 0; i < facts->count; i++)
        others = others || may_hold_windows(&facts->components[i], loader);
    if (!others || holds(loader, line))
        out->at[out->count++] = loader;
    for (size_t i = 0; i < facts->count && out->count < ARRAY_LEN(out->at); i++)
        if (may_hold_windows(&facts->components[i], loader) && holds(&facts->components[i], line))
            out->at[out->count++] = &facts->components[i];
}

/* Lines with one folder have the same holders. */
static const struct bootini_line *line_before(const struct loader_files *files, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(files->lines[i].entry.directory, files->lines[n].entry.directory) == 0)
            return &files->lines[i];
    return NULL;
}

static void find_for(struct boot_facts *facts, struct component_facts *loader)
{
    struct loader_files *files = &loader->files;

    for (size_t i = 0; i < files->line_count; i++) {
        const struct bootini_line *same = line_before(files, i);

        if (same)
            files->lines[i].where = same->where;
        else if (files->lines[i].entry.form != BOOTINI_OTHER)
            find_holders(facts, loader, &files->lines[i], &files->lines[i].where);
    }
    if (loader->has_bootmgr)
        find_holders(facts, loader, NULL, &files->winload);
}

static void find_windows(struct boot_facts *facts)
{
    for (size_t i = 0; i < facts->count; i++)
        if (facts->components[i].root_read)
            find_for(facts, &facts->components[i]);
}

/* ---- what the decision asks */

static enum status check(const struct boot_facts *facts, const struct component_facts *f)
{
    (void)facts;
    return bios_presentable(f->component);
}

static enum status make_lookup(const struct ldm_view *view, const struct boot_facts *facts,
                               const struct component_facts *f, struct arena *a, const struct lookup **out)
{
    *out = lookup_make(view, facts, f, a);
    return *out ? STATUS_OK : STATUS_NO_MEMORY;
}

const struct firmware_rules bios_rules = {
    "bios", METHOD_VBR, LDM_VOL_SYSTEM, "system volume", probe_files, find_windows, check, has_loader,
    facts_mbr_number, make_lookup, BIOS_ARENA_BYTES
};
