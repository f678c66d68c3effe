/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bios-bootmgr.c - stands in for BOOTMGR that is started from a system volume in memory.
 *
 * It is started, by ldmboot or (ALONE) by the boot sector of a system volume on a copy, as Microsoft's was seen to start (docs/windows-boot.md, "A system volume in memory"): all of its file at
 * 2000:0000, the boot sector of its volume at 0:7C00, DL = 80h. Then it does what that was seen to do: find its own
 * partition by the HiddenSectors in memory, read the store from its FAT volume through INT 13h, resolve the entry's
 * device by signature and offset, read Windows's volume. Besides it judges what Windows relies on later: that
 * the memory of the volume is in no answer of INT 15h, stays whole when all that those call usable is written
 * over, and reads the same with any packet. What the test expects is in `expect` (qemu/support/bootmgr.py).
 *
 * 16-bit code by gcc -m16, one segment: CS = DS = SS = 2000h; memory elsewhere by FS with a limit of 4 GiB.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

__asm__(".code16gcc\n"
        "    .section .start, \"ax\"\n"
        "    .byte 0xe9\n"             /* as Microsoft's begins */
        "    .word begin - . - 2\n"
        "    .byte 0\n"
        "    .ascii \"LDMBOOT-BOOTMGR1\"\n"
        "    .globl expect\n"
        "expect: .fill 64, 1, 0\n"
        "begin:\n"
        "    cli\n"
        "    mov %cs, %ax\n"
        "    mov %ax, %ds\n"
        "    mov %ax, %es\n"
        "    mov %ax, %ss\n"
        "    movl $0xfff0, %esp\n"
        "    sti\n"
        "    cld\n"
        "    movzbl %dl, %eax\n"
        "    pushl %eax\n"
        "    calll run\n"
        "1:  hlt\n"
        "    jmp 1b\n"
        "    .text\n");

#define SECTOR      512u
#define SELF        0x20000u
#define CACHE       0x40000u    /* up to 127 sectors: where random reads go, at most; odd offsets added */
#define STORE       0x60000u    /* the boot store */
#define FAT_COPY    0x70000u    /* the FAT of our volume */
#define HIGH        0x00200000u /* above 1 MiB, for flat addresses */
#define SUMS_MAX    8192u
#define LOW_END     0x80000u    /* below: ours while we run */

struct expected {
    uint32_t windows_lba;       /* where Windows's volume begins */
    uint32_t known_lba, known_sum;  /* a sector of its winload.exe, and the sum of its dwords */
    uint32_t file_bytes;        /* of this program */
    uint32_t flags;
    uint32_t title;             /* sum of the bytes of the entry's path, as UTF-16 */
    uint32_t number;            /* NTLDR: of Windows's partition, as its kernel counts */
    uint32_t ntdetect_bytes, ntdetect_sum;
};
extern volatile struct expected expect;
#define ALONE   2u              /* the system volume is one of the disk's own: no hook, no memory behind it */
#define NTLDR   4u              /* it stands in for NTLDR, not for BOOTMGR */
#define NO_FILL 1u              /* the machine has too much memory to write over all of it: every 64th page */

extern const uint8_t data_start[], data_end[];

struct regs { uint32_t eax, ebx, ecx, edx, esi, edi; uint16_t ds, es; uint32_t flags; };
static struct regs r;

/* ---------------------------------------------------------------- machine */

#define INT(n) __asm__ volatile( \
    "pushal; pushw %%ds; pushw %%es\n" \
    "movl %0, %%eax; movl %1, %%ebx; movl %2, %%ecx; movl %3, %%edx; movl %4, %%esi; movl %5, %%edi\n" \
    "pushw %6; pushw %7; popw %%es; popw %%ds\n" \
    "int $" #n "\n" \
    "pushfl; pushw %%ds; pushw %%cs; popw %%ds\n" \
    "movl %%eax, %0; movl %%ebx, %1; movl %%ecx, %2; movl %%edx, %3; movl %%esi, %4; movl %%edi, %5\n" \
    "popw %6; popl %8\n" \
    "popw %%es; popw %%ds; popal\n" \
    : "+m"(r.eax), "+m"(r.ebx), "+m"(r.ecx), "+m"(r.edx), "+m"(r.esi), "+m"(r.edi), "+m"(r.ds), "+m"(r.es), "+m"(r.flags) \
    : : "memory", "cc")

