/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scenes.h - good machines for the fuzzer to damage: two or three disks of a mirror, with volumes that hold loaders, and
 * what their databases tell of it.
 *
 * What a disk's database tells beside the plain truth is six bytes of the input, its story: states, flags, transactions,
 * log entries and records that are gone, as a Windows could have written them. All zero is a healthy mirror.
 */
#ifndef LDMBOOT_TESTS_SCENES_H
#define LDMBOOT_TESTS_SCENES_H

#include "changes.h"

#include "common/present/fatimage.h"
#include "common/windows/bcd.h"
#include "common/windows/bootmgr.h"
#include "common/windows/pe.h"
#include "tests/support/ntfsbuild.h"
#include "tests/support/peprogram.h"

#define SCENE_DISKS    3
#define STORY_BYTES    6
#define VOLUME_SECTORS 3000u
#define PIECE_SECTORS  1000u   /* of a half in two pieces: the first one */
#define HALF_START     700u    /* in the public region */
#define OTHER_START    6000u
#define SIGNATURE      0x1d3b0a00u
#define OTHER_GUID     "00000000-0000-0000-0000-00000000da7a"
#define GUID3          "33333333-3333-3333-3333-333333333333"
#define GROUP2         "77777777-8888-7777-6666-555555555555"

enum shape {
    SHAPE_TWO,       /* a mirror on two disks */
    SHAPE_THREE,     /* and another volume on a third one */
    SHAPE_THREE_WAY, /* three halves */
    SHAPE_PIECES,    /* the second half in two pieces, on the second and the third disk */
    SHAPE_STRANGER,  /* the third disk is another server's */
    SHAPE_CLONE,     /* the second disk is a copy of the first one */
    SHAPE_ALONE,     /* the first disk alone */
    SHAPE_LEFT,      /* the second one was made basic */
    SHAPES
};
enum content {
    CONTENT_NTLDR, CONTENT_BOOTMGR,
    CONTENT_WINDOWS,                     /* since Vista: the loader is on another volume, its copy on this one */
    CONTENT_NTFS, CONTENT_DATA,
    CONTENT_NT_LOST, CONTENT_VISTA_LOST, /* a Windows that nothing on it starts */
    CONTENTS
};

struct scene {
    enum shape   shape;
    bool         gpt, other_loader;  /* the other volume holds a loader, too */
    enum content content;
    uint8_t      story[SCENE_DISKS][STORY_BYTES];
};

/* A disk of each kind: its volumes are made once, its metadata when another scene wants other ones. */
struct stage {
    struct base  base;
    bool         made;
    struct scene scene;  /* that the metadata is of */
};

static size_t scene_disks(const struct scene *s)
{
    static const uint8_t count[SHAPES] = { 2, 3, 3, 3, 3, 2, 1, 2 };

    return count[s->shape];
}

/* ---- volumes */

static uint8_t volumes[CONTENTS][VOLUME_SECTORS * SECTOR_BYTES];

static struct span store_of_dead_disk(struct arena *a)
{
    struct bcd_device device = { .kind = BCD_DEVICE_MBR, .signature = SIGNATURE + 9, .offset = 63 * SECTOR_BYTES };
    struct span       store;

    require(bcd_build(&device, BCD_WINLOAD_EXE, "Windows", NULL, a, &store) == STATUS_OK);
    return store;
}

/* What bootmgr_check() takes for BOOTMGR or NTLDR. */
static struct span some_loader(void)
{
    static uint8_t bytes[BOOTMGR_MIN + 700];

    for (size_t i = 0; bytes[0] == 0 && i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 251);
    bytes[0] = 0xe9;
    bytes[1] = 0xd5;
    bytes[2] = 0x01;
    return span_of(bytes, sizeof bytes);
}

/* With the loaders of one age of Windows, and those for UEFI. */
static void make_fat(enum content content)
{
    static const char bootini[] = "[boot loader]\r\ntimeout=3\r\ndefault=multi(0)disk(0)rdisk(1)partition(2)\\WINDOWS\r\n"
                                  "[operating systems]\r\nmulti(0)disk(0)rdisk(1)partition(2)\\WINDOWS=\"Windows\"\r\n";
    static uint8_t memory[1 << 17], efi[2][PE_PROGRAM_BYTES], exe[PE_PROGRAM_BYTES];
    struct arena   a = arena_of(memory, sizeof memory);
    struct span    store = store_of_dead_disk(&a), loader = some_loader();
    struct span    pe = pe_program(efi[0], PE_MACHINE_X64, PE_EFI_APPLICATION);
    const struct fatimage_file all[CONTENTS][7] = {
        [CONTENT_NTLDR] = { { "\\NTLDR", bootini + 1, 60 }, { "\\boot.ini", bootini, sizeof bootini - 1 },
                            { "\\WINDOWS\\system32\\ntoskrnl.exe", pe.data, pe.len } },
        [CONTENT_BOOTMGR] = { { "\\BOOTMGR", bootini + 1, 60 }, { "\\Boot\\BCD", store.data, store.len },
                              { "\\Windows\\system32\\winload.exe", pe.data, pe.len },
                              { PE_VOLUME_BOOTMGFW, pe.data, pe.len }, { BCD_WINLOAD_EFI, pe.data, pe.len } },
        [CONTENT_WINDOWS] = { { BOOTMGR_SPARE, loader.data, loader.len }, { BCD_WINLOAD_EXE, exe, sizeof exe },
                              { PE_VOLUME_BOOTMGFW, pe.data, pe.len }, { BCD_WINLOAD_EFI, pe.data, pe.len } },
        [CONTENT_DATA] = { { "\\README.TXT", bootini, 60 } },
        [CONTENT_NT_LOST] = { { "\\WINDOWS\\system32\\ntoskrnl.exe", pe.data, pe.len } },
        [CONTENT_VISTA_LOST] = { { BCD_WINLOAD_EXE, exe, sizeof exe }, { "\\Boot\\BCD", store.data, store.len } },
    };
    size_t count = 0, bytes;

    (void)pe_program(exe, PE_MACHINE_X64, 1);
    while (all[content][count].path)
        count++;
    require(fatimage_size(all[content], count, &bytes) == STATUS_OK && bytes <= sizeof volumes[content] &&
            fatimage_build(all[content], count, 1, volumes[content], bytes) == STATUS_OK);
}

