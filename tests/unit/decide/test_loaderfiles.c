/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_loaderfiles.c - boot.ini and the boot store read out of an NTFS volume, in one piece and in several. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/windows/bcd.h"
#include "common/windows/hive.h"
#include "common/decide/loaderfiles.h"
#include "tests/support/memdisk.h"
#include "tests/support/ntfsbuild.h"

#define BYTES       (256u * 1024)
#define CLUSTER     512u  /* the smallest: a file can be torn at every sector */
#define MFT_LCN     4u
#define MFT_BYTES   (32u * 1024)
#define FILES_LCN   100u
#define BOOTINI     24  /* MFT records of the tests' files */
#define BOOT_FOLDER 25
#define STORE       26
#define SIGNATURE   0x0dead001u
#define OFFSET      (2048u * 512u)

static struct memdisk     *disk;
static struct nb_volume    v;
static uint8_t             memory[1 << 20];
static struct arena        arena;
static struct loader_files files;
static struct note_list    notes;

static int setup(void **state)
{
    static const char *const root[] = { "Boot", "boot.ini" }, *const boot[] = { "BCD" };
    static const uint32_t    root_records[] = { BOOT_FOLDER, BOOTINI }, boot_records[] = { STORE };
    struct nb_stream         mft = nb_one_run(MFT_LCN, MFT_BYTES / CLUSTER, MFT_BYTES);
    uint8_t                 *r;

    (void)state;
    disk = memdisk_new("volume", SECTOR_BYTES, BYTES / SECTOR_BYTES);
    v = (struct nb_volume){ .bytes = memdisk_at(disk, 0), .size = BYTES, .cluster_bytes = CLUSTER, .record_bytes = 1024,
                            .mft_lcn = MFT_LCN, .first_records = 32, .second_lcn = 80 };
    arena = arena_of(memory, sizeof memory);
    nb_format(&v);
    r = nb_record(&v, 0, NB_IN_USE, 0);
    nb_in_clusters(r, NB_DATA, "", &mft);
    nb_seal(r, v.record_bytes);
    nb_folder(&v, NB_ROOT_RECORD, root, root_records, 2);
    nb_folder(&v, BOOT_FOLDER, boot, boot_records, 1);
    memset(&files, 0, sizeof files);
    memset(&notes, 0, sizeof notes);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    memdisk_free(disk);
    return 0;
}

static void put_bootini(const char *text)
{
    uint8_t *r = nb_record(&v, BOOTINI, NB_IN_USE, 0);

    nb_resident(r, NB_DATA, "", text, strlen(text));
    nb_seal(r, v.record_bytes);
}

/* The store from FILES_LCN: in one piece, or every cluster by itself, from the last to the first. */
static void put_store(struct span store, bool in_pieces)
{
    struct nb_stream s = { 0, store.len / CLUSTER, store.len, store.len, 0, { 0 }, 0 };
    uint8_t         *r = nb_record(&v, STORE, NB_IN_USE, 0);
    uint32_t         count = (uint32_t)s.clusters, last = 0;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t lcn = FILES_LCN + (in_pieces ? count - 1 - i : i);

        memcpy(nb_cluster(&v, lcn), store.data + i * CLUSTER, CLUSTER);
        if (in_pieces || i == 0)
            s.pairs_len += nb_run(s.pairs + s.pairs_len, (int32_t)(lcn - last), in_pieces ? 1 : count, false);
        last = lcn;
    }
    nb_in_clusters(r, NB_DATA, "", &s);
    nb_seal(r, v.record_bytes);
}

static struct span make_store(const char *volume_name)
{
    struct bcd_device device = { .kind = BCD_DEVICE_MBR, .signature = SIGNATURE, .offset = OFFSET };
    struct span       store;

    assert_int_equal(bcd_build(&device, BCD_WINLOAD_EXE, volume_name, NULL, &arena, &store), STATUS_OK);
    return store;
}

static void open_volume(struct fs_volume *fs)
{
    uint8_t boot_sector[SECTOR_BYTES];

    memcpy(boot_sector, memdisk_at(disk, 0), sizeof boot_sector);
    assert_int_equal(fs_open(&disk->dev, boot_sector, &arena, fs), STATUS_OK);
}

