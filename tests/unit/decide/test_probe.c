/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_probe.c - what is read from volumes before the decision, and with how many reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/present/fatimage.h"
#include "common/decide/probe.h"
#include "common/windows/bcd.h"
#include "tests/support/fakeview.h"
#include "tests/support/logged.h"
#include "tests/support/memdisk.h"
#include "tests/support/ntfsbuild.h"

#define DISK_SECTORS   100000u
#define LBA            2048u
#define NTFS_BYTES     NB_SMALL_BYTES
#define HIBERFIL       24  /* MFT record of a file of the tests */

static struct fakeview fv;
static struct memdisk *disk[2];
static struct boot_facts facts;
static uint8_t memory[4 << 20];

static int setup(void **state)
{
    (void)state;
    fv_init(&fv, &bios_rules);
    for (size_t i = 0; i < 2; i++)
        disk[i] = fv_memdisk(&fv, i ? "hd81" : "hd80", DISK_SECTORS);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    memdisk_free(disk[0]);
    memdisk_free(disk[1]);
    return 0;
}

static const struct component_facts *probe(const struct firmware_rules *rules)
{
    struct arena a = arena_of(memory, sizeof memory);

    assert_int_equal(probe_volumes(&fv.view, rules, NULL, &a, &facts), STATUS_OK);
    return facts.components;
}

static bool noted(const struct component_facts *f, enum status code)
{
    for (const struct note *n = f->notes.first; n; n = n->next)
        if (n->code == code)
            return true;
    return false;
}

static struct ldm_component *add_component(size_t on, uint64_t lba, uint64_t sectors)
{
    struct ldm_volume    *v = fv_volume(&fv, "Volume1", VOLUME_SIMPLE, 0, sectors);
    struct ldm_component *c = fv_component(&fv, v, "Volume1-01");

    fv_extent(&fv, c, on, lba, sectors);
    return c;
}

/* A FAT volume with these files, on the first disk. */
static struct ldm_component *add_fat(const struct fatimage_file *files, size_t count)
{
    struct ldm_component *c;
    size_t                bytes;

    assert_int_equal(fatimage_size(files, count, &bytes), STATUS_OK);
    assert_int_equal(fatimage_build(files, count, 1, memdisk_at(disk[0], LBA), bytes), STATUS_OK);
    c = add_component(0, LBA, bytes / SECTOR_BYTES);
    fv_finish(&fv);
    return c;
}

/* An NTFS volume whose root directory holds these names; `hiberfil` is the content of them all when it is given. */
static void write_ntfs(uint8_t *at, const char *const *names, size_t count, const char *hiberfil)
{
    struct nb_volume v = nb_small(at, HIBERFIL, names, count);
    uint8_t         *r;

    if (hiberfil) {
        r = nb_record(&v, HIBERFIL, NB_IN_USE, 0);
        nb_resident(r, NB_DATA, "", hiberfil, strlen(hiberfil));
        nb_seal(r, v.record_bytes);
    }
    memcpy(at + NTFS_BYTES - SECTOR_BYTES, at, SECTOR_BYTES);  /* the backup boot sector */
}

static struct ldm_component *add_ntfs(const char *const *names, size_t count, const char *hiberfil)
{
    struct ldm_component *c = add_component(0, LBA, NTFS_BYTES / SECTOR_BYTES);

    write_ntfs(memdisk_at(disk[0], LBA), names, count, hiberfil);
    fv_finish(&fv);
    return c;
}

/* ---- a good other half */

/* A mirror: the same volume on both disks. */
static struct ldm_volume *add_mirror(void)
{
    static const char *const names[] = { "NTLDR" };
    struct ldm_volume       *v = fv_volume(&fv, "Volume1", VOLUME_MIRRORED, 0, NTFS_BYTES / SECTOR_BYTES);

    for (size_t i = 0; i < 2; i++) {
        fv_extent(&fv, fv_component(&fv, v, i ? "Volume1-02" : "Volume1-01"), i, LBA, NTFS_BYTES / SECTOR_BYTES);
        write_ntfs(memdisk_at(disk[i], LBA), names, 1, NULL);
    }
    fv_finish(&fv);
    return v;
}

/* The whole first copy of the boot sector, and the MFT, are lost on one half. */
static void break_first_half(void)
{
    memdisk_fail(disk[0], LBA, 1, STATUS_READ_FAILED);
    memdisk_fail(disk[0], LBA + 32, 64, STATUS_READ_SILENT);
}

