/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ramfiles.c - a file system over files in memory; see ramfiles.h. */
#include "ramfiles.h"

#include "common/base/ascii.h"
#include "common/base/mem.h"

#define PATH_MAX_UNITS 96u

struct open_file {
    EFI_FILE               file;  /* first member: the calls cast back */
    const struct ramfiles *fs;
    const struct ram_file *what;  /* NULL: a directory */
    UINT64                 position;
    size_t                 path_len;
    char                   path[PATH_MAX_UNITS];  /* from the root, which is empty; no NUL */
};

static EFI_GUID guid_file_info = { 0x09576e92, 0x6d3f, 0x11d2, { 0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b } };

static struct open_file *of(EFI_FILE *file)
{
    return (struct open_file *)(void *)file;
}

/* ---- paths */

/* Take the last name off. */
static void go_up(struct open_file *f)
{
    while (f->path_len > 0 && f->path[--f->path_len] != '\\')
        continue;
}

/* One more name, which ends at a backslash or the NUL. */
static bool go_down(struct open_file *f, const CHAR16 *name, size_t units)
{
    if (units >= sizeof f->path - f->path_len)
        return false;
    f->path[f->path_len++] = '\\';
    for (size_t i = 0; i < units; i++) {
        if (name[i] > 0x7e)
            return false;  /* none of our names */
        f->path[f->path_len++] = (char)name[i];
    }
    return true;
}

/* The path that `name` means, seen from the directory in f->path. */
static bool walk(struct open_file *f, const CHAR16 *name)
{
    if (*name == '\\')
        f->path_len = 0;
    while (*name) {
        size_t units = 0;

        while (name[units] && name[units] != '\\' && units < PATH_MAX_UNITS)
            units++;
        if (units == 2 && name[0] == '.' && name[1] == '.')
            go_up(f);
        else if (units > 0 && !(units == 1 && name[0] == '.') && !go_down(f, name, units))
            return false;
        name += units;
        if (*name == '\\')
            name++;
    }
    return true;
}

/* Is f->path the whole of `path`, or a directory on the way there? */
static bool is_on_the_way(const struct open_file *f, const char *path, bool *whole)
{
    for (size_t i = 0; i < f->path_len; i++)
        if (!path[i] || ascii_lower((uint8_t)path[i]) != ascii_lower((uint8_t)f->path[i]))
            return false;
    *whole = path[f->path_len] == 0;
    return *whole || path[f->path_len] == '\\';
}

static bool find(struct open_file *f)
{
    bool found = false, whole;

    f->what = NULL;
    for (size_t i = 0; i < RAMFILES_MAX; i++) {
        if (!is_on_the_way(f, f->fs->files[i].path, &whole))
            continue;
        found = true;
        if (whole)
            f->what = &f->fs->files[i];
    }
    return found;
}

/* ---- the calls of a file */

static EFI_STATUS make_file(const struct open_file *like, const CHAR16 *name, EFI_FILE **out)
{
    struct open_file *f = NULL;

    if (EFI_ERROR(fw.boot->AllocatePool(EfiBootServicesData, sizeof *f, (void **)&f)))
        return EFI_OUT_OF_RESOURCES;
    *f = *like;
    f->position = 0;
    if (walk(f, name) && find(f)) {
        *out = &f->file;
        return EFI_SUCCESS;
    }
    fw.boot->FreePool(f);
    return EFI_NOT_FOUND;
}

static EFI_STATUS EFIAPI open_file(EFI_FILE *this, EFI_FILE **out, CHAR16 *name, UINT64 mode, UINT64 attributes)
{
    (void)attributes;
    if (mode != EFI_FILE_MODE_READ)
        return EFI_WRITE_PROTECTED;
    return make_file(of(this), name, out);
}

static EFI_STATUS EFIAPI close_file(EFI_FILE *this)
{
    return fw.boot->FreePool(of(this));
}

static EFI_STATUS EFIAPI delete_file(EFI_FILE *this)
{
    close_file(this);
    return EFI_WARN_DELETE_FAILURE;
}

