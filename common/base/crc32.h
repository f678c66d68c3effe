/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crc32.h - the CRC-32 of GPT headers and entry arrays (UEFI specification 5.3, ANSI X3.66). */
#ifndef LDMBOOT_CRC32_H
#define LDMBOOT_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Continue a CRC over `len` more bytes; begin with crc = 0. */
uint32_t crc32_update(uint32_t crc, const void *data, size_t len);

#endif
