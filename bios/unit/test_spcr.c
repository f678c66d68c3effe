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
#define MEMORY 0x204000u

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
    memory[0xf1230 + 20] = memory[RSDT + 44] = memory[SPCR + 80] = 0x5a;  /* what follows is none of theirs */
    return 0;
}

static void move_rsdp(uint32_t place)
{
    memcpy(memory + place, memory + 0xf1230, 20);
    memset(memory + 0xf1230, 0, 20);
}

static void test_the_port_is_found(void **state)
{
    (void)state;
    assert_int_equal(spcr_port(at), 0x2f8);
    move_rsdp(EBDA + 32);
    assert_int_equal(spcr_port(at), 0x2f8);  /* in the EBDA */
    setup(NULL);
    memory[0x40e] = memory[0x40f] = 0;
    assert_int_equal(spcr_port(at), 0x2f8);  /* without one */
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

static void spcr_is(size_t at_byte, uint8_t value, uint16_t port)
{
    setup(NULL);
    memory[SPCR + at_byte] = value;
    table(SPCR, "SPCR", 80);
    assert_int_equal(spcr_port(at), port);
}

/* An ordinary UART, by either name, at a port that has room for its registers. */
static void test_what_is_one(void **state)
{
    (void)state;
    spcr_is(36, 0, 0x2f8);
    spcr_is(36, 1, 0x2f8);
    spcr_is(36, 2, 0);
    spcr_is(40, 2, 0);
    spcr_is(45, 0xff, 0xfff8);
    memory[SPCR + 44] = 0xf9;
    table(SPCR, "SPCR", 80);
    assert_int_equal(spcr_port(at), 0);
    spcr_is(46, 1, 0);
    spcr_is(51, 1, 0);
    spcr_is(44, 0xf9, 0x2f9);
    setup(NULL);
    put32(SPCR + 44, 1);
    table(SPCR, "SPCR", 80);
    assert_int_equal(spcr_port(at), 1);
}

/* Of a table all is needed, and none is longer than any that was ever seen. */
static void test_lengths(void **state)
{
    static const struct { uint32_t bytes; uint16_t port; } cases[] = { { 51, 0 }, { 52, 0x2f8 }, { 4096, 0x2f8 }, { 4097, 0 }, { 35, 0 } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        setup(NULL);
        table(SPCR, "SPCR", cases[i].bytes);
        assert_int_equal(spcr_port(at), cases[i].port);
    }
    setup(NULL);
    table(RSDT, "RSDT", 43);  /* its last entry is cut off */
    assert_int_equal(spcr_port(at), 0);
    put32(RSDT + 36, SPCR);
    table(RSDT, "RSDT", 40);
    assert_int_equal(spcr_port(at), 0x2f8);
    table(RSDT, "XSDT", 40);
    assert_int_equal(spcr_port(at), 0);
}

/* Where firmware may have put the first of them: the EBDA's first KiB and the BIOS's area, at multiples of 16, not around their ends. */
static void test_places(void **state)
{
    static const struct { uint32_t place; bool found; } cases[] = {
        { EBDA, true }, { EBDA + 992, true }, { EBDA + 1008, false }, { EBDA + 1024, false }, { EBDA + 8, false },
        { 0xe0000, true }, { 0xfffe0, true }, { 0xffff0, false }, { 0x100000, false }, { 0xdfff0, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        setup(NULL);
        move_rsdp(cases[i].place);
        assert_int_equal(spcr_port(at), cases[i].found ? 0x2f8 : 0);
        memory[cases[i].place + 19] ^= 1;  /* a wrong sum */
        assert_int_equal(spcr_port(at), 0);
    }
    setup(NULL);
    memory[0xf1230 + 7] = 'x';              /* nearly its name, with a right sum */
    sum(0xf1230, 20, 8);
    assert_int_equal(spcr_port(at), 0);
    setup(NULL);
    memory[0x40e] = memory[0x40f] = 0;  /* no EBDA: then what lies at 0 is none */
    move_rsdp(64);
    assert_int_equal(spcr_port(at), 0);
}

static const uint8_t *at_without_the_bda(uint32_t address, uint32_t bytes)
{
    return address >= 0x400 && address < 0x500 ? NULL : at(address, bytes);
}

/* Where the EBDA's place cannot be had there is none, either. */
static void test_no_place_of_the_ebda(void **state)
{
    (void)state;
    assert_int_equal(spcr_port(at_without_the_bda), 0x2f8);
    for (uint32_t place = 0; place < 64; place++) {
        setup(NULL);
        move_rsdp(place);
        assert_int_equal(spcr_port(at_without_the_bda), 0);
    }
}

/* One that is no good hides no other. */
static void test_a_second_table(void **state)
{
    (void)state;
    put32(RSDT + 36, SPCR);
    put32(RSDT + 40, 0x200200);
    table(RSDT, "RSDT", 44);
    memcpy(memory + 0x200200, memory + SPCR, 80);
    put32(0x200200 + 44, 0x3e8);
    table(0x200200, "SPCR", 80);
    assert_int_equal(spcr_port(at), 0x2f8);
    memory[SPCR + 40] = 0;
    table(SPCR, "SPCR", 80);
    assert_int_equal(spcr_port(at), 0x3e8);
    memory[SPCR + 40] = 1;
    put32(SPCR + 44, 0);
    table(SPCR, "SPCR", 80);
    assert_int_equal(spcr_port(at), 0x3e8);
    put32(SPCR + 44, 0x2f8);
    table(SPCR, "SPCS", 80);                 /* nearly its name */
    assert_int_equal(spcr_port(at), 0x3e8);
    table(RSDT, "RSDX", 44);
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
        cmocka_unit_test_setup(test_what_is_one, setup),
        cmocka_unit_test_setup(test_lengths, setup),
        cmocka_unit_test_setup(test_places, setup),
        cmocka_unit_test_setup(test_no_place_of_the_ebda, setup),
        cmocka_unit_test_setup(test_a_second_table, setup),
        cmocka_unit_test_setup(test_addresses_that_lead_nowhere, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
