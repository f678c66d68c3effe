/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uefi_boot.h - what the Windows Boot Manager is told about the volume: the partition
 * that is presented to it, the boot store that names this partition, and whether an EFI
 * system partition that is already there does the same.
 *
 * What efi/ presents, ldmboot-inspect (--firmware uefi, --bcd) predicts: same disks, same answer, GUIDs included.
 * Facts: docs/windows-boot.md, "UEFI".
 */
#ifndef LDMBOOT_UEFI_BOOT_H
#define LDMBOOT_UEFI_BOOT_H

#include "common/decide/plan.h"
#include "common/windows/bcd.h"
#include "common/windows/pe.h"

#define UEFI_ESP_BOOTMGFW    "\\EFI\\Microsoft\\Boot\\bootmgfw.efi"
#define UEFI_ESP_STORE       "\\EFI\\Microsoft\\Boot\\BCD"

#define UEFI_BOOTMGFW_MAX (16u << 20)  /* real ones have 1 to 3 MB */
#define UEFI_STORE_MAX    (4u << 20)   /* real ones have 16 to 64 KB */

/*
 * The volume as a partition. An entry of the disk's table that starts exactly at the
 * volume (a retained partition) is presented as what it is, with its own GUID and
 * length; else a partition is made up that has the volume's extent and a GUID that
 * depends on disk and volume only.
 */
struct uefi_partition {
    bool        in_table;       /* an entry of the table */
    bool        mbr;            /* named by signature and offset, as on an MBR disk; else by GUIDs */
    unsigned    number;         /* of the entry, or of the one around the volume; 1 when there is none */
    uint64_t    start, blocks;  /* blocks of the disk; made up ones: the first extent's start, the volume's length */
    uint32_t    block_size;
    struct guid disk, partition;
    uint32_t    signature;
};

/* COMPONENT_UNREADABLE when the component is not present or not on a block boundary. */
NODISCARD enum status uefi_partition_of(const struct ldm_component *component, struct uefi_partition *out);

/* The boot store for it, in arena memory. `options`: as for bcd_build(). NO_MEMORY or OK. */
NODISCARD enum status uefi_store_build(const struct uefi_partition *partition, const struct ldm_volume *volume,
                                       const struct store_options *options, struct arena *a, struct span *out);

/*
 * Does the store's default entry start \Windows\system32\winload.efi of this partition?
 * OK, STORE_MISMATCH, or why it is not readable.
 */
NODISCARD enum status uefi_store_check(struct span store, const struct uefi_partition *partition);

/* It lacks nothing but a boot manager that can be read, as far as its own half goes: a stick can bring one. */
bool uefi_lacks_boot_manager(const struct plan_candidate *c);

/* An EFI system partition whose boot manager and store lead to the volume; or its store does, by another entry. */
struct uefi_esp {
    struct ldm_disk *disk;      /* NULL: there is none */
    struct gpt_entry entry;
    struct span      bootmgfw;  /* METHOD_UEFI_ESP: its file, whole */
    struct span      store;     /* METHOD_UEFI_RAM: its store with that entry as default, instead of one that is made; or empty */
};

/*
 * The last step of a UEFI plan whose result is BOOT: look for EFI system partitions,
 * and set plan->method. METHOD_UEFI_ESP: one leads to the chosen volume, *esp is filled.
 * METHOD_UEFI_RAM: *esp may have a store.
 * Those that do not are noted in the plan. NO_MEMORY or OK.
 */
NODISCARD enum status uefi_choose_method(const struct ldm_view *view, uint16_t machine, struct arena *a,
                                         struct boot_plan *plan, struct uefi_esp *esp);

#endif
