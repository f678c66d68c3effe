/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mem.h - the five memory and string functions the compiler itself may call,
 * plus strlen and strcmp. On the host the C library's own are used; in the
 * boot programs mem.c provides them.
 */
#ifndef LDMBOOT_MEM_H
#define LDMBOOT_MEM_H

#include <stddef.h>

void  *memcpy(void *dst, const void *src, size_t n);
void  *memmove(void *dst, const void *src, size_t n);
void  *memset(void *dst, int c, size_t n);
int    memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int    strcmp(const char *a, const char *b);

#endif
