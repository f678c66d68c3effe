/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_uefi_boot.c - what the Windows Boot Manager is told: partition, boot store, EFI system partitions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/present/fatimage.h"
#include "common/present/uefi_boot.h"
#include "common/windows/hive.h"
#include "tests/support/fakeview.h"
#include "tests/support/memdisk.h"
#include "tests/support/peprogram.h"

#define VOLUME_LBA 20000
#define SECTORS    8000
#define ARENA      ((size_t)24 << 20)

static const struct guid entry_guid = { { 0xaa, 1 } }, disk_guid = { { 0xdd, 2 } }, other_guid = { { 0xbb, 3 } };

static struct fakeview       fv;
static struct ldm_component *half;
static struct ldm_disk      *disk;
static struct gpt_entry      entries[4];
static struct arena          arena;

static int setup(void **state)
{
    void *memory = malloc(ARENA);

    (void)state;
    arena = arena_of(memory, ARENA);
    fv_init(&fv, &uefi_rules);
    fv_disk(&fv, "disk0");
    half = fv_component(&fv, fv_volume(&fv, "Volume1", VOLUME_SIMPLE, LDM_VOL_BOOT, SECTORS), "Volume1-01");
    fv_extent(&fv, half, 0, VOLUME_LBA, SECTORS);
    fv_finish(&fv);
    disk = &fv.disks[0];
    disk->table = TABLE_GPT;
    disk->gpt = (struct gpt){ .disk_guid = disk_guid, .entries = entries };
    return memory ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    free(arena.base);
    return 0;
}

static void add_entry(unsigned number, const struct guid *type, uint64_t start, uint64_t blocks,
                      const struct guid *unique)
{
    entries[disk->gpt.count++] = (struct gpt_entry){ number, *type, *unique, start, blocks };
}

static struct uefi_partition partition(void)
{
    struct uefi_partition p;

    memset(&p, 0xee, sizeof p);
    assert_int_equal(uefi_partition_of(half, &p), STATUS_OK);
    return p;
}

/* ---- the partition */

static void test_a_volume_inside_an_entry_gets_a_partition_of_its_own(void **state)
{
    struct uefi_partition p;

    (void)state;
    add_entry(1, &gpt_type_ldm_metadata, 34, 2048, &other_guid);
    add_entry(3, &gpt_type_ldm_data, 4096, 90000, &entry_guid);
    p = partition();
    assert_false(p.in_table);
    assert_false(p.mbr);
    assert_int_equal(p.number, 3);  /* of the entry around it */
    assert_int_equal(p.start, VOLUME_LBA);
    assert_int_equal(p.blocks, SECTORS);
    assert_true(guid_equal(&p.disk, &disk_guid));
    assert_false(guid_equal(&p.partition, &entry_guid));  /* the same GUID with another extent is not found */
    assert_false(guid_is_zero(&p.partition));
    assert_int_equal(p.partition.bytes[6] >> 4, 8);       /* RFC 9562: version and variant */
    assert_int_equal(p.partition.bytes[8] >> 6, 2);
}

static void test_the_made_up_guid_depends_on_volume_and_disk_only(void **state)
{
    struct uefi_partition first = partition(), second = partition();

    (void)state;
    assert_true(guid_equal(&first.partition, &second.partition));
    half->volume->guid.bytes[15] ^= 1;
    second = partition();
    assert_false(guid_equal(&first.partition, &second.partition));
    half->volume->guid.bytes[15] ^= 1;
    disk->privhead.disk_guid.bytes[0] ^= 1;
    second = partition();
    assert_false(guid_equal(&first.partition, &second.partition));
}

/* What it is made of: disk and volume, one of them backwards, as one of version 8 (RFC 9562: "custom"). */
static void test_the_made_up_guid(void **state)
{
    struct guid *d = &disk->privhead.disk_guid, *v = &half->volume->guid, made;

    (void)state;
    for (size_t i = 0; i < 16; i++) {
        d->bytes[i] = (uint8_t)(0xf0 + i);
        v->bytes[i] = (uint8_t)(7 * i);
    }
    made = partition().partition;
    for (size_t i = 0; i < 16; i++) {
        uint8_t plain = (uint8_t)((0xf0 + i) ^ (7 * (15 - i)));

        assert_int_equal(made.bytes[i], i == 6 ? (plain & 0x0f) | 0x80 : i == 8 ? (plain & 0x3f) | 0x80 : plain);
    }
    d->bytes[8] = v->bytes[7] = 0;
    assert_int_equal(partition().partition.bytes[8], 0x80);
    d->bytes[8] = 0xff;
    assert_int_equal(partition().partition.bytes[8], 0xbf);
    d->bytes[6] = 0xff;
    v->bytes[9] = 0;
    assert_int_equal(partition().partition.bytes[6], 0x8f);
    d->bytes[6] = 0;
    assert_int_equal(partition().partition.bytes[6], 0x80);
}

