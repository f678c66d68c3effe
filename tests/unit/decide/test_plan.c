/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_plan.c - the decision, rule by rule, on views made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/decide/alone.h"
#include "common/decide/candidate.h"
#include "common/decide/plan.h"
#include "tests/support/fakeview.h"

#define SYSTEM LDM_VOL_SYSTEM
#define BOOT   LDM_VOL_BOOT
#define SIZE   20000

static struct fakeview fv;

static struct boot_plan decide(void)
{
    struct boot_plan plan;

    assert_int_equal(plan_boot(&fv.view, &fv.facts, &fv.cfg, &fv.arena, &plan), STATUS_OK);
    assert_non_null(plan.why);
    assert_true(strlen(plan.why) > 0);
    return plan;
}

static void set(char *field, const char *value)
{
    strncpy(field, value, CONFIG_VALUE_MAX - 1);
}

static const struct plan_candidate *candidate(const struct boot_plan *plan, const struct ldm_component *c)
{
    for (size_t i = 0; i < plan->candidate_count; i++)
        if (plan->candidates[i].component == c)
            return &plan->candidates[i];
    fail_msg("component %s is not among the candidates", c->name);
    return NULL;
}

static unsigned times_noted(const struct boot_plan *plan, enum status code)
{
    unsigned times = 0;

    for (const struct note *n = plan->notes.first; n; n = n->next)
        times += n->code == code;
    return times;
}

static bool noted(const struct boot_plan *plan, enum status code)
{
    return times_noted(plan, code) > 0;
}

/* Is there a note that begins so? */
static bool says(const struct note_list *list, enum status code, const char *start)
{
    for (const struct note *n = list->first; n; n = n->next)
        if (n->code == code && strncmp(n->text, start, strlen(start)) == 0)
            return true;
    return false;
}

static void assert_boots(const struct boot_plan *plan, const struct ldm_component *c)
{
    assert_int_equal(plan->result, PLAN_BOOT);
    assert_int_equal(plan->reason, STATUS_OK);
    assert_ptr_equal(plan->chosen.component, c);
    assert_ptr_equal(plan->chosen.volume, c->volume);
    assert_int_equal(plan->chosen.code, STATUS_OK);
    assert_ptr_equal(plan->candidates[0].component, c);
    for (size_t i = 1; i < plan->candidate_count; i++) {
        assert_int_not_equal(plan->candidates[i].code, STATUS_OK);  /* every other one has its reason */
        assert_true(strlen(plan->candidates[i].text) > 0);
    }
}

static void assert_asks(const struct boot_plan *plan, enum status reason)
{
    assert_int_equal(plan->result, PLAN_ASK);
    assert_int_equal(plan->reason, reason);
    assert_true(noted(plan, reason));
    assert_non_null(plan->chosen.component);
    assert_int_not_equal(plan->chosen.verdict, VERDICT_NEVER);
    for (size_t i = 0; i < plan->candidate_count; i++)
        assert_int_not_equal(plan->candidates[i].code, STATUS_OK);
}

static void assert_nothing(const struct boot_plan *plan, enum status reason)
{
    assert_int_equal(plan->result, PLAN_NONE);
    assert_int_equal(plan->reason, reason);
    assert_true(noted(plan, reason));
    assert_null(plan->chosen.component);
}

/* A mirrored volume, one half on each of two disks. */
struct mirror {
    struct ldm_volume    *volume;
    struct ldm_component *half[2];
};

static struct mirror add_mirror(const char *name, const char *first, const char *second, uint32_t flags, size_t disk_a,
                                size_t disk_b, uint64_t lba)
{
    struct mirror m = { .volume = fv_volume(&fv, name, VOLUME_MIRRORED, flags, SIZE) };

    m.half[0] = fv_component(&fv, m.volume, first);
    m.half[1] = fv_component(&fv, m.volume, second);
    fv_extent(&fv, m.half[0], disk_a, lba, SIZE);
    fv_extent(&fv, m.half[1], disk_b, lba, SIZE);
    return m;
}

static struct ldm_component *add_simple(const char *name, const char *component, uint32_t flags, size_t disk,
                                        uint64_t lba)
{
    struct ldm_volume    *v = fv_volume(&fv, name, VOLUME_SIMPLE, flags, SIZE);
    struct ldm_component *c = fv_component(&fv, v, component);

    fv_extent(&fv, c, disk, lba, SIZE);
    return c;
}

/* The project's normal case: the first disk is dead, the second has the other half. */
static struct mirror degraded_mirror(const struct firmware_rules *rules, uint32_t flags)
{
    struct mirror m;
    size_t        dead, alive;

    fv_init(&fv, rules);
    dead = fv_disk(&fv, NULL);
    alive = fv_disk(&fv, "hd81");
    m = add_mirror("Volume1", "Volume1-01", "Volume1-02", flags, dead, alive, 63);
    return m;
}

static struct mirror whole_mirror(uint32_t flags)
{
    size_t a, b;

    fv_init(&fv, &bios_rules);
    a = fv_disk(&fv, "hd80");
    b = fv_disk(&fv, "hd81");
    return add_mirror("Volume1", "Volume1-01", "Volume1-02", flags, a, b, 63);
}

/* ---- what is started */

static void test_the_surviving_half_is_started(void **state)
{
    struct mirror    m = degraded_mirror(&bios_rules, SYSTEM);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    fv_facts(&fv, m.half[1])->has_bootmgr = true;
    plan = decide();
    assert_boots(&plan, m.half[1]);
    assert_int_equal(plan.method, METHOD_VBR);
    assert_int_equal(plan.chosen.rank, RANK_LOADER_AND_FLAG);
    assert_int_equal(candidate(&plan, m.half[0])->code, STATUS_DISK_ABSENT);  /* the scan's own reason */
    assert_true(noted(&plan, STATUS_MIRROR_DEGRADED));
    assert_false(noted(&plan, STATUS_NO_LOADER));
    assert_false(noted(&plan, STATUS_NOT_RETAINED));
    assert_int_equal(plan.notes.count, 1);  /* and nothing else */
    assert_null(plan.chosen.age.first);
}

/* It is named with its reason, and what the other one holds starts all the same. */
static void test_a_disk_that_was_given_up_is_named(void **state)
{
    static const enum status reasons[] = { STATUS_DISK_GIVEN_UP, STATUS_DISK_SILENT };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
        struct mirror    m = degraded_mirror(&bios_rules, SYSTEM);
        struct boot_plan plan;

        (void)fv_disk(&fv, "hd82");
        fv_finish(&fv);
        fv_facts(&fv, m.half[1])->has_bootmgr = true;
        plan = decide();
        assert_false(noted(&plan, reasons[i]));
        for (unsigned k = 0; k < 2; k++) {
            fv.devs[0].given_up = k ? STATUS_OK : reasons[i];
            fv.devs[1].given_up = k ? reasons[i] : STATUS_OK;
            plan = decide();
            assert_int_equal(says(&plan.notes, reasons[i], "hd82"), k);
            assert_int_equal(says(&plan.notes, reasons[i], "hd81"), !k);
            assert_boots(&plan, m.half[1]);
        }
    }
}

/* It can only say that NTLDR is missing: not by itself, unless Windows's database calls it the system, or a person does. */
static void test_a_volume_without_loader_is_a_question(void **state)
{
    struct mirror    m = degraded_mirror(&bios_rules, 0);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    fv_facts(&fv, m.half[1])->partition_number = 0;
    plan = decide();
    assert_asks(&plan, STATUS_NO_LOADER);
    strcpy(fv.cfg.volume, "Volume1");
    plan = decide();
    assert_boots(&plan, m.half[1]);
    assert_true(noted(&plan, STATUS_NO_LOADER));
    assert_true(noted(&plan, STATUS_NOT_RETAINED));
    fv.cfg.volume[0] = '\0';
    fv.volumes[0].flags |= SYSTEM;
    plan = decide();
    assert_boots(&plan, m.half[1]);
    assert_true(noted(&plan, STATUS_NO_LOADER));
}

/* Options for a store that is made: said where none is. */
static void test_options_that_go_nowhere_are_said(void **state)
{
    struct mirror    m = degraded_mirror(&bios_rules, SYSTEM);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    fv_facts(&fv, m.half[1])->has_bootmgr = true;
    plan = decide();
    assert_false(noted(&plan, STATUS_OPTIONS_UNUSED));
    store_option_set(&fv.cfg.store, STORE_SAFEBOOT, SAFEBOOT_NETWORK);
    plan = decide();
    assert_boots(&plan, m.half[1]);
    assert_true(noted(&plan, STATUS_OPTIONS_UNUSED));
    assert_int_equal(plan.store.given, 1u << STORE_SAFEBOOT);
    assert_int_equal(plan.store.value[STORE_SAFEBOOT], SAFEBOOT_NETWORK);
}

/* ---- only Windows's own volume is left (BIOS) */

/* The system volume, which the database marks, was on the disk that is gone; C: has a half here. */
static struct mirror windows_alone(uint32_t flags)
{
    size_t        gone, here;
    struct mirror m;

    fv_init(&fv, &bios_rules);
    gone = fv_disk(&fv, NULL);
    here = fv_disk(&fv, "hd81");
    add_simple("System", "System-01", SYSTEM, gone, 63);
    m = add_mirror("Windows", "Windows-01", "Windows-02", flags, gone, here, 40000);
    fv_finish(&fv);
    fv_facts(&fv, m.half[1])->alone = ALONE_SPARE;
    return m;
}

static void test_windows_alone_is_started_from_memory(void **state)
{
    struct mirror    m = windows_alone(LDM_VOL_BOOT);
    struct boot_plan plan = decide();

    (void)state;
    assert_boots(&plan, m.half[1]);
    assert_int_equal(plan.method, METHOD_BIOS_RAM);
    assert_int_equal(plan.chosen.rank, RANK_WINDOWS);
    assert_true(noted(&plan, STATUS_SYSTEM_IN_MEMORY));
    assert_false(noted(&plan, STATUS_NO_LOADER));
    assert_string_equal(boot_method_name(plan.method), "bios-ram");
}

static void test_windows_alone_without_its_flag_is_a_question(void **state)
{
    struct mirror    m = windows_alone(0);
    struct boot_plan plan = decide();

    (void)state;
    assert_asks(&plan, STATUS_WINDOWS_UNFLAGGED);
    assert_ptr_equal(plan.chosen.component, m.half[1]);
    assert_int_equal(plan.method, METHOD_BIOS_RAM);  /* what a person's choice does */
}

static void test_a_system_volume_that_is_there_beats_windows_alone(void **state)
{
    struct ldm_component *system, *windows;
    struct boot_plan      plan;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    windows = add_simple("Windows", "Windows-01", LDM_VOL_BOOT, 0, 40000);
    system = add_simple("System", "System-01", SYSTEM, 0, 63);
    fv_finish(&fv);
    fv_facts(&fv, windows)->alone = ALONE_SPARE;
    fv_facts(&fv, system)->has_bootmgr = fv_facts(&fv, system)->files.has_store = true;
    plan = decide();
    assert_boots(&plan, system);
    assert_int_equal(plan.method, METHOD_VBR);
    assert_false(noted(&plan, STATUS_STORE_OFFERED));  /* its own store is used, and no other one is there */
    fv.facts.stick_files = STICK_HAS_STORE;
    plan = decide();
    assert_boots(&plan, system);
    assert_non_null(plan.found_store);                 /* for Windows alone, which is not what is started */
    assert_false(noted(&plan, STATUS_STORE_OFFERED));
}

static void test_two_windows_without_system_volume_are_a_question(void **state)
{
    struct ldm_component *a, *b;
    struct boot_plan      plan;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    a = add_simple("A", "A-01", LDM_VOL_BOOT, 0, 63);
    b = add_simple("B", "B-01", LDM_VOL_BOOT, 0, 40000);
    fv_finish(&fv);
    fv_facts(&fv, a)->alone = fv_facts(&fv, b)->alone = ALONE_SPARE;
    plan = decide();
    assert_asks(&plan, STATUS_SEVERAL_VOLUMES);
}

/* ---- a loader from the stick (BIOS) */

#define STICK_LOADERS (STICK_HAS_NTLDR | STICK_HAS_BOOTMGR)

static void test_a_loader_from_the_stick_takes_a_persons_word(void **state)
{
    static const enum windows_alone kinds[] = { ALONE_NT, ALONE_VISTA };
    static const enum status        lost[] = { STATUS_NTLDR_LOST, STATUS_BOOTMGR_LOST };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct mirror    m = windows_alone(LDM_VOL_BOOT);
        struct boot_plan plan;

        fv_facts(&fv, m.half[1])->alone = kinds[i];
        plan = decide();
        assert_asks(&plan, lost[i]);  /* and what to copy to the stick */
        assert_int_equal(plan.method, METHOD_VBR);
        fv.facts.stick_files = STICK_LOADERS;
        plan = decide();
        assert_asks(&plan, STATUS_STICK_LOADER);
        assert_int_equal(plan.method, METHOD_BIOS_STICK);
        assert_int_equal(plan.chosen.verdict, VERDICT_MARKED);
        assert_int_equal(plan.chosen.rank, RANK_WINDOWS);
        strcpy(fv.cfg.volume, "Windows");  /* which says which one, not that its loader is to be trusted */
        plan = decide();
        assert_asks(&plan, STATUS_STICK_LOADER);
    }
    assert_string_equal(boot_method_name(METHOD_BIOS_STICK), "bios-stick");
}

