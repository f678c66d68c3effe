/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_handover.c - the resident hook is put in its place, and taken out again; what is read through it, boots show. */
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
        cmocka_unit_test_setup(nothing_is_hooked_after_a_refusal, setup),
        cmocka_unit_test_setup(low_memory_that_is_too_little, setup),
        cmocka_unit_test_setup(a_loader_that_does_not_fit_below_the_hook, setup),
        cmocka_unit_test_setup(the_entry_that_is_started, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
