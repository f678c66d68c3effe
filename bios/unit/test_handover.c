/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_handover.c - the resident hook is put in its place, read through, and taken out again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../handover.h"
#include "../hook.h"
#include "../memory.h"

#define LOW_KIB   639u
#define HOOK_BASE (LOW_KIB * 1024 - HOOK_BYTES)
#define INT13     0x13u * 4
#define INT15     0x15u * 4
#define TABLE     0x7beu

static struct int13_disk disks[2];
static struct vdisk      vd;

/* Two disks, 80h and 81h; the virtual disk is the second one. */
static int setup(void **state)
{
    (void)state;
    machine_init();
    poke16(BDA_LOW_KIB, LOW_KIB);
    poke32(INT13, 0xf000e3fe);
    poke32(INT15, 0xf000f859);
    for (unsigned i = 0; i < 2; i++)
        disks[i] = (struct int13_disk){ .dev = { .block_size = 512, .block_count = 100000 }, .drive = (uint8_t)(0x80 + i),
                                        .has_edd = !i, .chs_heads = 16, .chs_sectors = 63, .max_blocks = (uint8_t)(100 + i) };
    vd = (struct vdisk){ .sectors = 100000, .heads = 16, .sectors_per_track = 63, .extent_count = 1 };
    vd.extents[0] = (struct vdisk_extent){ 0, 100000, &disks[1].dev, 0 };
    return 0;
}

static const struct hook_block *hook(void) { return machine_pointer(HOOK_BASE >> 4, 0); }

static void assert_hooked(bool hooked)
{
    assert_int_equal(peek32(INT13), hooked ? HOOK_BASE << 12 | HOOK_INT13_ENTRY : 0xf000e3fe);
    assert_int_equal(peek32(INT15), hooked ? HOOK_BASE << 12 | HOOK_INT15_ENTRY : 0xf000f859);
    assert_int_equal(peek16(BDA_LOW_KIB), hooked ? HOOK_BASE >> 10 : LOW_KIB);
}

static void the_hook_in_its_place(void **state)
{
    const struct hook_tables *t = &hook()->tables;

    (void)state;
    assert_int_equal(handover_install(&vd, disks, 2, NULL), STATUS_OK);
    assert_hooked(true);
    assert_memory_equal(hook()->code, "the hook's code", 16);
    assert_int_equal(hook()->code[16], 0);
    assert_int_equal(t->base, HOOK_BASE);
    assert_int_equal(t->old_int13, 0xf000e3fe);
    assert_int_equal(t->old_int15, 0xf000f859);
    assert_int_equal(t->memory_base, 0);
    assert_int_equal(t->extent_count, 1);
    assert_int_equal(t->extents[0].drive, 0x81);
    assert_int_equal(t->extents[0].has_edd, 0);
    assert_int_equal(t->extents[0].chs_heads, 16);
    assert_int_equal(t->extents[0].chs_sectors, 63);
    assert_int_equal(t->extents[0].max_blocks, 101);
}

static void with_a_volume_in_memory(void **state)
{
    static struct handover_memory memory = { .base = 0x700000, .end = 0x800000 };
    const struct hook_tables     *t = &hook()->tables;

    (void)state;
    vd.extents[1] = (struct vdisk_extent){ 100000, 64, &memory.device.dev, 0 };
    vd.extent_count = 2;
    memory.device.dev.block_size = 512;
    assert_int_equal(handover_install(&vd, disks, 2, &memory), STATUS_OK);
    assert_int_equal(t->memory_base, 0x700000);
    assert_int_equal(t->memory_end, 0x800000);
    assert_int_equal(t->extents[1].drive, HOOK_MEMORY);
    assert_int_equal(t->extents[1].lba, 0x700000 / 512);
    assert_int_equal(t->extents[1].max_blocks, 127);
    assert_int_equal(t->drives_shown, 1);
}

