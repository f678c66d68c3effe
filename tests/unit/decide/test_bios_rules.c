/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_bios_rules.c - what a BIOS's loaders need and find: Windows without a loader, and which volumes Windows may be on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/decide/probe.h"
#include "common/present/fatimage.h"
#include "common/windows/bcd.h"
#include "common/windows/bootmgr.h"
#include "tests/support/fakeview.h"
#include "tests/support/memdisk.h"
#include "tests/support/ntfsbuild.h"
#include "tests/support/peprogram.h"

#define DISK_SECTORS 1000000u
#define ROOM         100000u  /* sectors from one volume to the next */
#define MACHINE_ARM  0x01c4

#define BOOTINI(where, more) "[boot loader]\ndefault=" where "\n[operating systems]\n" where "=\"a\"\n" more

static struct fakeview   fv;
static struct memdisk   *disk[2];
static size_t            volumes[2];  /* on each */
static struct boot_facts facts;
static uint8_t           memory[4 << 20], spare[BOOTMGR_MIN], program[PE_PROGRAM_BYTES];

static int setup(void **state)
{
    (void)state;
    fv_init(&fv, &bios_rules);
    for (size_t i = 0; i < 2; i++) {
        disk[i] = fv_memdisk(&fv, i ? "hd81" : "hd80", DISK_SECTORS);
        volumes[i] = 0;
    }
    memset(spare, 0x90, sizeof spare);
    spare[0] = 0xe9;
    (void)pe_program(program, PE_MACHINE_X64, 16);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    memdisk_free(disk[0]);
    memdisk_free(disk[1]);
    return 0;
}

static void begin_again(void)
{
    teardown(NULL);
    setup(NULL);
}

/* A FAT volume with these files, behind those that the disk has. */
static struct ldm_component *add(size_t on, const char *name, const struct fatimage_file *files, size_t count)
{
    uint64_t              lba = 2048 + volumes[on]++ * ROOM;
    size_t                bytes;
    struct ldm_volume    *v;
    struct ldm_component *c;

    assert_int_equal(fatimage_size(files, count, &bytes), STATUS_OK);
    assert_true(bytes <= ROOM * SECTOR_BYTES);
    assert_int_equal(fatimage_build(files, count, 1, memdisk_at(disk[on], lba), bytes), STATUS_OK);
    v = fv_volume(&fv, name, VOLUME_SIMPLE, 0, bytes / SECTOR_BYTES);
    c = fv_component(&fv, v, name);
    fv_extent(&fv, c, on, lba, bytes / SECTOR_BYTES);
    return c;
}

static const struct component_facts *probe(void)
{
    struct arena a = arena_of(memory, sizeof memory);

    fv_finish(&fv);
    assert_int_equal(probe_volumes(&fv.view, &bios_rules, NULL, &a, &facts), STATUS_OK);
    return facts.components;
}

static const struct note *note_of(const struct component_facts *f, enum status code)
{
    for (const struct note *n = f->notes.first; n; n = n->next)
        if (n->code == code)
            return n;
    return NULL;
}

/* ---- Windows without a loader */

/* What is in the one volume of a test; NULL: nothing of that name. */
struct windows {
    const uint8_t *winload, *spare;
    const char    *kernel, *loader;
};

static const struct component_facts *probe_windows(const struct windows *w, const char *hiberfil)
{
    struct fatimage_file files[6] = { { "\\README.TXT", "x", 1 } };
    size_t               n = 1;

    begin_again();
    if (w->winload)
        files[n++] = (struct fatimage_file){ BCD_WINLOAD_EXE, w->winload, PE_PROGRAM_BYTES };
    if (w->spare)
        files[n++] = (struct fatimage_file){ BOOTMGR_SPARE, w->spare, BOOTMGR_MIN };
    if (w->kernel)
        files[n++] = (struct fatimage_file){ w->kernel, "MZ", 2 };
    if (w->loader)
        files[n++] = (struct fatimage_file){ w->loader, spare, 4096 };
    if (hiberfil)
        files[n++] = (struct fatimage_file){ "\\hiberfil.sys", hiberfil, strlen(hiberfil) };
    (void)add(0, "Volume1-01", files, n);
    return probe();
}

#define NT_KERNEL "\\WINNT\\system32\\ntoskrnl.exe"

