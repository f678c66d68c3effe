/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bootini.h - boot.ini, the menu of NTLDR: which partitions do its entries start from, and how must a line read
 * for NTLDR to find the volume where it is shown?
 *
 * Facts: docs/windows-boot.md, "boot.ini as NTLDR reads it"; Microsoft's documentation of boot.ini and of
 * ARC paths (multi, scsi, signature).
 */
#ifndef LDMBOOT_BOOTINI_H
#define LDMBOOT_BOOTINI_H

#include "common/base/arena.h"
#include "common/base/span.h"
#include "common/settings/store_options.h"

#define BOOTINI_MAX_BYTES     65536u /* of the file; real ones have some 200 */
#define BOOTINI_MAX_ENTRIES   11     /* the default one, and the ten lines that NTLDR's menu holds */
#define BOOTINI_DIRECTORY_MAX 64
#define BOOTINI_TEXT_MAX      72     /* what precedes the path in its line, and its four parts */

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

    /* Where it stands: the line end before it, and its line up to the end of the path's last part. */
    size_t            text_offset;                   /* in the file */
    size_t            text_len, prefix_len;          /* 0: nowhere, or too long; what precedes the path */
    uint8_t           text[BOOTINI_TEXT_MAX];
};

struct bootini {
    struct bootini_entry entries[BOOTINI_MAX_ENTRIES];  /* [0]: the one that is started by default */
    size_t               count;                         /* at least 1 */
    bool                 default_implied;               /* the file names none: it is partition(1)\WINDOWS, and stands nowhere */
    bool                 default_empty;                 /* "default=" and nothing: NTLDR restarts the machine */
};

/*
 * The entries of a boot.ini: the default one, then the lines of [operating systems]. The default one is what the last
 * "default=" in [boot loader] says, else multi(0)disk(0)rdisk(0)partition(1)\WINDOWS.
 */
void bootini_parse(struct span text, struct bootini *out);

/*
 * How the entry's text has to read, for as many bytes as it has, to mean multi(0)disk(0)rdisk(0)partition(N). NTLDR
 * takes the path in this form only, without blanks: line ends before the line make up for a shorter path.
 * False: it has no text, or the path does not fit in its place.
 */
bool bootini_answer(const struct bootini_entry *entry, unsigned partition, uint8_t out[BOOTINI_TEXT_MAX]);

/*
 * A boot.ini with one line, for the Windows in `directory` of the partition with this number; the options that it has
 * switches for in it. NULL options: none. An empty span: no memory.
 */
struct span bootini_make(unsigned partition, const char *directory, const struct store_options *options, struct arena *a);

#endif
