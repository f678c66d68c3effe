/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loader.c - LoadImage and StartImage for the Windows Boot Manager; see loader.h.
 *
 * After an error screen the boot manager does not come back, so everything that can be
 * checked is checked before it is started.
 */
#include "loader.h"

#include "common/base/mem.h"
#include "common/ui/report.h"
#include "devpath.h"
#include "partition.h"
#include "ramdisk.h"
#include "secureboot.h"
#include "stick.h"

#define LOAD_WATCHDOG_SECONDS 300  /* the firmware's own limit for a boot option */

/* Where the boot manager comes from, and what is published meanwhile. */
struct handover {
    const struct boot_request *request;
    struct uefi_partition      identity;
    struct protection_list     disks;
    struct efi_partition       volume, esp;
    struct ramdisk             ramdisk;
    EFI_HANDLE                 device;       /* the boot manager's own boot device */
    const EFI_DEVICE_PATH     *device_path;
    struct span                bootmgfw;
    const char                *name;         /* of the boot manager, for people */
    enum status                status;
    const char                *subject;      /* what the status is about */
};

static bool failed(struct handover *h, enum status st, const char *subject)
{
    h->status = st;
    h->subject = subject;
    return st != STATUS_OK;
}

static struct component_facts *facts_of(const struct boot_request *r)
{
    return facts_find(r->facts, r->plan->chosen.component);
}

/* ---- the disks */

/* The disk that a partition's handle is on, by its path; the handle itself where it is one. */
static const EFI_DEVICE_PATH *disk_around(EFI_HANDLE handle)
{
    const EFI_DEVICE_PATH *path = protocol_on(handle, &guid_device_path), *disk = path;
    struct handle_list     list = handles_with(&guid_block_io);

    for (UINTN i = 0; i < list.count; i++) {
        const EFI_BLOCK_IO    *bio = protocol_on(list.handles[i], &guid_block_io);
        const EFI_DEVICE_PATH *other = protocol_on(list.handles[i], &guid_device_path);

        if (bio && !bio->Media->LogicalPartition && devpath_begins_with(path, other))
            disk = other;
    }
    handles_free(&list);
    return disk;
}

/* A disk that the view does not have is another path to one that it has. */
static bool is_basic(const struct ldm_view *view, const struct efi_disk *disk)
{
    for (size_t i = 0; i < view->disk_count; i++)
        if (view->disks[i].dev == &disk->dev)
            return view->disks[i].status == STATUS_NOT_DYNAMIC && view->disks[i].identity_count == 0;
    return false;
}

/*
 * Nothing is written while the boot manager runs: not to the disks that are, or were, or may be part of a group, nor to
 * the one that ldmboot was started from, which may be one of them. Basic disks are nobody's half.
 */
static bool protect_disks(struct handover *h)
{
    const struct efi_disks *disks = h->request->disks;

    if (failed(h, protection_list_init(&h->disks, h->request->arena), "write protection"))
        return false;
    for (size_t i = 0; i < disks->count; i++)
        if (!is_basic(h->request->view, &disks->disks[i]))
            protect_disk(&h->disks, disks->disks[i].path);
    if (fw.self)
        protect_disk(&h->disks, disk_around(fw.self->DeviceHandle));
    return true;
}

/* ---- the volume */

/* Read the boot sector the way the boot manager will, and compare: a handle that shows something else is of no use. */
static enum status check_volume_handle(const struct handover *h, const struct component_facts *facts)
{
    EFI_BLOCK_IO *bio = protocol_on(h->volume.handle, &guid_block_io);
    uint32_t      bytes = h->identity.block_size, align = EFI_PAGE_BYTES;
    uint8_t      *memory = arena_alloc(h->request->arena, bytes + align), *block;

    if (!memory)
        return STATUS_NO_MEMORY;
    block = (uint8_t *)(((uintptr_t)memory + align - 1) & ~(uintptr_t)(align - 1));
    blk_fill_pattern(block, bytes);
    if (!bio || EFI_ERROR(bio->ReadBlocks(bio, bio->Media->MediaId, 0, bytes, block)))
        return STATUS_READ_FAILED;
    if (memcmp(block, facts->boot_sector, sizeof facts->boot_sector) != 0)
        return STATUS_PUBLISH_REFUSED;
    return STATUS_OK;
}

static bool show_volume(struct handover *h)
{
    const struct boot_request   *r = h->request;
    const struct ldm_component  *component = r->plan->chosen.component;
    const struct component_facts *facts = facts_of(r);

    if (!facts)
        return !failed(h, STATUS_INTERNAL, component->name);
    if (failed(h, uefi_partition_of(component, &h->identity), component->name) ||
        failed(h, efi_partition_of_volume(facts, plan_spare(r->plan, component), &h->identity, r->arena, &h->volume),
               component->name) ||
        failed(h, check_volume_handle(h, facts), component->name))
        return false;
    log_line(r->log, "%s is shown to Windows as a partition%s", component->name,
             h->volume.published ? "" : " of the firmware's own, write-protected");
    return true;
}