static void test_which_windows_is_alone(void **state)
{
    static uint8_t wrong[PE_PROGRAM_BYTES], old[PE_PROGRAM_BYTES], none[BOOTMGR_MIN];
    const struct { struct windows w; enum windows_alone alone; enum status note; } cases[] = {
        { { NULL, NULL, NULL, NULL }, ALONE_NOT, STATUS_OK },
        { { NULL, NULL, NT_KERNEL, NULL }, ALONE_NT, STATUS_OK },
        { { NULL, NULL, "\\WINDOWS\\system32\\ntoskrnl.exe", NULL }, ALONE_NT, STATUS_OK },
        { { program, spare, NULL, NULL }, ALONE_SPARE, STATUS_OK },
        { { old, spare, NT_KERNEL, NULL }, ALONE_SPARE, STATUS_OK },
        { { wrong, spare, NT_KERNEL, NULL }, ALONE_DAMAGED, STATUS_IMAGE_BAD },  /* for another processor */
        { { none, spare, NULL, NULL }, ALONE_DAMAGED, STATUS_IMAGE_BAD },        /* no program */
        { { NULL, spare, NT_KERNEL, NULL }, ALONE_DAMAGED, STATUS_IMAGE_BAD },   /* lost: only those since Vista keep the copy */
        { { program, NULL, NT_KERNEL, NULL }, ALONE_VISTA, STATUS_FILE_NOT_FOUND },
        { { program, none, NULL, NULL }, ALONE_VISTA, STATUS_SPARE_BOOTMGR_BAD },
        { { program, spare, NT_KERNEL, "\\NTLDR" }, ALONE_NOT, STATUS_OK },      /* it has its loader */
        { { program, spare, NT_KERNEL, "\\BOOTMGR" }, ALONE_NOT, STATUS_OK },
    };

    (void)state;
    (void)pe_program(wrong, MACHINE_ARM, 16);
    (void)pe_program(old, PE_MACHINE_I386, 16);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct component_facts *f = probe_windows(&cases[i].w, NULL);

        assert_int_equal(f->alone, cases[i].alone);
        assert_int_equal(f->notes.count, cases[i].note != STATUS_OK);
        if (cases[i].note != STATUS_OK) {
            assert_int_equal(f->notes.first->code, cases[i].note);
            assert_non_null(strstr(f->notes.first->text, cases[i].alone == ALONE_DAMAGED ? BCD_WINLOAD_EXE : BOOTMGR_SPARE));
        }
        assert_int_equal(f->spare_bytes, cases[i].alone == ALONE_SPARE ? BOOTMGR_MIN : 0);
    }
}

/* A winload.exe of "CompactOS" (WOF), which Windows's loaders read and this program does not, is as good as any. */
static void test_a_winload_that_only_windows_can_read(void **state)
{
    static const char *const root[] = { "Windows" }, *const names[] = { "system32", "winload.exe" };
    static const uint32_t    records[] = { 24, 25 };
    struct nb_volume         v = nb_small(memdisk_at(disk[0], 2048), 24, root, 1);
    struct nb_stream         data = nb_one_run(50, 1, 4096);
    const uint8_t            tag[16] = { 0x17, 0, 0, 0x80 };
    const struct component_facts *f;
    uint8_t                 *r;

    (void)state;
    nb_folder(&v, 24, names, records, 2);  /* \Windows is its own system32, too */
    data.flags = 0x8000;
    r = nb_record(&v, 25, NB_IN_USE, 0);
    nb_in_clusters(r, NB_DATA, "", &data);
    nb_resident(r, NB_REPARSE, "", tag, sizeof tag);
    nb_seal(r, v.record_bytes);

    fv_extent(&fv, fv_component(&fv, fv_volume(&fv, "Volume1", VOLUME_SIMPLE, 0, NB_SMALL_BYTES / SECTOR_BYTES), "Volume1-01"), 0,
              2048, NB_SMALL_BYTES / SECTOR_BYTES);
    f = probe();
    assert_int_equal(f->alone, ALONE_VISTA);
    assert_null(note_of(f, STATUS_FS_WOF));
}

