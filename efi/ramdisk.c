/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ramdisk.c - the boot manager's own volume, in memory; see ramdisk.h. */
#include "ramdisk.h"

#include "common/base/checked.h"
#include "common/present/fatimage.h"
#include "common/base/mem.h"
#include "common/present/uefi_boot.h"
#include "devpath.h"

/*
 * The path that works is VenHw(GUID of our own)/HD(1,MBR,signature): a vendor node or a
 * RAM disk node alone is refused by the boot manager, and a GPT node makes it crash.
 */
#define RAMDISK_SIGNATURE 0x4c444d42u  /* "BMDL" as bytes; also the volume's serial number */

/* {6a1e3c52-93a0-4b6b-8f1e-5d0c4c444d42}: made up for this project. */
#define RAMDISK_VENDOR_GUID { 0x6a1e3c52, 0x93a0, 0x4b6b, { 0x8f, 0x1e, 0x5d, 0x0c, 0x4c, 0x44, 0x4d, 0x42 } }

static EFI_DEVICE_PATH *make_path(uint64_t blocks, struct arena *a)
{
    static const VENDOR_DEVICE_PATH vendor = { { HARDWARE_DEVICE_PATH, HW_VENDOR_DP, { sizeof vendor, 0 } },
                                               RAMDISK_VENDOR_GUID };
    HARDDRIVE_DEVICE_PATH           node = {
                  .Header = { MEDIA_DEVICE_PATH, MEDIA_HARDDRIVE_DP, { DEVPATH_HARDDRIVE_BYTES, 0 } },
                  .PartitionNumber = 1,
                  .PartitionSize = blocks,
                  .MBRType = MBR_TYPE_PCAT,
                  .SignatureType = SIGNATURE_TYPE_MBR,
    };
    EFI_DEVICE_PATH *head = devpath_append(NULL, &vendor.Header, a);

    wr_le32(node.Signature, RAMDISK_SIGNATURE);
    return head ? devpath_append(head, &node.Header, a) : NULL;
}

/* No BOOTSTAT.DAT: the boot manager would write to it. */
static enum status build_image(const struct ram_file *content, struct ramdisk *disk)
{
    const struct fatimage_file files[RAMFILES_MAX] = {
        { content[0].path, content[0].content.data, content[0].content.len },
        { content[1].path, content[1].content.data, content[1].content.len },
    };

    TRY(fatimage_size(files, ARRAY_LEN(files), &disk->bytes));
    disk->image = pages_alloc(disk->bytes);
    if (!disk->image)
        return STATUS_NO_MEMORY;
    return fatimage_build(files, ARRAY_LEN(files), RAMDISK_SIGNATURE, disk->image, disk->bytes);
}

static enum status build_and_publish(struct span bootmgfw, struct span store, struct arena *a, struct ramdisk *disk)
{
    const struct ram_file files[RAMFILES_MAX] = { { UEFI_ESP_BOOTMGFW, bootmgfw }, { UEFI_ESP_STORE, store } };
    EFI_DEVICE_PATH      *path;

    TRY(build_image(files, disk));
    memory_device_init(&disk->device, "RAM disk", disk->image, disk->bytes);
    path = make_path(disk->device.dev.block_count, a);
    if (!path)
        return STATUS_NO_MEMORY;
    TRY(publish(&disk->device.dev, path, NULL, &disk->published));
    disk->files = ramfiles_offer(disk->published->handle, files);
    return STATUS_OK;
}

enum status ramdisk_make(struct span bootmgfw, struct span store, struct arena *a, struct ramdisk *out)
{
    enum status st;

    memset(out, 0, sizeof *out);
    st = build_and_publish(bootmgfw, store, a, out);
    if (st != STATUS_OK)
        pages_free(out->image, out->bytes);
    return st;
}

bool ramdisk_release(struct ramdisk *disk)
{
    bool gone;

    if (disk->files)
        ramfiles_remove(disk->files, disk->published->silent);
    gone = unpublish(disk->published);
    pages_free(disk->image, disk->bytes);
    memset(disk, 0, sizeof *disk);
    return gone;
}
