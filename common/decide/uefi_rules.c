/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uefi_rules.c - what a half needs to be started by UEFI: its own copy of the Windows Boot Manager, and the loader
 * that this is to start, both for the machine.
 */
#include "facts.h"
#include "common/windows/bcd.h"

/* Machine type of a program of the volume; PE_MACHINE_NONE, and a note, when that cannot be read. */
static uint16_t machine_of(struct component_facts *f, const char *path, struct arena *a)
{
    uint16_t    machine = PE_MACHINE_NONE;
    enum status st = pe_machine(&f->filesystem, path, &machine);

    if (st != STATUS_OK)
        note_add(&f->notes, a, st, "%s, %s", f->component->name, path);
    return machine;
}

static void probe_files(struct component_facts *f, struct arena *a)
{
    f->bootmgfw_machine = machine_of(f, PE_VOLUME_BOOTMGFW, a);
    f->winload_machine = machine_of(f, BCD_WINLOAD_EFI, a);
}

static enum status check(const struct boot_facts *facts, const struct component_facts *f)
{
    if (!f->root_read)
        return STATUS_ROOT_UNREADABLE;
    if (f->bootmgfw_machine == PE_MACHINE_NONE)
        return STATUS_NO_BOOTMGFW;
    if (f->bootmgfw_machine != facts->machine)
        return STATUS_WRONG_MACHINE;
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