/* A loader that is there and is none: Windows's own copy stands in, and why it has to is said. */
static void test_a_spare_beside_a_loader_that_is_none(void **state)
{
    static uint8_t             zeros[4096];
    const struct fatimage_file files[] = { { "\\BOOTMGR", zeros, sizeof zeros }, { BCD_WINLOAD_EXE, program, sizeof program },
                                           { BOOTMGR_SPARE, spare, sizeof spare } };

    (void)state;
    for (size_t n = 1; n <= 3; n++) {
        const struct component_facts *f;

        begin_again();
        (void)add(0, "Volume1-01", files, n);
        f = probe();
        assert_int_equal(f->loader_problem, STATUS_LOADER_NO_PROGRAM);
        assert_int_equal(f->alone, n == 1 ? ALONE_NOT : n == 2 ? ALONE_VISTA : ALONE_SPARE);
        assert_int_equal(note_of(f, STATUS_LOADER_NO_PROGRAM) != NULL, n == 3);
    }
}

/* One byte that differs is enough to be something, wherever it is. */
static void test_a_loader_of_nearly_one_value(void **state)
{
    static const size_t places[] = { 0, 1, 2, 511 };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        static uint8_t             bytes[4096];
        const struct fatimage_file file = { "\\NTLDR", bytes, sizeof bytes };

        memset(bytes, 0, sizeof bytes);
        bytes[places[i]] = i ? 0xe9 : 'M';  /* alone it is no sign of another operating system's program */
        begin_again();
        (void)add(0, "Volume1-01", &file, 1);
        assert_int_equal(probe()->loader_problem, STATUS_OK);
    }
}

/* "wake" in hiberfil.sys: NTLDR asks whether to go on with the old image, BOOTMGR does not. */
static void test_a_resume_that_only_ntldr_goes_on_with(void **state)
{
    const struct { struct windows w; bool hibernated; } cases[] = {
        { { NULL, NULL, NULL, "\\NTLDR" }, true }, { { NULL, NULL, NULL, "\\BOOTMGR" }, false },
        { { NULL, NULL, NT_KERNEL, NULL }, true }, { { program, spare, NULL, NULL }, false }, { { NULL, NULL, NULL, NULL }, false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(probe_windows(&cases[i].w, "wake")->hibernated, cases[i].hibernated);
        assert_true(probe_windows(&cases[i].w, "hibr")->hibernated);
        assert_false(probe_windows(&cases[i].w, "none")->hibernated);
    }
}

/* ---- files that cannot be read */

/* The sector on a disk that holds this 8.3 name, that of a directory's entry. */
static uint64_t sector_of(size_t on, const char *name)
{
    for (uint64_t sector = 2048; sector < 2048 + ROOM; sector++)
        for (size_t at = 0; at < SECTOR_BYTES; at += 32)
            if (memcmp(memdisk_at(disk[on], sector) + at, name, 11) == 0)
                return sector;
    fail_msg("no %s", name);
    return 0;
}

/* What cannot be looked for may be there: that Windows is damaged, and why is said. */
static void test_a_folder_of_windows_that_cannot_be_read(void **state)
{
    const struct fatimage_file    files[] = { { BCD_WINLOAD_EXE, program, sizeof program }, { BOOTMGR_SPARE, spare, sizeof spare } };
    const struct component_facts *f;

    (void)state;
    (void)add(0, "Volume1-01", files, 2);
    memdisk_fail(disk[0], sector_of(0, "WINLOAD EXE"), 1, STATUS_READ_FAILED);
    f = probe();
    assert_true(f->root_read);
    assert_int_equal(f->alone, ALONE_DAMAGED);
    assert_int_equal(f->notes.count, 1);
    assert_int_equal(f->notes.first->code, STATUS_READ_FAILED);
    begin_again();
    (void)add(0, "Volume1-01", files + 1, 1);  /* winload.exe is missing, and the copy cannot be looked for */
    memdisk_fail(disk[0], sector_of(0, "BOOTMGR    "), 1, STATUS_READ_FAILED);
    f = probe();
    assert_int_equal(f->alone, ALONE_DAMAGED);
    assert_int_equal(f->notes.first->code, STATUS_READ_FAILED);
}

/* A loader whose name is there, and which cannot be looked at: it is not said to be none. */
static void test_a_loader_that_cannot_be_read(void **state)
{
    static const char *const      names[] = { "NTLDR" };
    const struct component_facts *f;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct nb_volume v;

        begin_again();
        v = nb_small(memdisk_at(disk[0], 2048), 24, names, 1);
        if (i == 0) {
            uint8_t *r = nb_record(&v, 24, NB_IN_USE, 0);

            nb_resident(r, NB_DATA, "", "\xe9\x01\x02", 3);
            nb_seal(r, v.record_bytes);
        }
        fv_extent(&fv, fv_component(&fv, fv_volume(&fv, "Volume1", VOLUME_SIMPLE, 0, NB_SMALL_BYTES / SECTOR_BYTES), "Volume1-01"), 0,
                  2048, NB_SMALL_BYTES / SECTOR_BYTES);
        f = probe();
        assert_true(f->has_ntldr);
        assert_int_equal(f->loader_problem, STATUS_OK);
        assert_int_equal(f->notes.count, i);  /* the second time there is no such record in the MFT */
        if (i) {
            assert_int_equal(f->notes.first->code, STATUS_FS_DAMAGED);
            assert_non_null(strstr(f->notes.first->text, "NTLDR"));
        }
    }
}

