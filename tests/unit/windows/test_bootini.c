/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_bootini.c - the default entry of boot.ini, as people and Windows write that file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/windows/bootini.h"

static struct bootini       file;
static struct bootini_entry entry;  /* its default one */

static bool parse(const char *text)
{
    memset(&file, 0xee, sizeof file);
    bootini_parse(span_of(text, strlen(text)), &file);
    entry = file.entries[0];
    return !file.default_implied;
}

static void assert_numbers(unsigned adapter, unsigned disk, unsigned rdisk, unsigned partition)
{
    assert_int_equal(entry.adapter, adapter);
    assert_int_equal(entry.disk, disk);
    assert_int_equal(entry.rdisk, rdisk);
    assert_int_equal(entry.partition, partition);
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
    assert_numbers(1, 2, 3, 4);

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

/* NTLDR of XP SP2 starts partition(1)\WINDOWS then, not the first line of [operating systems]. */
static void test_without_default(void **state)
{
    static const char *const texts[] = {
        "[boot loader]\ntimeout=30\n[operating systems]\nmulti(0)disk(0)rdisk(0)partition(3)\\A=\"first\"\n",
        "[operating systems]\nmulti(0)disk(0)rdisk(0)partition(3)\\A=\"first\"\n",
        "\xef\xbb\xbf[boot loader]\r\ndefault=multi(0)disk(0)rdisk(0)partition(3)\\A\r\n[operating systems]\r\n"
        "multi(0)disk(0)rdisk(0)partition(3)\\A=\"first\"\r\n",
        "[boot loader]\ntimeout=30\n", "[other]\ndefault=multi(0)disk(0)rdisk(0)partition(3)\\B\n", "",
        "[boot loader]\n\x1a" "default=multi(0)disk(0)rdisk(0)partition(3)\\B\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_false(parse(texts[i]));
        assert_int_equal(entry.form, BOOTINI_MULTI);
        assert_int_equal(entry.partition, 1);
        assert_string_equal(entry.directory, "\\WINDOWS");
        assert_int_equal(entry.text_len, 0);
        assert_false(file.default_empty);
        assert_int_equal(file.count, i < 3 ? 2 : 1);
        if (i < 3)
            assert_int_equal(file.entries[1].partition, 3);
    }
}

/* Wherever its section is, however often it is there: the last "default=" counts, an empty one too. */
static void test_several_defaults(void **state)
{
    (void)state;
    assert_true(parse("[operating systems]\nmulti(0)disk(0)rdisk(0)partition(3)\\A=\"first\"\n"
                      "[boot loader]\ndefault=multi(0)disk(0)rdisk(0)partition(1)\\B\n"
                      "default=multi(0)disk(0)rdisk(0)partition(2)\\C\n"));
    assert_int_equal(entry.partition, 2);
    assert_string_equal(entry.directory, "\\C");
    assert_int_equal(file.count, 2);
    assert_false(file.default_empty);
    assert_true(parse("[boot loader]\r\ndefault=multi(0)disk(0)rdisk(0)partition(2)\\C\r\ndefault=\r\n"));
    assert_true(file.default_empty);
    assert_int_equal(entry.form, BOOTINI_OTHER);
}

/* Beyond 4 KiB, and no more lines than NTLDR's menu holds. */
static void test_long_file(void **state)
{
    static char text[8192] = "[boot loader]\r\n";

    (void)state;
    while (strlen(text) < 5000)
        strcat(text, "timeout=30\r\n");
    strcat(text, "default=multi(0)disk(0)rdisk(0)partition(2)\\C\r\n[operating systems]\r\n");
    for (int i = 0; i < 12; i++)
        strcat(text, "multi(0)disk(0)rdisk(0)partition(2)\\C=\"C\"\r\n");
    assert_true(parse(text));
    assert_int_equal(entry.partition, 2);
    assert_int_equal(file.count, BOOTINI_MAX_ENTRIES);
    assert_memory_equal(text + entry.text_offset, entry.text, entry.text_len);
}

/* What a line has to read: in its own length, in the one form that NTLDR opens. */
static void test_answers(void **state)
{
    static const struct {
        const char *path, *wanted;  /* "" in place of what precedes it: it does not fit */
    } cases[] = {
        { "multi(0)disk(0)rdisk(0)partition(1)", "\r\n default = multi(0)disk(0)rdisk(0)partition(3)" },
        { "multi(0)disk(0)rdisk(1)partition(1)", "\r\n default = multi(0)disk(0)rdisk(0)partition(3)" },
        { "multi(0)disk(0)rdisk(0)partition(10)", "\n\r\n default = multi(0)disk(0)rdisk(0)partition(3)" },
        { "signature(abc)disk(0)rdisk(0)partition(1)", "\r\n\r\n\r\n\r\n default = multi(0)disk(0)rdisk(0)partition(3)" },
        { "scsi(0)disk(1)rdisk(0)partition(1)", "\n default = multi(0)disk(0)rdisk(0)partition(3)" },
        { "scsi()disk(1)rdisk(0)partition(1)", "" },
        { "multi()disk()rdisk()partition(3)", "" },
    };
    uint8_t out[BOOTINI_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[200] = "[boot loader]\r\n default = ";

        assert_true(parse(strcat(strcat(text, cases[i].path), "\\WINDOWS\r\n")));
        assert_int_equal(bootini_answer(&entry, 3, out), *cases[i].wanted != '\0');
        if (!*cases[i].wanted)
            continue;
        assert_int_equal(entry.text_len, strlen(cases[i].wanted));
        assert_memory_equal(out, cases[i].wanted, entry.text_len);
        assert_memory_equal(text + entry.text_offset, entry.text, entry.text_len);
    }
    assert_true(parse("[boot loader]\ndefault=scsi(0)disk(1)rdisk(0)partition(1)\\WINDOWS\n"));  /* no CR to take */
    assert_false(bootini_answer(&entry, 3, out));
}

/* A line of the menu begins with its path: only the line end before it can give way. */
static void test_answers_of_menu_lines(void **state)
{
    static const struct { const char *end, *path, *wanted; } cases[] = {
        { "\r\n", "scsi(0)disk(1)rdisk(0)partition(1)", "\nmulti(0)disk(0)rdisk(0)partition(3)" },
        { "\r\n", "multi(0)disk(0)rdisk(1)partition(1)", "\r\nmulti(0)disk(0)rdisk(0)partition(3)" },
        { "\n", "multi(0)disk(0)rdisk(1)partition(1)", "multi(0)disk(0)rdisk(0)partition(3)" },
        { "\n", "scsi(0)disk(1)rdisk(0)partition(1)", NULL }, { "\r", "scsi(0)disk(1)rdisk(0)partition(1)", NULL },
    };
    uint8_t out[BOOTINI_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[200] = "[operating systems]";

        strcat(strcat(strcat(text, cases[i].end), cases[i].path), "\\W=\"a\"\r\n");
        (void)parse(text);
        assert_int_equal(file.count, 2);
        entry = file.entries[1];
        assert_int_equal(bootini_answer(&entry, 3, out), cases[i].wanted != NULL);
        if (!cases[i].wanted)
            continue;
        assert_int_equal(entry.text_len, strlen(cases[i].wanted));
        assert_memory_equal(out, cases[i].wanted, entry.text_len);
        assert_memory_equal(text + entry.text_offset, entry.text, entry.text_len);
    }
}

/* Numbers of paths are decimal, signatures hexadecimal. */
static void test_numbers_of_paths(void **state)
{
    (void)state;
    assert_true(parse("[boot loader]\ndefault=multi(10)disk(11)rdisk(12)partition(13)\\W\n"));
    assert_numbers(10, 11, 12, 13);
    assert_true(parse("[boot loader]\ndefault=multi(a)disk(0)rdisk(0)partition(1)\\W\n"));
    assert_int_equal(entry.form, BOOTINI_OTHER);
    assert_true(parse("[boot loader]\ndefault=signature(10)disk(0)rdisk(0)partition(1)\\W\n"));
    assert_int_equal(entry.adapter, 16);
}

static void test_nonsense_is_no_path(void **state)
{
    static const char *const paths[] = {
        "multi(0)disk(0)rdisk(0)", "multi(0)disk(0)rdisk(0)partition(1", "multi(0)disk(0)partition(1)rdisk(0)",
        "multi(x)disk(0)rdisk(0)partition(1)", "multi(0)disk(0)rdisk(0)partition(4294967296)", "", "()()()()",
        "multi(0)disk(0)rdisk(a)partition(1)", "disk(0)disk(0)rdisk(0)partition(1)", "signature(123456789)disk(0)rdisk(0)partition(1)",
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

/* A line of which there is no room for the text can be read, and not answered. */
static void test_the_longest_text(void **state)
{
    uint8_t out[BOOTINI_TEXT_MAX];

    (void)state;
    for (int more = 0; more < 2; more++) {
        char text[256] = "[boot loader]\r\n";
        int  blanks = BOOTINI_TEXT_MAX + more - (int)strlen("\r\ndefault=multi(0)disk(0)rdisk(0)partition(2)");

        sprintf(text + strlen(text), "default=%*smulti(0)disk(0)rdisk(0)partition(2)\\W\r\n", blanks, "");
        assert_true(parse(text));
        assert_int_equal(entry.partition, 2);
        assert_int_equal(entry.text_len, more ? 0 : BOOTINI_TEXT_MAX);
        assert_int_equal(bootini_answer(&entry, 3, out), !more);
    }
}

/* A path that ends with its partition has no directory; one with a backslash more has the root. */
static void test_shortest_directories(void **state)
{
    (void)state;
    assert_true(parse("[boot loader]\ndefault=multi(0)disk(0)rdisk(0)partition(2)\n"));
    assert_int_equal(entry.partition, 2);
    assert_string_equal(entry.directory, "");
    assert_true(parse("[boot loader]\ndefault=multi(0)disk(0)rdisk(0)partition(2)\\\n"));
    assert_string_equal(entry.directory, "\\");
    assert_true(parse("[boot loader]\ndefault=multi(0)disk(0)rdisk(0)partition(2)WINNT\n"));
    assert_string_equal(entry.directory, "");
}

/* What is made is read back, and has the switches of Microsoft's documentation. */
static void test_made(void **state)
{
    struct store_options options = { 0 };
    uint8_t              memory[4096];
    struct arena         a = arena_of(memory, sizeof memory);
    struct span          text = bootini_make(3, "\\WINNT", NULL, &a);

    (void)state;
    bootini_parse(text, &file);
    assert_false(file.default_implied);
    assert_int_equal(file.count, 2);
    assert_int_equal(file.entries[0].form, BOOTINI_MULTI);
    assert_int_equal(file.entries[0].partition, 3);
    assert_string_equal(file.entries[0].directory, "\\WINNT");
    assert_memory_equal(text.data + text.len - 24, "=\"Windows\" /fastdetect\r\n", 24);

    assert_true(store_option_parse(&options, STORE_SAFEBOOT, span_of("minimal", 7)));
    assert_true(store_option_parse(&options, STORE_ALTERNATE_SHELL, span_of("yes", 3)));
    assert_true(store_option_parse(&options, STORE_SOS, span_of("yes", 3)));
    assert_true(store_option_parse(&options, STORE_BOOTLOG, span_of("no", 2)));
    assert_true(store_option_parse(&options, STORE_NX, span_of("optout", 6)));
    assert_true(store_option_parse(&options, STORE_EMS, span_of("yes", 3)));
    assert_true(store_option_parse(&options, STORE_DEBUG, span_of("yes", 3)));
    assert_true(store_option_parse(&options, STORE_DEBUG_PORT, span_of("2", 1)));
    assert_true(store_option_parse(&options, STORE_ADVANCED_OPTIONS, span_of("yes", 3)));
    text = bootini_make(1, "\\WINDOWS", &options, &a);
    assert_int_equal(text.len, strlen((const char *)text.data));
    assert_string_equal((const char *)text.data,
                        "[boot loader]\r\ntimeout=5\r\ndefault=multi(0)disk(0)rdisk(0)partition(1)\\WINDOWS\r\n"
                        "redirect=UseBiosSettings\r\n[operating systems]\r\n"
                        "multi(0)disk(0)rdisk(0)partition(1)\\WINDOWS=\"Windows\" /fastdetect /safeboot:minimal(alternateshell) /sos"
                        " /noexecute=optout /redirect /debug /debugport=com2\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_windows_writes),
        cmocka_unit_test(test_other_forms),
        cmocka_unit_test(test_people_write),
        cmocka_unit_test(test_without_default),
        cmocka_unit_test(test_several_defaults),
        cmocka_unit_test(test_long_file),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_nonsense_is_no_path),
        cmocka_unit_test(test_answers_of_menu_lines),
        cmocka_unit_test(test_numbers_of_paths),
        cmocka_unit_test(test_directory_that_is_too_long),
        cmocka_unit_test(test_the_longest_text), cmocka_unit_test(test_shortest_directories),
        cmocka_unit_test(test_made),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