static inline void out8(uint16_t port, uint8_t v) { __asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port)); }
static inline uint8_t in8(uint16_t port)
{
    uint8_t v;

    __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}

static const uint64_t gdt[] __attribute__((aligned(8))) = { 0, 0x008f93000000ffffull };

/* FS reaches all of memory until somebody loads it: after each call of the BIOS again. A20 on, as BOOTMGR does by itself. */
static void open_memory(void)
{
    struct { uint16_t limit; uint32_t base; } __attribute__((packed)) pointer = { sizeof gdt - 1, SELF + (uint32_t)gdt };

    out8(0x92, (uint8_t)((in8(0x92) | 2) & ~1));
    __asm__ volatile("cli; lgdtl %0\n"
                     "movl %%cr0, %%eax; orb $1, %%al; movl %%eax, %%cr0\n"
                     "movw $8, %%cx; movw %%cx, %%fs\n"
                     "andb $0xfe, %%al; movl %%eax, %%cr0; sti" : : "m"(pointer) : "eax", "ecx", "memory");
}

static inline uint8_t  get8(uint32_t a)  { uint8_t v;  __asm__ volatile("movb %%fs:(%1), %0" : "=q"(v) : "r"(a)); return v; }
static inline uint16_t get16(uint32_t a) { uint16_t v; __asm__ volatile("movw %%fs:(%1), %0" : "=r"(v) : "r"(a)); return v; }
static inline uint32_t get32(uint32_t a) { uint32_t v; __asm__ volatile("movl %%fs:(%1), %0" : "=r"(v) : "r"(a)); return v; }
static inline void put32(uint32_t a, uint32_t v) { __asm__ volatile("movl %0, %%fs:(%1)" : : "r"(v), "r"(a) : "memory"); }

/* ---------------------------------------------------------------- words */

static bool all_good = true;

static void put_char(char c)
{
    __asm__ volatile("pushal; movb %0, %%al; movb $0x0e, %%ah; movw $7, %%bx; int $0x10; popal" : : "m"(c) : "memory", "cc");
    for (unsigned i = 0; i < 0xffff && !(in8(0x3fd) & 0x20); i++)
        ;
    out8(0x3f8, (uint8_t)c);
}

static void put_text(const char *s)
{
    for (; *s; s++)
        put_char(*s);
}

static void check(bool good, const char *what)
{
    put_text(good ? "  ok   " : "  BAD  ");
    put_text(what);
    put_text("\r\n");
    all_good = all_good && good;
}

static void put_hex(uint32_t v)
{
    for (int i = 28; i >= 0; i -= 4)
        put_char("0123456789abcdef"[v >> i & 15]);
}

static void note(const char *what, uint32_t v)
{
    put_text("       ");
    put_text(what);
    put_hex(v);
    put_text("\r\n");
}

/* ---------------------------------------------------------------- disk */

static struct packet { uint8_t bytes, zero; uint16_t count; uint16_t offset, segment; uint64_t lba, flat; } packet;

/* Sectors of drive 80h to seg:off, or, with segment FFFFh, to a flat address. */
static bool read_to(uint64_t lba, uint16_t count, uint16_t segment, uint16_t offset, uint32_t flat)
{
    packet = (struct packet){ segment == 0xffff ? 24 : 16, 0, count, segment == 0xffff ? 0xffff : offset, segment, lba, flat };
    r = (struct regs){ .eax = 0x4200, .edx = 0x80, .esi = (uint32_t)&packet, .ds = SELF >> 4, .es = SELF >> 4 };
    INT(0x13);
    open_memory();
    return !(r.flags & 1) && packet.count == count;
}

static bool read(uint64_t lba, uint16_t count, uint32_t linear)
{
    return read_to(lba, count, (uint16_t)(linear >> 4), (uint16_t)(linear & 15), 0);
}

static uint32_t sum_at(uint32_t at, uint32_t bytes)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < bytes; i += 4)
        sum += get32(at + i);
    return sum;
}

/* ---------------------------------------------------------------- our partition, and the FAT volume in it */