static void read_files(unsigned which)
{
    struct fs_volume fs;

    open_volume(&fs);
    loader_files_read(&fs, which, "Volume1-01", &arena, &files, &notes);
}

/* The bytes that were located, out of the disk, in order. */
static uint64_t number_at(const struct file_bytes *at)
{
    uint8_t  bytes[8] = { 0 };
    size_t   len = 0;

    assert_true(at->pieces > 0);
    for (unsigned i = 0; i < at->pieces; i++) {
        assert_true(at->piece[i].offset + at->piece[i].len <= SECTOR_BYTES);
        memcpy(bytes + len, (uint8_t *)memdisk_at(disk, at->piece[i].sector) + at->piece[i].offset, at->piece[i].len);
        len += at->piece[i].len;
    }
    return rd_le64(span_of(bytes, sizeof bytes), 0);
}

static void assert_names(size_t count)
{
    assert_true(files.has_store);
    assert_int_equal(files.name_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(files.names[i].signature, SIGNATURE);
        assert_int_equal(files.names[i].offset, OFFSET);
        assert_int_equal(number_at(&files.names[i].signature_at), SIGNATURE);
        assert_int_equal(number_at(&files.names[i].offset_at), OFFSET);
    }
}

static void test_both_files(void **state)
{

    (void)state;
    put_bootini("[boot loader]\r\ndefault=multi(0)disk(0)rdisk(0)partition(2)\\WINDOWS\r\n");
    put_store(make_store("Volume1"), false);
    read_files(LOADER_FILE_BOOTINI | LOADER_FILE_STORE);
    assert_true(files.has_bootini);
    assert_int_equal(files.lines[0].entry.partition, 2);
    assert_names(2);
    assert_true(files.store_fits);
    assert_int_equal(notes.count, 0);
}

static void assert_text_is_at(const struct file_bytes *at, const uint8_t *text)
{
    for (unsigned i = 0; i < at->pieces; text += at->piece[i++].len)
        assert_memory_equal((uint8_t *)memdisk_at(disk, at->piece[i].sector) + at->piece[i].offset, text, at->piece[i].len);
}

/* A short boot.ini lies in its MFT record; where its text goes around the end of a sector, it is found in three pieces. */
static void test_bootini_around_the_end_of_a_sector(void **state)
{
    size_t torn = 0;

    for (size_t fill = 200; fill < 480; fill++) {
        char text[600] = "[boot loader]\r\n";

        memset(text + strlen(text), 'x', fill);
        strcat(text, "\r\ndefault=multi(0)disk(0)rdisk(0)partition(2)\\WINDOWS\r\n");
        teardown(state);
        setup(state);
        put_bootini(text);
        read_files(LOADER_FILE_BOOTINI);
        assert_int_equal(files.line_count, 1);
        assert_text_is_at(&files.lines[0].at, files.lines[0].entry.text);
        assert_true(files.lines[0].at.pieces > 0);
        torn += files.lines[0].at.pieces == FILE_MAX_PIECES;
    }
    assert_true(torn > 0);
}

/* Of a compressed file the text is read, and no place on the disk has it as it is: nothing could be read in its place. */
static void test_a_compressed_bootini(void **state)
{
    static const char text[] = "[boot loader]\r\ndefault=multi(0)disk(0)rdisk(0)partition(2)\\WINDOWS\r\n";
    struct nb_stream  s = nb_one_run(FILES_LCN, 16, sizeof text - 1);  /* a unit that is stored as it is */
    uint8_t          *r = nb_record(&v, BOOTINI, NB_IN_USE, 0);

    (void)state;
    memcpy(nb_cluster(&v, FILES_LCN), text, sizeof text - 1);
    s.flags = 1;
    nb_in_clusters(r, NB_DATA, "", &s);
    r[rd_le16(span_of(r, 1024), 0x14) + 0x22] = 4;  /* units of 16 clusters */
    nb_seal(r, v.record_bytes);
    read_files(LOADER_FILE_BOOTINI);
    assert_int_equal(files.line_count, 1);
    assert_int_equal(files.lines[0].entry.partition, 2);
    assert_true(files.lines[0].entry.text_len > 0);
    assert_int_equal(files.lines[0].at.pieces, 0);
    assert_int_equal(notes.count, 0);
}

