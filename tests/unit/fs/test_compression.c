/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_compression.c - LZNT1, XPRESS and LZX: the specification's own examples, and data that is damaged. Whole files made
 * by ntfs-3g and wimlib are in tests/host/test_volume_files.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/fs/lznt1.h"
#include "common/fs/lzx.h"
#include "common/fs/xpress.h"

#define GUARD 0xa5

static struct lzx work;

static enum status decode(char kind, struct span in, uint8_t *out, size_t len)
{
    if (kind == 'n')
        return lznt1_decode(in, out, len);
    return kind == 'x' ? xpress_decode(in, out, len, &work.main) : lzx_decode(in, out, len, &work);
}

/* [MS-XCA], 3.3: a melody. */
static void test_the_lznt1_example(void **state)
{
    static const uint8_t packed[] = {
        0x38, 0xb0, 0x88, 0x46, 0x23, 0x20, 0x00, 0x20, 0x47, 0x20, 0x41, 0x00, 0x10, 0xa2, 0x47, 0x01, 0xa0, 0x45, 0x20,
        0x44, 0x00, 0x08, 0x45, 0x01, 0x50, 0x79, 0x00, 0xc0, 0x45, 0x20, 0x05, 0x24, 0x13, 0x88, 0x05, 0xb4, 0x02, 0x4a,
        0x44, 0xef, 0x03, 0x58, 0x02, 0x8c, 0x09, 0x16, 0x01, 0x48, 0x45, 0x00, 0xbe, 0x00, 0x9e, 0x00, 0x04, 0x01, 0x18,
        0x90, 0x00,
    };
    static const char melody[] = "F# F# G A A G F# E D D E F# F# E E F# F# G A A G F# E D D E F# E D D E E F# D E F# G F# D "
                                 "E F# G F# E D E A F# F# G A A G F# E D D E F# E D D";
    uint8_t out[8192];

    (void)state;
    memset(out, GUARD, sizeof out);
    assert_int_equal(lznt1_decode(span_of(packed, sizeof packed), out, sizeof out), STATUS_OK);
    assert_memory_equal(out, melody, sizeof melody);
    for (size_t i = sizeof melody; i < sizeof out; i++)
        assert_int_equal(out[i], 0);
}

/* [MS-XCA], 3.2: the alphabet, and "abc" a hundred times; a table of 512 lengths, then the bits. */
static void test_the_xpress_examples(void **state)
{
    static const uint8_t alphabet[] = { 0xd8, 0x52, 0x3e, 0xd7, 0x94, 0x11, 0x5b, 0xe9, 0x19, 0x5f, 0xf9, 0xd6, 0x7c, 0xdf, 0x8d, 0x04, 0, 0, 0, 0 };
    static const uint8_t abc[] = { 0xa8, 0xdc, 0x00, 0x00, 0xff, 0x26, 0x01 };
    uint8_t packed[300] = { 0 }, out[300];

    (void)state;
    memset(packed + 'a' / 2, 0x55, 11);  /* 'a' to 'v' have 5 bits, 'w' to 'z' and the end have 4 */
    packed['a' / 2] = 0x50;
    packed['w' / 2] = 0x45;
    packed['y' / 2] = 0x44;
    packed['z' / 2] = 0x04;
    packed[128] = 0x04;
    memcpy(packed + 256, alphabet, sizeof alphabet);
    assert_int_equal(xpress_decode(span_of(packed, 256 + sizeof alphabet), out, 26, &work.main), STATUS_OK);
    assert_memory_equal(out, "abcdefghijklmnopqrstuvwxyz", 26);

    memset(packed, 0, sizeof packed);
    packed['a' / 2] = 0x30;
    packed['b' / 2] = 0x23;
    packed[128] = 0x02;
    packed[0x8f] = 0x20;
    memcpy(packed + 256, abc, sizeof abc);
    assert_int_equal(xpress_decode(span_of(packed, 256 + sizeof abc), out, 300, &work.main), STATUS_OK);
    for (size_t i = 0; i < 300; i++)
        assert_int_equal(out[i], "abc"[i % 3]);
}

