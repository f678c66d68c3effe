/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * firmware.h - the firmware that started us: its tables, memory and protocols.
 *
 * The only header that includes gnu-efi's.
 * Facts: UEFI specification 2.10, chapters 4 (tables), 7 (boot services).
 */
#ifndef LDMBOOT_EFI_FIRMWARE_H
#define LDMBOOT_EFI_FIRMWARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <efi.h>

/* ia32: without -malign-double every 64-bit field of the firmware's structures is misplaced (docs/toolchain facts). */
_Static_assert(offsetof(EFI_BLOCK_IO_MEDIA, LastBlock) == 24, "firmware structures need -malign-double on ia32");
_Static_assert(sizeof(CHAR16) == 2, "firmware strings need -fshort-wchar");

#define EFI_PAGE_BYTES 4096u

/* What efi_main() was given; set once, before anything else runs. */
struct efi_firmware {
    EFI_HANDLE        image;
    EFI_SYSTEM_TABLE  *system;
    EFI_BOOT_SERVICES *boot;
    EFI_LOADED_IMAGE  *self;   /* where we were loaded from; NULL on firmware that does not say */
};
extern struct efi_firmware fw;

void firmware_init(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

extern EFI_GUID guid_block_io, guid_block_io2, guid_device_path, guid_loaded_image, guid_simple_file_system;

/* The protocol's interface on a handle; NULL when it is not there. */
void *protocol_on(EFI_HANDLE handle, EFI_GUID *protocol);

/* All handles, or those with a protocol; free with handles_free(). An empty list when there are none. */
struct handle_list {
    EFI_HANDLE *handles;
    UINTN       count;
};
struct handle_list handles_all(void);
struct handle_list handles_with(EFI_GUID *protocol);
void handles_free(struct handle_list *list);

/* Whole pages of boot services data; NULL when there are none. They are ours until pages_free() or ExitBootServices. */
void *pages_alloc(size_t bytes);
void  pages_free(void *pages, size_t bytes);

/* The firmware resets the machine when this many seconds have passed; 0: never. */
void watchdog_set(UINTN seconds);

/* "EFI_LOAD_ERROR: the file is damaged, ...", or "EFI status 0x.." (of its low bits) for one without a name. */
const char *efi_status_text(EFI_STATUS st, char *buf, size_t size);

#endif