static uint32_t part_start, part_sectors, signature;
static uint32_t fat_start, fat_sectors, root_start, root_sectors, data_start_lba, per_cluster;

#define TABLE   0x1be
#define BPB_END 0x3e

static void find_partition(void)
{
    uint32_t hidden = get32(0x7c1c);

    check(read(0, 1, CACHE), "sector 0 can be read");
    check(get16(CACHE + 510) == 0xaa55, "it ends in 55AA");
    signature = get32(CACHE + 0x1b8);
    for (unsigned i = 0; i < 4; i++) {
        uint32_t e = CACHE + TABLE + i * 16;

        if (get8(e + 4) == 0 || get32(e + 8) != hidden)
            continue;
        part_start = hidden;
        part_sectors = get32(e + 12);
        check(get8(e) == 0x80, "its partition is the active one");
        check(get8(e + 4) == 1, "and has the type of FAT12");
    }
    check(part_start != 0, "an entry of sector 0 starts at HiddenSectors in memory (0:7C1C)");
}

static void check_boot_sector(void)
{
    bool same = read(part_start, 1, CACHE);

    for (unsigned i = 0; same && i < (expect.flags & ALONE ? BPB_END : SECTOR); i++)  /* code has variables of its own */
        same = get8(CACHE + i) == get8(0x7c00 + i);
    check(same, "the boot sector in memory is that of its partition");
    check(get16(CACHE + 0x13) && get16(CACHE + 0x13) <= part_sectors, "the volume is not larger than its partition");
}

static void open_fat(void)
{
    per_cluster = get8(0x7c0d);
    fat_start = part_start + get16(0x7c0e);
    fat_sectors = get16(0x7c16);
    root_start = fat_start + get8(0x7c10) * fat_sectors;
    root_sectors = get16(0x7c11) * 32u / SECTOR;
    data_start_lba = root_start + root_sectors;
    check(fat_sectors > 0 && fat_sectors <= 12 && read(fat_start, (uint16_t)fat_sectors, FAT_COPY), "the FAT can be read");
}

static uint32_t next_cluster(uint32_t c)
{
    uint32_t v = get16(FAT_COPY + c * 3 / 2);

    return c & 1 ? v >> 4 : v & 0xfff;
}

/* An entry of the directory that begins at `lba`, `sectors` long: its cluster; 0: not there. */
static uint32_t find_entry(uint32_t lba, uint32_t sectors, const char *name11, uint32_t *bytes)
{
    for (; sectors-- > 0; lba++) {
        if (!read(lba, 1, CACHE))
            return 0;
        for (uint32_t e = CACHE; e < CACHE + SECTOR; e += 32) {
            bool same = get8(e + 11) != 0x0f;

            for (unsigned i = 0; same && i < 11; i++)
                same = get8(e + i) == (uint8_t)name11[i];
            if (same) {
                *bytes = get32(e + 28);
                return get16(e + 26);
            }
        }
    }
    return 0;
}

static uint32_t cluster_lba(uint32_t c) { return data_start_lba + (c - 2) * per_cluster; }

/* A file in the root directory, whole, to STORE; its size, 0: not there. */
static uint32_t read_root_file(const char *name11)
{
    uint32_t bytes = 0, file = find_entry(root_start, root_sectors, name11, &bytes), to = STORE;

    for (; file >= 2 && file < 0xff0 && to < STORE + 0x10000; file = next_cluster(file), to += per_cluster * SECTOR)
        if (!read(cluster_lba(file), (uint16_t)per_cluster, to))
            return 0;
    return to > STORE ? bytes : 0;
}

/* The store, along its chain. */
static uint32_t read_store(void)
{
    uint32_t bytes = 0, folder = find_entry(root_start, root_sectors, "BOOT       ", &bytes), file, to = STORE;

    check(folder != 0, "there is \\Boot");
    file = folder ? find_entry(cluster_lba(folder), per_cluster, "BCD        ", &bytes) : 0;
    check(file != 0 && bytes >= 4096, "there is \\Boot\\BCD");
    for (; file >= 2 && file < 0xff0 && to < STORE + 0x10000; file = next_cluster(file), to += per_cluster * SECTOR)
        if (!read(cluster_lba(file), (uint16_t)per_cluster, to))
            return 0;
    return bytes;
}

