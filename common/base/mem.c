/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mem.c - memory functions for the boot programs (not linked into host tools).
 * Compiled with -fno-tree-loop-distribute-patterns, or the compiler would turn
 * each of these loops into a call of itself.
 */
#include "mem.h"

void *memcpy(void *dst, const void *src, size_t n)
{
    char       *d = dst;
    const char *s = src;

    while (n-- > 0)
        *d++ = *s++;
    return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
    char       *d = dst;
    const char *s = src;

    if (d <= s)
        return memcpy(dst, src, n);
    while (n-- > 0)
        d[n] = s[n];
    return dst;
}

void *memset(void *dst, int c, size_t n)
{
    char *d = dst;

    while (n-- > 0)
        *d++ = (char)c;
    return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *x = a, *y = b;

    for (; n > 0; n--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

size_t strlen(const char *s)
{
    size_t n = 0;

    while (s[n])
        n++;
    return n;
}

int strcmp(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return (unsigned char)*a - (unsigned char)*b;
}
