/* SPDX-License-Identifier: GPL-2.0-or-later */
/* peprogram.h - a PE file that has what a check looks at, and nothing else. */
#ifndef LDMBOOT_TEST_PEPROGRAM_H
#define LDMBOOT_TEST_PEPROGRAM_H

#include <stdint.h>

#include "common/base/span.h"

#define PE_PROGRAM_BYTES   1536
#define PE_PROGRAM_HEADER  0x80  /* where "PE" stands */
#define PE_EFI_APPLICATION 10    /* subsystem */

/* Made in `memory`: for this machine, with one section of 512 bytes at 1024. */
struct span pe_program(uint8_t memory[PE_PROGRAM_BYTES], uint16_t machine, uint16_t subsystem);

#endif
