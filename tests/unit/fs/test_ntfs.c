/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_ntfs.c - the NTFS reader on three kinds of volumes: made by mkntfs and
 * libntfs-3g (tests/tools/make-fsimg.sh), made by Windows (real images, skipped
 * when absent), and put together by hand (tests/support/ntfsbuild.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/fs/fs.h"
#include "common/base/span.h"
#include "tests/support/memdisk.h"
#include "tests/support/ntfsbuild.h"
#include "tests/support/pattern.h"

#define ARENA_BYTES (4u << 20)

struct opened {
    struct memdisk  *md;
    struct arena     arena;
    struct fs_volume fs;
};

static enum status try_open(struct opened *o, struct memdisk *md)
{
    uint8_t sector[512];

    o->md = md;
    o->arena = arena_of(malloc(ARENA_BYTES), ARENA_BYTES);
    memcpy(sector, memdisk_at(md, 0), sizeof sector);
    memdisk_reset(md);
    return fs_open(&md->dev, sector, &o->arena, &o->fs);
}

static void open_image(struct opened *o, const char *path, uint32_t block_size)
{
    struct memdisk *md = memdisk_open(path, block_size);

    assert_non_null(md);
    assert_int_equal(try_open(o, md), STATUS_OK);
    assert_int_equal(o->fs.kind, FS_NTFS);
}

static void close_volume(struct opened *o)
{
    free(o->arena.base);
    memdisk_free(o->md);
}

static struct fs_file must_find(struct opened *o, const char *path)
{
    struct fs_file f;
    enum status st = fs_find(&o->fs, path, &f);

    if (st != STATUS_OK)
        fail_msg("%s: status %d", path, (int)st);
    return f;
}

static enum status find(struct opened *o, const char *path)
{
    struct fs_file f;

    return fs_find(&o->fs, path, &f);
}

/* The whole file in one read, then in odd pieces: content as written, zeros before `hole` and from `zeros` on. */
static void check_content(struct opened *o, const char *path, uint64_t bytes, unsigned seed, uint64_t hole,
                          uint64_t zeros)
{
    struct fs_file f = must_find(o, path);
    uint8_t *all = malloc(bytes + 1), piece[1777];

    assert_int_equal(f.bytes, bytes);
    assert_false(f.is_directory);
    all[bytes] = 0xee;
    assert_int_equal(fs_read(&f, 0, all, bytes), STATUS_OK);
    for (uint64_t i = 0; i < bytes; i++)
        if (all[i] != (i < hole || i >= zeros ? 0 : pattern_at(seed, i)))
            fail_msg("%s: byte %llu differs", path, (unsigned long long)i);
    assert_int_equal(all[bytes], 0xee);
    for (uint64_t off = 0; off < bytes; off += bytes / 23 + 1) {
        size_t len = bytes - off < sizeof piece ? bytes - off : sizeof piece;

        assert_int_equal(fs_read(&f, off, piece, len), STATUS_OK);
        assert_memory_equal(piece, all + off, len);
    }
    assert_int_equal(fs_read(&f, bytes, piece, 0), STATUS_OK);
    assert_int_equal(fs_read(&f, bytes, piece, 1), STATUS_INTERNAL);
    free(all);
}

/* ------------------------------------------------ volumes made by ntfs-3g */

struct made {
    const char *path;
    uint32_t    block_size;
    uint64_t    scattered_bytes;
    unsigned    many;
    bool        can_compress;  /* clusters of up to 4 KiB */
};

static const struct made made[] = {
    { "build/fsimg/ntfs-512.img",  512,  400000, 1500, true },
    { "build/fsimg/ntfs-4k.img",   512, 3000001, 3000, true },
    { "build/fsimg/ntfs-64k.img",  512, 3000001,  200, false },
    { "build/fsimg/ntfs-2m.img",   512, 9000001,  200, false },
    { "build/fsimg/ntfs-4kn.img", 4096, 3000001, 1500, true },
    { "build/fsimg/ntfs-4k.img",  4096, 3000001, 3000, true },  /* 512-byte sectors on a disk of 4096-byte blocks */
};

/* It begins with a hole, which lies nowhere. */
static void check_no_place(struct opened *o, const char *path)
{
    struct fs_file f = must_find(o, path);
    uint64_t       sector, left;
    uint32_t       offset;

    assert_int_equal(fs_locate(&f, 0, &sector, &offset, &left), STATUS_FS_UNSUPPORTED);
}

static void check_made_files(struct opened *o, const struct made *m)
{
    check_content(o, "\\BOOTMGR", 383786, 1, 0, UINT64_MAX);
    check_content(o, "/boot.ini", 211, 2, 0, UINT64_MAX);
    check_content(o, "Boot.INI", 211, 2, 0, UINT64_MAX);
    check_content(o, "\\empty", 0, 3, 0, UINT64_MAX);
    assert_int_equal(must_find(o, "\\Windows").bytes, 0);
    check_no_place(o, "\\sparse.bin");
    check_content(o, "\\Windows\\Boot\\EFI\\bootmgfw.efi", m->scattered_bytes, 4, 0, UINT64_MAX);
    check_content(o, "\\WINDOWS\\system32\\WINLOAD.EFI", 70001, 5, 0, UINT64_MAX);
    check_content(o, "\\Windows\\System32\\a-first.dll", 600, 6, 0, UINT64_MAX);
    check_content(o, "\\sparse.bin", 5000000, 8, 4194304, UINT64_MAX);
    check_content(o, "\\Programme\\read-me-first.txt", 1000, 10, 0, UINT64_MAX);
    check_content(o, "\\Programme\\READ-M~1.TXT", 1000, 10, 0, UINT64_MAX);
}

/* Every one of many names is found, and none that is not there, wherever it would be in the order. */
static void check_big_directory(struct opened *o, unsigned many)
{
    char path[128];

    for (unsigned i = 0; i < many; i++) {
        size_t mark = arena_mark(&o->arena);  /* an open file keeps its memory */

        snprintf(path, sizeof path, "\\windows\\system32\\FILE with a long name %05u.dat", i);
        assert_int_equal(must_find(o, path).bytes, 0);
        snprintf(path, sizeof path, "\\Windows\\System32\\file with a long name %05u.dau", i);
        assert_int_equal(find(o, path), STATUS_FILE_NOT_FOUND);
        arena_release(&o->arena, mark);
    }
    assert_int_equal(find(o, "\\Windows\\System32\\ "), STATUS_FILE_NOT_FOUND);
    assert_int_equal(find(o, "\\Windows\\System32\\zzz"), STATUS_FILE_NOT_FOUND);
    assert_int_equal(find(o, "\\Windows\\System32\\file with a long name 0000"), STATUS_FILE_NOT_FOUND);
}

static void test_made_volumes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        struct opened o;
        struct fs_file f;

        open_image(&o, made[i].path, made[i].block_size);
        check_made_files(&o, &made[i]);
        check_big_directory(&o, made[i].many);
        assert_true(must_find(&o, "\\Windows\\Boot").is_directory);
        assert_true(must_find(&o, "\\").is_directory);
        assert_int_equal(find(&o, "\\Windows\\Boot\\none"), STATUS_FILE_NOT_FOUND);
        assert_int_equal(find(&o, "\\none\\Boot"), STATUS_FILE_NOT_FOUND);
        assert_int_equal(find(&o, "\\BOOTMGR\\Boot"), STATUS_FILE_NOT_FOUND);
        f = must_find(&o, "\\packed\\file.txt");
        assert_int_equal(f.storage, made[i].can_compress ? FS_STORED_COMPRESSED : FS_STORED_PLAIN);
        check_content(&o, "\\packed\\file.txt", 200000, 9, 0, UINT64_MAX);
        check_content(&o, "\\packed\\zeros.bin", 300000, 11, 262000, UINT64_MAX);
        close_volume(&o);
    }
}

