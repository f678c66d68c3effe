/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stick.c - files on the device that ldmboot was loaded from; see stick.h. */
#include "stick.h"

#include "firmware.h"

#define PATH_CHARS 64

static EFI_FILE *open_file(EFI_FILE *root, const char *path)
{
    CHAR16    wide[PATH_CHARS] = { 0 };
    EFI_FILE *file = NULL;

    for (size_t i = 0; path[i] && i + 1 < PATH_CHARS; i++)
        wide[i] = (CHAR16)path[i];
    if (EFI_ERROR(root->Open(root, &file, wide, EFI_FILE_MODE_READ, 0)))
        return NULL;
    return file;
}

/* The file's length, by going to its end; false when the firmware cannot do that (a directory). */
static bool file_bytes(EFI_FILE *file, uint64_t *bytes)
{
    return !EFI_ERROR(file->SetPosition(file, UINT64_MAX)) && !EFI_ERROR(file->GetPosition(file, bytes)) &&
           !EFI_ERROR(file->SetPosition(file, 0));
}

static enum status read_whole(EFI_FILE *file, size_t max_bytes, struct arena *a, struct span *out)
{
    uint64_t bytes = 0;
    UINTN    wanted, got;
    void    *data;

    if (!file_bytes(file, &bytes))
        return STATUS_READ_FAILED;
    wanted = bytes < max_bytes ? (UINTN)bytes : max_bytes;
    data = arena_alloc(a, wanted);
    if (!data)
        return STATUS_NO_MEMORY;
    got = wanted;
    if (EFI_ERROR(file->Read(file, &got, data)) || got != wanted)
        return STATUS_READ_FAILED;
    *out = span_of(data, got);
    return STATUS_OK;
}

enum status stick_read(const char *path, size_t max_bytes, struct arena *a, struct span *out)
{
    EFI_FILE_IO_INTERFACE *volume = protocol_on(fw.self ? fw.self->DeviceHandle : NULL, &guid_simple_file_system);
    EFI_FILE              *root, *file;
    enum status            st = STATUS_FILE_NOT_FOUND;

    if (!volume || EFI_ERROR(volume->OpenVolume(volume, &root)))
        return STATUS_FILE_NOT_FOUND;
    file = open_file(root, path);
    if (file) {
        st = read_whole(file, max_bytes, a, out);
        file->Close(file);
    }
    root->Close(root);
    return st;
}