static void test_bad_sectors_are_read_from_the_other_good_half(void **state)
{
    const struct component_facts *f;

    (void)state;
    (void)add_mirror();
    break_first_half();
    f = probe(&bios_rules);
    assert_int_equal(facts.count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(f[i].status, STATUS_OK);
        assert_false(f[i].boot_sector_is_backup);
        assert_true(f[i].root_read);
        assert_true(f[i].has_ntldr);
    }
    assert_true(f[0].read_errors > 0);  /* the plan prefers the half that answered best */
    assert_int_equal(f[1].read_errors, 0);
}

/* Old data must never be mixed into what a half holds. */
static void test_a_doubtful_half_stands_in_for_nothing(void **state)
{
    struct ldm_volume            *v = add_mirror();
    const struct component_facts *f;

    (void)state;
    break_first_half();
    fv_mark(&fv, v->components[1], COMPONENT_STALE, STATUS_COMPONENT_IOFAIL);
    f = probe(&bios_rules);
    assert_true(f[0].boot_sector_is_backup);
    assert_false(f[0].root_read);
    assert_true(f[1].root_read);

    v->components[1]->usable = true;
    fv.disks[1].vmdb.committed--;
    f = probe(&bios_rules);
    assert_false(f[0].root_read);
}

/* Nor does a good half stand in for a doubtful one: what is on that one is shown as it is. */
static void test_nothing_stands_in_for_a_doubtful_half(void **state)
{
    struct ldm_volume            *v = add_mirror();
    const struct component_facts *f;

    (void)state;
    break_first_half();
    fv_mark(&fv, v->components[0], COMPONENT_STALE, STATUS_COMPONENT_IOFAIL);
    f = probe(&bios_rules);
    assert_false(f[0].root_read);
    assert_true(f[1].root_read);
}

/* ---- boot sector */

static void test_a_healthy_ntfs_volume(void **state)
{
    static const char *const      names[] = { "BOOTMGR", "ntldr" };
    struct ldm_component         *c = add_ntfs(names, 2, "a program");
    const struct component_facts *f = probe(&bios_rules);

    (void)state;
    assert_int_equal(facts.count, 1);
    assert_int_equal(facts.rules, &bios_rules);
    assert_ptr_equal(f->component, c);
    assert_ptr_equal(f->volume, c->volume);
    assert_ptr_equal(f->disk, &fv.disks[0]);
    assert_int_equal(f->status, STATUS_OK);
    assert_int_equal(f->fs, FS_NTFS);
    assert_false(f->boot_sector_is_backup);
    assert_memory_equal(f->boot_sector, memdisk_at(disk[0], LBA), 512);
    assert_int_equal(f->backup_boot_sector, NTFS_BYTES / 512 - 1);
    assert_int_equal(f->hidden_sectors, 63);
    assert_int_equal(f->heads, 255);
    assert_int_equal(f->sectors_per_track, 63);
    assert_true(f->root_read);
    assert_true(f->has_ntldr);
    assert_true(f->has_bootmgr);
    assert_false(f->hibernated);
    assert_int_equal(f->notes.count, 0);
    assert_int_equal(f->read_errors, 0);
    assert_true(disk[0]->reads <= 1 + 12);  /* one for the boot sector, at most twelve for the root directory */
}

static void test_other_names_are_no_loader(void **state)
{
    static const char *const      names[] = { "BOOTMGR.BAK", "NTLDRS" };
    const struct component_facts *f;

    (void)state;
    add_ntfs(names, 2, NULL);
    f = probe(&bios_rules);
    assert_true(f->root_read);
    assert_false(f->has_ntldr);
    assert_false(f->has_bootmgr);
}

static void test_the_backup_boot_sector(void **state)
{
    static const char *const names[] = { "NTLDR" };

    (void)state;
    add_ntfs(names, 1, NULL);
    for (int unreadable = 0; unreadable < 2; unreadable++) {
        const struct component_facts *f;

        memset(memdisk_at(disk[0], LBA), 0, 512);
        if (unreadable)
            memdisk_fail(disk[0], LBA, 1, STATUS_READ_FAILED);
        f = probe(&bios_rules);
        assert_int_equal(f->status, STATUS_OK);
        assert_true(f->boot_sector_is_backup);
        assert_int_equal(f->fs, FS_NTFS);
        assert_int_equal(f->backup_boot_sector, NTFS_BYTES / 512 - 1);
        assert_memory_equal(f->boot_sector, memdisk_at(disk[0], LBA + NTFS_BYTES / 512 - 1), 512);
        assert_true(f->has_ntldr);
        assert_true(noted(f, STATUS_BOOT_SECTOR_BACKUP));
        assert_int_equal(f->read_errors, unreadable);
    }
}

