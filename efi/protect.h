/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * protect.h - no writes through a partition handle of the firmware's while Windows's loaders use it.
 *
 * Used by: partition.c (a retained volume, an EFI system partition), publish.c (the refusal).
 * The boot manager and winload write small status files; one half of a mirror that is
 * written to no longer equals the other. They take the refusal (docs/windows-boot.md).
 */
#ifndef LDMBOOT_EFI_PROTECT_H
#define LDMBOOT_EFI_PROTECT_H

#include "firmware.h"

/* What was there before; all zero: nothing is protected. */
struct write_protection {
    EFI_BLOCK_IO           *bio;
    EFI_BLOCK_WRITE         write;
    BOOLEAN                 read_only;
    EFI_BLOCK_IO2_PROTOCOL *bio2;      /* NULL: the handle has none */
    EFI_BLOCK_WRITE_EX      write_ex;
};

/* From now on writes to this handle's Block IO and Block IO 2 are answered EFI_WRITE_PROTECTED. */
void write_protect(EFI_HANDLE handle, struct write_protection *out);

/* As it was. */
void write_unprotect(struct write_protection *p);

/* A WriteBlocks that answers EFI_WRITE_PROTECTED. */
EFI_STATUS EFIAPI refuse_write(EFI_BLOCK_IO *this, UINT32 media_id, EFI_LBA lba, UINTN bytes, VOID *buf);

#endif
