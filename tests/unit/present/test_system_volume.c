/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_system_volume.c - the system volume in memory: what is in it, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/decide/alone.h"
#include "common/present/system_volume.h"
#include "common/windows/bcd.h"
#include "common/windows/bootini.h"
#include "common/windows/bootmgr.h"
#include "tests/support/fatfiles.h"

#define SIGNATURE 0x1234abcdu
#define LBA       206848u
#define ARENA     ((size_t)64 << 20)

static struct arena           arena;
static struct memory_device   windows_disk, system_disk;
static struct component_facts windows;
static struct ldm_volume      volume;
static struct ldm_component   half;
static struct ldm_extent      extent;
static struct ldm_disk        disk;
static struct boot_plan       plan;
static struct boot_facts      facts;
static struct fs_volume       stick;
static struct memory_device   stick_disk;
static struct system_source   source;
static uint8_t                bootmgr[BOOTMGR_MIN + 1000];

/* C:, as a FAT volume: which file system it is does not matter here. */
static void make_windows(size_t bootmgr_bytes)
{
    const struct fatimage_file file = { BOOTMGR_SPARE, bootmgr, bootmgr_bytes };

    fat_files(&file, 1, &arena, &windows_disk, &windows.filesystem);
}

static void put_on_stick(const struct fatimage_file *files, size_t count)
{
    fat_files(files, count, &arena, &stick_disk, &stick);
    facts_take_stick(&facts, &stick, BOOTMGR_USUAL_ROOM, &arena);
}

/* A Windows of NTLDR's time, and a stick with the files for it; `bootini` NULL: without one. */
static void make_nt(const char *bootini, size_t ntdetect_bytes)
{
    static const struct fatimage_file kernel = { "\\WINNT\\system32\\ntoskrnl.exe", "MZ", 2 };
    const struct fatimage_file        files[] = { { "\\system\\NTLDR", bootmgr, sizeof bootmgr },
                                                  { "\\system\\NTDETECT.COM", bootmgr, ntdetect_bytes },
                                                  { "\\system\\boot.ini", bootini, bootini ? strlen(bootini) : 0 } };

    fat_files(&kernel, 1, &arena, &windows_disk, &windows.filesystem);
    windows.alone = ALONE_NT;
    put_on_stick(files, bootini ? 3 : 2);
}

/* The file of the volume that was made, whole. */
static struct span made_file(const struct system_volume *sv, const char *path)
{
    const struct system_place place = { 409600, 255, 63 };
    struct fs_volume          fs;
    struct span               file;
    uint8_t                  *image = arena_alloc(&arena, sv->bytes);

    assert_int_equal(system_volume_make(sv, &place, image), STATUS_OK);
    memory_device_init(&system_disk, "memory", image, sv->bytes);
    assert_int_equal(fs_open(&system_disk.dev, image, &arena, &fs), STATUS_OK);
    assert_int_equal(fs_read_whole(&fs, path, BOOTMGR_MAX, &arena, &file), STATUS_OK);
    return file;
}

static int setup(void **state)
{
    (void)state;
    arena = arena_of(malloc(ARENA), ARENA);
    volume = (struct ldm_volume){ .name = "Volume2" };
    extent = (struct ldm_extent){ .lba = LBA };
    half = (struct ldm_component){ .volume = &volume, .extents = &extent, .extent_count = 1 };
    disk = (struct ldm_disk){ .has_sector0 = true };
    wr_le32(disk.sector0 + 0x1b8, SIGNATURE);
    windows = (struct component_facts){ .volume = &volume, .component = &half, .disk = &disk };
    windows.alone = ALONE_SPARE;
    plan = (struct boot_plan){ .why = "" };
    facts = (struct boot_facts){ .components = &windows, .count = 1 };
    source = (struct system_source){ &plan, &facts, &windows };
    for (size_t i = 0; i < sizeof bootmgr; i++)
        bootmgr[i] = (uint8_t)(i * 7 + i / 251);
    bootmgr[0] = 0xe9;
    return arena.base ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    free(arena.base);
    return 0;
}