static EFI_STATUS EFIAPI read_file(EFI_FILE *this, UINTN *bytes, VOID *buf)
{
    struct open_file *f = of(this);
    UINT64            left = 0;

    if (f->what) {
        if (f->position > f->what->content.len)
            return EFI_DEVICE_ERROR;
        left = f->what->content.len - f->position;
    }
    if (*bytes > left)
        *bytes = (UINTN)left;
    if (*bytes > 0)
        memcpy(buf, f->what->content.data + f->position, *bytes);
    f->position += *bytes;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI write_file(EFI_FILE *this, UINTN *bytes, VOID *buf)
{
    (void)this, (void)bytes, (void)buf;
    return EFI_WRITE_PROTECTED;
}

static EFI_STATUS EFIAPI get_position(EFI_FILE *this, UINT64 *position)
{
    if (!of(this)->what)
        return EFI_UNSUPPORTED;
    *position = of(this)->position;
    return EFI_SUCCESS;
}

/* All ones: the end. */
static EFI_STATUS EFIAPI set_position(EFI_FILE *this, UINT64 position)
{
    struct open_file *f = of(this);

    if (!f->what)
        return position == 0 ? EFI_SUCCESS : EFI_UNSUPPORTED;
    f->position = position == UINT64_MAX ? f->what->content.len : position;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI get_info(EFI_FILE *this, EFI_GUID *type, UINTN *bytes, VOID *buf)
{
    const struct open_file *f = of(this);
    EFI_FILE_INFO          *info = buf;
    size_t                  name = f->path_len;
    UINTN                   wanted;

    if (memcmp(type, &guid_file_info, sizeof *type) != 0)
        return EFI_UNSUPPORTED;
    while (name > 0 && f->path[name - 1] != '\\')
        name--;
    wanted = SIZE_OF_EFI_FILE_INFO + (f->path_len - name + 1) * sizeof(CHAR16);
    if (*bytes < wanted) {
        *bytes = wanted;
        return EFI_BUFFER_TOO_SMALL;
    }
    *bytes = wanted;
    memset(info, 0, wanted);
    info->Size = wanted;
    info->FileSize = info->PhysicalSize = f->what ? f->what->content.len : 0;
    info->Attribute = EFI_FILE_READ_ONLY | (f->what ? 0 : EFI_FILE_DIRECTORY);
    for (size_t i = name; i < f->path_len; i++)
        info->FileName[i - name] = (CHAR16)f->path[i];
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI set_info(EFI_FILE *this, EFI_GUID *type, UINTN bytes, VOID *buf)
{
    (void)this, (void)type, (void)bytes, (void)buf;
    return EFI_WRITE_PROTECTED;
}

static EFI_STATUS EFIAPI flush_file(EFI_FILE *this)
{
    (void)this;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI open_volume(EFI_FILE_IO_INTERFACE *this, EFI_FILE **root)
{
    struct open_file f = {
        .file = { .Revision = EFI_FILE_HANDLE_REVISION, .Open = open_file, .Close = close_file, .Delete = delete_file,
                  .Read = read_file, .Write = write_file, .GetPosition = get_position, .SetPosition = set_position,
                  .GetInfo = get_info, .SetInfo = set_info, .Flush = flush_file },
        .fs = (const struct ramfiles *)(const void *)this,
    };
    static const CHAR16 nothing[] = { 0 };

    return make_file(&f, nothing, root);
}

/* ---- on a handle */

struct ramfiles *ramfiles_offer(EFI_HANDLE handle, const struct ram_file files[RAMFILES_MAX])
{
    struct ramfiles *fs = NULL;

    fw.boot->ConnectController(handle, NULL, NULL, FALSE);
    if (protocol_on(handle, &guid_simple_file_system) ||
        EFI_ERROR(fw.boot->AllocatePool(EfiBootServicesData, sizeof *fs, (void **)&fs)))
        return NULL;
    *fs = (struct ramfiles){ .io = { .Revision = EFI_FILE_IO_INTERFACE_REVISION, .OpenVolume = open_volume },
                             .handle = handle };
    memcpy(fs->files, files, sizeof fs->files);
    if (!EFI_ERROR(fw.boot->InstallMultipleProtocolInterfaces(&fs->handle, &guid_simple_file_system, &fs->io, NULL)))
        return fs;
    fw.boot->FreePool(fs);
    return NULL;
}

void ramfiles_remove(struct ramfiles *fs, void *silent)
{
    if (!fs)
        return;
    if (EFI_ERROR(fw.boot->UninstallMultipleProtocolInterfaces(fs->handle, &guid_simple_file_system, &fs->io, NULL)))
        fs->io.OpenVolume = (EFI_VOLUME_OPEN)silent;  /* and its memory is the firmware's for good */
    else
        fw.boot->FreePool(fs);
}
