/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_ntfs.c - libFuzzer: the NTFS reader on volumes with one of everything
 * (tests/support/ntfsbuild.h) and changed bytes (overlay.h). The first byte of
 * an input chooses cluster and record size.
 */
#include "overlay.h"
#include "tests/support/ntfsbuild.h"

#define VOLUME_BYTES (512u << 10)
#define ARENA_BYTES  (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct nb_volume shapes[] = {
    { NULL, VOLUME_BYTES, 512, 1024, 16, 18, 60 },
    { NULL, VOLUME_BYTES, 512, 4096, 16, 18, 160 },
    { NULL, VOLUME_BYTES, 4096, 1024, 4, 20, 10 },
};
#define SHAPES (sizeof shapes / sizeof shapes[0])

static void make(struct overlay *o, const struct nb_volume *shape)
{
    struct nb_volume v = *shape;

    v.bytes = calloc(1, v.size);
    nb_sample(&v);
    overlay_init(o, v.bytes, v.size);
    free(v.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const char *const paths[] = {
        "/boot.ini", "\\bootmgr", "/sparse.bin", "/listed.bin", "/outside.bin", "/Windows/winload.efi", "/none/none",
    };
    static struct overlay volumes[SHAPES];
    static uint8_t memory[ARENA_BYTES];
    struct overlay *o;

    if (len < 1)
        return 0;
    o = &volumes[data[0] % SHAPES];
    if (!o->bytes)
        make(o, &shapes[data[0] % SHAPES]);
    overlay_change(o, data + 1, len - 1, false);
    overlay_use(o, memory, sizeof memory, paths, sizeof paths / sizeof paths[0]);
    overlay_change(o, data + 1, len - 1, true);
    return 0;
}
