/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ldmdisk.c - dynamic disks built in memory; see ldmdisk.h. */
#include "ldmdisk.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/crc32.h"
#include "common/ldm/disk.h"
#include "common/base/span.h"

#define CONFIG_START  17u
#define CONFIG_BLOCKS 1481u
#define LOG_START     1498u
#define LOG_BLOCKS    224u
#define USUAL_SLOTS   5924u
#define VOLUME_HINT   "C:"

void put_be(uint8_t *p, uint64_t v, unsigned bytes)
{
    for (unsigned i = bytes; i-- > 0; v >>= 8)
        p[i] = (uint8_t)v;
}

uint64_t ldmdisk_unit(const struct ldmdisk *b) { return b->disk->dev.block_size / SECTOR_BYTES; }

uint64_t ldmdisk_vmdb_lba(const struct ldmdisk *b) { return b->private_start + CONFIG_START * ldmdisk_unit(b); }

uint64_t ldmdisk_klog_lba(const struct ldmdisk *b) { return b->private_start + LOG_START * ldmdisk_unit(b); }

void ldmdisk_init(struct ldmdisk *b, struct memdisk *disk, bool gpt)
{
    uint64_t unit = disk->dev.block_size / SECTOR_BYTES, sectors = blk_sectors(&disk->dev);

    memset(b, 0, sizeof *b);
    b->disk = disk;
    b->gpt = gpt;
    b->gpt_entries = 128;
    b->disk_guid = LDMDISK_GUID1;
    b->group_guid = "99999999-8888-7777-6666-555555555555";
    b->group_name = "Test-Dg0";
    b->private_start = gpt ? 34 * unit : sectors - LDM_REGION_BLOCKS * unit;
    b->public_start = gpt ? (34 + LDM_REGION_BLOCKS) * unit : 63 * unit;
    b->sequence = 7;
    b->vmdb_status = VMDB_CLEAN;
    b->committed = 100;
    b->slots = USUAL_SLOTS;
}

/* ---- records */

static struct ldmdisk_record *new_record(struct ldmdisk *b, int kind, uint8_t type, uint8_t flags)
{
    struct ldmdisk_record *r = &b->records[b->record_count++];

    if (b->record_count > LDMDISK_MAX_RECORDS)
        abort();
    *r = (struct ldmdisk_record){ .len = RECORD_HEAD_BYTES, .kind = kind };
    r->bytes[RECORD_FLAGS] = flags;
    r->bytes[RECORD_TYPE] = type;
    return r;
}

static void add_bytes(struct ldmdisk_record *r, const void *p, size_t len)
{
    memcpy(r->bytes + r->len, p, len);
    r->len += len;
}

static void add_be(struct ldmdisk_record *r, uint64_t v, unsigned bytes)
{
    put_be(r->bytes + r->len, v, bytes);
    r->len += bytes;
}

static void add_field_int(struct ldmdisk_record *r, uint64_t v)
{
    unsigned n = 1;

    while (n < 8 && v >> (8 * n))
        n++;
    add_be(r, n, 1);
    add_be(r, v, n);
}

static void add_field_text(struct ldmdisk_record *r, const char *s)
{
    add_be(r, strlen(s), 1);
    add_bytes(r, s, strlen(s));
}

static struct guid guid_of(const char *text)
{
    struct guid g = { { 0 } };

    if (!guid_parse(span_of(text, strlen(text)), &g))
        abort();
    return g;
}

void ldmdisk_add_volume(struct ldmdisk *b, uint64_t id, const char *name, const char *state, uint32_t flags,
                        uint64_t components, uint64_t sectors, const char *guid)
{
    struct ldmdisk_record *r = new_record(b, 0, 0x51, 0x02);
    char                   fixed_state[14] = "";
    struct guid            g = guid_of(guid);

    memcpy(fixed_state, state, strnlen(state, sizeof fixed_state));
    add_field_int(r, id);
    add_field_text(r, name);
    add_field_text(r, "gen");
    add_field_text(r, "");
    add_bytes(r, fixed_state, sizeof fixed_state);
    add_be(r, 3, 1);
    add_field_int(r, 5);
    add_be(r, flags, 4);
    add_field_int(r, components);
    add_be(r, 42, 8);
    add_be(r, 42, 8);
    add_field_int(r, sectors);
    add_be(r, 0, 4);
    add_be(r, 7, 1);
    add_bytes(r, g.bytes, sizeof g.bytes);
    add_field_text(r, VOLUME_HINT);
}

