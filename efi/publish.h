/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * publish.h - a block device of ours as a disk that other EFI programs can read:
 * Block IO and Device Path on a new handle, and nothing else.
 *
 * Facts: UEFI specification 2.10, chapter 13.9; docs/windows-boot.md, "The chain that works", 2 and 4.
 */
#ifndef LDMBOOT_EFI_PUBLISH_H
#define LDMBOOT_EFI_PUBLISH_H

#include "common/disk/block.h"
#include "firmware.h"

/* In memory of the firmware's, for it may have to stay there longer than this program does. */
struct published {
    EFI_BLOCK_IO         bio;     /* first member: the calls cast back */
    EFI_BLOCK_IO_MEDIA   media;
    struct block_device *source;  /* what its reads return */
    EFI_DEVICE_PATH     *path;
    EFI_HANDLE           handle;
    void                *silent;  /* code of no image, which answers every call with EFI_NO_MEDIA */
    struct published    *next;    /* among those that a driver does not let go of */
};

/*
 * Publish `source` under `path`, which is copied. Writes through it are answered EFI_WRITE_PROTECTED:
 * writing one half would take the mirror apart. `source` must stay until it is taken back.
 * like: the disk whose MediaId and IoAlign are shown; NULL: none in particular.
 * NO_MEMORY, PUBLISH_REFUSED or OK.
 */
NODISCARD enum status publish(struct block_device *source, const EFI_DEVICE_PATH *path, const EFI_BLOCK_IO_MEDIA *like,
                              struct published **out);

/*
 * Take it back; NULL is let through. False: a driver does not let go of it. Then it has no medium any more, and its
 * memory is the firmware's for good; published again, it is the same one.
 */
NODISCARD bool unpublish(struct published *p);

#endif
