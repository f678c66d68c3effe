/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bcd.c - boot stores: one of our own making, and the default entry of one that was found. */
#include "bcd.h"

#include "hive.h"
#include "common/base/ascii.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/base/utf.h"

#define BOOTMGR_ID "{9dea862c-5cdd-4e70-acc1-f32b344d4795}"

#define TYPE_BOOTMGR   0x10100002u
#define TYPE_OS_LOADER 0x10200003u

#define ELEMENT_DEVICE        "11000001"
#define ELEMENT_PATH          "12000002"
#define ELEMENT_TITLE         "12000004"
#define ELEMENT_LOCALE        "12000005"
#define ELEMENT_OSDEVICE      "21000001"
#define ELEMENT_SYSTEMROOT    "22000002"
#define ELEMENT_DEFAULT       "23000003"
#define ELEMENT_DISPLAY_ORDER "24000001"
#define ELEMENT_BOOT_SEQUENCE "24000002"
#define ELEMENT_TIMEOUT       "25000004"

/* Device element: an options GUID, then a header, then what the type wants. */
enum device_offset {
    DEVICE_TYPE = 0x10, DEVICE_SIZE = 0x18, DEVICE_PARTITION = 0x20, DEVICE_STYLE = 0x34, DEVICE_DISK = 0x38
};

enum device_type { DEVICE_TYPE_BOOT = 5, DEVICE_TYPE_PARTITION = 6, DEVICE_TYPE_LOCATE = 8 };
enum device_style { DEVICE_STYLE_GPT = 0, DEVICE_STYLE_MBR = 1 };

#define BRACED_GUID_SIZE (GUID_TEXT_SIZE + 2)

#define VOLUME_NAME_MAX 255                                    /* LDM's limit */
#define TITLE_UNITS     (sizeof "Windows (volume )" + VOLUME_NAME_MAX)

/* ---------------------------------------------------------------- device elements */

void bcd_device_encode(const struct bcd_device *device, uint8_t out[BCD_DEVICE_BYTES])
{
    memset(out, 0, BCD_DEVICE_BYTES);
    wr_le32(out + DEVICE_TYPE, DEVICE_TYPE_BOOT);
    wr_le32(out + DEVICE_SIZE, BCD_DEVICE_BYTES - DEVICE_TYPE);
    if (device->kind == BCD_DEVICE_GPT) {
        wr_le32(out + DEVICE_TYPE, DEVICE_TYPE_PARTITION);
        wr_le32(out + DEVICE_STYLE, DEVICE_STYLE_GPT);
        guid_to_mixed(&device->partition, out + DEVICE_PARTITION);
        guid_to_mixed(&device->disk, out + DEVICE_DISK);
    } else if (device->kind == BCD_DEVICE_MBR) {
        wr_le32(out + DEVICE_TYPE, DEVICE_TYPE_PARTITION);
        wr_le32(out + DEVICE_STYLE, DEVICE_STYLE_MBR);
        wr_le64(out + DEVICE_PARTITION, device->offset);
        wr_le32(out + DEVICE_DISK, device->signature);
    }
}

static struct bcd_device decode_partition(struct span element)
{
    struct bcd_device device = { .kind = BCD_DEVICE_OTHER };

    if (element.len < BCD_DEVICE_BYTES)
        return device;
    if (rd_le32(element, DEVICE_STYLE) == DEVICE_STYLE_GPT) {
        device.kind = BCD_DEVICE_GPT;
        device.partition = guid_from_mixed(element, DEVICE_PARTITION);
        device.disk = guid_from_mixed(element, DEVICE_DISK);
    } else if (rd_le32(element, DEVICE_STYLE) == DEVICE_STYLE_MBR) {
        device.kind = BCD_DEVICE_MBR;
        device.offset = rd_le64(element, DEVICE_PARTITION);
        device.signature = rd_le32(element, DEVICE_DISK);
    }
    return device;
}

struct bcd_device bcd_device_decode(struct span element)
{
    struct bcd_device device = { .kind = BCD_DEVICE_OTHER };

    switch (rd_le32(element, DEVICE_TYPE)) {
    case DEVICE_TYPE_PARTITION:
        return decode_partition(element);
    case DEVICE_TYPE_BOOT:
        device.kind = BCD_DEVICE_BOOT;
        break;
    case DEVICE_TYPE_LOCATE:
        device.kind = BCD_DEVICE_LOCATE;
        break;
    }
    return device;
}

