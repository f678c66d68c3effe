/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * efi-standin.c - stands in for the Windows Boot Manager in the UEFI boots: needs what the
 * real one needs (docs/windows-boot.md, "UEFI"), and says on the console whether it got it.
 *
 * It is a test's judge, so it shares no code with common/: its hive reader is strict, its
 * NTFS reader scans the MFT instead of walking indexes, FAT is read by the firmware's driver.
 *
 * Every line begins with "STANDIN "; the last is "STANDIN PASS" or "STANDIN FAIL reason".
 * What it does after PASS is written in the winload.efi that it found (qemu/support/winload.py).
 */
#include <efi.h>

#define BOOTMGR     "{9dea862c-5cdd-4e70-acc1-f32b344d4795}"
#define MAX_FILE    (64u << 20)
#define MAX_HANDLES 512
#define MAX_RUNS    4096
#define BIG_READ    (4u << 20)  /* thousands of blocks in one call, as the real one does */

/* A step's answer: NULL when it went well, else why not. */
typedef const char *verdict;
#define TRY(step)            \
    do {                     \
        verdict v_ = (step); \
        if (v_)              \
            return v_;       \
    } while (0)

struct bytes {
    UINT8 *data;
    UINTN  size;
};

static EFI_SYSTEM_TABLE  *system_table;
static EFI_BOOT_SERVICES *boot;

/* ---------------------------------------------------------------- small things */

/* The compiler calls these two by itself. */
void *memset(void *to, int byte, UINTN n);
void *memset(void *to, int byte, UINTN n)
{
    for (UINTN i = 0; i < n; i++)
        ((volatile UINT8 *)to)[i] = (UINT8)byte;
    return to;
}

void *memcpy(void *to, const void *from, UINTN n);
void *memcpy(void *to, const void *from, UINTN n)
{
    for (UINTN i = 0; i < n; i++)
        ((volatile UINT8 *)to)[i] = ((const UINT8 *)from)[i];
    return to;
}

static BOOLEAN same(const void *a, const void *b, UINTN n)
{
    for (UINTN i = 0; i < n; i++)
        if (((const UINT8 *)a)[i] != ((const UINT8 *)b)[i])
            return FALSE;
    return TRUE;
}

static UINT16 le16(const UINT8 *p) { return (UINT16)(p[0] | p[1] << 8); }
static UINT32 le32(const UINT8 *p) { return le16(p) | (UINT32)le16(p + 2) << 16; }
static UINT64 le64(const UINT8 *p) { return le32(p) | (UINT64)le32(p + 4) << 32; }

static BOOLEAN inside(UINT64 at, UINT64 n, UINT64 size) { return at <= size && n <= size - at; }

static UINT16 upper(UINT16 c) { return c >= 'a' && c <= 'z' ? (UINT16)(c - 32) : c; }

static void print(const char *text)
{
    for (; *text; text++) {
        CHAR16 c[2] = { (UINT8)*text, 0 };

        system_table->ConOut->OutputString(system_table->ConOut, c);
    }
}

/* UTF-16, at most `units`, as far as it is ASCII. */
static void print_utf16(const UINT8 *text, UINTN units)
{
    for (UINTN i = 0; i < units && le16(text + 2 * i); i++) {
        UINT16 u = le16(text + 2 * i);
        char   c[2] = { u >= 0x20 && u < 0x7f ? (char)u : '?', 0 };

        print(c);
    }
}

static void print_hex(UINT64 value, unsigned digits)
{
    while (digits-- > 0) {
        char c[2] = { "0123456789abcdef"[value >> (4 * digits) & 15], 0 };

        print(c);
    }
}

static void print_number(const char *name, UINT64 value)
{
    print(" ");
    print(name);
    print("=0x");
    print_hex(value, value >> 32 ? 16 : 8);
}

/* A mixed-endian GUID. */
static void print_guid(const UINT8 *g)
{
    print_hex(le32(g), 8);
    print("-");
    print_hex(le16(g + 4), 4);
    print("-");
    print_hex(le16(g + 6), 4);
    for (unsigned i = 8; i < 16; i++) {
        if (i == 8 || i == 10)
            print("-");
        print_hex(g[i], 2);
    }
}

static void line(const char *text)
{
    print("STANDIN ");
    print(text);
}

static void end_line(void)
{
    print("\r\n");
}

static UINT32 crc32(const UINT8 *p, UINTN n)
{
    static UINT32 table[256];
    UINT32        crc = 0xffffffffu;

    for (UINT32 i = 0; i < 256; i++) {
        UINT32 c = i;

        for (int bit = 0; bit < 8; bit++)
            c = c & 1 ? c >> 1 ^ 0xedb88320u : c >> 1;
        table[i] = c;
    }
    for (UINTN i = 0; i < n; i++)
        crc = crc >> 8 ^ table[(crc ^ p[i]) & 255];
    return ~crc;
}

/* Page-aligned memory, which pleases every IoAlign; zeroed by nobody. */
static verdict allocate(UINTN size, struct bytes *out)
{
    EFI_PHYSICAL_ADDRESS at = 0;

    if (EFI_ERROR(boot->AllocatePages(AllocateAnyPages, EfiLoaderData, (size >> 12) + 1, &at)))
        return "no memory";
    *out = (struct bytes){ (UINT8 *)(UINTN)at, size };
    return NULL;
}