static void open_sharing(struct opened *o, const char *path, struct fs_window *window)
{
    uint8_t sector[512];

    o->md = memdisk_open(path, 512);
    assert_non_null(o->md);
    o->arena = arena_of(malloc(ARENA_BYTES), ARENA_BYTES);
    memcpy(sector, memdisk_at(o->md, 0), sizeof sector);
    assert_int_equal(fs_open_sharing(&o->md->dev, sector, &o->arena, window, &o->fs), STATUS_OK);
}

/* Hundreds of halves share one window. They are used by turns here, step by step; each gets what is its own. */
static void test_volumes_that_share_a_window(void **state)
{
    static struct fs_window window;
    static const char *const names[] = { "bootmgr", "none" };
    struct opened o[3];
    char path[64];

    (void)state;
    open_sharing(&o[0], made[0].path, &window);
    open_sharing(&o[1], made[1].path, &window);
    open_sharing(&o[2], "build/fsimg/fat32.img", &window);
    assert_in_range(o[0].arena.used + o[1].arena.used, 1, 8 << 10);  /* a few KiB each, instead of 72 */
    assert_int_equal(o[2].arena.used, 0);
    for (unsigned i = 0; i < 100; i++)
        for (unsigned k = 0; k < 3; k++) {
            size_t mark = arena_mark(&o[k].arena);
            bool found[2] = { false, true };

            assert_int_equal(fs_find_names(&o[k].fs, "\\", names, 2, found), STATUS_OK);
            assert_int_equal(found[0], k < 2);
            assert_false(found[1]);
            snprintf(path, sizeof path, "\\Windows\\System32\\file with a long name %05u.dat", i * 7);
            assert_int_equal(find(&o[k], path), k < 2 ? STATUS_OK : STATUS_FILE_NOT_FOUND);
            snprintf(path, sizeof path, "\\Windows\\System32\\file with a long name %05u.dau", i * 7);
            assert_int_equal(find(&o[k], path), STATUS_FILE_NOT_FOUND);
            arena_release(&o[k].arena, mark);
        }
    check_made_files(&o[0], &made[0]);
    check_made_files(&o[1], &made[1]);
    for (unsigned k = 0; k < 3; k++)
        close_volume(&o[k]);
}

static void test_names_of_the_root_in_few_reads(void **state)
{
    static const char *const names[] = { "NTLDR", "bootmgr", "hiberfil.sys", "BOOT.INI" };
    struct opened o;
    bool found[4] = { true, false, true, false };

    (void)state;
    open_image(&o, "build/fsimg/ntfs-4k.img", 512);
    assert_int_equal(o.md->reads, 1);
    assert_int_equal(fs_find_names(&o.fs, "\\", names, 4, found), STATUS_OK);
    assert_int_equal(o.md->reads, 2);
    assert_false(found[0]);
    assert_true(found[1]);
    assert_false(found[2]);
    assert_true(found[3]);
    must_find(&o, "\\boot.ini");
    assert_int_equal(o.md->reads, 3);
    close_volume(&o);
}

/* Clusters in a row are one read; a file of N runs costs N reads and a few. */
static void test_reads_follow_the_runs(void **state)
{
    struct opened o;
    struct fs_file f;
    uint8_t *buf = malloc(3000001);
    uint32_t before;

    (void)state;
    open_image(&o, "build/fsimg/ntfs-4k.img", 512);
    f = must_find(&o, "\\BOOTMGR");
    before = o.md->reads;
    assert_int_equal(fs_read(&f, 0, buf, 383786), STATUS_OK);
    assert_int_equal(o.md->reads - before, 2);  /* whole sectors, then the last one */
    memdisk_reset(o.md);
    f = must_find(&o, "\\Windows\\Boot\\EFI\\bootmgfw.efi");
    assert_in_range(o.md->reads, 1, 12);
    memdisk_reset(o.md);
    assert_int_equal(fs_read(&f, 0, buf, 3000001), STATUS_OK);
    assert_in_range(o.md->reads, 700, 734);     /* 733 clusters, all apart: attribute list and several records */
    memdisk_reset(o.md);
    must_find(&o, "\\Windows\\System32\\winload.efi");
    assert_in_range(o.md->reads, 1, 8);         /* a directory of 3,000: a descent, not a walk through it */
    free(buf);
    close_volume(&o);
}

/* ------------------------------------------------ volumes made by Windows */

static struct memdisk *real_volume(const char *name, uint64_t lba, uint64_t sectors)
{
    char path[256];
    struct memdisk *disk, *md;

    snprintf(path, sizeof path, "build/data/%s.img", name);
    disk = memdisk_open(path, 512);
    if (!disk)
        return NULL;
    md = memdisk_new(name, 512, sectors);
    memcpy(md->data, memdisk_at(disk, lba), sectors * 512);
    memdisk_free(disk);
    return md;
}

