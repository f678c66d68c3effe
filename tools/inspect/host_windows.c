/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_windows.c - see host.h: CreateFile() for reading, ReadFile(), and questions about geometry and name.
 *
 * Source of the calls: Microsoft's documentation of the Windows API. A drive (\\.\PhysicalDriveN) is read in whole blocks
 * only, and only by an administrator.
 */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <windows.h>
#include <shellapi.h>
#include <winioctl.h>

#define DRIVES_MAX 64

static wchar_t *wide_of(const char *text)
{
    int      n = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
    wchar_t *wide = n > 0 ? calloc((size_t)n, sizeof *wide) : NULL;

    if (wide)
        MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, n);
    return wide;
}

static char *utf8_of(const wchar_t *wide)
{
    int   n = WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL);
    char *text = n > 0 ? calloc((size_t)n, 1) : NULL;

    if (text)
        WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, n, NULL, NULL);
    return text;
}

/* The C library of Windows gives main() the arguments in a code page that has not every letter. */
void host_start(int *argc, char ***argv)
{
    int       n = 0;
    wchar_t **wide = CommandLineToArgvW(GetCommandLineW(), &n);
    char    **texts = wide ? calloc((size_t)n + 1, sizeof *texts) : NULL;

    _setmode(_fileno(stdout), _O_BINARY);
    _setmode(_fileno(stderr), _O_BINARY);
    SetConsoleOutputCP(CP_UTF8);
    for (int i = 0; texts && i < n; i++) {
        texts[i] = utf8_of(wide[i]);
        if (!texts[i])
            return;
    }
    if (texts) {
        *argc = n;
        *argv = texts;
    }
}

static const char *words_of(DWORD error)
{
    static char text[300];

    if (error == ERROR_ACCESS_DENIED)
        return "access is denied; a drive is read from a command prompt that was started \"as administrator\"";
    if (!FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, error, 0, text, sizeof text, NULL))
        snprintf(text, sizeof text, "Windows's error %lu", error);
    for (size_t n = strlen(text); n > 0 && strchr("\r\n. ", text[n - 1]); n--)
        text[n - 1] = 0;
    return text;
}

static HANDLE handle_of(const struct host_file *file) { return (HANDLE)file->handle; }  // NOLINT: it is one

/* Bytes and block size of a drive; false: `file` is none that tells them. */
static bool ask_drive(struct host_file *file)
{
    GET_LENGTH_INFORMATION length;
    DISK_GEOMETRY          geometry;
    DWORD                  n;

    if (!DeviceIoControl(handle_of(file), IOCTL_DISK_GET_DRIVE_GEOMETRY, NULL, 0, &geometry, sizeof geometry, &n, NULL))
        return false;
    file->device = true;
    file->granule = geometry.BytesPerSector;
    if (DeviceIoControl(handle_of(file), IOCTL_DISK_GET_LENGTH_INFO, NULL, 0, &length, sizeof length, &n, NULL))
        file->size = (uint64_t)length.Length.QuadPart;
    else  /* Windows 2000 */
        file->size = (uint64_t)geometry.Cylinders.QuadPart * geometry.TracksPerCylinder * geometry.SectorsPerTrack *
                     geometry.BytesPerSector;
    return file->granule > 0;
}

static const char *find_size(struct host_file *file)
{
    LARGE_INTEGER size;

    if (ask_drive(file))
        return NULL;
    if (GetFileType(handle_of(file)) != FILE_TYPE_DISK)
        return "this is neither an image file nor a disk device; a disk cannot be read from it";
    if (!GetFileSizeEx(handle_of(file), &size))
        return words_of(GetLastError());
    file->size = (uint64_t)size.QuadPart;
    return NULL;
}

const char *host_open(struct host_file *file, const char *path)
{
    wchar_t    *wide = wide_of(path);
    DWORD       kind = wide ? GetFileAttributesW(wide) : INVALID_FILE_ATTRIBUTES;
    const char *error;

    *file = (struct host_file){ .handle = -1, .granule = 1 };
    if (kind != INVALID_FILE_ATTRIBUTES && (kind & FILE_ATTRIBUTE_DIRECTORY)) {
        free(wide);
        return "this is a folder; name an image file or a disk device";
    }
    if (wide)
        file->handle = (intptr_t)CreateFileW(wide, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                                             OPEN_EXISTING, 0, NULL);
    free(wide);
    if (handle_of(file) == INVALID_HANDLE_VALUE)
        return words_of(GetLastError());
    error = find_size(file);
    if (error)
        host_close(file);
    return error;
}

