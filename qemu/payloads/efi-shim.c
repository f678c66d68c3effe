/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * efi-shim.c - plays the firmware that OVMF is not, then starts \EFI\BOOT\LDMBOOT.EFI from the stick.
 *
 * Always: handles that are no disks (1-byte blocks, as iPXE shows; no medium; a size of 2^64),
 * and a disk that never answers. The large disks get strict: buffers must be aligned to a page,
 * and more than 64 KiB in one call is refused.
 * With a file \VIOLATE on the stick: LoadImage answers EFI_SECURITY_VIOLATION and gives a handle
 * all the same, for the first image that is loaded afterwards from memory.
 * With \DBX: its content is the firmware's list of revoked programs.
 * With \UNPUBLISH: no read-only partition can be installed.
 * With \HOLD: a resident driver holds on to each read-only partition that is installed, and after ldmboot has come back
 * reads from it, when all memory that was given back holds something else.
 * With \VENDOR: a vendor's driver holds every partition but the stick's for itself, without a file system; when it is
 * stopped it writes once more.
 * With \MANY: 70 disks more, all of them empty; 4,000 handles more, a tenth of them with a path.
 * With \FREECOM1, \FREECOM2: the firmware's console is not on that port, as if its set-up said so.
 * With \DEADCOM2: it takes no character.
 * With \NOCONSOLE: the system table has neither ConOut nor ConIn.
 * Always: are all disks and partitions as they were, when ldmboot has come back?
 *
 * Test program: shares no code with the product. What it notices begins with "SHIM ".
 */
#include <efi.h>

#define PAGE         4096u
#define MOST_BYTES   (64u << 10)
#define LARGE_BLOCKS (128u << 10)  /* the stick is smaller */
#define MAX_DISKS    8

static EFI_GUID block_io_guid = EFI_BLOCK_IO_PROTOCOL_GUID;
static EFI_GUID block_io2_guid = EFI_BLOCK_IO2_PROTOCOL_GUID;
static EFI_GUID device_path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;
static EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
static EFI_GUID file_system_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
static EFI_GUID serial_io_guid = EFI_SERIAL_IO_PROTOCOL_GUID;
static EFI_GUID global_variable_guid = EFI_GLOBAL_VARIABLE;

static EFI_SYSTEM_TABLE  *system_table;
static EFI_BOOT_SERVICES *boot;

static void say(CHAR16 *text)
{
    system_table->ConOut->OutputString(system_table->ConOut, text);
}

/* ---- strict disks */

static struct {
    EFI_BLOCK_IO  *io;
    EFI_BLOCK_READ read;
} strict[MAX_DISKS];
static UINTN strict_count;

static EFI_STATUS EFIAPI read_strictly(EFI_BLOCK_IO *io, UINT32 media_id, EFI_LBA lba, UINTN bytes, VOID *buf)
{
    if ((UINTN)buf % PAGE != 0)
        return EFI_INVALID_PARAMETER;
    if (bytes > MOST_BYTES)
        return EFI_BAD_BUFFER_SIZE;
    for (UINTN i = 0; i < strict_count; i++)
        if (strict[i].io == io)
            return strict[i].read(io, media_id, lba, bytes, buf);
    return EFI_DEVICE_ERROR;
}

static void make_disks_strict(void)
{
    EFI_HANDLE *handles;
    UINTN       count;

    if (EFI_ERROR(boot->LocateHandleBuffer(ByProtocol, &block_io_guid, NULL, &count, &handles)))
        return;
    for (UINTN i = 0; i < count && strict_count < MAX_DISKS; i++) {
        void         *interface = NULL;
        EFI_BLOCK_IO *io;

        if (EFI_ERROR(boot->HandleProtocol(handles[i], &block_io_guid, &interface)))
            continue;
        io = interface;
        if (io->Media->LogicalPartition || io->Media->LastBlock < LARGE_BLOCKS)
            continue;
        strict[strict_count].io = io;
        strict[strict_count++].read = io->ReadBlocks;
        io->ReadBlocks = read_strictly;
        io->Media->IoAlign = PAGE;
        say(L"SHIM made a disk strict\r\n");
    }
}

