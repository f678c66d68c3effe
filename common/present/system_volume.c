/* SPDX-License-Identifier: GPL-2.0-or-later */
/* system_volume.c - see system_volume.h. */
#include "system_volume.h"

#include "common/base/checked.h"
#include "common/base/mem.h"
#include "common/decide/alone.h"
#include "common/disk/mbr.h"
#include "common/windows/bcd.h"
#include "common/windows/bootini.h"
#include "common/windows/bootmgr.h"

#define SERIAL 0x4c444d42u    /* "BMDL" as bytes: the volume's serial number */

static void add_file(struct system_volume *sv, const char *path, struct span data)
{
    sv->files[sv->count++] = (struct fatimage_file){ path, data.data, data.len };
}

/* ---- the boot store */

static enum status read_found(const struct system_source *s, struct arena *a, struct span *out)
{
    struct component_facts *half;

    TRY(alone_find_store(s->facts, s->windows, &half));
    return fs_read_whole(half ? &half->filesystem : s->facts->stick, half ? BCD_SYSTEM_STORE : STICK_STORE, STORE_TAKEN_MAX, a, out);
}

enum status system_volume_store(const struct system_source *s, struct arena *a, struct span *out)
{
    struct bcd_device  device = { .kind = BCD_DEVICE_MBR,
                                  .signature = rd_le32(span_of(s->windows->disk->sector0, SECTOR_BYTES), MBR_SIGNATURE_OFF) };
    const char        *name = s->windows->volume->name;
    struct span        found;
    enum status        st;

    if (!mul_u64(s->windows->component->extents[0].lba, SECTOR_BYTES, &device.offset))
        return STATUS_INTERNAL;
    if (!s->plan->store.found)
        return bcd_build(&device, BCD_WINLOAD_EXE, name, &s->plan->store, a, out);
    st = read_found(s, a, &found);
    if (st == STATUS_OK)
        st = bcd_retarget(found, &device, BCD_WINLOAD_EXE, a, out);
    return st == STATUS_OK || st == STATUS_STORE_NOT_THERE || st == STATUS_NO_MEMORY ? st : STATUS_STORE_UNFIT;
}

/* ---- the loaders */

static enum status read_bootmgr(const struct system_source *s, struct arena *a, struct system_volume *sv)
{
    struct span store;

    TRY(system_volume_store(s, a, &store));
    add_file(sv, "\\bootmgr", sv->loader);
    add_file(sv, BCD_SYSTEM_STORE, store);
    return STATUS_OK;
}

static enum status find_bootini(const struct system_source *s, struct arena *a, struct span *out)
{
    const char *folder = loader_files_nt_folder(&s->windows->filesystem);
    unsigned    number = lookup_number(s->plan->chosen.lookup, s->windows);
    enum status st = fs_read_whole(s->facts->stick, STICK_BOOTINI, BOOTINI_MAX_BYTES, a, out);

    if (st == STATUS_OK && alone_bootini_number(*out, s->windows, a) != number)
        return STATUS_STICK_BOOTINI;
    if (st != STATUS_FILE_NOT_FOUND)
        return st;
    *out = bootini_make(number, folder ? folder : "\\WINDOWS", &s->plan->store, a);
    return out->len ? STATUS_OK : STATUS_NO_MEMORY;
}

static enum status read_ntldr(const struct system_source *s, struct arena *a, struct system_volume *sv)
{
    struct span ntdetect, bootini;

    if (fs_read_whole(s->facts->stick, STICK_NTDETECT, NTDETECT_MAX, a, &ntdetect) != STATUS_OK || ntdetect.len == 0)
        return STATUS_STICK_FILE_BAD;
    TRY(find_bootini(s, a, &bootini));
    add_file(sv, "\\NTLDR", sv->loader);
    add_file(sv, "\\NTDETECT.COM", ntdetect);
    add_file(sv, "\\boot.ini", bootini);
    return STATUS_OK;
}

/* The stick's, where Windows has none of its own: what is wrong with that is another person's to mend. */
static enum status read_loader(const struct system_source *s, struct arena *a, struct span *out)
{
    bool        spare = s->windows->alone == ALONE_SPARE;
    enum status st = fs_read_whole(spare ? &s->windows->filesystem : s->facts->stick,
                                   spare ? BOOTMGR_SPARE : s->windows->alone == ALONE_NT ? STICK_NTLDR : STICK_BOOTMGR,
                                   BOOTMGR_MAX, a, out);

    if (st == STATUS_OK)
        st = bootmgr_check(*out, out->len);
    return spare || st == STATUS_OK || st == STATUS_NO_MEMORY ? st : STATUS_STICK_FILE_BAD;
}

enum status system_volume_read(const struct system_source *source, struct arena *a, struct system_volume *out)
{
    struct system_volume sv = { .bytes = 0 };

    if (source->windows->alone != ALONE_SPARE && !source->facts->stick)
        return STATUS_INTERNAL;
    TRY(read_loader(source, a, &sv.loader));
    TRY(source->windows->alone == ALONE_NT ? read_ntldr(source, a, &sv) : read_bootmgr(source, a, &sv));
    TRY(fatimage_size(sv.files, sv.count, &sv.bytes));
    *out = sv;
    return STATUS_OK;
}

enum status system_volume_make(const struct system_volume *sv, const struct system_place *place, void *image)
{
    TRY(fatimage_build(sv->files, sv->count, SERIAL, image, sv->bytes));
    fatimage_set_place(image, place->lba, place->heads, place->sectors_per_track);
    return STATUS_OK;
}