/* Where no entry is around the volume: those right before it and right behind it are not. */
static void test_entries_beside_the_volume_are_not_its(void **state)
{
    struct uefi_partition p = partition();

    (void)state;
    assert_int_equal(p.number, 1);
    add_entry(3, &gpt_type_ldm_data, 4096, VOLUME_LBA - 4096, &entry_guid);
    add_entry(4, &gpt_type_ldm_data, VOLUME_LBA + 1, 50000, &entry_guid);
    p = partition();
    assert_int_equal(p.number, 1);
    assert_false(p.in_table);
    entries[0].blocks++;
    assert_int_equal(partition().number, 3);
    entries[1].start--;
    p = partition();
    assert_int_equal(p.number, 4);
    assert_true(p.in_table);

    disk->table = TABLE_MBR;
    disk->mbr = (struct mbr){ .valid = true };
    disk->mbr.entries[1] = (struct mbr_entry){ .type = MBR_TYPE_LDM, .start = 63, .sectors = VOLUME_LBA - 63 };
    disk->mbr.entries[2] = (struct mbr_entry){ .type = MBR_TYPE_LDM, .start = VOLUME_LBA + 1, .sectors = 50000 };
    disk->mbr.entries[3] = (struct mbr_entry){ .type = 0, .start = VOLUME_LBA, .sectors = SECTORS };  /* a free one */
    p = partition();
    assert_int_equal(p.number, 1);
    assert_false(p.in_table);
    disk->mbr.entries[1].sectors++;
    p = partition();
    assert_int_equal(p.number, 2);
    assert_false(p.in_table);
    disk->mbr.entries[2].start--;
    disk->mbr.entries[2].sectors = SECTORS - 1;  /* it does not hold all of the volume */
    p = partition();
    assert_int_equal(p.number, 3);
    assert_false(p.in_table);
    disk->mbr.entries[2].sectors = SECTORS + 5;
    disk->mbr.entries[3] = disk->mbr.entries[1];
    p = partition();
    assert_int_equal(p.number, 3);  /* the first that is right, whatever follows */
    assert_true(p.in_table);
    assert_int_equal(p.blocks, SECTORS + 5);
    disk->mbr.entries[0] = disk->mbr.entries[2];
    assert_int_equal(partition().number, 1);
    assert_true(partition().in_table);
    half->extent_count = 2;
    p = partition();
    assert_int_equal(p.number, 4);
    assert_false(p.in_table);
    assert_int_equal(p.blocks, SECTORS);
}

static void test_an_entry_that_starts_at_the_volume_is_that_partition(void **state)
{
    struct uefi_partition p;

    (void)state;
    add_entry(2, &gpt_type_ldm_data, VOLUME_LBA, SECTORS + 7, &entry_guid);
    p = partition();
    assert_true(p.in_table);
    assert_int_equal(p.number, 2);
    assert_int_equal(p.blocks, SECTORS + 7);
    add_entry(7, &gpt_type_ldm_data, 4096, 90000, &other_guid);  /* a table that contradicts itself: the first is taken */
    p = partition();
    assert_int_equal(p.number, 2);
    assert_int_equal(p.blocks, SECTORS + 7);
    assert_true(guid_equal(&p.partition, &entry_guid));
}

static void test_an_entry_behind_the_end_of_the_table_is_none(void **state)
{
    (void)state;
    add_entry(2, &gpt_type_ldm_data, VOLUME_LBA, SECTORS + 7, &entry_guid);
    disk->gpt.count = 0;
    assert_int_equal(partition().number, 1);
    assert_false(partition().in_table);
}

static void test_an_entry_that_is_too_short_is_not(void **state)
{
    struct uefi_partition p;

    (void)state;
    add_entry(2, &gpt_type_ldm_data, VOLUME_LBA, SECTORS - 1, &entry_guid);
    p = partition();
    assert_false(p.in_table);
    assert_int_equal(p.blocks, SECTORS);
    assert_false(guid_equal(&p.partition, &entry_guid));
}