static void test_the_other_loader_on_the_stick_is_no_help(void **state)
{
    struct mirror    m = windows_alone(LDM_VOL_BOOT);
    struct boot_plan plan;

    (void)state;
    fv_facts(&fv, m.half[1])->alone = ALONE_NT;
    fv.facts.stick_files = STICK_HAS_BOOTMGR;
    plan = decide();
    assert_asks(&plan, STATUS_NTLDR_LOST);
    fv_facts(&fv, m.half[1])->alone = ALONE_VISTA;
    fv.facts.stick_files = STICK_HAS_NTLDR;
    plan = decide();
    assert_asks(&plan, STATUS_BOOTMGR_LOST);
}

/* What is on the stick and is not what its name says, or does not start this Windows, is said before anybody chooses. */
static void test_bad_files_on_the_stick_are_foretold(void **state)
{
    static const struct {
        enum windows_alone kind;
        unsigned           stick, number;
        enum status        doubt;
    } cases[] = {
        { ALONE_NT, STICK_BAD_NTLDR, 0, STATUS_STICK_FILE_BAD },
        { ALONE_NT, STICK_HAS_NTLDR | STICK_BAD_NTLDR, 0, STATUS_STICK_FILE_BAD },  /* NTLDR is good, NTDETECT.COM is not */
        { ALONE_NT, STICK_HAS_NTLDR, STICK_NUMBER_NONE, STATUS_STICK_BOOTINI },
        { ALONE_NT, STICK_HAS_NTLDR, 3, STATUS_STICK_BOOTINI },                     /* it is shown as number 2 */
        { ALONE_NT, STICK_HAS_NTLDR, 2, STATUS_STICK_LOADER },
        { ALONE_VISTA, STICK_BAD_BOOTMGR, 0, STATUS_STICK_FILE_BAD },
        { ALONE_DAMAGED, STICK_LOADERS, 0, STATUS_WINLOAD_LOST },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct mirror    m = windows_alone(LDM_VOL_BOOT);
        struct boot_plan plan;

        fv_facts(&fv, m.half[1])->alone = cases[i].kind;
        fv_facts(&fv, m.half[1])->stick_number = cases[i].number;
        fv_facts(&fv, m.half[1])->disk->mbr.entries[0] = (struct mbr_entry){ .type = 0x12, .start = 63, .sectors = 100 };
        fv_facts(&fv, m.half[1])->disk->mbr.entries[1] = (struct mbr_entry){ .type = 0x42, .start = 40000, .sectors = 1000 };
        fv_facts(&fv, m.half[1])->partition_number = 2;
        fv.facts.stick_files = cases[i].stick;
        plan = decide();
        assert_asks(&plan, cases[i].doubt);
        assert_int_equal(plan.method, cases[i].doubt == STATUS_STICK_LOADER ? METHOD_BIOS_STICK : METHOD_VBR);
    }
}

/* ---- boot stores that nothing vouches for */

static void test_a_store_that_is_found_is_offered(void **state)
{
    struct mirror    m = windows_alone(LDM_VOL_BOOT);
    struct boot_plan plan = decide();

    (void)state;
    assert_null(plan.found_store);
    assert_false(noted(&plan, STATUS_STORE_NOT_THERE));  /* nobody asked for one */
    fv.facts.stick_files = STICK_HAS_STORE;
    plan = decide();
    assert_boots(&plan, m.half[1]);
    assert_true(says(&plan.notes, STATUS_STORE_OFFERED, "the stick"));
    assert_false(plan.store.found);
    fv.cfg.store.found = true;
    plan = decide();
    assert_true(says(&plan.notes, STATUS_STORE_FOUND_USED, "the stick"));
    assert_false(noted(&plan, STATUS_STORE_OFFERED));
    assert_false(noted(&plan, STATUS_OPTIONS_UNUSED));
    store_option_set(&fv.cfg.store, STORE_SOS, 1);
    plan = decide();
    assert_true(noted(&plan, STATUS_OPTIONS_UNUSED));
}

/* NTLDR has no store: its boot.ini is made with the options, whatever store is there. */
static void test_a_store_is_nothing_to_ntldr(void **state)
{
    struct mirror    m = windows_alone(LDM_VOL_BOOT);
    struct boot_plan plan;

    (void)state;
    fv_facts(&fv, m.half[1])->alone = ALONE_NT;
    fv.facts.stick_files = STICK_HAS_NTLDR | STICK_HAS_STORE;
    fv.cfg.store.found = true;
    store_option_set(&fv.cfg.store, STORE_SOS, 1);
    plan = decide();
    assert_null(plan.found_store);
    assert_false(noted(&plan, STATUS_OPTIONS_UNUSED));
}

/* Asked for, and not there or of no use: the start would be refused, so it is not foretold as one. */
static void test_a_store_that_was_asked_for_and_is_none_is_a_question(void **state)
{
    static const struct {
        unsigned    stick;
        enum status doubt;
    } cases[] = { { 0, STATUS_STORE_NOT_THERE }, { STICK_BAD_STORE, STATUS_STORE_UNFIT } };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct mirror    m = windows_alone(LDM_VOL_BOOT);
        struct boot_plan plan;

        fv.facts.stick_files = cases[i].stick;
        plan = decide();
        assert_boots(&plan, m.half[1]);  /* one is made */
        assert_null(plan.found_store);
        assert_int_equal(noted(&plan, STATUS_STORE_UNFIT), cases[i].stick != 0);
        fv.cfg.store.found = true;
        plan = decide();
        assert_asks(&plan, cases[i].doubt);
        assert_int_equal(times_noted(&plan, cases[i].doubt), 1);
        assert_int_equal(plan.method, METHOD_BIOS_RAM);
        strcpy(fv.cfg.volume, "Windows");  /* which does not make the store another one */
        plan = decide();
        assert_asks(&plan, cases[i].doubt);
    }
}

/* Where nothing is made in memory there is nothing to put it into. */
static void test_a_store_that_is_asked_for_elsewhere_is_said_to_be_unused(void **state)
{
    static const struct firmware_rules *const rules[] = { &bios_rules, &uefi_rules };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        struct ldm_component *half;
        struct boot_plan      plan;

        fv_init(&fv, rules[i]);
        fv_disk(&fv, "hd80");
        half = add_simple("Volume", "Volume-01", SYSTEM | LDM_VOL_BOOT, 0, 63);
        fv_finish(&fv);
        fv_facts(&fv, half)->has_bootmgr = true;
        fv_facts(&fv, half)->bootmgfw_machine = fv_facts(&fv, half)->winload_machine = fv.facts.machine;
        fv.cfg.store.found = true;
        store_option_set(&fv.cfg.store, STORE_SOS, 1);
        plan = decide();
        assert_boots(&plan, half);
        assert_true(noted(&plan, STATUS_FOUND_UNUSED));
        assert_int_equal(plan.store.found, rules[i] == &bios_rules);  /* not on the menu's page of options, either */
        assert_int_equal(noted(&plan, STATUS_OPTIONS_UNUSED), rules[i] == &bios_rules);  /* UEFI's store, made, has them */
    }
}

/* ---- a loader that is there, and cannot be started */

/* C: has all in one; its BOOTMGR was compressed. The copy that Windows keeps is as good, and a person is asked. */
static void test_a_spare_boot_manager_is_offered_beside_a_bad_loader(void **state)
{
    struct ldm_component   *half;
    struct component_facts *f;
    struct boot_plan        plan;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    half = add_simple("Volume", "Volume-01", SYSTEM | LDM_VOL_BOOT, 0, 63);
    fv_finish(&fv);
    f = fv_facts(&fv, half);
    f->has_bootmgr = f->files.has_store = f->files.store_fits = true;
    f->loader_problem = STATUS_LOADER_COMPRESSED;
    plan = decide();
    assert_asks(&plan, STATUS_LOADER_COMPRESSED);
    assert_int_equal(plan.method, METHOD_VBR);
    f->alone = ALONE_SPARE;
    plan = decide();
    assert_asks(&plan, STATUS_SPARE_OFFERED);
    assert_int_equal(plan.method, METHOD_BIOS_RAM);
    assert_int_equal(plan.chosen.rank, RANK_LOADER_AND_FLAG);
    assert_true(says(&plan.notes, STATUS_STORE_OFFERED, "Volume-01 on hd80"));  /* its own */
    f->alone = ALONE_VISTA;
    fv.facts.stick_files = STICK_HAS_BOOTMGR;
    plan = decide();
    assert_asks(&plan, STATUS_STICK_LOADER);
    assert_int_equal(plan.method, METHOD_BIOS_STICK);
    f->alone = ALONE_SPARE;
    f->disk->dev->block_count = UINT32_MAX - 8000;  /* no room to show a system volume */
    plan = decide();
    assert_asks(&plan, STATUS_LOADER_COMPRESSED);
    assert_int_equal(plan.method, METHOD_VBR);
}

/* An old half of System Reserved: it is the question, and its store is offered to Windows alone. */
static void test_the_store_of_an_old_system_volume_is_offered(void **state)
{
    struct ldm_component *system, *windows;
    struct boot_plan      plan;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    system = add_simple("System", "System-01", SYSTEM, 0, 63);
    windows = add_simple("Windows", "Windows-01", LDM_VOL_BOOT, 0, 40000);
    fv_finish(&fv);
    fv_facts(&fv, windows)->alone = ALONE_SPARE;
    fv_facts(&fv, system)->has_bootmgr = fv_facts(&fv, system)->files.has_store = true;
    fv_facts(&fv, system)->files.store_fits = true;
    fv_mark(&fv, system, COMPONENT_STALE, STATUS_COMPONENT_RECOVER);
    plan = decide();
    assert_int_equal(plan.result, PLAN_ASK);
    assert_ptr_equal(plan.chosen.component, system);
    assert_int_equal(candidate(&plan, windows)->method, METHOD_BIOS_RAM);
    assert_true(says(&plan.notes, STATUS_STORE_OFFERED, "System-01 on hd80"));
}

/* The volume in memory lies behind the disk's end, where 32-bit sector numbers have to reach. */
static void test_windows_alone_on_a_disk_of_2_tib(void **state)
{
    struct mirror    m = windows_alone(LDM_VOL_BOOT);
    struct boot_plan plan;

    (void)state;
    fv_facts(&fv, m.half[1])->disk->dev->block_count = UINT32_MAX - 8192;  /* it takes 4 MiB */
    plan = decide();
    assert_boots(&plan, m.half[1]);
    fv_facts(&fv, m.half[1])->disk->dev->block_count++;
    plan = decide();
    assert_int_equal(plan.result, PLAN_NONE);
    assert_int_equal(candidate(&plan, m.half[1])->code, STATUS_NO_ROOM_BEHIND);
}

/* Four entries of the real table, and all four are volumes that Windows needs: none is left to show a system volume in. */
static void test_windows_alone_on_a_full_table(void **state)
{
    struct ldm_component   *half[MBR_ENTRIES];
    struct component_facts *f;
    struct store_name       names[MBR_ENTRIES] = { { 0 } };
    struct boot_plan        plan;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd81");
    for (size_t i = 0; i < MBR_ENTRIES; i++) {
        half[i] = add_simple(i ? "Data" : "Windows", i ? "Data-01" : "Windows-01", i ? 0 : LDM_VOL_BOOT, 0, 63 + 20000 * i);
        names[i] = (struct store_name){ .signature = 77, .offset = (63 + 20000 * i) * 512 };
    }
    fv_finish(&fv);
    f = fv_facts(&fv, half[0]);
    f->disk->has_sector0 = true;
    f->disk->mbr.signature = 77;
    f->alone = ALONE_SPARE;
    plan = decide();
    assert_boots(&plan, half[0]);  /* entries that nothing needs are given way */
    f->files = (struct loader_files){ .has_store = true, .names = names, .name_count = MBR_ENTRIES };
    plan = decide();
    assert_int_equal(plan.result, PLAN_ASK);  /* the data volumes are left */
    assert_int_equal(candidate(&plan, half[0])->code, STATUS_NO_FREE_SLOT);
    assert_int_equal(candidate(&plan, half[0])->verdict, VERDICT_NEVER);
}

/* Entries that the kernel counts keep their numbers; one of them is shown as the system volume, and that is said. */
static void test_a_real_entry_that_gives_way_is_said(void **state)
{
    struct ldm_component   *half;
    struct component_facts *f;
    struct store_name       name = { .signature = 77, .offset = 80000 * 512 };
    struct boot_plan        plan;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd81");
    half = add_simple("Windows", "Windows-01", LDM_VOL_BOOT, 0, 63);
    fv_finish(&fv);
    f = fv_facts(&fv, half);
    f->disk->has_sector0 = true;
    f->disk->mbr.signature = 77;
    f->disk->mbr.entries[0] = (struct mbr_entry){ .type = MBR_TYPE_LDM, .start = 63, .sectors = SIZE };
    for (size_t i = 1; i < MBR_ENTRIES; i++)
        f->disk->mbr.entries[i] = (struct mbr_entry){ .type = 0x27, .start = 50000 + (uint32_t)i * 10000, .sectors = 100 };
    f->alone = ALONE_SPARE;
    plan = decide();
    assert_boots(&plan, half);
    assert_true(says(&plan.notes, STATUS_ENTRY_COVERED, "entry 4 of hd81"));
    assert_int_equal(slots_number(&plan.chosen.lookup->slots, f), 1);
    f->files = (struct loader_files){ .has_store = true, .names = &name, .name_count = 1 };  /* entry 4 is Windows's recovery */
    plan = decide();
    assert_boots(&plan, half);
    assert_true(says(&plan.notes, STATUS_ENTRY_COVERED, "entry 3 of hd81"));
    f->disk->mbr.entries[2] = (struct mbr_entry){ .type = 0 };  /* empty, and stays so: it is before one that counts */
    plan = decide();
    assert_true(says(&plan.notes, STATUS_ENTRY_COVERED, "entry 2 of hd81"));
    f->disk->mbr.entries[3] = (struct mbr_entry){ .type = 0 };
    plan = decide();
    assert_boots(&plan, half);
    assert_false(noted(&plan, STATUS_ENTRY_COVERED));
}

