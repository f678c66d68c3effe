/* SPDX-License-Identifier: GPL-2.0-or-later */
/* protect.c - a handle of the firmware's in the hands of Windows's loaders; see protect.h. */
#include "protect.h"

#include "common/base/checked.h"
#include "common/base/div64.h"

static struct protection *protections;

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
    (void)token;
    return refuse_write((EFI_BLOCK_IO *)(void *)this, media_id, lba, bytes, buf);
}

EFI_STATUS read_from(struct block_device *source, const EFI_BLOCK_IO_MEDIA *media, UINT32 media_id, EFI_LBA lba,
                     UINTN bytes, VOID *buf)
{
    uint32_t rest;
    uint64_t blocks = div_u64(bytes, source->block_size, &rest);

    if (media_id != media->MediaId)
        return EFI_MEDIA_CHANGED;
    if (bytes == 0)
        return EFI_SUCCESS;
    if (rest != 0)
        return EFI_BAD_BUFFER_SIZE;
    if (!buf || blocks > UINT32_MAX || !range_inside(lba, blocks, source->block_count))
        return EFI_INVALID_PARAMETER;
    return blk_read(source, lba, (uint32_t)blocks, buf) == STATUS_OK ? EFI_SUCCESS : EFI_DEVICE_ERROR;
}

/* `interface`: a Block IO, or a Block IO 2. */
static EFI_STATUS read_protected(const void *interface, UINT32 media_id, EFI_LBA lba, UINTN bytes, VOID *buf)
{
    for (const struct protection *p = protections; p; p = p->next)
        if (interface == p->bio || interface == p->bio2)
            return read_from(p->source, p->bio->Media, media_id, lba, bytes, buf);
    return EFI_DEVICE_ERROR;
}

static EFI_STATUS EFIAPI read_blocks(EFI_BLOCK_IO *this, UINT32 media_id, EFI_LBA lba, UINTN bytes, VOID *buf)
{
    return read_protected(this, media_id, lba, bytes, buf);
}

/* Done at once, also for who would rather wait for an event. */
static EFI_STATUS EFIAPI read_blocks_ex(EFI_BLOCK_IO2_PROTOCOL *this, UINT32 media_id, EFI_LBA lba,
                                        EFI_BLOCK_IO2_TOKEN *token, UINTN bytes, VOID *buf)
{
    EFI_STATUS st = read_protected(this, media_id, lba, bytes, buf);

    if (!EFI_ERROR(st) && token && token->Event) {
        token->TransactionStatus = st;
        fw.boot->SignalEvent(token->Event);
    }
    return st;
}

/* In place: drivers that are already connected (Disk IO, FAT) keep pointers to the interfaces. */
bool protect(EFI_HANDLE handle, struct block_device *source, struct protection *out)
{
    EFI_BLOCK_IO           *bio = protocol_on(handle, &guid_block_io);
    EFI_BLOCK_IO2_PROTOCOL *bio2 = protocol_on(handle, &guid_block_io2);

    if (!bio)
        return false;
    *out = (struct protection){ .bio = bio, .before = *bio, .was_read_only = bio->Media->ReadOnly, .bio2 = bio2,
                                .source = source, .next = protections };
    protections = out;
    bio->ReadBlocks = read_blocks;
    bio->WriteBlocks = refuse_write;
    bio->Media->ReadOnly = TRUE;
    if (bio2) {
        out->before2 = *bio2;
        bio2->ReadBlocksEx = read_blocks_ex;
        bio2->WriteBlocksEx = refuse_write_ex;
    }
    return true;
}

void unprotect(struct protection *p)
{
    struct protection **link = &protections;

    if (!p->bio)
        return;
    while (*link != p)
        link = &(*link)->next;
    *link = p->next;
    p->bio->Media->ReadOnly = p->was_read_only;
    *p->bio = p->before;
    if (p->bio2)
        *p->bio2 = p->before2;
    p->bio = NULL;
}
