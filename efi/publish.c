/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * publish.c - Block IO over a block device of ours; see publish.h.
 *
 * A driver that is not ours may refuse to stop, or keep the pointers that it was given: what it holds is made harmless and
 * kept, never freed (iPXE does so too).
 */
#include "publish.h"

#include "common/base/mem.h"
#include "devpath.h"
#include "protect.h"

/* Those that could not be taken back. */
static struct published *held;

static EFI_STATUS EFIAPI read_blocks(EFI_BLOCK_IO *this, UINT32 media_id, EFI_LBA lba, UINTN bytes, VOID *buf)
{
    const struct published *p = (const struct published *)(const void *)this;

    return read_from(p->source, &p->media, media_id, lba, bytes, buf);
}

/* ---- what is left when a driver does not let go */

/* UEFI specification 2.10, 37.5; firmware of before 2023 has none. */
struct memory_attributes {
    void *get;
    EFI_STATUS(EFIAPI *set)(struct memory_attributes *this, EFI_PHYSICAL_ADDRESS base, UINT64 bytes, UINT64 attributes);
    EFI_STATUS(EFIAPI *clear)(struct memory_attributes *this, EFI_PHYSICAL_ADDRESS base, UINT64 bytes, UINT64 attributes);
};
#define MEMORY_NO_EXECUTE 0x4000u
#define MEMORY_READ_ONLY  0x20000u

/* Memory of this type may be run in most firmware; where it may not, this protocol is there. */
static void make_runnable(EFI_PHYSICAL_ADDRESS page)
{
    static EFI_GUID           guid = { 0xf4560cf6, 0x40ec, 0x4b4a, { 0xa1, 0x92, 0xbf, 0x1d, 0x57, 0xd0, 0xb1, 0x89 } };
    struct memory_attributes *protocol = NULL;

    if (EFI_ERROR(fw.boot->LocateProtocol(&guid, NULL, (void **)&protocol)))
        return;
    protocol->set(protocol, page, EFI_PAGE_BYTES, MEMORY_READ_ONLY);
    protocol->clear(protocol, page, EFI_PAGE_BYTES, MEMORY_NO_EXECUTE);
}

/*
 * One function for all calls of a Block IO, which answers EFI_NO_MEDIA: it has to be there when this program's image
 * is gone. NULL: no memory.
 */
static void *silent_function(void)
{
#if defined(__x86_64__)
    /* endbr64; mov rax, EFI_NO_MEDIA; ret */
    static const uint8_t code[] = { 0xf3, 0x0f, 0x1e, 0xfa, 0x48, 0xb8, EFI_NO_MEDIA & 0xff, 0, 0, 0, 0, 0, 0, 0x80, 0xc3 };
#else
    /* endbr32; mov eax, EFI_NO_MEDIA; ret: the caller clears the stack */
    static const uint8_t code[] = { 0xf3, 0x0f, 0x1e, 0xfb, 0xb8, EFI_NO_MEDIA & 0xff, 0, 0, 0x80, 0xc3 };
#endif
    EFI_PHYSICAL_ADDRESS page = UINTPTR_MAX;

    if (EFI_ERROR(fw.boot->AllocatePages(AllocateMaxAddress, EfiBootServicesCode, 1, &page)))
        return NULL;
    memcpy((void *)(uintptr_t)page, code, sizeof code);
    make_runnable(page);
    return (void *)(uintptr_t)page;
}

static void silence(struct published *p)
{
    p->bio.Reset = (EFI_BLOCK_RESET)p->silent;
    p->bio.ReadBlocks = (EFI_BLOCK_READ)p->silent;
    p->bio.WriteBlocks = (EFI_BLOCK_WRITE)p->silent;
    p->bio.FlushBlocks = (EFI_BLOCK_FLUSH)p->silent;
    p->media.MediaPresent = FALSE;
    p->source = NULL;
    p->next = held;
    held = p;
}

/* The one that is held and has this path, taken out of the list: two handles of one path would be refused. */
static struct published *take_held(const EFI_DEVICE_PATH *path)
{
    for (struct published **link = &held; *link; link = &(*link)->next) {
        struct published *p = *link;

        if (devpath_bytes(p->path) != devpath_bytes(path) || !devpath_begins_with(p->path, path))
            continue;
        *link = p->next;
        return p;
    }
    return NULL;
}

/* ---- publishing */

static void fill(struct published *p, struct block_device *source, const EFI_BLOCK_IO_MEDIA *like)
{
    p->bio = (EFI_BLOCK_IO){ .Revision = EFI_BLOCK_IO_PROTOCOL_REVISION, .Media = &p->media, .Reset = ignore_reset,
                             .ReadBlocks = read_blocks, .WriteBlocks = refuse_write, .FlushBlocks = ignore_flush };
    p->media = (EFI_BLOCK_IO_MEDIA){ .MediaId = like ? like->MediaId : 0, .IoAlign = like ? like->IoAlign : 0,
                                     .MediaPresent = TRUE, .LogicalPartition = TRUE, .ReadOnly = TRUE,
                                     .BlockSize = source->block_size, .LastBlock = source->block_count - 1 };
    p->source = source;
}

static void forget(struct published *p)
{
    if (p->silent)
        fw.boot->FreePages((EFI_PHYSICAL_ADDRESS)(uintptr_t)p->silent, 1);
    fw.boot->FreePool(p);
}

/* Memory for it and a copy of its path. */
static struct published *allocate(const EFI_DEVICE_PATH *path)
{
    size_t            bytes = devpath_bytes(path) + sizeof *path;  /* with the end node */
    struct published *p = NULL;

    if (EFI_ERROR(fw.boot->AllocatePool(EfiBootServicesData, sizeof *p + bytes, (void **)&p)))
        return NULL;
    *p = (struct published){ .path = (EFI_DEVICE_PATH *)(void *)(p + 1), .silent = silent_function() };
    memcpy(p->path, path, bytes);
    if (p->silent)
        return p;
    forget(p);
    return NULL;
}

enum status publish(struct block_device *source, const EFI_DEVICE_PATH *path, const EFI_BLOCK_IO_MEDIA *like,
                    struct published **out)
{
    struct published *p = take_held(path);
    bool              is_new = !p;

    if (is_new)
        p = allocate(path);
    if (!p)
        return STATUS_NO_MEMORY;
    fill(p, source, like);
    if (is_new && EFI_ERROR(fw.boot->InstallMultipleProtocolInterfaces(&p->handle, &guid_block_io, &p->bio,
                                                                       &guid_device_path, p->path, NULL))) {
        forget(p);
        return STATUS_PUBLISH_REFUSED;
    }
    *out = p;
    return STATUS_OK;
}

/* The firmware stops drivers that use the handle first (UEFI specification, UninstallProtocolInterface). */
bool unpublish(struct published *p)
{
    if (!p)
        return true;
    if (EFI_ERROR(fw.boot->UninstallMultipleProtocolInterfaces(p->handle, &guid_block_io, &p->bio, &guid_device_path,
                                                               p->path, NULL))) {
        silence(p);
        return false;
    }
    forget(p);
    return true;
}
