/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_details.c - one half in words, as a person reads it on the page of details. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/ui/details.h"
#include "tests/support/fakeview.h"
#include "tests/support/logged.h"

static struct fakeview  fv;
static struct boot_plan plan;

static struct log keeper = { keep_line };

static const char *details_of(const struct ldm_component *c)
{
    logged[0] = '\0';
    for (size_t i = 0; i < plan.candidate_count; i++)
        if (plan.candidates[i].component == c)
            details_write(&keeper, &plan, &plan.candidates[i]);
    return logged;
}

static void decide(void)
{
    assert_int_equal(plan_boot(&fv.view, &fv.facts, &fv.cfg, &fv.arena, &plan), STATUS_OK);
}

/* A mirror of which one half is on a disk that is gone; and in two pieces where it is here. */
static void test_a_half_that_is_here_and_one_that_is_not(void **state)
{
    struct ldm_volume      *v;
    struct ldm_component   *lost, *half;
    struct component_facts *f;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, NULL);
    fv_disk(&fv, "hd81");
    v = fv_volume(&fv, "Volume1", VOLUME_MIRRORED, LDM_VOL_SYSTEM | LDM_VOL_BOOT | LDM_VOL_RETAINED, 4096);
    v->hint = "C:";
    lost = fv_component(&fv, v, "Volume1-01");
    fv_extent(&fv, lost, 0, 63, 4096);
    half = fv_component(&fv, v, "Volume1-02");
    fv_extent(&fv, half, 1, 63, 4000);
    fv_extent(&fv, half, 1, 9000, 96);
    fv_finish(&fv);
    f = fv_facts(&fv, half);
    f->has_bootmgr = true;
    decide();
    assert_string_equal(details_of(half),
        "Volume    Volume1 C:, mirrored, 2 MB, 4096 sectors\n"
        "          e0000000-0000-4000-8000-000000000001\n"
        "          marked as: system boot retained ACTIVE\n"
        "Half      Volume1-02, active (\"ACTIVE\" in the database), 2 parts\n"
        "Part      hd81 (Disk2), sector 63, 4000 sectors\n"
        "          disk d1000000-0000-4000-8000-000000000002\n"
        "          its own database: transaction 40\n"
        "Part      hd81 (Disk2), sector 9000, 96 sectors\n"
        "          disk d1000000-0000-4000-8000-000000000002\n"
        "          its own database: transaction 40\n"
        "Group     Dg0, transaction 40, clean\n"
        "          as the database of hd81 has it\n"
        "On it     boot sector good, NTFS, BOOTMGR\n"
        "          its partition is retained; 0 read errors so far\n"
        "Windows's kernel: partition 1 of hd81.\n"
        "\n"
        "Starting volume Volume1 (Volume1-02 on hd81): it holds a Windows loader and is marked as the system volume.\n");
    assert_string_equal(details_of(lost),
        "Volume    Volume1 C:, mirrored, 2 MB, 4096 sectors\n"
        "          e0000000-0000-4000-8000-000000000001\n"
        "          marked as: system boot retained ACTIVE\n"
        "Half      Volume1-01, missing (\"ACTIVE\" in the database), 1 part\n"
        "Part      Disk1, not connected, 4096 sectors\n"
        "          disk d1000000-0000-4000-8000-000000000001\n"
        "Group     Dg0, transaction 40, clean\n"
        "          as the database of hd81 has it\n"
        "\n"
        "LDM-0105: Volume1-01: the disk does not answer\n"
        "          check its cable and the controller's set-up\n");

    f->status = STATUS_BOOT_SECTOR_BAD;
    f->hibernated = true;
    f->retained = false;
    f->read_errors = 7;
    v->flags = 0;
    v->hint = "";
    fv.disks[0].has_vmdb = false;
    note_add(&f->notes, &fv.arena, STATUS_BOOT_SECTOR_BAD, "%s", half->name);
    fv.records[0].elsewhere = &fv.disks[0];
    decide();
    assert_string_equal(details_of(half),
        "Volume    Volume1, mirrored, 2 MB, 4096 sectors\n"
        "          e0000000-0000-4000-8000-000000000001\n"
        "          marked as: ACTIVE\n"
        "Half      Volume1-02, active (\"ACTIVE\" in the database), 2 parts\n"
        "Part      hd81 (Disk2), sector 63, 4000 sectors\n"
        "          disk d1000000-0000-4000-8000-000000000002\n"
        "Part      hd81 (Disk2), sector 9000, 96 sectors\n"
        "          disk d1000000-0000-4000-8000-000000000002\n"
        "Group     Dg0, transaction 40, clean\n"
        "          as the database of hd81 has it\n"
        "On it     boot sector unusable, NTFS, BOOTMGR, hibernated Windows\n"
        "          its partition is not retained; 7 read errors so far\n"
        "LDM-0514: Volume1-02: no boot sector: neither the first sector nor its backup is one\n"
        "\n"
        "Volume1-02 on hd81: no boot sector: neither the first sector nor its backup is one\n");
    assert_non_null(strstr(details_of(lost), "\nPart      Disk1, not a member any more, 4096 sectors\n"));
    fv.partitions[1][0].disk = NULL;  /* which no record is of */
    assert_non_null(strstr(details_of(half), "\nPart      hd81 (a disk without a record), sector 63, 4000 sectors\nPart"));
}

