/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_packed.c - compressed data from anybody: LZNT1, XPRESS and LZX, by the first byte; the next two are the length wanted.
 */
#include <stdlib.h>

#include "common/fs/lznt1.h"
#include "common/fs/lzx.h"
#include "common/fs/xpress.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct lzx work;
    struct span       in = span_of(data, size);
    size_t            len = rd_le16(in, 1) & 0x7fff;
    uint8_t          *out = malloc(len + 1);  /* its own block: a byte too far is seen */
    enum status       st;

    in = size > 3 ? span_sub(in, 3, size - 3) : span_of(data, 0);
    switch (size ? data[0] % 3 : 0) {
    case 0:
        st = lznt1_decode(in, out, len);
        break;
    case 1:
        st = xpress_decode(in, out, len, &work.main);
        break;
    default:
        st = lzx_decode(in, out, len, &work);
        break;
    }
    if (st == STATUS_INTERNAL)
        abort();
    free(out);
    return 0;
}