static void test_a_volume_in_two_pieces_is_no_entry(void **state)
{
    struct uefi_partition p;

    (void)state;
    half->volume->sectors += 1000;
    fv_extent(&fv, half, 0, 50000, 1000);
    add_entry(2, &gpt_type_ldm_data, VOLUME_LBA, SECTORS + 1000, &entry_guid);
    p = partition();
    assert_false(p.in_table);
    assert_int_equal(p.blocks, SECTORS + 1000);
}

static void test_an_mbr_disk_is_named_by_signature_and_offset(void **state)
{
    struct uefi_partition p;

    (void)state;
    disk->table = TABLE_MBR;
    disk->mbr = (struct mbr){ .valid = true, .signature = 0x1234abcd };
    p = partition();
    assert_true(p.mbr);
    assert_false(p.in_table);
    assert_int_equal(p.signature, 0x1234abcd);
    disk->mbr.entries[1] = (struct mbr_entry){ .type = MBR_TYPE_LDM, .start = 63, .sectors = 90000 };
    disk->mbr.entries[2] = (struct mbr_entry){ .type = MBR_TYPE_LDM, .start = VOLUME_LBA, .sectors = SECTORS };
    p = partition();
    assert_true(p.in_table);
    assert_int_equal(p.number, 3);
}

static void test_blocks_of_4096_bytes(void **state)
{
    struct uefi_partition p;

    (void)state;
    disk->dev->block_size = 4096;
    p = partition();
    assert_int_equal(p.start, VOLUME_LBA / 8);
    assert_int_equal(p.blocks, SECTORS / 8);
    half->extents[0].lba++;
    assert_int_equal(uefi_partition_of(half, &p), STATUS_COMPONENT_UNREADABLE);
    half->extents[0].lba--;
    half->volume->sectors++;
    assert_int_equal(uefi_partition_of(half, &p), STATUS_COMPONENT_UNREADABLE);
}

static void test_a_half_that_is_not_there_has_no_partition(void **state)
{
    struct uefi_partition p;
    struct boot_plan      plan = { .chosen = { .component = half, .volume = half->volume } };
    struct uefi_esp       esp;

    (void)state;
    half->present = false;
    assert_int_equal(uefi_partition_of(half, &p), STATUS_COMPONENT_UNREADABLE);
    assert_int_equal(uefi_choose_method(&fv.view, PE_MACHINE_X64, &arena, &plan, &esp), STATUS_COMPONENT_UNREADABLE);
    half->present = true;
    half->extents[0].disk = NULL;
    assert_int_equal(uefi_partition_of(half, &p), STATUS_COMPONENT_UNREADABLE);
    half->extents[0].disk = disk;
    half->extent_count = 0;
    assert_int_equal(uefi_partition_of(half, &p), STATUS_COMPONENT_UNREADABLE);
}

/* ---- the boot store */

static struct span store_for(const struct uefi_partition *p, const char *volume_name)
{
    struct span store = { 0 };

    half->volume->name = volume_name;
    assert_int_equal(uefi_store_build(p, half->volume, NULL, &arena, &store), STATUS_OK);
    return store;
}

static void test_the_store_is_right_whatever_the_volumes_name(void **state)
{
    static const char *const names[] = { "Volume1", "", "Système \xe2\x82\xac", "\xff\xfe", "a%b\\c\"d" };
    struct uefi_partition    p = partition();
    char                     longest[256];

    (void)state;
    memset(longest, 'x', 255);
    longest[255] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(uefi_store_check(store_for(&p, names[i]), &p), STATUS_OK);
    assert_int_equal(uefi_store_check(store_for(&p, longest), &p), STATUS_OK);
}

static void test_the_store_of_an_mbr_disk(void **state)
{
    struct uefi_partition p, elsewhere;

    (void)state;
    disk->table = TABLE_MBR;
    disk->mbr = (struct mbr){ .valid = true, .signature = 0x1234abcd };
    p = elsewhere = partition();
    assert_int_equal(uefi_store_check(store_for(&p, "V"), &p), STATUS_OK);
    elsewhere.start++;
    assert_int_equal(uefi_store_check(store_for(&p, "V"), &elsewhere), STATUS_STORE_MISMATCH);
    elsewhere = p;
    elsewhere.start = 0;                   /* no store can say what is as far as this: it is not taken for the beginning */
    p.start = (uint64_t)1 << 55;
    assert_int_equal(uefi_store_check(store_for(&elsewhere, "V"), &p), STATUS_STORE_MISMATCH);
    p = elsewhere = partition();
    elsewhere.signature++;
    assert_int_equal(uefi_store_check(store_for(&p, "V"), &elsewhere), STATUS_STORE_MISMATCH);
}