/* Titles of every length move the names along, also across the ends of the file's pieces. */
static void test_store_in_pieces(void **state)
{
    char   name[250];
    size_t torn = 0;

    for (size_t len = 1; len < sizeof name; len++) {
        memset(name, 'x', len);
        name[len] = '\0';
        teardown(state);
        setup(state);
        put_store(make_store(name), true);
        read_files(LOADER_FILE_STORE);
        assert_names(2);
        for (size_t i = 0; i < files.name_count; i++)
            if (files.names[i].offset_at.pieces == 2) {
                const struct file_bytes *at = &files.names[i].offset_at;

                assert_int_equal(at->piece[1].sector + 1, at->piece[0].sector);
                torn++;
            }
    }
    assert_true(torn > 0);
}

static void test_missing_and_damaged(void **state)
{
    struct span           store = make_store("Volume1");

    read_files(LOADER_FILE_BOOTINI | LOADER_FILE_STORE);  /* records that are not there */
    assert_false(files.has_bootini || files.has_store);
    assert_int_equal(notes.count, 2);
    assert_int_equal(notes.first->code, STATUS_BOOTINI_UNREAD);
    assert_int_equal(notes.last->code, STATUS_STORE_UNREAD);

    teardown(state);
    setup(state);
    store = make_store("Volume1");
    put_store(store, false);
    nb_cluster(&v, FILES_LCN)[0] = 'x';
    read_files(LOADER_FILE_STORE);
    assert_false(files.has_store);
    assert_int_equal(notes.first->code, STATUS_STORE_UNREAD);
}

/* Written to and not finished: said. The two sequence numbers differ, and the checksum is right. */
static void test_dirty_store(void **state)
{
    struct span           store = make_store("Volume1");
    uint8_t              *base;

    (void)state;
    put_store(store, false);
    base = nb_cluster(&v, FILES_LCN);
    base[4] ^= 1;
    base[0x1fc] ^= 1;
    read_files(LOADER_FILE_STORE);
    assert_names(2);
    assert_int_equal(notes.first->code, STATUS_STORE_DIRTY);
}

/* No store is so small, or so large, or a folder. */
static void test_stores_that_are_none(void **state)
{
    static const uint64_t sizes[] = { 0, (1u << 20) + 1, 1u << 20 };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const uint64_t   clusters = (sizes[i] + CLUSTER - 1) / CLUSTER;
        struct nb_stream s = { .clusters = clusters, .bytes = sizes[i] };  /* a hole: zeros, as far as they are read */
        uint8_t         *r = nb_record(&v, STORE, NB_IN_USE, 0);

        s.pairs_len = nb_run(s.pairs, 0, (uint32_t)clusters, true);
        nb_in_clusters(r, NB_DATA, "", &s);
        nb_seal(r, v.record_bytes);
        arena.used = 0;
        memset(&notes, 0, sizeof notes);
        read_files(LOADER_FILE_STORE);
        assert_int_equal(notes.first->code, STATUS_STORE_UNREAD);
        assert_false(files.has_store);
    }
}

/* A store that would be one, were it not as long: 1 MiB is read, a byte more is not; 256 KiB go into low memory. */
static void test_the_longest_store(void **state)
{
    static uint8_t large[4 << 20];

    (void)state;
    for (uint64_t i = 0; i < 4; i++) {
        struct span      store;
        uint64_t         more = i % 2, bytes = (i < 2 ? (uint64_t)1 << 20 : STORE_TAKEN_MAX) + more, clusters = (bytes + CLUSTER - 1) / CLUSTER;
        struct nb_stream s = { .clusters = clusters, .bytes = bytes, .initialized = bytes };
        uint8_t         *r = nb_record(&v, STORE, NB_IN_USE, 0);

        redzone_open(large, sizeof large);
        arena = arena_of(large, sizeof large);
        store = make_store("Volume1");
        memcpy(nb_cluster(&v, FILES_LCN), store.data, store.len);
        s.pairs_len = nb_run(s.pairs, FILES_LCN, (uint32_t)(store.len / CLUSTER), false);
        s.pairs_len += nb_run(s.pairs + s.pairs_len, 0, (uint32_t)(clusters - store.len / CLUSTER), true);  /* zeros behind it */
        nb_in_clusters(r, NB_DATA, "", &s);
        nb_seal(r, v.record_bytes);
        memset(&files, 0, sizeof files);
        memset(&notes, 0, sizeof notes);
        read_files(LOADER_FILE_STORE);
        assert_int_equal(files.has_store, i != 1);
        assert_int_equal(files.store_fits, i == 2);
        assert_int_equal(notes.count, i == 1);
    }
}