static void test_what_is_in_it(void **state)
{
    const struct system_place place = { 409600, 255, 63 };
    struct system_volume      sv;
    struct fs_volume          fs;
    struct span               file;
    struct bcd_entry          entry;
    uint8_t                  *image;

    (void)state;
    make_windows(sizeof bootmgr);
    assert_int_equal(system_volume_read(&source, &arena, &sv), STATUS_OK);
    assert_int_equal(sv.loader.len, sizeof bootmgr);
    assert_memory_equal(sv.loader.data, bootmgr, sizeof bootmgr);
    image = arena_alloc(&arena, sv.bytes);
    assert_int_equal(system_volume_make(&sv, &place, image), STATUS_OK);

    memory_device_init(&system_disk, "memory", image, sv.bytes);
    assert_int_equal(fs_open(&system_disk.dev, image, &arena, &fs), STATUS_OK);
    assert_int_equal(fs_read_whole(&fs, "\\BOOTMGR", BOOTMGR_MAX, &arena, &file), STATUS_OK);
    assert_int_equal(file.len, sizeof bootmgr);
    assert_memory_equal(file.data, bootmgr, sizeof bootmgr);
    assert_int_equal(fs_read_whole(&fs, "\\Boot\\BCD", BOOTMGR_MAX, &arena, &file), STATUS_OK);
    assert_int_equal(bcd_read_default(file, &entry), STATUS_OK);
    assert_string_equal(entry.path, "\\Windows\\system32\\winload.exe");
    assert_int_equal(entry.device.kind, BCD_DEVICE_MBR);
    assert_int_equal(entry.device.signature, SIGNATURE);
    assert_int_equal(entry.device.offset, (uint64_t)LBA * 512);
    assert_int_equal(entry.osdevice.offset, (uint64_t)LBA * 512);

    assert_int_equal(rd_le32(span_of(image, 512), 0x1c), 409600);  /* BOOTMGR finds its partition by these */
    assert_int_equal(rd_le16(span_of(image, 512), 0x18), 63);
    assert_int_equal(rd_le16(span_of(image, 512), 0x1a), 255);
    assert_int_equal(image[0x24], 0x80);
}

static void test_what_is_no_boot_manager_is_refused(void **state)
{
    struct system_volume sv = { .bytes = 77 };

    (void)state;
    make_windows(BOOTMGR_MIN - 1);
    assert_int_equal(system_volume_read(&source, &arena, &sv), STATUS_SPARE_BOOTMGR_BAD);
    memcpy(bootmgr, "MZ", 2);
    make_windows(sizeof bootmgr);
    assert_int_equal(system_volume_read(&source, &arena, &sv), STATUS_SPARE_BOOTMGR_BAD);
    assert_int_equal(sv.bytes, 77);  /* untouched on failure */
}

static void test_beginning_and_size(void **state)
{
    static const struct {
        uint8_t     begins[3];
        uint64_t    bytes;
        enum status says;
    } cases[] = {
        { { 0xe9, 0xd5, 0x01 }, BOOTMGR_MIN, STATUS_OK },                       /* near, into the sector */
        { { 0xe9, 0x00, 0x10 }, BOOTMGR_MAX, STATUS_OK },                       /* and behind it */
        { { 0xeb, 0x3c, 0x90 }, BOOTMGR_MIN, STATUS_OK },                       /* short */
        { { 0xeb, 0x3c, 0x90 }, BOOTMGR_MAX + 1, STATUS_SPARE_BOOTMGR_BAD },
        { { 0xeb, 0x3c, 0x90 }, BOOTMGR_MIN - 1, STATUS_SPARE_BOOTMGR_BAD },
        { { 0x00, 0x3c, 0x90 }, BOOTMGR_MIN, STATUS_SPARE_BOOTMGR_BAD },
        { { 'M', 'Z', 0x90 }, BOOTMGR_MIN, STATUS_SPARE_BOOTMGR_BAD },          /* bootmgr.efi, for one */
        { { 0xe9, 0x7d, 0x00 }, BOOTMGR_MIN, STATUS_SPARE_BOOTMGR_BAD },        /* to where the code is lost */
        { { 0xe9, 0xfd, 0xff }, BOOTMGR_MIN, STATUS_SPARE_BOOTMGR_BAD },        /* to itself */
        { { 0xe9, 0xfe, 0xff }, BOOTMGR_MIN, STATUS_SPARE_BOOTMGR_BAD },        /* into itself */
        { { 0xeb, 0x00, 0x90 }, BOOTMGR_MIN, STATUS_OK },                       /* to what follows */
        { { 0xeb, 0x7e, 0x90 }, BOOTMGR_MIN, STATUS_SPARE_BOOTMGR_BAD },        /* to the first byte of what is lost */
        { { 0xeb, 0x7d, 0x90 }, BOOTMGR_MIN, STATUS_OK },                       /* and to the last one before it */
        { { 0xe9, 0xf9, 0x01 }, BOOTMGR_MIN, STATUS_OK },                       /* where the sector has four bytes more */
        { { 0xe9, 0xfa, 0x01 }, BOOTMGR_MIN, STATUS_OK },                       /* and where it has three: the rest is not known */
    };
    uint8_t head[BOOTMGR_HEAD_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        memset(head, 0x90, sizeof head);
        memset(head + 128, 0, 32);
        memcpy(head, cases[i].begins, sizeof cases[i].begins);
        assert_int_equal(bootmgr_check(span_of(head, sizeof head), cases[i].bytes), cases[i].says);
        assert_int_equal(bootmgr_check(span_of(head, sizeof head - 1), BOOTMGR_MIN), STATUS_SPARE_BOOTMGR_BAD);
    }
}