static void test_a_store_for_something_else_does_not_lead_here(void **state)
{
    struct uefi_partition p = partition(), other = p;
    struct bcd_device     device = { .kind = BCD_DEVICE_GPT, .disk = p.disk, .partition = p.partition };
    struct span           store;

    (void)state;
    other.partition.bytes[15] ^= 1;
    assert_int_equal(uefi_store_check(store_for(&other, "V"), &p), STATUS_STORE_MISMATCH);
    assert_int_equal(bcd_build(&device, BCD_WINLOAD_EXE, "V", NULL, &arena, &store), STATUS_OK);
    assert_int_equal(uefi_store_check(store, &p), STATUS_STORE_MISMATCH);  /* a BIOS loader */
    assert_int_equal(uefi_store_check(span_of("regf", 4), &p), STATUS_HIVE_NOT_ONE);
}

/* ---- EFI system partitions */

static uint8_t program[PE_PROGRAM_BYTES];


#define ESP_LBA 2048

static struct memdisk *machine_disk;

/* The disk gets an EFI system partition with a boot manager and a store; one that is empty is left out. */
static void put_esp(unsigned number, uint64_t lba, struct span bootmgfw, struct span store)
{
    struct fatimage_file files[2];
    size_t               count = 0, bytes;

    if (store.len)
        files[count++] = (struct fatimage_file){ UEFI_ESP_STORE, store.data, store.len };
    if (bootmgfw.len)
        files[count++] = (struct fatimage_file){ UEFI_ESP_BOOTMGFW, bootmgfw.data, bootmgfw.len };

    assert_int_equal(fatimage_size(files, count, &bytes), STATUS_OK);
    assert_int_equal(fatimage_build(files, count, 1, memdisk_at(machine_disk, lba), bytes), STATUS_OK);
    add_entry(number, &gpt_type_efi_system, lba, bytes / 512, &other_guid);
}

static void make_disk(void)
{
    machine_disk = memdisk_new("disk0", 512, 100000);
    disk->dev = &machine_disk->dev;
}

static void make_esp(struct span bootmgfw, struct span store)
{
    make_disk();
    put_esp(1, ESP_LBA, bootmgfw, store);
    add_entry(2, &gpt_type_ldm_data, VOLUME_LBA, SECTORS, &entry_guid);
}

static struct store_options wanted;

static struct boot_plan choose(struct uefi_esp *esp)
{
    struct boot_plan plan = { .result = PLAN_BOOT, .store = wanted, .chosen = { .component = half, .volume = half->volume } };

    assert_int_equal(uefi_choose_method(&fv.view, PE_MACHINE_X64, &arena, &plan, esp), STATUS_OK);
    return plan;
}

static struct span good_store(void)
{
    struct uefi_partition p = { .disk = disk_guid, .partition = entry_guid };

    return store_for(&p, "V");
}

static void test_without_a_system_partition_it_is_the_ram_disk(void **state)
{
    struct uefi_esp  esp;
    struct boot_plan plan = choose(&esp);

    (void)state;
    assert_int_equal(plan.method, METHOD_UEFI_RAM);
    assert_int_equal(plan.notes.count, 1);
    assert_int_equal(plan.notes.first->code, STATUS_STORE_MADE);
    assert_int_equal(esp.store.len, 0);
}

static void test_a_system_partition_that_leads_to_the_volume_is_used(void **state)
{
    struct uefi_esp  esp;
    struct boot_plan plan;

    (void)state;
    make_esp(pe_program(program, PE_MACHINE_X64, PE_EFI_APPLICATION), good_store());
    plan = choose(&esp);
    assert_int_equal(plan.method, METHOD_UEFI_ESP);
    assert_ptr_equal(esp.disk, disk);
    assert_int_equal(esp.entry.number, 1);
    assert_int_equal(esp.bootmgfw.len, PE_PROGRAM_BYTES);
    assert_memory_equal(esp.bootmgfw.data, program, PE_PROGRAM_BYTES);
    assert_int_equal(plan.notes.first->code, STATUS_ESP_USED);
    assert_ptr_equal(plan.notes.first, plan.notes.last);
    memdisk_free(machine_disk);
}