static void release(struct bytes b)
{
    boot->FreePages((EFI_PHYSICAL_ADDRESS)(UINTN)b.data, (b.size >> 12) + 1);
}

/* ---------------------------------------------------------------- files on the boot device */

static EFI_GUID loaded_image_guid = LOADED_IMAGE_PROTOCOL;
static EFI_GUID block_io_guid = BLOCK_IO_PROTOCOL;
static EFI_GUID block_io2_guid = EFI_BLOCK_IO2_PROTOCOL_GUID;
static EFI_GUID device_path_guid = DEVICE_PATH_PROTOCOL;
static EFI_GUID file_system_guid = SIMPLE_FILE_SYSTEM_PROTOCOL;

/* The root directory of a device. Nobody has to have connected a file system driver for us. */
static verdict open_root(EFI_HANDLE device, EFI_FILE_HANDLE *root)
{
    EFI_FILE_IO_INTERFACE *fs;

    if (EFI_ERROR(boot->HandleProtocol(device, &file_system_guid, (void **)&fs))) {
        boot->ConnectController(device, NULL, NULL, FALSE);
        if (EFI_ERROR(boot->HandleProtocol(device, &file_system_guid, (void **)&fs)))
            return "the boot device has no file system that the firmware can read";
    }
    return EFI_ERROR(fs->OpenVolume(fs, root)) ? "the boot device's file system does not open" : NULL;
}

static verdict read_open_file(EFI_FILE_HANDLE file, struct bytes *out)
{
    UINT64 size = 0;
    UINTN  got;

    if (EFI_ERROR(file->SetPosition(file, ~(UINT64)0)) || EFI_ERROR(file->GetPosition(file, &size)) ||
        EFI_ERROR(file->SetPosition(file, 0)))
        return "a file's size cannot be had";
    if (size == 0 || size > MAX_FILE)
        return "a file is empty or absurdly large";
    TRY(allocate((UINTN)size, out));
    got = out->size;
    if (EFI_ERROR(file->Read(file, &got, out->data)) || got != out->size)
        return "a file on the boot device cannot be read";
    return NULL;
}

static verdict read_boot_file(EFI_FILE_HANDLE root, CHAR16 *path, struct bytes *out)
{
    EFI_FILE_HANDLE file;
    verdict         v;

    if (EFI_ERROR(root->Open(root, &file, path, EFI_FILE_MODE_READ, 0)))
        return "a file is missing on the boot device";
    v = read_open_file(file, out);
    file->Close(file);
    return v;
}

/* ---------------------------------------------------------------- device paths */

static const UINT8 *next_node(const UINT8 *node)
{
    return node + le16(node + 2);
}

static BOOLEAN is_end(const UINT8 *node)
{
    return (node[0] & 0x7f) == END_DEVICE_PATH_TYPE || le16(node + 2) < 4;
}

static BOOLEAN is_media_node(const UINT8 *node, UINT8 subtype)
{
    return !is_end(node) && node[0] == MEDIA_DEVICE_PATH && node[1] == subtype;
}

/* The last node of a handle's path when it is HD(), else NULL. */
static const UINT8 *hard_drive_node(EFI_HANDLE handle)
{
    const UINT8 *node, *last = NULL;

    if (EFI_ERROR(boot->HandleProtocol(handle, &device_path_guid, (void **)&node)))
        return NULL;
    for (; !is_end(node); node = next_node(node))
        last = node;
    return last && is_media_node(last, MEDIA_HARDDRIVE_DP) && le16(last + 2) == 42 ? last : NULL;
}

/* HD(): partition number +4, start +8, size +16, signature +24, table type +40, signature type +41. */
enum hard_drive_offset { HD_START = 8, HD_SIZE = 16, HD_SIGNATURE = 24, HD_TABLE = 40, HD_SIGNATURE_TYPE = 41 };

/* FilePath as one string: the search for the store begins in its directory. */
static verdict file_path_text(const UINT8 *node, CHAR16 *out, UINTN units)
{
    UINTN n = 0;

    if (!node)
        return "FilePath is NULL (the real one hangs then)";
    for (; !is_end(node); node = next_node(node)) {
        if (!is_media_node(node, MEDIA_FILEPATH_DP))
            return "FilePath holds something else than file names";
        for (UINTN at = 4; at + 1 < le16(node + 2) && le16(node + at); at += 2) {
            if (n + 1 >= units)
                return "FilePath is absurdly long";
            out[n++] = le16(node + at);
        }
    }
    out[n] = 0;
    return n && out[0] == '\\' ? NULL : "FilePath is no absolute path";
}

/* ---------------------------------------------------------------- step 1: its own file */

/* The sections that nothing changes after loading, in memory and in the file. */
static verdict compare_sections(const EFI_LOADED_IMAGE *image, struct bytes file)
{
    UINTN    pe = le32(file.data + 0x3c), sections, compared = 0;
    unsigned count;

    if (!inside(pe, 24, file.size) || !same(file.data + pe, "PE\0\0", 4))
        return "its own file is no PE";
    count = le16(file.data + pe + 6);
    sections = pe + 24 + le16(file.data + pe + 20);
    for (unsigned i = 0; i < count && inside(sections + 40 * i, 40, file.size); i++) {
        const UINT8 *s = file.data + sections + 40 * i;
        UINT32       size = le32(s + 16), used = le32(s + 8) < size ? le32(s + 8) : size;

        if (!same(s, ".text", 6) && !same(s, ".rodata", 8))
            continue;
        if (!inside(le32(s + 20), size, file.size) || !inside(le32(s + 12), used, image->ImageSize))
            return "its own file is cut";
        if (!same((UINT8 *)image->ImageBase + le32(s + 12), file.data + le32(s + 20), used))
            return "its own file on the boot device is not what was loaded";
        compared += used;
    }
    return compared ? NULL : "its own file has no code";
}