void ldmdisk_add_component(struct ldmdisk *b, uint64_t id, const char *name, const char *state, uint32_t flags,
                           uint8_t layout, uint64_t partitions, uint64_t volume_id, unsigned columns)
{
    struct ldmdisk_record *r = new_record(b, 1, 0x32, columns ? 0x10 : 0);

    add_field_int(r, id);
    add_field_text(r, name);
    add_field_text(r, state);
    add_be(r, layout, 1);
    add_be(r, flags, 4);
    add_field_int(r, partitions);
    add_be(r, 42, 8);
    add_be(r, 0, 8);
    add_field_int(r, volume_id);
    add_field_text(r, "");
    if (columns) {
        add_field_int(r, 128);
        add_field_int(r, columns);
    }
}

void ldmdisk_add_partition(struct ldmdisk *b, uint64_t id, const char *name, uint32_t flags, uint64_t start,
                           uint64_t offset, uint64_t sectors, uint64_t component_id, uint64_t disk_id, unsigned column)
{
    struct ldmdisk_record *r = new_record(b, 2, 0x33, column ? 0x08 : 0);

    add_field_int(r, id);
    add_field_text(r, name);
    add_be(r, flags, 4);
    add_be(r, 42, 8);
    add_be(r, start, 8);
    add_be(r, offset, 8);
    add_field_int(r, sectors);
    add_field_int(r, component_id);
    add_field_int(r, disk_id);
    if (column)
        add_field_int(r, column);
}

void ldmdisk_add_disk(struct ldmdisk *b, uint64_t id, const char *name, const char *guid, const char *device,
                      uint32_t flags)
{
    struct ldmdisk_record *r = new_record(b, 3, 0x34, 0);

    add_field_int(r, id);
    add_field_text(r, name);
    add_field_text(r, guid);
    add_field_text(r, device);
    add_be(r, flags, 4);
    add_be(r, 42, 8);
}

void ldmdisk_add_group(struct ldmdisk *b, uint64_t id)
{
    struct ldmdisk_record *r = new_record(b, -1, 0x35, 0);

    add_field_int(r, id);
    add_field_text(r, b->group_name);
    add_field_text(r, b->group_guid);
}

void ldmdisk_mirror(struct ldmdisk *b, struct memdisk *disk, bool gpt, unsigned self)
{
    ldmdisk_init(b, disk, gpt);
    b->disk_guid = self == 1 ? LDMDISK_GUID1 : LDMDISK_GUID2;
    ldmdisk_add_group(b, 1);
    ldmdisk_add_disk(b, 21, "Disk1", LDMDISK_GUID1, LDMDISK_DEVICE1, 0);
    ldmdisk_add_disk(b, 22, "Disk2", LDMDISK_GUID2, "", 0);
    ldmdisk_add_volume(b, 10, "Volume1", "ACTIVE", 0x11 | LDM_VOL_SYSTEM, 2, 2000, LDMDISK_VOLUME_GUID);
    ldmdisk_add_component(b, 11, "Volume1-01", "ACTIVE", 0, LAYOUT_CONCAT, 1, 10, 0);
    ldmdisk_add_partition(b, 13, "Disk1-01", 0, 100, 0, 2000, 11, 21, 0);
    ldmdisk_add_component(b, 12, "Volume1-02", "ACTIVE", 0, LAYOUT_CONCAT, 1, 10, 0);
    ldmdisk_add_partition(b, 14, "Disk2-01", 0, 700, 0, 2000, 12, 22, 0);
    ldmdisk_add_volume(b, 30, "Data", "ACTIVE", 0x11, 1, 500, "00000000-0000-0000-0000-00000000da7a");
    ldmdisk_add_component(b, 31, "Data-01", "ACTIVE", 0, LAYOUT_CONCAT, 1, 30, 0);
    ldmdisk_add_partition(b, 32, "Disk2-02", 0, 4000, 0, 500, 31, 22, 0);
}

struct ldmdisk_record *ldmdisk_find(struct ldmdisk *b, uint64_t id)
{
    for (size_t i = 0; i < b->record_count; i++) {
        struct span s = span_of(b->records[i].bytes, b->records[i].len);

        if (rd_be(s, RECORD_HEAD_BYTES + 1, rd_u8(s, RECORD_HEAD_BYTES)) == id)
            return &b->records[i];
    }
    return NULL;
}

