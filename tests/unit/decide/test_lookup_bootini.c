/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_lookup_bootini.c - the lines of boot.ini, one by one: which volume each means, and which bytes of it are read as others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/decide/lookup_bootini.h"

#define VOLUMES 4
#define SIZE    1000u

/* The loader's volume is V0; V1 to V3 lie behind it on its disk, in this order. */
static struct ldm_disk        disk;
static struct ldm_volume      volume[VOLUMES];
static struct ldm_extent      extent[VOLUMES];
static struct ldm_component   component[VOLUMES];
static struct component_facts facts[VOLUMES];
static struct bootini_line    lines[BOOTINI_MAX_ENTRIES];
static uint8_t                memory[16384];
static struct arena           arena;
static struct lookup          out;
static struct lookup_task     task;

static int setup(void **state)
{
    static const char *const names[] = { "V0", "V1", "V2", "V3" };

    (void)state;
    redzone_open(memory, sizeof memory);
    arena = arena_of(memory, sizeof memory);
    memset(&out, 0, sizeof out);
    memset(lines, 0, sizeof lines);
    disk = (struct ldm_disk){ .table = TABLE_MBR };
    for (unsigned i = 0; i < VOLUMES; i++) {
        volume[i] = (struct ldm_volume){ .name = names[i], .sectors = SIZE };
        extent[i] = (struct ldm_extent){ .disk = &disk, .lba = 20000 + 10000 * i, .sectors = SIZE };
        component[i] = (struct ldm_component){ .name = names[i], .volume = &volume[i], .extents = &extent[i], .extent_count = 1 };
        facts[i] = (struct component_facts){ .volume = &volume[i], .component = &component[i], .disk = &disk };
    }
    facts[0].files = (struct loader_files){ .lines = lines, .has_bootini = true };
    task = (struct lookup_task){ .loader = &facts[0], .arena = &arena, .out = &out };
    return 0;
}

/* A line; its folder is on the volumes of these digits, in this order. The first one is the default. */
static struct bootini_line *add(const char *folder, uint32_t partition, const char *on)
{
    struct bootini_line *line = &lines[facts[0].files.line_count++];

    line->entry = (struct bootini_entry){ .form = BOOTINI_MULTI, .partition = partition };
    strcpy(line->entry.directory, folder);
    for (; *on; on++)
        line->where.at[line->where.count++] = &facts[*on - '0'];
    return line;
}

/* Its text, at the beginning of a sector of its own (100, 101, ...). */
static void give_text(struct bootini_line *line, const char *text)
{
    struct bootini_entry was = line->entry;
    struct bootini       parsed;
    char                 file[160];

    snprintf(file, sizeof file, "[boot loader]\r\ndefault=%s", text);
    bootini_parse(span_of(file, strlen(file)), &parsed);
    line->entry = parsed.entries[0];
    strcpy(line->entry.directory, was.directory);
    line->at = (struct file_bytes){ { { 100u + (uint64_t)(line - lines), 0, (uint16_t)line->entry.text_len } }, 1 };
}

static bool noted(enum status code, const char *about)
{
    for (const struct note *n = out.notes.first; n; n = n->next)
        if (n->code == code && strncmp(n->text, about, strlen(about)) == 0)
            return true;
    return false;
}

/* What is wished for, in order: "2=V1 0=V0" are the numbers and the volumes. */
static void assert_wanted(const char *wanted)
{
    char text[128] = "";

    for (size_t i = 0; i < task.wanted_count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%u=%s", i ? " " : "", task.wanted[i].number,
                 task.wanted[i].volume->component->name);
    assert_string_equal(text, wanted);
}

static void follow(void)
{
    lookup_follow_bootini(&task);
}

/* ---- which volume a line means */

static void test_the_volume_with_the_folder(void **state)
{
    (void)state;
    add("\\WINDOWS", 2, "1");
    add("\\WINNT", 4, "3");
    follow();
    assert_ptr_equal(out.windows, &facts[1]);
    assert_wanted("2=V1 0=V0 4=V3");
    assert_int_equal(out.notes.count, 0);
}