/* An LZX block of bytes as they are, and calls in it that become relative again. */
static void test_lzx_bytes_as_they_are(void **state)
{
    /* type 3 (bits 011), not the usual size (0), 0x0014 as 16 bits, filled up; three distances; twenty bytes */
    static const uint8_t packed[] = { 0x01, 0x60, 0x00, 0x40, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0,
                                      0xe8, 0x10, 0, 0, 0, 0xe8, 0xfd, 0xff, 0xff, 0xff, 7, 8, 9, 10, 0xe8, 1, 2, 3, 4, 5 };
    static const uint8_t plain[] = { 0xe8, 0x10, 0, 0, 0, 0xe8, 0xfd, 0x1a, 0xb7, 0, 7, 8, 9, 10, 0xe8, 1, 2, 3, 4, 5 };
    uint8_t out[20];

    (void)state;
    assert_int_equal(lzx_decode(span_of(packed, sizeof packed), out, sizeof out, &work), STATUS_OK);
    assert_memory_equal(out, plain, sizeof plain);
    assert_int_equal(lzx_decode(span_of(packed, sizeof packed - 1), out, sizeof out, &work), STATUS_FS_DAMAGED);
    assert_int_equal(lzx_decode(span_of(packed, sizeof packed), out, sizeof out - 1, &work), STATUS_FS_DAMAGED);
    assert_int_equal(lzx_decode(span_of(packed, sizeof packed), out, LZX_CHUNK_BYTES + 1, &work), STATUS_INTERNAL);
}

/* ---- what wimlib 1.13 made of bytes that can be made again: one chunk each */

static const char lzx_verbatim[] =
    "772100000000420000240200f63b53817bfd6f0da2df00400000880400a8a1040a63c4c642a663b1c08039820a1b98688006b1817eec"
    "530122c2047a143a9ee8a18f8f4ef4a3fa7b00000000220280099a02fb9b0e533a879c1865c4fdfdfffdc69e966b6cda666ed950d1a7"
    "cea65b156ead815707ab805f6fba17f973115eabc73e7ab88843df066f21d08e4bb19badde21b13e08dc051ca90e0ce0b107a0057473"
    "027e4260403d677e6b9e63f758c87c190c584fd7b0879cd78b0f1302b8aed3430dff3a66110dc01c88d6756e3572f56c55791a50e1b5"
    "9eae9a878b3cc3cef18988f8b504cad0fe41186a77e14b97ae9272a969147374b463dcb06ff91e0cafc12f2d04a4caa6c1d9fd5a150a"
    "f86dca749da13c05c746134c04446683a229d354289095bcd82bbd814ed0363465ae74026a0ef040a46a42395c9aaec4c25c08d26804"
    "fee010b92e57fd24cda5db6998ce6d18b5d4e00470b99a9c370d47dc66153b447986280c81976d5637e3c3dec12f5050cc77d780045c"
    "87f0968bb284e0d03af13fa3e41a0a132ceb3ec51846dd3dc78e41c0f84819f643784f96dbb30956f76489aa2b98a6ea5634c9d5b6ca"
    "abf16991d51a1a05f5903b6c13662fa050f91af4a2dfa99d420e2cde61e655263c1b664111d6537e3f4aebb289244830a78d7fbb2384"
    "93fa92f968643c909b2bdd6acc05c955578316daa42fa834964c028314fa075ce3f4e6c8fed59609035a88ddf8d146ea355afc972a2d"
    "b9806e379ccd1e7e4ef109928c24dda9651dc79ba2774b8ae45a5be5fba6fbc219927b96b919fd9a314a4121978246580f484d624464"
    "4b84aba3a95adaf193808bd65f1ef548c3229b73d377674505732ba3c7e4a9407fbce2205701696bc4bedc9bb74e22cef996f57ffa57"
    "f20b05df4535994f10018f9661e4a104930f705cb0a87f992592146c589287baa5f42cf3567451af49fed5747ae32bdcbf0ca48d841c"
    "2f700faa10f0";
