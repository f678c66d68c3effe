# SPDX-License-Identifier: GPL-2.0-or-later
"""Partition tables of a target: MBR (its primary entries) and GPT.

Facts: UEFI specification 2.10, chapter 5; docs/ldm-format.md for the types of dynamic disks.
"""
import struct
import uuid
import zlib
from dataclasses import dataclass
from typing import Optional

from .bootpart import SECTOR, SIGNATURE
from .errors import Refusal

PROTECTIVE = "ee"
LDM_TYPES = {"42",
             "5808c8aa-7e8f-42e0-85d2-e1e90434cfb3",    # LDM metadata
             "af9b60a0-1431-4f62-bc68-3311714a69ad"}    # LDM data
GPT_ARRAY_MAX = 1 << 20
GPT_HEADER_MIN = 92
LARGE_SECTOR = 4096


@dataclass(frozen=True)
class Entry:
    """A partition. type: two hex digits (MBR) or a GUID; start, sectors: 512 bytes."""
    number: int
    type: str
    start: int
    sectors: int
    active: bool = False

    @property
    def end(self):
        return self.start + self.sectors

    def overlaps(self, start, sectors):
        return self.start < start + sectors and start < self.end


@dataclass(frozen=True)
class Table:
    """kind: mbr, gpt or none. Partitions may use the sectors from `first` to before `end` (None: of the disk).
    damaged: a GPT was there, and neither copy of it is whole."""
    kind: str
    entries: tuple = ()
    first: int = 1
    end: Optional[int] = None
    damaged: bool = False

    def entry(self, number):
        return next((e for e in self.entries if e.number == number), None)


def read(device):
    """The partition table of a whole disk."""
    if device.size < SECTOR:
        return Table("none")
    sector = device.read(0, SECTOR)
    if sector[510:] != SIGNATURE:
        return Table("none")
    entries = tuple(mbr_entries(sector))
    if any(e.type == PROTECTIVE for e in entries):
        return read_gpt(device)
    return Table("mbr", entries)


def mbr_entries(sector):
    """The used primary entries; none when this is no table but the boot sector of a file system."""
    if any(sector[at] not in (0, 0x80) for at in range(446, 510, 16)):
        return
    for number in range(1, 5):
        flag, kind, start, sectors = struct.unpack_from("<B3xB3xII", sector, 446 + 16 * (number - 1))
        if kind and sectors:
            yield Entry(number, f"{kind:02x}", start, sectors, bool(flag & 0x80))


def read_gpt(device):
    for lba in (1, device.sectors - 1):
        header = gpt_header(device, lba)
        entries = gpt_entries(device, header) if header else None
        if entries is not None:
            first, last = struct.unpack_from("<QQ", header, 40)     # usable LBAs
            return Table("gpt", tuple(entries), first, last + 1)
    return Table("gpt", damaged=True)


def gpt_header(device, lba):
    """The header at `lba`, or None when it is not a good one."""
    if not 0 < lba < device.sectors:
        return None
    header = device.read(lba * SECTOR, SECTOR)
    return header if header_is_good(header) else None


def header_is_good(header):
    (size,) = struct.unpack_from("<I", header, 12)
    if header[:8] != b"EFI PART" or not GPT_HEADER_MIN <= size <= SECTOR:
        return False
    summed = header[:16] + bytes(4) + header[20:size]
    return zlib.crc32(summed) == struct.unpack_from("<I", header, 16)[0]


def gpt_entries(device, header):
    """The used entries, or None when the array is not a good one."""
    array_lba, count, size, crc = struct.unpack_from("<QIII", header, 72)
    length = count * size
    if size < 128 or size % 8 or length > GPT_ARRAY_MAX or array_lba >= device.sectors or \
            array_lba * SECTOR + length > device.size:
        return None
    array = device.read(array_lba * SECTOR, length)
    if zlib.crc32(array) != crc:
        return None
    return [entry for number in range(1, count + 1) for entry in gpt_entry(array, number, size)]


def gpt_entry(array, number, size):
    """The entry as a list of one, or of none."""
    kind, first, last = struct.unpack_from("<16s16xQQ", array, (number - 1) * size)
    if not any(kind) or last < first:
        return []
    return [Entry(number, str(uuid.UUID(bytes_le=kind)), first, last - first + 1)]


def is_gpt_of_large_sectors(device):
    """Is this an image of a disk with sectors of 4096 bytes? Its GPT header is in the second of those."""
    if device.size < 2 * LARGE_SECTOR:
        return False
    header = device.read(LARGE_SECTOR, SECTOR)
    return header_is_good(header)


def ldm_behind(device, table):
    """Has the disk a GPT, wherever one may be, with partitions of dynamic volumes, whatever its sector 0 says now?"""
    behind = read_gpt(device) if table.kind != "gpt" else table
    return any(e.type in LDM_TYPES for e in behind.entries)


def refuse_damaged(device, table, path):
    if table.damaged and is_gpt_of_large_sectors(device):
        raise Refusal(f"{path} is the image of a disk with sectors of 4096 bytes; the boot partition needs 512")
    if table.damaged:
        raise Refusal(f"{path}: both copies of its GPT are damaged, so nobody can tell what is on it; "
                      "repair or wipe it first")