static void test_the_backup_of_fat32_is_in_sector_6(void **state)
{
    static const struct fatimage_file file = { "\\NTLDR", "x", 1 };
    const struct component_facts     *f;

    (void)state;
    add_fat(&file, 1);
    memcpy(memdisk_at(disk[0], LBA + 6), memdisk_at(disk[0], LBA), 512);
    memset(memdisk_at(disk[0], LBA), 0xff, 512);
    f = probe(&bios_rules);
    assert_int_equal(f->status, STATUS_OK);
    assert_int_equal(f->fs, FS_FAT);
    assert_true(f->boot_sector_is_backup);
    assert_int_equal(f->backup_boot_sector, 6);

    /* one in the place of NTFS's copy is none of this volume's, and not to be had twice */
    memcpy(memdisk_at(disk[0], LBA + f->volume->sectors - 1), memdisk_at(disk[0], LBA + 6), 512);
    f = probe(&bios_rules);
    assert_int_equal(f->backup_boot_sector, 6);
    memdisk_fail(disk[0], LBA + 6, 1, STATUS_READ_FAILED);
    assert_int_equal(probe(&bios_rules)->status, STATUS_BOOT_SECTOR_BAD);
}

static void test_no_boot_sector_at_all(void **state)
{
    const struct component_facts *f;

    (void)state;
    add_component(0, LBA, 1000);
    fv_finish(&fv);
    f = probe(&bios_rules);
    assert_int_equal(f->status, STATUS_BOOT_SECTOR_BAD);
    assert_false(f->root_read);
    assert_true(noted(f, STATUS_BOOT_SECTOR_BAD));
    assert_int_equal(f->notes.count, 1);  /* its files are not looked for */

    fv.components[0].extents[0].lba = DISK_SECTORS;
    f = probe(&bios_rules);
    assert_int_equal(f->status, STATUS_COMPONENT_UNREADABLE);
    assert_int_equal(f->notes.count, 0);
}

static void test_bitlocker_is_named(void **state)
{
    const struct component_facts *f;

    (void)state;
    add_component(0, LBA, 1000);
    fv_finish(&fv);
    memcpy(memdisk_at(disk[0], LBA), "\xeb\x58\x90-FVE-FS-", 11);
    wr_le16(memdisk_at(disk[0], LBA) + 510, 0xaa55);
    f = probe(&bios_rules);
    assert_int_equal(f->status, STATUS_FS_BITLOCKER);
    assert_true(noted(f, STATUS_FS_BITLOCKER));
}

static void test_a_root_directory_that_cannot_be_read(void **state)
{
    static const char *const      names[] = { "NTLDR" };
    const struct component_facts *f;

    (void)state;
    add_ntfs(names, 1, NULL);
    memdisk_fail(disk[0], LBA + 4 * 8 + NB_ROOT_RECORD * 2, 2, STATUS_READ_FAILED);
    f = probe(&bios_rules);
    assert_int_equal(f->status, STATUS_OK);  /* the boot sector is fine */
    assert_false(f->root_read);
    assert_false(f->has_ntldr);
    assert_true(noted(f, STATUS_ROOT_UNREADABLE));
    assert_int_equal(f->notes.count, 2);  /* and why */
    assert_true(f->read_errors > 0);
}

/* ---- names in the root */

/* Each name alone: it says that it is there, and nothing of the others. */
static void test_each_name_alone(void **state)
{
    static const char *const all[] = { "NTLDR", "BOOTMGR", "BOOT.INI", "Boot" };

    for (size_t i = 0; i < 4; i++) {
        const struct component_facts *f;

        teardown(state);
        setup(state);
        add_ntfs(&all[i], 1, NULL);
        f = probe(&bios_rules);
        assert_int_equal(f->has_ntldr, i == 0);
        assert_int_equal(f->has_bootmgr, i == 1);
        assert_int_equal(f->has_bootini, i == 2);
        assert_int_equal(f->has_boot_folder, i == 3);
        assert_false(f->hibernated);
    }
}

/* ---- hibernation */

static void test_hibernation(void **state)
{
    static const struct {
        const char *content;
        bool        live;
    } files[] = { { "hibr....", true },  { "HIBR....", true }, { "WAKE....", false },
                  { "Hibr....", false }, { "hib", false },     { "", false },
                  { "hibR....", false }, { "HIBr....", false } };
    static const char *const names[] = { "hiberfil.sys" };

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        teardown(state);
        setup(state);
        add_ntfs(names, 1, files[i].content);
        assert_int_equal(probe(&bios_rules)->hibernated, files[i].live);
        assert_int_equal(facts.components->notes.count, 0);
    }
}