/* One that is started for doubtful reasons: each doubt, what its disk and its loader's files say, and how old it is. */
static void test_doubts(void **state)
{
    struct ldm_component   *windows, *half;
    struct component_facts *f;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    half = fv_component(&fv, fv_volume(&fv, "System", VOLUME_SIMPLE, LDM_VOL_SYSTEM, 4096), "System-01");
    fv_extent(&fv, half, 0, 63, 4096);
    windows = fv_component(&fv, fv_volume(&fv, "Windows", VOLUME_SIMPLE, LDM_VOL_BOOT, 8192), "Windows-01");
    fv_extent(&fv, windows, 0, 9000, 8192);
    note_add(&half->volume->notes, &fv.arena, STATUS_INTERNAL, "a note of the volume");
    fv_finish(&fv);
    f = fv_facts(&fv, half);
    f->has_bootmgr = true;
    f->boot_sector_is_backup = true;
    f->files.winload = (struct holders){ { fv_facts(&fv, windows) }, 1 };
    fv_facts(&fv, windows)->partition_number = 0;
    fv_facts(&fv, windows)->boot_sector_is_backup = true;  /* so it cannot be shown to its loader */
    fv_mark(&fv, half, COMPONENT_STALE, STATUS_COMPONENT_IOFAIL);
    decide();
    assert_string_equal(details_of(half),
        "Volume    System, simple, 2 MB, 4096 sectors\n"
        "          e0000000-0000-4000-8000-000000000001\n"
        "          marked as: system ACTIVE\n"
        "LDM-0902: a note of the volume: internal error\n"
        "Half      System-01, stale (\"ACTIVE\" in the database), 1 part\n"
        "Part      hd80 (Disk1), sector 63, 4096 sectors\n"
        "          disk d1000000-0000-4000-8000-000000000001\n"
        "          its own database: transaction 40\n"
        "Group     Dg0, transaction 40, clean\n"
        "          as the database of hd80 has it\n"
        "On it     boot sector from its backup, NTFS, BOOTMGR\n"
        "          its partition is retained; 0 read errors so far\n"
        "Windows's kernel: no number on hd80 (Windows-01), its loader: partition 1 of hd80.\n"
        "LDM-0530: not a retained partition, so Windows may stop with 0x7B\n"
        "LDM-0608: Windows-01: it is needed too, but cannot be shown at its place on this disk\n"
        "\n"
        "LDM-0535: hd80 (Disk1), transaction 40, an unknown time: when Windows last wrote its database on this disk\n"
        "LDM-0351: System-01: it was dropped after I/O errors\n"
        "          its data is probably old: use the other half if there is one\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_a_half_that_is_here_and_one_that_is_not), cmocka_unit_test(test_doubts) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