/* ---- what is no disk, or a dead one */

static UINTN dead_reads;

static EFI_STATUS EFIAPI never_answer(EFI_BLOCK_IO *io, UINT32 media_id, EFI_LBA lba, UINTN bytes, VOID *buf)
{
    (void)io, (void)media_id, (void)lba, (void)bytes, (void)buf;
    if (++dead_reads == 100)
        say(L"SHIM the dead disk was asked 100 times\r\n");
    return EFI_TIMEOUT;
}

static EFI_STATUS EFIAPI refuse_write(EFI_BLOCK_IO *io, UINT32 media_id, EFI_LBA lba, UINTN bytes, VOID *buf)
{
    (void)io, (void)media_id, (void)lba, (void)bytes, (void)buf;
    say(L"SHIM a write was tried\r\n");
    return EFI_WRITE_PROTECTED;
}

static void add_disk(UINT8 number, UINT32 block_size, EFI_LBA last, BOOLEAN present)
{
    static EFI_BLOCK_IO       ios[MAX_DISKS];
    static EFI_BLOCK_IO_MEDIA media[MAX_DISKS];
    static UINT8              paths[MAX_DISKS][24];
    EFI_HANDLE                handle = NULL;
    UINT8                    *path = paths[number];

    media[number].MediaPresent = present;
    media[number].BlockSize = block_size;
    media[number].LastBlock = last;
    ios[number].Revision = EFI_BLOCK_IO_PROTOCOL_REVISION;
    ios[number].Media = &media[number];
    ios[number].ReadBlocks = never_answer;
    ios[number].WriteBlocks = refuse_write;
    path[0] = HARDWARE_DEVICE_PATH, path[1] = HW_VENDOR_DP, path[2] = 20, path[4] = 0x51, path[5] = number;
    path[20] = END_DEVICE_PATH_TYPE, path[21] = END_ENTIRE_DEVICE_PATH_SUBTYPE, path[22] = 4;
    boot->InstallMultipleProtocolInterfaces(&handle, &block_io_guid, &ios[number], &device_path_guid, path, NULL);
}

/* ---- an image that comes with a refusal */

static EFI_IMAGE_LOAD   real_load;
static EFI_IMAGE_UNLOAD real_unload;
static EFI_HANDLE       refused_image;

static EFI_STATUS EFIAPI load_with_refusal(BOOLEAN policy, EFI_HANDLE parent, EFI_DEVICE_PATH *path, VOID *source,
                                           UINTN bytes, EFI_HANDLE *image)
{
    EFI_STATUS st = real_load(policy, parent, path, source, bytes, image);

    if (EFI_ERROR(st) || !source || refused_image)
        return st;
    refused_image = *image;
    return EFI_SECURITY_VIOLATION;
}

static EFI_STATUS EFIAPI notice_unload(EFI_HANDLE image)
{
    if (image == refused_image)
        say(L"SHIM the refused image was unloaded\r\n");
    return real_unload(image);
}

/* ---- the watchdog */

static EFI_SET_WATCHDOG_TIMER real_watchdog;
static UINTN                  watchdog_seconds;

static EFI_STATUS EFIAPI notice_watchdog(UINTN seconds, UINT64 code, UINTN bytes, CHAR16 *text)
{
    watchdog_seconds = seconds;
    return real_watchdog(seconds, code, bytes, text);
}

/* ---- firmware that does not take a partition of ours */

#define MAX_ARGUMENTS 8  /* protocol and interface in turn */

typedef EFI_STATUS (EFIAPI *install_function)(EFI_HANDLE *handle, ...);
static install_function real_install;

static BOOLEAN is_block_io(const EFI_GUID *guid)
{
    const UINT8 *a = (const UINT8 *)guid, *b = (const UINT8 *)&block_io_guid;

    for (UINTN i = 0; i < sizeof *guid; i++)
        if (a[i] != b[i])
            return FALSE;
    return TRUE;
}

/* What is being installed is a partition that cannot be written to. */
static BOOLEAN hold, refuse;
static void hold_on(EFI_HANDLE handle);