void ldmdisk_remove(struct ldmdisk *b, uint64_t id)
{
    struct ldmdisk_record *r = ldmdisk_find(b, id);

    if (!r)
        abort();
    memmove(r, r + 1, (size_t)(b->records + b->record_count - (r + 1)) * sizeof *r);
    b->record_count--;
}

/* ---- structures */

void ldmdisk_checksum(uint8_t sector[512])
{
    uint32_t sum = 0;

    put_be(sector + 8, 0, 4);
    for (size_t i = 0; i < 512; i++)
        sum += sector[i];
    put_be(sector + 8, sum, 4);
}

void ldmdisk_make_privhead(const struct ldmdisk *b, uint8_t out[512])
{
    uint64_t unit = ldmdisk_unit(b), blocks = b->disk->dev.block_count;
    uint64_t public_end = b->gpt ? blocks - 34 : b->private_start / unit;

    memset(out, 0, 512);
    memcpy(out, PRIVHEAD_MAGIC, 8);
    put_be(out + PRIVHEAD_VERSION_MAJOR, 2, 2);
    put_be(out + PRIVHEAD_VERSION_MINOR, b->gpt ? 12 : 11, 2);
    put_be(out + PRIVHEAD_UPDATE_TIME, 0x01cd901cf2faa120, 8);
    put_be(out + PRIVHEAD_UPDATE_SEQUENCE, b->sequence, 8);
    put_be(out + PRIVHEAD_PRIMARY, LDM_PRIVHEAD_PRIMARY, 8);
    put_be(out + PRIVHEAD_SECONDARY, LDM_PRIVHEAD_SECONDARY, 8);
    strcpy((char *)out + PRIVHEAD_DISK_GUID, b->disk_guid);
    strcpy((char *)out + PRIVHEAD_HOST_GUID, "1b77da20-c717-11d0-a5be-00a0c91db73c");
    strcpy((char *)out + PRIVHEAD_GROUP_GUID, b->group_guid);
    strcpy((char *)out + PRIVHEAD_GROUP_NAME, b->group_name);
    put_be(out + PRIVHEAD_BLOCK_BYTES, b->disk->dev.block_size, 4);
    put_be(out + PRIVHEAD_PUBLIC_START, b->public_start / unit, 8);
    put_be(out + PRIVHEAD_PUBLIC_SIZE, public_end - b->public_start / unit, 8);
    put_be(out + PRIVHEAD_PRIVATE_START, b->private_start / unit, 8);
    put_be(out + PRIVHEAD_PRIVATE_SIZE, LDM_REGION_BLOCKS, 8);
    put_be(out + PRIVHEAD_TOC_PRIMARY, 1, 8);
    put_be(out + PRIVHEAD_TOC_SECONDARY, 2046, 8);
    ldmdisk_checksum(out);
}

void ldmdisk_make_tocblock(const struct ldmdisk *b, uint8_t out[512])
{
    uint8_t *config = out + TOC_REGIONS, *log = config + TOC_REGION_BYTES;

    memset(out, 0, 512);
    memcpy(out, TOC_MAGIC, 8);
    put_be(out + TOC_SEQUENCE, b->sequence, 8);
    memcpy(config, "config", 6);
    put_be(config + TOC_REGION_START, CONFIG_START, 8);
    put_be(config + TOC_REGION_SIZE, CONFIG_BLOCKS, 8);
    memcpy(log, "log", 3);
    put_be(log + TOC_REGION_START, LOG_START, 8);
    put_be(log + TOC_REGION_SIZE, LOG_BLOCKS, 8);
    ldmdisk_checksum(out);
}

