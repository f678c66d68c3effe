/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stick.h - where ldmboot came from, for the fuzzer to damage: a boot partition with what an administrator may have put on it
 * for a Windows whose loader is lost (common/decide/alone.h).
 *
 * One byte of the input says what is there, STICK_* below. A change is CHANGE_STICK, then as in changes.h: n is a sector;
 * without bytes it cannot be read.
 */
#ifndef LDMBOOT_TESTS_STICK_H
#define LDMBOOT_TESTS_STICK_H

#include "scenes.h"

#include "common/decide/alone.h"

#define CHANGE_STICK   255u   /* in place of a place */
#define STICK_PLACES   160u   /* sectors that hold more than the inside of a loader */
#define STICK_FILES    4
#define NTDETECT_BYTES 600u

enum {
    STICK_NTLDR_FILES = 1, STICK_BOOTINI_FILE = 2, STICK_BOOTMGR_FILE = 4, STICK_STORE_FILE = 8, STICK_KINDS = 16,
    STICK_THERE = 16, STICK_LOST = 32 /* of the volumes: their loaders */, STICK_LITTLE_ROOM = 64, STICK_FOUND_STORE = 128
};

/* Small files first: what is damaged is what is decided by. */
static size_t list_stick(unsigned what, struct span loader, struct span store, struct fatimage_file *out)
{
    static const char bootini[] = "[boot loader]\r\ntimeout=3\r\ndefault=multi(0)disk(0)rdisk(0)partition(1)\\WINDOWS\r\n";
    size_t            count = 0;

    if (what & STICK_BOOTINI_FILE)
        out[count++] = (struct fatimage_file){ STICK_BOOTINI, bootini, sizeof bootini - 1 };
    if (what & STICK_NTLDR_FILES) {
        out[count++] = (struct fatimage_file){ STICK_NTDETECT, loader.data, NTDETECT_BYTES };
        out[count++] = (struct fatimage_file){ STICK_NTLDR, loader.data, loader.len };
    }
    if (what & STICK_STORE_FILE)
        out[count++] = (struct fatimage_file){ STICK_STORE, store.data, store.len };
    if (what & STICK_BOOTMGR_FILE)
        out[count++] = (struct fatimage_file){ STICK_BOOTMGR, loader.data, loader.len };
    if (count == 0)
        out[count++] = (struct fatimage_file){ "\\ldmboot.cfg", bootini, 1 };
    return count;
}

static struct base *make_stick(unsigned what)
{
    static uint8_t       memory[1 << 17];
    struct arena         a = arena_of(memory, sizeof memory);
    struct fatimage_file files[STICK_FILES + 1];
    size_t               count = list_stick(what, some_loader(), store_of_dead_disk(&a), files), bytes;
    struct base         *stick = calloc(1, sizeof *stick);

    require(stick && fatimage_size(files, count, &bytes) == STATUS_OK);
    stick->image.disk = memdisk_new("stick", SECTOR_BYTES, bytes / SECTOR_BYTES);
    require(fatimage_build(files, count, 1, memdisk_at(stick->image.disk, 0), bytes) == STATUS_OK);
    return stick;
}

/* The stick with these files, undamaged; NULL: there is none. */
static struct base *stick_of(unsigned what)
{
    static struct base *sticks[STICK_KINDS];
    struct base       **stick = &sticks[what % STICK_KINDS];

    if (!(what & STICK_THERE))
        return NULL;
    if (!*stick)
        *stick = make_stick(what);
    return *stick;
}

static struct span change_stick(struct base *stick, struct span in)
{
    struct span head = take(&in, 6), bytes;
    uint32_t    sector = rd_le16(head, 1) % STICK_PLACES, offset = rd_le16(head, 3) % SECTOR_BYTES, len = rd_u8(head, 5);

    bytes = take(&in, len < SECTOR_BYTES - offset ? len : SECTOR_BYTES - offset);
    if (!stick)
        return in;
    if (bytes.len)
        put_bytes(stick, sector, offset, bytes);
    else if (stick->image.disk->fault_count < 8)
        memdisk_fail(stick->image.disk, sector, 1, STATUS_READ_FAILED);
    return in;
}

/* As the boot program opens it; NULL: it cannot be read. */
static struct fs_volume *open_stick(struct base *stick, struct arena *a)
{
    struct fs_volume *fs = stick ? arena_alloc(a, sizeof *fs) : NULL;
    uint8_t           sector[SECTOR_BYTES];

    if (!fs || blk_read(&stick->image.disk->dev, 0, 1, sector) != STATUS_OK)
        return NULL;
    return fs_open(&stick->image.disk->dev, sector, a, fs) == STATUS_OK ? fs : NULL;
}

#endif
