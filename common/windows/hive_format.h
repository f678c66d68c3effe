/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hive_format.h - where things are in a registry hive.
 *
 * Facts: see hive.h.
 *
 * A hive is a 4096-byte base block, then bins; bins hold cells; a cell begins
 * with its size (negative: in use) and is named by its offset from the end of
 * the base block. Keys ("nk") name lists of subkeys ("lf", "lh", "li", and "ri"
 * for lists of lists) and of values ("vk").
 */
#ifndef LDMBOOT_HIVE_FORMAT_H
#define LDMBOOT_HIVE_FORMAT_H

#include "common/base/span.h"

#define HIVE_BASE_BYTES    4096u
#define HIVE_BASE_CHECKED  0x1fcu       /* bytes that the checksum behind them covers */
#define HIVE_DATA_RESIDENT 0x80000000u  /* in a value's length: the data stands where its cell would be named */

enum base_offset {
    BASE_SEQUENCE1 = 4, BASE_SEQUENCE2 = 8, BASE_MAJOR = 0x14, BASE_MINOR = 0x18, BASE_FORMAT = 0x20,
    BASE_ROOT = 0x24, BASE_BIN_BYTES = 0x28, BASE_CLUSTER = 0x2c, BASE_CHECKSUM = HIVE_BASE_CHECKED
};

enum nk_offset {
    NK_FLAGS = 2, NK_PARENT = 0x10, NK_SUBKEYS = 0x14, NK_SUBKEY_LIST = 0x1c, NK_VOLATILE_LIST = 0x20,
    NK_VALUES = 0x24, NK_VALUE_LIST = 0x28, NK_SECURITY = 0x2c, NK_CLASS = 0x30, NK_MAX_NAME = 0x34,
    NK_MAX_VALUE_NAME = 0x3c, NK_MAX_DATA = 0x40, NK_NAME_BYTES = 0x48, NK_NAME = 0x4c
};

enum nk_flag { NK_ROOT = 0x04, NK_NO_DELETE = 0x08, NK_NAME_8BIT = 0x20 };

enum vk_offset { VK_NAME_BYTES = 2, VK_DATA_BYTES = 4, VK_DATA = 8, VK_TYPE = 0xc, VK_FLAGS = 0x10, VK_NAME = 0x14 };

enum vk_flag { VK_NAME_8BIT = 1 };

/* Names are compared, sorted and hashed in upper case; only ASCII is handled. */
static inline uint16_t hive_upper(uint16_t c)
{
    return c >= 'a' && c <= 'z' ? (uint16_t)(c - 'a' + 'A') : c;
}

static inline uint32_t hive_base_checksum(struct span base)
{
    uint32_t sum = 0;

    for (size_t off = 0; off < HIVE_BASE_CHECKED; off += 4)
        sum ^= rd_le32(base, off);
    if (sum == 0)
        return 1;
    return sum == 0xffffffffu ? 0xfffffffeu : sum;
}

#endif