/* ---- the three ways to a boot manager */

static enum status read_from_volume(const struct handover *h, const char *path, uint32_t max_bytes, struct span *out)
{
    return fs_read_whole(&facts_of(h->request)->filesystem, path, max_bytes, h->request->arena, out);
}

/* The server's own store where one leads to the volume, else one that is made. */
static enum status choose_store(const struct handover *h, struct span *out)
{
    const struct boot_request *r = h->request;

    if (r->esp->store.len == 0)
        return uefi_store_build(&h->identity, r->plan->chosen.volume, &r->plan->store, r->arena, out);
    *out = r->esp->store;
    return STATUS_OK;
}

static bool prepare_ram(struct handover *h, const char *bootmgfw)
{
    const struct boot_request *r = h->request;
    struct span                store = { 0 };

    h->name = bootmgfw;
    log_line(r->log, "reading %s ...", h->name);
    if (failed(h, read_from_volume(h, h->name, UEFI_BOOTMGFW_MAX, &h->bootmgfw), h->name) ||
        failed(h, pe_check_uefi_program(h->bootmgfw, r->machine), h->name) ||
        failed(h, choose_store(h, &store), "boot store") ||
        failed(h, uefi_store_check(store, &h->identity), "boot store") ||
        failed(h, ramdisk_make(h->bootmgfw, store, r->arena, &h->ramdisk), "RAM disk"))
        return false;
    h->device = h->ramdisk.published->handle;
    h->device_path = h->ramdisk.published->path;
    return true;
}

static bool prepare_esp(struct handover *h)
{
    const struct boot_request *r = h->request;

    h->name = UEFI_ESP_BOOTMGFW;
    if (failed(h, efi_partition_of_esp(r->esp, r->arena, &h->esp), "EFI system partition"))
        return false;
    log_line(r->log, "using the EFI system partition of %s, entry %u", r->esp->disk->dev->name, r->esp->entry.number);
    h->bootmgfw = r->esp->bootmgfw;
    h->device = h->esp.handle;
    h->device_path = h->esp.path;
    return true;
}

static bool prepare_stick(struct handover *h)
{
    const struct boot_request *r = h->request;
    struct span                store = { 0 };

    h->name = UEFI_ESP_BOOTMGFW;
    if (failed(h, stick_read(UEFI_ESP_STORE, UEFI_STORE_MAX, r->arena, &store), "boot store on the stick") ||
        failed(h, uefi_store_check(store, &h->identity), "boot store on the stick") ||
        failed(h, stick_read(h->name, UEFI_BOOTMGFW_MAX, r->arena, &h->bootmgfw), "boot manager on the stick") ||
        failed(h, pe_check_uefi_program(h->bootmgfw, r->machine), "boot manager on the stick"))
        return false;
    h->device = fw.self->DeviceHandle;
    h->device_path = protocol_on(h->device, &guid_device_path);
    return true;
}

static bool prepare(struct handover *h)
{
    switch (h->request->plan->method) {
    case METHOD_UEFI_RAM:
        return prepare_ram(h, PE_VOLUME_BOOTMGFW);
    case METHOD_UEFI_ESP:
        return prepare_esp(h);
    case METHOD_UEFI_STICK:
        return prepare_stick(h);
    default:
        return !failed(h, STATUS_INTERNAL, "method");
    }
}

enum status loader_check_stick(const struct boot_request *request)
{
    struct handover h = { .request = request };
    size_t          mark = arena_mark(request->arena);

    if (!failed(&h, uefi_partition_of(request->plan->chosen.component, &h.identity), "volume"))
        (void)prepare_stick(&h);
    arena_release(request->arena, mark);
    return h.status;
}

/* ---- load and start */

/*
 * An image handle can come with EFI_SECURITY_VIOLATION ("loaded, but do not start it"):
 * it is unloaded, never started by other means.
 */
static bool is_refusal(EFI_STATUS st)
{
    return st == EFI_ACCESS_DENIED || st == EFI_SECURITY_VIOLATION ||
           (st == EFI_UNSUPPORTED && secure_boot_is_on());  /* shim 16: the program is for this machine, as was checked */
}

static bool refused(struct handover *h, EFI_STATUS st, EFI_HANDLE image)
{
    struct log *log = h->request->log;
    char        text[40];

    if (!EFI_ERROR(st))
        return false;
    if (image)
        fw.boot->UnloadImage(image);
    h->subject = h->name;
    if (is_refusal(st)) {
        h->status = STATUS_IMAGE_REFUSED;
    } else {
        h->status = STATUS_IMAGE_NOT_LOADED;
        log_error(log, h->status, h->name);
    }
    log_line(log, "  The firmware answered %s.", efi_status_text(st, text, sizeof text));
    return true;
}