static const uint8_t *volume_of(enum content content)
{
    static bool made[CONTENTS];

    if (!made[content] && content == CONTENT_NTFS) {
        struct nb_volume v = { volumes[content], sizeof volumes[content] & ~4095u, 4096, 1024, 4, 20, 10 };

        nb_sample(&v);
        memcpy(volumes[content] + sizeof volumes[content] - SECTOR_BYTES, volumes[content], SECTOR_BYTES);
    } else if (!made[content]) {
        make_fat(content);
    }
    made[content] = true;
    return volumes[content];
}

static void put_volumes(struct base *b, const struct scene *s)
{
    uint64_t start = b->image.public_start;

    b->volume_lba = start + HALF_START;
    memcpy(memdisk_at(b->image.disk, start + HALF_START), volume_of(s->content), VOLUME_SECTORS * SECTOR_BYTES);
    memcpy(memdisk_at(b->image.disk, start + OTHER_START), volume_of(s->other_loader ? CONTENT_NTLDR : CONTENT_DATA),
           VOLUME_SECTORS * SECTOR_BYTES);
}

/* ---- databases */

static bool gone(const uint8_t *story, unsigned bit) { return story[5] & 1u << bit; }

static const char *state_text(unsigned n)
{
    static const char *const states[] = { "ACTIVE", "ACTIVE", "ACTIVE", "STALE", "DETACHED", "SYNC", "active", "" };

    return states[n % ARRAY_LEN(states)];
}

/* `half`: 0 to 2; 11, 12 and 15 are the components, 13, 14 and 16 their partitions, 17 the second piece of 12. */
static void add_half(struct ldmdisk *b, const struct scene *s, unsigned half, const uint8_t *story)
{
    static const char *const names[] = { "Volume1-01", "Volume1-02", "Volume1-03" };
    static const uint8_t     ids[] = { 11, 12, 15 }, parts[] = { 13, 14, 16 };
    bool                     pieces = half == 1 && s->shape == SHAPE_PIECES;
    unsigned                 shift = half == 0 ? 0 : 3;
    uint32_t                 part_flags = (story[4] >> (half == 0 ? 0 : 2) & 3u) << 3;

    ldmdisk_add_component(b, ids[half], names[half], state_text(story[2] >> shift & 7u), (story[3] >> shift & 7u) << 1,
                          LAYOUT_CONCAT, pieces ? 2 : 1, 10, 0);
    ldmdisk_add_partition(b, parts[half], "Disk-01", part_flags, HALF_START, 0, pieces ? PIECE_SECTORS : VOLUME_SECTORS,
                          ids[half], 21 + half, 0);
    if (pieces)
        ldmdisk_add_partition(b, 17, "Disk-02", 0, HALF_START + PIECE_SECTORS, PIECE_SECTORS,
                              VOLUME_SECTORS - PIECE_SECTORS, ids[half], 23, 0);
}