void ldmdisk_make_vmdb(const struct ldmdisk *b, uint8_t out[512])
{
    int counts[4] = { b->extra_counts[0], b->extra_counts[1], b->extra_counts[2], b->extra_counts[3] };
    int following[4] = { counts[0], counts[1], counts[2], counts[3] };

    for (size_t i = 0; i < b->record_count; i++) {
        const struct ldmdisk_record *r = &b->records[i];

        if (r->kind >= 0 && r->status <= RECORD_STATUS_DELETING)
            counts[r->kind]++;
        if (r->kind >= 0 && r->status != RECORD_STATUS_DELETING)
            following[r->kind]++;
    }
    memset(out, 0, 512);
    memcpy(out, VMDB_MAGIC, 4);
    put_be(out + VMDB_SLOTS, b->slots, 4);
    put_be(out + VMDB_VBLK_BYTES, SLOT_BYTES, 4);
    put_be(out + VMDB_FIRST_VBLK, 512, 4);
    put_be(out + VMDB_UPDATE_STATUS, b->vmdb_status, 2);
    put_be(out + VMDB_VERSION_MAJOR, 4, 2);
    put_be(out + VMDB_VERSION_MINOR, 10, 2);
    strcpy((char *)out + VMDB_GROUP_NAME, b->group_name);
    strcpy((char *)out + VMDB_GROUP_GUID, b->group_guid);
    put_be(out + VMDB_COMMITTED, b->committed, 8);
    put_be(out + VMDB_PENDING, b->committed, 8);
    for (size_t i = 0; i < 4; i++)
        put_be(out + VMDB_COMMITTED_COUNTS + 4 * i, (uint64_t)counts[i], 4);
    for (size_t i = 0; i < 4; i++)
        put_be(out + VMDB_PENDING_COUNTS + 4 * i, (uint64_t)following[i], 4);
}

void ldmdisk_make_klog_page(const struct ldmdisk *b, uint32_t page, uint8_t out[512])
{
    memset(out, 0, 512);
    memcpy(out, KLOG_MAGIC, 4);
    put_be(out + KLOG_ID, 1028, 8);
    put_be(out + KLOG_SEQUENCE, 3, 4);
    put_be(out + KLOG_PAGES, 4, 4);
    put_be(out + KLOG_PAGE, page, 4);
    for (size_t i = 0; i < KLOG_ENTRIES_PER_PAGE; i++) {
        uint8_t *entry = out + KLOG_ENTRIES + i * KLOG_ENTRY_BYTES;
        size_t   n = page * KLOG_ENTRIES_PER_PAGE + i;

        if (n >= b->klog_count)
            break;
        entry[0] = b->klog[n].kind;
        put_be(entry + KLOG_ENTRY_A, b->klog[n].a, 8);
        put_be(entry + KLOG_ENTRY_B, b->klog[n].b, 8);
    }
}

/* ---- slots */

/* The n-th slot that records use: one after the other, or all over the place. */
static uint32_t nth_slot(const struct ldmdisk *b, uint32_t n)
{
    return b->scatter ? (b->first_slot + n * 769u) % (b->slots - 4) : b->first_slot + n;
}

static void write_record(const struct ldmdisk *b, const struct ldmdisk_record *r, uint32_t group, uint32_t *next_slot)
{
    unsigned fragments = (unsigned)((r->len + SLOT_BODY_BYTES - 1) / SLOT_BODY_BYTES);
    uint8_t  bytes[sizeof r->bytes + SLOT_BODY_BYTES] = { 0 };

    memcpy(bytes, r->bytes, r->len);
    put_be(bytes + RECORD_STATUS, r->status, 2);
    put_be(bytes + RECORD_LENGTH, r->len - RECORD_HEAD_BYTES, 4);
    for (unsigned i = 0; i < fragments; i++) {
        unsigned fragment = b->scatter ? fragments - 1 - i : i;  /* also the last one first */
        size_t   place = nth_slot(b, (*next_slot)++);
        uint8_t *slot = memdisk_at(b->disk, ldmdisk_vmdb_lba(b)) + 512 + place * SLOT_BYTES;

        put_be(slot + SLOT_GROUP, group, 4);
        put_be(slot + SLOT_FRAGMENT, fragment, 2);
        put_be(slot + SLOT_FRAGMENTS, fragments, 2);
        memcpy(slot + SLOT_HEAD_BYTES, bytes + (size_t)fragment * SLOT_BODY_BYTES, SLOT_BODY_BYTES);
    }
}

static void write_database(const struct ldmdisk *b)
{
    uint8_t *vmdb = memdisk_at(b->disk, ldmdisk_vmdb_lba(b));
    uint32_t next_slot = 0;

    ldmdisk_make_vmdb(b, vmdb);
    for (uint32_t i = 0; i < b->slots - 4; i++) {
        uint8_t *slot = vmdb + 512 + (size_t)i * SLOT_BYTES;

        memset(slot, 0, SLOT_BYTES);
        memcpy(slot, VBLK_MAGIC, 4);
        put_be(slot + SLOT_SEQUENCE, i + 4, 4);
    }
    for (size_t i = 0; i < b->record_count; i++)
        write_record(b, &b->records[i], (uint32_t)(1000 + i), &next_slot);
}