/* FilePath must never be NULL (the boot manager hangs); DeviceHandle is left NULL by some firmware. */
static bool complete_loaded_image(struct handover *h, EFI_HANDLE image, EFI_DEVICE_PATH *file_path)
{
    EFI_LOADED_IMAGE *loaded = protocol_on(image, &guid_loaded_image);

    if (!loaded)
        return false;
    if (loaded->DeviceHandle != h->device)
        loaded->DeviceHandle = h->device;
    if (devpath_bytes(loaded->FilePath) == 0)
        loaded->FilePath = file_path;
    return true;
}

static bool load(struct handover *h, EFI_HANDLE *image)
{
    struct arena    *a = h->request->arena;
    EFI_DEVICE_PATH *path = devpath_append_file(h->device_path, UEFI_ESP_BOOTMGFW, a);
    EFI_DEVICE_PATH *file_path = devpath_append_file(NULL, UEFI_ESP_BOOTMGFW, a);
    EFI_STATUS       st;

    if (!path || !file_path)
        return !failed(h, STATUS_NO_MEMORY, h->name);
    log_line(h->request->log, "loading %s, %zu bytes ...", h->name, h->bootmgfw.len);
    watchdog_set(LOAD_WATCHDOG_SECONDS);
    *image = NULL;
    st = fw.boot->LoadImage(FALSE, fw.image, path, (void *)(uintptr_t)h->bootmgfw.data, h->bootmgfw.len, image);
    watchdog_set(0);  /* a person may be thinking, or Windows starting */
    if (refused(h, st, *image))
        return false;
    if (complete_loaded_image(h, *image, file_path))
        return true;
    fw.boot->UnloadImage(*image);
    return !failed(h, STATUS_IMAGE_NOT_LOADED, h->name);
}

/*
 * What Secure Boot refused: the volume may have the same program with another signature. Which of the two a firmware takes
 * depends on its lists of keys (db, dbx), so the usual one comes first and the firmware decides.
 */
static bool load_other_copy(struct handover *h, EFI_HANDLE *image)
{
    struct log *log = h->request->log;
    uint16_t    machine = PE_MACHINE_NONE;

    if (h->status != STATUS_IMAGE_REFUSED || h->request->plan->method != METHOD_UEFI_RAM ||
        pe_machine(&facts_of(h->request)->filesystem, PE_VOLUME_BOOTMGFW_EX, &machine) != STATUS_OK ||
        machine != h->request->machine)
        return false;
    log_error(log, STATUS_BOOTMGFW_EX, h->name);
    if (!ramdisk_release(&h->ramdisk)) {
        log_error(log, STATUS_PUBLISHED_HELD, "RAM disk");
        return false;
    }
    if (!prepare_ram(h, PE_VOLUME_BOOTMGFW_EX)) {
        log_error(log, h->status, h->subject);
        return false;
    }
    h->status = STATUS_OK;
    return load(h, image);
}

static bool load_one(struct handover *h, EFI_HANDLE *image)
{
    if (load(h, image) || load_other_copy(h, image))
        return true;
    if (h->status == STATUS_IMAGE_REFUSED)
        secure_boot_explain_refusal(h->request->log, h->name, h->bootmgfw, h->request->arena);
    return false;
}

static void start(struct handover *h, EFI_HANDLE image)
{
    struct log *log = h->request->log;
    char        line[REPORT_BOOT_LINE_BYTES], text[40];
    CHAR16     *exit_data = NULL;
    UINTN       exit_bytes = 0;
    EFI_STATUS  st;

    if (report_boot_line(h->request->plan, -1, line, sizeof line))
        log->line(log, line);  /* longer than log_line() lets through */
    st = fw.boot->StartImage(image, &exit_bytes, &exit_data);
    if (exit_data)
        fw.boot->FreePool(exit_data);
    h->status = st == EFI_NO_MAPPING ? STATUS_IMAGE_NO_MAPPING : STATUS_IMAGE_RETURNED;
    h->subject = h->name;
    log_error(log, h->status, h->subject);
    log_line(log, "  It answered %s.", efi_status_text(st, text, sizeof text));
}

/* In the opposite order: a partition of the firmware's is on one of the disks. */
static void take_back(struct handover *h)
{
    if (!ramdisk_release(&h->ramdisk))
        log_error(h->request->log, STATUS_PUBLISHED_HELD, "RAM disk");
    if (!efi_partition_release(&h->esp))
        log_error(h->request->log, STATUS_PUBLISHED_HELD, "EFI system partition");
    if (!efi_partition_release(&h->volume))
        log_error(h->request->log, STATUS_PUBLISHED_HELD, h->request->plan->chosen.component->name);
    unprotect_all(&h->disks);
}

enum status loader_start(const struct boot_request *request)
{
    struct handover h = { .request = request };
    size_t          mark = arena_mark(request->arena);
    EFI_HANDLE      image = NULL;

    if (!protect_disks(&h) || !show_volume(&h) || !prepare(&h))
        log_error(request->log, h.status, h.subject);
    else if (load_one(&h, &image))
        start(&h, image);
    take_back(&h);
    arena_release(request->arena, mark);
    return h.status;
}
