/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pe.c - programs that UEFI starts: what machine a file is for, and whether all of it is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/arena.h"
#include "common/windows/pe.h"
#include "tests/support/onefile.h"
#include "tests/support/peprogram.h"

static uint8_t program[PE_PROGRAM_BYTES];

static void test_a_program_must_be_for_this_machine_and_whole(void **state)
{
    struct span image = pe_program(program, PE_MACHINE_X64, PE_EFI_APPLICATION);

    (void)state;
    assert_int_equal(pe_check_uefi_program(image, PE_MACHINE_X64), STATUS_OK);
    assert_int_equal(pe_check_uefi_program(image, PE_MACHINE_I386), STATUS_IMAGE_BAD);
    for (size_t len = 0; len < image.len; len++)
        assert_int_equal(pe_check_uefi_program(span_of(program, len), PE_MACHINE_X64), STATUS_IMAGE_BAD);
    assert_int_equal(pe_check_uefi_program(pe_program(program, PE_MACHINE_X64, 3), PE_MACHINE_X64), STATUS_IMAGE_BAD);
}

static void test_numbers_in_a_program_that_lead_out_of_it(void **state)
{
    static const struct {
        size_t   at;
        uint32_t value;
    } bad[] = { { 0x3c, 0xffffffff }, { 0x3c, 4090 }, { PE_PROGRAM_HEADER + 24 + 240 + 16, 0xffffffff },
                { PE_PROGRAM_HEADER + 24 + 240 + 20, 0xfffffe00 }, { PE_PROGRAM_HEADER + 20, 0xffff } };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct span image = pe_program(program, PE_MACHINE_X64, PE_EFI_APPLICATION);

        wr_le(program + bad[i].at, bad[i].value, bad[i].at == PE_PROGRAM_HEADER + 20 ? 2 : 4);
        assert_int_equal(pe_check_uefi_program(image, PE_MACHINE_X64), STATUS_IMAGE_BAD);
    }
}

/* Every section's bytes are in the file: to its last one, and no further. */
static void test_sections(void **state)
{
    const size_t sections = PE_PROGRAM_HEADER + 24 + 240;
    struct span  image = pe_program(program, PE_MACHINE_X64, PE_EFI_APPLICATION);

    (void)state;
    wr_le32(program + sections + 16, 513);
    assert_int_equal(pe_check_uefi_program(image, PE_MACHINE_X64), STATUS_IMAGE_BAD);
    wr_le32(program + sections + 16, 512);
    wr_le16(program + PE_PROGRAM_HEADER + 6, 0);   /* none at all */
    assert_int_equal(pe_check_uefi_program(image, PE_MACHINE_X64), STATUS_IMAGE_BAD);
    wr_le16(program + PE_PROGRAM_HEADER + 6, 2);
    assert_int_equal(pe_check_uefi_program(image, PE_MACHINE_X64), STATUS_OK);  /* the second one has no bytes */
    wr_le32(program + sections + 40 + 16, 1536);
    assert_int_equal(pe_check_uefi_program(image, PE_MACHINE_X64), STATUS_OK);
    wr_le32(program + sections + 40 + 16, 1537);
    assert_int_equal(pe_check_uefi_program(image, PE_MACHINE_X64), STATUS_IMAGE_BAD);
    wr_le32(program + sections + 40 + 16, 1536);
    wr_le32(program + sections + 40 + 20, 1);
    assert_int_equal(pe_check_uefi_program(image, PE_MACHINE_X64), STATUS_IMAGE_BAD);
    wr_le32(program + sections + 40 + 16, 0);
    wr_le16(program + PE_PROGRAM_HEADER + 6, 28);  /* as many headers as the file has room for, and one more */
    assert_int_equal(pe_check_uefi_program(image, PE_MACHINE_X64), STATUS_OK);
    wr_le16(program + PE_PROGRAM_HEADER + 6, 29);
    assert_int_equal(pe_check_uefi_program(image, PE_MACHINE_X64), STATUS_IMAGE_BAD);
}

/* By its signs; one byte of them that is wrong makes it something else. */
static void test_signs(void **state)
{
    static const size_t places[] = { 0, 1, PE_PROGRAM_HEADER, PE_PROGRAM_HEADER + 1, PE_PROGRAM_HEADER + 2, PE_PROGRAM_HEADER + 3,
                                     PE_PROGRAM_HEADER + 4, PE_PROGRAM_HEADER + 5, PE_PROGRAM_HEADER + 24 + 68 };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        struct span image = pe_program(program, PE_MACHINE_X64, PE_EFI_APPLICATION);

        program[places[i]] ^= 1;
        assert_int_equal(pe_check_uefi_program(image, PE_MACHINE_X64), STATUS_IMAGE_BAD);
    }
}

/* ---- of a file on a volume */

#define CONTENT_LCN 400u  /* of ONEFILE_CLUSTER bytes, two sectors each */

/* A file with these bytes, in clusters of its own. */
static void begin(struct onefile *t, struct span content)
{
    struct nb_stream data = nb_one_run(CONTENT_LCN, 2, content.len);
    uint8_t         *r;

    onefile_begin(t);
    r = nb_record(&t->v, ONEFILE_RECORD, NB_IN_USE, 0);
    nb_in_clusters(r, NB_DATA, "", &data);
    nb_seal(r, ONEFILE_CLUSTER);
    memcpy(nb_cluster(&t->v, CONTENT_LCN), content.data, content.len);
    onefile_open(t);
}

