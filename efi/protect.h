/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * protect.h - disks and partitions of the firmware's, while Windows's loaders use them: nothing is written to them, and a
 * partition can be read by a device of ours.
 *
 * The boot manager and winload write small status files; one half of a mirror that is written to no longer equals the
 * other. They take the refusal (docs/windows-boot.md). A driver of the firmware's knows of no other half, and may
 * answer success without data (blockio.c).
 * Facts: UEFI specification 2.10, chapters 13.9, 13.10 and 13.14.
 */
#ifndef LDMBOOT_EFI_PROTECT_H
#define LDMBOOT_EFI_PROTECT_H

#include "common/base/arena.h"
#include "common/disk/block.h"
#include "firmware.h"

/* EFI_ERASE_BLOCK_PROTOCOL, UEFI specification 13.14: gnu-efi has no declaration of it. */
struct erase_block {
    UINT64 revision;
    UINT32 granularity;
    EFI_STATUS(EFIAPI *erase)(struct erase_block *this, UINT32 media_id, EFI_LBA lba, void *token, UINTN bytes);
};

/* Must stay where it is while it protects; `bio` NULL: nothing is protected. */
struct protection {
    EFI_BLOCK_IO           *bio;
    EFI_BLOCK_IO            before;        /* what was there */
    BOOLEAN                 was_read_only;
    EFI_BLOCK_IO2_PROTOCOL *bio2;          /* NULL: the handle has none */
    EFI_BLOCK_IO2_PROTOCOL  before2;
    struct erase_block     *erase;         /* likewise */
    struct erase_block      before_erase;
    struct block_device    *source;        /* NULL: the firmware's own reads */
    struct protection      *next;
};

/*
 * From now on writes to this handle are answered EFI_WRITE_PROTECTED, flushes and resets are done without the disk, and
 * reads return what `source` has, NULL: what they returned before. False, and nothing is changed, when the handle has no
 * Block IO.
 */
NODISCARD bool protect(EFI_HANDLE handle, struct block_device *source, struct protection *out);

/* As it was. What was protected twice is given back in the opposite order. */
void unprotect(struct protection *p);

/* Several handles; all zero: none. */
struct protection_list {
    struct protection *items;
    size_t             count, room;
};

/* Room for every Block IO that there is now. NO_MEMORY or OK. */
NODISCARD enum status protection_list_init(struct protection_list *list, struct arena *a);

/*
 * Protect the disk with this device path and all its partitions, those that are not protected yet. What the firmware
 * makes of the disk later reads and writes through the disk, so that it is protected with it.
 */
void protect_disk(struct protection_list *list, const EFI_DEVICE_PATH *disk);

void unprotect_all(struct protection_list *list);

/* Functions of a Block IO that cannot be written to. */
EFI_STATUS EFIAPI refuse_write(EFI_BLOCK_IO *this, UINT32 media_id, EFI_LBA lba, UINTN bytes, VOID *buf);
EFI_STATUS EFIAPI ignore_reset(EFI_BLOCK_IO *this, BOOLEAN extended);
EFI_STATUS EFIAPI ignore_flush(EFI_BLOCK_IO *this);

/* What a ReadBlocks of `media` answers that has `source` behind it. */
EFI_STATUS read_from(struct block_device *source, const EFI_BLOCK_IO_MEDIA *media, UINT32 media_id, EFI_LBA lba,
                     UINTN bytes, VOID *buf);

#endif