static void test_windows_volumes(void **state)
{
    static const struct { const char *name; uint64_t lba, sectors; const char *there; } real[] = {
        { "ldm-2003r2-simple-1", 63, 96256, "\\System Volume Information" },
        { "ldm-2003r2-mirrored-1", 63, 96256, "\\System Volume Information" },
        { "ldm-2003r2-mirrored-2", 63, 96256, "\\System Volume Information" },
        { "ldm-2008r2-mirrored-2", 65664, 32768, "\\$Extend\\$ObjId" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof real / sizeof real[0]; i++) {
        static const char *const names[] = { "NTLDR", "BOOTMGR", "$MFTMirr" };
        struct memdisk *md = real_volume(real[i].name, real[i].lba, real[i].sectors);
        bool found[3];
        struct opened o;

        if (!md)
            skip();
        assert_int_equal(try_open(&o, md), STATUS_OK);
        assert_int_equal(fs_find_names(&o.fs, "/", names, 3, found), STATUS_OK);
        assert_in_range(md->reads, 1, 3);
        assert_false(found[0]);
        assert_false(found[1]);
        assert_true(found[2]);
        must_find(&o, real[i].there);
        close_volume(&o);
    }
}

/* ------------------------------------------------ volumes put together by hand */

static struct nb_volume sample_of(uint32_t cluster_bytes, uint32_t record_bytes, size_t size)
{
    struct nb_volume v = { NULL, size, cluster_bytes, record_bytes, 16, 18, 60 };

    if (cluster_bytes >= 4096) {  /* so that both pieces of the MFT are whole clusters */
        v.first_records = 2 * cluster_bytes / record_bytes;
        v.mft_lcn = 4;
        v.second_lcn = 10;
    }
    if (v.first_records > 32)
        v.first_records = 32 < cluster_bytes / record_bytes ? cluster_bytes / record_bytes : 32;
    if (record_bytes == 4096 && cluster_bytes == 512)
        v.second_lcn = 160;
    return v;
}

static struct memdisk *sample_disk(struct nb_volume *v)
{
    struct memdisk *md = memdisk_new("sample", 512, v->size / 512);

    v->bytes = md->data;
    nb_sample(v);
    return md;
}

/* The sample with 512-byte clusters and 1 KiB records, where damage is easy to place. */
static struct memdisk *small_sample(struct nb_volume *v)
{
    *v = sample_of(512, 1024, 256 << 10);
    return sample_disk(v);
}

static uint8_t *record_of(struct nb_volume *v, uint32_t number)
{
    bool second = number >= v->first_records;

    return nb_cluster(v, second ? v->second_lcn : v->mft_lcn) +
           (size_t)(second ? number - v->first_records : number) * v->record_bytes;
}

/* Take the update sequence out of a record, to change it and seal it again. */
static void unseal(uint8_t *record, size_t bytes)
{
    size_t array = rd_le16(span_of(record, 8), 4);

    for (size_t i = 1; i <= bytes / 512; i++)
        memcpy(record + 512 * i - 2, record + array + 2 * i, 2);
}

static const struct { uint32_t cluster, record; size_t size; } shapes[] = {
    { 512, 1024, 256 << 10 }, { 512, 4096, 512 << 10 }, { 1024, 1024, 512 << 10 }, { 4096, 1024, 1 << 20 },
    { 4096, 4096, 1 << 20 }, { 65536, 1024, 4 << 20 }, { 131072, 4096, 8 << 20 }, { 2097152, 1024, 96 << 20 },
};

static void test_sample_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct nb_volume v = sample_of(shapes[i].cluster, shapes[i].record, shapes[i].size);
        uint64_t c = v.cluster_bytes;
        struct opened o;

        assert_int_equal(try_open(&o, sample_disk(&v)), STATUS_OK);
        check_content(&o, "/boot.ini", 600, 1, 0, UINT64_MAX);
        check_content(&o, "/bootmgr", 3 * c - 100, 2, 0, UINT64_MAX);
        check_content(&o, "/windows/WINLOAD.EFI", 3 * c - 100, 2, 0, UINT64_MAX);
        check_content(&o, "/sparse.bin", 6 * c, 3, 4 * c, 5 * c + 7);
        check_content(&o, "/listed.bin", 2 * c, 4, 0, UINT64_MAX);
        check_content(&o, "/outside.bin", c - 1, 5, 0, UINT64_MAX);
        /* Only a block that the bitmap does not know has this name. */
        assert_int_equal(find(&o, "/NTLDR"), STATUS_FILE_NOT_FOUND);
        close_volume(&o);
    }
}

/* fs_locate() finds every byte of a file where the disk has it, fix-ups or not. */
static void check_located(struct opened *o, const char *path, unsigned seed, uint64_t from)
{
    struct fs_file f = must_find(o, path);

    for (uint64_t off = from; off < f.bytes;) {
        uint64_t sector, left;
        uint32_t offset;

        assert_int_equal(fs_locate(&f, off, &sector, &offset, &left), STATUS_OK);
        assert_in_range(left, 1, f.bytes - off);
        for (uint64_t i = 0; i < left; i++)
            assert_int_equal(memdisk_at(o->md, sector)[offset + i], pattern_at(seed, off + i));
        off += left;
    }
}

static void test_locate(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct nb_volume v = sample_of(shapes[i].cluster, shapes[i].record, shapes[i].size);
        struct opened o;
        struct fs_file f;
        uint64_t sector, left;
        uint32_t offset;

        assert_int_equal(try_open(&o, sample_disk(&v)), STATUS_OK);
        check_located(&o, "/boot.ini", 1, 0);
        check_located(&o, "/bootmgr", 2, 0);
        check_located(&o, "/listed.bin", 4, 0);
        f = must_find(&o, "/sparse.bin");
        assert_int_equal(fs_locate(&f, 0, &sector, &offset, &left), STATUS_FS_UNSUPPORTED);
        assert_int_equal(fs_locate(&f, 4 * (uint64_t)v.cluster_bytes, &sector, &offset, &left), STATUS_OK);
        assert_int_equal(left, v.cluster_bytes + 7);
        assert_int_equal(fs_locate(&f, 5 * (uint64_t)v.cluster_bytes + 7, &sector, &offset, &left),
                         STATUS_FS_UNSUPPORTED);
        assert_int_equal(fs_locate(&f, f.bytes, &sector, &offset, &left), STATUS_INTERNAL);
        close_volume(&o);
    }
}