static void test_order_of_preference(void **state)
{
    /* In the order of the issue: loader and flag, loader, flag, mirrored, other. */
    static const struct {
        bool             loader, mirrored;
        uint32_t         flags;
        enum plan_rank   rank;
    } kinds[] = {
        { true, false, SYSTEM, RANK_LOADER_AND_FLAG },
        { true, false, 0, RANK_LOADER },
        { false, false, SYSTEM, RANK_FLAG },
        { false, true, 0, RANK_MIRRORED },
        { false, false, 0, RANK_OTHER },
    };

    (void)state;
    for (size_t better = 0; better < 5; better++)
        for (size_t worse = better + 1; worse < 5; worse++) {
            struct ldm_component *a, *b;
            struct boot_plan      plan;

            fv_init(&fv, &bios_rules);
            fv_disk(&fv, "hd80");
            b = add_simple("Worse", "Worse-01", kinds[worse].flags, 0, 63);
            a = add_simple("Better", "Better-01", kinds[better].flags, 0, 40000);
            a->volume->type = kinds[better].mirrored ? VOLUME_MIRRORED : VOLUME_SIMPLE;
            b->volume->type = kinds[worse].mirrored ? VOLUME_MIRRORED : VOLUME_SIMPLE;
            fv_finish(&fv);
            fv_facts(&fv, a)->has_ntldr = kinds[better].loader;
            fv_facts(&fv, b)->has_ntldr = kinds[worse].loader;
            plan = decide();
            if (kinds[better].rank > RANK_FLAG) {
                assert_asks(&plan, STATUS_NO_LOADER);
                assert_ptr_equal(plan.candidates[0].component, a);
            } else {
                assert_boots(&plan, a);
            }
            assert_int_equal(plan.chosen.rank, kinds[better].rank);
            assert_int_equal(candidate(&plan, b)->code, STATUS_LOWER_RANK);
            assert_int_equal(candidate(&plan, b)->rank, kinds[worse].rank);
        }
}

static void test_two_good_halves_are_no_question(void **state)
{
    struct mirror    m = whole_mirror(SYSTEM);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    fv_facts(&fv, m.half[0])->has_ntldr = fv_facts(&fv, m.half[1])->has_ntldr = true;
    plan = decide();
    assert_boots(&plan, m.half[0]);  /* equal: the firmware's first disk */
    assert_true(noted(&plan, STATUS_SPARE_HALF));
    assert_false(noted(&plan, STATUS_MIRROR_DEGRADED));
    assert_int_equal(candidate(&plan, m.half[1])->code, STATUS_SPARE_HALF);

    fv_facts(&fv, m.half[0])->read_errors = 1;
    plan = decide();
    assert_boots(&plan, m.half[1]);  /* its disk answered better */

    m.half[1]->present = false;      /* but for a part of this half, after it was looked at */
    plan = decide();
    assert_boots(&plan, m.half[0]);
    assert_int_equal(candidate(&plan, m.half[1])->code, STATUS_COMPONENT_UNREADABLE);
    m.half[1]->present = true;
    fv.facts.count = 1;              /* or it was not looked at */
    plan = decide();
    assert_boots(&plan, m.half[0]);
    assert_int_equal(candidate(&plan, m.half[1])->code, STATUS_COMPONENT_UNREADABLE);
}

/* Equal in all: the firmware's first disk, whatever the database's order is. */
static void test_the_first_disk_of_two(void **state)
{
    struct mirror    m;
    struct boot_plan plan;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    fv_disk(&fv, "hd81");
    m = add_mirror("Volume1", "Volume1-01", "Volume1-02", SYSTEM, 1, 0, 63);
    fv_finish(&fv);
    plan = decide();
    assert_boots(&plan, m.half[1]);
    assert_true(says(&plan.notes, STATUS_SPARE_HALF, "Volume1-01 on hd81"));
    fv_facts(&fv, m.half[1])->root_read = false;
    plan = decide();
    assert_boots(&plan, m.half[0]);
    fv_facts(&fv, m.half[1])->root_read = true;
    fv_facts(&fv, m.half[1])->read_errors = 2;
    fv_facts(&fv, m.half[0])->read_errors = 2;
    plan = decide();
    assert_boots(&plan, m.half[1]);
}

/* What a person reads: which volume, which half, where, and why this one. */
static void test_why_it_is_started(void **state)
{
    static const struct {
        bool        loader, selected;
        uint32_t    flags;
        const char *why;
    } cases[] = {
        { true, false, SYSTEM, "Starting volume C (C-01 on hd80): it holds a Windows loader and is marked as the system volume." },
        { true, false, 0, "Starting volume C (C-01 on hd80): the only volume that holds a Windows loader." },
        { false, false, SYSTEM, "Starting volume C (C-01 on hd80): the only volume that is marked as the system volume." },
        { true, true, SYSTEM, "Starting volume C (C-01 on hd80): as the configuration asks." },
    };
    struct mirror    m;
    struct boot_plan plan;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct ldm_component *c;

        fv_init(&fv, &bios_rules);
        fv_disk(&fv, "hd80");
        c = add_simple("C", "C-01", cases[i].flags, 0, 63);
        fv_finish(&fv);
        fv_facts(&fv, c)->has_ntldr = cases[i].loader;
        set(fv.cfg.volume, cases[i].selected ? "C" : "");
        plan = decide();
        assert_boots(&plan, c);
        assert_string_equal(plan.why, cases[i].why);
    }
    m = windows_alone(LDM_VOL_BOOT);
    plan = decide();
    assert_boots(&plan, m.half[1]);
    assert_string_equal(plan.why, "Starting volume Windows (Windows-02 on hd81): "
                                  "Windows is on it; the volume with its boot manager is lost, and is made in memory.");
}

static void test_the_spare_is_the_other_good_half(void **state)
{
    struct mirror         m = whole_mirror(SYSTEM);
    struct ldm_component *third;
    struct boot_plan      plan;

    (void)state;
    fv_finish(&fv);
    plan = decide();
    assert_ptr_equal(plan_spare(&plan, plan.chosen.component), m.half[1]);
    assert_ptr_equal(plan_spare(&plan, m.half[1]), m.half[0]);  /* of a volume that is shown beside the chosen one */
    third = fv_component(&fv, m.volume, "Volume1-03");           /* of three it is the first of the others */
    fv_extent(&fv, third, fv_disk(&fv, "hd82"), 63, SIZE);
    fv_finish(&fv);
    plan = decide();
    assert_ptr_equal(plan_spare(&plan, m.half[0]), m.half[1]);
    assert_ptr_equal(plan_spare(&plan, third), m.half[0]);
    fv_mark(&fv, third, COMPONENT_STALE, STATUS_COMPONENT_IOFAIL);

    fv_facts(&fv, m.half[1])->status = STATUS_BOOT_SECTOR_BAD;  /* its content is not what the database says */
    plan = decide();
    assert_boots(&plan, m.half[0]);
    assert_null(plan_spare(&plan, plan.chosen.component));
}

static void test_read_errors_of_what_is_started_are_said(void **state)
{
    struct mirror    m = whole_mirror(SYSTEM);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    plan = decide();
    assert_false(noted(&plan, STATUS_BAD_SECTORS) || noted(&plan, STATUS_BAD_SECTORS_SPARED));

    fv_facts(&fv, m.half[0])->read_errors = 1;
    fv_facts(&fv, m.half[1])->read_errors = 2;
    plan = decide();
    assert_boots(&plan, m.half[0]);
    assert_true(noted(&plan, STATUS_BAD_SECTORS_SPARED));
    assert_false(noted(&plan, STATUS_BAD_SECTORS));

    fv_facts(&fv, m.half[1])->status = STATUS_BOOT_SECTOR_BAD;
    plan = decide();
    assert_true(noted(&plan, STATUS_BAD_SECTORS));
    assert_false(noted(&plan, STATUS_BAD_SECTORS_SPARED));
}

static void test_no_spare_when_one_half_is_doubtful(void **state)
{
    struct mirror    m = whole_mirror(SYSTEM);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    fv_mark(&fv, m.half[1], COMPONENT_STALE, STATUS_COMPONENT_IOFAIL);
    plan = decide();
    assert_ptr_equal(plan.chosen.component, m.half[0]);
    assert_null(plan_spare(&plan, plan.chosen.component));
    plan.chosen = *candidate(&plan, m.half[1]);  /* a person's choice: it must not be mixed with the other */
    assert_null(plan_spare(&plan, plan.chosen.component));
}

static void test_of_two_halves_the_one_whose_root_could_be_read(void **state)
{
    struct mirror    m = whole_mirror(0);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    fv_facts(&fv, m.half[0])->root_read = false;
    fv_facts(&fv, m.half[1])->has_ntldr = true;
    plan = decide();
    assert_boots(&plan, m.half[1]);
}

/* ---- when a person is asked */

static void test_two_volumes_of_equal_rank(void **state)
{
    struct ldm_component *a, *b;
    struct boot_plan      plan;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    a = add_simple("A", "A-01", 0, 0, 63);
    b = add_simple("B", "B-01", 0, 0, 40000);
    fv_finish(&fv);
    fv_facts(&fv, a)->has_ntldr = fv_facts(&fv, b)->has_bootmgr = true;
    plan = decide();
    assert_asks(&plan, STATUS_SEVERAL_VOLUMES);
    assert_int_equal(candidate(&plan, b)->code, STATUS_SEVERAL_VOLUMES);
}

/* The best rank there is, and a basic disk with a Windows on it that was dynamic once. */
static void test_a_windows_on_a_disk_that_was_dynamic(void **state)
{
    struct mirror       m = degraded_mirror(&bios_rules, SYSTEM);
    struct block_device dev = { .name = "hd85" };
    struct ldm_disk     former = { .dev = &dev };
    struct boot_plan    plan;

    (void)state;
    fv_finish(&fv);
    fv_facts(&fv, m.half[1])->has_bootmgr = true;
    fv.facts.former = &former;
    plan = decide();
    assert_asks(&plan, STATUS_FORMER_WINDOWS);
    assert_int_equal(strncmp(plan.notes.first->text, "hd85: a basic disk", 18), 0);
    strcpy(fv.cfg.volume, "Volume1");
    plan = decide();
    assert_boots(&plan, m.half[1]);
}

static void test_nothing_marked_is_ever_started(void **state)
{
    static const enum component_state states[] = { COMPONENT_STALE, COMPONENT_RESYNC, COMPONENT_FAILED,
                                                   COMPONENT_UNKNOWN };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct mirror    m = degraded_mirror(&bios_rules, SYSTEM);
        struct boot_plan plan;

        fv_finish(&fv);
        fv_facts(&fv, m.half[1])->has_ntldr = true;
        fv_mark(&fv, m.half[1], states[i], STATUS_INTERNAL);
        plan = decide();
        assert_asks(&plan, STATUS_INTERNAL);
        assert_ptr_equal(plan.chosen.component, m.half[1]);
        assert_int_equal(plan.chosen.verdict, states[i] == COMPONENT_UNKNOWN ? VERDICT_MARKED : VERDICT_STALE_ONLY);
    }
}

static void test_unusable_without_a_reason_is_not_started_either(void **state)
{
    struct mirror    m = degraded_mirror(&bios_rules, SYSTEM);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    m.half[1]->usable = false;
    plan = decide();
    assert_asks(&plan, STATUS_COMPONENT_UNREADABLE);
}

/* What ldmboot cannot find in the root directory, Windows's boot sector cannot find there either. */
static void test_a_flagged_volume_whose_root_cannot_be_read(void **state)
{
    struct mirror    m = degraded_mirror(&bios_rules, SYSTEM);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    fv_facts(&fv, m.half[1])->root_read = false;
    plan = decide();
    assert_asks(&plan, STATUS_ROOT_UNREADABLE);
    set(fv.cfg.volume, "Volume1");  /* to name it does not make it readable */
    plan = decide();
    assert_asks(&plan, STATUS_ROOT_UNREADABLE);
    assert_ptr_equal(plan.chosen.component, m.half[1]);
}