static void test_ntldr_from_the_stick(void **state)
{
    struct system_volume sv;
    struct bootini       parsed;
    struct span          file;

    (void)state;
    make_nt(NULL, 47564);
    assert_int_equal(alone_why_not(&facts, &windows), STATUS_OK);
    assert_int_equal(system_volume_read(&source, &arena, &sv), STATUS_OK);
    assert_int_equal(sv.count, 3);
    assert_memory_equal(sv.loader.data, bootmgr, sizeof bootmgr);
    assert_int_equal(made_file(&sv, "\\NTLDR").len, sizeof bootmgr);
    assert_int_equal(made_file(&sv, "\\NTDETECT.COM").len, 47564);
    file = made_file(&sv, "\\boot.ini");
    bootini_parse(file, &parsed);
    assert_int_equal(parsed.entries[0].form, BOOTINI_MULTI);
    assert_int_equal(parsed.entries[0].partition, 1);
    assert_string_equal(parsed.entries[0].directory, "\\WINNT");
}

static void test_a_boot_ini_of_the_stick(void **state)
{
    static const char good[] = "[boot loader]\ndefault=multi(0)disk(0)rdisk(0)partition(1)\\WINNT\n[operating systems]\n";
    static const char *const bad[] = {
        "[boot loader]\ndefault=multi(0)disk(0)rdisk(0)partition(2)\\WINNT\n",
        "[boot loader]\ndefault=multi(0)disk(0)rdisk(1)partition(1)\\WINNT\n",
        "[boot loader]\ndefault=multi(0)disk(0)rdisk(0)partition(1)\\WINDOWS\n",
        "[boot loader]\ndefault=scsi(0)disk(0)rdisk(0)partition(1)\\WINNT\n", "[boot loader]\ndefault=\n", "nonsense",
    };
    struct system_volume sv;

    (void)state;
    make_nt(good, 47564);
    assert_int_equal(system_volume_read(&source, &arena, &sv), STATUS_OK);
    assert_memory_equal(made_file(&sv, "\\boot.ini").data, good, sizeof good - 1);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        size_t mark = arena_mark(&arena);

        make_nt(bad[i], 47564);
        assert_int_equal(system_volume_read(&source, &arena, &sv), STATUS_STICK_BOOTINI);
        arena_release(&arena, mark);
    }
}

static void test_files_on_the_stick_that_are_none(void **state)
{
    const struct fatimage_file alone = { "\\system\\NTLDR", bootmgr, sizeof bootmgr };
    const struct fatimage_file manager = { "\\SYSTEM\\Bootmgr", bootmgr, sizeof bootmgr };
    struct system_volume       sv;

    (void)state;
    make_nt(NULL, 0);
    assert_int_equal(system_volume_read(&source, &arena, &sv), STATUS_STICK_FILE_BAD);
    make_nt(NULL, 65537);
    assert_int_equal(system_volume_read(&source, &arena, &sv), STATUS_STICK_FILE_BAD);
    put_on_stick(&alone, 1);
    assert_int_equal(alone_why_not(&facts, &windows), STATUS_NTLDR_LOST);
    windows.alone = ALONE_VISTA;
    assert_int_equal(alone_why_not(&facts, &windows), STATUS_BOOTMGR_LOST);
    put_on_stick(&manager, 1);
    assert_int_equal(alone_why_not(&facts, &windows), STATUS_OK);
    assert_int_equal(system_volume_read(&source, &arena, &sv), STATUS_OK);
    memcpy(bootmgr, "MZ", 2);  /* bootmgr.efi, for one */
    put_on_stick(&manager, 1);
    assert_int_equal(system_volume_read(&source, &arena, &sv), STATUS_STICK_FILE_BAD);
    facts_take_stick(&facts, NULL, BOOTMGR_USUAL_ROOM, &arena);
    assert_int_equal(alone_why_not(&facts, &windows), STATUS_BOOTMGR_LOST);
    assert_int_equal(system_volume_read(&source, &arena, &sv), STATUS_INTERNAL);  /* nobody should have asked */
}