/* ---------------------------------------------------------------- text */

/* UTF-16 text that is being put together; `units` is large enough by construction. */
struct utf16 {
    uint8_t *bytes;
    size_t   units;
};

static void text_put(struct utf16 *t, uint32_t c)
{
    t->units += utf16_put(c, t->bytes + 2 * t->units);
}

static void text_put_ascii(struct utf16 *t, const char *text)
{
    for (; *text; text++)
        text_put(t, (uint8_t)*text);
}

/*
 * A volume's name: the LDM database does not say in which encoding it is. UTF-8
 * is recognised; other bytes are taken for Latin-1, one character each. Control
 * characters, which a menu could not show, become '?'.
 */
static void text_put_name(struct utf16 *t, struct span name)
{
    bool utf8 = utf8_valid(name);

    for (size_t pos = 0; pos < name.len;) {
        uint32_t c = utf8 ? utf8_next(name, &pos) : rd_u8(name, pos++);

        text_put(t, utf_is_control(c) ? '?' : c);
    }
}

/* UTF-16 up to its NUL as UTF-8, cut between characters; false when it was cut. */
static bool utf8_from_utf16(struct span text, char out[BCD_TEXT_MAX])
{
    size_t len = 0, units = text.len / 2;

    out[0] = '\0';
    for (size_t pos = 0; pos < units && rd_le16(text, 2 * pos) != 0;) {
        uint8_t bytes[UTF8_MAX_BYTES];
        size_t  n = utf8_put(utf16_next(text, &pos), bytes);

        if (n > BCD_TEXT_MAX - 1 - len)
            return false;
        memcpy(out + len, bytes, n);
        len += n;
        out[len] = '\0';
    }
    return true;
}

/* ---------------------------------------------------------------- making a store */

static void add_element(struct hive_builder *b, struct hive_node *elements, const char *element, enum hive_type type,
                        struct span data)
{
    hive_add_value(b, hive_add_key(b, elements, element), "Element", type, data);
}

static void add_text_element(struct hive_builder *b, struct hive_node *elements, const char *element,
                             enum hive_type type, const char *text)
{
    hive_add_text(b, hive_add_key(b, elements, element), "Element", type, text);
}

/* An object without elements; returns its Elements key. */
static struct hive_node *add_object(struct hive_builder *b, struct hive_node *objects, const char *id, uint32_t type)
{
    struct hive_node *object = hive_add_key(b, objects, id);

    hive_add_dword(b, hive_add_key(b, object, "Description"), "Type", type);
    return hive_add_key(b, object, "Elements");
}

static void add_bootmgr(struct hive_builder *b, struct hive_node *objects, const char *default_id)
{
    static const uint8_t timeout_seconds[8];
    struct hive_node    *elements = add_object(b, objects, BOOTMGR_ID, TYPE_BOOTMGR);

    add_text_element(b, elements, ELEMENT_TITLE, HIVE_SZ, "Windows Boot Manager");
    add_text_element(b, elements, ELEMENT_LOCALE, HIVE_SZ, "en-US");
    add_text_element(b, elements, ELEMENT_DEFAULT, HIVE_SZ, default_id);
    add_text_element(b, elements, ELEMENT_DISPLAY_ORDER, HIVE_MULTI_SZ, default_id);
    add_element(b, elements, ELEMENT_TIMEOUT, HIVE_BINARY, span_of(timeout_seconds, sizeof timeout_seconds));
}

/* "Windows (volume NAME)": the element is needed, the boot manager refuses an entry without a title. */
static void add_title(struct hive_builder *b, struct hive_node *elements, const char *volume_name)
{
    uint8_t      bytes[2 * TITLE_UNITS];
    struct utf16 title = { bytes, 0 };
    size_t       len = strlen(volume_name);

    text_put_ascii(&title, "Windows (volume ");
    text_put_name(&title, span_of(volume_name, len < VOLUME_NAME_MAX ? len : VOLUME_NAME_MAX));
    text_put(&title, ')');
    text_put(&title, 0);
    add_element(b, elements, ELEMENT_TITLE, HIVE_SZ, span_of(bytes, 2 * title.units));
}

