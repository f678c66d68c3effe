/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pe.c - programs that UEFI starts. What pe_machine() reads of a volume is tested in test_probe.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/arena.h"
#include "common/windows/pe.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_program_must_be_for_this_machine_and_whole),
        cmocka_unit_test(test_numbers_in_a_program_that_lead_out_of_it),
        cmocka_unit_test(test_sections),
        cmocka_unit_test(test_signs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
