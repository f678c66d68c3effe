/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * redzone.h - bytes that nobody may touch, for AddressSanitizer: it cannot see where one object of an arena ends and the
 * next one begins. Compiled without it, there is nothing of this.
 */
#ifndef LDMBOOT_REDZONE_H
#define LDMBOOT_REDZONE_H

#include <stddef.h>

#if defined(__has_feature)
#define REDZONE_BY_CLANG __has_feature(address_sanitizer)
#else
#define REDZONE_BY_CLANG 0
#endif

#if defined(__SANITIZE_ADDRESS__) || REDZONE_BY_CLANG
#define REDZONE_BYTES 32u
void __asan_poison_memory_region(const volatile void *start, size_t bytes);
void __asan_unpoison_memory_region(const volatile void *start, size_t bytes);

static inline void redzone_close(const void *start, size_t bytes) { __asan_poison_memory_region(start, bytes); }
static inline void redzone_open(const void *start, size_t bytes)  { __asan_unpoison_memory_region(start, bytes); }
/* For tests. */
int __asan_address_is_poisoned(const volatile void *address);
static inline int redzone_holds(const void *address) { return __asan_address_is_poisoned(address); }
#else
#define REDZONE_BYTES 0u
static inline void redzone_close(const void *start, size_t bytes) { (void)start; (void)bytes; }
static inline void redzone_open(const void *start, size_t bytes)  { (void)start; (void)bytes; }
static inline int  redzone_holds(const void *address)             { (void)address; return 0; }
#endif

#endif
