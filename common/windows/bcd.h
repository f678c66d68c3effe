/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bcd.h - the boot store that is handed to the Windows Boot Manager, and a look
 * into the stores that are found on disks.
 *
 * Facts: docs/windows-boot.md, "The boot store (BCD)" and "The boot store names a disk".
 */
#ifndef LDMBOOT_BCD_H
#define LDMBOOT_BCD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/guid.h"
#include "common/base/span.h"
#include "common/base/status.h"
#include "common/settings/store_options.h"

#define BCD_DEVICE_BYTES 0x58  /* a device element as made here */
#define BCD_TEXT_MAX     512   /* a path or title as UTF-8, with the NUL */

#define BCD_WINLOAD_EFI "\\Windows\\system32\\winload.efi"
#define BCD_WINLOAD_EXE "\\Windows\\system32\\winload.exe"
#define BCD_SYSTEM_STORE "\\Boot\\BCD"  /* where a system volume has it, for a start by BIOS */

enum bcd_device_kind {
    BCD_DEVICE_NONE,    /* no such element */
    BCD_DEVICE_BOOT,    /* the device that the boot manager came from */
    BCD_DEVICE_GPT,     /* `partition` (which alone decides) on `disk` */
    BCD_DEVICE_MBR,     /* `offset` on the disk with `signature` */
    BCD_DEVICE_LOCATE,  /* the first volume with a certain file on it */
    BCD_DEVICE_OTHER    /* RAM disk, file, ... or nonsense */
};

struct bcd_device {
    enum bcd_device_kind kind;
    struct guid          disk, partition;  /* GPT */
    uint32_t             signature;        /* MBR: the disk's, at 1B8h of its sector 0 */
    uint64_t             offset;           /* MBR: of the partition, in bytes */
};

/*
 * The bytes of a device element: BOOT, GPT or MBR; other kinds give BOOT.
 * Also what a retargeted element of an existing store has to read.
 */
void bcd_device_encode(const struct bcd_device *device, uint8_t out[BCD_DEVICE_BYTES]);
struct bcd_device bcd_device_decode(struct span element);

/*
 * Make the store: boot manager object, one OS loader that is the default, timeout 0, no flags but those asked for.
 *
 * device:      GPT or MBR; device and osdevice of the loader.
 * loader_path: BCD_WINLOAD_EFI or BCD_WINLOAD_EXE.
 * volume_name: any bytes up to the NUL (UTF-8 when they are that, else Latin-1); for the title.
 * options:     elements of the loader; NULL: none.
 * out:         the hive, in arena memory; the same for the same input.
 * NO_MEMORY or OK.
 */
NODISCARD enum status bcd_build(const struct bcd_device *device, const char *loader_path, const char *volume_name,
                                const struct store_options *options, struct arena *a, struct span *out);

/* The entry that a store starts by default. */
struct bcd_entry {
    struct guid       id;
    struct bcd_device device, osdevice;
    size_t            device_offset, osdevice_offset;  /* of the element's bytes in the store's file; 0: none */
    size_t            device_bytes, osdevice_bytes;    /* length of the element */
    char              path[BCD_TEXT_MAX];   /* UTF-8; "" when there is none */
    char              title[BCD_TEXT_MAX];  /* UTF-8, cut when too long */
    bool              store_dirty;          /* a log beside the store may hold something newer */
};

/*
 * Read the default entry of a store that is wholly in memory.
 * HIVE_NOT_ONE, HIVE_DAMAGED: not a readable hive; BCD_NO_DEFAULT: no boot manager
 * object, no default, or the object it names is not there.
 */
NODISCARD enum status bcd_read_default(struct span store, struct bcd_entry *out);

/* Do both name the same partition? Of a GPT disk its GUID alone decides (docs/windows-boot.md). Other kinds are never the same. */
bool bcd_same_partition(const struct bcd_device *a, const struct bcd_device *b);

/*
 * A store's copy in arena memory whose default is the entry that starts `loader_path` of this partition, whatever it was.
 * What else is in the store stays. BCD_NO_DEFAULT: no entry does, or the store would not start it all the same (it was not
 * closed properly, or has an entry that comes first once); NO_MEMORY, HIVE_*.
 */
NODISCARD enum status bcd_with_default(struct span store, const struct bcd_device *partition, const char *loader_path,
                                       struct arena *a, struct span *out);

/*
 * A store's copy in arena memory whose default entry starts from this partition of an MBR disk: its device and osdevice, and
 * whatever else in the store named the same one as its osdevice.
 * BCD_NO_DEFAULT: none, its path is not `loader_path`, or its devices have another form; NO_MEMORY, HIVE_*.
 */
NODISCARD enum status bcd_retarget(struct span store, const struct bcd_device *partition, const char *loader_path,
                                   struct arena *a, struct span *out);

/* What bcd_retarget() would say of a store. */
NODISCARD enum status bcd_can_retarget(struct span store, const char *loader_path);

/* A device element, of any entry, that names a partition of an MBR disk. */
struct bcd_name {
    uint32_t signature;  /* the disk's */
    uint64_t offset;     /* of the partition, in bytes */
    size_t   signature_offset, offset_offset;  /* where the two stand in the store's file: u32 and u64, little-endian */
};

/*
 * All names of MBR partitions in a store that is wholly in memory, those of the default entry first.
 * Devices inside of other devices (the partition with a RAM disk's file) are names, too.
 * count: how many there are; the first `max` of them are in `list`. dirty: as store_dirty above.
 * HIVE_NOT_ONE, HIVE_DAMAGED: not a readable hive, or one without objects.
 */
NODISCARD enum status bcd_list_names(struct span store, struct bcd_name *list, size_t max, size_t *count, bool *dirty);

#endif