static void test_an_old_half_alone_and_beside_a_better_one(void **state)
{
    struct mirror    m = whole_mirror(SYSTEM);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    fv_mark(&fv, m.half[0], COMPONENT_STALE, STATUS_INTERNAL);
    m.half[0]->changed = 31;
    fv.disks[0].privhead.update_time = 129918384000000000;  /* 2012-09-11 12:00 */
    plan = decide();
    assert_int_equal(candidate(&plan, m.half[0])->verdict, VERDICT_STALE);

    /* The better half does not boot, but Windows would mount it. */
    fv_facts(&fv, m.half[1])->status = STATUS_BOOT_SECTOR_BAD;
    plan = decide();
    assert_asks(&plan, STATUS_INTERNAL);
    assert_int_equal(plan.chosen.verdict, VERDICT_STALE);
    assert_false(noted(&plan, STATUS_STALE_ONLY));

    /* Nor could it be read to its end, as behind a BIOS that clips the disk. */
    m.half[1]->present = false;
    plan = decide();
    assert_int_equal(plan.chosen.verdict, VERDICT_STALE);

    fv.records[1].present = NULL;
    plan = decide();
    assert_asks(&plan, STATUS_INTERNAL);
    assert_int_equal(plan.chosen.verdict, VERDICT_STALE_ONLY);
    assert_true(noted(&plan, STATUS_STALE_ONLY));
    assert_true(says(&plan.notes, STATUS_STALE_SINCE, "Volume1-01, transaction 31: "));
    assert_true(says(&plan.notes, STATUS_LAST_WRITTEN, "hd80 (Disk1), transaction 40, 2012-09-11 12:00 UTC: "));

    m.half[0]->changed = 0;  /* since when is not known */
    plan = decide();
    assert_false(noted(&plan, STATUS_STALE_SINCE));
    assert_true(noted(&plan, STATUS_LAST_WRITTEN));
    m.half[0]->changed = 31;
    m.half[0]->reasons = (struct note_list){ 0 };
    plan = decide();
    assert_false(noted(&plan, STATUS_STALE_SINCE));
}

/* Something graver in its state does not make it younger. */
static void test_an_old_half_with_a_graver_mark(void **state)
{
    (void)state;
    for (size_t old = 0; old < 2; old++) {
        struct mirror    m = whole_mirror(SYSTEM);
        struct boot_plan plan;

        fv_finish(&fv);
        fv_mark(&fv, m.half[old], COMPONENT_STALE, STATUS_COMPONENT_RECOVER);
        fv_mark(&fv, m.half[old], COMPONENT_UNKNOWN, STATUS_DISK_CLONED);
        plan = decide();
        assert_boots(&plan, m.half[!old]);
        assert_int_equal(candidate(&plan, m.half[old])->verdict, VERDICT_STALE);
    }
}

/* Its database may be the newest one: that is a doubt, and no age. The other half heads the list, on whichever disk. */
static void test_a_half_on_a_disk_whose_database_is_lost(void **state)
{
    (void)state;
    for (size_t lost = 0; lost < 2; lost++) {
        struct mirror    m = whole_mirror(SYSTEM);
        struct boot_plan plan;

        fv_finish(&fv);
        fv.disks[lost].has_vmdb = false;
        fv.disks[lost].group = NULL;
        fv.disks[lost].status = STATUS_VMDB_BAD;
        memset(&fv.disks[lost].vmdb, 0, sizeof fv.disks[lost].vmdb);
        fv_mark(&fv, m.half[lost], COMPONENT_UNKNOWN, STATUS_VMDB_BAD);
        plan = decide();
        assert_asks(&plan, STATUS_DATABASE_UNREAD);
        assert_ptr_equal(plan.chosen.component, m.half[1 - lost]);
        for (size_t i = 0; i < 2; i++)
            assert_int_equal(candidate(&plan, m.half[i])->verdict, VERDICT_MARKED);
    }
}

/* The disk of the other half may be the one that is here and cannot say whose it is. */
static void test_a_dynamic_disk_without_identity(void **state)
{
    struct mirror    m = degraded_mirror(&bios_rules, SYSTEM);
    struct ldm_disk *unknown;
    struct boot_plan plan;

    (void)state;
    fv_disk(&fv, "hd82");
    unknown = &fv.disks[1];
    unknown->has_privhead = unknown->has_vmdb = false;
    unknown->group = NULL;
    fv.records[2].present = NULL;
    fv_finish(&fv);

    unknown->status = STATUS_PRIVHEAD_NONE;
    plan = decide();
    assert_asks(&plan, STATUS_DISK_UNKNOWN);
    assert_int_equal(plan.chosen.verdict, VERDICT_MARKED);

    unknown->has_sector0 = false;  /* dead */
    plan = decide();
    assert_boots(&plan, m.half[1]);

    unknown->has_sector0 = true;
    unknown->status = STATUS_NOT_DYNAMIC;
    plan = decide();
    assert_boots(&plan, m.half[1]);

    unknown->status = STATUS_PRIVHEAD_NONE;
    fv_mark(&fv, m.half[0], COMPONENT_FAILED, STATUS_DISK_FAILING);  /* the other database may say the same of this one */
    plan = decide();
    assert_asks(&plan, STATUS_DISK_UNKNOWN);

    m.volume->components[0] = m.half[1];  /* nothing of this volume is missing */
    m.volume->component_count = 1;
    plan = decide();
    assert_boots(&plan, m.half[1]);
    fv.group.disk_count--;                /* of the group only its first disk is missing: it may be this one still */
    plan = decide();
    assert_boots(&plan, m.half[1]);
}

/* The same, when the firmware shows it before the others. */
static void test_a_dynamic_disk_without_identity_comes_first(void **state)
{
    struct mirror    m;
    size_t           unknown, alive, dead;
    struct boot_plan plan;

    (void)state;
    fv_init(&fv, &bios_rules);
    unknown = fv_disk(&fv, "hd80");
    alive = fv_disk(&fv, "hd81");
    dead = fv_disk(&fv, NULL);
    m = add_mirror("Volume1", "Volume1-01", "Volume1-02", SYSTEM, dead, alive, 63);
    fv_finish(&fv);
    fv.records[unknown].present = NULL;
    fv.disks[0].has_privhead = fv.disks[0].has_vmdb = false;
    fv.disks[0].group = NULL;
    fv.disks[0].status = STATUS_PRIVHEAD_NONE;
    plan = decide();
    assert_asks(&plan, STATUS_DISK_UNKNOWN);
    assert_ptr_equal(plan.chosen.component, m.half[1]);
}

/* Whose disk it is can be read, its database cannot: what is on it may be the volume that this machine starts from. */
static void test_a_disk_of_another_group_without_database(void **state)
{
    (void)state;
    for (size_t place = 0; place < 2; place++) {
        struct ldm_component *c;
        struct ldm_disk      *other;
        struct boot_plan      plan;

        fv_init(&fv, &bios_rules);
        fv_disk(&fv, "hd80");
        fv_disk(&fv, "hd81");
        c = add_simple("Volume1", "Volume1-01", 0, 1 - place, 63);
        fv_finish(&fv);
        fv_facts(&fv, c)->has_ntldr = true;
        fv.group.disk_count = 1;
        fv.group.disks += 1 - place;
        other = &fv.disks[place];
        other->group = NULL;
        other->has_vmdb = false;
        other->status = STATUS_VMDB_BAD;
        other->privhead.group_guid.bytes[15] ^= 0xff;
        plan = decide();
        assert_asks(&plan, STATUS_RECORDS_LOST);
        other->has_privhead = false;      /* and a basic one is no doubt */
        other->status = STATUS_NOT_DYNAMIC;
        plan = decide();
        assert_boots(&plan, c);
    }
}

static enum status lookup_with_a_note(const struct ldm_view *view, const struct boot_facts *facts, const struct component_facts *f,
                                      struct arena *a, const struct lookup **out)
{
    static struct lookup lookup;

    (void)view;
    (void)facts;
    (void)f;
    lookup = (struct lookup){ 0 };
    note_add(&lookup.notes, a, STATUS_INTERNAL, "a note of the lookup");
    *out = &lookup;
    return STATUS_OK;
}

/* What was found out about the half that is started, and about how its loader finds Windows, is told. */
static void test_notes_of_what_is_started(void **state)
{
    struct firmware_rules rules = bios_rules;
    struct mirror         m;
    struct boot_plan      plan;

    (void)state;
    rules.make_lookup = lookup_with_a_note;
    m = degraded_mirror(&rules, SYSTEM);
    fv_finish(&fv);
    fv_facts(&fv, m.half[1])->has_bootmgr = true;
    note_add(&fv_facts(&fv, m.half[1])->notes, &fv.arena, STATUS_INTERNAL, "a note of the probe");
    plan = decide();
    assert_boots(&plan, m.half[1]);
    assert_true(says(&plan.notes, STATUS_INTERNAL, "a note of the lookup"));
    assert_true(says(&plan.notes, STATUS_INTERNAL, "a note of the probe"));
}

static void test_disputed_halves_are_a_persons_choice(void **state)
{
    struct mirror    m = whole_mirror(SYSTEM);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    for (size_t i = 0; i < 2; i++) {
        m.half[i]->dispute = STATUS_SPLIT_BRAIN;
        fv_mark(&fv, m.half[i], COMPONENT_UNKNOWN, STATUS_SPLIT_BRAIN);
    }
    fv_mark(&fv, m.half[0], COMPONENT_STALE, STATUS_COMPONENT_RECOVER);  /* says only the other's database */
    plan = decide();
    assert_asks(&plan, STATUS_SPLIT_BRAIN);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(candidate(&plan, m.half[i])->verdict, VERDICT_MARKED);
    assert_true(says(&plan.notes, STATUS_LAST_WRITTEN, "hd80 (Disk1), transaction 40, an unknown time: "));
    assert_true(says(&plan.notes, STATUS_LAST_WRITTEN, "hd81 (Disk2), transaction 40, an unknown time: "));
}

/* Of two halves the one that nothing is held against, also where what is held against the first is nothing of its own. */
static void test_a_good_half_before_a_doubtful_one(void **state)
{
    (void)state;
    for (size_t bad = 0; bad < 2; bad++) {
        struct mirror    m = whole_mirror(SYSTEM);
        struct boot_plan plan;

        fv_finish(&fv);
        for (size_t i = 0; i < 2; i++)
            fv_facts(&fv, m.half[i])->has_bootmgr = true;
        fv_facts(&fv, m.half[bad])->hibernated = true;
        fv_facts(&fv, m.half[1 - bad])->read_errors = 5;
        plan = decide();
        assert_ptr_equal(plan.chosen.component, m.half[1 - bad]);
        assert_int_equal(candidate(&plan, m.half[bad])->verdict, VERDICT_MARKED);
        assert_int_equal(candidate(&plan, m.half[1 - bad])->verdict, VERDICT_GOOD);
    }
}

/* Both in doubt: the one that is not old heads the list, on whichever disk; what its disk is in for is said for whom it counts. */
static void test_a_doubtful_half_before_an_old_one(void **state)
{
    (void)state;
    for (size_t old = 0; old < 2; old++) {
        struct mirror    m = whole_mirror(SYSTEM);
        struct boot_plan plan;

        fv_finish(&fv);
        fv_mark(&fv, m.half[old], COMPONENT_STALE, STATUS_COMPONENT_RECOVER);
        m.half[!old]->state = COMPONENT_UNKNOWN;
        m.half[!old]->usable = false;
        note_add(&m.half[!old]->reasons, &fv.arena, STATUS_DISK_CLONED, "hd8x");
        plan = decide();
        assert_asks(&plan, STATUS_DISK_CLONED);
        assert_ptr_equal(plan.chosen.component, m.half[!old]);
        assert_int_equal(strncmp(plan.chosen.text, old ? "Volume1-01, hd8x: " : "Volume1-02, hd8x: ", 18), 0);
        assert_int_equal(strncmp(candidate(&plan, m.half[old])->text, old ? "Volume1-02: " : "Volume1-01: ", 12), 0);
    }
}

/* Who compares has to see every disk that says otherwise, also one that has no half of the volume. */
static void test_disks_that_say_otherwise_are_told(void **state)
{
    static const char *const of_halves[2][2] = { { "first (Disk1)", "second (Disk2)" }, { "first (Disk2)", "second (Disk3)" } };
    static struct ldm_group  split;

    (void)state;
    for (size_t n = 0; n < 16; n++) {
        size_t           i = n % 8, third = n < 8 ? 2 : 0, own = n < 8 ? 0 : 1;  /* behind those of the halves, or before them */
        struct mirror    m;
        struct boot_plan plan;

        fv_init(&fv, &bios_rules);
        for (size_t k = 0; k < 3; k++)
            fv_disk(&fv, k == third ? "third" : k == own ? "first" : "second");
        m = add_mirror("Volume1", "Volume1-01", "Volume1-02", SYSTEM, own, own + 1, 63);
        fv_finish(&fv);
        if (i == 1 || i > 5) {  /* it disputes these halves */
            m.half[0]->dispute = STATUS_SPLIT_BRAIN;
            fv_mark(&fv, m.half[0], COMPONENT_UNKNOWN, STATUS_SPLIT_BRAIN);
        }
        if (i == 5)  /* this half is old, and what the third disputes is another volume */
            fv_mark(&fv, m.half[0], COMPONENT_STALE, STATUS_COMPONENT_RECOVER);
        fv.disks[third].disputes = i != 0 && i != 6;  /* another one does, but for these */
        if (i == 7) {  /* of another machine's group */
            split = (struct ldm_group){ .guid = { { 77 } }, .name = fv.group.name };
            fv.disks[third].group = &split;
        }
        if (i == 3) {  /* it went on without the others */
            split = (struct ldm_group){ .guid = fv.group.guid, .name = fv.group.name };
            fv.disks[third].group = &split;
        }
        fv.group.source = &fv.disks[own + 1];
        if (i == 4) {  /* one of the two did, the first disk that was found */
            split = (struct ldm_group){ .guid = fv.group.guid, .name = fv.group.name };
            fv.disks[own].group = &split;
        }
        plan = decide();
        assert_int_equal(says(&candidate(&plan, m.half[0])->age, STATUS_LAST_WRITTEN, n < 8 ? "third (Disk3), transaction 40" : "third (Disk1), transaction 40"),
                         i == 1 || i == 3);
        for (size_t k = 0; k < 2; k++)  /* beside those of both halves */
            assert_int_equal(says(&candidate(&plan, m.half[0])->age, STATUS_LAST_WRITTEN, of_halves[own][k]), i == 1 || i >= 3);
    }
}

