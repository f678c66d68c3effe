/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gpt.h - GUID partition table, primary and backup, CRCs verified.
 *
 * Facts: UEFI specification 2.10, chapter 5.3; ldm-format.md for the two LDM types.
 */
#ifndef LDMBOOT_GPT_H
#define LDMBOOT_GPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "block.h"
#include "common/base/guid.h"

#define GPT_MAX_ENTRIES 128  /* what Windows makes; a larger array is read up to here */

extern const struct guid gpt_type_ldm_metadata;  /* 5808C8AA-7E8F-42E0-85D2-E1E90434CFB3 */
extern const struct guid gpt_type_ldm_data;      /* AF9B60A0-1431-4F62-BC68-3311714A69AD */
extern const struct guid gpt_type_efi_system;    /* C12A7328-F81F-11D2-BA4B-00A0C93EC93B */
extern const struct guid gpt_type_reserved;      /* E3C9E316-0B5C-4DB8-817D-F92DF00215AE */
extern const struct guid gpt_type_basic_data;    /* EBD0A0A2-B9E5-4433-87C0-68B6B72699C7 */

struct gpt_entry {
    unsigned    number;   /* 1-based place in the table, as Windows and EFI count */
    struct guid type, unique;
    uint64_t    start;    /* LBA, in blocks of the disk */
    uint64_t    blocks;
};

struct gpt {
    bool              from_backup;  /* the primary is damaged */
    struct guid       disk_guid;
    struct gpt_entry *entries;      /* used entries only, in table order */
    size_t            count;
};

/*
 * Read the GPT: the primary header (LBA 1) and its entry array, or, when either
 * is bad, the backup at the end of the disk.
 *
 * head/head_blocks: blocks 0.. of the disk that the caller has already read
 * (may be NULL/0); what is needed and lies in them is not read again.
 * Returns OK; GPT_BAD_BOTH; NO_MEMORY. A read error counts as a bad copy.
 */
NODISCARD enum status gpt_read(struct block_device *dev, const uint8_t *head, uint32_t head_blocks,
                               struct arena *a, struct gpt *out);

/* First entry of this type, or NULL. */
const struct gpt_entry *gpt_find_type(const struct gpt *gpt, const struct guid *type);

#endif
