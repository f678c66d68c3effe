/* SPDX-License-Identifier: GPL-2.0-or-later */
/* publish.c - Block IO over a block device of ours; see publish.h. */
#include "publish.h"

#include "protect.h"

static EFI_STATUS EFIAPI reset(EFI_BLOCK_IO *this, BOOLEAN extended)
{
    (void)this;
    (void)extended;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI read_blocks(EFI_BLOCK_IO *this, UINT32 media_id, EFI_LBA lba, UINTN bytes, VOID *buf)
{
    const struct published *p = (const struct published *)(const void *)this;

    return read_from(p->source, &p->media, media_id, lba, bytes, buf);
}

static EFI_STATUS EFIAPI flush(EFI_BLOCK_IO *this)
{
    (void)this;
    return EFI_SUCCESS;
}

static void fill(struct published *p, struct block_device *source, EFI_DEVICE_PATH *path,
                 const EFI_BLOCK_IO_MEDIA *like)
{
    *p = (struct published){
        .bio = { .Revision = EFI_BLOCK_IO_PROTOCOL_REVISION, .Reset = reset, .ReadBlocks = read_blocks,
                 .WriteBlocks = refuse_write, .FlushBlocks = flush },
        .media = { .MediaId = like ? like->MediaId : 0, .IoAlign = like ? like->IoAlign : 0, .MediaPresent = TRUE,
                   .LogicalPartition = TRUE, .ReadOnly = TRUE, .BlockSize = source->block_size,
                   .LastBlock = source->block_count - 1 },
        .source = source,
        .path = path,
    };
    p->bio.Media = &p->media;
}

enum status publish(struct published *p, struct block_device *source, EFI_DEVICE_PATH *path,
                    const EFI_BLOCK_IO_MEDIA *like)
{
    EFI_STATUS st;

    fill(p, source, path, like);
    st = fw.boot->InstallMultipleProtocolInterfaces(&p->handle, &guid_block_io, &p->bio, &guid_device_path, path, NULL);
    if (!EFI_ERROR(st))
        return STATUS_OK;
    p->handle = NULL;
    return STATUS_PUBLISH_REFUSED;
}

/* The firmware stops drivers that use the handle first (UEFI specification, UninstallProtocolInterface). */
void unpublish(struct published *p)
{
    if (p->handle)
        fw.boot->UninstallMultipleProtocolInterfaces(p->handle, &guid_block_io, &p->bio, &guid_device_path, p->path,
                                                     NULL);
    p->handle = NULL;
}