static const char lzx_aligned[] =
    "1459346a00000300343200000702a4eeffdac54b0a2cdf0f20b10000340035440250420010072a84a67ad12522298e3a861c52199fca"
    "fa933d750003ead49d7ca74ea9537ef2a74eeae43e75534f00c20000220000444000ea43a67d60f255df37205a33f5716583d46433ad"
    "132a24e8981a2404628006814665066221962444e25946667801245111908167891057e27801249e3710977fe5dade6e9cadc755f77d"
    "bbed2e9ecb3eb1965772bb699b1e614e956c826c2021810a09f96cb523239e6abc639c833f820b7f149e94667ea076401ef7de6e2197"
    "b53b1d18083a767cc91657a36164ee1647a3b08395e3088cb918a1ac5e91a4a907a350aeb904166b42cc2bf4f75d823d6cca4612e2fa"
    "879ea2a0e6eb2374a8ee87d7c207111528c6154e872f8adef40def602b996886733a791c5bdb8032717d70ee95f09fb33a1d41cf2a8d"
    "93393dd64b8c4ccc2c97a0f9b77bbeb270bfad30644c353fc12659ae95515e2cd29199423adc378f7f5e1a52a51e7397a95dacfca509"
    "14c673ae016f1ed0fa5e09c9d54fdf928a1cd86058a19ad81cf5589eff4ffb0ffdbbc963cc63ee1795341019447e76b3fc4576d188f7"
    "d227058b562d5295b495f94e99fbee401d1fc869c36853a343f4e6c5a2ae4d0f363f0f3a638eae5d4a9ce1c92af16e7cce30cd9fb1a8"
    "24d06ac045917c487c9cb35885afb58454679d5a4d8687711f84354cf35eb1844c14a71c8f7ed23e786efaa500bce1a7f6b4caa68935"
    "9174d8a891292b4cc7cc22bfa29c1243c4452e215716597fc767dcf30a9ea5ad98e3d63a6585c1a1666d265700004b036ab292cb8072"
    "1683bfaa6ae73502a44193eda49ffe977d82e42ac5d011c2aafba261816b553a253c3474180e2e5acec293a87a258c93a66e2bfae024"
    "030015863b17800fce18efdd07d7975ecb0b51c99025e2526518424a57950c4abd448846d877fe54db9a38f4fb26ab6390b8b1da8a14"
    "d29aa40581d3ae36dbd4f1f5669823d111b49ad9cecbd6a0ac4a6db6744c74f265257e8249907d5364e59456bddac5f7687221cd875f"
    "1e2ba01b8da2859ea086e44d9e8c0acf318831024bf0d2d062f74326a46b17361354865ba806891500490a57fcc9a2de34fa62ac7d0f"
    "1da501737986b3396cb406910f8bc58fbac4d1d7cc33da865935a509a0b6e8fb245c424a9fb7c6335425dd75bdedad6ad3fe4e62f511"
    "f289d2ef844e18445edcdeda5b5b908553398429e2d47f44635b6d3c9ebd16aa2158242752f4a27c6414bd530719c435647e761cc459"
    "1ac0d7d38c98e62f14dbea13e0b2602d97e01fcd8729b147e6cff01eb774d077c2c4b9b8345c2219058faae085a66097";
