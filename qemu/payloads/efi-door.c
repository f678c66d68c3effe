/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * efi-door.c - lets GRUB see the published partition: started in the boot manager's place, it
 * shows the partition's Block IO once more, under a path without a disk in front, and starts
 * GRUB from the stick.
 *
 * GRUB reads partition tables itself and passes over HD() handles under a real disk, but does
 * see VenHw()/HD() ones (docs/windows-boot.md, "Open clients for tests").
 * Test program: shares no code with the product. Says "DOOR reason" when it cannot go on.
 */
#include <efi.h>

#define HARDDRIVE_BYTES 42

static EFI_GUID block_io_guid = EFI_BLOCK_IO_PROTOCOL_GUID;
static EFI_GUID device_path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;
static EFI_GUID file_system_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;

/* VenHw(GUID made up for this test)/HD(1,MBR,...)/end, filled from the partition's size. */
static UINT8 door_path[20 + HARDDRIVE_BYTES + 4] = {
    HARDWARE_DEVICE_PATH, HW_VENDOR_DP, 20, 0,
    0xd0, 0x0d, 0xd0, 0x0d, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc,
    MEDIA_DEVICE_PATH, MEDIA_HARDDRIVE_DP, HARDDRIVE_BYTES, 0, 1, 0, 0, 0, [20 + 40] = 1, 1,
    END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, 4, 0,
};

static UINTN node_bytes(const UINT8 *node) { return (UINTN)(node[2] | node[3] << 8); }

static BOOLEAN is_end(const UINT8 *node) { return node[0] == END_DEVICE_PATH_TYPE; }

/* Ours: read only, and a GPT partition of a disk that the firmware knows. */
static BOOLEAN is_published_partition(const EFI_BLOCK_IO *io, const UINT8 *path)
{
    const UINT8 *last = NULL;

    for (const UINT8 *node = path; node && !is_end(node); node += node_bytes(node))
        last = node;
    return last && io->Media->ReadOnly && last[0] == MEDIA_DEVICE_PATH && last[1] == MEDIA_HARDDRIVE_DP &&
           last[41] == SIGNATURE_TYPE_GUID;
}

static EFI_BLOCK_IO *find_partition(EFI_BOOT_SERVICES *boot)
{
    EFI_HANDLE *handles;
    UINTN       count;

    if (EFI_ERROR(boot->LocateHandleBuffer(ByProtocol, &block_io_guid, NULL, &count, &handles)))
        return NULL;
    for (UINTN i = 0; i < count; i++) {
        void *io = NULL, *path = NULL;

        if (!EFI_ERROR(boot->HandleProtocol(handles[i], &block_io_guid, &io)) &&
            !EFI_ERROR(boot->HandleProtocol(handles[i], &device_path_guid, &path)) && is_published_partition(io, path))
            return io;
    }
    return NULL;
}

static EFI_STATUS open_door(EFI_BOOT_SERVICES *boot, EFI_BLOCK_IO *io)
{
    EFI_HANDLE handle = NULL;
    UINT64     blocks = io->Media->LastBlock + 1;

    for (unsigned i = 0; i < 8; i++)
        door_path[20 + 16 + i] = (UINT8)(blocks >> 8 * i);
    return boot->InstallMultipleProtocolInterfaces(&handle, &block_io_guid, io, &device_path_guid, door_path, NULL);
}

/* Start \grub.efi from the file system that has it. */
static EFI_STATUS start_grub(EFI_HANDLE self, EFI_BOOT_SERVICES *boot)
{
    static const CHAR16 name[] = L"\\grub.efi";
    EFI_HANDLE         *handles, image;
    UINTN               count;

    if (EFI_ERROR(boot->LocateHandleBuffer(ByProtocol, &file_system_guid, NULL, &count, &handles)))
        return EFI_NOT_FOUND;
    for (UINTN i = 0; i < count; i++) {
        UINT8  path[512];
        void  *device = NULL;
        UINTN  n = 0;

        if (EFI_ERROR(boot->HandleProtocol(handles[i], &device_path_guid, &device)))
            continue;
        for (UINT8 *node = device; !is_end(node) && n + node_bytes(node) < sizeof path - sizeof name - 8;
             node += node_bytes(node)) {
            boot->CopyMem(path + n, node, node_bytes(node));
            n += node_bytes(node);
        }
        boot->CopyMem(path + n, (UINT8[]){ MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, 4 + sizeof name, 0 }, 4);
        boot->CopyMem(path + n + 4, (void *)(UINTN)name, sizeof name);
        boot->CopyMem(path + n + 4 + sizeof name,
                      (UINT8[]){ END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, 4, 0 }, 4);
        if (!EFI_ERROR(boot->LoadImage(FALSE, self, (EFI_DEVICE_PATH *)path, NULL, 0, &image)))
            return boot->StartImage(image, NULL, NULL);
    }
    return EFI_NOT_FOUND;
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *table);
EFI_STATUS EFIAPI efi_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *table)
{
    static CHAR16 no_partition[] = L"DOOR no published partition\r\n", no_grub[] = L"DOOR no GRUB\r\n";
    EFI_BLOCK_IO *io = find_partition(table->BootServices);

    if (!io || EFI_ERROR(open_door(table->BootServices, io)))
        table->ConOut->OutputString(table->ConOut, no_partition);
    else if (EFI_ERROR(start_grub(self, table->BootServices)))
        table->ConOut->OutputString(table->ConOut, no_grub);
    return EFI_ABORTED;
}
