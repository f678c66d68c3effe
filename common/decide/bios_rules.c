/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bios_rules.c - what a half needs to be started by a legacy BIOS: NTLDR or BOOTMGR in its root, a place that 32-bit
 * sector numbers reach; and what its loader's files say of disks, boot.ini and \Boot\BCD.
 */
#include "firmware_rules.h"
#include "lookup.h"
#include "presentable.h"

/* ---- can the boot sector start the loader */

/* All one value, as after a file system was repaired, or a program for another operating system's loader. */
static bool is_no_program(struct span s)
{
    if (span_starts_with(s, "MZ", 2))
        return true;
    for (size_t i = 1; i < s.len; i++)
        if (s.data[i] != s.data[0])
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

/* The files that only a loader which is there would read. */
static void probe_files(struct component_facts *f, struct arena *a)
{
    unsigned which = (f->has_ntldr && f->has_bootini ? LOADER_FILE_BOOTINI : 0) |
                     (f->has_bootmgr && f->has_boot_folder ? LOADER_FILE_STORE : 0);

    if (f->has_ntldr || f->has_bootmgr)
        probe_loader(f, a);
    f->hibernated = f->hibernated || (f->woken && f->has_ntldr && !f->has_bootmgr);
    loader_files_read(&f->filesystem, which, f->component->name, a, &f->files, &f->notes);
}

static bool has_files(const struct component_facts *f)
{
    return f->files.has_bootini || f->files.has_store;
}

/* ---- where Windows is, seen from the volume with the loader */

static bool may_hold_windows(const struct component_facts *f, const struct component_facts *loader)
{
    return f != loader && f->disk == loader->disk && f->root_read;
}

/*
 * Windows is on the loader's own volume, or on another one of the same disk. Where there
 * is no other one nothing has to be read to know that.
 */
static void find_for(struct boot_facts *facts, struct component_facts *loader)
{
    bool others = false;

    for (size_t i = 0; i < facts->count; i++)
        others = others || may_hold_windows(&facts->components[i], loader);
    if (!others || loader_files_lead_to(&loader->files, &loader->filesystem)) {
        loader->files.windows = loader;
        return;
    }
    for (size_t i = 0; i < facts->count && !loader->files.windows; i++)
        if (may_hold_windows(&facts->components[i], loader) &&
            loader_files_lead_to(&loader->files, &facts->components[i].filesystem))
            loader->files.windows = &facts->components[i];
}

static void find_windows(struct boot_facts *facts)
{
    for (size_t i = 0; i < facts->count; i++)
        if (has_files(&facts->components[i]))
            find_for(facts, &facts->components[i]);
}

/* ---- what the decision asks */

static enum status check(const struct boot_facts *facts, const struct component_facts *f)
{
    (void)facts;
    return bios_presentable(f->component);
}

static bool has_loader(const struct component_facts *f)
{
    return f->has_ntldr || f->has_bootmgr;
}

static enum status make_lookup(const struct ldm_view *view, const struct boot_facts *facts,
                               const struct component_facts *f, struct arena *a, const struct lookup **out)
{
    *out = has_files(f) ? lookup_make(view, facts, f, a) : NULL;
    return has_files(f) && !*out ? STATUS_NO_MEMORY : STATUS_OK;
}

const struct firmware_rules bios_rules = {
    "bios", METHOD_VBR, LDM_VOL_SYSTEM, "system volume", probe_files, find_windows, check, has_loader, make_lookup
};
