/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_real_images.c - disks that Windows wrote: every fact that is known of them.
 *
 * The images are not part of the tree: LDMBOOT_DATA_DIR, or build/data, holds them
 * where they are available; otherwise the tests are skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/memdisk.h"
#include "tests/support/scanned.h"

static struct memdisk *open_image(const char *name)
{
    static char    path[8][512];  /* the disk keeps a pointer to its name */
    static int     next;
    const char    *dir = getenv("LDMBOOT_DATA_DIR");
    struct memdisk *md;

    next = (next + 1) % 8;
    snprintf(path[next], sizeof path[next], "%s/%s.img", dir ? dir : "build/data", name);
    md = memdisk_open(path[next], 512);
    if (!md) {
        fprintf(stderr, "skipped: %s is not there\n", path[next]);
        skip();
    }
    return md;
}

static void assert_guid(const struct guid *g, const char *text)
{
    char buf[GUID_TEXT_SIZE];

    assert_string_equal(guid_format(g, buf), text);
}

struct expected {
    const char *image, *volume, *hint, *guid, *component, *disk;
    enum disk_table  table;
    unsigned         minor;
    enum volume_type type;
    uint64_t         lba, sectors;
    const char      *group, *group_guid;
    unsigned         counts[4];
    uint64_t         transaction;
};

#define GROUP_2003 "Red-nzv8x6obywgDg0", "03c0c4fc-8b6f-402b-9431-4be2e5823b1c", { 6, 7, 12, 10 }, 1133
#define GROUP_2008 "WIN-ERRDJSBDAVF-Dg0", "06495a84-fbfd-11e1-8cf9-52540061f5db", { 5, 6, 12, 9 }, 39

static void check_alone(const struct expected *e)
{
    struct memdisk             *md = open_image(e->image);
    struct scanned             *s = scan_memdisk(md);
    const struct ldm_disk      *d = &s->view.disks[0];
    const struct ldm_group     *g = &s->view.groups[0];
    const struct ldm_volume    *v = view_volume(s, e->volume);
    const struct ldm_component *c = view_component(s, e->component);

    assert_int_equal(d->status, STATUS_OK);
    assert_int_equal(d->table, e->table);
    assert_int_equal(d->notes.count, 0);
    assert_int_equal(d->privhead.version_major, 2);
    assert_int_equal(d->privhead.version_minor, e->minor);
    assert_string_equal(d->record->name, e->disk);
    assert_int_equal(s->view.group_count, 1);
    assert_string_equal(g->name, e->group);
    assert_guid(&g->guid, e->group_guid);
    assert_true(g->complete);
    assert_int_equal(g->notes.count, 0);
    assert_int_equal(g->volume_count, e->counts[0]);
    assert_int_equal(g->component_count, e->counts[1]);
    assert_int_equal(g->partition_count, e->counts[2]);
    assert_int_equal(g->disk_count, e->counts[3]);
    assert_int_equal(g->vmdb.committed, e->transaction);
    assert_guid(&v->guid, e->guid);
    assert_string_equal(v->hint, e->hint);
    assert_int_equal(v->type, e->type);
    assert_true(c->usable);
    assert_int_equal(c->state, COMPONENT_ACTIVE);
    assert_int_equal(c->extent_count, 1);
    assert_ptr_equal(c->extents[0].disk, d);
    assert_int_equal(c->extents[0].lba, e->lba);
    assert_int_equal(c->extents[0].sectors, e->sectors);
    /* The NTFS boot sector is there. */
    assert_memory_equal(memdisk_at(md, e->lba) + 3, "NTFS    ", 8);
    /* The benchmark's limit for metadata and boot sector is 12 reads, 96 KiB. */
    assert_in_range(md->reads, 1, 8);
    assert_in_range(md->bytes, 1, 80 * 1024 - 1);
    scanned_free(s);
    memdisk_free(md);
}

static void test_2003r2_simple(void **state)
{
    (void)state;
    check_alone(&(struct expected){
        "ldm-2003r2-simple-1", "Volume1", "E:", "6e30daae-8e42-40fb-9af0-807416c3fede", "Volume1-01", "Disk1",
        TABLE_MBR, 11, VOLUME_SIMPLE, 63, 96256, GROUP_2003 });
}

static void test_2003r2_first_half(void **state)
{
    (void)state;
    check_alone(&(struct expected){
        "ldm-2003r2-mirrored-1", "Volume3", "H:", "1010eeb7-09e4-4a6d-9c43-6753ec9d3af2", "Volume3-01", "Disk6",
        TABLE_MBR, 11, VOLUME_MIRRORED, 63, 96256, GROUP_2003 });
}

static void test_2003r2_second_half(void **state)
{
    (void)state;
    check_alone(&(struct expected){
        "ldm-2003r2-mirrored-2", "Volume3", "H:", "1010eeb7-09e4-4a6d-9c43-6753ec9d3af2", "Volume3-02", "Disk7",
        TABLE_MBR, 11, VOLUME_MIRRORED, 63, 96256, GROUP_2003 });
}

static void test_2008r2_gpt_half(void **state)
{
    (void)state;
    check_alone(&(struct expected){
        "ldm-2008r2-mirrored-2", "Volume3", "G:", "06495aab-fbfd-11e1-8cf9-52540061f5db", "Volume3-02", "Disk6",
        TABLE_GPT, 12, VOLUME_MIRRORED, 65664, 32768, GROUP_2008 });
}