static void test_a_hibernation_file_that_cannot_be_read_is_noted(void **state)
{
    static const char *const      names[] = { "hiberfil.sys" };
    const struct component_facts *f;

    (void)state;
    add_ntfs(names, 1, "hibr");
    memset(memdisk_at(disk[0], LBA + 4 * 8 + HIBERFIL * 2), 0, 1024);
    f = probe(&bios_rules);
    assert_true(f->hibernated || f->notes.count > 0);
}

/* "wake": NTLDR asks whether to go on with the old image, which mixes it with a changed disk; BOOTMGR starts afresh. */
static void test_a_resume_that_was_begun(void **state)
{
    static const struct {
        const char *content, *names[3];
        bool        live;
    } volumes[] = {
        { "wake", { "hiberfil.sys", "NTLDR" }, true },
        { "WAKE", { "hiberfil.sys", "NTLDR" }, false },
        { "link", { "hiberfil.sys", "NTLDR" }, false },
        { "wakE", { "hiberfil.sys", "NTLDR" }, false },
        { "wake", { "BOOTMGR", "hiberfil.sys" }, false },
        { "hibr", { "BOOTMGR", "hiberfil.sys" }, true },
        { "wake", { "BOOTMGR", "hiberfil.sys", "NTLDR" }, false },  /* the boot sector is BOOTMGR's */
    };

    for (size_t i = 0; i < sizeof volumes / sizeof volumes[0]; i++) {
        teardown(state);
        setup(state);
        add_ntfs(volumes[i].names, volumes[i].names[2] ? 3 : 2, volumes[i].content);
        assert_int_equal(probe(&bios_rules)->hibernated, volumes[i].live);
        assert_int_equal(probe(&uefi_rules)->hibernated, strcmp(volumes[i].content, "hibr") == 0);
    }
}

/* ---- can the boot sector start the loader */

/* A volume whose loader has these attributes; `bytes` of its one cluster, which is zeros behind `head`. */
static void add_loader(const char *name, uint16_t flags, uint32_t reparse_tag, uint64_t bytes, const char *head)
{
    struct nb_volume v = { .bytes = memdisk_at(disk[0], LBA), .size = NTFS_BYTES, .cluster_bytes = 4096,
                           .record_bytes = 1024, .mft_lcn = 4, .first_records = 32, .second_lcn = 40 };
    struct nb_stream data = nb_one_run(50, 1, bytes);
    uint8_t          tag[16] = { 0 }, *r;

    add_ntfs(&name, 1, NULL);
    data.flags = flags;
    r = nb_record(&v, HIBERFIL, NB_IN_USE, 0);
    nb_in_clusters(r, NB_DATA, "", &data);
    wr_le32(tag, reparse_tag);
    if (reparse_tag)
        nb_resident(r, NB_REPARSE, "", tag, sizeof tag);
    nb_seal(r, v.record_bytes);
    memcpy(nb_cluster(&v, 50), head, strlen(head));
}

static void test_loaders_that_the_boot_sector_cannot_start(void **state)
{
    static const char good[] = "\xe9\xd5\x01\xeb";
    static const struct {
        uint16_t    flags;
        uint32_t    reparse_tag;
        uint64_t    bytes;
        const char *head;
        enum status problem;
    } files[] = {
        { 0, 0, 4096, good, STATUS_OK },
        { 0x8000, 0, 4096, good, STATUS_OK },  /* "sparse", without a hole */
        { 1, 0, 4096, good, STATUS_LOADER_COMPRESSED },
        { 0x8000, 0x80000017, 4096, good, STATUS_LOADER_COMPRESSED },
        { 0x4000, 0, 4096, good, STATUS_LOADER_ENCRYPTED },
        { 0x4000, 0, 4096, "", STATUS_LOADER_ENCRYPTED },  /* what is in it does not matter then */
        { 1, 0, 4096, "", STATUS_LOADER_COMPRESSED },
        { 0x8000, 0x80000013, 4096, good, STATUS_LOADER_NO_PROGRAM },  /* deduplicated */
        { 0, 0, 0, "", STATUS_LOADER_NO_PROGRAM },
        { 0, 0, 4096, "", STATUS_LOADER_NO_PROGRAM },
        { 0, 0, 3, "\xff\xff\xff", STATUS_LOADER_NO_PROGRAM },  /* all one value */
        { 0, 0, 4, "\xff\xff\xff", STATUS_OK },
        { 0, 0, 4096, "MZ\x90", STATUS_LOADER_NO_PROGRAM },
    };
    static const char *const names[] = { "NTLDR", "BOOTMGR" };

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        for (size_t n = 0; n < 2; n++) {
            teardown(state);
            setup(state);
            add_loader(names[n], files[i].flags, files[i].reparse_tag, files[i].bytes, files[i].head);
            assert_int_equal(probe(&bios_rules)->loader_problem, files[i].problem);
            assert_int_equal(facts.components->notes.count, 0);
            assert_int_equal(probe(&uefi_rules)->loader_problem, STATUS_OK);  /* not what UEFI starts */
        }
}