/* The PE checksum covers the whole file, signature included; sbsign renews it. */
static verdict check_pe_checksum(struct bytes file)
{
    UINTN  field = le32(file.data + 0x3c) + 24 + 64;
    UINT32 sum = 0;

    for (UINTN at = 0; at < file.size; at += 2) {
        sum += at == field || at == field + 2 ? 0 : at + 1 < file.size ? le16(file.data + at) : file.data[at];
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum + (UINT32)file.size == le32(file.data + field) ? NULL : "the PE checksum of its own file is wrong";
}

static verdict check_own_file(const EFI_LOADED_IMAGE *image, EFI_FILE_HANDLE root, CHAR16 *path)
{
    struct bytes file;

    TRY(read_boot_file(root, path, &file));
    TRY(compare_sections(image, file));
    TRY(check_pe_checksum(file));
    line("own file verified");
    print_number("bytes", file.size);
    end_line();
    release(file);
    return NULL;
}

/* ---------------------------------------------------------------- step 2: the boot store */

/* A cell in use: its content and the room it has; NULL when the hive is wrong there. */
static const UINT8 *cell(struct bytes hive, UINT32 offset, UINTN least)
{
    UINT64 at = 4096 + (UINT64)offset;
    UINT32 size;

    if (offset % 8 || !inside(at, 8, hive.size))
        return NULL;
    size = 0u - le32(hive.data + at);
    if (size < least + 4 || size % 8 || !inside(at, size, hive.size))
        return NULL;
    return hive.data + at + 4;
}

static verdict check_hive_frame(struct bytes hive)
{
    UINT32 sum = 0;
    UINTN  at = 4096 + 32;

    if (hive.size < 8192 || hive.size % 4096 || !same(hive.data, "regf", 4) || !same(hive.data + 4096, "hbin", 4))
        return "the store is no hive";
    for (UINTN i = 0; i < 508; i += 4)
        sum ^= le32(hive.data + i);
    if (sum != le32(hive.data + 508) || le32(hive.data + 4) != le32(hive.data + 8))
        return "the store's base block is wrong";
    if (le32(hive.data + 40) > hive.size - 4096 || le32(hive.data + 40) % 4096)
        return "the store's length is wrong";
    if (le32(hive.data + 4096 + 8) != le32(hive.data + 40))
        return NULL;  /* several bins: a store of somebody else's; cells are checked as they are met */
    while (at < hive.size) {
        INT32  size = (INT32)le32(hive.data + at);
        UINT32 step = (UINT32)(size < 0 ? -size : size);

        if (step < 8 || step % 8 || step > hive.size - at)
            return "the store's cells do not fill its bin";
        at += step;
    }
    return NULL;
}

/* Compare a key's or value's 8-bit name with `name`, without regard to case: <0, 0, >0. */
static int compare_name(const UINT8 *have, UINTN len, const char *name)
{
    for (UINTN i = 0; i < len && name[i]; i++)
        if (upper(have[i]) != upper((UINT8)name[i]))
            return (int)upper(have[i]) - (int)upper((UINT8)name[i]);
    for (UINTN i = 0; i <= len; i++)
        if (!name[i])
            return i < len;
    return -1;
}

/* Strict: a list must be sorted and its hashes right, for a boot manager may search it in halves. */
static verdict check_list_order(struct bytes hive, const UINT8 *list, unsigned count)
{
    const UINT8 *before = NULL;

    for (unsigned i = 0; i < count; i++) {
        const UINT8 *nk = cell(hive, le32(list + 4 + 8 * i), 76);
        char         name[256];
        UINT32       hash = 0, len;

        if (!nk || !same(nk, "nk", 2) || !(le16(nk + 2) & 0x20) || le16(nk + 72) > 255)
            return "the store has a bad key";
        len = le16(nk + 72);
        for (UINT32 c = 0; c < len; c++) {
            name[c] = (char)nk[76 + c];
            hash = hash * 37 + upper(nk[76 + c]);
        }
        name[len] = 0;
        if (same(list, "lh", 2) && le32(list + 8 + 8 * i) != hash)
            return "the store has a wrong name hash";
        if (before && compare_name(before + 76, le16(before + 72), name) >= 0)
            return "the store's keys are not sorted";
        before = nk;
    }
    return NULL;
}

static verdict find_key(struct bytes hive, UINT32 parent, const char *name, UINT32 *out)
{
    const UINT8 *nk = cell(hive, parent, 76), *list;
    unsigned     count;

    if (!nk || !same(nk, "nk", 2))
        return "the store has a bad key";
    count = le32(nk + 20);
    list = count ? cell(hive, le32(nk + 28), 4 + 8 * (UINTN)count) : NULL;
    if (!list || (!same(list, "lh", 2) && !same(list, "lf", 2)) || le16(list + 2) != count)
        return "the store has a key without the subkeys that are needed";
    TRY(check_list_order(hive, list, count));
    for (unsigned i = 0; i < count; i++) {
        const UINT8 *child = cell(hive, le32(list + 4 + 8 * i), 76);

        if (compare_name(child + 76, le16(child + 72), name) == 0) {
            *out = le32(list + 4 + 8 * i);
            return NULL;
        }
    }
    return "the store lacks a key";
}

static verdict find_value(struct bytes hive, UINT32 key, const char *name, UINT32 type, struct bytes *out)
{
    const UINT8 *nk = cell(hive, key, 76), *list = nk ? cell(hive, le32(nk + 40), 4 * (UINTN)le32(nk + 36)) : NULL;

    for (UINT32 i = 0; list && i < le32(nk + 36); i++) {
        const UINT8 *vk = cell(hive, le32(list + 4 * i), 20);
        UINT32       size;

        if (!vk || !same(vk, "vk", 2) || compare_name(vk + 20, le16(vk + 2), name) != 0)
            continue;
        size = le32(vk + 4);
        out->size = size & 0x7fffffff;
        out->data = (UINT8 *)(UINTN)(size & 0x80000000u ? vk + 8 : cell(hive, le32(vk + 8), size));
        if (!out->data || (size & 0x80000000u && out->size > 4))
            return "the store has a value without data";
        return le32(vk + 12) == type ? NULL : "the store has a value of the wrong type";
    }
    return "the store lacks a value";
}

static verdict find_element(struct bytes hive, UINT32 object, const char *name, UINT32 type, struct bytes *out)
{
    UINT32 key;

    TRY(find_key(hive, object, "Elements", &key));
    TRY(find_key(hive, key, name, &key));
    return find_value(hive, key, "Element", type, out);
}

static verdict find_object(struct bytes hive, const char *id, UINT32 type, UINT32 *object)
{
    UINT32       key;
    struct bytes value;

    TRY(find_key(hive, le32(hive.data + 36), "Objects", &key));
    TRY(find_key(hive, key, id, object));
    TRY(find_key(hive, *object, "Description", &key));
    TRY(find_value(hive, key, "Type", 4, &value));
    return value.size == 4 && le32(value.data) == type ? NULL : "the store has an object of the wrong type";
}

struct entry {
    struct bytes device, osdevice, path;
};

/* Elements of the loader besides those that every store has: "store option 25000080=0x00000001". */
static verdict list_options(struct bytes hive, UINT32 object)
{
    static const char *const usual[] = { "11000001", "12000002", "12000004", "12000005", "21000001", "22000002" };
    UINT32                   elements;
    const UINT8             *nk, *list;

    TRY(find_key(hive, object, "Elements", &elements));
    nk = cell(hive, elements, 76);
    list = cell(hive, le32(nk + 28), 4 + 8 * (UINTN)le32(nk + 20));
    for (UINT32 i = 0; i < le32(nk + 20); i++) {
        const UINT8 *key = cell(hive, le32(list + 4 + 8 * i), 84);
        char         name[9] = "";
        struct bytes value;
        UINTN        k = 0;

        for (unsigned c = 0; key && c < 8; c++)
            name[c] = (char)key[76 + c];
        while (k < sizeof usual / sizeof *usual && !same((const UINT8 *)name, usual[k], 8))
            k++;
        if (k < sizeof usual / sizeof *usual || find_value(hive, le32(list + 4 + 8 * i), "Element", 3, &value))
            continue;
        line("store option");
        print_number(name, value.size == 1 ? value.data[0] : le64(value.data));
        end_line();
    }
    return NULL;
}

static verdict read_store(struct bytes hive, struct entry *out)
{
    UINT32       object;
    struct bytes id, title, root;
    char         text[39] = "";

    TRY(check_hive_frame(hive));
    TRY(find_object(hive, BOOTMGR, 0x10100002, &object));
    TRY(find_element(hive, object, "23000003", 1, &id));
    if (id.size != 2 * sizeof text)
        return "the store's default is no GUID";
    for (unsigned i = 0; i < sizeof text; i++)
        text[i] = (char)le16(id.data + 2 * i);
    if (text[38])
        return "the store's default is no GUID";
    TRY(find_element(hive, object, "24000001", 7, &id));
    TRY(find_object(hive, text, 0x10200003, &object));
    TRY(find_element(hive, object, "11000001", 3, &out->device));
    TRY(find_element(hive, object, "12000002", 1, &out->path));
    TRY(find_element(hive, object, "12000004", 1, &title));
    TRY(find_element(hive, object, "21000001", 3, &out->osdevice));
    TRY(find_element(hive, object, "22000002", 1, &root));
    line("store default=");
    print(text);
    print(" title=");
    print_utf16(title.data, title.size / 2);
    end_line();
    return list_options(hive, object);
}

/* docs/windows-boot.md: the directory of FilePath, then \EFI\Microsoft\Boot\BCD; never \Boot\BCD. */
static verdict load_store(EFI_FILE_HANDLE root, const CHAR16 *own_path, struct bytes *out)
{
    static CHAR16 usual[] = L"\\EFI\\Microsoft\\Boot\\BCD";
    CHAR16        beside[264];
    UINTN         n = 0, directory = 0;

    for (; own_path[n]; n++) {
        beside[n] = own_path[n];
        if (own_path[n] == '\\')
            directory = n + 1;
    }
    memcpy(beside + directory, L"BCD", 4 * sizeof(CHAR16));
    if (read_boot_file(root, beside, out) == NULL)
        return NULL;
    return read_boot_file(root, usual, out) == NULL ? NULL : "no boot store (0xc000000f)";
}

/* ---------------------------------------------------------------- step 3: the device it names */

/* Is this the partition that the device element (88 bytes, docs/windows-boot.md) means? */
static BOOLEAN is_meant(const UINT8 *element, const UINT8 *hd, UINT32 block_bytes)
{
    if (le32(element + 0x34) == 0)
        return hd[HD_SIGNATURE_TYPE] == SIGNATURE_TYPE_GUID && same(hd + HD_SIGNATURE, element + 0x20, 16);
    return hd[HD_SIGNATURE_TYPE] == SIGNATURE_TYPE_MBR && le32(hd + HD_SIGNATURE) == le32(element + 0x38) &&
           le64(hd + HD_START) * block_bytes == le64(element + 0x20);
}

static verdict find_partition(const UINT8 *element, EFI_HANDLE *out)
{
    EFI_HANDLE *handles;
    UINTN       count, found = 0;

    if (EFI_ERROR(boot->LocateHandleBuffer(ByProtocol, &block_io_guid, NULL, &count, &handles)))
        return "no Block IO handles at all";
    for (UINTN i = 0; i < count && i < MAX_HANDLES; i++) {
        const UINT8  *hd = hard_drive_node(handles[i]);
        EFI_BLOCK_IO *io;

        if (!hd || EFI_ERROR(boot->HandleProtocol(handles[i], &block_io_guid, (void **)&io)))
            continue;
        if (is_meant(element, hd, io->Media->BlockSize)) {
            *out = handles[i];
            found++;
        }
    }
    boot->FreePool(handles);
    if (found > 1)
        return "several partitions have the GUID of the device";
    return found ? NULL : "device not found (0xc0000225)";
}

static verdict resolve(struct bytes element, EFI_HANDLE boot_device, EFI_HANDLE *out)
{
    if (element.size != 0x58 || le32(element.data + 0x18) != 0x48)
        return "a device element has the wrong length";
    if (le32(element.data + 0x10) == 5) {
        *out = boot_device;
        return NULL;
    }
    if (le32(element.data + 0x10) != 6)
        return "a device element is of a kind that finds nothing";
    return find_partition(element.data, out);
}

static void print_partition(const UINT8 *element, const UINT8 *hd, const EFI_BLOCK_IO_MEDIA *media)
{
    line("osdevice");
    if (hd[HD_SIGNATURE_TYPE] == SIGNATURE_TYPE_GUID) {
        print(" partition=");
        print_guid(hd + HD_SIGNATURE);
        print(" disk=");
        print_guid(element + 0x38);
    }
    print_number("start", le64(hd + HD_START));
    print_number("blocks", le64(hd + HD_SIZE));
    print_number("block", media->BlockSize);
    print_number("readonly", media->ReadOnly);
    end_line();
}

static verdict check_partition(EFI_HANDLE handle, struct bytes element, EFI_BLOCK_IO **io)
{
    const UINT8        *hd = hard_drive_node(handle);
    EFI_BLOCK_IO_MEDIA *media;

    if (!hd || EFI_ERROR(boot->HandleProtocol(handle, &block_io_guid, (void **)io)))
        return "the device has no HD() path or no Block IO";
    media = (*io)->Media;
    print_partition(element.data, hd, media);
    if (!media->LogicalPartition)
        return "LogicalPartition is not set";
    if (!media->MediaPresent || (media->BlockSize != 512 && media->BlockSize != 4096))
        return "the partition's media are nonsense";
    if (le64(hd + HD_SIZE) != media->LastBlock + 1)
        return "HD() and LastBlock tell different sizes";
    return NULL;
}

/* ---------------------------------------------------------------- step 4: reading and writing through it */

/* Any bytes of a device, with one ReadBlocks call. */
static verdict read_bytes(EFI_BLOCK_IO *io, UINT64 at, UINTN size, struct bytes *out)
{
    unsigned     shift = io->Media->BlockSize == 4096 ? 12 : 9;
    UINT64       first = at >> shift;
    UINTN        blocks = (UINTN)(((at + size + io->Media->BlockSize - 1) >> shift) - first), skip;
    struct bytes whole;

    TRY(allocate(blocks << shift, &whole));
    if (EFI_ERROR(io->ReadBlocks(io, io->Media->MediaId, first, whole.size, whole.data)))
        return "a read through the partition failed";
    skip = (UINTN)(at - (first << shift));
    for (UINTN i = 0; skip && i < size; i++)
        whole.data[i] = whole.data[i + skip];
    *out = whole;
    return NULL;
}

/* What the UEFI specification (13.9) says a Block IO answers to wrong calls. */
static verdict check_refusals(EFI_BLOCK_IO *io, UINT8 *block)
{
    UINT32 id = io->Media->MediaId;
    UINTN  bytes = io->Media->BlockSize;

    if (!EFI_ERROR(io->ReadBlocks(io, id, io->Media->LastBlock + 1, bytes, block)))
        return "a read past the end of the partition was answered";
    if (!EFI_ERROR(io->ReadBlocks(io, id, io->Media->LastBlock, 2 * bytes, block)))
        return "a read across the end of the partition was answered";
    if (io->ReadBlocks(io, id, 0, bytes - 1, block) != EFI_BAD_BUFFER_SIZE)
        return "a read of a part of a block was answered";
    if (io->ReadBlocks(io, id + 1, 0, bytes, block) != EFI_MEDIA_CHANGED)
        return "a read with another MediaId was answered";
    if (EFI_ERROR(io->ReadBlocks(io, id, io->Media->LastBlock, bytes, block)))
        return "the last block of the partition cannot be read";
    return NULL;
}

/* One call for thousands of blocks gives the same as many small ones. */
static verdict check_big_read(EFI_BLOCK_IO *io)
{
    UINT64       all = (io->Media->LastBlock + 1) * io->Media->BlockSize;
    UINTN        size = all < BIG_READ ? (UINTN)all : BIG_READ, step = 16 * (UINTN)io->Media->BlockSize;
    struct bytes big, small;

    TRY(read_bytes(io, 0, size, &big));
    for (UINTN at = 0; at + step <= size; at += step) {
        TRY(read_bytes(io, at, step, &small));
        if (!same(big.data + at, small.data, step))
            return "a big read and small ones differ";
        release(small);
    }
    line("big read");
    print_number("bytes", size);
    end_line();
    release(big);
    return NULL;
}

/*
 * The real one writes even when ReadOnly is set, up to three times. Where the
 * firmware's own handle may really write, a test has no business trying.
 */
static verdict check_writes(const char *which, EFI_BLOCK_IO *io)
{
    struct bytes block;
    UINT64       lba = io->Media->LastBlock;

    line(which);
    if (!io->Media->ReadOnly) {
        print(" is writable, no write tried");
        end_line();
        return NULL;
    }
    TRY(read_bytes(io, lba * io->Media->BlockSize, io->Media->BlockSize, &block));
    for (int i = 0; i < 3; i++)
        if (io->WriteBlocks(io, io->Media->MediaId, lba, io->Media->BlockSize, block.data) != EFI_WRITE_PROTECTED) {
            end_line();
            return "a write was not answered EFI_WRITE_PROTECTED";
        }
    print(" refused 3 writes");
    end_line();
    release(block);
    return NULL;
}

/* All that could change a disk, by the one interface and the other. */
static verdict check_handle(EFI_HANDLE handle, EFI_BLOCK_IO *io, UINT8 *block)
{
    EFI_BLOCK_IO2_PROTOCOL *io2;
    EFI_BLOCK_IO2_TOKEN     token = { NULL, EFI_SUCCESS };
    UINT32                  id = io->Media->MediaId;
    UINTN                   bytes = io->Media->BlockSize;

    if (io->WriteBlocks(io, id, io->Media->LastBlock, bytes, block) != EFI_WRITE_PROTECTED)
        return "a write to some handle was not answered EFI_WRITE_PROTECTED";
    if (EFI_ERROR(io->FlushBlocks(io)) || EFI_ERROR(io->Reset(io, TRUE)))
        return "a flush or a reset of some handle failed";
    if (EFI_ERROR(boot->HandleProtocol(handle, &block_io2_guid, (void **)&io2)))
        return NULL;
    if (io2->WriteBlocksEx(io2, id, io->Media->LastBlock, &token, bytes, block) != EFI_WRITE_PROTECTED)
        return "a write by Block IO 2 was not answered EFI_WRITE_PROTECTED";
    if (EFI_ERROR(io2->FlushBlocksEx(io2, &token)))
        return "a flush by Block IO 2 failed";
    return NULL;
}

/* Every disk and partition that says it is read only; how many do not is for the test to judge. */
static verdict check_all_handles(void)
{
    EFI_HANDLE  *handles;
    UINTN        count, refused = 0, writable = 0;
    struct bytes block;

    TRY(allocate(4096, &block));
    if (EFI_ERROR(boot->LocateHandleBuffer(ByProtocol, &block_io_guid, NULL, &count, &handles)))
        return "no Block IO handles at all";
    for (UINTN i = 0; i < count; i++) {
        EFI_BLOCK_IO *io;

        if (EFI_ERROR(boot->HandleProtocol(handles[i], &block_io_guid, (void **)&io)) || !io->Media->MediaPresent ||
            (io->Media->BlockSize != 512 && io->Media->BlockSize != 4096))
            continue;
        if (!io->Media->ReadOnly) {
            writable++;
            continue;
        }
        TRY(check_handle(handles[i], io, block.data));
        refused++;
    }
    boot->FreePool(handles);
    line("all handles");
    print_number("refused", refused);
    print_number("writable", writable);
    end_line();
    release(block);
    return NULL;
}

/* ---------------------------------------------------------------- step 5: winload.efi, found by a scan of the MFT */

struct ntfs {
    EFI_BLOCK_IO *io;
    UINT32        cluster_bytes, record_bytes;
    struct bytes  mft;
};

/* Undo the multi-sector protection of one record: every 512 bytes end in a number, the bytes are in a list. */
static BOOLEAN fix_up(UINT8 *record, UINT32 bytes)
{
    UINT32 list = le16(record + 4), count = le16(record + 6);

    if (!same(record, "FILE", 4) || count != bytes / 512 + 1 || !inside(list, 2 * (UINT64)count, bytes))
        return FALSE;
    for (UINT32 i = 1; i < count; i++) {
        UINT8 *tail = record + 512 * i - 2;

        if (!same(tail, record + list, 2))
            return FALSE;
        memcpy(tail, record + list + 2 * i, 2);
    }
    return TRUE;
}

/* Next attribute of this type after `attribute` (NULL: the first); NULL: there is none. */
static const UINT8 *next_attribute(const struct ntfs *fs, const UINT8 *record, const UINT8 *attribute, UINT32 type)
{
    UINT32 at = attribute ? (UINT32)(attribute - record) + le32(attribute + 4) : le16(record + 20);

    while (inside(at, 24, fs->record_bytes) && le32(record + at) != 0xffffffffu) {
        UINT32 len = le32(record + at + 4);

        if (len < 24 || !inside(at, len, fs->record_bytes))
            break;
        if (le32(record + at) == type)
            return record + at;
        at += len;
    }
    return NULL;
}

/* One run of a list: length and signed distance, little-endian, their widths in the first byte. */
static UINT32 next_run(const UINT8 *run, UINT64 *length, UINT64 *lcn)
{
    unsigned widths[2] = { run[0] & 15u, run[0] >> 4 }, at = 1;
    UINT64   distance = 0;

    *length = 0;
    for (unsigned i = 0; i < widths[0]; i++)
        *length |= (UINT64)run[at++] << (8 * i);
    for (unsigned i = 0; i < widths[1]; i++)
        distance |= (UINT64)run[at++] << (8 * i);
    if (widths[1] && widths[1] < 8 && run[at - 1] & 0x80)
        distance |= ~(UINT64)0 << (8 * widths[1]);
    *lcn += distance;
    return at;
}

/* All data of a non-resident attribute; each run is one read. */
static verdict read_runs(const struct ntfs *fs, const UINT8 *attribute, struct bytes *out, UINTN *runs)
{
    UINT64       size = le64(attribute + 0x30), room, done = 0, lcn = 0, length;
    UINT32       at = le16(attribute + 0x20);
    struct bytes part;

    if (size > MAX_FILE || le64(attribute + 0x10) != 0 || le16(attribute + 0x0c) & 0x80ff)
        return "an NTFS attribute is too large, cut up or compressed";
    TRY(allocate((UINTN)size, out));
    for (*runs = 0; done < size && *runs < MAX_RUNS && at < le32(attribute + 4) && attribute[at]; ++*runs) {
        at += next_run(attribute + at, &length, &lcn);
        room = length * fs->cluster_bytes < size - done ? length * fs->cluster_bytes : size - done;
        TRY(read_bytes(fs->io, lcn * fs->cluster_bytes, (UINTN)room, &part));
        memcpy(out->data + done, part.data, (UINTN)room);
        release(part);
        done += room;
    }
    return done == size ? NULL : "an NTFS run list is too short";
}

static verdict read_data(const struct ntfs *fs, const UINT8 *record, struct bytes *out, UINTN *runs)
{
    const UINT8 *a = NULL;

    while ((a = next_attribute(fs, record, a, 0x80)) != NULL && a[9] != 0)
        ;
    if (!a)
        return "winload.efi has no data attribute in its base record";
    if (a[8])
        return read_runs(fs, a, out, runs);
    *runs = 0;
    TRY(allocate(le32(a + 16), out));
    memcpy(out->data, a + le16(a + 20), out->size);
    return NULL;
}

static verdict open_ntfs(EFI_BLOCK_IO *io, struct ntfs *fs)
{
    struct bytes sector, record;
    UINTN        runs;
    INT8         size_code;

    TRY(read_bytes(io, 0, 512, &sector));
    if (!same(sector.data + 3, "NTFS    ", 8))
        return "the partition does not begin with an NTFS boot sector";
    fs->io = io;
    fs->cluster_bytes = le16(sector.data + 11) * (UINT32)sector.data[13];
    size_code = (INT8)sector.data[64];
    fs->record_bytes = size_code < 0 ? 1u << -size_code : (UINT32)size_code * fs->cluster_bytes;
    if (fs->cluster_bytes < 512 || fs->cluster_bytes > 65536 || fs->record_bytes < 512 || fs->record_bytes > 4096)
        return "the NTFS boot sector is nonsense";
    TRY(read_bytes(io, le64(sector.data + 48) * fs->cluster_bytes, fs->record_bytes, &record));
    if (!fix_up(record.data, fs->record_bytes))
        return "the first MFT record is bad";
    TRY(read_data(fs, record.data, &fs->mft, &runs));
    for (UINTN at = 0; inside(at, fs->record_bytes, fs->mft.size); at += fs->record_bytes)
        if (!fix_up(fs->mft.data + at, fs->record_bytes))
            fs->mft.data[at] = 0;  /* unused, or torn: not a FILE record any more */
    release(sector);
    release(record);
    return NULL;
}

/* Does the record have this name in this directory? `name`: `units` UTF-16 characters. */
static BOOLEAN has_name(const struct ntfs *fs, const UINT8 *record, UINT64 directory, const UINT8 *name, UINTN units)
{
    const UINT8 *a = NULL;

    while ((a = next_attribute(fs, record, a, 0x30)) != NULL) {
        const UINT8 *value = a + le16(a + 20);
        UINTN        i = 0;

        if (a[8] || value + 66 + 2 * units > record + fs->record_bytes || value[64] != units ||
            (le64(value) & 0xffffffffffffu) != directory)
            continue;
        while (i < units && upper(le16(value + 66 + 2 * i)) == upper(le16(name + 2 * i)))
            i++;
        if (i == units)
            return TRUE;
    }
    return FALSE;
}

static verdict find_child(const struct ntfs *fs, UINT64 *number, const UINT8 *name, UINTN units)
{
    UINT64 i = 0;

    for (UINTN at = 0; inside(at, fs->record_bytes, fs->mft.size); at += fs->record_bytes, i++) {
        const UINT8 *record = fs->mft.data + at;

        if (record[0] == 'F' && le16(record + 22) & 1 && has_name(fs, record, *number, name, units)) {
            *number = i;
            return NULL;
        }
    }
    return "device found, file missing (0xc000000f)";
}

/* The file that the store names: a UTF-16 path from the root, which is record 5. */
static verdict read_winload(const struct ntfs *fs, struct bytes path, struct bytes *out)
{
    UINT64 record = 5;
    UINTN  start = 1, end = 1, units = path.size / 2, runs;

    for (; start < units && le16(path.data + 2 * start); start = end + 1) {
        for (end = start; end < units && le16(path.data + 2 * end) && le16(path.data + 2 * end) != '\\'; end++)
            ;
        TRY(find_child(fs, &record, path.data + 2 * start, end - start));
        if (end >= units || !le16(path.data + 2 * end))
            break;
    }
    TRY(read_data(fs, fs->mft.data + (UINTN)record * fs->record_bytes, out, &runs));
    line("winload ");
    print_utf16(path.data, units);
    print_number("record", record);
    print_number("bytes", out->size);
    print_number("runs", runs);
    end_line();
    return NULL;
}

/* The end of a winload.efi of ours (qemu/support/winload.py): "LDMWINLD", what to do after PASS, size, CRC-32 of all before. */
#define TRAILER_BYTES 20
enum action { ACTION_RETURN, ACTION_SHUTDOWN, ACTION_RESET, ACTION_RETURN_ERROR, ACTION_RETURN_NO_MAPPING };

static verdict check_winload(struct bytes file, UINT32 *action)
{
    const UINT8 *trailer = file.data + file.size - TRAILER_BYTES;

    if (file.size < TRAILER_BYTES || !same(file.data, "MZ", 2))
        return "file read, not a PE (0xc000007b)";
    if (!same(trailer, "LDMWINLD", 8) || le32(trailer + 12) != file.size)
        return "file read, not the known one (0xc0000221)";
    if (crc32(file.data, file.size - 4) != le32(trailer + 16))
        return "file read, bytes differ (0xc0000221)";
    *action = le32(trailer + 8);
    return NULL;
}

/* ---------------------------------------------------------------- the whole */

static verdict check_os_volume(const struct entry *entry, EFI_HANDLE boot_device, UINT32 *action)
{
    EFI_HANDLE    device, osdevice;
    EFI_BLOCK_IO *io;
    struct ntfs   fs;
    struct bytes  block, winload;

    TRY(resolve(entry->device, boot_device, &device));
    TRY(resolve(entry->osdevice, boot_device, &osdevice));
    if (device != osdevice)
        return "device and osdevice are not the same";
    TRY(check_partition(osdevice, entry->osdevice, &io));
    TRY(allocate(2 * (UINTN)io->Media->BlockSize, &block));
    TRY(check_refusals(io, block.data));
    release(block);
    TRY(check_big_read(io));
    TRY(open_ntfs(io, &fs));
    TRY(read_winload(&fs, entry->path, &winload));
    TRY(check_winload(winload, action));
    return check_writes("osdevice", io);
}

static verdict judge(EFI_HANDLE image_handle, UINT32 *action)
{
    EFI_LOADED_IMAGE *image;
    EFI_BLOCK_IO     *boot_io;
    EFI_FILE_HANDLE   root;
    CHAR16            own_path[260];
    struct bytes      store;
    struct entry      entry;

    if (EFI_ERROR(boot->HandleProtocol(image_handle, &loaded_image_guid, (void **)&image)))
        return "no LoadedImage protocol";
    if (!image->DeviceHandle)
        return "DeviceHandle is NULL";
    if (EFI_ERROR(boot->HandleProtocol(image->DeviceHandle, &block_io_guid, (void **)&boot_io)))
        return "the boot device has no Block IO";
    if (!hard_drive_node(image->DeviceHandle))
        return "the boot device's path does not end in HD()";
    TRY(file_path_text((const UINT8 *)image->FilePath, own_path, 260));
    line("started as ");
    print_utf16((const UINT8 *)own_path, 260);
    end_line();
    TRY(open_root(image->DeviceHandle, &root));
    TRY(check_own_file(image, root, own_path));
    TRY(load_store(root, own_path, &store));
    TRY(read_store(store, &entry));
    TRY(check_os_volume(&entry, image->DeviceHandle, action));
    TRY(check_writes("boot device", boot_io));
    TRY(check_all_handles());
    root->Close(root);
    return NULL;
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table);
EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
    UINT32  action = ACTION_RETURN_ERROR;
    verdict why;

    system_table = table;
    boot = table->BootServices;
    why = judge(image, &action);
    line(why ? "FAIL " : "PASS");
    print(why ? why : "");
    end_line();
    if (!why && action == ACTION_SHUTDOWN)
        table->RuntimeServices->ResetSystem(EfiResetShutdown, EFI_SUCCESS, 0, NULL);
    if (!why && action == ACTION_RESET)
        table->RuntimeServices->ResetSystem(EfiResetCold, EFI_SUCCESS, 0, NULL);
    if (!why && action == ACTION_RETURN_NO_MAPPING)
        return EFI_NO_MAPPING;  /* as the real one does after an error of its own */
    return !why && action == ACTION_RETURN ? EFI_SUCCESS : EFI_ABORTED;
}
