/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fatimage.c - a FAT volume in memory: boot sector, two FATs, root directory,
 * then one cluster for each directory and a run of clusters for each file. FAT32's
 * root directory is its first cluster, and what follows the last file is not in memory.
 */
#include "fatimage.h"

#include <stdbool.h>

#include "common/base/mem.h"
#include "common/fs/bpb.h"

#define CLUSTER_BYTES    4096u
#define RESERVED_SECTORS 1u
#define FAT32_RESERVED   32u  /* as Windows formats it: FSInfo in sector 1, copies of both from 6 on */
#define FAT32_FSINFO     1u
#define FAT32_BACKUP     6u
#define FAT_COPIES       2u
#define ENTRY_BYTES      32u
#define ROOT_ENTRIES     512u
#define ROOT_BYTES       (ROOT_ENTRIES * ENTRY_BYTES)
#define FIRST_CLUSTER    2u

/*
 * The number of clusters alone decides which kind of FAT it is: below 4085 it is
 * FAT12, below 65525 FAT16. Some drivers are off by a few, so the specification
 * asks to stay 16 away from the borders.
 */
#define FAT12_MAX_CLUSTERS 4068u
#define FAT16_MIN_CLUSTERS 4101u
#define FAT16_MAX_CLUSTERS 65508u
#define FAT32_MIN_CLUSTERS 65541u
#define FAT32_MAX_CLUSTERS (1u << 24)  /* 64 GiB: more than anybody asks of it */

#define MEDIA_FIXED    0xf8
#define ATTR_DIRECTORY 0x10
#define ATTR_ARCHIVE   0x20
#define ATTR_LONG_NAME 0x0f
#define FIXED_DATE     0x0021  /* 1 January 1980: the first that FAT has */

#define MAX_NAME        39u  /* three long-name entries */
#define UNITS_PER_ENTRY 13u
#define SHORT_NAME      11u  /* 8 and 3, padded with spaces, no dot */

/* Files and directories all in one directory, long names all: they fit one cluster, with "." and "..". */
_Static_assert((FATIMAGE_MAX_FILES + FATIMAGE_MAX_DIRS - 1) * 4 + 2 <= CLUSTER_BYTES / ENTRY_BYTES,
               "a directory may overflow its cluster");

struct directory {
    const char *path;      /* the first `path_len` characters; the root's is empty */
    size_t      path_len;
    uint32_t    cluster;   /* 0: the root */
    uint32_t    entries;   /* used so far */
    uint32_t    aliases;   /* short names made up so far */
};

struct volume {
    struct directory dirs[FATIMAGE_MAX_DIRS];  /* [0] is the root; parents before their children */
    size_t           dir_count;
    uint32_t         sector_bytes;
    uint32_t         clusters;
    unsigned         fat_bits;  /* 12, 16, 32 */
    uint32_t         reserved, fat_sectors, data_sector, total_sectors;
    uint8_t         *image;
    uint32_t         next_cluster;
};

/* ---------------------------------------------------------------- names and paths */

