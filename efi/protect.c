/* SPDX-License-Identifier: GPL-2.0-or-later */
/* protect.c - handles of the firmware's in the hands of Windows's loaders; see protect.h. */
#include "protect.h"

#include "common/base/checked.h"
#include "common/base/div64.h"
#include "devpath.h"

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

/* Nothing was written, so there is nothing to be flushed; and what a reset does to a disk is the disk's own affair. */
EFI_STATUS EFIAPI ignore_reset(EFI_BLOCK_IO *this, BOOLEAN extended)
{
    (void)this;
    (void)extended;
    return EFI_SUCCESS;
}

EFI_STATUS EFIAPI ignore_flush(EFI_BLOCK_IO *this)
{
    (void)this;
    return EFI_SUCCESS;
}

/* Done at once, also for who would rather wait for an event. */
static EFI_STATUS done(EFI_BLOCK_IO2_TOKEN *token, EFI_STATUS st)
{
    if (!EFI_ERROR(st) && token && token->Event) {
        token->TransactionStatus = st;
        fw.boot->SignalEvent(token->Event);
    }
    return st;
}

static EFI_STATUS EFIAPI refuse_write_ex(EFI_BLOCK_IO2_PROTOCOL *this, UINT32 media_id, EFI_LBA lba,
                                         EFI_BLOCK_IO2_TOKEN *token, UINTN bytes, VOID *buf)
{
    (void)token;
    return refuse_write((EFI_BLOCK_IO *)(void *)this, media_id, lba, bytes, buf);
}

static EFI_STATUS EFIAPI ignore_reset_ex(EFI_BLOCK_IO2_PROTOCOL *this, BOOLEAN extended)
{
    return ignore_reset((EFI_BLOCK_IO *)(void *)this, extended);
}

static EFI_STATUS EFIAPI ignore_flush_ex(EFI_BLOCK_IO2_PROTOCOL *this, EFI_BLOCK_IO2_TOKEN *token)
{
    (void)this;
    return done(token, EFI_SUCCESS);
}

static EFI_STATUS EFIAPI refuse_erase(struct erase_block *this, UINT32 media_id, EFI_LBA lba, void *token, UINTN bytes)
{
    (void)token;
    return refuse_write((EFI_BLOCK_IO *)(void *)this, media_id, lba, bytes, NULL);
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
        if (p->source && (interface == p->bio || interface == p->bio2))
            return read_from(p->source, p->bio->Media, media_id, lba, bytes, buf);
    return EFI_DEVICE_ERROR;
}

static EFI_STATUS EFIAPI read_blocks(EFI_BLOCK_IO *this, UINT32 media_id, EFI_LBA lba, UINTN bytes, VOID *buf)
{
    return read_protected(this, media_id, lba, bytes, buf);
}

static EFI_STATUS EFIAPI read_blocks_ex(EFI_BLOCK_IO2_PROTOCOL *this, UINT32 media_id, EFI_LBA lba,
                                        EFI_BLOCK_IO2_TOKEN *token, UINTN bytes, VOID *buf)
{
    return done(token, read_protected(this, media_id, lba, bytes, buf));
}

/* ---- one handle */

/* In place: drivers that are already connected (Disk IO, FAT) keep pointers to the interfaces. */
static void take_over(struct protection *p)
{
    p->bio->Reset = ignore_reset;
    p->bio->WriteBlocks = refuse_write;
    p->bio->FlushBlocks = ignore_flush;
    p->bio->Media->ReadOnly = TRUE;
    if (p->source)
        p->bio->ReadBlocks = read_blocks;
    if (p->erase)
        p->erase->erase = refuse_erase;
    if (!p->bio2)
        return;
    p->bio2->Reset = ignore_reset_ex;
    p->bio2->WriteBlocksEx = refuse_write_ex;
    p->bio2->FlushBlocksEx = ignore_flush_ex;
    if (p->source)
        p->bio2->ReadBlocksEx = read_blocks_ex;
}

bool protect(EFI_HANDLE handle, struct block_device *source, struct protection *out)
{
    static EFI_GUID guid_erase = { 0x95a9a93e, 0xa86e, 0x4926, { 0xaa, 0xef, 0x99, 0x18, 0xe7, 0x72, 0xd9, 0x87 } };
    EFI_BLOCK_IO   *bio = protocol_on(handle, &guid_block_io);

    if (!bio)
        return false;
    *out = (struct protection){ .bio = bio, .before = *bio, .was_read_only = bio->Media->ReadOnly,
                                .bio2 = protocol_on(handle, &guid_block_io2),
                                .erase = protocol_on(handle, &guid_erase), .source = source, .next = protections };
    if (out->bio2)
        out->before2 = *out->bio2;
    if (out->erase)
        out->before_erase = *out->erase;
    protections = out;
    take_over(out);
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
    if (p->erase)
        *p->erase = p->before_erase;
    p->bio = NULL;
}

/* ---- whole disks */

enum status protection_list_init(struct protection_list *list, struct arena *a)
{
    struct handle_list handles = handles_with(&guid_block_io);

    *list = (struct protection_list){ .items = arena_array(a, handles.count, sizeof *list->items), .room = handles.count };
    handles_free(&handles);
    return list->items ? STATUS_OK : STATUS_NO_MEMORY;
}

/* Not yet protected; and with a medium, for what is held of a start before (publish.c) is ours, and may go away meanwhile. */
static bool is_open_to_writes(const EFI_BLOCK_IO *bio)
{
    const struct protection *p = protections;

    while (p && p->bio != bio)
        p = p->next;
    return !p && bio && bio->Media->MediaPresent;
}

void protect_disk(struct protection_list *list, const EFI_DEVICE_PATH *disk)
{
    struct handle_list handles = handles_with(&guid_block_io);

    for (UINTN i = 0; i < handles.count && list->count < list->room; i++)
        if (devpath_begins_with(protocol_on(handles.handles[i], &guid_device_path), disk) &&
            is_open_to_writes(protocol_on(handles.handles[i], &guid_block_io)) &&
            protect(handles.handles[i], NULL, &list->items[list->count]))
            list->count++;
    handles_free(&handles);
}

void unprotect_all(struct protection_list *list)
{
    while (list->count > 0)
        unprotect(&list->items[--list->count]);
}
