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

from . import bootpart, content, dynamic, table
from .bootpart import SECTOR
from .device import Device
from .errors import Refusal
from .system import word

# Partitions that a person makes as spare ones: FAT, NTFS, Linux; basic data, Linux data.
SPARE_TYPES = {"01", "04", "06", "07", "0b", "0c", "0e", "83",
               "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7", "0fc63daf-8483-4772-8e79-3d69d8477de4"}
EFI_SYSTEM = {"ef", "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"}
BIOS_REACH = 1 << 32     # vbr.asm, and every MBR entry, has 32 bits for a sector

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
    """It must be a disk or hold one as it is; nobody else may be using it, and it must let itself be written."""
    refuse_container(target)
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


def refuse_container(target):
    """A file of a virtual machine or a forensic program holds a disk, but its sectors are elsewhere."""
    if target.folder is not None:
        return
    with Device.open(target.disk) as file:
        name = content.container(file)
        if name:
            raise Refusal(f"{target.disk} is a {name}, not the sectors of a disk; "
                          f"qemu-img convert -O raw makes an image of it that can be written to")


# ---------------------------------------------------------------- whole disks

def check_disk(target, system, payload, renew=False):
    """A whole disk that may become a stick, or (renew) is one; its partition table."""
    if target.number is not None:
        raise Refusal(f"{target.path} is a partition; a stick is a whole disk "
                      "(for a partition: ldmboot-install partition)")
    refuse_unusable(target, system)
    with Device.open(target.disk) as disk:
        if disk.size < len(payload.image):
            floppy = " (a floppy: ldmboot-install floppy writes it anew)" if disk.size == bootpart.FLOPPY_BYTES else ""
            raise Refusal(f"{target.path} has {disk.size} bytes{floppy}; {len(payload.image)} are needed")
        disk.read((disk.sectors - 1) * SECTOR, SECTOR)     # a stick that lies about its size often fails here
        found = table.read(disk)
        table.refuse_damaged(disk, found, target.path)
        # An old stick of ours lost what was there before long ago.
        (dynamic.refuse_dynamic if renew else dynamic.refuse_disk)(disk, found)
    return found


def check_floppy(target, system):
    """A whole medium of 1.44 MB, in a floppy drive or as an image file."""
    if target.number is not None:
        raise Refusal(f"{target.path} is a partition; a floppy has none")
    refuse_unusable(target, system)
    if target.folder is not None and not system.is_floppy_drive(target.folder):
        raise Refusal(f"{target.path} is no floppy drive (for a stick: ldmboot-install stick)")
    with Device.open(target.disk) as disk:
        if disk.size != bootpart.FLOPPY_BYTES:
            raise Refusal(f"{target.path} has {disk.size} bytes; a floppy of 1.44 MB has {bootpart.FLOPPY_BYTES}"
                          + (" (for a stick: ldmboot-install stick)" if disk.size > bootpart.FLOPPY_BYTES else ""))


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
        table.refuse_damaged(disk, found, target.disk)
        entry = found.entry(target.number)
        if entry is None:
            logical = "primary " if found.kind == "mbr" else ""
            raise Refusal(f"{target.disk} has no {logical}partition {target.number}"
                          + ("; logical partitions are not supported" if logical else ""))
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
        raise Refusal(f"{target.path} lies beyond 2 TB, where no BIOS can start it")


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


# ---------------------------------------------------------------- sector 0 of a partition's disk

def sector0(target):
    with Device.open(target.disk) as disk:
        return disk.read(0, SECTOR)


def check_bootcode(target, found, sector, writable):
    """May boot code be written into the disk's sector 0? Only where a table of the MBR kind has none."""
    if found.kind != "mbr":
        raise Refusal(f"--bootcode: {target.disk} has a GPT, of which a BIOS starts no partition; use GRUB, or UEFI")
    if bootpart.has_code(sector):
        whose = "ldmboot's already" if bootpart.is_our_code(sector) else "another system's"
        raise Refusal(f"--bootcode: sector 0 of {target.disk} has boot code, {whose}: it stays; "
                      "what it starts is its own affair (mostly the active partition)")
    with open_disk(target, writable):       # somebody else may be using another partition
        pass
