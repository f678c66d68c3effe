/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntfs_runs.c - an attribute as a stream: resident, or the runs of its clusters; where a byte of it lies.
 *
 * Sources: common/fs/ntfs_record.c common/fs/bytes.c common/disk/block.c common/base/mem.c
 * Assumes: an attribute of 0 to 4,096 bytes, any of them; clusters of 512 bytes to 2 MiB on a volume of up to 2^50
 *   sectors (ntfs_volume.c takes no others); an arena of 1 MiB. The place
 *   of a byte: among up to 64 runs of any numbers.
 * Accessors: by contract
 * Eva: -eva-precision 3
 */
#include "device.h"

#include "common/fs/ntfs_stream.c"

static uint8_t region[SLACK * NTFS_MAX_RECORD_BYTES], memory[0x100000];

int main(void)
{
    struct arena       a = arena_of(memory, sizeof memory);
    struct ntfs_volume vol = { .arena = &a, .cluster_shift = (unsigned)Frama_C_interval(9, 21),
                               .cluster_count = Frama_C_unsigned_long_long_interval(1, (uint64_t)1 << 50) };
    struct ntfs_stream stream = { 0 };
    struct ntfs_run    run[64];
    struct ntfs_runs   runs = { run, up_to(64), NULL };
    struct ntfs_stream mapped = { .first = &runs, .last = &runs };
    struct ntfs_place  place;
    struct span        record = any_span(region, NTFS_MAX_RECORD_BYTES);

    if (ntfs_stream_add(&vol, record, any_u64(), span_sub(record, any_size(), any_size()), &stream) != STATUS_OK)
        return 0;
    any_bytes(run, sizeof run);
    if (ntfs_stream_place(&vol, &mapped, any_u64(), &place) != STATUS_OK)
        return 0;
    return stream.record ? ntfs_resident(&stream).len > 0 : 1;
}
