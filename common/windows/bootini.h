/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bootini.h - boot.ini, the menu of NTLDR: which partition does its default entry start from?
 *
 * Facts: docs/windows-boot.md, "Sector 0 as shown"; Microsoft's documentation of boot.ini and of ARC paths (multi,
 * scsi, signature).
 */
#ifndef LDMBOOT_BOOTINI_H
#define LDMBOOT_BOOTINI_H

#include "common/base/span.h"

#define BOOTINI_MAX_BYTES     4096  /* more of the file is not looked at */
#define BOOTINI_DIRECTORY_MAX 64

enum bootini_form {
    BOOTINI_OTHER,     /* not an ARC path: another system's boot sector ("C:\"), or nonsense */
    BOOTINI_MULTI,     /* multi(): the disk is read through the BIOS */
    BOOTINI_SCSI,      /* scsi(): through the driver NTBOOTDD.SYS */
    BOOTINI_SIGNATURE  /* signature(): likewise, on the disk with this signature */
};

/* An ARC path, such as multi(0)disk(0)rdisk(0)partition(1)\WINDOWS. */
struct bootini_entry {
    enum bootini_form form;
    uint32_t          adapter;    /* MULTI, SCSI: which one; SIGNATURE: the signature */
    uint32_t          disk, rdisk;
    uint32_t          partition;  /* counts from 1 */
    char              directory[BOOTINI_DIRECTORY_MAX];  /* "\WINDOWS"; "" when there is none, or it is too long */
};

/*
 * The entry that is started by default: "default=" of [boot loader], else the first line of
 * [operating systems]. False when there is neither; NTLDR starts partition(1) then.
 */
bool bootini_default(struct span text, struct bootini_entry *out);

#endif