static EFI_STATUS EFIAPI install_partition(EFI_HANDLE *handle, ...)
{
    void             *a[MAX_ARGUMENTS + 1] = { NULL };
    BOOLEAN           partition = FALSE;
    EFI_STATUS        st;
    __builtin_ms_va_list list;

    __builtin_ms_va_start(list, handle);
    for (UINTN i = 0; i < MAX_ARGUMENTS && (a[i] = __builtin_va_arg(list, void *)) != NULL; i += 2) {
        EFI_BLOCK_IO *io = a[i + 1] = __builtin_va_arg(list, void *);

        partition |= is_block_io(a[i]) && io->Media->LogicalPartition && io->Media->ReadOnly;
    }
    __builtin_ms_va_end(list);
    if (partition && refuse)
        return EFI_OUT_OF_RESOURCES;
    st = real_install(handle, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], NULL);
    if (partition && hold && !EFI_ERROR(st))
        hold_on(*handle);
    return st;
}

/* ---- a driver that does not let go */

static EFI_HANDLE    shim_image;
static EFI_BLOCK_IO *held[MAX_DISKS];
static UINT8        *held_paths[MAX_DISKS];
static UINTN         held_count;

static void hold_on(EFI_HANDLE handle)
{
    void *io = NULL, *path = NULL;

    if (held_count == MAX_DISKS || EFI_ERROR(boot->HandleProtocol(handle, &device_path_guid, &path)) ||
        EFI_ERROR(boot->OpenProtocol(handle, &block_io_guid, &io, shim_image, shim_image,
                                     EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER)))
        return;
    held[held_count] = io;
    held_paths[held_count++] = path;
    say(L"SHIM holds on to a partition\r\n");
}

/* What was given back is somebody else's now. */
static void use_free_memory(void)
{
    for (UINTN i = 0; i < 24; i++) {
        EFI_PHYSICAL_ADDRESS at = 0;
        UINTN                pages = 1024;

        if (EFI_ERROR(boot->AllocatePages(AllocateAnyPages, EfiBootServicesData, pages, &at)))
            return;
        boot->SetMem((void *)(UINTN)at, pages * PAGE, 0xcc);
    }
    for (UINTN i = 0; i < 4096; i++) {
        void *small = NULL;

        if (!EFI_ERROR(boot->AllocatePool(EfiBootServicesData, 64 + i % 256, &small)))
            boot->SetMem(small, 64 + i % 256, 0xcc);
    }
}

static void use_what_is_held(void)
{
    static UINT8 block[4096] __attribute__((aligned(4096)));
    UINTN        silent = 0;

    use_free_memory();
    for (UINTN i = 0; i < held_count; i++) {
        EFI_BLOCK_IO *io = held[i];
        UINT32        id = io->Media->MediaId;

        if (!io->Media->MediaPresent && io->ReadBlocks(io, id, 0, io->Media->BlockSize, block) == EFI_NO_MEDIA &&
            io->WriteBlocks(io, id, 0, io->Media->BlockSize, block) == EFI_NO_MEDIA && io->FlushBlocks(io) == EFI_NO_MEDIA &&
            io->Reset(io, TRUE) == EFI_NO_MEDIA && held_paths[i][0] != 0xcc)
            silent++;
    }
    if (silent == held_count)
        say(L"SHIM what it holds has no medium\r\n");
}

/* ---- a vendor's driver */

static EFI_GUID driver_binding_guid = EFI_DRIVER_BINDING_PROTOCOL_GUID;

static EFI_STATUS EFIAPI vendor_supported(EFI_DRIVER_BINDING *this, EFI_HANDLE handle, EFI_DEVICE_PATH *rest)
{
    (void)this, (void)handle, (void)rest;
    return EFI_UNSUPPORTED;  /* it has taken what it wants */
}

