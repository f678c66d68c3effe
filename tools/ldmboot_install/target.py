# SPDX-License-Identifier: GPL-2.0-or-later
"""From TARGET on the command line to a disk or a partition that may be written to, or a refusal.

TARGET is a block device, an image file (a whole disk), or FILE:N (entry N of an image file's partition table).
"""
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from . import bootpart, dynamic, table
from .bootpart import SECTOR
from .device import Device
from .errors import Refusal
from .system import word

# Partitions that a person makes as spare ones: FAT, NTFS, Linux; basic data, Linux data.
SPARE_TYPES = {"01", "04", "06", "07", "0b", "0c", "0e", "83",
               "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7", "0fc63daf-8483-4772-8e79-3d69d8477de4"}
EFI_SYSTEM = {"ef", "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"}
BIOS_REACH = 1 << 32     # vbr.asm, and every MBR entry, has 32 bits for a sector

KINDS = ((3, b"NTFS    ", "an NTFS file system"), (3, b"-FVE-FS-", "a BitLocker volume"),
         (0x36, b"FAT", "a FAT file system"), (0x52, b"FAT32", "a FAT file system"),
         (0x438, b"\x53\xEF", "a Linux file system"), (0, b"XFSB", "a Linux file system"))


@dataclass(frozen=True)
class Target:
    """path: what is written to; disk: the whole disk it is on, or is; number: of the partition, None for a whole disk
    folder: of the disk in /sys, None for an image file"""
    path: Path
    disk: Path
    number: Optional[int] = None
    folder: Optional[Path] = None