/* ---- UEFI */

static void make_pe(uint8_t *out, uint32_t pe_offset, const char *pe_magic, uint16_t machine)
{
    out[0] = 'M';
    out[1] = 'Z';
    wr_le32(out + 0x3c, pe_offset);
    memcpy(out + pe_offset, pe_magic, 4);
    wr_le16(out + pe_offset + 4, machine);
}

static void test_uefi_programs(void **state)
{
    static uint8_t                manager[1024], winload[1024];
    const struct fatimage_file    files[] = { { "\\Windows\\Boot\\EFI\\bootmgfw.efi", manager, sizeof manager },
                                              { "\\Windows\\System32\\winload.efi", winload, sizeof winload } };
    const struct component_facts *f;

    (void)state;
    make_pe(manager, 0x80, "PE\0", PE_MACHINE_X64);
    make_pe(winload, sizeof winload - 6, "PE\0", PE_MACHINE_I386);
    add_fat(files, 2);
    f = probe(&uefi_rules);
    assert_int_equal(facts.machine, PE_MACHINE_X64);
    assert_int_equal(f->bootmgfw_machine, PE_MACHINE_X64);
    assert_int_equal(f->winload_machine, PE_MACHINE_I386);
    f = probe(&bios_rules);  /* a BIOS does not look for them */
    assert_int_equal(f->bootmgfw_machine, PE_MACHINE_NONE);
}

/* The smallest one: its header in the DOS header, which is all of the file. */
static void test_the_smallest_program(void **state)
{
    static uint8_t             program[64];
    const struct fatimage_file file = { BCD_WINLOAD_EFI, program, sizeof program };

    (void)state;
    make_pe(program, 4, "PE\0", PE_MACHINE_X64);
    add_fat(&file, 1);
    assert_int_equal(probe(&uefi_rules)->winload_machine, PE_MACHINE_X64);
}

/* The first sector behind the root directory of a FAT16 volume. */
static uint64_t data_of_fat(void)
{
    struct span b = span_of(memdisk_at(disk[0], LBA), SECTOR_BYTES);

    assert_true(rd_le16(b, 0x16) > 0);
    return LBA + rd_le16(b, 0x0e) + (uint64_t)rd_u8(b, 0x10) * rd_le16(b, 0x16) + rd_le16(b, 0x11) / 16;
}

/* What is not there is no reason to say anything; what cannot be read is one. */
static void test_uefi_programs_that_cannot_be_read(void **state)
{
    static const char *const      paths[] = { PE_VOLUME_BOOTMGFW, BCD_WINLOAD_EFI };
    static uint8_t                program[1024];
    const struct component_facts *f;

    make_pe(program, 0x80, "PE\0", PE_MACHINE_X64);
    for (size_t i = 0; i < 2; i++) {
        const struct fatimage_file file = { paths[i], program, sizeof program };
        uint64_t                   sector = LBA;

        teardown(state);
        setup(state);
        add_fat(&file, 1);
        f = probe(&uefi_rules);
        assert_int_equal(f->notes.count, 0);
        assert_int_equal(f->bootmgfw_status, STATUS_OK);
        assert_int_equal(f->winload_status, STATUS_OK);
        assert_int_equal(i ? f->bootmgfw_machine : f->winload_machine, PE_MACHINE_NONE);
        while (memcmp(memdisk_at(disk[0], sector), program, sizeof program) != 0)
            sector++;
        memdisk_fail(disk[0], data_of_fat(), sector - data_of_fat(), STATUS_READ_FAILED);  /* its folders */
        f = probe(&uefi_rules);
        assert_int_equal(f->bootmgfw_status, STATUS_READ_FAILED);
        assert_int_equal(f->winload_status, STATUS_READ_FAILED);
        memdisk_reset(disk[0]);
        blk_forgive(&disk[0]->dev);
        memdisk_fail(disk[0], sector, 1, STATUS_READ_FAILED);
        f = probe(&uefi_rules);
        assert_int_equal(i ? f->winload_status : f->bootmgfw_status, STATUS_READ_FAILED);
        assert_int_equal(i ? f->bootmgfw_status : f->winload_status, STATUS_OK);
        assert_int_equal(f->notes.count, 1);
        assert_int_equal(f->notes.first->code, STATUS_READ_FAILED);
        assert_non_null(strstr(f->notes.first->text, paths[i]));
    }
}