static void test_options_do_not_change_a_store_that_is_there(void **state)
{
    struct uefi_esp  esp;
    struct boot_plan plan;

    (void)state;
    make_esp(pe_program(program, PE_MACHINE_X64, PE_EFI_APPLICATION), good_store());
    store_option_set(&wanted, STORE_SOS, 1);
    plan = choose(&esp);
    wanted = (struct store_options){ 0 };
    assert_int_equal(plan.method, METHOD_UEFI_ESP);
    assert_int_equal(plan.notes.last->code, STATUS_OPTIONS_UNUSED);
    memdisk_free(machine_disk);
}

/* And why is said. */
static void assert_passed_over(enum status why)
{
    const size_t     used = arena.used;
    struct uefi_esp  esp;
    struct boot_plan plan = choose(&esp);

    assert_in_range(arena.used - used, 1, 1500);  /* the notes; of its files nothing is kept */
    assert_int_equal(plan.method, METHOD_UEFI_RAM);
    assert_int_equal(plan.notes.first->code, STATUS_ESP_PASSED_OVER);
    assert_string_equal(plan.notes.first->text, text_in_arena(&arena, "EFI system partition 1 on disk0 (%s): %s", status_sentence(why),
                                                              status_sentence(STATUS_ESP_PASSED_OVER)));
    assert_int_equal(plan.notes.last->code, STATUS_STORE_MADE);
    assert_null(esp.disk);
    memdisk_free(machine_disk);
}

static void test_a_store_that_names_a_dead_disk_is_passed_over(void **state)
{
    struct uefi_partition dead = { .disk = other_guid, .partition = other_guid };

    (void)state;
    make_esp(pe_program(program, PE_MACHINE_X64, PE_EFI_APPLICATION), store_for(&dead, "V"));
    assert_passed_over(STATUS_STORE_MISMATCH);
}

#define DEAD_ENTRY "{11111111-0000-4000-8000-000000000001}"
#define OWN_ENTRY  "{11111111-0000-4000-8000-000000000002}"

static void add_loader_of(struct hive_builder *b, struct hive_node *objects, const char *id, const struct guid *partition,
                          const struct guid *os)
{
    const struct bcd_device device = { .kind = BCD_DEVICE_GPT, .disk = disk_guid, .partition = *partition };
    const struct bcd_device osdevice = { .kind = BCD_DEVICE_GPT, .disk = disk_guid, .partition = *os };
    struct hive_node       *object = hive_add_key(b, objects, id), *elements = hive_add_key(b, object, "Elements");
    uint8_t                 bytes[BCD_DEVICE_BYTES], on[8] = { 1 };

    hive_add_dword(b, hive_add_key(b, object, "Description"), "Type", 0x10200003);
    bcd_device_encode(&device, bytes);
    hive_add_value(b, hive_add_key(b, elements, "11000001"), "Element", HIVE_BINARY, span_of(bytes, sizeof bytes));
    hive_add_text(b, hive_add_key(b, elements, "12000002"), "Element", HIVE_SZ, BCD_WINLOAD_EFI);
    bcd_device_encode(&osdevice, bytes);
    hive_add_value(b, hive_add_key(b, elements, "21000001"), "Element", HIVE_BINARY, span_of(bytes, sizeof bytes));
    hive_add_value(b, hive_add_key(b, elements, "250000f0"), "Element", HIVE_BINARY, span_of(on, sizeof on));
}

static void add_loader(struct hive_builder *b, struct hive_node *objects, const char *id, const struct guid *partition)
{
    add_loader_of(b, objects, id, partition, partition);
}

/* The loader and Windows itself: both have to be this volume's. */
static void test_a_store_that_leads_here_and_elsewhere(void **state)
{
    const struct guid *const  guids[] = { &entry_guid, &other_guid };
    const struct uefi_partition p = { .disk = disk_guid, .partition = entry_guid };

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct hive_builder b = hive_begin(&arena, "NewStoreRoot");
        struct hive_node   *objects = hive_add_key(&b, b.root, "Objects"), *elements;
        struct span         store;

        elements = hive_add_key(&b, hive_add_key(&b, objects, "{9dea862c-5cdd-4e70-acc1-f32b344d4795}"), "Elements");
        hive_add_text(&b, hive_add_key(&b, elements, "23000003"), "Element", HIVE_SZ, OWN_ENTRY);
        add_loader_of(&b, objects, OWN_ENTRY, guids[i & 1], guids[i >> 1]);
        assert_int_equal(hive_write(&b, &store), STATUS_OK);
        assert_int_equal(uefi_store_check(store, &p), i == 0 ? STATUS_OK : STATUS_STORE_MISMATCH);
    }
}

