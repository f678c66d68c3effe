# SPDX-License-Identifier: GPL-2.0-or-later
"""What a medium holds, in words, for a person who is about to lose it: file systems with their labels, parts of RAID,
LVM and ZFS, files of virtual machines. Nothing here decides whether it may be written to.

Facts: libblkid's list of magics (util-linux), ext4's, XFS's and btrfs's on-disk formats, the kernel's md_p.h,
OpenZFS's vdev_impl.h, docs of the container formats (docs/man/ldmboot-inspect.1 names them).
"""
import struct
from dataclasses import dataclass

from . import bootpart
from .bootpart import SECTOR
from .device import Device
from .errors import Refusal

KIB, MIB = 1 << 10, 1 << 20
LABEL_MAX = 256

# Files that hold a disk in a format of their own: (offset, mark, name). ldmboot-inspect knows the same.
CONTAINERS = ((0, b"vhdxfile", "VHDX"), (0, b"conectix", "VHD"), (0, b"KDMV", "VMDK"), (0, b"COWD", "VMDK"),
              (0, b"# Disk DescriptorFile", "VMDK"), (0, b"QFI\xfb", "qcow2"), (0x40, b"\x7f\x10\xda\xbe", "VDI"),
              (0, b"EVF\x09\x0d\x0a\xff\x00", "E01"), (0, b"EVF2\x0d\x0a\x81\x00", "Ex01"))


@dataclass(frozen=True)
class Kind:
    """A mark at an offset, and the place of the label: (offset, bytes)."""
    at: int
    mark: bytes
    name: str
    label: tuple = ()


KINDS = (
    Kind(3, b"NTFS    ", "an NTFS file system"),
    Kind(3, b"EXFAT   ", "an exFAT file system"),
    Kind(3, b"-FVE-FS-", "a BitLocker volume"),
    Kind(0x36, b"FAT", "a FAT file system", (0x2B, 11)),
    Kind(0x52, b"FAT32", "a FAT file system", (0x47, 11)),
    Kind(0x438, b"\x53\xEF", "a Linux file system (ext)", (0x478, 16)),
    Kind(0, b"XFSB", "a Linux file system (XFS)", (108, 12)),
    Kind(0x10040, b"_BHRfS_M", "a Linux file system (btrfs)", (0x1012B, LABEL_MAX)),
    Kind(0x8001, b"CD001", "the file system of a CD", (0x8028, 32)),
    Kind(0xFF6, b"SWAPSPACE2", "swap space"),
    Kind(0, b"LUKS\xba\xbe", "an encrypted volume (LUKS)"),
    Kind(0x218, b"LVM2 001", "a part of LVM"),
    Kind(0, b"\xfc\x4e\x2b\xa9", "a part of a RAID (md)", (32, 32)),
    Kind(4096, b"\xfc\x4e\x2b\xa9", "a part of a RAID (md)", (4096 + 32, 32)),
    *(Kind(at, mark, f"what looks like a {name}, the disk of a virtual machine or an image of one")
      for at, mark, name in CONTAINERS),
)


def container(device):
    """The name of the container format that a file is in, or None."""
    return next((name for at, mark, name in CONTAINERS if some(device, at, len(mark)) == mark), None)


def some(device, at, length):
    """The bytes there, as many as there are; none where they cannot be read."""
    if not 0 <= at < device.size:
        return b""
    try:
        return device.read(at, min(length, device.size - at))
    except Refusal:
        return b""


# ---------------------------------------------------------------- one disk, or one partition

def names(device):
    """Everything that it could be, as "a FAT file system "STICK""."""
    head = some(device, 0, (bootpart.STAGE2_SECTOR + 1) * SECTOR)
    if len(head) > bootpart.STAGE2_SECTOR * SECTOR and bootpart.is_boot_partition(head):
        return ["ldmboot (ldmboot-install update keeps its configuration)"]
    if bootpart.is_floppy(head):
        return ["a floppy of ldmboot"]
    found = [with_label(kind.name, label_of(device, kind)) for kind in KINDS
             if some(device, kind.at, len(kind.mark)) == kind.mark]
    return list(dict.fromkeys(found + list(at_the_end(device)) + (["a part of ZFS"] if has_zfs(device) else [])))


