/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_int13.c - drives of a BIOS that has EDD, or half of it, or none, and reads that do not work at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../int13.h"
#include "../memory.h"

#define BLOCKS 3000000u

/* One drive of the BIOS under test. */
struct drive {
    bool     has_geometry, has_type, has_edd, edd_reads;
    uint16_t heads;
    uint8_t  sectors, type;
    uint16_t cylinders;
    uint32_t block_bytes;
    uint64_t blocks, type_blocks;  /* by AH=48, by AH=15 */
    uint32_t most_blocks;          /* that one call takes */
    uint64_t bad_first, bad_count; /* blocks that cannot be read */
    unsigned fail_next;            /* calls that fail whatever they ask for */
    bool     silent;               /* success without data */
    bool     edd_fails;            /* AH=41 fails, with the right words all the same */
    uint16_t edd_magic, edd_cx;    /* other answers to AH=41 than the right ones; 0: the right ones */
    uint32_t delivers;             /* as many blocks at most, and success; 0: all */
    uint32_t ms;                   /* that a call which fails takes */
};

static struct drive drives[2];  /* 80h, 81h */
static struct drive floppy;     /* 00h */
static uint8_t      counted;
static unsigned     reads, resets;
static uint64_t     lba_asked;
static uint32_t     count_asked;
static struct int13_disk disk;

static uint8_t byte_of(uint64_t lba, size_t i) { return (uint8_t)(lba * 7 + (lba >> 8) + i / 512); }

static void deliver(struct drive *d, struct rm_regs *r, uint64_t lba, uint32_t count, uint8_t *to)
{
    uint32_t bytes = d->block_bytes ? d->block_bytes : 512;
    bool     bad = lba < d->bad_first + d->bad_count && lba + count > d->bad_first;

    reads++;
    lba_asked = lba;
    count_asked = count;
    if (d->fail_next || bad || count > d->most_blocks) {
        d->fail_next -= d->fail_next > 0;
        machine_ms += d->ms;
        return;
    }
    assert_true((uintptr_t)to == BOUNCE_BASE && count * bytes <= BOUNCE_BYTES);
    r->flags = 0;
    if (d->delivers && count > d->delivers)
        count = d->delivers;
    for (size_t i = 0; !d->silent && i < count * bytes; i++)
        to[i] = byte_of(lba + i / bytes, i % bytes);
}

static void edd_read(struct drive *d, struct rm_regs *r)
{
    const uint8_t *packet = machine_pointer(r->ds, r->esi);
    uint64_t       lba;
    uint16_t       count, offset, segment;

    memcpy(&count, packet + 2, 2);
    memcpy(&offset, packet + 4, 2);
    memcpy(&segment, packet + 6, 2);
    memcpy(&lba, packet + 8, 8);
    assert_int_equal(packet[0], 16);
    assert_int_equal(packet[1], 0);
    if (d->edd_reads)
        deliver(d, r, lba, count, machine_pointer(segment, offset));
}

static void chs_read(struct drive *d, struct rm_regs *r)
{
    uint32_t cylinder = (r->ecx >> 8 & 0xff) | (r->ecx << 2 & 0x300), sector = r->ecx & 0x3f, head = r->edx >> 8 & 0xff;

    assert_in_range(sector, 1, d->sectors);
    assert_true(head < d->heads && sector - 1 + (r->eax & 0xff) <= d->sectors);
    deliver(d, r, ((uint64_t)cylinder * d->heads + head) * d->sectors + sector - 1, r->eax & 0xff,
            machine_pointer(r->es, r->ebx));
}

static void edd_parameters(struct drive *d, struct rm_regs *r)
{
    uint8_t *p = machine_pointer(r->ds, r->esi);

    assert_int_equal(p[0] | p[1] << 8, 26);
    assert_int_equal(p[2] | p[3] << 8, 0);
    memcpy(p + 16, &d->blocks, 8);
    memcpy(p + 24, &d->block_bytes, 2);
    memset(p + 26, 0xee, 74);  /* more than was asked for, as some do */
    r->flags = 0;
}

