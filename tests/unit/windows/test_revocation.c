/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_revocation.c - which bytes of a program its hash is of, and what a list of revoked programs names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/arena.h"
#include "common/windows/revocation.h"
#include "tests/support/peprogram.h"

#define PE          PE_PROGRAM_HEADER
#define MAGIC       (PE + 24)
#define CHECKSUM    (PE + 88)
#define LEAST       (PE + 24 + 112 + 128)  /* a header with all of its directory */
#define CERTIFICATE "Microsoft Windows Production PCA 2011"

/* The two kinds of programs, and where their directory says where signatures are. */
static const struct { uint16_t magic; size_t directory; } kinds[] = { { 0x20b, PE + 168 }, { 0x10b, PE + 152 } };

static uint8_t program[PE_PROGRAM_BYTES];

static void make(size_t kind, uint32_t signatures)
{
    (void)pe_program(program, 0x8664, PE_EFI_APPLICATION);
    for (size_t i = LEAST; i < sizeof program; i++)
        program[i] = (uint8_t)(i * 7);
    wr_le16(program + MAGIC, kinds[kind].magic);
    wr_le32(program + kinds[kind].directory, signatures);
}

static struct span whole(void)
{
    return span_of(program, sizeof program);
}

/* Does the hash depend on this byte? */
static bool counts(size_t at)
{
    uint8_t before[SHA256_BYTES], after[SHA256_BYTES];
    bool    there;

    assert_true(revocation_hash(whole(), before));
    program[at] ^= 0x40;
    there = revocation_hash(whole(), after);
    program[at] ^= 0x40;
    return !there || memcmp(before, after, sizeof before) != 0;
}

static void test_what_the_hash_is_of(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < ARRAY_LEN(kinds); kind++) {
        size_t directory = kinds[kind].directory;

        make(kind, 1024);
        for (size_t i = 0; i < sizeof program; i++)
            if (i < directory || i >= directory + 4)  /* that says where the signatures begin */
                assert_int_equal(counts(i), !(i >= CHECKSUM && i < CHECKSUM + 4) && !(i >= directory && i < directory + 8) && i < 1024);
    }
}

/* A place of signatures that cannot be one: then it has none, and all of it counts. */
static void test_where_the_signatures_begin(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < ARRAY_LEN(kinds); kind++) {
        uint32_t directory = (uint32_t)kinds[kind].directory;
        const struct { uint32_t signatures, end; } cases[] = {
            { 0, sizeof program }, { directory + 7, sizeof program }, { directory + 8, directory + 8 }, { directory + 9, directory + 9 },
            { sizeof program - 1, sizeof program - 1 }, { sizeof program, sizeof program }, { sizeof program + 1, sizeof program },
            { 0xffffffff, sizeof program },
        };

        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
            make(kind, cases[i].signatures);
            if (cases[i].end > directory + 8)
                assert_true(counts(cases[i].end - 1));
            if (cases[i].end < sizeof program)
                assert_false(counts(cases[i].end));
        }
    }
}

/* The same bytes in the same order, each once. */
static void test_the_hash_itself(void **state)
{
    uint8_t       hash[SHA256_BYTES], wanted[SHA256_BYTES], left[sizeof program - 12];
    struct sha256 sum = sha256_begin();

    (void)state;
    make(0, 0);
    memcpy(left, program, CHECKSUM);
    memcpy(left + CHECKSUM, program + CHECKSUM + 4, kinds[0].directory - CHECKSUM - 4);
    memcpy(left + kinds[0].directory - 4, program + kinds[0].directory + 8, sizeof program - kinds[0].directory - 8);
    sha256_add(&sum, span_of(left, sizeof left));
    sha256_end(&sum, wanted);
    assert_true(revocation_hash(whole(), hash));
    assert_memory_equal(hash, wanted, sizeof hash);
}

static void test_what_is_no_program(void **state)
{
    static const size_t places[] = { 0, 1, PE, PE + 1, PE + 2, PE + 3 };
    uint8_t             hash[SHA256_BYTES];

    (void)state;
    make(0, 0);
    assert_true(revocation_hash(span_of(program, LEAST), hash));
    assert_false(revocation_hash(span_of(program, LEAST - 1), hash));
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        make(0, 0);
        program[places[i]] ^= 1;
        assert_false(revocation_hash(whole(), hash));
    }
    make(0, 0);
    wr_le32(program + 0x3c, 0xfffffff0);
    assert_false(revocation_hash(whole(), hash));
    assert_false(revocation_hash(span_of(program, 0), hash));
}

/* ---- lists */

static void test_a_hash_on_the_list(void **state)
{
    uint8_t list[100], hash[SHA256_BYTES];

    (void)state;
    make(0, 0);
    assert_true(revocation_hash(whole(), hash));
    for (size_t at = 0; at <= sizeof list - sizeof hash; at++) {
        memset(list, 0, sizeof list);
        memcpy(list + at, hash, sizeof hash);
        assert_true(revocation_names(span_of(list, sizeof list), whole()));
        list[at + 31] ^= 1;
        assert_false(revocation_names(span_of(list, sizeof list), whole()));
        list[at + 31] ^= 1;
        list[at] ^= 1;
        assert_false(revocation_names(span_of(list, sizeof list), whole()));
    }
    memcpy(list, hash, sizeof hash);
    assert_true(revocation_names(span_of(list, sizeof hash), whole()));
    assert_false(revocation_names(span_of(list, sizeof hash - 1), whole()));
    assert_false(revocation_names(span_of(list, 0), whole()));
    program[0] = 'x';  /* which is no program any more, and has no hash */
    assert_false(revocation_names(span_of(list, sizeof hash), whole()));
}

/* The certificate counts where it is in both; a program that has it need not be one that can be hashed. */
static void test_a_certificate_on_the_list(void **state)
{
    uint8_t list[200] = { 0 };

    (void)state;
    make(0, 0);
    memcpy(list + 77, CERTIFICATE, sizeof CERTIFICATE - 1);
    assert_false(revocation_names(span_of(list, sizeof list), whole()));
    memcpy(program + sizeof program - sizeof CERTIFICATE + 1, CERTIFICATE, sizeof CERTIFICATE - 1);
    assert_true(revocation_names(span_of(list, sizeof list), whole()));
    assert_true(revocation_names(span_of(list, 77 + sizeof CERTIFICATE - 1), whole()));
    assert_false(revocation_names(span_of(list, 77 + sizeof CERTIFICATE - 2), whole()));
    program[sizeof program - 1] ^= 1;
    assert_false(revocation_names(span_of(list, sizeof list), whole()));
    program[sizeof program - 1] ^= 1;
    list[77] ^= 1;
    assert_false(revocation_names(span_of(list, sizeof list), whole()));
    list[77] ^= 1;
    program[0] = 'x';
    assert_true(revocation_names(span_of(list, sizeof list), whole()));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_the_hash_is_of), cmocka_unit_test(test_where_the_signatures_begin),
        cmocka_unit_test(test_the_hash_itself), cmocka_unit_test(test_what_is_no_program), cmocka_unit_test(test_a_hash_on_the_list),
        cmocka_unit_test(test_a_certificate_on_the_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
