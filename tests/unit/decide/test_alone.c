/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_alone.c - a Windows whose loader is lost: what the stick has for it, and which boot store may be its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/decide/alone.h"
#include "common/windows/bcd.h"
#include "common/windows/bootini.h"
#include "common/windows/bootmgr.h"
#include "tests/support/fatfiles.h"

#define ARENA  ((size_t)64 << 20)
#define LOADER (BOOTMGR_MIN + 100)  /* bytes of the loader that most tests have */
#define ROOM   BOOTMGR_USUAL_ROOM
#define HALVES 4

#define BOOTINI(where) "[boot loader]\ndefault=" where "\n[operating systems]\n"

static struct arena           arena;
static uint8_t                loader[LOADER], no_loader[LOADER];
static struct span            store;
static struct memory_device   disks[HALVES + 1];
static struct fs_volume       stick;
static struct ldm_group       groups[2];
static struct ldm_volume      volumes[HALVES];
static struct ldm_component   halves[HALVES];
static struct component_facts facts_of[HALVES];
static struct boot_facts      facts;

/* Four halves of four volumes, the last one of another group; nothing is on them but a Windows folder. */
static int setup(void **state)
{
    static const struct fatimage_file kernel = { "\\WINNT\\system32\\ntoskrnl.exe", "MZ", 2 };
    static const char *const          names[] = { "A-01", "B-01", "C-01", "D-01" };
    const struct bcd_device           lost = { .kind = BCD_DEVICE_MBR, .signature = 0xdeadbeef, .offset = 1 << 20 };
    struct store_options              none = { 0 };

    (void)state;
    arena = arena_of(malloc(ARENA), ARENA);
    if (!arena.base)
        return -1;
    memset(facts_of, 0, sizeof facts_of);
    for (size_t i = 0; i < HALVES; i++) {
        volumes[i] = (struct ldm_volume){ .name = names[i], .group = &groups[i == 3] };
        halves[i] = (struct ldm_component){ .name = names[i], .volume = &volumes[i] };
        facts_of[i] = (struct component_facts){ .volume = &volumes[i], .component = &halves[i] };
        fat_files(&kernel, 1, &arena, &disks[i], &facts_of[i].filesystem);
    }
    facts = (struct boot_facts){ .components = facts_of, .count = HALVES };
    memset(loader, 0x90, sizeof loader);
    loader[0] = 0xe9;
    memset(no_loader, 0, sizeof no_loader);
    assert_int_equal(bcd_build(&lost, BCD_WINLOAD_EXE, "C", &none, &arena, &store), STATUS_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(arena.base);
    return 0;
}

static void forget_notes(void)
{
    for (size_t i = 0; i < HALVES; i++)
        facts_of[i].notes = (struct note_list){ 0 };
}

/* The one note of a half, which says this of this file; code OK: it has none. */
static void assert_said(size_t half, enum status code, const char *file)
{
    const struct note_list *notes = &facts_of[half].notes;

    assert_int_equal(notes->count, code == STATUS_OK ? 0 : 1);
    if (code == STATUS_OK)
        return;
    assert_int_equal(notes->first->code, code);
    assert_non_null(strstr(notes->first->text, halves[half].name));
    if (file)
        assert_non_null(strstr(notes->first->text, file));
}

static void take(const struct fatimage_file *files, size_t count, uint32_t room)
{
    forget_notes();
    fat_files(files, count, &arena, &disks[HALVES], &stick);
    facts_take_stick(&facts, &stick, room, &arena);
}

/* ---- one file */

static void test_what_a_loader_is(void **state)
{
    const struct fatimage_file files[] = {
        { "\\good", loader, LOADER }, { "\\short", loader, BOOTMGR_HEAD_BYTES - 1 }, { "\\empty", loader, 0 },
        { "\\program", no_loader, LOADER }, { "\\folder\\file", loader, LOADER }, { "\\least", loader, BOOTMGR_MIN },
    };
    uint32_t bytes = 77;

    (void)state;
    fat_files(files, ARRAY_LEN(files), &arena, &disks[HALVES], &stick);
    assert_int_equal(alone_check_loader(&stick, "\\nothing", &bytes), STATUS_FILE_NOT_FOUND);
    assert_int_equal(alone_check_loader(&stick, "\\short", &bytes), STATUS_SPARE_BOOTMGR_BAD);
    assert_int_equal(alone_check_loader(&stick, "\\empty", &bytes), STATUS_SPARE_BOOTMGR_BAD);
    assert_int_equal(alone_check_loader(&stick, "\\folder", &bytes), STATUS_SPARE_BOOTMGR_BAD);
    assert_int_equal(alone_check_loader(&stick, "\\program", &bytes), STATUS_SPARE_BOOTMGR_BAD);
    assert_int_equal(bytes, 77);
    assert_int_equal(alone_check_loader(&stick, "\\good", &bytes), STATUS_OK);
    assert_int_equal(bytes, LOADER);
    assert_int_equal(alone_check_loader(&stick, "\\least", &bytes), STATUS_OK);
    assert_int_equal(bytes, BOOTMGR_MIN);
}

/* ---- the stick */

static void test_ntldr_and_its_companion(void **state)
{
    static uint8_t companion[NTDETECT_MAX + 1];
    static const struct { bool good, there; size_t companion; uint32_t room; unsigned bits; enum status says; const char *file; } cases[] = {
        { true, true, NTDETECT_MAX, LOADER, STICK_HAS_NTLDR, STATUS_OK, NULL },
        { true, true, 1, LOADER, STICK_HAS_NTLDR, STATUS_OK, NULL },
        { true, true, 1, LOADER - 1, STICK_HAS_NTLDR | STICK_BAD_NTLDR, STATUS_LOADER_TOO_LARGE, STICK_NTLDR },
        { false, true, 1, ROOM, STICK_HAS_NTLDR | STICK_BAD_NTLDR, STATUS_STICK_FILE_BAD, STICK_NTLDR },
        { true, true, NTDETECT_MAX + 1, ROOM, STICK_HAS_NTLDR | STICK_BAD_NTLDR, STATUS_STICK_FILE_BAD, STICK_NTDETECT },
        { true, true, 0, ROOM, STICK_HAS_NTLDR | STICK_BAD_NTLDR, STATUS_STICK_FILE_BAD, STICK_NTDETECT },
        { true, false, 1, ROOM, 0, STATUS_OK, NULL },
    };
    const struct fatimage_file alone[] = { { STICK_NTLDR, loader, LOADER }, { "\\readme.txt", "x", 1 } };

    (void)state;
    facts_of[1].alone = ALONE_NT;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct fatimage_file files[] = { { STICK_NTDETECT, companion, cases[i].companion },
                                               { STICK_NTLDR, cases[i].good ? loader : no_loader, LOADER } };

        take(files, cases[i].there ? 2 : 1, cases[i].room);
        assert_int_equal(facts.stick_files, cases[i].bits);
        assert_said(1, cases[i].says, cases[i].file);
        assert_said(0, STATUS_OK, NULL);
        assert_int_equal(facts_of[1].stick_number, 0);
    }
    take(alone, 2, ROOM);  /* without NTDETECT.COM it starts nothing */
    assert_int_equal(facts.stick_files, 0);
    assert_said(1, STATUS_OK, NULL);
}