/* The stick's \\boot\\BCD, which names a disk that is gone. */
static void test_a_store_of_the_stick(void **state)
{
    const struct bcd_device lost = { .kind = BCD_DEVICE_MBR, .signature = 0xdeadbeef, .offset = 1 << 20 };
    struct store_options    sos = { 0 };
    struct fatimage_file    file = { "\\boot\\BCD", "none", 4 };
    static uint8_t          large[STORE_TAKEN_MAX + 1];
    struct system_volume    sv;
    struct bcd_entry        entry;
    struct span             store;

    (void)state;
    make_windows(sizeof bootmgr);
    plan.store.found = true;
    assert_int_equal(system_volume_read(&source, &arena, &sv), STATUS_STORE_NOT_THERE);
    put_on_stick(&file, 1);
    assert_int_equal(system_volume_read(&source, &arena, &sv), STATUS_STORE_UNFIT);
    store_option_set(&sos, STORE_SOS, 1);
    assert_int_equal(bcd_build(&lost, BCD_WINLOAD_EFI, "C", &sos, &arena, &store), STATUS_OK);
    file.data = store.data;
    file.size = store.len;
    put_on_stick(&file, 1);
    assert_int_equal(system_volume_read(&source, &arena, &sv), STATUS_STORE_UNFIT);  /* it is UEFI's */
    assert_int_equal(bcd_build(&lost, BCD_WINLOAD_EXE, "C", &sos, &arena, &store), STATUS_OK);
    file.data = store.data;
    put_on_stick(&file, 1);
    file.size = STORE_TAKEN_MAX + 1;    /* no store is as large */
    file.data = large;
    put_on_stick(&file, 1);
    assert_int_equal(system_volume_read(&source, &arena, &sv), STATUS_STORE_UNFIT);
    file.data = store.data;
    file.size = store.len;
    put_on_stick(&file, 1);
    extent.lba = UINT64_MAX / 512 + 1;  /* beyond what a store can say */
    assert_int_equal(system_volume_read(&source, &arena, &sv), STATUS_INTERNAL);
    extent.lba = LBA;
    assert_int_equal(system_volume_read(&source, &arena, &sv), STATUS_OK);
    assert_int_equal(bcd_read_default(made_file(&sv, "\\Boot\\BCD"), &entry), STATUS_OK);
    assert_int_equal(entry.device.signature, SIGNATURE);
    assert_int_equal(entry.osdevice.offset, (uint64_t)LBA * 512);
    assert_string_equal(entry.title, "Windows (volume C)");
}

/* A volume of another size than what is to be in it needs is not made. */
static void test_a_size_that_is_not_the_volumes(void **state)
{
    const struct system_place place = { 409600, 255, 63 };
    struct system_volume      sv;
    uint8_t                  *image;

    (void)state;
    make_windows(sizeof bootmgr);
    assert_int_equal(system_volume_read(&source, &arena, &sv), STATUS_OK);
    image = arena_alloc(&arena, sv.bytes + 512);
    memset(image, 0xee, 512);
    sv.bytes += 512;
    assert_int_equal(system_volume_make(&sv, &place, image), STATUS_INTERNAL);
    assert_int_equal(image[0], 0xee);
}

static void test_no_memory(void **state)
{
    struct system_volume sv;

    (void)state;
    make_windows(sizeof bootmgr);
    arena.size = arena.used + BOOTMGR_MIN;
    assert_int_equal(system_volume_read(&source, &arena, &sv), STATUS_NO_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_in_it, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_no_boot_manager_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_beginning_and_size, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ntldr_from_the_stick, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_boot_ini_of_the_stick, setup, teardown),
        cmocka_unit_test_setup_teardown(test_files_on_the_stick_that_are_none, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_store_of_the_stick, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_size_that_is_not_the_volumes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_memory, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