/* Files of "CompactOS" are read by UEFI's programs, so by this one, too: this one is damaged, not of a kind that is unknown. */
static void test_a_program_of_compactos(void **state)
{
    static const char *const root[] = { "Windows" }, *const names[] = { "system32", "winload.efi" };
    static const uint32_t    records[] = { HIBERFIL, HIBERFIL + 1 };
    struct nb_volume         v = nb_small(memdisk_at(disk[0], LBA), HIBERFIL, root, 1);
    struct nb_stream         data = nb_one_run(50, 1, 4096);
    const uint8_t            tag[24] = { 0x17, 0, 0, 0x80, 16, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1 };
    uint8_t                 *r;

    (void)state;
    nb_folder(&v, HIBERFIL, names, records, 2);  /* \Windows is its own system32, too */
    data.flags = 0x8000;
    r = nb_record(&v, HIBERFIL + 1, NB_IN_USE, 0);
    nb_in_clusters(r, NB_DATA, "", &data);
    nb_resident(r, NB_REPARSE, "", tag, sizeof tag);
    nb_seal(r, v.record_bytes);
    add_component(0, LBA, NTFS_BYTES / SECTOR_BYTES);
    fv_finish(&fv);
    assert_int_not_equal(probe(&uefi_rules)->winload_status, STATUS_OK);
    assert_int_not_equal(probe(&uefi_rules)->winload_status, STATUS_FS_WOF);
}

static void test_files_that_are_no_programs(void **state)
{
    for (int kind = 0; kind < 5; kind++) {
        static uint8_t                program[256];
        struct fatimage_file          file = { "\\Windows\\Boot\\EFI\\bootmgfw.efi", program, sizeof program };
        const struct component_facts *f;

        teardown(state);
        setup(state);
        memset(program, 0, sizeof program);
        make_pe(program, 0x80, "PE\0", PE_MACHINE_X64);
        switch (kind) {
        case 0: program[1] = 'M'; break;                               /* no MZ */
        case 1: program[0x81] = 'F'; break;                            /* no PE */
        case 2: wr_le32(program + 0x3c, sizeof program - 5); break;    /* PE header not wholly in the file */
        case 3: wr_le32(program + 0x3c, 0xfffffffe); break;            /* far outside */
        case 4: file.size = 0x3f; break;                               /* shorter than a DOS header */
        }
        add_fat(&file, 1);
        f = probe(&uefi_rules);
        assert_true(f->root_read);
        assert_int_equal(f->bootmgfw_machine, PE_MACHINE_NONE);
        assert_int_equal(f->winload_machine, PE_MACHINE_NONE);
        assert_int_equal(f->notes.count, 0);
    }
}

/* ---- retained */

static void test_retained(void **state)
{
    static struct gpt_entry entries[] = { { .number = 1, .start = 64, .blocks = 1000 }, { .number = 2, .start = LBA, .blocks = 1000 } };
    struct ldm_component   *c = add_component(0, LBA, 1000);
    struct mbr_entry       *e = &fv.disks[0].mbr.entries[2];
    struct gpt_entry       *entry = &entries[1];

    (void)state;
    fv_finish(&fv);
    assert_false(probe(&bios_rules)->retained);

    c->volume->flags = LDM_VOL_RETAINED;  /* of the group's database: says nothing of this disk */
    assert_false(probe(&bios_rules)->retained);

    *e = (struct mbr_entry){ .type = MBR_TYPE_LDM, .start = LBA, .sectors = 1000 };
    assert_true(probe(&bios_rules)->retained);
    assert_int_equal(probe(&bios_rules)->partition_number, 1);
    e[-1] = (struct mbr_entry){ .type = MBR_TYPE_NTFS, .start = 64, .sectors = 1000 };
    assert_int_equal(probe(&bios_rules)->partition_number, 2);
    e->start++;
    assert_false(probe(&bios_rules)->retained);
    e->start--;
    c->extents[0].lba = e->start = LBA + 3;  /* on a disk of sectors it may be any */
    assert_int_equal(probe(&bios_rules)->partition_number, 2);
    c->extents[0].lba = e->start = LBA;
    e->type = 0;  /* an empty slot with left-overs in it */
    assert_false(probe(&bios_rules)->retained);

    fv.disks[0].table = TABLE_GPT;
    fv.disks[0].gpt = (struct gpt){ .entries = entries, .count = 2 };
    assert_true(probe(&bios_rules)->retained);
    assert_int_equal(probe(&bios_rules)->partition_number, 2);
    e->type = MBR_TYPE_LDM;  /* what the table of a GPT disk protects is none of it */
    entry->start++;
    assert_false(probe(&bios_rules)->retained);
    assert_int_equal(probe(&bios_rules)->partition_number, 0);
}