static const char *own_name(void)
{
    return expect.flags & NTLDR ? "NTLDR      " : "BOOTMGR    ";
}

/* Our own file, along its chain, against what is in memory; data that we changed since is left out. */
static void compare_self(void)
{
    uint32_t bytes = 0, file = find_entry(root_start, root_sectors, own_name(), &bytes), at = 0;
    uint32_t from = (uint32_t)data_start, to = (uint32_t)data_end;
    bool     same = true;

    check(file != 0 && bytes == expect.file_bytes, "there is its own file, of its size");
    for (; file >= 2 && file < 0xff0 && at < bytes; file = next_cluster(file), at += per_cluster * SECTOR) {
        same = same && read(cluster_lba(file), (uint16_t)per_cluster, CACHE);
        for (uint32_t i = 0; same && i < per_cluster * SECTOR && at + i < bytes; i++) {
            if ((at + i >= from && at + i < to) || (at + i >= 0xf000 && at + i < 0x10000))  /* data, stack */
                continue;
            same = get8(CACHE + i) == get8(SELF + at + i);
            if (!same)
                note("not at ", at + i);
        }
    }
    check(same && at >= bytes, "its file is what was started");
}

/* ---------------------------------------------------------------- the boot store: a registry hive */

#define CELL(offset) (STORE + 0x1000u + (offset) + 4)

static bool name_is(uint32_t key, const char *name)
{
    uint16_t len = get16(key + 0x48);

    for (unsigned i = 0; i < len; i++) {
        char c = (char)get8(key + 0x4c + i), w = name[i];

        if (w == 0 || (c | 0x20) != (w | 0x20))
            return false;
    }
    return name[len] == 0;
}

/* A key's child by name; 0: none. Lists of the kinds lf and lh. */
static uint32_t child(uint32_t key, const char *name)
{
    uint32_t list;

    if (!key || get32(key + 0x14) == 0)
        return 0;
    list = CELL(get32(key + 0x1c));
    for (unsigned i = 0; i < get16(list + 2); i++) {
        uint32_t k = CELL(get32(list + 4 + i * 8));

        if (name_is(k, name))
            return k;
    }
    return 0;
}

/* The data of a key's only value, "Element". */
static uint32_t element(uint32_t object, const char *number, uint32_t *bytes)
{
    uint32_t key = child(child(object, "Elements"), number), value, len;

    if (!key || get32(key + 0x24) != 1)
        return 0;
    value = CELL(get32(CELL(get32(key + 0x28))));
    len = get32(value + 4);
    *bytes = len & 0x7fffffff;
    return len & 0x80000000 ? value + 8 : CELL(get32(value + 8));
}

/* Where the device leads: the entry of sector 0 at this signature and offset. 0: to none. */
static uint32_t resolve(uint32_t device)
{
    uint32_t sector = get32(device + 0x20) >> 9 | get32(device + 0x24) << 23;

    if (get32(device + 0x10) != 6 || get32(device + 0x34) != 1 || get32(device + 0x38) != signature || !read(0, 1, CACHE))
        return 0;
    for (unsigned i = 0; i < 4; i++)
        if (get8(CACHE + TABLE + i * 16 + 4) && get32(CACHE + TABLE + i * 16 + 8) == sector) {
            note("partition ", i + 1);
            return sector;
        }
    return 0;
}

/* Elements of the loader besides those that every store has: "option 25000080 = 00000001". */
static void list_options(uint32_t loader)
{
    static const char usual[] = "11000001" "12000002" "12000004" "12000005" "21000001" "22000002";
    uint32_t          elements = child(loader, "Elements"), list = elements ? CELL(get32(elements + 0x1c)) : 0, bytes;

    for (unsigned i = 0; list && i < get16(list + 2); i++) {
        uint32_t key = CELL(get32(list + 4 + i * 8)), data;
        char     name[9] = "";
        bool     known = false;

        for (unsigned c = 0; c < 8; c++)
            name[c] = (char)get8(key + 0x4c + c);
        for (unsigned k = 0; usual[k]; k += 8) {
            bool same = true;

            for (unsigned c = 0; c < 8; c++)
                same = same && usual[k + c] == name[c];
            known = known || same;
        }
        data = known ? 0 : element(loader, name, &bytes);
        if (!data)
            continue;
        put_text("  option ");
        put_text(name);
        note(" = ", bytes == 1 ? get8(data) : get32(data));
    }
}