static bool is_separator(char c)
{
    return c == '\\' || c == '/';
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool is_one_of(char c, const char *set)
{
    for (; *set; set++)
        if (*set == c)
            return true;
    return false;
}

/* '~' is left out, so that a made-up alias never is the name of another file. */
static bool is_short_char(char c)
{
    c = upper(c);
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || is_one_of(c, "$%'-_@!(){}^#&");
}

static bool same_path(const char *a, size_t a_len, const char *b, size_t b_len)
{
    if (a_len != b_len)
        return false;
    for (size_t i = 0; i < a_len; i++)
        if (upper(a[i]) != upper(b[i]) && !(is_separator(a[i]) && is_separator(b[i])))
            return false;
    return true;
}

/* A name that FAT can hold, short or long, and this builder has room for. */
static bool name_is_valid(const char *name, size_t len)
{
    if (len == 0 || len > MAX_NAME || name[len - 1] == '.' || name[len - 1] == ' ')
        return false;
    for (size_t i = 0; i < len; i++)
        if (name[i] < 0x20 || name[i] > 0x7e || is_one_of(name[i], "<>:\"/\\|?*"))
            return false;
    return true;
}

/* Where the last name of a path begins. */
static size_t last_name(const char *path, size_t len)
{
    while (len > 0 && !is_separator(path[len - 1]))
        len--;
    return len;
}

/* The directory that holds what `path` names; it is in the table. */
static struct directory *parent_of(struct volume *v, const char *path, size_t len)
{
    size_t name = last_name(path, len), parent_len = name ? name - 1 : 0;

    for (size_t i = v->dir_count; i-- > 1;)
        if (same_path(v->dirs[i].path, v->dirs[i].path_len, path, parent_len))
            return &v->dirs[i];
    return &v->dirs[0];
}

static enum status add_directory(struct volume *v, const char *path, size_t len)
{
    for (size_t i = 0; i < v->dir_count; i++)
        if (same_path(v->dirs[i].path, v->dirs[i].path_len, path, len))
            return STATUS_OK;
    if (v->dir_count == FATIMAGE_MAX_DIRS)
        return STATUS_FATIMAGE_TOO_LARGE;
    v->dirs[v->dir_count++] = (struct directory){ .path = path, .path_len = len };
    return STATUS_OK;
}

/* Check every name of a file's path and note the directories on the way. */
static enum status add_directories_of(struct volume *v, const char *path)
{
    size_t len = strlen(path), start = 1;

    if (len == 0 || !is_separator(path[0]))
        return STATUS_FATIMAGE_BAD_PATH;
    for (size_t i = 1; i <= len; i++) {
        if (i < len && !is_separator(path[i]))
            continue;
        if (!name_is_valid(path + start, i - start))
            return STATUS_FATIMAGE_BAD_PATH;
        if (i < len)
            TRY(add_directory(v, path, i));
        start = i + 1;
    }
    return STATUS_OK;
}

/* No name may stand for two things. */
static bool path_is_taken(const struct volume *v, const struct fatimage_file *files, size_t index)
{
    const char *path = files[index].path;

    for (size_t i = 0; i < index; i++)
        if (same_path(files[i].path, strlen(files[i].path), path, strlen(path)))
            return true;
    for (size_t i = 0; i < v->dir_count; i++)
        if (same_path(v->dirs[i].path, v->dirs[i].path_len, path, strlen(path)))
            return true;
    return false;
}

/* ---------------------------------------------------------------- layout */

static size_t clusters_of(size_t bytes)
{
    return bytes / CLUSTER_BYTES + (bytes % CLUSTER_BYTES != 0);
}

static uint32_t fat_sectors(const struct volume *v)
{
    uint32_t entries = v->clusters + FIRST_CLUSTER;
    uint32_t bytes = v->fat_bits == 12 ? (entries * 3 + 1) / 2 : entries * (v->fat_bits / 8);

    return (bytes + v->sector_bytes - 1) / v->sector_bytes;
}

static uint32_t cluster_sectors(const struct volume *v)
{
    return CLUSTER_BYTES / v->sector_bytes;
}

/* The root directory of FAT12 and FAT16 stands before the clusters; FAT32's is one of them. */
static uint32_t root_sectors(const struct volume *v)
{
    return v->fat_bits == 32 ? 0 : ROOT_BYTES / v->sector_bytes;
}

/* What the number of clusters and the kind of FAT lead to. */
static void place_parts(struct volume *v)
{
    v->fat_sectors = fat_sectors(v);
    v->data_sector = v->reserved + FAT_COPIES * v->fat_sectors + root_sectors(v);
    v->total_sectors = v->data_sector + v->clusters * cluster_sectors(v);
}

/* Directories of all files, and clusters for all that is there, `clusters` being those that stay free. */
static enum status count_clusters(const struct fatimage_file *files, size_t count, uint32_t max, struct volume *v)
{
    if (count > FATIMAGE_MAX_FILES)
        return STATUS_FATIMAGE_TOO_LARGE;
    for (size_t i = 0; i < count; i++)
        TRY(add_directories_of(v, files[i].path));

    v->clusters += (uint32_t)(v->dir_count - 1);
    for (size_t i = 0; i < count; i++) {
        if (path_is_taken(v, files, i))
            return STATUS_FATIMAGE_BAD_PATH;
        if (clusters_of(files[i].size) > max - v->clusters)
            return STATUS_FATIMAGE_TOO_LARGE;
        v->clusters += (uint32_t)clusters_of(files[i].size);
    }
    return STATUS_OK;
}

static enum status lay_out(const struct fatimage_file *files, size_t count, struct volume *v)
{
    *v = (struct volume){ .dir_count = 1, .dirs = { { .path = "" } }, .next_cluster = FIRST_CLUSTER,
                          .sector_bytes = FATIMAGE_SECTOR_BYTES, .reserved = RESERVED_SECTORS,
                          .clusters = FATIMAGE_SLACK_BYTES / CLUSTER_BYTES };
    TRY(count_clusters(files, count, FAT16_MAX_CLUSTERS, v));
    v->fat_bits = v->clusters > FAT12_MAX_CLUSTERS ? 16 : 12;
    if (v->fat_bits == 16 && v->clusters < FAT16_MIN_CLUSTERS)
        v->clusters = FAT16_MIN_CLUSTERS;
    place_parts(v);
    return STATUS_OK;
}

enum status fatimage_size(const struct fatimage_file *files, size_t count, size_t *bytes)
{
    struct volume v;

    TRY(lay_out(files, count, &v));
    *bytes = (size_t)v.total_sectors * FATIMAGE_SECTOR_BYTES;
    return STATUS_OK;
}

/* ---------------------------------------------------------------- writing */

/* Drive number, serial number, label, kind: behind the rest of the BPB, which is longer on FAT32. */
static void write_names(uint8_t *s, unsigned fat_bits, uint32_t serial)
{
    s[0] = 0x80;
    s[BPB_FAT_EXTENDED - BPB_DRIVE] = 0x29;
    wr_le32(s + BPB_FAT_SERIAL - BPB_DRIVE, serial);
    memcpy(s + BPB_FAT_LABEL - BPB_DRIVE, "NO NAME    ", 11);
    memcpy(s + BPB_FAT_KIND - BPB_DRIVE, fat_bits == 32 ? "FAT32   " : fat_bits == 16 ? "FAT16   " : "FAT12   ", 8);
}

static void write_fat16_fields(const struct volume *v, uint8_t *s)
{
    bool small = v->total_sectors < 0x10000;

    wr_le16(s + BPB_ROOT_ENTRIES, ROOT_ENTRIES);
    wr_le16(s + BPB_SECTORS_16, (uint16_t)(small ? v->total_sectors : 0));
    wr_le16(s + BPB_FAT_SECTORS_16, (uint16_t)v->fat_sectors);
    wr_le32(s + BPB_SECTORS_32, small ? 0 : v->total_sectors);
}

static void write_fat32_fields(const struct volume *v, uint8_t *s)
{
    s[BPB_JUMP + 1] = 0x58;
    wr_le32(s + BPB_SECTORS_32, v->total_sectors);
    wr_le32(s + BPB_FAT32_FAT_SECTORS, v->fat_sectors);
    wr_le32(s + BPB_FAT32_ROOT_CLUSTER, FIRST_CLUSTER);
    wr_le16(s + BPB_FAT32_FSINFO, FAT32_FSINFO);
    wr_le16(s + BPB_FAT32_BACKUP, FAT32_BACKUP);
}

/* How many clusters are free, and where; the boot sector and this one once more behind them. */
static void write_fsinfo(const struct volume *v)
{
    uint8_t *s = v->image + FAT32_FSINFO * (size_t)v->sector_bytes;

    memcpy(s, "RRaA", 4);
    memcpy(s + 0x1e4, "rrAa", 4);
    wr_le32(s + 0x1e8, v->clusters + FIRST_CLUSTER - v->next_cluster);
    wr_le32(s + 0x1ec, v->next_cluster);
    wr_le32(s + 0x1fc, 0xaa550000u);
    memcpy(v->image + FAT32_BACKUP * (size_t)v->sector_bytes, v->image, 2 * (size_t)v->sector_bytes);
}

static void write_boot_sector(const struct volume *v, uint32_t serial)
{
    uint8_t *s = v->image;

    memcpy(s, "\xeb\x3c\x90" "LDMBOOT ", 11);
    wr_le16(s + BPB_SECTOR_BYTES, (uint16_t)v->sector_bytes);
    s[BPB_CLUSTER_SECTORS] = (uint8_t)cluster_sectors(v);
    wr_le16(s + BPB_RESERVED, (uint16_t)v->reserved);
    s[BPB_FATS] = FAT_COPIES;
    wr_le16(s + BPB_SECTORS_PER_TRACK, 63);
    wr_le16(s + BPB_HEADS, 255);
    s[BPB_MEDIA] = MEDIA_FIXED;
    if (v->fat_bits == 32)
        write_fat32_fields(v, s);
    else
        write_fat16_fields(v, s);
    write_names(s + (v->fat_bits == 32 ? BPB_FAT32_DRIVE : BPB_DRIVE), v->fat_bits, serial);
    s[BPB_SIGNATURE] = 0x55;
    s[BPB_SIGNATURE + 1] = 0xaa;
}

static void set_fat(const struct volume *v, uint32_t cluster, uint32_t next)
{
    for (unsigned copy = 0; copy < FAT_COPIES; copy++) {
        uint8_t *fat = v->image + (size_t)(v->reserved + copy * v->fat_sectors) * v->sector_bytes;

        if (v->fat_bits == 32) {
            wr_le32(fat + 4 * (size_t)cluster, next);
        } else if (v->fat_bits == 16) {
            wr_le16(fat + 2 * cluster, (uint16_t)next);
        } else if (cluster % 2 == 0) {
            fat[cluster * 3 / 2] = (uint8_t)next;
            fat[cluster * 3 / 2 + 1] = (uint8_t)((fat[cluster * 3 / 2 + 1] & 0xf0) | (next >> 8 & 0x0f));
        } else {
            fat[cluster * 3 / 2] = (uint8_t)((fat[cluster * 3 / 2] & 0x0f) | (next << 4 & 0xf0));
            fat[cluster * 3 / 2 + 1] = (uint8_t)(next >> 4);
        }
    }
}

/* All bits of an entry; FAT32 has 28, FAT12's other ones are cut off. */
static uint32_t last_of_chain(const struct volume *v)
{
    return v->fat_bits == 32 ? 0x0fffffffu : 0xffff;
}

/* A chain of clusters that follow one another; 0 for none. */
static uint32_t take_clusters(struct volume *v, uint32_t count)
{
    uint32_t first = v->next_cluster;

    for (uint32_t i = 0; i < count; i++)
        set_fat(v, first + i, i + 1 < count ? first + i + 1 : last_of_chain(v));
    v->next_cluster += count;
    return count ? first : 0;
}

static uint8_t *cluster_bytes(const struct volume *v, uint32_t cluster)
{
    uint8_t *data = v->image + (size_t)v->data_sector * v->sector_bytes;

    return data + (size_t)(cluster - FIRST_CLUSTER) * CLUSTER_BYTES;
}

static uint8_t *new_entry(const struct volume *v, struct directory *dir)
{
    uint8_t *entries = dir->cluster ? cluster_bytes(v, dir->cluster)
                                    : v->image + (size_t)(v->data_sector - root_sectors(v)) * v->sector_bytes;

    return entries + ENTRY_BYTES * dir->entries++;
}

/* A name and extension of short characters only: its directory form, and true. */
static bool short_name(const char *name, size_t len, uint8_t out[SHORT_NAME])
{
    size_t at = 0, limit = 8;

    memset(out, ' ', SHORT_NAME);
    for (size_t i = 0; i < len; i++) {
        if (name[i] == '.' && limit == 8 && i > 0) {
            at = 8;
            limit = SHORT_NAME;
        } else if (at == limit || !is_short_char(name[i])) {
            return false;
        } else {
            out[at++] = (uint8_t)upper(name[i]);
        }
    }
    return true;
}

/* Copy up to `max` characters that a short name may have; others become '_', dots and spaces go. */
static size_t copy_short_chars(const char *name, size_t len, uint8_t *out, size_t max)
{
    size_t n = 0;

    for (size_t i = 0; i < len && n < max; i++)
        if (name[i] != '.' && name[i] != ' ')
            out[n++] = (uint8_t)(is_short_char(name[i]) ? upper(name[i]) : '_');
    return n;
}

/* "LONGNA~1.EXT" for the `number`th long name (below 100) of a directory. */
static void make_alias(const char *name, size_t len, uint32_t number, uint8_t out[SHORT_NAME])
{
    size_t dot = len, n;

    while (dot > 0 && name[dot - 1] != '.')
        dot--;
    memset(out, ' ', SHORT_NAME);
    n = copy_short_chars(name, dot > 1 ? dot - 1 : len, out, number < 10 ? 6 : 5);
    out[n++] = '~';
    if (number >= 10)
        out[n++] = (uint8_t)('0' + number / 10);
    out[n] = (uint8_t)('0' + number % 10);
    if (dot > 1)
        copy_short_chars(name + dot, len - dot, out + 8, 3);
}

static uint8_t alias_checksum(const uint8_t alias[SHORT_NAME])
{
    uint8_t sum = 0;

    for (size_t i = 0; i < SHORT_NAME; i++)
        sum = (uint8_t)((sum << 7 | sum >> 1) + alias[i]);
    return sum;
}

/* One of the entries that hold a long name: characters `part` * 13 and on, a NUL, then FFFF. */
static void write_long_entry(uint8_t *entry, const char *name, size_t len, unsigned part, uint8_t checksum)
{
    static const uint8_t place[UNITS_PER_ENTRY] = { 1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30 };
    bool                 last = (part + 1) * UNITS_PER_ENTRY >= len;

    entry[0] = (uint8_t)((part + 1) | (last ? 0x40 : 0));
    entry[11] = ATTR_LONG_NAME;
    entry[13] = checksum;
    for (size_t i = 0; i < UNITS_PER_ENTRY; i++) {
        size_t at = part * UNITS_PER_ENTRY + i;

        wr_le16(entry + place[i], at < len ? (uint8_t)name[at] : at == len ? 0 : 0xffff);
    }
}

static void write_short_entry(uint8_t *entry, const uint8_t name[SHORT_NAME], uint8_t attributes, uint32_t cluster,
                              uint32_t size)
{
    memcpy(entry, name, SHORT_NAME);
    entry[11] = attributes;
    wr_le16(entry + 16, FIXED_DATE);  /* made, read, written */
    wr_le16(entry + 18, FIXED_DATE);
    wr_le16(entry + 20, (uint16_t)(cluster >> 16));
    wr_le16(entry + 24, FIXED_DATE);
    wr_le16(entry + 26, (uint16_t)cluster);
    wr_le32(entry + 28, size);
}

/* Enter the last name of `path` into the directory it lies in. */
static void add_entry(struct volume *v, const char *path, size_t path_len, uint8_t attributes, uint32_t cluster,
                      uint32_t size)
{
    struct directory *dir = parent_of(v, path, path_len);
    const char       *name = path + last_name(path, path_len);
    size_t            len = path_len - last_name(path, path_len);
    uint8_t           alias[SHORT_NAME];

    if (!short_name(name, len, alias)) {
        unsigned parts = (unsigned)((len + UNITS_PER_ENTRY - 1) / UNITS_PER_ENTRY);

        make_alias(name, len, ++dir->aliases, alias);
        while (parts-- > 0)
            write_long_entry(new_entry(v, dir), name, len, parts, alias_checksum(alias));
    }
    write_short_entry(new_entry(v, dir), alias, attributes, cluster, size);
}

static void write_directory(struct volume *v, struct directory *dir)
{
    struct directory *parent = parent_of(v, dir->path, dir->path_len);

    dir->cluster = take_clusters(v, 1);
    write_short_entry(new_entry(v, dir), (const uint8_t *)".          ", ATTR_DIRECTORY, dir->cluster, 0);
    write_short_entry(new_entry(v, dir), (const uint8_t *)"..         ", ATTR_DIRECTORY,
                      parent == &v->dirs[0] ? 0 : parent->cluster, 0);
    add_entry(v, dir->path, dir->path_len, ATTR_DIRECTORY, dir->cluster, 0);
}

static void write_file(struct volume *v, const struct fatimage_file *file)
{
    uint32_t cluster = take_clusters(v, (uint32_t)clusters_of(file->size));

    if (file->size)
        memcpy(cluster_bytes(v, cluster), file->data, file->size);
    add_entry(v, file->path, strlen(file->path), ATTR_ARCHIVE, cluster, (uint32_t)file->size);
}

static void write_all(struct volume *v, const struct fatimage_file *files, size_t count, uint32_t serial)
{
    write_boot_sector(v, serial);
    set_fat(v, 0, (last_of_chain(v) & ~0xffu) | MEDIA_FIXED);
    set_fat(v, 1, last_of_chain(v));
    if (v->fat_bits == 32)
        v->dirs[0].cluster = take_clusters(v, 1);
    for (size_t i = 1; i < v->dir_count; i++)
        write_directory(v, &v->dirs[i]);
    for (size_t i = 0; i < count; i++)
        write_file(v, &files[i]);
}

enum status fatimage_build(const struct fatimage_file *files, size_t count, uint32_t serial, void *image, size_t bytes)
{
    struct volume v;

    TRY(lay_out(files, count, &v));
    if (bytes != (size_t)v.total_sectors * FATIMAGE_SECTOR_BYTES)
        return STATUS_INTERNAL;
    memset(image, 0, bytes);
    v.image = image;
    write_all(&v, files, count, serial);
    return STATUS_OK;
}

/* ---------------------------------------------------------------- FAT32, of a given size */

/* used: clusters that are not empty */
static enum status lay_out_fat32(const struct fatimage_file *files, size_t count, const struct fatimage_fat32 *shape,
                                 struct volume *v, uint32_t *used)
{
    *v = (struct volume){ .dir_count = 1, .dirs = { { .path = "" } }, .next_cluster = FIRST_CLUSTER, .fat_bits = 32,
                          .sector_bytes = shape->sector_bytes, .reserved = FAT32_RESERVED, .clusters = 1 };
    TRY(count_clusters(files, count, FAT32_MAX_CLUSTERS, v));
    *used = v->clusters;
    v->clusters = shape->total_sectors / cluster_sectors(v);
    if (v->clusters > FAT32_MAX_CLUSTERS)
        return STATUS_FATIMAGE_TOO_LARGE;
    place_parts(v);  /* FATs for a few clusters too many, which leaves the fewer ones room */
    if (v->data_sector >= shape->total_sectors)
        return STATUS_FATIMAGE_TOO_LARGE;
    v->clusters = (shape->total_sectors - v->data_sector) / cluster_sectors(v);
    v->total_sectors = shape->total_sectors;
    return v->clusters < FAT32_MIN_CLUSTERS || *used > v->clusters ? STATUS_FATIMAGE_TOO_LARGE : STATUS_OK;
}

enum status fatimage_fat32_size(const struct fatimage_file *files, size_t count, const struct fatimage_fat32 *shape,
                                size_t *bytes)
{
    struct volume v;
    uint32_t      used;

    TRY(lay_out_fat32(files, count, shape, &v, &used));
    *bytes = (size_t)v.data_sector * v.sector_bytes + (size_t)used * CLUSTER_BYTES;
    return STATUS_OK;
}

enum status fatimage_fat32_build(const struct fatimage_file *files, size_t count, const struct fatimage_fat32 *shape,
                                 void *head, size_t bytes)
{
    struct volume v;
    uint32_t      used;

    TRY(lay_out_fat32(files, count, shape, &v, &used));
    if (bytes != (size_t)v.data_sector * v.sector_bytes + (size_t)used * CLUSTER_BYTES)
        return STATUS_INTERNAL;
    memset(head, 0, bytes);
    v.image = head;
    write_all(&v, files, count, shape->serial);
    wr_le32(v.image + BPB_HIDDEN_SECTORS, shape->hidden_sectors);
    write_fsinfo(&v);
    return STATUS_OK;
}

void fatimage_set_place(void *image, uint32_t hidden_sectors, uint16_t heads, uint16_t sectors_per_track)
{
    uint8_t *boot_sector = image;

    wr_le16(boot_sector + 0x18, sectors_per_track);
    wr_le16(boot_sector + 0x1a, heads);
    wr_le32(boot_sector + 0x1c, hidden_sectors);
}
