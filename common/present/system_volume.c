/* SPDX-License-Identifier: GPL-2.0-or-later */
/* system_volume.c - see system_volume.h. */
#include "system_volume.h"

#include "common/base/checked.h"
#include "common/base/mem.h"
#include "common/disk/mbr.h"
#include "common/windows/bcd.h"
#include "common/windows/bootmgr.h"

#define SERIAL 0x4c444d42u  /* "BMDL" as bytes: the volume's serial number */

uint32_t system_volume_signature(const struct component_facts *windows)
{
    return rd_le32(span_of(windows->disk->sector0, SECTOR_BYTES), MBR_SIGNATURE_OFF);
}

enum status system_volume_store(const struct ldm_component *windows, uint32_t signature,
                                const struct store_options *options, struct arena *a, struct span *out)
{
    struct bcd_device device = { .kind = BCD_DEVICE_MBR, .signature = signature };

    if (!mul_u64(windows->extents[0].lba, SECTOR_BYTES, &device.offset))
        return STATUS_INTERNAL;
    return bcd_build(&device, BCD_WINLOAD_EXE, windows->volume->name, options, a, out);
}

enum status system_volume_read(struct component_facts *windows, const struct store_options *options, struct arena *a,
                               struct system_volume *out)
{
    struct system_volume sv = { .bytes = 0 };
    struct span          store;

    TRY(fs_read_whole(&windows->filesystem, BOOTMGR_SPARE, BOOTMGR_MAX, a, &sv.loader));
    TRY(bootmgr_check(sv.loader, sv.loader.len));
    TRY(system_volume_store(windows->component, system_volume_signature(windows), options, a, &store));
    sv.files[0] = (struct fatimage_file){ "\\bootmgr", sv.loader.data, sv.loader.len };
    sv.files[1] = (struct fatimage_file){ "\\Boot\\BCD", store.data, store.len };
    TRY(fatimage_size(sv.files, SYSTEM_VOLUME_FILES, &sv.bytes));
    *out = sv;
    return STATUS_OK;
}

enum status system_volume_make(const struct system_volume *sv, const struct system_place *place, void *image)
{
    TRY(fatimage_build(sv->files, SYSTEM_VOLUME_FILES, SERIAL, image, sv->bytes));
    fatimage_set_place(image, place->lba, place->heads, place->sectors_per_track);
    return STATUS_OK;
}
