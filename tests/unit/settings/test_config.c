/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_config.c - ldmboot.cfg: every key, every mistake, and what then counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/settings/config.h"

static uint8_t memory[16384];

struct result {
    struct config    cfg;
    struct note_list notes;
    struct arena     arena;
};

static struct result parse_bytes(const void *text, size_t len)
{
    struct result r = { .cfg = config_default(), .arena = arena_of(memory, sizeof memory) };

    config_parse(span_of(text, len), &r.arena, &r.cfg, &r.notes);
    return r;
}

static struct result parse(const char *text)
{
    return parse_bytes(text, strlen(text));
}

static void assert_note(const struct result *r, enum status code, const char *text)
{
    for (const struct note *n = r->notes.first; n; n = n->next)
        if (n->code == code && strstr(n->text, text))
            return;
    fail_msg("no note LDM-%04d with \"%s\"", (int)code, text);
}

static void test_defaults(void **state)
{
    struct config cfg = config_default();

    (void)state;
    assert_false(cfg.timeout_set);
    assert_string_equal(cfg.volume, "");
    assert_string_equal(cfg.disk, "");
    assert_string_equal(cfg.component, "");
    assert_int_equal(cfg.serial, SERIAL_AUTO);
    assert_int_equal(cfg.serial_baud, 115200);
    assert_false(cfg.verbose);
    assert_int_equal(cfg.connect, CONNECT_ALL);
    assert_int_equal(cfg.on_error, ON_ERROR_NEXT);
    assert_false(cfg.question_timeout_set);
}

static void test_every_key(void **state)
{
    struct result r = parse("timeout = 12\nvolume = Volume3\ndisk = Disk2\ncomponent = Volume3-02\n"
                            "serial = com2,57600\nverbose = yes\nconnect = none\non-error = halt\nquestion-timeout = 90\n");

    (void)state;
    assert_int_equal(r.notes.count, 0);
    assert_true(r.cfg.timeout_set);
    assert_int_equal(r.cfg.timeout, 12);
    assert_string_equal(r.cfg.volume, "Volume3");
    assert_string_equal(r.cfg.disk, "Disk2");
    assert_string_equal(r.cfg.component, "Volume3-02");
    assert_int_equal(r.cfg.serial, SERIAL_COM);
    assert_int_equal(r.cfg.serial_port, 2);
    assert_int_equal(r.cfg.serial_baud, 57600);
    assert_true(r.cfg.verbose);
    assert_int_equal(r.cfg.connect, CONNECT_NONE);
    assert_int_equal(r.cfg.on_error, ON_ERROR_HALT);
    assert_true(r.cfg.question_timeout_set);
    assert_int_equal(r.cfg.question_timeout, 90);
}

static void test_options_of_a_boot_store(void **state)
{
    struct result r = parse("SafeBoot = Network\nadvancedoptions = yes\nems = off\nnx = alwayson\n"
                            "hypervisorlaunchtype = auto\ndebugport = 2\nbaudrate = 115200\ndebugtype = 1394\n");

    (void)state;
    assert_int_equal(r.notes.count, 0);
    assert_int_equal(r.cfg.store.given, 1u << STORE_SAFEBOOT | 1u << STORE_ADVANCED_OPTIONS | 1u << STORE_EMS | 1u << STORE_NX |
                     1u << STORE_HYPERVISOR | 1u << STORE_DEBUG_PORT | 1u << STORE_DEBUG_BAUD | 1u << STORE_DEBUG_TYPE);
    assert_int_equal(r.cfg.store.value[STORE_SAFEBOOT], SAFEBOOT_NETWORK);
    assert_int_equal(r.cfg.store.value[STORE_ADVANCED_OPTIONS], 1);
    assert_int_equal(r.cfg.store.value[STORE_EMS], 0);
    assert_int_equal(r.cfg.store.value[STORE_NX], 3);
    assert_int_equal(r.cfg.store.value[STORE_HYPERVISOR], 1);
    assert_int_equal(r.cfg.store.value[STORE_DEBUG_PORT], 2);
    assert_int_equal(r.cfg.store.value[STORE_DEBUG_BAUD], 115200);
    assert_int_equal(r.cfg.store.value[STORE_DEBUG_TYPE], 1);
    assert_string_equal(store_option_word(STORE_NX, 3), "alwayson");
    assert_null(store_option_word(STORE_DEBUG_PORT, 2));
}