/* A server's store: its default is on the dead disk, the secondary plex's entry is this volume's. */
static struct span plex_store(const struct guid *second, bool once)
{
    struct hive_builder b = hive_begin(&arena, "NewStoreRoot");
    struct hive_node   *objects = hive_add_key(&b, b.root, "Objects"), *elements;
    struct span         store;

    elements = hive_add_key(&b, hive_add_key(&b, objects, "{9dea862c-5cdd-4e70-acc1-f32b344d4795}"), "Elements");
    hive_add_text(&b, hive_add_key(&b, elements, "23000003"), "Element", HIVE_SZ, DEAD_ENTRY);
    if (once)
        hive_add_text(&b, hive_add_key(&b, elements, "24000002"), "Element", HIVE_MULTI_SZ, DEAD_ENTRY);
    add_loader(&b, objects, DEAD_ENTRY, &other_guid);
    add_loader(&b, objects, OWN_ENTRY, second);
    assert_int_equal(hive_write(&b, &store), STATUS_OK);
    return store;
}

static void test_an_entry_that_is_not_the_default_makes_the_store_serve(void **state)
{
    struct span      store = plex_store(&entry_guid, false);
    size_t           changed = 0;
    struct uefi_esp  esp;
    struct boot_plan plan;
    struct bcd_entry entry;

    (void)state;
    make_esp(pe_program(program, PE_MACHINE_X64, PE_EFI_APPLICATION), store);
    store_option_set(&wanted, STORE_SOS, 1);  /* goes into no store that is there */
    plan = choose(&esp);
    wanted = (struct store_options){ 0 };
    assert_int_equal(plan.method, METHOD_UEFI_RAM);
    assert_int_equal(plan.notes.first->code, STATUS_OPTIONS_UNUSED);
    assert_int_equal(plan.notes.first->next->code, STATUS_STORE_TAKEN);
    assert_int_equal(bcd_read_default(esp.store, &entry), STATUS_OK);
    assert_true(guid_equal(&entry.osdevice.partition, &entry_guid));
    assert_int_equal(esp.store.len, store.len);  /* all else is the server's own */
    for (size_t i = 0; i < store.len; i++)
        changed += esp.store.data[i] != store.data[i];
    assert_int_equal(changed, 1);
    memdisk_free(machine_disk);
}

static void test_a_store_without_such_an_entry_is_passed_over(void **state)
{
    (void)state;
    make_esp(pe_program(program, PE_MACHINE_X64, PE_EFI_APPLICATION), plex_store(&other_guid, false));
    assert_passed_over(STATUS_STORE_MISMATCH);
}

static void make_two_esps(struct span first_store, struct span second_store)
{
    make_disk();
    put_esp(1, ESP_LBA, pe_program(program, PE_MACHINE_X64, PE_EFI_APPLICATION), first_store);
    put_esp(3, 2 * VOLUME_LBA, pe_program(program, PE_MACHINE_X64, PE_EFI_APPLICATION), second_store);
    add_entry(2, &gpt_type_ldm_data, VOLUME_LBA, SECTORS, &entry_guid);
}

/* One whose own boot manager leads to the volume is better than one whose store only serves, wherever it is. */
static void test_the_better_of_two_system_partitions(void **state)
{
    struct uefi_esp  esp;
    struct boot_plan plan;

    (void)state;
    make_two_esps(plex_store(&entry_guid, false), good_store());
    plan = choose(&esp);
    assert_int_equal(plan.method, METHOD_UEFI_ESP);
    assert_int_equal(esp.entry.number, 3);
    assert_int_equal(esp.store.len, 0);
    assert_string_equal(plan.notes.first->text, text_in_arena(&arena, "disk0, partition 3: %s", status_sentence(STATUS_ESP_USED)));
    memdisk_free(machine_disk);
}

static void test_of_two_alike_the_first(void **state)
{
    struct uefi_esp  esp;
    struct boot_plan plan;

    (void)state;
    make_two_esps(plex_store(&entry_guid, false), plex_store(&entry_guid, false));
    plan = choose(&esp);
    assert_int_equal(plan.method, METHOD_UEFI_RAM);
    assert_int_equal(esp.entry.number, 1);
    assert_string_equal(plan.notes.first->text, text_in_arena(&arena, "disk0, partition 1: %s", status_sentence(STATUS_STORE_TAKEN)));
    memdisk_free(machine_disk);
    disk->gpt.count = 0;
    make_two_esps(good_store(), span_of("none", 4));  /* one that is good enough: no other one is looked at */
    plan = choose(&esp);
    assert_int_equal(plan.method, METHOD_UEFI_ESP);
    assert_int_equal(esp.entry.number, 1);
    assert_int_equal(plan.notes.count, 1);
    memdisk_free(machine_disk);
}

