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

/* Must stay where it is while it is published. */
struct published {
    EFI_BLOCK_IO         bio;     /* first member: the calls cast back */
    EFI_BLOCK_IO_MEDIA   media;
    struct block_device *source;  /* what its reads return */
    EFI_DEVICE_PATH     *path;
    EFI_HANDLE           handle;  /* NULL: not published */
};

/*
 * Publish `source` under `path`. Writes through it are answered EFI_WRITE_PROTECTED:
 * writing one half would take the mirror apart.
 * like: the disk whose MediaId and IoAlign are shown; NULL: none in particular.
 * OK or PUBLISH_REFUSED.
 */
NODISCARD enum status publish(struct published *p, struct block_device *source, EFI_DEVICE_PATH *path,
                              const EFI_BLOCK_IO_MEDIA *like);

/* Take it back; nothing happens when it is not published. */
void unpublish(struct published *p);

#endif
