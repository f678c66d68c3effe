/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hook.h - the resident INT 13h hook: layout of its block and of the tables that
 * the assembler code reads (hook.asm, through offsets.c).
 *
 * hooktab.c fills the tables from a virtual disk; it has no firmware in it, so tests look at it on the host.
 * Facts: windows-boot.md, "The hook and the overlay".
 */
#ifndef LDMBOOT_BIOS_HOOK_H
#define LDMBOOT_BIOS_HOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/present/vdisk.h"

#define HOOK_BYTES        4096  /* the whole block: code and tables */
#define HOOK_CODE_BYTES   1864
#define HOOK_INT13_ENTRY  0     /* offsets of the two handlers */
#define HOOK_INT15_ENTRY  4
#define HOOK_SECTOR_BYTES 512
#define HOOK_MAX_DRIVES   24    /* 80h..97h */
#define HOOK_MEMORY       0     /* in a drive's place: memory */

/*
 * A stretch of the virtual disk 80h. Windows's loaders count sectors of an MBR disk in 32 bits, so what lies
 * beyond 2 TiB is not in the tables: a read of it finds nothing, and AH=48 tells the true size.
 */
struct hook_extent {
    uint64_t lba;          /* on the drive; of memory: address / 512 */
    uint32_t virtual_lba, sectors;
    uint8_t  drive;        /* the BIOS's number, or HOOK_MEMORY */
    uint8_t  has_edd;      /* 0: AH=02 with the two numbers below */
    uint8_t  chs_sectors;  /* per track, as the BIOS says for this drive */
    uint8_t  max_blocks;   /* in one call */
    uint16_t chs_heads;
} __attribute__((packed));

/* Bytes shown instead of what the disk holds. */
struct hook_patch {
    uint32_t lba;          /* of the virtual disk */
    uint16_t offset, len;  /* in the sector */
    uint16_t data;         /* index into patch_data */
} __attribute__((packed));

/* EDD specification, AH=48: the first version's part, as it is answered for drive 80h. */
struct hook_parameters {
    uint16_t bytes, flags;
    uint32_t cylinders, heads, sectors_per_track;
    uint64_t sectors;      /* of the virtual disk */
    uint16_t sector_bytes;
} __attribute__((packed));

struct hook_tables {
    struct hook_parameters parameters;
    uint16_t extent_count, patch_count;
    uint16_t spare_count;                 /* extents behind the others: the other half, for bad sectors */
    uint32_t base;                        /* linear address of the block; from there to 1 MiB nothing is for use */
    uint32_t old_int13, old_int15;        /* seg:off of the handlers before us */
    uint32_t memory_base, memory_end;     /* of a volume in memory; 0: there is none */
    uint16_t kib_to_16m, blocks_from_16m; /* then, what E801 answers: KiB from 1 to 16 MiB (0: the BIOS does), 64 KiB blocks */
    uint16_t kib_by_88;                   /* and AH=88 */
    uint16_t geometry_cx;                 /* AH=08: last cylinder and sectors per track, packed as in CX */
    uint8_t  last_head, sectors_per_track;
    uint8_t  drives_shown;                /* hard disks that exist for the caller */
    uint8_t  drive_map[HOOK_MAX_DRIVES];  /* [0]: of the virtual disk's first extent; [i]: what 80h + i is */
    uint8_t  unused;
    struct hook_extent extents[VDISK_MAX_EXTENTS];
    struct hook_patch  patches[VDISK_MAX_PATCHES];
    uint8_t  patch_data[VDISK_PATCH_BYTES];
    uint8_t  bounce[HOOK_SECTOR_BYTES];   /* for buffers that INT 13h cannot reach */
};

struct hook_block {
    uint8_t            code[HOOK_CODE_BYTES];
    struct hook_tables tables;
};
_Static_assert(sizeof(struct hook_extent) == 22 && sizeof(struct hook_patch) == 10, "no padding");
_Static_assert(sizeof(struct hook_parameters) == 26, "EDD parameters");
_Static_assert(sizeof(struct hook_block) <= HOOK_BYTES, "the resident part is 4 KB at most");

/* What the hook has to know of a drive that the virtual disk uses; or of memory: drive HOOK_MEMORY, its address. */
struct hook_drive {
    const struct block_device *dev;
    uint8_t  drive;
    bool     has_edd;
    uint16_t chs_heads;
    uint8_t  chs_sectors;
    uint8_t  max_blocks;  /* that one call reads */
    uint32_t address;      /* a multiple of 512 */
};

/*
 * Fill the tables for a virtual disk. Drive 80h becomes the virtual disk; other
 * drives that its extents lie on, and those that it says, follow as 81h and up; everything else is hidden,
 * the drives of spare extents among it. Memory is no drive, and counts for none.
 * base, old_int13 and old_int15 are left to the caller, what INT 15h answers to hook_tables_hide_memory().
 *
 * Returns OK; BIOS_BLOCK_SIZE; INTERNAL when an extent's device is not among `drives`.
 */
NODISCARD enum status hook_tables_make(const struct vdisk *vd, const struct hook_drive *drives, size_t n,
                                       struct hook_tables *out);

/* What INT 15h E801 and AH=88 answer: KiB from 1 MiB to 16 MiB, 64 KiB blocks above; KiB from 1 MiB on. */
struct memory_size {
    uint16_t kib_to_16m, blocks_from_16m, kib_by_88;
};

/* Memory from `base` to `end` is not for use; `bios`: what the BIOS itself answers. */
void hook_tables_hide_memory(struct hook_tables *t, const struct memory_size *bios, uint32_t base, uint32_t end);

#endif
