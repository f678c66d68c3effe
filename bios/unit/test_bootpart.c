/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_bootpart.c - ldmboot.cfg out of the boot partition, of a disk and of a CD. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/present/fatimage.h"

#include "../bootpart.h"

#define PARTITION  2048u      /* sector of the medium where it begins */
#define MEDIUM     (4u << 20)

static uint8_t          *medium;
static struct int13_disk disk;
static unsigned          reads;
static uint64_t          bad, last;  /* a block that cannot be read; the last one that was asked for */
static bool              broken;     /* none can be */
static struct config     cfg;
static struct note_list  notes;
static struct arena      arena;
static uint8_t           memory[256 << 10];

static enum status read_medium(struct block_device *dev, uint64_t lba, uint32_t count, void *buf)
{
    reads++;
    assert_true(lba + count <= dev->block_count && count > 0);
    assert_true(count == 1 || dev->block_size == 512);  /* there is room for one block of a CD */
    memset(buf, 0xee, (size_t)count * dev->block_size);  /* what a read that fails may leave there */
    last = lba + count - 1;
    if (broken || (bad >= lba && bad < lba + count))
        return STATUS_READ_FAILED;
    memcpy(buf, medium + lba * dev->block_size, (size_t)count * dev->block_size);
    return STATUS_OK;
}

/* A partition with this file in it and another one. */
static void make(const char *name, const char *text, size_t len, uint32_t block_size)
{
    const struct fatimage_file files[] = { { "\\README.TXT", "read me", 7 }, { name, text, len } };
    size_t                     bytes;

    assert_int_equal(fatimage_size(files, 2, &bytes), STATUS_OK);
    assert_true(PARTITION * 512 + bytes <= MEDIUM);
    memset(medium, 0, MEDIUM);
    assert_int_equal(fatimage_build(files, 2, 1, medium + PARTITION * 512, bytes), STATUS_OK);
    disk = (struct int13_disk){ .dev = { .block_size = block_size, .block_count = MEDIUM / block_size, .read = read_medium },
                                .name = "hd80" };
    disk.dev.name = disk.name;
    bad = UINT64_MAX;
    broken = false;
    reads = 0;
}

static struct fs_volume *read_config(uint32_t lba)
{
    arena = arena_of(memory, sizeof memory);
    cfg = config_default();
    memset(&notes, 0, sizeof notes);
    return bootpart_read_config(&disk, lba, &arena, &cfg, &notes);
}

static int setup(void **state)
{
    (void)state;
    medium = malloc(MEDIUM);
    return medium ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    free(medium);
    return 0;
}

static void settings_are_taken(void **state)
{
    static const uint32_t sizes[] = { 512, 2048 };  /* a disk's blocks, a CD's */

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        make("\\ldmboot.cfg", "timeout = 77\r\n", 14, sizes[i]);
        assert_non_null(read_config(PARTITION * 512 / sizes[i]));
        assert_int_equal(cfg.timeout, 77);
        assert_int_equal(notes.count, 0);
        assert_true(reads < 40);
    }
}

/* Many sectors of a block of a CD cost one read. */
static void every_byte_of_a_file_on_a_cd(void **state)
{
    static char text[4000];

    (void)state;
    memset(text, '#', sizeof text);
    memcpy(text + sizeof text - 15, "\ntimeout = 99\n\n", 15);
    make("\\ldmboot.cfg", text, sizeof text, 2048);
    assert_non_null(read_config(PARTITION / 4));
    assert_int_equal(cfg.timeout, 99);
    assert_true(reads <= 16);  /* it is 12; sector by sector they would be 41 */
    disk.dev.block_count = UINT64_MAX;  /* as some BIOSes say of a CD; the partition is not known to end */
    disk.dev.read = read_medium;
    assert_non_null(read_config(PARTITION / 4));
    assert_int_equal(cfg.timeout, 99);
}

/* ldmboot.cfg on a CD, eight sectors of each letter. */
static void open_letters(struct fs_file *file)
{
    static char       text[48 << 10];
    struct fs_volume *fs;

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + i / 4096);
    make("\\ldmboot.cfg", text, sizeof text, 2048);
    fs = read_config(PARTITION / 4);
    assert_non_null(fs);
    assert_int_equal(fs_find(fs, "\\ldmboot.cfg", file), STATUS_OK);
}

static void assert_letter(struct fs_file *file, unsigned i)
{
    char sector[512], wanted[512];

    memset(wanted, 'a' + (int)i, sizeof wanted);
    assert_int_equal(fs_read(file, i * 4096, sector, sizeof sector), STATUS_OK);
    assert_memory_equal(sector, wanted, sizeof sector);
}

