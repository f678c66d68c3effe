/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fat_directory.c - look for names in a FAT directory, long ones and 8.3 ones, in one pass.
 * Facts: FAT32 File System Specification, "FAT Long Directory Entries".
 */
#include "fat_directory.h"

#include "common/base/mem.h"
#include "bytes.h"

#define MAX_BYTES         0x200000u  /* of a directory: 65,536 entries, the specification's limit */

#define ENTRY_BYTES       32u
#define ENTRY_NAME        0x00
#define ENTRY_ATTRIBUTES  0x0b
#define ENTRY_CLUSTER_HI  0x14
#define ENTRY_CLUSTER_LO  0x1a
#define ENTRY_FILE_BYTES  0x1c

#define NAME_END          0x00  /* no entry here nor behind */
#define NAME_DELETED      0xe5
#define NAME_IS_E5        0x05  /* stands for a first character E5 */
#define NAME_DOT          '.'   /* "." and "..": paths have no use for them */

#define ATTRIBUTE_VOLUME    0x08
#define ATTRIBUTE_DIRECTORY 0x10
#define ATTRIBUTE_LONG_NAME 0x0f
#define ATTRIBUTE_MASK      0x3f

/* A part of a long name: 13 UTF-16 units in three places; the last part comes first. */
#define LONG_ORDINAL      0x00
#define LONG_CHECKSUM     0x0d
#define LONG_UNITS        13u
#define LONG_LAST         0x40u
#define LONG_MAX_PARTS    20u

#define SHORT_MAIN        8u
#define SHORT_BYTES       11u

/* A long name while its parts go by. */
struct long_name {
    uint8_t  utf16[2 * LONG_UNITS * LONG_MAX_PARTS];
    size_t   parts;
    size_t   awaited;   /* ordinal of the part that must come next; 0: complete */
    uint8_t  checksum;  /* of the short name that it belongs to */
    bool     begun;
};

static void copy_units(struct span part, uint8_t *out)
{
    (void)span_copy(part, 0x01, out, 10);
    (void)span_copy(part, 0x0e, out + 10, 12);
    (void)span_copy(part, 0x1c, out + 22, 4);
}

static void add_part(struct long_name *l, struct span part)
{
    uint8_t ordinal = rd_u8(part, LONG_ORDINAL);

    if (ordinal & LONG_LAST) {
        ordinal &= (uint8_t)~LONG_LAST;
        l->begun = ordinal <= LONG_MAX_PARTS;
        l->parts = l->awaited = l->begun ? ordinal : 0;
        l->checksum = rd_u8(part, LONG_CHECKSUM);
    }
    if (!l->begun || ordinal == 0 || ordinal > LONG_MAX_PARTS || ordinal != l->awaited ||
        rd_u8(part, LONG_CHECKSUM) != l->checksum) {
        l->begun = false;
        return;
    }
    copy_units(part, l->utf16 + (size_t)(ordinal - 1) * 2 * LONG_UNITS);
    l->awaited--;
}

static uint8_t short_name_checksum(struct span entry)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < SHORT_BYTES; i++)
        sum = (uint8_t)((sum >> 1 | sum << 7) + rd_u8(entry, i));
    return sum;
}

/* The long name that belongs to a short entry; empty when there is none. */
static struct span long_name_of(const struct long_name *l, struct span entry)
{
    struct span all = span_of(l->utf16, l->parts * 2 * LONG_UNITS);
    size_t len = 0;

    if (!l->begun || l->awaited != 0 || l->checksum != short_name_checksum(entry))
        return span_of(l->utf16, 0);
    while (len < all.len && rd_le16(all, len) != 0)
        len += 2;
    return span_of(l->utf16, len);
}

/* "NTLDR      " or "README  TXT" as UTF-16, with the dot. Returns its length in bytes. */
static size_t short_name_of(struct span entry, uint8_t utf16[2 * (SHORT_BYTES + 1)])
{
    size_t units = 0, main = SHORT_MAIN, end = SHORT_BYTES;

    while (main > 0 && rd_u8(entry, main - 1) == ' ')
        main--;
    while (end > SHORT_MAIN && rd_u8(entry, end - 1) == ' ')
        end--;
    for (size_t i = 0; i < end; i++) {
        uint8_t c = rd_u8(entry, i);

        if (i >= main && i < SHORT_MAIN)
            continue;
        if (i == SHORT_MAIN)
            wr_le16(utf16 + 2 * units++, '.');
        wr_le16(utf16 + 2 * units++, i == 0 && c == NAME_IS_E5 ? NAME_DELETED : c);
    }
    return 2 * units;
}

static void match_entry(const struct fat_volume *vol, const struct long_name *l, struct span entry,
                        struct fs_lookup *names, size_t n)
{
    uint8_t utf16[2 * (SHORT_BYTES + 1)];
    struct span short_name = span_of(utf16, short_name_of(entry, utf16)), long_name = long_name_of(l, entry);
    uint32_t high = vol->bits == 32 ? rd_le16(entry, ENTRY_CLUSTER_HI) : 0u;

    for (size_t i = 0; i < n; i++) {
        bool unsure = false;  /* of no interest for equality */

        if (names[i].found || (fs_name_compare(names[i].name, short_name, &unsure) != 0 &&
                               fs_name_compare(names[i].name, long_name, &unsure) != 0))
            continue;
        names[i].found = true;
        names[i].reference = high << 16 | rd_le16(entry, ENTRY_CLUSTER_LO);
        names[i].bytes = rd_le32(entry, ENTRY_FILE_BYTES);
        names[i].is_directory = rd_u8(entry, ENTRY_ATTRIBUTES) & ATTRIBUTE_DIRECTORY;
    }
}

/* Go through a stretch of a directory. False when its last entry was met. */
static bool match_entries(const struct fat_volume *vol, struct span entries, struct long_name *l,
                          struct fs_lookup *names, size_t n)
{
    for (size_t at = 0; at < entries.len; at += ENTRY_BYTES) {
        struct span entry = span_sub(entries, at, ENTRY_BYTES);
        uint8_t first = rd_u8(entry, ENTRY_NAME), attributes = rd_u8(entry, ENTRY_ATTRIBUTES) & ATTRIBUTE_MASK;

        if (entry.len == 0 || first == NAME_END)
            return false;
        if (first != NAME_DELETED && attributes == ATTRIBUTE_LONG_NAME) {
            add_part(l, entry);
            continue;
        }
        if (first != NAME_DELETED && first != NAME_DOT && !(attributes & ATTRIBUTE_VOLUME))
            match_entry(vol, l, entry, names, n);
        l->begun = false;
    }
    return true;
}

enum status fat_search(struct fat_volume *vol, uint32_t first_cluster, struct fs_lookup *names, size_t n)
{
    struct fat_file directory = { .first_cluster = first_cluster };
    struct long_name l = { .begun = false };

    for (uint64_t off = 0; off < MAX_BYTES && !fs_all_found(names, n);) {
        uint64_t position, bytes;
        size_t step;

        TRY(fat_place(vol, &directory, off, FAT_DIRECTORY_WINDOW, &position, &bytes));
        if (bytes == 0)
            break;
        step = bytes < FAT_DIRECTORY_WINDOW ? (size_t)bytes : FAT_DIRECTORY_WINDOW;
        fat_take_window(vol);
        TRY(dev_read_bytes(vol->dev, position, vol->directory_window, step));
        if (!match_entries(vol, span_of(vol->directory_window, step), &l, names, n))
            break;
        off += step;
    }
    return STATUS_OK;
}