/* A half for which there is no memory is never started, and says so; nothing else is said of it. */
static void test_a_half_without_memory(void **state)
{
    struct mirror         m = degraded_mirror(&bios_rules, SYSTEM);
    struct arena          none;
    struct plan_candidate c;

    (void)state;
    fv_finish(&fv);
    fv_facts(&fv, m.half[1])->has_ntldr = true;
    none = arena_of(fv.memory + sizeof fv.memory - 64, 8);
    c = candidate_judge(&fv.view, &fv.facts, m.half[1], &none);
    assert_int_equal(c.code, STATUS_NO_MEMORY);
    assert_int_equal(c.verdict, VERDICT_NEVER);
    assert_int_equal(c.rank, RANK_NEVER);
    assert_null(c.lookup);
}

static void test_what_was_under_way_is_said(void **state)
{
    struct mirror    m = degraded_mirror(&bios_rules, SYSTEM);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    fv.group.vmdb.status = VMDB_CHANGE;
    m.half[1]->source = true;
    plan = decide();
    assert_boots(&plan, m.half[1]);
    assert_true(noted(&plan, STATUS_VMDB_PENDING));
    assert_true(noted(&plan, STATUS_RESYNC_SOURCE));
    fv_facts(&fv, m.half[1])->hibernated = true;
    plan = decide();
    assert_asks(&plan, STATUS_HIBERNATED);
    assert_true(noted(&plan, STATUS_VMDB_PENDING));
}

static void test_the_good_half_beside_a_stale_one(void **state)
{
    struct mirror    m = whole_mirror(SYSTEM);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    fv_facts(&fv, m.half[0])->has_ntldr = fv_facts(&fv, m.half[1])->has_ntldr = true;
    fv_mark(&fv, m.half[0], COMPONENT_STALE, STATUS_INTERNAL);
    plan = decide();
    assert_boots(&plan, m.half[1]);
    assert_int_equal(candidate(&plan, m.half[0])->code, STATUS_INTERNAL);
    assert_true(noted(&plan, STATUS_MIRROR_DEGRADED));
}

static void test_a_marked_volume_that_is_as_likely(void **state)
{
    struct ldm_component *a, *b;
    struct boot_plan      plan;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    a = add_simple("Data", "Data-01", 0, 0, 63);
    b = add_simple("System", "System-01", SYSTEM, 0, 40000);
    fv_finish(&fv);
    fv_facts(&fv, b)->has_ntldr = true;
    fv_facts(&fv, b)->hibernated = true;
    plan = decide();
    assert_asks(&plan, STATUS_HIBERNATED);  /* the headline is about what would have been started */
    assert_non_null(strstr(plan.notes.first->text, "System-01"));
    assert_ptr_equal(plan.chosen.component, b);
    assert_int_equal(candidate(&plan, b)->code, STATUS_HIBERNATED);
    assert_int_equal(candidate(&plan, a)->code, STATUS_MARKED_VOLUME);
}

static void test_the_headline_is_not_about_a_lesser_volume(void **state)
{
    struct ldm_component *a, *b;
    struct boot_plan      plan;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    a = add_simple("Data", "Data-01", 0, 0, 63);
    b = add_simple("System", "System-01", SYSTEM, 0, 40000);
    fv_finish(&fv);
    fv_facts(&fv, a)->root_read = false;
    fv_facts(&fv, b)->has_ntldr = true;
    fv_mark(&fv, b, COMPONENT_STALE, STATUS_COMPONENT_NOT_ACTIVE);
    plan = decide();
    assert_asks(&plan, STATUS_COMPONENT_NOT_ACTIVE);
    assert_non_null(strstr(plan.notes.first->text, "System-01"));
    assert_int_equal(candidate(&plan, a)->code, STATUS_ROOT_UNREADABLE);
}

static void test_a_hibernated_volume(void **state)
{
    struct mirror    m = degraded_mirror(&bios_rules, SYSTEM);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    fv_facts(&fv, m.half[1])->has_ntldr = fv_facts(&fv, m.half[1])->hibernated = true;
    plan = decide();
    assert_asks(&plan, STATUS_HIBERNATED);
}

static void test_a_loader_that_the_boot_sector_cannot_start(void **state)
{
    static const enum status problems[] = { STATUS_LOADER_COMPRESSED, STATUS_LOADER_ENCRYPTED, STATUS_LOADER_NO_PROGRAM };
    struct mirror    m = degraded_mirror(&bios_rules, SYSTEM);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    fv_facts(&fv, m.half[1])->has_bootmgr = true;
    for (size_t i = 0; i < 3; i++) {
        fv_facts(&fv, m.half[1])->loader_problem = problems[i];
        plan = decide();
        assert_asks(&plan, problems[i]);
        assert_int_equal(plan.chosen.verdict, VERDICT_MARKED);
    }
}

static void test_an_unreadable_log(void **state)
{
    struct mirror    m = degraded_mirror(&bios_rules, SYSTEM);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    fv_facts(&fv, m.half[1])->has_ntldr = true;
    fv.disks[0].klog_bad = true;
    plan = decide();
    assert_asks(&plan, STATUS_KLOG_BAD);
}

static void test_a_group_disk_whose_database_is_lost(void **state)
{
    struct mirror    m = whole_mirror(SYSTEM);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    fv_facts(&fv, m.half[1])->has_ntldr = fv_facts(&fv, m.half[0])->has_ntldr = true;
    fv.disks[0].group = NULL;  /* its PRIVHEAD was read, its VMDB was not: it may know better */
    fv.disks[0].has_vmdb = false;
    fv.disks[0].status = STATUS_READ_FAILED;
    plan = decide();
    assert_asks(&plan, STATUS_DATABASE_UNREAD);
}

static void test_a_half_on_a_disk_that_is_out_of_date(void **state)
{
    struct mirror    m = whole_mirror(SYSTEM);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    fv_facts(&fv, m.half[0])->has_ntldr = fv_facts(&fv, m.half[1])->has_ntldr = true;
    fv.disks[0].vmdb.committed -= 2;
    fv.disks[0].klog_bad = true;  /* an old log says nothing */
    plan = decide();
    assert_boots(&plan, m.half[1]);
    assert_int_equal(candidate(&plan, m.half[0])->code, STATUS_DATABASE_OLD);
    fv_mark(&fv, m.half[1], COMPONENT_FAILED, STATUS_INTERNAL);
    plan = decide();
    assert_int_equal(plan.result, PLAN_ASK);
}

/* A third disk has a transaction more, and calls the other half old: the power went between the two. */
static void test_the_only_good_half_may_be_one_step_behind(void **state)
{
    struct mirror    m = degraded_mirror(&bios_rules, SYSTEM);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    fv_facts(&fv, m.half[1])->has_ntldr = true;
    fv.disks[0].vmdb.committed--;
    plan = decide();
    assert_asks(&plan, STATUS_DATABASE_OLD);  /* two good halves: the one that is not here may be newer */
    fv_mark(&fv, m.half[0], COMPONENT_STALE, STATUS_INTERNAL);
    plan = decide();
    assert_boots(&plan, m.half[1]);
    assert_true(says(&plan.notes, STATUS_ONE_STEP_BEHIND, "Volume1-02"));
    fv.disks[0].vmdb.committed--;
    plan = decide();
    assert_asks(&plan, STATUS_DATABASE_OLD);
}

/* ---- a disk that dies */

/* The disk of the first half answers for sector 0 and its PRIVHEAD, and for nothing else. */
static struct mirror dying_disk(uint32_t disk_flags)
{
    struct mirror m = whole_mirror(SYSTEM);

    fv_finish(&fv);
    fv_facts(&fv, m.half[0])->status = STATUS_BOOT_SECTOR_BAD;
    fv_facts(&fv, m.half[1])->has_ntldr = true;
    fv.disks[0].status = STATUS_READ_FAILED;
    fv.disks[0].group = NULL;
    fv.disks[0].has_vmdb = false;
    fv.records[0].flags = disk_flags;
    return m;
}

static void test_a_dying_disk_that_windows_gave_up(void **state)
{
    struct mirror    m = dying_disk(LDM_DISK_FAILING);
    struct boot_plan plan;

    (void)state;
    plan = decide();
    assert_asks(&plan, STATUS_DATABASE_UNREAD);  /* its half may be as new as this one */
    fv_mark(&fv, m.half[0], COMPONENT_STALE, STATUS_INTERNAL);
    plan = decide();
    assert_boots(&plan, m.half[1]);
    assert_true(says(&plan.notes, STATUS_DYING_DISK_UNREAD, "hd80"));
    fv.volumes[0].flags = 0;  /* not even then is anything hidden on it */
    plan = decide();
    assert_boots(&plan, m.half[1]);
    fv.disks[0].status = STATUS_OK;
    fv.disks[0].group = &fv.group;
    fv.disks[0].has_vmdb = true;
    plan = decide();
    assert_boots(&plan, m.half[1]);
    assert_false(noted(&plan, STATUS_DYING_DISK_UNREAD));  /* it was read this time */
}

static void test_an_unread_disk_that_was_not_failing(void **state)
{
    struct mirror    m = dying_disk(0);
    struct boot_plan plan;

    (void)state;
    fv_mark(&fv, m.half[0], COMPONENT_STALE, STATUS_INTERNAL);
    plan = decide();
    assert_asks(&plan, STATUS_DATABASE_UNREAD);
}

static void test_the_current_half_on_a_failing_disk(void **state)
{
    struct mirror    m = degraded_mirror(&bios_rules, SYSTEM);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    fv_facts(&fv, m.half[1])->has_ntldr = true;
    fv_mark(&fv, m.half[1], COMPONENT_FAILED, STATUS_DISK_FAILING);
    m.half[1]->old = false;
    plan = decide();
    assert_asks(&plan, STATUS_DISK_FAILING);
    assert_false(noted(&plan, STATUS_CURRENT_HALF));  /* the other one may be as new */
    fv_mark(&fv, m.half[0], COMPONENT_STALE, STATUS_INTERNAL);
    plan = decide();
    assert_asks(&plan, STATUS_DISK_FAILING);
    assert_int_equal(plan.chosen.verdict, VERDICT_MARKED);  /* no word is asked for */
    assert_true(says(&plan.notes, STATUS_CURRENT_HALF, "Volume1-02"));
    assert_false(noted(&plan, STATUS_STALE_ONLY));
}

static void test_lost_records_hide_the_right_volume(void **state)
{
    struct mirror    m = degraded_mirror(&bios_rules, 0);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    fv_facts(&fv, m.half[1])->has_ntldr = true;
    fv.group.complete = false;
    plan = decide();
    assert_asks(&plan, STATUS_RECORDS_LOST);
    m.volume->flags = SYSTEM;  /* loader and mark: no lost record can be more likely */
    plan = decide();
    assert_boots(&plan, m.half[1]);
}

static void test_the_marked_system_volume_is_lost(void **state)
{
    struct ldm_component *data, *lost;
    struct boot_plan      plan;
    size_t                alive, dead;

    (void)state;
    fv_init(&fv, &bios_rules);
    alive = fv_disk(&fv, "hd80");
    dead = fv_disk(&fv, NULL);
    data = add_simple("Data", "Data-01", 0, alive, 63);
    lost = add_simple("System", "System-01", SYSTEM, dead, 63);
    fv_finish(&fv);
    plan = decide();
    assert_asks(&plan, STATUS_SYSTEM_VOLUME_LOST);
    assert_ptr_equal(plan.chosen.component, data);
    assert_int_equal(candidate(&plan, lost)->verdict, VERDICT_NEVER);
}

static void test_another_volume_cannot_be_read(void **state)
{
    static const char *const names[] = { "Volume1-01", "Volume2-01" };
    struct boot_plan         plan;

    (void)state;
    for (unsigned bad = 0; bad < 2; bad++) {  /* the first one of them, or the second */
        struct ldm_component *c[2];

        fv_init(&fv, &bios_rules);
        fv_disk(&fv, "hd80");
        for (unsigned i = 0; i < 2; i++)
            c[i] = add_simple(i ? "Volume2" : "Volume1", names[i], 0, 0, i ? 40000 : 63);
        fv_finish(&fv);
        fv_facts(&fv, c[bad])->status = STATUS_BOOT_SECTOR_BAD;
        fv_facts(&fv, c[bad])->root_read = false;
        plan = decide();
        assert_asks(&plan, STATUS_UNREAD_VOLUME);
        fv_facts(&fv, c[!bad])->has_ntldr = true;  /* found what was looked for: a raw volume beside it is no doubt */
        plan = decide();
        assert_boots(&plan, c[!bad]);
        assert_int_equal(candidate(&plan, c[bad])->code, STATUS_BOOT_SECTOR_BAD);
    }
}