static void test_a_boot_ini_on_the_stick(void **state)
{
    static const struct { const char *text; unsigned number; } cases[] = {
        { BOOTINI("multi(0)disk(0)rdisk(0)partition(2)\\WINNT"), 2 },
        { BOOTINI("multi(0)disk(0)rdisk(0)partition(1)\\WINNT"), 1 },
        { BOOTINI("multi(0)disk(0)rdisk(0)partition(0)\\WINNT"), STICK_NUMBER_NONE },
        { BOOTINI("multi(0)disk(0)rdisk(1)partition(2)\\WINNT"), STICK_NUMBER_NONE },
        { BOOTINI("multi(0)disk(1)rdisk(0)partition(2)\\WINNT"), STICK_NUMBER_NONE },
        { BOOTINI("multi(1)disk(0)rdisk(0)partition(2)\\WINNT"), STICK_NUMBER_NONE },
        { BOOTINI("scsi(0)disk(0)rdisk(0)partition(2)\\WINNT"), STICK_NUMBER_NONE },
        { BOOTINI("multi(0)disk(0)rdisk(0)partition(2)\\WINDOWS"), STICK_NUMBER_NONE },
        { BOOTINI(""), STICK_NUMBER_NONE },
    };
    static char long_one[BOOTINI_MAX_BYTES + 1];
    struct span text = span_of(cases[0].text, strlen(cases[0].text));
    struct arena little = arena_of(long_one, 16);

    (void)state;
    facts_of[1].alone = ALONE_NT;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct fatimage_file files[] = { { STICK_NTLDR, loader, LOADER }, { STICK_NTDETECT, loader, 100 },
                                               { STICK_BOOTINI, cases[i].text, strlen(cases[i].text) } };
        size_t                     mark;

        fat_files(files, 3, &arena, &disks[HALVES], &stick);
        mark = arena_mark(&arena);
        facts_take_stick(&facts, &stick, ROOM, &arena);
        assert_int_equal(facts_of[1].stick_number, cases[i].number);
        assert_int_equal(facts.stick_files, STICK_HAS_NTLDR);
        assert_int_equal(arena_mark(&arena), mark);  /* what was read is given back */
    }
    memset(long_one, ' ', sizeof long_one);
    memcpy(long_one, cases[0].text, strlen(cases[0].text));
    for (size_t i = 0; i < 2; i++) {
        const struct fatimage_file files[] = { { STICK_NTLDR, loader, LOADER }, { STICK_NTDETECT, loader, 100 },
                                               { STICK_BOOTINI, long_one, BOOTINI_MAX_BYTES + i } };

        take(files, 3, ROOM);
        assert_int_equal(facts_of[1].stick_number, i ? STICK_NUMBER_NONE : 2);
    }
    assert_int_equal(alone_bootini_number(text, &facts_of[1], &arena), 2);
    assert_int_equal(alone_bootini_number(text, &facts_of[1], &little), STICK_NUMBER_NONE);
}

