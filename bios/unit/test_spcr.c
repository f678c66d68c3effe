/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_spcr.c - the console port in ACPI tables, good ones and bad ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../spcr.h"

#define EBDA 0x9fc00u
#define RSDT 0x200000u
#define SPCR 0x200100u
#define MEMORY 0x200400u

static uint8_t memory[MEMORY];

static const uint8_t *at(uint32_t address, uint32_t bytes)
{
    return bytes <= MEMORY && address <= MEMORY - bytes ? memory + address : NULL;
}

static void put32(uint32_t address, uint32_t value)
{
    memcpy(memory + address, &value, 4);
}

static void sum(uint32_t address, uint32_t bytes, uint32_t where)
{
    uint8_t total = 0;

    memory[address + where] = 0;
    for (uint32_t i = 0; i < bytes; i++)
        total = (uint8_t)(total + memory[address + i]);
    memory[address + where] = (uint8_t)-total;
}

static void table(uint32_t address, const char *name, uint32_t bytes)
{
    memcpy(memory + address, name, 4);
    put32(address + 4, bytes);
    sum(address, bytes, 9);
}

/* A server that says COM2. */
static int setup(void **state)
{
    (void)state;
    memset(memory, 0, sizeof memory);
    memory[0x40e] = EBDA >> 4 & 0xff;
    memory[0x40f] = EBDA >> 12;
    memcpy(memory + 0xf1230, "RSD PTR ", 8);
    put32(0xf1230 + 16, RSDT);
    sum(0xf1230, 20, 8);
    put32(RSDT + 36, 0x200200);  /* another table */
    put32(RSDT + 40, SPCR);
    table(RSDT, "RSDT", 44);
    table(0x200200, "FACP", 40);
    memory[SPCR + 40] = 1;
    put32(SPCR + 44, 0x2f8);
    table(SPCR, "SPCR", 80);
    return 0;
}

static void test_the_port_is_found(void **state)
{
    (void)state;
    assert_int_equal(spcr_port(at), 0x2f8);
    memcpy(memory + EBDA + 32, memory + 0xf1230, 20);
    memset(memory + 0xf1230, 0, 20);
    assert_int_equal(spcr_port(at), 0x2f8);  /* in the EBDA */
}

static void test_what_is_none(void **state)
{
    (void)state;
    memory[SPCR + 36] = 3;  /* an ARM UART */
    table(SPCR, "SPCR", 80);
    assert_int_equal(spcr_port(at), 0);
    setup(NULL);
    memory[SPCR + 40] = 0;  /* in memory */
    table(SPCR, "SPCR", 80);
    assert_int_equal(spcr_port(at), 0);
    setup(NULL);
    put32(SPCR + 44, 0);    /* console redirection is off */
    table(SPCR, "SPCR", 80);
    assert_int_equal(spcr_port(at), 0);
    setup(NULL);
    memory[SPCR + 60] ^= 1;  /* a wrong sum */
    assert_int_equal(spcr_port(at), 0);
}

static void test_addresses_that_lead_nowhere(void **state)
{
    static const uint32_t bad[] = { 0, MEMORY - 10, 0xfffffff0 };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        put32(RSDT + 40, bad[i]);
        table(RSDT, "RSDT", 44);
        assert_int_equal(spcr_port(at), 0);
    }
    setup(NULL);
    put32(RSDT + 4, 0xffffffff);
    assert_int_equal(spcr_port(at), 0);
    memset(memory, 0, sizeof memory);
    assert_int_equal(spcr_port(at), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_the_port_is_found, setup),
        cmocka_unit_test_setup(test_what_is_none, setup),
        cmocka_unit_test_setup(test_addresses_that_lead_nowhere, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
