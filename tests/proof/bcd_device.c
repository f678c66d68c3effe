/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bcd_device.c - the device element of a boot store's entry, read and written.
 *
 * Sources: common/windows/bcd.c common/windows/hive.c common/windows/hive_write.c common/base/guid.c common/base/ascii.c common/base/utf.c
 * Assumes: an element of 0 to 4 MiB (UEFI_STORE_MAX: a whole store), any bytes.
 */
#include "text.h"

#include "common/windows/bcd.h"

#define ELEMENT_MAX ((size_t)4 << 20)

static uint8_t region[SLACK * ELEMENT_MAX], out[BCD_DEVICE_BYTES];

int main(void)
{
    struct bcd_device device = bcd_device_decode(any_span(region, ELEMENT_MAX)), other = bcd_device_decode(any_span(region, ELEMENT_MAX));

    bcd_device_encode(&device, out);
    return bcd_same_partition(&device, &other);
}