static void test_mistakes_in_options_of_a_boot_store(void **state)
{
    static const char *const bad[] = { "safeboot = yes", "timeout = 0x", "store = other", "safeboot =", "nx = 1", "ems = 2",
                                       "debugport = 0", "baudrate = fast",
                                       "baudrate = 4294967296", "debugport =" };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct result r = parse(bad[i]);

        assert_note(&r, STATUS_CONFIG_BAD_VALUE, "line 1");
        assert_int_equal(r.cfg.store.given, 0);
    }
    struct result twice = parse("nx = optin\nnx = optout\n");

    assert_note(&twice, STATUS_CONFIG_DUPLICATE, "line 2");
    assert_int_equal(twice.cfg.store.value[STORE_NX], 1);
}

/* "made" is what is done without it, and takes back what stands before it. */
static void test_which_boot_store(void **state)
{
    struct result r = parse("store = Made");

    (void)state;
    assert_int_equal(r.notes.count, 0);
    assert_false(r.cfg.store.found);
    r = parse("store = found");
    assert_int_equal(r.notes.count, 0);
    assert_true(r.cfg.store.found);
    config_apply_option(span_of("store=made", 10), &r.arena, &r.cfg, &r.notes);
    assert_int_equal(r.notes.count, 0);
    assert_false(r.cfg.store.found);
}

/* What makes no sense takes nothing back. */
static void test_a_mistake_behind_a_setting(void **state)
{
    struct result r = parse("store = found\nverbose = yes");

    (void)state;
    config_apply_option(span_of("store=lost", 10), &r.arena, &r.cfg, &r.notes);
    config_apply_option(span_of("verbose=si", 10), &r.arena, &r.cfg, &r.notes);
    assert_int_equal(r.notes.count, 2);
    assert_true(r.cfg.store.found);
    assert_true(r.cfg.verbose);
}

static void test_a_question_that_waits(void **state)
{
    struct result r = parse("question-timeout = Never\n");

    (void)state;
    assert_int_equal(r.notes.count, 0);
    assert_true(r.cfg.question_timeout_set);
    assert_int_equal(r.cfg.question_timeout, CONFIG_FOR_EVER);
}

static void test_bom_crlf_comments_blanks_and_case(void **state)
{
    struct result r = parse("\xef\xbb\xbf# made by hand\r\n\r\n  Timeout=0   # at once\r\n\tON-ERROR =\tMenu\r\n"
                            "volume = C# \xc3\xa4 disk # C:");

    (void)state;
    assert_int_equal(r.notes.count, 0);
    assert_true(r.cfg.timeout_set);
    assert_int_equal(r.cfg.timeout, 0);
    assert_int_equal(r.cfg.on_error, ON_ERROR_MENU);
    assert_string_equal(r.cfg.volume, "C# \xc3\xa4 disk");
}

static void test_line_ends(void **state)
{
    static const char *const ends[] = { "\n", "\r\n", "\r" };

    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        char          text[100];
        struct result r;

        snprintf(text, sizeof text, "# a comment%stimeout = 7%s%svolume%sverbose = yes", ends[i], ends[i], ends[i], ends[i]);
        r = parse(text);
        assert_int_equal(r.cfg.timeout, 7);
        assert_true(r.cfg.verbose);
        assert_int_equal(r.notes.count, 1);
        assert_note(&r, STATUS_CONFIG_NO_EQUALS, "line 4");
    }
}

