# SPDX-License-Identifier: GPL-2.0-or-later
"""
The test payloads (qemu/payloads/*.asm, built by `make payloads`) and where in them the
tests write what they want: layouts must match the sources.
"""
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterator, Sequence, Tuple

from .harness import BUILD, data_ranges

SECTOR = 512
FLOPPY_BYTES = 1440 * 1024
PAYLOADS = BUILD / "qemu"

MARKS = {"standin": b"LDMBOOT-STANDIN1", "bench": b"LDMBOOT-BENCHMRK", "caller": b"LDMBOOT-CALLER\0\0"}
SHIM_MARK = b"LDMBOOT-SHIM\0\0\0\0"
PXEROM_MARK = b"LDMBOOT-PXEROM\0\0"
PXEROM_SECTORS, PXEROM_PROGRAM_SECTORS, PXEROM_TEXT = 32, 168, 8192
MARK_OFFSET = 4          # of a loader's mark in its first sector
DATA_OFFSET = 20
LOADER_OFFSET = 0x1F0    # in the second sector of vbr-standin.asm
NTFS_BPB_END, NTFS_TOTAL_SECTORS = 0x54, 0x28
FAT32_BPB_END, FAT32_SPARE = 0x5A, 0x32
KNOWN_BYTES = 4 * 8
MAX_ELEMENTS = 4

# Checks of standin.asm.
IDENTITY, DRIVES, REFUSED, MEMORY, FLAT, GEOMETRY, SIZE, NTFS, EDD, CHS, KERNEL = (1 << n for n in range(11))
HANDED_OVER = IDENTITY | DRIVES | REFUSED | MEMORY | FLAT | GEOMETRY | SIZE | NTFS | EDD

# What shim.asm can play.
NO_EDD, SILENT, CLOBBER, NO_GEOMETRY, NO_COUNT, CLIPPED, DEAD, BARE, LITTLE, CHANGING, NO_A20, REENTERS, A20_OFF, \
    LONG, EDD_FAILS, FEW, TRANSIENT, WRITES, RESERVED = (1 << n for n in range(19))
ABSENT, BLANK = 0xFF, 0xFE


def payload(name: str) -> bytes:
    return (PAYLOADS / f"{name}.bin").read_bytes()


def sum32(data: bytes) -> int:
    """The 32-bit sum: of sector 0, what NTLDR hands to the kernel (negated); of stage 2, zero."""
    return sum(struct.unpack(f"<{len(data) // 4}I", data)) & 0xFFFFFFFF


# ---------------------------------------------------------------- the stand-in for a loader

@dataclass
class Expect:
    """What the stand-in should find; see standin.asm."""
    volume_lba: int
    volume_sectors: int
    signature: int = 0
    sum: int = 0
    disk_sectors: int = 0
    drives: int = 1
    known: Sequence[Tuple[int, int]] = ()     # (LBA, sum32 of what should be there)
    flags: int = HANDED_OVER
    partition: int = 0                        # of boot.ini's partition(N); 0: not looked at
    partition_lba: int = 0                    # where it has to begin
    line: int = 0                             # byte of the disk where boot.ini's default entry stands; 0: not looked at
    elements: Sequence["Element"] = ()        # device elements of the boot store

    def pack(self) -> bytes:
        data = struct.pack("<5IQI", self.flags, self.volume_lba, self.volume_sectors, self.signature, self.sum,
                           self.disk_sectors, self.drives)
        known = b"".join(struct.pack("<2I", *pair) for pair in self.known)
        assert len(known) <= KNOWN_BYTES and len(self.elements) <= MAX_ELEMENTS
        data += known.ljust(KNOWN_BYTES, b"\0") + struct.pack("<4I", self.partition, self.partition_lba,
                                                              *divmod(self.line, SECTOR))
        return data + b"".join(element.pack() for element in self.elements).ljust(MAX_ELEMENTS * 24, b"\0")


@dataclass
class Element:
    """A device element of a boot store: where its bytes lie on the disk (LBA, offset, length, in at most two
    pieces), and the drive and sector that BOOTMGR has to find with it."""
    pieces: Sequence[Tuple[int, int, int]]
    drive: int
    start: int

    def pack(self) -> bytes:
        pieces = [*self.pieces, (0, 0, 0)][:2]
        return b"".join(struct.pack("<IHH", *piece) for piece in pieces) + struct.pack("<2I", self.drive, self.start)


def find_mark(image: Path, mark: bytes) -> Iterator[int]:
    """Offsets of the sectors of a disk image that begin with a payload."""
    with open(image, "rb") as file:
        for start, length in data_ranges(file.fileno()):
            file.seek(start)
            data = file.read(length)
            at = data.find(mark)
            while at >= 0:
                if (start + at - MARK_OFFSET) % SECTOR == 0:
                    yield start + at - MARK_OFFSET
                at = data.find(mark, at + 1)


def write_at(image: Path, offset: int, data: bytes) -> None:
    with open(image, "r+b") as file:
        file.seek(offset)
        file.write(data)


def read_at(image: Path, offset: int, length: int) -> bytes:
    with open(image, "rb") as file:
        file.seek(offset)
        return file.read(length)


