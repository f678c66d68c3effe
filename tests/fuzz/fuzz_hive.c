/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_hive.c - registry hives from anybody: bcd_read_default(), bcd_list_names() and a walk over the keys.
 *
 * The first byte chooses: odd, the rest is the bins of a hive, behind a base block
 * that is right; even, the rest is a list of patches (u16 place, u32 value) over a
 * store of our own (its bit 1: for an MBR disk), which gets deep into the format without a corpus.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/windows/bcd.h"
#include "common/windows/hive.h"

#define MAX_NAMES 8

static void finish_base_block(uint8_t *file, uint32_t root, size_t bin_bytes)
{
    uint32_t sum = 0;

    memcpy(file, "regf", 4);
    wr_le32(file + 0x14, 1);
    wr_le32(file + 0x24, root);
    wr_le32(file + 0x28, (uint32_t)bin_bytes);
    for (size_t off = 0; off < 0x1fc; off += 4)
        sum ^= rd_le32(span_of(file, 0x1fc), off);
    wr_le32(file + 0x1fc, sum == 0 ? 1 : sum == 0xffffffffu ? 0xfffffffeu : sum);
}

static struct span bins_from(struct span input)
{
    size_t   bins = input.len >= 4 ? input.len - 4 : 0;
    uint8_t *file = calloc(1, 4096 + bins);

    assert(file);
    memcpy(file + 4096, input.data + (input.len - bins), bins);
    finish_base_block(file, rd_le32(input, 0), bins);
    return span_of(file, 4096 + bins);
}

static struct span patched_store(struct span patches, enum bcd_device_kind kind)
{
    static uint8_t    memory[65536];
    struct arena      arena = arena_of(memory, sizeof memory);
    struct bcd_device device = { .kind = kind, .disk = { { 1 } }, .partition = { { 2 } }, .signature = 3, .offset = 4 };
    struct span       store;
    uint8_t          *file;

    if (bcd_build(&device, BCD_WINLOAD_EFI, "Volume3", NULL, &arena, &store) != STATUS_OK)
        abort();
    file = malloc(store.len);
    assert(file);
    memcpy(file, store.data, store.len);
    for (size_t at = 0; span_holds(patches, at, 6); at += 6) {
        size_t place = 4096 + rd_le16(patches, at) % (store.len - 4096 - 3);

        wr_le32(file + place, rd_le32(patches, at + 2));
    }
    finish_base_block(file, 0x20, store.len - 4096);
    return span_of(file, store.len);
}

static void look_at_names(struct span file)
{
    struct bcd_name names[MAX_NAMES];
    size_t          count;
    bool            dirty;

    if (bcd_list_names(file, names, MAX_NAMES, &count, &dirty) != STATUS_OK)
        return;
    for (size_t i = 0; i < count && i < MAX_NAMES; i++) {
        assert(span_holds(file, names[i].signature_offset, 4) && span_holds(file, names[i].offset_offset, 8));
        assert(rd_le32(file, names[i].signature_offset) == names[i].signature);
        assert(rd_le64(file, names[i].offset_offset) == names[i].offset);
    }
}

/* Whatever the store is: what comes of it leads to the half. */
static void retarget(struct span file)
{
    const struct bcd_device half = { .kind = BCD_DEVICE_MBR, .signature = 0x1234abcd, .offset = 40000 * 512 };
    struct arena            a = arena_of(malloc(file.len + 64), file.len + 64);
    struct bcd_entry        entry;
    struct span             out;

    if (bcd_retarget(file, &half, BCD_WINLOAD_EFI, &a, &out) == STATUS_OK && bcd_read_default(out, &entry) == STATUS_OK)
        assert(out.len == file.len);
    free(a.base);
}

static void look(struct span file)
{
    struct hive      h;
    struct bcd_entry entry;
    hive_key         child;
    char             name[64];

    if (bcd_read_default(file, &entry) == STATUS_OK) {
        assert(memchr(entry.path, 0, sizeof entry.path) && memchr(entry.title, 0, sizeof entry.title));
        assert(span_holds(file, entry.device_offset, entry.device_bytes));
        assert(span_holds(file, entry.osdevice_offset, entry.osdevice_bytes));
    }
    look_at_names(file);
    retarget(file);
    if (hive_open(file, &h) != STATUS_OK)
        return;
    for (size_t i = 0; i < hive_subkey_count(&h, h.root); i++)
        if (hive_subkey(&h, h.root, i, &child) == STATUS_OK)
            assert(strlen(hive_key_name(&h, child, name, sizeof name)) < sizeof name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span file, rest;

    if (size == 0)
        return 0;
    rest = span_of(data + 1, size - 1);
    if (data[0] & 1)
        file = bins_from(rest);
    else
        file = patched_store(rest, data[0] & 2 ? BCD_DEVICE_MBR : BCD_DEVICE_GPT);
    look(file);
    free((void *)(uintptr_t)file.data);
    return 0;
}