static void answer(uint8_t vector, struct rm_regs *r)
{
    uint8_t       number = r->edx & 0xff;
    struct drive *d = number >= 0x80 && number < 0x82 ? &drives[number - 0x80] : NULL;

    assert_int_equal(vector, 0x13);
    if ((r->eax >> 8 & 0xff) != 0x02)
        assert_int_equal(r->eax & 0xff, 0);  /* of no meaning, and so are bits that others may have given one */
    r->flags = RM_CARRY;
    assert_true(number < 0x80 + INT13_MAX_DISKS);
    if (number == 0 && floppy.heads)
        d = &floppy;
    if (!d)
        return;
    switch (r->eax >> 8 & 0xff) {
    case 0x00:
        resets++;
        break;
    case 0x02:
        chs_read(d, r);
        break;
    case 0x08:
        r->ecx = r->edx = 0xffff;  /* as some leave them that fail */
        if (!d->has_geometry)
            break;
        r->flags = 0;
        r->ecx = ((d->cylinders - 1u) & 0xff) << 8 | ((d->cylinders - 1u) >> 2 & 0xc0) | d->sectors;
        r->edx = (d->heads - 1u) << 8 | counted;
        break;
    case 0x15:
        if (!d->has_type)
            break;
        r->flags = 0;
        r->eax = (uint32_t)d->type << 8;
        r->ecx = 0xdead0000u | (uint16_t)(d->type_blocks >> 16);
        r->edx = 0xdead0000u | (uint16_t)d->type_blocks;
        break;
    case 0x41:
        assert_int_equal(r->ebx, 0x55aa);
        if (!d->has_edd)
            break;
        r->flags = d->edd_fails ? RM_CARRY : 0;
        r->ebx = 0xbeef0000u | (d->edd_magic ? d->edd_magic : 0xaa55);
        r->ecx = 0xbeef0000u | (d->edd_cx ? d->edd_cx : 1);
        break;
    case 0x42:
        edd_read(d, r);
        break;
    case 0x48:
        edd_parameters(d, r);
        break;
    default:
        fail_msg("INT 13h, eax %x, is not one that only reads", r->eax);
    }
}

/* 80h: an ordinary one; 81h: none. */
static void start(void)
{
    machine_init();
    machine_ms = 1000000;                /* the clock has gone for a while */
    machine_bios = answer;
    memset(drives, 0, sizeof drives);
    memset(&floppy, 0, sizeof floppy);
    drives[0] = (struct drive){ .has_geometry = true, .has_type = true, .has_edd = true, .edd_reads = true, .heads = 255,
                                .sectors = 63, .type = 3, .cylinders = 1024, .block_bytes = 512, .blocks = BLOCKS,
                                .type_blocks = 16450560, .most_blocks = 127 };
    counted = 1;
    reads = resets = 0;
}

static void open_disk(void)
{
    assert_true(int13_open(0x80, &disk));
}

static enum status read_blocks(uint64_t lba, uint32_t count)
{
    static uint8_t buf[300 * 4096];
    uint32_t       bytes = disk.dev.block_size;
    enum status    st;

    assert_true(count * bytes <= sizeof buf);
    memset(buf, 0xcc, sizeof buf);
    st = disk.dev.read(&disk.dev, lba, count, buf);
    for (size_t i = 0; st == STATUS_OK && i < sizeof buf; i++)
        if (buf[i] != (i < count * bytes ? byte_of(lba + i / bytes, i % bytes) : 0xcc))
            fail_msg("byte %zu of the read of %u blocks from %llu", i, count, (unsigned long long)lba);
    return st;
}

/* A disk that has been read. */
static void start_reading(void)
{
    start();
    open_disk();
    assert_int_equal(read_blocks(0, 8), STATUS_OK);
}

/* ---- drives */

