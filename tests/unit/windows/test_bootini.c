/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_bootini.c - the default entry of boot.ini, as people and Windows write that file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/windows/bootini.h"

static struct bootini_entry entry;

static bool parse(const char *text)
{
    memset(&entry, 0xee, sizeof entry);
    return bootini_default(span_of(text, strlen(text)), &entry);
}

static void test_windows_writes(void **state)
{
    (void)state;
    assert_true(parse("[boot loader]\r\ntimeout=30\r\ndefault=multi(0)disk(0)rdisk(0)partition(2)\\WINDOWS\r\n"
                      "[operating systems]\r\n"
                      "multi(0)disk(0)rdisk(0)partition(1)\\WINNT=\"Windows 2000\" /fastdetect\r\n"));
    assert_int_equal(entry.form, BOOTINI_MULTI);
    assert_int_equal(entry.adapter, 0);
    assert_int_equal(entry.rdisk, 0);
    assert_int_equal(entry.partition, 2);
    assert_string_equal(entry.directory, "\\WINDOWS");
}

static void test_other_forms(void **state)
{
    (void)state;
    assert_true(parse("[boot loader]\ndefault=scsi(1)disk(2)rdisk(3)partition(4)\\WINNT\n"));
    assert_int_equal(entry.form, BOOTINI_SCSI);
    assert_int_equal(entry.adapter, 1);
    assert_int_equal(entry.disk, 2);
    assert_int_equal(entry.rdisk, 3);
    assert_int_equal(entry.partition, 4);

    assert_true(parse("[boot loader]\ndefault=signature(8b467C12)disk(1)rdisk(0)partition(2)\\WINDOWS\n"));
    assert_int_equal(entry.form, BOOTINI_SIGNATURE);
    assert_int_equal(entry.adapter, 0x8b467c12);

    assert_true(parse("[boot loader]\ndefault=C:\\\n"));
    assert_int_equal(entry.form, BOOTINI_OTHER);
}

/* By hand: capital letters, blanks, no line end behind the last line, an empty pair of brackets. */
static void test_people_write(void **state)
{
    (void)state;
    assert_true(parse("  [Boot Loader]  \n  DEFAULT = Multi()Disk(0)RDisk(1)Partition(3)\\WinNT /sos"));
    assert_int_equal(entry.form, BOOTINI_MULTI);
    assert_int_equal(entry.adapter, 0);
    assert_int_equal(entry.rdisk, 1);
    assert_int_equal(entry.partition, 3);
    assert_string_equal(entry.directory, "\\WinNT");
}

static void test_without_default(void **state)
{
    (void)state;
    assert_true(parse("[boot loader]\ntimeout=30\n[operating systems]\n"
                      "multi(0)disk(0)rdisk(0)partition(3)\\A=\"first\"\n"
                      "multi(0)disk(0)rdisk(0)partition(4)\\B=\"second\"\n"));
    assert_int_equal(entry.partition, 3);
    assert_string_equal(entry.directory, "\\A");

    assert_true(parse("[operating systems]\nmulti(0)disk(0)rdisk(0)partition(3)\\A=\"first\"\n"
                      "[boot loader]\ndefault=multi(0)disk(0)rdisk(0)partition(1)\\B\n"));
    assert_int_equal(entry.partition, 1);  /* wherever its section is */

    assert_false(parse("[boot loader]\ntimeout=30\n"));
    assert_false(parse("[other]\ndefault=multi(0)disk(0)rdisk(0)partition(1)\\B\n"));
    assert_false(parse(""));
    assert_false(parse("[boot loader]\n\x1a" "default=multi(0)disk(0)rdisk(0)partition(1)\\B\n"));
}

static void test_nonsense_is_no_path(void **state)
{
    static const char *const paths[] = {
        "multi(0)disk(0)rdisk(0)", "multi(0)disk(0)rdisk(0)partition(1", "multi(0)disk(0)partition(1)rdisk(0)",
        "multi(x)disk(0)rdisk(0)partition(1)", "multi(0)disk(0)rdisk(0)partition(4294967296)", "", "()()()()",
        "multi(0)disk(0)rdisk(a)partition(1)", "signature(123456789)disk(0)rdisk(0)partition(1)",
    };

    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        char text[128] = "[boot loader]\ndefault=";

        assert_true(parse(strcat(text, paths[i])));
        assert_int_equal(entry.form, BOOTINI_OTHER);
        assert_int_equal(entry.partition, 0);
    }
}

static void test_directory_that_is_too_long(void **state)
{
    char text[256] = "[boot loader]\ndefault=multi(0)disk(0)rdisk(0)partition(1)\\";
    char longest[BOOTINI_DIRECTORY_MAX];

    (void)state;
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 2] = '\0';
    assert_true(parse(strcat(text, longest)));
    assert_int_equal(strlen(entry.directory), BOOTINI_DIRECTORY_MAX - 1);
    assert_true(parse(strcat(text, "a")));
    assert_int_equal(entry.partition, 1);
    assert_string_equal(entry.directory, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_windows_writes),
        cmocka_unit_test(test_other_forms),
        cmocka_unit_test(test_people_write),
        cmocka_unit_test(test_without_default),
        cmocka_unit_test(test_nonsense_is_no_path),
        cmocka_unit_test(test_directory_that_is_too_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
