/* SPDX-License-Identifier: GPL-2.0-or-later */
/* input.h - the fuzzer's bytes, one piece after the other. */
#ifndef LDMBOOT_TESTS_INPUT_H
#define LDMBOOT_TESTS_INPUT_H

#include "common/base/span.h"

/* The next bytes of the input, or what is left of it. */
static struct span take(struct span *in, size_t bytes)
{
    struct span head = span_sub(*in, 0, bytes < in->len ? bytes : in->len);

    *in = span_from(*in, head.len);
    return head;
}

#endif