/* Of a file that cannot be read to its end nothing is believed, also where that would be behind the store's own bytes. */
static void test_a_store_with_a_bad_end(void **state)
{
    struct span store = make_store("Volume1");

    (void)state;
    for (unsigned bad = 0; bad < 2; bad++) {
        const uint32_t   own = (uint32_t)(store.len / CLUSTER), behind = FILES_LCN + own + 1;
        struct nb_stream s;
        uint8_t         *r;

        put_store(store, false);
        s = nb_one_run(FILES_LCN, own, store.len + CLUSTER);
        s.clusters++;
        s.pairs_len += nb_run(s.pairs + s.pairs_len, (int32_t)(behind - FILES_LCN), 1, false);
        r = nb_record(&v, STORE, NB_IN_USE, 0);
        nb_in_clusters(r, NB_DATA, "", &s);
        nb_seal(r, v.record_bytes);
        if (bad)
            memdisk_fail(disk, behind, 1, STATUS_READ_FAILED);
        memset(&files, 0, sizeof files);
        read_files(LOADER_FILE_STORE);
        assert_int_equal(files.has_store, !bad);
        assert_int_equal(notes.count, bad);
    }
}

/* ---- Windows itself */

#define FOLDER   27
#define SYSTEM32 28
#define PROGRAM  29

/* \FOLDER\system32\PROGRAM, which may be a folder itself; the root has nothing else. */
static struct fs_volume volume_with(const char *folder, const char *program, bool is_folder)
{
    static struct fs_volume fs;
    uint8_t                *r;

    nb_folder(&v, NB_ROOT_RECORD, &folder, (const uint32_t[]){ FOLDER }, 1);
    nb_folder(&v, FOLDER, (const char *const[]){ "System32" }, (const uint32_t[]){ SYSTEM32 }, 1);
    nb_folder(&v, SYSTEM32, &program, (const uint32_t[]){ PROGRAM }, 1);
    if (is_folder) {
        nb_folder(&v, PROGRAM, NULL, NULL, 0);
    } else {
        r = nb_record(&v, PROGRAM, NB_IN_USE, 0);
        nb_resident(r, NB_DATA, "", "MZ", 2);
        nb_seal(r, v.record_bytes);
    }
    arena.used = 0;
    open_volume(&fs);
    return fs;
}

static void test_which_windows_is_on_it(void **state)
{
    char                 longest[BOOTINI_DIRECTORY_MAX - 1] = "";
    struct bootini_entry entry = { .directory = "\\WINNT" };
    struct fs_volume     fs = volume_with("WinNT", "ntoskrnl.exe", false);
    struct fs_file       file;

    (void)state;
    assert_string_equal(loader_files_nt_folder(&fs), "\\WINNT");
    assert_false(loader_files_has_winload(&fs));
    assert_true(loader_files_has_folder(&fs, &entry));
    assert_int_equal(fs_find(&fs, "\\WINNT\\system32\\NTOSKRNL.EXE", &file), STATUS_OK);
    assert_false(file.is_directory);
    assert_int_equal(fs_find(&fs, "\\WINNT\\system32", &file), STATUS_OK);
    assert_true(file.is_directory);
    strcpy(entry.directory, "\\WINDOWS");
    assert_false(loader_files_has_folder(&fs, &entry));
    strcpy(entry.directory, "\\WINNT\\system32");                /* which has no system32 in it */
    assert_false(loader_files_has_folder(&fs, &entry));
    strcpy(entry.directory, "");
    assert_false(loader_files_has_folder(&fs, &entry));
    nb_folder(&v, NB_ROOT_RECORD, (const char *const[]){ "system32" }, (const uint32_t[]){ SYSTEM32 }, 1);
    open_volume(&fs);
    assert_false(loader_files_has_folder(&fs, &entry));         /* a line without a folder does not mean the root */
    strcpy(entry.directory, "\\");
    assert_true(loader_files_has_folder(&fs, &entry));          /* one of a backslash does */

    memset(longest, 'w', sizeof longest - 1);                   /* the longest name of one that is kept */
    fs = volume_with(longest, "ntoskrnl.exe", false);
    entry.directory[0] = '\\';
    strcpy(entry.directory + 1, longest);
    assert_true(loader_files_has_folder(&fs, &entry));

    fs = volume_with("Windows", "ntoskrnl.exe", false);
    assert_string_equal(loader_files_nt_folder(&fs), "\\WINDOWS");
    fs = volume_with("Windows", "winload.exe", false);
    assert_null(loader_files_nt_folder(&fs));
    assert_true(loader_files_has_winload(&fs));
    fs = volume_with("Windows", "winload.exe", true);
    assert_false(loader_files_has_winload(&fs));
}