/* Tables count in the disk's blocks, LDM in sectors. */
static void test_retained_on_blocks_of_4096(void **state)
{
    struct gpt_entry      entry = { .number = 1, .start = LBA / 8, .blocks = 125 };
    struct ldm_component *c = add_component(0, LBA, 1000);
    struct mbr_entry     *e = &fv.disks[0].mbr.entries[0];

    (void)state;
    disk[0]->dev.block_size = 4096;
    disk[0]->dev.block_count /= 8;
    fv_finish(&fv);
    *e = (struct mbr_entry){ .type = MBR_TYPE_LDM, .start = LBA / 8, .sectors = 125 };
    assert_int_equal(probe(&bios_rules)->partition_number, 1);
    for (unsigned into = 1; into < 8; into++) {  /* not where a block begins */
        c->extents[0].lba = LBA + into;
        assert_int_equal(probe(&bios_rules)->partition_number, 0);
    }
    c->extents[0].lba = LBA + 8;
    e->start++;
    assert_int_equal(probe(&bios_rules)->partition_number, 1);
    c->extents[0].lba = e->start = LBA;
    assert_int_equal(probe(&bios_rules)->partition_number, 0);
    fv.disks[0].table = TABLE_GPT;
    fv.disks[0].gpt = (struct gpt){ .entries = &entry, .count = 1 };
    assert_int_equal(probe(&bios_rules)->partition_number, 1);
    entry.start = LBA;
    assert_int_equal(probe(&bios_rules)->partition_number, 0);
}

/* ---- which components */

/* A group behind the last one is none. */
static void test_a_group_behind_the_last(void **state)
{
    struct ldm_group groups[2];

    (void)state;
    (void)add_component(0, LBA, 1000);
    fv_finish(&fv);
    groups[0] = groups[1] = fv.group;
    fv.view.groups = groups;
    (void)probe(&bios_rules);
    assert_int_equal(fv.view.group_count, 1);
    assert_int_equal(facts.count, 1);
}

/* Those of the second group come behind those of the first. */
static void test_two_groups(void **state)
{
    struct ldm_component *c[3];
    struct ldm_group      groups[2];

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        c[i] = add_component(0, LBA + 2000 * i, 1000);
    fv_finish(&fv);
    groups[0] = groups[1] = fv.group;
    groups[0].volume_count = 2;
    groups[1].volumes += 2;
    groups[1].volume_count = 1;
    fv.view.groups = groups;
    fv.view.group_count = 2;
    (void)probe(&bios_rules);
    assert_int_equal(facts.count, 3);
    for (unsigned i = 0; i < 3; i++)
        assert_ptr_equal(facts.components[i].component, c[i]);
}

/* What is read is said before it is: on a disk that is dying it may take minutes. */
static void test_what_is_being_read_is_said(void **state)
{
    struct ldm_volume *mirror = fv_volume(&fv, "Mirror", VOLUME_MIRRORED, 0, 100);
    struct log         log = { .line = keep_line };
    struct arena       a = arena_of(memory, sizeof memory);

    (void)state;
    for (size_t i = 0; i < 2; i++)
        fv_extent(&fv, fv_component(&fv, mirror, i ? "Mirror-02" : "Mirror-01"), i, LBA, 100);
    fv_finish(&fv);
    logged[0] = '\0';
    assert_int_equal(probe_volumes(&fv.view, &bios_rules, &log, &a, &facts), STATUS_OK);
    assert_string_equal(logged, "reading Mirror-01 on hd80 ...\nreading Mirror-02 on hd81 ...\n");
}

