/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pe.h - programs that UEFI, or BOOTMGR, starts: PE files (Microsoft PE/COFF specification), as far as one has to look into them
 * to know whether a machine can start them.
 */
#ifndef LDMBOOT_PE_H
#define LDMBOOT_PE_H

#include "common/base/span.h"
#include "common/fs/fs.h"

#define PE_MACHINE_NONE 0  /* not a program */
#define PE_MACHINE_I386 0x014c
#define PE_MACHINE_X64  0x8664

/* Windows's own copy of its boot manager: every Windows that can start by UEFI keeps it. */
#define PE_VOLUME_BOOTMGFW "\\Windows\\Boot\\EFI\\bootmgfw.efi"

/* The same program signed with Microsoft's certificate of 2023, beside it since the updates of 2024. */
#define PE_VOLUME_BOOTMGFW_EX "\\Windows\\Boot\\EFI_EX\\bootmgfw_EX.efi"

/*
 * What machine is the program in this file for? PE_MACHINE_NONE: it is not there, or not a program.
 * OK, or what fs_find() and fs_read() say.
 */
NODISCARD enum status pe_machine(struct fs_volume *fs, const char *path, uint16_t *machine);

/* The same of a file that was found. PE_MACHINE_NONE: it is not a program. OK, or what fs_read() says. */
NODISCARD enum status pe_file_machine(struct fs_file *file, uint16_t *machine);

/* Is this file a UEFI application for the machine (PE_MACHINE_*), all of it there? OK or IMAGE_BAD. */
NODISCARD enum status pe_check_uefi_program(struct span image, uint16_t machine);

#endif