static void test_serial_values(void **state)
{
    static const struct {
        const char      *value;
        enum serial_mode mode;
        uint16_t         port;
        uint32_t         baud;
    } good[] = {
        { "auto", SERIAL_AUTO, 0, 115200 },        { "off", SERIAL_OFF, 0, 115200 },
        { "COM4", SERIAL_COM, 4, 115200 },         { "0x2f8", SERIAL_PORT, 0x2f8, 115200 },
        { "1016,9600", SERIAL_PORT, 1016, 9600 },  { "auto , 38400", SERIAL_AUTO, 0, 38400 },
    };
    static const char *const bad[] = { "com5",   "com",        "0",           "0x",          "0x10000", "com1,",
                                       "com1,0", "com1,14401", "com1,230400", "com1,9600,8", "",
                                       "1x2f8",  "0y2f8" };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        char          line[64];
        struct result r;

        snprintf(line, sizeof line, "serial = %s", good[i].value);
        r = parse(line);
        assert_int_equal(r.notes.count, 0);
        assert_int_equal(r.cfg.serial, good[i].mode);
        assert_int_equal(r.cfg.serial_port, good[i].port);
        assert_int_equal(r.cfg.serial_baud, good[i].baud);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char          line[64];
        struct result r;

        snprintf(line, sizeof line, "serial = com2\n\nserial=%s", bad[i]);
        r = parse(line);
        assert_note(&r, STATUS_CONFIG_BAD_VALUE, "line 3");
        assert_int_equal(r.cfg.serial, SERIAL_COM);  /* the earlier good value stays */
        assert_int_equal(r.cfg.serial_port, 2);
        assert_int_equal(r.cfg.serial_baud, 115200);
    }
}

static void test_limits_of_numbers(void **state)
{
    struct result r = parse("timeout = 86400\nserial = 0xfff8");

    (void)state;
    assert_int_equal(r.notes.count, 0);
    assert_int_equal(r.cfg.timeout, 86400);
    assert_int_equal(r.cfg.serial_port, 0xfff8);
    r = parse("serial = 0xfff9");
    assert_note(&r, STATUS_CONFIG_BAD_VALUE, "serial");
}

static void test_a_later_serial_line_counts_whole(void **state)
{
    struct result r = parse("serial = com2,9600\nserial = com1");

    (void)state;
    assert_int_equal(r.cfg.serial_port, 1);
    assert_int_equal(r.cfg.serial_baud, 115200);
}

/* Every word, and numbers at their limits. */
static void test_good_values(void **state)
{
    static const char *const good[] = { "verbose = no", "verbose = yes", "connect = all", "connect = none", "on-error = next",
                                        "on-error = menu", "on-error = halt", "timeout = 0", "timeout = 86400",
                                        "question-timeout = 1", "question-timeout = 86400", "serial = auto", "serial = off",
                                        "serial = com1", "serial = com4", "serial = 0x1", "serial = 0xfff8" };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_int_equal(parse(good[i]).notes.count, 0);
    assert_int_equal(parse("on-error = menu").cfg.on_error, ON_ERROR_MENU);
    assert_int_equal(parse("on-error = halt\non-error = next").cfg.on_error, ON_ERROR_NEXT);
    assert_int_equal(parse("connect = none\nconnect = all").cfg.connect, CONNECT_ALL);
    assert_false(parse("verbose = yes\nverbose = no").cfg.verbose);
    assert_int_equal(parse("timeout = 86400").cfg.timeout, 86400);
    assert_int_equal(parse("question-timeout = 1").cfg.question_timeout, 1);
    assert_int_equal(parse("serial = com4").cfg.serial_port, 4);
    assert_int_equal(parse("serial = 0xfff8").cfg.serial_port, 0xfff8);
    assert_int_equal(parse("serial = 0xfff9").notes.count, 1);
    assert_int_equal(parse("serial = 0").notes.count, 1);
    assert_int_equal(parse("serial = com5").notes.count, 1);
}

