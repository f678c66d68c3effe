/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.h - what ldmboot-inspect needs of the system that it runs on: host_posix.c, host_windows.c.
 *
 * Texts are UTF-8 on both. What goes wrong comes as words that can stand behind "PATH: ".
 */
#ifndef LDMBOOT_INSPECT_HOST_H
#define LDMBOOT_INSPECT_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* An image file or a block device, opened for reading only. */
struct host_file {
    intptr_t handle;   /* a file descriptor, or a HANDLE of Windows; -1: not open */
    uint64_t size;     /* bytes */
    uint32_t granule;  /* what is read begins and ends at multiples of it; 1: anywhere */
    bool     device;
    bool   (*read)(const struct host_file *file, uint64_t at, void *buf, size_t len);  /* NULL: by the handle itself */
};

/* Before anything else. The arguments may become other ones, in UTF-8; output goes out byte for byte. */
void host_start(int *argc, char ***argv);

/* NULL, or why `path` is nothing that a disk can be read from. It never waits for what is at the other end of a pipe. */
const char *host_open(struct host_file *file, const char *path);
/* All `len` bytes at `at`, or false. */
bool        host_read(const struct host_file *file, uint64_t at, void *buf, size_t len);
void        host_close(struct host_file *file);

/* A file to read as a text; NULL and errno. */
FILE *host_open_text(const char *path);
/* A file that did not exist; NULL and errno: it does (it may be a disk), or cannot be made. */
FILE *host_create(const char *path);

bool host_is_terminal(FILE *out);
/* It is one, and shows colors; it is made ready for that. */
bool host_has_colors(FILE *out);

/* Call `tick` once a second from now on, from another thread, with the seconds since then; never, where that is not to be had. */
void host_each_second(void (*tick)(unsigned seconds));
/* Let another thread have its turn. */
void host_pause(void);

/* What host_each_drive() tells of a drive. */
struct host_drive {
    const char *path;   /* what host_open() takes */
    const char *model;  /* as the drive calls itself; "" */
    uint64_t    size;   /* bytes; 0: not known */
};

/* Call `each` for every whole drive of this computer, in the order of its numbers or names; how many there were. */
size_t host_each_drive(void (*each)(const struct host_drive *drive));

#endif
