/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_slots.c - the four entries of sector 0 as it is shown: what keeps its number, and what gives way to what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/decide/slots.h"

#define SIZE 1000u
#define LBA  20000u
#define DISK 100000u
#define PUBLIC 63u
#define OTHER  50000u  /* other volumes of the disk */
#define LAST   60000u

static struct block_device     device = { .block_count = DISK, .block_size = 512 };
static struct ldm_disk_record  record, elsewhere;
static struct ldm_partition    partitions[4];
static struct ldm_group        group;
static struct ldm_disk        disk;
static struct ldm_volume      volume;
static struct ldm_extent      extent;
static struct ldm_component   component;
static struct component_facts loader, others[6];

static int setup(void **state)
{
    (void)state;
    memset(&disk, 0, sizeof disk);
    disk.mbr.valid = true;
    disk.dev = &device;
    disk.record = &record;
    disk.group = &group;
    disk.privhead.public_start = PUBLIC;
    partitions[0] = (struct ldm_partition){ .disk = &record, .start = OTHER - PUBLIC, .sectors = SIZE };
    partitions[1] = (struct ldm_partition){ .disk = &elsewhere, .start = 0, .sectors = DISK };
    partitions[2] = (struct ldm_partition){ .disk = &record, .start = LAST - PUBLIC, .sectors = SIZE };
    partitions[3] = (struct ldm_partition){ .disk = &record, .start = 0, .sectors = DISK };  /* behind the last one */
    group = (struct ldm_group){ .partitions = partitions, .partition_count = 3 };
    extent = (struct ldm_extent){ .disk = &disk, .lba = LBA, .sectors = SIZE };
    volume = (struct ldm_volume){ .sectors = SIZE };
    component = (struct ldm_component){ .volume = &volume, .extents = &extent, .extent_count = 1 };
    loader = (struct component_facts){ .volume = &volume, .component = &component, .disk = &disk };
    memset(others, 0, sizeof others);
    return 0;
}

/* One letter an entry: F free, H held, f filler, C cover, R real, N named, V the loader's volume, v another one. */
static void assert_slots(const struct slots *s, const char *wanted)
{
    static const char letters[] = { [SLOT_FREE] = 'F', [SLOT_HELD] = 'H', [SLOT_FILLER] = 'f', [SLOT_COVER] = 'C', [SLOT_REAL] = 'R', [SLOT_NAMED] = 'N', [SLOT_VOLUME] = 'v' };
    char              found[MBR_ENTRIES + 1] = "";

    for (size_t i = 0; i < MBR_ENTRIES; i++)
        found[i] = s->at[i].kind == SLOT_VOLUME && s->at[i].volume == &loader ? 'V' : letters[s->at[i].kind];
    assert_string_equal(found, wanted);
}

/* The opposite: made by such letters; real ones begin at 100, 200, 300, 400. */
static struct slots make(const char *kinds)
{
    struct slots s;

    memset(&s, 0, sizeof s);
    for (size_t i = 0; i < MBR_ENTRIES; i++) {
        switch (kinds[i]) {
        case 'F': s.at[i].kind = SLOT_FREE; break;
        case 'H': s.at[i].kind = SLOT_HELD; break;
        case 'f': s.at[i].kind = SLOT_FILLER; break;
        case 'C': s.at[i].kind = SLOT_COVER; break;
        case 'R': s.at[i].kind = SLOT_REAL; break;
        case 'N': s.at[i].kind = SLOT_NAMED; break;
        case 'V': s.at[i] = (struct slot){ .kind = SLOT_VOLUME, .volume = &loader }; break;
        case 'v': s.at[i] = (struct slot){ .kind = SLOT_VOLUME, .volume = &others[i] }; break;
        default: fail();
        }
        s.at[i].entry.start = 100 * ((uint32_t)i + 1);
    }
    return s;
}

static void entry(size_t i, uint8_t type, uint32_t start, uint32_t sectors)
{
    disk.mbr.entries[i] = (struct mbr_entry){ .type = type, .start = start, .sectors = sectors };
}

/* ---- of the real table */