/* As many disks as a BIOS can have, and a volume in memory: each is known by its own number. */
static void with_all_the_disks_that_there_can_be(void **state)
{
    static struct int13_disk      all[INT13_MAX_DISKS + 1];
    static struct handover_memory memory = { .base = 0x700000, .end = 0x800000 };
    const struct hook_tables     *t = &hook()->tables;

    (void)state;
    for (unsigned i = 0; i <= INT13_MAX_DISKS; i++) {
        all[i] = disks[0];
        all[i].drive = (uint8_t)(0x80 + i);
    }
    vd.extents[0] = (struct vdisk_extent){ 0, 1000, &all[0].dev, 0 };
    vd.extents[1] = (struct vdisk_extent){ 1000, 1000, &all[INT13_MAX_DISKS - 1].dev, 5 };
    vd.extents[2] = (struct vdisk_extent){ 2000, 64, &memory.device.dev, 0 };
    vd.extent_count = 3;
    memory.device.dev.block_size = 512;
    assert_int_equal(handover_install(&vd, all, INT13_MAX_DISKS, &memory), STATUS_OK);
    assert_int_equal(t->extents[0].drive, 0x80);
    assert_int_equal(t->extents[0].lba, 0);
    assert_int_equal(t->extents[1].drive, 0x80 + INT13_MAX_DISKS - 1);
    assert_int_equal(t->extents[1].lba, 5);
    assert_int_equal(t->extents[2].drive, HOOK_MEMORY);
    assert_int_equal(t->base, HOOK_BASE);
    vd.extents[1].dev = &all[INT13_MAX_DISKS].dev;  /* which is none of them */
    assert_int_equal(handover_install(&vd, all, INT13_MAX_DISKS, NULL), STATUS_INTERNAL);
}

static void nothing_is_hooked_after_a_refusal(void **state)
{
    (void)state;
    disks[1].dev.block_size = 4096;
    assert_int_equal(handover_install(&vd, disks, 2, NULL), STATUS_BIOS_BLOCK_SIZE);
    assert_hooked(false);
}

static void low_memory_that_is_too_little(void **state)
{
    (void)state;
    poke16(BDA_LOW_KIB, (LOW_MEMORY_USED + HOOK_BYTES) / 1024 - 1);
    assert_int_equal(handover_install(&vd, disks, 2, NULL), STATUS_NO_LOW_MEMORY);
    poke16(BDA_LOW_KIB, (LOW_MEMORY_USED + HOOK_BYTES) / 1024);
    assert_int_equal(handover_install(&vd, disks, 2, NULL), STATUS_OK);
    assert_int_equal(peek16(BDA_LOW_KIB), LOW_MEMORY_USED / 1024);
}

static void a_loader_that_does_not_fit_below_the_hook(void **state)
{
    (void)state;
    assert_int_equal(handover_install(&vd, disks, 2, NULL), STATUS_OK);
    assert_int_equal(handover_check_loader(HOOK_BASE - LOADER_BASE), STATUS_OK);
    assert_hooked(true);
    assert_int_equal(handover_check_loader(HOOK_BASE - LOADER_BASE + 1), STATUS_LOADER_TOO_LARGE);
    assert_hooked(false);
}

/* As much as the hook leaves between where a loader is put and the end of low memory. */
static void room_for_a_loader(void **state)
{
    (void)state;
    assert_int_equal(handover_loader_room(), HOOK_BASE - LOADER_BASE);
    poke16(BDA_LOW_KIB, (LOADER_BASE + HOOK_BYTES) / 1024 + 1);
    assert_int_equal(handover_loader_room(), 1024);
    poke16(BDA_LOW_KIB, (LOADER_BASE + HOOK_BYTES) / 1024);
    assert_int_equal(handover_loader_room(), 0);
    poke16(BDA_LOW_KIB, 64);
    assert_int_equal(handover_loader_room(), 0);
}

/* ---- the two sectors that are read through the hook */

enum answer { GOOD, ERROR, NO_DATA, NO_BOOT_SECTOR };

static const enum answer *answers;  /* to each read */
static unsigned           reads;