static struct hive_node *add_os_loader(struct hive_builder *b, struct hive_node *objects, const char *id, struct span device,
                          const char *path, const char *volume_name)
{
    struct hive_node *elements = add_object(b, objects, id, TYPE_OS_LOADER);

    add_element(b, elements, ELEMENT_DEVICE, HIVE_BINARY, device);
    add_text_element(b, elements, ELEMENT_PATH, HIVE_SZ, path);
    add_title(b, elements, volume_name);
    add_text_element(b, elements, ELEMENT_LOCALE, HIVE_SZ, "en-US");
    add_element(b, elements, ELEMENT_OSDEVICE, HIVE_BINARY, device);
    add_text_element(b, elements, ELEMENT_SYSTEMROOT, HIVE_SZ, "\\Windows");
    return elements;
}

/* Booleans have one byte, integers eight (docs/windows-boot.md, "The boot store (BCD)"). */
static void add_options(struct hive_builder *b, struct hive_node *elements, const struct store_options *options)
{
    for (size_t i = 0; i < STORE_OPTION_COUNT; i++) {
        uint8_t value[8] = { 0 };

        if (!store_option_given(options, i))
            continue;
        wr_le32(value, options->value[i]);
        add_element(b, elements, text_in_arena(b->arena, "%08x", (unsigned)store_option_list[i].element), HIVE_BINARY,
                    span_of(value, store_option_is_boolean(i) ? 1 : sizeof value));
    }
}

/*
 * The object's GUID follows from the device it names, so that the same volume
 * gives the same store: the element folded over a GUID of our own, marked as
 * version 8, "made as the maker likes" (RFC 9562).
 */
static struct guid loader_id(const uint8_t device[BCD_DEVICE_BYTES])
{
    struct guid id = { { 0x6c, 0x64, 0x6d, 0x62, 0x6f, 0x6f, 0x74, 0x11,
                         0x9c, 0x3e, 0x5b, 0x0d, 0x27, 0xa8, 0x41, 0xf6 } };

    for (size_t i = DEVICE_PARTITION; i < BCD_DEVICE_BYTES; i++)
        id.bytes[i % 16] ^= device[i];
    id.bytes[6] = (uint8_t)(0x80 | (id.bytes[6] & 0x0f));
    id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f));
    return id;
}

enum status bcd_build(const struct bcd_device *device, const char *loader_path, const char *volume_name,
                      const struct store_options *options, struct arena *a, struct span *out)
{
    struct hive_builder b = hive_begin(a, "NewStoreRoot");
    struct hive_node   *objects = hive_add_key(&b, b.root, "Objects"), *loader;
    uint8_t             element[BCD_DEVICE_BYTES];
    char                text[GUID_TEXT_SIZE];
    struct guid         id;
    const char         *id_text;

    bcd_device_encode(device, element);
    id = loader_id(element);
    id_text = text_in_arena(a, "{%s}", guid_format(&id, text));

    hive_add_text(&b, hive_add_key(&b, b.root, "Description"), "KeyName", HIVE_SZ, "BCD00000000");
    add_bootmgr(&b, objects, id_text);
    loader = add_os_loader(&b, objects, id_text, span_of(element, sizeof element), loader_path, volume_name);
    if (options)
        add_options(&b, loader, options);
    return hive_write(&b, out);
}

/* ---------------------------------------------------------------- reading a store */

/* Key names are formed here; the longest is an object with "Elements" and an element. */
#define KEY_PATH_SIZE 96

static enum status find_element(struct hive *h, hive_key object, const char *element, enum hive_type type,
                                struct hive_value *out)
{
    char              path[KEY_PATH_SIZE];
    hive_key          key;
    struct hive_value value;

    text_format(path, sizeof path, "Elements\\%s", element);
    TRY(hive_find_key(h, object, path, &key));
    TRY(hive_find_value(h, key, "Element", &value));
    if (value.type != (uint32_t)type)
        return STATUS_HIVE_NO_KEY;
    *out = value;
    return STATUS_OK;
}

static enum status find_object(struct hive *h, const char *braced_guid, hive_key *out)
{
    char path[KEY_PATH_SIZE];