static void test_a_folder_that_no_volume_has(void **state)
{
    (void)state;
    add("\\WINDOWS", 2, "");
    add("\\WINNT", 3, "");
    follow();
    assert_ptr_equal(out.windows, &facts[0]);
    assert_wanted("2=V0");
    assert_true(noted(STATUS_WINDOWS_NOT_FOUND, "V0"));
    assert_int_equal(out.notes.count, 1);
}

/* Several have the folder: the one with that number in the disk's own table, whichever is first. */
static void test_a_number_of_the_table_decides(void **state)
{
    (void)state;
    for (unsigned i = 1; i < VOLUMES; i++) {
        setup(NULL);
        facts[i].partition_number = 3;
        add("\\WINDOWS", 3, "123");
        follow();
        assert_ptr_equal(out.windows, &facts[i]);
        assert_int_equal(out.notes.count, 0);
    }
    setup(NULL);
    add("\\WINDOWS", 0, "213");  /* volumes without a number are not number 0 */
    follow();
    assert_ptr_equal(out.windows, &facts[2]);
    assert_true(noted(STATUS_WINDOWS_SEVERAL, "V2"));
    setup(NULL);
    disk.table = TABLE_GPT;      /* which NTLDR does not count in */
    facts[1].partition_number = 3;
    add("\\WINDOWS", 3, "231");
    follow();
    assert_ptr_equal(out.windows, &facts[2]);
}

/* Without such numbers those of the lines are in the order of the places; it is a guess. */
static void test_the_order_of_places(void **state)
{
    static const unsigned numbers[] = { 3, 7, 9 };

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        setup(NULL);
        add("\\WINDOWS", numbers[i], "312");
        for (unsigned k = 0; k < 3; k++)
            add("\\WINDOWS", numbers[(k + i) % 3], "312");
        add("\\WINNT", 1, "2");      /* another folder's numbers do not count */
        add("\\WINNT", 8, "3");
        follow();
        assert_ptr_equal(out.windows, &facts[1 + i]);
        assert_true(noted(STATUS_WINDOWS_SEVERAL, component[1 + i].name));
        assert_int_equal(out.notes.count, 1);
        for (size_t w = 0; w < task.wanted_count; w++)
            for (unsigned k = 0; k < 3; k++)
                if (task.wanted[w].volume == &facts[1 + k] && task.wanted[w].number != 1 && task.wanted[w].number != 8)
                    assert_int_equal(task.wanted[w].number, numbers[k]);
    }
}

/* One of them has its number in the table: the other numbers are those of the others, in their order. */
static void test_one_is_known_by_its_number(void **state)
{
    (void)state;
    facts[2].partition_number = 5;
    add("\\WINDOWS", 9, "321");
    add("\\WINDOWS", 5, "321");
    add("\\WINDOWS", 9, "321");  /* the default's line, once more: one number */
    add("\\WINDOWS", 2, "321");
    follow();
    assert_ptr_equal(out.windows, &facts[3]);
    assert_wanted("9=V3 0=V0 5=V2 2=V1");
    assert_true(noted(STATUS_WINDOWS_SEVERAL, "V3"));
    setup(NULL);
    facts[2].partition_number = 5;
    add("\\WINDOWS", 5, "321");  /* it is the default itself */
    add("\\WINDOWS", 9, "321");
    add("\\WINDOWS", 2, "321");
    follow();
    assert_wanted("5=V2 0=V0 9=V3 2=V1");
    setup(NULL);
    facts[1].partition_number = 7;
    add("\\WINDOWS", 9, "321");
    add("\\WINDOWS", 8, "321");
    add("\\WINDOWS", 7, "321");  /* no line: behind the last one */
    facts[0].files.line_count--;
    follow();
    assert_wanted("9=V2 0=V0 8=V1");
}