static EFI_STATUS EFIAPI vendor_stop(EFI_DRIVER_BINDING *this, EFI_HANDLE handle, UINTN children, EFI_HANDLE *child)
{
    static UINT8 block[4096] __attribute__((aligned(4096)));
    void        *interface = NULL;
    EFI_STATUS   st;

    (void)this, (void)children, (void)child;
    boot->HandleProtocol(handle, &block_io_guid, &interface);
    st = ((EFI_BLOCK_IO *)interface)->WriteBlocks(interface, ((EFI_BLOCK_IO *)interface)->Media->MediaId, 0,
                                                  ((EFI_BLOCK_IO *)interface)->Media->BlockSize, block);
    boot->CloseProtocol(handle, &block_io_guid, shim_image, handle);
    say(st == EFI_WRITE_PROTECTED ? L"SHIM the vendor's driver was stopped, and its write refused\r\n"
                                  : L"SHIM the vendor's driver was stopped, and WROTE\r\n");
    return EFI_SUCCESS;
}

static void start_vendor_driver(EFI_HANDLE own_device)
{
    static EFI_DRIVER_BINDING binding = { .Supported = vendor_supported, .Start = vendor_supported, .Stop = vendor_stop,
                                          .Version = 0x10 };
    EFI_HANDLE *handles;
    UINTN       count;

    binding.ImageHandle = binding.DriverBindingHandle = shim_image;
    boot->InstallMultipleProtocolInterfaces(&shim_image, &driver_binding_guid, &binding, NULL);
    if (EFI_ERROR(boot->LocateHandleBuffer(ByProtocol, &block_io_guid, NULL, &count, &handles)))
        return;
    for (UINTN i = 0; i < count; i++) {
        void *interface = NULL;

        if (handles[i] != own_device && !EFI_ERROR(boot->HandleProtocol(handles[i], &block_io_guid, &interface)) &&
            ((EFI_BLOCK_IO *)interface)->Media->LogicalPartition &&
            !EFI_ERROR(boot->OpenProtocol(handles[i], &block_io_guid, &interface, shim_image, handles[i],
                                          EFI_OPEN_PROTOCOL_BY_DRIVER | EFI_OPEN_PROTOCOL_EXCLUSIVE)))
            say(L"SHIM the vendor's driver holds a partition\r\n");
    }
}

/* ---- very many handles */

#define MORE_DISKS   70
#define MORE_HANDLES 4000

static EFI_HANDLE             more[MORE_HANDLES];
static UINT16                 connected[MORE_HANDLES];
static EFI_CONNECT_CONTROLLER real_connect;

static EFI_STATUS EFIAPI read_zeros(EFI_BLOCK_IO *io, UINT32 media_id, EFI_LBA lba, UINTN bytes, VOID *buf)
{
    (void)io, (void)media_id, (void)lba;
    boot->SetMem(buf, bytes, 0);
    return EFI_SUCCESS;
}

static void path_of(UINT8 *path, UINT8 kind, UINTN number)
{
    path[0] = HARDWARE_DEVICE_PATH, path[1] = HW_VENDOR_DP, path[2] = 20, path[3] = 0, path[4] = kind;
    path[5] = (UINT8)number, path[6] = (UINT8)(number >> 8);
    path[20] = END_DEVICE_PATH_TYPE, path[21] = END_ENTIRE_DEVICE_PATH_SUBTYPE, path[22] = 4;
}

static EFI_STATUS EFIAPI count_connect(EFI_HANDLE handle, EFI_HANDLE *drivers, EFI_DEVICE_PATH *rest, BOOLEAN recursive)
{
    for (UINTN i = 0; i < MORE_HANDLES; i++)
        if (more[i] == handle)
            connected[i]++;
    return real_connect(handle, drivers, rest, recursive);
}

