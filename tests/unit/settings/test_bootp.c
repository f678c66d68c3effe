/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_bootp.c - where a network start came from, by the DHCP server's answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/settings/bootp.h"

#define ANSWER_BYTES 1472
#define OPTIONS      240

static uint8_t answer[ANSWER_BYTES];

/* An answer of server 10.0.2.3 with the boot file in its field, and these options. */
static void make(const char *file, const void *options, size_t len)
{
    memset(answer, 0, sizeof answer);
    memcpy(answer + 20, "\x0a\x00\x02\x03", 4);
    memcpy(answer + 108, file, strnlen(file, 128));
    memcpy(answer + OPTIONS, options, len);
}

static void assert_name(const char *wanted)
{
    struct bootp_file file;

    assert_true(bootp_file_beside(span_of(answer, sizeof answer), "ldmboot.cfg", &file));
    assert_memory_equal(file.server, "\x0a\x00\x02\x03", 4);
    assert_string_equal(file.name, wanted);
}

static void test_folder_of_the_boot_file(void **state)
{
    static const char *const names[][2] = {
        { "ldmboot.pxe", "ldmboot.cfg" }, { "", "ldmboot.cfg" }, { "/ldmboot.pxe", "/ldmboot.cfg" },
        { "efi/x64/BOOTX64.EFI", "efi/x64/ldmboot.cfg" }, { "boot\\x64\\BOOTX64.EFI", "boot\\x64\\ldmboot.cfg" },
        { "folder/", "folder/ldmboot.cfg" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        make(names[i][0], "\xff", 1);
        assert_name(names[i][1]);
    }
}

static void test_field_without_an_end(void **state)
{
    char path[129] = { 0 }, wanted[160] = { 0 };

    (void)state;
    memset(path, '/', 128);
    memcpy(wanted, path, 128);
    make(path, "\xff", 1);
    assert_name(strcat(wanted, "ldmboot.cfg"));
}

/* The option wins; padding and other options are passed over, and it need not have a NUL. */
static void test_option(void **state)
{
    static const char options[] = "\x35\x01\x05\x00\x00\x43\x0b""ldm/boot.cd""\xff";

    (void)state;
    make("field/name", options, sizeof options - 1);
    assert_name("ldm/ldmboot.cfg");
    make("field/name", "\xff\x43\x04""ldm/", 7);          /* behind the end */
    assert_name("field/ldmboot.cfg");
    make("field/name", "\xff\x00\x43\x04""ldm/", 8);      /* nor behind an end that a pad byte follows */
    assert_name("field/ldmboot.cfg");
    make("field/name", "\x43\x01x\xff", 4);               /* of one letter, in no folder */
    assert_name("ldmboot.cfg");
    make("field/name", "\x43\x00\xff", 3);                /* empty */
    assert_name("field/ldmboot.cfg");
}

/* Pad bytes have no length: however many there are, what follows is an option. */
static void test_padding_before_the_option(void **state)
{
    (void)state;
    for (size_t pads = 0; pads < 5; pads++) {
        uint8_t options[16] = { 0 };

        memcpy(options + pads, "\x43\x04""ldm/\xff", 7);
        make("field/name", options, sizeof options);
        assert_name("ldm/ldmboot.cfg");
    }
}

/* A path ends with its NUL: what an old answer left behind it is none of it. */
static void test_what_is_behind_the_name(void **state)
{
    static const char options[] = "\x43\x09""a/b\0x/y/z\xff";

    (void)state;
    make("a/b", "\xff", 1);
    memcpy(answer + 108 + 4, "x/y", 3);
    assert_name("a/ldmboot.cfg");
    make("field/name", options, sizeof options - 1);
    assert_name("a/ldmboot.cfg");
}

/* What stands before the options is none, though its bytes may look like one: here the transaction's number. */
static void test_what_is_no_option(void **state)
{
    (void)state;
    make("field/name", "\xff", 1);
    answer[0] = 2;  /* a reply, over Ethernet: addresses of 6 bytes */
    answer[1] = 1;
    answer[2] = 6;
    memcpy(answer + 4, "\x43\x02""x/", 4);
    assert_name("field/ldmboot.cfg");
}

static void test_options_that_run_out_of_the_answer(void **state)
{
    uint8_t *end = answer + sizeof answer;

    (void)state;
    make("a/b", "", 0);
    end[-1] = 67;                                         /* no length */
    assert_name("a/ldmboot.cfg");
    end[-2] = 67;                                         /* a value beyond the end */
    end[-1] = 1;
    assert_name("a/ldmboot.cfg");
    memset(answer + OPTIONS, 1, sizeof answer - OPTIONS);
    assert_name("a/ldmboot.cfg");
}

static void test_no_server_and_short_answers(void **state)
{
    struct bootp_file file;

    (void)state;
    make("a/b", "\xff", 1);
    for (size_t len = 0; len < 24; len++) {
        uint8_t *exact = malloc(len + 1);                 /* so that AddressSanitizer sees a read beyond it */

        memcpy(exact, answer, len);
        assert_false(bootp_file_beside(span_of(exact, len), "ldmboot.cfg", &file));
        free(exact);
    }
    memset(answer + 20, 0, 4);
    assert_false(bootp_file_beside(span_of(answer, sizeof answer), "ldmboot.cfg", &file));
}

/* The longest name that there is room for, where there is no folder. */
static void test_the_longest_name(void **state)
{
    static char       name[BOOTP_NAME_SIZE + 1];
    struct bootp_file file;

    (void)state;
    make("file", "\xff", 1);
    memset(name, 'n', BOOTP_NAME_SIZE - 1);
    assert_true(bootp_file_beside(span_of(answer, sizeof answer), name, &file));
    assert_string_equal(file.name, name);
    name[BOOTP_NAME_SIZE - 1] = 'n';
    assert_false(bootp_file_beside(span_of(answer, sizeof answer), name, &file));
}

static void test_path_that_is_too_long(void **state)
{
    uint8_t           options[2 + 255] = { 67, 255 };
    struct bootp_file file;

    (void)state;
    memset(options + 2, 'f', 255);
    options[2 + 243] = '/';                               /* 244 bytes and 12: as long as a name may be */
    make("", options, sizeof options);
    assert_true(bootp_file_beside(span_of(answer, sizeof answer), "ldmboot.cfg", &file));
    assert_int_equal(strlen(file.name), BOOTP_NAME_SIZE - 1);
    options[2 + 244] = '/';
    make("", options, sizeof options);
    assert_false(bootp_file_beside(span_of(answer, sizeof answer), "ldmboot.cfg", &file));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_folder_of_the_boot_file),
        cmocka_unit_test(test_field_without_an_end),
        cmocka_unit_test(test_option),
        cmocka_unit_test(test_padding_before_the_option),
        cmocka_unit_test(test_what_is_no_option),
        cmocka_unit_test(test_what_is_behind_the_name),
        cmocka_unit_test(test_options_that_run_out_of_the_answer),
        cmocka_unit_test(test_no_server_and_short_answers),
        cmocka_unit_test(test_the_longest_name),
        cmocka_unit_test(test_path_that_is_too_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
