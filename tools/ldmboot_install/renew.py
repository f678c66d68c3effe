# SPDX-License-Identifier: GPL-2.0-or-later
"""A boot partition with newer programs: the file system stays, with all that people put there.

The work is done in memory and, by mtools, in a file; the target sees only the sectors that differ.
"""
import os
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

from . import bootpart, plan
from .bootpart import SECTOR
from .errors import Refusal
from .payload import CONFIGURATION

FILE_SYSTEM_MAX = 64 << 20     # larger ones are not of our making


def read_file_system(device, payload):
    """The file system of an existing boot partition; refused when it is not one that this version can renew."""
    head_bytes = (bootpart.STAGE2_SECTOR + 1) * SECTOR
    head = device.read(0, head_bytes) if device.size >= head_bytes else b""
    if not bootpart.is_boot_partition(head):
        raise Refusal(f"{device.path} has no boot partition of ldmboot to update; "
                      "use ldmboot-install stick or partition")
    length = bootpart.file_system_sectors(head) * SECTOR
    if not head_bytes < length <= min(device.size, FILE_SYSTEM_MAX) or \
            bootpart.reserved_sectors(head) * SECTOR != payload.reserved_bytes:
        raise Refusal(f"the boot partition of {device.path} has another layout than this version's; save ldmboot.cfg "
                      "and use ldmboot-install stick or partition")
    file_system = device.read(0, length)
    first, second = fats(file_system)
    if file_system[slice(*first)] != file_system[slice(*second)]:
        raise Refusal(f"the file system of {device.path} is damaged (its two FATs differ; an update was interrupted, "
                      "perhaps); save ldmboot.cfg and use ldmboot-install stick or partition")
    return file_system


def fats(file_system):
    """(start, end) of the two FATs. The second is written last: until then they differ, and the damage can be seen."""
    length = struct.unpack_from("<H", file_system, bootpart.BPB_FAT_SECTORS)[0] * SECTOR
    start = bootpart.reserved_sectors(file_system) * SECTOR
    return (start, start + length), (start + length, start + 2 * length)


def plan_of(file_system, payload, lba):
    """The writes that renew a boot partition at sector `lba`."""
    return plan.update(file_system, renewed(file_system, payload, lba), "boot partition", fats(file_system)[1])


def renewed(file_system, payload, lba):
    """`file_system` with the payload's boot code, stage 2 and programs; ldmboot.cfg comes only where there is none."""
    data = bytearray(with_files(file_system, payload.files()))
    data[SECTOR:payload.reserved_bytes] = payload.partition[SECTOR:payload.reserved_bytes]
    data[:SECTOR] = bootpart.boot_sector(data[:SECTOR], payload.partition, lba)
    return bytes(data)


def with_files(file_system, files):
    if not shutil.which("mcopy"):
        raise Refusal("mcopy is missing; install the package mtools")
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "boot.img"
        image.write_bytes(file_system)
        present = mtools("mdir", "-b", "-i", image, f"::{CONFIGURATION}").returncode == 0
        for name, content in files.items():
            if name != CONFIGURATION or not present:
                put_file(image, Path(folder) / "file", name, content)
        return image.read_bytes()


def put_file(image, temporary, name, content):
    temporary.write_bytes(content)
    os.utime(temporary, (315532800, 315532800))     # 1980: the same programs make the same stick
    parts = name.split("/")[:-1]
    for depth in range(1, len(parts) + 1):          # directories that are there are passed over
        mtools("mmd", "-D", "s", "-i", image, "::" + "/".join(parts[:depth]))
    done = mtools("mcopy", "-o", "-m", "-i", image, temporary, f"::{name}")
    if done.returncode:
        raise Refusal(f"{name} does not fit, or the file system is damaged ({done.stderr.strip()}); "
                      "nothing was changed")


def mtools(*command):
    environment = dict(os.environ, TZ="UTC", MTOOLS_SKIP_CHECK="1")
    return subprocess.run([str(c) for c in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          env=environment, check=False)
