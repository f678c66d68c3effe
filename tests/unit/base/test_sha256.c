/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_sha256.c - the examples of FIPS 180-4's authors (NIST), in one piece and in many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/sha256.h"

static void assert_hash(const char *text, size_t times, const char *expected)
{
    struct sha256 hash = sha256_begin();
    uint8_t       out[SHA256_BYTES];
    char          shown[2 * SHA256_BYTES + 1];

    for (size_t i = 0; i < times; i++)
        sha256_add(&hash, span_of(text, strlen(text)));
    sha256_end(&hash, out);
    for (size_t i = 0; i < sizeof out; i++)
        snprintf(shown + 2 * i, 3, "%02x", out[i]);
    assert_string_equal(shown, expected);
}

static void test_examples(void **state)
{
    (void)state;
    assert_hash("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_hash("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    assert_hash("a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_examples) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
