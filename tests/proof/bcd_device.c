/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bcd_device.c - the device element of a boot store's entry, read and written.
 *
 * Sources: common/windows/bcd.c common/windows/hive.c common/windows/hive_write.c common/base/guid.c common/base/ascii.c common/base/utf.c
 * Assumes: an element of 0 to 4,096 bytes, any of them.
 */
#include "text.h"

#include "common/windows/bcd.h"

static uint8_t region[SLACK * 4096], out[BCD_DEVICE_BYTES];

int main(void)
{
    struct bcd_device device = bcd_device_decode(any_span(region, 4096)), other = bcd_device_decode(any_span(region, 4096));

    bcd_device_encode(&device, out);
    return bcd_same_partition(&device, &other);
}