static void test_the_other_half_is_missing(void **state)
{
    struct memdisk             *md = open_image("ldm-2003r2-mirrored-2");
    struct scanned             *s = scan_memdisk(md);
    const struct ldm_component *c = view_component(s, "Volume3-01");

    (void)state;
    assert_int_equal(c->state, COMPONENT_MISSING);
    assert_true(c->complete);
    assert_false(c->present);
    assert_false(c->usable);
    assert_int_equal(c->reasons.count, 1);
    assert_string_equal(c->reasons.first->text, "Disk6: its disk is not connected");
    scanned_free(s);
    memdisk_free(md);
}

static void test_spanned_over_two_disks(void **state)
{
    struct memdisk             *disks[] = { open_image("ldm-2003r2-spanned-1"), open_image("ldm-2003r2-spanned-2") };
    struct scanned             *s = scan_memdisks(disks, 2);
    const struct ldm_volume    *v = view_volume(s, "Volume2");
    const struct ldm_component *c = view_component(s, "Volume2-01");

    (void)state;
    assert_guid(&v->guid, "fad18ad4-5054-4dea-8fe3-ca433d5fe1d1");
    assert_string_equal(v->hint, "F:");
    assert_int_equal(v->type, VOLUME_SPANNED);
    assert_int_equal(v->sectors, 192512);
    assert_true(c->usable);
    assert_int_equal(c->extent_count, 2);
    assert_string_equal(c->extents[0].partition->name, "Disk3-01");
    assert_ptr_equal(c->extents[0].disk, &s->view.disks[1]);
    assert_int_equal(c->extents[0].lba, 63);
    assert_int_equal(c->extents[0].volume_offset, 0);
    assert_string_equal(c->extents[1].partition->name, "Disk2-01");
    assert_ptr_equal(c->extents[1].disk, &s->view.disks[0]);
    assert_int_equal(c->extents[1].lba, 63);
    assert_int_equal(c->extents[1].volume_offset, 96256);
    scanned_free(s);
    memdisk_free(disks[0]);
    memdisk_free(disks[1]);
}

static void test_types_of_the_other_volumes(void **state)
{
    struct memdisk *md = open_image("ldm-2003r2-mirrored-1");
    struct scanned *s = scan_memdisk(md);

    (void)state;
    assert_int_equal(view_volume(s, "Stripe1")->type, VOLUME_STRIPED);
    assert_int_equal(view_volume(s, "Raid1")->type, VOLUME_RAID5);
    assert_int_equal(view_volume(s, "Volume4")->type, VOLUME_SPANNED);
    assert_int_equal(view_component(s, "Raid1-01")->columns, 3);
    assert_int_equal(view_component(s, "Stripe1-01")->stripe_sectors, 128);
    assert_true(view_component(s, "Raid1-01")->complete);
    assert_true(view_component(s, "Stripe1-01")->complete);
    assert_true(view_component(s, "Volume4-01")->complete);
    scanned_free(s);
    memdisk_free(md);
}

static void test_the_finished_commit_in_the_log_means_nothing(void **state)
{
    struct memdisk        *md = open_image("ldm-2003r2-mirrored-1");
    struct scanned        *s = scan_memdisk(md);
    const struct ldm_disk *d = &s->view.disks[0];

    (void)state;
    assert_false(d->klog_bad);
    assert_int_equal(d->klog_count, 1);
    assert_int_equal(d->klog[0].kind, KLOG_COMMIT);
    assert_int_equal(d->klog[0].a, 1132);
    assert_int_equal(d->klog[0].b, 1133);
    assert_true(view_component(s, "Volume3-01")->usable);
    scanned_free(s);
    memdisk_free(md);
}

static void test_all_six_make_two_groups(void **state)
{
    struct memdisk *disks[] = {
        open_image("ldm-2003r2-simple-1"), open_image("ldm-2003r2-mirrored-1"), open_image("ldm-2003r2-mirrored-2"),
        open_image("ldm-2003r2-spanned-1"), open_image("ldm-2003r2-spanned-2"), open_image("ldm-2008r2-mirrored-2") };
    struct scanned *s = scan_memdisks(disks, 6);

    (void)state;
    assert_int_equal(s->view.group_count, 2);
    for (size_t i = 0; i < 6; i++)
        assert_string_equal(ldm_disk_status_name(&s->view.disks[i]), "ok");
    assert_true(view_component(s, "Volume3-01")->usable);
    assert_true(view_component(s, "Volume3-02")->usable);
    /* The model is made from one disk of the group; the others cost their own facts, and one read to compare. */
    assert_in_range(disks[1]->reads, 1, 6);
    for (size_t i = 0; i < s->view.groups[0].component_count; i++)
        assert_int_equal(s->view.groups[0].components[i].dispute, STATUS_OK);  /* Windows's own databases agree */
    assert_non_null(strstr(s->text, "  dynamic disk, group Red-nzv8x6obywgDg0, 6 volumes, transaction 1133\n"));
    scanned_free(s);
    for (size_t i = 0; i < 6; i++)
        memdisk_free(disks[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_2003r2_simple),
        cmocka_unit_test(test_2003r2_first_half),
        cmocka_unit_test(test_2003r2_second_half),
        cmocka_unit_test(test_2008r2_gpt_half),
        cmocka_unit_test(test_the_other_half_is_missing),
        cmocka_unit_test(test_spanned_over_two_disks),
        cmocka_unit_test(test_types_of_the_other_volumes),
        cmocka_unit_test(test_the_finished_commit_in_the_log_means_nothing),
        cmocka_unit_test(test_all_six_make_two_groups),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