static void test_both_halves_are_probed_and_the_rest_is_not(void **state)
{
    struct ldm_volume    *mirror = fv_volume(&fv, "Mirror", VOLUME_MIRRORED, 0, NTFS_BYTES / 512);
    struct ldm_volume    *striped = fv_volume(&fv, "Striped", VOLUME_STRIPED, 0, 100),
                      *raid5 = fv_volume(&fv, "Raid", VOLUME_RAID5, 0, 100);
    struct ldm_volume    *away = fv_volume(&fv, "Away", VOLUME_SIMPLE, 0, 100);
    struct ldm_component *half[2] = { fv_component(&fv, mirror, "Mirror-01"), fv_component(&fv, mirror, "Mirror-02") };
    struct ldm_component *s = fv_component(&fv, striped, "Striped-01"), *r = fv_component(&fv, raid5, "Raid-01");
    struct ldm_component *w = fv_component(&fv, away, "Away-01");
    struct ldm_component *none = fv_component(&fv, fv_volume(&fv, "None", VOLUME_SIMPLE, 0, 100), "None-01");
    size_t                dead = fv_disk(&fv, NULL);

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        fv_extent(&fv, half[i], i, LBA, NTFS_BYTES / 512);
        write_ntfs(memdisk_at(disk[i], LBA), NULL, 0, NULL);
    }
    fv_extent(&fv, s, 0, 50000, 100);
    fv_extent(&fv, r, 0, 51000, 100);
    fv_extent(&fv, w, dead, 52000, 100);
    s->layout = LAYOUT_STRIPE;
    r->layout = LAYOUT_RAID5;
    fv_finish(&fv);
    none->present = true;  /* whose pieces are not known */
    fv_mark(&fv, half[0], COMPONENT_STALE, STATUS_INTERNAL);  /* a marked half is looked at too */
    probe(&bios_rules);
    assert_int_equal(facts.count, 2);
    assert_ptr_equal(facts.components[0].component, half[0]);
    assert_ptr_equal(facts.components[1].component, half[1]);
    assert_int_equal(facts.components[0].status, STATUS_OK);
    assert_int_equal(facts.components[1].status, STATUS_OK);
}

/* With any little more memory than its window takes: no memory, or all that there is. */
static void test_hardly_any_memory(void **state)
{
    static const char *const names[] = { "NTLDR" };

    (void)state;
    add_ntfs(names, 1, NULL);
    for (size_t more = 0; more < 64 * 128; more += 64) {
        struct arena a = arena_of(memory, sizeof(struct fs_window) - 512 + more);
        enum status  st;

        facts.count = 77;
        st = probe_volumes(&fv.view, &bios_rules, NULL, &a, &facts);
        assert_true(st == STATUS_OK || st == STATUS_NO_MEMORY);
        assert_int_equal(facts.count, st == STATUS_OK ? 1 : 77);
    }
}

static void test_read_errors_are_those_of_its_own_disks(void **state)
{
    struct ldm_volume    *mirror = fv_volume(&fv, "Mirror", VOLUME_MIRRORED, 0, 1000);
    struct ldm_component *half[2] = { fv_component(&fv, mirror, "Mirror-01"), fv_component(&fv, mirror, "Mirror-02") };

    (void)state;
    fv_extent(&fv, half[0], 0, LBA, 1000);
    fv_extent(&fv, half[1], 1, LBA, 500);
    fv_extent(&fv, half[1], 1, 9000, 500);
    fv_finish(&fv);
    disk[0]->dev.read_errors = 3;  /* while scanning */
    memdisk_fail(disk[1], LBA, 1, STATUS_READ_FAILED);
    probe(&bios_rules);
    assert_int_equal(facts.components[0].read_errors, 3);
    assert_int_equal(facts.components[1].read_errors, 1);  /* a disk with two extents counts once */
}

static void test_out_of_memory(void **state)
{
    struct arena a = arena_of(memory, 16);

    (void)state;
    add_component(0, LBA, 1000);
    fv_finish(&fv);
    assert_int_equal(probe_volumes(&fv.view, &bios_rules, NULL, &a, &facts), STATUS_NO_MEMORY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_bad_sectors_are_read_from_the_other_good_half),
        TEST(test_a_doubtful_half_stands_in_for_nothing),
        TEST(test_nothing_stands_in_for_a_doubtful_half),
        TEST(test_a_healthy_ntfs_volume),
        TEST(test_other_names_are_no_loader),
        TEST(test_the_backup_boot_sector),
        TEST(test_the_backup_of_fat32_is_in_sector_6),
        TEST(test_no_boot_sector_at_all),
        TEST(test_bitlocker_is_named),
        TEST(test_a_root_directory_that_cannot_be_read),
        TEST(test_each_name_alone), TEST(test_hardly_any_memory), TEST(test_hibernation),
        TEST(test_a_hibernation_file_that_cannot_be_read_is_noted),
        TEST(test_a_resume_that_was_begun),
        TEST(test_loaders_that_the_boot_sector_cannot_start),
        TEST(test_uefi_programs), TEST(test_the_smallest_program), TEST(test_uefi_programs_that_cannot_be_read), TEST(test_a_program_of_compactos),
        TEST(test_files_that_are_no_programs),
        TEST(test_retained), TEST(test_a_group_behind_the_last), TEST(test_two_groups), TEST(test_what_is_being_read_is_said), TEST(test_retained_on_blocks_of_4096),
        TEST(test_both_halves_are_probed_and_the_rest_is_not),
        TEST(test_read_errors_are_those_of_its_own_disks),
        TEST(test_out_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
