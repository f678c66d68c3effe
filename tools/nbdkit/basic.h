/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * basic.h - the basic disk: what is worth keeping of a dynamic one, as a disk of its own that starts by itself.
 *
 * BIOS: our boot code, a partition table whose entries have the numbers that Windows's loaders were shown
 * (common/present/vdisk.h), the volumes. UEFI: a GPT, an EFI system partition with the volume's own boot manager and a
 * made boot store, a reserved partition, the volumes. Whatever Windows keeps about where its volumes are is read as
 * what is true of this disk: boot sectors, boot store, drive letters.
 */
#ifndef LDMBOOT_NBDKIT_BASIC_H
#define LDMBOOT_NBDKIT_BASIC_H

#include "common/windows/mounted.h"
#include "composed.h"
#include "sources.h"

#define BASIC_MAX_VOLUMES 64
#define BASIC_ALIGN       2048u  /* sectors: partitions begin on whole MiB, as Windows makes them since Vista */

/*
 * What every BIOS answers of a disk above 8.4 GB. Boot sectors of Windows 2000 to 2003 read by cylinder, head and sector
 * where that reaches, with the BPB's geometry: it has to be the BIOS's (docs/windows-boot.md, "Boot sectors").
 */
#define BASIC_HEADS   255
#define BASIC_TRACK   63

/* A volume of the new disk. */
struct basic_volume {
    const struct ldm_volume    *volume;
    const struct ldm_component *half;
    struct component_facts     *facts;      /* NULL: it was never probed */
    struct extent_device       *device;
    uint64_t                    start;      /* sector of the new disk */
    unsigned                    slot;       /* BIOS: entry of sector 0, from 0; MBR_ENTRIES: a logical drive */
    struct guid                 partition;  /* UEFI */
    struct mounted_name         name;       /* in the registry */
};

/* What a person may want of the new disk. */
struct basic_wishes {
    bool     new_identity;           /* other signature, GUIDs */
    char     seed[CONFIG_VALUE_MAX]; /* they depend on the old ones and on this word */
    uint64_t sectors;                /* its size; 0: as small as will do */
    char    *contents;               /* a file for what goes where; NULL: none */
};

/* BIOS: what an entry of sector 0 is for. */
enum basic_entry {
    ENTRY_NONE,      /* stays empty, or may be taken */
    ENTRY_COUNTED,   /* only has to be counted: by a filler, or by a volume */
    ENTRY_VOLUME,
    ENTRY_SYSTEM,    /* the system volume that is made where the old one is lost; it moves no number that matters */
    ENTRY_EXTENDED   /* the logical drives; it is not counted */
};

/* A partition that no volume of the old disk is on. */
struct basic_made {
    const char *name;
    uint64_t    start, sectors;
    unsigned    number;
    bool        active;
};

struct basic {
    struct sources     *sources;
    struct arena       *arena;
    struct composed    *disk;
    struct basic_wishes wishes;
    struct basic_volume volumes[BASIC_MAX_VOLUMES];  /* the chosen one first */
    size_t              count;
    enum basic_entry     slots[MBR_ENTRIES];
    size_t              system_bytes;  /* of ENTRY_SYSTEM; it begins at BASIC_ALIGN. 0: there is none */
    struct basic_made   made[2];
    size_t              made_count;
};

/*
 * Make it, for a plan that is settled. What had to be left out or could not be answered has been said.
 * Fails with the status of the plan's own refusals, FATIMAGE_*, NO_MEMORY, what reading a file says, or READ_OUT_OF_RANGE
 * when the disk that is wanted is too small, which has been said.
 */
NODISCARD enum status basic_build(struct sources *s, struct basic_wishes wishes, struct composed *out);

/* The two kinds; basic.c has chosen the volumes. */
NODISCARD enum status basic_build_bios(struct basic *b);
NODISCARD enum status basic_build_uefi(struct basic *b);

/* The first entry that is for this; MBR_ENTRIES: there is none. */
unsigned basic_slot_of(const struct basic *b, enum basic_entry use);

/* Is this volume on the new disk? */
bool basic_has(const struct basic *b, const struct ldm_volume *volume);

/* Is all of it there? */
bool basic_is_on_disk(const struct ldm_component *half, const struct ldm_disk *disk);

/* What the old disk was known by, made another name that depends on the old one, on `tag` and on the wish's word. */
#define BASIC_NAME_BYTES 16
void basic_new_name(const struct basic *b, struct span old, unsigned tag, uint8_t out[BASIC_NAME_BYTES]);

/* Parts of both: where the next volume goes, its piece, its boot sector and the backup of that. */
uint64_t basic_align(uint64_t sector);
NODISCARD enum status basic_set_size(struct basic *b, uint64_t needed, uint64_t usual);
NODISCARD enum status basic_add_volume(struct basic *b, const struct basic_volume *v);

/* drive letters: letters.c */
NODISCARD enum status basic_answer_letters(struct basic *b);

/* A device that reads a volume as it is, with its other half and the backup of its boot sector. NULL: no memory, or not readable. */
struct extent_device *basic_device(struct sources *s, const struct ldm_component *half);

#endif
