# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a copy may go: a disk that nobody uses, or a new file."""
import os
import shutil
from pathlib import Path

from ldmboot_install import dynamic, table
from ldmboot_install.device import Device
from ldmboot_install.errors import Refusal
from ldmboot_install.system import word

from .medium import format_of
from .messages import Trouble


def same_file(a, b):
    return os.path.exists(a) and os.path.exists(b) and os.path.samefile(a, b)


def folder_of(path, system):
    """The folder in /sys of a block device; None for a file."""
    number = system.number_at(path)
    return system.folder(number) if number else None


def file_of(path):
    """What names of one file have in common."""
    status = os.stat(path)
    return status.st_dev, status.st_ino


def is_on(path, system, through_files):
    """What the bytes of a disk or file are on: the file itself, the disks below. through_files: also where the file is"""
    folder = folder_of(path, system)
    if folder is None:
        found = {file_of(path)} if os.path.exists(path) else set()
        return found | (on_disks(system.file_system_of(path), system, True) if through_files else set())
    return on_disks([folder], system, through_files)


def on_disks(folders, system, through_files):
    found = system.disks_below(folders)
    for disk in list(found):
        file = system.backing_file(disk)
        if file and os.path.exists(file):
            found = found | is_on(file, system, through_files)
    return found


def refuse_source(path, disks, system):
    """Under whatever name, through links, loop devices and volumes; and no file on the file system of a source."""
    touched = is_on(path, system, True)
    for disk in disks:
        if touched & is_on(disk, system, False):
            raise Trouble(930, path if same_file(path, disk) else f"{path}, on {disk}")


def refuse_dynamic(path):
    """Also one that has lost its table, or whose database cannot be read."""
    try:
        with Device.open(path) as device:
            dynamic.refuse_disk(device, table.read(device))
    except Refusal as reason:
        raise Trouble(932 if "dynamic disk" in str(reason) else 931, str(reason)) from reason


def refuse_used(path, system):
    folder = folder_of(path, system)
    if system.partition_number(folder) is not None:
        raise Trouble(931, f"{path} is a partition, and a whole disk is needed")
    if folder in system.system_disks():
        raise Trouble(931, f"{path} is the disk that this system runs from")
    use = system.disk_use(folder)
    if use:
        raise Trouble(931, use)
    if word(folder / "ro") == "1":
        raise Trouble(931, f"{path} is write-protected")


def refuse_map(path, to, disks):
    """It is replaced as a file, and removed at the end."""
    if any(same_file(path, other) for other in [to, *disks]) or os.path.realpath(path) == os.path.realpath(to):
        raise Trouble(946, f"{path} is one of the disks")
    if os.path.lexists(path) and not os.path.isfile(path):
        raise Trouble(946, f"{path} is no file")


# Of files that hold a disk in a way of their own, or less than a disk: one with such a name that holds the bare bytes would
# mislead whoever opens it.
NOT_WRITTEN = {".vhd", ".vpc", ".avhdx", ".qcow", ".qed", ".ova", ".ovf", ".hdd", ".e01", ".ex01", ".aff", ".aff4", ".dmg", ".iso", ".wim",
               ".zip", ".gz", ".bz2", ".xz", ".zst", ".lz4", ".7z", ".map", ".mapfile"}


def refuse_name(path):
    if not path:
        raise Trouble(931, "an empty name")
    ending = os.path.splitext(path)[1].lower()
    if ending in NOT_WRITTEN:
        raise Trouble(952, f"{path} ({ending})")


def check(path, disks, map_path, system):
    """May it be written to? An existing file only goes on with a map of its own."""
    refuse_source(path, disks, system)
    refuse_map(map_path, path, disks)
    if folder_of(path, system):
        refuse_used(path, system)
        refuse_dynamic(path)
        return
    refuse_name(path)
    if os.path.exists(path):
        if not os.path.isfile(path):
            raise Trouble(931, f"{path} is neither a disk nor a file")
        loop = system.loop_of(path)
        if loop:
            raise Trouble(931, f"{path} is attached to {loop}")
        if not os.path.exists(map_path):
            refuse_dynamic_file(path)
            raise Trouble(938, path)
    if not Path(path).resolve().parent.is_dir():
        raise Trouble(931, f"the folder of {path} is not there")


def refuse_dynamic_file(path):
    if os.path.getsize(path) >= 1 << 20 and not format_of(path):     # that is a disk's image, and none is written anew
        refuse_dynamic(path)


def refuse_block_size(path, block, system):
    folder = folder_of(path, system)
    if folder is not None and system.block_bytes(folder) != block:
        raise Trouble(942, f"{path} has {system.block_bytes(folder)} bytes, the volume was made for {block}")


def refuse_full(path, needed):
    """A file that would not find room."""
    free = shutil.disk_usage(Path(path).resolve().parent).free
    if needed > free:
        raise Trouble(947, f"{path} takes {needed} bytes, {needed - free} more than are free there")


def size_of(path, system):
    """Bytes of a disk; None for a file, which becomes as large as it has to be."""
    if folder_of(path, system) is None:
        return None
    with Device.open(path) as device:
        return device.size
