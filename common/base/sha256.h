/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sha256.h - SHA-256 (FIPS 180-4), of up to 2^29 bytes. */
#ifndef LDMBOOT_SHA256_H
#define LDMBOOT_SHA256_H

#include "span.h"

#define SHA256_BYTES 32u
#define SHA256_BLOCK 64u

struct sha256 {
    uint32_t state[8];
    uint8_t  block[SHA256_BLOCK];
    uint64_t bytes;
};

struct sha256 sha256_begin(void);
void          sha256_add(struct sha256 *hash, struct span bytes);
void          sha256_end(struct sha256 *hash, uint8_t out[SHA256_BYTES]);

#endif
