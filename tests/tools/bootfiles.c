/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bootfiles.c - the boot store and the RAM disk's volume as files, and a look into
 * a store, so that other people's programs can be compared with common/.
 *
 *   bootfiles store OUT gpt DISK-GUID PARTITION-GUID efi|exe VOLUME-NAME
 *   bootfiles store OUT mbr SIGNATURE OFFSET         efi|exe VOLUME-NAME
 *   ... store ... VOLUME-NAME KEY=VALUE...          (options of the store)
 *   bootfiles costly OUT                            (tests/support/costlystore.h)
 *   bootfiles fat   OUT SERIAL PATH=FILE...
 *   bootfiles read  STORE
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/windows/bcd.h"
#include "common/present/fatimage.h"
#include "tests/support/costlystore.h"

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "bootfiles: %s\n", what);
    exit(1);
}

static void check(enum status st)
{
    if (st != STATUS_OK) {
        fprintf(stderr, "LDM-%04d: %s\n", (int)st, status_sentence(st));
        exit(2);
    }
}

static struct span read_file(const char *path)
{
    FILE    *f = fopen(path, "rb");
    long     len;
    uint8_t *data;

    if (!f || fseek(f, 0, SEEK_END) || (len = ftell(f)) < 0 || fseek(f, 0, SEEK_SET))
        fail(path);
    data = malloc((size_t)len + 1);
    if (!data || fread(data, 1, (size_t)len, f) != (size_t)len)
        fail(path);
    fclose(f);
    return span_of(data, (size_t)len);
}

static void write_file(const char *path, struct span s)
{
    FILE *f = fopen(path, "wb");

    if (!f || fwrite(s.data, 1, s.len, f) != s.len || fclose(f))
        fail(path);
}

static struct guid guid_argument(const char *text)
{
    struct guid g;

    if (!guid_parse(span_of(text, strlen(text)), &g))
        fail(text);
    return g;
}

static struct store_options options_of(char **args, int count)
{
    struct store_options options = { 0 };

    for (int i = 0; i < count; i++) {
        struct span setting = span_of(args[i], strlen(args[i])), key, value;

        (void)ascii_split(setting, "=", &key, &value);
        if (store_option_find(key) == STORE_OPTION_COUNT || !store_option_parse(&options, store_option_find(key), value))
            fail(args[i]);
    }
    return options;
}

/* OUT gpt|mbr A B efi|exe NAME KEY=VALUE... */
static void make_store(char **args, int count)
{
    struct store_options options = options_of(args + 6, count - 6);
    static uint8_t    memory[1 << 16];
    struct arena      arena = arena_of(memory, sizeof memory);
    struct bcd_device device = { .kind = BCD_DEVICE_MBR };
    struct span       store;

    if (strcmp(args[1], "gpt") == 0) {
        device.kind = BCD_DEVICE_GPT;
        device.disk = guid_argument(args[2]);
        device.partition = guid_argument(args[3]);
    } else {
        device.signature = (uint32_t)strtoul(args[2], NULL, 0);
        device.offset = strtoull(args[3], NULL, 0);
    }
    check(bcd_build(&device, strcmp(args[4], "exe") == 0 ? BCD_WINLOAD_EXE : BCD_WINLOAD_EFI, args[5], &options, &arena,
                    &store));
    write_file(args[0], store);
}

static void make_costly_store(const char *path)
{
    static uint8_t memory[1 << 20];
    struct arena   arena = arena_of(memory, sizeof memory);

    write_file(path, costly_store(&arena));
}

/* OUT SERIAL PATH=FILE... */
static void make_fat(char **args, int count)
{
    struct fatimage_file files[64];
    size_t               n = 0, bytes;
    void                *image;

    for (int i = 2; i < count && n < 64; i++, n++) {
        char       *equals = strrchr(args[i], '=');
        struct span data;

        if (!equals)
            fail(args[i]);
        *equals = '\0';
        data = read_file(equals + 1);
        files[n] = (struct fatimage_file){ args[i], data.data, data.len };
    }
    check(fatimage_size(files, n, &bytes));
    image = malloc(bytes);
    if (!image)
        fail("no memory");
    check(fatimage_build(files, n, (uint32_t)strtoul(args[1], NULL, 16), image, bytes));
    write_file(args[0], span_of(image, bytes));
}

static void print_device(const char *name, const struct bcd_device *device, size_t offset, size_t bytes)
{
    static const char *const kinds[] = { "none", "boot", "gpt", "mbr", "locate", "other" };
    char                     disk[GUID_TEXT_SIZE], partition[GUID_TEXT_SIZE];

    printf("%s=%s", name, kinds[device->kind]);
    if (device->kind == BCD_DEVICE_GPT)
        printf(" %s %s", guid_format(&device->disk, disk), guid_format(&device->partition, partition));
    if (device->kind == BCD_DEVICE_MBR)
        printf(" %08x %llu", (unsigned)device->signature, (unsigned long long)device->offset);
    printf("\n%s-place=%zu %zu\n", name, offset, bytes);
}

static void print_store(const char *path)
{
    struct bcd_entry e;
    char             id[GUID_TEXT_SIZE];

    check(bcd_read_default(read_file(path), &e));
    printf("id=%s\npath=%s\ntitle=%s\ndirty=%d\n", guid_format(&e.id, id), e.path, e.title, e.store_dirty);
    print_device("device", &e.device, e.device_offset, e.device_bytes);
    print_device("osdevice", &e.osdevice, e.osdevice_offset, e.osdevice_bytes);
}

int main(int argc, char **argv)
{
    if (argc >= 8 && strcmp(argv[1], "store") == 0)
        make_store(argv + 2, argc - 2);
    else if (argc == 3 && strcmp(argv[1], "costly") == 0)
        make_costly_store(argv[2]);
    else if (argc >= 4 && strcmp(argv[1], "fat") == 0)
        make_fat(argv + 2, argc - 2);
    else if (argc == 3 && strcmp(argv[1], "read") == 0)
        print_store(argv[2]);
    else
        fail("see the comment at the top of bootfiles.c");
    return 0;
}