static void test_bad_values_keep_the_default(void **state)
{
    static const char *const bad[] = { "timeout = -1",      "timeout = 5s",    "timeout = 99999999999",
                                       "timeout = 86401",
                                       "timeout =",         "verbose = maybe", "connect = some",
                                       "on-error = reboot", "volume =",        "component = \x01",
                                       "question-timeout = 0", "question-timeout = 86401", "question-timeout = later" };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct result r = parse(bad[i]);
        struct config cfg = config_default();

        assert_int_equal(r.notes.count, 1);
        assert_note(&r, STATUS_CONFIG_BAD_VALUE, "ldmboot.cfg line 1");
        assert_memory_equal(&r.cfg, &cfg, sizeof cfg);
    }
}

static void test_a_name_of_127_bytes_fits_and_128_do_not(void **state)
{
    char          line[160] = "volume=";
    struct result r;

    (void)state;
    memset(line + 7, 'x', 127);
    r = parse(line);
    assert_int_equal(r.notes.count, 0);
    assert_int_equal(strlen(r.cfg.volume), 127);
    line[7 + 127] = 'x';
    r = parse(line);
    assert_note(&r, STATUS_CONFIG_BAD_VALUE, "volume");
    assert_string_equal(r.cfg.volume, "");
}

/* Every character that can be seen may be in a name, and bytes of UTF-8; control characters may not. */
static void test_characters_of_names(void **state)
{
    (void)state;
    for (unsigned c = 1; c < 256; c++) {
        char          line[] = "volume=a?b";
        struct result r;

        line[8] = (char)c;
        if (c == '\n' || c == '\r')
            continue;
        r = parse(line);
        assert_int_equal(r.notes.count, c < 0x20 || c == 0x7f);
        assert_string_equal(r.cfg.volume, c < 0x20 || c == 0x7f ? "" : line + 7);
    }
}

/* Where a name was said is repeated when there is no such thing: the last place where a good one was. */
static void test_where_names_were_said(void **state)
{
    struct result r = parse("# names\nvolume = A\ndisk = B\n\ncomponent = C\ntimeout = 1\nvolume =\n");
    const char   *more = "disk=D", *bad = "component=";

    (void)state;
    assert_string_equal(r.cfg.volume_place, "ldmboot.cfg line 2");
    assert_string_equal(r.cfg.disk_place, "ldmboot.cfg line 3");
    assert_string_equal(r.cfg.component_place, "ldmboot.cfg line 5");
    config_apply_option(span_of(more, strlen(more)), &r.arena, &r.cfg, &r.notes);
    config_apply_option(span_of(bad, strlen(bad)), &r.arena, &r.cfg, &r.notes);
    assert_string_equal(r.cfg.volume_place, "ldmboot.cfg line 2");
    assert_string_equal(r.cfg.disk_place, "command line");
    assert_string_equal(r.cfg.component_place, "ldmboot.cfg line 5");
    r = parse("timeout = 1\nverbose = yes\n");
    assert_string_equal(r.cfg.volume_place, "");
    assert_string_equal(r.cfg.disk_place, "");
    assert_string_equal(r.cfg.component_place, "");
}

/* A file without a line end that is too long has no whole line. */
static void test_one_line_that_is_too_long(void **state)
{
    static char   text[4096 + 16];
    struct result r;

    (void)state;
    memset(text, 'x', sizeof text);
    r = parse_bytes(text, sizeof text);
    assert_int_equal(r.notes.count, 1);
    assert_note(&r, STATUS_CONFIG_TOO_LONG, "ldmboot.cfg");
}

static void test_unknown_key_and_line_without_equals(void **state)
{
    struct result r = parse("\n\ncolour = blue\nboot now\n= 3\ntimeout = 7");

    (void)state;
    assert_int_equal(r.notes.count, 3);
    assert_note(&r, STATUS_CONFIG_UNKNOWN_KEY, "ldmboot.cfg line 3, \"colour\"");
    assert_note(&r, STATUS_CONFIG_NO_EQUALS, "ldmboot.cfg line 4, \"boot now\"");
    assert_note(&r, STATUS_CONFIG_UNKNOWN_KEY, "ldmboot.cfg line 5");
    assert_int_equal(r.cfg.timeout, 7);
}