static void follow_store(void)
{
    uint32_t root = CELL(get32(STORE + 0x24)), objects = child(root, "Objects"), bytes = 0, id, device, osdevice, path, sum = 0;
    uint32_t bootmgr = child(objects, "{9dea862c-5cdd-4e70-acc1-f32b344d4795}"), loader;
    char     name[40];

    check(get32(STORE) == 0x66676572 && bootmgr, "the store is a hive with a boot manager in it");
    id = element(bootmgr, "23000003", &bytes);
    for (unsigned i = 0; i < sizeof name - 1; i++)
        name[i] = id && i * 2 < bytes ? (char)get8(id + i * 2) : 0;
    name[sizeof name - 1] = 0;
    loader = child(objects, name);
    check(loader != 0, "its default entry is there");
    device = element(loader, "11000001", &bytes);
    check(device && bytes == 0x58 && resolve(device) == expect.windows_lba, "its device is Windows's volume as shown");
    osdevice = element(loader, "21000001", &bytes);
    check(osdevice && bytes == 0x58 && resolve(osdevice) == expect.windows_lba, "so is its osdevice");
    path = element(loader, "12000002", &bytes);
    for (unsigned i = 0; path && i < bytes; i++)
        sum += get8(path + i);
    check(path && sum == expect.title, "its path is winload.exe's");
    list_options(loader);
}

/* ---------------------------------------------------------------- NTLDR's files (docs/windows-boot.md, "boot.ini as NTLDR reads it") */

/* Where this text is in the file at STORE: right behind it; 0: nowhere. */
static uint32_t after_text(uint32_t from, uint32_t end, const char *text)
{
    for (; from < end; from++) {
        unsigned i = 0;

        while (text[i] && from + i < end && get8(from + i) == (uint8_t)text[i])
            i++;
        if (!text[i])
            return from + i;
    }
    return 0;
}

/* Entries in use, in table order, but for 05, 0F, EE. Where the one with this number starts; 0: there is none. */
static uint32_t numbered(uint32_t number)
{
    if (!read(0, 1, CACHE))
        return 0;
    for (unsigned i = 0; i < 4; i++) {
        uint8_t type = get8(CACHE + TABLE + i * 16 + 4);

        if (type && type != 0x05 && type != 0x0f && type != 0xee && --number == 0)
            return get32(CACHE + TABLE + i * 16 + 8);
    }
    return 0;
}

static void follow_bootini(void)
{
    uint32_t bytes = read_root_file("NTDETECTCOM"), at, line, number;

    for (uint32_t a = STORE + bytes; a < STORE + ((bytes + 3) & ~3u); a++)  /* its slack does not count */
        __asm__ volatile("movb $0, %%fs:(%0)" : : "r"(a) : "memory");
    check(bytes == expect.ntdetect_bytes && sum_at(STORE, (bytes + 3) & ~3u) == expect.ntdetect_sum, "NTDETECT.COM is there, whole");
    bytes = read_root_file("BOOT    INI");
    check(bytes > 0, "boot.ini is there");
    at = after_text(STORE, STORE + bytes, "[boot loader]");
    at = at ? after_text(at, STORE + bytes, "default=multi(0)disk(0)rdisk(0)partition(") : 0;
    check(at != 0, "its default is a partition of the first disk");
    number = at ? get8(at) - '0' : 0;
    note("number ", number);
    check(number == expect.number, "with the number that Windows's kernel counts");
    check(number && numbered(number) == expect.windows_lba, "which is Windows's volume in the table as shown");
    check(at && after_text(at, STORE + bytes, "\\WINDOWS") == at + 10, "and its folder");
    line = after_text(STORE, STORE + bytes, "[operating systems]\r\nmulti(0)disk(0)rdisk(0)partition(");
    for (uint32_t a = line; line && a < STORE + bytes; a++)
        put_char((char)get8(a));
    check(line && get8(line) - '0' == (int)number, "the line of the menu says the same");
}