/* A left-over loader on a data volume does not win over a system volume whose root directory is damaged. */
static void test_the_flagged_volume_cannot_be_read(void **state)
{
    struct ldm_component *data, *system;
    struct boot_plan      plan;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    data = add_simple("Data", "Data-01", 0, 0, 63);
    system = add_simple("System", "System-01", SYSTEM, 0, 40000);
    fv_finish(&fv);
    fv_facts(&fv, data)->has_bootmgr = true;
    fv_facts(&fv, system)->root_read = false;
    plan = decide();
    assert_asks(&plan, STATUS_UNREAD_VOLUME);
    fv_facts(&fv, system)->root_read = true;  /* read, and no loader in it */
    plan = decide();
    assert_boots(&plan, data);
    assert_false(noted(&plan, STATUS_NO_LOADER));
}

/* The second volume and the second disk, as those of another machine. */
static struct ldm_group *part_groups(struct ldm_group groups[2])
{
    groups[0] = groups[1] = fv.group;
    groups[1].guid.bytes[15] ^= 0xff;
    for (unsigned i = 0; i < 2; i++) {
        groups[i].volumes += i;
        groups[i].disks += i;
        groups[i].volume_count = groups[i].disk_count = 1;
        fv.volumes[i].group = fv.disks[i].group = &groups[i];
        fv.disks[i].privhead.group_guid = groups[i].guid;
    }
    fv.view.groups = groups;
    fv.view.group_count = 2;
    return &groups[1];
}

static void test_another_machines_windows(void **state)
{
    struct ldm_component *theirs, *own;
    struct ldm_group      groups[2], *own_group;
    struct boot_plan      plan;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    fv_disk(&fv, "hd81");
    theirs = add_simple("Theirs", "Theirs-01", SYSTEM, 0, 63);
    own = add_simple("Own", "Own-01", 0, 1, 63);
    fv_finish(&fv);
    own_group = part_groups(groups);
    fv_facts(&fv, theirs)->has_ntldr = true;
    plan = decide();
    assert_boots(&plan, theirs);      /* the other one is read, and starts nothing */
    own->volume->flags = SYSTEM;      /* so it says, at least */
    plan = decide();
    assert_asks(&plan, STATUS_SEVERAL_VOLUMES);
    own_group->guid = groups[0].guid; /* no other machine's: one that went on without this one */
    plan = decide();
    assert_asks(&plan, STATUS_SPLIT_BRAIN);
    own_group->guid.bytes[15] ^= 0xff;
    own->volume->flags = 0;
    fv_facts(&fv, own)->has_ntldr = true;
    plan = decide();
    assert_asks(&plan, STATUS_SEVERAL_VOLUMES);
    fv_facts(&fv, own)->has_ntldr = false;
    fv_facts(&fv, own)->root_read = false;
    plan = decide();
    assert_asks(&plan, STATUS_UNREAD_VOLUME);
    fv_facts(&fv, own)->status = STATUS_BOOT_SECTOR_BAD;
    own->volume->flags = SYSTEM;
    plan = decide();
    assert_asks(&plan, STATUS_SYSTEM_VOLUME_LOST);
    own_group->complete = false;
    plan = decide();
    assert_asks(&plan, STATUS_RECORDS_LOST);
    fv.view.group_count = 1;          /* nothing of that group can be read */
    strcpy(fv.cfg.component, "Theirs-01");
    plan = decide();
    assert_boots(&plan, theirs);      /* there is one of this name */
    fv.cfg.component[0] = '\0';
    fv.disks[1].group = NULL;
    fv.disks[1].status = STATUS_VMDB_BAD;
    plan = decide();
    assert_asks(&plan, STATUS_RECORDS_LOST);
    fv.disks[1].has_privhead = false; /* nor whose it is */
    fv.disks[1].status = STATUS_PRIVHEAD_NONE;
    fv.records[1].present = NULL;     /* of the other group, too: this one misses none */
    plan = decide();
    assert_asks(&plan, STATUS_RECORDS_LOST);
    strcpy(fv.cfg.volume, "Theirs");
    plan = decide();
    assert_boots(&plan, theirs);
}

/*
 * A flagged volume with a loader starts though another flagged one of its group is lost: unless there is another machine's
 * group, whose flags say nothing here, in whatever order the firmware shows the disks.
 */
static void test_flags_are_believed_where_there_is_one_group(void **state)
{
    (void)state;
    for (size_t own = 0; own < 2; own++) {
        struct ldm_component *c;
        struct ldm_group      groups[2];
        struct ldm_disk      *beside;
        struct boot_plan      plan;

        fv_init(&fv, &bios_rules);
        fv_disk(&fv, "hd80");
        fv_disk(&fv, "hd81");
        c = add_simple("Own", "Own-01", SYSTEM, own, 63);
        add_simple("Lost", "Lost-01", SYSTEM, fv_disk(&fv, NULL), 63);
        fv_finish(&fv);
        fv_facts(&fv, c)->has_ntldr = true;
        fv.records[1 - own].present = &fv.disks[1 - own];
        groups[own] = fv.group;
        groups[1 - own] = (struct ldm_group){ .guid = fv.group.guid, .name = "Dg1", .complete = true };
        groups[1 - own].guid.bytes[15] ^= 0xff;
        for (size_t i = 0; i < 2; i++) {
            fv.volumes[i].group = &groups[own];
            fv.disks[i].group = &groups[i];
            fv.disks[i].privhead.group_guid = groups[i].guid;
        }
        fv.view.groups = groups;
        fv.view.group_count = 2;
        plan = decide();
        assert_boots(&plan, c);               /* a group without volumes starts nothing */

        groups[1 - own].volumes = &fv.volumes[1];
        groups[1 - own].volume_count = 1;
        plan = decide();
        assert_asks(&plan, STATUS_SYSTEM_VOLUME_LOST);

        groups[0] = groups[own];              /* a basic disk is of no group */
        fv.view.group_count = 1;
        fv.volumes[0].group = fv.volumes[1].group = fv.disks[own].group = &groups[0];
        beside = &fv.disks[1 - own];
        *beside = (struct ldm_disk){ .dev = beside->dev, .has_sector0 = true, .status = STATUS_NOT_DYNAMIC };
        fv.records[1 - own].present = NULL;
        plan = decide();
        assert_boots(&plan, c);

        beside->has_privhead = true;          /* another group's, of which nothing else can be read */
        beside->status = STATUS_VMDB_BAD;
        plan = decide();
        assert_asks(&plan, STATUS_RECORDS_LOST);
    }
}

/* ---- when nothing can be started */

static void test_why_there_is_nothing(void **state)
{
    struct boot_plan plan;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv.view.group_count = 0;
    redzone_open(fv.memory, sizeof fv.memory);
    memset(fv.memory, 1, sizeof fv.memory);  /* nor is anything a disk, or a half, that lies behind the last one */
    fv.disks[0] = (struct ldm_disk){ .has_sector0 = true, .status = STATUS_NOT_DYNAMIC };
    plan = decide();
    assert_nothing(&plan, STATUS_NO_DISK);

    fv_disk(&fv, "hd80");
    fv.disks[0].group = NULL;
    fv.disks[0].has_privhead = fv.disks[0].has_vmdb = fv.disks[0].has_sector0 = false;
    fv.disks[0].status = STATUS_READ_FAILED;
    plan = decide();
    assert_nothing(&plan, STATUS_NO_DISK);

    fv.disks[0].has_sector0 = true;
    fv.disks[0].status = STATUS_NOT_DYNAMIC;
    plan = decide();
    assert_nothing(&plan, STATUS_NO_DYNAMIC_DISK);

    fv.disks[0].status = STATUS_PRIVHEAD_CHECKSUM;
    plan = decide();
    assert_nothing(&plan, STATUS_NO_DATABASE);

    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    redzone_open(fv.memory, sizeof fv.memory);
    for (size_t i = 0; i < sizeof fv.memory; i += 4)
        wr_le32(fv.memory + i, STATUS_NO_VOLUME);
    plan = decide();
    assert_nothing(&plan, STATUS_NO_VOLUME);
    assert_true(says(&plan.notes, STATUS_NO_VOLUME, "this machine"));
    fv.group.complete = false;
    plan = decide();
    assert_nothing(&plan, STATUS_NO_DATABASE);
    fv.group.complete = true;
    fv_disk(&fv, "hd81");
    fv.disks[1].group = NULL;
    plan = decide();
    assert_nothing(&plan, STATUS_NO_DATABASE);
}

/* Disks without a group: what they are decides what is said, and of which one. */
static void test_why_disks_are_no_group(void **state)
{
    static const struct {
        struct { bool sector0, privhead, leftover; enum status status; } disk[2];
        enum status why;
        const char *of;
    } cases[] = {
        { { { true, true, false, STATUS_PRIVHEAD_BLOCK_SIZE }, { true, false, false, STATUS_NOT_DYNAMIC } },
          STATUS_PRIVHEAD_BLOCK_SIZE, "this machine" },
        { { { true, true, false, STATUS_PRIVHEAD_BLOCK_SIZE }, { true, true, false, STATUS_PRIVHEAD_BLOCK_SIZE } },
          STATUS_PRIVHEAD_BLOCK_SIZE, "this machine" },
        { { { true, true, false, STATUS_PRIVHEAD_BLOCK_SIZE }, { true, true, false, STATUS_VMDB_BAD } },
          STATUS_NO_DATABASE, "this machine" },
        { { { true, true, false, STATUS_VMDB_BAD }, { true, true, false, STATUS_PRIVHEAD_BLOCK_SIZE } },
          STATUS_NO_DATABASE, "this machine" },
        { { { true, true, false, STATUS_PRIVHEAD_BLOCK_SIZE }, { false, false, false, STATUS_READ_FAILED } },
          STATUS_PRIVHEAD_BLOCK_SIZE, "this machine" },
        { { { false, true, false, STATUS_VMDB_BAD }, { false, false, false, STATUS_READ_FAILED } },
          STATUS_NO_DATABASE, "this machine" },
        { { { true, false, false, STATUS_NOT_DYNAMIC }, { true, false, true, STATUS_NOT_DYNAMIC } },
          STATUS_PRIVHEAD_LEFTOVER, "hd81" },
        { { { true, false, true, STATUS_NOT_DYNAMIC }, { true, false, true, STATUS_NOT_DYNAMIC } },
          STATUS_PRIVHEAD_LEFTOVER, "hd80" },
        { { { false, false, false, STATUS_NOT_DYNAMIC }, { false, false, false, STATUS_READ_FAILED } },
          STATUS_NO_DYNAMIC_DISK, "this machine" },
        { { { false, false, false, STATUS_READ_FAILED }, { false, false, false, STATUS_READ_SILENT } },
          STATUS_NO_DISK, "this machine" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct boot_plan plan;

        fv_init(&fv, &bios_rules);
        fv.view.group_count = 0;
        fv_disk(&fv, "hd80");
        fv_disk(&fv, "hd81");
        for (size_t k = 0; k < 2; k++) {
            struct ldm_disk *d = &fv.disks[k];

            d->group = NULL;
            d->has_vmdb = false;
            d->has_sector0 = cases[i].disk[k].sector0;
            d->has_privhead = cases[i].disk[k].privhead;
            d->status = cases[i].disk[k].status;
            note_add(&d->notes, &fv.arena, STATUS_INTERNAL, "something else");
            if (cases[i].disk[k].leftover)
                note_add(&d->notes, &fv.arena, STATUS_PRIVHEAD_LEFTOVER, "%s", d->dev->name);
        }
        fv.disks[2] = (struct ldm_disk){ .dev = &fv.devs[0], .has_sector0 = true, .status = STATUS_NOT_DYNAMIC };
        note_add(&fv.disks[2].notes, &fv.arena, STATUS_PRIVHEAD_LEFTOVER, "a disk behind the last one");
        plan = decide();
        assert_nothing(&plan, cases[i].why);
        assert_true(says(&plan.notes, cases[i].why, cases[i].of));
    }
}

/* One reason that all halves share is the answer; several are none. Volumes that no Windows starts from do not count. */
static void test_the_reason_that_all_halves_share(void **state)
{
    struct mirror         m = whole_mirror(SYSTEM);
    struct ldm_component *data = add_simple("Data", "Data-01", 0, 0, 60000);
    struct boot_plan      plan;

    (void)state;
    data->volume->type = VOLUME_RAID5;
    fv_finish(&fv);
    fv_facts(&fv, m.half[0])->status = fv_facts(&fv, m.half[1])->status = STATUS_BOOT_SECTOR_BAD;
    plan = decide();
    assert_nothing(&plan, STATUS_BOOT_SECTOR_BAD);
    fv_facts(&fv, m.half[1])->status = STATUS_FS_BITLOCKER;
    plan = decide();
    assert_nothing(&plan, STATUS_NOTHING_STARTABLE);
    assert_true(says(&plan.notes, STATUS_NOTHING_STARTABLE, "this machine"));  /* and no half of it */
    data->volume->type = VOLUME_SIMPLE;
    fv_facts(&fv, data)->status = fv_facts(&fv, m.half[1])->status = STATUS_BOOT_SECTOR_BAD;
    plan = decide();
    assert_nothing(&plan, STATUS_BOOT_SECTOR_BAD);
    fv_facts(&fv, data)->status = STATUS_FS_BITLOCKER;
    plan = decide();
    assert_nothing(&plan, STATUS_NOTHING_STARTABLE);
}

static void test_all_disks_of_the_volumes_are_missing(void **state)
{
    struct boot_plan plan;
    size_t           dead;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    dead = fv_disk(&fv, NULL);
    add_simple("Volume1", "Volume1-01", SYSTEM, dead, 63);
    fv_finish(&fv);
    plan = decide();
    assert_nothing(&plan, STATUS_NOTHING_STARTABLE);
}

static void test_layouts_that_windows_does_not_start_from(void **state)
{
    static const struct {
        enum volume_type      type;
        enum component_layout layout;
    } kinds[] = { { VOLUME_SPANNED, LAYOUT_CONCAT },
                  { VOLUME_STRIPED, LAYOUT_STRIPE },
                  { VOLUME_RAID5, LAYOUT_RAID5 } };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct ldm_component *c;
        struct boot_plan      plan;

        fv_init(&fv, &bios_rules);
        fv_disk(&fv, "hd80");
        c = add_simple("Volume1", "Volume1-01", SYSTEM, 0, 63);
        c->volume->type = kinds[i].type;
        c->layout = (uint8_t)kinds[i].layout;
        fv_finish(&fv);
        plan = decide();
        assert_nothing(&plan, STATUS_NOTHING_STARTABLE);
        assert_int_equal(candidate(&plan, c)->code, STATUS_LAYOUT_NOT_BOOTABLE);
    }
}