static void test_warnings_repeat_no_control_characters(void **state)
{
    struct result r = parse("\x1b[2Jkey\xff = 1\n~ !\x7f = 2");

    (void)state;
    assert_note(&r, STATUS_CONFIG_UNKNOWN_KEY, "\"?[2Jkey?\"");
    assert_note(&r, STATUS_CONFIG_UNKNOWN_KEY, "\"~ !?\"");
}

static void test_of_duplicates_the_later_line_counts(void **state)
{
    struct result r = parse("volume = A\nvolume = B\nVOLUME = C");

    (void)state;
    assert_int_equal(r.notes.count, 2);
    assert_note(&r, STATUS_CONFIG_DUPLICATE, "line 2");
    assert_note(&r, STATUS_CONFIG_DUPLICATE, "line 3");
    assert_string_equal(r.cfg.volume, "C");
}

static void test_no_more_than_4096_bytes(void **state)
{
    static char   text[4096 + 16];
    struct result r;

    (void)state;
    memset(text, '\n', sizeof text);
    memcpy(text + 4096 - 9, "timeout=8", 9);  /* ends at the limit: read whole */
    r = parse_bytes(text, 4096);
    assert_int_equal(r.notes.count, 0);
    assert_int_equal(r.cfg.timeout, 8);

    memcpy(text + 4097, "timeout=9", 9);
    r = parse_bytes(text, sizeof text);
    assert_int_equal(r.notes.count, 1);
    assert_note(&r, STATUS_CONFIG_TOO_LONG, "ldmboot.cfg");
    assert_int_equal(r.cfg.timeout, 8);

    memcpy(text + 4096 - 9, "timeout=86", 10);  /* goes on behind it: not another number, but none */
    r = parse_bytes(text, sizeof text);
    assert_note(&r, STATUS_CONFIG_TOO_LONG, "ldmboot.cfg");
    assert_false(r.cfg.timeout_set);
}

static void test_utf16_is_named_and_not_read(void **state)
{
    static const char text[] = "\xff\xfet\0i\0m\0e\0o\0u\0t\0=\0" "9\0";
    static const char *const none[] = {  /* one byte of such a mark */
        "\xff\ntimeout = 9", "\xfe\ntimeout = 9", "\xff\xff\ntimeout = 9", "\xfe\xfe\ntimeout = 9" };
    struct result     r = parse_bytes(text, sizeof text - 1);

    (void)state;
    assert_int_equal(r.notes.count, 1);
    assert_note(&r, STATUS_CONFIG_NOT_UTF8, "ldmboot.cfg");
    assert_false(r.cfg.timeout_set);
    r = parse_bytes("\xfe\xff\0t\0i\0m\0e\0o\0u\0t\0=\0" "9", 20);
    assert_int_equal(r.notes.count, 1);
    assert_note(&r, STATUS_CONFIG_NOT_UTF8, "ldmboot.cfg");
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_int_equal(parse(none[i]).cfg.timeout, 9);
}

static void test_any_bytes_are_survived(void **state)
{
    static const char letters[] = "=#\n\r ,0123456789abcdefx\"volumetimeoutserial\xff\0";
    static uint8_t    junk[4096];

    (void)state;
    srand(1);
    for (int round = 0; round < 2000; round++) {
        size_t len = (size_t)rand() % sizeof junk;

        for (size_t i = 0; i < len; i++)
            junk[i] = (uint8_t)letters[(size_t)rand() % sizeof letters];
        parse_bytes(junk, len);
    }
}