static void add_many(void)
{
    static EFI_GUID           something = { 0x51510000, 1, 2, { 3, 4, 5, 6, 7, 8, 9, 10 } };
    static EFI_BLOCK_IO       ios[MORE_DISKS];
    static EFI_BLOCK_IO_MEDIA media[MORE_DISKS];
    static UINT8              disk_paths[MORE_DISKS][24], paths[MORE_HANDLES / 10][24];

    for (UINTN i = 0; i < MORE_DISKS; i++) {
        EFI_HANDLE handle = NULL;

        media[i] = (EFI_BLOCK_IO_MEDIA){ .MediaPresent = TRUE, .BlockSize = 512, .LastBlock = LARGE_BLOCKS };
        ios[i] = (EFI_BLOCK_IO){ .Revision = EFI_BLOCK_IO_PROTOCOL_REVISION, .Media = &media[i], .ReadBlocks = read_zeros,
                                 .WriteBlocks = refuse_write };
        path_of(disk_paths[i], 0x52, i);
        boot->InstallMultipleProtocolInterfaces(&handle, &block_io_guid, &ios[i], &device_path_guid, disk_paths[i], NULL);
    }
    for (UINTN i = 0; i < MORE_HANDLES; i++) {
        boot->InstallProtocolInterface(&more[i], &something, EFI_NATIVE_INTERFACE, &something);
        if (i % 10 != 0)
            continue;
        path_of(paths[i / 10], 0x53, i);
        boot->InstallProtocolInterface(&more[i], &device_path_guid, EFI_NATIVE_INTERFACE, paths[i / 10]);
    }
    real_connect = boot->ConnectController;
    boot->ConnectController = count_connect;
}

static void judge_connects(void)
{
    BOOLEAN good = TRUE;

    for (UINTN i = 0; i < MORE_HANDLES; i++)
        good &= connected[i] == (i % 10 == 0);
    say(good ? L"SHIM each handle with a path was connected once\r\n" : L"SHIM handles were connected in vain\r\n");
}

/* ---- what is lent is given back */

#define MAX_HANDLES 128

static struct snapshot {
    EFI_BLOCK_IO           *io, before;
    EFI_BLOCK_IO2_PROTOCOL *io2, before2;
    BOOLEAN                 read_only;
} snapshots[MAX_HANDLES];
static UINTN snapshot_count;

static BOOLEAN same_bytes(const void *a, const void *b, UINTN bytes)
{
    const UINT8 *p = a, *q = b;

    while (bytes > 0 && *p++ == *q++)
        bytes--;
    return bytes == 0;
}

static void remember_handles(void)
{
    EFI_HANDLE *handles;
    UINTN       count;

    if (EFI_ERROR(boot->LocateHandleBuffer(ByProtocol, &block_io_guid, NULL, &count, &handles)))
        return;
    for (UINTN i = 0; i < count && snapshot_count < MAX_HANDLES; i++) {
        struct snapshot *s = &snapshots[snapshot_count++];
        void            *interface = NULL;

        boot->HandleProtocol(handles[i], &block_io_guid, &interface);
        s->io = interface;
        s->before = *s->io;
        s->read_only = s->io->Media->ReadOnly;
        if (EFI_ERROR(boot->HandleProtocol(handles[i], &block_io2_guid, &interface)))
            continue;
        s->io2 = interface;
        s->before2 = *s->io2;
    }
}

static void compare_handles(void)
{
    BOOLEAN same = TRUE;

    for (UINTN i = 0; i < snapshot_count; i++) {
        const struct snapshot *s = &snapshots[i];

        same &= same_bytes(s->io, &s->before, sizeof s->before) && s->io->Media->ReadOnly == s->read_only &&
                (!s->io2 || same_bytes(s->io2, &s->before2, sizeof s->before2));
    }
    say(same ? L"SHIM all handles are as before\r\n" : L"SHIM a handle was not given back\r\n");
}

static BOOLEAN stick_has(EFI_HANDLE device, CHAR16 *name)
{
    void       *interface = NULL;
    EFI_FILE   *root, *file;

    if (EFI_ERROR(boot->HandleProtocol(device, &file_system_guid, &interface)) ||
        EFI_ERROR(((EFI_FILE_IO_INTERFACE *)interface)->OpenVolume(interface, &root)))
        return FALSE;
    return !EFI_ERROR(root->Open(root, &file, name, EFI_FILE_MODE_READ, 0));
}

/* ---- revoked programs */

static UINT8 dbx[4096];
static UINTN dbx_bytes;
static EFI_STATUS (EFIAPI *real_variable)(CHAR16 *, EFI_GUID *, UINT32 *, UINTN *, VOID *);

