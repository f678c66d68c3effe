/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shell.c - see shell.h. */
#include "shell.h"

#include <string.h>

void shell_part(FILE *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        fputc((unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i], out);
}

void shell_name(FILE *out, const char *text) { shell_part(out, text, strlen(text)); }

void shell_word(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", out);
        else
            fputc(*text, out);
    fputc('\'', out);
}
