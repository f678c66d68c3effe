/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spcr.h - the serial port that the firmware's ACPI tables name for its console (SPCR), where there is one.
 *
 * Facts: ACPI specification 6.4, 5.2.5 (RSDP), 5.2.7 (RSDT); Microsoft's SPCR specification.
 */
#ifndef LDMBOOT_BIOS_SPCR_H
#define LDMBOOT_BIOS_SPCR_H

#include <stdint.h>

/* The I/O port of a 16550 that an SPCR names; 0: none. `at` gives the bytes at a physical address, or NULL. */
uint16_t spcr_port(const uint8_t *(*at)(uint32_t address, uint32_t bytes));

#endif
