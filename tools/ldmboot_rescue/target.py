# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a copy may go: a disk that nobody uses, or a new file."""
import os
import shutil
import stat
from pathlib import Path

from ldmboot_install import dynamic, table
from ldmboot_install.device import Device
from ldmboot_install.errors import Refusal

from .messages import Trouble


def is_device(path):
    return os.path.exists(path) and stat.S_ISBLK(os.stat(path).st_mode)


def same_file(a, b):
    return os.path.exists(a) and os.path.exists(b) and os.path.samefile(a, b)


def disk_of(path, system):
    """The folder of the whole disk in /sys, for a device; else None."""
    if not is_device(path):
        return None
    number = os.stat(path).st_rdev
    folder = system.folder(f"{os.major(number)}:{os.minor(number)}")
    return folder if system.partition_number(folder) is None else folder.parent


def refuse_source(path, disks, system):
    for disk in disks:
        if same_file(path, disk) or (is_device(path) and disk_of(path, system) == disk_of(disk, system)):
            raise Trouble(930, path)


def refuse_dynamic(path):
    """Also one that has lost its table, or whose database cannot be read."""
    try:
        with Device.open(path) as device:
            dynamic.refuse_disk(device, table.read(device))
    except Refusal as reason:
        raise Trouble(932 if "dynamic disk" in str(reason) else 931, str(reason)) from reason


def refuse_used(path, system):
    folder = disk_of(path, system)
    number = os.stat(path).st_rdev
    if system.partition_number(system.folder(f"{os.major(number)}:{os.minor(number)}")) is not None:
        raise Trouble(931, f"{path} is a partition, and a whole disk is needed")
    if folder in system.system_disks():
        raise Trouble(931, f"{path} is the disk that this system runs from")
    use = system.disk_use(folder)
    if use:
        raise Trouble(931, use)


def refuse_map(path, to, disks):
    """It is replaced as a file, and removed at the end."""
    if any(same_file(path, other) for other in [to, *disks]) or os.path.realpath(path) == os.path.realpath(to):
        raise Trouble(946, f"{path} is one of the disks")
    if os.path.lexists(path) and not os.path.isfile(path):
        raise Trouble(946, f"{path} is no file")


def check(path, disks, map_path, system):
    """May it be written to? An existing file only goes on with a map of its own."""
    refuse_source(path, disks, system)
    refuse_map(map_path, path, disks)
    if is_device(path):
        refuse_used(path, system)
        refuse_dynamic(path)
        return
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
    if os.path.getsize(path) >= 1 << 20:
        refuse_dynamic(path)


def refuse_block_size(path, block, system):
    folder = disk_of(path, system)
    if folder is not None and system.block_bytes(folder) != block:
        raise Trouble(942, f"{path} has {system.block_bytes(folder)} bytes, the volume was made for {block}")


def refuse_full(path, needed):
    """A file that would not find room."""
    free = shutil.disk_usage(Path(path).resolve().parent).free
    if needed > free:
        raise Trouble(947, f"{path} takes {needed} bytes, {needed - free} more than are free there")


def size_of(path):
    """Bytes of a disk; None for a file, which becomes as large as it has to be."""
    if not is_device(path):
        return None
    with Device.open(path) as device:
        return device.size
