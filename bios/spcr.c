/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spcr.c - see spcr.h. */
#include "spcr.h"

#include <stdbool.h>
#include <stddef.h>

#include "common/base/mem.h"
#include "common/base/span.h"

#define EBDA_SEGMENT   0x40eu
#define EBDA_SEARCHED  1024u
#define BIOS_AREA      0xe0000u
#define BIOS_AREA_END  0x100000u
#define RSDP_STEP      16u
#define RSDP_BYTES     20u
#define RSDP_RSDT      16u
#define HEADER_BYTES   36u
#define HEADER_LENGTH  4u
#define TABLE_MAX      4096u  /* neither has ever been longer */
#define SPCR_TYPE      36u    /* 0: 16550, 1: the same with the old DBGP type */
#define SPCR_SPACE     40u    /* generic address: 1 is I/O space */
#define SPCR_ADDRESS   44u
#define SPCR_MIN_BYTES 52u
#define IO_SPACE       1u

typedef const uint8_t *reader(uint32_t address, uint32_t bytes);

static bool sums_to_zero(const uint8_t *bytes, uint32_t len)
{
    uint8_t sum = 0;

    for (uint32_t i = 0; i < len; i++)
        sum = (uint8_t)(sum + bytes[i]);
    return sum == 0;
}

static uint32_t rsdt_named_in(reader *at, uint32_t start, uint32_t end)
{
    for (; end - start >= RSDP_BYTES && start < end; start += RSDP_STEP) {
        const uint8_t *p = at(start, RSDP_BYTES);

        if (p && memcmp(p, "RSD PTR ", 8) == 0 && sums_to_zero(p, RSDP_BYTES))
            return rd_le32(span_of(p, RSDP_BYTES), RSDP_RSDT);
    }
    return 0;
}

/* A whole table with a right sum; empty when there is none of this name. */
static struct span table_at(reader *at, uint32_t address, const char *name)
{
    const uint8_t *p = address ? at(address, HEADER_BYTES) : NULL;
    uint32_t       len;

    if (!p || memcmp(p, name, 4) != 0)
        return span_of(p, 0);
    len = rd_le32(span_of(p, HEADER_BYTES), HEADER_LENGTH);
    p = len >= HEADER_BYTES && len <= TABLE_MAX ? at(address, len) : NULL;
    return span_of(p, p && sums_to_zero(p, len) ? len : 0);
}

uint16_t spcr_port(const uint8_t *(*at)(uint32_t address, uint32_t bytes))
{
    const uint8_t *ebda = at(EBDA_SEGMENT, 2);
    uint32_t       start = ebda ? (uint32_t)rd_le16(span_of(ebda, 2), 0) << 4 : 0;
    uint32_t       rsdt = start ? rsdt_named_in(at, start, start + EBDA_SEARCHED) : 0;
    struct span    tables;

    if (!rsdt)
        rsdt = rsdt_named_in(at, BIOS_AREA, BIOS_AREA_END);
    tables = table_at(at, rsdt, "RSDT");
    for (size_t i = HEADER_BYTES; i + 4 <= tables.len; i += 4) {
        struct span spcr = table_at(at, rd_le32(tables, i), "SPCR");
        uint64_t    port;

        if (spcr.len < SPCR_MIN_BYTES || spcr.data[SPCR_TYPE] > 1 || spcr.data[SPCR_SPACE] != IO_SPACE)
            continue;
        port = rd_le64(spcr, SPCR_ADDRESS);
        if (port > 0 && port <= 0xfff8)
            return (uint16_t)port;
    }
    return 0;
}