static void test_an_empty_table(void **state)
{
    struct slots s = slots_of_table(&loader);

    (void)state;
    assert_slots(&s, "FFFF");
}

/* What is empty before an entry that is numbered stays empty; what is empty behind the last one is free. */
static void test_holes_of_the_table(void **state)
{
    struct slots s;

    (void)state;
    entry(1, 0x27, 2048, 100);
    s = slots_of_table(&loader);
    assert_slots(&s, "HRFF");
    assert_int_equal(s.at[1].entry.start, 2048);
    assert_int_equal(s.at[1].entry.sectors, 100);
    entry(3, 0x27, 4096, 100);
    s = slots_of_table(&loader);
    assert_slots(&s, "HRHR");
}

/* Partitions of the old kind are shown, where they are not over the volume that is; LDM's places are only kept. */
static void test_which_entries_may_be_shown(void **state)
{
    static const struct { uint8_t type; uint32_t start, sectors; const char *slots; } cases[] = {
        { 0x27, 2048, 100, "RFFF" },           { MBR_TYPE_LDM, 2048, 100, "CFFF" },
        { 0x27, 5, 100, "RFFF" },              { 0x27, 4, 100, "CFFF" },           /* the first ones are for fillers */
        { 0x27, LBA - 100, 100, "RFFF" },      { 0x27, LBA - 100, 101, "CFFF" },   /* ends where the volume begins */
        { 0x27, LBA + SIZE, 100, "RFFF" },     { 0x27, LBA + SIZE - 1, 1, "CFFF" },
        { 0x27, LBA, SIZE, "CFFF" },           { 0x27, 2048, 900000, "CFFF" },
        { 0x27, LBA, 0, "CFFF" },              { 0x27, LBA, 1, "CFFF" },           /* at its first sector, of whatever length */
        { 0x27, 63, 100, "RFFF" },             { 0x27, 62, 100, "RFFF" },          /* before the public region, too */
        { 0x07, OTHER, SIZE, "RFFF" },         { 0x27, OTHER + 1, SIZE, "CFFF" },  /* not over the middle of another volume */
        { 0x27, OTHER + SIZE, 9, "RFFF" },     { 0x27, OTHER + SIZE - 1, 9, "CFFF" },
        { 0x27, LAST, 9, "RFFF" },             { 0x27, LAST + 1, 9, "CFFF" },
        { 0x27, DISK - 1, 900000, "RFFF" },    { 0x27, DISK, 1, "CFFF" },          /* nor behind the disk's end */
        { 0x27, UINT32_MAX, 1, "CFFF" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct slots s;

        entry(0, cases[i].type, cases[i].start, cases[i].sectors);
        s = slots_of_table(&loader);
        assert_slots(&s, cases[i].slots);
    }
}

static void test_entries_that_a_store_names(void **state)
{
    struct slots s = make("RCRR");

    (void)state;
    slots_name(&s, 99);
    assert_slots(&s, "RCRR");
    slots_name(&s, 400);
    slots_name(&s, 100);
    slots_name(&s, 200);  /* which is not shown */
    assert_slots(&s, "NCRN");
    assert_true(slot_is_real(&s.at[0]));
    assert_true(slot_is_real(&s.at[2]));
    assert_false(slot_is_real(&s.at[1]));
}

/* ---- volumes */

/* With the number that Windows's kernel gives it: what is free before it has to be counted as well. */
static void test_a_volume_with_an_entry_of_its_own(void **state)
{
    static const struct { const char *before; unsigned number; bool put; const char *after; } cases[] = {
        { "FFFF", 1, true, "VFFF" }, { "FFFF", 3, true, "CCVF" }, { "FFFF", 4, true, "CCCV" }, { "FFFF", 5, false, "FFFF" },
        { "FFFF", 0, false, "FFFF" }, { "HRFF", 1, true, "HVFF" }, { "HRFF", 2, true, "HRVF" }, { "HRHR", 3, false, "HRHR" },
        { "vFFF", 1, false, "vFFF" }, { "vFFF", 2, true, "vVFF" }, { "RNCf", 3, true, "RNVf" }, { "FHFC", 3, true, "CHCV" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct slots s = make(cases[i].before);

        loader.partition_number = cases[i].number;
        assert_int_equal(slots_put_real(&s, &loader), cases[i].put);
        assert_slots(&s, cases[i].after);
    }
}

/* With the number of a line of boot.ini: nothing that is there gives way, but a place of LDM's where it has to. */
static void test_a_volume_with_a_number_that_is_wanted(void **state)
{
    static const struct { const char *before; unsigned number; bool over, put; const char *after; } cases[] = {
        { "FFFF", 1, false, true, "VFFF" }, { "FFFF", 2, false, true, "fVFF" }, { "FFFF", 4, true, true, "fffV" },
        { "FFFF", 0, true, false, "FFFF" }, { "FFFF", 5, true, false, "FFFF" }, { "fffF", 2, false, true, "fVfF" },
        { "CFFF", 1, false, false, "CFFF" }, { "CFFF", 1, true, true, "VFFF" }, { "RFFF", 1, true, false, "RFFF" },
        { "NFFF", 1, true, false, "NFFF" }, { "vFFF", 1, true, false, "vFFF" }, { "HCFF", 2, false, true, "HCVF" },
        { "HHHH", 1, true, false, "HHHH" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct slots s = make(cases[i].before);

        assert_int_equal(slots_put_at(&s, &loader, cases[i].number, cases[i].over), cases[i].put);
        assert_slots(&s, cases[i].after);
    }
}

/* Anywhere: what only has to be counted gives way first, a real entry at last, of those one that no store names. */
static void test_a_volume_anywhere(void **state)
{
    static const struct { const char *before, *after; } cases[] = {
        { "FFFF", "VFFF" }, { "RNCf", "RNCV" }, { "RNCF", "RNCV" }, { "FNCf", "FNCV" }, { "RNCH", "RNVH" }, { "RNvv", "VNvv" },
        { "NNvv", "VNvv" }, { "vvvv", NULL }, { "HvvH", NULL }, { "vvvf", "vvvV" }, { "vvvN", "vvvV" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct slots s = make(cases[i].before);

        assert_int_equal(slots_put(&s, &loader), cases[i].after != NULL);
        assert_slots(&s, cases[i].after ? cases[i].after : cases[i].before);
    }
}

/* For an entry of our own: the last of those that are free, then of fillers, covers, real ones, named ones. */
static void test_a_slot_to_spare(void **state)
{
    static const struct { const char *slots; size_t spare; } cases[] = {
        { "FFFF", 3 }, { "FVFH", 2 }, { "FVHH", 0 }, { "fFVH", 1 }, { "ffVC", 1 }, { "fCVR", 0 }, { "CCVR", 1 }, { "CRVN", 0 }, { "RRVN", 1 },
        { "RNVN", 0 }, { "NNVN", 3 }, { "NVvv", 0 }, { "vVvv", MBR_ENTRIES }, { "HVvv", MBR_ENTRIES },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct slots s = make(cases[i].slots);

        assert_int_equal(slots_spare(&s), cases[i].spare);
    }
}

/* As a loader counts: what is free, or held free, has no number. */
static void test_the_number_of_a_volume(void **state)
{
    static const struct { const char *slots; unsigned number; } cases[] = {
        { "VFFF", 1 }, { "FVFF", 1 }, { "HVFF", 1 }, { "fVFF", 2 }, { "CRNV", 4 }, { "vvvV", 4 }, { "vvvv", 0 }, { "FFFF", 0 }, { "RHFV", 2 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct slots s = make(cases[i].slots);

        assert_int_equal(slots_number(&s, &loader), cases[i].number);
    }
}

int main(void)
{
#define T(test) cmocka_unit_test_setup(test, setup)
    const struct CMUnitTest tests[] = {
        T(test_an_empty_table), T(test_holes_of_the_table), T(test_which_entries_may_be_shown), T(test_entries_that_a_store_names),
        T(test_a_volume_with_an_entry_of_its_own), T(test_a_volume_with_a_number_that_is_wanted), T(test_a_volume_anywhere),
        T(test_a_slot_to_spare), T(test_the_number_of_a_volume),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