static void test_bootmgr_and_a_store(void **state)
{
    static const struct { bool good; uint32_t room; unsigned bits; enum status says; } managers[] = {
        { true, LOADER, STICK_HAS_BOOTMGR, STATUS_OK }, { false, ROOM, STICK_BAD_BOOTMGR, STATUS_STICK_FILE_BAD },
        { true, LOADER - 1, STICK_BAD_BOOTMGR, STATUS_LOADER_TOO_LARGE },
    };
    static uint8_t long_one[STORE_TAKEN_MAX + 1];

    (void)state;
    facts_of[1].alone = ALONE_VISTA;
    for (size_t i = 0; i < ARRAY_LEN(managers); i++) {
        const struct fatimage_file file = { STICK_BOOTMGR, managers[i].good ? loader : no_loader, LOADER };

        take(&file, 1, managers[i].room);
        assert_int_equal(facts.stick_files, managers[i].bits);
        assert_said(1, managers[i].says, STICK_BOOTMGR);
    }
    for (size_t kind = 0; kind < 2; kind++) {
        const struct fatimage_file good = { STICK_STORE, store.data, store.len }, bad = { STICK_STORE, "none", 4 },
                                   large = { STICK_STORE, long_one, sizeof long_one };

        facts_of[1].alone = kind ? ALONE_SPARE : ALONE_VISTA;
        take(&good, 1, ROOM);
        assert_int_equal(facts.stick_files, STICK_HAS_STORE);
        assert_said(1, STATUS_OK, NULL);
        take(&bad, 1, ROOM);
        assert_int_equal(facts.stick_files, STICK_BAD_STORE);
        assert_said(1, STATUS_STORE_UNFIT, STICK_STORE);
        take(&large, 1, ROOM);
        assert_int_equal(facts.stick_files, STICK_BAD_STORE);
    }
}