/* The disk of the system partition needs not be the volume's, nor the first one. */
static void test_a_system_partition_on_another_disk(void **state)
{
    struct uefi_esp  esp;
    struct boot_plan plan;
    struct ldm_disk *with_esp;

    (void)state;
    fv_disk(&fv, "disk1");
    with_esp = &fv.disks[1];
    make_disk();
    machine_disk->dev.name = "disk1";
    with_esp->dev = &machine_disk->dev;
    disk->dev = &fv.devs[0];
    add_entry(2, &gpt_type_ldm_data, VOLUME_LBA, SECTORS, &entry_guid);
    put_esp(1, ESP_LBA, pe_program(program, PE_MACHINE_X64, PE_EFI_APPLICATION), good_store());
    with_esp->table = TABLE_GPT;
    with_esp->gpt = (struct gpt){ .disk_guid = other_guid, .entries = entries + 1, .count = 1 };
    disk->gpt.count = 1;
    plan = choose(&esp);
    assert_int_equal(plan.method, METHOD_UEFI_ESP);
    assert_ptr_equal(esp.disk, with_esp);
    fv.view.disk_count = 1;  /* without it */
    assert_int_equal(choose(&esp).method, METHOD_UEFI_RAM);
    memdisk_free(machine_disk);
}

static void test_without_enough_memory_for_a_store(void **state)
{
    struct boot_plan plan = { .chosen = { .component = half, .volume = half->volume } };
    struct uefi_esp  esp;

    (void)state;
    make_esp(pe_program(program, PE_MACHINE_X64, PE_EFI_APPLICATION), good_store());
    arena.size = arena.used + 2000;
    assert_int_equal(uefi_choose_method(&fv.view, PE_MACHINE_X64, &arena, &plan, &esp), STATUS_NO_MEMORY);
    memdisk_free(machine_disk);
}

static void test_a_system_partition_without_a_file_is_passed_over(void **state)
{
    (void)state;
    make_esp(span_of(NULL, 0), good_store());
    assert_passed_over(STATUS_FILE_NOT_FOUND);
    disk->gpt.count = 0;
    make_esp(pe_program(program, PE_MACHINE_X64, PE_EFI_APPLICATION), span_of(NULL, 0));
    assert_passed_over(STATUS_FILE_NOT_FOUND);
}

/* An entry behind the end of the table is none. */
static void test_a_system_partition_of_no_table(void **state)
{
    struct uefi_esp  esp;
    struct boot_plan plan;

    (void)state;
    make_esp(pe_program(program, PE_MACHINE_X64, PE_EFI_APPLICATION), good_store());
    disk->gpt.count = 0;
    plan = choose(&esp);
    assert_int_equal(plan.method, METHOD_UEFI_RAM);
    assert_int_equal(plan.notes.count, 1);
    memdisk_free(machine_disk);
}

/* What a stick's boot manager can stand in for. */
static void test_what_only_lacks_a_boot_manager(void **state)
{
    static const enum status lacks[] = { STATUS_NO_BOOTMGFW, STATUS_BOOTMGFW_UNREAD }, others[] = { STATUS_OK, STATUS_SPARE_HALF, STATUS_BOOT_SECTOR_BAD };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lacks); i++)
        assert_true(uefi_lacks_boot_manager(&(struct plan_candidate){ .code = lacks[i] }));
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_false(uefi_lacks_boot_manager(&(struct plan_candidate){ .code = others[i] }));
}

/* "bcdedit /bootsequence": it would come before the default. */
static void test_a_store_that_starts_another_entry_once_is_passed_over(void **state)
{
    (void)state;
    make_esp(pe_program(program, PE_MACHINE_X64, PE_EFI_APPLICATION), plex_store(&entry_guid, true));
    assert_passed_over(STATUS_STORE_MISMATCH);
}

static void test_a_boot_manager_for_another_machine_is_passed_over(void **state)
{
    (void)state;
    make_esp(pe_program(program, PE_MACHINE_I386, PE_EFI_APPLICATION), good_store());
    assert_passed_over(STATUS_IMAGE_BAD);
}