    text_format(path, sizeof path, "Objects\\%s", braced_guid);
    return hive_find_key(h, h->root, path, out);
}

/* What is missing is told as "no default entry"; what cannot be read, as damage. */
static enum status missing_is_no_default(enum status st)
{
    return st == STATUS_HIVE_NO_KEY ? STATUS_BCD_NO_DEFAULT : st;
}

static enum status find_default(struct hive *h, struct guid *id, hive_key *object)
{
    hive_key          bootmgr;
    struct hive_value value;
    char              text[BCD_TEXT_MAX], guid[GUID_TEXT_SIZE], braced[BRACED_GUID_SIZE];

    TRY(find_object(h, BOOTMGR_ID, &bootmgr));
    TRY(find_element(h, bootmgr, ELEMENT_DEFAULT, HIVE_SZ, &value));
    if (!utf8_from_utf16(value.data, text) || !guid_parse(span_of(text, strlen(text)), id))
        return STATUS_BCD_NO_DEFAULT;
    text_format(braced, sizeof braced, "{%s}", guid_format(id, guid));
    return find_object(h, braced, object);
}

static void read_device(struct hive *h, hive_key object, const char *element, struct bcd_device *device,
                        size_t *offset, size_t *bytes)
{
    struct hive_value value;

    if (find_element(h, object, element, HIVE_BINARY, &value) != STATUS_OK)
        return;
    *device = bcd_device_decode(value.data);
    *offset = value.offset;
    *bytes = value.data.len;
}

/* A text element; a path that was cut would name another file and is no path. */
static void read_text(struct hive *h, hive_key object, const char *element, bool may_be_cut,
                      char out[BCD_TEXT_MAX])
{
    struct hive_value value;

    if (find_element(h, object, element, HIVE_SZ, &value) != STATUS_OK)
        return;
    if (!utf8_from_utf16(value.data, out) && !may_be_cut)
        out[0] = '\0';
}

enum status bcd_read_default(struct span store, struct bcd_entry *out)
{
    struct hive h;
    hive_key    object;
    struct guid id;

    TRY(hive_open(store, &h));
    TRY(missing_is_no_default(find_default(&h, &id, &object)));

    *out = (struct bcd_entry){ .id = id, .store_dirty = h.dirty };
    read_device(&h, object, ELEMENT_DEVICE, &out->device, &out->device_offset, &out->device_bytes);
    read_device(&h, object, ELEMENT_OSDEVICE, &out->osdevice, &out->osdevice_offset, &out->osdevice_bytes);
    read_text(&h, object, ELEMENT_PATH, false, out->path);
    read_text(&h, object, ELEMENT_TITLE, true, out->title);
    return STATUS_OK;
}

/* ---------------------------------------------------------------- all names of disks in a store */

/* What a store may make us walk through; real ones have some dozens of objects, with some dozens of elements each. */
#define MAX_OBJECTS  256u
#define MAX_ELEMENTS 256u
#define MAX_ELEMENT_BYTES 4096u  /* of a device, paths in it and all */

#define ELEMENT_NAME_SIZE   9    /* "11000001" */
#define ELEMENT_FORMAT_AT   1    /* second digit of an element's name: the format of its data */
#define ELEMENT_IS_A_DEVICE '1'

struct name_list {
    struct bcd_name *names;
    size_t           max, count;
};

static void add_name(struct name_list *list, const struct bcd_device *device, size_t offset)
{
    if (device->kind != BCD_DEVICE_MBR)
        return;
    if (list->count < list->max)
        list->names[list->count] = (struct bcd_name){ device->signature, device->offset, offset + DEVICE_DISK,
                                                      offset + DEVICE_PARTITION };
    list->count++;
}

/*
 * A device can hold another one: the RAM disk of the recovery environment the file that it is made from, the file the
 * partition that it is on. The inner one has the ordinary form without an options GUID; where it begins depends on all
 * that is around it, so it is known by its header.
 */
static bool is_inner_partition(struct span element, size_t header)
{
    return rd_le64(element, header) == DEVICE_TYPE_PARTITION &&
           rd_le64(element, header + DEVICE_SIZE - DEVICE_TYPE) == BCD_DEVICE_BYTES - DEVICE_TYPE;
}