/* Who needs nothing from the stick, or can be helped by nothing, is not told about it. */
static void test_files_that_nobody_needs(void **state)
{
    const struct fatimage_file files[] = { { STICK_NTLDR, no_loader, LOADER }, { STICK_NTDETECT, loader, 0 },
                                           { STICK_BOOTMGR, no_loader, LOADER }, { STICK_STORE, "none", 4 } };
    const struct fatimage_file manager = { STICK_BOOTMGR, loader, LOADER };

    (void)state;
    facts_of[2].alone = ALONE_DAMAGED;
    take(files, 4, ROOM);
    assert_int_equal(facts.stick_files, 0);
    assert_ptr_equal(facts.stick, &stick);
    for (size_t i = 0; i < HALVES; i++)
        assert_said(i, STATUS_OK, NULL);
    facts_of[0].alone = ALONE_SPARE;  /* has a BOOTMGR of its own */
    take(files, 4, ROOM);
    assert_int_equal(facts.stick_files, STICK_BAD_STORE);
    assert_said(0, STATUS_STORE_UNFIT, STICK_STORE);
    assert_said(2, STATUS_OK, NULL);
    take(&manager, 1, ROOM);
    assert_int_equal(facts.stick_files, 0);
    facts_of[3].alone = ALONE_VISTA;  /* each hears of its own */
    take(files, 3, ROOM);
    assert_int_equal(facts.stick_files, STICK_BAD_BOOTMGR);
    assert_said(0, STATUS_OK, NULL);
    assert_said(3, STATUS_STICK_FILE_BAD, STICK_BOOTMGR);
    facts_of[3].alone = ALONE_NT;
    take(files, 4, ROOM);
    assert_int_equal(facts.stick_files, STICK_BAD_STORE | STICK_BAD_NTLDR);
    assert_said(0, STATUS_STORE_UNFIT, STICK_STORE);
    assert_int_equal(facts_of[3].notes.count, 2);
    facts_take_stick(&facts, NULL, ROOM, &arena);
    assert_int_equal(facts.stick_files, 0);
    assert_null(facts.stick);
}

static unsigned reads;
static enum status (*read_plain)(struct block_device *dev, uint64_t lba, uint32_t count, void *buf);

static enum status count_read(struct block_device *dev, uint64_t lba, uint32_t count, void *buf)
{
    reads++;
    return read_plain(dev, lba, count, buf);
}

/* Reads of the stick, which may be a slow one, while one half is of this kind. */
static unsigned reads_for(const struct fatimage_file *files, size_t count, enum windows_alone alone)
{
    facts_of[1].alone = alone;
    fat_files(files, count, &arena, &disks[HALVES], &stick);
    read_plain = disks[HALVES].dev.read;
    disks[HALVES].dev.read = count_read;
    reads = 0;
    facts_take_stick(&facts, &stick, ROOM, &arena);
    return reads;
}

/* A file that nobody needs is not even looked for. */
static void test_a_stick_that_nobody_needs_is_not_read(void **state)
{
    const struct fatimage_file files[] = { { STICK_NTLDR, loader, LOADER }, { STICK_NTDETECT, loader, 100 },
                                           { STICK_BOOTMGR, loader, LOADER }, { STICK_STORE, store.data, store.len } };
    const struct fatimage_file manager = { STICK_BOOTMGR, loader, LOADER };
    unsigned                   nothing, vista;

    (void)state;
    assert_int_equal(reads_for(files, 4, ALONE_NOT), 0);
    assert_int_equal(reads_for(files, 4, ALONE_DAMAGED), 0);
    vista = reads_for(files, 4, ALONE_VISTA);
    nothing = reads_for(&manager, 1, ALONE_NT);        /* only NTLDR is looked for, in vain */
    assert_true(nothing > 0);
    assert_true(reads_for(files, 4, ALONE_SPARE) > 0);
    assert_true(reads_for(files, 4, ALONE_SPARE) < vista);
    assert_true(reads_for(&manager, 1, ALONE_VISTA) > nothing);
    facts.count = 1;                                     /* what is behind the list needs nothing */
    assert_int_equal(reads_for(files, 4, ALONE_VISTA), 0);
}

/* A copy of BOOTMGR that does not fit into low memory is none. */
static void test_a_spare_loader_that_is_too_large(void **state)
{
    (void)state;
    facts_of[0].alone = ALONE_SPARE;
    facts_of[0].spare_bytes = LOADER + 1;
    facts_of[1].alone = facts_of[2].alone = ALONE_SPARE;
    facts_of[1].spare_bytes = LOADER;
    facts_of[2].spare_bytes = LOADER + 1;
    facts_of[3].spare_bytes = LOADER + 1;
    facts_take_stick(&facts, NULL, LOADER, &arena);
    assert_int_equal(facts_of[1].alone, ALONE_SPARE);
    assert_said(1, STATUS_OK, NULL);
    assert_int_equal(facts_of[2].alone, ALONE_VISTA);
    assert_said(2, STATUS_LOADER_TOO_LARGE, NULL);
    assert_int_equal(facts_of[0].alone, ALONE_VISTA);
    assert_said(0, STATUS_LOADER_TOO_LARGE, NULL);
    assert_int_equal(facts_of[3].alone, ALONE_NOT);
    assert_said(3, STATUS_OK, NULL);
}