static void test_more_names_than_kept(void **state)
{
    struct bcd_device device = { .kind = BCD_DEVICE_MBR, .signature = SIGNATURE, .offset = OFFSET };
    uint8_t           element[BCD_DEVICE_BYTES];

    bcd_device_encode(&device, element);
    for (unsigned more = 0; more < 2; more++) {
        struct hive_builder b;
        struct hive_node   *objects;
        struct span         store;

        teardown(state);
        setup(state);
        b = hive_begin(&arena, "NewStoreRoot");
        objects = hive_add_key(&b, b.root, "Objects");
        for (unsigned i = 0; i < STORE_MAX_NAMES + more; i++) {
            const char       *id = text_in_arena(&arena, "{00000000-0000-0000-0000-0000000000%02x}", i);
            struct hive_node *elements = hive_add_key(&b, hive_add_key(&b, objects, id), "Elements");

            hive_add_value(&b, hive_add_key(&b, elements, "11000001"), "Element", HIVE_BINARY,
                           span_of(element, sizeof element));
            hive_add_text(&b, hive_add_key(&b, elements, "12000004"), "Element", HIVE_SZ, "not a device");
        }
        assert_int_equal(hive_write(&b, &store), STATUS_OK);
        put_store(store, false);
        read_files(LOADER_FILE_STORE);
        assert_names(STORE_MAX_NAMES);
        assert_int_equal(files.names_cut, more);
    }
}

/* Where memory is short something is left out, and what is said to be there is there. */
static void test_no_memory(void **state)
{
    size_t enough;

    (void)state;
    put_bootini("[boot loader]\r\ndefault=multi(0)disk(0)rdisk(0)partition(2)\\WINDOWS\r\n");
    put_store(make_store("Volume1"), false);
    arena = arena_of(memory, sizeof memory);
    read_files(LOADER_FILE_BOOTINI | LOADER_FILE_STORE);
    enough = 120000;
    assert_true(files.has_bootini && files.has_store);
    for (size_t size = enough; size > 0; size -= 16) {
        struct fs_volume fs;
        uint8_t          boot_sector[SECTOR_BYTES];

        memcpy(boot_sector, memdisk_at(disk, 0), sizeof boot_sector);
        arena = arena_of(memory, size);
        memset(&files, 0, sizeof files);
        memset(&notes, 0, sizeof notes);
        if (fs_open(&disk->dev, boot_sector, &arena, &fs) != STATUS_OK)
            break;
        loader_files_read(&fs, LOADER_FILE_BOOTINI | LOADER_FILE_STORE, "Volume1-01", &arena, &files, &notes);
        assert_int_equal(arena.size, size);  /* what was borrowed is given back */
        assert_true(size < enough || (files.has_bootini && files.has_store));
        if (files.has_bootini)
            assert_int_equal(files.lines[0].entry.partition, 2);
        if (files.has_store)
            assert_names(2);
    }
    assert_false(files.has_bootini || files.has_store);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_both_files), T(test_bootini_around_the_end_of_a_sector), T(test_a_compressed_bootini), T(test_store_in_pieces), T(test_missing_and_damaged), T(test_dirty_store),
        T(test_more_names_than_kept), T(test_stores_that_are_none), T(test_the_longest_store), T(test_a_store_with_a_bad_end), T(test_which_windows_is_on_it), T(test_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
