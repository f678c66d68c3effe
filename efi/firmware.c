/* SPDX-License-Identifier: GPL-2.0-or-later */
/* firmware.c - access to the firmware's tables; see firmware.h. */
#include "firmware.h"

#include "common/base/checked.h"
#include "common/base/log.h"

#define WATCHDOG_CODE 0x10000  /* the first that is not the firmware's own */

struct efi_firmware fw;

EFI_GUID guid_block_io           = EFI_BLOCK_IO_PROTOCOL_GUID;
EFI_GUID guid_block_io2          = EFI_BLOCK_IO2_PROTOCOL_GUID;
EFI_GUID guid_device_path        = EFI_DEVICE_PATH_PROTOCOL_GUID;
EFI_GUID guid_loaded_image       = EFI_LOADED_IMAGE_PROTOCOL_GUID;
EFI_GUID guid_simple_file_system = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;

void firmware_init(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
    fw.image = image;
    fw.system = system;
    fw.boot = system->BootServices;
    fw.self = protocol_on(image, &guid_loaded_image);
}

void *protocol_on(EFI_HANDLE handle, EFI_GUID *protocol)
{
    void *interface = NULL;

    if (!handle || EFI_ERROR(fw.boot->HandleProtocol(handle, protocol, &interface)))
        return NULL;
    return interface;
}

static struct handle_list locate(EFI_LOCATE_SEARCH_TYPE how, EFI_GUID *protocol)
{
    struct handle_list list = { NULL, 0 };

    if (EFI_ERROR(fw.boot->LocateHandleBuffer(how, protocol, NULL, &list.count, &list.handles)))
        return (struct handle_list){ NULL, 0 };
    return list;
}

struct handle_list handles_all(void)
{
    return locate(AllHandles, NULL);
}

struct handle_list handles_with(EFI_GUID *protocol)
{
    return locate(ByProtocol, protocol);
}

void handles_free(struct handle_list *list)
{
    if (list->handles)
        fw.boot->FreePool(list->handles);
    *list = (struct handle_list){ NULL, 0 };
}

static UINTN pages_for(size_t bytes)
{
    return bytes / EFI_PAGE_BYTES + (bytes % EFI_PAGE_BYTES != 0);
}

void *pages_alloc(size_t bytes)
{
    EFI_PHYSICAL_ADDRESS address = UINTPTR_MAX;  /* where 32-bit code can reach it, too */

    if (EFI_ERROR(fw.boot->AllocatePages(AllocateMaxAddress, EfiBootServicesData, pages_for(bytes), &address)))
        return NULL;
    return (void *)(uintptr_t)address;
}

void pages_free(void *pages, size_t bytes)
{
    if (pages)
        fw.boot->FreePages((EFI_PHYSICAL_ADDRESS)(uintptr_t)pages, pages_for(bytes));
}

void watchdog_set(UINTN seconds)
{
    fw.boot->SetWatchdogTimer(seconds, WATCHDOG_CODE, 0, NULL);
}

const char *efi_status_text(EFI_STATUS st, char *buf, size_t size)
{
    /* UEFI specification 2.10, appendix D; what LoadImage means by it: 7.4.1. */
    static const struct {
        EFI_STATUS  status;
        const char *text;
    } texts[] = {
        { EFI_SUCCESS, "EFI_SUCCESS" },
        { EFI_LOAD_ERROR, "EFI_LOAD_ERROR: the file is damaged, or no program that it can run" },
        { EFI_INVALID_PARAMETER, "EFI_INVALID_PARAMETER: it did not accept how it was called" },
        { EFI_UNSUPPORTED, "EFI_UNSUPPORTED: it cannot run this kind of program" },
        { EFI_BAD_BUFFER_SIZE, "EFI_BAD_BUFFER_SIZE" },
        { EFI_BUFFER_TOO_SMALL, "EFI_BUFFER_TOO_SMALL" },
        { EFI_NOT_READY, "EFI_NOT_READY" },
        { EFI_DEVICE_ERROR, "EFI_DEVICE_ERROR: a disk failed" },
        { EFI_WRITE_PROTECTED, "EFI_WRITE_PROTECTED: a write was refused" },
        { EFI_OUT_OF_RESOURCES, "EFI_OUT_OF_RESOURCES: there is not enough memory" },
        { EFI_VOLUME_CORRUPTED, "EFI_VOLUME_CORRUPTED: a file system is damaged" },
        { EFI_VOLUME_FULL, "EFI_VOLUME_FULL" },
        { EFI_NO_MEDIA, "EFI_NO_MEDIA: a disk is not there any more" },
        { EFI_MEDIA_CHANGED, "EFI_MEDIA_CHANGED: a disk was changed" },
        { EFI_NOT_FOUND, "EFI_NOT_FOUND: something that is needed was not found" },
        { EFI_ACCESS_DENIED, "EFI_ACCESS_DENIED: Secure Boot or another rule of the set-up forbids it" },
        { EFI_NO_RESPONSE, "EFI_NO_RESPONSE" },
        { EFI_NO_MAPPING, "EFI_NO_MAPPING" },
        { EFI_TIMEOUT, "EFI_TIMEOUT: something did not answer" },
        { EFI_NOT_STARTED, "EFI_NOT_STARTED" },
        { EFI_ALREADY_STARTED, "EFI_ALREADY_STARTED" },
        { EFI_ABORTED, "EFI_ABORTED: it was broken off" },
        { EFI_ICMP_ERROR, "EFI_ICMP_ERROR" },
        { EFI_TFTP_ERROR, "EFI_TFTP_ERROR" },
        { EFI_PROTOCOL_ERROR, "EFI_PROTOCOL_ERROR" },
        { EFI_INCOMPATIBLE_VERSION, "EFI_INCOMPATIBLE_VERSION" },
        { EFI_SECURITY_VIOLATION, "EFI_SECURITY_VIOLATION: the signature is missing or not accepted" },
        { EFI_CRC_ERROR, "EFI_CRC_ERROR" },
        { EFI_END_OF_MEDIA, "EFI_END_OF_MEDIA" },
        { EFI_END_OF_FILE, "EFI_END_OF_FILE" },
        { EFI_INVALID_LANGUAGE, "EFI_INVALID_LANGUAGE" },
        { EFI_COMPROMISED_DATA, "EFI_COMPROMISED_DATA: the data was changed, or may have been" },
    };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (texts[i].status == st)
            return texts[i].text;
    text_format(buf, size, "EFI status 0x%x", (unsigned)(st & 0xffff));
    return buf;
}