static const char xpress_huffman[] =
    "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000606766686587"
    "877766660600000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "000000000000000000000000000000000000000008000000000008000000000000000080000000000000008007888008000000800880"
    "000800000060000808008700806000080007807800600088077800888040000808680077674000888008800807300000068880076037"
    "00008000000800600000000000000000000000000000000000000000000000000000000000000000eb8d49ae6c04eb69756c6bfdca91"
    "231c08ce800a25461118655a30067260d90d0cdeef7e4912e4771653960189a20600ab4c0ac3ca0accb80980250700195517cfca0544"
    "5f017bf7802438f50eafb0efbb1136bb0d42157a45176a9e1100665e5a0409c14a1180360100f6010d7b5405c0c413a99b0c6d5811c1"
    "6d01a4ab170852d156cb08ee9c136d017ac016f4880b169800a1530e06675084f72f306ef400633a0317060817c50407b6600455270e"
    "eb1c030e5734927e13439cacfa55d635a4f2b413092113afcb0a34dab0e006acc0111cca1645c706160a042010c664036ebd0b0d83fb"
    "1193f65bd2b7b8ac190cdbc546ed01a8c921ae906f150e734d39f7ea6eb2383fec048bd92308a98dca0bef620a0d600e4680958406b6"
    "4704ce5be15716b3dd5ab711a86c4253012e2d0131232fea89b00b21070773b5150168415f0abbb4d660d6152a3417c20b11940511af"
    "c800c44808a22410a37a030102900ed2080bf9b91602f18564916a5c03e7a524f8bce8f343b0bf82a812c6a6071abbe2b1dd440ace88"
    "411f07ca8659d41301630a29d505631019d513d7558c5fbce7d9f8123f04c8017bb7160d7f9e9a10468a00b2a404e83605d095d601f2"
    "bb0cf0d88eeb947598970f320676ae10fc7344da498566580202df8d0e00b20000";

/* Letters, and copies of what is there already: far ones, or near ones and some at multiples of 8. */
static void make_plain(uint8_t *out, size_t len, uint32_t seed, unsigned letters, unsigned longest, bool aligned)
{
#define NEXT(below) ((uint32_t)((x = x * 1103515245 + 12345) >> 16) % (uint32_t)(below))
    uint32_t x = seed;

    for (size_t at = 0; at < len;) {
        size_t distance, count;

        if (at < 16 || NEXT(100) < letters) {
            out[at++] = (uint8_t)('a' + NEXT(20));
            continue;
        }
        if (!aligned)
            distance = 1 + NEXT(at);
        else if (NEXT(3))
            distance = (NEXT(at) & ~7u) + 3;
        else
            distance = 1 + NEXT(64);
        count = 2 + NEXT(longest);
        if (distance > at)
            distance = 1 + NEXT(at);
        for (; count > 0 && at < len; count--, at++)
            out[at] = out[at - distance];
    }
#undef NEXT
}

static struct span from_hex(const char *hex, uint8_t *out)
{
    size_t len = strlen(hex) / 2;

    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)strtoul((char[]){ hex[2 * i], hex[2 * i + 1], 0 }, NULL, 16);
    return span_of(out, len);
}

/* Codes of 1 to 15 bits, the longest that there are; the symbol 0, which is no error. */
static void test_the_longest_codes(void **state)
{
    uint8_t packed[264] = { 0x21, 0x43, 0x65, 0x87, 0xa9, 0xcb, 0xed, 0xff }, out[16];

    (void)state;
    memset(out, GUARD, sizeof out);
    assert_int_equal(xpress_decode(span_of(packed, sizeof packed), out, 16, &work.main), STATUS_OK);
    for (size_t i = 0; i < 16; i++)
        assert_int_equal(out[i], 0);
}

/* Calls at other places than the first: forward, and back to the very beginning of the chunk. */
static void test_lzx_calls(void **state)
{
    static const uint8_t packed[] = { 0x01, 0x60, 0x00, 0xa0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,
                                      0xe8, 7, 0, 0, 0, 0xe8, 0xf6, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 };
    static const uint8_t plain[] = { 0, 0, 0, 0, 0, 0xe8, 2, 0, 0, 0, 0xe8, 0xf6, 0x1a, 0xb7, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 };
    uint8_t out[sizeof plain];

    (void)state;
    assert_int_equal(lzx_decode(span_of(packed, sizeof packed), out, sizeof out, &work), STATUS_OK);
    assert_memory_equal(out, plain, sizeof plain);
}