static EFI_STATUS EFIAPI answer_for_dbx(CHAR16 *name, EFI_GUID *vendor, UINT32 *attributes, UINTN *size, VOID *data)
{
    if (name[0] != 'd' || name[1] != 'b' || name[2] != 'x' || name[3])
        return real_variable(name, vendor, attributes, size, data);
    if (*size < dbx_bytes || !data) {
        *size = dbx_bytes;
        return EFI_BUFFER_TOO_SMALL;
    }
    *size = dbx_bytes;
    for (UINTN i = 0; i < dbx_bytes; i++)
        ((UINT8 *)data)[i] = dbx[i];
    return EFI_SUCCESS;
}

static void take_dbx(EFI_HANDLE device)
{
    void     *interface = NULL;
    EFI_FILE *root, *file;

    dbx_bytes = sizeof dbx;
    if (EFI_ERROR(boot->HandleProtocol(device, &file_system_guid, &interface)) ||
        EFI_ERROR(((EFI_FILE_IO_INTERFACE *)interface)->OpenVolume(interface, &root)) ||
        EFI_ERROR(root->Open(root, &file, L"\\DBX", EFI_FILE_MODE_READ, 0)) ||
        EFI_ERROR(file->Read(file, &dbx_bytes, dbx)))
        return;
    real_variable = system_table->RuntimeServices->GetVariable;
    system_table->RuntimeServices->GetVariable = answer_for_dbx;
}

/* ---- serial ports */

/* The port with this number: Acpi(PNP0501, number - 1) in its path. */
static EFI_HANDLE com_port(UINT8 number)
{
    static const UINT8 uart[] = { ACPI_DEVICE_PATH, ACPI_DP, 12, 0, 0xd0, 0x41, 0x01, 0x05 };
    EFI_HANDLE        *handles;
    UINTN              count = 0;

    if (EFI_ERROR(boot->LocateHandleBuffer(ByProtocol, &serial_io_guid, NULL, &count, &handles)))
        return NULL;
    for (UINTN i = 0; i < count; i++) {
        void  *interface = NULL;
        UINT8 *node;

        if (EFI_ERROR(boot->HandleProtocol(handles[i], &device_path_guid, &interface)))
            continue;
        for (node = interface; node[0] != END_DEVICE_PATH_TYPE; node += node[2] | node[3] << 8) {
            UINTN n = 0;

            while (n < sizeof uart && node[n] == uart[n])
                n++;
            if (n == sizeof uart && node[n] == number - 1)
                return handles[i];
        }
    }
    return NULL;
}

/* Nothing leads to it any more, neither now nor when it is connected again. */
static void free_port(UINT8 number)
{
    static CHAR16 *const names[] = { L"ConOut", L"ConIn", L"ErrOut" };

    for (UINTN i = 0; i < sizeof names / sizeof *names; i++)
        system_table->RuntimeServices->SetVariable(names[i], &global_variable_guid, 0, 0, NULL);
    if (EFI_ERROR(boot->DisconnectController(com_port(number), NULL, NULL)))
        say(L"SHIM FAILED to free the port\r\n");
}

static EFI_STATUS EFIAPI take_nothing(EFI_SERIAL_IO_PROTOCOL *port, UINTN *bytes, VOID *buf)
{
    static UINTN writes;

    (void)port, (void)buf;
    *bytes = 0;
    if (++writes == 20)  /* a terminal driver that is connected to it tries a few times, too */
        say(L"SHIM the dead port was asked 20 times\r\n");
    return EFI_TIMEOUT;
}

static void kill_port(UINT8 number)
{
    void *interface = NULL;

    if (EFI_ERROR(boot->HandleProtocol(com_port(number), &serial_io_guid, &interface)))
        return;
    ((EFI_SERIAL_IO_PROTOCOL *)interface)->Write = take_nothing;
    say(L"SHIM made a port dead\r\n");
}

/* ---- on to ldmboot */

