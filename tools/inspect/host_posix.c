/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_posix.c - see host.h: pread(), nothing that writes; drives by Linux's /sys/block. */
#include "host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void host_start(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
}

/* Size in bytes of a regular file or block device; else why it is none. */
static const char *find_size(int fd, struct host_file *file)
{
    struct stat st;
    off_t       end;

    if (fstat(fd, &st) != 0)
        return strerror(errno);
    if (S_ISDIR(st.st_mode))
        return "this is a folder; name an image file or a disk device";
    if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
        return "this is neither an image file nor a disk device; a disk cannot be read from it";
    end = lseek(fd, 0, SEEK_END);
    if (end < 0)
        return strerror(errno);
    file->size = (uint64_t)end;
    file->device = S_ISBLK(st.st_mode);
    return NULL;
}

/* A disk device is what an ordinary user meets this at first. */
static const char *why_not_opened(const char *path)
{
    int         error = errno;
    struct stat st;

    if (error == EACCES && stat(path, &st) == 0 && S_ISBLK(st.st_mode))
        return "only root may read this disk device: the same command with sudo";
    return strerror(error);
}

const char *host_open(struct host_file *file, const char *path)
{
    int         fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);  /* a pipe without a writer must not hang us */
    const char *error;

    *file = (struct host_file){ .handle = fd, .granule = 1 };
    if (fd < 0)
        return why_not_opened(path);
    error = find_size(fd, file);
    if (error)
        host_close(file);
    return error;
}

bool host_read(const struct host_file *file, uint64_t at, void *buf, size_t len)
{
    if (file->read)
        return file->read(file, at, buf, len);
    for (size_t done = 0; done < len;) {
        ssize_t got = pread((int)file->handle, (char *)buf + done, len - done, (off_t)(at + done));

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

void host_close(struct host_file *file)
{
    if (file->handle >= 0)
        close((int)file->handle);
    file->handle = -1;
}

bool host_is_terminal(FILE *out) { return isatty(fileno(out)); }

bool host_has_colors(FILE *out)
{
    const char *term = getenv("TERM");

    return host_is_terminal(out) && term && *term && strcmp(term, "dumb") != 0;
}

static void *count_seconds(void *argument)
{
    void (**tick)(unsigned) = argument;

    for (unsigned seconds = 1;; seconds++) {
        sleep(1);
        (*tick)(seconds);
    }
    return NULL;
}

/* Signals are the first thread's. */
void host_each_second(void (*tick)(unsigned seconds))
{
    static void (*kept)(unsigned);
    sigset_t      all, before;
    pthread_t     thread;

    kept = tick;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_create(&thread, NULL, count_seconds, &kept);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void host_pause(void) { sched_yield(); }

FILE *host_open_text(const char *path) { return fopen(path, "rb"); }
FILE *host_create(const char *path) { return fopen(path, "wbx"); }

/* The first line of a file below /sys/block/NAME, without what surrounds it; "". */
static void read_line(const char *name, const char *leaf, char *out, size_t size)
{
    char   path[512];
    size_t len = 0;
    FILE  *f;

    snprintf(path, sizeof path, "/sys/block/%.255s/%s", name, leaf);
    f = fopen(path, "r");
    if (f && fgets(out, (int)size, f))
        len = strcspn(out, "\n");
    if (f)
        fclose(f);
    while (len > 0 && out[len - 1] == ' ')
        len--;
    out[len] = 0;
}

/* What holds sectors of a disk: not the kernel's own (loop, ram, mapped ones), no empty drive. */
static int is_drive(const struct dirent *entry)
{
    static const char *const own[] = { ".", "loop", "ram", "zram", "dm-", "md", "nbd", "fd" };
    char                     size[32];

    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (strncmp(entry->d_name, own[i], strlen(own[i])) == 0)
            return 0;
    read_line(entry->d_name, "size", size, sizeof size);
    return size[0] && strcmp(size, "0") != 0;
}

size_t host_each_drive(void (*each)(const struct host_drive *drive))
{
    struct dirent **names;
    int             count = scandir("/sys/block", &names, is_drive, versionsort);

    for (int i = 0; i < count; i++) {
        char path[512], model[128], size[32];

        snprintf(path, sizeof path, "/dev/%.255s", names[i]->d_name);
        for (char *c = path; *c; c++)  /* as the kernel writes a slash in a name */
            *c = *c == '!' ? '/' : *c;
        read_line(names[i]->d_name, "device/model", model, sizeof model);
        read_line(names[i]->d_name, "size", size, sizeof size);  /* always in 512 bytes */
        each(&(struct host_drive){ path, model, strtoull(size, NULL, 10) * 512 });
        free(names[i]);
    }
    if (count >= 0)
        free(names);
    return count < 0 ? 0 : (size_t)count;
}