static void test_an_ordinary_drive(void **state)
{
    (void)state;
    start();
    open_disk();
    assert_string_equal(disk.name, "hd80");
    assert_ptr_equal(disk.dev.name, disk.name);
    assert_int_equal(disk.drive, 0x80);
    assert_true(disk.has_edd);
    assert_int_equal(disk.chs_heads, 255);
    assert_int_equal(disk.chs_sectors, 63);
    assert_int_equal(disk.max_blocks, 127);
    assert_int_equal(disk.dev.block_size, 512);
    assert_int_equal(disk.dev.block_count, BLOCKS);
    assert_int_equal(disk.dev.given_up, STATUS_OK);
    drives[0].block_bytes = 4096;
    open_disk();
    assert_int_equal(disk.dev.block_size, 4096);
    drives[0].block_bytes = 0;
    open_disk();
    assert_int_equal(disk.dev.block_size, 512);
}

static bool wait(struct block_device *dev, uint32_t seconds)
{
    return dev && seconds;
}

static void test_the_list(void **state)
{
    static struct int13_disk list[INT13_MAX_DISKS];

    (void)state;
    start();
    assert_int_equal(int13_list(list, wait), 1);
    assert_ptr_equal(list[0].dev.keep_waiting, wait);
    drives[1] = drives[0];
    drives[0] = (struct drive){ 0 };
    assert_int_equal(int13_list(list, wait), 1);
    assert_string_equal(list[0].name, "hd81");
    drives[0] = drives[1];
    assert_int_equal(int13_list(list, wait), 2);
    assert_false(int13_open(0x00, &disk));
    assert_string_equal(disk.name, "fd00");
    assert_false(int13_open(0x01, &disk));
    assert_string_equal(disk.name, "fd01");
}