/* On two disks volumes may begin at the same place: of these the one that was found first. */
static void test_two_at_the_same_place(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 2; i++) {
        setup(NULL);
        extent[1].lba = extent[2].lba;
        add("\\WINDOWS", 3, i == 1 ? "12" : "21");
        add("\\WINDOWS", 7, i == 1 ? "12" : "21");
        follow();
        assert_ptr_equal(out.windows, &facts[i]);
    }
}

/* A single number that the table does not explain says nothing of the order: the first one that was found. */
static void test_one_number_says_nothing(void **state)
{
    (void)state;
    add("\\WINDOWS", 9, "21");
    add("\\WINDOWS", 9, "21");
    add("\\WINDOWS", 10, "21");  /* no line: behind the last one */
    facts[0].files.line_count--;
    follow();
    assert_ptr_equal(out.windows, &facts[2]);
    assert_true(noted(STATUS_WINDOWS_SEVERAL, "V2"));
    setup(NULL);
    add("\\WINDOWS", 9, "21");
    add("\\WINDOWS", 8, "21");
    add("\\WINDOWS", 7, "21");   /* three numbers, two volumes: there is none for the highest */
    for (unsigned i = 0; i < 3; i++)
        lines[i].where.at[2] = &facts[0];  /* none: behind the last one */
    follow();
    assert_ptr_equal(out.windows, &facts[2]);
    assert_wanted("9=V2 0=V0 7=V1");
}

/* What NTLDR does not start from a disk (an old boot sector's file) wants no entry. */
static void test_lines_of_another_form(void **state)
{
    (void)state;
    add("\\WINDOWS", 2, "1")->entry.form = BOOTINI_OTHER;
    add("\\WINNT", 3, "2")->entry.form = BOOTINI_OTHER;
    add("\\WINNT", 4, "3");
    follow();
    assert_null(out.windows);
    assert_wanted("0=V0 4=V3");
    setup(NULL);
    facts[0].files.has_bootini = false;  /* no file: its lines are none */
    add("\\WINDOWS", 2, "1");
    add("\\WINNT", 3, "2");
    facts[0].files.default_empty = true;
    follow();
    assert_null(out.windows);
    assert_wanted("0=V0");
    assert_int_equal(out.notes.count, 0);
}