static EFI_STATUS start_ldmboot(EFI_HANDLE self, EFI_HANDLE device)
{
    static const CHAR16 name[] = L"\\EFI\\BOOT\\LDMBOOT.EFI";
    UINT8               path[512];
    void               *interface = NULL;
    UINTN               n = 0;
    EFI_HANDLE          image;
    EFI_STATUS          st = boot->HandleProtocol(device, &device_path_guid, &interface);

    if (EFI_ERROR(st))
        return st;
    for (UINT8 *node = interface; node[0] != END_DEVICE_PATH_TYPE; node += node[2] | node[3] << 8) {
        boot->CopyMem(path + n, node, (UINTN)(node[2] | node[3] << 8));
        n += (UINTN)(node[2] | node[3] << 8);
    }
    boot->CopyMem(path + n, (UINT8[]){ MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, 4 + sizeof name, 0 }, 4);
    boot->CopyMem(path + n + 4, (void *)(UINTN)name, sizeof name);
    boot->CopyMem(path + n + 4 + sizeof name,
                  (UINT8[]){ END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, 4, 0 }, 4);
    st = boot->LoadImage(FALSE, self, (EFI_DEVICE_PATH *)path, NULL, 0, &image);
    return EFI_ERROR(st) ? st : boot->StartImage(image, NULL, NULL);
}

/* What is left to be heard on is COM1. */
static EFI_STATUS without_console(EFI_HANDLE self, EFI_HANDLE device)
{
    static char      back[] = "SHIM ldmboot came back\r\n";
    EFI_SYSTEM_TABLE before = *system_table;
    UINTN            bytes = sizeof back - 1;
    void            *interface = NULL;
    EFI_STATUS       st;

    system_table->ConsoleOutHandle = system_table->ConsoleInHandle = NULL;
    system_table->ConOut = NULL;
    system_table->ConIn = NULL;
    st = start_ldmboot(self, device);
    *system_table = before;
    if (!EFI_ERROR(boot->HandleProtocol(com_port(1), &serial_io_guid, &interface)))
        ((EFI_SERIAL_IO_PROTOCOL *)interface)->Write(interface, &bytes, back);
    return st;
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *table);
EFI_STATUS EFIAPI efi_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *table)
{
    void      *interface = NULL;
    EFI_HANDLE device;
    EFI_STATUS st;

    system_table = table;
    boot = table->BootServices;
    shim_image = self;
    if (EFI_ERROR(boot->HandleProtocol(self, &loaded_image_guid, &interface)))
        return EFI_LOAD_ERROR;
    device = ((EFI_LOADED_IMAGE *)interface)->DeviceHandle;
    make_disks_strict();
    add_disk(0, 1, 1 << 20, TRUE);
    add_disk(1, 512, 1 << 20, FALSE);
    add_disk(2, 512, ~0ull, TRUE);
    add_disk(3, 512, 1 << 20, TRUE);
    if (stick_has(device, L"\\VIOLATE")) {
        real_load = boot->LoadImage;
        real_unload = boot->UnloadImage;
        boot->LoadImage = load_with_refusal;
        boot->UnloadImage = notice_unload;
    }
    take_dbx(device);
    refuse = stick_has(device, L"\\UNPUBLISH");
    hold = stick_has(device, L"\\HOLD");
    if (refuse || hold) {
        real_install = (install_function)boot->InstallMultipleProtocolInterfaces;
        boot->InstallMultipleProtocolInterfaces = (void *)install_partition;
    }
    if (stick_has(device, L"\\FREECOM1"))
        free_port(1);
    if (stick_has(device, L"\\FREECOM2"))
        free_port(2);
    if (stick_has(device, L"\\DEADCOM2"))
        kill_port(2);
    real_watchdog = boot->SetWatchdogTimer;
    boot->SetWatchdogTimer = notice_watchdog;
    if (stick_has(device, L"\\NOCONSOLE"))
        return without_console(self, device);
    if (stick_has(device, L"\\VENDOR"))
        start_vendor_driver(device);
    if (stick_has(device, L"\\MANY"))
        add_many();
    remember_handles();
    st = start_ldmboot(self, device);
    if (watchdog_seconds != 0)
        say(L"SHIM the watchdog is still on\r\n");
    compare_handles();
    if (real_variable)
        system_table->RuntimeServices->GetVariable = real_variable;
    if (hold)
        use_what_is_held();
    if (real_connect)
        judge_connects();
    return st;
}