/* Blocks of both kinds, recent distances, long matches, all ways to code lengths. */
static void test_whole_chunks(void **state)
{
    static uint8_t packed[2048], plain[LZX_CHUNK_BYTES], out[LZX_CHUNK_BYTES];

    (void)state;
    make_plain(plain, 6000, 1, 20, 40, false);
    assert_int_equal(lzx_decode(from_hex(lzx_verbatim, packed), out, 6000, &work), STATUS_OK);
    assert_memory_equal(out, plain, 6000);
    assert_int_equal(xpress_decode(from_hex(xpress_huffman, packed), out, 4096, &work.main), STATUS_OK);
    assert_memory_equal(out, plain, 4096);
    make_plain(plain, LZX_CHUNK_BYTES, 2, 12, 300, true);
    assert_int_equal(lzx_decode(from_hex(lzx_aligned, packed), out, LZX_CHUNK_BYTES, &work), STATUS_OK);
    assert_memory_equal(out, plain, LZX_CHUNK_BYTES);
}

static void test_damage_stays_inside(void **state)
{
    static const char kinds[] = "nxl";
    static uint8_t    in[600], out[8192 + 16];
    unsigned          refused[3] = { 0 };

    (void)state;
    srand(4);
    for (size_t round = 0; round < 30000; round++) {
        size_t k = round % 3, len = (size_t)rand() % sizeof in, want = (size_t)rand() % (sizeof out - 16);

        for (size_t i = 0; i < len; i++)
            in[i] = (uint8_t)(round % 2 || i >= 256 ? rand() : 0x99 - (int)(i & 0x11));
        if (k == 0 && len > 1)
            in[1] = (uint8_t)((in[1] & 1) | 0xb0);
        memset(out, GUARD, sizeof out);
        if (decode(kinds[k], span_of(in, len), out, want) != STATUS_OK)
            refused[k]++;
        for (size_t i = want; i < sizeof out; i++)
            assert_int_equal(out[i], GUARD);
    }
    for (size_t k = 0; k < 3; k++)
        assert_true(refused[k] > 1000);
}

static void test_what_is_no_code(void **state)
{
    uint8_t packed[400] = { 0 }, out[16];

    (void)state;
    assert_int_equal(xpress_decode(span_of(packed, 255), out, 16, &work.main), STATUS_FS_DAMAGED);  /* half a table */
    assert_int_equal(xpress_decode(span_of(packed, sizeof packed), out, 16, &work.main), STATUS_FS_DAMAGED);  /* no symbol */
    memset(packed, 0x11, 256);  /* 512 symbols of one bit each */
    assert_int_equal(xpress_decode(span_of(packed, sizeof packed), out, 16, &work.main), STATUS_FS_DAMAGED);
    assert_int_equal(lzx_decode(span_of(packed, 0), out, 16, &work), STATUS_FS_DAMAGED);
    assert_int_equal(lznt1_decode(span_of("\x03\x00zz", 4), out, 16), STATUS_FS_DAMAGED);      /* no signature */
    assert_int_equal(lznt1_decode(span_of("\x03\xb0\x01\x01", 4), out, 16), STATUS_FS_DAMAGED); /* longer than the input */
    assert_int_equal(lznt1_decode(span_of("\x02\xb0\x01\x01\x00", 5), out, 16), STATUS_FS_DAMAGED); /* a match at once */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_lznt1_example),   cmocka_unit_test(test_the_xpress_examples),
        cmocka_unit_test(test_lzx_bytes_as_they_are), cmocka_unit_test(test_damage_stays_inside),
        cmocka_unit_test(test_what_is_no_code),       cmocka_unit_test(test_whole_chunks),
        cmocka_unit_test(test_the_longest_codes),     cmocka_unit_test(test_lzx_calls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
