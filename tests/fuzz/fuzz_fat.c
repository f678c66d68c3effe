/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_fat.c - libFuzzer: the FAT reader on small FAT12, FAT16 and FAT32 volumes
 * with changed bytes (overlay.h). The first byte of an input chooses which.
 */
#include "common/base/span.h"
#include "overlay.h"

#define ARENA_BYTES   (256u << 10)
#define SECTORS_12    1000u
#define SECTORS_16    5000u
#define SECTORS_32    1000u  /* FAT32 is told by its BPB, not by the number of clusters */
#define RESERVED      2u
#define FAT_SECTORS   20u
#define ROOT_ENTRIES  64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void boot_sector(uint8_t *b, unsigned bits, uint32_t sectors)
{
    memcpy(b, "\xeb\x58\x90MSDOS5.0", 11);
    wr_le16(b + 0x0b, 512);
    b[0x0d] = 1;
    wr_le16(b + 0x0e, RESERVED);
    b[0x10] = 2;
    b[0x15] = 0xf8;
    wr_le32(b + 0x20, sectors);
    if (bits == 32) {
        wr_le32(b + 0x24, FAT_SECTORS);
        wr_le32(b + 0x2c, 2);
    } else {
        wr_le16(b + 0x11, ROOT_ENTRIES);
        wr_le16(b + 0x16, FAT_SECTORS);
    }
    wr_le16(b + 0x1fe, 0xaa55);
}

static void set_fat(uint8_t *fat, unsigned bits, uint32_t cluster, uint32_t value)
{
    if (bits == 32)
        wr_le32(fat + 4 * cluster, value);
    else if (bits == 16)
        wr_le16(fat + 2 * cluster, value);
    else if (cluster & 1)
        wr_le16(fat + cluster + cluster / 2, (fat[cluster + cluster / 2] & 15) | (value & 0xfff) << 4);
    else
        wr_le16(fat + cluster + cluster / 2, (fat[cluster + cluster / 2 + 1] & 0xf0u) << 8 | (value & 0xfff));
}

static void entry(uint8_t *e, const char *name, uint8_t attributes, uint32_t cluster, uint32_t bytes)
{
    memcpy(e, name, 11);
    e[11] = attributes;
    wr_le16(e + 0x14, cluster >> 16);
    wr_le16(e + 0x1a, cluster);
    wr_le32(e + 0x1c, bytes);
}

/* "ldmboot-long.cfg" in two parts, before the entry of LDMBOO~1.CFG. */
static void long_entries(uint8_t *e)
{
    static const char name[26] = "ldmboot-long.cfg";
    static const uint8_t place[13] = { 1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30 };
    uint8_t sum = 0;

    for (const char *c = "LDMBOO~1CFG"; *c; c++)
        sum = (uint8_t)((sum >> 1 | sum << 7) + (uint8_t)*c);
    for (unsigned part = 2; part >= 1; part--, e += 32) {
        memset(e, 0xff, 32);
        e[0] = (uint8_t)(part | (part == 2 ? 0x40 : 0));
        e[11] = 0x0f;
        e[13] = sum;
        wr_le16(e + 26, 0);
        for (unsigned i = 0; i < 13 && (part - 1) * 13 + i <= 16; i++)
            wr_le16(e + place[i], (uint8_t)name[(part - 1) * 13 + i]);
    }
}

/* Root in cluster 2 (FAT32); NTLDR 3, 4, 6; directory EFI 5 with a file at 7, 9, 8. */
static void make(struct overlay *o, unsigned bits, uint32_t sectors)
{
    uint32_t last = 0x0fffffff, data = RESERVED + 2 * FAT_SECTORS + (bits == 32 ? 0 : ROOT_ENTRIES * 32 / 512);
    uint8_t *b = calloc(sectors, 512), *fat = b + RESERVED * 512;
    uint8_t *root = b + (RESERVED + 2 * FAT_SECTORS) * 512, *efi = b + (data + 5 - 2) * 512;
    const uint32_t chain[] = { 0, 0, last, 4, 6, last, last, 9, last, 8 };

    boot_sector(b, bits, sectors);
    for (uint32_t i = 2; i < 10; i++)
        set_fat(fat, bits, i, chain[i]);
    memcpy(fat + FAT_SECTORS * 512, fat, FAT_SECTORS * 512);
    entry(root, "VOLUME     ", 8, 0, 0);
    entry(root + 32, "NTLDR      ", 0x20, 3, 1400);
    entry(root + 64, "EFI        ", 0x10, 5, 0);
    long_entries(root + 96);
    entry(root + 160, "LDMBOO~1CFG", 0x20, 7, 1500);
    entry(efi, ".          ", 0x10, 5, 0);
    entry(efi + 32, "BOOT    EFI", 0x20, 7, 1500);
    overlay_init(o, b, (size_t)sectors * 512);
    free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const struct { unsigned bits; uint32_t sectors; } shapes[] = {
        { 12, SECTORS_12 }, { 16, SECTORS_16 }, { 32, SECTORS_32 },
    };
    static const char *const paths[] = {
        "/ntldr", "/efi/boot.efi", "/ldmboot-long.cfg", "/LDMBOO~1.cfg", "/efi/none", "/none/x",
    };
    static struct overlay volumes[3];
    static uint8_t memory[ARENA_BYTES];
    struct overlay *o;

    if (len < 1)
        return 0;
    o = &volumes[data[0] % 3];
    if (!o->bytes)
        make(o, shapes[data[0] % 3].bits, shapes[data[0] % 3].sectors);
    overlay_change(o, data + 1, len - 1, false);
    overlay_use(o, memory, sizeof memory, paths, sizeof paths / sizeof paths[0]);
    overlay_change(o, data + 1, len - 1, true);
    return 0;
}