/* ---- tables */

static void put_mbr_entry(uint8_t *sector0, uint8_t type, uint64_t start, uint64_t blocks)
{
    uint8_t *entry = sector0 + 0x1be;

    entry[4] = type;
    wr_le32(entry + 8, (uint32_t)start);
    wr_le32(entry + 12, (uint32_t)blocks);
    sector0[0x1fe] = 0x55;
    sector0[0x1ff] = 0xaa;
}

void ldmdisk_gpt_crc(struct memdisk *disk, uint64_t header_block)
{
    uint64_t    unit = disk->dev.block_size / SECTOR_BYTES;
    uint8_t    *header = memdisk_at(disk, header_block * unit);
    struct span s = span_of(header, 512);

    wr_le32(header + 0x58, crc32_update(0, memdisk_at(disk, rd_le64(s, 0x48) * unit),
                                        (size_t)rd_le32(s, 0x50) * rd_le32(s, 0x54)));
    wr_le32(header + 0x10, 0);
    wr_le32(header + 0x10, crc32_update(0, header, rd_le32(s, 0x0c)));
}

static void put_gpt_entry(uint8_t *entry, const char *type, uint64_t first, uint64_t blocks)
{
    struct guid g = guid_of(type);

    guid_to_mixed(&g, entry);
    memset(entry + 16, 0x77, 16);
    wr_le64(entry + 32, first);
    wr_le64(entry + 40, first + blocks - 1);
}

static void write_gpt_copy(const struct ldmdisk *b, uint64_t header, uint64_t other, uint64_t array)
{
    uint64_t unit = ldmdisk_unit(b), blocks = b->disk->dev.block_count;
    uint8_t *h = memdisk_at(b->disk, header * unit), *entries = memdisk_at(b->disk, array * unit);
    uint64_t data = b->public_start / unit;

    put_gpt_entry(entries, "5808c8aa-7e8f-42e0-85d2-e1e90434cfb3", b->private_start / unit, LDM_REGION_BLOCKS);
    put_gpt_entry(entries + 256, "af9b60a0-1431-4f62-bc68-3311714a69ad", data, blocks - 34 - data);
    memcpy(h, "EFI PART\0\0\1\0", 12);
    wr_le32(h + 0x0c, 92);
    wr_le64(h + 0x18, header);
    wr_le64(h + 0x20, other);
    memset(h + 0x38, 0xd1, 16);
    wr_le64(h + 0x48, array);
    wr_le32(h + 0x50, b->gpt_entries);
    wr_le32(h + 0x54, 128);
    ldmdisk_gpt_crc(b->disk, header);
}

static void write_table(const struct ldmdisk *b)
{
    uint64_t blocks = b->disk->dev.block_count;
    uint8_t *sector0 = memdisk_at(b->disk, 0);

    if (!b->gpt) {
        put_mbr_entry(sector0, 0x42, 63, blocks - 63);
        return;
    }
    put_mbr_entry(sector0, 0xee, 1, blocks - 1);
    write_gpt_copy(b, 1, blocks - 1, 2);
    write_gpt_copy(b, blocks - 1, 1, blocks - 33);
}

void ldmdisk_write(struct ldmdisk *b)
{
    uint64_t unit = ldmdisk_unit(b), region = b->private_start;

    write_table(b);
    if (!b->gpt)
        ldmdisk_make_privhead(b, memdisk_at(b->disk, LDM_PRIVHEAD_LBA * unit));
    ldmdisk_make_privhead(b, memdisk_at(b->disk, region + LDM_PRIVHEAD_SECONDARY * unit));
    ldmdisk_make_privhead(b, memdisk_at(b->disk, region + LDM_PRIVHEAD_PRIMARY * unit));
    ldmdisk_make_tocblock(b, memdisk_at(b->disk, region + 1 * unit));
    ldmdisk_make_tocblock(b, memdisk_at(b->disk, region + 2046 * unit));
    write_database(b);
    for (uint32_t page = 0; page < 4; page++)
        ldmdisk_make_klog_page(b, page, memdisk_at(b->disk, ldmdisk_klog_lba(b) + page));
}
