/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntfs_record.c - multi-sector records: the update sequence that shows a torn
 * write, and the attributes that follow one another in an MFT record.
 */
#include "common/base/mem.h"
#include "ntfs_internal.h"

/* FILE and INDX records begin alike. */
#define RECORD_USA_OFFSET  0x04
#define RECORD_USA_COUNT   0x06
#define RECORD_ATTRIBUTES  0x14
#define RECORD_USED_BYTES  0x18

#define ATTRIBUTE_TYPE        0x00
#define ATTRIBUTE_LENGTH      0x04
#define ATTRIBUTE_RESIDENCY   0x08
#define ATTRIBUTE_NAME_LENGTH 0x09
#define ATTRIBUTE_NAME_OFFSET 0x0a
#define ATTRIBUTE_FIRST_VCN   0x10
#define ATTRIBUTE_MIN_LENGTH  0x18u
#define ATTRIBUTE_END         0xffffffffu

/*
 * The last two bytes of every 512 were replaced by the update sequence number
 * before the record was written; the array after that number holds what was there.
 */
enum status ntfs_fix_up(uint8_t *record, size_t bytes, const char magic[4])
{
    struct span s = span_of(record, bytes);
    size_t array = rd_le16(s, RECORD_USA_OFFSET), count = rd_le16(s, RECORD_USA_COUNT);
    size_t strides = bytes >> NTFS_STRIDE_SHIFT;
    uint16_t number;

    if (!span_starts_with(s, magic, 4) || count != strides + 1)
        return STATUS_FS_DAMAGED;
    if (!range_inside(array, 2 * count, NTFS_STRIDE - 2))
        return STATUS_FS_DAMAGED;
    number = rd_le16(s, array);
    for (size_t i = 1; i <= strides; i++)
        if (rd_le16(s, i * NTFS_STRIDE - 2) != number)
            return STATUS_FS_DAMAGED;
    for (size_t i = 1; i <= strides; i++)
        memcpy(record + i * NTFS_STRIDE - 2, record + array + 2 * i, 2);
    return STATUS_OK;
}

enum status ntfs_next_attribute(struct span record, size_t *position, struct span *attribute)
{
    size_t used = rd_le32(record, RECORD_USED_BYTES), start = *position, len;

    if (start == 0)
        start = rd_le16(record, RECORD_ATTRIBUTES);
    if (used > record.len || start >= used || !span_holds(record, start, 4))
        return STATUS_FS_DAMAGED;
    if (rd_le32(record, start + ATTRIBUTE_TYPE) == ATTRIBUTE_END) {
        *attribute = span_of(record.data, 0);
        return STATUS_OK;
    }
    len = rd_le32(record, start + ATTRIBUTE_LENGTH);
    if (len < ATTRIBUTE_MIN_LENGTH || len > used - start)
        return STATUS_FS_DAMAGED;
    *attribute = span_sub(record, start, len);
    *position = start + len;
    return STATUS_OK;
}

bool ntfs_attribute_is(struct span attribute, uint32_t type, const char *name)
{
    size_t len = strlen(name);
    struct span on_disk = span_sub(attribute, rd_le16(attribute, ATTRIBUTE_NAME_OFFSET), 2 * len);

    if (rd_le32(attribute, ATTRIBUTE_TYPE) != type || rd_u8(attribute, ATTRIBUTE_NAME_LENGTH) != len)
        return false;
    if (on_disk.len != 2 * len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (rd_le16(on_disk, 2 * i) != (unsigned char)name[i])
            return false;
    return true;
}

enum status ntfs_find_attribute(struct span record, uint32_t type, const char *name, uint64_t first_vcn,
                                struct span *attribute)
{
    size_t position = 0;
    struct span a;

    for (;;) {  /* every step moves `position` on by at least ATTRIBUTE_MIN_LENGTH */
        uint64_t vcn;

        TRY(ntfs_next_attribute(record, &position, &a));
        if (a.len == 0)
            return STATUS_FILE_NOT_FOUND;
        vcn = rd_u8(a, ATTRIBUTE_RESIDENCY) ? rd_le64(a, ATTRIBUTE_FIRST_VCN) : 0;
        if (vcn == first_vcn && ntfs_attribute_is(a, type, name)) {
            *attribute = a;
            return STATUS_OK;
        }
    }
}