/* A number of the default line that cannot be changed in what is read has to be the volume's. */
static void test_a_number_that_is_fixed(void **state)
{
    static const struct { uint32_t adapter, disk, rdisk; bool implied, text, fixed; } cases[] = {
        { 0, 0, 0, false, false, true }, { 0, 0, 0, true, false, false }, { 0, 0, 0, false, true, false }, { 1, 0, 0, false, false, false },
        { 0, 1, 0, false, false, false }, { 0, 0, 1, false, false, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bootini_line *line;

        setup(NULL);
        line = add("\\WINDOWS", 2, "1");
        line->entry.adapter = cases[i].adapter;
        line->entry.disk = cases[i].disk;
        line->entry.rdisk = cases[i].rdisk;
        facts[0].files.default_implied = cases[i].implied;
        if (cases[i].text)
            give_text(line, "multi(0)disk(0)rdisk(0)partition(2)");
        follow();
        assert_int_equal(task.wanted[0].fixed, cases[i].fixed);
        assert_false(task.wanted[1].fixed);
    }
}

static void test_an_empty_default(void **state)
{
    (void)state;
    add("", 0, "")->entry.form = BOOTINI_OTHER;
    facts[0].files.default_empty = true;
    follow();
    assert_true(noted(STATUS_BOOTINI_DEFAULT_EMPTY, "V0"));
    assert_int_equal(out.notes.count, 1);
}

/* ---- what is read instead */

static void show(size_t slot, unsigned which)
{
    out.slots.at[slot] = (struct slot){ .kind = SLOT_VOLUME, .volume = &facts[which] };
}

/* V0 is number 1 as shown, V1 number 2, V2 number 3. */
static void show_three(void)
{
    for (unsigned i = 0; i < 3; i++)
        show(i, i);
}

/* Of the text only what differs is replaced. */
static void test_bytes_that_differ(void **state)
{
    static const struct { const char *is; size_t offset, len; const char *bytes; } cases[] = {
        { "multi(0)disk(0)rdisk(0)partition(1)", 43, 1, "2" }, { "multi(0)disk(0)rdisk(1)partition(2)", 31, 1, "0" },
        { "multi(0)disk(0)rdisk(1)partition(1)", 31, 13, "0)partition(2" }, { "multi(0)disk(0)rdisk(0)partition(2)", 0, 0, "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        setup(NULL);
        show_three();
        give_text(add("\\WINDOWS", 1, "1"), cases[i].is);
        out.windows = &facts[1];
        lookup_answer_bootini(&task);
        assert_int_equal(out.patch_count, cases[i].len > 0);
        assert_int_equal(noted(STATUS_BOOTINI_ANSWERED, "V0, 1 lines"), cases[i].len > 0);
        assert_int_equal(out.notes.count, cases[i].len > 0);
        if (cases[i].len) {
            assert_int_equal(out.patches[0].volume_sector, 100);
            assert_int_equal(out.patches[0].offset, cases[i].offset);
            assert_int_equal(out.patches[0].len, cases[i].len);
            assert_memory_equal(out.patches[0].bytes, cases[i].bytes, cases[i].len);
        }
    }
}

/* All lines are answered, the default one by what Windows was found to be; how many is said. */
static void test_all_lines(void **state)
{
    (void)state;
    show_three();
    give_text(add("\\WINDOWS", 1, "12"), "multi(0)disk(0)rdisk(0)partition(1)");
    give_text(add("\\WINNT", 1, "1"), "multi(0)disk(0)rdisk(0)partition(1)");
    give_text(add("\\OTHER", 1, "3"), "multi(0)disk(0)rdisk(0)partition(1)");    /* which is not shown */
    give_text(add("\\NOWHERE", 1, ""), "multi(0)disk(0)rdisk(0)partition(1)");
    give_text(add("\\OLD", 1, "2"), "multi(0)disk(0)rdisk(0)partition(1)");
    lines[4].entry.form = BOOTINI_OTHER;
    out.windows = &facts[2];
    lookup_answer_bootini(&task);
    assert_int_equal(out.patch_count, 2);
    assert_int_equal(out.patches[0].volume_sector, 100);
    assert_int_equal(out.patches[0].bytes[0], '3');
    assert_int_equal(out.patches[1].volume_sector, 101);
    assert_int_equal(out.patches[1].bytes[0], '2');
    assert_true(noted(STATUS_BOOTINI_ANSWERED, "V0, 2 lines"));
    assert_int_equal(out.notes.count, 1);
}

/* A line without a place stays as it is: where it is not right as it is, why is said. */
static void test_lines_that_stay(void **state)
{
    static const struct { enum bootini_form form; uint32_t adapter, disk, rdisk, partition; enum status as_default, as_other; } cases[] = {
        { BOOTINI_MULTI, 0, 0, 0, 2, STATUS_OK, STATUS_OK },
        { BOOTINI_MULTI, 0, 0, 0, 1, STATUS_PARTITION_NUMBER, STATUS_BOOTINI_LINE_LOST },
        { BOOTINI_MULTI, 1, 0, 0, 2, STATUS_BOOTINI_RDISK, STATUS_BOOTINI_LINE_LOST },
        { BOOTINI_MULTI, 0, 1, 0, 2, STATUS_BOOTINI_RDISK, STATUS_BOOTINI_LINE_LOST },
        { BOOTINI_MULTI, 0, 0, 1, 2, STATUS_BOOTINI_RDISK, STATUS_BOOTINI_LINE_LOST },
        { BOOTINI_SCSI, 0, 0, 0, 2, STATUS_BOOTINI_SCSI, STATUS_BOOTINI_LINE_LOST },
        { BOOTINI_SIGNATURE, 0, 0, 0, 2, STATUS_BOOTINI_SIGNATURE, STATUS_BOOTINI_LINE_LOST },
    };

    (void)state;
    for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
        size_t               n = i / 2;
        enum status          why = i % 2 ? cases[n].as_other : cases[n].as_default;
        struct bootini_line *line;

        setup(NULL);
        show_three();
        if (i % 2)
            add("\\WINNT", 1, "0");
        line = add("\\WINDOWS", cases[n].partition, "1");
        line->entry.form = cases[n].form;
        line->entry.adapter = cases[n].adapter;
        line->entry.disk = cases[n].disk;
        line->entry.rdisk = cases[n].rdisk;
        out.windows = i % 2 ? &facts[0] : &facts[1];
        lookup_answer_bootini(&task);
        assert_int_equal(out.patch_count, 0);
        assert_int_equal(out.notes.count, why != STATUS_OK);
        if (why != STATUS_OK)
            assert_true(noted(why, "V0"));
    }
}

/* No room for the patches of a line: none of them is kept, and it is said. */
static void test_no_room_for_a_line(void **state)
{
    (void)state;
    for (unsigned k = 0; k < 2; k++) {
        static const uint8_t bytes[LOOKUP_PATCH_BYTES];
        struct file_bytes    all = { { { 5, 0, LOOKUP_PATCH_BYTES - 1 } }, 1 };
        struct bootini_line *line;

        setup(NULL);
        show_three();
        assert_true(lookup_answer(&task, &all, bytes, 0, LOOKUP_PATCH_BYTES - 1));
        line = add("\\WINDOWS", 1, "1");
        give_text(line, k ? "multi(0)disk(0)rdisk(1)partition(1)" : "multi(0)disk(0)rdisk(0)partition(1)");
        line->at = (struct file_bytes){ { { 100, 0, 32 }, { 101, 0, 40 } }, 2 };  /* one byte differs in the first piece */
        out.windows = &facts[1];
        lookup_answer_bootini(&task);
        assert_int_equal(out.patch_count, k ? 1 : 2);
        assert_int_equal(noted(STATUS_BOOTINI_ANSWERED, "V0"), !k);
        assert_int_equal(noted(STATUS_BOOTINI_RDISK, "V0"), k);
    }
}

/* Without a default line NTLDR starts partition(1), which no text can change: where that is not Windows, it is said. */
static void test_ntldrs_own_default(void **state)
{
    static const struct { bool ntldr, bootini, implied; unsigned windows; bool said; } cases[] = {
        { true, false, false, 1, true }, { true, true, true, 1, true }, { true, true, false, 1, false }, { false, false, false, 1, false },
        { true, false, false, 0, false }, { true, true, true, 0, false }, { true, false, false, 3, true },
    };

    (void)state;
    for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
        size_t n = i / 2;

        setup(NULL);
        show_three();
        facts[0].has_ntldr = cases[n].ntldr;
        facts[0].files.has_bootini = cases[n].bootini;
        facts[0].files.default_implied = cases[n].implied;
        if (cases[n].implied)
            give_text(add("\\WINDOWS", 9, "1"), "multi(0)disk(0)rdisk(0)partition(9)");  /* made up: there is no such text */
        out.windows = i % 2 && cases[n].windows == 0 ? NULL : &facts[cases[n].windows];      /* none known: the loader's own */
        lookup_answer_bootini(&task);
        assert_int_equal(noted(STATUS_BOOTINI_NO_DEFAULT, "V0"), cases[n].said);
        assert_int_equal(out.notes.count, cases[n].said);
        assert_int_equal(out.patch_count, 0);
    }
}

int main(void)
{
#define T(test) cmocka_unit_test_setup(test, setup)
    const struct CMUnitTest tests[] = {
        T(test_the_volume_with_the_folder), T(test_a_folder_that_no_volume_has), T(test_a_number_of_the_table_decides),
        T(test_the_order_of_places), T(test_one_is_known_by_its_number), T(test_two_at_the_same_place), T(test_one_number_says_nothing), T(test_lines_of_another_form),
        T(test_a_number_that_is_fixed), T(test_an_empty_default), T(test_bytes_that_differ), T(test_all_lines), T(test_lines_that_stay),
        T(test_no_room_for_a_line), T(test_ntldrs_own_default),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