/* ---- the loader's files */

static void test_files_of_a_loader_that_is_there(void **state)
{
    static const char text[] = BOOTINI("multi(0)disk(0)rdisk(0)partition(1)\\WINNT", "");
    const struct fatimage_file files[] = { { "\\boot.ini", text, sizeof text - 1 }, { "\\Boot\\BCD", "none", 4 },
                                           { "\\NTLDR", spare, 4096 }, { "\\BOOTMGR", spare, 4096 } };
    const struct component_facts *f;

    (void)state;
    (void)add(0, "Volume1-01", files, 2);  /* nobody reads them */
    f = probe();
    assert_false(f->files.has_bootini);
    assert_null(note_of(f, STATUS_STORE_UNREAD));
    begin_again();
    (void)add(0, "Volume1-01", files, 3);
    f = probe();
    assert_true(f->files.has_bootini);
    assert_null(note_of(f, STATUS_STORE_UNREAD));
    begin_again();
    (void)add(0, "Volume1-01", files, 4);
    f = probe();
    assert_true(f->files.has_bootini);
    assert_non_null(note_of(f, STATUS_STORE_UNREAD));
    begin_again();
    (void)add(0, "Volume1-01", files + 2, 2);
    f = probe();
    assert_int_equal(f->notes.count, 0);  /* what is not there is not missed */
}

/* ---- where Windows is */

static const struct component_facts *fact(const struct ldm_component *c)
{
    return facts_find(&facts, c);
}

static void assert_holders(const struct holders *h, const struct ldm_component *const *wanted, size_t count)
{
    assert_int_equal(h->count, count);
    for (size_t i = 0; i < count; i++)
        assert_ptr_equal(h->at[i], fact(wanted[i]));
}
#define HOLD(list, ...) do { \
        const struct ldm_component *wanted[] = { __VA_ARGS__ }; \
        assert_holders(list, wanted, ARRAY_LEN(wanted)); } while (0)

/* BOOTMGR's Windows: of its own disk, itself first; where it is alone nothing has to be looked at. */
static void test_volumes_with_what_bootmgr_starts(void **state)
{
    const struct fatimage_file files[] = { { "\\BOOTMGR", spare, 4096 }, { BCD_WINLOAD_EXE, program, sizeof program } };
    struct ldm_component      *before, *loader, *windows, *elsewhere, *second;

    (void)state;
    loader = add(0, "Loader", files, 1);
    elsewhere = add(1, "Elsewhere", files + 1, 1);
    (void)probe();
    HOLD(&fact(loader)->files.winload, loader);
    assert_int_equal(fact(elsewhere)->files.winload.count, 0);

    begin_again();
    before = add(0, "Before", files + 1, 1);
    loader = add(0, "Loader", files, 1);
    windows = add(0, "Windows", files + 1, 1);
    elsewhere = add(1, "Elsewhere", files, 2);
    (void)probe();
    HOLD(&fact(loader)->files.winload, before, windows);
    HOLD(&fact(elsewhere)->files.winload, elsewhere);

    begin_again();
    before = add(0, "Before", files + 1, 1);
    loader = add(0, "Loader", files, 2);
    second = add(0, "Second", files, 2);
    (void)probe();
    HOLD(&fact(loader)->files.winload, loader, before, second);
    HOLD(&fact(second)->files.winload, second, before, loader);

    begin_again();  /* the only other one stands before it */
    before = add(0, "Before", files + 1, 1);
    loader = add(0, "Loader", files, 1);
    (void)probe();
    HOLD(&fact(loader)->files.winload, before);

    begin_again();  /* of what cannot be read nothing is known */
    before = add(0, "Before", files + 1, 1);
    loader = add(0, "Loader", files, 1);
    memdisk_fail(disk[0], before->extents[0].lba + 1, 60000, STATUS_READ_FAILED);
    (void)probe();
    assert_false(fact(before)->root_read);
    HOLD(&fact(loader)->files.winload, loader);
}