static void test_a_system_partition_that_cannot_be_read_is_passed_over(void **state)
{
    (void)state;
    make_esp(pe_program(program, PE_MACHINE_X64, PE_EFI_APPLICATION), good_store());
    memdisk_fail(machine_disk, ESP_LBA, 4, STATUS_READ_FAILED);
    assert_passed_over(STATUS_READ_FAILED);
}

static void test_an_entry_that_leads_off_the_disk_is_passed_over(void **state)
{
    (void)state;
    make_esp(pe_program(program, PE_MACHINE_X64, PE_EFI_APPLICATION), good_store());
    entries[0].blocks = UINT64_MAX;
    assert_passed_over(STATUS_READ_OUT_OF_RANGE);
}

static void test_a_file_that_is_larger_than_any_real_one_is_not_read(void **state)
{
    struct memdisk  *esp;
    struct fs_volume fs;
    struct span      out;
    size_t           bytes;

    (void)state;
    make_esp(pe_program(program, PE_MACHINE_X64, PE_EFI_APPLICATION), good_store());
    bytes = (size_t)entries[0].blocks * 512;
    esp = memdisk_new("esp", 512, entries[0].blocks);
    memcpy(memdisk_at(esp, 0), memdisk_at(machine_disk, ESP_LBA), bytes);
    assert_int_equal(fs_open(&esp->dev, memdisk_at(esp, 0), &arena, &fs), STATUS_OK);
    assert_int_equal(fs_read_whole(&fs, UEFI_ESP_BOOTMGFW, PE_PROGRAM_BYTES - 1, &arena, &out), STATUS_FILE_TOO_LARGE);
    assert_int_equal(fs_read_whole(&fs, UEFI_ESP_BOOTMGFW, PE_PROGRAM_BYTES, &arena, &out), STATUS_OK);
    assert_int_equal(fs_read_whole(&fs, "\\EFI\\Microsoft", PE_PROGRAM_BYTES, &arena, &out), STATUS_FILE_NOT_FOUND);
    assert_int_equal(fs_read_whole(&fs, "\\EFI\\nothing", PE_PROGRAM_BYTES, &arena, &out), STATUS_FILE_NOT_FOUND);
    memdisk_free(esp);
    memdisk_free(machine_disk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_volume_inside_an_entry_gets_a_partition_of_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_made_up_guid, setup, teardown), cmocka_unit_test_setup_teardown(test_the_made_up_guid_depends_on_volume_and_disk_only, setup, teardown),
        cmocka_unit_test_setup_teardown(test_entries_beside_the_volume_are_not_its, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_better_of_two_system_partitions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_of_two_alike_the_first, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_system_partition_on_another_disk, setup, teardown),
        cmocka_unit_test_setup_teardown(test_without_enough_memory_for_a_store, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_system_partition_without_a_file_is_passed_over, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_system_partition_of_no_table, setup, teardown),
        cmocka_unit_test(test_what_only_lacks_a_boot_manager),
        cmocka_unit_test_setup_teardown(test_a_store_that_leads_here_and_elsewhere, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_entry_that_starts_at_the_volume_is_that_partition, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_entry_behind_the_end_of_the_table_is_none, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_entry_that_is_too_short_is_not, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_volume_in_two_pieces_is_no_entry, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_mbr_disk_is_named_by_signature_and_offset, setup, teardown),
        cmocka_unit_test_setup_teardown(test_blocks_of_4096_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_half_that_is_not_there_has_no_partition, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_store_is_right_whatever_the_volumes_name, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_store_of_an_mbr_disk, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_store_for_something_else_does_not_lead_here, setup, teardown),
        cmocka_unit_test_setup_teardown(test_without_a_system_partition_it_is_the_ram_disk, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_system_partition_that_leads_to_the_volume_is_used, setup, teardown),
        cmocka_unit_test_setup_teardown(test_options_do_not_change_a_store_that_is_there, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_store_that_names_a_dead_disk_is_passed_over, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_entry_that_is_not_the_default_makes_the_store_serve, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_store_without_such_an_entry_is_passed_over, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_store_that_starts_another_entry_once_is_passed_over, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_boot_manager_for_another_machine_is_passed_over, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_system_partition_that_cannot_be_read_is_passed_over, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_entry_that_leads_off_the_disk_is_passed_over, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_file_that_is_larger_than_any_real_one_is_not_read, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