/* A record of which one sector is older than the other: each of them is noticed. */
static void test_torn_records(void **state)
{
    static const struct { uint32_t number; const char *path; } torn[] = {
        { 5, "/boot.ini" }, { 16, "/boot.ini" }, { 24, "/windows/winload.efi" }, { 21, "/listed.bin" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof torn / sizeof torn[0]; i++)
        for (unsigned sector = 0; sector < 2; sector++) {
            struct nb_volume v;
            struct opened o;
            struct memdisk *md = small_sample(&v);

            record_of(&v, torn[i].number)[512 * sector + 510] ^= 1;
            assert_int_equal(try_open(&o, md), STATUS_OK);
            assert_int_equal(find(&o, torn[i].path), STATUS_FS_DAMAGED);
            close_volume(&o);
        }
}

/* Index blocks: what is found in good ones is found; what is not there is not said to be absent. */
static void test_torn_index_block(void **state)
{
    static const char *const names[] = { "bootmgr", "sparse.bin", "none" };
    struct nb_volume v;
    struct opened o;
    struct memdisk *md = small_sample(&v);
    uint32_t block = v.second_lcn + 64;
    bool found[3];

    (void)state;
    nb_cluster(&v, block)[510] ^= 1;
    assert_int_equal(try_open(&o, md), STATUS_OK);
    assert_int_equal(fs_find_names(&o.fs, "/", names, 3, found), STATUS_FS_DAMAGED);
    assert_false(found[0]);
    assert_true(found[1]);
    assert_int_equal(fs_find_names(&o.fs, "/", names + 1, 1, found), STATUS_OK);
    assert_int_equal(find(&o, "/bootmgr"), STATUS_FS_DAMAGED);
    close_volume(&o);
}

static void test_unreadable_index_block(void **state)
{
    static const char *const names[] = { "bootmgr", "sparse.bin" };
    struct nb_volume v;
    struct opened o;
    struct memdisk *md = small_sample(&v);
    bool found[2];

    (void)state;
    assert_int_equal(try_open(&o, md), STATUS_OK);
    memdisk_fail(md, v.second_lcn + 64 + 1, 1, STATUS_READ_FAILED);
    assert_int_equal(fs_find_names(&o.fs, "/", names, 2, found), STATUS_READ_FAILED);
    assert_false(found[0]);
    assert_true(found[1]);
    close_volume(&o);
}

static void test_mft_mirror(void **state)
{
    struct nb_volume v;
    struct opened o;
    struct memdisk *md = small_sample(&v);

    (void)state;
    memset(record_of(&v, 0), 0, 1024);
    assert_int_equal(try_open(&o, md), STATUS_OK);
    assert_true(o.fs.u.ntfs.mft_mirror_used);
    check_content(&o, "/boot.ini", 600, 1, 0, UINT64_MAX);
    close_volume(&o);

    md = small_sample(&v);  /* the same when the first record cannot be read */
    memdisk_fail(md, v.mft_lcn, 2, STATUS_READ_FAILED);
    o.arena = arena_of(malloc(ARENA_BYTES), ARENA_BYTES);
    o.md = md;
    assert_int_equal(fs_open(&md->dev, v.bytes, &o.arena, &o.fs), STATUS_OK);
    assert_true(o.fs.u.ntfs.mft_mirror_used);
    check_content(&o, "/listed.bin", 1024, 4, 0, UINT64_MAX);
    close_volume(&o);

    md = small_sample(&v);  /* another of the first records cannot be read: the mirror is not needed */
    memdisk_fail(md, v.mft_lcn + 4, 1, STATUS_READ_FAILED);
    o.arena = arena_of(malloc(ARENA_BYTES), ARENA_BYTES);
    o.md = md;
    assert_int_equal(fs_open(&md->dev, v.bytes, &o.arena, &o.fs), STATUS_OK);
    assert_false(o.fs.u.ntfs.mft_mirror_used);
    check_content(&o, "/listed.bin", 1024, 4, 0, UINT64_MAX);
    close_volume(&o);

    md = small_sample(&v);  /* both bad */
    memset(record_of(&v, 0), 0, 1024);
    memset(nb_cluster(&v, 1), 0, 1024);
    assert_int_equal(try_open(&o, md), STATUS_FS_DAMAGED);
    assert_int_equal(o.arena.used, 0);
    close_volume(&o);
}

static void test_reused_record(void **state)
{
    struct nb_volume v;
    struct opened o;
    struct memdisk *md = small_sample(&v);

    (void)state;
    wr_le16(record_of(&v, 16) + 0x10, 2);  /* sequence number: another file lives here now */
    wr_le16(record_of(&v, 17) + 0x16, 0);  /* not in use */
    wr_le64(record_of(&v, 21) + 0x20, 1);  /* belongs to another file */
    assert_int_equal(try_open(&o, md), STATUS_OK);
    assert_int_equal(find(&o, "/boot.ini"), STATUS_FS_DAMAGED);
    assert_int_equal(find(&o, "/bootmgr"), STATUS_FS_DAMAGED);
    assert_int_equal(find(&o, "/listed.bin"), STATUS_FS_DAMAGED);
    close_volume(&o);
}

/* A record written anew: an empty one for this number, ready for attributes. */
static uint8_t *rewrite(struct nb_volume *v, uint32_t number)
{
    return nb_record(v, number, NB_IN_USE, 0);
}

static void test_attribute_lists_that_lie(void **state)
{
    struct nb_volume v;
    struct opened o;
    struct memdisk *md = small_sample(&v);
    uint8_t list[800], *r;
    struct nb_stream piece = nb_one_run(100, 1, 512);
    size_t len = 0;

    (void)state;
    r = rewrite(&v, 16);  /* names itself, where nothing is */
    len = nb_list_entry(list, 0, NB_DATA, "", 0, 16);
    nb_resident(r, NB_LIST, "", list, len);
    nb_seal(r, 1024);
    r = rewrite(&v, 17);  /* names the same piece again and again */
    for (len = 0; len < 640;)
        len = nb_list_entry(list, len, NB_DATA, "", 0, 20);
    nb_resident(r, NB_LIST, "", list, len);
    nb_seal(r, 1024);
    r = nb_record(&v, 20, NB_IN_USE, 17);
    nb_in_clusters(r, NB_DATA, "", &piece);
    nb_seal(r, 1024);
    r = rewrite(&v, 18);  /* an entry of length 0 */
    len = nb_list_entry(list, 0, NB_DATA, "", 0, 20);
    wr_le16(list + 4, 0);
    nb_resident(r, NB_LIST, "", list, len);
    nb_seal(r, 1024);
    assert_int_equal(try_open(&o, md), STATUS_OK);
    assert_int_equal(find(&o, "/boot.ini"), STATUS_FS_DAMAGED);
    assert_int_equal(find(&o, "/bootmgr"), STATUS_FS_DAMAGED);
    assert_int_equal(find(&o, "/sparse.bin"), STATUS_FS_DAMAGED);
    close_volume(&o);
}

/* Runs outside of the volume, of no length, without an end, or fewer than the record says. */
static void test_runs_that_lie(void **state)
{
    static const struct { uint8_t pairs[10]; size_t len; } bad[] = {
        { { 0x31, 3, 0xff, 0xff, 0x7f }, 5 }, { { 0x11, 3, 0x80 }, 3 }, { { 0x11, 0, 50 }, 3 },
        { { 0x11, 0xff, 50 }, 3 }, { { 0x11, 2, 50 }, 3 }, { { 0xf1, 3, 50 }, 3 }, { { 0x1f, 3, 50 }, 3 },
        { { 0x11, 3, 50, 0x11, 1, 50 }, 6 }, { { 0 }, 0 }, { { 0x08, 255, 255, 255, 255, 255, 255, 255, 127 }, 9 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct nb_volume v;
        struct opened o;
        struct memdisk *md = small_sample(&v);
        struct nb_stream s = { .clusters = 3, .bytes = 1500, .initialized = 1500, .pairs_len = bad[i].len };
        uint8_t *r = rewrite(&v, 16);

        memcpy(s.pairs, bad[i].pairs, sizeof bad[i].pairs);
        nb_in_clusters(r, NB_DATA, "", &s);
        nb_seal(r, 1024);
        assert_int_equal(try_open(&o, md), STATUS_OK);
        if (find(&o, "/boot.ini") != STATUS_FS_DAMAGED)
            fail_msg("runs %zu were believed", i);
        close_volume(&o);
    }
}

static void set_data(struct nb_volume *v, uint32_t number, uint16_t flags, uint32_t reparse_tag)
{
    uint8_t *r = rewrite(v, number), tag[16] = { 0 };
    struct nb_stream s = nb_one_run(100, 1, 512);

    s.flags = flags;
    nb_in_clusters(r, NB_DATA, "", &s);
    wr_le32(tag, reparse_tag);
    if (reparse_tag)
        nb_resident(r, NB_REPARSE, "", tag, sizeof tag);
    nb_seal(r, 1024);
}

static void test_data_that_cannot_be_read(void **state)
{
    static const struct { uint16_t flags; uint32_t tag; enum status want; enum fs_storage storage; } kinds[] = {
        { 0, 0, STATUS_OK, FS_STORED_PLAIN }, { 0x8000, 0, STATUS_OK, FS_STORED_PLAIN },
        { 1, 0, STATUS_FS_UNSUPPORTED, FS_STORED_COMPRESSED }, { 0x4000, 0, STATUS_FS_ENCRYPTED, FS_STORED_ENCRYPTED },
        { 0x8000, 0x80000017, STATUS_FS_WOF, FS_STORED_WOF }, { 0, 0x80000013, STATUS_FS_UNSUPPORTED, FS_STORED_ELSEWHERE },
        { 0x8000, 0x80000013, STATUS_FS_UNSUPPORTED, FS_STORED_ELSEWHERE }, { 0x4001, 0, STATUS_FS_ENCRYPTED, FS_STORED_ENCRYPTED },
        { 0x80, 0, STATUS_FS_UNSUPPORTED, FS_STORED_COMPRESSED }, { 0x100, 0, STATUS_OK, FS_STORED_PLAIN },
    };

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct nb_volume v;
        struct opened o;
        struct memdisk *md = small_sample(&v);
        struct fs_file f;
        uint8_t byte;
        uint64_t sector, left;
        uint32_t offset;

        set_data(&v, 16, kinds[i].flags, kinds[i].tag);
        assert_int_equal(try_open(&o, md), STATUS_OK);
        f = must_find(&o, "/boot.ini");
        assert_int_equal(f.bytes, 512);
        assert_int_equal(f.storage, kinds[i].storage);
        assert_int_equal(fs_read(&f, 0, &byte, 1), kinds[i].want);
        assert_int_equal(fs_locate(&f, 0, &sector, &offset, &left), kinds[i].want);
        close_volume(&o);
    }
}

/* A reparse point that cannot be read could say that the data is elsewhere: the file is there, and is not read. */
static void test_a_damaged_reparse_point(void **state)
{
    struct nb_volume v;
    struct opened    o;
    struct memdisk  *md = small_sample(&v);
    struct nb_stream s = nb_one_run(100, 1, 512);
    uint8_t         *r = rewrite(&v, 16), byte;
    struct fs_file   f;

    (void)state;
    nb_in_clusters(r, NB_DATA, "", &s);
    s.pairs[1] = 0;  /* a run of no clusters */
    nb_in_clusters(r, NB_REPARSE, "", &s);
    nb_seal(r, 1024);
    assert_int_equal(try_open(&o, md), STATUS_OK);
    f = must_find(&o, "/boot.ini");
    assert_int_equal(fs_read(&f, 0, &byte, 1), STATUS_FS_DAMAGED);
    close_volume(&o);

    md = small_sample(&v);  /* one that lies in a sector that cannot be read */
    r = rewrite(&v, 16);
    s = nb_one_run(100, 1, 512);
    nb_in_clusters(r, NB_DATA, "", &s);
    s = nb_one_run(300, 1, 16);
    nb_in_clusters(r, NB_REPARSE, "", &s);
    nb_seal(r, 1024);
    assert_int_equal(try_open(&o, md), STATUS_OK);
    memdisk_fail(md, 300, 1, STATUS_READ_FAILED);
    f = must_find(&o, "/boot.ini");
    assert_int_equal(f.storage, FS_STORED_ELSEWHERE);
    assert_int_equal(fs_read(&f, 0, &byte, 1), STATUS_READ_FAILED);
    close_volume(&o);
}

/* An MFT whose pieces end in the middle of a record: data in that record lies in both of them. */
static void test_a_record_in_two_pieces(void **state)
{
    enum { CLUSTER = 512, SPLIT = 33, APART = 400 };  /* record 16 is in clusters 32 and 33 of the MFT */
    struct nb_volume v;
    struct opened    o;
    struct memdisk  *md = small_sample(&v);
    struct nb_stream s = { .clusters = 36 + 64, .bytes = 50 * 1024, .initialized = 50 * 1024 };
    uint8_t         *r = nb_record(&v, 0, NB_IN_USE, 0);

    (void)state;
    s.pairs_len = nb_run(s.pairs, (int32_t)v.mft_lcn, SPLIT, false);
    s.pairs_len += nb_run(s.pairs + s.pairs_len, (int32_t)(APART - v.mft_lcn), 1, false);
    s.pairs_len += nb_run(s.pairs + s.pairs_len, (int32_t)(v.mft_lcn + SPLIT + 1) - APART, 2, false);
    s.pairs_len += nb_run(s.pairs + s.pairs_len, (int32_t)(v.second_lcn - v.mft_lcn - SPLIT - 1), 64, false);
    nb_in_clusters(r, NB_DATA, "", &s);
    nb_seal(r, 1024);
    memcpy(nb_cluster(&v, APART), nb_cluster(&v, v.mft_lcn + SPLIT), CLUSTER);
    memset(nb_cluster(&v, v.mft_lcn + SPLIT), 0xff, CLUSTER);
    assert_int_equal(try_open(&o, md), STATUS_OK);
    check_content(&o, "/boot.ini", 600, 1, 0, UINT64_MAX);
    check_located(&o, "/boot.ini", 1, 0);
    check_content(&o, "/windows/WINLOAD.EFI", 3 * CLUSTER - 100, 2, 0, UINT64_MAX);
    check_content(&o, "/listed.bin", 2 * CLUSTER, 4, 0, UINT64_MAX);
    close_volume(&o);
}

/* Where each byte of a file is that lies in its record: the last two of a stride stand elsewhere. */
static void test_each_byte_of_a_file_in_its_record(void **state)
{
    struct nb_volume v;
    struct opened    o;
    struct memdisk  *md = small_sample(&v);
    uint8_t         *r = rewrite(&v, 16), data[700];
    struct fs_file   f;

    (void)state;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = pattern_at(1, i);
    nb_resident(r, NB_DATA, "", data, sizeof data);
    nb_seal(r, 1024);
    assert_int_equal(try_open(&o, md), STATUS_OK);
    f = must_find(&o, "/boot.ini");
    for (size_t off = 0; off < sizeof data; off++) {
        uint64_t sector, left;
        uint32_t offset;

        assert_int_equal(fs_locate(&f, off, &sector, &offset, &left), STATUS_OK);
        assert_in_range(left, 1, sizeof data - off);
        assert_memory_equal(memdisk_at(md, sector) + offset, data + off, left);
    }
    close_volume(&o);
}

/* A record whose second half is a hole of the MFT: zeros that may be right, but have no place that could be named. */
static void test_a_record_half_of_which_is_a_hole(void **state)
{
    struct nb_volume v;
    struct opened    o;
    struct memdisk  *md = small_sample(&v);
    struct nb_stream s = { .clusters = 36 + 64, .bytes = 50 * 1024, .initialized = 50 * 1024 };
    uint8_t         *r = nb_record(&v, 0, NB_IN_USE, 0), list[64], data[600];
    struct fs_file   f;
    uint64_t         sector, left;
    uint32_t         offset;

    (void)state;
    s.pairs_len = nb_run(s.pairs, (int32_t)v.mft_lcn, 35, false);
    s.pairs_len += nb_run(s.pairs + s.pairs_len, 0, 1, true);
    s.pairs_len += nb_run(s.pairs + s.pairs_len, (int32_t)(v.second_lcn - v.mft_lcn), 64, false);
    nb_in_clusters(r, NB_DATA, "", &s);
    nb_seal(r, 1024);
    r = rewrite(&v, 16);
    nb_resident(r, NB_LIST, "", list, nb_list_entry(list, 0, NB_DATA, "", 0, 17));
    nb_seal(r, 1024);
    r = nb_record(&v, 17, NB_IN_USE, 16);
    memset(data, 'd', sizeof data);
    nb_resident(r, NB_DATA, "", data, sizeof data);
    nb_seal(r, 1024);
    wr_le16(r + 0x30, 0);  /* the number that each stride has to end with: as the hole does */
    wr_le16(r + 510, 0);
    assert_int_equal(try_open(&o, md), STATUS_OK);
    f = must_find(&o, "/boot.ini");
    assert_int_equal(fs_locate(&f, 0, &sector, &offset, &left), STATUS_OK);
    assert_int_equal(memdisk_at(md, sector)[offset], 'd');
    assert_int_equal(fs_locate(&f, 599, &sector, &offset, &left), STATUS_FS_DAMAGED);
    close_volume(&o);
}

/* A file that is longer than its clusters: what they have can be had, and where the rest would be is not said. */
static void test_a_file_longer_than_its_clusters(void **state)
{
    struct nb_volume v;
    struct opened    o;
    struct memdisk  *md = small_sample(&v);
    struct nb_stream s = nb_one_run(100, 2, 3 * 512);
    uint8_t         *r = rewrite(&v, 16), byte;
    struct fs_file   f;
    uint64_t         sector, left;
    uint32_t         offset;
    size_t           used;

    (void)state;
    nb_in_clusters(r, NB_DATA, "", &s);
    nb_seal(r, 1024);
    assert_int_equal(try_open(&o, md), STATUS_OK);
    f = must_find(&o, "/boot.ini");
    assert_int_equal(fs_read(&f, 1023, &byte, 1), STATUS_OK);
    assert_int_equal(fs_locate(&f, 1023, &sector, &offset, &left), STATUS_OK);
    assert_true(sector == 101 && offset == 511 && left == 1);
    assert_int_equal(fs_read(&f, 1024, &byte, 1), STATUS_FS_DAMAGED);
    assert_int_equal(fs_locate(&f, 1024, &sector, &offset, &left), STATUS_FS_DAMAGED);
    r = rewrite(&v, 16);
    s.bytes = 0;  /* less than what was ever written of it: no file, and it takes no memory */
    nb_in_clusters(r, NB_DATA, "", &s);
    nb_seal(r, 1024);
    used = o.arena.used;
    assert_int_equal(find(&o, "/boot.ini"), STATUS_FS_DAMAGED);
    assert_int_equal(o.arena.used, used);
    close_volume(&o);
}

/*
 * A directory too big to be read whole (its size says so): the root node sends every name to
 * block 0; `in_block` are its names, a child of its last entry is `last_child` when there is one.
 */
static void make_big_directory(struct nb_volume *v, const char *const *in_block, size_t n, const uint64_t *last_child)
{
    const uint64_t first = 0;
    uint8_t value[256], *r = nb_record(v, 5, NB_IN_USE | NB_DIRECTORY, 0), bitmap[8] = { 1 };
    uint32_t lcn = 260;
    struct nb_stream s = nb_one_run(lcn, 160, 160 * 512);
    struct nb_node node;

    nb_index_root(value, 4096);
    node = nb_node_begin(value + 16);
    nb_node_end(&node, &first);
    nb_resident(r, NB_ROOT, "$I30", value, 16 + node.len);
    nb_in_clusters(r, NB_BLOCKS, "$I30", &s);
    nb_resident(r, NB_BITMAP, "$I30", bitmap, sizeof bitmap);
    nb_seal(r, v->record_bytes);
    memset(nb_cluster(v, lcn), 0, 4096);
    node = nb_index_block(nb_cluster(v, lcn), 0);
    for (size_t i = 0; i < n; i++)
        nb_entry(&node, 16, in_block[i], NULL);
    nb_node_end(&node, last_child);
    nb_seal(nb_cluster(v, lcn), 4096);
}

static void test_big_directory_order(void **state)
{
    /* U+0131 sorts behind Z in Windows's table, but would sort as I in another. */
    static const char *const odd[] = { "a", "\xc4\xb1zz", "boot.ini", "z" };
    static const char *const plain[] = { "BOOT", "boot.ini", "b\xc3\xa4r", "zeta" };
    struct nb_volume v;
    struct opened o;
    struct memdisk *md = small_sample(&v);

    (void)state;
    make_big_directory(&v, odd, 4, NULL);
    assert_int_equal(try_open(&o, md), STATUS_OK);
    must_find(&o, "/boot.ini");  /* although the descent ends at the odd name */
    assert_int_equal(find(&o, "/b"), STATUS_FILE_NOT_FOUND);
    close_volume(&o);

    md = small_sample(&v);
    make_big_directory(&v, plain, 4, NULL);
    assert_int_equal(try_open(&o, md), STATUS_OK);
    must_find(&o, "/BOOT.INI");
    must_find(&o, "/Zeta");
    assert_int_equal(find(&o, "/boot.in"), STATUS_FILE_NOT_FOUND);
    assert_int_equal(find(&o, "/a"), STATUS_FILE_NOT_FOUND);
    memdisk_reset(md);
    assert_int_equal(find(&o, "/zz"), STATUS_FILE_NOT_FOUND);
    assert_int_equal(md->reads, 0);
    close_volume(&o);
}

/* A tree whose block is its own child, or has a child outside of the index. */
static void test_index_loops(void **state)
{
    static const char *const names[] = { "a", "boot.ini" };
    static const struct { uint64_t child; enum status want; } loops[] = {
        { 0, STATUS_FILE_NOT_FOUND },  /* given up on, all blocks looked at */
        { 1000, STATUS_FS_DAMAGED }, { 153, STATUS_FS_DAMAGED }, { UINT64_MAX, STATUS_FS_DAMAGED },
        { 8, STATUS_FS_DAMAGED },      /* not a block */
    };

    (void)state;
    for (size_t i = 0; i < sizeof loops / sizeof loops[0]; i++) {
        struct nb_volume v;
        struct opened o;
        struct memdisk *md = small_sample(&v);

        make_big_directory(&v, names, 2, &loops[i].child);
        assert_int_equal(try_open(&o, md), STATUS_OK);
        must_find(&o, "/boot.ini");
        assert_int_equal(find(&o, "/zz"), loops[i].want);
        assert_in_range(md->reads, 1, 100);
        close_volume(&o);
    }
}

/* The MFT's own list: its second half is known from a record in the first half only. */
static void test_mft_with_attribute_list(void **state)
{
    struct nb_volume v;
    struct opened o;
    struct memdisk *md = small_sample(&v);
    uint8_t list[128], *r = nb_record(&v, 0, NB_IN_USE, 0);
    struct nb_stream first = nb_one_run(v.mft_lcn, 36, 50 * 1024), second = nb_one_run(v.second_lcn, 64, 0);
    size_t len = nb_list_entry(list, 0, NB_DATA, "", 0, 0);

    (void)state;
    second.first_vcn = 36;
    len = nb_list_entry(list, len, NB_DATA, "", 36, 15);
    nb_resident(r, NB_LIST, "", list, len);
    nb_in_clusters(r, NB_DATA, "", &first);
    nb_seal(r, 1024);
    r = nb_record(&v, 15, NB_IN_USE, 0);
    nb_in_clusters(r, NB_DATA, "", &second);
    nb_seal(r, 1024);
    assert_int_equal(try_open(&o, md), STATUS_OK);
    check_content(&o, "/listed.bin", 1024, 4, 0, UINT64_MAX);
    close_volume(&o);

    md = small_sample(&v);  /* the piece is in a record of the piece itself: cannot be */
    r = nb_record(&v, 0, NB_IN_USE, 0);
    len = nb_list_entry(list, 0, NB_DATA, "", 0, 0);
    len = nb_list_entry(list, len, NB_DATA, "", 36, 40);
    nb_resident(r, NB_LIST, "", list, len);
    nb_in_clusters(r, NB_DATA, "", &first);
    nb_seal(r, 1024);
    assert_int_equal(try_open(&o, md), STATUS_FS_DAMAGED);
    close_volume(&o);
}

/* Searching takes no memory for good; too little memory is an answer, not a crash. */
static void test_memory(void **state)
{
    static const char *const names[] = { "NTLDR" };
    struct nb_volume v;
    struct opened o;
    struct memdisk *md = small_sample(&v);
    size_t used;
    bool found;

    (void)state;
    assert_int_equal(try_open(&o, md), STATUS_OK);
    used = o.arena.used;
    assert_int_equal(find(&o, "/windows/none"), STATUS_FILE_NOT_FOUND);
    assert_int_equal(fs_find_names(&o.fs, "/", names, 1, &found), STATUS_OK);
    assert_int_equal(o.arena.used, used);
    for (size_t size = 0; size < used + 4096; size += 64) {
        struct opened small = { .arena = arena_of(o.arena.base, size) };
        enum status st = fs_open(&md->dev, v.bytes, &small.arena, &small.fs);

        if (st == STATUS_OK)
            st = find(&small, "/outside.bin");
        assert_true(st == STATUS_NO_MEMORY || (st == STATUS_OK && size > used));
    }
    close_volume(&o);
}

static void test_every_sector_unreadable(void **state)
{
    struct nb_volume v;
    struct memdisk *md = small_sample(&v);
    uint8_t boot[512], data[2048];
    void *memory = malloc(ARENA_BYTES);

    (void)state;
    memcpy(boot, v.bytes, sizeof boot);
    for (uint64_t bad = 0; bad < v.size / 512; bad++) {
        struct opened o = { .md = md, .arena = arena_of(memory, ARENA_BYTES) };
        struct fs_file f;
        enum status st;

        memdisk_reset(md);
        memdisk_fail(md, bad, 1, STATUS_READ_FAILED);
        st = fs_open(&md->dev, boot, &o.arena, &o.fs);
        if (st == STATUS_OK)
            st = fs_find(&o.fs, "/listed.bin", &f);
        if (st == STATUS_OK)
            st = fs_read(&f, 0, data, 1024);
        assert_true(st == STATUS_OK || st == STATUS_READ_FAILED);
        for (size_t i = 0; st == STATUS_OK && i < 1024; i++)
            assert_int_equal(data[i], pattern_at(4, i));
    }
    free(memory);
    memdisk_free(md);
}

/* Lengths inside of a record that go beyond what is there. */
static void test_sizes_that_lie(void **state)
{
    struct nb_volume v;
    struct opened o;
    struct memdisk *md = small_sample(&v);
    uint8_t *r = record_of(&v, 17), *data;
    size_t attribute = 0x48;

    (void)state;
    unseal(r, 1024);
    data = r + attribute;
    wr_le64(data + 0x38, 1000000);  /* more initialized than there is */
    nb_seal(r, 1024);
    r = record_of(&v, 16);
    unseal(r, 1024);
    wr_le32(r + attribute + 0x10, 1000);  /* resident, longer than its attribute */
    nb_seal(r, 1024);
    assert_int_equal(try_open(&o, md), STATUS_OK);
    assert_int_equal(find(&o, "/bootmgr"), STATUS_FS_DAMAGED);
    assert_int_equal(find(&o, "/boot.ini"), STATUS_FS_DAMAGED);
    close_volume(&o);
}

/* Each field of the root directory's record that could lead a reader astray. */
static void test_directories_that_lie(void **state)
{
    enum { ATTRIBUTE = 0x48, VALUE = ATTRIBUTE + 0x20, NODE = VALUE + 16, ENTRY = NODE + 16 };
    static const struct { const char *what; size_t offset; unsigned bytes; uint32_t value; } lies[] = {
        { "attributes begin behind the record", 0x14, 2, 2000 }, { "attributes begin behind the end", 0x14, 2, 900 },
        { "more used than there is", 0x18, 4, 5000 },            { "less used than there is", 0x18, 4, 0x40 },
        { "no $INDEX_ROOT", ATTRIBUTE, 4, 0x91 },                { "attribute too short", ATTRIBUTE + 4, 4, 8 },
        { "attribute too long", ATTRIBUTE + 4, 4, 100000 },      { "another name", ATTRIBUTE + 0x18, 2, 'X' },
        { "another name's length", ATTRIBUTE + 9, 1, 3 },        { "name outside", ATTRIBUTE + 10, 2, 0x8000 },
        { "value too long", ATTRIBUTE + 0x10, 4, 0x300 },        { "value outside", ATTRIBUTE + 0x14, 2, 0x8000 },
        { "another index", VALUE, 4, 0x10 },                     { "odd blocks", VALUE + 8, 4, 1000 },
        { "large blocks", VALUE + 8, 4, 0x20000 },               { "tiny blocks", VALUE + 8, 4, 256 },
        { "entries in the header", NODE, 4, 8 },                 { "entries behind the end", NODE, 4, 5000 },
        { "node too long", NODE + 4, 4, 5000 },                  { "entry of no length", ENTRY + 8, 2, 0 },
        { "entry too short for its name", ENTRY + 8, 2, 0x40 },  { "entry too long", ENTRY + 8, 2, 4000 },
        { "child in no room", ENTRY + 8, 2, 0x10 },              { "no name", ENTRY + 0x50, 1, 0 },
        { "name too long", ENTRY + 0x50, 1, 255 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        struct nb_volume v;
        struct opened o;
        struct memdisk *md = small_sample(&v);
        uint8_t *r = record_of(&v, 5);

        unseal(r, 1024);
        wr_le(r + lies[i].offset, lies[i].value, lies[i].bytes);
        nb_seal(r, 1024);
        assert_int_equal(try_open(&o, md), STATUS_OK);
        if (find(&o, "/none") != STATUS_FS_DAMAGED)
            fail_msg("%s: was believed", lies[i].what);
        close_volume(&o);
    }
}

/* A directory's blocks and bitmap in another record, beside attributes of other names; and without a bitmap. */
static void test_directory_with_attribute_list(void **state)
{
    const uint64_t first = 0;

    (void)state;
    for (unsigned with_bitmap = 0; with_bitmap < 2; with_bitmap++) {
        struct nb_volume v;
        struct opened o;
        struct memdisk *md = small_sample(&v);
        uint8_t list[256], value[128], bitmap[8] = { 5 }, *r = nb_record(&v, 5, NB_IN_USE | NB_DIRECTORY, 0);
        struct nb_stream blocks = nb_one_run(v.second_lcn + 64, 24, 3 * 4096);
        struct nb_node n;
        size_t len = nb_list_entry(list, 0, NB_ROOT, "$I30", 0, 5);

        len = nb_list_entry(list, len, NB_BLOCKS, "$O30", 0, 17);
        len = nb_list_entry(list, len, NB_BLOCKS, "$I30", 0, 30);
        if (with_bitmap)
            len = nb_list_entry(list, len, NB_BITMAP, "$I30", 0, 30);
        nb_index_root(value, 4096);
        n = nb_node_begin(value + 16);
        nb_node_end(&n, &first);
        nb_resident(r, NB_LIST, "", list, len);
        nb_resident(r, NB_ROOT, "$I30", value, 16 + n.len);
        nb_seal(r, 1024);
        r = nb_record(&v, 30, NB_IN_USE, 5);
        nb_in_clusters(r, NB_BLOCKS, "$I30", &blocks);
        nb_resident(r, NB_BITMAP, "$I30", bitmap, sizeof bitmap);
        nb_seal(r, 1024);
        assert_int_equal(try_open(&o, md), STATUS_OK);
        assert_int_equal(find(&o, "/bootmgr"), with_bitmap ? STATUS_OK : STATUS_FS_DAMAGED);
        close_volume(&o);
    }
}

/* Named streams beside the data, before it and of the same size, are not the data. */
static void test_named_streams(void **state)
{
    struct nb_volume v;
    struct opened o;
    struct memdisk *md = small_sample(&v);
    uint8_t *r = rewrite(&v, 16), data[64];

    (void)state;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = pattern_at(11, i);
    nb_resident(r, NB_DATA, "Zone", "not this", 8);
    nb_resident(r, NB_DATA, "", data, sizeof data);
    nb_seal(r, 1024);
    assert_int_equal(try_open(&o, md), STATUS_OK);
    check_content(&o, "/boot.ini", sizeof data, 11, 0, UINT64_MAX);
    close_volume(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_made_volumes),
        cmocka_unit_test(test_names_of_the_root_in_few_reads),
        cmocka_unit_test(test_reads_follow_the_runs),
        cmocka_unit_test(test_windows_volumes),
        cmocka_unit_test(test_sample_files),
        cmocka_unit_test(test_locate),
        cmocka_unit_test(test_torn_records),
        cmocka_unit_test(test_torn_index_block),
        cmocka_unit_test(test_unreadable_index_block),
        cmocka_unit_test(test_mft_mirror),
        cmocka_unit_test(test_reused_record),
        cmocka_unit_test(test_attribute_lists_that_lie),
        cmocka_unit_test(test_runs_that_lie),
        cmocka_unit_test(test_data_that_cannot_be_read),
        cmocka_unit_test(test_a_damaged_reparse_point),
        cmocka_unit_test(test_a_record_in_two_pieces),
        cmocka_unit_test(test_each_byte_of_a_file_in_its_record),
        cmocka_unit_test(test_a_record_half_of_which_is_a_hole),
        cmocka_unit_test(test_a_file_longer_than_its_clusters),
        cmocka_unit_test(test_big_directory_order),
        cmocka_unit_test(test_index_loops),
        cmocka_unit_test(test_mft_with_attribute_list),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_every_sector_unreadable),
        cmocka_unit_test(test_volumes_that_share_a_window),
        cmocka_unit_test(test_sizes_that_lie),
        cmocka_unit_test(test_directories_that_lie),
        cmocka_unit_test(test_directory_with_attribute_list),
        cmocka_unit_test(test_named_streams),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