def expect(image: Path, expected: Expect) -> None:
    """Tell the stand-in in a disk image what to find. Signature and sum are those of the image's sector 0."""
    sector0 = read_at(image, 0, SECTOR)
    expected.signature = struct.unpack_from("<I", sector0, 0x1B8)[0]
    expected.sum = sum32(sector0)
    expected.disk_sectors = image.stat().st_size // SECTOR
    places = list(find_mark(image, MARKS["standin"]))
    assert places, f"no stand-in in {image}"
    for place in places:
        write_at(image, place + DATA_OFFSET, expected.pack())


# ---------------------------------------------------------------- the stand-in for a boot sector

def install_boot_sector(volume: Path, flavour: int, loader: str) -> None:
    """Put vbr-standin.asm into a volume of that flavour; it will load the payload `loader`, which is there.

    The volume's BPB stays. The spare boot sector gets the code too.
    """
    code, data = payload(f"vbr-standin-{flavour}"), payload(loader)
    place = next(find_mark(volume, MARKS[loader]))
    assert read_at(volume, place, len(data)) == data, f"{loader} is in pieces"
    bpb_end = FAT32_BPB_END if flavour == 2000 else NTFS_BPB_END
    bpb = read_at(volume, 0, bpb_end)
    first = code[:3] + bpb[3:] + code[bpb_end:SECTOR]
    second = code[-SECTOR:-SECTOR + LOADER_OFFSET] + struct.pack("<IH", place // SECTOR, -(-len(data) // SECTOR))
    write_at(volume, 0, first)
    write_at(volume, len(code) - SECTOR, second)
    write_at(volume, spare_boot_sector(bpb) * SECTOR, first)


def spare_boot_sector(bpb: bytes) -> int:
    """Where the volume keeps it: FAT32 in a reserved sector, NTFS behind the sectors that the BPB counts."""
    if len(bpb) == FAT32_BPB_END:
        return struct.unpack_from("<H", bpb, FAT32_SPARE)[0]
    return struct.unpack_from("<Q", bpb, NTFS_TOTAL_SECTORS)[0]


def install_stop(image: Path, volume_lba: int) -> None:
    """Put vbr-stop.asm into the boot sector of a volume in a disk image; the BPB stays."""
    code = payload("vbr-stop")
    write_at(image, volume_lba * SECTOR, code[:3])
    write_at(image, volume_lba * SECTOR + NTFS_BPB_END, code[NTFS_BPB_END:])


def expect_in_bench(image: Path, plain_lba: int, patched_lba: int, bios_drive: int) -> None:
    for place in find_mark(image, MARKS["bench"]):
        write_at(image, place + DATA_OFFSET, struct.pack("<IIB", plain_lba, patched_lba, bios_drive))


# ---------------------------------------------------------------- the fault shim

def shim_floppy(target: Path, flags: int = 0, start_dl: int = 0x80, stick_drive: int = 0x80, victim: int = 0x81,
                floppy: int = ABSENT, limit: int = 0, few: int = 0, times: int = 0, drives: Dict[int, int] = None) -> Path:
    """A floppy image that plays a BIOS and then starts the stick.

    drives: the drives that ldmboot sees -> the BIOS's own number, or BLANK; default 80h and 81h as they are
    The rest as in shim.asm.
    """
    drives = drives or {0x80: 0x80, 0x81: 0x81}
    table = bytearray([ABSENT] * 32)
    for number, real in drives.items():
        table[number - 0x80] = real
    config = struct.pack("<IBBBBHIHH", flags, start_dl, stick_drive, victim, floppy, len(drives), limit, few, times) + table
    image = bytearray(payload("shim").ljust(FLOPPY_BYTES, b"\0"))
    at = image.index(SHIM_MARK) + len(SHIM_MARK)
    image[at:at + len(config)] = config
    target.write_bytes(image)
    return target


# ---------------------------------------------------------------- the PXE ROM

def dhcp_answer(server: bytes, file: bytes, options: bytes = b"") -> bytes:
    """An answer as RFC 2131 has it, as far as a boot program looks at it."""
    return (bytes(20) + server + bytes(84) + file.ljust(128, b"\0") + b"\x63\x82\x53\x63" + options + b"\xff").ljust(1472, b"\0")


def pxerom_floppy(target: Path, answer: bytes, text: bytes = b"", old: bool = False, bad_call: int = 0, status: int = 0,
                  packet: int = 512) -> Path:
    """A floppy image that plays a PXE ROM and starts ldmboot.pxe.

    answer          the DHCP server's, that the ROM has cached
    text            of the one file that it fetches
    old             there is PXENV+ only
    bad_call, status  this call fails with this status
    packet          bytes of the packets that it fetches the file in
    """
    assert len(text) <= PXEROM_TEXT and len(answer) == 1472
    config = struct.pack("<5H", old, bad_call, status, packet, len(text)) + answer + text
    image = bytearray(payload("pxerom"))
    at = image.index(PXEROM_MARK) + len(PXEROM_MARK)
    image[at:at + len(config)] = config
    program = (BUILD / "ldmboot.pxe").read_bytes()
    assert len(image) <= (1 + PXEROM_SECTORS) * SECTOR and len(program) <= PXEROM_PROGRAM_SECTORS * SECTOR
    image = image.ljust((1 + PXEROM_SECTORS) * SECTOR, b"\0") + program
    target.write_bytes(image.ljust(FLOPPY_BYTES, b"\0"))
    return target
