/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * composed.h - a disk made of pieces: stretches of other devices, memory, zeros between them, and bytes laid over all
 * of it. What the plugin exports is such a disk; nothing of it is anywhere else.
 *
 * Positions and lengths are 512-byte sectors, offsets bytes.
 */
#ifndef LDMBOOT_NBDKIT_COMPOSED_H
#define LDMBOOT_NBDKIT_COMPOSED_H

#include "common/base/arena.h"
#include "common/decide/extent_device.h"
#include "common/present/vdisk.h"

#define COMPOSED_MAX_PIECES   160   /* a GPT has 128 entries */
#define COMPOSED_MAX_OVERLAYS 2048

struct piece {
    uint64_t                    start, sectors;
    struct block_device        *dev;     /* from its sector 0 on; NULL: memory */
    const uint8_t              *memory;
    const struct ldm_component *half;    /* where `dev` takes its sectors from, to find holes; or */
    const struct vdisk         *vdisk;   /* likewise */
};

struct overlay {
    uint64_t       offset;
    uint32_t       len;
    const uint8_t *bytes;
};

struct composed {
    uint32_t        block_size;
    bool            at_once;   /* of a request that cannot be read no block is tried by itself */
    uint64_t        sectors;
    struct piece   *pieces;    /* in the order of their starts */
    size_t          piece_count;
    struct overlay *overlays;  /* a later one wins */
    size_t          overlay_count;
};

/* Who is told of a block that cannot be read. */
struct bad_blocks {
    void (*found)(struct bad_blocks *self, uint64_t sector, uint64_t sectors);
};

NODISCARD enum status composed_init(struct composed *c, uint32_t block_size, bool at_once, struct arena *a);

/* Pieces are added in the order of their starts; a component's device, a virtual disk's, or bytes that stay the caller's. */
NODISCARD enum status composed_add(struct composed *c, struct piece piece);

/* Lay a copy of some bytes over what is there. */
NODISCARD enum status composed_overlay(struct composed *c, struct arena *a, uint64_t offset, const void *bytes,
                                       size_t len);

/*
 * Read sectors, whole blocks of the disk. Blocks that cannot be read are zeros in `buf` and told to `bad`.
 * Returns how many they were. at_once: requests of more than a block are whole or not read, and not told.
 */
size_t composed_read(const struct composed *c, uint64_t sector, uint32_t sectors, uint8_t *buf, struct bad_blocks *bad);

/*
 * The same when nothing is the matter, by several threads at once: it changes no state. False: some of it cannot be had
 * this way, and `buf` holds anything.
 */
bool composed_read_quickly(const struct composed *c, uint64_t sector, uint32_t sectors, uint8_t *buf);

/* Is this sector in a hole, which reads as zeros and takes no room? *run: sectors from it on that have the same answer. */
bool composed_is_hole(const struct composed *c, uint64_t sector, uint64_t *run);

#endif
