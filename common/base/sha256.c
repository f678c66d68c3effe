/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sha256.c - see sha256.h. */
#include "sha256.h"

#define ROUNDS      64u
#define LENGTH_AT   (SHA256_BLOCK - 8)

static const uint32_t constants[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
    0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
    0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

/* FIPS 180-4, 6.2.2; the message schedule is kept sixteen words long. */
static void add_block(struct sha256 *hash)
{
    struct span block = span_of(hash->block, SHA256_BLOCK);
    uint32_t    w[16], s[8];

    for (size_t i = 0; i < 16; i++)
        w[i] = rd_be32(block, 4 * i);
    for (size_t i = 0; i < 8; i++)
        s[i] = hash->state[i];
    for (size_t t = 0; t < ROUNDS; t++) {
        uint32_t e = s[4], a = s[0], one, two;

        if (t >= 16) {
            uint32_t x = w[(t + 1) & 15], y = w[(t + 14) & 15];

            w[t & 15] += (rotate(x, 7) ^ rotate(x, 18) ^ x >> 3) + w[(t + 9) & 15] + (rotate(y, 17) ^ rotate(y, 19) ^ y >> 10);
        }
        one = s[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & s[5]) ^ (~e & s[6])) + constants[t] + w[t & 15];
        two = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
        for (size_t i = 7; i > 0; i--)
            s[i] = s[i - 1];
        s[4] += one;
        s[0] = one + two;
    }
    for (size_t i = 0; i < 8; i++)
        hash->state[i] += s[i];
}

struct sha256 sha256_begin(void)
{
    return (struct sha256){ .state = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab,
                                       0x5be0cd19 } };
}

void sha256_add(struct sha256 *hash, struct span bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        hash->block[hash->bytes++ & (SHA256_BLOCK - 1)] = rd_u8(bytes, i);
        if ((hash->bytes & (SHA256_BLOCK - 1)) == 0)
            add_block(hash);
    }
}

void sha256_end(struct sha256 *hash, uint8_t out[SHA256_BYTES])
{
    static const uint8_t end = 0x80, zero;
    uint64_t             bits = hash->bytes * 8;

    sha256_add(hash, span_of(&end, 1));
    while ((hash->bytes & (SHA256_BLOCK - 1)) != LENGTH_AT)
        sha256_add(hash, span_of(&zero, 1));
    for (size_t i = 0; i < 8; i++)
        hash->block[LENGTH_AT + i] = (uint8_t)(bits >> (56 - 8 * i));
    add_block(hash);
    for (size_t i = 0; i < SHA256_BYTES; i++)
        out[i] = (uint8_t)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
}
