/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * klog_page.c - a page of the log.
 *
 * Sources: common/ldm/klog.c common/base/sort.c
 * Assumes: 512 bytes, any of them; any page number.
 */
#include "proof.h"

#include "common/ldm/decode.h"

static uint8_t sector[SECTOR_BYTES];

int main(void)
{
    struct span s = span_of(sector, sizeof sector);
    struct klog_page page;

    any_bytes(sector, sizeof sector);
    if (klog_page_decode(s, any_u32(), &page) != STATUS_OK)
        return 0;
    //@ check page.count <= KLOG_ENTRIES_PER_PAGE;
    return 1;
}
