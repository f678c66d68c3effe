/* SPDX-License-Identifier: GPL-2.0-or-later */
/* partition.c - handles for the volume and for EFI system partitions; see partition.h. */
#include "partition.h"

#include "common/base/mem.h"
#include "devpath.h"

static HARDDRIVE_DEVICE_PATH harddrive_node(const struct uefi_partition *id)
{
    HARDDRIVE_DEVICE_PATH node = {
        .Header = { MEDIA_DEVICE_PATH, MEDIA_HARDDRIVE_DP, { DEVPATH_HARDDRIVE_BYTES, 0 } },
        .PartitionNumber = id->number,
        .PartitionStart = id->start,
        .PartitionSize = id->blocks,
        .MBRType = id->mbr ? MBR_TYPE_PCAT : MBR_TYPE_EFI_PARTITION_TABLE_HEADER,
        .SignatureType = id->mbr ? SIGNATURE_TYPE_MBR : SIGNATURE_TYPE_GUID,
    };

    if (id->mbr)
        wr_le32(node.Signature, id->signature);
    else
        guid_to_mixed(&id->partition, node.Signature);
    return node;
}

/* Is this handle the firmware's for a partition of `disk` that starts at block `start`? */
static bool is_partition_at(EFI_HANDLE handle, const struct efi_disk *disk, uint64_t start)
{
    const EFI_DEVICE_PATH *path = protocol_on(handle, &guid_device_path), *last = devpath_last(path);
    HARDDRIVE_DEVICE_PATH  node;

    if (!last || !devpath_begins_with(path, disk->path) || last->Type != MEDIA_DEVICE_PATH ||
        last->SubType != MEDIA_HARDDRIVE_DP || last->Length[0] != DEVPATH_HARDDRIVE_BYTES || last->Length[1] != 0)
        return false;
    memcpy(&node, last, DEVPATH_HARDDRIVE_BYTES);
    return node.PartitionStart == start;
}

/* The firmware's own handle for that partition; NULL when it has none. */
static EFI_HANDLE find_firmware_handle(const struct efi_disk *disk, uint64_t start)
{
    struct handle_list list = handles_with(&guid_block_io);
    EFI_HANDLE         found = NULL;

    for (UINTN i = 0; i < list.count && !found; i++)
        if (is_partition_at(list.handles[i], disk, start))
            found = list.handles[i];
    handles_free(&list);
    return found;
}

static enum status publish_under_disk(struct efi_disk *disk, struct block_device *source,
                                      const struct uefi_partition *id, struct arena *a, struct efi_partition *out)
{
    HARDDRIVE_DEVICE_PATH node = harddrive_node(id);
    EFI_DEVICE_PATH      *path = devpath_append(disk->path, &node.Header, a);

    if (!path)
        return STATUS_NO_MEMORY;
    TRY(publish(source, path, disk->bio->Media, &out->published));
    out->handle = out->published->handle;
    out->path = path;
    return STATUS_OK;
}

/*
 * Drivers of the firmware's are taken off a handle that is lent: of the volume all, for vendors have NTFS drivers that are
 * broken, and writers; of a system partition those that hold it without showing a file system, so that none can be shown
 * (uefi-ntfs has met both). What they still want to write is refused: the disk is protected. They stay off; the firmware
 * connects what it needs for its next boot option.
 */
static void take_drivers_off(EFI_HANDLE handle, bool is_volume)
{
    if (handle != (fw.self ? fw.self->DeviceHandle : NULL) && (is_volume || !protocol_on(handle, &guid_simple_file_system)))
        fw.boot->DisconnectController(handle, NULL, NULL);
}

/* The firmware's own handle where it has one, else one of ours that looks the same. */
static enum status show_entry(struct efi_disk *disk, const struct uefi_partition *id, bool is_volume, struct arena *a,
                              struct efi_partition *out)
{
    EFI_HANDLE handle = find_firmware_handle(disk, id->start);

    if (handle)
        take_drivers_off(handle, is_volume);
    if (!protect(handle, &out->slice.dev, &out->protection))
        return publish_under_disk(disk, &out->slice.dev, id, a, out);
    out->handle = handle;
    out->path = protocol_on(handle, &guid_device_path);
    return STATUS_OK;
}

enum status efi_partition_of_volume(const struct component_facts *facts, const struct ldm_component *spare,
                                    const struct uefi_partition *identity, struct arena *a, struct efi_partition *out)
{
    struct efi_disk *disk = efi_disk_of(facts->disk->dev);

    memset(out, 0, sizeof *out);
    TRY(extent_device_init(&out->extents, facts->component, facts->component->name));
    extent_device_set_spare(&out->extents, spare);
    if (facts->boot_sector_is_backup)
        extent_device_set_boot_sector(&out->extents, facts->boot_sector);
    if (!identity->in_table)
        return publish_under_disk(disk, &out->extents.dev, identity, a, out);
    TRY(slice_device_init(&out->slice, &disk->dev, identity->start, identity->blocks));
    slice_device_set_front(&out->slice, &out->extents.dev);
    return show_entry(disk, identity, true, a, out);
}

enum status efi_partition_of_esp(const struct uefi_esp *esp, struct arena *a, struct efi_partition *out)
{
    struct efi_disk      *disk = efi_disk_of(esp->disk->dev);
    struct uefi_partition id = { .in_table = true, .number = esp->entry.number, .start = esp->entry.start,
                                 .blocks = esp->entry.blocks, .partition = esp->entry.unique };

    memset(out, 0, sizeof *out);
    TRY(slice_device_init(&out->slice, &disk->dev, id.start, id.blocks));
    return show_entry(disk, &id, false, a, out);
}

bool efi_partition_release(struct efi_partition *p)
{
    bool gone = unpublish(p->published);

    unprotect(&p->protection);
    memset(p, 0, sizeof *p);
    return gone;
}