def words(device):
    """The same in one phrase."""
    found = names(device)
    if found:
        return " and ".join(found)
    return "something unknown" if any(some(device, 0, 64 * KIB)) else "nothing that is known"


def with_label(name, label):
    text = label.strip()
    return f'{name} "{text}"' if text and text != "NO NAME" else name


def label_of(device, kind):
    if kind.mark == b"NTFS    ":
        return ntfs_label(device)
    data = some(device, *kind.label) if kind.label else b""
    return printable(data.split(b"\0")[0].decode("utf-8", "replace"))


def printable(text):
    return "".join(c if c.isprintable() else "?" for c in text)


def ntfs_label(device):
    """The name in $Volume, record 3 of the MFT: attribute 60h, which is always resident."""
    boot = some(device, 0, SECTOR)
    sector, cluster_sectors = struct.unpack_from("<HB", boot, 0x0B)
    (first,) = struct.unpack_from("<Q", boot, 0x30)
    (clusters,) = struct.unpack_from("<b", boot, 0x40)
    size = 1 << -clusters if clusters < 0 else clusters * sector * cluster_sectors
    record = some(device, first * sector * cluster_sectors + 3 * size, min(size, 4 * KIB))
    at = struct.unpack_from("<H", record, 20)[0] if record[:4] == b"FILE" and len(record) >= KIB else len(record)
    while at + 24 <= len(record):
        kind, length = struct.unpack_from("<II", record, at)
        if kind == 0x60 and not record[at + 8]:
            count, start = struct.unpack_from("<IH", record, at + 16)
            return printable(record[at + start:at + start + min(count, LABEL_MAX)].decode("utf-16-le", "replace"))
        if kind == 0xFFFFFFFF or length < 24:
            break
        at += length
    return ""


# ---------------------------------------------------------------- what has its marks at the end

def at_the_end(device):
    """Members of RAIDs, which a new partition table does not make forget."""
    md = b"\xfc\x4e\x2b\xa9"
    places = (((device.size & ~(64 * KIB - 1)) - 64 * KIB, md, "a part of a RAID (md 0.90)"),
              ((device.size - 8 * KIB) & ~(4 * KIB - 1), md, "a part of a RAID (md 1.0)"),
              (device.size - 2 * SECTOR, b"Intel Raid ISM Cfg Sig.", "a part of an Intel RAID"),
              (device.size - SECTOR, b"\xde\x11\xde\x11", "a part of a RAID (DDF)"))
    return (name for at, mark, name in places if some(device, at, len(mark)) == mark)


def has_zfs(device):
    """Two labels of 256 KiB at each end; the second half of one is an array of uberblocks."""
    label, end = 256 * KIB, device.size & ~(256 * KIB - 1)
    magic = (0x00BAB10C).to_bytes(8, "little")
    for at in (0, label, end - 2 * label, end - label):
        data = some(device, at + label // 2, label // 2)
        if any(data[n:n + 8] in (magic, magic[::-1]) for n in range(0, len(data), KIB)):
            return True
    return False


# ---------------------------------------------------------------- a disk with its table

def lines(device, table):
    """A disk and each of its partitions."""
    kinds = {"mbr": "a partition table (MBR)", "gpt": "a partition table (GPT)", "none": "no partition table"}
    # What a partition that begins at sector 0 or the disk itself has; the table's own sector is no file system.
    whole = names(device)
    yield "Now on it: " + ", ".join([kinds[table.kind], *whole] if whole or table.kind != "none"
                                     else [kinds["none"], words(device)])
    for entry in table.entries:
        part = Device(device.path, device.fd, device.start + entry.start * SECTOR,
                      max(0, min(entry.sectors * SECTOR, device.size - entry.start * SECTOR)), entry.start)
        yield f"  partition {entry.number}, type {entry.type}, {entry.sectors * SECTOR / MIB:.0f} MB: {words(part)}"
