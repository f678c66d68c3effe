/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_bootmgr.c - the beginning of a BOOTMGR: that there is code where its first jump leads. Other cases: test_system_volume.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/windows/bootmgr.h"

/* All lost but the first sixteen bytes and one at `kept`; a near jump to `to`. */
static enum status check(unsigned to, size_t kept)
{
    uint8_t head[BOOTMGR_HEAD_BYTES] = { 0xe9 };

    wr_le16(head + 1, (uint16_t)(to - 3));
    if (kept)
        head[kept] = 0x90;
    return bootmgr_check(span_of(head, sizeof head), BOOTMGR_MIN);
}

/* Four bytes of zeros at the place are no code, in whatever place of the sector; one that is not zero is enough. */
static void test_code_where_the_jump_leads(void **state)
{
    (void)state;
    for (unsigned to = 16; to <= BOOTMGR_HEAD_BYTES - 4; to++) {
        assert_int_equal(check(to, 0), STATUS_SPARE_BOOTMGR_BAD);
        assert_int_equal(check(to, to - 1), STATUS_SPARE_BOOTMGR_BAD);
        for (size_t i = 0; i < 4; i++)
            assert_int_equal(check(to, to + i), STATUS_OK);
        if (to < BOOTMGR_HEAD_BYTES - 4)
            assert_int_equal(check(to, to + 4), STATUS_SPARE_BOOTMGR_BAD);
    }
    for (unsigned to = BOOTMGR_HEAD_BYTES - 3; to < 0x10000; to += 17)
        assert_int_equal(check(to, 0), STATUS_OK);  /* what is there is not in the sector */
}

static void test_no_code_at_all(void **state)
{
    (void)state;
    assert_int_equal(check(0x10000, 0), STATUS_SPARE_BOOTMGR_BAD);      /* the jump itself */
    assert_int_equal(check(0x10001, 0), STATUS_SPARE_BOOTMGR_BAD);      /* and the middle of it */
    assert_int_equal(check(0x10002, 0x10), STATUS_OK);                  /* bytes of it that are not zero are taken for code */
}

static void test_size(void **state)
{
    uint8_t     head[BOOTMGR_HEAD_BYTES];
    struct span s = span_of(head, sizeof head);

    (void)state;
    memset(head, 0xeb, sizeof head);
    assert_int_equal(bootmgr_check(s, BOOTMGR_MIN), STATUS_OK);
    assert_int_equal(bootmgr_check(s, BOOTMGR_MAX), STATUS_OK);
    assert_int_equal(bootmgr_check(s, BOOTMGR_MIN - 1), STATUS_SPARE_BOOTMGR_BAD);
    assert_int_equal(bootmgr_check(s, BOOTMGR_MAX + 1), STATUS_SPARE_BOOTMGR_BAD);
    assert_int_equal(bootmgr_check(span_of(head, sizeof head - 1), BOOTMGR_MIN), STATUS_SPARE_BOOTMGR_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_code_where_the_jump_leads), cmocka_unit_test(test_no_code_at_all), cmocka_unit_test(test_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