static void test_bios_limits_are_refused_with_their_number(void **state)
{
    const uint64_t        limit = (uint64_t)1 << 32;
    struct ldm_component *c;
    struct boot_plan      plan;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    c = add_simple("Volume1", "Volume1-01", SYSTEM, 0, limit - SIZE);
    fv_finish(&fv);
    fv_facts(&fv, c)->has_bootmgr = true;
    plan = decide();
    assert_boots(&plan, c);  /* ends with the last sector that has a 32-bit number */

    c->extents[0].lba++;
    plan = decide();
    assert_nothing(&plan, STATUS_VOLUME_BEYOND_2TIB);
    assert_memory_equal(plan.notes.first->text, "Volume1-01 on hd80: ", 20);  /* whose limit it is */

    c->extents[0].lba = 63;
    fv.devs[0].block_size = 4096;
    plan = decide();
    assert_nothing(&plan, STATUS_BIOS_BLOCK_SIZE);
}

static void test_no_boot_sector(void **state)
{
    struct mirror    m = degraded_mirror(&bios_rules, SYSTEM);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    fv_facts(&fv, m.half[1])->status = STATUS_BOOT_SECTOR_BAD;
    plan = decide();
    assert_nothing(&plan, STATUS_BOOT_SECTOR_BAD);
}

/* ---- UEFI */

static void test_uefi_needs_boot_manager_and_winload_of_this_machine(void **state)
{
    struct mirror           m = degraded_mirror(&uefi_rules, BOOT);
    struct component_facts *f;
    struct boot_plan        plan;

    (void)state;
    fv_finish(&fv);
    f = fv_facts(&fv, m.half[1]);
    f->has_bootmgr = true;  /* means nothing to UEFI */
    plan = decide();
    assert_nothing(&plan, STATUS_NO_BOOTMGFW);

    f->bootmgfw_machine = PE_MACHINE_I386;
    plan = decide();
    assert_nothing(&plan, STATUS_WRONG_MACHINE);

    f->bootmgfw_machine = PE_MACHINE_X64;
    plan = decide();
    assert_nothing(&plan, STATUS_NO_WINLOAD);

    f->winload_machine = PE_MACHINE_X64;
    f->winload_status = STATUS_READ_FAILED;
    plan = decide();
    assert_nothing(&plan, STATUS_WINLOAD_UNREAD);
    f->bootmgfw_status = STATUS_READ_FAILED;
    plan = decide();
    assert_nothing(&plan, STATUS_BOOTMGFW_UNREAD);
    f->winload_status = f->bootmgfw_status = STATUS_OK;
    plan = decide();
    assert_boots(&plan, m.half[1]);
    assert_int_equal(plan.method, METHOD_UEFI_RAM);
    assert_int_equal(plan.chosen.rank, RANK_LOADER_AND_FLAG);

    fv.facts.machine = PE_MACHINE_I386;  /* 32-bit firmware */
    plan = decide();
    assert_nothing(&plan, STATUS_WRONG_MACHINE);

    fv.facts.machine = PE_MACHINE_X64;
    f->root_read = false;
    plan = decide();
    assert_nothing(&plan, STATUS_ROOT_UNREADABLE);
}

static void test_uefi_has_no_limit_at_2_tib_and_looks_at_the_boot_flag(void **state)
{
    struct ldm_component *sys, *boot;
    struct boot_plan      plan;

    (void)state;
    fv_init(&fv, &uefi_rules);
    fv_disk(&fv, "disk0");
    sys = add_simple("System", "System-01", SYSTEM, 0, 64);
    boot = add_simple("Boot", "Boot-01", BOOT, 0, (uint64_t)1 << 33);
    fv.devs[0].block_size = 4096;
    fv_finish(&fv);
    fv_facts(&fv, sys)->bootmgfw_machine = fv_facts(&fv, sys)->winload_machine = PE_MACHINE_X64;
    fv_facts(&fv, boot)->bootmgfw_machine = fv_facts(&fv, boot)->winload_machine = PE_MACHINE_X64;
    plan = decide();
    assert_boots(&plan, boot);
}

/* ---- configuration */

static void test_selection_by_name_letter_guid(void **state)
{
    static const char *const names[] = { "dATA", "e:", "e0000000-0000-4000-8000-000000000002",
                                         "{E0000000-0000-4000-8000-000000000002}" };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct ldm_component *sys, *data;
        struct boot_plan      plan;

        fv_init(&fv, &bios_rules);
        fv_disk(&fv, "hd80");
        sys = add_simple("System", "System-01", SYSTEM, 0, 63);
        data = add_simple("Data", "Data-01", 0, 0, 40000);
        data->volume->hint = "E:";
        fv_finish(&fv);
        fv_facts(&fv, sys)->has_ntldr = true;
        set(fv.cfg.volume, names[i]);
        plan = decide();
        assert_boots(&plan, data);
        assert_int_equal(candidate(&plan, sys)->code, STATUS_NOT_SELECTED);
    }
}

static void test_a_guid_hides_names_and_a_name_hides_letters(void **state)
{
    struct ldm_component *a, *b;
    struct boot_plan      plan;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    a = add_simple("E:", "A-01", 0, 0, 63);
    b = add_simple("B", "B-01", 0, 0, 40000);
    b->volume->hint = "E:";
    fv_finish(&fv);
    set(fv.cfg.volume, "e:");
    plan = decide();
    assert_boots(&plan, a);
}

static void test_a_name_that_fits_two_volumes_is_a_question(void **state)
{
    struct ldm_component *a;
    struct boot_plan      plan;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    a = add_simple("Volume1", "A-01", SYSTEM, 0, 63);
    add_simple("volume1", "B-01", 0, 0, 40000);
    fv_finish(&fv);
    fv_facts(&fv, a)->has_ntldr = true;  /* rank does not settle it */
    set(fv.cfg.volume, "Volume1");
    plan = decide();
    assert_asks(&plan, STATUS_SEVERAL_VOLUMES);
}

static void test_selection_of_a_half_by_disk_and_by_component(void **state)
{
    struct mirror    m = whole_mirror(SYSTEM);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    set(fv.cfg.disk, "disk2");
    plan = decide();
    assert_boots(&plan, m.half[1]);

    fv.cfg.disk[0] = '\0';
    set(fv.cfg.component, "volume1-02");
    plan = decide();
    assert_boots(&plan, m.half[1]);
    assert_int_equal(candidate(&plan, m.half[0])->code, STATUS_NOT_SELECTED);

    set(fv.cfg.disk, "Disk1");  /* the half is not there */
    plan = decide();
    assert_asks(&plan, STATUS_SELECTION_NOT_FOUND);
}

static void test_a_disk_by_the_letter_of_its_volume(void **state)
{
    struct mirror    m = degraded_mirror(&bios_rules, SYSTEM);
    struct boot_plan plan;

    (void)state;
    m.volume->hint = "C:";
    fv_finish(&fv);
    set(fv.cfg.disk, "c:");
    plan = decide();
    assert_boots(&plan, m.half[1]);  /* one of its two disks is connected */

    m = whole_mirror(SYSTEM);
    m.volume->hint = "C:";
    fv_finish(&fv);
    set(fv.cfg.disk, "c:");
    plan = decide();
    assert_asks(&plan, STATUS_SEVERAL_VOLUMES);  /* on both */
}

/* Two disks, each with a letter of its own, and a part of nothing that is known. */
static void test_a_disk_by_its_own_letter(void **state)
{
    static const char *const letters[] = { "C:", "D:" };
    struct ldm_component    *on[2];
    struct boot_plan         plan;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    fv_disk(&fv, "hd81");
    fv.all_partitions[fv.group.partition_count++] = (struct ldm_partition){ .name = "part", .disk = &fv.records[0] };
    for (size_t i = 0; i < 2; i++) {
        on[i] = add_simple(i ? "Second" : "First", i ? "Second-01" : "First-01", i ? 0 : SYSTEM, i, 63);
        on[i]->volume->hint = letters[i];
    }
    fv_finish(&fv);
    fv_facts(&fv, on[0])->has_ntldr = fv_facts(&fv, on[1])->has_ntldr = true;
    for (size_t i = 0; i < 2; i++) {
        set(fv.cfg.disk, letters[i]);
        plan = decide();
        assert_boots(&plan, on[i]);
    }
    set(fv.cfg.disk, "e:");
    plan = decide();
    assert_asks(&plan, STATUS_SELECTION_NOT_FOUND);
}

static void test_a_half_whose_name_is_there_twice(void **state)
{
    struct ldm_component *first;
    struct boot_plan      plan;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, "hd80");
    first = add_simple("First", "Half-01", SYSTEM, 0, 63);
    add_simple("Second", "half-01", 0, 0, 40000);
    fv_finish(&fv);
    fv_facts(&fv, first)->has_ntldr = true;
    set(fv.cfg.component, "Half-01");
    plan = decide();
    assert_asks(&plan, STATUS_SEVERAL_VOLUMES);
    set(fv.cfg.volume, "First");
    plan = decide();
    assert_boots(&plan, first);
}

static void test_a_selection_that_is_not_there_is_never_replaced(void **state)
{
    struct mirror    m = degraded_mirror(&bios_rules, SYSTEM);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    fv_facts(&fv, m.half[1])->has_ntldr = true;
    set(fv.cfg.volume, "Volume9");
    plan = decide();
    assert_asks(&plan, STATUS_SELECTION_NOT_FOUND);
    assert_true(says(&plan.notes, STATUS_SELECTION_NOT_FOUND, "volume = Volume9 (configuration): "));
    set(fv.cfg.disk, "Disk9");
    strcpy(fv.cfg.disk_place, "ldmboot.cfg line 2");
    plan = decide();
    assert_true(says(&plan.notes, STATUS_SELECTION_NOT_FOUND, "volume = Volume9 (configuration), disk = Disk9 (ldmboot.cfg line 2): "));
    fv.cfg.disk[0] = '\0';

    fv.cfg.volume[0] = '\0';
    set(fv.cfg.component, "Volume1-01");  /* on the dead disk */
    plan = decide();
    assert_asks(&plan, STATUS_SELECTION_UNUSABLE);

    fv_facts(&fv, m.half[1])->status = STATUS_BOOT_SECTOR_BAD;
    for (unsigned i = 0; i < 2; i++) {  /* this one, or the other */
        set(fv.cfg.component, i ? "Volume1-02" : "Volume1-01");
        plan = decide();
        assert_nothing(&plan, STATUS_SELECTION_UNUSABLE);
    }
}

static void test_a_selection_does_not_lift_a_mark(void **state)
{
    struct mirror    m = whole_mirror(SYSTEM);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    fv_mark(&fv, m.half[1], COMPONENT_STALE, STATUS_INTERNAL);
    set(fv.cfg.component, "Volume1-02");
    plan = decide();
    assert_asks(&plan, STATUS_INTERNAL);
    assert_ptr_equal(plan.chosen.component, m.half[1]);
}

static void test_naming_the_volume_settles_doubts_about_others(void **state)
{
    struct mirror    m = degraded_mirror(&bios_rules, 0);
    struct boot_plan plan;

    (void)state;
    fv_finish(&fv);
    fv.group.complete = false;
    set(fv.cfg.volume, "Volume1");
    plan = decide();
    assert_boots(&plan, m.half[1]);
}

/* ---- any state of things */

static bool chance(int percent)
{
    return rand() % 100 < percent;
}