static void read_windows(void)
{
    check(read(expect.windows_lba, 1, CACHE), "Windows's volume can be read");
    check(get32(CACHE + 0x1c) == expect.windows_lba, "its HiddenSectors are its place");
    check(read(expect.known_lba, 1, CACHE) && sum_at(CACHE, SECTOR) == expect.known_sum, "its program reads as it is on the disk");
}

/* ---------------------------------------------------------------- what the disk says of itself */

static uint8_t answer[30];

static void check_size(void)
{
    uint64_t end = (uint64_t)part_start + part_sectors;

    answer[0] = 30;
    answer[1] = 0;
    r = (struct regs){ .eax = 0x4800, .edx = 0x80, .esi = (uint32_t)answer, .ds = SELF >> 4, .es = SELF >> 4 };
    INT(0x13);
    open_memory();
    check(!(r.flags & 1) && *(volatile uint64_t *)(answer + 16) >= end, "AH=48 tells a disk that holds it");
    r = (struct regs){ .eax = 0x0800, .edx = 0x80, .ds = SELF >> 4, .es = 0 };
    INT(0x13);
    open_memory();
    check(!(r.flags & 1) && (r.edx & 0xff) >= 1 && (r.ecx & 0x3f), "AH=08 answers");
    {
        uint32_t cylinders = ((r.ecx >> 8 & 0xff) | (r.ecx & 0xc0) << 2) + 1, chs = cylinders * ((r.edx >> 8 & 0xff) + 1) * (r.ecx & 0x3f);

        check(chs + 255 * 63 >= end || cylinders >= 1023, "and its geometry reaches there, too, where CHS can");
    }
    if (expect.flags & ALONE)
        return;
    packet = (struct packet){ 16, 0, 1, (uint16_t)(CACHE & 15), CACHE >> 4, part_start, 0 };
    r = (struct regs){ .eax = 0x4300, .edx = 0x80, .esi = (uint32_t)&packet, .ds = SELF >> 4, .es = SELF >> 4 };
    INT(0x13);
    open_memory();
    check((r.flags & 1) && (r.eax >> 8 & 0xff) == 3, "a write to it is refused");
}

/* ---------------------------------------------------------------- the memory behind it */

static uint32_t sums[SUMS_MAX / 8];  /* of every eighth sector */

static bool take_sums(bool first)
{
    for (uint32_t i = 0; i < part_sectors && i / 8 < SUMS_MAX / 8; i += 8) {
        uint32_t sum;

        if (!read(part_start + i, 1, CACHE))
            return false;
        sum = sum_at(CACHE, SECTOR);
        if (first)
            sums[i / 8] = sum;
        else if (sums[i / 8] != sum)
            return false;
    }
    return true;
}

static uint32_t seed = 12345;

static uint32_t random(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)seed * below) >> 32);
}

/* Does sector `lba` stand at this address as a plain read gives it? */
static bool same_as_alone(uint64_t lba, uint32_t at)
{
    uint32_t sum = sum_at(at, SECTOR), other;

    if (!read(lba, 1, 0x50000))
        return false;
    other = sum_at(0x50000, SECTOR);
    return sum == other && get32(at) == get32(0x50000) && get32(at + 508) == get32(0x50000 + 508);
}

/* Packets of any length to any place: unaligned, with a large offset, flat, across the end of the disk before it. */
static bool random_reads(void)
{
    for (unsigned n = 0; n < 150; n++) {
        uint16_t count = (uint16_t)(1 + random(100)), way = (uint16_t)random(3);
        uint32_t at, back = random(8) == 0 ? 1 + random(20) : 0;
        uint64_t lba = back ? part_start - back : part_start + random(part_sectors - 1);

        if (lba + count > part_start + part_sectors)
            count = (uint16_t)(part_start + part_sectors - lba);
        at = CACHE + random(3000);
        if (way == 0 && !read(lba, count, at))
            return false;
        if (way == 1) {
            uint16_t offset = (uint16_t)(0x1000 + random(0x2000));

            if (!read_to(lba, count, (uint16_t)((CACHE - 0x3000) >> 4), offset, 0))
                return false;
            at = CACHE - 0x3000 + offset;
        }
        if (way == 2) {
            at = HIGH + random(100000);
            if (!read_to(lba, count, 0xffff, 0, at))
                return false;
        }
        if (!same_as_alone(lba, at) || !same_as_alone(lba + count - 1, at + (count - 1u) * SECTOR)) {
            note("lba ", (uint32_t)lba);
            note("count ", count);
            note("way ", way);
            return false;
        }
    }
    return true;
}

