#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""finish_pe.py ELF PE - put into a PE file what objcopy cannot: base relocations (from the
ELF file's dynamic ones, so that no start-up code has to relocate), a fixed time stamp
(reproducible builds), NX_COMPAT, W^X section flags, the checksum.

Facts: Microsoft's PE/COFF specification; the ELF specification and its i386 and x86-64
supplements; the demands of shim's NX support.
"""
import struct
import sys

PAGE = 4096
NX_COMPAT = 0x0100
CODE, INITIALIZED, DISCARDABLE = 0x20, 0x40, 0x02000000
EXECUTE, READ, WRITE = 0x20000000, 0x40000000, 0x80000000
FLAGS = {  # every section that may be there, in this order
    b".text": CODE | EXECUTE | READ,
    b".rodata": INITIALIZED | READ,
    b".sbat": INITIALIZED | READ,
    b".reloc": INITIALIZED | READ | DISCARDABLE,
    b".data": INITIALIZED | READ | WRITE,
}

SHT_RELA, SHT_REL = 4, 9
R_RELATIVE = 8                       # R_X86_64_RELATIVE and R_386_RELATIVE
BASED_HIGHLOW, BASED_DIR64 = 3, 10   # PE's names for the same, 32 and 64 bits
DIRECTORY_BASE_RELOCATION = 5


class Pe:
    """The headers of a PE image, and its sections by name as (header offset, address, file offset, file bytes)."""

    def __init__(self, image):
        self.image = image
        self.start, = struct.unpack_from("<I", image, 0x3C)
        assert image[self.start:self.start + 4] == b"PE\0\0", "not a PE file"
        self.optional = self.start + 24
        self.is64 = struct.unpack_from("<H", image, self.optional)[0] == 0x20B
        count, = struct.unpack_from("<H", image, self.start + 6)
        optional_bytes, = struct.unpack_from("<H", image, self.start + 20)
        self.sections = {}
        for i in range(count):
            header = self.optional + optional_bytes + 40 * i
            name = bytes(image[header:header + 8]).rstrip(b"\0")
            address, size, offset = struct.unpack_from("<III", image, header + 12)
            self.sections[name] = (header, address, offset, size)

    def directory(self, index):
        return self.optional + (112 if self.is64 else 96) + 8 * index

    def file_offset(self, address):
        for _, start, offset, size in self.sections.values():
            if start <= address < start + size:
                return offset + address - start
        raise AssertionError(f"address {address:#x} is in no section")


def elf_relocations(elf):
    """(address, addend or None) of every dynamic relocation; each has to be a relative one."""
    is64 = elf[4] == 2
    start, = struct.unpack_from("<Q" if is64 else "<I", elf, 40 if is64 else 32)
    entry_bytes, count = struct.unpack_from("<HH", elf, 58 if is64 else 46)
    for i in range(count):
        header = struct.unpack_from("<IIQQQQIIQQ" if is64 else "<10I", elf, start + i * entry_bytes)
        kind, offset, size = header[1], header[4], header[5]
        if kind not in (SHT_RELA, SHT_REL):
            continue
        layout = {(True, SHT_RELA): "<QQq", (False, SHT_REL): "<II"}[is64, kind]
        for record in struct.iter_unpack(layout, elf[offset:offset + size]):
            relocation = record[1] & (0xFFFFFFFF if is64 else 0xFF)
            assert relocation == R_RELATIVE, f"relocation of type {relocation} at {record[0]:#x}"
            yield record[0], record[2] if len(record) > 2 else None


def base_relocations(addresses, kind):
    """The .reloc section: for each page its address, the block's length, and 16 bits per place."""
    pages = {}
    for address in sorted(addresses):
        pages.setdefault(address & -PAGE, []).append(address % PAGE)
    blocks = b""
    for page, offsets in pages.items():
        entries = [kind << 12 | offset for offset in offsets] + [0] * (len(offsets) % 2)
        blocks += struct.pack(f"<II{len(entries)}H", page, 8 + 2 * len(entries), *entries)
    return blocks


def relocate(pe, elf):
    addresses = []
    for address, addend in elf_relocations(elf):
        if addend is not None:   # REL keeps it in place already
            struct.pack_into("<q", pe.image, pe.file_offset(address), addend)
        addresses.append(address)
    blocks = base_relocations(addresses, BASED_DIR64 if pe.is64 else BASED_HIGHLOW)
    header, address, offset, size = pe.sections[b".reloc"]
    assert len(blocks) <= size, f"efi.lds leaves {size} bytes for relocations, {len(blocks)} are needed"
    pe.image[offset:offset + size] = blocks + bytes(size - len(blocks))
    struct.pack_into("<I", pe.image, header + 8, len(blocks))
    struct.pack_into("<II", pe.image, pe.directory(DIRECTORY_BASE_RELOCATION), address, len(blocks))


def checksum(image, field):
    """16-bit words with end-around carry, the field itself as 0, plus the length."""
    data = bytes(image[:field]) + bytes(4) + bytes(image[field + 4:]) + bytes(len(image) % 2)
    total = sum(struct.unpack(f"<{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total + len(image)


def finish(image, elf):
    pe = Pe(image)
    assert struct.unpack_from("<I", image, pe.optional + 32)[0] == PAGE, "sections are not aligned to pages"
    found = list(pe.sections)
    assert found == [name for name in FLAGS if name in found], f"unexpected sections or order: {found}"
    struct.pack_into("<I", image, pe.start + 8, 0)
    characteristics, = struct.unpack_from("<H", image, pe.optional + 70)
    struct.pack_into("<H", image, pe.optional + 70, characteristics | NX_COMPAT)
    for name, (header, address, _, _) in pe.sections.items():
        assert address % PAGE == 0, f"{name} does not begin on a page"
        struct.pack_into("<I", image, header + 36, FLAGS[name])
    relocate(pe, elf)
    struct.pack_into("<I", image, pe.optional + 64, checksum(image, pe.optional + 64))


def main(elf_path, pe_path):
    with open(elf_path, "rb") as f:
        elf = f.read()
    with open(pe_path, "rb") as f:
        image = bytearray(f.read())
    finish(image, elf)
    with open(pe_path, "wb") as f:
        f.write(image)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
