/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * protect.h - a partition handle of the firmware's, while Windows's loaders use it: no writes, and reads by a device of ours.
 *
 * The boot manager and winload write small status files; one half of a mirror that is written to no longer equals the
 * other. They take the refusal (docs/windows-boot.md). A driver of the firmware's knows of no other half, and may
 * answer success without data (blockio.c).
 * Facts: UEFI specification 2.10, chapters 13.9 and 13.10.
 */
#ifndef LDMBOOT_EFI_PROTECT_H
#define LDMBOOT_EFI_PROTECT_H

#include "common/disk/block.h"
#include "firmware.h"

/* Must stay where it is while it protects; `bio` NULL: nothing is protected. */
struct protection {
    EFI_BLOCK_IO           *bio;
    EFI_BLOCK_IO            before;       /* what was there */
    BOOLEAN                 was_read_only;
    EFI_BLOCK_IO2_PROTOCOL *bio2;         /* NULL: the handle has none */
    EFI_BLOCK_IO2_PROTOCOL  before2;
    struct block_device    *source;
    struct protection      *next;
};

/*
 * From now on writes to this handle's Block IO and Block IO 2 are answered EFI_WRITE_PROTECTED, and reads return what
 * `source` has. False, and nothing is changed, when the handle has no Block IO.
 */
NODISCARD bool protect(EFI_HANDLE handle, struct block_device *source, struct protection *out);

/* As it was. */
void unprotect(struct protection *p);

/* A WriteBlocks that answers EFI_WRITE_PROTECTED. */
EFI_STATUS EFIAPI refuse_write(EFI_BLOCK_IO *this, UINT32 media_id, EFI_LBA lba, UINTN bytes, VOID *buf);

/* What a ReadBlocks of `media` answers that has `source` behind it. */
EFI_STATUS read_from(struct block_device *source, const EFI_BLOCK_IO_MEDIA *media, UINT32 media_id, EFI_LBA lba,
                     UINTN bytes, VOID *buf);

#endif