def find(name, system):
    """The target that a person means. Nothing is opened."""
    path, _, number = name.rpartition(":")
    if not os.path.exists(name) and re.fullmatch(r"[0-9]{1,3}", number) and os.path.exists(path):
        if not os.path.isfile(path):
            raise Refusal(f"{name}: FILE:N is for image files; give the partition's own device")
        return Target(Path(name), Path(path), int(number))
    try:
        status = os.stat(name)
    except OSError as error:
        raise Refusal(f"{name}: {error.strerror.lower()}") from error
    if stat.S_ISREG(status.st_mode):
        return Target(Path(name), Path(name))
    if stat.S_ISBLK(status.st_mode):
        return find_device(name, system.folder(f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"), system)
    raise Refusal(f"{name} is {'a folder' if stat.S_ISDIR(status.st_mode) else 'neither a disk nor an image file'}")


def find_device(name, folder, system):
    number = system.partition_number(folder)
    disk = folder if number is None else folder.parent
    if system.is_virtual(disk):
        raise Refusal(f"{name} is not a disk but a volume that Linux makes of others (LVM, RAID, encryption)")
    if system.block_bytes(disk) != SECTOR:
        raise Refusal(f"{name}: the disk has sectors of {system.block_bytes(disk)} bytes; the boot partition needs 512")
    return Target(Path(name), Path(name) if number is None else system.node(disk), number, disk)


def refuse_unusable(target, system):
    """Nobody else may be using what is written to, and it must let itself be written."""
    node = target.path if target.folder else target.disk
    if not os.access(node, os.W_OK) or (target.folder and word(target.folder / "ro") == "1"):
        raise Refusal(f"{node} is write-protected, or root is needed")
    if target.folder is None:
        loop = system.loop_of(target.disk)
        if loop:
            raise Refusal(f"{target.disk} is attached to {loop}; detach it first (losetup -d /dev/{loop})")
        return
    if target.number is None:
        if target.folder in system.system_disks():
            raise Refusal(f"{target.path} is the disk that this system runs from")
        use = system.disk_use(target.folder)
    else:
        use = next((system.use_of(part) for part in system.partitions(target.folder)
                    if system.partition_number(part) == target.number), None)
    if use:
        raise Refusal(use)


# ---------------------------------------------------------------- whole disks

def check_disk(target, system, payload):
    """A whole disk that may become a stick, or is one; its partition table."""
    if target.number is not None:
        raise Refusal(f"{target.path} is a partition; a stick is a whole disk "
                      "(for a partition: ldmboot-install partition)")
    refuse_unusable(target, system)
    with Device.open(target.disk) as disk:
        if disk.size < len(payload.image):
            raise Refusal(f"{target.path} has {disk.size} bytes; {len(payload.image)} are needed")
        disk.read((disk.sectors - 1) * SECTOR, SECTOR)     # a stick that lies about its size often fails here
        found = table.read(disk)
        table.refuse_damaged(found, target.path)
        dynamic.refuse_disk(disk, found)
    return found


def open_disk(target, writable):
    return Device.open(target.disk, writable)


# ---------------------------------------------------------------- partitions

def check_partition(target, system, payload):
    """A spare partition that may be written to; (table, entry)."""
    if target.number is None:
        raise Refusal(f"{target.path} is a whole disk; name a partition of it"
                      + (f", like {target.path}:1" if target.folder is None else ""))
    refuse_unusable(target, system)
    with Device.open(target.disk) as disk:
        found = table.read(disk)
        table.refuse_damaged(found, target.disk)
        entry = found.entry(target.number)
        if entry is None:
            raise Refusal(f"{target.disk} has no primary partition {target.number}; "
                          "logical partitions are not supported")
        dynamic.refuse_partition(disk, found, entry)
        refuse_shape(target, found, entry, disk)
    refuse_type(target, entry)
    needed = len(payload.partition) // SECTOR
    if entry.sectors < needed:
        raise Refusal(f"{target.path} has {entry.sectors} sectors; {needed} are needed")
    if target.folder is not None:
        refuse_other_table(target, entry)
    return found, entry


def refuse_shape(target, found, entry, disk):
    """The entry must be what it seems: inside the disk, apart from the others, in reach of a BIOS."""
    if entry.end > disk.sectors:
        raise Refusal(f"{target.disk} has {disk.sectors} sectors, but its partition {entry.number} ends at "
                      f"{entry.end}: the image is shorter than it should be, or the table is wrong")
    if entry.start < found.first or (found.end and entry.end > found.end):
        raise Refusal(f"partition {entry.number} of {target.disk} covers sectors of the partition table itself")
    for other in found.entries:
        if other.number != entry.number and entry.overlaps(other.start, other.sectors):
            raise Refusal(f"partitions {entry.number} and {other.number} of {target.disk} overlap")
    if entry.end > BIOS_REACH:
        raise Refusal(f"{target.path} lies beyond 2 TiB, where no BIOS can start it")


def refuse_type(target, entry):
    if entry.type in EFI_SYSTEM:
        raise Refusal(f"{target.path} is an EFI system partition; mount it and use ldmboot-install esp")
    if entry.type not in SPARE_TYPES:
        raise Refusal(f"{target.path} has type {entry.type}, not one of a spare partition (0C, 0E, 07, basic data)")


def refuse_other_table(target, entry):
    """Linux's idea of the partition must be the table's: otherwise the table was changed since it was read."""
    with Device.open(target.path) as device:
        if device.size != entry.sectors * SECTOR:
            raise Refusal(f"{target.path} has {device.sectors} sectors for Linux and {entry.sectors} in the partition "
                          "table; run partprobe, or start Linux again")
    start = int(word(target.folder / target.path.resolve().name / "start", "0"))
    if start != entry.start:
        raise Refusal(f"{target.path} begins at {start} for Linux and at {entry.start} in the partition table; "
                      "run partprobe, or start Linux again")


def open_partition(target, entry, writable):
    """A device that has the sectors of the partition and no other. When TARGET is one, Linux sees to that as well."""
    if target.folder is not None and target.number is not None:
        return Device.open(target.path, writable, lba=entry.start)
    return Device.open(target.disk, writable, entry.start * SECTOR, entry.sectors * SECTOR, entry.start)


def content(device):
    """What a person loses."""
    head = device.read(0, min(device.size, (bootpart.STAGE2_SECTOR + 1) * SECTOR))
    if bootpart.is_boot_partition(head):
        return "ldmboot (ldmboot-install update keeps its configuration)"
    if not any(head):
        return "nothing that is known"
    return next((name for at, mark, name in KINDS if head[at:at + len(mark)] == mark), "something unknown")