/* Three volumes, most of them mirrored, on three disks; everything that can be wrong sometimes is. */
static void make_any_view(void)
{
    static const char *const names[] = { "A", "B", "C" };

    fv_init(&fv, chance(50) ? &bios_rules : &uefi_rules);
    for (size_t i = 0; i < 3; i++)
        fv_disk(&fv, chance(85) ? "hd80" : NULL);
    for (size_t i = 0; i < 3; i++) {
        uint32_t flags = chance(40) ? SYSTEM | BOOT : 0;

        if (chance(70))
            add_mirror(names[i], names[i], names[i], flags, i, (i + 1) % 3, 63 + 30000 * (uint64_t)i);
        else
            add_simple(names[i], names[i], flags, i, 63 + 30000 * (uint64_t)i);
    }
    fv_finish(&fv);
    fv.group.complete = chance(90);
    for (size_t i = 0; i < fv.view.disk_count; i++) {
        fv.disks[i].klog_bad = chance(5);
        fv.disks[i].status = chance(5) ? STATUS_VMDB_BAD : STATUS_OK;
        fv.disks[i].vmdb.committed -= chance(5);
    }
    for (size_t i = 0; i < fv.facts.count; i++) {
        struct component_facts *f = &fv.fact_list[i];

        f->status = chance(10) ? STATUS_BOOT_SECTOR_BAD : STATUS_OK;
        f->root_read = f->status == STATUS_OK && chance(90);
        f->has_ntldr = f->root_read && chance(50);
        f->bootmgfw_machine = f->winload_machine = f->has_ntldr ? PE_MACHINE_X64 : PE_MACHINE_NONE;
        f->hibernated = f->root_read && chance(5);
        f->read_errors = (uint32_t)rand() % 3;
        if (chance(10))
            fv_mark(&fv, f->component, COMPONENT_STALE, STATUS_INTERNAL);
    }
}

/* Its disk has missed one step, and the records call every other half of a mirror old. */
static bool is_the_one_good_half(const struct ldm_component *c, const struct ldm_disk *d)
{
    bool mirrored = false, other_is_good = false;

    for (size_t i = 0; i < fv.group.component_count; i++)
        if (fv.components[i].volume == c->volume && &fv.components[i] != c) {
            mirrored = true;
            other_is_good = other_is_good || !fv.components[i].old;
        }
    return d->vmdb.committed + 1 == fv.group.vmdb.committed && mirrored && !other_is_good;
}

/* May this half be started without a person? Told once more, in other words than candidate.c's. */
static bool is_flawless(const struct component_facts *f)
{
    const struct ldm_disk *d = f->disk;

    for (size_t i = 0; i < fv.view.disk_count; i++) {
        const struct ldm_disk *member = &fv.disks[i];

        if (member->status != STATUS_OK || (member->klog_bad && member->vmdb.committed == fv.group.vmdb.committed))
            return false;
    }
    return f->component->usable && f->component->reasons.count == 0 && f->root_read && !f->hibernated &&
           (d->vmdb.committed == fv.group.vmdb.committed || is_the_one_good_half(f->component, d)) &&
           (fv.facts.rules == &bios_rules || f->bootmgfw_machine == PE_MACHINE_X64);
}

static void test_whatever_the_state_only_a_flawless_half_is_started(void **state)
{
    unsigned results[3] = { 0 };

    (void)state;
    srand(11);
    for (int round = 0; round < 20000; round++) {
        struct boot_plan plan, again;

        make_any_view();
        plan = decide();
        again = decide();
        assert_int_equal(plan.result, again.result);  /* same input, same answer */
        assert_ptr_equal(plan.chosen.component, again.chosen.component);
        assert_int_equal(plan.candidate_count, fv.group.component_count);
        results[plan.result]++;
        if (plan.result == PLAN_ASK)
            assert_asks(&plan, plan.reason);
        else if (plan.result == PLAN_NONE)
            assert_nothing(&plan, plan.reason);
        if (plan.result != PLAN_BOOT)
            continue;
        assert_boots(&plan, plan.chosen.component);
        assert_true(is_flawless(plan.chosen.facts));
        for (size_t i = 1; i < plan.candidate_count; i++) {
            const struct plan_candidate *c = &plan.candidates[i];

            if (c->verdict != VERDICT_NEVER && c->volume != plan.chosen.volume)
                assert_true(c->rank > plan.chosen.rank);
            if (c->verdict == VERDICT_GOOD && c->volume == plan.chosen.volume && c->rank == plan.chosen.rank &&
                c->facts->root_read)
                assert_true(c->facts->read_errors >= plan.chosen.facts->read_errors);
        }
    }
    for (size_t i = 0; i < 3; i++)
        assert_true(results[i] > 500);  /* the rounds did reach every kind of answer */
}

/* ---- the function itself */

static void test_facts_of_a_half(void **state)
{
    struct mirror m = whole_mirror(SYSTEM);

    (void)state;
    fv_finish(&fv);
    assert_ptr_equal(facts_find(&fv.facts, m.half[0]), &fv.fact_list[0]);
    assert_ptr_equal(facts_find(&fv.facts, m.half[1]), &fv.fact_list[1]);
    fv.facts.count = 1;  /* the other one was never probed */
    assert_null(facts_find(&fv.facts, m.half[1]));
    assert_null(facts_find(NULL, m.half[0]));
}

/* Windows that a BIOS loader starts from a GPT disk finds no partition by the name that it is told. */
static void test_the_kernel_and_a_gpt_disk(void **state)
{
    static const struct firmware_rules *const rules[] = { &bios_rules, &uefi_rules };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct mirror           m = degraded_mirror(rules[i], SYSTEM | BOOT);
        struct boot_plan        plan;
        struct component_facts *f;

        fv.disks[0].table = TABLE_GPT;
        fv_finish(&fv);
        f = fv_facts(&fv, m.half[1]);
        f->has_bootmgr = true;
        f->bootmgfw_machine = f->winload_machine = PE_MACHINE_X64;
        f->partition_number = 3;
        plan = decide();
        assert_boots(&plan, m.half[1]);
        assert_int_equal(noted(&plan, STATUS_GPT_BY_BIOS), i == 0);
        assert_false(noted(&plan, STATUS_NOT_RETAINED));
        assert_int_equal(plan.chosen.number, i ? 3 : 0);
        f->partition_number = 0;
        plan = decide();
        assert_int_equal(noted(&plan, STATUS_NOT_RETAINED), i == 1);
    }
}

static void test_out_of_memory(void **state)
{
    struct boot_plan plan = { .why = "untouched" };

    (void)state;
    degraded_mirror(&bios_rules, SYSTEM);
    fv_finish(&fv);
    fv.arena.size = fv.arena.used;
    assert_int_equal(plan_boot(&fv.view, &fv.facts, &fv.cfg, &fv.arena, &plan), STATUS_NO_MEMORY);
    assert_string_equal(plan.why, "untouched");
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(plan_result_name(PLAN_BOOT), "boot");
    assert_string_equal(plan_result_name(PLAN_ASK), "ask");
    assert_string_equal(plan_result_name(PLAN_NONE), "none");
    assert_string_equal(boot_method_name(METHOD_NONE), "none");
    assert_string_equal(boot_method_name(METHOD_VBR), "vbr");
    assert_string_equal(boot_method_name(METHOD_BIOS_RAM), "bios-ram");
    assert_string_equal(boot_method_name(METHOD_BIOS_STICK), "bios-stick");
    assert_string_equal(boot_method_name(METHOD_UEFI_RAM), "uefi-ram");
    assert_string_equal(boot_method_name(METHOD_UEFI_ESP), "uefi-esp");
    assert_string_equal(boot_method_name(METHOD_UEFI_STICK), "uefi-stick");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_surviving_half_is_started),
        cmocka_unit_test(test_a_disk_that_was_given_up_is_named),
        cmocka_unit_test(test_a_volume_without_loader_is_a_question),
        cmocka_unit_test(test_options_that_go_nowhere_are_said),
        cmocka_unit_test(test_windows_alone_is_started_from_memory),
        cmocka_unit_test(test_windows_alone_without_its_flag_is_a_question),
        cmocka_unit_test(test_a_system_volume_that_is_there_beats_windows_alone),
        cmocka_unit_test(test_two_windows_without_system_volume_are_a_question),
        cmocka_unit_test(test_windows_alone_on_a_disk_of_2_tib),
        cmocka_unit_test(test_windows_alone_on_a_full_table),
        cmocka_unit_test(test_a_real_entry_that_gives_way_is_said),
        cmocka_unit_test(test_bad_files_on_the_stick_are_foretold),
        cmocka_unit_test(test_a_store_that_was_asked_for_and_is_none_is_a_question),
        cmocka_unit_test(test_a_store_that_is_asked_for_elsewhere_is_said_to_be_unused),
        cmocka_unit_test(test_a_spare_boot_manager_is_offered_beside_a_bad_loader),
        cmocka_unit_test(test_a_loader_from_the_stick_takes_a_persons_word),
        cmocka_unit_test(test_the_other_loader_on_the_stick_is_no_help),
        cmocka_unit_test(test_a_store_that_is_found_is_offered),
        cmocka_unit_test(test_a_store_is_nothing_to_ntldr),
        cmocka_unit_test(test_the_store_of_an_old_system_volume_is_offered),
        cmocka_unit_test(test_order_of_preference),
        cmocka_unit_test(test_two_good_halves_are_no_question),
        cmocka_unit_test(test_the_first_disk_of_two),
        cmocka_unit_test(test_why_it_is_started),
        cmocka_unit_test(test_the_spare_is_the_other_good_half),
        cmocka_unit_test(test_no_spare_when_one_half_is_doubtful),
        cmocka_unit_test(test_read_errors_of_what_is_started_are_said),
        cmocka_unit_test(test_of_two_halves_the_one_whose_root_could_be_read),
        cmocka_unit_test(test_two_volumes_of_equal_rank),
        cmocka_unit_test(test_a_windows_on_a_disk_that_was_dynamic),
        cmocka_unit_test(test_nothing_marked_is_ever_started),
        cmocka_unit_test(test_unusable_without_a_reason_is_not_started_either),
        cmocka_unit_test(test_a_flagged_volume_whose_root_cannot_be_read),
        cmocka_unit_test(test_an_old_half_alone_and_beside_a_better_one),
        cmocka_unit_test(test_an_old_half_with_a_graver_mark),
        cmocka_unit_test(test_a_half_on_a_disk_whose_database_is_lost),
        cmocka_unit_test(test_a_dynamic_disk_without_identity),
        cmocka_unit_test(test_a_dynamic_disk_without_identity_comes_first),
        cmocka_unit_test(test_a_disk_of_another_group_without_database),
        cmocka_unit_test(test_notes_of_what_is_started),
        cmocka_unit_test(test_disputed_halves_are_a_persons_choice),
        cmocka_unit_test(test_a_doubtful_half_before_an_old_one),
        cmocka_unit_test(test_disks_that_say_otherwise_are_told),
        cmocka_unit_test(test_a_good_half_before_a_doubtful_one),
        cmocka_unit_test(test_a_half_without_memory),
        cmocka_unit_test(test_what_was_under_way_is_said),
        cmocka_unit_test(test_the_good_half_beside_a_stale_one),
        cmocka_unit_test(test_a_marked_volume_that_is_as_likely),
        cmocka_unit_test(test_the_headline_is_not_about_a_lesser_volume),
        cmocka_unit_test(test_a_hibernated_volume),
        cmocka_unit_test(test_a_loader_that_the_boot_sector_cannot_start),
        cmocka_unit_test(test_an_unreadable_log),
        cmocka_unit_test(test_a_group_disk_whose_database_is_lost),
        cmocka_unit_test(test_a_half_on_a_disk_that_is_out_of_date),
        cmocka_unit_test(test_the_only_good_half_may_be_one_step_behind),
        cmocka_unit_test(test_a_dying_disk_that_windows_gave_up),
        cmocka_unit_test(test_an_unread_disk_that_was_not_failing),
        cmocka_unit_test(test_the_current_half_on_a_failing_disk),
        cmocka_unit_test(test_lost_records_hide_the_right_volume),
        cmocka_unit_test(test_the_marked_system_volume_is_lost),
        cmocka_unit_test(test_another_volume_cannot_be_read),
        cmocka_unit_test(test_the_flagged_volume_cannot_be_read),
        cmocka_unit_test(test_another_machines_windows),
        cmocka_unit_test(test_flags_are_believed_where_there_is_one_group),
        cmocka_unit_test(test_why_there_is_nothing),
        cmocka_unit_test(test_why_disks_are_no_group),
        cmocka_unit_test(test_the_reason_that_all_halves_share),
        cmocka_unit_test(test_all_disks_of_the_volumes_are_missing),
        cmocka_unit_test(test_layouts_that_windows_does_not_start_from),
        cmocka_unit_test(test_bios_limits_are_refused_with_their_number),
        cmocka_unit_test(test_no_boot_sector),
        cmocka_unit_test(test_uefi_needs_boot_manager_and_winload_of_this_machine),
        cmocka_unit_test(test_uefi_has_no_limit_at_2_tib_and_looks_at_the_boot_flag),
        cmocka_unit_test(test_selection_by_name_letter_guid),
        cmocka_unit_test(test_a_guid_hides_names_and_a_name_hides_letters),
        cmocka_unit_test(test_a_name_that_fits_two_volumes_is_a_question),
        cmocka_unit_test(test_selection_of_a_half_by_disk_and_by_component),
        cmocka_unit_test(test_a_disk_by_the_letter_of_its_volume),
        cmocka_unit_test(test_a_disk_by_its_own_letter),
        cmocka_unit_test(test_a_half_whose_name_is_there_twice),
        cmocka_unit_test(test_a_selection_that_is_not_there_is_never_replaced),
        cmocka_unit_test(test_a_selection_does_not_lift_a_mark),
        cmocka_unit_test(test_naming_the_volume_settles_doubts_about_others),
        cmocka_unit_test(test_whatever_the_state_only_a_flawless_half_is_started),
        cmocka_unit_test(test_facts_of_a_half),
        cmocka_unit_test(test_the_kernel_and_a_gpt_disk),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
