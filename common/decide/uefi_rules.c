/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uefi_rules.c - what a half needs to be started by UEFI: its own copy of the Windows Boot Manager, and the loader
 * that this is to start, both for the machine.
 */
#include "common/base/checked.h"
#include "firmware_rules.h"
#include "probe.h"
#include "common/present/uefi_boot.h"

/* Machine type of a PE program (Microsoft PE/COFF specification); PE_MACHINE_NONE when it is not there or not one. */
static uint16_t pe_machine(struct component_facts *f, const char *path, struct arena *a)
{
    struct fs_file file;
    uint8_t        dos[0x40], pe[6];
    uint32_t       pe_offset;
    enum status    st = fs_find(&f->filesystem, path, &file);

    if (st == STATUS_FILE_NOT_FOUND)
        return PE_MACHINE_NONE;
    if (st == STATUS_OK && (file.is_directory || file.bytes < sizeof dos))
        return PE_MACHINE_NONE;
    if (st == STATUS_OK)
        st = fs_read(&file, 0, dos, sizeof dos);
    if (st == STATUS_OK) {
        pe_offset = rd_le32(span_of(dos, sizeof dos), 0x3c);
        if (!span_starts_with(span_of(dos, sizeof dos), "MZ", 2) || !range_inside(pe_offset, sizeof pe, file.bytes))
            return PE_MACHINE_NONE;
        st = fs_read(&file, pe_offset, pe, sizeof pe);
    }
    if (st != STATUS_OK) {
        note_add(&f->notes, a, st, "%s, %s", f->component->name, path);
        return PE_MACHINE_NONE;
    }
    return span_starts_with(span_of(pe, sizeof pe), "PE\0\0", 4) ? rd_le16(span_of(pe, sizeof pe), 4) : PE_MACHINE_NONE;
}

static void probe_files(struct component_facts *f, struct arena *a)
{
    f->bootmgfw_machine = pe_machine(f, UEFI_VOLUME_BOOTMGFW, a);
    f->winload_machine = pe_machine(f, BCD_WINLOAD_EFI, a);
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
    "uefi", METHOD_UEFI_RAM, LDM_VOL_BOOT, "boot volume", probe_files, NULL, check, has_loader, NULL
};