static void test_command_line_wins_over_the_file(void **state)
{
    struct result r = parse("volume = A\ntimeout = 3");
    const char   *good = "volume=B", *bad = "timeout=soon", *unknown = "frobnicate=1";

    (void)state;
    config_apply_option(span_of(good, strlen(good)), &r.arena, &r.cfg, &r.notes);
    assert_int_equal(r.notes.count, 0);
    assert_string_equal(r.cfg.volume, "B");
    config_apply_option(span_of(bad, strlen(bad)), &r.arena, &r.cfg, &r.notes);
    assert_note(&r, STATUS_CONFIG_BAD_VALUE, "command line, \"timeout\"");
    assert_int_equal(r.cfg.timeout, 3);
    config_apply_option(span_of(unknown, strlen(unknown)), &r.arena, &r.cfg, &r.notes);
    assert_note(&r, STATUS_CONFIG_UNKNOWN_KEY, "command line, \"frobnicate\"");
}

static struct result command_line(const char *text, size_t max)
{
    struct result r = parse("timeout = 3");

    config_apply_command_line(text, max, &r.arena, &r.cfg, &r.notes);
    return r;
}

static void test_command_line_of_a_boot_loader(void **state)
{
    struct result r = command_line("BOOT_IMAGE=/boot/ldmboot.lkrn  timeout=0\tquiet \"volume=Volume 1\" initrd=x", 200);

    (void)state;
    assert_int_equal(r.notes.count, 0);
    assert_int_equal(r.cfg.timeout, 0);
    assert_string_equal(r.cfg.volume, "Volume 1");
    r = command_line("disk=\"Disk 2\" verbose=maybe", 200);
    assert_string_equal(r.cfg.disk, "Disk 2");
    assert_int_equal(r.notes.count, 1);
    assert_note(&r, STATUS_CONFIG_BAD_VALUE, "command line, \"verbose\"");
}

static void test_command_line_without_an_end(void **state)
{
    static char long_line[2048];
    struct result r = command_line("timeout=77", 9);

    (void)state;
    assert_int_equal(r.cfg.timeout, 7);  /* nothing behind the limit is read */
    r = command_line("", 0);
    assert_int_equal(r.cfg.timeout, 3);
    r = command_line("volume=\"A B", 200);
    assert_string_equal(r.cfg.volume, "A B");
    memset(long_line, 'x', sizeof long_line);
    memcpy(long_line, "volume=", 7);
    r = command_line(long_line, sizeof long_line);
    assert_note(&r, STATUS_CONFIG_BAD_VALUE, "command line, \"volume\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_every_key),
        cmocka_unit_test(test_options_of_a_boot_store),
        cmocka_unit_test(test_mistakes_in_options_of_a_boot_store),
        cmocka_unit_test(test_which_boot_store),
        cmocka_unit_test(test_a_mistake_behind_a_setting),
        cmocka_unit_test(test_a_question_that_waits),
        cmocka_unit_test(test_bom_crlf_comments_blanks_and_case),
        cmocka_unit_test(test_line_ends),
        cmocka_unit_test(test_serial_values),
        cmocka_unit_test(test_limits_of_numbers),
        cmocka_unit_test(test_a_later_serial_line_counts_whole),
        cmocka_unit_test(test_good_values), cmocka_unit_test(test_bad_values_keep_the_default),
        cmocka_unit_test(test_a_name_of_127_bytes_fits_and_128_do_not),
        cmocka_unit_test(test_characters_of_names),
        cmocka_unit_test(test_where_names_were_said),
        cmocka_unit_test(test_one_line_that_is_too_long),
        cmocka_unit_test(test_unknown_key_and_line_without_equals),
        cmocka_unit_test(test_warnings_repeat_no_control_characters),
        cmocka_unit_test(test_of_duplicates_the_later_line_counts),
        cmocka_unit_test(test_no_more_than_4096_bytes),
        cmocka_unit_test(test_utf16_is_named_and_not_read),
        cmocka_unit_test(test_any_bytes_are_survived),
        cmocka_unit_test(test_command_line_wins_over_the_file),
        cmocka_unit_test(test_command_line_of_a_boot_loader),
        cmocka_unit_test(test_command_line_without_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
