/* SPDX-License-Identifier: GPL-2.0-or-later */
/* revoked.c - revoked LIST PROGRAM: does this signature list (dbx) name this program? Exit status 0: yes, 1: no. */
#include <stdio.h>

#include "common/windows/revocation.h"

static uint8_t list[1 << 20], program[16 << 20];

static struct span read_file(const char *path, uint8_t *out, size_t room)
{
    FILE  *file = fopen(path, "rb");
    size_t len = file ? fread(out, 1, room, file) : 0;

    if (file)
        fclose(file);
    return span_of(out, len);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    return !revocation_names(read_file(argv[1], list, sizeof list), read_file(argv[2], program, sizeof program));
}