/* ---- what follows */

static void test_why_none_can_be_had(void **state)
{
    static const struct { enum windows_alone alone; unsigned stick; enum status why; } cases[] = {
        { ALONE_NOT, 0, STATUS_OK }, { ALONE_SPARE, 0, STATUS_OK }, { ALONE_DAMAGED, 63, STATUS_WINLOAD_LOST },
        { ALONE_NT, 63 & ~(STICK_HAS_NTLDR | STICK_BAD_NTLDR), STATUS_NTLDR_LOST }, { ALONE_NT, STICK_HAS_NTLDR, STATUS_OK },
        { ALONE_NT, STICK_BAD_NTLDR, STATUS_STICK_FILE_BAD }, { ALONE_NT, STICK_HAS_NTLDR | STICK_BAD_NTLDR, STATUS_STICK_FILE_BAD },
        { ALONE_VISTA, 63 & ~(STICK_HAS_BOOTMGR | STICK_BAD_BOOTMGR), STATUS_BOOTMGR_LOST },
        { ALONE_VISTA, STICK_HAS_BOOTMGR, STATUS_OK }, { ALONE_VISTA, STICK_BAD_BOOTMGR, STATUS_STICK_FILE_BAD },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        facts_of[0].alone = cases[i].alone;
        facts.stick_files = cases[i].stick;
        assert_int_equal(alone_why_not(&facts, &facts_of[0]), cases[i].why);
    }
}

static void assert_store(enum status st, const struct component_facts *where)
{
    struct component_facts *half = &facts_of[3];

    assert_int_equal(alone_find_store(&facts, &facts_of[1], &half), st);
    assert_ptr_equal(half, where);
}

/* Its own store before another one's, the stick's before both; never one of another group, or of its volume's other half. */
static void test_which_store_may_be_its_own(void **state)
{
    (void)state;
    assert_store(STATUS_STORE_NOT_THERE, NULL);
    facts_of[3].files.has_store = facts_of[3].files.store_fits = true;
    assert_store(STATUS_STORE_NOT_THERE, NULL);
    facts_of[0].files.has_store = true;
    facts_of[0].volume = &volumes[1];
    assert_store(STATUS_STORE_NOT_THERE, NULL);
    facts_of[0].volume = &volumes[0];
    facts_of[2].files.has_store = facts_of[2].files.store_fits = true;
    assert_store(STATUS_STORE_UNFIT, &facts_of[0]);  /* the first one */
    facts_of[0].files.store_fits = true;
    assert_store(STATUS_OK, &facts_of[0]);
    facts_of[1].files.has_store = true;
    assert_store(STATUS_STORE_UNFIT, &facts_of[1]);
    facts_of[1].files.store_fits = true;
    assert_store(STATUS_OK, &facts_of[1]);
    facts.stick_files = STICK_BAD_STORE;
    assert_store(STATUS_STORE_UNFIT, NULL);
    facts.stick_files = STICK_HAS_STORE | STICK_HAS_NTLDR;
    assert_store(STATUS_OK, NULL);
    facts.stick_files = STICK_HAS_NTLDR | STICK_BAD_NTLDR | STICK_HAS_BOOTMGR | STICK_BAD_BOOTMGR;
    assert_store(STATUS_OK, &facts_of[1]);
    facts.stick_files = 0;
    facts_of[0].files.has_store = facts_of[1].files.has_store = facts_of[2].files.has_store = false;
    facts.count = 2;                                 /* what is behind the list is none of it */
    facts_of[2].files.has_store = true;
    assert_store(STATUS_STORE_NOT_THERE, NULL);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_what_a_loader_is), T(test_ntldr_and_its_companion), T(test_a_boot_ini_on_the_stick), T(test_bootmgr_and_a_store),
        T(test_files_that_nobody_needs), T(test_a_stick_that_nobody_needs_is_not_read), T(test_a_spare_loader_that_is_too_large), T(test_why_none_can_be_had),
        T(test_which_store_may_be_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
