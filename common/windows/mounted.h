/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mounted.h - drive letters: the values of HKLM\SYSTEM\MountedDevices that name a volume of a dynamic disk, and what
 * they have to say once the volume is a basic partition.
 *
 * Facts: public descriptions of the key ("Mounted devices", Windows Registry knowledge base, J. Metz): a basic
 * partition of an MBR disk is 12 bytes (disk signature, offset in bytes), one of a GPT disk 24 ("DMIO:ID:" and the
 * partition's GUID, little-endian). A volume of a dynamic disk is written as the latter, with the volume's GUID.
 */
#ifndef LDMBOOT_MOUNTED_H
#define LDMBOOT_MOUNTED_H

#include "common/base/arena.h"
#include "common/base/guid.h"
#include "common/base/span.h"
#include "common/base/status.h"

#define MOUNTED_PATH       "\\System32\\config\\SYSTEM"  /* behind the folder of Windows */
#define MOUNTED_NAME_BYTES 24

/* How the registry names a partition. */
struct mounted_name {
    uint8_t  bytes[MOUNTED_NAME_BYTES];
    uint16_t len;
};

struct mounted_name mounted_name_mbr(uint32_t signature, uint64_t offset_bytes);
struct mounted_name mounted_name_gpt(const struct guid *partition);

/* A volume as it was and as what it is to be known. */
struct mounted_volume {
    struct guid         volume;
    struct mounted_name becomes;
};

/* Bytes of the hive's file that have to be read as others. */
struct mounted_patch {
    size_t   offset;
    uint16_t len;
    uint8_t  bytes[MOUNTED_NAME_BYTES];
};

/*
 * The patches for every value that names one of these volumes, the values' lengths included; in arena memory, none
 * when no value does. HIVE_NOT_ONE, HIVE_DAMAGED, HIVE_NO_KEY (no such key), NO_MEMORY.
 * dirty: the hive was not closed properly, its log is newer, and there are no patches.
 */
NODISCARD enum status mounted_answer(struct span file, const struct mounted_volume *volumes, size_t count,
                                     struct arena *a, struct mounted_patch **patches, size_t *patch_count, bool *dirty);

#endif