static void answer(uint8_t vector, struct rm_regs *r)
{
    static const uint8_t  magic[] = { 0x55, 0xaa };
    const uint32_t        where[] = { STAGE1_MOVED_BASE, BOOT_SECTOR_BASE };
    const uint64_t        lba[] = { 0, vd.start_lba };
    const struct {
        uint8_t  bytes, reserved;
        uint16_t blocks, offset, segment;
        uint64_t lba;
    } __attribute__((packed)) *packet = machine_pointer(r->ds, r->esi);
    uint8_t              *to;

    if (vector != 0x13) {  /* for the size of memory */
        r->flags |= RM_CARRY;
        return;
    }
    assert_true(reads < 2);
    assert_int_equal(r->eax & 0xffff, 0x4200);
    assert_int_equal(r->edx & 0xff, 0x80);
    assert_int_equal(packet->bytes, 16);
    assert_int_equal(packet->reserved, 0);
    assert_int_equal(packet->blocks, 1);
    assert_int_equal(packet->segment * 16u + packet->offset, where[reads]);
    assert_int_equal(packet->lba, lba[reads]);
    to = machine_pointer(packet->segment, packet->offset);
    r->flags = answers[reads] == ERROR ? RM_CARRY : 0;
    if (answers[reads] == GOOD || answers[reads] == NO_BOOT_SECTOR)
        memset(to, 0x11 * (int)(reads + 1), 512);
    if (answers[reads] != NO_BOOT_SECTOR && answers[reads] != NO_DATA)  /* an error after the data is one, too */
        memcpy(to + 510, magic, 2);
    reads++;
}

static void the_sectors_that_windows_starts_from(void **state)
{
    static const enum answer good[] = { GOOD, GOOD };

    (void)state;
    vd.start_lba = 0x123456789;
    assert_int_equal(handover_install(&vd, disks, 2, NULL), STATUS_OK);
    machine_bios = answer;
    answers = good;
    reads = 0;
    assert_int_equal(handover_load(&vd), STATUS_OK);
    assert_int_equal(reads, 2);
    assert_int_equal(peek32(STAGE1_MOVED_BASE), 0x11111111);
    assert_int_equal(peek32(BOOT_SECTOR_BASE), 0x22222222);
    assert_int_equal(peek16(BOOT_SECTOR_BASE + 510), 0xaa55);
    assert_hooked(true);
}

/* Both sectors have to be there, and to be boot sectors; else the BIOS is left as it was. */
static void sectors_that_cannot_be_had(void **state)
{
    static const struct { enum answer answers[2]; enum status why; unsigned reads; } cases[] = {
        { { ERROR, GOOD }, STATUS_HOOK_READ_FAILED, 1 }, { { GOOD, ERROR }, STATUS_HOOK_READ_FAILED, 2 },
        { { NO_DATA, GOOD }, STATUS_HOOK_READ_FAILED, 1 }, { { GOOD, NO_DATA }, STATUS_HOOK_READ_FAILED, 2 },
        { { NO_BOOT_SECTOR, GOOD }, STATUS_HOOK_NO_BOOT_SECTOR, 1 }, { { GOOD, NO_BOOT_SECTOR }, STATUS_HOOK_NO_BOOT_SECTOR, 2 },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        setup(state);
        assert_int_equal(handover_install(&vd, disks, 2, NULL), STATUS_OK);
        assert_hooked(true);
        machine_bios = answer;
        answers = cases[i].answers;
        reads = 0;
        assert_int_equal(handover_load(&vd), cases[i].why);
        assert_int_equal(reads, cases[i].reads);
        assert_hooked(false);
    }
}

static void jump(void) { handover_jump(); }

/* What SI points at: the active entry of the table that was loaded; the first one, when none is. */
static void the_entry_that_is_started(void **state)
{
    (void)state;
    assert_int_equal(machine_jump_of(jump), TABLE);
    for (unsigned i = 4; i-- > 0;) {
        poke16(TABLE + 16 * i, 0x0180);
        assert_int_equal(machine_jump_of(jump), TABLE + 16 * i);
    }
    poke16(TABLE, 0x017f);  /* not this flag */
    assert_int_equal(machine_jump_of(jump), TABLE + 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_hook_in_its_place, setup),
        cmocka_unit_test_setup(with_a_volume_in_memory, setup),
        cmocka_unit_test_setup(with_all_the_disks_that_there_can_be, setup),
        cmocka_unit_test_setup(nothing_is_hooked_after_a_refusal, setup),
        cmocka_unit_test_setup(low_memory_that_is_too_little, setup),
        cmocka_unit_test_setup(a_loader_that_does_not_fit_below_the_hook, setup),
        cmocka_unit_test_setup(room_for_a_loader, setup),
        cmocka_unit_test_setup(the_sectors_that_windows_starts_from, setup),
        cmocka_unit_test_setup(sectors_that_cannot_be_had, setup),
        cmocka_unit_test_setup(the_entry_that_is_started, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