static void test_more_volumes_than_can_be_shown(void **state)
{
    const struct fatimage_file files[] = { { "\\BOOTMGR", spare, 4096 }, { BCD_WINLOAD_EXE, program, sizeof program } };
    struct ldm_component      *c[6];

    (void)state;
    for (size_t i = 0; i < 6; i++)
        c[i] = add(0, "V", files, 2);
    (void)probe();
    HOLD(&fact(c[0])->files.winload, c[0], c[1], c[2], c[3]);
    HOLD(&fact(c[5])->files.winload, c[5], c[0], c[1], c[2]);
}

/* Each line of boot.ini has those with its folder; lines with one folder the same ones, and what NTLDR does not look up none. */
static void test_volumes_with_the_folder_of_a_line(void **state)
{
    static const char text[] = BOOTINI("multi(0)disk(0)rdisk(0)partition(2)\\WINNT",
                                       "multi(0)disk(0)rdisk(0)partition(3)\\WINDOWS=\"b\"\n"
                                       "multi(0)disk(0)rdisk(0)partition(4)\\WINNT=\"c\"\n"
                                       "multi(0)disk(0)rdisk(0)partition(3)\\NOWHERE=\"d\"\n"
                                       "C:\\WINNT=\"e\"\n");
    const struct fatimage_file  loader_files[] = { { "\\NTLDR", spare, 4096 }, { "\\boot.ini", text, sizeof text - 1 } };
    const struct fatimage_file  winnt = { NT_KERNEL, "MZ", 2 }, windows = { "\\WINDOWS\\system32\\hal.dll", "MZ", 2 };
    struct ldm_component       *loader, *a, *b, *c;
    const struct bootini_line  *lines;
    size_t                      count, seen = 0;

    (void)state;
    loader = add(0, "Loader", loader_files, 2);
    a = add(0, "A", &winnt, 1);
    b = add(0, "B", &windows, 1);
    c = add(0, "C", &winnt, 1);
    (void)probe();
    lines = fact(loader)->files.lines;
    count = fact(loader)->files.line_count;
    for (size_t i = 0; i < count; i++) {
        if (lines[i].entry.form == BOOTINI_OTHER)
            assert_int_equal(lines[i].where.count, 0);
        else if (strcmp(lines[i].entry.directory, "\\WINNT") == 0)
            HOLD(&lines[i].where, a, c);
        else if (strcmp(lines[i].entry.directory, "\\WINDOWS") == 0)
            HOLD(&lines[i].where, b);
        else
            assert_int_equal(lines[i].where.count, 0);
        seen |= (size_t)1 << lines[i].entry.form;
    }
    assert_int_equal(count, 6);
    assert_int_equal(seen, 1u << BOOTINI_MULTI | 1u << BOOTINI_OTHER);
    assert_int_equal(fact(loader)->files.winload.count, 0);  /* there is no BOOTMGR */
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_which_windows_is_alone), T(test_a_winload_that_only_windows_can_read),
        T(test_a_spare_beside_a_loader_that_is_none),
        T(test_a_loader_of_nearly_one_value), T(test_a_resume_that_only_ntldr_goes_on_with), T(test_files_of_a_loader_that_is_there),
        T(test_a_folder_of_windows_that_cannot_be_read),
        T(test_a_loader_that_cannot_be_read), T(test_volumes_with_what_bootmgr_starts), T(test_more_volumes_than_can_be_shown), T(test_volumes_with_the_folder_of_a_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