/* By any one of the three answers there is a drive; AH=08 alone has to count it. */
static void test_what_makes_a_drive(void **state)
{
    static const struct { bool geometry, type, edd; uint8_t count, kind; bool there; } cases[] = {
        { true, false, false, 1, 3, true }, { true, false, false, 0, 3, false }, { false, true, false, 0, 3, true },
        { false, true, false, 1, 2, false }, { false, false, true, 0, 3, true }, { false, false, false, 1, 3, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start();
        drives[0].has_geometry = cases[i].geometry;
        drives[0].has_type = cases[i].type;
        drives[0].has_edd = cases[i].edd;
        drives[0].type = cases[i].kind;
        counted = cases[i].count;
        assert_int_equal(int13_open(0x80, &disk), cases[i].there);
    }
    start();
    drives[1] = drives[0];
    drives[1].has_type = drives[1].has_edd = false;  /* AH=08 answers for a drive that is not there */
    assert_false(int13_open(0x81, &disk));
    counted = 2;
    assert_true(int13_open(0x81, &disk));
    drives[1].sectors = 0;                           /* and with nonsense */
    assert_false(int13_open(0x81, &disk));
}

/* By the right word, and by the bit for packets: without those there are none. */
static void test_what_makes_edd(void **state)
{
    (void)state;
    start();
    drives[0].edd_cx = 7;
    open_disk();
    assert_true(disk.has_edd);
    drives[0].edd_cx = 6;
    open_disk();
    assert_false(disk.has_edd);
    start();
    drives[0].edd_magic = 0x55aa;
    open_disk();
    assert_false(disk.has_edd);
    start();
    drives[0].edd_fails = true;
    open_disk();
    assert_false(disk.has_edd);
}

static void test_sizes_without_edds(void **state)
{
    const uint64_t chs = 1024ull * 255 * 63;

    (void)state;
    start();
    drives[0].blocks = 0;
    drives[0].type_blocks = 100000;      /* AH=15 knows less than AH=08 */
    open_disk();
    assert_int_equal(disk.dev.block_count, chs);
    start();
    drives[0].blocks = 0;                /* EDD, but no size from it */
    open_disk();
    assert_true(disk.has_edd);
    assert_int_equal(disk.dev.block_count, chs);
    drives[0].type_blocks = chs + 5;
    open_disk();
    assert_int_equal(disk.dev.block_count, chs + 5);
    drives[0].has_edd = false;           /* beyond what CHS reaches nothing can be read */
    open_disk();
    assert_int_equal(disk.dev.block_count, chs);
    drives[0].type_blocks = chs - 1;
    drives[0].cylinders = 100;
    open_disk();
    assert_int_equal(disk.dev.block_count, chs - 1);
    drives[0].cylinders = 1024;
    drives[0].type_blocks = 1000;
    drives[0].cylinders = 300;
    open_disk();
    assert_int_equal(disk.dev.block_count, 300ull * 255 * 63);
    drives[0].has_geometry = false;      /* no way to read it, and no size */
    drives[0].type_blocks = 0;
    open_disk();
    assert_int_equal(disk.dev.block_count, 1);
    assert_int_equal(disk.dev.given_up, STATUS_DISK_ABSENT);
    assert_int_equal(disk.chs_heads, 0);
}

/* ---- reads */

static void test_reads_by_edd(void **state)
{
    (void)state;
    start();
    open_disk();
    assert_int_equal(read_blocks(0, 1), STATUS_OK);
    assert_int_equal(reads, 1);
    assert_int_equal(read_blocks(2999000, 127), STATUS_OK);
    assert_int_equal(reads, 2);
    assert_int_equal(read_blocks(0x20000, 300), STATUS_OK);
    assert_int_equal(reads, 5);
    assert_int_equal(count_asked, 300 - 2 * 127);
    drives[0].block_bytes = 4096;
    open_disk();
    reads = 0;
    assert_int_equal(read_blocks(77, 45), STATUS_OK);
    assert_int_equal(reads, 3);          /* of 64 KiB at most */
    assert_int_equal(resets, 0);
    assert_int_equal(disk.dev.read_errors, 0);
}

static void test_reads_by_chs(void **state)
{
    (void)state;
    start();
    drives[0].has_edd = drives[0].edd_reads = false;
    open_disk();
    assert_int_equal(read_blocks(0, 63), STATUS_OK);
    assert_int_equal(reads, 1);
    assert_int_equal(read_blocks(60, 70), STATUS_OK);  /* to the end of the track, a whole one, the rest */
    assert_int_equal(reads, 4);
    assert_int_equal(count_asked, 130 - 126);
    assert_int_equal(lba_asked, 126);
    assert_int_equal(read_blocks(1023ull * 255 * 63 + 254 * 63, 63), STATUS_OK);  /* the last track */
    drives[0].heads = 16;
    open_disk();
    assert_int_equal(read_blocks(777ull * 16 * 63 + 15 * 63 + 62, 2), STATUS_OK);
}

/* The drive is for more, and says so: the floppy is what its boot sector read it as. No read goes beyond a track. */
static void test_a_floppy(void **state)
{
    (void)state;
    start();
    floppy = (struct drive){ .has_geometry = true, .heads = 2, .sectors = 36, .cylinders = 80, .most_blocks = 18 };
    int13_floppy(0, &disk);
    assert_string_equal(disk.name, "fd00");
    assert_int_equal(disk.dev.block_count, 2880);
    assert_int_equal(disk.dev.block_size, 512);
    floppy.sectors = 18;              /* of the tracks that are there */
    assert_int_equal(read_blocks(10, 40), STATUS_OK);
    assert_int_equal(reads, 3);          /* 8 to the end of the track, 18, 14 */
    assert_int_equal(lba_asked, 36);
    assert_int_equal(count_asked, 14);
    assert_int_equal(read_blocks(2879, 1), STATUS_OK);
    floppy.fail_next = 2;             /* the motor, a changed medium */
    assert_int_equal(read_blocks(0, 18), STATUS_OK);
    assert_int_equal(resets, 2);
}

static void test_errors_that_go_away(void **state)
{
    (void)state;
    start_reading();
    drives[0].fail_next = 2;
    assert_int_equal(read_blocks(100, 8), STATUS_OK);
    assert_int_equal(disk.dev.read_errors, 2);
    assert_int_equal(resets, 2);
    assert_int_equal(disk.dev.failed_ms, 0);
    drives[0].fail_next = 3;
    assert_int_equal(read_blocks(100, 8), STATUS_READ_FAILED);
    assert_int_equal(resets, 4);
}

static void test_success_without_data(void **state)
{
    (void)state;
    start_reading();
    drives[0].silent = true;
    assert_int_equal(read_blocks(0, 8), STATUS_READ_SILENT);
    assert_int_equal(resets, 2);
    drives[0].silent = false;
    drives[0].delivers = 7;              /* all but the last block */
    assert_int_equal(read_blocks(0, 8), STATUS_READ_SILENT);
    assert_int_equal(read_blocks(0, 7), STATUS_OK);
}

/* A read that takes long to fail is not repeated, and what it took is told. */
static void test_a_drive_that_takes_long(void **state)
{
    (void)state;
    start_reading();
    drives[0].bad_count = 1000;
    drives[0].ms = 2999;
    reads = 0;
    assert_int_equal(read_blocks(100, 8), STATUS_READ_FAILED);
    assert_int_equal(reads, 2);
    assert_int_equal(disk.dev.failed_ms, 2 * 2999);
    drives[0].ms = 3000;
    reads = 0;
    assert_int_equal(read_blocks(100, 8), STATUS_READ_FAILED);
    assert_int_equal(reads, 1);
    open_disk();                         /* nothing was read yet: no other way is tried either */
    reads = 0;
    assert_int_equal(read_blocks(100, 8), STATUS_READ_FAILED);
    assert_int_equal(reads, 1);
}

/* The place is bad, when as much can be read elsewhere. */
static void test_a_bad_place(void **state)
{
    (void)state;
    start();
    open_disk();
    drives[0].bad_first = 100;
    drives[0].bad_count = 4;
    assert_int_equal(read_blocks(96, 8), STATUS_READ_FAILED);
    assert_int_equal(reads, 3 + 1);
    assert_int_equal(lba_asked, BLOCKS / 2);
    assert_int_equal(disk.max_blocks, 127);
    assert_true(disk.has_edd);
    assert_int_equal(disk.most_read, 8);
    assert_int_equal(read_blocks(103, 8), STATUS_READ_FAILED);
    assert_int_equal(reads, 4 + 3);      /* no more than was read before: nothing has to be found out */
    assert_int_equal(read_blocks(104, 8), STATUS_OK);
}

/* BIOSes that say EDD and do not do it, or not so much at once: what works is kept. */
static void test_fewer_blocks_at_once(void **state)
{
    static const uint32_t most[] = { 126, 16, 15, 8, 7, 1 }, kept[] = { 16, 16, 8, 8, 1, 1 };

    (void)state;
    for (size_t i = 0; i < sizeof most / sizeof most[0]; i++) {
        start();
        drives[0].most_blocks = most[i];
        open_disk();
        assert_int_equal(read_blocks(5000, 127), STATUS_OK);
        assert_int_equal(disk.max_blocks, kept[i]);
        assert_true(disk.has_edd);
        assert_int_equal(disk.dev.read_errors, 0);  /* the BIOS's, not the disk's */
        assert_int_equal(disk.dev.failed_ms, 0);
        if (i == 0)                      /* here three times, elsewhere three times, then what works, and the rest by that */
            assert_int_equal(reads, 3 + 3 + 1 + (127 - 16 + 15) / 16);
        reads = 0;
        assert_int_equal(read_blocks(9000, 32), STATUS_OK);
        assert_int_equal(reads, 32 / kept[i]);
    }
}

/* Without EDD, too; and no read goes beyond a track because of it. */
static void test_fewer_blocks_at_once_without_edd(void **state)
{
    (void)state;
    start();
    drives[0].has_edd = drives[0].edd_reads = false;
    drives[0].most_blocks = 16;
    open_disk();
    assert_int_equal(read_blocks(63, 63), STATUS_OK);
    assert_int_equal(disk.max_blocks, 16);
    assert_false(disk.has_edd);
    reads = 0;
    assert_int_equal(read_blocks(126, 63), STATUS_OK);
    assert_int_equal(reads, 4);          /* 16, 16, 16, 15 */
    assert_int_equal(read_blocks(189 + 60, 8), STATUS_OK);
    assert_int_equal(reads, 6);          /* to the end of the track, and the rest */
    assert_int_equal(count_asked, 5);
}

/* What earlier errors took of time has no say in this. */
static void test_fewer_blocks_at_once_after_an_error(void **state)
{
    (void)state;
    start_reading();
    drives[0].bad_first = 100;
    drives[0].bad_count = 10;
    drives[0].ms = 5000;
    assert_int_equal(read_blocks(100, 8), STATUS_READ_FAILED);
    assert_int_equal(disk.dev.failed_ms, 5000);
    drives[0].ms = 0;
    drives[0].most_blocks = 16;
    assert_int_equal(read_blocks(5000, 127), STATUS_OK);
    assert_int_equal(disk.max_blocks, 16);
    assert_int_equal(disk.dev.failed_ms, 5000);
}

/* Nothing works: each way is tried once, with all its attempts, and the drive is left as it was. */
static void test_a_drive_that_reads_nothing(void **state)
{
    (void)state;
    start();
    open_disk();
    drives[0].fail_next = 1000;
    assert_int_equal(read_blocks(5000, 127), STATUS_READ_FAILED);
    assert_int_equal(reads, 3 * (2 + 3 + 4));  /* here, elsewhere; by EDD 16, 8, 1; by CHS the same and a track */
    assert_true(disk.has_edd);
    assert_int_equal(disk.max_blocks, 127);
}

/* A disk so small that a read of the same size elsewhere ends with it. */
static void test_a_bad_place_of_a_small_disk(void **state)
{
    (void)state;
    start();
    drives[0].blocks = 15;
    drives[0].bad_count = 1;
    open_disk();
    assert_int_equal(read_blocks(0, 8), STATUS_READ_FAILED);
    assert_int_equal(reads, 3 + 1);
    assert_int_equal(lba_asked, 7);
}

static void test_edd_that_does_not_read(void **state)
{
    (void)state;
    start();
    drives[0].edd_reads = false;
    open_disk();
    assert_true(disk.has_edd);
    assert_int_equal(read_blocks(1000, 8), STATUS_OK);
    assert_false(disk.has_edd);
    assert_int_equal(disk.max_blocks, 127);
    assert_int_equal(disk.dev.block_count, BLOCKS);

    start();                             /* beyond the reach of CHS there is no other way */
    drives[0].edd_reads = false;
    drives[0].blocks = 0x40000000;
    open_disk();
    assert_int_equal(read_blocks(1024ull * 255 * 63, 8), STATUS_READ_FAILED);
    assert_true(disk.has_edd);
    assert_int_equal(disk.max_blocks, 127);
    assert_int_equal(read_blocks(1024ull * 255 * 63 - 8, 8), STATUS_OK);
    assert_false(disk.has_edd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_ordinary_drive),
        cmocka_unit_test(test_the_list),
        cmocka_unit_test(test_what_makes_a_drive),
        cmocka_unit_test(test_sizes_without_edds),
        cmocka_unit_test(test_reads_by_edd),
        cmocka_unit_test(test_reads_by_chs),
        cmocka_unit_test(test_a_floppy),
        cmocka_unit_test(test_errors_that_go_away),
        cmocka_unit_test(test_success_without_data),
        cmocka_unit_test(test_a_drive_that_takes_long),
        cmocka_unit_test(test_a_bad_place),
        cmocka_unit_test(test_fewer_blocks_at_once),
        cmocka_unit_test(test_what_makes_edd),
        cmocka_unit_test(test_a_drive_that_reads_nothing),
        cmocka_unit_test(test_a_bad_place_of_a_small_disk),
        cmocka_unit_test(test_fewer_blocks_at_once_without_edd),
        cmocka_unit_test(test_fewer_blocks_at_once_after_an_error),
        cmocka_unit_test(test_edd_that_does_not_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
