/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_select.c - what a person means by volume, disk and component: a GUID, a name, a drive letter; and when that is not clear. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/decide/select.h"
#include "tests/support/fakeview.h"

#define SIZE 1000u

/* Two disks; a mirror "Volume1" with the letter C: on both, "Data" with D: on the second; "Behind" is behind the end of all lists. */
static struct fakeview       fv;
static struct ldm_component *first, *second, *data, *behind;
static struct config         cfg;
static struct selection      sel;

static int setup(void **state)
{
    struct ldm_volume *mirror, *other, *hidden;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    fv_disk(&fv, "hd81");
    mirror = fv_volume(&fv, "Volume1", VOLUME_MIRRORED, 0, SIZE);
    mirror->hint = "C:";
    first = fv_component(&fv, mirror, "Volume1-01");
    fv_extent(&fv, first, 0, 100, SIZE);
    second = fv_component(&fv, mirror, "Volume1-02");
    fv_extent(&fv, second, 1, 100, SIZE);
    other = fv_volume(&fv, "Data", VOLUME_SIMPLE, 0, SIZE);
    other->hint = "D:";
    data = fv_component(&fv, other, "Data-01");
    fv_extent(&fv, data, 1, 5000, SIZE);
    fv_disk(&fv, "hd82");
    hidden = fv_volume(&fv, "Behind", VOLUME_SIMPLE, 0, SIZE);
    hidden->hint = "E:";
    behind = fv_component(&fv, hidden, "Behind-01");
    fv_extent(&fv, behind, 0, 9000, SIZE);
    fv_finish(&fv);
    fv.group.disk_count--;
    fv.group.volume_count--;
    fv.group.component_count--;
    fv.group.partition_count--;
    cfg = config_default();
    return 0;
}

static void choose(const char *volume, const char *disk, const char *component)
{
    cfg = config_default();
    strcpy(cfg.volume, volume ? volume : "");
    strcpy(cfg.disk, disk ? disk : "");
    strcpy(cfg.component, component ? component : "");
    sel = selection_make(&fv.view, &cfg);
}

/* Which of the three are meant: 1 the first half, 2 the second, 4 Data. */
static void assert_chosen(const char *volume, const char *disk, const char *component, unsigned halves, bool ambiguous)
{
    choose(volume, disk, component);
    assert_int_equal(selection_has(&sel, first) | selection_has(&sel, second) << 1 | selection_has(&sel, data) << 2, halves);
    assert_int_equal(sel.ambiguous, ambiguous);
    assert_int_equal(sel.given, volume || disk || component);
    assert_int_equal(sel.by_volume, volume || component);
}

static const char *guid_text(const struct guid *guid)
{
    static char text[GUID_TEXT_SIZE];

    return guid_format(guid, text);
}

static void test_nothing_is_chosen(void **state)
{
    (void)state;
    assert_chosen(NULL, NULL, NULL, 7, false);
}

static void test_by_volume(void **state)
{
    (void)state;
    assert_chosen("volume1", NULL, NULL, 3, false);
    assert_chosen("c:", NULL, NULL, 3, false);
    assert_chosen("D:", NULL, NULL, 4, false);
    assert_chosen(guid_text(&fv.volumes[1].guid), NULL, NULL, 4, false);
    assert_chosen("Volume", NULL, NULL, 0, false);
    assert_int_equal(sel.volume, MATCH_NONE);
    assert_chosen("Behind", NULL, NULL, 0, false);
    assert_int_equal(sel.volume, MATCH_NONE);
}

static void test_by_disk(void **state)
{
    (void)state;
    assert_chosen(NULL, "disk1", NULL, 1, false);
    assert_chosen(NULL, "Disk2", NULL, 6, false);
    assert_chosen(NULL, guid_text(&fv.records[0].guid), NULL, 1, false);
    assert_chosen(NULL, "D:", NULL, 6, false);                /* the disk with that letter, and what else is on it */
    assert_int_equal(sel.disk, MATCH_LETTER);
    assert_chosen(NULL, "C:", NULL, 7, true);                 /* two disks have it */
    assert_chosen(NULL, "Disk3", NULL, 0, false);
    assert_chosen(NULL, "E:", NULL, 0, false);
    assert_int_equal(sel.disk, MATCH_NONE);
    fv.records[1].present = NULL;                             /* of a disk that is not here the letter says nothing */
    assert_chosen(NULL, "D:", NULL, 0, false);
    assert_chosen(NULL, "C:", NULL, 1, false);
    assert_chosen(NULL, "Disk2", NULL, 6, false);             /* its name does */
}

static void test_by_component(void **state)
{
    (void)state;
    assert_chosen(NULL, NULL, "VOLUME1-02", 2, false);
    assert_chosen("Data", NULL, "Volume1-02", 0, false);
    assert_chosen("Volume1", "Disk2", "Volume1-02", 2, false);
    assert_chosen("Volume1", "Disk1", "Volume1-02", 0, false);
    assert_chosen(NULL, NULL, "Behind-01", 0, false);
}

/* A better way of naming hides the weaker ones: here the volume that is called as the other's letter. */
static void test_a_name_before_a_letter(void **state)
{
    (void)state;
    fv.volumes[1].name = "C:";
    assert_chosen("C:", NULL, NULL, 4, false);
    assert_int_equal(sel.volume, MATCH_NAME);
    fv.volumes[0].name = guid_text(&fv.volumes[1].guid);
    assert_chosen(guid_text(&fv.volumes[1].guid), NULL, NULL, 4, false);
    assert_int_equal(sel.volume, MATCH_GUID);
}

/* The same name twice, also one of a single letter: which one is meant a person has to say. */
static void test_names_that_are_not_clear(void **state)
{
    static const char *const names[] = { "Twice", "T" };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        setup(NULL);
        fv.volumes[0].name = fv.volumes[1].name = names[i];
        assert_chosen(names[i], NULL, NULL, 7, true);
        assert_chosen(NULL, NULL, "Volume1-01", 1, false);
        setup(NULL);
        fv.records[0].name = fv.records[1].name = names[i];
        assert_chosen(NULL, names[i], NULL, 7, true);
        setup(NULL);
        first->name = data->name = names[i];
        assert_chosen(NULL, NULL, names[i], 5, true);
        assert_chosen("Data", NULL, names[i], 4, false);
        assert_chosen(NULL, "Disk1", names[i], 1, false);
        behind->name = second->name = names[i];
        first->name = data->name = "other";
        assert_chosen(NULL, NULL, names[i], 2, false);
    }
}

static void test_a_component_without_a_volume(void **state)
{
    (void)state;
    data->volume = NULL;
    assert_chosen(NULL, NULL, NULL, 3, false);
    assert_chosen(NULL, NULL, "Data-01", 0, false);
    assert_chosen(NULL, "D:", NULL, 0, false);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup(test, setup)
    const struct CMUnitTest tests[] = {
        T(test_nothing_is_chosen), T(test_by_volume), T(test_by_disk), T(test_by_component), T(test_a_name_before_a_letter),
        T(test_names_that_are_not_clear), T(test_a_component_without_a_volume),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