static void add_names(struct name_list *list, const struct hive_value *value)
{
    struct span       element = value->data;
    struct bcd_device device = bcd_device_decode(element);

    add_name(list, &device, value->offset);
    for (size_t header = DEVICE_PARTITION; header < element.len && header < MAX_ELEMENT_BYTES; header++) {
        size_t at = header - DEVICE_TYPE;

        if (!is_inner_partition(element, header) || !span_holds(element, at, BCD_DEVICE_BYTES))
            continue;
        device = bcd_device_decode(span_sub(element, at, BCD_DEVICE_BYTES));
        add_name(list, &device, value->offset + at);
    }
}

/* What cannot be read of an object is passed over: the other names are worth having. */
static void list_object(struct hive *h, hive_key object, struct name_list *list)
{
    hive_key elements, element;

    if (hive_find_key(h, object, "Elements", &elements) != STATUS_OK)
        return;
    for (size_t i = 0; i < hive_subkey_count(h, elements) && i < MAX_ELEMENTS; i++) {
        char              name[ELEMENT_NAME_SIZE];
        struct hive_value value;

        if (hive_subkey(h, elements, i, &element) != STATUS_OK ||
            hive_key_name(h, element, name, sizeof name)[ELEMENT_FORMAT_AT] != ELEMENT_IS_A_DEVICE)
            continue;
        if (hive_find_value(h, element, "Element", &value) == STATUS_OK && value.type == HIVE_BINARY)
            add_names(list, &value);
    }
}

enum status bcd_list_names(struct span store, struct bcd_name *list, size_t max, size_t *count, bool *dirty)
{
    struct name_list names = { list, max, 0 };
    struct hive      h;
    struct guid      id;
    hive_key         objects, object, by_default = 0;
    bool             has_default;

    TRY(hive_open(store, &h));
    TRY(hive_find_key(&h, h.root, "Objects", &objects) == STATUS_OK ? STATUS_OK : STATUS_HIVE_DAMAGED);
    has_default = find_default(&h, &id, &by_default) == STATUS_OK;
    if (has_default)
        list_object(&h, by_default, &names);
    for (size_t i = 0; i < hive_subkey_count(&h, objects) && i < MAX_OBJECTS; i++)
        if (hive_subkey(&h, objects, i, &object) == STATUS_OK && !(has_default && object == by_default))
            list_object(&h, object, &names);
    if (hive_is_exhausted(&h))
        return STATUS_HIVE_DAMAGED;
    *count = names.count;
    *dirty = h.dirty;
    return STATUS_OK;
}

/* ---------------------------------------------------------------- another default */

bool bcd_same_partition(const struct bcd_device *a, const struct bcd_device *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == BCD_DEVICE_GPT)
        return guid_equal(&a->partition, &b->partition);
    return a->kind == BCD_DEVICE_MBR && a->signature == b->signature && a->offset == b->offset;
}

static bool is_os_loader(struct hive *h, hive_key object)
{
    hive_key          description;
    struct hive_value type;

    return hive_find_key(h, object, "Description", &description) == STATUS_OK &&
           hive_find_value(h, description, "Type", &type) == STATUS_OK && rd_le32(type.data, 0) == TYPE_OS_LOADER;
}

static bool starts(struct hive *h, hive_key object, const struct bcd_device *partition, const char *loader_path)
{
    struct bcd_device device = { .kind = BCD_DEVICE_NONE }, osdevice = device;
    char              path[BCD_TEXT_MAX] = "";
    size_t            offset, bytes;

    read_device(h, object, ELEMENT_DEVICE, &device, &offset, &bytes);
    read_device(h, object, ELEMENT_OSDEVICE, &osdevice, &offset, &bytes);
    read_text(h, object, ELEMENT_PATH, false, path);
    return is_os_loader(h, object) && bcd_same_partition(&device, partition) && bcd_same_partition(&osdevice, partition) &&
           ascii_equal(span_of(path, strlen(path)), loader_path);
}

