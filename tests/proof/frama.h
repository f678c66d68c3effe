/* SPDX-License-Identifier: GPL-2.0-or-later */
/* frama.h - included before every file that Frama-C reads: what gcc has built in and Frama-C has not. */
#ifndef LDMBOOT_PROOF_FRAMA_H
#define LDMBOOT_PROOF_FRAMA_H

#include <stdint.h>
#include <string.h>  /* Frama-C's own, with specifications: what may be read and written is checked at every call */

static inline _Bool proof_add_overflow(uint64_t a, uint64_t b, uint64_t *sum)
{
    *sum = a + b;
    return *sum < a;
}
#define __builtin_add_overflow proof_add_overflow

/*@ requires n != 0; assigns \result \from n; ensures 0 <= \result <= 31; */
int __builtin_ctz(unsigned int n);

#endif
