/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uefi_rules.c - what a half needs to be started by UEFI: its own copy of the Windows Boot Manager, and the loader
 * that this is to start, both for the machine.
 */
#include "facts.h"
#include "common/fs/ntfs_wof.h"
#include "common/windows/bcd.h"

/* Machine type of a program of the volume; when that cannot be read a note, and the reason. */
static enum status machine_of(struct component_facts *f, const char *path, struct arena *a, uint16_t *machine)
{
    enum status st = pe_machine(&f->filesystem, path, machine);

    if (st == STATUS_FILE_NOT_FOUND)
        return STATUS_OK;
    if (st != STATUS_OK)
        note_add(&f->notes, a, st, "%s, %s", f->component->name, path);
    return st;
}

/* Windows's boot manager and loader read compressed files themselves: so do we. */
static void probe_files(struct component_facts *f, struct arena *a)
{
    fs_allow_wof(&f->filesystem);
    f->bootmgfw_status = machine_of(f, PE_VOLUME_BOOTMGFW, a, &f->bootmgfw_machine);
    f->winload_status = machine_of(f, BCD_WINLOAD_EFI, a, &f->winload_machine);
}

static enum status check(const struct boot_facts *facts, const struct component_facts *f)
{
    if (!f->root_read)
        return STATUS_ROOT_UNREADABLE;
    if (f->bootmgfw_status != STATUS_OK)
        return STATUS_BOOTMGFW_UNREAD;
    if (f->bootmgfw_machine == PE_MACHINE_NONE)
        return STATUS_NO_BOOTMGFW;
    if (f->bootmgfw_machine != facts->machine)
        return STATUS_WRONG_MACHINE;
    if (f->winload_status != STATUS_OK)
        return STATUS_WINLOAD_UNREAD;
    return f->winload_machine == facts->machine ? STATUS_OK : STATUS_NO_WINLOAD;
}

/* One that lacks it could not be started. */
static bool has_loader(const struct component_facts *f)
{
    (void)f;
    return true;
}

/* Nothing has to be looked up: the boot store that is made in memory names the volume. */
const struct firmware_rules uefi_rules = {
    "uefi", METHOD_UEFI_RAM, LDM_VOL_BOOT, "boot volume", probe_files, NULL, check, has_loader,
    facts_any_number, NULL, UEFI_ARENA_BYTES
};