/* The name of the first object, "{GUID}", that starts it. */
static enum status find_entry(struct hive *h, const struct bcd_device *partition, const char *loader_path,
                              char braced[BRACED_GUID_SIZE])
{
    hive_key objects, object;

    TRY(hive_find_key(h, h->root, "Objects", &objects));
    for (size_t i = 0; i < hive_subkey_count(h, objects) && i < MAX_OBJECTS; i++)
        if (hive_subkey(h, objects, i, &object) == STATUS_OK && starts(h, object, partition, loader_path)) {
            (void)hive_key_name(h, object, braced, BRACED_GUID_SIZE);
            return strlen(braced) == BRACED_GUID_SIZE - 1 ? STATUS_OK : STATUS_HIVE_NO_KEY;
        }
    return STATUS_HIVE_NO_KEY;
}

/* Where the default's name is: every such name has the same length, so that another one fits in its place. */
static enum status find_default_name(struct hive *h, struct hive_value *out)
{
    hive_key          bootmgr;
    struct hive_value value;

    TRY(find_object(h, BOOTMGR_ID, &bootmgr));
    TRY(find_element(h, bootmgr, ELEMENT_DEFAULT, HIVE_SZ, &value));
    if (value.data.len < 2 * (BRACED_GUID_SIZE - 1) || h->dirty ||
        find_element(h, bootmgr, ELEMENT_BOOT_SEQUENCE, HIVE_MULTI_SZ, out) == STATUS_OK)
        return STATUS_HIVE_NO_KEY;
    *out = value;
    return STATUS_OK;
}

static uint8_t *copy_of(struct span store, struct arena *a)
{
    uint8_t *copy = arena_alloc(a, store.len);

    if (copy)
        memcpy(copy, store.data, store.len);
    return copy;
}

enum status bcd_with_default(struct span store, const struct bcd_device *partition, const char *loader_path,
                             struct arena *a, struct span *out)
{
    char              braced[BRACED_GUID_SIZE];
    struct hive       h;
    struct hive_value name;
    uint8_t          *copy;

    TRY(hive_open(store, &h));
    TRY(missing_is_no_default(find_entry(&h, partition, loader_path, braced)));
    TRY(missing_is_no_default(find_default_name(&h, &name)));
    copy = copy_of(store, a);
    if (!copy)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < BRACED_GUID_SIZE - 1; i++)
        wr_le16(copy + name.offset + 2 * i, (uint8_t)braced[i]);
    *out = span_of(copy, store.len);
    return STATUS_OK;
}

/* ---------------------------------------------------------------- other devices */

#define RETARGET_MAX 32  /* names in a store; real ones have some five to ten */

/* Its default entry, when that starts `loader_path` from a partition, and the names in it. */
static enum status find_targets(struct span store, const char *loader_path, struct bcd_entry *e,
                                struct bcd_name names[RETARGET_MAX], size_t *count)
{
    bool dirty;

    TRY(bcd_read_default(store, e));
    if (e->device_bytes != BCD_DEVICE_BYTES || e->osdevice_bytes != BCD_DEVICE_BYTES ||
        !ascii_equal(span_of(e->path, strlen(e->path)), loader_path))
        return STATUS_BCD_NO_DEFAULT;
    return bcd_list_names(store, names, RETARGET_MAX, count, &dirty);
}

enum status bcd_can_retarget(struct span store, const char *loader_path)
{
    struct bcd_name  names[RETARGET_MAX];
    struct bcd_entry e;
    size_t           count;

    return find_targets(store, loader_path, &e, names, &count);
}

enum status bcd_retarget(struct span store, const struct bcd_device *partition, const char *loader_path, struct arena *a,
                         struct span *out)
{
    struct bcd_name  names[RETARGET_MAX];
    struct bcd_entry e;
    size_t           count;
    uint8_t         *copy;

    TRY(find_targets(store, loader_path, &e, names, &count));
    copy = copy_of(store, a);
    if (!copy)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && i < ARRAY_LEN(names); i++) {
        struct bcd_device named = { .kind = BCD_DEVICE_MBR, .signature = names[i].signature, .offset = names[i].offset };

        if (!bcd_same_partition(&named, &e.osdevice))
            continue;
        wr_le32(copy + names[i].signature_offset, partition->signature);
        wr_le64(copy + names[i].offset_offset, partition->offset);
    }
    bcd_device_encode(partition, copy + e.device_offset);
    bcd_device_encode(partition, copy + e.osdevice_offset);
    *out = span_of(copy, store.len);
    return STATUS_OK;
}