static bool read_whole(const struct host_file *file, uint64_t at, void *buf, size_t len)
{
    for (size_t done = 0; done < len;) {
        uint64_t   from = at + done;
        OVERLAPPED place = { .Offset = (DWORD)from, .OffsetHigh = (DWORD)(from >> 32) };
        size_t     left = len - done;
        DWORD      got = 0;

        if (!ReadFile(handle_of(file), (char *)buf + done, left > 1u << 20 ? 1u << 20 : (DWORD)left, &got, &place) || got == 0)
            return false;
        done += got;
    }
    return true;
}

/* Blocks that the wanted bytes lie in, through memory of their own. */
bool host_read(const struct host_file *file, uint64_t at, void *buf, size_t len)
{
    uint64_t first = at - at % file->granule, past = at + len + file->granule - 1;
    size_t   bytes;
    char    *blocks;
    bool     good;

    past -= past % file->granule;
    bytes = (size_t)(past - first);
    if (bytes == len)
        return read_whole(file, at, buf, len);
    blocks = malloc(bytes);
    good = blocks && read_whole(file, first, blocks, bytes);
    if (good)
        memcpy(buf, blocks + (at - first), len);
    free(blocks);
    return good;
}

void host_close(struct host_file *file)
{
    if (handle_of(file) != INVALID_HANDLE_VALUE)
        CloseHandle(handle_of(file));
    file->handle = -1;
}

static FILE *open_wide(const char *path, int flags, const char *mode)
{
    wchar_t *wide = wide_of(path);
    int      fd = wide ? _wopen(wide, flags | _O_BINARY, _S_IREAD | _S_IWRITE) : -1;

    free(wide);
    return fd < 0 ? NULL : _fdopen(fd, mode);
}

bool host_is_terminal(FILE *out) { return _isatty(_fileno(out)); }

/* Windows 10 and later. */
bool host_has_colors(FILE *out)
{
    HANDLE console = (HANDLE)_get_osfhandle(_fileno(out));  // NOLINT: it is one
    DWORD  mode;

    return host_is_terminal(out) && GetConsoleMode(console, &mode) &&
           SetConsoleMode(console, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

static DWORD WINAPI count_seconds(void *argument)
{
    void (**tick)(unsigned) = argument;

    for (unsigned seconds = 1;; seconds++) {
        Sleep(1000);
        (*tick)(seconds);
    }
    return 0;
}

void host_each_second(void (*tick)(unsigned seconds))
{
    static void (*kept)(unsigned);
    HANDLE        thread;

    kept = tick;
    thread = CreateThread(NULL, 0, count_seconds, &kept, 0, NULL);
    if (thread)
        CloseHandle(thread);
}

void host_pause(void) { Sleep(0); }

FILE *host_open_text(const char *path) { return open_wide(path, _O_RDONLY, "rb"); }
FILE *host_create(const char *path) { return open_wide(path, _O_WRONLY | _O_CREAT | _O_EXCL, "wb"); }

/* As the drive calls itself; "". */
static void ask_model(const struct host_file *file, char *out, size_t size)
{
    union {
        STORAGE_DEVICE_DESCRIPTOR head;
        char                      bytes[1024];
    } answer = { .bytes = { 0 } };
    STORAGE_PROPERTY_QUERY query = { .PropertyId = StorageDeviceProperty, .QueryType = PropertyStandardQuery };
    DWORD                  n = 0, at = 0;

    out[0] = 0;
    if (DeviceIoControl(handle_of(file), IOCTL_STORAGE_QUERY_PROPERTY, &query, sizeof query, &answer, sizeof answer - 1, &n, NULL))
        at = answer.head.ProductIdOffset;
    if (at > 0 && at < n)
        snprintf(out, size, "%s", answer.bytes + at);
    for (size_t len = strlen(out); len > 0 && out[len - 1] == ' '; len--)
        out[len - 1] = 0;
}

/* Opened without the right to read: that is given to everybody, and enough for the questions. */
static bool ask_one(unsigned number, void (*each)(const struct host_drive *drive))
{
    char             path[32], model[128];
    struct host_file file = { .granule = 1 };

    snprintf(path, sizeof path, "\\\\.\\PhysicalDrive%u", number);
    file.handle = (intptr_t)CreateFileA(path, 0, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    if (handle_of(&file) == INVALID_HANDLE_VALUE)
        return false;
    ask_drive(&file);
    ask_model(&file, model, sizeof model);
    each(&(struct host_drive){ path, model, file.size });
    host_close(&file);
    return true;
}

size_t host_each_drive(void (*each)(const struct host_drive *drive))
{
    size_t count = 0;

    for (unsigned i = 0; i < DRIVES_MAX; i++)
        count += ask_one(i, each);
    return count;
}
