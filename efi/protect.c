/* SPDX-License-Identifier: GPL-2.0-or-later */
/* protect.c - write protection of a handle of the firmware's; see protect.h. */
#include "protect.h"

EFI_STATUS EFIAPI refuse_write(EFI_BLOCK_IO *this, UINT32 media_id, EFI_LBA lba, UINTN bytes, VOID *buf)
{
    (void)this;
    (void)media_id;
    (void)lba;
    (void)bytes;
    (void)buf;
    return EFI_WRITE_PROTECTED;
}

static EFI_STATUS EFIAPI refuse_write_ex(EFI_BLOCK_IO2_PROTOCOL *this, UINT32 media_id, EFI_LBA lba,
                                         EFI_BLOCK_IO2_TOKEN *token, UINTN bytes, VOID *buf)
{
    (void)this;
    (void)media_id;
    (void)lba;
    (void)token;
    (void)bytes;
    (void)buf;
    return EFI_WRITE_PROTECTED;
}

/* In place: drivers that are already connected (Disk IO, FAT) keep pointers to the interface. */
void write_protect(EFI_HANDLE handle, struct write_protection *out)
{
    struct write_protection p = { .bio = protocol_on(handle, &guid_block_io),
                                  .bio2 = protocol_on(handle, &guid_block_io2) };

    if (p.bio) {
        p.write = p.bio->WriteBlocks;
        p.read_only = p.bio->Media->ReadOnly;
        p.bio->WriteBlocks = refuse_write;
        p.bio->Media->ReadOnly = TRUE;
    }
    if (p.bio2) {
        p.write_ex = p.bio2->WriteBlocksEx;
        p.bio2->WriteBlocksEx = refuse_write_ex;
    }
    *out = p;
}

void write_unprotect(struct write_protection *p)
{
    if (p->bio) {
        p->bio->WriteBlocks = p->write;
        p->bio->Media->ReadOnly = p->read_only;
    }
    if (p->bio2)
        p->bio2->WriteBlocksEx = p->write_ex;
    *p = (struct write_protection){ 0 };
}