/* Write over what an answer of INT 15h calls usable, above 1 MiB. */
static void fill(uint64_t from, uint64_t to)
{
    uint32_t step = expect.flags & NO_FILL ? 64 * 4096 : 4;

    if (from < 0x100000)
        from = 0x100000;
    if (to > 0xfffff000ull)
        to = 0xfffff000ull;
    for (uint64_t a = (from + 3) & ~3ull; a + 4 <= to; a += step)
        put32((uint32_t)a, 0xdeadbeef);
}

static struct { uint64_t base, bytes; uint32_t type, more; } range __attribute__((aligned(8)));

static uint64_t total;

static void fill_e820(uint32_t ask_bytes)
{
    uint32_t next = 0;

    total = 0;
    for (unsigned i = 0; i < 100; i++) {
        range.type = 0;
        range.more = 1;
        r = (struct regs){ .eax = 0xe820, .ebx = next, .ecx = ask_bytes, .edx = 0x534d4150, .edi = (uint32_t)&range,
                           .ds = SELF >> 4, .es = SELF >> 4 };
        INT(0x15);
        open_memory();
        if ((r.flags & 1) || r.eax != 0x534d4150)
            return;
        next = r.ebx;
        if (range.type == 1) {
            total += range.bytes;
            fill(range.base, range.base + range.bytes);
        }
        if (next == 0)
            return;
    }
}

static void check_memory(void)
{
    fill_e820(20);
    check(total > 0x100000, "E820 still knows usable memory");
    note("KiB of it ", (uint32_t)(total >> 10));
    fill_e820(24);
    check(take_sums(false), "the volume is whole after all of it was written over (E820)");
    r = (struct regs){ .eax = 0xe801, .ds = SELF >> 4, .es = SELF >> 4 };
    INT(0x15);
    open_memory();
    check(!(r.flags & 1) && (uint16_t)r.eax == (uint16_t)r.ecx && (uint16_t)r.ebx == (uint16_t)r.edx, "E801 answers");
    {
        uint32_t to16 = r.eax & 0xffff, above = r.ebx & 0xffff;

        note("E801 KiB ", to16);
        note("E801 blocks ", above);
        fill(0x100000, 0x100000 + (uint64_t)to16 * 1024);
        fill(0x1000000, 0x1000000 + (uint64_t)above * 65536);
    }
    check(take_sums(false), "and after what E801 says was");
    r = (struct regs){ .eax = 0x8800, .ds = SELF >> 4, .es = SELF >> 4 };
    INT(0x15);
    open_memory();
    if (!(r.flags & 1))
        fill(0x100000, 0x100000 + (uint64_t)(r.eax & 0xffff) * 1024);
    check(take_sums(false), "and after what AH=88 says was");
}

void run(uint32_t dl);
void run(uint32_t dl)
{
    out8(0x3fb, 0x80);
    out8(0x3f8, 1);
    out8(0x3f9, 0);
    out8(0x3fb, 3);
    put_text(expect.flags & ALONE ? "\r\nBOOTMGR: started from the disk\r\n"
                                  : "\r\nBOOTMGR: started from a system volume in memory\r\n");
    open_memory();
    check(dl == 0x80, "the boot drive (DL) is 80h");
    find_partition();
    if (part_start) {
        uint32_t bytes;

        check_boot_sector();
        open_fat();
        bytes = expect.flags & NTLDR ? 0 : read_store();
        check(bytes > 0 || (expect.flags & NTLDR), "the store can be read");
        if (bytes)
            follow_store();
        if (expect.flags & NTLDR)
            follow_bootini();
        compare_self();
        read_windows();
        check_size();
        check(take_sums(true), "the whole volume can be read");
    }
    if (part_start && !(expect.flags & ALONE)) {
        check(random_reads(), "any packet reads the same");
        check_memory();
        check(random_reads(), "any packet still reads the same");
    }
    put_text(all_good ? "STANDIN: PASS\r\n" : "STANDIN: FAIL\r\n");
}
