/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ramfiles.h - a file system over the RAM disk's files, for firmware that shows none on it.
 *
 * A firmware should put a file system on every Block IO that has one it knows. U-Boot's driver takes no handle whose
 * path ends in a partition (lib/efi_driver/efi_uclass.c, check_node_type()), and ours has to: docs/windows-boot.md,
 * "The chain that works", 4.
 *
 * Read only; a directory can be opened, and lists nothing.
 * Facts: UEFI specification 2.10, 13.4 and 13.5.
 */
#ifndef LDMBOOT_EFI_RAMFILES_H
#define LDMBOOT_EFI_RAMFILES_H

#include "common/base/span.h"
#include "firmware.h"

#define RAMFILES_MAX 2

struct ram_file {
    const char *path;  /* from the root, with backslashes */
    struct span content;
};

/* In memory of the firmware's, as struct published. */
struct ramfiles {
    EFI_FILE_IO_INTERFACE io;  /* first member: the call casts back */
    struct ram_file       files[RAMFILES_MAX];
    EFI_HANDLE            handle;
};

/*
 * Let the firmware connect its own drivers to a handle, and install a file system of these files where it has none then.
 * The contents must stay until it is taken back. Returns what to take back; NULL: the firmware's own is there, or there is
 * none, and the boot manager has to read the volume itself.
 */
struct ramfiles *ramfiles_offer(EFI_HANDLE handle, const struct ram_file files[RAMFILES_MAX]);

/* Take it back; NULL is let through. `silent`: a function that answers EFI_NO_MEDIA, where somebody does not let go. */
void ramfiles_remove(struct ramfiles *fs, void *silent);

#endif