static enum status machine_of(struct span content, uint16_t *machine)
{
    static struct onefile t;
    enum status           st;

    begin(&t, content);
    st = pe_machine(&t.fs, "\\file", machine);
    onefile_end(&t);
    return st;
}

static void assert_machine(struct span content, uint16_t expected)
{
    uint16_t machine = 77;

    assert_int_equal(machine_of(content, &machine), STATUS_OK);
    assert_int_equal(machine, expected);
}

static void test_the_machine_of_a_file(void **state)
{
    (void)state;
    assert_machine(pe_program(program, PE_MACHINE_X64, PE_EFI_APPLICATION), PE_MACHINE_X64);
    assert_machine(pe_program(program, PE_MACHINE_I386, 3), PE_MACHINE_I386);
    assert_machine(span_of(program, PE_PROGRAM_HEADER + 6), PE_MACHINE_I386);    /* to the last byte that is looked at */
    assert_machine(span_of(program, PE_PROGRAM_HEADER + 5), PE_MACHINE_NONE);
}

static void test_files_that_are_no_programs(void **state)
{
    static const size_t signs[] = { 0, 1, PE_PROGRAM_HEADER, PE_PROGRAM_HEADER + 1, PE_PROGRAM_HEADER + 2, PE_PROGRAM_HEADER + 3 };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
        (void)pe_program(program, PE_MACHINE_X64, PE_EFI_APPLICATION);
        program[signs[i]] ^= 1;
        assert_machine(span_of(program, sizeof program), PE_MACHINE_NONE);
    }
    (void)pe_program(program, PE_MACHINE_X64, PE_EFI_APPLICATION);
    wr_le32(program + 0x3c, 0xfffffffc);
    assert_machine(span_of(program, sizeof program), PE_MACHINE_NONE);
    memset(program, 0, sizeof program);
    memcpy(program, "MZ", 2);
    memcpy(program + 0x20, "PE\0\0\x64\x86", 6);
    wr_le32(program + 0x3c, 0x20);  /* inside of the DOS header, which takes all of the file */
    assert_machine(span_of(program, 0x40), PE_MACHINE_X64);
    assert_machine(span_of(program, 0x3f), PE_MACHINE_NONE);
    assert_machine(span_of(program, 1), PE_MACHINE_NONE);
}

/* A file that is not there is no program; one that cannot be read is not known to be none. */
static void test_files_that_cannot_be_read(void **state)
{
    static struct onefile t;
    struct fs_file        file;
    uint16_t              machine = 77;

    (void)state;
    begin(&t, pe_program(program, PE_MACHINE_X64, PE_EFI_APPLICATION));
    assert_int_equal(pe_machine(&t.fs, "\\other", &machine), STATUS_OK);
    assert_int_equal(machine, PE_MACHINE_NONE);
    assert_int_equal(fs_find(&t.fs, "\\file", &file), STATUS_OK);
    file.is_directory = true;
    machine = 77;
    assert_int_equal(pe_file_machine(&file, &machine), STATUS_OK);
    assert_int_equal(machine, PE_MACHINE_NONE);
    memdisk_fail(t.md, CONTENT_LCN * 2, 1, STATUS_READ_FAILED);
    machine = 77;
    assert_int_equal(pe_machine(&t.fs, "\\file", &machine), STATUS_READ_FAILED);
    assert_int_equal(machine, PE_MACHINE_NONE);
    memdisk_reset(t.md);
    memdisk_fail(t.md, ONEFILE_MFT_LCN * 2, ONEFILE_RECORDS * 2, STATUS_READ_FAILED);
    assert_int_equal(pe_machine(&t.fs, "\\file", &machine), STATUS_READ_FAILED);
    onefile_end(&t);
}

/* The header's second part, where only that cannot be read. */
static void test_a_header_that_cannot_be_read(void **state)
{
    static struct onefile t;
    uint16_t              machine = 77;

    (void)state;
    (void)pe_program(program, PE_MACHINE_X64, PE_EFI_APPLICATION);
    memmove(program + 1200, program + PE_PROGRAM_HEADER, 6);
    wr_le32(program + 0x3c, 1200);
    begin(&t, span_of(program, sizeof program));
    assert_int_equal(pe_machine(&t.fs, "\\file", &machine), STATUS_OK);
    assert_int_equal(machine, PE_MACHINE_X64);
    memdisk_fail(t.md, CONTENT_LCN * 2 + 2, 1, STATUS_READ_FAILED);
    assert_int_equal(pe_machine(&t.fs, "\\file", &machine), STATUS_READ_FAILED);
    assert_int_equal(machine, PE_MACHINE_NONE);
    onefile_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_program_must_be_for_this_machine_and_whole),
        cmocka_unit_test(test_numbers_in_a_program_that_lead_out_of_it),
        cmocka_unit_test(test_sections),
        cmocka_unit_test(test_signs),
        cmocka_unit_test(test_the_machine_of_a_file),
        cmocka_unit_test(test_files_that_are_no_programs),
        cmocka_unit_test(test_files_that_cannot_be_read),
        cmocka_unit_test(test_a_header_that_cannot_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
