/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * blockio.h - the firmware's disks as block devices: EFI Block IO behind blk_read().
 *
 * Facts: UEFI specification 2.10, chapter 13.9; the oddities are described where they are handled.
 */
#ifndef LDMBOOT_EFI_BLOCKIO_H
#define LDMBOOT_EFI_BLOCKIO_H

#include "common/base/arena.h"
#include "common/disk/block.h"
#include "common/base/log.h"
#include "firmware.h"

#define EFI_DISKS_MAX 1024u

struct efi_disk {
    struct block_device    dev;       /* first member: `read` casts back; its name is "blk0": LDM calls disks Disk1 */
    EFI_HANDLE             handle;
    EFI_BLOCK_IO          *bio;
    UINT32                 media_id;  /* of the medium that was there when the disk was listed */
    const EFI_DEVICE_PATH *path;      /* the firmware's own */
    uint8_t               *bounce;    /* a page-aligned buffer, shared by all disks */
    char                   name[sizeof "disk1023"];
};

struct efi_disks {
    struct efi_disk      *disks;
    struct block_device **devices;  /* the same ones, as ldm_scan() wants them */
    size_t                count;
};

/*
 * List the whole disks the firmware shows, one line each: partitions and empty
 * drives are left out, disks with senseless block sizes too, with a note.
 * NO_MEMORY or OK.
 */
NODISCARD enum status efi_disks_find(struct arena *a, struct log *log, struct efi_disks *out);

/* The efi_disk behind a block device that came from efi_disks_find(). */
struct efi_disk *efi_disk_of(struct block_device *dev);

#endif
