/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vblk.c - VBLK: slots, and the records of volumes, components, partitions and disks.
 *
 * Facts: docs/ldm-format.md, "VBLK".
 */
#include "decode.h"

/* Types with their revision (high four bits), as they are on disk. */
enum { TYPE_COMPONENT = 0x32, TYPE_PARTITION = 0x33, TYPE_DISK = 0x34, TYPE_DISK_GUID = 0x44, TYPE_VOLUME = 0x51 };

/* Record flags: which optional fields follow. */
enum {
    VOLUME_HAS_HINT = 0x02, VOLUME_HAS_ID1 = 0x08, VOLUME_HAS_ID2 = 0x20, VOLUME_HAS_COLUMN_SIZE = 0x80,
    COMPONENT_HAS_STRIPE = 0x10,
    PARTITION_HAS_COLUMN = 0x08,
};

#define VOLUME_STATE_BYTES 14

enum status vblk_slot_decode(struct span slot, struct vblk_slot *out)
{
    struct vblk_slot s = {
        .group = rd_be32(slot, SLOT_GROUP),
        .fragment = rd_be16(slot, SLOT_FRAGMENT),
        .fragments = rd_be16(slot, SLOT_FRAGMENTS),
        .body = span_sub(slot, SLOT_HEAD_BYTES, SLOT_BODY_BYTES),
    };

    if (slot.len != SLOT_BYTES || !span_starts_with(slot, VBLK_MAGIC, 4))
        return STATUS_VBLK_BAD;
    if (s.group == 0 || s.fragments == 0)
        s.group = 0;
    else if (s.fragments > VBLK_MAX_FRAGMENTS || s.fragment >= s.fragments)
        return STATUS_VBLK_BAD;
    *out = s;
    return STATUS_OK;
}

/* A length-prefixed field: its bytes. */
static struct span cur_field(struct cursor *c)
{
    return cur_bytes(c, (size_t)cur_be(c, 1));
}

/* A length-prefixed integer; more than 64 bits are damage. */
static uint64_t cur_field_int(struct cursor *c)
{
    struct span s = cur_field(c);

    if (s.len > 8)
        c->bad = true;
    return c->bad ? 0 : rd_be(s, 0, (unsigned)s.len);
}

/* Text in a field of fixed size: ends at the first NUL. */
static struct span until_nul(struct span s)
{
    size_t n = 0;

    while (n < s.len && rd_u8(s, n) != 0)
        n++;
    return span_sub(s, 0, n);
}

static void volume_decode(struct cursor *c, uint8_t flags, struct vblk_record *r)
{
    struct vblk_volume *v = &r->volume;
    struct span         type = cur_field(c);

    v->raid5 = type.len == 5 && span_starts_with(type, "raid5", 5);
    (void)cur_field(c);  /* drive letter policy */
    v->state = until_nul(cur_bytes(c, VOLUME_STATE_BYTES));
    cur_skip(c, 1);      /* read policy */
    (void)cur_field(c);  /* volume number */
    v->flags = (uint32_t)cur_be(c, 4);
    v->components = cur_field_int(c);
    r->changed = cur_be(c, 8);
    cur_skip(c, 8);      /* id */
    v->sectors = cur_field_int(c);
    cur_skip(c, 4);
    v->partition_type = (uint8_t)cur_be(c, 1);
    v->guid = guid_from_bytes(cur_bytes(c, 16), 0);
    if (flags & VOLUME_HAS_ID1)
        (void)cur_field(c);
    if (flags & VOLUME_HAS_ID2)
        (void)cur_field(c);
    if (flags & VOLUME_HAS_COLUMN_SIZE)
        (void)cur_field(c);
    v->hint = flags & VOLUME_HAS_HINT ? cur_field(c) : span_of(NULL, 0);
}

static void component_decode(struct cursor *c, uint8_t flags, struct vblk_record *r)
{
    struct vblk_component *p = &r->component;
    bool                   striped = flags & COMPONENT_HAS_STRIPE;

    p->state = cur_field(c);
    p->layout = (uint8_t)cur_be(c, 1);
    p->flags = (uint32_t)cur_be(c, 4);
    p->partitions = cur_field_int(c);
    r->changed = cur_be(c, 8);
    cur_skip(c, 8);      /* zero */
    p->volume_id = cur_field_int(c);
    (void)cur_field(c);  /* log */
    p->stripe_sectors = striped ? cur_field_int(c) : 0;
    p->columns = striped ? cur_field_int(c) : 0;
}

static void partition_decode(struct cursor *c, uint8_t flags, struct vblk_record *r)
{
    struct vblk_partition *p = &r->partition;

    p->flags = (uint32_t)cur_be(c, 4);
    r->changed = cur_be(c, 8);
    p->start = cur_be(c, 8);
    p->volume_offset = cur_be(c, 8);
    p->sectors = cur_field_int(c);
    p->component_id = cur_field_int(c);
    p->disk_id = cur_field_int(c);
    p->column = flags & PARTITION_HAS_COLUMN ? cur_field_int(c) : 0;
}

static void disk_decode(struct cursor *c, uint8_t type, struct vblk_record *r)
{
    struct vblk_disk *d = &r->disk;

    if (type == TYPE_DISK_GUID) {
        d->guid = guid_from_bytes(cur_bytes(c, 16), 0);
        cur_skip(c, 16);  /* disk set GUID */
    } else if (!guid_parse(cur_field(c), &d->guid)) {
        c->bad = true;
    }
    d->device_name = cur_field(c);
    d->flags = (uint32_t)cur_be(c, 4);
    r->changed = cur_be(c, 8);
}

static enum vblk_kind kind_of(uint8_t type)
{
    switch (type) {
    case TYPE_VOLUME:    return VBLK_VOLUME;
    case TYPE_COMPONENT: return VBLK_COMPONENT;
    case TYPE_PARTITION: return VBLK_PARTITION;
    case TYPE_DISK:
    case TYPE_DISK_GUID: return VBLK_DISK;
    default:             return VBLK_OTHER;
    }
}

enum status vblk_record_decode(struct span record, struct vblk_record *out)
{
    uint16_t           status = rd_be16(record, RECORD_STATUS);
    uint8_t            flags = rd_u8(record, RECORD_FLAGS), type = rd_u8(record, RECORD_TYPE);
    uint32_t           len = rd_be32(record, RECORD_LENGTH);
    struct vblk_record r = { .kind = kind_of(type),
                             .committed = status == RECORD_STATUS_ACTIVE || status == RECORD_STATUS_DELETING,
                             .following = status == RECORD_STATUS_ACTIVE || status == RECORD_STATUS_COMING,
                             .leaving = status == RECORD_STATUS_DELETING };
    struct cursor      c = cursor_of(span_sub(record, RECORD_HEAD_BYTES, len));

    if (!span_holds(record, RECORD_HEAD_BYTES, len))
        return STATUS_VBLK_BAD;
    r.id = cur_field_int(&c);
    r.name = cur_field(&c);
    switch (r.kind) {
    case VBLK_VOLUME:    volume_decode(&c, flags, &r); break;
    case VBLK_COMPONENT: component_decode(&c, flags, &r); break;
    case VBLK_PARTITION: partition_decode(&c, flags, &r); break;
    case VBLK_DISK:      disk_decode(&c, type, &r); break;
    case VBLK_OTHER:     break;
    }
    if (c.bad || (r.kind != VBLK_OTHER && r.id == 0))
        return STATUS_VBLK_BAD;
    *out = r;
    return STATUS_OK;
}