static void add_group_of_three(struct ldmdisk *b, const struct scene *s, const uint8_t *story)
{
    static const char *const guids[] = { LDMDISK_GUID1, LDMDISK_GUID2, GUID3 }, *const names[] = { "Disk1", "Disk2", "Disk3" };
    static const uint8_t     other_disk[SHAPES] = { 22, 23, 23, 23, 22, 21, 21, 21 };
    unsigned                 halves = s->shape == SHAPE_THREE_WAY ? 3 : 2, left = halves;
    uint32_t                 flags = s->content == CONTENT_WINDOWS ? LDM_VOL_BOOT : LDM_VOL_BOOT | LDM_VOL_SYSTEM;

    ldmdisk_add_group(b, 1);
    for (unsigned i = 0; i < (s->shape == SHAPE_STRANGER ? 2 : SCENE_DISKS); i++)
        if (!gone(story, i) || i > 1)
            ldmdisk_add_disk(b, 21 + i, names[i], guids[i], i ? "" : LDMDISK_DEVICE1,
                             i < 2 && story[4] >> (4 + 2 * i) & 3u ? 2u << (story[4] >> (4 + 2 * i) & 3u) : 0);
    left -= gone(story, 2);
    left -= gone(story, 3);
    ldmdisk_add_volume(b, 10, "Volume1", story[3] & 0x40 ? "SYNC" : "ACTIVE", 0x11 | flags, left, VOLUME_SECTORS,
                       LDMDISK_VOLUME_GUID);
    for (unsigned i = 0; i < halves; i++)
        if (i > 1 || !gone(story, 2 + i))
            add_half(b, s, i, story);
    ldmdisk_add_volume(b, 30, "Data", "ACTIVE", story[3] & 0x80 ? 0x11 | LDM_VOL_SYSTEM : 0x11, 1, VOLUME_SECTORS, OTHER_GUID);
    ldmdisk_add_component(b, 31, "Data-01", "ACTIVE", 0, LAYOUT_CONCAT, 1, 30, 0);
    ldmdisk_add_partition(b, 32, "Other-01", 0, OTHER_START, 0, VOLUME_SECTORS, 31, other_disk[s->shape], 0);
}

static void add_strangers_group(struct ldmdisk *b)
{
    b->group_guid = GROUP2;
    b->group_name = "Other-Dg0";
    ldmdisk_add_group(b, 1);
    ldmdisk_add_disk(b, 23, "Disk1", GUID3, "", 0);
    ldmdisk_add_volume(b, 30, "Volume1", "ACTIVE", 0x11 | LDM_VOL_BOOT | LDM_VOL_SYSTEM, 1, VOLUME_SECTORS, OTHER_GUID);
    ldmdisk_add_component(b, 31, "Volume1-01", "ACTIVE", 0, LAYOUT_CONCAT, 1, 30, 0);
    ldmdisk_add_partition(b, 32, "Disk1-01", 0, OTHER_START, 0, VOLUME_SECTORS, 31, 23, 0);
}

static void tell_story(struct ldmdisk *b, const uint8_t *story)
{
    static const int8_t   steps[] = { 0, -1, -2, 1 };
    static const uint16_t phases[] = { VMDB_CLEAN, VMDB_CLEAN, VMDB_CHANGE, VMDB_COMMIT, VMDB_ABORT, VMDB_NEW, VMDB_STALE, VMDB_OFFLINE };
    static const uint8_t  objects[] = { 10, 11, 12, 13, 14, 21, 22, 30 };

    b->committed = 100u + (uint64_t)(int64_t)steps[story[0] & 3u];
    b->vmdb_status = phases[story[0] >> 2 & 7u];
    if (story[1] & 7u)
        b->klog[b->klog_count++] = (struct klog_entry){ story[1] & 7u, objects[story[1] >> 3 & 7u],
                                                        b->committed - (story[1] >> 6) };
}

static void write_metadata(struct stage *st, const struct scene *s, unsigned self)
{
    static const char *const guids[] = { LDMDISK_GUID1, LDMDISK_GUID2, GUID3 };
    struct memdisk          *disk = st->base.image.disk;
    struct ldmdisk          *b = &st->base.image;
    uint8_t                 *sector0 = memdisk_at(disk, 0);

    ldmdisk_init(b, disk, s->gpt);
    b->disk_guid = guids[s->shape == SHAPE_CLONE ? 0 : self];
    b->slots = SLOTS;
    b->gpt_entries = GPT_ENTRIES;
    if (self == 2 && s->shape == SHAPE_STRANGER) {
        add_strangers_group(b);
    } else {
        add_group_of_three(b, s, s->story[self]);
        tell_story(b, s->story[self]);
    }
    ldmdisk_write(b);
    wr_le32(sector0 + MBR_SIGNATURE_OFF, SIGNATURE + self);
    if (self == 1 && s->shape == SHAPE_LEFT)
        sector0[MBR_TABLE_OFF + 4] = MBR_TYPE_NTFS;
}

/* The scene's disk `self`, undamaged. */
static struct base *stage_disk(const struct scene *s, unsigned self)
{
    static const char *const names[] = { "hd80", "hd81", "hd82" };
    static struct stage     *stages[SCENE_DISKS][2][2][CONTENTS];
    struct stage           **st = &stages[self][s->gpt][s->other_loader][s->content];
    bool                     fresh = !*st;

    if (fresh) {
        *st = calloc(1, sizeof **st);
        require(*st != NULL);
        (*st)->base.image.disk = memdisk_new(names[self], SECTOR_BYTES, BLOCKS);
    }
    if (fresh || (*st)->scene.shape != s->shape || memcmp((*st)->scene.story[self], s->story[self], STORY_BYTES) != 0) {
        write_metadata(*st, s, self);
        (*st)->scene = *s;
    }
    if (fresh)
        put_volumes(&(*st)->base, s);
    return &(*st)->base;
}

#endif