/* A block that cannot be read takes the place of the one that is kept, which is read again. */
static void a_bad_block_of_a_cd(void **state)
{
    struct fs_file file;
    char           sector[512];

    (void)state;
    open_letters(&file);
    for (unsigned i = 0; i < 12; i++) {
        assert_letter(&file, i);
        bad = last + 1;
        assert_int_equal(fs_read(&file, i * 4096 + 2048, sector, sizeof sector), STATUS_READ_FAILED);
        assert_letter(&file, i);
    }
}

/* A CD is not given up for what is bad on it, as a disk is. */
static void a_cd_that_cannot_be_read_for_a_while(void **state)
{
    struct fs_file file;
    char           sector[512];

    (void)state;
    open_letters(&file);
    broken = true;
    for (unsigned i = 0; i < 12; i += 2)
        assert_int_equal(fs_read(&file, i * 4096, sector, sizeof sector), STATUS_READ_FAILED);
    broken = false;
    assert_letter(&file, 0);
}

static void without_the_file_the_defaults_count(void **state)
{
    struct fs_volume *fs;
    struct fs_file    file;

    (void)state;
    make("\\other.cfg", "timeout = 77\r\n", 14, 512);
    fs = read_config(PARTITION);
    assert_non_null(fs);
    assert_int_equal(cfg.timeout, config_default().timeout);
    assert_int_equal(notes.count, 0);
    assert_int_equal(fs_find(fs, "\\readme.txt", &file), STATUS_OK);  /* other files can be had */
    assert_int_equal(file.bytes, 7);
}

static void a_file_that_is_too_long_is_said(void **state)
{
    static char text[CONFIG_MAX_BYTES + 2];

    (void)state;
    for (size_t len = CONFIG_MAX_BYTES - 1; len <= sizeof text; len++) {
        memset(text, ' ', sizeof text);
        memcpy(text, "timeout = 5\n", 12);
        text[len - 1] = '\n';
        make("\\ldmboot.cfg", text, len, 512);
        assert_non_null(read_config(PARTITION));
        assert_int_equal(cfg.timeout, 5);
        assert_int_equal(notes.count, len > CONFIG_MAX_BYTES);
    }
}

static void assert_unreadable(uint32_t lba, enum status why)
{
    (void)read_config(lba);
    assert_int_equal(notes.count, 2);
    assert_int_equal(notes.first->code, why);
    assert_string_equal(notes.first->text, text_in_arena(&arena, "boot partition on hd80: %s", status_sentence(why)));
    assert_int_equal(notes.last->code, STATUS_CONFIG_UNREADABLE);
    assert_int_equal(cfg.timeout, config_default().timeout);
}

static void what_cannot_be_read_is_said(void **state)
{
    (void)state;
    make("\\ldmboot.cfg", "timeout = 77\r\n", 14, 512);
    assert_unreadable(MEDIUM / 512, STATUS_READ_OUT_OF_RANGE);
    assert_unreadable(PARTITION + 1, STATUS_FS_UNKNOWN);
    bad = PARTITION;
    assert_unreadable(PARTITION, STATUS_READ_FAILED);
    bad = PARTITION + 1 + 2 * (medium[PARTITION * 512 + 0x16] | medium[PARTITION * 512 + 0x17] << 8);  /* the root directory */
    assert_unreadable(PARTITION, STATUS_READ_FAILED);
    make("\\ldmboot.cfg", "timeout = 77\r\n", 14, 2048);
    bad = PARTITION / 4;
    assert_unreadable(PARTITION / 4, STATUS_READ_FAILED);
    bad = UINT64_MAX;
    assert_non_null(read_config(PARTITION / 4));
    assert_int_equal(cfg.timeout, 77);
}

/* Too little memory is said as what cannot be read is, whatever was to be had before. */
static void without_enough_memory(void **state)
{
    static const uint32_t sizes[] = { 512, 2048 };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        bool taken = false;

        make("\\ldmboot.cfg", "timeout = 77\r\n", 14, sizes[i]);
        for (size_t bytes = 0; !taken; bytes += 64) {
            struct fs_volume *fs;

            assert_true(bytes <= sizeof memory);
            arena = arena_of(memory, bytes);
            cfg = config_default();
            memset(&notes, 0, sizeof notes);
            fs = bootpart_read_config(&disk, PARTITION * 512 / sizes[i], &arena, &cfg, &notes);
            taken = cfg.timeout == 77;
            assert_true(!taken || fs);
            assert_true(taken || cfg.timeout == config_default().timeout);
        }
    }
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(settings_are_taken), T(every_byte_of_a_file_on_a_cd), T(a_bad_block_of_a_cd),
        T(a_cd_that_cannot_be_read_for_a_while), T(without_the_file_the_defaults_count),
        T(a_file_that_is_too_long_is_said), T(what_cannot_be_read_is_said), T(without_enough_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
